//! `assent backup FILE`

use std::path::Path;

use crate::cli::{Outcome, complain, say, settings};
use crate::store::backup::backup;

/// How many bytes are written between two lines of progress.
const A_LINE: u64 = 256 * 1024 * 1024;

pub(super) fn run(to: &Path) -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    let url = &config.database;
    if url.file().is_some_and(|file| !file.exists()) {
        complain(&format!("there is no database at {url}: run this in the server's folder and with its settings (database.url)"));
        return Ok(Outcome::Misconfigured);
    }
    let megabytes = |bytes: u64| bytes / (1024 * 1024);
    let mut next = A_LINE;
    let made = backup(url, to, &mut |done, whole| {
        if done >= next {
            say(&format!("{} MiB of about {} MiB", megabytes(done), megabytes(whole)));
            next = done + A_LINE;
        }
    })?;
    say(&format!(
        "Wrote and verified {}: {} KiB, {} rows, a chain of {} consents.",
        to.display(),
        made.bytes / 1024,
        made.rows,
        made.records
    ));
    say(
        "Keep the secret key too, but somewhere else. To restore, stop the server, copy the file to database.url's place, and remove \
         the -wal and -shm files beside it.",
    );
    Ok(Outcome::Done)
}
