//! Consent records: what the ledger keeps of an opt-in, an opt-out and what comes between.
//!
//! Owns the kinds, the sources and the fields of a record. Must not hash or chain (that is `ledger`). The surprise: the
//! evidence of a request becomes a record only when the number's owner confirms, so the ledger holds only what real
//! owners did.

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
    /// No more texts.
    OptedOut,
    /// START without an opt-in to go back to: the opt-out no longer stands.
    Reopened,
    /// The carrier says the number is nobody's.
    Closed,
    /// Personal fields of earlier records were erased.
    Erased,
}

stored_words!(ConsentKind {
    OptedIn => "opted_in", OptedInAgain => "opted_in_again", OptedOut => "opted_out",
    Reopened => "reopened", Closed => "closed", Erased => "erased",
});

/// By which way it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentSource {
    /// The texted code, typed on the page.
    WebCode,
    /// The page's code, texted in.
    ReplyCode,
    /// The texted code, sent back.
    Reply,
    /// A keyword from the phone.
    Keyword,
    /// The opt-out page.
    Web,
    /// The owner's command.
    Owner,
    /// The SMS company's report.
    Provider,
}

stored_words!(ConsentSource {
    WebCode => "web_code", ReplyCode => "reply_code", Reply => "reply", Keyword => "keyword",
    Web => "web", Owner => "owner", Provider => "provider",
});

/// What is known of the request in which a person consented. It rides on the verification until the owner confirms.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The hash of the page that was seen.
    pub disclosure_hash: String,
    /// Whether the form named no page, so that the current one is meant.
    pub disclosure_inferred: bool,
    /// The address it came from.
    pub ip: String,
    /// The browser's name of itself, if it gave one.
    pub user_agent: Option<String>,
    /// The locale of the page.
    pub locale: String,
    /// The page's URL.
    pub url: String,
    /// When.
    pub at: OffsetDateTime,
}

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evidence").field("disclosure_hash", &self.disclosure_hash).field("at", &self.at).finish_non_exhaustive()
    }
}

/// A record before it has its place in the chain. `phone`, `ip`, `user_agent`, `words`, `url` and `inbound_message_id`
/// are personal: the ledger commits to each, and they can be erased later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRecord {
    /// What it says.
    pub kind: ConsentKind,
    /// By which way it came.
    pub source: ConsentSource,
    /// Whose it is; `None` only for `erased`.
    pub phone: Option<PhoneNumber>,
    /// The page that was seen, for an opt-in.
    pub disclosure_hash: Option<String>,
    /// Whether the page was inferred.
    pub disclosure_inferred: bool,
    /// The locale of the page or the message.
    pub locale: Option<String>,
    /// How an opt-out reached the owner (`email`, `phone`, `other`), for the source `owner`.
    pub channel: Option<String>,
    /// The `seq`s that an `erased` record seals, ascending.
    pub erases: Vec<i64>,
    /// When the person asked, if that was before the record.
    pub requested_at: Option<OffsetDateTime>,
    /// When the record was made.
    pub recorded_at: OffsetDateTime,
    /// The address the request came from.
    pub ip: Option<String>,
    /// The browser's name of itself.
    pub user_agent: Option<String>,
    /// The page's URL.
    pub url: Option<String>,
    /// The words as they came, codes masked.
    pub words: Option<String>,
    /// The stored message that it came by.
    pub inbound_message_id: Option<i64>,
}

impl ConsentRecord {
    /// The opt-in that a right code confirms, with the evidence of the request.
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

    /// The opt-in that the texted code, sent back, says: the phone agrees, but no browser is known to be its owner's, so
    /// none of the browser's evidence is in it and the page is inferred.
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

    /// What a keyword says: an opt-out, or START. `disclosure_hash` is that of the opt-in which START goes back to.
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

    /// What the SMS company reports: an opt-out that reached it and not us, or that the number is nobody's. `words` are its
    /// reason.
    #[must_use]
    pub fn by_provider(kind: ConsentKind, phone: PhoneNumber, words: String, now: OffsetDateTime) -> Self {
        Self { words: Some(words), ..Self::bare(kind, ConsentSource::Provider, phone, now) }
    }

    /// An opt-out that the owner heard of, in the person's words, by `channel` (`email`, `phone`, `other`).
    #[must_use]
    pub fn by_owner(phone: PhoneNumber, words: String, channel: &str, now: OffsetDateTime) -> Self {
        let (words, channel) = (Some(words), Some(channel.to_owned()));
        Self { channel, words, ..Self::bare(ConsentKind::OptedOut, ConsentSource::Owner, phone, now) }
    }

    /// The record with the message that it came by: its words, codes masked, and its row.
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
