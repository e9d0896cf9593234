//! The writers on Postgres: several threads, each with a connection of its own, that run one job in one transaction.
//!
//! Jobs about the same number, address or browser run one after the other, because they lock the same rows (`locks`). A job that
//! the database undid because of another one runs again: a closure that writes may run more than once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error};

use super::{Job, Shared, now};
use crate::causes::with_causes;
use crate::store::connection::{self, AnyConnection};
use crate::store::{DatabaseUrl, StoreError, Tx};

/// How many transactions an instance runs at the same time.
pub(super) const THREADS: usize = 8;
/// The most times a job runs.
const RUNS: u32 = 8;
/// A run that failed sooner than this may have been in a deadlock, which Postgres checks for after a second. One that failed
/// later has probably waited ten seconds for a lock, and doesn't run again.
const DEADLOCK: Duration = Duration::from_secs(9);
/// How long a thread without a connection waits before it takes another job.
const PAUSE: Duration = Duration::from_millis(200);

/// The body of one thread. Takes one job at a time, and ends when the queue is closed and empty.
pub(super) fn work(shared: &Shared, url: &DatabaseUrl, mut conn: Option<AnyConnection>) {
    while let Some(mut job) = next(shared) {
        let twice = shared.runs_twice.load(Ordering::Relaxed);
        let opened = match conn.take().and_then(begun) {
            Some(conn) => Ok(conn),
            // The database may have been restarted since this connection was used.
            None => {
                connection::reopen(url).and_then(|conn| begun(conn).ok_or(StoreError::Unavailable("no transaction could begin")))
            }
        };
        let result = match opened {
            Ok(mut opened) => {
                let result = run(&mut opened, &mut job, twice);
                if opened.depth() == 0 && result.as_ref().err().is_none_or(StoreError::is_the_jobs_own) {
                    conn = Some(opened);
                }
                result
            }
            Err(error) => {
                tracing::error!(%error, "the database could not be opened again");
                Err(StoreError::Connection(error.why()))
            }
        };
        let is_connected = conn.is_some();
        (job.finish)(result);
        if !is_connected {
            // Leave the next jobs to threads that have a connection.
            std::thread::sleep(PAUSE);
        }
    }
}

/// Waits for the next job.
fn next(shared: &Shared) -> Option<Job> {
    let mut queue = shared.lock();
    loop {
        if let Some(job) = queue.take_one() {
            return Some(job);
        }
        if queue.closed {
            return None;
        }
        queue = shared.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Begins a transaction, if the connection still works.
fn begun(mut conn: AnyConnection) -> Option<AnyConnection> {
    conn.begin_writing().ok().map(|()| conn)
}

/// Runs a job in the transaction that has begun, and commits it.
fn run(conn: &mut AnyConnection, job: &mut Job, twice: bool) -> Result<(), StoreError> {
    let mut runs = 1;
    if twice {
        let _ = catch_unwind(AssertUnwindSafe(|| (job.run)(&mut Tx { conn })));
        again(conn)?;
    }
    loop {
        let began = now();
        let ran = catch_unwind(AssertUnwindSafe(|| (job.run)(&mut Tx { conn }))).unwrap_or(Err(StoreError::Panicked));
        let done = ran.and_then(|()| Ok(conn.commit()?));
        let Err(error) = done else { return Ok(()) };
        if runs == RUNS || !came_between(&error, began.elapsed()) {
            if !error.is_the_jobs_own() {
                tracing::error!(why = with_causes(&error), "a write failed");
            }
            conn.roll_back_all();
            return Err(error);
        }
        runs += 1;
        again(conn)?;
    }
}

/// Rolls everything back and begins anew.
fn again(conn: &mut AnyConnection) -> Result<(), StoreError> {
    conn.roll_back_all();
    Ok(conn.begin_writing()?)
}

/// Returns whether another transaction caused this error, so that the job may succeed if it runs again.
fn came_between(error: &StoreError, after: Duration) -> bool {
    match error {
        StoreError::Raced
        | StoreError::Database(Error::DatabaseError(
            DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation,
            _,
        )) => true,
        // Diesel has no kind for a deadlock.
        StoreError::Database(Error::DatabaseError(DatabaseErrorKind::Unknown, _)) => after < DEADLOCK,
        _ => false,
    }
}
