//! A person asks for a new code on the code page.

use std::sync::Arc;

use crate::app::App;
use crate::flow::admission::{self, Charged, Origin};
use crate::flow::issue;
use crate::flow::{Browser, FlowError};
use crate::optin::caps::Admission;
use crate::optin::verification::{self, Resend, VerificationMethod, VerificationState, state_at};
use crate::store::Lane;
use crate::store::verifications;

/// What came of it. The page is `/code` each time and says by itself what holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResendOutcome {
    /// A new code was asked for, whether or not a text goes out.
    Requested,
    /// Not due, or none left: nothing changed and nothing was charged.
    NotDue,
    /// The address or the browser asked too often.
    TooMany,
    /// The site has had its codes for now.
    SitePaused,
    /// This browser has nothing pending.
    NothingPending,
}

/// Counts the resend and queues its text. Consent stays as it was given.
///
/// # Errors
/// When the store or the words fail.
pub async fn resend(app: &Arc<App>, browser: Browser, origin: Origin) -> Result<ResendOutcome, FlowError> {
    let render = app.render();
    let wired = Arc::clone(app);
    let now = app.clock.now();
    let outcome = app.store.write(Lane::Pages, move |tx| {
        let app = &wired;
        let rules = &app.config.verification;
        let latest = verifications::latest_of_browser(tx, browser.as_str())?;
        let Some(current) = latest.filter(|v| state_at(v.state, v.expires_at, now) == VerificationState::Pending) else {
            return Ok(ResendOutcome::NothingPending);
        };
        match verification::resend(current.resends, current.last_request_at, now, rules) {
            Resend::Due => {}
            Resend::Waiting(_) | Resend::NoneLeft => return Ok(ResendOutcome::NotDue),
        }
        let mut charged = Charged::load(tx, browser.as_str(), &origin)?;
        let site_full = charged.site_is_full(&app.config, now);
        if site_full && !app.config.offers(VerificationMethod::ReplyCode) {
            return Ok(ResendOutcome::SitePaused);
        }
        if charged.shut_out_until(&app.config, now).is_some() {
            return Ok(ResendOutcome::TooMany);
        }
        let admission = admission::admit(
            tx,
            app,
            &current.phone,
            site_full,
            verification::code_expires_at(current.created_at, now, rules),
            now,
        )?;
        // A STOP took the consent back, and no box was ticked since: nothing is texted, and the page's code lifts nothing.
        let admission = admission.map(|admitted| if current.consent_revoked { Admission::OptedOut } else { admitted });
        let same_address = current.address.as_deref() == Some(&origin.address);
        verifications::count_resend(tx, current.id, admission == Some(Admission::Allowed), same_address, now)?;
        issue::renew_reply(tx, app, &current, true, now)?;
        issue::answer_request(tx, app, &render, &mut charged, &current, admission, now)?;
        Ok(ResendOutcome::Requested)
    });
    let outcome = outcome.await?;
    app.outbox.notify_one();
    Ok(outcome)
}
