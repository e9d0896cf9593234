//! A carrier's report on what became of a text.
//!
//! A report updates the row, but never changes one that has already ended. It may arrive before the send call returns, twice, or
//! out of order. No browser sees it: the reason is only for the owner.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::flow::{FlowError, no_more_texts, notify};
use crate::optin::phone::PhoneNumber;
use crate::sms::{Consequence, Receipt, ReceiptState, message_of};
use crate::store::emails::EmailKind;
use crate::store::receipts::{self, Ending, Reported};
use crate::store::{Lane, StoreError, Tx, locks};

/// How many codes must fail to arrive within a day to be worth an e-mail (INT-10).
const FAILURES_TO_TELL: usize = 50;
const FAILURES_LOOKED_BACK: Duration = Duration::hours(24);
/// How far back the sweep looks for reports that missed their text, and how many of them it looks at.
const MISSED_WITHIN: Duration = Duration::minutes(10);
const MISSED_AT_ONCE: i64 = 500;

/// The outcome of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// The text has ended.
    Ended,
    /// The report isn't final, or the text had already ended.
    NothingNew,
    /// The text isn't known yet, so the report waits for it.
    Early,
    /// The report isn't about one of our texts.
    NotOurs,
}

/// Returns whether this is an ID that the provider gave to one of our texts. Nobody else knows those.
pub async fn is_ours(app: &Arc<App>, provider_message_id: String) -> Result<bool, FlowError> {
    let provider = app.provider.name();
    let found = app.store.read(move |tx| receipts::find(tx, provider, Some(&provider_message_id), None)).await?;
    Ok(found.is_some())
}

/// Processes a report.
///
/// # Errors
/// If the store fails. The provider must then report again.
pub async fn receipt(app: &Arc<App>, report: Receipt) -> Result<ReceiptOutcome, FlowError> {
    let (ending, why) = match report.state {
        ReceiptState::Underway => return Ok(ReceiptOutcome::NothingNew),
        ReceiptState::Delivered => (Ending::Delivered, String::new()),
        ReceiptState::Failed { why, consequence: Consequence::None } => (Ending::Failed, why),
        ReceiptState::Failed { why, consequence: Consequence::Misconfigured } => (Ending::Misconfigured, why),
        ReceiptState::Failed { why, consequence: Consequence::Permanent } => (Ending::FailedForGood, why),
        ReceiptState::Failed { why, consequence: Consequence::OptedOut } => (Ending::OptedOut, why),
    };
    let reference = report.reference.as_deref().and_then(message_of);
    let phone = report.phone.as_deref().and_then(PhoneNumber::from_stored);
    let (name, provider) = (report.message_id, app.provider.name());
    let wired = Arc::clone(app);
    let now = app.clock.now();
    let outcome = app.store.write(Lane::Urgent, move |tx| {
        if let Some(phone) = &phone {
            locks::take_number(tx, phone)?;
        }
        let mut found = receipts::find(tx, provider, name.as_deref(), reference)?;
        if let (None, Some(of_text)) = (&phone, found.as_ref().and_then(|found| found.phone.clone())) {
            locks::take_number(tx, &of_text)?;
            found = receipts::find(tx, provider, name.as_deref(), reference)?;
        }
        let Some(reported) = found else {
            return Ok(match &name {
                Some(name) => {
                    receipts::keep_early(tx, provider, name, ending, &why, now)?;
                    ReceiptOutcome::Early
                }
                None => ReceiptOutcome::NotOurs,
            });
        };
        // A made-up reference, or one from another installation, must not affect somebody else's text.
        if phone.is_some() && reported.phone.is_some() && phone != reported.phone {
            return Ok(ReceiptOutcome::NotOurs);
        }
        end(tx, &wired, &reported, ending, &why, now)
    });
    let outcome = outcome.await?;
    app.mailbox.notify_one();
    Ok(outcome)
}

/// Processes reports that missed their text. On Postgres, a report without a number doesn't wait for the transaction that
/// records its text's id, so neither may see what the other writes.
pub(super) async fn process_missed(app: &Arc<App>) -> Result<(), FlowError> {
    let (now, provider) = (app.clock.now(), app.provider.name());
    let missed = app.store.read(move |tx| receipts::missed(tx, provider, now - MISSED_WITHIN, MISSED_AT_ONCE)).await?;
    for name in missed {
        let wired = Arc::clone(app);
        let job = move |tx: &mut Tx<'_>| {
            let Some(reported) = receipts::find(tx, provider, Some(&name), None)? else { return Ok(()) };
            if let Some(phone) = &reported.phone {
                locks::take_number(tx, phone)?;
            }
            let Some((ending, why)) = receipts::take_early(tx, provider, &name)? else { return Ok(()) };
            end(tx, &wired, &reported, ending, &why, now).map(drop)
        };
        app.store.write(Lane::Pages, job).await?;
    }
    Ok(())
}

/// Ends a text as reported, applies the consequences for its number, and tells the owner.
fn end(
    tx: &mut Tx<'_>,
    app: &App,
    reported: &Reported,
    ending: Ending,
    why: &str,
    now: OffsetDateTime,
) -> Result<ReceiptOutcome, StoreError> {
    let outcome = apply(tx, app, reported, ending, why, now)?;
    if outcome == ReceiptOutcome::Ended {
        tell(tx, app, ending, why, now)?;
    }
    Ok(outcome)
}

/// Ends a text as reported, and applies the consequences for its number. If that's news, [`tell`] comes next.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    app: &App,
    reported: &Reported,
    ending: Ending,
    why: &str,
    now: OffsetDateTime,
) -> Result<ReceiptOutcome, StoreError> {
    let changed = receipts::apply(tx, reported.id, ending, why, now)?;
    // One part may be delivered and another refused, or the row may have ended by a timeout. An opt-out still counts.
    if let (Ending::OptedOut, Some(phone)) = (ending, &reported.phone) {
        no_more_texts::opt_out_by_provider(tx, app, phone, why, reported.queued_at, now)?;
    }
    if !changed {
        return Ok(ReceiptOutcome::NothingNew);
    }
    if let (Ending::FailedForGood, Some(phone)) = (ending, &reported.phone) {
        no_more_texts::close_if_dead(tx, app, phone, why, now)?;
    }
    if ending != Ending::Delivered {
        tracing::warn!(message_id = reported.id, why, "a text did not arrive");
    }
    Ok(ReceiptOutcome::Ended)
}

/// Sends the owner an e-mail if too many texts don't arrive, or if a setting is wrong. It takes the e-mail lock, so it comes last.
pub(super) fn tell(tx: &mut Tx<'_>, app: &App, ending: Ending, why: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    if ending != Ending::Delivered {
        let failed = receipts::failed_since(tx, now - FAILURES_LOOKED_BACK, FAILURES_TO_TELL)?;
        if failed >= FAILURES_TO_TELL {
            notify::tell(tx, app, EmailKind::Receipts, why, now)?;
        }
    }
    if ending == Ending::Misconfigured {
        notify::tell(tx, app, EmailKind::Misconfigured, why, now)?;
    }
    Ok(())
}
