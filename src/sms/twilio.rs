//! Twilio: sending texts, and its signed webhooks.
//!
//! Owns the form that we send, the meaning of every error code, and `X-Twilio-Signature`. Must not answer a webhook. Twilio may
//! sign a URL with or without its port, whichever it was given. It also splits its error codes over time, so an unknown code
//! only ends this text and doesn't count toward closing the number.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::answers::AnsweredAs;
use super::http::{HttpClient, HttpReply, word};
use super::outcome::{Consequence, Receipt, ReceiptState, SendOutcome, e164, throttle_wait, with_words};
use super::pairs::{Pairs, of_query, value};
use super::vonage::Request;

/// An account and its credentials.
#[derive(Clone)]
pub struct TwilioAccount {
    /// `AC…`.
    pub account_sid: String,
    /// Also signs webhooks, unless a shared key does.
    pub auth_token: String,
    /// The secret of the shared key that signs webhooks instead, if the account has one.
    pub shared_key_secret: Option<String>,
    /// `MG…`: sends texts in place of the number.
    pub messaging_service_sid: Option<String>,
    /// Where texts are posted, without a trailing slash; usually `https://api.twilio.com`.
    pub base_url: String,
}

/// A complete inbound text.
#[derive(Clone)]
pub struct TwilioInbound {
    /// `SM…`; `None` if it came without one.
    pub message_id: Option<String>,
    /// The phone's number in E.164; `None` if the sender isn't a number.
    pub from: Option<String>,
    /// Our sender, as the provider writes it.
    pub to: String,
    /// The text itself.
    pub text: String,
    /// The messaging service it came through.
    pub service: Option<String>,
    /// The keyword that Twilio has already answered itself, if any.
    pub answered_as: Option<AnsweredAs>,
}

/// Builds the form for a text. Twilio picks the encoding itself and has no field for our reference.
#[must_use]
pub fn sms_form(account: &TwilioAccount, request: &Request<'_>) -> Pairs {
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
pub async fn send(client: &HttpClient, account: &TwilioAccount, request: &Request<'_>) -> SendOutcome {
    let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", account.base_url, account.account_sid);
    match client.post(&url, Some((&account.account_sid, &account.auth_token)), &sms_form(account, request)).await {
        Ok(reply) => read_reply(&reply),
        Err(outcome) => outcome,
    }
}

/// Interprets the answer to a send.
#[must_use]
pub fn read_reply(reply: &HttpReply) -> SendOutcome {
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

/// Reads an inbound text; `None` if the webhook is something else.
#[must_use]
pub fn read_inbound(pairs: &Pairs) -> Option<TwilioInbound> {
    if value(pairs, "MessageStatus").is_some() {
        return None;
    }
    Some(TwilioInbound {
        message_id: ["MessageSid", "SmsMessageSid", "SmsSid"].into_iter().find_map(|key| filled(pairs, key)).map(str::to_owned),
        from: e164(filled(pairs, "From")?),
        to: value(pairs, "To").unwrap_or_default().to_owned(),
        text: value(pairs, "Body").unwrap_or_default().to_owned(),
        service: filled(pairs, "MessagingServiceSid").map(str::to_owned),
        answered_as: match value(pairs, "OptOutType").unwrap_or_default().to_ascii_uppercase().as_str() {
            "STOP" => Some(AnsweredAs::Stop),
            "START" => Some(AnsweredAs::Start),
            "HELP" => Some(AnsweredAs::Help),
            _ => None,
        },
    })
}

/// Reads a delivery receipt; `None` if the webhook is something else.
#[must_use]
pub fn read_receipt(pairs: &Pairs) -> Option<Receipt> {
    let state = match value(pairs, "MessageStatus")?.to_ascii_lowercase().as_str() {
        "delivered" | "read" => ReceiptState::Delivered,
        "failed" | "undelivered" | "canceled" => {
            let (why, consequence) = read_error(value(pairs, "ErrorCode").unwrap_or_default());
            ReceiptState::Failed { why, consequence }
        }
        _ => ReceiptState::Underway,
    };
    Some(Receipt {
        message_id: filled(pairs, "MessageSid").map(str::to_owned),
        reference: None,
        phone: value(pairs, "To").and_then(e164),
        state,
    })
}

/// The header that carries a webhook's signature.
pub const SIGNATURE_HEADER: &str = "X-Twilio-Signature";
/// The header that says which shared key made the signature, and how. It's absent if the auth token signed.
pub const SETTINGS_HEADER: &str = "X-Twilio-Webhooks-Signature-Settings";

/// Why a webhook isn't trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TwilioSignatureError {
    /// The signature is missing or doesn't match.
    #[error("the webhook's signature is missing or wrong")]
    Wrong,
    /// It was signed with a shared key, and we have none.
    #[error("the webhook is signed with a shared key")]
    NoSharedKey,
    /// It was signed with an unknown algorithm.
    #[error("the webhook is signed in an unknown way")]
    UnknownMethod,
}

/// A hash function used for signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureHash {
    /// HMAC-SHA-1, with the auth token.
    Sha1,
    /// HMAC-SHA-256, with a shared key.
    Sha256,
}

/// What a signature covers besides the URL.
#[derive(Debug, Clone, Copy)]
pub enum SignedBody<'a> {
    /// Nothing, for a GET.
    None,
    /// The fields of a form.
    Form(&'a Pairs),
    /// Raw bytes, whose hash is in the URL as `bodySHA256`.
    Json(&'a [u8]),
}

/// Computes a webhook's signature over its full URL and its form fields. A repeated field counts once for each distinct value.
#[must_use]
pub fn signature(hash: SignatureHash, key: &str, url: &str, pairs: &Pairs) -> String {
    let mut signed = url.to_owned();
    for (name, value) in pairs.iter().collect::<BTreeSet<_>>() {
        signed.extend([name.as_str(), value.as_str()]);
    }
    match hash {
        SignatureHash::Sha1 => BASE64_STANDARD.encode(keyed::<Hmac<Sha1>>(key, &signed)),
        SignatureHash::Sha256 => BASE64_STANDARD.encode(keyed::<Hmac<Sha256>>(key, &signed)),
    }
}

fn keyed<M: Mac + KeyInit>(key: &str, text: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Checks that a webhook was signed for this account, the way Twilio's own libraries do. `url` is the URL that Twilio called,
/// including its query; `given` and `settings` are the headers [`SIGNATURE_HEADER`] and [`SETTINGS_HEADER`].
///
/// # Errors
/// If the webhook can't be trusted, with the reason.
pub fn verify(
    account: &TwilioAccount,
    url: &str,
    body: SignedBody<'_>,
    given: Option<&str>,
    settings: Option<&str>,
) -> Result<(), TwilioSignatureError> {
    let settings = settings.map(str::trim).filter(|settings| !settings.is_empty());
    let hash = hash_of(settings.unwrap_or_default())?;
    let key = match settings {
        None => &account.auth_token,
        Some(_) => account.shared_key_secret.as_ref().ok_or(TwilioSignatureError::NoSharedKey)?,
    };
    let none = Pairs::new();
    let pairs = match body {
        SignedBody::Form(pairs) => pairs,
        SignedBody::None => &none,
        SignedBody::Json(bytes) if body_hash_fits(url, bytes) => &none,
        SignedBody::Json(_) => return Err(TwilioSignatureError::Wrong),
    };
    let given = given.ok_or(TwilioSignatureError::Wrong)?.as_bytes();
    let fits = |url: &String| bool::from(signature(hash, key, url, pairs).as_bytes().ct_eq(given));
    if port_variants(url).iter().any(fits) { Ok(()) } else { Err(TwilioSignatureError::Wrong) }
}

/// Returns the hash named in `key=..,algorithm=HMAC_SHA256`. If none is named, it's SHA-1, the original one.
fn hash_of(settings: &str) -> Result<SignatureHash, TwilioSignatureError> {
    let named = settings
        .split(',')
        .filter_map(|part| part.split_once('='))
        .find(|(name, value)| name.trim() == "algorithm" && !value.trim().is_empty());
    match named.map(|(_, value)| value.trim().to_ascii_uppercase()).as_deref() {
        None | Some("HMAC_SHA1") => Ok(SignatureHash::Sha1),
        Some("HMAC_SHA256") => Ok(SignatureHash::Sha256),
        Some(_) => Err(TwilioSignatureError::UnknownMethod),
    }
}

/// Whether the URL's `bodySHA256` is the hash of these bytes.
fn body_hash_fits(url: &str, bytes: &[u8]) -> bool {
    let query = url.split_once('?').map(|(_, query)| of_query(query)).unwrap_or_default();
    let hash = hex::encode(Sha256::digest(bytes));
    value(&query, "bodySHA256").is_some_and(|named| named.to_ascii_lowercase().as_bytes().ct_eq(hash.as_bytes()).into())
}

/// Returns the URL as it is, without a port, and with the standard port.
fn port_variants(url: &str) -> Vec<String> {
    let mut variants = vec![url.to_owned()];
    if let Some((scheme, rest)) = url.split_once("://") {
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
        let host = authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host);
        let standard = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        variants.push(format!("{scheme}://{host}{path}"));
        variants.push(format!("{scheme}://{host}:{standard}{path}"));
    }
    variants
}

fn filled<'a>(pairs: &'a Pairs, key: &str) -> Option<&'a str> {
    value(pairs, key).filter(|value| !value.is_empty())
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
