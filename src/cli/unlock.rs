//! `assent unlock PHONE`

use crate::cli::{Outcome, block_on, complain, existing_store, say, settings};
use crate::flow;
use crate::optin::phone::{PhoneNumber, PhoneRules};

pub(super) fn run(phone: &str) -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    let rules = PhoneRules { fictional: true, ..config.phones.clone() };
    let Ok(number) = PhoneNumber::parse(phone, &rules) else {
        complain(&format!(
            "`{phone}` isn't a number of {}: write it with all its digits, such as +12025550123",
            config.phones.regions.join(", ")
        ));
        return Ok(Outcome::Misconfigured);
    };
    let store = existing_store(&config)?;
    let had = block_on(async { Ok(flow::unlock::unlock(&store, number).await?) })?;
    store.close();
    say(if had { "Unlocked: typed codes work for this number again." } else { "This number had no failures." });
    Ok(Outcome::Done)
}
