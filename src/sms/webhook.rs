//! A provider's call to one of our webhooks: as it arrived, and what it says, in the same form for every provider.
//!
//! Must not know any single provider's fields or signatures, which are in that provider's folder.

use sha2::{Digest as _, Sha256};

use super::keywords::AnsweredAs;
use super::outcome::Receipt;
use super::params::{self, NotParams, Params};

/// What a webhook's URL is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Texts from phones.
    Inbound,
    /// Reports on our texts.
    Receipt,
}

/// A call as it arrived.
pub struct Call<'a> {
    /// What the URL is for.
    pub endpoint: Endpoint,
    /// The public URL that the provider called, with its query.
    pub url: &'a str,
    /// The body of a POST, whatever type it claims to be; `None` for a GET.
    pub body: Option<&'a [u8]>,
    /// Looks up a header.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
}

impl Call<'_> {
    /// Returns the parameters of the body, or of the query if there is no body. The query of a POST is left out, because Vonage
    /// doesn't sign both.
    ///
    /// # Errors
    /// If the body looks like JSON, but is broken or belongs to another API.
    pub fn params(&self) -> Result<Params, NotParams> {
        self.body.map_or_else(|| Ok(self.query()), params::of_body)
    }

    /// Returns the parameters of the query.
    #[must_use]
    pub fn query(&self) -> Params {
        self.url.split_once('?').map(|(_, query)| params::of_query(query)).unwrap_or_default()
    }
}

/// What a trusted call says.
pub enum Event {
    /// Nothing: the provider checks whether the URL answers.
    Check,
    /// A phone has texted us.
    Text(InboundText),
    /// A report on one of our texts.
    Receipt(Receipt),
    /// Nothing that we can use. The reason goes into the log.
    Unusable(&'static str),
}

/// A text from a phone, or one part of a longer one.
#[derive(Clone)]
pub struct InboundText {
    /// The provider's ID; `None` if it came without one.
    pub message_id: Option<String>,
    /// An ID derived from the text itself, if the provider says when it came in. See [`derived_id`].
    pub derived_id: Option<String>,
    /// The phone's number in E.164; `None` if the sender isn't a number.
    pub from: Option<String>,
    /// Our sender, as the provider writes it.
    pub to: String,
    /// Whether it came through our own pool of senders, so that `to` may be any of them.
    pub to_own_pool: bool,
    /// The text itself; empty if it was binary.
    pub text: String,
    /// Which part of a longer text it is, if it's a part.
    pub part: Option<Part>,
    /// The keyword that the provider has already answered, if it says so.
    pub answered_as: Option<AnsweredAs>,
}

/// A part's place in a longer text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The reference that the parts share. Carriers soon reuse it.
    pub reference: String,
    /// Counted from 1.
    pub number: u32,
    /// At least 2.
    pub total: u32,
}

/// Why a call can't be used.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The HTTP status for the answer. After a 5xx, the provider repeats the call later.
    pub status: u16,
    /// What is wrong and what to change, for the owner.
    pub why: String,
    /// Whether the account is set to an API that we don't speak.
    pub is_other_api: bool,
    /// Who seems to have called.
    pub caller: Caller,
}

/// Who seems to have made a call that can't be trusted.
#[derive(Debug, PartialEq, Eq)]
pub enum Caller {
    /// The provider: the call names our account, which nobody else knows.
    Provider,
    /// The provider, if this is the ID of one of our texts.
    ProviderIfOurs(String),
    /// Anybody.
    Anybody,
}

impl Rejection {
    /// Rejects a call whose signature is missing or wrong, or that can't be verified with the current settings.
    #[must_use]
    pub fn untrusted(status: u16, why: impl Into<String>, caller: Caller) -> Self {
        Self { status, why: why.into(), is_other_api: false, caller }
    }

    /// Rejects a call whose body can't be read.
    #[must_use]
    pub fn unreadable() -> Self {
        Self::untrusted(400, "a webhook's body is broken JSON, and was refused", Caller::Anybody)
    }
}

/// Derives an ID for an inbound text that came without one, from its sender, recipient, text, part and the provider's own
/// timestamp. If the provider delivers the same text again, it gets the same ID.
#[must_use]
pub fn derived_id(from: &str, to: &str, text: &str, time: &str, part: Option<(&str, u32)>) -> String {
    let mut hash = Sha256::new();
    let (reference, number) = part.unwrap_or_default();
    for field in [from, to, text, time, reference, &number.to_string()] {
        // The length prefix keeps fields apart, whatever they contain.
        hash.update(field.len().to_be_bytes());
        hash.update(field.as_bytes());
    }
    format!("derived-{}", hex::encode(hash.finalize()))
}
