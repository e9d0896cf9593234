//! A person types the texted code.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::app::App;
use crate::flow::deliver::report_conversion;
use crate::flow::issue::live_reply_codes;
use crate::flow::settle::{Proof, settle};
use crate::flow::{Browser, BrowserToken, FlowError};
use crate::optin::code::{Code, CodeBinding, CodeError, hashes_match};
use crate::optin::verification::{
    self, CodeMatch, FAILURES_PER_NUMBER, IssuedCode, LIVE_CODES, REPEAT_ANSWERED, VerificationState, state_at,
};
use crate::render::Render;
use crate::store::codes::StoredCode;
use crate::store::verifications::{self, Verification};
use crate::store::{Lane, StoreError, Tx, codes, counts, failures};

/// What the form says.
#[derive(Debug, Clone)]
pub struct ConfirmRequest {
    /// Which browser.
    pub browser: Browser,
    /// The entry as it was typed.
    pub typed: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmOutcome {
    /// The number is proven; now, or before.
    Verified {
        /// The token that replaces the browser's own (ASVS 7.2.4): one that somebody planted beforehand shows nothing from
        /// now on. `None` if it was replaced before.
        renewed: Option<BrowserToken>,
    },
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
            return Ok((repeated(tx, &wired, &request, now)?, None));
        };
        match state_at(current.state, current.expires_at, now) {
            VerificationState::Pending => {}
            VerificationState::Verified => return Ok((ConfirmOutcome::Verified { renewed: None }, None)),
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
        if !verifications::spend_attempt(tx, current.id, VerificationState::Pending, rules.max_attempts, now)? {
            return Ok((ConfirmOutcome::Ended, None));
        }
        let outcome = check(tx, &wired, &render, &current, &code, now)?;
        let proven = matches!(outcome, ConfirmOutcome::Verified { .. }).then_some(current.id);
        Ok((outcome, proven))
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
    let matching = place_of(app, current, &current.browser, &stored, code);
    let issued: Vec<IssuedCode> = stored.iter().map(|known| known.issued).collect();
    let closed = failures::count(tx, &current.phone)? >= FAILURES_PER_NUMBER;
    let judged = if closed { CodeMatch::Wrong } else { verification::judge(&issued, matching, now) };
    match judged {
        CodeMatch::Right => {
            // Something else may have ended it since it was read; then this code proves nothing.
            if !settle(tx, app, render, current, &Proof::TypedCode, now)? {
                return Ok(ConfirmOutcome::Ended);
            }
            let renewed = renewed_token(app, &current.browser, &current.reference);
            let browser = Browser::from_token(&renewed);
            verifications::renew_browser(tx, current.id, &current.browser, browser.as_str())?;
            counts::renew_browser(tx, &current.browser, browser.as_str())?;
            Ok(ConfirmOutcome::Verified { renewed: Some(renewed) })
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

/// The place of an entry among the stored codes of a verification, which are bound to `browser`. Every one is compared.
fn place_of(app: &App, of: &Verification, browser: &str, stored: &[StoredCode], code: &Code) -> Option<usize> {
    let binding = CodeBinding { phone: &of.phone, verification: &of.reference, browser };
    let matches = stored.iter().map(|known| hashes_match(&code.hash(&app.keys.codes, &known.salt, binding), &known.hash));
    matches.collect::<Vec<_>>().iter().position(|hit| *hit)
}

fn renewed_token(app: &App, browser: &str, verification: &str) -> BrowserToken {
    BrowserToken::new(app.keys.renewed_token(browser, verification))
}

/// A browser without a verification may have sent its code twice, and its second request still carries the token that
/// the answer to the first one replaces. The same code gets the same answer. Another one costs a try, as before.
fn repeated(tx: &mut Tx<'_>, app: &App, request: &ConfirmRequest, now: OffsetDateTime) -> Result<ConfirmOutcome, StoreError> {
    let rules = &app.config.verification;
    let browser = request.browser.as_str();
    let Some(verified) = verifications::renewed_from(tx, browser, now - REPEAT_ANSWERED)? else {
        return Ok(ConfirmOutcome::NothingPending);
    };
    let Ok(code) = Code::parse(&request.typed, rules.code_length) else { return Ok(ConfirmOutcome::NothingPending) };
    if !verifications::spend_attempt(tx, verified.id, VerificationState::Verified, rules.max_attempts, now)? {
        return Ok(ConfirmOutcome::NothingPending);
    }
    let stored = codes::of_verification(tx, verified.id)?;
    if place_of(app, &verified, browser, &stored, &code).is_none() {
        return Ok(ConfirmOutcome::NothingPending);
    }
    verifications::refund_attempt(tx, verified.id)?;
    Ok(ConfirmOutcome::Verified { renewed: Some(renewed_token(app, browser, &verified.reference)) })
}
