//! The wire: handing texts to the SMS company, and reading what it passes on.
//!
//! Owns the providers behind one enum. Must not touch the store, choose words or decide what a keyword means. The
//! surprise: the simulator is a provider like any other, so the whole journey runs on it unchanged.

pub mod simulator;

use std::sync::Arc;

use crate::optin::message::MessageKind;
use crate::optin::phone::PhoneNumber;
use simulator::Simulator;
use time::OffsetDateTime;

/// A text to hand over.
#[derive(Clone)]
pub struct OutboundSms {
    /// Our row of it.
    pub message_id: i64,
    /// What it is for.
    pub kind: MessageKind,
    /// To whom.
    pub to: PhoneNumber,
    /// The program's sender.
    pub from: String,
    /// Its words.
    pub body: String,
}

/// The provider took a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's name for it.
    pub provider_message_id: String,
}

/// The SMS company.
#[derive(Clone)]
pub enum Provider {
    /// Phones simulated in this process.
    Simulator(Arc<Simulator>),
}

impl Provider {
    /// The word that rows and logs use.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Simulator(_) => "simulator",
        }
    }

    /// Hands a text over.
    #[must_use]
    pub fn send(&self, sms: OutboundSms, now: OffsetDateTime) -> Accepted {
        match self {
            Self::Simulator(simulator) => simulator.send(sms, now),
        }
    }

    /// The simulated phones, if this is the simulator.
    #[must_use]
    pub fn simulator(&self) -> Option<&Simulator> {
        match self {
            Self::Simulator(simulator) => Some(simulator),
        }
    }
}
