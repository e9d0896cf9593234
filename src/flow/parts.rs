//! Long texts come in parts, in any order: they are read once all are there (docs/providers.md, trap 30).
//!
//! A part alone is never read, since its beginning is not the message's. What misses a part for too long is read as it
//! is, for an opt-out alone; whatever else it asks for, the owner is to look at it.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::flow::FlowError;
use crate::flow::outgoing::{Outgoing, follow};
use crate::flow::receive::{InboundContext, InboundMessage, ReceiveOutcome, take_in};
use crate::optin::phone::PhoneNumber;
use crate::store::inbound_parts::{self, InboundPart, KeptPart, WaitingPart};
use crate::store::{Lane, StoreError, Tx};

/// How long the missing parts of a text are waited for.
const PATIENCE: Duration = Duration::minutes(2);
/// Phones number their long texts with few numbers, again and again: parts further apart belong to different texts.
const TOGETHER: Duration = Duration::minutes(10);

/// One part of a text, as the SMS company passed it on.
#[derive(Clone)]
pub struct PartOfMessage {
    /// The part; its words are not the whole text's.
    pub message: InboundMessage,
    /// To which sender it was sent.
    pub sent_to: String,
    /// What all parts of the text have in common.
    pub reference: String,
    /// Its place, from 1.
    pub part: i32,
    /// How many there are.
    pub parts: i32,
}

/// Keeps a part, and reads the whole text if it was the last one missing.
///
/// # Errors
/// When the store fails; then the company must pass the part on again.
pub async fn receive_part(app: &Arc<App>, part: PartOfMessage) -> Result<ReceiveOutcome, FlowError> {
    let now = app.clock.now();
    let wired = Arc::clone(app);
    let job = app.store.write(Lane::Urgent, move |tx| {
        let mut outgoing = Outgoing::default();
        let message = &part.message;
        let kept = InboundPart {
            provider: message.provider,
            provider_message_id: message.provider_message_id.clone(),
            phone: message.from.clone(),
            sent_to: part.sent_to.clone(),
            reference: part.reference.clone(),
            part: part.part,
            parts: part.parts,
            sealed_text: wired.keys.seal(&message.text, &purpose(&message.from)),
        };
        if inbound_parts::add(tx, &kept, now)? == KeptPart::Known {
            return Ok((ReceiveOutcome::Duplicate, outgoing));
        }
        let waiting = inbound_parts::waiting(tx, &kept, now - TOGETHER)?;
        let mut places: Vec<i32> = waiting.iter().map(|(_, _, place, _)| *place).collect();
        places.dedup();
        if i32::try_from(places.len()).is_ok_and(|there| there == kept.parts) {
            let outcome = read(tx, &wired, &mut outgoing, &kept, waiting, message.context, now)?;
            return Ok((outcome, outgoing));
        }
        Ok((ReceiveOutcome::Kept, outgoing))
    });
    let (outcome, outgoing) = job.await?;
    follow(app, None, outgoing);
    Ok(outcome)
}

/// Reads what has missed a part for too long.
///
/// # Errors
/// When the store fails.
pub(super) async fn read_overdue(app: &Arc<App>) -> Result<(), FlowError> {
    let now = app.clock.now();
    let provider = app.provider.name();
    loop {
        let before = now - PATIENCE;
        if app.store.read(move |tx| inbound_parts::overdue(tx, provider, before)).await?.is_none() {
            return Ok(());
        }
        let wired = Arc::clone(app);
        let job = app.store.write(Lane::Urgent, move |tx| {
            let mut outgoing = Outgoing::default();
            let Some((oldest, received_at)) = inbound_parts::overdue(tx, provider, before)? else { return Ok(outgoing) };
            let waiting = inbound_parts::waiting(tx, &oldest, received_at - Duration::microseconds(1))?;
            let context = InboundContext { is_cut: true, ..InboundContext::default() };
            read(tx, &wired, &mut outgoing, &oldest, waiting, context, now)?;
            Ok(outgoing)
        });
        follow(app, None, job.await?);
    }
}

/// Puts the parts together and takes the text in, under the name of its first part.
fn read(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    of: &InboundPart,
    waiting: Vec<WaitingPart>,
    context: InboundContext,
    now: OffsetDateTime,
) -> Result<ReceiveOutcome, StoreError> {
    let ids: Vec<i64> = waiting.iter().map(|(id, ..)| *id).collect();
    inbound_parts::read(tx, &ids)?;
    let name = waiting.first().map_or_else(|| of.provider_message_id.clone(), |(_, name, ..)| name.clone());
    let mut text = String::new();
    let mut last = 0;
    for (_, _, place, sealed) in waiting.into_iter().filter(|(_, _, place, _)| *place > 0) {
        // Two of one place are two copies of one part.
        if place != last {
            text.push_str(&app.keys.open(&sealed, &purpose(&of.phone)).unwrap_or_default());
        }
        last = place;
    }
    let message = InboundMessage { provider: of.provider, provider_message_id: name, from: of.phone.clone(), text, context };
    take_in(tx, app, outgoing, &message, now)
}

/// What a sealed part is bound to.
fn purpose(phone: &PhoneNumber) -> String {
    format!("part from {}", phone.as_str())
}
