//! What the provider calls: texts from phones, and reports on ours.
//!
//! Owns which bytes are read, what happens after each kind of call, and who is told about a call that can't be used. Must not
//! know any single provider, or decide what a text means. A call that was read and stored gets a 2xx only after its commit. A
//! failure of ours gets a 5xx, since a 4xx would lose the text for good. GET has effects here, because Vonage may call by GET.
//! HEAD must never have any, so it's refused.

use std::str::FromStr as _;

use rocket::data::{Data, ToByteUnit as _};
use rocket::http::{ContentType, Method, Status};
use rocket::route::{Handler, Outcome};
use rocket::{Request, Route, async_trait};

use crate::app::App;
use crate::clock::random_bytes;
use crate::flow::long_texts::{PartOfMessage, receive_part};
use crate::flow::notify::tell_of;
use crate::flow::receipt::{is_ours, receipt};
use crate::flow::receive::{InboundContext, InboundMessage, MessageName, receive};
use crate::flow::storable;
use crate::optin::phone::PhoneNumber;
use crate::sms::webhook::{Call, Caller, Endpoint, Event, InboundText, Rejection};
use crate::sms::{Provider, Receipt};
use crate::store::emails::EmailKind;
use crate::web::errors::{Running, WebError};
use crate::web::headers::Answer;
use crate::web::request_log::Quota;

/// The longest body that is read, in KiB. A text has at most 3,200 characters.
const LONGEST_BODY: u32 = 64;

/// Returns the webhooks of the provider in use. Those of other providers don't exist.
pub(super) fn routes_of(provider: &Provider) -> Vec<Route> {
    let Some(webhooks) = provider.webhooks() else { return Vec::new() };
    let endpoints = [("inbound", Endpoint::Inbound), ("receipt", Endpoint::Receipt)];
    let of_method =
        |method| endpoints.map(|(name, endpoint)| Route::new(method, &format!("{webhooks}/{name}"), Webhook(endpoint)));
    [of_method(Method::Get), of_method(Method::Post)].concat()
}

#[derive(Clone, Copy)]
struct Webhook(Endpoint);

#[async_trait]
impl Handler for Webhook {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        Outcome::from(request, self.called(request, data).await)
    }
}

impl Webhook {
    /// Reads the call and does what it says.
    async fn called(&self, request: &Request<'_>, data: Data<'_>) -> Result<Answer, WebError> {
        let app = request.guard::<&Running>().await.succeeded().ok_or(Status::InternalServerError)?;
        let body = if request.method() == Method::Post { Some(posted(data).await?) } else { None };
        match self.read(app, request, body.as_deref()) {
            Ok(Event::Check) => {}
            Ok(Event::Text(text)) => take_text(app, text).await?,
            Ok(Event::Receipt(report)) => {
                let message_id = report.message_id.map(storable);
                receipt(app, Receipt { message_id, ..report }).await?;
            }
            Ok(Event::Unusable(why)) => tracing::warn!("{why}, and was ignored"),
            Err(rejection) => return Err(reject(app, rejection).await?.into()),
        }
        let (body, media_type) = app.provider.acknowledgment();
        Ok(Answer::new(Status::Ok, ContentType::from_str(media_type).unwrap_or(ContentType::Plain), body.as_bytes().to_vec()))
    }

    fn read(self, app: &App, request: &Request<'_>, body: Option<&[u8]>) -> Result<Event, Rejection> {
        // The provider called our public URL, whatever a proxy turned it into.
        let url = format!("{}{}", app.config.site.base_url.origin().ascii_serialization(), request.uri());
        let header = |name: &str| request.headers().get_one(name);
        app.provider.read_call(&Call { endpoint: self.0, url: &url, body, header: &header }, app.clock.now())
    }
}

/// Reads a body, whatever type it claims to be.
async fn posted(body: Data<'_>) -> Result<Vec<u8>, WebError> {
    let read = body.open(LONGEST_BODY.kibibytes()).into_bytes().await.map_err(|_| Status::BadRequest)?;
    if !read.is_complete() {
        return Err(Status::PayloadTooLarge.into());
    }
    Ok(read.into_inner())
}

/// Takes in a text, or a part of one.
async fn take_text(app: &Running, text: InboundText) -> Result<(), WebError> {
    let Some(from) = text.from.as_deref().and_then(PhoneNumber::from_stored) else {
        tracing::warn!("a text was ignored because its sender isn't a phone number");
        return Ok(());
    };
    let (provider_message_id, name) = named(text.message_id.map(storable), text.derived_id);
    let to_another = !text.to_own_pool && is_another(app, &text.to);
    let context = InboundContext { answered_as: text.answered_as, to_another, is_cut: false, name };
    let message = InboundMessage { provider: app.provider.name(), provider_message_id, from, text: text.text, context };
    match text.part.filter(|_| name != MessageName::Missing) {
        Some(part) => {
            let (number, total) = (part.number.cast_signed(), part.total.cast_signed());
            let part = PartOfMessage {
                message,
                sent_to: storable(text.to),
                reference: storable(part.reference),
                part: number,
                parts: total,
            };
            receive_part(app, part).await?
        }
        None => receive(app, message).await?,
    };
    Ok(())
}

/// Returns the name to store a text under, and how far it can be trusted.
fn named(given: Option<String>, derived: Option<String>) -> (String, MessageName) {
    match (given, derived) {
        (Some(given), _) => (given, MessageName::Given),
        (None, Some(derived)) => (derived, MessageName::Derived),
        (None, None) => (format!("unnamed-{}", hex::encode(random_bytes::<16>())), MessageName::Missing),
    }
}

/// Returns whether a text was sent to a sender other than the program's, in either spelling.
fn is_another(app: &App, to: &str) -> bool {
    to.trim_start_matches('+') != app.config.program.sender.trim_start_matches('+')
}

/// How many lines per second are logged about calls that can't be used.
static REJECTIONS: Quota = Quota::per_second(20);

/// Logs a call that can't be used, and tells the owner if it looks like one of the provider's rather than a random probe. Returns
/// the status for the answer.
async fn reject(app: &Running, rejection: Rejection) -> Result<Status, WebError> {
    let looks_real = match rejection.caller {
        Caller::Provider => true,
        Caller::ProviderIfOurs(id) => is_ours(app, id).await?,
        Caller::Anybody => false,
    };
    let why = rejection.why;
    if REJECTIONS.admits("refused webhooks") {
        tracing::warn!(looks_real, "{why}");
    }
    if looks_real {
        let kind = if rejection.is_other_api { EmailKind::OtherApi } else { EmailKind::Webhook };
        tell_of(app, kind, why).await?;
    }
    Ok(Status::new(rejection.status))
}
