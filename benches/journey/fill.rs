//! Databases that have something in them.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::people::{Answers, flow};
use crate::provider::Provider;
use crate::server::Server;

/// The number of the first person, whom no other run asks for.
const FIRST: usize = 5_000_000;

/// One opt-in of a first person, so that there is a page and a record that filled rows can name.
fn begin(folder: &Path, provider: &Provider) -> SqliteConnection {
    let server = Server::start(folder, provider, 0, &[]);
    flow(&server, provider, FIRST, Answers::Typed);
    drop(server);
    let file = folder.join("data/assent.db").display().to_string();
    let mut database = SqliteConnection::establish(&file).expect("opened");
    database.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA synchronous = OFF;").expect("set");
    database
}

fn run(database: &mut SqliteConnection, what: &str, sql: &str) {
    eprintln!("filling: {what}..");
    database.batch_execute(sql).unwrap_or_else(|error| panic!("{what}: {error}"));
}

/// A million subscribers and ten million texts.
pub fn database(folder: &Path, provider: &Provider) {
    let mut database = begin(folder, provider);
    run(
        &mut database,
        "1,000,000 subscribers",
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) \
         INSERT INTO subscribers (phone, standing, locale, consent_seq, verified_at, subscribed_at) \
         SELECT '+1210' || (2000000 + i), 'subscribed', 'en', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n",
    );
    run(
        &mut database,
        "10,000,000 texts",
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999999) \
         INSERT INTO messages (phone, kind, basis, consent_seq, status, text, provider, provider_message_id, queued_at, due_at, sent_at) \
         SELECT '+1210' || (2000000 + i % 1000000), 'welcome', 'consent', 1, 'delivered', 'Acme Alerts: You are signed up.', 'vonage', \
         printf('%032x', i), datetime('2026-01-01', '+' || i || ' seconds'), '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n",
    );
}

/// 500,000 codes of the day.
pub fn day(folder: &Path, provider: &Provider) {
    let mut database = begin(folder, provider);
    run(
        &mut database,
        "500,000 codes of the day",
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499999) \
         INSERT INTO messages (phone, kind, basis, verification_id, status, text, queued_at, due_at, sent_at) \
         SELECT '+1210' || (2000000 + i), 'code', 'verification', 1, 'sent', 'a code', t, t, t \
         FROM n, (SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 hour') AS t)",
    );
    run(
        &mut database,
        "the site's count",
        "INSERT INTO counts (scope, subject, shares, version, over_at) SELECT 'site', '', '86400 ' || (unixepoch() / 1440) || \
         replace(printf('%060d', 0), '0', ' 8333'), 1, datetime('now', '+2 days') \
         WHERE true ON CONFLICT DO UPDATE SET shares = excluded.shares, version = counts.version + 1",
    );
}

/// So many texts that wait, each for a verification of its own.
pub fn outbox(folder: &Path, provider: &Provider, texts: usize) {
    let mut database = begin(folder, provider);
    run(
        &mut database,
        "texts that wait",
        &format!(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
             INSERT INTO verifications (reference, browser, phone, phone_typed, state, caused_text, disclosure_hash, \
             disclosure_inferred, ip, locale, url, consented_at, last_request_at, created_at, expires_at) \
             SELECT 'r' || i, 'b' || i, '+1210' || (2000000 + i), '', 'pending', 1, disclosure_hash, 0, '', 'en', '', created_at, \
             created_at, created_at, datetime('now', '+1 hour') FROM n, verifications WHERE id = 1; \
             INSERT INTO messages (phone, kind, basis, verification_id, status, text, queued_at, due_at) \
             SELECT phone, 'code', 'verification', id, 'queued', 'Acme Alerts: hello', created_at, created_at FROM verifications \
             WHERE state = 'pending'",
            texts - 1
        ),
    );
}

/// A million verifications that the sweep has to forget, with a text each.
pub fn old_rows(folder: &Path, provider: &Provider) {
    let mut database = begin(folder, provider);
    run(
        &mut database,
        "1,000,000 old verifications",
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) \
         INSERT INTO verifications (reference, browser, phone, phone_typed, state, caused_text, disclosure_hash, \
         disclosure_inferred, ip, locale, url, consented_at, last_request_at, created_at, expires_at, forget_at) \
         SELECT 'r' || i, 'b' || i, '+1210' || (2000000 + i), '', 'expired', 1, disclosure_hash, 0, '', 'en', '', created_at, \
         created_at, created_at, created_at, datetime('2026-01-01', '+' || i || ' seconds') FROM n, verifications WHERE id = 1",
    );
    run(
        &mut database,
        "their texts",
        "INSERT INTO messages (phone, kind, basis, verification_id, status, text, queued_at, due_at) \
         SELECT phone, 'code', 'verification', id, 'sent', 'a code', created_at, created_at FROM verifications WHERE id > 1",
    );
}
