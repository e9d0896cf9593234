//! Answering an accepted request for a code: the codes of the page and of the text, and the text itself.
//!
//! Whoever asks, the store sees the same steps: a number that gets no text has its row too, dropped at birth, so that
//! neither the page nor its time tells numbers apart (DESIGN, invariant 7).

use time::OffsetDateTime;

use crate::app::App;
use crate::clock::{dice, random_bytes};
use crate::config::Config;
use crate::flow::admission::Charged;
use crate::flow::texts;
use crate::optin::caps::Admission;
use crate::optin::code::{Code, CodeBinding, hashes_match};
use crate::optin::message::{MessageKind, mask_codes};
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{self, IssuedCode, Resend, VerificationMethod, code_expires_at};
use crate::render::Render;
use crate::store::codes::{self, LiveCode, StoredCode};
use crate::store::messages::{self, Basis, NewMessage};
use crate::store::verifications::{self, Verification};
use crate::store::{StoreError, Tx};

/// Draws until a code differs from every live one of the number; so many draws would take more live codes than exist.
const DRAWS: usize = 1_000;

/// Whether nothing is left of a pending verification but to start again: no resend, no reply way, and its last text had
/// the time of a gap to arrive.
pub(super) fn is_stuck(config: &Config, current: &Verification, now: OffsetDateTime) -> bool {
    let rules = &config.verification;
    !config.offers(VerificationMethod::ReplyCode)
        && verification::resend(current.resends, current.last_request_at, now, rules) == Resend::NoneLeft
        && verification::last_gap_is_over(current.last_request_at, now, rules)
}

/// The next generation of a verification's own code that differs from every live code of the number; `after` was the last.
pub(super) fn next_generation(
    tx: &mut Tx<'_>,
    app: &App,
    phone: &PhoneNumber,
    reference: &str,
    after: u32,
    now: OffsetDateTime,
) -> Result<u32, StoreError> {
    let taken = Taken::load(tx, app, phone, now)?;
    let mut generation = after + 1;
    while taken.holds(app, phone, &reply_code(app, reference, generation)) {
        generation += 1;
    }
    Ok(generation)
}

/// Shows another code of the page, since a code was asked for (`requested`) or the box was checked again before that was due.
/// What the page showed before stays good, unless a STOP came since.
pub(super) fn renew_reply(
    tx: &mut Tx<'_>,
    app: &App,
    current: &Verification,
    requested: bool,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let generation = next_generation(tx, app, &current.phone, &current.reference, current.reply.current.0, now)?;
    let expires_at = code_expires_at(current.created_at, now, &app.config.verification);
    let (reply, kept) = (current.reply, !current.consent_revoked);
    let reply = if requested {
        // Once no text is left, each renewal is a request of its own and the one before needs no second place.
        let texts_were_left = usize::try_from(current.resends).is_ok_and(|n| n < app.config.verification.resend_after.len());
        reply.requested(generation, now, current.reply_renewed && texts_were_left, current.last_request_at, kept)
    } else {
        reply.renewed(generation, now, kept)
    };
    verifications::renew_reply(tx, current.id, reply, expires_at)
}

/// The code that a page shows to be texted in.
pub(super) fn reply_code(app: &App, reference: &str, generation: u32) -> Code {
    Code::derive(&app.keys.reply_codes, reference, generation, app.config.verification.code_length)
}

/// The codes of a verification's page that are good at `now`.
pub(super) fn live_reply_codes(app: &App, of: &Verification, now: OffsetDateTime) -> Vec<Code> {
    if !app.config.offers(VerificationMethod::ReplyCode) {
        return Vec::new();
    }
    let live = of.reply.live(of.created_at, now, &app.config.verification);
    live.map(|generation| reply_code(app, &of.reference, generation)).collect()
}

/// Charges the request and writes the text, queued or dropped, if one is wanted at all.
pub(super) fn answer_request(
    tx: &mut Tx<'_>,
    app: &App,
    render: &Render,
    charged: &mut Charged,
    verification: &Verification,
    admission: Option<Admission>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    charged.add_request(&app.config, now);
    match admission {
        Some(Admission::Allowed) => charged.add_text(&app.config, now),
        Some(_) => charged.add_no_text(&app.config),
        None => {}
    }
    charged.save(tx)?;
    let Some(admission) = admission else { return Ok(()) };
    let phone = &verification.phone;
    let rules = &app.config.verification;
    let expires_at = code_expires_at(verification.created_at, now, rules);
    let (code, stored) = draw(tx, app, verification, now, expires_at)?;
    let text = texts::code(&app.config, render, &verification.evidence.locale, &code, expires_at - now)
        .map_err(|error| StoreError::GaveUp(Box::new(error)))?;
    let sealed = app.keys.seal(&text, &seal_purpose(phone));
    match admission {
        Admission::Allowed => codes::add(tx, verification.id, phone, &stored)?,
        Admission::Capped
        | Admission::FrequencyReached
        | Admission::OptedOut
        | Admission::Closed
        | Admission::TypedWayClosed
        | Admission::SiteFull
        | Admission::Delayed => {}
    }
    messages::add(
        tx,
        &NewMessage {
            phone,
            kind: MessageKind::Code,
            basis: Basis::Verification(verification.id),
            text: &mask_codes(&text),
            sealed_text: Some(&sealed),
            dropped: admission.refusal(),
            queued_at: now,
            expires_at: Some(expires_at),
        },
    )?;
    Ok(())
}

/// What a sealed text is bound to: sealed for one number, it opens for no other.
pub(super) fn seal_purpose(phone: &PhoneNumber) -> String {
    format!("text to {}", phone.as_str())
}

/// The live codes of a number, in whichever browser and of either kind: no new one may be the same.
struct Taken {
    texted: Vec<LiveCode>,
    shown: Vec<Code>,
}

impl Taken {
    fn load(tx: &mut Tx<'_>, app: &App, phone: &PhoneNumber, now: OffsetDateTime) -> Result<Self, StoreError> {
        let pending = verifications::pending_of_number(tx, phone)?;
        Ok(Self {
            texted: codes::live_of_number(tx, phone, now)?,
            shown: pending.iter().flat_map(|verification| live_reply_codes(app, verification, now)).collect(),
        })
    }

    fn holds(&self, app: &App, phone: &PhoneNumber, code: &Code) -> bool {
        self.shown.contains(code) || self.texted.iter().any(|live| is_texted(app, phone, live, code))
    }
}

/// Whether an entry is this texted code of the number.
pub(super) fn is_texted(app: &App, phone: &PhoneNumber, live: &LiveCode, entry: &Code) -> bool {
    let binding = CodeBinding { phone, verification: &live.verification, browser: &live.browser };
    hashes_match(&entry.hash(&app.keys.codes, &live.code.salt, binding), &live.code.hash)
}

/// Draws a code that differs from every live one of the number.
fn draw(
    tx: &mut Tx<'_>,
    app: &App,
    verification: &Verification,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(Code, StoredCode), StoreError> {
    let phone = &verification.phone;
    let taken = Taken::load(tx, app, phone, now)?;
    let mut dice = dice();
    let mut code = Code::draw(app.config.verification.code_length, &mut dice);
    for _ in 0..DRAWS {
        if !taken.holds(app, phone, &code) {
            break;
        }
        code = Code::draw(app.config.verification.code_length, &mut dice);
    }
    let salt = random_bytes();
    let binding = CodeBinding { phone, verification: &verification.reference, browser: &verification.browser };
    let hash = code.hash(&app.keys.codes, &salt, binding);
    let stored = StoredCode { salt, hash, issued: IssuedCode { issued_at: now, expires_at } };
    Ok((code, stored))
}
