//! A person asks for a code on the opt-in page.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::clock::random_bytes;
use crate::config::Config;
use crate::flow::admission::{self, Charged, Origin, Pause};
use crate::flow::outgoing::{Outgoing, Turn, follow};
use crate::flow::texted_codes::{self, CodeOwner};
use crate::flow::{Browser, FlowError, page_codes};
use crate::optin::consent::Evidence;
use crate::optin::disclosure::{Seen, judge_seen};
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{
    self, CheckedAgain, IssuedCode, Resend, VerificationMethod, VerificationState, code_expires_at, state_at,
};
use crate::store::verifications::{self, NewVerification, Verification};
use crate::store::{Lane, StoreError, Tx, codes, disclosures, numbers};

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
    /// Whether the page that was seen is one that this process serves, so that its terms are today's and its locale is that of
    /// the evidence.
    pub saw_todays_page: bool,
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
    let wired = Arc::clone(app);
    let turn = Turn::take(app, request.evidence.at);
    let claim_until = Turn::claim_until(turn.as_ref());
    let job = app.store.write(Lane::Pages, move |tx| {
        let mut outgoing = Outgoing::new(claim_until);
        let outcome = ask(tx, &wired, &mut outgoing, &request)?;
        Ok((outcome, outgoing))
    });
    let (outcome, outgoing) = job.await?;
    follow(app, turn, outgoing);
    Ok(outcome)
}

fn ask(tx: &mut Tx<'_>, app: &App, outgoing: &mut Outgoing, request: &StartRequest) -> Result<StartOutcome, StoreError> {
    let StartRequest { browser, origin, phone, phone_typed, .. } = request;
    let now = request.evidence.at;
    let rules = &app.config.verification;
    let Some(evidence) = agreed(tx, app, request)? else { return Ok(StartOutcome::DisclosureChanged) };

    // What is known of this browser.
    let latest = verifications::latest_of_browser(tx, browser.as_str())?;
    let pending = latest.filter(|v| state_at(v.state, v.expires_at, now) == VerificationState::Pending);
    let (same, other) = match pending {
        // All its texts are used up and there is no other way on: the page says to start again.
        Some(v) if v.phone == *phone && is_stuck(&app.config, &v, now) => (None, Some(v)),
        Some(v) if v.phone == *phone => (Some(v), None),
        Some(v) => (None, Some(v)),
        None => (None, None),
    };
    let mut charged = Charged::load(tx, browser.as_str(), origin)?;
    let shut_out = charged.shut_out_until(&app.config, now);
    let same_address = same.as_ref().is_some_and(|current| current.address.as_deref() == Some(&origin.address));

    let began = same.as_ref().map_or(now, |current| current.created_at);
    let issued = IssuedCode { issued_at: now, expires_at: code_expires_at(began, now, rules) };
    let drawn_reference = hex::encode(random_bytes::<16>());
    let reference = same.as_ref().map_or(&drawn_reference, |current| &current.reference);
    let owner = CodeOwner { phone, reference, browser: browser.as_str(), locale: &evidence.locale };
    let last_generation = same.as_ref().map_or(0, |current| current.reply.current);

    if let Some(current) = &same {
        match verification::checked_again(current.resends, current.last_request_at, current.reply.is_renewed(), now, rules) {
            CheckedAgain::Resend => {}
            CheckedAgain::Nothing => return Ok(StartOutcome::Started),
            // A double click, or a way back to the same page: the text that was asked for is on its way. The box was
            // checked again, though, and so the page's own code is renewed, whether or not a STOP came meanwhile: it
            // must neither show nor hold.
            CheckedAgain::Renewal { counts } => {
                if shut_out.is_none() {
                    let fresh = texted_codes::draw(tx, app, owner, last_generation, issued)?;
                    // What the page showed before stays good, unless a STOP came since.
                    let (reply, kept) = (current.reply, !current.consent_revoked);
                    let reply = if counts {
                        reply.requested_by_box(fresh.generation, kept)
                    } else {
                        reply.renewed(fresh.generation, kept)
                    };
                    let new = page_codes::renewed(app, current, reply, same_address, now);
                    verifications::renew_consent(tx, current.id, phone_typed, &evidence)?;
                    verifications::note_renewal(tx, current.id, &new, counts)?;
                    page_codes::keep(tx, app, current.id, phone, &fresh.shown)?;
                    charged.add_request(&app.config, now);
                    charged.save(tx)?;
                }
                return Ok(StartOutcome::Started);
            }
        }
    }
    let pause = charged.pause(&app.config, now);
    if pause == Pause::ForAll && !app.config.offers(VerificationMethod::ReplyCode) {
        return Ok(StartOutcome::SitePaused);
    }
    if let Some(until) = shut_out {
        return Ok(StartOutcome::TooMany { wait: until - now });
    }

    // What is known of the number, and what the rules say.
    let number = numbers::find(tx, phone)?;
    let has_room = charged.take_room(&app.config, number, now);
    let admission = admission::admit(tx, app, phone, number, has_room, issued.expires_at, now)?;
    let fresh = texted_codes::draw(tx, app, owner, last_generation, issued)?;

    // The facts.
    let forget_at = admission::forget_at(&app.config, admission, began);
    let verification = if let Some(current) = &same {
        let reply = current.reply.requested(fresh.generation, !current.consent_revoked);
        let new = page_codes::renewed(app, current, reply, same_address, now);
        verifications::renew_consent(tx, current.id, phone_typed, &evidence)?;
        verifications::count_resend(tx, current.id, &new, admission::causes_text(admission).then_some(forget_at))?;
        current.id
    } else {
        if let Some(other) = other {
            verifications::end(tx, other.id, VerificationState::Superseded)?;
            codes::delete_of_verification(tx, other.id)?;
        }
        let new = NewVerification {
            reference,
            reply_generation: fresh.generation,
            browser: browser.as_str(),
            address: &origin.address,
            network: origin.network.as_deref(),
            phone,
            phone_typed,
            evidence: &evidence,
            caused_text: admission::causes_text(admission),
            expires_at: issued.expires_at,
            forget_at,
        };
        verifications::begin(tx, &new)?
    };
    charged.add_accepted(&app.config, admission, now);
    charged.save(tx)?;
    texted_codes::write(tx, app, outgoing, owner, verification, &fresh, admission)?;
    Ok(StartOutcome::Started)
}

/// The evidence in the language of the page that was seen; none if that page's terms are not today's.
fn agreed(tx: &mut Tx<'_>, app: &App, request: &StartRequest) -> Result<Option<Evidence>, StoreError> {
    let mut evidence = request.evidence.clone();
    if request.saw_todays_page {
        return Ok(Some(evidence));
    }
    let known = disclosures::facts_of(tx, &evidence.disclosure_hash)?;
    let facts_now = known.as_ref().and_then(|(_, locale)| app.config.facts_hash(locale));
    match judge_seen(known.as_ref().map(|(facts, _)| facts.as_str()), facts_now.as_deref()) {
        Seen::Changed => Ok(None),
        Seen::Current => {
            // The page's own locale wins over what the form says.
            evidence.locale = known.map_or(evidence.locale, |(_, locale)| locale);
            Ok(Some(evidence))
        }
    }
}

/// Whether nothing is left of a pending verification but to start again: no resend, no reply way, and its last text had
/// the time of a gap to arrive.
fn is_stuck(config: &Config, current: &Verification, now: OffsetDateTime) -> bool {
    let rules = &config.verification;
    !config.offers(VerificationMethod::ReplyCode)
        && verification::resend(current.resends, current.last_request_at, now, rules) == Resend::NoneLeft
        && verification::last_gap_is_over(current.last_request_at, now, rules)
}
