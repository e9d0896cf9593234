//! `assent migrate`

use crate::cli::{Outcome, say, settings};
use crate::store::Store;

pub(super) fn run() -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    let applied = Store::migrate(&config.database)?;
    for migration in &applied {
        say(&format!("applied {migration}"));
    }
    if applied.is_empty() {
        say("The database is up to date.");
    }
    Ok(Outcome::Done)
}
