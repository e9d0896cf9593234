//! SMS providers: sending texts, and reading what the provider passes on.
//!
//! Owns the providers behind one enum, the meaning of their statuses, and their signatures. Must not touch the store,
//! choose wording or decide what a keyword means. The simulator is a provider like any other, so the whole flow runs on it
//! unchanged.

mod answers;
pub mod decoy;
pub mod http;
pub mod outcome;
pub mod pairs;
pub mod simulator;
pub mod twilio;
pub mod vonage;
pub mod vonage_signature;

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::config::ProviderChoice;
use crate::optin::message::{Encoding, MessageKind, measure};
use crate::optin::phone::PhoneNumber;
use crate::secret::Secret;
pub use answers::AnsweredAs;
use http::HttpClient;
pub use outcome::{Consequence, Receipt, ReceiptState, SendOutcome};
use simulator::Simulator;
use twilio::TwilioAccount;
use vonage::{Request, VonageAccount};

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

/// Derives an id for an inbound text that came without one, from its sender, recipient, text, part and the provider's own
/// timestamp. If the provider delivers the same text again, it gets the same id.
#[must_use]
pub fn derived_name(from: &str, to: &str, text: &str, time: &str, part: Option<(&str, u32)>) -> String {
    let mut hash = Sha256::new();
    let (reference, number) = part.unwrap_or_default();
    for field in [from, to, text, time, reference, &number.to_string()] {
        // The length prefix keeps fields apart, whatever they contain.
        hash.update(field.len().to_be_bytes());
        hash.update(field.as_bytes());
    }
    format!("derived-{}", hex::encode(hash.finalize()))
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

/// Our Vonage account, with the client that reaches it.
pub struct Vonage {
    http: HttpClient,
    account: Secret<VonageAccount>,
    /// Whether Vonage's own template supplies the text (US Short Codes, two-factor).
    two_factor: bool,
    callback: Option<String>,
}

impl Vonage {
    /// Returns the account, whose secrets sign the webhooks.
    #[must_use]
    pub const fn account(&self) -> &VonageAccount {
        self.account.reveal()
    }
}

/// Our Twilio account, with the client that reaches it.
pub struct Twilio {
    http: HttpClient,
    account: Secret<TwilioAccount>,
    callback: Option<String>,
}

impl Twilio {
    /// Returns the account, whose secrets sign the webhooks.
    #[must_use]
    pub const fn account(&self) -> &TwilioAccount {
        self.account.reveal()
    }
}

/// The longest receipt URL that Vonage accepts with a text.
pub const LONGEST_CALLBACK: usize = 100;
/// The path of Vonage's receipt webhook.
pub const VONAGE_RECEIPTS: &str = "/webhooks/vonage/receipt";
/// The path of Twilio's receipt webhook.
pub const TWILIO_RECEIPTS: &str = "/webhooks/twilio/receipt";

impl Provider {
    /// Builds the chosen provider. `origin` is where it can reach us, if it can.
    pub fn new(choice: &ProviderChoice, origin: Option<&str>) -> Result<Self, SmsError> {
        let callback = |path: &str| origin.map(|origin| format!("{origin}{path}"));
        Ok(match choice {
            ProviderChoice::Simulator => Self::Simulator(Arc::new(Simulator::default())),
            ProviderChoice::Vonage(account) | ProviderChoice::VonageTwoFactor(account) => Self::Vonage(Arc::new(Vonage {
                http: HttpClient::new()?,
                account: account.clone(),
                two_factor: matches!(choice, ProviderChoice::VonageTwoFactor(_)),
                // Vonage refuses a longer one, and the URL set for the account works just as well.
                callback: callback(VONAGE_RECEIPTS).filter(|url| url.len() <= LONGEST_CALLBACK),
            })),
            ProviderChoice::Twilio(account) => Self::Twilio(Arc::new(Twilio {
                http: HttpClient::new()?,
                account: account.clone(),
                callback: callback(TWILIO_RECEIPTS),
            })),
        })
    }

    /// Returns a copy of this provider that points to this machine and has dummy secrets of the same length. `None` for the
    /// simulator.
    fn stand_in(&self, base_url: String) -> Result<Option<Self>, SmsError> {
        let nobodys = |secret: &String| "x".repeat(secret.len());
        Ok(match self {
            Self::Simulator(_) => None,
            Self::Vonage(vonage) => Some(Self::Vonage(Arc::new(Vonage {
                http: HttpClient::local()?,
                account: Secret::new(VonageAccount {
                    api_key: nobodys(&vonage.account().api_key),
                    api_secret: vonage.account().api_secret.as_ref().map(nobodys),
                    signature_secret: vonage.account().signature_secret.as_ref().map(nobodys),
                    base_url,
                    ..vonage.account().clone()
                }),
                two_factor: vonage.two_factor,
                callback: vonage.callback.clone(),
            }))),
            Self::Twilio(twilio) => Some(Self::Twilio(Arc::new(Twilio {
                http: HttpClient::local()?,
                account: Secret::new(TwilioAccount {
                    account_sid: nobodys(&twilio.account().account_sid),
                    auth_token: nobodys(&twilio.account().auth_token),
                    shared_key_secret: None,
                    base_url,
                    ..twilio.account().clone()
                }),
                callback: twilio.callback.clone(),
            }))),
        })
    }

    /// Returns the name used in rows and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simulator(_) => "simulator",
            Self::Vonage(vonage) if vonage.two_factor => "vonage_2fa",
            Self::Vonage(_) => "vonage",
            Self::Twilio(_) => "twilio",
        }
    }

    /// Sends a text and returns the outcome.
    pub async fn send(&self, sms: OutboundSms, now: OffsetDateTime) -> SendOutcome {
        let reference = format!("{REFERENCE}{}", sms.message_id);
        // Twilio has no field for our reference, so it goes into the callback URL.
        let callback = match self {
            Self::Simulator(_) => None,
            Self::Vonage(vonage) => vonage.callback.clone(),
            Self::Twilio(twilio) => twilio.callback.as_ref().map(|url| format!("{url}?message={reference}")),
        };
        let request = Request {
            from: &sms.from,
            to: sms.to.as_str(),
            text: &sms.body,
            unicode: measure(&sms.body).encoding == Encoding::Ucs2,
            life: sms.expires_at.map(|at| at - now),
            reference: &reference,
            callback: callback.as_deref(),
        };
        match self {
            Self::Simulator(simulator) => SendOutcome::Accepted { ids: vec![simulator.send(sms, now)] },
            Self::Vonage(vonage) if vonage.two_factor => {
                vonage::send_two_factor(&vonage.http, vonage.account(), request.to, request.text, &reference, now).await
            }
            Self::Vonage(vonage) => vonage::send(&vonage.http, vonage.account(), &request, now).await,
            Self::Twilio(twilio) => twilio::send(&twilio.http, twilio.account(), &request).await,
        }
    }

    /// Tells the provider that a code it delivered was used. This is best effort.
    ///
    /// # Errors
    /// If the report wasn't accepted, with the reason in one phrase.
    pub async fn report_conversion(&self, provider_message_id: &str, now: OffsetDateTime) -> Result<(), String> {
        match self {
            Self::Vonage(vonage) => vonage::report_conversion(&vonage.http, vonage.account(), provider_message_id, now).await,
            Self::Simulator(_) | Self::Twilio(_) => Ok(()),
        }
    }

    /// Returns the keyword that the provider took a message for and has answered, if it answers keywords at all.
    #[must_use]
    pub fn answered_as(&self, text: &str) -> Option<AnsweredAs> {
        match self {
            Self::Simulator(_) | Self::Vonage(_) => answers::answered_as(&answers::VONAGE, text),
            Self::Twilio(_) => answers::answered_as(&answers::TWILIO, text),
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

    /// Returns the Vonage account, if this is Vonage.
    #[must_use]
    pub fn vonage(&self) -> Option<&Vonage> {
        match self {
            Self::Vonage(vonage) => Some(vonage),
            Self::Simulator(_) | Self::Twilio(_) => None,
        }
    }

    /// Returns the Twilio account, if this is Twilio.
    #[must_use]
    pub fn twilio(&self) -> Option<&Twilio> {
        match self {
            Self::Twilio(twilio) => Some(twilio),
            Self::Simulator(_) | Self::Vonage(_) => None,
        }
    }
}
