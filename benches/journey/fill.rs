//! Fills databases for the benchmark.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::people::{AREAS, Answers, NUMBERS, OF_AREA, STRIDE, flow};
use crate::provider::Provider;
use crate::server::Server;

/// The first person's number, which no other run uses.
const FIRST: usize = 5_000_000;

/// Opts one person in, so that there's a page and a record for the filled rows to refer to.
fn begin(folder: &Path, provider: &Provider) -> SqliteConnection {
    let server = Server::start(folder, provider, 0, &[]);
    flow(&server, provider, FIRST, Answers::Typed);
    drop(server);
    let file = folder.join("data/assent.db").display().to_string();
    let mut database = SqliteConnection::establish(&file).expect("opened");
    database.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000000;").expect("set");
    database
}

fn run(database: &mut SqliteConnection, what: &str, sql: &str) {
    eprintln!("filling: {what}..");
    database.batch_execute(sql).unwrap_or_else(|error| panic!("{what}: {error}"));
}

/// The phone number of filled row `i`, as SQL. These numbers lie among the measured ones.
fn phone(i: &str) -> String {
    let place = format!("(({i} + 6000000) * {STRIDE} % {NUMBERS})");
    format!("'+1' || substr('{AREAS}', {place} / {OF_AREA} * 3 + 1, 3) || (2120000 + {place} % {OF_AREA})")
}

/// The start of an SQL statement, with a table `n` of `count` rows, numbered from 0.
fn rows(count: usize) -> String {
    format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {})", count - 1)
}

/// A million subscribers, each with the verification and the record of the opt-in, and ten million texts.
pub fn database(folder: &Path, provider: &Provider) {
    let mut database = begin(folder, provider);
    let phone_of = phone("i");
    run(
        &mut database,
        "1,000,000 verifications",
        &format!(
            "{} INSERT INTO verifications (reference, browser, phone, phone_typed, state, method, caused_text, disclosure_hash, \
             disclosure_inferred, ip, locale, url, consented_at, last_request_at, created_at, expires_at, verified_at, address) \
             SELECT 'r' || i, 'b' || i, {phone_of}, '', 'verified', 'web_code', 1, disclosure_hash, 0, '203.0.113.9', 'en', url, \
             created_at, created_at, created_at, created_at, created_at, 'a' || i % 300000 FROM n, verifications WHERE id = 1",
            rows(1_000_000)
        ),
    );
    run(
        &mut database,
        "1,000,000 records",
        &format!(
            "{} INSERT INTO consents (seq, format, phone, kind, source, disclosure_hash, disclosure_inferred, locale, requested_at, \
             recorded_at, ip, user_agent, salt, commitments, record_digest, previous_hash, hash) \
             SELECT seq + 1 + i, format, {phone_of}, kind, source, disclosure_hash, 0, locale, requested_at, recorded_at, ip, \
             user_agent, salt, commitments, record_digest, CASE i WHEN 0 THEN hash ELSE printf('%064d', i) END, printf('%064d', i + 1) \
             FROM n, consents WHERE seq = 1",
            rows(1_000_000)
        ),
    );
    run(
        &mut database,
        "1,000,000 subscribers",
        &format!(
            "{} INSERT INTO subscribers (phone, standing, locale, consent_seq, verified_at, subscribed_at) \
             SELECT {phone_of}, 'subscribed', 'en', 2 + i, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n",
            rows(1_000_000)
        ),
    );
    run(
        &mut database,
        "10,000,000 texts",
        &format!(
            "{} INSERT INTO messages (phone, kind, basis, consent_seq, status, text, provider, provider_message_id, queued_at, \
             due_at, sent_at) \
             SELECT {}, 'welcome', 'consent', 2 + i % 1000000, 'delivered', 'Acme Alerts: You are signed up.', 'vonage', \
             printf('%032x', i), datetime('2026-01-01', '+' || i || ' seconds'), '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n",
            rows(10_000_000),
            phone("i % 1000000")
        ),
    );
}

/// 500,000 codes sent today.
pub fn day(folder: &Path, provider: &Provider) {
    let mut database = begin(folder, provider);
    run(
        &mut database,
        "500,000 codes of the day",
        &format!(
            "{} INSERT INTO messages (phone, kind, basis, verification_id, status, text, queued_at, due_at, sent_at) \
             SELECT {}, 'code', 'verification', 1, 'sent', 'a code', t, t, t \
             FROM n, (SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 hour') AS t)",
            rows(500_000),
            phone("i")
        ),
    );
    run(
        &mut database,
        "the site's count",
        "INSERT INTO counts (scope, subject, shares, version, over_at) SELECT 'site', '', '86400 ' || (unixepoch() / 1440) || \
         replace(printf('%060d', 0), '0', ' 8333'), 1, datetime('now', '+2 days') \
         WHERE true ON CONFLICT DO UPDATE SET shares = excluded.shares, version = counts.version + 1",
    );
}

/// Waiting texts, each for its own verification.
pub fn outbox(folder: &Path, provider: &Provider, texts: usize) {
    let mut database = begin(folder, provider);
    run(
        &mut database,
        "texts that wait",
        &format!(
            "{} INSERT INTO verifications (reference, browser, phone, phone_typed, state, caused_text, disclosure_hash, \
             disclosure_inferred, ip, locale, url, consented_at, last_request_at, created_at, expires_at) \
             SELECT 'r' || i, 'b' || i, {}, '', 'pending', 1, disclosure_hash, 0, '', 'en', '', created_at, \
             created_at, created_at, datetime('now', '+1 hour') FROM n, verifications WHERE id = 1; \
             INSERT INTO messages (phone, kind, basis, verification_id, status, text, queued_at, due_at) \
             SELECT phone, 'code', 'verification', id, 'queued', 'Acme Alerts: hello', created_at, created_at FROM verifications \
             WHERE state = 'pending'",
            rows(texts),
            phone("i")
        ),
    );
}

/// A million old verifications with a text each, and half a million expired counts. The sweep has to erase the personal fields of
/// half of the verifications, and delete the other half.
pub fn old_rows(folder: &Path, provider: &Provider) {
    let mut database = begin(folder, provider);
    run(
        &mut database,
        "1,000,000 old verifications",
        &format!(
            "{} INSERT INTO verifications (reference, browser, phone, phone_typed, state, caused_text, disclosure_hash, \
             disclosure_inferred, ip, locale, url, consented_at, last_request_at, created_at, expires_at, forget_at) \
             SELECT 'r' || i, 'b' || i, {}, '', 'expired', i % 2, disclosure_hash, 0, '', 'en', '', created_at, \
             created_at, created_at, created_at, datetime('2026-01-01', '+' || i || ' seconds') FROM n, verifications WHERE id = 1",
            rows(1_000_000),
            phone("i")
        ),
    );
    run(
        &mut database,
        "their texts",
        "INSERT INTO messages (phone, kind, basis, verification_id, status, text, error, queued_at, due_at) \
         SELECT phone, 'code', 'verification', id, CASE caused_text WHEN 1 THEN 'sent' ELSE 'dropped' END, 'a code', \
         CASE caused_text WHEN 1 THEN NULL ELSE 'capped' END, created_at, created_at FROM verifications WHERE id > 1",
    );
    run(
        &mut database,
        "500,000 counts that are over",
        &format!(
            "{} INSERT INTO counts (scope, subject, shares, version, over_at) \
             SELECT 'browser', 'old' || i, '3600 0 1', 1, '2026-01-01 00:00:00' FROM n",
            rows(500_000)
        ),
    );
}
