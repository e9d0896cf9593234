//! A person asks for a new code on the code page.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::app::App;
use crate::flow::admission::{self, Charged, Origin, Pause};
use crate::flow::outgoing::{self, Outgoing};
use crate::flow::texted_codes::{self, CodeOwner};
use crate::flow::{Browser, FlowError, page_codes};
use crate::optin::caps::Admission;
use crate::optin::verification::{self, IssuedCode, Resend, VerificationMethod, VerificationState, state_at};
use crate::store::verifications;
use crate::store::{Lane, StoreError, Tx, locks, numbers};

/// The outcome of asking for a new code. The page is `/code` in each case, and shows by itself what applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResendOutcome {
    /// A new code was requested, whether or not a text goes out.
    Requested,
    /// A new code isn't due yet, or none is left: nothing changed and nothing was charged.
    NotDue,
    /// The address or the browser asked too often.
    TooMany,
    /// The site has used up its codes for now.
    SitePaused,
    /// This browser has no pending verification.
    NothingPending,
}

/// Counts the resend and queues its text. The consent stays as it was given.
pub async fn resend(app: &Arc<App>, browser: Browser, origin: Origin) -> Result<ResendOutcome, FlowError> {
    let now = app.clock.now();
    Ok(outgoing::write(app, Lane::Pages, now, move |tx, app, outgoing| ask_again(tx, app, outgoing, &browser, &origin, now))
        .await?)
}

fn ask_again(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    browser: &Browser,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<ResendOutcome, StoreError> {
    let rules = &app.config.verification;
    locks::take_number_of_browser(tx, browser.as_str())?;
    let latest = verifications::latest_of_browser(tx, browser.as_str())?;
    let Some(current) = latest.filter(|v| state_at(v.state, v.expires_at, now) == VerificationState::Pending) else {
        return Ok(ResendOutcome::NothingPending);
    };
    match verification::resend(current.resends, current.last_request_at, now, rules) {
        Resend::Due => {}
        Resend::Waiting(_) | Resend::NoneLeft => return Ok(ResendOutcome::NotDue),
    }
    let mut charged = Charged::take(tx, browser.as_str(), origin)?;
    let pause = charged.pause(&app.config, now);
    if pause == Pause::ForAll && !app.config.offers(VerificationMethod::ReplyCode) {
        return Ok(ResendOutcome::SitePaused);
    }
    if charged.shut_out_until(&app.config, now).is_some() {
        return Ok(ResendOutcome::TooMany);
    }

    let phone = &current.phone;
    let issued = IssuedCode { issued_at: now, expires_at: verification::code_expires_at(current.created_at, now, rules) };
    let number = numbers::find(tx, phone)?;
    let has_room = charged.take_room(&app.config, number, now);
    let admission = admission::admit(tx, app, phone, number, has_room, issued.expires_at, now)?;
    // A STOP revoked the consent, and the box hasn't been checked since. So nothing is texted, and the page's own code doesn't
    // lift the opt-out.
    let admission = admission.map(|admitted| if current.consent_revoked { Admission::OptedOut } else { admitted });
    let owner = CodeOwner { phone, reference: &current.reference, browser: &current.browser, locale: &current.evidence.locale };
    let fresh = texted_codes::draw(tx, app, owner, current.reply.current, issued)?;

    let same_address = current.address.as_deref() == Some(&origin.address);
    let reply = current.reply.requested(fresh.generation, !current.consent_revoked);
    let new = page_codes::renewed(app, &current, reply, same_address, now);
    let forget_at = admission::forget_at(&app.config, admission, current.created_at);
    verifications::count_resend(tx, current.id, &new, admission::causes_text(admission).then_some(forget_at))?;
    texted_codes::write(tx, app, outgoing, owner, current.id, &fresh, admission)?;
    charged.add_accepted(&app.config, admission, now);
    charged.save(tx, &app.config, now)?;
    Ok(ResendOutcome::Requested)
}
