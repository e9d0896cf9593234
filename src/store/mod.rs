//! The facts: everything that is kept, and the only module that speaks to a database.
//!
//! Owns SQL, rows, atomicity and the group commit. Must not know rules ("is it expired?"), read the clock or send
//! anything. The surprise: a write closure may run more than once (so it is `FnMut`), shares its commit with other
//! callers' jobs, and is answered only after that commit is on disk.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

mod connection;
mod schema;
mod statements;
mod writer;

pub mod codes;
pub mod consents;
pub mod counts;
pub mod disclosures;
pub mod emails;
pub mod failures;
pub mod inbound_messages;
pub mod inbound_parts;
pub mod installation;
pub mod messages;
pub mod numbers;
pub mod outbox;
pub mod receipts;
pub mod retention;
pub mod subscribers;
pub mod verifications;

use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};
use tokio::sync::oneshot;

pub use connection::DatabaseUrl;
use connection::{AnyConnection, Readers};
pub use writer::Lane;
use writer::{Job, Refused, Writer};

/// An urgent job waits this long for room; a message from a phone is then left for its company to pass on again.
const URGENT_PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks.
const URGENT_LOOK: Duration = Duration::from_millis(20);

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue is full or the database's file is gone: try again later.
    #[error("the database cannot be reached: {0}")]
    Unavailable(&'static str),
    /// The store takes no more writes, since the process ends.
    #[error("the database cannot be reached: it is closing")]
    Closing,
    /// A job panicked; nothing of it was kept.
    #[error("a write panicked and was undone")]
    Panicked,
    /// A job gave up for a reason of its caller's; nothing of it was kept.
    #[error("a write was given up: {0}")]
    GaveUp(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row does not hold what its table promises.
    #[error("the database holds a row that makes no sense: {0}")]
    Corrupt(String),
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] diesel::result::Error),
    /// Another job of the same commit failed in a way that undid them all.
    #[error("the commit that this write was part of failed: {0}")]
    Batch(String),
    /// Another write came between this one's look and its change: it must run again.
    #[error("another write came between")]
    Raced,
    /// No connection could be had.
    #[error("no database connection could be had: {0}")]
    Connection(String),
    /// The migrations did not apply.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
    /// The database is not what the store relies on.
    #[error("the database cannot be used: {0}")]
    Unfit(String),
}

impl StoreError {
    /// Whether the same write may succeed a moment later: it failed because of the database, not because of what it does.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Batch(_) | Self::Connection(_) | Self::Raced => true,
            Self::Database(_) => !self.is_the_jobs_own(),
            Self::Closing | Self::Panicked | Self::GaveUp(_) | Self::Corrupt(_) | Self::Migration(_) | Self::Unfit(_) => false,
        }
    }

    /// Whether the error is the job's own (or a constraint's), so that the rest of its batch may go on.
    fn is_the_jobs_own(&self) -> bool {
        use diesel::result::DatabaseErrorKind as Kind;
        use diesel::result::Error;
        match self {
            Self::Panicked | Self::GaveUp(_) | Self::Corrupt(_) | Self::Raced => true,
            Self::Database(Error::DatabaseError(kind, _)) => {
                matches!(kind, Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation)
            }
            Self::Database(error) => {
                matches!(error, Error::NotFound | Error::DeserializationError(_) | Error::SerializationError(_))
            }
            _ => false,
        }
    }
}

/// A transaction. Only the functions of this module can do something with it.
pub struct Tx<'a> {
    conn: &'a mut AnyConnection,
}

/// The database of one installation. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Arc<Writer>,
    readers: Readers,
}

impl Store {
    /// Opens the database, creating its folder and file if they are absent, and applies pending migrations.
    ///
    /// # Errors
    /// When it cannot be opened, is not what the store relies on (WAL, `synchronous=FULL`, a sound SQLite), or cannot
    /// be migrated.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let mut conn = connection::create(url)?;
        connection::migrate(&mut conn)?;
        let readers = Readers::new(url)?;
        let writer = Arc::new(Writer::start(url.clone(), conn)?);
        Ok(Self { writer, readers })
    }

    /// Applies pending migrations and names them, oldest first.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
        connection::migrate(&mut connection::create(url)?)
    }

    /// Runs `job` in one transaction and answers once it is on disk. `job` may run more than once.
    ///
    /// # Errors
    /// The job's own error, or why the commit failed; then nothing of the job was kept.
    pub async fn write<T, F>(&self, lane: Lane, mut job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let mut job = Job {
            run: Box::new(move |tx| {
                let output = job(tx)?;
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(output);
                Ok(())
            }),
            finish: Box::new(move |result| {
                let output = filled.lock().unwrap_or_else(PoisonError::into_inner).take();
                let result = result.and_then(|()| output.ok_or(StoreError::Panicked));
                // The caller may have gone; what was committed stays committed.
                let _ = answer.send(result);
            }),
        };
        let mut waited = Duration::ZERO;
        while let Err(Refused { why, job: refused }) = self.writer.submit(lane, job) {
            // A phone is not turned away: only a store that stays full for long makes its company try again.
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
        answered.await.unwrap_or(Err(StoreError::Closing))
    }

    /// For tests: from now on every job runs twice, and the first run is undone, as when another job of its batch fails.
    #[doc(hidden)]
    pub fn run_every_job_twice(&self) {
        self.writer.run_twice();
    }

    /// Runs `job`, which cannot write. Each of its statements sees what was committed when it began. It runs where it is
    /// called, since a look takes microseconds and a trip to another thread takes longer, so it must be short.
    ///
    /// # Errors
    /// The job's own error, or that no connection could be had.
    #[expect(clippy::unused_async, reason = "a look at a database on another machine waits")]
    pub async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.readers.run(job)
    }

    /// Takes no more writes, finishes those that wait, and ends the writer.
    pub fn close(&self) {
        self.writer.close(writer::PATIENT);
    }

    /// The same, but gives up what is not done within `patience`.
    pub fn close_within(&self, patience: Duration) {
        self.writer.close(patience);
    }
}

/// A time as the database keeps it: UTC, without its offset.
fn db_time(at: OffsetDateTime) -> PrimitiveDateTime {
    let utc = at.to_offset(UtcOffset::UTC);
    PrimitiveDateTime::new(utc.date(), utc.time())
}

/// A time from the database.
const fn from_db_time(at: PrimitiveDateTime) -> OffsetDateTime {
    at.assume_utc()
}

/// Reads a stored word back, or says which one makes no sense.
fn word<T>(found: Option<T>, column: &str, text: &str) -> Result<T, StoreError> {
    found.ok_or_else(|| StoreError::Corrupt(format!("{column} is `{text}`")))
}
