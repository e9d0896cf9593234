//! The writer: the bounded queue of jobs, and the threads that run and commit them.
//!
//! Must not know what a job does. On SQLite, one thread owns the write connection and commits many callers' jobs at once. Jobs
//! first run without savepoints. Only if one of them fails is the batch rolled back and run again, with a savepoint for each job.
//! A panic has to be caught *inside* the savepoint's closure. Otherwise Diesel's count of open transactions stays off by one and
//! the commit commits nothing. On Postgres, several threads run one job in one transaction each (`apart`).

mod apart;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::Connection as _;

use crate::causes::with_causes;
use crate::store::connection::{self, AnyConnection};
use crate::store::{DatabaseUrl, StoreError, Tx};

/// The most jobs in one commit.
const BATCH: usize = 256;
/// The most jobs that can wait. Each waiting page costs about 16 KiB with its request, so a few thousand at once would take a lot
/// of memory, only to be told to try again later.
const ROOM: usize = 1_024;
/// The part of that room that is reserved for urgent jobs. A full queue may turn a page away, but never a STOP.
const ROOM_FOR_URGENT: usize = 256;

/// How often `close` checks whether the writer has finished.
const CLOSING_LOOK: Duration = Duration::from_millis(2);
/// How long to wait for the writer when nobody says otherwise: longer than anyone waits for a lock.
pub(super) const PATIENT: Duration = Duration::from_mins(1);

/// How long the writer waits for more jobs after a batch of several. Callers who were answered together often ask again at the
/// same time, so one commit can carry them all. A single caller never waits.
const GATHER: Duration = Duration::from_micros(50);

/// How long an outcome waits for another commit that it can join.
const OUTCOMES_WAIT: Duration = Duration::from_millis(1);

/// Which jobs go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Jobs that can be turned away and tried again: pages, claims, the sweep.
    Pages,
    /// Events that have already happened and must not be lost: messages from phones, receipts. These go first and have room
    /// reserved for them.
    Urgent,
    /// The outcome of sending a text. It must not be lost either, but nobody waits for it, so it joins the next commit or gets
    /// one of its own a millisecond later.
    Outcomes,
}

/// A unit of work and the callback for its result.
pub(super) struct Job {
    pub(super) run: Box<Run>,
    pub(super) finish: Box<Finish>,
}

/// A job that was not accepted, and the reason.
pub(super) struct Refused {
    pub(super) why: &'static str,
    pub(super) job: Job,
}

/// The work that a job does.
type Run = dyn FnMut(&mut Tx<'_>) -> Result<(), StoreError> + Send;
/// The callback that receives the result.
type Finish = dyn FnOnce(Result<(), StoreError>) + Send;

#[derive(Default)]
struct Queue {
    urgent: VecDeque<Job>,
    pages: VecDeque<Job>,
    outcomes: VecDeque<Job>,
    /// When the oldest outcome stops waiting and gets a commit of its own.
    outcomes_at: Option<Instant>,
    closed: bool,
}

impl Queue {
    fn waiting(&self) -> usize {
        self.urgent.len() + self.pages.len() + self.outcomes.len()
    }

    /// Takes the next batch. Outcomes go along with the jobs that somebody is waiting for.
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

    /// Takes the job that goes next.
    fn take_one(&mut self) -> Option<Job> {
        [&mut self.urgent, &mut self.outcomes, &mut self.pages].into_iter().find_map(VecDeque::pop_front)
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
    /// For tests: every batch is rolled back once and run again.
    runs_twice: AtomicBool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handle to the writer threads.
pub(super) struct Writer {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(url: DatabaseUrl, conn: AnyConnection) -> Result<Self, StoreError> {
        let shared =
            Arc::new(Shared { queue: Mutex::new(Queue::default()), arrived: Condvar::new(), runs_twice: AtomicBool::new(false) });
        let is_shared = !matches!(conn, AnyConnection::Sqlite(_));
        let mut first = Some(conn);
        let mut threads = Vec::new();
        for n in 0..if is_shared { apart::THREADS } else { 1 } {
            let conn = Some(first.take().map_or_else(|| connection::reopen(&url), Ok)?);
            let (seen, url) = (Arc::clone(&shared), url.clone());
            let name = if is_shared { format!("assent-writer-{n}") } else { "assent-writer".to_owned() };
            let body = move || if is_shared { apart::work(&seen, &url, conn) } else { work(&seen, &url, conn) };
            let thread = std::thread::Builder::new().name(name).spawn(body);
            threads.push(thread.map_err(|e| StoreError::Connection(format!("the writer thread did not start: {e}")))?);
        }
        Ok(Self { shared, threads: Mutex::new(threads) })
    }

    /// Adds a job to the queue, or refuses it right away if there is no room.
    pub(super) fn submit(&self, lane: Lane, job: Job) -> Result<(), Refused> {
        let mut queue = self.shared.lock();
        if queue.closed {
            return Err(Refused { why: "it is closing", job });
        }
        if !queue.has_room(lane) {
            return Err(Refused { why: "too many writes are waiting", job });
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

    /// Makes every batch run twice from now on, as if one of its jobs had failed.
    pub(super) fn run_twice(&self) {
        self.shared.runs_twice.store(true, Ordering::Relaxed);
    }

    /// Returns whether the writer has stopped accepting jobs.
    pub(super) fn is_closed(&self) -> bool {
        self.shared.lock().closed
    }

    /// Stops accepting jobs and returns once the waiting ones are done, or after `patience`, because another process may hold the
    /// database lock for longer. Jobs that aren't done by then were never acknowledged.
    pub(super) fn close(&self, patience: Duration) {
        self.shared.lock().closed = true;
        self.shared.arrived.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let mut waited = Duration::ZERO;
        while !threads.iter().all(JoinHandle::is_finished) && waited < patience {
            std::thread::sleep(CLOSING_LOOK);
            waited += CLOSING_LOOK;
        }
        if !threads.iter().all(JoinHandle::is_finished) {
            tracing::warn!("the last writes didn't finish in time; giving up on them");
            return;
        }
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a writer thread panicked");
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close(PATIENT);
    }
}

/// The body of SQLite's writer thread. Takes the jobs that are waiting, commits them and answers their callers. Ends when the
/// queue is closed and empty.
fn work(shared: &Shared, url: &DatabaseUrl, mut conn: Option<AnyConnection>) {
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
        // If we kept writing to a file that was moved away, we would acknowledge data that nobody will ever find.
        if connection::identity(url) != opened {
            fail(batch, || StoreError::Unavailable(connection::GONE));
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
                fail(batch, || StoreError::Connection(error.why()));
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

/// Runs a batch in one transaction and answers each caller after the commit. With `twice`, the first run is rolled back. Returns
/// whether the connection is still good.
fn commit_batch(conn: &mut AnyConnection, mut batch: Vec<Job>, twice: bool) -> bool {
    if let Err(error) = conn.begin_writing() {
        tracing::error!(%error, "a write transaction could not begin");
        fail(batch, || StoreError::Batch(error.to_string()));
        return false;
    }
    // Jobs hardly ever fail, and a savepoint for each one would cost three statements.
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
            let why = with_causes(&StoreError::Database(error));
            tracing::error!(why, "a commit failed");
            let unsynced = why.contains("disk I/O error") && matches!(conn, AnyConnection::Sqlite(_));
            conn.roll_back_all();
            fail(batch, || StoreError::Batch(why.clone()));
            if unsynced {
                // This may have been a failed sync. After one, the kernel drops the unwritten data and reports success if we try
                // again. Only a new process that reads the file again knows what is there (DUR-4).
                tracing::error!("the disk may have lost a write; ending, so that a restart recovers");
                #[expect(clippy::exit, reason = "nothing in this process may go on after a failed sync")]
                std::process::exit(1);
            }
            false
        }
    }
}

/// Runs a job directly in the batch's transaction. Returns whether it succeeded. If it didn't, the batch must be rolled back.
fn run_bare(conn: &mut AnyConnection, job: &mut Job) -> bool {
    let run = catch_unwind(AssertUnwindSafe(|| (job.run)(&mut Tx { conn })));
    matches!(run, Ok(Ok(()))) && conn.depth() == 1
}

/// Rolls the batch back and runs it again with each job in its own savepoint, so that a failing job doesn't take others with it.
/// Returns an error message if nothing in the batch can be kept.
fn run_apart(conn: &mut AnyConnection, batch: &mut [Job]) -> Result<Vec<Result<(), StoreError>>, String> {
    conn.roll_back_all();
    conn.begin_writing().map_err(|error| error.to_string())?;
    let mut results = Vec::with_capacity(batch.len());
    for job in batch {
        let (result, first_cause) = run_in_savepoint(conn, job);
        let depth = conn.depth();
        match &result {
            // We can't tell what SQLite rolled back on its own from what it kept, so the whole batch is void.
            Err(error) if !error.is_the_jobs_own() => return Err(first_cause.unwrap_or_else(|| with_causes(error))),
            _ if depth != 1 => return Err(format!("the transaction depth is {depth}, not 1")),
            _ => results.push(result),
        }
    }
    Ok(results)
}

/// Runs a job in a savepoint. Also returns the job's own error as text, because a savepoint that is gone would hide it behind
/// another error.
fn run_in_savepoint(conn: &mut AnyConnection, job: &mut Job) -> (Result<(), StoreError>, Option<String>) {
    let mut first_cause = None;
    let result = conn.transaction(|conn| {
        let run = catch_unwind(AssertUnwindSafe(|| (job.run)(&mut Tx { conn })));
        let result = run.unwrap_or(Err(StoreError::Panicked));
        first_cause = result.as_ref().err().map(|error| with_causes(error));
        result
    });
    (result, first_cause)
}
