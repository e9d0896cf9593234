//! Several instances on one database, as behind a load balancer, and moving the data from one database to another.

use std::sync::Arc;

use assent::clock::Clock;
use assent::flow::admission::Origin;
use assent::flow::receive::{InboundContext, InboundMessage, receive};
use assent::flow::start::{StartRequest, start};
use assent::flow::{Browser, BrowserToken};
use assent::optin::consent::Evidence;
use assent::optin::phone::PhoneNumber;
use assent::store::copy::copy;
use assent::store::{DatabaseUrl, Lane, Store, installation};
use rocket::http::Status;
use rocket::tokio;
use time::Duration;

use crate::store::assert_chain_holds;
use crate::support::database;
use crate::support::database::Relay;
use crate::support::{TestApp, assent, start_body};

const PHONE: &str = "+12025550147";
const OTHER: &str = "+12025550148";
/// Room for a thousand browsers behind one address.
const ROOMY: &str =
    "[default.caps]\nper_address = { at_most = 100000, per_seconds = 3600 }\nsite = { at_most = 100000, per_seconds = 86400 }";

/// Opens four instances on one database.
async fn four(folder: &std::path::Path) -> Vec<TestApp> {
    let mut apps = Vec::new();
    for _ in 0..4 {
        apps.push(TestApp::at(ROOMY, folder).await);
    }
    apps
}

#[rocket::async_test]
async fn a_thousand_requests_for_one_number_at_four_instances_cause_one_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let apps = four(folder.path()).await;
    let disclosure = apps[0].column("SELECT hash AS value FROM disclosures WHERE locale = 'en'").pop().expect("a page");
    let requests = (0..1_000_u32).map(|n| {
        let app = Arc::clone(&apps[usize::try_from(n).expect("small") % 4].app);
        let request = StartRequest {
            browser: Browser::from_token(&BrowserToken::new([n.to_be_bytes(); 4].concat().try_into().expect("16 bytes"))),
            origin: Origin { address: "an address".to_owned(), network: None },
            phone: PhoneNumber::from_stored(PHONE).expect("a number"),
            phone_typed: PHONE.to_owned(),
            saw_todays_page: true,
            ticket: None,
            evidence: Evidence {
                disclosure_hash: disclosure.clone(),
                disclosure_inferred: false,
                ip: "192.0.2.7".to_owned(),
                user_agent: None,
                locale: "en".to_owned(),
                url: "http://localhost:8000/".to_owned(),
                at: app.clock.now(),
            },
        };
        tokio::spawn(async move {
            // A full queue turns a page away with a 503, and the person tries again.
            while start(&app, request.clone()).await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.expect("joined");
    }
    let app = &apps[0];
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 1_000);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE kind = 'code' AND status <> 'dropped'"), 1);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE kind = 'code' AND error = 'capped'"), 999);
    assert_eq!(app.counted("site"), 1, "one text counts for the site");
    for app in &apps {
        app.deliver().await;
    }
    let texts: usize = apps.iter().map(|app| app.texts_to(PHONE).len()).sum();
    assert_eq!(texts, 1, "one instance sent it");
}

#[rocket::async_test]
async fn one_text_from_a_phone_at_four_instances_counts_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let apps = four(folder.path()).await;
    apps[0].opt_in(PHONE).await;
    apps[1].advance(Duration::minutes(1));
    let calls = (0..40).map(|n| {
        let app = Arc::clone(&apps[n % 4].app);
        let message = InboundMessage {
            provider: "simulator",
            provider_message_id: "the same one".to_owned(),
            from: PhoneNumber::from_stored(PHONE).expect("a number"),
            text: "STOP".to_owned(),
            context: InboundContext::default(),
        };
        tokio::spawn(async move { receive(&app, message).await.expect("taken in") })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("joined");
    }
    for app in &apps {
        app.deliver().await;
    }
    let app = &apps[0];
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(app.column("SELECT kind AS value FROM consents ORDER BY seq"), ["opted_in", "opted_out"]);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE kind = 'goodbye'"), 1);
    assert_chain_holds(&app.app.store).await;
}

#[rocket::async_test]
async fn an_instance_goes_on_while_a_newer_version_adds_to_the_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::at("", folder.path()).await;
    app.opt_in(PHONE).await;
    // What a migration of the next version may do: add columns that may be empty, tables and indexes.
    for table in
        ["disclosures", "inbound_messages", "verifications", "codes", "counts", "consents", "subscribers", "messages", "emails"]
    {
        database::run(&app.app.config.database, &format!("ALTER TABLE {table} ADD COLUMN newer TEXT"));
    }
    database::run(&app.app.config.database, "CREATE TABLE newer (id BIGINT PRIMARY KEY)");
    database::run(&app.app.config.database, "CREATE INDEX newer_subscribers ON subscribers (newer)");
    app.browser().await.opt_in(OTHER).await;
    app.text_in(PHONE, "STOP").await;
    app.sweep().await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(app.standing_of(OTHER).as_deref(), Some("subscribed"));
    assert_chain_holds(&app.app.store).await;
}

#[rocket::async_test]
async fn a_copied_database_goes_on_where_the_first_one_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = "shop-key-0123456789abcdef0123456789abcdef";
    let settings = format!("[default.sites.shop]\nreturn_urls = ['https://shop.example/']\napi_key = '{key}'\n");
    let app = TestApp::at(&settings, folder.path()).await;
    app.opt_in(PHONE).await;
    app.browser().await.opt_in(OTHER).await;
    app.text_in(OTHER, "STOP").await;
    app.text_in("+12025550149", "who is this?").await;
    for reference in 0..10 {
        app.api("/api/v1/sessions", key, Some(&format!(r#"{{"ref": "{reference}"}}"#)), &[]).await;
    }
    let there = folder.path().join("copy");
    std::fs::create_dir(&there).expect("made");
    let target = DatabaseUrl::parse(&database::empty_url(&there.join("assent.db"))).expect("a URL");
    let source = app.app.config.database.clone();
    let mut tables = Vec::new();
    let copied = copy(&source, &target, &mut |table, _| tables.push(table)).expect("copied");
    assert_eq!(copied.records, 3);
    assert!(tables.contains(&"messages") && copied.rows > 10, "{copied:?} {tables:?}");
    let again = copy(&source, &target, &mut |_, _| {}).expect_err("it isn't empty").to_string();
    assert!(again.contains("already holds data"), "{again}");
    // Back to the other kind, or to another file.
    let back = DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("back.db").display())).expect("a URL");
    assert_eq!(copy(&target, &back, &mut |_, _| {}).expect("copied back"), copied);
    let rows = |url: &DatabaseUrl, sql: &str| database::column_of(url, sql);
    for table in ["consents", "messages", "subscribers", "verifications", "inbound_messages"] {
        let id = if table == "consents" { "hash" } else { "id" };
        let times = if table == "subscribers" { "verified_at" } else { id };
        let sql = format!("SELECT {id} || ' ' || {times} AS value FROM {table} ORDER BY 1");
        let there = rows(&source, &sql);
        assert_eq!(rows(&target, &sql), there, "{table}");
        assert_eq!(rows(&back, &sql), there, "{table}");
    }
    // The copy goes on: new rows get new ids, and the chain grows.
    let moved = TestApp::at(&settings, &there).await;
    assert_eq!(moved.api("/api/v1/sessions", key, Some(r#"{"ref": "10"}"#), &[]).await.status, Status::Created);
    assert_eq!(moved.standing_of(PHONE).as_deref(), Some("subscribed"));
    assert_eq!(moved.standing_of(OTHER).as_deref(), Some("opted_out"));
    moved.advance(Duration::hours(1));
    moved.text_in(PHONE, "STOP").await;
    assert_eq!(moved.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_chain_holds(&moved.app.store).await;
}

#[rocket::async_test]
async fn while_the_database_hangs_the_answer_is_503_and_nothing_happens_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(relay) = Relay::to(&folder.path().join("assent.db")) else { return };
    let app = TestApp::adjusted("", folder.path(), |config| config.database = relay.url()).await;
    app.opt_in(PHONE).await;
    let other = app.browser().await;
    relay.hang(true);
    let form = start_body(OTHER);
    let (started, shown, ready) =
        tokio::join!(app.post_without_delivery("/start", &form), app.get("/code"), app.get("/health/ready"));
    for page in [&started, &shown, &ready] {
        assert_eq!((page.status, page.header("retry-after")), (Status::ServiceUnavailable, Some("30")), "{}", page.text());
    }
    assert_eq!(app.get("/").await.status, Status::Ok);
    relay.hang(false);
    other.opt_in(OTHER).await;
    assert_eq!(app.standing_of(OTHER).as_deref(), Some("subscribed"));
    assert_eq!(app.column("SELECT id AS value FROM verifications").len(), 2, "what was given up was undone");
}

#[test]
fn several_instances_may_start_on_an_empty_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::parse(&database::empty_url(&folder.path().join("assent.db"))).expect("a URL");
    // SQLite's file has one server.
    let instances = if database::is_postgres() { 4 } else { 1 };
    std::thread::scope(|threads| {
        let starting: Vec<_> = (0..instances).map(|_| threads.spawn(|| Store::open(&url).map(|store| store.close()))).collect();
        for instance in starting {
            instance.join().expect("joined").expect("it starts");
        }
    });
}

#[rocket::async_test]
async fn another_key_is_refused_while_an_instance_writes_its_heartbeat() {
    // On SQLite, a lock tells whether a server runs.
    if !database::is_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let place = database::url(&folder.path().join("assent.db"));
    let store = Store::open(&DatabaseUrl::parse(&place).expect("a URL")).expect("opened");
    for (age, status, words) in [
        (Duration::seconds(20), Some(2), "stop every instance, wait a minute"),
        (Duration::seconds(90), Some(0), "there is nothing to accept"),
    ] {
        let at = Clock::system().now() - age;
        store.write(Lane::Urgent, move |tx| installation::beat(tx, at)).await.expect("written");
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_assent"))
            .args(["new-key", "--yes"])
            .current_dir(folder.path())
            .envs([("ASSENT_DATABASE__URL", place.as_str()), ("ROCKET_SECRET_KEY", &"5b".repeat(32))])
            .output()
            .expect("it runs");
        let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert_eq!(run.status.code(), status, "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn copying_says_what_is_wrong_with_a_url() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let output = assent(folder.path(), arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, said) = run(&["copy-database", "--from", "mysql://x", "--to", "nothing"]);
    assert_eq!(status, Some(2));
    assert!(said.contains("--from: its scheme is `mysql`") && said.contains("--to: its scheme is `none`"), "{said}");
    let (status, said) = run(&["copy-database", "--from", "sqlite://missing.db", "--to", "sqlite://new.db"]);
    assert_eq!(status, Some(2));
    assert!(said.contains("there is no database at missing.db"), "{said}");
}

#[rocket::async_test]
async fn a_nul_in_a_form_or_a_text_harms_nobody() {
    let app = TestApp::new().await;
    let page = app.post("/start", &format!("{}&disclosure=%00", start_body(PHONE))).await;
    assert_eq!(page.status.code, 422, "{}", page.text());
    app.opt_in(PHONE).await;
    app.text_in(PHONE, "STOP\0").await;
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 1, "it was kept");
    app.text_in(OTHER, "STOP").await;
    assert_eq!(app.standing_of(OTHER).as_deref(), Some("opted_out"));
}
