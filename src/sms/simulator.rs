//! Simulated phones: an in-memory inbox.
//!
//! Owns what a phone would show. Must not write to disk or log what a text says: a restart forgets everything, and a send
//! logs only the message's id and kind.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

use crate::optin::message::MessageKind;
use crate::optin::phone::PhoneNumber;
use crate::sms::OutboundSms;

/// How many messages are kept; older ones are dropped.
const REMEMBERED: usize = 5_000;

/// A message on a simulated phone.
#[derive(Clone)]
pub struct SimulatedMessage {
    /// The simulator's id for it.
    pub id: String,
    /// The phone's number.
    pub phone: PhoneNumber,
    /// The program's sender, such as a short code.
    pub sender: String,
    /// Whether we sent it.
    pub ours: bool,
    /// The text itself.
    pub text: String,
    /// What the message is for, if we sent it.
    pub kind: Option<MessageKind>,
    /// When it was sent.
    pub at: OffsetDateTime,
}

/// The inbox of all simulated phones.
#[derive(Default)]
pub struct Simulator {
    inbox: Mutex<Inbox>,
}

#[derive(Default)]
struct Inbox {
    messages: VecDeque<SimulatedMessage>,
    handed_over: u64,
}

impl Inbox {
    fn remember(&mut self, message: SimulatedMessage) {
        if self.messages.len() == REMEMBERED {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }
}

impl Simulator {
    /// Shows a text on its phone and returns its id.
    pub(super) fn send(&self, sms: OutboundSms, now: OffsetDateTime) -> String {
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.handed_over += 1;
        let id = format!("sim-{}-{}", sms.message_id, inbox.handed_over);
        inbox.remember(SimulatedMessage {
            id: id.clone(),
            phone: sms.to,
            sender: sms.from,
            ours: true,
            text: sms.body,
            kind: Some(sms.kind),
            at: now,
        });
        drop(inbox);
        tracing::info!(message_id = sms.message_id, kind = sms.kind.as_str(), "handed to the simulated phone");
        id
    }

    /// Shows what a phone texted to the sender. The text goes nowhere else from here.
    pub fn show_answer(&self, phone: PhoneNumber, sender: &str, text: &str, id: String, now: OffsetDateTime) {
        let message =
            SimulatedMessage { id, phone, sender: sender.to_owned(), ours: false, text: text.to_owned(), kind: None, at: now };
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).remember(message);
    }

    /// Returns the messages of one phone, or of all phones, oldest first.
    #[must_use]
    pub fn messages(&self, phone: Option<&PhoneNumber>) -> Vec<SimulatedMessage> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.messages.iter().filter(|message| phone.is_none_or(|phone| message.phone == *phone)).cloned().collect()
    }
}
