//! Postgres: how a connection is set up.
//!
//! Must not hold queries. The store uses no advisory locks and no LISTEN and NOTIFY, so that other engines that speak Postgres's
//! protocol stay possible.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use crate::store::StoreError;

/// The longest that a statement may take, that it may wait for a lock, and that a transaction may stay idle, in milliseconds.
const LIMITS: &str = "SET statement_timeout = 10000; SET lock_timeout = 10000; SET idle_in_transaction_session_timeout = 30000;";

/// Each statement is planned once for each connection. No plan depends on bound values, and planning takes longer than running.
const PLANS: &str = "SET plan_cache_mode = force_generic_plan;";

/// Opens a connection for writing.
pub(super) fn writer(url: &str) -> Result<PgConnection, StoreError> {
    connect(url, "SET synchronous_commit = on;")
}

/// Opens a connection that can't write.
pub(super) fn reader(url: &str) -> Result<PgConnection, StoreError> {
    connect(url, "SET default_transaction_read_only = on;")
}

fn connect(url: &str, settings: &str) -> Result<PgConnection, StoreError> {
    // libpq's errors don't contain the password.
    let failed = |error: &dyn std::fmt::Display| StoreError::Connection(error.to_string().trim().replace('\n', "; "));
    let mut conn = PgConnection::establish(&with_patience(url)).map_err(|error| failed(&error))?;
    conn.batch_execute(&format!("{LIMITS} {PLANS} SET TIME ZONE 'UTC'; SET client_min_messages = warning; {settings}"))
        .map_err(|error| failed(&error))?;
    Ok(conn)
}

/// When to give up on a host that doesn't answer: libpq's options and their values. `tcp_user_timeout` is in milliseconds,
/// `keepalives_count` counts probes, and the others are in seconds.
const PATIENCE: [(&str, &str); 5] = [
    ("connect_timeout", "3"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
];

/// Returns the URL with limits on how long a host may be silent, unless it has its own.
fn with_patience(url: &str) -> String {
    PATIENCE.iter().fold(url.to_owned(), |url, (name, value)| {
        if url.contains(&format!("{name}=")) {
            return url;
        }
        let before = match url.chars().next_back() {
            Some('?' | '&') => "",
            _ if url.contains('?') => "&",
            _ => "?",
        };
        format!("{url}{before}{name}={value}")
    })
}

/// Lifts the limits, for work that takes long and that nobody waits for: migrations and copies.
pub(super) fn be_patient(conn: &mut PgConnection) -> QueryResult<()> {
    conn.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;")
}

/// Sets the limits again.
pub(super) fn be_quick(conn: &mut PgConnection) -> QueryResult<()> {
    conn.batch_execute(LIMITS)
}

/// The tables whose rows are numbered.
const NUMBERED: [&str; 8] =
    ["inbound_messages", "inbound_parts", "sessions", "verifications", "codes", "subscribers", "messages", "emails"];

/// Makes the ids of new rows continue after the highest one.
pub(super) fn continue_numbering(conn: &mut PgConnection) -> QueryResult<()> {
    NUMBERED.iter().try_for_each(|table| {
        conn.batch_execute(&format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_numbered_table_is_known() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
        let migrations = std::fs::read_dir(folder).expect("the migrations").map(|migration| {
            std::fs::read_to_string(migration.expect("a migration").path().join("up.sql")).expect("its statements")
        });
        let statements = migrations.collect::<String>();
        let mut numbered: Vec<&str> = statements
            .split("CREATE TABLE ")
            .skip(1)
            .filter(|table| table.contains("AS IDENTITY"))
            .filter_map(|table| table.split_whitespace().next())
            .collect();
        let mut known = NUMBERED.to_vec();
        numbered.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, numbered);
    }

    #[test]
    fn connecting_never_takes_long() {
        let several = with_patience("postgres://one.example,two.example/assent");
        assert!(
            several.starts_with("postgres://one.example,two.example/assent?connect_timeout=3&tcp_user_timeout=10000"),
            "{several}"
        );
        let own = with_patience("postgres://db.example/assent?connect_timeout=9");
        assert!(
            own.starts_with("postgres://db.example/assent?connect_timeout=9&") && !own.contains("connect_timeout=3"),
            "{own}"
        );
    }
}
