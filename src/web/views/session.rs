//! What the pages of a site's session are given.

use serde::Serialize;
use url::Url;

use super::StartView;
use crate::flow::sessions::Session;
use crate::optin::phone::PhoneNumber;
use crate::optin::session::SessionState;

/// A session of one of the owner's sites.
#[derive(Debug, Clone, Serialize)]
pub struct SessionView {
    /// Its name, for the form that leads back.
    pub name: String,
    /// The host of the site.
    pub host: String,
    /// Whether the site named the number, so that it can't be changed here.
    pub fixed: bool,
}

impl SessionView {
    /// Creates the view of a session.
    #[must_use]
    pub fn new(session: &Session) -> Self {
        let url = Url::parse(&session.return_url).ok();
        Self {
            name: session.name.clone(),
            host: url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned(),
            fixed: session.phone.is_some(),
        }
    }
}

/// `page/session.html`
#[derive(Debug, Clone, Serialize)]
pub struct SessionEndedView {
    /// `verified`, `locked`, `canceled` or `expired`.
    pub why: &'static str,
    /// The session.
    pub session: SessionView,
    /// The URL of the page in another language, up to the language code.
    pub switch: String,
}

impl SessionEndedView {
    /// Creates the page of a session that has ended.
    #[must_use]
    pub fn new(session: &Session, state: SessionState) -> Self {
        Self { why: state.as_str(), session: SessionView::new(session), switch: switch(session) }
    }
}

impl StartView {
    /// Returns the page of a session as it's first seen.
    #[must_use]
    pub fn of_session(session: &Session) -> Self {
        Self {
            phone: session.phone.as_ref().map(|phone| shown_number(phone, Some(session))).unwrap_or_default(),
            session: Some(SessionView::new(session)),
            switch: switch(session).into(),
            ..Self::fresh()
        }
    }
}

fn switch(session: &Session) -> String {
    format!("/?session={}&lang=", session.name)
}

/// Returns a number as its pages show it: masked if a site named it and didn't say that it may be shown.
#[must_use]
pub fn shown_number(phone: &PhoneNumber, session: Option<&Session>) -> String {
    let is_masked = session.is_some_and(|session| session.phone.is_some() && !session.phone_shown);
    if is_masked { phone.masked() } else { phone.national() }
}
