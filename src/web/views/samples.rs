//! Every page in every state, with made-up facts. They're rendered ahead of time to find a template that breaks, or loses a
//! disclosure, in one of its states.

use serde::Serialize;
use serde_json::{Value, json};
use time::Duration;
use time::macros::datetime;

use crate::config::Config;
use crate::finding::Finding;
use crate::flow::mails::EmailView;
use crate::flow::status::PendingStatus;
use crate::optin::code::{Code, CodeError};
use crate::optin::disclosure::agreed_lines;
use crate::optin::message::MessageKind;
use crate::optin::phone::{PhoneError, PhoneNumber};
use crate::optin::verification::Resend;
use crate::render::{Render, RenderError};
use crate::sms::simulator::SimulatedMessage;
use crate::store::emails::EmailKind;
use crate::store::inbound_messages::ToReview;
use crate::web::views::{
    CodeView, DoneView, EndedView, ErrorView, FormError, MomentView, PlainView, ReplyView, SessionEndedView, SessionView,
    SimulatorView, StartView, WaitingView,
};

const PHONE: &str = "(202) 555-0147";

/// One page in one state.
pub struct Sample {
    /// The template.
    pub template: &'static str,
    /// The state, if the template has several; empty for the page as it is first seen.
    pub state: String,
    /// Whether the person checked the box before, so that it comes back checked.
    pub checked: bool,
    /// The variables that the template was given, besides those of every page.
    pub variables: Value,
    /// The page.
    pub html: Result<String, RenderError>,
}

impl Sample {
    /// Creates the sample of the opt-in page as everybody gets it.
    #[must_use]
    pub fn fresh(html: &str) -> Self {
        Self {
            template: "page/start.html",
            state: String::new(),
            checked: false,
            variables: json!(StartView::fresh()),
            html: Ok(html.to_owned()),
        }
    }
}

/// How the names of the states that belong to a site's session begin.
pub const OF_SESSION: &str = "a site's session";

/// How the names of the states that differ only in the month begin.
pub const MONTH: &str = "month ";

/// Renders every page in every state, in one locale.
#[must_use]
pub fn pages(config: &Config, render: &Render, locale: &str) -> Vec<Sample> {
    let mut pages = Pages { render, locale, samples: Vec::new() };
    pages.add("page/start.html", "", &StartView::fresh());
    for (consent, errors) in start_errors() {
        let state = errors.iter().map(|error| error.key.clone()).collect::<Vec<_>>().join(", ");
        pages.add("page/start.html", &state, &StartView { phone: PHONE.to_owned(), consent, errors, ..StartView::fresh() });
        if let Some(sample) = pages.samples.last_mut() {
            sample.checked = consent;
        }
    }
    for why in ["expired", "locked"] {
        pages.add("page/ended.html", why, &EndedView::new(why, PHONE.to_owned(), None));
    }
    for (state, fixed) in [("a site's session", false), ("a site's session, its number", true)] {
        let phone = if fixed { "(•••) •••-0147".to_owned() } else { String::new() };
        pages.add("page/start.html", state, &StartView { phone, session: Some(session(fixed)), ..StartView::fresh() });
    }
    pages.add("page/ended.html", "a site's session", &EndedView::new("expired", PHONE.to_owned(), Some(session(true))));
    for why in ["verified", "locked", "canceled", "expired"] {
        let view = SessionEndedView { why, session: session(false), switch: "/?session=ses_00&lang=".to_owned() };
        pages.add("page/session.html", why, &view);
    }
    for (state, pending) in pending_states(locale) {
        // What is wrong with an entry appears beside the field whatever else the page says, so one state is enough.
        let errors = if state.is_empty() { code_errors() } else { vec![Vec::new()] };
        for errors in errors {
            let error = errors.first().map_or("", |error| error.key.as_str());
            let state = if error.is_empty() { state.to_owned() } else { error.to_owned() };
            let typed = if error.is_empty() { "" } else { "482914" };
            match CodeView::new(render, locale, &pending, &config.program.sender, typed, errors) {
                Ok(view) => pages.add("page/code.html", &state, &view),
                Err(error) => pages.push("page/code.html", &state, Value::Null, Err(error)),
            }
        }
    }
    pages.add_done(config);
    for (state, pending) in pending_states(locale) {
        if let Some(code) = &pending.reply_code {
            let reply = ReplyView::new(&config.program.sender, code);
            let view = WaitingView { phone: PHONE.to_owned(), minutes: 10, reply, switch: "/code/waiting?lang=" };
            pages.add("page/waiting.html", state, &view);
        }
    }
    pages.add("page/terms.html", "", &PlainView { switch: "/terms?lang=" });
    pages.add("page/privacy.html", "", &PlainView { switch: "/privacy?lang=" });
    for status in [400, 403, 404, 405, 413, 422, 429, 500, 503] {
        pages.add("page/error.html", &status.to_string(), &error_page(status));
    }
    pages.add("page/error.html", "no cookies", &ErrorView { cookies: true, ..error_page(400) });
    pages.add("page/error.html", "503, a code kept", &ErrorView { code: "123456".to_owned(), ..error_page(503) });
    pages.add("page/simulator.html", "empty", &SimulatorView::new(Vec::new(), true));
    pages.add("page/simulator.html", "", &SimulatorView::new(messages(), false));
    pages.samples
}

/// Renders each e-mail to the owner in one locale: subject, text and HTML.
#[must_use]
pub fn mails(config: &Config, render: &Render, locale: &str) -> Vec<Result<(String, String, String), RenderError>> {
    emails().iter().map(|email| email.written(render, locale, &config.program.name)).collect()
}

/// Returns a finding for each e-mail to the owner that doesn't render in one of the offered locales.
#[must_use]
pub fn mail_findings(config: &Config, render: &Render) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for locale in render.locales() {
        for mail in mails(config, render, locale) {
            let Err(error) = mail else { continue };
            let place = if let RenderError::Template { template, .. } = &error { template.as_str() } else { "email-subject" };
            let finding = finding(locale, place, &error);
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// Returns what kept a page or an e-mail from rendering, as a finding.
#[must_use]
pub fn finding(locale: &str, place: &str, error: &RenderError) -> Finding {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    Finding::error("TEMPLATE", format!("{locale} {place}"), cause)
}

fn error_page(status: u16) -> ErrorView {
    ErrorView { reference: "ABCD2345".to_owned(), ..ErrorView::of(status) }
}

/// Returns each e-mail to the owner.
fn emails() -> Vec<EmailView> {
    let message = ToReview {
        id: 1,
        phone: "+12025550147".to_owned(),
        text: "who is this?".to_owned(),
        received_at: datetime!(2026-11-24 20:33:05 UTC),
        review_by: datetime!(2026-12-08 20:33:05 UTC),
    };
    let digests = [1, 2].map(|count| EmailView::Digest { messages: vec![message.clone(); count] });
    let notices = EmailKind::ALL.iter().filter(|kind| **kind != EmailKind::Digest);
    let notice = |kind: &EmailKind| {
        let reason = match kind {
            EmailKind::Outage => "the provider did not answer within 10 s",
            EmailKind::Wal => "data/assent.db-wal has 131 MiB",
            EmailKind::Receipts => "Illegal Sender Address - rejected (5)",
            _ => "bad credentials (status 4)",
        };
        EmailView::notice(*kind, reason.to_owned(), "vonage")
    };
    digests.into_iter().chain(notices.map(notice)).collect()
}

struct Pages<'a> {
    render: &'a Render,
    locale: &'a str,
    samples: Vec<Sample>,
}

impl Pages<'_> {
    fn add(&mut self, template: &'static str, state: &str, view: &impl Serialize) {
        self.push(template, state, json!(view), self.render.page(self.locale, template, view));
    }

    fn push(&mut self, template: &'static str, state: &str, variables: Value, html: Result<String, RenderError>) {
        self.samples.push(Sample { template, state: state.to_owned(), checked: false, variables, html });
    }

    /// Adds the page that people see when they're done, once for each month, since its date has the month's name.
    fn add_done(&mut self, config: &Config) {
        let fresh = self.samples.first().and_then(|sample| sample.html.as_ref().ok());
        let agreed = fresh.map_or_else(Vec::new, |html| agreed_lines(html));
        for month in 1..=12 {
            let mut verified = MomentView::new(datetime!(2026-11-24 20:33:05 UTC));
            verified.month = month;
            let (agreed, agreed_lang) = (agreed.clone(), self.locale.to_owned());
            let view = DoneView {
                phone: PHONE.to_owned(),
                verified,
                kind: config.program.kind.as_str(),
                agreed,
                agreed_lang,
                session: None,
                session_form: "no",
                switch: "/done?lang=",
            };
            if month == 1 {
                let leads_back = DoneView { session: Some(session(false)), session_form: "yes", ..view.clone() };
                self.add("page/done.html", "a site's session", &leads_back);
            }
            self.add("page/done.html", &if month == 1 { String::new() } else { format!("{MONTH}{month}") }, &view);
        }
    }
}

/// Returns the session of a made-up site.
fn session(fixed: bool) -> SessionView {
    SessionView { name: "ses_00".to_owned(), host: "shop.example".to_owned(), fixed }
}

/// Returns what can be wrong with an opt-in form, and whether its box was checked.
fn start_errors() -> Vec<(bool, Vec<FormError>)> {
    use PhoneError as E;
    let phone = [
        E::Empty,
        E::Letters,
        E::Unreadable,
        E::TooShort,
        E::TooLong,
        E::Impossible,
        E::ServiceCode,
        E::TollFree,
        E::Premium,
        E::NotMobile,
        E::OtherRegion,
        E::Fictional,
    ];
    let mut all: Vec<(bool, Vec<FormError>)> =
        phone.into_iter().map(|error| (true, vec![FormError::phone(error, PHONE)])).collect();
    for (consent, field, key) in [
        (false, "consent", "consent-error"),
        (false, "consent", "disclosure-error"),
        (true, "", "start-error-too-many"),
        (true, "", "start-error-unavailable"),
        (true, "", "start-error-paused"),
        (false, "phone", "start-error-no-code"),
    ] {
        all.push((consent, vec![FormError { wait: "10 minutes".to_owned(), ..FormError::plain(field, key) }]));
    }
    all.push((false, vec![FormError::phone(E::Empty, ""), FormError::plain("consent", "consent-error")]));
    all
}

fn code_errors() -> Vec<Vec<FormError>> {
    use CodeError as E;
    let mut all: Vec<Vec<FormError>> = [E::Empty, E::NotDigits, E::TooShort, E::TooLong]
        .into_iter()
        .map(|error| vec![FormError::unreadable_code(error)])
        .collect();
    all.push(Vec::new());
    all.push(vec![FormError::code("expired")]);
    all.push(vec![FormError::code("reply")]);
    all.push(vec![FormError { phone: PHONE.to_owned(), ..FormError::code("other") }]);
    for left in [1, 4] {
        all.push(vec![FormError { left, ..FormError::code("wrong") }]);
    }
    all
}

fn pending_states(locale: &str) -> Vec<(&'static str, PendingStatus)> {
    let Some(phone) = PhoneNumber::from_stored("+12025550147") else { return Vec::new() };
    let base = PendingStatus {
        reference: "6f1d5b0f9f0f4f1f8a3d2c1b0a998877".to_owned(),
        phone,
        session: None,
        expires_in: Duration::minutes(10),
        locale: locale.to_owned(),
        resent: false,
        resend: Resend::Due,
        shut_out_for: None,
        paused: false,
        delayed: false,
        start_reaches_us: true,
        code_lifts: true,
        overdue_in: Duration::minutes(2),
        texts: true,
        reply_code: Code::parse("482913", 6).ok(),
    };
    let alone = PendingStatus { reply_code: None, ..base.clone() };
    vec![
        ("texts off", PendingStatus { texts: false, ..base.clone() }),
        ("texts off, no code left", PendingStatus { texts: false, resend: Resend::NoneLeft, ..base.clone() }),
        ("one way, no code left", PendingStatus { resend: Resend::NoneLeft, ..alone.clone() }),
        ("one way, paused", PendingStatus { paused: true, ..alone.clone() }),
        ("one way, delayed", PendingStatus { delayed: true, overdue_in: Duration::ZERO, ..alone.clone() }),
        ("delayed", PendingStatus { delayed: true, ..base.clone() }),
        ("START unheard", PendingStatus { start_reaches_us: false, code_lifts: false, ..alone.clone() }),
        ("one way", alone),
        ("", base.clone()),
        ("new code sent", PendingStatus { resend: Resend::Waiting(Duration::seconds(30)), resent: true, ..base.clone() }),
        ("no code left", PendingStatus { resend: Resend::NoneLeft, ..base.clone() }),
        ("shut out", PendingStatus { shut_out_for: Some(Duration::minutes(40)), ..base.clone() }),
        ("overdue", PendingStatus { overdue_in: Duration::ZERO, ..base.clone() }),
        ("paused", PendingStatus { paused: true, ..base }),
    ]
}

fn messages() -> Vec<SimulatedMessage> {
    let Some(phone) = PhoneNumber::from_stored("+12025550147") else { return Vec::new() };
    let message = |ours: bool, text: &str| SimulatedMessage {
        id: "sim-1".to_owned(),
        phone: phone.clone(),
        sender: "98765".to_owned(),
        ours,
        text: text.to_owned(),
        kind: ours.then_some(MessageKind::Code),
        at: datetime!(2026-11-24 20:33:05 UTC),
    };
    vec![message(true, "Acme Alerts: hello"), message(false, "STOP"), message(true, "\u{1f44d}")]
}
