//! One server per SQLite file: a lock that the operating system holds for as long as the process lives.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use crate::store::{DatabaseUrl, StoreError};

/// Held by a server until it ends, however it ends.
#[derive(Debug)]
pub struct ServerLock {
    _file: File,
}

/// Locks a SQLite database for this process; `None` for Postgres, which serves several.
///
/// # Errors
/// If another process serves it. The error names that process.
pub fn lock(url: &DatabaseUrl) -> Result<Option<ServerLock>, StoreError> {
    let Some(path) = path(url) else { return Ok(None) };
    let failed = |error: std::io::Error| StoreError::Connection(format!("{}: {error}", path.display()));
    if let Some(folder) = url.folder() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = std::fs::read_to_string(&path).unwrap_or_default();
            return Err(StoreError::Unfit(format!(
                "process {} serves it already: stop that one, or give this one a database of its own (database.url)",
                holder.trim()
            )));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed)?;
    Ok(Some(ServerLock { _file: file }))
}

/// Returns the other process that serves a SQLite database, if there is one.
pub(super) fn holder(url: &DatabaseUrl) -> Option<String> {
    let path = path(url)?;
    let file = File::open(&path).ok()?;
    let is_free = !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    let holder = std::fs::read_to_string(&path).ok()?.trim().to_owned();
    (!is_free && holder != std::process::id().to_string()).then_some(holder)
}

fn path(url: &DatabaseUrl) -> Option<PathBuf> {
    Some(PathBuf::from(format!("{}.lock", url.file()?.display())))
}
