//! A phone texts the short code.

use std::sync::Arc;

use crate::app::App;
use crate::clock::random_bytes;
use crate::flow::FlowError;
use crate::optin::consent::ConsentRecord;
use crate::optin::inbound::{self, InboundAction};
use crate::optin::keyword::LONGEST_MESSAGE;
use crate::optin::message::mask_codes;
use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber;
use crate::store::inbound_messages::{self, NewInbound};
use crate::store::{Lane, codes, consents, messages, subscribers};

/// A message as the SMS company passed it on.
#[derive(Clone)]
pub struct InboundMessage {
    /// Which company.
    pub provider: &'static str,
    /// Its name for the message.
    pub provider_message_id: String,
    /// Who sent it.
    pub from: PhoneNumber,
    /// Its words.
    pub text: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiveOutcome {
    /// It is kept, and has had its effect.
    Kept,
    /// It was kept before; it has effect once.
    Duplicate,
}

/// Keeps a message and does what it asks for, in one transaction that goes before any page's. An opt-out takes effect
/// whatever else is the case: it waits on no template, cap or reply.
///
/// # Errors
/// When the store fails; then the company must pass the message on again.
pub async fn receive(app: &Arc<App>, message: InboundMessage) -> Result<ReceiveOutcome, FlowError> {
    let now = app.clock.now();
    let locale = app.config.default_locale.clone();
    let outcome = app.store.write(Lane::Inbound, move |tx| {
        let phone = &message.from;
        let action = inbound::decide(&message.text);
        let words = mask_codes(&message.text.chars().take(LONGEST_MESSAGE).collect::<String>());
        let keyword = match action {
            InboundAction::OptOut { keyword } => Some(keyword),
            InboundAction::Unknown => None,
        };
        let kept = NewInbound {
            provider: message.provider,
            provider_message_id: message.provider_message_id.clone(),
            phone: phone.clone(),
            text: words.clone(),
            keyword,
            received_at: now,
        };
        let Some(id) = inbound_messages::add(tx, &kept)? else { return Ok(ReceiveOutcome::Duplicate) };
        match action {
            InboundAction::OptOut { .. } => {
                let standing = subscribers::find(tx, phone)?.map(|subscriber| subscriber.standing);
                if subscriber::opt_out_is_news(standing) {
                    subscribers::opt_out(tx, phone, &locale, now)?;
                    consents::append(tx, &ConsentRecord::opt_out(phone.clone(), words, id, now), &random_bytes())?;
                }
                codes::delete_of_number(tx, phone)?;
                messages::drop_queued_of_number(tx, phone, "opted_out")?;
            }
            InboundAction::Unknown => {}
        }
        Ok(ReceiveOutcome::Kept)
    });
    Ok(outcome.await?)
}
