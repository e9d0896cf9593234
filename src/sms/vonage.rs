//! Vonage: the SMS API for your own short code, the 2FA API for a shared one, and the webhooks of both.
//!
//! Owns the forms that we send and the meaning of every status. Must not send a secret or a code in a URL, or both kinds of
//! credentials at once. A refusal comes with HTTP 200, and a long text has one status per part. If only some parts were
//! accepted, the text doesn't count as sent, but it can't be sent again either.

pub mod settings;
pub mod signature;
mod webhook;

use serde_json::Value;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::http::{HttpClient, HttpReply, word};
use super::keywords::{AnsweredAs, Words};
use super::outcome::{SendOutcome, throttle_wait, with_words};
use super::params::Params;
use super::{SendRequest, SmsError, receipt_url};
use crate::secret::Secret;
pub use settings::Account;
use signature::sign;

/// The first part of the paths of our webhooks.
pub(super) const WEBHOOKS: &str = "/webhooks/vonage";
/// The keywords of Vonage's Opt-Out Assist.
pub(super) const KEYWORDS: Words = [
    (AnsweredAs::Stop, &["STOP", "END", "QUIT", "CANCEL", "UNSUBSCRIBE"]),
    (AnsweredAs::Start, &["START", "JOIN"]),
    (AnsweredAs::Help, &["HELP"]),
];
/// The longest receipt URL that Vonage accepts with a text.
const LONGEST_CALLBACK: usize = 100;
/// The longest `client-ref` that every account accepts.
const LONGEST_REFERENCE: usize = 40;

/// Our Vonage account, with the client that reaches it.
pub struct Vonage {
    http: HttpClient,
    account: Secret<Account>,
    /// Whether Vonage's own template supplies the text (US Short Codes, two-factor).
    two_factor: bool,
    callback: Option<String>,
}

impl Vonage {
    /// Connects to an account. `origin` is where Vonage can reach us, if it can.
    pub(super) fn new(account: Secret<Account>, two_factor: bool, origin: Option<&str>) -> Result<Self, SmsError> {
        // Vonage refuses a longer receipt URL, and the one that is set for the account works just as well.
        let callback = origin.map(|origin| receipt_url(origin, WEBHOOKS)).filter(|url| url.len() <= LONGEST_CALLBACK);
        Ok(Self { http: HttpClient::new()?, account, two_factor, callback })
    }

    /// Returns a copy that posts to this URL on this machine and has dummy secrets of the same length.
    pub(super) fn stand_in(&self, base_url: String) -> Result<Self, SmsError> {
        let account = Secret::new(self.account.reveal().with_dummy_secrets(base_url));
        Ok(Self { http: HttpClient::local()?, account, two_factor: self.two_factor, callback: self.callback.clone() })
    }

    /// Returns the name used in rows and logs.
    pub(super) const fn name(&self) -> &'static str {
        if self.two_factor { "vonage_2fa" } else { "vonage" }
    }

    /// Sends a text.
    pub(super) async fn send(&self, request: &SendRequest<'_>, now: OffsetDateTime) -> SendOutcome {
        let account = self.account.reveal();
        if self.two_factor {
            return send_two_factor(&self.http, account, request.to, request.text, request.reference, now).await;
        }
        send(&self.http, account, &SendRequest { callback: self.callback.as_deref(), ..*request }, now).await
    }

    /// Whether the owner wants conversions to be reported (`sms.vonage.report_conversions`).
    pub(super) const fn wants_conversions(&self) -> bool {
        self.account.reveal().report_conversions
    }

    /// Tells Vonage that the person used the code in that message.
    pub(super) async fn report_conversion(&self, message_id: &str, now: OffsetDateTime) -> Result<(), String> {
        report_conversion(&self.http, self.account.reveal(), message_id, now).await
    }
}

/// Builds the form for a text and, with an API secret, the Basic credentials.
fn sms_form(account: &Account, request: &SendRequest<'_>, now: OffsetDateTime) -> (Params, Option<(String, String)>) {
    let mut form = vec![
        pair("from", digits(request.from)),
        pair("to", digits(request.to)),
        pair("text", request.text),
        pair("type", if request.unicode { "unicode" } else { "text" }),
        pair("status-report-req", "1"),
    ];
    if let Some(life) = request.life {
        form.push(pair("ttl", &life.whole_milliseconds().clamp(20_000, 604_800_000).to_string()));
    }
    form.extend(request.callback.map(|callback| pair("callback", callback)));
    form.extend(client_ref(request.reference));
    authorized(account, form, now)
}

/// Builds the form for a code from the shared short code, whose wording the provider holds. The API has no other fields.
fn two_factor_form(
    account: &Account,
    to: &str,
    pin: &str,
    reference: &str,
    now: OffsetDateTime,
) -> (Params, Option<(String, String)>) {
    let mut form = vec![pair("to", digits(to)), pair("pin", pin)];
    form.extend(client_ref(reference));
    authorized(account, form, now)
}

/// Sends a text.
async fn send(client: &HttpClient, account: &Account, request: &SendRequest<'_>, now: OffsetDateTime) -> SendOutcome {
    let form = sms_form(account, request, now);
    match post(client, &format!("{}/sms/json", account.base_url), form).await {
        Ok(reply) => read_reply(&reply, false),
        Err(outcome) => outcome,
    }
}

/// Sends a code from the shared short code.
async fn send_two_factor(
    client: &HttpClient,
    account: &Account,
    to: &str,
    pin: &str,
    reference: &str,
    now: OffsetDateTime,
) -> SendOutcome {
    let form = two_factor_form(account, to, pin, reference, now);
    match post(client, &format!("{}/sc/us/2fa/json", account.base_url), form).await {
        Ok(reply) => read_reply(&reply, true),
        Err(outcome) => outcome,
    }
}

/// Tells Vonage that the person used the code in that message.
///
/// # Errors
/// If the report wasn't accepted. The person doesn't need to know about it.
async fn report_conversion(client: &HttpClient, account: &Account, message_id: &str, at: OffsetDateTime) -> Result<(), String> {
    let (mut query, auth) = authorized(account, vec![pair("message-id", message_id), pair("delivered", "true")], at);
    // Signed requests already have a `timestamp`, in seconds as the signature requires.
    if auth.is_some() {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        let at = at.to_offset(time::UtcOffset::UTC).format(format).map_err(|error| error.to_string())?;
        query.push(pair("timestamp", &at));
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&query).finish();
    let url = format!("{}/conversions/sms?{query}", account.conversions_base_url);
    let trouble = post(client, &url, (vec![], auth)).await.map_or_else(Some, |reply| reply.trouble());
    trouble.map_or(Ok(()), |outcome| Err(outcome.why().to_owned()))
}

/// Interprets the answer to a send. `two_factor` tells the APIs apart, since status 102 means something different in each.
fn read_reply(reply: &HttpReply, two_factor: bool) -> SendOutcome {
    if let Some(trouble) = reply.trouble() {
        return trouble;
    }
    let Some(json) = reply.json() else {
        return SendOutcome::Unreadable { why: "an answer that is not JSON".to_owned() };
    };
    let parts = json.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let (taken, failed): (Vec<&Value>, Vec<&Value>) = parts.iter().partition(|part| word(part, "status").as_deref() == Some("0"));
    let outcomes = failed.iter().map(|part| read_failure(part, reply.retry_after, two_factor));
    match outcomes.max_by_key(gravity) {
        None if taken.is_empty() => SendOutcome::Unreadable { why: "an answer without messages".to_owned() },
        None => SendOutcome::Accepted { ids: taken.iter().filter_map(|part| word(part, "message-id")).collect() },
        Some(worst) if taken.is_empty() => worst,
        Some(_) => {
            SendOutcome::Refused { why: format!("only {} of {} parts were taken", taken.len(), parts.len()), permanent: false }
        }
    }
}

async fn post(
    client: &HttpClient,
    url: &str,
    (form, auth): (Params, Option<(String, String)>),
) -> Result<HttpReply, SendOutcome> {
    let auth = auth.as_ref().map(|(key, secret)| (key.as_str(), secret.as_str()));
    client.post(url, auth, &form).await
}

/// Adds Basic credentials beside the form, or else key, time and signature inside it. Vonage answers both at once with status 32.
fn authorized(account: &Account, mut form: Params, now: OffsetDateTime) -> (Params, Option<(String, String)>) {
    if let Some(secret) = &account.api_secret {
        return (form, Some((account.api_key.clone(), secret.clone())));
    }
    form.push(pair("api_key", &account.api_key));
    form.push(pair("timestamp", &now.unix_timestamp().to_string()));
    if let Some(secret) = &account.signature_secret {
        let sig = sign(account.signature_method, secret, &form);
        form.push(("sig".to_owned(), sig));
    }
    (form, None)
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}

/// Older accounts refuse a text with a longer reference. Without one, receipts are still matched by the message's id.
fn client_ref(reference: &str) -> Option<(String, String)> {
    (1..=LONGEST_REFERENCE).contains(&reference.len()).then(|| pair("client-ref", reference))
}

/// Ranks an outcome by how much it matters to the owner, for parts that failed in different ways.
fn gravity(outcome: &SendOutcome) -> (u8, Duration) {
    match outcome {
        SendOutcome::Accepted { .. } | SendOutcome::Unknown { .. } => (0, Duration::ZERO),
        SendOutcome::TryAgain { .. } => (1, Duration::ZERO),
        SendOutcome::Throttled { wait, .. } => (2, *wait),
        SendOutcome::Unreadable { .. } => (3, Duration::ZERO),
        SendOutcome::Refused { permanent, .. } => (4 + u8::from(*permanent), Duration::ZERO),
        SendOutcome::OptedOut { .. } => (6, Duration::ZERO),
        SendOutcome::Misconfigured { .. } => (7, Duration::ZERO),
    }
}

fn read_failure(part: &Value, retry_after: Option<Duration>, two_factor: bool) -> SendOutcome {
    let Some(status) = word(part, "status").and_then(|status| status.parse::<u16>().ok()) else {
        return SendOutcome::Unreadable { why: "a message without a status".to_owned() };
    };
    let words = word(part, "error-text").unwrap_or_default();
    let why = |phrase: &str| format!("{phrase} (status {status})");
    let refused = |phrase, permanent| SendOutcome::Refused { why: why(phrase), permanent };
    let misconfigured = |phrase| SendOutcome::Misconfigured { why: with_words(&why(phrase), &words) };
    match status {
        1 => SendOutcome::Throttled { why: why("throttled"), wait: throttle_wait(&words, retry_after) },
        2 => misconfigured("a parameter is missing"),
        // One bad number must not look like a broken installation.
        3 if names_the_recipient(&words) => refused("number not accepted", false),
        3 => misconfigured("a parameter is not accepted"),
        4 => misconfigured("wrong credentials"),
        5 => SendOutcome::TryAgain { why: why("internal error at the provider") },
        6 => refused("no such number", true),
        7 => refused("number barred", true),
        8 => misconfigured("account suspended"),
        9 => misconfigured("no credit left"),
        10 => SendOutcome::TryAgain { why: why("too many connections at the provider") },
        11 => misconfigured("account not enabled for this API"),
        12 => refused("text too long", false),
        13 => SendOutcome::TryAgain { why: why("communication failed at the provider") },
        14 => misconfigured("wrong signature secret or method"),
        15 => misconfigured("sender not allowed"),
        16 => misconfigured("time to live not accepted"),
        19 => misconfigured("not allowed for this account"),
        20 => misconfigured("message class not accepted"),
        22 => refused("network code not accepted", false),
        23 => misconfigured("callback address not accepted"),
        29 => misconfigured("trial account, number not listed"),
        32 => misconfigured("two kinds of credentials at once"),
        33 => refused("number no longer in use", true),
        34 | 103 => refused("number not accepted", false),
        101 => misconfigured("no approved program"),
        102 if two_factor => SendOutcome::OptedOut { why: why("opted out of the program") },
        102 => misconfigured("short code does not belong to the program"),
        _ => refused("refused", false),
    }
}

/// Whether an error is about the recipient, as in "Missing to param" or "Invalid value for parameter: to".
fn names_the_recipient(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    words.contains("msisdn") || words.contains(" to param") || words.ends_with(" to")
}

#[cfg(test)]
mod tests;
