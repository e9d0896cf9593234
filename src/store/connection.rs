//! Connections: opening a database, checking that it meets our requirements, and migrating it.
//!
//! Owns the SQLite settings. Must not hold queries. The derived `establish` would open a mistyped URL as a new SQLite file, so it
//! is never called. This module picks the backend by the URL's scheme instead.

use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

#[cfg(feature = "postgres")]
use crate::store::postgres;
use crate::store::{DatabaseUrl, StoreError};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The oldest SQLite we accept. Older versions can lose or corrupt data when a checkpoint coincides with a WAL reset (DUR-2).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// How long a connection waits for another process's lock, in milliseconds.
const LOCK_WAIT: &str = "PRAGMA busy_timeout = 10000;";

/// A connection to either backend. `statements` runs queries on the one inside, and only takes queries that both backends accept.
#[derive(diesel::MultiConnection)]
pub(super) enum AnyConnection {
    /// The embedded database.
    Sqlite(SqliteConnection),
    /// The database for installations on several machines.
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
}

/// Opens the database for writing, and creates its folder and file if they don't exist.
pub(super) fn create(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    match url {
        DatabaseUrl::Sqlite(file) => create_sqlite(file, url.folder().unwrap_or(file)),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => postgres::writer(url).map(AnyConnection::Postgres),
    }
}

/// Opens the database for writing. It must exist.
pub(super) fn reopen(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    match url {
        DatabaseUrl::Sqlite(file) => open(file, "rw"),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => postgres::writer(url).map(AnyConnection::Postgres),
    }
}

/// Opens the database so that nothing can be written.
pub(super) fn open_to_read(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    match url {
        DatabaseUrl::Sqlite(file) => {
            let mut conn = establish(file, "rw")?;
            conn.batch_execute(&format!("{LOCK_WAIT} PRAGMA query_only = ON; PRAGMA cache_size = -500;"))?;
            Ok(AnyConnection::Sqlite(conn))
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => postgres::reader(url).map(AnyConnection::Postgres),
    }
}

fn create_sqlite(file: &Path, folder: &Path) -> Result<AnyConnection, StoreError> {
    // The database holds phone numbers and IP addresses, so a new folder or file is private to its owner. Existing ones stay as
    // they are.
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|e| StoreError::Connection(format!("the folder {} cannot be made: {e}", folder.display())))?;
    let made = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file);
    made.map_err(|e| StoreError::Connection(format!("{}: {e}", file.display())))?;
    open(file, "rwc")
}

fn open(file: &Path, mode: &str) -> Result<AnyConnection, StoreError> {
    let mut conn = establish(file, mode)?;
    check_version(&mut conn)?;
    let refuse = |e: diesel::result::Error| StoreError::Connection(format!("{}: {e}", file.display()));
    conn.batch_execute(&format!("{LOCK_WAIT} PRAGMA foreign_keys = ON;")).map_err(refuse)?;
    let journal = text(&mut conn, "SELECT journal_mode AS value FROM pragma_journal_mode")?;
    if journal != "wal" {
        conn.batch_execute("PRAGMA journal_mode = WAL;").map_err(refuse)?;
    }
    conn.batch_execute(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;",
    )
    .map_err(refuse)?;
    // Read the settings back: some file systems refuse WAL without an error.
    expect(&mut conn, "SELECT journal_mode AS value FROM pragma_journal_mode", "wal", "journal_mode")?;
    expect(&mut conn, "SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous", "2", "synchronous")?;
    expect(&mut conn, "SELECT CAST(foreign_keys AS TEXT) AS value FROM pragma_foreign_keys", "1", "foreign_keys")?;
    Ok(AnyConnection::Sqlite(conn))
}

fn establish(file: &Path, mode: &str) -> Result<SqliteConnection, StoreError> {
    let path = file.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let uri = format!("file:{path}?mode={mode}");
    SqliteConnection::establish(&uri).map_err(|e| StoreError::Connection(format!("{}: {e}", file.display())))
}

fn check_version(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let version = text(conn, "SELECT sqlite_version() AS value")?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    let (major, minor, patch) = OLDEST_SQLITE;
    if found < OLDEST_SQLITE {
        return Err(StoreError::Unfit(format!("SQLite {version} can lose data: it must be at least {major}.{minor}.{patch}")));
    }
    Ok(())
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

fn text(conn: &mut SqliteConnection, sql: &str) -> Result<String, StoreError> {
    Ok(sql_query(sql).get_result::<TextRow>(conn)?.value)
}

fn expect(conn: &mut SqliteConnection, sql: &str, wanted: &str, name: &str) -> Result<(), StoreError> {
    let found = text(conn, sql)?;
    if found == wanted { Ok(()) } else { Err(StoreError::Unfit(format!("its {name} is {found}, but must be {wanted}"))) }
}

/// Whether there are pending migrations.
pub(super) fn is_outdated(conn: &mut AnyConnection) -> Result<bool, StoreError> {
    let pending = match conn {
        AnyConnection::Sqlite(conn) => conn.has_pending_migration(SQLITE_MIGRATIONS),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => conn.has_pending_migration(POSTGRES_MIGRATIONS),
    };
    pending.map_err(|e| StoreError::Migration(e.to_string()))
}

/// Writes a copy of SQLite's file, as it is at one moment. The target must be empty.
pub(super) fn vacuum_into(url: &DatabaseUrl, target: &Path) -> Result<(), StoreError> {
    let target = target.display().to_string().replace('\'', "''");
    Ok(open_to_read(url)?.batch_execute(&format!("PRAGMA query_only = OFF; VACUUM INTO '{target}'"))?)
}

/// Applies pending migrations and returns their names, oldest first.
pub(super) fn migrate(conn: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    let applied = match conn {
        AnyConnection::Sqlite(conn) => {
            conn.run_pending_migrations(SQLITE_MIGRATIONS).map(|v| v.iter().map(ToString::to_string).collect())
        }
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => {
            postgres::be_patient(conn)?;
            let applied = conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(|v| v.iter().map(ToString::to_string).collect());
            postgres::be_quick(conn)?;
            applied
        }
    };
    applied.map_err(|e| StoreError::Migration(e.to_string()))
}

impl AnyConnection {
    /// Begins a transaction that writes. On SQLite, it takes the write lock right away.
    pub(super) fn begin_writing(&mut self) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL READ COMMITTED"),
        }
    }

    /// Checks a SQLite file page by page, and every reference in it.
    pub(super) fn check_integrity(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(conn) => {
                expect(conn, "SELECT integrity_check AS value FROM pragma_integrity_check LIMIT 1", "ok", "integrity_check")?;
                expect(conn, "SELECT CAST(count(*) AS TEXT) AS value FROM pragma_foreign_key_check", "0", "foreign_key_check")
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Lifts the limits on how long a statement may take.
    #[cfg_attr(not(feature = "postgres"), expect(clippy::unnecessary_wraps, reason = "only Postgres can refuse"))]
    pub(super) fn be_patient(&mut self) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => postgres::be_patient(conn),
        }
    }

    /// Makes the ids of new rows continue after the highest one. SQLite does that by itself.
    #[cfg_attr(not(feature = "postgres"), expect(clippy::unnecessary_wraps, reason = "only Postgres can refuse"))]
    pub(super) fn continue_numbering(&mut self) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => postgres::continue_numbering(conn),
        }
    }

    /// Commits the transaction.
    pub(super) fn commit(&mut self) -> diesel::QueryResult<()> {
        <Self as diesel::Connection>::TransactionManager::commit_transaction(self)
    }

    /// Rolls back the transaction, including any savepoints that a panic left open.
    pub(super) fn roll_back_all(&mut self) {
        while self.depth() > 0 {
            if <Self as diesel::Connection>::TransactionManager::rollback_transaction(self).is_err() {
                return;
            }
        }
    }

    /// Returns how deeply transactions are nested: 1 between the jobs of a batch.
    pub(super) fn depth(&mut self) -> u32 {
        let status = <Self as diesel::Connection>::TransactionManager::transaction_manager_status_mut(self);
        status.transaction_depth().ok().flatten().map_or(0, std::num::NonZeroU32::get)
    }
}

/// The error message when the database file has been moved away, so nothing can be read or written.
pub(super) const GONE: &str = "the database's file is gone";

/// Returns the device and inode of the database file. They show whether it was moved away or replaced since it was opened.
pub(super) fn identity(url: &DatabaseUrl) -> Option<(u64, u64)> {
    let file = url.file()?;
    std::fs::metadata(file).ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_sqlite_is_new_enough() {
        let mut conn = SqliteConnection::establish(":memory:").expect("opens");
        check_version(&mut conn).expect("new enough");
    }
}
