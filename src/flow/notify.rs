//! E-mail to the owner: what is worth one, and how it is sent.
//!
//! Each e-mail is queued in the same transaction as the event it reports, and is sent afterward, with retries for two days. At
//! most one e-mail of each kind goes out per hour, and one digest a day unless more is waiting than one can hold. A digest lists
//! what is waiting at the moment it is sent, and only what was sent counts as reported. Without mail settings nothing is queued:
//! the log already says it all.

use std::sync::Arc;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::clock::random_bytes;
use crate::flow::mails::EmailView;
use crate::flow::{FlowError, record};
use crate::optin::retry::{MAIL_RETRIES, next_try};
use crate::store::emails::{self, ClaimedEmail, EmailKind};
use crate::store::inbound_messages::{self, ToReview};
use crate::store::{Lane, StoreError, Tx, locks, wal_mib};

/// At most one e-mail of each kind goes out in this time.
const QUIET: Duration = Duration::hours(1);
/// At most one digest goes out in this time.
const DAILY: Duration = Duration::hours(24);
/// The most numbers whose messages one digest lists. The next digest follows right away with the rest.
const DIGEST: i64 = 100;
/// The most messages of one number in one digest. The rest come with the next day's.
const OF_ONE_NUMBER: i64 = 50;
/// How many MiB of SQLite's write-ahead log are worth an e-mail. It's emptied from 16 on, and its file is cut to 64, unless a
/// reader still needs it.
const WAL_TOO_LARGE: u64 = 128;
/// How long a claim on an e-mail lasts.
const CLAIM: Duration = Duration::minutes(2);

/// Queues an e-mail about what just happened, unless one of its kind was queued within the past hour.
pub(super) fn tell(tx: &mut Tx<'_>, app: &App, kind: EmailKind, why: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    if app.mailer.is_none() || emails::queued_since(tx, kind, now - QUIET)? {
        return Ok(());
    }
    locks::take_job(tx, locks::Job::Mail)?;
    // Another instance may have just queued one.
    if emails::queued_since(tx, kind, now - QUIET)? {
        return Ok(());
    }
    emails::add(tx, kind, &json!({ "why": why }).to_string(), now)
}

/// Tells the owner of something that wasn't part of a transaction.
pub async fn tell_of(app: &Arc<App>, kind: EmailKind, why: String) -> Result<(), FlowError> {
    if app.mailer.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    let wired = Arc::clone(app);
    app.store.write(Lane::Pages, move |tx| tell(tx, &wired, kind, &why, now)).await?;
    app.mailbox.notify_one();
    Ok(())
}

/// Tells the owner that SQLite's write-ahead log is too large: something has been reading the database for too long.
pub(super) async fn tell_of_wal(app: &Arc<App>) -> Result<(), FlowError> {
    let Some(mib) = wal_mib(&app.config.database).filter(|mib| *mib >= WAL_TOO_LARGE) else { return Ok(()) };
    let why = format!("{}-wal has {mib} MiB", app.config.database);
    tracing::warn!("{why}: something has been reading the database for too long; find it and end it, or restart");
    tell_of(app, EmailKind::Wal, why).await
}

/// Queues the digest of messages that matched nothing, once a day if there are any.
pub(super) async fn digest(app: &Arc<App>) -> Result<(), FlowError> {
    if app.mailer.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    if !app.store.read(inbound_messages::has_unmailed).await? {
        return Ok(());
    }
    let job = app.store.write(Lane::Pages, move |tx| {
        locks::take_job(tx, locks::Job::Mail)?;
        if emails::is_waiting(tx, EmailKind::Digest)? || emails::queued_since(tx, EmailKind::Digest, now - DAILY)? {
            return Ok(());
        }
        emails::add(tx, EmailKind::Digest, "{}", now)
    });
    job.await?;
    app.mailbox.notify_one();
    Ok(())
}

/// Sends the e-mail that is due next. Returns whether there was one.
///
/// An e-mail that the mail server refuses isn't an error. It is retried later.
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
        // There is nothing left to report.
        Ok(None) => None,
        // A broken template of the owner's is retried, like a server that is down: it may be fixed by then.
        Err(error) => Some(error.to_string()),
    };
    let now = app.clock.now();
    if let Some(error) = &failed {
        tracing::warn!(kind = mail.kind.as_str(), error, "an e-mail to the owner could not be sent");
    }
    let job = record(&app.store, move |tx| match &failed {
        None => {
            emails::mark_sent(tx, mail.id, now)?;
            inbound_messages::mark_mailed(tx, &told, now)?;
            // More numbers are waiting than one digest holds, and the legal deadline is running.
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

/// Returns what an e-mail says, and which messages it contains; `None` if there is nothing left to report.
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

/// Counts the numbers that the messages come from. Messages from one number are next to each other.
fn numbers(messages: &[ToReview]) -> i64 {
    let mut phones: Vec<&str> = messages.iter().map(|message| message.phone.as_str()).collect();
    phones.dedup();
    i64::try_from(phones.len()).unwrap_or(i64::MAX)
}
