//! The pool of connections that can't write.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::r2d2::{ManageConnection, Pool};

use crate::store::connection::{AnyConnection, GONE, identity, open_to_read};
use crate::store::{DatabaseUrl, StoreError, Tx};

/// The most connections to SQLite's file. A page reads for microseconds, so a few connections serve many pages.
const SQLITE_READERS: u32 = 4;
/// The most connections to Postgres that read at the same time.
#[cfg(feature = "postgres")]
const POSTGRES_READERS: u32 = 8;
/// How long a caller waits for a reader.
const READER_WAIT: Duration = Duration::from_secs(2);

/// The pool.
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
        let most = match url {
            DatabaseUrl::Sqlite(_) => SQLITE_READERS,
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(_) => POSTGRES_READERS,
        };
        let pool = Pool::builder().max_size(most).min_idle(Some(1)).connection_timeout(READER_WAIT).test_on_check_out(false);
        let pool = pool.build(manager).map_err(|e| StoreError::Connection(e.to_string()))?;
        Ok(Self { pool, url: url.clone(), opened })
    }

    /// Whether a read waits for another machine, so that it must not run on a thread that answers requests.
    pub(super) fn are_far(&self) -> bool {
        self.url.file().is_none()
    }

    pub(super) fn run<T>(&self, job: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if identity(&self.url) != self.opened {
            return Err(StoreError::Connection(GONE.to_owned()));
        }
        let mut reader = self.pool.get().map_err(|e| StoreError::Connection(e.to_string()))?;
        let result = job(&mut Tx { conn: &mut reader.conn });
        reader.is_broken = result.as_ref().is_err_and(|error| !error.is_the_jobs_own());
        result
    }
}

/// A connection, and whether it has failed.
struct Reader {
    conn: AnyConnection,
    is_broken: bool,
}

struct ReaderManager {
    url: DatabaseUrl,
    opened: Option<(u64, u64)>,
}

impl ManageConnection for ReaderManager {
    type Connection = Reader;
    type Error = ReaderError;

    fn connect(&self) -> Result<Reader, ReaderError> {
        if identity(&self.url) != self.opened {
            return Err(ReaderError(GONE.to_owned()));
        }
        let conn = open_to_read(&self.url).map_err(|e| ReaderError(e.why()))?;
        Ok(Reader { conn, is_broken: false })
    }

    fn is_valid(&self, reader: &mut Reader) -> Result<(), ReaderError> {
        reader.conn.batch_execute("SELECT 1").map_err(|e| ReaderError(e.to_string()))
    }

    fn has_broken(&self, reader: &mut Reader) -> bool {
        reader.is_broken || reader.conn.depth() != 0
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ReaderError(String);
