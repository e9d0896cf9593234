//! A carrier reports what became of a text.
//!
//! A report drives the row and never moves one back that has ended. It may come before the send call returned, twice, or
//! out of order. No browser learns of it: the reason is the owner's to see.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::flow::{FlowError, notify, standing};
use crate::optin::phone::PhoneNumber;
use crate::sms::{Consequence, Receipt, ReceiptState, message_of};
use crate::store::emails::EmailKind;
use crate::store::receipts::{self, Ending, Reported};
use crate::store::{Lane, StoreError, Tx};

/// So many codes that did not arrive within a day are worth a mail (INT-10).
const FAILURES_TO_TELL: usize = 50;
const FAILURES_LOOKED_BACK: Duration = Duration::hours(24);

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// The text has ended.
    Ended,
    /// It says nothing final, or of a text that has ended before.
    NothingNew,
    /// Its text is not known yet: it waits for it.
    Early,
    /// It is about no text of ours.
    NotOurs,
}

/// Whether the company's name for a text is one that it gave to a text of ours, which no stranger knows.
///
/// # Errors
/// When the store fails.
pub async fn is_ours(app: &Arc<App>, provider_message_id: String) -> Result<bool, FlowError> {
    let provider = app.provider.name();
    let found = app.store.read(move |tx| receipts::find(tx, provider, Some(&provider_message_id), None)).await?;
    Ok(found.is_some())
}

/// Takes a report in.
///
/// # Errors
/// When the store fails; then the company must report again.
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
        let Some(reported) = receipts::find(tx, provider, name.as_deref(), reference)? else {
            return Ok(match &name {
                Some(name) => {
                    receipts::keep_early(tx, provider, name, ending, &why, now)?;
                    ReceiptOutcome::Early
                }
                None => ReceiptOutcome::NotOurs,
            });
        };
        // A reference that somebody made up, or another installation's, must not touch a stranger's text.
        if phone.is_some() && reported.phone.is_some() && phone != reported.phone {
            return Ok(ReceiptOutcome::NotOurs);
        }
        end(tx, &wired, &reported, ending, &why, now)
    });
    let outcome = outcome.await?;
    app.mailbox.notify_one();
    Ok(outcome)
}

/// Ends a text as reported, with what follows for its number.
pub(super) fn end(
    tx: &mut Tx<'_>,
    app: &App,
    reported: &Reported,
    ending: Ending,
    why: &str,
    now: OffsetDateTime,
) -> Result<ReceiptOutcome, StoreError> {
    let changed = receipts::apply(tx, reported.id, ending, why, now)?;
    // One part may be delivered and another refused, or the row have ended by a time-out: an opt-out is one all the same.
    if let (Ending::OptedOut, Some(phone)) = (ending, &reported.phone) {
        standing::opt_out_by_provider(tx, app, phone, why, reported.queued_at, now)?;
    }
    if !changed {
        return Ok(ReceiptOutcome::NothingNew);
    }
    if ending != Ending::Delivered {
        tracing::warn!(message_id = reported.id, why, "a text did not arrive");
        let failed = receipts::failed_since(tx, now - FAILURES_LOOKED_BACK, FAILURES_TO_TELL)?;
        if failed >= FAILURES_TO_TELL {
            notify::tell(tx, app, EmailKind::Receipts, why, now)?;
        }
    }
    if ending == Ending::Misconfigured {
        notify::tell(tx, app, EmailKind::Misconfigured, why, now)?;
    }
    if let (Ending::FailedForGood, Some(phone)) = (ending, &reported.phone) {
        standing::close_if_dead(tx, app, phone, why, now)?;
    }
    Ok(ReceiptOutcome::Ended)
}
