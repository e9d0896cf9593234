//! A person asks for a code on the opt-in page.

use std::sync::Arc;

use time::Duration;

use crate::app::App;
use crate::clock::random_bytes;
use crate::flow::admission::{self, Charged, Origin};
use crate::flow::issue;
use crate::flow::{Browser, FlowError};
use crate::optin::caps::Admission;
use crate::optin::consent::Evidence;
use crate::optin::disclosure::{Seen, judge_seen};
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{self, CheckedAgain, VerificationMethod, VerificationState, code_expires_at, state_at};
use crate::store::verifications::{self, NewVerification};
use crate::store::{Lane, codes, disclosures};

/// What the form and the connection say.
#[derive(Debug, Clone)]
pub struct StartRequest {
    /// Which browser.
    pub browser: Browser,
    /// Where it comes from.
    pub origin: Origin,
    /// The number.
    pub phone: PhoneNumber,
    /// The number as it was typed.
    pub phone_typed: String,
    /// What is known of the request; its locale gives way to that of the page that was seen.
    pub evidence: Evidence,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartOutcome {
    /// `/code` is next, whether or not a text goes out.
    Started,
    /// The person saw other terms than today's.
    DisclosureChanged,
    /// The address or the browser asked too often; it may ask again after this long.
    TooMany {
        /// How long.
        wait: Duration,
    },
    /// The site has had its codes for now.
    SitePaused,
}

/// Records the request and queues its text.
///
/// # Errors
/// When the store or the words fail.
pub async fn start(app: &Arc<App>, request: StartRequest) -> Result<StartOutcome, FlowError> {
    let render = app.render();
    let wired = Arc::clone(app);
    let outcome = app.store.write(Lane::Pages, move |tx| {
        let app = &wired;
        let now = request.evidence.at;
        let rules = &app.config.verification;
        let mut evidence = request.evidence.clone();
        let known = disclosures::facts_of(tx, &evidence.disclosure_hash)?;
        let facts_now = known.as_ref().and_then(|(_, locale)| app.config.facts_hash(locale));
        match judge_seen(known.as_ref().map(|(facts, _)| facts.as_str()), facts_now.as_deref()) {
            Seen::Current => {}
            Seen::Changed => return Ok(StartOutcome::DisclosureChanged),
        }
        // The page's own locale wins over what the form says.
        evidence.locale = known.map_or(evidence.locale, |(_, locale)| locale);

        let latest = verifications::latest_of_browser(tx, request.browser.as_str())?;
        let pending = latest.filter(|v| state_at(v.state, v.expires_at, now) == VerificationState::Pending);
        let (same, other): (Option<_>, Option<_>) = match pending {
            // All its texts are used up and there is no other way on: the page says to start again.
            Some(v) if v.phone == request.phone && issue::is_stuck(&app.config, &v, now) => (None, Some(v)),
            Some(v) if v.phone == request.phone => (Some(v), None),
            Some(v) => (None, Some(v)),
            None => (None, None),
        };
        let mut charged = Charged::load(tx, request.browser.as_str(), &request.origin)?;
        let shut_out = charged.shut_out_until(&app.config, now);
        if let Some(current) = &same {
            let (resends, last) = (current.resends, current.last_request_at);
            match verification::checked_again(resends, last, current.reply_renewed, now, rules) {
                CheckedAgain::Resend => {}
                CheckedAgain::Nothing => return Ok(StartOutcome::Started),
                // A double click, or a way back to the same page: the text that was asked for is on its way. The box was
                // checked again, though, and so the page's own code is renewed, whether or not a STOP came meanwhile: it
                // must neither show nor hold.
                CheckedAgain::Renewal { counts } => {
                    if shut_out.is_none() {
                        verifications::renew_consent(tx, current.id, &request.phone_typed, &evidence)?;
                        let same_address = current.address.as_deref() == Some(&request.origin.address);
                        verifications::note_renewal(tx, current.id, counts.then_some(now), same_address)?;
                        issue::renew_reply(tx, app, current, counts, now)?;
                        charged.add_request(&app.config, now);
                        charged.save(tx)?;
                    }
                    return Ok(StartOutcome::Started);
                }
            }
        }
        let site_full = charged.site_is_full(&app.config, now);
        if site_full && !app.config.offers(VerificationMethod::ReplyCode) {
            return Ok(StartOutcome::SitePaused);
        }
        if let Some(until) = shut_out {
            return Ok(StartOutcome::TooMany { wait: until - now });
        }
        let admission = {
            let began = same.as_ref().map_or(now, |current| current.created_at);
            admission::admit(tx, app, &request.phone, site_full, code_expires_at(began, now, rules), now)?
        };
        let caused_text = admission == Some(Admission::Allowed);
        if let Some(current) = same {
            verifications::renew_consent(tx, current.id, &request.phone_typed, &evidence)?;
            let same_address = current.address.as_deref() == Some(&request.origin.address);
            verifications::count_resend(tx, current.id, caused_text, same_address, now)?;
            issue::renew_reply(tx, app, &current, true, now)?;
        } else {
            if let Some(other) = other {
                verifications::end(tx, other.id, VerificationState::Superseded)?;
                codes::delete_of_verification(tx, other.id)?;
            }
            let reference = hex::encode(random_bytes::<16>());
            let new = NewVerification {
                reference: &reference,
                reply_generation: issue::next_generation(tx, app, &request.phone, &reference, 0, now)?,
                browser: request.browser.as_str(),
                address: &request.origin.address,
                network: request.origin.network.as_deref(),
                phone: &request.phone,
                phone_typed: &request.phone_typed,
                evidence: &evidence,
                caused_text,
                expires_at: code_expires_at(now, now, rules),
            };
            verifications::begin(tx, &new)?;
        }
        let current = verifications::latest_of_browser(tx, request.browser.as_str())?;
        let current =
            current.ok_or_else(|| crate::store::StoreError::Corrupt("the verification just created was not found".to_owned()))?;
        issue::answer_request(tx, app, &render, &mut charged, &current, admission, now)?;
        Ok(StartOutcome::Started)
    });
    let outcome = outcome.await?;
    app.outbox.notify_one();
    Ok(outcome)
}
