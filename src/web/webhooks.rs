//! What the provider calls: texts from phones, and reports on ours.
//!
//! Owns which bytes are read, whose signature counts, and which status makes a provider try again. Must not decide what a text
//! means. A call that was read and stored gets a 2xx only after its commit. A failure of ours gets a 5xx, since a 4xx would lose
//! the text for good. GET has effects here, as Vonage requires, so HEAD is refused: a request that only looks must not act.

use rocket::data::{Data, ToByteUnit as _};
use rocket::http::uri::Origin;
use rocket::http::{ContentType, Status};
use rocket::{Route, get, post, routes};
use time::macros::format_description;

use crate::clock::random_bytes;
use crate::flow::notify::tell_of_webhook;
use crate::flow::parts::{PartOfMessage, receive_part};
use crate::flow::receipt::{is_ours, receipt};
use crate::flow::receive::{InboundContext, InboundMessage, MessageName, receive};
use crate::optin::phone::PhoneNumber;
use crate::sms::pairs::{self, NotPairs, Pairs};
use crate::sms::twilio::{self, SignedBody, TwilioSignatureError};
use crate::sms::vonage_signature::{self, SignatureError};
use crate::sms::{Receipt, derived_name, vonage};
use crate::store::emails::EmailKind;
use crate::web::errors::{Running, WebError};
use crate::web::guards::{Bearer, TwilioSignature};
use crate::web::headers::Answer;
use crate::web::requests::Quota;

/// The longest body that is read, in KiB. A text has at most 3,200 characters.
const LONGEST_BODY: u32 = 64;

/// Returns the webhooks of the provider in use. Those of other providers don't exist.
pub(super) fn routes_of(provider: &crate::sms::Provider) -> Vec<Route> {
    if provider.vonage().is_some() {
        routes![vonage_inbound, vonage_inbound_posted, vonage_receipt, vonage_receipt_posted]
    } else if provider.twilio().is_some() {
        routes![twilio_inbound, twilio_inbound_posted, twilio_receipt, twilio_receipt_posted]
    } else {
        Vec::new()
    }
}

#[get("/webhooks/vonage/inbound")]
async fn vonage_inbound(app: &Running, uri: &Origin<'_>) -> Result<Answer, WebError> {
    vonage_called(app, queried(uri)).await
}

#[post("/webhooks/vonage/inbound", data = "<body>")]
async fn vonage_inbound_posted(app: &Running, token: Bearer<'_>, body: Data<'_>) -> Result<Answer, WebError> {
    vonage_posted(app, &token, body).await
}

#[get("/webhooks/vonage/receipt")]
async fn vonage_receipt(app: &Running, uri: &Origin<'_>) -> Result<Answer, WebError> {
    vonage_called(app, queried(uri)).await
}

#[post("/webhooks/vonage/receipt", data = "<body>")]
async fn vonage_receipt_posted(app: &Running, token: Bearer<'_>, body: Data<'_>) -> Result<Answer, WebError> {
    vonage_posted(app, &token, body).await
}

#[get("/webhooks/twilio/inbound")]
async fn twilio_inbound(app: &Running, uri: &Origin<'_>, signature: TwilioSignature<'_>) -> Result<Answer, WebError> {
    twilio_text(app, twilio_pairs(app, uri, None, &signature).await?).await
}

#[post("/webhooks/twilio/inbound", data = "<body>")]
async fn twilio_inbound_posted(
    app: &Running,
    uri: &Origin<'_>,
    signature: TwilioSignature<'_>,
    body: Data<'_>,
) -> Result<Answer, WebError> {
    twilio_text(app, twilio_pairs(app, uri, Some(posted(body).await?), &signature).await?).await
}

#[get("/webhooks/twilio/receipt")]
async fn twilio_receipt(app: &Running, uri: &Origin<'_>, signature: TwilioSignature<'_>) -> Result<Answer, WebError> {
    twilio_report(app, uri, twilio_pairs(app, uri, None, &signature).await?).await
}

#[post("/webhooks/twilio/receipt", data = "<body>")]
async fn twilio_receipt_posted(
    app: &Running,
    uri: &Origin<'_>,
    signature: TwilioSignature<'_>,
    body: Data<'_>,
) -> Result<Answer, WebError> {
    twilio_report(app, uri, twilio_pairs(app, uri, Some(posted(body).await?), &signature).await?).await
}

/// Returns the pairs of a query. The query of a POST is ignored, because Vonage doesn't sign both.
fn queried(uri: &Origin<'_>) -> Pairs {
    uri.query().map(|query| pairs::of_query(query.as_str())).unwrap_or_default()
}

/// Reads a body, whatever type it claims to be.
async fn posted(body: Data<'_>) -> Result<Vec<u8>, WebError> {
    let read = body.open(LONGEST_BODY.kibibytes()).into_bytes().await.map_err(|_| Status::BadRequest)?;
    if !read.is_complete() {
        return Err(Status::PayloadTooLarge.into());
    }
    Ok(read.into_inner())
}

async fn vonage_posted(app: &Running, token: &Bearer<'_>, body: Data<'_>) -> Result<Answer, WebError> {
    match pairs::of_body(&posted(body).await?) {
        Ok(pairs) => vonage_called(app, pairs).await,
        Err(NotPairs::Malformed) => Err(Status::BadRequest.into()),
        Err(NotPairs::MessagesApi) => {
            let why = "Vonage sends texts in the form of its Messages API; choose \"SMS API\" in its dashboard, API settings, \
                       under \"Messaging API Type\" or \"Default SMS Setting\"";
            let vonage = app.provider.vonage().ok_or(Status::NotFound)?;
            let named = token.0.and_then(vonage::api_key_of_token);
            // If unsigned calls are accepted, anybody's count.
            let looks_real = vonage.account().signature_secret.is_none() || named.as_deref() == Some(&vonage.account().api_key);
            refused(app, EmailKind::OtherApi, why.to_owned(), looks_real).await?;
            // Not a refusal: once the setting is right, the call will count when Vonage repeats it.
            Err(Status::ServiceUnavailable.into())
        }
    }
}

/// Processes any call from Vonage: texts and reports may come in on either path.
async fn vonage_called(app: &Running, called: Pairs) -> Result<Answer, WebError> {
    // Vonage checks whether the URL answers before saving it.
    if called.is_empty() {
        return Ok(done());
    }
    let vonage = app.provider.vonage().ok_or(Status::NotFound)?;
    if let Some(secret) = &vonage.account().signature_secret {
        let (method, window) = (vonage.account().signature_method, app.config.sms.signature_max_age);
        if let Err(error) = vonage_signature::verify(method, secret, &called, app.clock.now(), window) {
            let why = match error {
                SignatureError::Missing => "a webhook without a signature was refused: have Vonage sign webhooks".to_owned(),
                SignatureError::Wrong => {
                    "a webhook with a wrong signature was refused: check sms.vonage.signature_secret and signature_method"
                        .to_owned()
                }
                SignatureError::Stale => format!(
                    "a webhook was refused for its age: see sms.vonage.signature_max_age_hours, and check this machine's clock, \
                     which says {}",
                    clock_says(app)
                ),
                SignatureError::Future => {
                    format!("a webhook from the future was refused: check this machine's clock, which says {}", clock_says(app))
                }
            };
            refused(app, EmailKind::Webhook, why, vonage_looks_real(app, &called).await?).await?;
            return Err(Status::Unauthorized.into());
        }
    }
    if vonage::is_receipt(&called) {
        return report(app, vonage::read_receipt(&called)).await;
    }
    let Some(text) = vonage::read_inbound(&called) else {
        tracing::warn!("a webhook of Vonage holds neither a text nor a report, and is passed over");
        return Ok(done());
    };
    let Some(from) = text.from.as_deref().and_then(PhoneNumber::from_stored) else {
        tracing::warn!("a text of a sender that is no phone number is passed over");
        return Ok(done());
    };
    let part = text.part.as_ref().map(|part| (part.reference.as_str(), part.number));
    let derived = text.time.as_deref().map(|time| derived_name(from.as_str(), &text.to, &text.text, time, part));
    let (provider_message_id, name) = named(text.message_id, derived);
    let context = InboundContext { to_another: is_another(app, &text.to), name, ..InboundContext::default() };
    let provider = app.provider.name();
    let message = InboundMessage { provider, provider_message_id, from, text: text.text, context };
    match text.part.filter(|_| name != MessageName::Missing) {
        Some(part) => {
            let (number, total) = (part.number.cast_signed(), part.total.cast_signed());
            let part = PartOfMessage { message, sent_to: text.to, reference: part.reference, part: number, parts: total };
            receive_part(app, part).await?
        }
        None => receive(app, message).await?,
    };
    Ok(done())
}

/// Returns the time as a log line shows it.
fn clock_says(app: &Running) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    app.clock.now().format(format).unwrap_or_default()
}

/// Returns whether a call without a valid signature looks like one of Vonage's: it names our account, or one of our texts by the
/// ID that Vonage gave it. Nobody else knows either.
async fn vonage_looks_real(app: &Running, called: &Pairs) -> Result<bool, WebError> {
    let account = app.provider.vonage().ok_or(Status::NotFound)?.account();
    if let Some(key) = pairs::value(called, "api-key") {
        return Ok(key == account.api_key);
    }
    match pairs::value(called, "messageId") {
        Some(name) => Ok(is_ours(app, name.to_owned()).await?),
        None => Ok(false),
    }
}

/// Returns the name to store a text under, and how far it can be trusted.
fn named(given: Option<String>, derived: Option<String>) -> (String, MessageName) {
    match (given, derived) {
        (Some(given), _) => (given, MessageName::Given),
        (None, Some(derived)) => (derived, MessageName::Derived),
        (None, None) => (format!("unnamed-{}", hex::encode(random_bytes::<16>())), MessageName::Missing),
    }
}

/// Returns the pairs that Twilio called with, if the signature is valid: those of the body, or of the query.
async fn twilio_pairs(
    app: &Running,
    uri: &Origin<'_>,
    body: Option<Vec<u8>>,
    signature: &TwilioSignature<'_>,
) -> Result<Pairs, WebError> {
    let twilio = app.provider.twilio().ok_or(Status::NotFound)?;
    // Twilio called our public URL, whatever a proxy turned it into.
    let url = format!("{}{uri}", app.config.site.base_url.origin().ascii_serialization());
    let called = match &body {
        Some(body) => pairs::of_body(body).map_err(|_| Status::BadRequest)?,
        None => queried(uri),
    };
    let signed = match &body {
        None => SignedBody::None,
        Some(body) if body.trim_ascii_start().starts_with(b"{") => SignedBody::Json(body),
        Some(_) => SignedBody::Form(&called),
    };
    let Err(error) = twilio::verify(twilio.account(), &url, signed, signature.given, signature.settings) else {
        return Ok(called);
    };
    let (why, status) = match error {
        TwilioSignatureError::Wrong => (
            "a webhook without Twilio's right signature was refused: check sms.twilio.auth_token, sms.twilio.shared_key_secret and \
             site.base_url",
            Status::Forbidden,
        ),
        // Not refusals: once the setting is there, the call will count when Twilio repeats it.
        TwilioSignatureError::NoSharedKey => (
            "Twilio signs webhooks with a shared key: write its secret as sms.twilio.shared_key_secret",
            Status::ServiceUnavailable,
        ),
        TwilioSignatureError::UnknownMethod => (
            "Twilio signs webhooks in a way that is not known here: choose HMAC_SHA256 for the shared key in Twilio's console",
            Status::ServiceUnavailable,
        ),
    };
    let looks_real = pairs::value(&called, "AccountSid") == Some(twilio.account().account_sid.as_str());
    refused(app, EmailKind::Webhook, why.to_owned(), looks_real).await?;
    Err(status.into())
}

async fn twilio_text(app: &Running, called: Pairs) -> Result<Answer, WebError> {
    let Some(text) = twilio::read_inbound(&called) else {
        tracing::warn!("a webhook of Twilio holds no text, and is passed over");
        return Ok(no_reply());
    };
    let Some(from) = text.from.as_deref().and_then(PhoneNumber::from_stored) else {
        tracing::warn!("a text of a sender that is no phone number is passed over");
        return Ok(no_reply());
    };
    // A Twilio Messaging Service sends from any number in its pool.
    let own_service = app.provider.twilio().and_then(|twilio| twilio.account().messaging_service_sid.as_deref());
    let to_another = is_another(app, &text.to) && (own_service.is_none() || text.service.as_deref() != own_service);
    // Twilio's webhooks carry no time, so a missing name can't be derived.
    let (provider_message_id, name) = named(text.message_id, None);
    let context = InboundContext { answered_as: text.answered_as, to_another, is_cut: false, name };
    let provider = app.provider.name();
    receive(app, InboundMessage { provider, provider_message_id, from, text: text.text, context }).await?;
    Ok(no_reply())
}

async fn twilio_report(app: &Running, uri: &Origin<'_>, called: Pairs) -> Result<Answer, WebError> {
    let reference = pairs::value(&queried(uri), "message").map(ToOwned::to_owned);
    let found = twilio::read_receipt(&called).map(|receipt| Receipt { reference, ..receipt });
    report(app, found).await?;
    Ok(no_reply())
}

async fn report(app: &Running, found: Option<Receipt>) -> Result<Answer, WebError> {
    match found {
        Some(found) => {
            receipt(app, found).await?;
        }
        None => tracing::warn!("a webhook for receipts holds none, and is passed over"),
    }
    Ok(done())
}

/// How many lines per second are logged about calls that can't be used.
static REFUSALS: Quota = Quota::per_second(20);

/// Logs a call that can't be used, and tells the owner if it looks like one of the provider's rather than a random probe.
async fn refused(app: &Running, kind: EmailKind, why: String, looks_real: bool) -> Result<(), WebError> {
    if REFUSALS.admits("refused webhooks") {
        tracing::warn!(looks_real, "{why}");
    }
    if looks_real {
        tell_of_webhook(app, kind, why).await?;
    }
    Ok(())
}

/// Returns whether a text was sent to a sender other than the program's, in either spelling.
fn is_another(app: &Running, to: &str) -> bool {
    to.trim_start_matches('+') != app.config.program.sender.trim_start_matches('+')
}

fn done() -> Answer {
    Answer::new(Status::Ok, ContentType::Plain, Vec::new())
}

/// Tells Twilio that there is no reply. Twilio would send a plain-text body to the phone.
fn no_reply() -> Answer {
    Answer::new(Status::Ok, ContentType::new("text", "xml"), b"<Response></Response>".to_vec())
}
