//! `assent copy-database --from URL --to URL`

use crate::cli::{Outcome, complain, say};
use crate::store::DatabaseUrl;
use crate::store::copy::copy;

/// How many rows are copied between two lines of progress.
const A_LINE: u64 = 100_000;

pub(super) fn run(from: &str, to: &str) -> anyhow::Result<Outcome> {
    let urls = [("--from", from), ("--to", to)]
        .map(|(name, url)| DatabaseUrl::parse(url).map_err(|why| complain(&format!("{name}: {why}"))));
    let [Ok(from), Ok(to)] = urls else { return Ok(Outcome::Misconfigured) };
    if from.file().is_some_and(|file| !file.exists()) {
        complain(&format!("--from: there is no database at {from}"));
        return Ok(Outcome::Misconfigured);
    }
    let mut next = A_LINE;
    let copied = copy(&from, &to, &mut |table, rows| {
        if rows >= next {
            say(&format!("{rows} rows so far, now {table}"));
            next = rows + A_LINE;
        }
    })?;
    say(&format!(
        "Copied {} rows from {from} to {to}. The counts are right, and so is the chain of {} consents.",
        copied.rows, copied.records
    ));
    say("Now point database.url at the new database, and give it the same secret key.");
    Ok(Outcome::Done)
}
