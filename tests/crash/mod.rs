//! Kills the real binary in the middle of its work: nothing that was acknowledged is lost.

mod carriers;
pub mod server;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assent::optin::consent::ConsentKind;
use rocket::tokio;

use crate::store::assert_chain_holds;
use crate::support::{encode, rounds, start_body, store_in, storm_settings, storm_store};
use server::{Faults, Server, Visitor};

/// Makes the storms take turns: each keeps restarting a server, and both at once would starve the other tests.
static ONE_STORM: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// How often the process is killed.
const KILLS: u32 = 50;
/// The same without `--all`.
const KILLS_USUALLY: u32 = 12;
/// How many people are active at once: some opt in by the texted code, some by the page's code, and some say STOP or HELP.
const PEOPLE: usize = 4;

/// Waits for the moment to kill the server in this round: after a few more acknowledgements, however slow the machine is, and a
/// little later each time, so that every step of the work gets hit.
async fn wait_for_the_kill(round: u32, acknowledged: impl Fn() -> usize) {
    let enough = acknowledged() + (round % 6) as usize;
    for _ in 0..10_000 {
        if acknowledged() >= enough {
            break;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    tokio::time::sleep(Duration::from_millis(u64::from(round) * 37 % 100)).await;
}

/// What was acknowledged, by number.
#[derive(Default)]
struct Acknowledged {
    opted_in: BTreeSet<String>,
    stopped: BTreeSet<String>,
}

#[rocket::async_test]
async fn kill_9_in_the_middle_of_mixed_traffic_loses_nothing_and_repeats_no_goodbye() {
    let _alone = ONE_STORM.lock().await;
    let folder = tempfile::tempdir().expect("a folder");
    let next = Arc::new(AtomicUsize::new(0));
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let settings = storm_settings(folder.path());
    for round in 0..rounds(KILLS, KILLS_USUALLY) {
        let mut server = Server::start(folder.path(), &settings).await;
        let people: Vec<_> = (0..PEOPLE)
            .map(|_| {
                let (next, acknowledged, origin) = (Arc::clone(&next), Arc::clone(&acknowledged), server.origin());
                tokio::spawn(async move {
                    loop {
                        let n = next.fetch_add(1, Ordering::SeqCst);
                        let phone = format!("+1{}55501{:02}", 201 + n / 100, n % 100);
                        if visit(&origin, &phone, n, &acknowledged).await.is_none() {
                            return;
                        }
                    }
                })
            })
            .collect();
        let count = || acknowledged.lock().map(|seen| seen.opted_in.len() + seen.stopped.len()).expect("unpoisoned");
        wait_for_the_kill(round, count).await;
        server.kill();
        for person in people {
            person.await.expect("a visitor panicked");
        }
    }
    // The next server sends or gives up on what was queued when the last one died.
    let mut server = Server::start(folder.path(), &settings).await;
    assert!(server.stop().success(), "an orderly end has status 0");

    let acknowledged = std::mem::take(&mut *acknowledged.lock().expect("unpoisoned"));
    let (opted_in, stopped) = (&acknowledged.opted_in, &acknowledged.stopped);
    let enough = rounds(15, 3) as usize;
    assert!(opted_in.len() > 2 * enough && stopped.len() > enough, "only {} opt-ins and {} STOPs", opted_in.len(), stopped.len());
    let store = storm_store(folder.path());
    let records = assert_chain_holds(&store).await;
    let ledger = store.read(move |tx| assent::store::consents::page(tx, 0, records)).await.expect("read");
    let on_record = |wanted: &[ConsentKind]| -> BTreeSet<String> {
        let of_kind = ledger.iter().filter(|(record, _)| wanted.contains(&record.kind));
        of_kind.filter_map(|(record, _)| record.phone.as_ref().map(|phone| phone.as_str().to_owned())).collect()
    };
    let opt_ins = on_record(&[ConsentKind::OptedIn, ConsentKind::OptedInAgain]);
    let lost: Vec<_> = opted_in.difference(&opt_ins).collect();
    assert!(lost.is_empty(), "opt-ins that were acknowledged and lost: {lost:?}");
    let opt_outs = on_record(&[ConsentKind::OptedOut]);
    let lost: Vec<_> = stopped.difference(&opt_outs).collect();
    assert!(lost.is_empty(), "STOPs that were acknowledged and lost: {lost:?}");

    let log = server.log();
    let mut handed_over = BTreeSet::new();
    for line in log.lines().filter(|line| line.contains("handed to the simulated phone") && line.contains("goodbye")) {
        let id = line.split("message_id=").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("an id").to_owned();
        assert!(handed_over.insert(id), "a goodbye went out twice: {line}");
    }
    assert!(handed_over.len() > enough, "only {} goodbyes went out", handed_over.len());
}

/// Plays one person's visit. Returns `None` if the server is gone.
async fn visit(origin: &str, phone: &str, n: usize, acknowledged: &Mutex<Acknowledged>) -> Option<()> {
    let stop = async |words: &str| -> Option<()> {
        let mut phone_itself = Visitor::new(origin);
        let text = format!("from={}&text={words}", encode(phone));
        if phone_itself.post("/simulator/messages", &text).await?.status == 204 && words == "STOP" {
            acknowledged.lock().expect("unpoisoned").stopped.insert(phone.to_owned());
        }
        Some(())
    };
    match n % 4 {
        0 => return stop("STOP").await,
        1 => stop("HELP").await?,
        _ => {}
    }
    let opted_in = if n.is_multiple_of(2) { opt_in_by_reply(origin, phone).await? } else { opt_in(origin, phone).await? };
    if opted_in {
        acknowledged.lock().expect("unpoisoned").opted_in.insert(phone.to_owned());
        if n.is_multiple_of(3) {
            stop("STOP").await?;
        }
    }
    Some(())
}

/// Plays one person's journey by the page's own code. Returns whether the browser was told that it's verified.
async fn opt_in_by_reply(origin: &str, phone: &str) -> Option<bool> {
    let mut visitor = Visitor::new(origin);
    visitor.get("/").await?;
    if visitor.post("/start", &start_body(phone)).await?.location.as_deref() != Some("/code") {
        return Some(false);
    }
    let page = visitor.get("/code").await?.body;
    let code: String = page.split("&amp;body=").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    visitor.post("/simulator/messages", &format!("from={}&text={code}", encode(phone))).await?;
    Some(visitor.get("/code/status").await?.body.contains("verified"))
}

/// Plays one person's journey. Returns whether it reached `/done`, or `None` if the server is gone.
pub async fn opt_in(origin: &str, phone: &str) -> Option<bool> {
    let mut visitor = Visitor::new(origin);
    visitor.get("/").await?;
    if visitor.post("/start", &start_body(phone)).await?.location.as_deref() != Some("/code") {
        return Some(false);
    }
    for _ in 0..100 {
        let inbox = visitor.get(&format!("/simulator/messages?phone={}", encode(phone))).await?;
        if let Some((_, code)) = inbox.body.rsplit_once('#') {
            let code: String = code.chars().take_while(char::is_ascii_digit).collect();
            return Some(visitor.post("/code", &format!("code={code}")).await?.location.as_deref() == Some("/done"));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Some(false)
}

#[rocket::async_test]
async fn an_io_error_in_a_commit_ends_the_process_and_a_restart_recovers() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let mut server = Server::start(folder.path(), &faults.environment()).await;
    let origin = server.origin();
    assert_eq!(opt_in(&origin, "+12025550147").await, Some(true));

    faults.set("sync", "");
    let mut visitor = Visitor::new(&origin);
    let answer = visitor.post("/start", &start_body("+12025550148")).await;
    assert!(answer.is_none_or(|answer| answer.status == 503), "no success is reported");
    let status = server.wait().await;
    assert!(!status.success(), "the process ended with {status}");
    faults.clear("sync");

    let mut again = Server::start(folder.path(), &[]).await;
    assert_eq!(opt_in(&again.origin(), "+12025550149").await, Some(true));
    assert!(again.stop().success());
    let store = store_in(folder.path());
    assert_eq!(assert_chain_holds(&store).await, 2);
}

#[rocket::async_test]
async fn an_orderly_end_loses_no_accepted_request_and_logs_neither_numbers_nor_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[("ASSENT_VERIFICATION__CODE_LENGTH", "8".to_owned())]).await;
    let origin = server.origin();
    let people: Vec<_> = (0..30)
        .map(|n| {
            let origin = origin.clone();
            tokio::spawn(async move { Visitor::new(&origin).post("/start", &start_body(&format!("+1{}5550123", 201 + n))).await })
        })
        .collect();
    let mut accepted = 0;
    for (n, person) in people.into_iter().enumerate() {
        if n == 10 {
            server.signal("TERM");
        }
        accepted += i64::from(person.await.expect("joined").is_some_and(|answer| answer.status == 303));
    }
    assert!(server.wait().await.success());
    assert!(accepted >= 10, "{accepted}");
    let store = store_in(folder.path());
    let now = assent::clock::Clock::system().now();
    let left = store.read(move |tx| assent::store::outbox::next_due(tx, now)).await.expect("read");
    assert!(left.is_none(), "what was accepted was handed over before the end");
    let log = server.log();
    assert!(log.contains("handed to the simulated phone"), "{log}");
    let digits = log.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() >= 8);
    assert_eq!(digits, None, "the log holds a long run of digits");
    assert!(!log.contains("5550123"), "the log holds a number");
}
