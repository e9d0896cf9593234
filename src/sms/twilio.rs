//! Twilio: sending texts, and its signed webhooks.
//!
//! Owns the form that we send and the meaning of every error code. Twilio keeps splitting error codes into narrower ones, so an
//! unknown code only ends this text and doesn't count toward closing the number.

pub mod settings;
pub mod signature;
mod webhook;

use super::http::{HttpClient, HttpReply, word};
use super::keywords::{AnsweredAs, Words};
use super::outcome::{Consequence, SendOutcome, throttle_wait, with_words};
use super::params::Params;
use super::{SendRequest, SmsError, receipt_url};
use crate::secret::Secret;
pub use settings::Account;

/// The first part of the paths of our webhooks.
pub(super) const WEBHOOKS: &str = "/webhooks/twilio";
/// Twilio's default keywords, for numbers that it handles. There, YES also means START, but none of our texts asks for a YES.
pub(super) const KEYWORDS: Words = [
    (AnsweredAs::Stop, &["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"]),
    (AnsweredAs::Start, &["START", "UNSTOP"]),
    (AnsweredAs::Help, &["HELP", "INFO"]),
];

/// Our Twilio account, with the client that reaches it.
pub struct Twilio {
    http: HttpClient,
    account: Secret<Account>,
    callback: Option<String>,
}

impl Twilio {
    /// Connects to an account. `origin` is where Twilio can reach us, if it can.
    pub(super) fn new(account: Secret<Account>, origin: Option<&str>) -> Result<Self, SmsError> {
        Ok(Self { http: HttpClient::new()?, account, callback: origin.map(|origin| receipt_url(origin, WEBHOOKS)) })
    }

    /// Returns a copy that posts to this URL on this machine and has dummy secrets of the same length.
    pub(super) fn stand_in(&self, base_url: String) -> Result<Self, SmsError> {
        let account = Secret::new(self.account.reveal().with_dummy_secrets(base_url));
        Ok(Self { http: HttpClient::local()?, account, callback: self.callback.clone() })
    }

    /// Sends a text.
    pub(super) async fn send(&self, request: &SendRequest<'_>) -> SendOutcome {
        // Twilio has no field for our reference, so it goes into the callback URL.
        let callback = self.callback.as_ref().map(|url| format!("{url}?message={}", request.reference));
        send(&self.http, self.account.reveal(), &SendRequest { callback: callback.as_deref(), ..*request }).await
    }
}

/// Builds the form for a text. Twilio picks the encoding itself and has no field for our reference.
fn sms_form(account: &Account, request: &SendRequest<'_>) -> Params {
    let sender = match &account.messaging_service_sid {
        Some(service) => ("MessagingServiceSid", service.as_str()),
        None => ("From", request.from),
    };
    let life = request.life.map(|life| life.whole_seconds().clamp(1, 36_000).to_string());
    let mut form = vec![("To", request.to), sender, ("Body", request.text)];
    form.extend(request.callback.map(|callback| ("StatusCallback", callback)));
    form.extend(life.as_deref().map(|seconds| ("ValidityPeriod", seconds)));
    form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Sends a text.
async fn send(client: &HttpClient, account: &Account, request: &SendRequest<'_>) -> SendOutcome {
    let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", account.base_url, account.account_sid);
    match client.post(&url, Some((&account.account_sid, &account.auth_token)), &sms_form(account, request)).await {
        Ok(reply) => read_reply(&reply),
        Err(outcome) => outcome,
    }
}

/// Interprets the answer to a send.
fn read_reply(reply: &HttpReply) -> SendOutcome {
    let trouble = reply.trouble();
    let json = reply.json().unwrap_or_default();
    let coded = |key, words| {
        let code = word(&json, key)?;
        Some(read_code(&code, &word(&json, words).unwrap_or_default(), reply))
    };
    match trouble {
        // The code of a refusal says more than its HTTP status, but an unknown code says less than 401, 403 or 404.
        Some(SendOutcome::Refused { .. }) => coded("code", "message").or(trouble),
        Some(SendOutcome::Misconfigured { .. }) => {
            coded("code", "message").filter(|outcome| !matches!(outcome, SendOutcome::Refused { .. })).or(trouble)
        }
        trouble => trouble.or_else(|| coded("error_code", "error_message")),
    }
    .unwrap_or_else(|| match word(&json, "sid") {
        Some(sid) => SendOutcome::Accepted { ids: vec![sid] },
        None => SendOutcome::Unreadable { why: "an answer without a message".to_owned() },
    })
}

fn read_code(code: &str, words: &str, reply: &HttpReply) -> SendOutcome {
    let (phrase, consequence) = read_error(code);
    let why = phrase.clone();
    match (code, consequence) {
        (_, Consequence::OptedOut) => SendOutcome::OptedOut { why },
        (_, Consequence::Permanent) => SendOutcome::Refused { why, permanent: true },
        (_, Consequence::Misconfigured) => SendOutcome::Misconfigured { why: with_words(&phrase, words) },
        ("20429", _) => SendOutcome::Throttled { why, wait: throttle_wait(words, reply.retry_after) },
        ("30001", _) => SendOutcome::TryAgain { why },
        _ => SendOutcome::Refused { why, permanent: false },
    }
}

fn read_error(code: &str) -> (String, Consequence) {
    let (phrase, consequence) = match code {
        "20003" => ("wrong credentials", Consequence::Misconfigured),
        "20404" => ("no such account or service", Consequence::Misconfigured),
        "20429" => ("throttled", Consequence::None),
        "21211" => ("no such number", Consequence::Permanent),
        "21408" => ("region not permitted for the account", Consequence::Misconfigured),
        "21606" => ("sender cannot send texts", Consequence::Misconfigured),
        "21608" => ("trial account, number not listed", Consequence::Misconfigured),
        "21610" => ("the person has asked for no more texts", Consequence::OptedOut),
        "21612" => ("no route to the number", Consequence::None),
        "21614" => ("number cannot get texts", Consequence::Permanent),
        "21635" => ("number is a landline", Consequence::Permanent),
        "30001" => ("the provider's queue is full", Consequence::None),
        "30002" => ("account suspended", Consequence::Misconfigured),
        "30003" => ("phone not reachable for now", Consequence::None),
        "30004" => ("blocked by the carrier", Consequence::Permanent),
        "30005" => ("phone unknown", Consequence::Permanent),
        "30006" => ("landline, or carrier not reachable", Consequence::Permanent),
        "30007" => ("stopped by a carrier's filter", Consequence::Misconfigured),
        "30008" => ("not delivered", Consequence::None),
        "30032" => ("toll-free number not verified", Consequence::Misconfigured),
        "30034" => ("number not registered with the carriers", Consequence::Misconfigured),
        // The code comes from outside, so it's only repeated if it looks like one.
        _ if (1..=5).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()) => ("not delivered", Consequence::None),
        _ => return ("not delivered".to_owned(), Consequence::None),
    };
    (format!("{phrase} (code {code})"), consequence)
}

#[cfg(test)]
mod tests;
