//! The statements that requests run: how many there are, that none scans a table, and that running a job twice changes nothing.

use std::sync::{Mutex, PoisonError};

use assent::flow::deliver::deliver_next;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use time::Duration;

use crate::support::carrier::{code_of, vonage_settings};
use crate::support::database;
use crate::support::provider::{Behavior, FakeProvider};
use crate::support::smtp::{FakeSmtp, Stage};
use crate::support::{PHONE, TestApp, fictional, start_body};

/// The statements that these tests' databases ran, by file.
static STATEMENTS: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
/// The statements that were prepared and cached, by file.
static KEPT: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
/// The files that are watched.
static WATCHED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Listens to one connection.
#[derive(Default)]
struct Listener {
    url: String,
}

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => url.clone_into(&mut self.url),
            InstrumentationEvent::StartQuery { query, .. } => {
                let watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(file) = watched.iter().find(|file| self.url.contains(file.as_str())) else { return };
                let shown = query.to_string();
                let sql = shown.split(" -- binds").next().unwrap_or_default().to_owned();
                let is_frame = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "CREATE", "--"]
                    .iter()
                    .any(|word| sql.starts_with(word));
                // `SELECT changes()` reads a number from the connection, not a row.
                if !is_frame && sql != "SELECT changes()" {
                    STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner).push((file.clone(), sql));
                }
            }
            InstrumentationEvent::CacheQuery { sql, .. } => {
                KEPT.lock().unwrap_or_else(PoisonError::into_inner).push((self.url.clone(), sql.to_owned()));
            }
            _ => {}
        }
    }
}

/// An installation whose statements are recorded.
struct Watched {
    app: TestApp,
    file: String,
    _folder: tempfile::TempDir,
}

impl Watched {
    async fn with(settings: &str) -> Self {
        set_default_instrumentation(|| Some(Box::<Listener>::default())).expect("listening");
        let folder = tempfile::tempdir().expect("a folder");
        let app = TestApp::at(settings, folder.path()).await;
        let file = app.app.config.database.file().expect("SQLite").display().to_string();
        WATCHED.lock().expect("unpoisoned").push(file.clone());
        Self { app, file, _folder: folder }
    }

    /// Returns the statements since the last call.
    fn take(&self) -> Vec<String> {
        let mut statements = STATEMENTS.lock().expect("unpoisoned");
        let (own, others) = std::mem::take(&mut *statements).into_iter().partition(|(file, _)| *file == self.file);
        *statements = others;
        let own: Vec<(String, String)> = own;
        own.into_iter().map(|(_, sql)| sql).collect()
    }

    /// The statements that its connections have cached, once for each connection.
    fn kept(&self) -> Vec<String> {
        let kept = KEPT.lock().expect("unpoisoned");
        kept.iter().filter(|(url, _)| url.contains(&self.file)).map(|(_, sql)| sql.clone()).collect()
    }

    #[track_caller]
    fn assert_at_most(&self, most: usize, what: &str) {
        let statements = self.take();
        assert!(!statements.is_empty(), "{what} ran no statements: are they recorded?");
        assert!(statements.len() <= most, "{what}: {} statements, {most} allowed:\n{}", statements.len(), statements.join("\n"));
    }
}

#[rocket::async_test]
async fn a_request_takes_no_more_statements_than_it_may() {
    if database::is_postgres() {
        return;
    }
    let watched = Watched::with("").await;
    let app = &watched.app;
    app.get("/").await;
    watched.take();
    app.post_without_delivery("/start", &start_body(PHONE)).await;
    watched.assert_at_most(12, "a start");
    assert!(deliver_next(&app.app).await.expect("delivered"));
    watched.assert_at_most(4, "delivering a text");
    app.get("/code").await;
    watched.assert_at_most(2, "/code");
    let code = app.last_code(PHONE);
    assert_eq!(app.post_without_delivery("/code", &format!("code={code}")).await.location(), Some("/done"));
    watched.assert_at_most(10, "a right code");
    assert!(deliver_next(&app.app).await.expect("delivered"));
    watched.assert_at_most(4, "delivering a welcome");
    app.get("/done").await;
    watched.assert_at_most(1, "/done");

    // A number that gets no text runs the same statements.
    app.post_without_delivery("/start", &start_body("+12025550148")).await;
    let of_one_that_gets_a_text = watched.take();
    app.deliver().await;
    app.text_in("+12025550149", "STOP").await;
    watched.take();
    app.post_without_delivery("/start", &start_body("+12025550149")).await;
    let ended = |sql: &String| sql.starts_with("UPDATE") || sql.starts_with("DELETE");
    let of_one_that_does_not: Vec<String> = watched.take().into_iter().filter(|sql| !ended(sql)).collect();
    assert_eq!(of_one_that_does_not, of_one_that_gets_a_text);
}

#[rocket::async_test]
async fn a_start_from_an_ipv6_address_takes_no_more_statements() {
    if database::is_postgres() {
        return;
    }
    let watched =
        Watched::with("[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['127.0.0.1']\n").await;
    let browser = watched.app.browser().await;
    browser.get("/").await;
    watched.take();
    browser.post_from("/start", &start_body(PHONE), "2001:db8::1").await;
    // This includes the delivery, with a last query that finds nothing.
    watched.assert_at_most(12 + 4 + 2, "a start");
}

#[rocket::async_test]
async fn a_start_from_the_sites_reserve_takes_no_more_statements() {
    if database::is_postgres() {
        return;
    }
    // Eight texts are open to everybody, and two are reserved.
    let watched = Watched::with("[default.caps]\nsite = [{ at_most = 10, per_seconds = 86400 }]\n").await;
    let app = &watched.app;
    app.opt_in(PHONE).await;
    app.advance(Duration::days(1) + Duration::minutes(24));
    for n in 1..=8 {
        app.browser().await.submit_phone(&fictional(n)).await;
    }
    app.advance(Duration::minutes(24));
    watched.take();
    for phone in [PHONE, "+12025550199"] {
        app.post_without_delivery("/start", &start_body(phone)).await;
        watched.assert_at_most(12, "a start");
        app.get("/code").await;
        watched.assert_at_most(2, "/code");
        app.deliver().await;
        watched.take();
    }
    assert_eq!(app.count("SELECT count(*) FROM counts WHERE scope = 'reserve' AND version > 1"), 2, "both drew on the reserve");
}

#[rocket::async_test]
async fn no_query_of_a_request_scans_a_table() {
    if database::is_postgres() {
        return;
    }
    #[derive(QueryableByName)]
    struct Plan {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let watched = Watched::with("[default.program]\nfrequency = { varies = true }\n").await;
    let app = &watched.app;
    app.opt_in(PHONE).await;
    app.advance(Duration::minutes(20));
    app.submit_phone(PHONE).await;
    app.type_code(&app.wrong_code(PHONE)).await;
    app.advance(Duration::seconds(30));
    app.resend().await;
    app.get("/code").await;
    app.type_code(&app.last_code(PHONE)).await;
    app.get("/done").await;
    app.submit_phone("+12025550148").await;
    app.submit_phone("+12025550149").await;
    app.text_in(PHONE, "STOP").await;
    app.text_in("+12025550149", "hello").await;
    app.text_in("+12025550149", &app.reply_code().await).await;
    app.get("/health/ready").await;
    assent::flow::sweep::sweep(&app.app).await.expect("swept");
    app.advance(Duration::days(400));
    assent::flow::sweep::sweep(&app.app).await.expect("swept");
    let mut queries = watched.take();
    queries.sort();
    queries.dedup();
    assert!(queries.len() > 30, "only {} queries were seen", queries.len());
    let mut conn = SqliteConnection::establish(&watched.file).expect("opened");
    for sql in queries {
        // Diesel writes a list of values as an unfinished parameter only if it's empty; none of ours is.
        let plan: Vec<Plan> =
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(&mut conn).unwrap_or_else(|e| panic!("{sql}: {e}"));
        for step in plan {
            // The plan of an INSERT into a parent table includes a scan of its children, which runs only for deferred foreign
            // keys. We have none.
            let scans = step.detail.starts_with("SCAN ")
                && !step.detail.contains("CONSTANT ROW")
                && !step.detail.contains("VALUES CLAUSE")
                // The outbox in order: its index holds only waiting texts.
                && !step.detail.contains("INDEX messages_queued")
                // The sweep takes a limited number of the oldest rows, by key.
                && (!sql.contains("`id` LIMIT ?") || sql.contains(" WHERE "))
                && !sql.starts_with("INSERT INTO `disclosures`");
            assert!(!scans, "{}: {sql}", step.detail);
            assert!(!step.detail.contains("TEMP B-TREE"), "{}: {sql}", step.detail);
        }
    }
}

#[rocket::async_test]
async fn every_statement_of_a_request_is_prepared_once() {
    if database::is_postgres() {
        return;
    }
    let watched = Watched::with("").await;
    let app = &watched.app;
    watched.take();
    for phone in [PHONE, "+12025550148", "+12025550149"] {
        let browser = app.browser().await;
        browser.get("/").await;
        browser.submit_phone(phone).await;
        browser.type_code(&app.wrong_code(phone)).await;
        browser.type_code(&app.last_code(phone)).await;
        app.text_in(phone, "STOP").await;
    }
    app.deliver().await;
    let kept = watched.kept();
    let asked = watched.take();
    assert!(asked.len() > 60, "only {} statements were seen", asked.len());
    for sql in asked {
        let times = kept.iter().filter(|other| **other == sql).count();
        // The writer and four readers.
        assert!((1..=5).contains(&times), "prepared {times} times to be kept: {sql}");
    }
}

/// Does what an installation does in a day: every kind of write.
async fn busy_day(app: &TestApp, fake: &FakeProvider, smtp: &FakeSmtp) {
    let wrong = || code_of(fake).bytes().map(|digit| char::from(b'0' + (digit - b'0' + 1) % 10)).collect::<String>();
    // Typed: a wrong code, a new one, the box checked again at once, and the right code.
    app.submit_phone(PHONE).await;
    app.type_code(&wrong()).await;
    app.submit_phone(PHONE).await;
    app.advance(Duration::minutes(1));
    app.resend().await;
    assert_eq!(app.type_code(&code_of(fake)).await.location(), Some("/done"));
    // Texted in, by a number that opts out, comes back and asks for help.
    let phone = fictional(1);
    let browser = app.browser().await;
    browser.submit_phone(&phone).await;
    let shown = browser.get("/code").await.reply_code().expect("a code");
    for (n, text) in [shown.as_str(), "STOP", "START", "HELP", "who is this?", "482915"].into_iter().enumerate() {
        app.vonage_text(&phone, text, &format!("in-{n}")).await;
    }
    app.vonage_text(&phone, "STOP", "in-1").await;
    // Refused and failed texts, and receipts.
    app.browser().await.submit_phone(&phone).await;
    fake.next(Behavior::Vonage(&["1"]));
    app.browser().await.submit_phone(&fictional(2)).await;
    fake.next(Behavior::Vonage(&["7"]));
    app.browser().await.submit_phone(&fictional(3)).await;
    app.vonage_receipt(PHONE, None, Some("1"), "delivered", "0").await;
    app.vonage_receipt(PHONE, Some("unknown"), None, "failed", "1").await;
    app.browser().await.submit_phone(&fictional(4)).await;
    app.browser().await.submit_phone(&fictional(4)).await;
    // As time passes.
    smtp.refuse(Stage::Rcpt, 451);
    app.mail().await;
    app.advance(Duration::minutes(30));
    app.mail().await;
    app.deliver().await;
    app.sweep().await;
    app.advance(Duration::days(400));
    app.sweep().await;
    app.mail().await;
}

/// Every cell of every table, row by row.
fn cells(app: &TestApp) -> Vec<Vec<String>> {
    let tables = app.column(
        "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name",
    );
    let rows = |table: &String| {
        let columns = app.column(&format!("SELECT name AS value FROM pragma_table_info('{table}') ORDER BY cid"));
        let cells: Vec<String> =
            columns.iter().map(|column| format!("'{table}.{column}=' || coalesce(\"{column}\", 'NULL')")).collect();
        app.column(&format!("SELECT {} AS value FROM \"{table}\"", cells.join(" || char(31) || ")))
    };
    tables.iter().flat_map(rows).map(|row| row.split('\u{1f}').map(ToOwned::to_owned).collect()).collect()
}

#[rocket::async_test]
async fn a_day_whose_every_job_runs_twice_leaves_the_same_rows() {
    if database::is_postgres() {
        return;
    }
    let mut days = Vec::new();
    for twice in [false, false, true] {
        let (fake, smtp) = (FakeProvider::vonage().await, FakeSmtp::start().await);
        let settings = format!(
            "[default.program]\nkind = 'alerts'\nfrequency = {{ varies = true }}\n[default.email]\nsmtp_url = '{}'\nfrom = 'assent@acme.example'\nowner = 'owner@acme.example'\n{}",
            smtp.url(),
            vonage_settings("vonage", &fake, "")
        );
        let watched = Watched::with(&settings).await;
        if twice {
            watched.app.app.store.run_every_job_twice();
        }
        watched.take();
        busy_day(&watched.app, &fake, &smtp).await;
        let writes = watched.take().into_iter().filter(|sql| !sql.starts_with("SELECT")).count();
        let sent = (fake.requests().len(), smtp.mails().len());
        days.push((cells(&watched.app), sent, writes));
    }
    let [(one, one_sent, one_writes), (other, ..), (doubled, doubled_sent, doubled_writes)] = &days[..] else {
        panic!("three days")
    };
    assert_eq!(doubled_sent, one_sent, "texts and mails");
    assert!(*one_writes > 100, "only {one_writes} writes");
    assert_eq!(*doubled_writes, one_writes * 2, "every job ran twice");
    assert_eq!((other.len(), doubled.len()), (one.len(), one.len()), "rows");
    for ((one, other), doubled) in one.iter().zip(other).zip(doubled) {
        for ((one, other), doubled) in one.iter().zip(other).zip(doubled) {
            // What differs between the first two days is random.
            assert!(one != other || one == doubled, "{one} became {doubled}");
        }
    }
}
