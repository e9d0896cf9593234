//! How people come from one of the owner's sites and go back to it.

use rocket::form::{Errors, Form};
use rocket::http::{CookieJar, Status};
use rocket::{FromForm, State, get, post};

use crate::flow::sessions::{self, Session, Ticket};
use crate::flow::status::{BrowserStatus, status};
use crate::optin::session::{SessionState, SessionWay, is_ref};
use crate::web::errors::{Running, WebError};
use crate::web::guards::{AcceptsGzip, IfNoneMatch, Locale, SameOrigin, Token};
use crate::web::headers::Answer;
use crate::web::pages::{fresh_page, page_of, session_ended};
use crate::web::prerender::Published;
use crate::web::views::StartView;

/// The opt-in page for the person whom a site calls `ref`: the same bytes as for everybody else.
#[get("/?<site>&<ref>", rank = 2)]
#[expect(clippy::too_many_arguments, reason = "each is a guard that Rocket hands in")]
pub(super) fn linked(
    app: &Running,
    published: &State<Published>,
    locale: Locale,
    token: Token,
    jar: &CookieJar<'_>,
    gzip: AcceptsGzip,
    known: IfNoneMatch,
    site: &str,
    r#ref: Option<&str>,
) -> Result<Answer, WebError> {
    let site = app.config.site_named(site).ok_or(WebError::Status(Status::NotFound))?.name.clone();
    let site_ref = r#ref.filter(|text| is_ref(text)).ok_or(WebError::Status(Status::BadRequest))?.to_owned();
    token.carry(app, jar, Some(Ticket::Link { site, site_ref }));
    fresh_page(published, &locale, &gzip, &known)
}

/// The opt-in page of a session that a site made.
#[get("/?<session>", rank = 1)]
pub(super) async fn hosted(
    app: &Running,
    locale: Locale,
    token: Token,
    jar: &CookieJar<'_>,
    session: &str,
) -> Result<Answer, WebError> {
    let found = sessions::find(app, session.to_owned()).await?.filter(|(session, _)| session.way == SessionWay::Hosted);
    let (session, state) = found.ok_or(WebError::Status(Status::NotFound))?;
    let lang = spoken(app, &token, &session, &locale);
    if state == SessionState::Open {
        token.carry(app, jar, Some(Ticket::Hosted { name: session.name.clone() }));
        let view = StartView::of_session(&session);
        return page_of(app, Status::Ok, &lang, "page/start.html", &view, Some(&session));
    }
    if token.ticket() == Some(&Ticket::Hosted { name: session.name.clone() }) {
        token.carry(app, jar, None);
    }
    // The person went back in the browser after verifying.
    if let Some(browser) = token.browser()
        && let BrowserStatus::Verified { session: Some(own), .. } = status(app, browser, None).await?
        && own.id == session.id
    {
        return Ok(Answer::see_other("/done"));
    }
    session_ended(app, &lang, &session, state)
}

/// Returns the language for a session's page: the one that the person chose, else the site's, else the browser's.
fn spoken(app: &Running, token: &Token, session: &Session, locale: &Locale) -> String {
    let of_site = session.locale.as_ref().filter(|of_site| app.config.locales.contains(of_site));
    token.chosen_or(of_site.unwrap_or(&locale.0))
}

/// The form that leads back from a session.
#[derive(FromForm)]
pub(super) struct CancelForm {
    session: String,
}

/// A person goes back to the site that they came from, with the result.
#[post("/session/return")]
pub(super) async fn leave(_own: SameOrigin, app: &Running, token: Token, jar: &CookieJar<'_>) -> Result<Answer, WebError> {
    let Some(browser) = token.browser() else { return Ok(Answer::see_other("/")) };
    let Some(to) = sessions::leave(app, browser).await? else { return Ok(Answer::see_other("/done")) };
    token.carry(app, jar, None);
    Ok(Answer::see_other(to))
}

/// A person goes back to the site instead of verifying a number.
#[post("/session/cancel", data = "<form>")]
pub(super) async fn cancel(
    _own: SameOrigin,
    app: &Running,
    token: Token,
    jar: &CookieJar<'_>,
    form: Result<Form<CancelForm>, Errors<'_>>,
) -> Result<Answer, WebError> {
    let form = form.map_err(|errors| errors.status())?.into_inner();
    let to = sessions::cancel(app, form.session).await?.ok_or(WebError::Status(Status::NotFound))?;
    token.carry(app, jar, None);
    Ok(Answer::see_other(to))
}
