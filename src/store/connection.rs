//! Connections: opening a database, checking that it meets our requirements, migrating it, and the pool of readers.
//!
//! Owns the SQLite settings and every `match` on the backend, except the one that runs queries (`statements`). Must not hold
//! queries. The derived `establish` would open a mistyped URL as a new SQLite file, so it is never called. This module picks the
//! backend by the URL's scheme instead.

use std::fmt;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager};
use diesel::r2d2::{ManageConnection, Pool};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use crate::store::{StoreError, Tx};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The oldest SQLite we accept. Older versions can lose or corrupt data when a checkpoint coincides with a WAL reset (DUR-2).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// The most connections in the pool of readers. A page reads for microseconds, so a few connections serve many pages.
const READERS: u32 = 4;
/// How long a caller waits for a reader.
const READER_WAIT: Duration = Duration::from_secs(2);
/// How long a connection waits for another process's lock, in milliseconds.
const LOCK_WAIT: &str = "PRAGMA busy_timeout = 10000;";

/// A connection to either backend. Only portable queries compile on it, which is the point.
#[derive(diesel::MultiConnection)]
pub(super) enum AnyConnection {
    /// The embedded database.
    Sqlite(SqliteConnection),
    /// The database for installations on several machines.
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
}

/// The location of the database: `sqlite://` and a path, either relative to the working directory or absolute (`sqlite:///..`).
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(PathBuf);

impl DatabaseUrl {
    /// Parses a URL.
    ///
    /// # Errors
    /// Returns a sentence that says what to write instead.
    pub fn parse(url: &str) -> Result<Self, String> {
        let path = url.strip_prefix("sqlite://").ok_or_else(|| {
            let scheme = url.split_once("://").map_or("none", |(scheme, _)| scheme);
            format!("its scheme is `{scheme}`, write sqlite://data/assent.db")
        })?;
        if path.is_empty() || path.ends_with('/') || path.contains([':', '?', '#', '%']) {
            return Err("it names no file, write sqlite://data/assent.db".to_owned());
        }
        Ok(Self(PathBuf::from(path)))
    }

    /// Returns the path of the database file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.0
    }

    /// Returns the folder that contains the database file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match self.0.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite://{}", self.0.display())
    }
}

/// Opens the database for writing, and creates its folder and file if they don't exist.
pub(super) fn create(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    // The database holds phone numbers and IP addresses, so a new folder or file is private to its owner. Existing ones stay as
    // they are.
    let folder = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(url.folder());
    folder.map_err(|e| StoreError::Connection(format!("the folder {} cannot be made: {e}", url.folder().display())))?;
    let file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(url.file());
    file.map_err(|e| StoreError::Connection(format!("{}: {e}", url.file().display())))?;
    open(url, "rwc")
}

/// Opens the database for writing. Its file must exist.
pub(super) fn reopen(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    open(url, "rw")
}

fn open(url: &DatabaseUrl, mode: &str) -> Result<AnyConnection, StoreError> {
    let mut conn = establish(url, mode)?;
    check_version(&mut conn)?;
    let refuse = |e: diesel::result::Error| StoreError::Connection(format!("{}: {e}", url.file().display()));
    conn.batch_execute(&format!("{LOCK_WAIT} PRAGMA foreign_keys = ON;")).map_err(refuse)?;
    let journal = text(&mut conn, "SELECT journal_mode AS value FROM pragma_journal_mode")?;
    if journal != "wal" {
        conn.batch_execute("PRAGMA journal_mode = WAL;").map_err(refuse)?;
    }
    conn.batch_execute(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;",
    )
    .map_err(refuse)?;
    // Read the settings back: some file systems refuse WAL without an error.
    expect(&mut conn, "SELECT journal_mode AS value FROM pragma_journal_mode", "wal", "journal_mode")?;
    expect(&mut conn, "SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous", "2", "synchronous")?;
    expect(&mut conn, "SELECT CAST(foreign_keys AS TEXT) AS value FROM pragma_foreign_keys", "1", "foreign_keys")?;
    Ok(AnyConnection::Sqlite(conn))
}

fn establish(url: &DatabaseUrl, mode: &str) -> Result<SqliteConnection, StoreError> {
    let uri = format!("file:{}?mode={mode}", url.file().display());
    SqliteConnection::establish(&uri).map_err(|e| StoreError::Connection(format!("{}: {e}", url.file().display())))
}

fn check_version(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let version = text(conn, "SELECT sqlite_version() AS value")?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < OLDEST_SQLITE {
        return Err(StoreError::Unfit(format!("SQLite {version} can lose data, at least 3.51.3 is needed")));
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
    if found == wanted {
        Ok(())
    } else {
        Err(StoreError::Unfit(format!("its {name} is {found} and stays so, {wanted} is needed")))
    }
}

/// Applies pending migrations and returns their names, oldest first.
pub(super) fn migrate(conn: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    let applied = match conn {
        AnyConnection::Sqlite(conn) => {
            conn.run_pending_migrations(SQLITE_MIGRATIONS).map(|v| v.iter().map(ToString::to_string).collect())
        }
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => {
            conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(|v| v.iter().map(ToString::to_string).collect())
        }
    };
    applied.map_err(|e| StoreError::Migration(e.to_string()))
}

impl AnyConnection {
    /// Begins the writer's transaction. Takes the write lock right away if the backend has one.
    pub(super) fn begin_writing(&mut self) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL SERIALIZABLE"),
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
const GONE: &str = "the database's file is gone";

/// Returns the device and inode of the database file. They show whether it was moved away or replaced since it was opened.
pub(super) fn identity(url: &DatabaseUrl) -> Option<(u64, u64)> {
    std::fs::metadata(url.file()).ok().map(|meta| (meta.dev(), meta.ino()))
}

/// The pool of read-only connections.
#[derive(Clone)]
pub(super) struct Readers {
    pool: Pool<ReaderManager>,
    url: DatabaseUrl,
    opened: Option<(u64, u64)>,
}

impl Readers {
    pub(super) fn new(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let opened = identity(url);
        let manager = ReaderManager { url: url.clone(), opened };
        let pool = Pool::builder().max_size(READERS).min_idle(Some(1)).connection_timeout(READER_WAIT).test_on_check_out(false);
        let pool = pool.build(manager).map_err(|e| StoreError::Connection(e.to_string()))?;
        Ok(Self { pool, url: url.clone(), opened })
    }

    pub(super) fn run<T>(&self, job: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if identity(&self.url) != self.opened {
            return Err(StoreError::Connection(GONE.to_owned()));
        }
        let mut conn = self.pool.get().map_err(|e| StoreError::Connection(e.to_string()))?;
        job(&mut Tx { conn: &mut conn })
    }
}

struct ReaderManager {
    url: DatabaseUrl,
    opened: Option<(u64, u64)>,
}

impl ManageConnection for ReaderManager {
    type Connection = AnyConnection;
    type Error = ReaderError;

    fn connect(&self) -> Result<AnyConnection, ReaderError> {
        if identity(&self.url) != self.opened {
            return Err(ReaderError(GONE.to_owned()));
        }
        let mut conn = establish(&self.url, "rw").map_err(|e| ReaderError(e.to_string()))?;
        conn.batch_execute(&format!("{LOCK_WAIT} PRAGMA query_only = ON; PRAGMA cache_size = -500;"))
            .map_err(|e| ReaderError(e.to_string()))?;
        Ok(AnyConnection::Sqlite(conn))
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), ReaderError> {
        conn.batch_execute("SELECT 1").map_err(|e| ReaderError(e.to_string()))
    }

    fn has_broken(&self, conn: &mut AnyConnection) -> bool {
        conn.depth() != 0
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ReaderError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_scheme_is_refused_with_what_to_write() {
        for url in ["postgres-typo", "sqlite:data.db", "mysql://x", "", "sqlite://", "sqlite://data/", "sqlite://a?mode=ro"] {
            let refusal = DatabaseUrl::parse(url).expect_err(url);
            assert!(refusal.contains("write sqlite://data/assent.db"), "{url}: {refusal}");
        }
        let relative = DatabaseUrl::parse("sqlite://data/assent.db").expect("valid");
        assert_eq!((relative.file(), relative.folder()), (Path::new("data/assent.db"), Path::new("data")));
        assert_eq!(DatabaseUrl::parse("sqlite://assent.db").expect("valid").folder(), Path::new("."));
        assert_eq!(DatabaseUrl::parse("sqlite:///srv/a.db").expect("valid").file(), Path::new("/srv/a.db"));
    }

    #[test]
    fn the_built_in_sqlite_is_one_that_loses_nothing() {
        let mut conn = SqliteConnection::establish(":memory:").expect("opens");
        check_version(&mut conn).expect("new enough");
    }
}
