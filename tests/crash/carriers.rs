//! Kills the real binary again and again while it uses a fake Vonage: nothing that was acknowledged is lost, and no STOP is
//! answered twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assent::clock::Clock;
use assent::sms::vonage::signature::{SignatureMethod, sign};
use rocket::tokio;

use super::server::{Server, Visitor};
use crate::store::assert_chain_holds;
use crate::support::carrier::{SIGNATURE_SECRET, form, owned, words};
use crate::support::database::is_postgres;
use crate::support::provider::{Behavior, FakeProvider};
use crate::support::{column_in, rounds, start_body, storm_settings, storm_store};

const KILLS: u32 = 200;
/// The same without `--all`.
const KILLS_USUALLY: u32 = 30;
const PEOPLE: usize = 4;

/// What was acknowledged: texts by Vonage's id, numbers that said STOP, and numbers that opted in.
#[derive(Default)]
struct Acknowledged {
    texts: BTreeSet<String>,
    stopped: BTreeSet<String>,
    opted_in: BTreeSet<String>,
}

/// A number that may be sent to a real provider; 555-02xx isn't assigned to anybody either.
fn phone(n: usize) -> String {
    format!("+1{}55502{:02}", 201 + n / 100 % 8, n % 100)
}

fn vonage(fake: &FakeProvider) -> Vec<(&'static str, String)> {
    vec![
        ("ASSENT_SMS__PROVIDER", "vonage".to_owned()),
        ("ASSENT_SMS__VONAGE__API_KEY", "abcd1234".to_owned()),
        ("ASSENT_SMS__VONAGE__API_SECRET", "Secret-1".to_owned()),
        ("ASSENT_SMS__VONAGE__SIGNATURE_SECRET", SIGNATURE_SECRET.to_owned()),
        ("ASSENT_SMS__VONAGE__SIGNATURE_METHOD", "sha256".to_owned()),
        ("ASSENT_SMS__VONAGE__MESSAGES_PER_SECOND", "1000".to_owned()),
        ("ASSENT_SMS__VONAGE__BASE_URL", fake.base_url()),
    ]
}

#[rocket::async_test]
async fn the_texts_of_a_killed_instance_are_taken_over_within_the_lease() {
    // This takes a minute, because the claims have to expire.
    if !is_postgres() || rounds(1, 0) == 0 {
        return;
    }
    let _alone = super::ONE_STORM.lock().await;
    let folder = tempfile::tempdir().expect("a folder");
    let fake = FakeProvider::vonage().await;
    let settings = [storm_settings(folder.path()), vonage(&fake)].concat();
    let mut killed = Server::start(folder.path(), &settings).await;
    let survivor = Server::start(folder.path(), &settings).await;
    // The provider takes the requests and never answers, so the texts are on their way when the instance dies.
    fake.always(Behavior::Hang);
    for n in 0..20 {
        let answer = Visitor::new(&killed.origin()).post("/start", &start_body(&phone(n))).await.expect("an answer");
        assert_eq!(answer.location.as_deref(), Some("/code"));
    }
    fake.arrived(20).await;
    killed.kill();
    fake.release();
    fake.always(Behavior::Vonage(&["0"]));
    let open = "SELECT count(*) AS value FROM messages WHERE status IN ('queued', 'sending')";
    for _ in 0..900 {
        if column_in(folder.path(), open) == ["0"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(column_in(folder.path(), "SELECT status AS value FROM messages"), vec!["sent"; 20]);
    assert_eq!(fake.sends(), 40, "a code whose fate is unknown is sent once more");
    drop(survivor);
}

#[rocket::async_test]
async fn kills_lose_no_acknowledged_text_and_repeat_no_stop_reply() {
    let _alone = super::ONE_STORM.lock().await;
    let folder = tempfile::tempdir().expect("a folder");
    let fake = FakeProvider::vonage().await;
    let settings = [storm_settings(folder.path()), vonage(&fake)].concat();
    // On Postgres, a second instance on the same database keeps running while the first one is killed.
    let survivor = if is_postgres() { Some(Server::start(folder.path(), &settings).await) } else { None };
    let next = Arc::new(AtomicUsize::new(0));
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    for round in 0..rounds(KILLS, KILLS_USUALLY) {
        let mut server = Server::start(folder.path(), &settings).await;
        let over = Arc::new(AtomicBool::new(false));
        let people: Vec<_> = (0..PEOPLE)
            .map(|person| {
                let (next, seen, fake, over) = (Arc::clone(&next), Arc::clone(&acknowledged), fake.clone(), Arc::clone(&over));
                let origin = survivor.as_ref().filter(|_| person % 2 == 1).unwrap_or(&server).origin();
                tokio::spawn(async move {
                    while !over.load(Ordering::SeqCst) {
                        if visit(&origin, next.fetch_add(1, Ordering::SeqCst), &fake, &seen).await.is_none() {
                            return;
                        }
                    }
                })
            })
            .collect();
        super::wait_for_the_kill(round, || acknowledged.lock().map(|seen| seen.texts.len()).expect("unpoisoned")).await;
        server.kill();
        over.store(true, Ordering::SeqCst);
        for person in people {
            person.await.expect("a visitor panicked");
        }
    }
    let mut server = Server::start(folder.path(), &settings).await;
    assert!(server.stop().success());
    assert!(survivor.is_none_or(|mut survivor| survivor.stop().success()), "the other instance never failed");

    let seen = std::mem::take(&mut *acknowledged.lock().expect("unpoisoned"));
    let enough = rounds(80, 8) as usize;
    assert!(seen.stopped.len() > enough && seen.texts.len() > enough, "{} STOPs of {}", seen.stopped.len(), seen.texts.len());
    let store = storm_store(folder.path());
    assert_chain_holds(&store).await;
    for name in &seen.texts {
        let known = name.clone();
        let again = store.write(assent::store::Lane::Urgent, move |tx| {
            let message = assent::store::inbound_messages::NewInbound {
                provider: "vonage",
                provider_message_id: known.clone(),
                phone: crate::support::number("+12025550147"),
                text: String::new(),
                keyword: None,
                received_at: Clock::system().now(),
            };
            assent::store::inbound_messages::add(tx, &message)
        });
        assert_eq!(again.await.expect("asked"), None, "an acknowledged text is lost");
    }
    let mut goodbyes: BTreeMap<String, usize> = BTreeMap::new();
    for request in fake.requests().iter().filter(|request| words(request).contains("no more")) {
        *goodbyes.entry(format!("+{}", request.value("to").expect("a number"))).or_default() += 1;
    }
    let twice: Vec<_> = goodbyes.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "answered more than once: {twice:?}");
    assert!(goodbyes.len() > enough / 2, "only {} goodbyes", goodbyes.len());
    for phone in &seen.stopped {
        let number = assent::optin::phone::PhoneNumber::from_stored(phone).expect("a number");
        let found = store.read(move |tx| assent::store::subscribers::find(tx, &number)).await.expect("read");
        assert_eq!(found.map(|f| f.standing.as_str()), Some("opted_out"), "a STOP that was acknowledged is lost");
    }
    assert!(!seen.opted_in.is_empty(), "somebody opted in");
}

/// Plays one person, who opts in by the typed code, or says STOP or something else. Returns `None` if the server is gone.
async fn visit(origin: &str, n: usize, fake: &FakeProvider, seen: &Mutex<Acknowledged>) -> Option<()> {
    let from = phone(n);
    let mut visitor = Visitor::new(origin);
    if n.is_multiple_of(3) {
        let started = visitor.post("/start", &start_body(&from)).await?;
        if started.location.as_deref() != Some("/code") {
            return Some(());
        }
        let to = from.trim_start_matches('+').to_owned();
        for _ in 0..40 {
            let texts = fake.requests();
            let text = texts.iter().rev().find(|text| text.value("to") == Some(to.as_str())).map(words);
            if let Some((_, code)) = text.as_deref().and_then(|text| text.rsplit_once('#')) {
                if visitor.post("/code", &format!("code={code}")).await?.location.as_deref() == Some("/done") {
                    seen.lock().expect("unpoisoned").opted_in.insert(from.clone());
                }
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let text = if n % 5 == 4 { ["HELP", "who is this"][n % 2] } else { "STOP" };
    let name = format!("in-{n}");
    let mut pairs = owned(&[
        ("msisdn", from.trim_start_matches('+')),
        ("to", "98765"),
        ("messageId", &name),
        ("text", text),
        ("type", "text"),
    ]);
    pairs.push(("timestamp".to_owned(), Clock::system().now().unix_timestamp().to_string()));
    let sig = sign(SignatureMethod::Sha256, SIGNATURE_SECRET, &pairs);
    pairs.push(("sig".to_owned(), sig));
    // Vonage may send it again with the same id. A text that's acknowledged twice counts once.
    for _ in 0..2 {
        if visitor.post("/webhooks/vonage/inbound", &form(&pairs)).await?.status == 200 {
            let mut seen = seen.lock().expect("unpoisoned");
            seen.texts.insert(name.clone());
            if text == "STOP" {
                seen.stopped.insert(from.clone());
            }
        }
    }
    Some(())
}
