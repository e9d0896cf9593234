//! The page of the simulated phones and their messages, for this machine only.

use rocket::form::{Errors, Form};
use rocket::http::{ContentType, Status};
use rocket::{FromForm, get, post};
use serde::Serialize;

use crate::clock::random_bytes;
use crate::flow::receive::{InboundContext, InboundMessage, receive};
use crate::optin::message::MessageKind;
use crate::optin::phone::PhoneNumber;
use crate::web::errors::{Running, WebError};
use crate::web::guards::{Locale, Loopback, SameOrigin};
use crate::web::headers::Answer;
use crate::web::views::{SimulatorView, iso};

/// What a phone texts.
#[derive(FromForm)]
pub(super) struct AnswerForm {
    from: Option<String>,
    text: Option<String>,
}

#[derive(Serialize)]
struct MessageJson {
    id: String,
    from: String,
    to: String,
    text: String,
    kind: Option<&'static str>,
    at: String,
}

/// Shows the phones.
#[get("/simulator")]
pub(super) fn phones(_here: Loopback, app: &Running, locale: Locale) -> Result<Answer, WebError> {
    show(app, &locale, Status::Ok, false)
}

fn show(app: &Running, locale: &Locale, status: Status, error: bool) -> Result<Answer, WebError> {
    let simulator = app.provider.simulator().ok_or(Status::NotFound)?;
    let view = SimulatorView::new(simulator.messages(None), error);
    Ok(Answer::page(status, app.render().page(&locale.0, "page/simulator.html", &view)?))
}

/// Returns the messages of one phone or of all, as JSON, oldest first.
#[get("/simulator/messages?<phone>")]
pub(super) fn messages(_here: Loopback, app: &Running, phone: Option<&str>) -> Result<Answer, WebError> {
    let simulator = app.provider.simulator().ok_or(Status::NotFound)?;
    let phone = match phone {
        None => None,
        Some(typed) => Some(PhoneNumber::parse(typed, &app.config.phones).map_err(|_| Status::UnprocessableEntity)?),
    };
    let found: Vec<MessageJson> = simulator
        .messages(phone.as_ref())
        .into_iter()
        .map(|message| {
            let (phone, sender) = (message.phone.as_str().to_owned(), message.sender);
            let (from, to) = if message.ours { (sender, phone) } else { (phone, sender) };
            MessageJson {
                id: message.id,
                from,
                to,
                text: message.text,
                kind: message.kind.map(MessageKind::as_str),
                at: iso(message.at),
            }
        })
        .collect();
    let json = serde_json::to_vec(&found).map_err(|_| Status::InternalServerError)?;
    Ok(Answer::new(Status::Ok, ContentType::JSON, json))
}

/// Acts as a phone that texts the short code, from a script.
#[post("/simulator/messages", data = "<form>")]
pub(super) async fn text_in(
    _here: Loopback,
    _own: SameOrigin,
    app: &Running,
    form: Result<Form<AnswerForm>, Errors<'_>>,
) -> Result<Answer, WebError> {
    let form = form.map_err(|errors| errors.status())?.into_inner();
    if take(app, &form).await? {
        Ok(Answer::new(Status::NoContent, ContentType::Plain, Vec::new()))
    } else {
        Err(Status::UnprocessableEntity.into())
    }
}

/// Acts as a phone that texts the short code, from the page.
#[post("/simulator", data = "<form>")]
pub(super) async fn answer(
    _here: Loopback,
    _own: SameOrigin,
    app: &Running,
    locale: Locale,
    form: Result<Form<AnswerForm>, Errors<'_>>,
) -> Result<Answer, WebError> {
    let form = form.map_err(|errors| errors.status())?.into_inner();
    if take(app, &form).await? {
        Ok(Answer::see_other("/simulator"))
    } else {
        show(app, &locale, Status::UnprocessableEntity, true)
    }
}

/// Processes a text. Returns whether the number is one that a phone here can have.
async fn take(app: &Running, form: &AnswerForm) -> Result<bool, WebError> {
    let simulator = app.provider.simulator().ok_or(Status::NotFound)?;
    let typed = form.from.as_deref().unwrap_or_default();
    let Ok(from) = PhoneNumber::parse(typed, &app.config.phones) else { return Ok(false) };
    let text = form.text.clone().unwrap_or_default();
    let id = format!("sim-in-{}", hex::encode(random_bytes::<8>()));
    simulator.show_answer(from.clone(), &app.config.program.sender, &text, id.clone(), app.clock.now());
    let message =
        InboundMessage { provider: app.provider.name(), provider_message_id: id, from, text, context: InboundContext::default() };
    receive(app, message).await?;
    Ok(true)
}
