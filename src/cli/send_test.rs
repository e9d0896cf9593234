//! `assent send-test PHONE`

use std::sync::Arc;

use crate::app::{App, load_render};
use crate::cli::{Outcome, block_on, complain, keys, open_store, say, settings};
use crate::clock::Clock;
use crate::flow::send_test::{SendTestOutcome, send_test};
use crate::optin::phone::PhoneNumber;
use crate::sms::SendOutcome;

pub(super) fn run(phone: &str) -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    if config.sms.is_simulated() {
        complain("sms.provider is the simulator, whose phones live in the running server: name a real provider to test it");
        return Ok(Outcome::Misconfigured);
    }
    let Ok(phone) = PhoneNumber::parse(phone, &config.phones) else {
        complain(&format!("`{phone}` isn't a number that this program texts: write a mobile number of its program.regions"));
        return Ok(Outcome::Misconfigured);
    };
    let render = load_render(&config, std::collections::BTreeMap::new(), false)?;
    let store = open_store(&config)?;
    let Some(keys) = keys(&config, &store)? else { return Ok(Outcome::Misconfigured) };
    let app = Arc::new(App::new(config, store, keys, render, Clock::system())?);
    let outcome = block_on(async { Ok(send_test(&app, phone).await?) });
    app.store.close();
    let name = app.provider.name();
    match outcome? {
        SendTestOutcome::Asked(SendOutcome::Accepted { ids }) => {
            say(&format!("{name} took the text ({}); its receipt will tell whether it arrives", ids.join(", ")));
            return Ok(Outcome::Done);
        }
        SendTestOutcome::Asked(SendOutcome::TryAgain { why } | SendOutcome::Throttled { why, .. }) => {
            complain(&format!("{name} did not take the text now: {why}; a running server tries it again"));
        }
        SendTestOutcome::Asked(SendOutcome::Unknown { why }) => {
            complain(&format!("{name} did not answer: {why}; the text may still arrive"));
        }
        SendTestOutcome::Asked(SendOutcome::Unreadable { why }) => {
            complain(&format!("{name} sent an answer that cannot be read: {why}; check sms.*.base_url and any proxy in between"));
        }
        SendTestOutcome::Asked(SendOutcome::Refused { why, .. }) => {
            complain(&format!("{name} refused this number or text: {why}"));
        }
        SendTestOutcome::Asked(SendOutcome::OptedOut { why }) => {
            complain(&format!("{name} says that this number opted out ({why}), which is recorded: it gets nothing anymore"));
        }
        SendTestOutcome::Asked(SendOutcome::Misconfigured { why }) => {
            complain(&format!("{name} refuses us: {why}; compare the settings (assent check) with its dashboard"));
        }
        SendTestOutcome::NotEntitled => {
            complain("this number opted out or is closed, and gets nothing until it texts START to the sender");
        }
    }
    Ok(Outcome::Findings)
}
