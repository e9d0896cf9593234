//! A person types the texted code.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::app::App;
use crate::flow::deliver::report_conversion;
use crate::flow::outgoing::{self, Outgoing};
use crate::flow::proof::{self, Proof};
use crate::flow::texted_codes::{self, CodeOwner};
use crate::flow::{Browser, BrowserToken, FlowError, page_codes};
use crate::optin::code::{Code, CodeError, hashes_match};
use crate::optin::session::SessionState;
use crate::optin::verification::{
    self, CodeMatch, FAILURES_PER_NUMBER, IssuedCode, LIVE_CODES, REPEAT_ANSWERED, VerificationState, state_at,
};
use crate::store::codes::StoredCode;
use crate::store::numbers::NumberFacts;
use crate::store::verifications::{self, Verification};
use crate::store::{Lane, StoreError, Tx, codes, failures, locks, sessions};

/// What the form says.
#[derive(Debug, Clone)]
pub struct ConfirmRequest {
    /// The browser.
    pub browser: Browser,
    /// The entry as typed.
    pub typed: String,
    /// The reference of the verification that the page was about; `None` means this browser's newest one.
    pub verification: Option<String>,
}

/// The outcome of checking an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmOutcome {
    /// The number is proven, either now or before.
    Verified {
        /// The token that replaces the browser's own (ASVS 7.2.4), so that a token that somebody planted earlier shows nothing
        /// from now on. `None` if it was replaced before.
        renewed: Option<BrowserToken>,
    },
    /// The entry can't be a code. No attempt was spent.
    Unreadable(CodeError),
    /// The entry matches none of the codes.
    WrongCode {
        /// How many attempts are left, at least 1.
        left: u32,
    },
    /// It is the page's own code, which has to be texted in. No attempt was spent.
    ReplyCodeTyped,
    /// It is an older code of this verification. No attempt was spent.
    OldCode,
    /// The page was about a different number than the one that this browser asked for last. No attempt was spent.
    OtherNumber,
    /// The verification has ended: it expired or is locked, perhaps because of this entry.
    Ended,
    /// This browser has nothing to check a code against.
    NothingPending,
}

/// Checks an entry and records what it proves.
pub async fn confirm(app: &Arc<App>, request: ConfirmRequest) -> Result<ConfirmOutcome, FlowError> {
    let now = app.clock.now();
    let job = outgoing::write(app, Lane::Pages, now, move |tx, app, outgoing| take_entry(tx, app, outgoing, &request, now));
    let (outcome, proven) = job.await?;
    if let Some(verification) = proven {
        report_conversion(app, verification);
    }
    Ok(outcome)
}

/// Decides what an entry is, and returns the verification that it proved, if any.
fn take_entry(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    request: &ConfirmRequest,
    now: OffsetDateTime,
) -> Result<(ConfirmOutcome, Option<i64>), StoreError> {
    let rules = &app.config.verification;
    locks::take_number_of_browser(tx, request.browser.as_str())?;
    let Some((current, number, has_older)) = verifications::latest_with_number(tx, request.browser.as_str())? else {
        return Ok((repeated(tx, app, request, now)?, None));
    };
    match state_at(current.state, current.expires_at, now) {
        VerificationState::Pending => {}
        VerificationState::Verified => return Ok((ConfirmOutcome::Verified { renewed: None }, None)),
        VerificationState::Expired | VerificationState::Locked => return Ok((ConfirmOutcome::Ended, None)),
        VerificationState::Superseded => return Ok((ConfirmOutcome::NothingPending, None)),
    }
    if request.verification.as_ref().is_some_and(|reference| *reference != current.reference) {
        return Ok((ConfirmOutcome::OtherNumber, None));
    }
    let code = match Code::parse(&request.typed, rules.code_length) {
        Ok(code) => code,
        Err(error) => return Ok((ConfirmOutcome::Unreadable(error), None)),
    };
    let issued = codes::of_verification(tx, current.id)?;
    // The page shows this code anyway, so comparing it first gives nothing away.
    let lookup = code.lookup(&app.keys.codes, &current.phone);
    if issued.iter().any(|known| page_codes::is_good(known, current.reply, now) && hashes_match(&known.lookup, &lookup)) {
        return Ok((ConfirmOutcome::ReplyCodeTyped, None));
    }
    // The attempt is spent before the comparison, so that guesses sent all at once get no more attempts than others.
    if !verifications::spend_attempt(tx, current.id, VerificationState::Pending, rules.max_attempts, &lookup, now)? {
        let sent_again = current.wrong_entry.as_deref().is_some_and(|last| hashes_match(last, &lookup));
        let left = rules.max_attempts.saturating_sub(current.attempts);
        let outcome = if sent_again && left > 0 { ConfirmOutcome::WrongCode { left } } else { ConfirmOutcome::Ended };
        return Ok((outcome, None));
    }
    let pending = Pending { current, number, has_older, texted: texted(issued) };
    let outcome = check(tx, app, outgoing, &pending, &code, now)?;
    let proven = matches!(outcome, ConfirmOutcome::Verified { .. }).then_some(pending.current.id);
    Ok((outcome, proven))
}

/// The verification that an entry is checked against.
struct Pending {
    current: Verification,
    number: NumberFacts,
    /// Whether its browser has older verifications.
    has_older: bool,
    /// The codes that were texted for it.
    texted: Vec<StoredCode>,
}

/// Returns the codes that were texted. A refused one was already expired when it was written.
fn texted(issued: Vec<StoredCode>) -> Vec<StoredCode> {
    let went_out =
        |code: &StoredCode| page_codes::generation_of(code).is_none() && code.issued.issued_at < code.issued.expires_at;
    issued.into_iter().filter(went_out).collect()
}

fn check(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    pending: &Pending,
    code: &Code,
    now: OffsetDateTime,
) -> Result<ConfirmOutcome, StoreError> {
    let Pending { current, number, has_older, texted } = pending;
    let matching = texted_codes::place_of(app, owner(current, &current.browser), texted, code);
    let issued: Vec<IssuedCode> = texted.iter().map(|known| known.issued).collect();
    let closed = number.failures >= FAILURES_PER_NUMBER;
    let judged = if closed { CodeMatch::Wrong } else { verification::judge(&issued, matching, now) };
    match judged {
        CodeMatch::Right => {
            let token = renewed_token(app, &current.browser, &current.reference);
            let renewed = Browser::from_token(&token);
            let proof = Proof::TypedCode { renewed: &renewed };
            // Something else may have ended it since we read it. Then this code proves nothing.
            if !proof::apply(tx, app, outgoing, current, *number, &proof, now)? {
                return Ok(ConfirmOutcome::Ended);
            }
            if *has_older {
                verifications::renew_browser(tx, &current.browser, renewed.as_str())?;
            }
            Ok(ConfirmOutcome::Verified { renewed: Some(token) })
        }
        CodeMatch::Old => {
            verifications::refund_attempt(tx, current.id)?;
            Ok(ConfirmOutcome::OldCode)
        }
        CodeMatch::Wrong => {
            let forget_at = now + app.config.unconfirmed_kept();
            if issued.iter().rev().take(LIVE_CODES).any(|code| now < code.expires_at) {
                failures::add(tx, &current.phone, forget_at)?;
            } else {
                failures::add_none(tx, &current.phone, forget_at)?;
            }
            let left = app.config.verification.max_attempts.saturating_sub(current.attempts + 1);
            if left > 0 {
                return Ok(ConfirmOutcome::WrongCode { left });
            }
            verifications::end(tx, current.id, VerificationState::Locked)?;
            if let Some(session) = current.session_id {
                sessions::end(tx, session, SessionState::Locked)?;
            }
            codes::delete_of_verification(tx, current.id)?;
            Ok(ConfirmOutcome::Ended)
        }
    }
}

/// Returns what the codes of a verification belong to; `browser` is the one that they were issued for.
fn owner<'a>(of: &'a Verification, browser: &'a str) -> CodeOwner<'a> {
    CodeOwner { phone: &of.phone, reference: &of.reference, browser, locale: &of.evidence.locale }
}

fn renewed_token(app: &App, browser: &str, verification: &str) -> BrowserToken {
    BrowserToken::new(app.keys.renewed_token(browser, verification))
}

/// Answers a browser that has no verification. It may have sent its code twice: the second request still carries the token that
/// the answer to the first one replaces. The same code gets the same answer. A different code costs an attempt, as before.
fn repeated(tx: &mut Tx<'_>, app: &App, request: &ConfirmRequest, now: OffsetDateTime) -> Result<ConfirmOutcome, StoreError> {
    let rules = &app.config.verification;
    let browser = request.browser.as_str();
    let Some(verified) = verifications::renewed_from(tx, browser, now - REPEAT_ANSWERED)? else {
        return Ok(ConfirmOutcome::NothingPending);
    };
    let Ok(code) = Code::parse(&request.typed, rules.code_length) else { return Ok(ConfirmOutcome::NothingPending) };
    let lookup = code.lookup(&app.keys.codes, &verified.phone);
    if !verifications::spend_attempt(tx, verified.id, VerificationState::Verified, rules.max_attempts, &lookup, now)? {
        return Ok(ConfirmOutcome::NothingPending);
    }
    let texted = texted(codes::of_verification(tx, verified.id)?);
    if texted_codes::place_of(app, owner(&verified, browser), &texted, &code).is_none() {
        return Ok(ConfirmOutcome::NothingPending);
    }
    verifications::refund_attempt(tx, verified.id)?;
    Ok(ConfirmOutcome::Verified { renewed: Some(renewed_token(app, browser, &verified.reference)) })
}
