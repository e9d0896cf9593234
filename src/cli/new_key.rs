//! `assent new-key --yes`

use time::Duration;

use crate::cli::{Outcome, block_on, complain, existing_store, key_folder, say, settings};
use crate::clock::Clock;
use crate::flow::secret_key::{KeyFit, fit, replace};
use crate::keys;
use crate::store::installation;
use crate::store::lock::holder;

/// A heartbeat that's older than this comes from a server that has stopped.
const STALE: Duration = Duration::MINUTE;

const WHAT_DIES: &str = "Accepting another secret key invalidates every code that is on its way, every queued text that holds a code, and every \
                         browser's cookie: people in the middle of verifying start again. Subscribers, opt-outs and the ledger stay.";

pub(super) fn run(yes: bool) -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    if !yes {
        complain(&format!("{WHAT_DIES} Stop the server, then run `assent new-key --yes`."));
        return Ok(Outcome::Misconfigured);
    }
    if let Some(process) = holder(&config.database) {
        complain(&format!("process {process} is using {}: stop the server first, then run this again", config.database));
        return Ok(Outcome::Misconfigured);
    }
    let store = existing_store(&config)?;
    // Postgres has no lock to look at, but running instances write heartbeats.
    if config.database.file().is_none() {
        let now = Clock::system().now();
        let last = block_on(async { Ok(store.read(installation::last_beat).await?) })?;
        if last.is_some_and(|at| now - at < STALE) {
            complain(
                "a server wrote to this database less than a minute ago: stop every instance, wait a minute, and run this again",
            );
            return Ok(Outcome::Misconfigured);
        }
    }
    let secret = match &config.secret_key {
        Some(secret) => Some(secret.clone()),
        None => keys::load(key_folder(&config)?)?,
    };
    let made = secret.is_none();
    let secret = match secret {
        Some(secret) => secret,
        None => keys::create(key_folder(&config)?)?,
    };
    let said = block_on(async {
        Ok(match fit(&store, Some(&secret)).await? {
            KeyFit::Other(keys) => {
                let dropped = replace(&store, &keys).await?;
                let which = if made { "A new secret key was made and accepted." } else { "The secret key was accepted." };
                format!("{which} {WHAT_DIES} Queued texts dropped: {dropped}. Start the server again.")
            }
            KeyFit::Fits(_) | KeyFit::Fresh | KeyFit::Lost => {
                "The secret key is the one that the database was made with, so there is nothing to accept. To change it, stop the \
                 server, set another secret_key or move data/secret.key away, and run this again."
                    .to_owned()
            }
        })
    })?;
    store.close();
    say(&said);
    Ok(Outcome::Done)
}
