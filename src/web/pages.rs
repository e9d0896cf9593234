//! The pages that people only look at. None of them changes anything.

use rocket::State;
use rocket::get;
use rocket::http::{ContentType, CookieJar, Header, Status};
use serde::Serialize;

use crate::flow::sessions::{Session, Ticket};
use crate::flow::status::{BrowserStatus, PendingStatus, status};
use crate::optin::disclosure::agreed_lines;
use crate::optin::session::{SessionState, SessionWay};
use crate::store::disclosures;
use crate::web::errors::{Running, WebError};
use crate::web::guards::{AcceptsGzip, Address, IfNoneMatch, Locale, Token};
use crate::web::headers::Answer;
use crate::web::prerender::{Agreed, Published};
use crate::web::views::{
    CodeView, DoneView, EndedView, FormError, MomentView, PlainView, ReplyView, SessionEndedView, SessionView, StartView,
    WaitingView, form, nearest_minute, shown_number,
};

/// The opt-in page: the same bytes for everybody in a locale.
#[get("/", rank = 3)]
pub(super) fn start(
    app: &Running,
    published: &State<Published>,
    locale: Locale,
    token: Token,
    jar: &CookieJar<'_>,
    gzip: AcceptsGzip,
    known: IfNoneMatch,
) -> Result<Answer, WebError> {
    // Somebody whom a site sent to a hosted session continues with that session.
    if let Some(Ticket::Hosted { name }) = token.ticket() {
        return Ok(Answer::see_other(format!("/?session={name}")));
    }
    token.browser_or_new(&app.config, jar);
    fresh_page(published, &locale, &gzip, &known)
}

/// Returns the opt-in page as everybody gets it.
pub(super) fn fresh_page(
    published: &State<Published>,
    locale: &Locale,
    gzip: &AcceptsGzip,
    known: &IfNoneMatch,
) -> Result<Answer, WebError> {
    let pages = published.now();
    let page = pages.start(&locale.0).ok_or(WebError::Status(Status::InternalServerError))?;
    let answer = if known.holds(&page.etag) {
        Answer::new(Status::NotModified, ContentType::HTML, Vec::new())
    } else if gzip.0 && !page.gzip.is_empty() {
        Answer::new(Status::Ok, ContentType::HTML, page.gzip.clone()).with(Header::new("Content-Encoding", "gzip"))
    } else {
        Answer::page(Status::Ok, page.html.clone())
    };
    Ok(answer
        .with(Header::new("ETag", page.etag.clone()))
        .with(Header::new("Cache-Control", "private, no-cache"))
        .with(Header::new("Vary", "Accept-Language, Accept-Encoding")))
}

/// The opt-in page with this browser's number filled in, so that it can be changed.
#[get("/?again")]
pub(super) async fn start_again(app: &Running, locale: Locale, token: Token) -> Result<Answer, WebError> {
    let found = match token.browser() {
        Some(browser) => status(app, browser, None).await?,
        None => BrowserStatus::Nothing,
    };
    let (phone, session) = match found {
        BrowserStatus::Pending(PendingStatus { phone, session, .. })
        | BrowserStatus::Verified { phone, session, .. }
        | BrowserStatus::Ended { phone, session, .. } => (phone, session),
        BrowserStatus::Nothing => return Ok(Answer::see_other("/")),
    };
    if let Some(session) = session.filter(|session| session.way == SessionWay::Hosted) {
        return Ok(Answer::see_other(format!("/?session={}", session.name)));
    }
    let view = StartView { phone: phone.national(), switch: "/?again&lang=".into(), ..StartView::fresh() };
    Ok(Answer::page(Status::Ok, app.render().page(&locale.0, "page/start.html", &view)?))
}

/// The code form while a code is expected, or else how the verification ended.
#[get("/code")]
pub(super) async fn code(app: &Running, token: Token, address: Address) -> Result<Answer, WebError> {
    let browser = token.browser().ok_or(WebError::NoCookie)?;
    let found = status(app, browser, Some(address.origin)).await?;
    code_page(app, &token, found, Status::Ok, "", Vec::new())
}

/// Returns what `/code` shows for a browser's status, with the entry that was wrong and why.
pub(super) fn code_page(
    app: &Running,
    token: &Token,
    found: BrowserStatus,
    code: Status,
    typed: &str,
    errors: Vec<FormError>,
) -> Result<Answer, WebError> {
    let render = app.render();
    match found {
        BrowserStatus::Nothing => Ok(Answer::see_other("/")),
        BrowserStatus::Verified { .. } => Ok(Answer::see_other("/done")),
        BrowserStatus::Pending(pending) => {
            let locale = token.chosen_or(&pending.locale);
            let view = CodeView::new(&render, &locale, &pending, &app.config.program.sender, typed, errors)?;
            Ok(Answer::page(code, render.page(&locale, "page/code.html", &view)?))
        }
        BrowserStatus::Ended { locked, phone, locale, session } => {
            let locale = token.chosen_or(&locale);
            // A hosted session can't go on after the last attempt.
            let hosted = session.filter(|session| session.way == SessionWay::Hosted);
            if let Some(session) = hosted.as_ref().filter(|session| session.state != SessionState::Open) {
                return session_ended(app, &locale, session, session.state);
            }
            let why = if locked { "locked" } else { "expired" };
            let view = EndedView::new(why, shown_number(&phone, hosted.as_ref()), hosted.as_ref().map(SessionView::new));
            page_of(app, Status::Ok, &locale, "page/ended.html", &view, hosted.as_ref())
        }
    }
}

/// Renders a page. If it belongs to a session, its forms may lead to the session's site.
pub(super) fn page_of(
    app: &Running,
    status: Status,
    locale: &str,
    template: &str,
    view: &impl Serialize,
    session: Option<&Session>,
) -> Result<Answer, WebError> {
    let page = Answer::page(status, app.render().page(locale, template, view)?);
    Ok(match session {
        Some(session) => page.leading_to(&[&session.return_url, &session.cancel_url]),
        None => page,
    })
}

/// Returns the page of a site's session that has ended.
pub(super) fn session_ended(app: &Running, locale: &str, session: &Session, state: SessionState) -> Result<Answer, WebError> {
    let view = SessionEndedView::new(session, state);
    page_of(app, Status::Ok, locale, "page/session.html", &view, Some(session))
}

/// Waits for the text of somebody whose browser runs no script. The page has no field, so nothing is lost when it refreshes
/// itself.
#[get("/code/waiting")]
pub(super) async fn waiting(app: &Running, token: Token) -> Result<Answer, WebError> {
    let browser = token.browser().ok_or(WebError::NoCookie)?;
    match status(app, browser, None).await? {
        BrowserStatus::Pending(pending) => {
            let Some(code) = &pending.reply_code else { return Ok(Answer::see_other("/code")) };
            let reply = ReplyView::new(&app.config.program.sender, code);
            let minutes = nearest_minute(pending.expires_in);
            let phone = shown_number(&pending.phone, pending.session.as_ref());
            let view = WaitingView { phone, minutes, reply, switch: "/code/waiting?lang=" };
            let locale = token.chosen_or(&pending.locale);
            Ok(Answer::page(Status::Ok, app.render().page(&locale, "page/waiting.html", &view)?))
        }
        BrowserStatus::Nothing => Ok(Answer::see_other("/")),
        BrowserStatus::Verified { .. } => Ok(Answer::see_other("/done")),
        BrowserStatus::Ended { .. } => Ok(Answer::see_other("/code")),
    }
}

/// The status of this browser's verification, for the script of its own page.
#[get("/code/status")]
pub(super) async fn code_status(app: &Running, token: Token) -> Result<Answer, WebError> {
    let found = match token.browser() {
        Some(browser) => status(app, browser, None).await?,
        None => BrowserStatus::Nothing,
    };
    let state = match found {
        BrowserStatus::Nothing => return Ok(Answer::new(Status::NotFound, ContentType::JSON, b"{}".to_vec())),
        BrowserStatus::Pending(_) => "pending",
        BrowserStatus::Verified { .. } => "verified",
        BrowserStatus::Ended { locked: false, .. } => "expired",
        BrowserStatus::Ended { locked: true, .. } => "locked",
    };
    Ok(Answer::new(Status::Ok, ContentType::JSON, format!("{{\"state\":\"{state}\"}}").into_bytes()))
}

/// What was agreed to, for half an hour afterward.
#[get("/done")]
pub(super) async fn done(app: &Running, published: &State<Published>, token: Token) -> Result<Answer, WebError> {
    let Some(browser) = token.browser() else { return Ok(Answer::see_other("/")) };
    match status(app, browser, None).await? {
        BrowserStatus::Verified { phone, locale, at, disclosure, session } => {
            // It's nearly always a current page, which takes no database lookup.
            let pages = published.now();
            let agreed = match pages.agreed(&disclosure) {
                Some(agreed) => agreed,
                None => {
                    let shown = app.store.read(move |tx| disclosures::shown(tx, &disclosure)).await?;
                    let shown = shown.ok_or(WebError::Status(Status::InternalServerError))?;
                    Agreed { locale: shown.locale, kind: shown.kind, lines: agreed_lines(&shown.html) }
                }
            };
            let leads_back = session.as_ref().filter(|session| session.state == SessionState::Verified);
            let view = DoneView {
                phone: shown_number(&phone, session.as_ref()),
                session_form: form(leads_back.is_some()),
                session: leads_back.map(SessionView::new),
                verified: MomentView::new(at),
                kind: agreed.kind.as_str(),
                agreed: agreed.lines,
                agreed_lang: agreed.locale,
                switch: "/done?lang=",
            };
            page_of(app, Status::Ok, &token.chosen_or(&locale), "page/done.html", &view, leads_back)
        }
        BrowserStatus::Nothing | BrowserStatus::Pending(_) | BrowserStatus::Ended { .. } => Ok(Answer::see_other("/")),
    }
}

/// The built-in terms.
#[get("/terms")]
pub(super) fn terms(app: &Running, _token: Token, locale: Locale) -> Result<Answer, WebError> {
    plain(app, &locale, "page/terms.html", "/terms?lang=")
}

/// The built-in privacy policy.
#[get("/privacy")]
pub(super) fn privacy(app: &Running, _token: Token, locale: Locale) -> Result<Answer, WebError> {
    plain(app, &locale, "page/privacy.html", "/privacy?lang=")
}

fn plain(app: &Running, locale: &Locale, template: &str, switch: &'static str) -> Result<Answer, WebError> {
    let html = app.render().page(&locale.0, template, &PlainView { switch })?;
    Ok(Answer::page(Status::Ok, html)
        .with(Header::new("Cache-Control", "private, no-cache"))
        .with(Header::new("Vary", "Accept-Language")))
}
