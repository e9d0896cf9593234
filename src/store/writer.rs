//! The writer: one thread that owns the write connection and commits many callers' jobs at once.
//!
//! Owns the bounded queue and the batch. Must not know what a job does. Jobs run without savepoints first. Only if one of
//! them fails is the batch rolled back and run again with a savepoint for each. A panic has to be caught *inside* the
//! savepoint's closure, or Diesel's count of open transactions stays off by one and the commit commits nothing.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::Connection as _;

use crate::store::connection::{self, AnyConnection, DatabaseUrl};
use crate::store::{StoreError, Tx};

/// Jobs that one commit carries at most.
const BATCH: usize = 256;
/// Jobs that may wait. Each page that waits costs some 16 KiB with its request, so that a few thousand at once would take a
/// lot of memory to be told "later" in the end.
const ROOM: usize = 1_024;
/// Of that room, what is kept for urgent jobs: a full queue may turn a page away, never a STOP.
const ROOM_FOR_URGENT: usize = 256;

/// How often a closing writer is looked at.
const CLOSING_LOOK: Duration = Duration::from_millis(2);
/// Longer than any lock is waited for.
pub(super) const PATIENT: Duration = Duration::from_mins(1);

/// Callers who were answered together often ask again at once: for so long the writer lets them come, so that one commit
/// carries them all. Whoever is alone never waits.
const GATHER: Duration = Duration::from_micros(50);

/// So long an outcome waits for a commit to go along with.
const OUTCOMES_WAIT: Duration = Duration::from_millis(1);

/// Which jobs go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// What may be turned away and asked for again: pages, claims, the sweep.
    Pages,
    /// What has happened already and must not be lost: messages from phones, receipts. These go first and have room of their
    /// own.
    Urgent,
    /// What became of a text. It must not be lost either, but nobody waits for it: it goes with the next commit, or with one of
    /// its own a millisecond later.
    Outcomes,
}

/// A unit of work and whom to tell.
pub(super) struct Job {
    pub(super) run: Box<Run>,
    pub(super) finish: Box<Finish>,
}

/// A job that was not taken, and why.
pub(super) struct Refused {
    pub(super) why: &'static str,
    pub(super) job: Job,
}

/// What a job does.
type Run = dyn FnMut(&mut Tx<'_>) -> Result<(), StoreError> + Send;
/// Whom it tells.
type Finish = dyn FnOnce(Result<(), StoreError>) + Send;

#[derive(Default)]
struct Queue {
    urgent: VecDeque<Job>,
    pages: VecDeque<Job>,
    outcomes: VecDeque<Job>,
    /// When the oldest outcome goes alone.
    outcomes_at: Option<Instant>,
    closed: bool,
}

impl Queue {
    fn waiting(&self) -> usize {
        self.urgent.len() + self.pages.len() + self.outcomes.len()
    }

    /// Takes the next batch: outcomes go along with what somebody waits for.
    fn take(&mut self) -> Vec<Job> {
        let mut batch = Vec::with_capacity(self.waiting().min(BATCH));
        for lane in [&mut self.urgent, &mut self.outcomes, &mut self.pages] {
            let most = lane.len().min(BATCH - batch.len());
            batch.extend(lane.drain(..most));
        }
        if self.outcomes.is_empty() {
            self.outcomes_at = None;
        }
        batch
    }

    fn has_room(&self, lane: Lane) -> bool {
        match lane {
            Lane::Pages => self.waiting() < ROOM - ROOM_FOR_URGENT,
            Lane::Urgent | Lane::Outcomes => self.waiting() < ROOM,
        }
    }
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    /// Every batch is rolled back once and run again.
    runs_twice: AtomicBool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handle to the writer thread.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(url: DatabaseUrl, conn: AnyConnection) -> Result<Self, StoreError> {
        let shared =
            Arc::new(Shared { queue: Mutex::new(Queue::default()), arrived: Condvar::new(), runs_twice: AtomicBool::new(false) });
        let seen = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("assent-writer".to_owned())
            .spawn(move || work(&seen, &url, conn))
            .map_err(|e| StoreError::Connection(format!("the writer thread did not start: {e}")))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Puts a job into the queue, or says at once that there is no room.
    pub(super) fn submit(&self, lane: Lane, job: Job) -> Result<(), Refused> {
        let mut queue = self.shared.lock();
        if queue.closed {
            return Err(Refused { why: "it is closing", job });
        }
        if !queue.has_room(lane) {
            return Err(Refused { why: "too many writes wait", job });
        }
        match lane {
            Lane::Pages => queue.pages.push_back(job),
            Lane::Urgent => queue.urgent.push_back(job),
            Lane::Outcomes => {
                queue.outcomes.push_back(job);
                queue.outcomes_at.get_or_insert_with(|| now() + OUTCOMES_WAIT);
            }
        }
        drop(queue);
        self.shared.arrived.notify_one();
        Ok(())
    }

    /// From now on every batch runs twice, as if one of its jobs had failed.
    pub(super) fn run_twice(&self) {
        self.shared.runs_twice.store(true, Ordering::Relaxed);
    }

    /// Whether it takes no more jobs.
    pub(super) fn is_closed(&self) -> bool {
        self.shared.lock().closed
    }

    /// Takes no more jobs, and returns once those that wait are done, or after `patience`: another process may hold the
    /// database's lock for longer. What is not done by then was not acknowledged either.
    pub(super) fn close(&self, patience: Duration) {
        self.shared.lock().closed = true;
        self.shared.arrived.notify_one();
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let mut waited = Duration::ZERO;
        while !thread.is_finished() && waited < patience {
            std::thread::sleep(CLOSING_LOOK);
            waited += CLOSING_LOOK;
        }
        if !thread.is_finished() {
            tracing::warn!("the database is locked; the last writes are given up");
        } else if thread.join().is_err() {
            tracing::error!("the writer thread panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close(PATIENT);
    }
}

/// The thread: takes what waits, commits it, answers; ends when the queue is closed and empty.
fn work(shared: &Shared, url: &DatabaseUrl, conn: AnyConnection) {
    let mut conn = Some(conn);
    let opened = connection::identity(url);
    let mut together = false;
    loop {
        let batch = {
            let mut queue = shared.lock();
            loop {
                let nobody_waits = queue.urgent.is_empty() && queue.pages.is_empty();
                if !nobody_waits || (queue.closed && !queue.outcomes.is_empty()) {
                    break;
                }
                let Some(at) = queue.outcomes_at else {
                    if queue.closed {
                        return;
                    }
                    queue = shared.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
                    continue;
                };
                let left = at.saturating_duration_since(now());
                if left.is_zero() {
                    break;
                }
                queue = shared.arrived.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
            }
            let mut seen = 0;
            while together && seen < queue.waiting() && seen < BATCH {
                seen = queue.waiting();
                drop(queue);
                std::thread::sleep(GATHER);
                queue = shared.lock();
            }
            queue.take()
        };
        together = batch.len() > 1;
        // Writing on into a file that was moved away would acknowledge what nobody will ever find.
        if connection::identity(url) != opened {
            fail(batch, || StoreError::Unavailable("its file is gone"));
            conn = None;
            continue;
        }
        let open = match conn.take() {
            Some(conn) => Ok(conn),
            None => connection::reopen(url),
        };
        match open {
            Ok(mut opened) => {
                if commit_batch(&mut opened, batch, shared.runs_twice.load(Ordering::Relaxed)) {
                    conn = Some(opened);
                }
            }
            Err(error) => {
                tracing::error!(%error, "the database could not be opened again");
                fail(batch, || StoreError::Connection(error.to_string()));
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a thread waits is no time that a rule sees")]
fn now() -> Instant {
    Instant::now()
}

fn fail(batch: Vec<Job>, error: impl Fn() -> StoreError) {
    for job in batch {
        (job.finish)(Err(error()));
    }
}

/// Runs a batch in one transaction and answers each caller after the commit; with `twice`, what the first run did is undone. Says
/// whether the connection is still good.
fn commit_batch(conn: &mut AnyConnection, mut batch: Vec<Job>, twice: bool) -> bool {
    if let Err(error) = conn.begin_writing() {
        tracing::error!(%error, "a write transaction could not begin");
        fail(batch, || StoreError::Batch(error.to_string()));
        return false;
    }
    // Jobs hardly ever fail, and a savepoint for each costs three statements.
    let results = if batch.iter_mut().all(|job| run_bare(conn, job)) && !twice {
        batch.iter().map(|_| Ok(())).collect()
    } else {
        match run_apart(conn, &mut batch) {
            Ok(results) => results,
            Err(why) => {
                tracing::error!(why, "a batch of writes is undone");
                conn.roll_back_all();
                fail(batch, || StoreError::Batch(why.clone()));
                return false;
            }
        }
    };
    match conn.commit() {
        Ok(()) => {
            for (job, result) in batch.into_iter().zip(results) {
                (job.finish)(result);
            }
            true
        }
        Err(error) => {
            let why = chain(&StoreError::Database(error));
            tracing::error!(why, "a commit failed");
            let unsynced = why.contains("disk I/O error");
            conn.roll_back_all();
            fail(batch, || StoreError::Batch(why.clone()));
            if unsynced {
                // It may have been a failed sync, after which the kernel forgets what was not written: asking again
                // would be told "fine". Only a fresh process that reads the file anew knows what is there (DUR-4).
                tracing::error!("the disk may have lost a write; ending, so that a restart recovers");
                #[expect(clippy::exit, reason = "nothing in this process may go on after a failed sync")]
                std::process::exit(1);
            }
            false
        }
    }
}

/// Runs a job right in the batch's transaction. Says whether it succeeded; if not, the batch must be rolled back.
fn run_bare(conn: &mut AnyConnection, job: &mut Job) -> bool {
    let run = catch_unwind(AssertUnwindSafe(|| (job.run)(&mut Tx { conn })));
    matches!(run, Ok(Ok(()))) && conn.depth() == 1
}

/// Rolls the batch back and runs it again, each job in a savepoint, so that one that fails takes no other with it. An
/// error in words if nothing of the batch can be kept.
fn run_apart(conn: &mut AnyConnection, batch: &mut [Job]) -> Result<Vec<Result<(), StoreError>>, String> {
    conn.roll_back_all();
    conn.begin_writing().map_err(|error| error.to_string())?;
    let mut results = Vec::with_capacity(batch.len());
    for job in batch {
        let (result, first_cause) = run_in_savepoint(conn, job);
        let depth = conn.depth();
        match &result {
            // What SQLite undid by itself cannot be told from what it kept, so the whole batch is void.
            Err(error) if !error.is_the_jobs_own() => return Err(first_cause.unwrap_or_else(|| chain(error))),
            _ if depth != 1 => return Err(format!("the transaction depth is {depth}, not 1")),
            _ => results.push(result),
        }
    }
    Ok(results)
}

/// Runs a job; also gives what it failed of in words, since a savepoint that is gone would hide it behind its own error.
fn run_in_savepoint(conn: &mut AnyConnection, job: &mut Job) -> (Result<(), StoreError>, Option<String>) {
    let mut first_cause = None;
    let result = conn.transaction(|conn| {
        let run = catch_unwind(AssertUnwindSafe(|| (job.run)(&mut Tx { conn })));
        let result = run.unwrap_or(Err(StoreError::Panicked));
        first_cause = result.as_ref().err().map(chain);
        result
    });
    (result, first_cause)
}

/// An error with its causes, in one line.
fn chain(error: &StoreError) -> String {
    let mut line = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
