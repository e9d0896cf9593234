//! One server per SQLite file: a lock that the operating system holds for as long as the process lives.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::{DatabaseUrl, StoreError};

/// Held by a server until it ends, however it ends.
#[derive(Debug)]
pub struct ServerLock {
    path: PathBuf,
    _file: File,
}

impl Drop for ServerLock {
    fn drop(&mut self) {
        held().remove(&self.path);
    }
}

/// The locks that this process holds. The process id in the file can't tell, because in containers every server is process 1.
static HELD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn held() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many times to try, and how long to pause in between. A command that checks who holds the lock briefly holds it itself.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(40);

/// Locks a SQLite database for this process; `None` for Postgres, which several may use.
///
/// # Errors
/// If another process serves it. The error names that process.
pub fn lock(url: &DatabaseUrl) -> Result<Option<ServerLock>, StoreError> {
    let failed = |place: &Path, error: std::io::Error| StoreError::Connection(format!("{}: {error}", place.display()));
    if let Some(folder) = url.folder() {
        // The folder holds phone numbers and the key, so it is private from the start.
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| failed(folder, error))?;
    }
    let Some(path) = path(url) else { return Ok(None) };
    let failed = |error: std::io::Error| failed(&path, error);
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed)?;
    let mut locked = file.try_lock();
    for _ in 1..TRIES {
        if !matches!(locked, Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(PAUSE);
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = std::fs::read_to_string(&path).unwrap_or_default();
            return Err(StoreError::Unfit(format!(
                "process {} is already using it: stop that one, or give this one a database of its own (database.url)",
                holder.trim()
            )));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed)?;
    held().insert(path.clone());
    Ok(Some(ServerLock { path, _file: file }))
}

/// Returns the other process that serves a SQLite database, if there is one.
#[must_use]
pub fn holder(url: &DatabaseUrl) -> Option<String> {
    let path = path(url)?;
    let file = File::open(&path).ok()?;
    let is_free = !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    let holder = std::fs::read_to_string(&path).ok()?.trim().to_owned();
    (!is_free && !held().contains(&path)).then_some(holder)
}

fn path(url: &DatabaseUrl) -> Option<PathBuf> {
    let file = url.file()?;
    // Whichever way the file is named, there's one lock.
    let real = file.canonicalize().or_else(|_| {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        Ok::<_, std::io::Error>(folder.canonicalize()?.join(file.file_name().unwrap_or_default()))
    });
    Some(PathBuf::from(format!("{}.lock", real.unwrap_or_else(|_| file.to_owned()).display())))
}
