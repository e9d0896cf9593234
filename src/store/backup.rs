//! Copies SQLite's file while a server uses it (`assent backup`).
//!
//! The copy is one snapshot. It counts only once it's verified: until then, its name ends with `.partial`.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::copy::count_rows;
use crate::store::{DatabaseUrl, StoreError, Tx, connection, consents};

/// The longest pause between two reports of progress.
const LOOK: Duration = Duration::from_millis(500);

/// A verified backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackedUp {
    /// Its size.
    pub bytes: u64,
    /// Rows of all tables.
    pub rows: i64,
    /// Records in the chain of consents.
    pub records: i64,
}

/// Copies the database to a new file and verifies it: the file's integrity, its rows and the chain. `say` is called with the
/// bytes written so far and roughly how many there will be.
///
/// # Errors
/// If the file already exists, can't be written, or fails verification.
pub fn backup(url: &DatabaseUrl, to: &Path, say: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, StoreError> {
    let Some(source) = url.file() else {
        return Err(StoreError::Copy("Postgres has its own tools for this: pg_dump, or your provider's backups".to_owned()));
    };
    let failed = |what: &'static str| move |error: std::io::Error| StoreError::Copy(format!("{}: {what}: {error}", to.display()));
    if to.exists() {
        return Err(StoreError::Copy(format!("{} exists already: name a new file", to.display())));
    }
    let draft = PathBuf::from(format!("{}.partial", to.display()));
    // It holds phone numbers and IP addresses, so nobody else may read it.
    let made = fs::remove_file(&draft).or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) });
    let made = made.and_then(|()| fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft));
    made.map_err(failed("the backup can't be written"))?;
    let made = write_and_verify(url, source, &draft, say).inspect_err(|_| {
        // It may hold every phone number, and it isn't a backup.
        let _ = fs::remove_file(&draft);
    })?;
    fs::rename(&draft, to).map_err(failed("the backup can't be given its name"))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("the backup's folder can't be synced"))?;
    Ok(made)
}

fn write_and_verify(
    url: &DatabaseUrl,
    source: &Path,
    draft: &Path,
    say: &mut dyn FnMut(u64, u64),
) -> Result<BackedUp, StoreError> {
    let failed = |error: std::io::Error| StoreError::Copy(format!("the backup can't be written: {error}"));
    let whole = fs::metadata(source).map_or(0, |file| file.len());
    std::thread::scope(|threads| {
        let copying = threads.spawn(|| connection::vacuum_into(url, draft));
        while !copying.is_finished() {
            std::thread::sleep(LOOK.min(Duration::from_millis(whole / 1_000_000 + 5)));
            say(fs::metadata(draft).map_or(0, |file| file.len()), whole);
        }
        copying.join().unwrap_or(Err(StoreError::Panicked))
    })?;
    let copy = fs::File::open(draft).and_then(|file| file.sync_all().map(|()| file));
    let bytes = copy.and_then(|file| file.metadata()).map_err(failed)?.len();
    let mut conn = connection::open_to_read(&DatabaseUrl::Sqlite(draft.to_owned()))?;
    conn.check_integrity()?;
    let mut tx = Tx { conn: &mut conn };
    let rows = count_rows(&mut tx)?;
    let records = consents::verify_chain(&mut tx)?;
    Ok(BackedUp { bytes, rows, records })
}
