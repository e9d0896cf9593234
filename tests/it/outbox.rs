//! Whatever the provider does, each text ends once, nothing starts after a STOP, and no STOP is answered twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use assent::flow::deliver::deliver_next;
use assent::flow::receive::{InboundContext, InboundMessage, receive};
use rocket::tokio;
use time::Duration;

use crate::support::carrier::{vonage_settings, words};
use crate::support::provider::{Behavior, FakeProvider};
use crate::support::{TestApp, column, fictional, number, rounds};

/// The fictional numbers of several area codes.
fn phone(n: usize) -> String {
    let areas = [201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218];
    format!("+1{}55501{:02}", areas[n / 100 % areas.len()], n % 100)
}

#[rocket::async_test]
async fn a_thousand_stops_while_ten_thousand_texts_drain_and_no_send_starts_after_its_stop() {
    const NUMBERS: usize = 1_000;
    const TEXTS: i64 = 10_000;
    let fake = FakeProvider::vonage().await;
    let mut app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    app.leave_queued();
    // Of every twenty answers to codes, some are temporary refusals and some come late.
    const TAKEN: Behavior = Behavior::Vonage(&["0"]);
    const DOWN: Behavior = Behavior::Raw(503, "text/plain", "");
    let turn = AtomicUsize::new(0);
    fake.set_behavior(move |request| match turn.fetch_add(1, Ordering::Relaxed) % 20 {
        _ if words(request).contains("no more") => TAKEN,
        3 => Behavior::Vonage(&["5"]),
        7 => DOWN,
        5 | 11 | 17 => Behavior::After(20, &TAKEN),
        13 => Behavior::After(20, &DOWN),
        _ => TAKEN,
    });
    // One verification per number, with ten texts each.
    app.submit_phone(&phone(0)).await;
    app.execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
         INSERT INTO verifications (reference, browser, phone, phone_typed, state, caused_text, disclosure_hash, \
         disclosure_inferred, ip, locale, url, consented_at, last_request_at, created_at, expires_at) \
         SELECT 'r' || i, 'b' || i, '+1' || (CASE i / 100 WHEN 0 THEN 201 WHEN 1 THEN 202 WHEN 2 THEN 203 WHEN 3 THEN 205 \
         WHEN 4 THEN 206 WHEN 5 THEN 207 WHEN 6 THEN 208 WHEN 7 THEN 209 WHEN 8 THEN 210 ELSE 212 END) || '55501' || \
         (CASE WHEN i % 100 < 10 THEN '0' ELSE '' END) || (i % 100), '', 'pending', TRUE, disclosure_hash, FALSE, '', 'en', '', created_at, created_at, created_at, \
         expires_at FROM n, verifications WHERE id = 1",
        NUMBERS - 1
    ))
    .expect("inserted");
    app.execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
         INSERT INTO messages (phone, kind, basis, verification_id, status, text, queued_at, due_at) \
         SELECT phone, 'code', 'verification', id, 'queued', 'Acme Alerts: hello', created_at, created_at \
         FROM n, verifications ORDER BY i, id",
        TEXTS / i64::try_from(NUMBERS).expect("small") - 1
    ))
    .expect("inserted");
    assert!(app.count("SELECT count(*) FROM messages WHERE status = 'queued'") >= TEXTS);

    let stopped = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let (app, stopped) = (Arc::clone(&app.app), Arc::clone(&stopped));
            tokio::spawn(async move {
                while !stopped.load(Ordering::Relaxed) {
                    if !deliver_next(&app).await.expect("delivered") {
                        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                    }
                }
            })
        })
        .collect();
    let allowed: Arc<std::sync::Mutex<BTreeMap<String, usize>>> = Arc::default();
    let next = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let (app, next, allowed) = (Arc::clone(&app.app), Arc::clone(&next), Arc::clone(&allowed));
            tokio::spawn(async move {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= NUMBERS {
                        return;
                    }
                    let from = number(&phone(n));
                    let message = InboundMessage {
                        provider: "vonage",
                        provider_message_id: format!("stop-{n}"),
                        from: from.clone(),
                        text: "STOP".to_owned(),
                        context: InboundContext::default(),
                    };
                    receive(&app, message).await.expect("kept");
                    // From here on, only texts that had already started may still reach the provider, each once more at most,
                    // plus the one answer.
                    let started = column(
                        &app,
                        &format!(
                            "SELECT 'assent-' || id || ' ' || (attempts + 1) AS value FROM messages WHERE phone = '{}' AND status \
                             NOT IN ('queued', 'dropped')",
                            from.as_str()
                        ),
                    );
                    let mut allowed = allowed.lock().expect("unpoisoned");
                    for text in started {
                        let (reference, times) = text.split_once(' ').expect("two words");
                        allowed.insert(reference.to_owned(), times.parse().expect("a number"));
                    }
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("joined");
    }
    while app.count("SELECT count(*) FROM messages WHERE status IN ('queued', 'sending')") > 0 {
        // Retries come due.
        app.advance(Duration::seconds(1));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    stopped.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.expect("joined");
    }
    let allowed = allowed.lock().expect("unpoisoned");
    let (mut goodbyes, mut asked) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    for request in fake.requests() {
        let to = format!("+{}", request.value("to").expect("a number"));
        if words(&request).contains("no more") {
            *goodbyes.entry(to).or_default() += 1;
            continue;
        }
        *asked.entry(request.value("client-ref").expect("a reference").to_owned()).or_default() += 1;
    }
    for (reference, times) in asked {
        let most = allowed.get(&reference).copied().unwrap_or_default();
        assert!(times <= most, "{reference}: a send started after its STOP was kept ({times} of {most})");
    }
    assert_eq!(goodbyes.len(), NUMBERS, "each STOP is answered");
    assert!(goodbyes.values().all(|times| *times == 1), "once");
    let dropped = app.count("SELECT count(*) FROM messages WHERE status = 'dropped' AND error = 'opted_out'");
    let sent = fake.requests().len();
    assert!(dropped > 1_000 && sent > NUMBERS, "both happened: {dropped} dropped, {sent} sent");
}

/// Picks what the fake does next, from a seed.
fn behavior(seed: &mut u64) -> Behavior {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    match (*seed >> 33) % 16 {
        0..=4 => Behavior::Vonage(&["0"]),
        5 => Behavior::Vonage(&["1"]),
        6 => Behavior::Vonage(&["5"]),
        7 => Behavior::Vonage(&["7"]),
        8 => Behavior::Vonage(&["9"]),
        9 => Behavior::Vonage(&["0", "1"]),
        10 => Behavior::Raw(200, "text/html", "<html>?</html>"),
        11 => Behavior::Raw(500, "text/plain", ""),
        12 => Behavior::RetryAfter(429, 2),
        13 => Behavior::Reset,
        14 => Behavior::BreakOff,
        _ => Behavior::Raw(200, "application/json", r#"{"messages":[]}"#),
    }
}

#[rocket::async_test]
async fn whatever_the_provider_does_each_text_ends_once_and_no_stop_reply_goes_out_twice() {
    for round in 0..u64::from(rounds(12, 3)) {
        let fake = FakeProvider::vonage().await;
        let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
        let mut seed = round * 977 + 1;
        for _ in 0..400 {
            fake.next(behavior(&mut seed));
        }
        let mut stopped: BTreeMap<String, usize> = BTreeMap::new();
        for step in 0..60_usize {
            let n = (step * 7 + usize::try_from(round).expect("small")) % 9;
            let who = fictional(n);
            match step % 5 {
                0 | 1 if !stopped.contains_key(&who) => {
                    app.browser().await.submit_phone(&who).await;
                }
                2 => {
                    app.vonage_text(&who, "STOP", &format!("s{step}")).await;
                    // Any request from now on comes after its STOP.
                    stopped.entry(who).or_insert(fake.requests().len());
                }
                3 => {
                    let ids = app.column("SELECT CAST(id AS TEXT) AS value FROM messages WHERE status = 'sent' ORDER BY id");
                    if let Some(id) = ids.get(step % ids.len().max(1)) {
                        let to = app.column(&format!("SELECT phone AS value FROM messages WHERE id = {id}")).concat();
                        let (status, error) =
                            [("delivered", "0"), ("failed", "8"), ("rejected", "1"), ("accepted", "0")][step % 4];
                        app.vonage_receipt(&to, None, Some(&format!("assent-{id}")), status, error).await;
                    }
                }
                _ => {}
            }
            app.advance(Duration::seconds(i64::try_from(step % 4 * 9).expect("small")));
            app.deliver().await;
        }
        let endings =
            app.column("SELECT id || ' ' || status AS value FROM messages WHERE status IN ('failed', 'dropped', 'delivered')");
        fake.always(Behavior::Vonage(&["0"]));
        for _ in 0..40 {
            app.advance(Duration::minutes(3));
            app.deliver().await;
        }
        let open = app.count("SELECT count(*) FROM messages WHERE status IN ('queued', 'sending')");
        assert_eq!(open, 0, "round {round}: each text ends");
        for ending in endings {
            let (id, status) = ending.split_once(' ').expect("two words");
            let now = app.column(&format!("SELECT status AS value FROM messages WHERE id = {id}")).concat();
            assert_eq!(now, status, "round {round}: what has ended stays as it is");
        }
        assert_eq!(app.count("SELECT count(*) FROM messages WHERE sealed_text IS NOT NULL"), 0);
        // The provider accepted each row at most once, and got only answers after a STOP.
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for (request, _) in fake.accepted() {
            *taken.entry(request.value("client-ref").expect("a reference").to_owned()).or_default() += 1;
        }
        assert!(taken.values().all(|times| *times == 1), "round {round}: {taken:?}");
        for (at, request) in fake.requests().iter().enumerate() {
            let to = format!("+{}", request.value("to").expect("a number"));
            if let Some(since) = stopped.get(&to).filter(|since| at >= **since) {
                assert!(words(request).contains("no more"), "round {round}: request {at} after the STOP at {since}");
            }
        }
    }
}

#[rocket::async_test]
async fn answers_go_before_other_texts() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    fake.stop().await;
    for n in 0..4 {
        app.browser().await.submit_phone(&fictional(n)).await;
    }
    app.vonage_text(&fictional(50), "STOP", "a").await;
    app.vonage_text(&fictional(51), "HELP", "b").await;
    fake.restart().await;
    app.advance(Duration::seconds(120));
    app.deliver().await;
    let to: Vec<String> = fake.requests().iter().map(|request| request.value("to").expect("a number").to_owned()).collect();
    assert_eq!(to.len(), 6);
    let first: BTreeSet<&str> = to[..2].iter().map(String::as_str).collect();
    assert_eq!(first, BTreeSet::from(["12025550150", "12025550151"]));
}

#[rocket::async_test]
async fn a_claim_that_died_is_taken_over_after_its_lease_and_no_welcome_or_goodbye_goes_out_twice() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    fake.stop().await;
    app.submit_phone(&fictional(0)).await;
    app.vonage_text(&fictional(1), "STOP", "a").await;
    // The state that a process leaves if it dies between the claim and the answer.
    app.execute("UPDATE messages SET status = 'sending', claimed_until = '2026-11-24 12:01:00'").expect("changed");
    fake.restart().await;
    app.deliver().await;
    assert!(fake.requests().is_empty(), "the lease still holds");
    app.advance(Duration::seconds(61));
    app.deliver().await;
    let kinds = app.column("SELECT kind || ' ' || status || coalesce(' ' || error, '') AS value FROM messages ORDER BY id");
    assert_eq!(kinds, ["code sent", "goodbye failed unknown_whether_sent"]);
    assert_eq!(fake.requests().len(), 1);
}
