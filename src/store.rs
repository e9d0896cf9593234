//! Everything that Assent stores. This is the only module that talks to a database.
//!
//! Owns SQL, rows, atomicity and the group commit. Must not know rules ("is it expired?"), read the clock or send anything. A
//! write closure may run more than once (so it is `FnMut`), and on SQLite it shares its commit with other callers' jobs. The
//! caller gets its answer only after that commit is on disk.

use diesel::Connection as _;
use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

mod connection;
#[cfg(feature = "postgres")]
mod postgres;
mod readers;
mod schema;
mod statements;
mod url;
mod writer;

pub mod backup;
pub mod codes;
pub mod consents;
pub mod copy;
pub mod counts;
pub mod disclosures;
pub mod emails;
pub mod failures;
pub mod inbound_messages;
pub mod inbound_parts;
pub mod installation;
pub mod lock;
pub mod locks;
pub mod messages;
pub mod numbers;
pub mod outbox;
pub mod receipts;
pub mod retention;
pub mod sessions;
pub mod subscribers;
pub mod verifications;

use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};
use tokio::sync::oneshot;

use connection::AnyConnection;
use readers::Readers;
pub use url::DatabaseUrl;
pub use writer::Lane;
use writer::{Job, Refused, Writer};

/// How long an urgent job waits for room in the queue. After that, a message from a phone is refused, and the provider has to
/// deliver it again.
const URGENT_PATIENCE: Duration = Duration::from_secs(10);
/// The longest that a caller waits for a database on another machine, which may hang without closing its connections. It's longer
/// than a statement may take there. What the caller gave up on is undone, unless its commit had already been sent.
const FAR_PATIENCE: Duration = Duration::from_secs(12);
/// How many times to try to migrate a database that another instance may be migrating, and how long to pause in between.
const MIGRATION_TRIES: u32 = 40;
const MIGRATION_PAUSE: Duration = Duration::from_millis(250);
/// How often an urgent job checks for room.
const URGENT_LOOK: Duration = Duration::from_millis(20);

/// Why a caller gave up on a database on another machine.
const SILENT: &str = "it does not answer";

/// The reasons a store operation can fail.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue is full or the database file is gone. Try again later.
    #[error("the database cannot be reached: {0}")]
    Unavailable(&'static str),
    /// The store accepts no more writes because the process is shutting down.
    #[error("the database cannot be reached: it is closing")]
    Closing,
    /// A job panicked. None of its changes were kept.
    #[error("a write panicked and was undone")]
    Panicked,
    /// A job gave up for a reason of the caller's. None of its changes were kept.
    #[error("a write was given up: {0}")]
    GaveUp(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row holds a value that its table should never contain.
    #[error("the database holds a row that makes no sense: {0}")]
    Corrupt(String),
    /// The database returned an error.
    #[error("the database refused")]
    Database(#[from] Error),
    /// The shared commit failed, so every job in it was rolled back.
    #[error("the commit that this write was part of failed: {0}")]
    Batch(String),
    /// Another write came between this job's read and its write. Run the job again.
    #[error("another write came between")]
    Raced,
    /// No connection was available.
    #[error("no database connection could be had: {0}")]
    Connection(String),
    /// The migrations could not be applied.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
    /// A copy can't be made.
    #[error("{0}")]
    Copy(String),
    /// The database doesn't meet the store's requirements.
    #[error("the database cannot be used: {0}")]
    Unfit(String),
}

impl StoreError {
    /// Returns whether the same write may succeed a moment later, because the database caused the failure and not the job itself.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Batch(_) | Self::Connection(_) | Self::Raced => true,
            Self::Database(_) => !self.is_the_jobs_own(),
            Self::Closing
            | Self::Panicked
            | Self::GaveUp(_)
            | Self::Corrupt(_)
            | Self::Migration(_)
            | Self::Copy(_)
            | Self::Unfit(_) => false,
        }
    }

    /// Returns why there's no connection, for another error of that kind.
    fn why(&self) -> String {
        match self {
            Self::Connection(why) => why.clone(),
            other => other.to_string(),
        }
    }

    /// Returns whether the job itself (or a constraint) caused the error, so that the rest of its batch can go on.
    fn is_the_jobs_own(&self) -> bool {
        match self {
            Self::Panicked | Self::GaveUp(_) | Self::Corrupt(_) | Self::Raced => true,
            Self::Database(Error::DatabaseError(kind, _)) => {
                matches!(
                    kind,
                    DatabaseErrorKind::UniqueViolation
                        | DatabaseErrorKind::ForeignKeyViolation
                        | DatabaseErrorKind::NotNullViolation
                        | DatabaseErrorKind::CheckViolation
                )
            }
            Self::Database(error) => {
                matches!(error, Error::NotFound | Error::DeserializationError(_) | Error::SerializationError(_))
            }
            _ => false,
        }
    }
}

/// A transaction. Only functions in this module can use it.
pub struct Tx<'a> {
    conn: &'a mut AnyConnection,
}

impl Tx<'_> {
    /// Returns whether other transactions run at the same time.
    const fn is_shared(&self) -> bool {
        !matches!(self.conn, AnyConnection::Sqlite(_))
    }

    /// Runs an insert in a savepoint of its own, since on Postgres a unique violation would abort the whole transaction. Returns
    /// `None` if the row is already there.
    fn insert_new<T>(&mut self, insert: impl FnOnce(&mut Tx<'_>) -> QueryResult<T>) -> Result<Option<T>, StoreError> {
        match self.conn.transaction(|conn| insert(&mut Tx { conn })) {
            Ok(inserted) => Ok(Some(inserted)),
            Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The database of one installation. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Arc<Writer>,
    readers: Readers,
}

impl Store {
    /// Opens the database, creates its folder and file if they don't exist, and applies pending migrations.
    ///
    /// # Errors
    /// Returns an error if the database can't be opened or migrated, or if it doesn't meet the store's requirements (WAL,
    /// `synchronous=FULL`, a recent enough SQLite).
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let mut conn = connection::create(url)?;
        bring_up_to_date(url, &mut conn)?;
        let readers = Readers::new(url)?;
        let writer = Arc::new(Writer::start(url.clone(), conn)?);
        Ok(Self { writer, readers })
    }

    /// Applies pending migrations and returns their names, oldest first.
    pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
        bring_up_to_date(url, &mut connection::create(url)?)
    }

    /// Runs `job` in one transaction and returns once it is on disk. `job` may run more than once.
    ///
    /// # Errors
    /// Returns the job's own error, or the reason the commit failed. Either way, nothing that the job wrote was kept. If a database
    /// on another machine doesn't answer in time, only a commit that was already sent may still be kept.
    pub async fn write<T, F>(&self, lane: Lane, mut job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let given_up = Arc::new(AtomicBool::new(false));
        let has_given_up = Arc::clone(&given_up);
        let mut job = Job {
            run: Box::new(move |tx| {
                let output = job(tx)?;
                if has_given_up.load(Ordering::Relaxed) {
                    return Err(StoreError::GaveUp("its caller stopped waiting".into()));
                }
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(output);
                Ok(())
            }),
            finish: Box::new(move |result| {
                let output = filled.lock().unwrap_or_else(PoisonError::into_inner).take();
                let result = result.and_then(|()| output.ok_or(StoreError::Panicked));
                // The caller may no longer be waiting. What was committed stays committed.
                let _ = answer.send(result);
            }),
        };
        let mut waited = Duration::ZERO;
        while let Err(Refused { why, job: refused }) = self.writer.submit(lane, job) {
            // Wait for room rather than turn a phone away. The provider has to try again only if the store stays full for long.
            if self.writer.is_closed() {
                return Err(StoreError::Closing);
            }
            if lane == Lane::Pages || waited >= URGENT_PATIENCE {
                return Err(StoreError::Unavailable(why));
            }
            tokio::time::sleep(URGENT_LOOK).await;
            waited += URGENT_LOOK;
            job = refused;
        }
        // Nobody waits for an outcome, and it must not be recorded twice.
        if !self.readers.are_far() || lane == Lane::Outcomes {
            return answered.await.unwrap_or(Err(StoreError::Closing));
        }
        match tokio::time::timeout(FAR_PATIENCE, answered).await {
            Ok(answer) => answer.unwrap_or(Err(StoreError::Closing)),
            Err(_) => {
                given_up.store(true, Ordering::Relaxed);
                Err(StoreError::Unavailable(SILENT))
            }
        }
    }

    /// For tests: makes every job run twice from now on. The first run is rolled back, as if another job in the batch had failed.
    #[doc(hidden)]
    pub fn run_every_job_twice(&self) {
        self.writer.run_twice();
    }

    /// Runs `job`, which can't write. Each of its statements sees what was committed when that statement began. On SQLite, the
    /// job must be short: it runs on the calling thread, because a read takes microseconds and a trip to another thread takes
    /// longer.
    ///
    /// # Errors
    /// Returns the job's own error, or an error if no connection was available.
    pub async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        if !self.readers.are_far() {
            return self.readers.run(job);
        }
        let readers = self.readers.clone();
        let read = tokio::task::spawn_blocking(move || readers.run(job));
        match tokio::time::timeout(FAR_PATIENCE, read).await {
            Ok(read) => read.unwrap_or(Err(StoreError::Panicked)),
            Err(_) => Err(StoreError::Unavailable(SILENT)),
        }
    }

    /// Stops accepting writes, finishes the ones that are waiting, and stops the writer.
    pub fn close(&self) {
        self.writer.close(writer::PATIENT);
    }

    /// Like [`Store::close`], but gives up on writes that aren't done within `patience`.
    pub fn close_within(&self, patience: Duration) {
        self.writer.close(patience);
    }
}

/// Applies pending migrations, unless an older server is using the database.
fn bring_up_to_date(url: &DatabaseUrl, conn: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    if let Some(process) = lock::holder(url)
        && connection::is_outdated(conn)?
    {
        return Err(StoreError::Unfit(format!(
            "process {process} serves it with an older version of Assent: stop that one first, then start this one, which brings the \
             database up to date"
        )));
    }
    for _ in 1..MIGRATION_TRIES {
        match connection::migrate(conn) {
            // Another instance that started at the same time did it first.
            Err(_) if connection::is_outdated(conn).is_ok_and(|is_outdated| !is_outdated) => return Ok(Vec::new()),
            // Or it's doing it now.
            Err(StoreError::Migration(why))
                if url.file().is_none() && (why.contains("duplicate key") || why.contains("already exists")) =>
            {
                std::thread::sleep(MIGRATION_PAUSE);
            }
            done => return done,
        }
    }
    connection::migrate(conn)
}

/// Returns the size of SQLite's write-ahead log in MiB.
#[must_use]
pub fn wal_mib(url: &DatabaseUrl) -> Option<u64> {
    let log = format!("{}-wal", url.file()?.display());
    std::fs::metadata(log).ok().map(|log| log.len() / (1024 * 1024))
}

/// Converts a time to the form that the database stores: UTC, without its offset.
fn db_time(at: OffsetDateTime) -> PrimitiveDateTime {
    let utc = at.to_offset(UtcOffset::UTC);
    PrimitiveDateTime::new(utc.date(), utc.time())
}

/// Converts a time from the database.
const fn from_db_time(at: PrimitiveDateTime) -> OffsetDateTime {
    at.assume_utc()
}

/// Returns the value of a stored word, or an error that names the invalid word and its column.
fn word<T>(found: Option<T>, column: &str, text: &str) -> Result<T, StoreError> {
    found.ok_or_else(|| StoreError::Corrupt(format!("{column} is `{text}`")))
}
