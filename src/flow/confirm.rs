//! A person types the texted code.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::app::App;
use crate::flow::deliver::report_conversion;
use crate::flow::issue::live_reply_codes;
use crate::flow::settle::{Proof, settle};
use crate::flow::{Browser, FlowError};
use crate::optin::code::{Code, CodeBinding, CodeError, hashes_match};
use crate::optin::verification::{self, CodeMatch, FAILURES_PER_NUMBER, IssuedCode, LIVE_CODES, VerificationState, state_at};
use crate::render::Render;
use crate::store::verifications::{self, Verification};
use crate::store::{Lane, StoreError, Tx, codes, failures};

/// What the form says.
#[derive(Debug, Clone)]
pub struct ConfirmRequest {
    /// Which browser.
    pub browser: Browser,
    /// The entry as it was typed.
    pub typed: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmOutcome {
    /// The number is proven; now, or before.
    Verified,
    /// The entry cannot be a code. No try was spent.
    Unreadable(CodeError),
    /// It is none of the codes; so many tries are left.
    WrongCode {
        /// At least 1.
        left: u32,
    },
    /// It is the page's own code, which is to be texted in. No try was spent.
    ReplyCodeTyped,
    /// It is an older code of this verification. No try was spent.
    OldCode,
    /// The verification has ended: expired or locked, perhaps by this entry.
    Ended,
    /// This browser has nothing to check a code against.
    NothingPending,
}

/// Checks an entry and records what it proves.
///
/// # Errors
/// When the store or the words fail.
pub async fn confirm(app: &Arc<App>, request: ConfirmRequest) -> Result<ConfirmOutcome, FlowError> {
    let render = app.render();
    let wired = Arc::clone(app);
    let now = app.clock.now();
    let outcome = app.store.write(Lane::Pages, move |tx| {
        let rules = &wired.config.verification;
        let Some(current) = verifications::latest_of_browser(tx, request.browser.as_str())? else {
            return Ok((ConfirmOutcome::NothingPending, None));
        };
        match state_at(current.state, current.expires_at, now) {
            VerificationState::Pending => {}
            VerificationState::Verified => return Ok((ConfirmOutcome::Verified, None)),
            VerificationState::Expired | VerificationState::Locked => return Ok((ConfirmOutcome::Ended, None)),
            VerificationState::Superseded => return Ok((ConfirmOutcome::NothingPending, None)),
        }
        let code = match Code::parse(&request.typed, rules.code_length) {
            Ok(code) => code,
            Err(error) => return Ok((ConfirmOutcome::Unreadable(error), None)),
        };
        // The page shows it, so that comparing it first gives nothing away.
        if live_reply_codes(&wired, &current, now).contains(&code) {
            return Ok((ConfirmOutcome::ReplyCodeTyped, None));
        }
        // The try is spent before the comparison, so that a hundred guesses at once still have five.
        if !verifications::spend_attempt(tx, current.id, rules.max_attempts, now)? {
            return Ok((ConfirmOutcome::Ended, None));
        }
        let outcome = check(tx, &wired, &render, &current, &code, now)?;
        Ok((outcome, (outcome == ConfirmOutcome::Verified).then_some(current.id)))
    });
    let (outcome, proven) = outcome.await?;
    if let Some(verification) = proven {
        report_conversion(app, verification);
    }
    app.outbox.notify_one();
    Ok(outcome)
}

fn check(
    tx: &mut Tx<'_>,
    app: &App,
    render: &Render,
    current: &Verification,
    code: &Code,
    now: OffsetDateTime,
) -> Result<ConfirmOutcome, StoreError> {
    let stored = codes::of_verification(tx, current.id)?;
    let binding = CodeBinding { phone: &current.phone, verification: &current.reference, browser: &current.browser };
    let matches = stored.iter().map(|known| hashes_match(&code.hash(&app.keys.codes, &known.salt, binding), &known.hash));
    let matching = matches.collect::<Vec<_>>().iter().position(|hit| *hit);
    let issued: Vec<IssuedCode> = stored.iter().map(|known| known.issued).collect();
    let closed = failures::count(tx, &current.phone)? >= FAILURES_PER_NUMBER;
    let judged = if closed { CodeMatch::Wrong } else { verification::judge(&issued, matching, now) };
    match judged {
        CodeMatch::Right => {
            settle(tx, app, render, current, &Proof::TypedCode, now)?;
            Ok(ConfirmOutcome::Verified)
        }
        CodeMatch::Old => {
            verifications::refund_attempt(tx, current.id)?;
            Ok(ConfirmOutcome::OldCode)
        }
        CodeMatch::Wrong => {
            if issued.iter().rev().take(LIVE_CODES).any(|code| now < code.expires_at) {
                failures::add(tx, &current.phone, now)?;
            }
            let left = app.config.verification.max_attempts.saturating_sub(current.attempts + 1);
            if left > 0 {
                return Ok(ConfirmOutcome::WrongCode { left });
            }
            verifications::end(tx, current.id, VerificationState::Locked)?;
            codes::delete_of_verification(tx, current.id)?;
            Ok(ConfirmOutcome::Ended)
        }
    }
}
