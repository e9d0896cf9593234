//! STOP while texts are on their way, outcomes that can't be recorded for a while, and people who change their minds.

use std::sync::Arc;

use assent::flow::deliver::{deliver_next, take_up_abandoned};
use assent::flow::receive::{InboundContext, InboundMessage, receive};
use rocket::tokio;
use rocket::tokio::task::JoinHandle;
use time::Duration;

use crate::support::carrier::{vonage_settings, words};
use crate::support::database;
use crate::support::provider::{Behavior, FakeProvider};
use crate::support::{PHONE, TestApp, number};

async fn vonage() -> (FakeProvider, TestApp) {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    (fake, app)
}

/// Receives a text from the phone and acts on it, but delivers nothing yet.
async fn said(app: &TestApp, text: &str, name: &str) {
    let (from, text, name) = (number(PHONE), text.to_owned(), name.to_owned());
    let context = InboundContext::default();
    let message = InboundMessage { provider: "vonage", provider_message_id: name, from, text, context };
    receive(&app.app, message).await.expect("kept");
}

/// Starts a worker that sends the next text.
fn sending(app: &TestApp) -> JoinHandle<bool> {
    let app = Arc::clone(&app.app);
    tokio::spawn(async move { deliver_next(&app).await.expect("delivered") })
}

/// Delivers everything that can still be delivered within the next hour.
async fn later(app: &TestApp) {
    for _ in 0..20 {
        app.advance(Duration::minutes(3));
        app.deliver().await;
    }
}

#[rocket::async_test]
async fn an_answer_in_flight_is_not_sent_again_after_a_stop_whatever_the_provider_says() {
    const THROTTLED: Behavior = Behavior::Vonage(&["1"]);
    const DOWN: Behavior = Behavior::Raw(503, "text/plain", "");
    const BUSY: Behavior = Behavior::Vonage(&["5"]);
    const ASKS_TO_WAIT: Behavior = Behavior::RetryAfter(429, 2);
    const TAKEN: Behavior = Behavior::Vonage(&["0"]);
    const GONE: Behavior = Behavior::Reset;
    for (held, ending) in [
        (Behavior::Held(&THROTTLED), "failed opted_out_while_sending"),
        (Behavior::Held(&DOWN), "failed opted_out_while_sending"),
        (Behavior::Held(&BUSY), "failed opted_out_while_sending"),
        (Behavior::Held(&ASKS_TO_WAIT), "failed opted_out_while_sending"),
        // It went out before the STOP was known, and the row says so.
        (Behavior::Held(&TAKEN), "sent"),
        (Behavior::Held(&GONE), "sent"),
    ] {
        for first in ["HELP", "what is this?", "482913", "START"] {
            let (fake, app) = vonage().await;
            if first == "START" {
                app.opt_in_through(&fake, PHONE).await;
                app.vonage_text(PHONE, "STOP", "before").await;
            }
            let sent = fake.requests().len();
            fake.next(held);
            said(&app, first, "first").await;
            let worker = sending(&app);
            fake.arrived(sent + 1).await;
            said(&app, "STOP", "stop").await;
            fake.release();
            assert!(worker.await.expect("joined"));
            later(&app).await;
            let texts: Vec<String> = fake.requests()[sent..].iter().map(words).collect();
            assert_eq!(texts.len(), 2, "{first}, {held:?}: the answer once, then the goodbye: {texts:?}");
            assert!(texts[1].contains("no more"), "{texts:?}");
            let row = app.column(
                "SELECT status || coalesce(' ' || error, '') AS value FROM messages WHERE inbound_message_id = \
                 (SELECT id FROM inbound_messages WHERE provider_message_id = 'first')",
            );
            assert_eq!(row, [ending], "{first}, {held:?}");
        }
    }
}

#[rocket::async_test]
async fn a_code_in_flight_is_not_sent_again_after_an_opt_out_in_other_words() {
    const DOWN: Behavior = Behavior::Raw(503, "text/plain", "");
    let (fake, app) = vonage().await;
    fake.always(Behavior::Held(&DOWN));
    app.post_without_delivery("/start", &crate::support::start_body(PHONE)).await;
    let worker = sending(&app);
    fake.arrived(1).await;
    said(&app, "please stop texting me", "stop").await;
    fake.always(Behavior::Vonage(&["0"]));
    fake.release();
    assert!(worker.await.expect("joined"));
    later(&app).await;
    let texts: Vec<String> = fake.requests().iter().map(words).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert_eq!(app.rows(PHONE), ["code failed opted_out_while_sending 0", "goodbye sent 0"]);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE sealed_text IS NOT NULL"), 0);
}

#[rocket::async_test]
async fn a_receipt_for_a_text_that_a_stop_ended_in_flight_says_what_became_of_it() {
    const GONE: Behavior = Behavior::Reset;
    let (fake, app) = vonage().await;
    fake.next(Behavior::Held(&GONE));
    said(&app, "HELP", "help").await;
    let worker = sending(&app);
    fake.arrived(1).await;
    said(&app, "STOP", "stop").await;
    app.vonage_receipt(PHONE, None, Some("assent-1"), "delivered", "0").await;
    assert_eq!(app.rows(PHONE)[0], "help delivered 0");
    fake.release();
    assert!(worker.await.expect("joined"));
    app.deliver().await;
    assert_eq!(app.rows(PHONE), ["help delivered 0", "goodbye sent 0"]);
}

#[rocket::async_test]
async fn an_outcome_that_the_database_refuses_for_a_while_is_recorded_in_the_end_and_nothing_goes_out_twice() {
    if database::is_postgres() {
        return;
    }
    let (fake, app) = vonage().await;
    const TAKEN: Behavior = Behavior::Vonage(&["0"]);
    fake.next(Behavior::Held(&TAKEN));
    app.post_without_delivery("/start", &crate::support::start_body(PHONE)).await;
    let worker = sending(&app);
    fake.arrived(1).await;
    let file = app.app.config.database.file().expect("SQLite");
    let away = file.with_extension("away");
    std::fs::rename(file, &away).expect("moved away");
    fake.release();
    // The outcome is known but can't be recorded, and the lease runs out in the meantime.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!worker.is_finished(), "it keeps trying");
    app.advance(Duration::seconds(90));
    std::fs::rename(&away, file).expect("moved back");
    take_up_abandoned(&app.app).await.expect("looked");
    assert!(worker.await.expect("joined"));
    app.deliver().await;
    assert_eq!(app.rows(PHONE), ["code sent 0"]);
    assert_eq!(fake.requests().len(), 1, "the same code goes out once");
}

#[rocket::async_test]
async fn a_lease_does_not_run_out_while_its_own_process_waits_for_the_provider() {
    const TAKEN: Behavior = Behavior::Vonage(&["0"]);
    let (fake, app) = vonage().await;
    fake.next(Behavior::Held(&TAKEN));
    app.post_without_delivery("/start", &crate::support::start_body(PHONE)).await;
    let worker = sending(&app);
    fake.arrived(1).await;
    app.advance(Duration::seconds(61));
    take_up_abandoned(&app.app).await.expect("looked");
    assert_eq!(app.rows(PHONE), ["code sending 0"]);
    fake.release();
    assert!(worker.await.expect("joined"));
    assert_eq!((app.rows(PHONE), fake.requests().len()), (vec!["code sent 0".to_owned()], 1));
}

#[rocket::async_test]
async fn alternating_stop_and_start_keep_their_effect_and_lose_their_answers() {
    let (fake, app) = vonage().await;
    app.opt_in_through(&fake, PHONE).await;
    let answers = || fake.requests().len() - 2;
    for n in 0..20 {
        app.vonage_text(PHONE, if n % 2 == 0 { "STOP" } else { "START" }, &format!("t{n}")).await;
        assert!(answers() <= 5, "five an hour, of all kinds together");
    }
    assert_eq!(answers(), 5);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    assert_eq!(app.count("SELECT count(*) FROM consents"), 21, "each has its effect and its record");
    // After more than ten changes of mind, nothing is answered for the day, although the hour is over.
    app.advance(Duration::hours(2));
    for (text, name) in [("STOP", "a"), ("START", "b"), ("HELP", "c")] {
        app.vonage_text(PHONE, text, name).await;
    }
    assert_eq!(answers(), 5);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    app.advance(Duration::hours(25));
    app.vonage_text(PHONE, "STOP", "d").await;
    assert_eq!(answers(), 6, "the limits start over the next day");
}

#[rocket::async_test]
async fn a_late_report_of_an_opt_out_from_before_start_changes_nothing() {
    let (fake, app) = vonage().await;
    // The number never opted in, so START only reopens it, and its row is gone.
    app.submit_phone(PHONE).await;
    app.advance(Duration::minutes(1));
    app.vonage_text(PHONE, "STOP", "a").await;
    app.advance(Duration::minutes(1));
    app.vonage_text(PHONE, "START", "b").await;
    app.advance(Duration::hours(1));
    assert_eq!(app.standing_of(PHONE), None);
    app.vonage_receipt(PHONE, None, Some("assent-1"), "failed", "9").await;
    assert_eq!(app.standing_of(PHONE), None, "the text is older than START");
    assert_eq!(app.count("SELECT count(*) FROM consents WHERE source = 'provider'"), 0);
    // The same, reported by the answer to a slow send.
    const OPTED_OUT: Behavior = Behavior::Vonage(&["102"]);
    let shared = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage_2fa", &shared, "inbound_forwarded = true")).await;
    shared.next(Behavior::Held(&OPTED_OUT));
    app.post_without_delivery("/start", &crate::support::start_body(PHONE)).await;
    let worker = sending(&app);
    shared.arrived(1).await;
    app.advance(Duration::seconds(2));
    for (text, name) in [("STOP", "a"), ("START", "b")] {
        let (from, text, name) = (number(PHONE), text.to_owned(), name.to_owned());
        let context = InboundContext::default();
        let message = InboundMessage { provider: "vonage_2fa", provider_message_id: name, from, text, context };
        receive(&app.app, message).await.expect("kept");
        app.advance(Duration::seconds(2));
    }
    shared.release();
    assert!(worker.await.expect("joined"));
    assert_eq!(app.standing_of(PHONE), None);
    drop(fake);
}

#[rocket::async_test]
async fn a_verification_that_something_else_ended_proves_nothing() {
    if database::is_postgres() {
        return;
    }
    for (typed, state) in [(true, "locked"), (false, "superseded")] {
        let app = TestApp::new().await;
        app.submit_phone(PHONE).await;
        // Simulates another instance: the verification ends between our read and our write.
        app.execute(&format!(
            "CREATE TRIGGER race BEFORE UPDATE OF method ON verifications WHEN NEW.state = 'verified' BEGIN \
             UPDATE verifications SET state = '{state}' WHERE id = NEW.id; SELECT RAISE(IGNORE); END"
        ))
        .expect("made");
        if typed {
            assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/code"));
        } else {
            app.text_in(PHONE, &app.reply_code().await).await;
        }
        assert_eq!(app.standing_of(PHONE), None);
        assert_eq!(app.count("SELECT count(*) FROM consents"), 0);
        assert_eq!(app.column("SELECT state AS value FROM verifications"), [state]);
        assert!(app.texts_to(PHONE).iter().all(|text| !text.text.contains("signed up")));
    }
}

#[rocket::async_test]
async fn a_goodbye_that_waits_is_not_sent_once_the_number_came_back() {
    const DOWN: Behavior = Behavior::Raw(503, "text/plain", "");
    const TAKEN: Behavior = Behavior::Vonage(&["0"]);
    for (answer, ending) in
        [(Behavior::Held(&DOWN), "goodbye failed came_back_while_sending 0"), (Behavior::Held(&TAKEN), "goodbye sent 0")]
    {
        let (fake, app) = vonage().await;
        app.opt_in_through(&fake, PHONE).await;
        fake.next(answer);
        said(&app, "STOP", "a").await;
        let worker = sending(&app);
        fake.arrived(3).await;
        said(&app, "START", "b").await;
        fake.release();
        assert!(worker.await.expect("joined"));
        later(&app).await;
        let texts: Vec<String> = fake.requests()[2..].iter().map(words).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(texts[1].contains("signed up"), "the last text says that it is subscribed: {texts:?}");
        assert_eq!(app.rows(PHONE)[2], ending);
    }
    // A goodbye that was temporarily refused and waits for a retry; the page's code brings the person back.
    let (fake, app) = vonage().await;
    fake.next(DOWN);
    app.vonage_text(PHONE, "STOP", "a").await;
    app.submit_phone(PHONE).await;
    app.vonage_text(PHONE, &app.reply_code().await, "b").await;
    later(&app).await;
    assert_eq!(app.rows(PHONE)[0], "goodbye dropped came_back 1");
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
}
