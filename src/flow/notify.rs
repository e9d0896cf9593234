//! Mail to the owner: what is worth one, and its way out.
//!
//! Each mail is queued in the same transaction as the event it reports, and is sent afterwards, with retries for two days.
//! At most one an hour of each kind goes out, and one digest a day unless more waits than one can hold. A digest says what
//! waits at the moment it is sent, and only what was sent counts as told. Without mail settings nothing is queued; the log
//! has said it all.

use std::sync::Arc;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::clock::random_bytes;
use crate::flow::{FlowError, record};
use crate::optin::retry::{MAIL_RETRIES, next_try};
use crate::render::{Arguments, Render, RenderError};
use crate::store::emails::{self, ClaimedEmail, EmailKind};
use crate::store::inbound_messages::{self, ToReview};
use crate::store::{Lane, StoreError, Tx};

/// One mail of a kind in this time.
const QUIET: Duration = Duration::hours(1);
/// One digest in this time.
const DAILY: Duration = Duration::hours(24);
/// Numbers whose messages one digest brings, at most; the next one follows at once and brings the rest.
const DIGEST: i64 = 100;
/// Messages of one number in one digest, at most; the rest of them come with the next day's.
const OF_ONE_NUMBER: i64 = 50;
/// How long a claim on a mail holds.
const CLAIM: Duration = Duration::minutes(2);

/// Queues a mail about what just happened, unless one of its kind went out within the hour.
pub(super) fn tell(tx: &mut Tx<'_>, app: &App, kind: EmailKind, why: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    if app.mailer.is_none() || emails::queued_since(tx, kind, now - QUIET)? {
        return Ok(());
    }
    emails::add(tx, kind, &json!({ "why": why }).to_string(), now)
}

/// A call of the SMS company was refused: texts from phones do not reach us until something is set right.
///
/// # Errors
/// When the store fails.
pub async fn tell_of_webhook(app: &Arc<App>, kind: EmailKind, why: String) -> Result<(), FlowError> {
    if app.mailer.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    let wired = Arc::clone(app);
    app.store.write(Lane::Pages, move |tx| tell(tx, &wired, kind, &why, now)).await?;
    app.mailbox.notify_one();
    Ok(())
}

/// Queues the digest of what matched nothing, once a day if there is anything.
///
/// # Errors
/// When the store fails.
pub(super) async fn digest(app: &Arc<App>) -> Result<(), FlowError> {
    if app.mailer.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    if !app.store.read(inbound_messages::has_unmailed).await? {
        return Ok(());
    }
    let job = app.store.write(Lane::Pages, move |tx| {
        if emails::is_waiting(tx, EmailKind::Digest)? || emails::queued_since(tx, EmailKind::Digest, now - DAILY)? {
            return Ok(());
        }
        emails::add(tx, EmailKind::Digest, "{}", now)
    });
    job.await?;
    app.mailbox.notify_one();
    Ok(())
}

/// Sends the mail that is due next; says whether there was one.
///
/// # Errors
/// When the store fails. A mail that is not taken is no error: it is tried again later.
pub async fn mail_next(app: &Arc<App>) -> Result<bool, FlowError> {
    let Some(mailer) = &app.mailer else { return Ok(false) };
    let now = app.clock.now();
    let Some(id) = app.store.read(move |tx| emails::next_due(tx, now)).await? else { return Ok(false) };
    let Some(mail) = app.store.write(Lane::Pages, move |tx| emails::claim(tx, id, now, now + CLAIM)).await? else {
        return Ok(true);
    };
    let (view, told) = view(app, &mail).await?;
    let is_full = matches!(&view, Some(EmailView::Digest { messages }) if numbers(messages) >= DIGEST);
    let written = view.map(|view| view.written(&app.render(), &app.config.default_locale, &app.config.program.name));
    let failed = match written.transpose() {
        Ok(Some((subject, text, html))) => mailer.send(&subject, text, html).await.err().map(|error| error.to_string()),
        // Nothing is left to tell.
        Ok(None) => None,
        // A template of the owner's that breaks is tried again like a server that is down: it may be mended by then.
        Err(error) => Some(error.to_string()),
    };
    let now = app.clock.now();
    if let Some(error) = &failed {
        tracing::warn!(kind = mail.kind.as_str(), error, "a mail to the owner was not taken");
    }
    let job = record(&app.store, move |tx| match &failed {
        None => {
            emails::mark_sent(tx, mail.id, now)?;
            inbound_messages::mark_mailed(tx, &told, now)?;
            // More numbers wait than one digest holds, and the law counts the days.
            if is_full && inbound_messages::has_unmailed(tx)? {
                emails::add(tx, EmailKind::Digest, "{}", now)?;
            }
            Ok(())
        }
        Some(error) => {
            let [spread] = random_bytes();
            emails::mark_tried(tx, mail.id, next_try(&MAIL_RETRIES, mail.attempts + 1, spread, None, now), error)
        }
    });
    job.await?;
    Ok(true)
}

/// What a mail tells, in facts.
#[derive(Debug)]
pub enum EmailView {
    /// `email/digest.*`
    Digest {
        /// The texts to read.
        messages: Vec<ToReview>,
    },
    /// `email/notice.*`
    Notice {
        /// Which one, as the catalogue knows it.
        kind: &'static str,
        /// The reason, in the provider's or our own words.
        why: String,
        /// The SMS company's name.
        provider: &'static str,
    },
}

impl EmailView {
    /// A mail about something that just happened.
    #[must_use]
    pub fn notice(kind: EmailKind, why: String, provider: &'static str) -> Self {
        let worded = match kind {
            // Told apart so that one does not silence the other; what they mean for the owner is the same.
            EmailKind::Webhook | EmailKind::OtherApi => EmailKind::Webhook,
            EmailKind::Digest | EmailKind::Misconfigured | EmailKind::Outage | EmailKind::Receipts => kind,
        };
        Self::Notice { kind: worded.as_str(), why, provider }
    }

    /// Subject, text and HTML.
    ///
    /// # Errors
    /// When a template or the catalogue of the locale cannot say it.
    pub fn written(&self, render: &Render, locale: &str, program: &str) -> Result<(String, String, String), RenderError> {
        let (name, kind, count, view) = match self {
            Self::Digest { messages } => {
                let shown: Vec<Value> = messages.iter().map(shown).collect();
                ("digest", EmailKind::Digest.as_str(), shown.len(), json!({ "messages": shown }))
            }
            Self::Notice { kind, why, provider } => {
                ("notice", *kind, 0, json!({ "kind": kind, "why": why, "provider": provider }))
            }
        };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let arguments = Arguments::from([("program", program.into()), ("kind", kind.into()), ("count", count.into())]);
        let subject = render.words(locale, "email-subject", &arguments)?;
        let text = render.page(locale, &format!("email/{name}.txt"), &view)?;
        let html = render.page(locale, &format!("email/{name}.html"), &view)?;
        Ok((subject, text, html))
    }
}

/// What a mail says, and which messages it brings; `None` if nothing is left to tell.
async fn view(app: &Arc<App>, mail: &ClaimedEmail) -> Result<(Option<EmailView>, Vec<i64>), FlowError> {
    if mail.kind == EmailKind::Digest {
        let messages = app.store.read(|tx| inbound_messages::unmailed(tx, DIGEST, OF_ONE_NUMBER)).await?;
        let told = messages.iter().map(|message| message.id).collect();
        return Ok(((!messages.is_empty()).then_some(EmailView::Digest { messages }), told));
    }
    let facts: Value = serde_json::from_str(&mail.facts).unwrap_or_default();
    let why = facts["why"].as_str().unwrap_or_default().to_owned();
    Ok((Some(EmailView::notice(mail.kind, why, app.provider.name())), Vec::new()))
}

/// How many numbers the messages are of; those of one stand together.
fn numbers(messages: &[ToReview]) -> i64 {
    let mut phones: Vec<&str> = messages.iter().map(|message| message.phone.as_str()).collect();
    phones.dedup();
    i64::try_from(phones.len()).unwrap_or(i64::MAX)
}

fn shown(message: &ToReview) -> Value {
    json!({
        "phone": message.phone,
        "text": message.text,
        "received_on": day(message.received_at),
        "review_by": day(message.review_by),
    })
}

/// A day, as an owner's script and eye both read it.
fn day(at: OffsetDateTime) -> String {
    at.date().to_string()
}
