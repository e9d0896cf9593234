//! The outbox: queued texts are claimed, sent, and what came of it is recorded.
//!
//! The claim commits before the send, and checks standing, basis and expiry once more. A process that dies in between
//! leaves a claim that ends by itself: a code is then sent again while it lives (two of the same do no harm), a welcome
//! is not, since nobody knows whether it went out (DUR-7).

use std::sync::Arc;

use time::Duration;

use crate::app::App;
use crate::flow::FlowError;
use crate::flow::issue::seal_purpose;
use crate::optin::message::MessageKind;
use crate::sms::OutboundSms;
use crate::store::messages::{self, Claimed};
use crate::store::{Lane, StoreError};

/// How long a claim holds. A send takes far less, or has died.
const CLAIM: Duration = Duration::seconds(60);
/// Texts that one claim takes at most.
const AT_ONCE: i64 = 32;

/// Delivers what is queued now; says how many texts were handed over.
///
/// # Errors
/// When the store fails; what was claimed is taken up again when its claim ends.
pub async fn deliver(app: &Arc<App>) -> Result<usize, FlowError> {
    let mut handed_over = 0;
    take_up_abandoned(app).await?;
    loop {
        let (seen, claimed) = claim(app).await?;
        if seen == 0 {
            return Ok(handed_over);
        }
        for text in claimed {
            send(app, text).await?;
            handed_over += 1;
        }
    }
}

/// Claims a batch; also says how many queued texts it looked at.
async fn claim(app: &Arc<App>) -> Result<(usize, Vec<Claimed>), StoreError> {
    // A look first: an idle outbox writes nothing.
    let due = app.store.read(|tx| messages::queued(tx, AT_ONCE)).await?;
    if due.is_empty() {
        return Ok((0, Vec::new()));
    }
    let now = app.clock.now();
    app.store
        .write(Lane::Pages, move |tx| {
            let mut claimed = Vec::new();
            for id in &due {
                match messages::claim(tx, *id, now, now + CLAIM)? {
                    Some(text) => claimed.push(text),
                    None => messages::drop_unclaimable(tx, *id, now)?,
                }
            }
            Ok((due.len(), claimed))
        })
        .await
}

async fn send(app: &Arc<App>, text: Claimed) -> Result<(), StoreError> {
    let Claimed { id, phone, kind, text, sealed_text } = text;
    let body = match sealed_text {
        None => Some(text),
        Some(sealed) => app.keys.open(&sealed, &seal_purpose(&phone)),
    };
    let now = app.clock.now();
    match body {
        Some(body) => {
            let sms = OutboundSms { message_id: id, kind, to: phone, from: app.config.program.sender.clone(), body };
            let accepted = app.provider.send(sms, now);
            let provider = app.provider.name();
            app.store
                .write(Lane::Pages, move |tx| messages::mark_sent(tx, id, provider, &accepted.provider_message_id, now))
                .await
        }
        None => {
            tracing::error!(message_id = id, "a queued text was sealed with another secret key and cannot be sent");
            app.store.write(Lane::Pages, move |tx| messages::mark_failed(tx, id, "sealed_with_another_key")).await
        }
    }
}

/// Decides about texts whose claim ended without a word.
async fn take_up_abandoned(app: &Arc<App>) -> Result<(), StoreError> {
    let now = app.clock.now();
    let abandoned = app.store.read(move |tx| messages::abandoned(tx, now, AT_ONCE)).await?;
    if abandoned.is_empty() {
        return Ok(());
    }
    app.store
        .write(Lane::Pages, move |tx| {
            for (id, kind) in &abandoned {
                match kind {
                    MessageKind::Code => messages::requeue(tx, *id)?,
                    MessageKind::Welcome
                    | MessageKind::Help
                    | MessageKind::Goodbye
                    | MessageKind::NotMatched
                    | MessageKind::Unknown => {
                        messages::mark_failed(tx, *id, "unknown_whether_sent")?;
                    }
                }
            }
            Ok(())
        })
        .await
}
