//! What Vonage calls our webhooks with: texts from phones, and reports on ours.
//!
//! Either may come in on either URL. Nothing in a call says which method signed it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use time::OffsetDateTime;
use time::macros::format_description;

use super::Vonage;
use super::signature::{self, SignatureError};
use crate::sms::http::word;
use crate::sms::outcome::{Consequence, Receipt, ReceiptState, e164};
use crate::sms::params::{NotParams, Params, filled, value};
use crate::sms::webhook::{Call, Caller, Event, InboundText, Part, Rejection, derived_id};

/// The most parts of an inbound text that we join.
const MOST_PARTS: u32 = 20;

impl Vonage {
    /// Reads a call, if it can be trusted.
    pub(in super::super) fn read_call(&self, call: &Call<'_>, now: OffsetDateTime) -> Result<Event, Rejection> {
        let called = call.params().map_err(|error| match error {
            NotParams::Malformed => Rejection::unreadable(),
            NotParams::MessagesApi => self.other_api((call.header)("Authorization")),
        })?;
        // Vonage checks whether the URL answers before saving it.
        if called.is_empty() {
            return Ok(Event::Check);
        }
        self.verify(&called, now)?;
        if let Some(receipt) = read_receipt(&called) {
            return Ok(Event::Receipt(receipt));
        }
        Ok(read_inbound(&called).map_or(Event::Unusable("a webhook from Vonage holds neither a text nor a report"), Event::Text))
    }

    /// Checks the signature, if the account has a signature secret.
    fn verify(&self, called: &Params, now: OffsetDateTime) -> Result<(), Rejection> {
        let account = self.account.reveal();
        let Some(secret) = &account.signature_secret else { return Ok(()) };
        let Err(error) = signature::verify(account.signature_method, secret, called, now, account.signature_max_age) else {
            return Ok(());
        };
        let why = match error {
            SignatureError::Missing => "a webhook without a signature was refused: have Vonage sign webhooks".to_owned(),
            SignatureError::Wrong => {
                "a webhook with a wrong signature was refused: check sms.vonage.signature_secret and signature_method".to_owned()
            }
            SignatureError::Stale => format!(
                "a webhook was refused for its age: see sms.vonage.signature_max_age_hours, and check this machine's clock, which \
                 says {}",
                clock_says(now)
            ),
            SignatureError::Future => {
                format!("a webhook from the future was refused: check this machine's clock, which says {}", clock_says(now))
            }
        };
        // Nobody else knows our API key, or the ID that Vonage gave to one of our texts.
        let caller = match (value(called, "api-key"), value(called, "messageId")) {
            (Some(key), _) => self.caller_with(Some(key)),
            (None, Some(id)) if !id.contains('\0') => Caller::ProviderIfOurs(id.to_owned()),
            (None, _) => Caller::Anybody,
        };
        Err(Rejection::untrusted(401, why, caller))
    }

    /// Rejects a call in the form of the Messages API. With 503, Vonage repeats it once the setting is right.
    fn other_api(&self, authorization: Option<&str>) -> Rejection {
        let why = "Vonage sends texts in the form of its Messages API; choose \"SMS API\" in its dashboard, API settings, under \
                   \"Messaging API Type\" or \"Default SMS Setting\"";
        // Without a signature secret, nothing is checked, so every caller counts as the provider.
        let caller = match self.account.reveal().signature_secret {
            None => Caller::Provider,
            Some(_) => self.caller_with(authorization.and_then(api_key_of_token).as_deref()),
        };
        Rejection { is_other_api: true, ..Rejection::untrusted(503, why, caller) }
    }

    fn caller_with(&self, api_key: Option<&str>) -> Caller {
        if api_key == Some(&self.account.reveal().api_key) { Caller::Provider } else { Caller::Anybody }
    }
}

/// Returns the time as a log line shows it.
fn clock_says(now: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    now.format(format).unwrap_or_default()
}

/// Whether a webhook looks like a delivery receipt. Receipts and inbound texts may come to the same URL.
fn is_receipt(pairs: &Params) -> bool {
    value(pairs, "text").is_none() && value(pairs, "status").is_some()
}

/// Reads an inbound text; `None` if the webhook is something else. `keyword` is ignored, since it's only the first word of one
/// part.
fn read_inbound(pairs: &Params) -> Option<InboundText> {
    if is_receipt(pairs) {
        return None;
    }
    let binary = value(pairs, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("binary"));
    let from = e164(filled(pairs, "msisdn")?);
    let to = value(pairs, "to").unwrap_or_default().to_owned();
    let text = value(pairs, "text").filter(|_| !binary).unwrap_or_default().to_owned();
    let part = read_part(pairs);
    let place = part.as_ref().map(|part| (part.reference.as_str(), part.number));
    let derived = |time: &str| Some(derived_id(from.as_deref()?, &to, &text, time, place));
    Some(InboundText {
        message_id: filled(pairs, "messageId").map(str::to_owned),
        derived_id: filled(pairs, "message-timestamp").and_then(derived),
        from,
        to,
        to_own_pool: false,
        text,
        part,
        answered_as: None,
    })
}

/// Returns the API key that the token of a Messages API webhook names. The token isn't verified: the key only tells a call by
/// Vonage apart from a random probe, since nobody else knows it.
fn api_key_of_token(authorization: &str) -> Option<String> {
    let payload = authorization.strip_prefix("Bearer ")?.split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    word(&serde_json::from_slice(&claims).ok()?, "api_key")
}

/// Reads a delivery receipt; `None` if the webhook is something else. Here, `msisdn` is the recipient.
fn read_receipt(pairs: &Params) -> Option<Receipt> {
    if !is_receipt(pairs) {
        return None;
    }
    let status = value(pairs, "status")?.to_ascii_lowercase();
    let state = match status.as_str() {
        "delivered" => ReceiptState::Delivered,
        "failed" | "rejected" | "expired" => {
            let (why, consequence) = read_error(value(pairs, "err-code").unwrap_or_default(), &status);
            ReceiptState::Failed { why, consequence }
        }
        _ => ReceiptState::Underway,
    };
    Some(Receipt {
        message_id: filled(pairs, "messageId").map(str::to_owned),
        reference: filled(pairs, "client-ref").map(str::to_owned),
        phone: value(pairs, "msisdn").and_then(e164),
        state,
    })
}

fn read_part(pairs: &Params) -> Option<Part> {
    let figure = |key| value(pairs, key)?.parse().ok();
    let (number, total): (u32, u32) = (figure("concat-part")?, figure("concat-total")?);
    let concat = value(pairs, "concat").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let sane = concat && (2..=MOST_PARTS).contains(&total) && (1..=total).contains(&number);
    filled(pairs, "concat-ref").filter(|_| sane).map(|reference| Part { reference: reference.to_owned(), number, total })
}

fn read_error(code: &str, status: &str) -> (String, Consequence) {
    let (phrase, consequence) = match code {
        "2" => ("phone not reachable for now", Consequence::None),
        "3" => ("phone no longer reachable", Consequence::Permanent),
        "4" => ("barred by the person", Consequence::Permanent),
        "5" => ("number is being moved between carriers", Consequence::None),
        "6" => ("taken for spam", Consequence::Misconfigured),
        "7" => ("phone busy", Consequence::None),
        "8" => ("network error", Consequence::None),
        "9" => ("the person has asked for no more texts", Consequence::OptedOut),
        "10" => ("the carrier did not accept the message", Consequence::None),
        "11" => ("no route to the number", Consequence::None),
        "12" => ("number not reachable", Consequence::None),
        "13" => ("age restriction", Consequence::Permanent),
        "14" => ("blocked by the carrier", Consequence::Permanent),
        "15" => ("no funds on the phone", Consequence::None),
        "50" | "51" | "52" | "53" | "54" => ("stopped by a carrier's filter", Consequence::Misconfigured),
        "99" => ("general error on the route", Consequence::None),
        _ => {
            let phrase = match status {
                "expired" => "not delivered in time",
                "rejected" => "rejected by the carrier",
                _ => "not delivered",
            };
            (phrase, Consequence::None)
        }
    };
    // The code comes from outside, so it's only repeated if it looks like one.
    let is_code = (1..=4).contains(&code.len()) && code != "0" && code.bytes().all(|b| b.is_ascii_digit());
    (if is_code { format!("{phrase} (error {code})") } else { phrase.to_owned() }, consequence)
}

#[cfg(test)]
mod tests;
