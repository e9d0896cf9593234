//! The forms that change something. Each one first checks that the request comes from our own page.

use rocket::form::{Errors, Form};
use rocket::http::{CookieJar, Status};
use rocket::{FromForm, State, post};

use crate::flow::confirm::{ConfirmOutcome, ConfirmRequest, confirm};
use crate::flow::resend::resend as ask_again;
use crate::flow::sessions::{self, Session, Ticket};
use crate::flow::start::{StartOutcome, StartRequest, start as ask};
use crate::flow::status::{BrowserStatus, status};
use crate::flow::{FlowError, storable};
use crate::optin::consent::Evidence;
use crate::optin::phone::PhoneNumber;
use crate::optin::session::SessionState;
use crate::web::errors::{Running, WebError};
use crate::web::guards::{Address, Locale, Reference, SameOrigin, Token, UserAgent};
use crate::web::headers::{Answer, RETRY_SECONDS};
use crate::web::pages::{code_page, page_of, session_ended};
use crate::web::prerender::Published;
use crate::web::views::{ErrorView, FormError, StartView, shown_number, wait_words, whole_seconds_up};

/// The opt-in form as submitted.
#[derive(FromForm)]
pub(super) struct StartForm {
    phone: Option<String>,
    consent: Option<String>,
    disclosure: Option<String>,
    lang: Option<String>,
    session: Option<String>,
}

/// The code form as submitted.
#[derive(FromForm)]
pub(super) struct CodeForm {
    code: Option<String>,
    verification: Option<String>,
}

type Sent<'r, T> = Result<Form<T>, Errors<'r>>;

/// A person asks for a code.
#[post("/start", data = "<form>")]
#[expect(clippy::too_many_arguments, reason = "each is a guard that Rocket hands in")]
pub(super) async fn start(
    _own: SameOrigin,
    app: &Running,
    published: &State<Published>,
    token: Token,
    jar: &CookieJar<'_>,
    address: Address,
    agent: UserAgent,
    preferred: Locale,
    form: Sent<'_, StartForm>,
) -> Result<Answer, WebError> {
    let form = form.map_err(|errors| errors.status())?.into_inner();
    let browser = token.browser_or_new(&app.config, jar);
    let pages = published.now();
    let named = form.disclosure.filter(|hash| !hash.is_empty()).map(storable);
    // The page that the person saw decides the language.
    let of_page = named.as_deref().and_then(|hash| pages.locale_of(hash)).map(ToOwned::to_owned);
    let lang = of_page.or_else(|| form.lang.filter(|lang| app.config.locales.contains(lang))).unwrap_or(preferred.0);
    // No database keeps a NUL, and no number has one.
    let typed = form.phone.unwrap_or_default().replace('\0', "");
    let consented = form.consent.as_deref() == Some("yes");
    let ticket = ticket_of(form.session, &token);
    let session = session_of(app, ticket.as_ref()).await?;
    // A number that the site has on file counts, whatever the field says: comparing the two would give the hidden digits away.
    let on_file = session.as_ref().and_then(|session| session.phone.as_ref());
    let typed_in_full = on_file.map_or_else(|| typed.clone(), PhoneNumber::national);
    let page = |status: Status, consent: bool, errors: Vec<FormError>| -> Result<Answer, WebError> {
        let fresh = session.as_ref().map_or_else(StartView::fresh, StartView::of_session);
        let phone = if on_file.is_some() { fresh.phone } else { typed.clone() };
        let view = StartView { phone, consent, errors, ..fresh };
        page_of(app, status, &lang, "page/start.html", &view, session.as_ref())
    };

    let phone = match number_and_box(&typed_in_full, consented, app) {
        Ok(phone) => phone,
        Err(wrong) => return page(Status::UnprocessableEntity, consented, wrong),
    };

    let saw_todays_page = named.as_deref().is_none_or(|hash| pages.locale_of(hash).is_some());
    let current = pages.start(&lang).ok_or(WebError::Status(Status::InternalServerError))?;
    let request = StartRequest {
        browser,
        origin: address.origin,
        phone,
        phone_typed: typed_in_full.trim().to_owned(),
        saw_todays_page,
        ticket: ticket.clone(),
        evidence: Evidence {
            disclosure_inferred: named.is_none(),
            disclosure_hash: named.unwrap_or_else(|| current.disclosure.hash.clone()),
            ip: address.ip,
            user_agent: agent.0,
            locale: lang.clone(),
            url: app.config.site.base_url.to_string(),
            at: app.clock.now(),
        },
    };
    match ask(app, request).await {
        Ok(StartOutcome::SessionOver) => session_over(app, &token, jar, ticket.as_ref(), &lang).await,
        outcome => answer_to_start(outcome, app, &lang, page),
    }
}

/// Returns whom the form is for. The session that the form names comes first: another tab may have changed the cookie in the meantime.
fn ticket_of(session: Option<String>, token: &Token) -> Option<Ticket> {
    let of_form = session.filter(|name| !name.is_empty()).map(|name| Ticket::Hosted { name });
    let of_link = || token.ticket().filter(|ticket| matches!(ticket, Ticket::Link { .. })).cloned();
    of_form.or_else(of_link)
}

/// Returns the answer to a form whose session has ended in the meantime.
async fn session_over(
    app: &Running,
    token: &Token,
    jar: &CookieJar<'_>,
    ticket: Option<&Ticket>,
    lang: &str,
) -> Result<Answer, WebError> {
    let found = match ticket {
        Some(Ticket::Hosted { name }) => sessions::find(app, name.clone()).await?,
        Some(Ticket::Link { .. }) | None => None,
    };
    token.carry(app, jar, None);
    match found {
        Some((session, state)) => session_ended(app, lang, &session, state),
        None => Ok(Answer::see_other("/")),
    }
}

/// Returns the session that a site made and that the form is for, while it's open.
async fn session_of(app: &Running, ticket: Option<&Ticket>) -> Result<Option<Session>, WebError> {
    let Some(Ticket::Hosted { name }) = ticket else { return Ok(None) };
    let found = sessions::find(app, name.clone()).await?;
    Ok(found.filter(|(_, state)| *state == SessionState::Open).map(|(session, _)| session))
}

/// Returns the answer to the opt-in form. `page` renders the form again, with the number kept.
fn answer_to_start(
    outcome: Result<StartOutcome, FlowError>,
    app: &Running,
    lang: &str,
    page: impl Fn(Status, bool, Vec<FormError>) -> Result<Answer, WebError>,
) -> Result<Answer, WebError> {
    match outcome {
        Ok(StartOutcome::Started) => Ok(Answer::see_other("/code")),
        Ok(StartOutcome::SessionOver) => Ok(Answer::see_other("/")),
        Ok(StartOutcome::DisclosureChanged) => {
            page(Status::UnprocessableEntity, false, vec![FormError::plain("consent", "disclosure-error")])
        }
        Ok(StartOutcome::TooMany { wait }) => {
            let words = wait_words(&app.render(), lang, wait)?;
            let error = FormError { wait: words, ..FormError::plain("", "start-error-too-many") };
            Ok(page(Status::TooManyRequests, true, vec![error])?.retry_after(whole_seconds_up(wait)))
        }
        Ok(StartOutcome::SitePaused) => {
            let paused = page(Status::ServiceUnavailable, true, vec![FormError::plain("", "start-error-paused")])?;
            Ok(paused.retry_after(RETRY_SECONDS))
        }
        Err(error) => Err(match WebError::from(error) {
            WebError::Unavailable(error) => {
                let page = page(Status::ServiceUnavailable, true, vec![FormError::plain("", "start-error-unavailable")])?;
                WebError::Kept(error, Box::new(page))
            }
            other => other,
        }),
    }
}

/// Reads the number, and whether the box is checked. Returns everything that's wrong, in the order of the fields.
fn number_and_box(typed: &str, consented: bool, app: &Running) -> Result<PhoneNumber, Vec<FormError>> {
    let phone = PhoneNumber::parse(typed, &app.config.phones);
    let unchecked = (!consented).then(|| FormError::plain("consent", "consent-error"));
    match (phone, unchecked) {
        (Ok(phone), None) => Ok(phone),
        (phone, unchecked) => Err(phone.err().map(|error| FormError::phone(error, typed)).into_iter().chain(unchecked).collect()),
    }
}

/// A person types the texted code.
#[post("/code", data = "<form>")]
#[expect(clippy::too_many_arguments, reason = "each is a guard that Rocket hands in")]
pub(super) async fn code(
    _own: SameOrigin,
    app: &Running,
    token: Token,
    jar: &CookieJar<'_>,
    address: Address,
    preferred: Locale,
    reference: Reference,
    form: Sent<'_, CodeForm>,
) -> Result<Answer, WebError> {
    let form = form.map_err(|errors| errors.status())?.into_inner();
    let Some(browser) = token.browser() else { return nothing_to_check(app, &preferred) };
    let typed = form.code.unwrap_or_default();
    let verification = form.verification.filter(|reference| !reference.is_empty());
    let request = ConfirmRequest { browser: browser.clone(), typed: typed.clone(), verification: verification.clone() };
    let checked = confirm(app, request).await;
    let wrong = match checked.map_err(WebError::from) {
        Ok(ConfirmOutcome::Verified { renewed }) => {
            if let Some(renewed) = renewed {
                token.renew(&app.config, jar, &renewed);
            }
            return Ok(Answer::see_other("/done"));
        }
        Ok(ConfirmOutcome::Ended) => return Ok(Answer::see_other("/code")),
        Ok(ConfirmOutcome::NothingPending) => return nothing_to_check(app, &preferred),
        Ok(ConfirmOutcome::Unreadable(error)) => FormError::unreadable_code(error),
        Ok(ConfirmOutcome::WrongCode { left }) => FormError { left, ..FormError::code("wrong") },
        Ok(ConfirmOutcome::ReplyCodeTyped) => FormError::code("reply"),
        Ok(ConfirmOutcome::OldCode) => FormError::code("expired"),
        Ok(ConfirmOutcome::OtherNumber) => FormError::code("other"),
        Err(WebError::Unavailable(error)) => {
            let status = Status::ServiceUnavailable;
            let verification = verification.unwrap_or_default();
            let view = ErrorView { reference: reference.0, code: typed, verification, ..ErrorView::of(status.code) };
            let page = Answer::page(status, app.render().page(&preferred.0, "page/error.html", &view)?);
            return Err(WebError::Kept(error, Box::new(page)));
        }
        Err(other) => return Err(other),
    };
    match status(app, browser, Some(address.origin)).await? {
        BrowserStatus::Pending(pending) => {
            // A code for another number is useless here.
            let kept = if wrong.key == "code-error-other" { "" } else { typed.as_str() };
            let wrong = FormError { phone: shown_number(&pending.phone, pending.session.as_ref()), ..wrong };
            code_page(app, &token, BrowserStatus::Pending(pending), Status::UnprocessableEntity, kept, vec![wrong])
        }
        BrowserStatus::Nothing | BrowserStatus::Verified { .. } | BrowserStatus::Ended { .. } => Ok(Answer::see_other("/code")),
    }
}

/// Returns the opt-in page, saying that this browser has no code to check.
fn nothing_to_check(app: &Running, locale: &Locale) -> Result<Answer, WebError> {
    let view = StartView { errors: vec![FormError::plain("phone", "start-error-no-code")], ..StartView::fresh() };
    Ok(Answer::page(Status::UnprocessableEntity, app.render().page(&locale.0, "page/start.html", &view)?))
}

/// A person asks for a new code. The code page shows the outcome.
#[post("/resend")]
pub(super) async fn resend(_own: SameOrigin, app: &Running, token: Token, address: Address) -> Result<Answer, WebError> {
    if let Some(browser) = token.browser() {
        ask_again(app, browser, address.origin).await?;
    }
    Ok(Answer::see_other("/code"))
}
