//! Everything that follows once a number is proven, in the transaction that proved it.

use time::OffsetDateTime;

use crate::app::App;
use crate::clock::random_bytes;
use crate::flow::admission::Charged;
use crate::flow::outgoing::Outgoing;
use crate::flow::{Browser, texts};
use crate::optin::consent::{ConsentKind, ConsentRecord, ConsentSource};
use crate::optin::message::{MessageKind, measure};
use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber::{self, Standing, VerifiedChange};
use crate::optin::verification::VerificationMethod;
use crate::render::RenderError;
use crate::store::messages::{Basis, Fate, NewMessage};
use crate::store::numbers::NumberFacts;
use crate::store::verifications::{self, Verification};
use crate::store::{StoreError, Tx, codes, consents, disclosures, failures, outbox, sessions, subscribers};

/// How the number was proven.
pub(super) enum Proof<'a> {
    /// The texted code was typed on the page. Its browser gets a new token.
    TypedCode {
        /// The hash of the new token.
        renewed: &'a Browser,
    },
    /// The page's own code came in from the number, in this message: its words with codes masked, and its row.
    ReplyCode { words: &'a str, inbound: i64 },
}

impl<'a> Proof<'a> {
    const fn method(&self) -> VerificationMethod {
        match self {
            Self::TypedCode { .. } => VerificationMethod::WebCode,
            Self::ReplyCode { .. } => VerificationMethod::ReplyCode,
        }
    }

    const fn renewed(&self) -> Option<&'a Browser> {
        match self {
            Self::TypedCode { renewed } => Some(renewed),
            Self::ReplyCode { .. } => None,
        }
    }
}

/// Marks the verification verified, settles the number's standing, and stores the proof. Returns whether the verification was
/// still pending; if not, nothing else happens. `number` is what we know about its number.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    current: &Verification,
    number: NumberFacts,
    proof: &Proof<'_>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let phone = &current.phone;
    let (method, renewed) = (proof.method(), proof.renewed());
    if !verifications::verify(tx, current.id, method, renewed.map(Browser::as_str), now)? {
        return Ok(false);
    }
    if let Some(session) = current.session_id {
        sessions::verify(tx, session, current.id)?;
    }
    let mut charged = forgive(tx, current, number, proof)?;

    let change = standing_change(tx, current, number, method)?;
    // The ledger's head comes last, because everybody waits for it.
    let welcomes = change.record.is_some() && change.subscribes && app.config.welcomes();
    if welcomes && matches!(proof, Proof::TypedCode { .. }) {
        charged.add_text(&app.config, now);
    }
    charged.save(tx, &app.config, now)?;
    let new_consent = change.record.map(|kind| record(tx, current, kind, proof, now)).transpose()?;
    let locale = &current.evidence.locale;
    let mut welcomed = None;
    match new_consent {
        Some(seq) if change.subscribes => {
            // A number that we've never seen was never sent a goodbye.
            if number.standing.is_some() || number.opted_in_before {
                outbox::end_goodbyes_of_number(tx, phone)?;
            }
            subscribers::subscribe(tx, phone, locale, seq, true, now)?;
            let basis = match proof {
                Proof::TypedCode { .. } => Basis::Consent(seq),
                Proof::ReplyCode { inbound, .. } => Basis::Inbound(*inbound),
            };
            welcomed = welcome(tx, app, outgoing, phone, locale, basis, matches!(proof, Proof::ReplyCode { .. }), now)?;
        }
        Some(_) | None => subscribers::confirm(tx, phone, new_consent, now)?,
    }
    if let Proof::ReplyCode { inbound, .. } = proof {
        // Somebody may have tricked the person into sending a code that isn't theirs, so always tell the person what it did and
        // where.
        let names_host = welcomed.is_some_and(|text| text.contains(app.config.site.host()));
        if !names_host {
            confirmed(tx, app, outgoing, phone, locale, *inbound, now)?;
        }
    }
    Ok(true)
}

/// Clears what counted against the number while it wasn't proven: its wrong codes, and the request of its address and browser.
/// Returns the counts of that address and browser, unsaved.
fn forgive(tx: &mut Tx<'_>, current: &Verification, number: NumberFacts, proof: &Proof<'_>) -> Result<Charged, StoreError> {
    match proof {
        // The same code typed again a moment later is a double click and gets the same answer, so its hash stays until the sweep.
        Proof::TypedCode { .. } => {}
        Proof::ReplyCode { .. } => codes::delete_of_verification(tx, current.id)?,
    }
    if number.failures > 0 {
        failures::reset(tx, &current.phone)?;
    }
    let mut charged = Charged::of(tx, current)?;
    charged.forgive(current);
    Ok(match proof.renewed() {
        Some(renewed) => charged.renew_browser(renewed),
        None => charged,
    })
}

/// Decides what the proof changes about the number's standing.
fn standing_change(
    tx: &mut Tx<'_>,
    current: &Verification,
    number: NumberFacts,
    method: VerificationMethod,
) -> Result<VerifiedChange, StoreError> {
    // Only a subscribed number can have agreed to different facts.
    let facts_changed = number.standing == Some(Standing::Subscribed) && {
        let seen = disclosures::facts_of(tx, &current.evidence.disclosure_hash)?.map(|(facts, _)| facts);
        subscribers::agreed_facts(tx, &current.phone)? != seen
    };
    Ok(match method {
        VerificationMethod::WebCode => subscriber::on_web_code(number.standing, number.opted_in_before, facts_changed),
        VerificationMethod::ReplyCode => subscriber::on_reply_code(number.standing, number.opted_in_before, facts_changed),
    })
}

/// Appends the opt-in to the ledger and returns its `seq`.
fn record(
    tx: &mut Tx<'_>,
    current: &Verification,
    kind: ConsentKind,
    proof: &Proof<'_>,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    let opt_in = |source| ConsentRecord::opt_in(kind, source, current.phone.clone(), current.evidence.clone(), now);
    let record = match proof {
        Proof::TypedCode { .. } => opt_in(ConsentSource::WebCode),
        Proof::ReplyCode { words, inbound } => opt_in(ConsentSource::ReplyCode).by_message((*words).to_owned(), *inbound),
    };
    consents::append(tx, &record, &random_bytes())
}

/// Queues the text that tells the person that their number was just verified, and where.
fn confirmed(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    phone: &PhoneNumber,
    locale: &str,
    inbound: i64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    if app.config.sms.has_own_words() {
        return Ok(());
    }
    let text = texts::confirmed(&app.config, &app.render(), locale).map_err(|error| StoreError::GaveUp(Box::new(error)))?;
    let new = NewMessage {
        phone,
        kind: MessageKind::Confirmed,
        basis: Basis::Inbound(inbound),
        text: &text,
        sealed_text: None,
        fate: Fate::Queued,
        queued_at: now,
        expires_at: None,
    };
    outgoing.add(tx, &new)
}

/// Queues the one confirmation of an opt-in, if this program sends one, and returns its text. With `on_host`, the text names the
/// host if that fits.
#[expect(clippy::too_many_arguments, reason = "each is a fact of its own")]
pub(super) fn welcome(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    phone: &PhoneNumber,
    locale: &str,
    basis: Basis,
    on_host: bool,
    now: OffsetDateTime,
) -> Result<Option<String>, StoreError> {
    if !app.config.welcomes() {
        return Ok(None);
    }
    let render = app.render();
    let words = || -> Result<String, RenderError> {
        if on_host {
            let text = texts::welcome_on_host(&app.config, &render, locale)?;
            if measure(&text).parts == 1 {
                return Ok(text);
            }
        }
        texts::welcome(&app.config, &render, locale)
    };
    let text = words().map_err(|error| StoreError::GaveUp(Box::new(error)))?;
    let welcome = NewMessage {
        phone,
        kind: MessageKind::Welcome,
        basis,
        text: &text,
        sealed_text: None,
        fate: Fate::Queued,
        queued_at: now,
        expires_at: None,
    };
    outgoing.add(tx, &welcome)?;
    Ok(Some(text))
}
