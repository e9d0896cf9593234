//! A person asks for a code on the opt-in page.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::clock::random_bytes;
use crate::config::Config;
use crate::flow::admission::{self, Charged, Origin, Pause};
use crate::flow::outgoing::{self, Outgoing};
use crate::flow::sessions::{self, Attached, Ticket};
use crate::flow::texted_codes::{self, CodeOwner};
use crate::flow::{Browser, FlowError, page_codes};
use crate::optin::caps::Admission;
use crate::optin::consent::Evidence;
use crate::optin::disclosure::{Seen, judge_seen};
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{
    self, CheckedAgain, IssuedCode, Resend, VerificationMethod, VerificationState, code_expires_at, state_at,
};
use crate::store::verifications::{self, NewVerification, Verification};
use crate::store::{Lane, StoreError, Tx, codes, disclosures, locks, numbers};

/// What the form and the connection tell us.
#[derive(Debug, Clone)]
pub struct StartRequest {
    /// The browser.
    pub browser: Browser,
    /// Where the request comes from.
    pub origin: Origin,
    /// The number.
    pub phone: PhoneNumber,
    /// The number as typed.
    pub phone_typed: String,
    /// What we know about the request. The locale of the page that the person saw takes precedence over the one given here.
    pub evidence: Evidence,
    /// Whether the person saw a page that this process serves now. If so, its terms are current, and its locale is the one in
    /// `evidence`.
    pub saw_todays_page: bool,
    /// What the browser carries along from an owner's site.
    pub ticket: Option<Ticket>,
}

/// The outcome of asking for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartOutcome {
    /// `/code` comes next, whether or not a text goes out.
    Started,
    /// The terms that the person saw aren't the current ones.
    DisclosureChanged,
    /// The address or the browser asked too often, and has to wait.
    TooMany {
        /// How long to wait.
        wait: Duration,
    },
    /// The site has used up its codes for now.
    SitePaused,
    /// The session that the browser came for has ended.
    SessionOver,
}

/// Records the request and queues its text.
pub async fn start(app: &Arc<App>, request: StartRequest) -> Result<StartOutcome, FlowError> {
    let now = request.evidence.at;
    Ok(outgoing::write(app, Lane::Pages, now, move |tx, app, outgoing| ask(tx, app, outgoing, &request)).await?)
}

/// One request, with what every step of it needs.
struct Asked<'a> {
    request: &'a StartRequest,
    evidence: &'a Evidence,
    owner: CodeOwner<'a>,
    issued: IssuedCode,
    /// Whether this number's pending verification was started from the same address.
    same_address: bool,
    session: &'a Attached,
}

fn ask(tx: &mut Tx<'_>, app: &App, outgoing: &mut Outgoing, request: &StartRequest) -> Result<StartOutcome, StoreError> {
    let StartRequest { browser, origin, phone, .. } = request;
    let now = request.evidence.at;
    locks::take_number(tx, phone)?;
    let Some(evidence) = agreed(tx, app, request)? else { return Ok(StartOutcome::DisclosureChanged) };

    let session = sessions::attached(tx, app, request.ticket.as_ref(), phone, now)?;
    if matches!(session, Attached::Over) {
        return Ok(StartOutcome::SessionOver);
    }

    // What we know about this browser.
    let mut charged = Charged::take(tx, browser.as_str(), origin)?;
    let (same, other) = pending(tx, app, request, &session)?;
    let shut_out = charged.shut_out_until(&app.config, now);

    let began = same.as_ref().map_or(now, |current| current.created_at);
    let drawn_reference = hex::encode(random_bytes::<16>());
    let reference = same.as_ref().map_or(&drawn_reference, |current| &current.reference);
    let asked = Asked {
        request,
        evidence: &evidence,
        owner: CodeOwner { phone, reference, browser: browser.as_str(), locale: &evidence.locale },
        issued: IssuedCode { issued_at: now, expires_at: code_expires_at(began, now, &app.config.verification) },
        same_address: same.as_ref().is_some_and(|current| current.address.as_deref() == Some(&origin.address)),
        session: &session,
    };

    if let Some(current) = &same
        && is_answered(tx, app, &mut charged, &asked, current, shut_out.is_some())?
    {
        return Ok(StartOutcome::Started);
    }
    let pause = charged.pause(&app.config, now);
    if pause == Pause::ForAll && !app.config.offers(VerificationMethod::ReplyCode) {
        return Ok(StartOutcome::SitePaused);
    }
    if let Some(until) = shut_out {
        return Ok(StartOutcome::TooMany { wait: until - now });
    }

    // What we know about the number, and what the rules say.
    let number = numbers::find(tx, phone)?;
    let has_room = charged.take_room(&app.config, number, now);
    let admission = admission::admit(tx, app, phone, number, has_room, asked.issued.expires_at, now)?;
    let last_generation = same.as_ref().map_or(0, |current| current.reply.current);
    let fresh = texted_codes::draw(tx, app, asked.owner, last_generation, asked.issued)?;

    // Record the facts.
    if let Some(other) = other {
        verifications::end(tx, other.id, VerificationState::Superseded)?;
        codes::delete_of_verification(tx, other.id)?;
    }
    let forget_at = admission::forget_at(&app.config, admission, began);
    let verification = record(tx, app, &asked, same.as_ref(), fresh.generation, admission, forget_at)?;
    texted_codes::write(tx, app, outgoing, asked.owner, verification, &fresh, admission)?;
    charged.add_accepted(&app.config, admission, now);
    charged.save(tx, &app.config, now)?;
    Ok(StartOutcome::Started)
}

/// Returns this browser's pending verification: first if it's for the number that was typed and can go on, second if this request
/// supersedes it.
fn pending(
    tx: &mut Tx<'_>,
    app: &App,
    request: &StartRequest,
    session: &Attached,
) -> Result<(Option<Verification>, Option<Verification>), StoreError> {
    let now = request.evidence.at;
    let latest = verifications::latest_of_browser(tx, request.browser.as_str())?;
    let pending = latest.filter(|v| state_at(v.state, v.expires_at, now) == VerificationState::Pending);
    Ok(match pending {
        // All its texts are used up and nothing else is offered, so the page tells the person to start over.
        Some(v) if v.phone == request.phone && is_stuck(&app.config, &v, now) => (None, Some(v)),
        // If a site's link or session is for somebody else, the same number is a new request.
        Some(v) if v.phone == request.phone && session.fits(tx, v.session_id)? => (Some(v), None),
        other => (None, other),
    })
}

/// Decides what a request does to a pending verification for the same number. Returns whether that's all there is to do;
/// otherwise, it's charged and sends a text like any other.
fn is_answered(
    tx: &mut Tx<'_>,
    app: &App,
    charged: &mut Charged,
    asked: &Asked<'_>,
    current: &Verification,
    is_shut_out: bool,
) -> Result<bool, StoreError> {
    let (now, rules) = (asked.evidence.at, &app.config.verification);
    match verification::checked_again(current.resends, current.last_request_at, current.reply.is_renewed(), now, rules) {
        CheckedAgain::Resend => Ok(false),
        CheckedAgain::Nothing => Ok(true),
        CheckedAgain::Renewal { counts } => {
            if !is_shut_out {
                renew(tx, app, charged, asked, current, counts)?;
            }
            Ok(true)
        }
    }
}

/// Handles a double click or a return to the same page: the text that was asked for is on its way, so no new one is queued. But
/// the box was checked again, so a STOP that came before no longer applies, and the page's own code is renewed. It's renewed
/// without a STOP too, so that the page doesn't reveal one.
fn renew(
    tx: &mut Tx<'_>,
    app: &App,
    charged: &mut Charged,
    asked: &Asked<'_>,
    current: &Verification,
    counts: bool,
) -> Result<(), StoreError> {
    let now = asked.issued.issued_at;
    let fresh = texted_codes::draw(tx, app, asked.owner, current.reply.current, asked.issued)?;
    // What the page showed before stays good, unless a STOP has come in since.
    let (reply, kept) = (current.reply, !current.consent_revoked);
    let reply = if counts { reply.requested_by_box(fresh.generation, kept) } else { reply.renewed(fresh.generation, kept) };
    let new = page_codes::renewed(app, current, reply, asked.same_address, now);
    verifications::renew_consent(tx, current.id, &asked.request.phone_typed, asked.evidence)?;
    verifications::note_renewal(tx, current.id, &new, counts)?;
    page_codes::keep(tx, app, current.id, asked.owner.phone, &fresh.shown)?;
    charged.add_request(&app.config, now);
    charged.save(tx, &app.config, now)
}

/// Records the request: as one more of the verification `same`, or as a new verification. Returns the verification's id.
fn record(
    tx: &mut Tx<'_>,
    app: &App,
    asked: &Asked<'_>,
    same: Option<&Verification>,
    generation: u32,
    admission: Option<Admission>,
    forget_at: OffsetDateTime,
) -> Result<i64, StoreError> {
    let Asked { request, evidence, owner, issued, same_address, session } = asked;
    let caused_text = admission::causes_text(admission);
    if let Some(current) = same {
        let reply = current.reply.requested(generation, !current.consent_revoked);
        let new = page_codes::renewed(app, current, reply, *same_address, issued.issued_at);
        verifications::renew_consent(tx, current.id, &request.phone_typed, evidence)?;
        verifications::count_resend(tx, current.id, &new, caused_text.then_some(forget_at))?;
        return Ok(current.id);
    }
    let new = NewVerification {
        reference: owner.reference,
        reply_generation: generation,
        browser: owner.browser,
        address: &request.origin.address,
        network: request.origin.network.as_deref(),
        phone: owner.phone,
        phone_typed: &request.phone_typed,
        evidence,
        caused_text,
        expires_at: issued.expires_at,
        forget_at,
        session_id: session.begin(tx, issued.issued_at)?,
    };
    verifications::begin(tx, &new)
}

/// Returns the evidence with the locale of the page that the person saw; `None` if that page's terms aren't the current ones.
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
            // The page's own locale wins over the one in the form.
            evidence.locale = known.map_or(evidence.locale, |(_, locale)| locale);
            Ok(Some(evidence))
        }
    }
}

/// Returns whether a pending verification can only be started over: there is no resend left and no reply way, and its last text
/// has had the length of a gap to arrive.
fn is_stuck(config: &Config, current: &Verification, now: OffsetDateTime) -> bool {
    let rules = &config.verification;
    !config.offers(VerificationMethod::ReplyCode)
        && verification::resend(current.resends, current.last_request_at, now, rules) == Resend::NoneLeft
        && verification::last_gap_is_over(current.last_request_at, now, rules)
}
