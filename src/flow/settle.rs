//! The number is proven: everything that follows from it, in the transaction that proved it.

use time::OffsetDateTime;

use crate::app::App;
use crate::clock::random_bytes;
use crate::flow::texts;
use crate::optin::consent::{ConsentRecord, ConsentSource};
use crate::optin::message::MessageKind;
use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber;
use crate::optin::verification::VerificationMethod;
use crate::render::Render;
use crate::store::messages::{self, Basis, NewMessage};
use crate::store::verifications::{self, Verification};
use crate::store::{StoreError, Tx, charges, codes, consents, disclosures, failures, subscribers};

/// How the number was proven.
pub(super) enum Proof<'a> {
    /// The texted code was typed on the page.
    TypedCode,
    /// The page's code came in from the number, by this message: its words, codes masked, and its row.
    ReplyCode { words: &'a str, inbound: i64 },
}

/// Marks the verification verified, settles how the number stands, and keeps the proof.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    app: &App,
    render: &Render,
    current: &Verification,
    proof: &Proof<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let phone = &current.phone;
    let method = match proof {
        Proof::TypedCode => VerificationMethod::WebCode,
        Proof::ReplyCode { .. } => VerificationMethod::ReplyCode,
    };
    verifications::verify(tx, current.id, method, now)?;
    codes::delete_of_verification(tx, current.id)?;
    failures::reset(tx, phone)?;
    charges::forgive_address(tx, current.id)?;

    let standing = subscribers::find(tx, phone)?.map(|subscriber| subscriber.standing);
    let seen = disclosures::facts_of(tx, &current.evidence.disclosure_hash)?.map(|(facts, _)| facts);
    let facts_changed = subscribers::agreed_facts(tx, phone)? != seen;
    let opted_in_before = consents::has_opt_in(tx, phone)?;
    let change = match method {
        VerificationMethod::WebCode => subscriber::on_web_code(standing, opted_in_before, facts_changed),
        VerificationMethod::ReplyCode => subscriber::on_reply_code(standing, opted_in_before, facts_changed),
    };
    let mut new_consent = None;
    if let Some(kind) = change.record {
        let opt_in = |source| ConsentRecord::opt_in(kind, source, phone.clone(), current.evidence.clone(), now);
        let record = match proof {
            Proof::TypedCode => opt_in(ConsentSource::WebCode),
            Proof::ReplyCode { words, inbound } => opt_in(ConsentSource::ReplyCode).by_message((*words).to_owned(), *inbound),
        };
        new_consent = Some(consents::append(tx, &record, &random_bytes())?);
    }
    match new_consent {
        Some(seq) if change.subscribes => {
            subscribers::subscribe(tx, phone, &current.evidence.locale, seq, true, now)?;
            let basis = match proof {
                Proof::TypedCode => Basis::Consent(seq),
                Proof::ReplyCode { inbound, .. } => Basis::Inbound(*inbound),
            };
            welcome(tx, app, render, phone, &current.evidence.locale, basis, now)
        }
        Some(_) | None => subscribers::confirm(tx, phone, new_consent, now),
    }
}

/// Queues the one confirmation of an opt-in, if this program sends one.
pub(super) fn welcome(
    tx: &mut Tx<'_>,
    app: &App,
    render: &Render,
    phone: &PhoneNumber,
    locale: &str,
    basis: Basis,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    if !app.config.welcomes() {
        return Ok(());
    }
    let text = texts::welcome(&app.config, render, locale).map_err(|error| StoreError::GaveUp(Box::new(error)))?;
    let welcome = NewMessage {
        phone,
        kind: MessageKind::Welcome,
        basis,
        text: &text,
        sealed_text: None,
        dropped: None,
        queued_at: now,
        expires_at: None,
    };
    messages::add(tx, &welcome)?;
    Ok(())
}
