//! Vonage: the SMS API for your own short code, the 2FA API for a shared one, and the webhooks of both.
//!
//! Owns the forms that we send and the meaning of every status and error code. Must not send a secret or a code in a URL, or
//! both kinds of credentials at once. A refusal comes with HTTP 200, and a long text has one status per part. If only some parts
//! were accepted, the text doesn't count as sent, but it can't be sent again either.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::http::{HttpClient, HttpReply, word};
use super::outcome::{Consequence, Receipt, ReceiptState, SendOutcome, e164, throttle_wait, with_words};
use super::pairs::{Pairs, value};
use super::vonage_signature::{SignatureMethod, sign};

/// The longest `client-ref` that every account accepts.
const LONGEST_REFERENCE: usize = 40;
/// The most parts an inbound text can have to be of any use to us.
const MOST_PARTS: u32 = 20;

/// An account and its credentials: the API secret, or else signed requests.
#[derive(Clone)]
pub struct VonageAccount {
    /// The key that identifies the account.
    pub api_key: String,
    /// Its secret, for Basic authentication.
    pub api_secret: Option<String>,
    /// The signature secret, for webhooks and, if there's no API secret, for requests.
    pub signature_secret: Option<String>,
    /// How the account signs.
    pub signature_method: SignatureMethod,
    /// Where texts are posted, without a trailing slash; usually `https://rest.nexmo.com`.
    pub base_url: String,
    /// Where conversions are reported; usually `https://api.nexmo.com`.
    pub conversions_base_url: String,
}

/// A text to send.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The short code, or a number in E.164.
    pub from: &'a str,
    /// The recipient's number, in E.164.
    pub to: &'a str,
    /// The text itself.
    pub text: &'a str,
    /// Whether the text needs more than the GSM alphabet. Vonage doesn't detect this for us.
    pub unicode: bool,
    /// How long the carrier may keep trying to deliver it.
    pub life: Option<Duration>,
    /// Our reference for the text. It must not reveal anything about the person.
    pub reference: &'a str,
    /// Where receipts go, if not to the account's own URL.
    pub callback: Option<&'a str>,
}

/// An inbound text.
#[derive(Clone)]
pub struct Inbound {
    /// The provider's id of this part; `None` if it came without one.
    pub message_id: Option<String>,
    /// When the provider passed it on, in the provider's own format.
    pub time: Option<String>,
    /// The phone's number in E.164; `None` if the sender isn't a number.
    pub from: Option<String>,
    /// Our sender, as the provider writes it.
    pub to: String,
    /// The text itself; empty if it was binary.
    pub text: String,
    /// Which part of a longer text it is, if it's a part.
    pub part: Option<Part>,
}

/// A part's place in a longer text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The reference that the parts share. Carriers soon reuse it.
    pub reference: String,
    /// Counted from 1.
    pub number: u32,
    /// At least 2.
    pub total: u32,
}

/// Builds the form for a text and, with an API secret, the Basic credentials.
#[must_use]
pub fn sms_form(account: &VonageAccount, request: &Request<'_>, now: OffsetDateTime) -> (Pairs, Option<(String, String)>) {
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
    authorised(account, form, now)
}

/// Builds the form for a code from the shared short code, whose wording the provider holds. The API has no other fields.
#[must_use]
pub fn two_factor_form(
    account: &VonageAccount,
    to: &str,
    pin: &str,
    reference: &str,
    now: OffsetDateTime,
) -> (Pairs, Option<(String, String)>) {
    let mut form = vec![pair("to", digits(to)), pair("pin", pin)];
    form.extend(client_ref(reference));
    authorised(account, form, now)
}

/// Sends a text.
pub async fn send(client: &HttpClient, account: &VonageAccount, request: &Request<'_>, now: OffsetDateTime) -> SendOutcome {
    let form = sms_form(account, request, now);
    match post(client, &format!("{}/sms/json", account.base_url), form).await {
        Ok(reply) => read_reply(&reply, false),
        Err(outcome) => outcome,
    }
}

/// Sends a code from the shared short code.
pub async fn send_two_factor(
    client: &HttpClient,
    account: &VonageAccount,
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
pub async fn report_conversion(
    client: &HttpClient,
    account: &VonageAccount,
    message_id: &str,
    at: OffsetDateTime,
) -> Result<(), String> {
    let (mut query, auth) = authorised(account, vec![pair("message-id", message_id), pair("delivered", "true")], at);
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
#[must_use]
pub fn read_reply(reply: &HttpReply, two_factor: bool) -> SendOutcome {
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

/// Whether a webhook looks like a delivery receipt. Receipts and inbound texts may come to the same URL.
#[must_use]
pub fn is_receipt(pairs: &Pairs) -> bool {
    value(pairs, "text").is_none() && value(pairs, "status").is_some()
}

/// Reads an inbound text; `None` if the webhook is something else. `keyword` is ignored, since it's only the first word of one
/// part.
#[must_use]
pub fn read_inbound(pairs: &Pairs) -> Option<Inbound> {
    if is_receipt(pairs) {
        return None;
    }
    let binary = value(pairs, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("binary"));
    Some(Inbound {
        message_id: filled(pairs, "messageId").map(str::to_owned),
        time: filled(pairs, "message-timestamp").map(str::to_owned),
        from: e164(filled(pairs, "msisdn")?),
        to: value(pairs, "to").unwrap_or_default().to_owned(),
        text: value(pairs, "text").filter(|_| !binary).unwrap_or_default().to_owned(),
        part: read_part(pairs),
    })
}

/// Returns the API key that the token of a Messages API webhook names. The token isn't verified: the key only tells a call by
/// Vonage apart from a random probe, since nobody else knows it.
#[must_use]
pub fn api_key_of_token(authorization: &str) -> Option<String> {
    let payload = authorization.strip_prefix("Bearer ")?.split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    word(&serde_json::from_slice(&claims).ok()?, "api_key")
}

/// Reads a delivery receipt; `None` if the webhook is something else. Here, `msisdn` is the recipient.
#[must_use]
pub fn read_receipt(pairs: &Pairs) -> Option<Receipt> {
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

async fn post(client: &HttpClient, url: &str, (form, auth): (Pairs, Option<(String, String)>)) -> Result<HttpReply, SendOutcome> {
    let auth = auth.as_ref().map(|(key, secret)| (key.as_str(), secret.as_str()));
    client.post(url, auth, &form).await
}

/// Adds Basic credentials beside the form, or else key, time and signature inside it. Both at once would give status 32.
fn authorised(account: &VonageAccount, mut form: Pairs, now: OffsetDateTime) -> (Pairs, Option<(String, String)>) {
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

fn filled<'a>(pairs: &'a Pairs, key: &str) -> Option<&'a str> {
    value(pairs, key).filter(|value| !value.is_empty())
}

fn read_part(pairs: &Pairs) -> Option<Part> {
    let figure = |key| value(pairs, key)?.parse().ok();
    let (number, total): (u32, u32) = (figure("concat-part")?, figure("concat-total")?);
    let concat = value(pairs, "concat").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let sane = concat && (2..=MOST_PARTS).contains(&total) && (1..=total).contains(&number);
    filled(pairs, "concat-ref").filter(|_| sane).map(|reference| Part { reference: reference.to_owned(), number, total })
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
