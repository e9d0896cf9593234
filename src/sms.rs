//! SMS providers: sending texts, and reading what the provider passes on.
//!
//! Owns the providers behind one enum, the meaning of their statuses, and their signatures. Must not touch the store,
//! choose wording or decide what a keyword means. The simulator is a provider like any other, so the whole flow runs on it
//! unchanged.

mod account;
pub mod decoy;
pub mod http;
mod keywords;
pub mod outcome;
pub mod params;
pub mod settings;
pub mod simulator;
pub mod twilio;
pub mod vonage;
pub mod webhook;

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::optin::message::{Encoding, MessageKind, measure};
use crate::optin::phone::PhoneNumber;
pub use keywords::AnsweredAs;
pub use outcome::{Consequence, Receipt, ReceiptState, SendOutcome};
use settings::ProviderChoice;
use simulator::Simulator;
use twilio::Twilio;
use vonage::Vonage;
use webhook::{Call, Event, Rejection};

/// Why the connection to the SMS provider can't be set up.
#[derive(Debug, thiserror::Error)]
#[error("the connection to the SMS provider cannot be set up")]
pub enum SmsError {
    /// The HTTP client can't be built.
    Client(#[from] reqwest::Error),
    /// No local port can be opened.
    Port(#[from] std::io::Error),
}

/// A text to send.
#[derive(Clone)]
pub struct OutboundSms {
    /// The id of its row.
    pub message_id: i64,
    /// What the text is for.
    pub kind: MessageKind,
    /// The recipient.
    pub to: PhoneNumber,
    /// The program's sender.
    pub from: String,
    /// The text itself, or just the code if the provider's own template supplies the rest.
    pub body: String,
    /// When the text stops being useful.
    pub expires_at: Option<OffsetDateTime>,
}

/// The prefix of the reference that we give each text, so that a receipt can be matched even before the send call returns.
const REFERENCE: &str = "assent-";

/// Returns the id of the row that a reference names, if the reference is one of ours.
#[must_use]
pub fn message_of(reference: &str) -> Option<i64> {
    reference.strip_prefix(REFERENCE)?.parse().ok()
}

/// What every provider needs to send a text.
#[derive(Clone, Copy)]
struct SendRequest<'a> {
    /// The short code, or a number in E.164.
    from: &'a str,
    /// The recipient's number, in E.164.
    to: &'a str,
    /// The text itself.
    text: &'a str,
    /// Whether the text needs more than the GSM alphabet.
    unicode: bool,
    /// How long the carrier may keep trying to deliver it.
    life: Option<Duration>,
    /// Our reference for the text. It must not reveal anything about the person.
    reference: &'a str,
    /// Where receipts go, if not to the account's own URL.
    callback: Option<&'a str>,
}

/// Returns the URL of a provider's receipt webhook. `webhooks` is the first part of its path.
fn receipt_url(origin: &str, webhooks: &str) -> String {
    format!("{origin}{webhooks}/receipt")
}

/// The SMS provider.
#[derive(Clone)]
pub enum Provider {
    /// Simulated phones in this process.
    Simulator(Arc<Simulator>),
    /// Vonage, with our own sender or its shared short codes.
    Vonage(Arc<Vonage>),
    /// Twilio.
    Twilio(Arc<Twilio>),
}

impl Provider {
    /// Builds the chosen provider. `origin` is where it can reach us, if it can.
    pub fn new(choice: &ProviderChoice, origin: Option<&str>) -> Result<Self, SmsError> {
        Ok(match choice {
            ProviderChoice::Simulator => Self::Simulator(Arc::default()),
            ProviderChoice::Vonage(account) => Self::Vonage(Arc::new(Vonage::new(account.clone(), false, origin)?)),
            ProviderChoice::VonageTwoFactor(account) => Self::Vonage(Arc::new(Vonage::new(account.clone(), true, origin)?)),
            ProviderChoice::Twilio(account) => Self::Twilio(Arc::new(Twilio::new(account.clone(), origin)?)),
        })
    }

    /// Returns a copy of this provider that posts to this machine and has dummy secrets. `None` for the simulator.
    fn stand_in(&self, base_url: String) -> Result<Option<Self>, SmsError> {
        Ok(match self {
            Self::Simulator(_) => None,
            Self::Vonage(vonage) => Some(Self::Vonage(Arc::new(vonage.stand_in(base_url)?))),
            Self::Twilio(twilio) => Some(Self::Twilio(Arc::new(twilio.stand_in(base_url)?))),
        })
    }

    /// Returns the name used in rows and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simulator(_) => "simulator",
            Self::Vonage(vonage) => vonage.name(),
            Self::Twilio(_) => "twilio",
        }
    }

    /// Sends a text and returns the outcome.
    pub async fn send(&self, sms: OutboundSms, now: OffsetDateTime) -> SendOutcome {
        let reference = format!("{REFERENCE}{}", sms.message_id);
        let request = SendRequest {
            from: &sms.from,
            to: sms.to.as_str(),
            text: &sms.body,
            unicode: measure(&sms.body).encoding == Encoding::Ucs2,
            life: sms.expires_at.map(|at| at - now),
            reference: &reference,
            callback: None,
        };
        match self {
            Self::Vonage(vonage) => vonage.send(&request, now).await,
            Self::Twilio(twilio) => twilio.send(&request).await,
            Self::Simulator(simulator) => SendOutcome::Accepted { ids: vec![simulator.send(sms, now)] },
        }
    }

    /// Whether the owner wants the provider to know which of the delivered codes were used.
    #[must_use]
    pub fn wants_conversions(&self) -> bool {
        match self {
            Self::Vonage(vonage) => vonage.wants_conversions(),
            Self::Simulator(_) | Self::Twilio(_) => false,
        }
    }

    /// Tells the provider that a code it delivered was used. This is best effort.
    ///
    /// # Errors
    /// If the report wasn't accepted, with the reason in one phrase.
    pub async fn report_conversion(&self, provider_message_id: &str, now: OffsetDateTime) -> Result<(), String> {
        match self {
            Self::Vonage(vonage) => vonage.report_conversion(provider_message_id, now).await,
            Self::Simulator(_) | Self::Twilio(_) => Ok(()),
        }
    }

    /// Returns the keyword that the provider took a message for and has answered, if it answers keywords at all.
    #[must_use]
    pub fn answered_as(&self, text: &str) -> Option<AnsweredAs> {
        match self {
            Self::Simulator(_) | Self::Vonage(_) => keywords::answered_as(&vonage::KEYWORDS, text),
            Self::Twilio(_) => keywords::answered_as(&twilio::KEYWORDS, text),
        }
    }

    /// Returns the first part of the paths of the provider's webhooks; `None` if it calls none.
    #[must_use]
    pub fn webhooks(&self) -> Option<&'static str> {
        match self {
            Self::Simulator(_) => None,
            Self::Vonage(_) => Some(vonage::WEBHOOKS),
            Self::Twilio(_) => Some(twilio::WEBHOOKS),
        }
    }

    /// Reads a webhook call, if it can be trusted.
    ///
    /// # Errors
    /// If it can't be used, with the reason for the owner and the status for the answer.
    pub fn read_call(&self, call: &Call<'_>, now: OffsetDateTime) -> Result<Event, Rejection> {
        match self {
            Self::Simulator(_) => Ok(Event::Unusable("the simulator calls no webhooks")),
            Self::Vonage(vonage) => vonage.read_call(call, now),
            Self::Twilio(twilio) => twilio.read_call(call),
        }
    }

    /// Returns the body that tells the provider that a call was taken in, and its media type.
    #[must_use]
    pub fn acknowledgment(&self) -> (&'static str, &'static str) {
        match self {
            Self::Simulator(_) | Self::Vonage(_) => ("", "text/plain"),
            // Twilio would send a plain-text body to the phone.
            Self::Twilio(_) => ("<Response></Response>", "text/xml"),
        }
    }

    /// Returns the simulated phones, if this is the simulator.
    #[must_use]
    pub fn simulator(&self) -> Option<&Simulator> {
        match self {
            Self::Simulator(simulator) => Some(simulator),
            Self::Vonage(_) | Self::Twilio(_) => None,
        }
    }
}
