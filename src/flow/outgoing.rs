//! Texts on their way from the transaction that writes them to the provider.
//!
//! If a text's turn has come, the transaction that queues it also claims it, and sending starts with that commit. Everything else
//! waits in the outbox. A refused text goes through the same steps: one commit with its row, and a second one by the worker that
//! would have sent it.

use std::sync::Arc;

use time::OffsetDateTime;
use tokio::sync::OwnedSemaphorePermit;

use crate::app::App;
use crate::flow::{deliver, record};
use crate::pacer::Slot;
use crate::store::messages::{self, Fate, NewMessage};
use crate::store::outbox::Claimed;
use crate::store::{Lane, StoreError, Tx, outbox};

/// The right to hand one text to the provider now. If it's dropped unused, the next text gets it.
struct Turn {
    slot: Slot,
    permit: OwnedSemaphorePermit,
    /// When a claim made with this turn expires.
    claim_until: OffsetDateTime,
}

impl Turn {
    /// Takes a turn if there is one now: a worker is free, the provider's rate allows it, and no earlier text is waiting. Returns
    /// `None` while the provider is down.
    fn take(app: &App, now: OffsetDateTime) -> Option<Self> {
        let permit = Arc::clone(&app.senders).try_acquire_owned().ok()?;
        if app.breaker().is_open() {
            return None;
        }
        let slot = app.pacer.try_turn()?;
        Some(Self { slot, permit, claim_until: now + deliver::CLAIM })
    }
}

/// The texts that one transaction writes.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    claim_until: Option<OffsetDateTime>,
    claimed: Option<Claimed>,
    refused: Option<Claimed>,
    queued: bool,
}

impl Outgoing {
    /// Writes a text. The first one that may be sent takes the transaction's turn.
    pub(super) fn add(&mut self, tx: &mut Tx<'_>, new: &NewMessage<'_>) -> Result<(), StoreError> {
        let fate = match (new.fate, self.claim_until) {
            (Fate::Queued, Some(until)) if self.claimed.is_none() => Fate::Claimed(until),
            (fate, _) => fate,
        };
        let id = messages::add(tx, &NewMessage { fate, ..new.clone() })?;
        let text = || Claimed {
            id,
            phone: new.phone.clone(),
            kind: new.kind,
            text: new.text.to_owned(),
            sealed_text: new.sealed_text.map(ToOwned::to_owned),
            attempts: 0,
            queued_at: new.queued_at,
            expires_at: new.expires_at,
        };
        match fate {
            Fate::Queued => self.queued = true,
            Fate::Dropped(_) => self.refused = Some(text()),
            Fate::Claimed(_) => self.claimed = Some(text()),
        }
        Ok(())
    }
}

/// Runs a transaction that may write texts, and sends them once it has committed. It may run more than once.
pub(super) async fn write<T, F>(app: &Arc<App>, lane: Lane, now: OffsetDateTime, mut job: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnMut(&mut Tx<'_>, &App, &mut Outgoing) -> Result<T, StoreError> + Send + 'static,
{
    let wired = Arc::clone(app);
    let turn = Turn::take(app, now);
    let claim_until = turn.as_ref().map(|turn| turn.claim_until);
    let job = app.store.write(lane, move |tx| {
        let mut outgoing = Outgoing { claim_until, ..Outgoing::default() };
        let output = job(tx, &wired, &mut outgoing)?;
        Ok((output, outgoing))
    });
    let (output, outgoing) = job.await?;
    follow(app, turn, outgoing);
    Ok(output)
}

/// Continues with what a transaction wrote, once it has committed.
fn follow(app: &Arc<App>, turn: Option<Turn>, written: Outgoing) {
    if written.queued {
        app.outbox.notify_one();
    }
    let wired = Arc::clone(app);
    match (written.claimed, written.refused, turn) {
        (Some(text), _, Some(turn)) => {
            turn.slot.used();
            let held = deliver::Held::new(app, text.id);
            app.spawn_sending(async move {
                let id = text.id;
                if let Err(error) = deliver::send(&wired, text).await {
                    tracing::error!(message_id = id, error = error.to_string(), "a text could not be delivered");
                }
                drop((held, turn.permit));
                // Waiting texts have a free worker again.
                wired.outbox.notify_one();
            });
        }
        (None, Some(refused), turn) if app.delivers() => {
            // A text that waits in the queue is claimed in a commit of its own.
            let commits = if turn.is_some() { 1 } else { 2 };
            let permit = turn.map(|turn| turn.permit);
            app.spawn_sending(async move {
                for _ in 0..commits {
                    match wired.decoy().filter(|_| permit.is_some()) {
                        Some(decoy) => drop(deliver::hand_over(&wired, decoy, &refused).await),
                        // Take as long as the provider would have.
                        None => tokio::time::sleep(wired.send_times.one()).await,
                    }
                    let id = refused.id;
                    if let Err(error) = record(&wired.store, move |tx| outbox::touch_refused(tx, id)).await {
                        tracing::warn!(error = error.to_string(), "a refused text was not written again");
                    }
                }
                drop(permit);
            });
        }
        _ => {}
    }
}
