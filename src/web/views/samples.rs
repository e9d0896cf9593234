//! Every page in every state, with made-up facts: what `check` renders to find a template that breaks on one of them.

use serde::Serialize;
use time::Duration;
use time::macros::datetime;

use crate::config::{Config, Finding};
use crate::flow::notify::EmailView;
use crate::flow::status::PendingStatus;
use crate::optin::code::{Code, CodeError};
use crate::optin::message::MessageKind;
use crate::optin::phone::{PhoneError, PhoneNumber};
use crate::optin::verification::Resend;
use crate::render::{Render, RenderError};
use crate::sms::simulator::SimulatedMessage;
use crate::store::emails::EmailKind;
use crate::store::inbound_messages::ToReview;
use crate::web::views::{
    CodeView, DoneView, EndedView, ErrorView, FormError, MomentView, PlainView, ReplyView, SimulatorView, StartView, WaitingView,
};

const PHONE: &str = "(202) 555-0147";

/// What does not render, in any offered locale.
#[must_use]
pub fn findings(config: &Config, render: &Render) -> Vec<Finding> {
    let mut findings = Vec::new();
    for locale in render.locales() {
        let mut page = Pages { render, locale, findings: &mut findings };
        page.render("page/start.html", &StartView::fresh());
        for errors in start_errors() {
            page.render("page/start.html", &StartView { phone: PHONE.to_owned(), consent: true, errors });
        }
        for why in ["expired", "locked"] {
            page.render("page/ended.html", &EndedView { why, phone: PHONE.to_owned(), consent: false, errors: Vec::new() });
        }
        for pending in pending_states(locale) {
            for errors in code_errors() {
                match CodeView::new(render, &pending, &config.program.sender, config.verification.code_ttl, errors) {
                    Ok(view) => page.render("page/code.html", &view),
                    Err(error) => {
                        page.findings.push(Finding::error("MESSAGE", format!("{locale} page/code.html"), error.to_string()));
                    }
                }
            }
        }
        for month in 1..=12 {
            let mut verified = MomentView::new(datetime!(2026-11-24 20:33:05 UTC));
            verified.month = month;
            page.render("page/done.html", &DoneView { phone: PHONE.to_owned(), verified });
        }
        for pending in pending_states(locale) {
            if let Some(code) = &pending.reply_code {
                let reply = ReplyView::new(&config.program.sender, code);
                page.render("page/waiting.html", &WaitingView { phone: PHONE.to_owned(), minutes: 10, reply });
            }
        }
        page.render("page/terms.html", &PlainView { path: "/terms" });
        page.render("page/privacy.html", &PlainView { path: "/privacy" });
        for status in [400, 403, 404, 405, 413, 422, 429, 500, 503] {
            page.render("page/error.html", &error_page(status));
        }
        page.render("page/error.html", &ErrorView { cookies: true, ..error_page(400) });
        page.render("page/error.html", &ErrorView { code: "123456".to_owned(), ..error_page(503) });
        page.render("page/simulator.html", &SimulatorView::new(Vec::new(), true));
        page.render("page/simulator.html", &SimulatorView::new(messages(), false));
        for email in emails() {
            page.mail(&email, &config.program.name);
        }
    }
    findings
}

fn error_page(status: u16) -> ErrorView {
    ErrorView { status, reference: "ABCD2345".to_owned(), cookies: false, code: String::new() }
}

/// Each mail to the owner.
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
    let notice = |kind: &EmailKind| EmailView::notice(*kind, "bad credentials (status 4)".to_owned(), "vonage");
    digests.into_iter().chain(notices.map(notice)).collect()
}

struct Pages<'a> {
    render: &'a Render,
    locale: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl Pages<'_> {
    fn render(&mut self, template: &str, view: &impl Serialize) {
        if let Err(error) = self.render.page(self.locale, template, view) {
            self.note(template, &error);
        }
    }

    fn mail(&mut self, email: &EmailView, program: &str) {
        if let Err(error) = email.written(self.render, self.locale, program) {
            let place = if let RenderError::Template { template, .. } = &error { template } else { "email-subject" };
            self.note(place, &error);
        }
    }

    fn note(&mut self, place: &str, error: &RenderError) {
        let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        let finding = Finding::error("TEMPLATE", format!("{} {place}", self.locale), cause);
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

fn start_errors() -> Vec<Vec<FormError>> {
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
    let mut all: Vec<Vec<FormError>> = phone.into_iter().map(|error| vec![FormError::phone(error, PHONE)]).collect();
    for (field, key) in [
        ("consent", "consent-error"),
        ("consent", "disclosure-error"),
        ("", "start-error-too-many"),
        ("", "start-error-unavailable"),
        ("", "start-error-paused"),
        ("phone", "start-error-no-code"),
    ] {
        all.push(vec![FormError { wait: "10 minutes".to_owned(), ..FormError::plain(field, key) }]);
    }
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
    for left in [1, 4] {
        all.push(vec![FormError { left, ..FormError::code("wrong") }]);
    }
    all
}

fn pending_states(locale: &str) -> Vec<PendingStatus> {
    let base = PendingStatus {
        phone_typed: PHONE.to_owned(),
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
        PendingStatus { texts: false, ..base.clone() },
        PendingStatus { texts: false, resend: Resend::NoneLeft, ..base.clone() },
        PendingStatus { resend: Resend::NoneLeft, ..alone.clone() },
        PendingStatus { paused: true, ..alone.clone() },
        PendingStatus { delayed: true, overdue_in: Duration::ZERO, ..alone.clone() },
        PendingStatus { delayed: true, ..base.clone() },
        PendingStatus { start_reaches_us: false, code_lifts: false, ..alone.clone() },
        alone,
        base.clone(),
        PendingStatus { resend: Resend::Waiting(Duration::seconds(30)), resent: true, ..base.clone() },
        PendingStatus { resend: Resend::NoneLeft, ..base.clone() },
        PendingStatus { shut_out_for: Some(Duration::minutes(40)), ..base.clone() },
        PendingStatus { paused: true, ..base },
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
