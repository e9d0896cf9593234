//! Postgres: what a connection is set to, and the lock that lets one writer in at a time.
//!
//! Each instance commits its jobs in batches (`writer`). A batch first takes one row, so that the batches of all instances follow each
//! other as SQLite's do, and every rule sees what the batch before it wrote. Nothing here is Postgres's alone: no advisory locks, no
//! LISTEN and NOTIFY.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use url::Url;

use crate::store::StoreError;
use crate::store::schema::ledger_heads;

/// How many seconds to wait for a connection.
const CONNECT_SECONDS: &str = "3";
/// A statement that takes longer has failed, and so has a batch that waits longer for its turn. In milliseconds.
const LIMITS: &str = "SET statement_timeout = 10000; SET lock_timeout = 10000; SET idle_in_transaction_session_timeout = 30000;";

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
    let failed = |error: &dyn std::fmt::Display| StoreError::Connection(error.to_string().trim().to_owned());
    let mut conn = PgConnection::establish(&with_patience(url)).map_err(|error| failed(&error))?;
    conn.batch_execute(&format!("{LIMITS} SET TIME ZONE 'UTC'; SET client_min_messages = warning; {settings}"))
        .map_err(|error| failed(&error))?;
    Ok(conn)
}

/// Returns the URL with a limit on how long connecting may take, unless it has one.
fn with_patience(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else { return url.to_owned() };
    if !parsed.query_pairs().any(|(name, _)| name == "connect_timeout") {
        parsed.query_pairs_mut().append_pair("connect_timeout", CONNECT_SECONDS);
    }
    parsed.into()
}

/// Waits until no other batch is being written.
pub(super) fn take_write_lock(conn: &mut PgConnection) -> QueryResult<()> {
    let head = ledger_heads::table.find("consents").select(ledger_heads::seq).for_update();
    head.get_result::<i64>(conn).map(drop)
}

/// The tables whose rows are numbered.
const NUMBERED: [&str; 7] = ["inbound_messages", "inbound_parts", "verifications", "codes", "subscribers", "messages", "emails"];

/// Lets new rows go on after the highest id.
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
    fn connecting_never_takes_long() {
        assert_eq!(with_patience("postgres://db.example/assent"), "postgres://db.example/assent?connect_timeout=3");
        let own = "postgres://db.example/assent?connect_timeout=9";
        assert_eq!(with_patience(own), own);
    }
}
