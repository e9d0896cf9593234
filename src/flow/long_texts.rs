//! Long texts arrive in parts, in any order, and are read once all parts are there (docs/providers.md, trap 30).
//!
//! A part is never read on its own, since it may not begin where the message does. A text that has been missing a part for too
//! long is read as it is, but only an opt-out counts. If it asks for anything else, it is left for the owner to review.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::flow::outgoing::{self, Outgoing};
use crate::flow::receive::{InboundContext, InboundMessage, ReceiveOutcome, take_in};
use crate::flow::{FlowError, storable};
use crate::optin::phone::PhoneNumber;
use crate::store::inbound_parts::{self, InboundPart, KeptPart, WaitingPart};
use crate::store::{Lane, StoreError, Tx, locks};

/// How long to wait for the missing parts of a text.
const PATIENCE: Duration = Duration::minutes(2);
/// Phones have few reference numbers for long texts and keep reusing them, so parts further apart than this belong to different
/// texts.
const TOGETHER: Duration = Duration::minutes(10);

/// One part of a text, as the provider passed it on.
#[derive(Clone)]
pub struct PartOfMessage {
    /// The part, with only its own share of the words.
    pub message: InboundMessage,
    /// The sender that it was sent to.
    pub sent_to: String,
    /// The reference that all parts of the text share.
    pub reference: String,
    /// Its position, from 1.
    pub part: i32,
    /// How many parts there are.
    pub parts: i32,
}

/// Stores a part, and reads the whole text if it was the last one missing.
///
/// # Errors
/// If the store fails. The provider must then deliver the part again.
pub async fn receive_part(app: &Arc<App>, part: PartOfMessage) -> Result<ReceiveOutcome, FlowError> {
    let now = app.clock.now();
    let message = InboundMessage { text: storable(part.message.text), ..part.message };
    let part = PartOfMessage { message, ..part };
    let outcome = outgoing::write(app, Lane::Urgent, now, move |tx, app, outgoing| {
        let message = &part.message;
        let kept = InboundPart {
            provider: message.provider,
            provider_message_id: message.provider_message_id.clone(),
            phone: message.from.clone(),
            sent_to: part.sent_to.clone(),
            reference: part.reference.clone(),
            part: part.part,
            parts: part.parts,
            sealed_text: app.keys.seal(&message.text, &purpose(&message.from)),
        };
        locks::take_number(tx, &kept.phone)?;
        if inbound_parts::add(tx, &kept, now)? == KeptPart::Known {
            return Ok(ReceiveOutcome::Duplicate);
        }
        let waiting = inbound_parts::waiting(tx, &kept, now - TOGETHER)?;
        let mut places: Vec<i32> = waiting.iter().map(|part| part.part).collect();
        places.dedup();
        if i32::try_from(places.len()).is_ok_and(|there| there == kept.parts) {
            return read(tx, app, outgoing, &kept, waiting, message.context, now);
        }
        Ok(ReceiveOutcome::Kept)
    });
    Ok(outcome.await?)
}

/// Reads texts that have been missing a part for too long.
pub(super) async fn read_overdue(app: &Arc<App>) -> Result<(), FlowError> {
    let now = app.clock.now();
    let provider = app.provider.name();
    loop {
        let before = now - PATIENCE;
        if app.store.read(move |tx| inbound_parts::overdue(tx, provider, before)).await?.is_none() {
            return Ok(());
        }
        let job = outgoing::write(app, Lane::Urgent, now, move |tx, app, outgoing| {
            locks::take_job(tx, locks::Job::Overdue)?;
            let Some((oldest, received_at)) = inbound_parts::overdue(tx, provider, before)? else { return Ok(()) };
            locks::take_number(tx, &oldest.phone)?;
            let waiting = inbound_parts::waiting(tx, &oldest, received_at - Duration::microseconds(1))?;
            if waiting.is_empty() {
                // The missing part has come in.
                return Ok(());
            }
            let context = InboundContext { is_cut: true, ..InboundContext::default() };
            read(tx, app, outgoing, &oldest, waiting, context, now).map(drop)
        });
        job.await?;
    }
}

/// Joins the parts and processes the text, under the message ID of its first part.
fn read(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    of: &InboundPart,
    waiting: Vec<WaitingPart>,
    context: InboundContext,
    now: OffsetDateTime,
) -> Result<ReceiveOutcome, StoreError> {
    let ids: Vec<i64> = waiting.iter().map(|part| part.id).collect();
    inbound_parts::read(tx, &ids)?;
    let name = waiting.first().map_or_else(|| of.provider_message_id.clone(), |part| part.provider_message_id.clone());
    let mut text = String::new();
    let mut last = 0;
    for part in waiting {
        // Two parts in the same position are copies of one part.
        if part.part != last {
            text.push_str(&app.keys.open(&part.sealed_text.unwrap_or_default(), &purpose(&of.phone)).unwrap_or_default());
        }
        last = part.part;
    }
    let message = InboundMessage { provider: of.provider, provider_message_id: name, from: of.phone.clone(), text, context };
    take_in(tx, app, outgoing, &message, now)
}

/// What a sealed part is bound to.
fn purpose(phone: &PhoneNumber) -> String {
    format!("part from {}", phone.as_str())
}
