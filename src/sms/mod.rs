//! The wire: handing texts to the SMS company, and reading what it passes on.
//!
//! Owns the providers behind one enum, what their statuses mean, and their signatures. Must not touch the store, choose
//! words or decide what a keyword means. The surprise: the simulator is a provider like any other, so the whole journey
//! runs on it unchanged.

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

use crate::config::{ProviderChoice, Secret};
use crate::optin::message::{Encoding, MessageKind, measure};
use crate::optin::phone::PhoneNumber;
pub use answers::AnsweredAs;
use http::HttpClient;
pub use outcome::{Consequence, Receipt, ReceiptState, SendOutcome};
use simulator::Simulator;
use twilio::TwilioAccount;
use vonage::{Request, VonageAccount};

/// Why the wire cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the connection to the SMS provider cannot be set up")]
pub enum SmsError {
    /// The client that posts cannot be made.
    Client(#[from] reqwest::Error),
    /// No port of this machine can be opened.
    Port(#[from] std::io::Error),
}

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
    /// Its words; the bare code where the company's own template carries it.
    pub body: String,
    /// From this moment on it is of no use to anybody.
    pub expires_at: Option<OffsetDateTime>,
}

/// What a company knows a text of ours by, so that a receipt finds it even before its send call returns.
const REFERENCE: &str = "assent-";

/// The row that a reference names, if it is one of ours.
#[must_use]
pub fn message_of(reference: &str) -> Option<i64> {
    reference.strip_prefix(REFERENCE)?.parse().ok()
}

/// A name for a text from a phone that came without one: who sent what to whom, and when by the company's own clock. The
/// same text passed on again gets the same name.
#[must_use]
pub fn derived_name(from: &str, to: &str, text: &str, time: &str, part: Option<(&str, u32)>) -> String {
    let mut hash = Sha256::new();
    let (reference, number) = part.unwrap_or_default();
    for field in [from, to, text, time, reference, &number.to_string()] {
        // Lengths keep fields apart, whatever is in them.
        hash.update(field.len().to_be_bytes());
        hash.update(field.as_bytes());
    }
    format!("derived-{}", hex::encode(hash.finalize()))
}

/// The SMS company.
#[derive(Clone)]
pub enum Provider {
    /// Phones simulated in this process.
    Simulator(Arc<Simulator>),
    /// Vonage, with a sender of our own, or its shared short codes.
    Vonage(Arc<Vonage>),
    /// Twilio.
    Twilio(Arc<Twilio>),
}

/// Our account at Vonage, with what reaches it.
pub struct Vonage {
    http: HttpClient,
    account: Secret<VonageAccount>,
    /// Whether Vonage's own template carries the text (US Short Codes, two-factor).
    two_factor: bool,
    callback: Option<String>,
}

impl Vonage {
    /// The account, for what is signed with its secrets.
    #[must_use]
    pub const fn account(&self) -> &VonageAccount {
        self.account.reveal()
    }
}

/// Our account at Twilio, with what reaches it.
pub struct Twilio {
    http: HttpClient,
    account: Secret<TwilioAccount>,
    callback: Option<String>,
}

impl Twilio {
    /// The account, for what is signed with its secrets.
    #[must_use]
    pub const fn account(&self) -> &TwilioAccount {
        self.account.reveal()
    }
}

/// Vonage takes no longer URL for receipts with a text.
pub const LONGEST_CALLBACK: usize = 100;
/// The path of each company's webhook for receipts.
pub const VONAGE_RECEIPTS: &str = "/webhooks/vonage/receipt";
/// Twilio's.
pub const TWILIO_RECEIPTS: &str = "/webhooks/twilio/receipt";

impl Provider {
    /// Puts the chosen one together. `origin` is where it reaches us, if it does.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(choice: &ProviderChoice, origin: Option<&str>) -> Result<Self, SmsError> {
        let callback = |path: &str| origin.map(|origin| format!("{origin}{path}"));
        Ok(match choice {
            ProviderChoice::Simulator => Self::Simulator(Arc::new(Simulator::default())),
            ProviderChoice::Vonage(account) | ProviderChoice::VonageTwoFactor(account) => Self::Vonage(Arc::new(Vonage {
                http: HttpClient::new()?,
                account: account.clone(),
                two_factor: matches!(choice, ProviderChoice::VonageTwoFactor(_)),
                // A longer one is refused, and the account's own URL serves as well.
                callback: callback(VONAGE_RECEIPTS).filter(|url| url.len() <= LONGEST_CALLBACK),
            })),
            ProviderChoice::Twilio(account) => Self::Twilio(Arc::new(Twilio {
                http: HttpClient::new()?,
                account: account.clone(),
                callback: callback(TWILIO_RECEIPTS),
            })),
        })
    }

    /// An account that looks like this one, on this machine: its secrets are as long, and nobody's. `None` for the simulator.
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

    /// The word that rows and logs use.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simulator(_) => "simulator",
            Self::Vonage(vonage) if vonage.two_factor => "vonage_2fa",
            Self::Vonage(_) => "vonage",
            Self::Twilio(_) => "twilio",
        }
    }

    /// Hands a text over, and says what came of it.
    pub async fn send(&self, sms: OutboundSms, now: OffsetDateTime) -> SendOutcome {
        let reference = format!("{REFERENCE}{}", sms.message_id);
        // Twilio has no reference of ours but this one, in the URL that it calls back.
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

    /// Tells the company that a code which it carried was used. Best effort: `Err` says why it was not told.
    ///
    /// # Errors
    /// When the company cannot be told, in one phrase.
    pub async fn report_conversion(&self, provider_message_id: &str, now: OffsetDateTime) -> Result<(), String> {
        match self {
            Self::Vonage(vonage) => vonage::report_conversion(&vonage.http, vonage.account(), provider_message_id, now).await,
            Self::Simulator(_) | Self::Twilio(_) => Ok(()),
        }
    }

    /// What the company took a message for and has answered, where it answers keywords at all.
    #[must_use]
    pub fn answered_as(&self, text: &str) -> Option<AnsweredAs> {
        match self {
            Self::Simulator(_) | Self::Vonage(_) => answers::answered_as(&answers::VONAGE, text),
            Self::Twilio(_) => answers::answered_as(&answers::TWILIO, text),
        }
    }

    /// The simulated phones, if this is the simulator.
    #[must_use]
    pub fn simulator(&self) -> Option<&Simulator> {
        match self {
            Self::Simulator(simulator) => Some(simulator),
            Self::Vonage(_) | Self::Twilio(_) => None,
        }
    }

    /// Vonage, if it is.
    #[must_use]
    pub fn vonage(&self) -> Option<&Vonage> {
        match self {
            Self::Vonage(vonage) => Some(vonage),
            Self::Simulator(_) | Self::Twilio(_) => None,
        }
    }

    /// Twilio, if it is.
    #[must_use]
    pub fn twilio(&self) -> Option<&Twilio> {
        match self {
            Self::Twilio(twilio) => Some(twilio),
            Self::Simulator(_) | Self::Vonage(_) => None,
        }
    }
}
