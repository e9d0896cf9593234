//! `assent opt-out PHONE --words TEXT --channel email|phone|other`

use clap::ValueEnum;

use crate::cli::{Outcome, block_on, complain, existing_store, say, settings};
use crate::clock::Clock;
use crate::flow::opt_out::{OptOutRequest, opt_out};
use crate::optin::phone::{PhoneNumber, PhoneRules};

/// How the person said it.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Channel {
    Email,
    Phone,
    Other,
}

pub(super) fn run(phone: &str, words: String, channel: Channel) -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    let rules = PhoneRules { fictional: true, ..config.phones.clone() };
    // Any number that can text us, from anywhere, can opt out.
    let number = PhoneNumber::parse(phone, &rules).ok().or_else(|| PhoneNumber::from_stored(phone));
    let Some(phone) = number else {
        complain(&format!("`{phone}` isn't a phone number: write it with all its digits, such as +12025550123"));
        return Ok(Outcome::Misconfigured);
    };
    if words.trim().is_empty() {
        complain("--words is empty: write what the person said, for the record");
        return Ok(Outcome::Misconfigured);
    }
    let channel = match channel {
        Channel::Email => "email",
        Channel::Phone => "phone",
        Channel::Other => "other",
    };
    let store = existing_store(&config)?;
    let request = OptOutRequest { phone, words, channel, locale: config.default_locale, at: Clock::system().now() };
    let news = block_on(async { Ok(opt_out(&store, request).await?) })?;
    store.close();
    say(if news { "Opted out: this number gets no more texts." } else { "This number had opted out before." });
    Ok(Outcome::Done)
}
