//! Consent records: what the ledger keeps about opt-ins, opt-outs and everything in between.
//!
//! Owns the kinds, the sources and the fields of a record. Must not hash or chain (that's `ledger`). The evidence of a
//! request becomes a record only when the number's owner confirms, so the ledger holds only what real owners did.

use time::OffsetDateTime;

use crate::optin::phone::PhoneNumber;
use crate::optin::stored_words;

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentKind {
    /// The number's first opt-in.
    OptedIn,
    /// Any later opt-in.
    OptedInAgain,
    /// An opt-out: no more texts.
    OptedOut,
    /// START without an opt-in to go back to. The opt-out no longer applies.
    Reopened,
    /// The carrier says that the number is out of service.
    Closed,
    /// Personal fields of earlier records were erased.
    Erased,
}

stored_words!(ConsentKind {
    OptedIn => "opted_in", OptedInAgain => "opted_in_again", OptedOut => "opted_out",
    Reopened => "reopened", Closed => "closed", Erased => "erased",
});

/// How a record came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentSource {
    /// The texted code, typed on the page.
    WebCode,
    /// The page's own code, texted to us.
    ReplyCode,
    /// The texted code, sent back to us.
    Reply,
    /// A keyword texted from the phone.
    Keyword,
    /// The opt-out page.
    Web,
    /// The owner's command.
    Owner,
    /// The provider's report.
    Provider,
}

stored_words!(ConsentSource {
    WebCode => "web_code", ReplyCode => "reply_code", Reply => "reply", Keyword => "keyword",
    Web => "web", Owner => "owner", Provider => "provider",
});

/// What is known about the request in which a person consented. It's kept with the verification until the number's owner
/// confirms.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The hash of the page that the person saw.
    pub disclosure_hash: String,
    /// Whether the form named no page, so that the current one is assumed.
    pub disclosure_inferred: bool,
    /// The address that the request came from.
    pub ip: String,
    /// How the browser identified itself, if it did.
    pub user_agent: Option<String>,
    /// The locale of the page.
    pub locale: String,
    /// The page's URL.
    pub url: String,
    /// When the request was made.
    pub at: OffsetDateTime,
}

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evidence").field("disclosure_hash", &self.disclosure_hash).field("at", &self.at).finish_non_exhaustive()
    }
}

/// A record that doesn't have its place in the chain yet. `phone`, `ip`, `user_agent`, `words`, `url` and
/// `inbound_message_id` are personal: the ledger commits to each, and they can be erased later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRecord {
    /// What it says.
    pub kind: ConsentKind,
    /// How it came about.
    pub source: ConsentSource,
    /// The number that it's about; `None` only for `erased`.
    pub phone: Option<PhoneNumber>,
    /// The hash of the page that the person saw, for an opt-in.
    pub disclosure_hash: Option<String>,
    /// Whether the page was inferred.
    pub disclosure_inferred: bool,
    /// The locale of the page or the message.
    pub locale: Option<String>,
    /// How an opt-out reached the owner (`email`, `phone`, `other`), for the source `owner`.
    pub channel: Option<String>,
    /// The `seq` numbers of the records that an `erased` record covers, in ascending order.
    pub erases: Vec<i64>,
    /// When the person asked, if that was before the record was made.
    pub requested_at: Option<OffsetDateTime>,
    /// When the record was made.
    pub recorded_at: OffsetDateTime,
    /// The address that the request came from.
    pub ip: Option<String>,
    /// How the browser identified itself.
    pub user_agent: Option<String>,
    /// The page's URL.
    pub url: Option<String>,
    /// The words as received, with codes masked.
    pub words: Option<String>,
    /// The stored message that led to it.
    pub inbound_message_id: Option<i64>,
}

impl ConsentRecord {
    /// Creates the opt-in that a right code confirms, with the evidence of the request.
    #[must_use]
    pub fn opt_in(
        kind: ConsentKind,
        source: ConsentSource,
        phone: PhoneNumber,
        evidence: Evidence,
        recorded_at: OffsetDateTime,
    ) -> Self {
        Self {
            disclosure_hash: Some(evidence.disclosure_hash),
            disclosure_inferred: evidence.disclosure_inferred,
            locale: Some(evidence.locale),
            requested_at: Some(evidence.at),
            ip: Some(evidence.ip),
            user_agent: evidence.user_agent,
            url: Some(evidence.url),
            ..Self::bare(kind, source, phone, recorded_at)
        }
    }

    /// Creates the opt-in for a texted code that was sent back. The phone agrees, but we don't know that any browser belongs
    /// to its owner, so the record has no evidence from the browser and the page is inferred.
    #[must_use]
    pub fn opt_in_by_reply(
        kind: ConsentKind,
        phone: PhoneNumber,
        disclosure_hash: String,
        locale: String,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            disclosure_hash: Some(disclosure_hash),
            disclosure_inferred: true,
            locale: Some(locale),
            ..Self::bare(kind, ConsentSource::Reply, phone, now)
        }
    }

    /// Creates the record of a keyword: an opt-out, or START. `disclosure_hash` is that of the opt-in that START goes back to.
    #[must_use]
    pub fn keyword(
        kind: ConsentKind,
        phone: PhoneNumber,
        disclosure_hash: Option<String>,
        locale: String,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            disclosure_inferred: disclosure_hash.is_some(),
            disclosure_hash,
            locale: Some(locale),
            ..Self::bare(kind, ConsentSource::Keyword, phone, now)
        }
    }

    /// Creates the record of a provider's report: an opt-out that reached the provider but not us, or a number that is out
    /// of service. `words` is the reason that the provider gave.
    #[must_use]
    pub fn by_provider(kind: ConsentKind, phone: PhoneNumber, words: String, now: OffsetDateTime) -> Self {
        Self { words: Some(words), ..Self::bare(kind, ConsentSource::Provider, phone, now) }
    }

    /// Creates the record of an opt-out that reached the owner through `channel` (`email`, `phone`, `other`), in the person's
    /// words.
    #[must_use]
    pub fn by_owner(phone: PhoneNumber, words: String, channel: &str, now: OffsetDateTime) -> Self {
        let (words, channel) = (Some(words), Some(channel.to_owned()));
        Self { channel, words, ..Self::bare(ConsentKind::OptedOut, ConsentSource::Owner, phone, now) }
    }

    /// Adds the message that led to the record: its words, with codes masked, and its row.
    #[must_use]
    pub fn by_message(self, words: String, inbound_message_id: i64) -> Self {
        Self { words: Some(words), inbound_message_id: Some(inbound_message_id), ..self }
    }

    fn bare(kind: ConsentKind, source: ConsentSource, phone: PhoneNumber, recorded_at: OffsetDateTime) -> Self {
        Self {
            kind,
            source,
            phone: Some(phone),
            disclosure_hash: None,
            disclosure_inferred: false,
            locale: None,
            channel: None,
            erases: Vec::new(),
            requested_at: None,
            recorded_at,
            ip: None,
            user_agent: None,
            url: None,
            words: None,
            inbound_message_id: None,
        }
    }
}
