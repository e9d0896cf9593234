//! What the SMS company calls: texts from phones, and reports on ours.
//!
//! Owns which bytes are read, whose signature counts, and the status that makes a company try again. Must not decide what
//! a text means. The surprise: a call that was read and kept answers 2xx only after its commit; a failure of ours answers
//! 5xx, since a 4xx would lose the text for good (PROVIDERS, trap 22).

use rocket::data::{Data, ToByteUnit as _};
use rocket::http::uri::Origin;
use rocket::http::{ContentType, Status};
use rocket::{Route, get, post, routes};

use crate::flow::notify::tell_of_webhook;
use crate::flow::parts::{PartOfMessage, receive_part};
use crate::flow::receipt::receipt;
use crate::flow::receive::{InboundContext, InboundMessage, receive};
use crate::optin::phone::PhoneNumber;
use crate::sms::pairs::{self, NotPairs, Pairs};
use crate::sms::twilio;
use crate::sms::vonage_signature::{self, SignatureError};
use crate::sms::{Receipt, vonage};
use crate::store::emails::EmailKind;
use crate::web::errors::{Running, WebError};
use crate::web::guards::TwilioSignature;
use crate::web::headers::Answer;

/// The longest body that is read: a text has 3,200 characters at most.
const LONGEST_BODY: u32 = 64;

/// The webhooks of the provider in use; the others do not exist.
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
    vonage_called(app, Ok(queried(uri))).await
}

#[post("/webhooks/vonage/inbound", data = "<body>")]
async fn vonage_inbound_posted(app: &Running, body: Data<'_>) -> Result<Answer, WebError> {
    vonage_called(app, posted(body).await?).await
}

#[get("/webhooks/vonage/receipt")]
async fn vonage_receipt(app: &Running, uri: &Origin<'_>) -> Result<Answer, WebError> {
    vonage_called(app, Ok(queried(uri))).await
}

#[post("/webhooks/vonage/receipt", data = "<body>")]
async fn vonage_receipt_posted(app: &Running, body: Data<'_>) -> Result<Answer, WebError> {
    vonage_called(app, posted(body).await?).await
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
    let body = posted(body).await?.map_err(|_| Status::BadRequest)?;
    twilio_text(app, twilio_pairs(app, uri, Some(body), &signature).await?).await
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
    let body = posted(body).await?.map_err(|_| Status::BadRequest)?;
    twilio_report(app, uri, twilio_pairs(app, uri, Some(body), &signature).await?).await
}

/// The pairs of a query. That of a POST is not looked at: Vonage does not sign both (trap 32).
fn queried(uri: &Origin<'_>) -> Pairs {
    uri.query().map(|query| pairs::of_query(query.as_str())).unwrap_or_default()
}

/// The pairs of a body, whatever type it says it is.
async fn posted(body: Data<'_>) -> Result<Result<Pairs, NotPairs>, WebError> {
    let read = body.open(LONGEST_BODY.kibibytes()).into_bytes().await.map_err(|_| Status::BadRequest)?;
    if !read.is_complete() {
        return Err(Status::PayloadTooLarge.into());
    }
    Ok(pairs::of_body(&read.into_inner()))
}

/// Whatever Vonage calls with: texts and reports may come on either path (PROVIDERS section 3.1).
async fn vonage_called(app: &Running, called: Result<Pairs, NotPairs>) -> Result<Answer, WebError> {
    let called = match called {
        Ok(pairs) => pairs,
        Err(NotPairs::MessagesApi) => {
            let why = "Vonage sends texts in the form of its Messages API; choose \"SMS API\" in its dashboard, API settings, \
                       under \"Messaging API Type\" or \"Default SMS Setting\"";
            tell_of_webhook(app, EmailKind::OtherApi, why).await?;
            // Not a refusal: once the setting is right, what is passed on again will count.
            return Err(Status::ServiceUnavailable.into());
        }
        Err(NotPairs::Malformed) => return Err(Status::BadRequest.into()),
    };
    // Vonage looks whether the URL answers before it saves it.
    if called.is_empty() {
        return Ok(done());
    }
    let vonage = app.provider.vonage().ok_or(Status::NotFound)?;
    if let Some(secret) = &vonage.account().signature_secret {
        let (method, window) = (vonage.account().signature_method, app.config.sms.signature_max_age);
        if let Err(error) = vonage_signature::verify(method, secret, &called, app.clock.now(), window) {
            let why = match error {
                SignatureError::Missing => "a webhook without a signature was refused: have Vonage sign webhooks",
                SignatureError::Wrong => {
                    "a webhook with a wrong signature was refused: check sms.vonage.signature_secret and signature_method"
                }
                SignatureError::Stale => "a webhook was refused for its age: see sms.vonage.signature_max_age_hours",
                SignatureError::Future => "a webhook from the future was refused: check this machine's clock",
            };
            // A stranger does not know the key; calls of some accounts do not name it.
            let key = pairs::value(&called, "api-key");
            let looks_real =
                key.map_or_else(|| pairs::value(&called, "messageId").is_some(), |key| key == vonage.account().api_key);
            refused(app, why, looks_real).await?;
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
    let context = InboundContext { to_another: is_another(app, &text.to), ..InboundContext::default() };
    let provider = app.provider.name();
    let message = InboundMessage { provider, provider_message_id: text.message_id, from, text: text.text, context };
    match text.part {
        Some(part) => {
            let (number, total) = (part.number.cast_signed(), part.total.cast_signed());
            let part = PartOfMessage { message, sent_to: text.to, reference: part.reference, part: number, parts: total };
            receive_part(app, part).await?
        }
        None => receive(app, message).await?,
    };
    Ok(done())
}

/// The pairs that Twilio called with, if the signature is right: those of the body, or of the query.
async fn twilio_pairs(
    app: &Running,
    uri: &Origin<'_>,
    body: Option<Pairs>,
    signature: &TwilioSignature<'_>,
) -> Result<Pairs, WebError> {
    let twilio = app.provider.twilio().ok_or(Status::NotFound)?;
    // What Twilio called is our public URL, whatever a proxy made of it.
    let url = format!("{}{uri}", app.config.site.base_url.origin().ascii_serialization());
    let signed = body.clone().unwrap_or_default();
    let right = signature.0.is_some_and(|given| twilio::verify(&twilio.account().auth_token, &url, &signed, given));
    if !right {
        let why = "a webhook without Twilio's right signature was refused: check sms.twilio.auth_token and site.base_url";
        let called_for = pairs::value(&signed, "AccountSid");
        refused(app, why, called_for == Some(twilio.account().account_sid.as_str())).await?;
        return Err(Status::Forbidden.into());
    }
    Ok(body.unwrap_or_else(|| queried(uri)))
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
    // A messaging service sends from any number of its pool.
    let own_service = app.provider.twilio().and_then(|twilio| twilio.account().messaging_service_sid.as_deref());
    let to_another = is_another(app, &text.to) && (own_service.is_none() || text.service.as_deref() != own_service);
    let context = InboundContext { answered_as: text.answered_as, to_another, is_cut: false };
    let provider = app.provider.name();
    receive(app, InboundMessage { provider, provider_message_id: text.message_id, from, text: text.text, context }).await?;
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

/// A call whose signature is not right: the owner is told if it looks like one of the company's, and not a stranger's knock.
async fn refused(app: &Running, why: &'static str, looks_real: bool) -> Result<(), WebError> {
    if looks_real {
        tell_of_webhook(app, EmailKind::Webhook, why).await?;
    } else {
        tracing::warn!("{why}");
    }
    Ok(())
}

/// Whether a text was sent to another sender than the program's, in either spelling.
fn is_another(app: &Running, to: &str) -> bool {
    to.trim_start_matches('+') != app.config.program.sender.trim_start_matches('+')
}

fn done() -> Answer {
    Answer::new(Status::Ok, ContentType::Plain, Vec::new())
}

/// To Twilio a plain text would be a text to send to the phone: only this says that there is none.
fn no_reply() -> Answer {
    Answer::new(Status::Ok, ContentType::new("text", "xml"), b"<Response></Response>".to_vec())
}
