//! `assent preview-link`

use crate::cli::{Outcome, existing_store, keys, say, settings};
use crate::clock::Clock;
use crate::web::preview::LINK_LIVES;

pub(super) fn run() -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    let store = existing_store(&config)?;
    let keys = keys(&config, &store)?;
    store.close();
    let Some(keys) = keys else { return Ok(Outcome::Misconfigured) };
    let key = keys.preview_key(Clock::system().now() + LINK_LIVES);
    let mut link = config.site.base_url.join("preview")?;
    link.set_query(Some(&format!("key={key}")));
    say(link.as_str());
    Ok(Outcome::Done)
}
