//! Outbound texts. Each one is stored as a row before it becomes a request to the provider.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::answers::GivenAnswer;
use crate::optin::message::{DropReason, MessageKind, MessageStatus};
use crate::optin::phone::PhoneNumber;
use crate::store::schema::{inbound_messages, messages};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

/// What entitles us to send a text (TCPA-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The record of an opt-in, by its `seq`.
    Consent(i64),
    /// The verification that requested it.
    Verification(i64),
    /// The message that it answers.
    Inbound(i64),
    /// The owner's own request, only for a test.
    Owner,
}

/// What happens to a stored text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It waits for its turn.
    Queued,
    /// It is sent right after this transaction commits. The transaction claims it until this time.
    Claimed(OffsetDateTime),
    /// It is never sent, for this reason.
    Dropped(DropReason),
}

/// A text to store.
#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    /// The recipient.
    pub phone: &'a PhoneNumber,
    /// What it is for.
    pub kind: MessageKind,
    /// What entitles us to send it.
    pub basis: Basis,
    /// Its text, with codes masked.
    pub text: &'a str,
    /// Its text as it will be sent, sealed, if it contains a code.
    pub sealed_text: Option<&'a str>,
    /// What happens to it.
    pub fate: Fate,
    /// When it was written.
    pub queued_at: OffsetDateTime,
    /// From this moment on, it is no longer sent.
    pub expires_at: Option<OffsetDateTime>,
}

/// Stores a text and returns its id.
pub fn add(tx: &mut Tx<'_>, new: &NewMessage<'_>) -> Result<i64, StoreError> {
    let (basis, consent, verification, inbound) = match new.basis {
        Basis::Consent(seq) => ("consent", Some(seq), None, None),
        Basis::Verification(id) => ("verification", None, Some(id), None),
        Basis::Inbound(id) => ("inbound", None, None, Some(id)),
        Basis::Owner => ("owner", None, None, None),
    };
    let (status, error, claimed_until) = match new.fate {
        Fate::Queued => (MessageStatus::Queued, None, None),
        Fate::Claimed(until) => (MessageStatus::Sending, None, Some(until)),
        Fate::Dropped(why) => (MessageStatus::Dropped, Some(why.as_str()), None),
    };
    let id = diesel::insert_into(messages::table)
        .values((
            messages::phone.eq(Some(new.phone.as_str())),
            messages::kind.eq(new.kind.as_str()),
            messages::basis.eq(basis),
            messages::consent_seq.eq(consent),
            messages::verification_id.eq(verification),
            messages::inbound_message_id.eq(inbound),
            messages::status.eq(status.as_str()),
            messages::text.eq(Some(new.text)),
            messages::sealed_text.eq(new.sealed_text.filter(|_| error.is_none())),
            messages::error.eq(error),
            messages::claimed_until.eq(claimed_until.map(db_time)),
            messages::queued_at.eq(db_time(new.queued_at)),
            messages::due_at.eq(db_time(new.queued_at)),
            messages::expires_at.eq(new.expires_at.map(db_time)),
        ))
        .returning(messages::id)
        .row(tx)?;
    Ok(id)
}

/// Returns when codes and welcomes were queued for a number after `since`, except dropped ones.
pub fn counted(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    since: OffsetDateTime,
) -> Result<Vec<(MessageKind, OffsetDateTime)>, StoreError> {
    // Use the same wording as the index. Answers to a person's own texts are not counted, and the page says so.
    let counted =
        sql::<Bool>("messages.kind IN ('code', 'welcome') AND messages.basis <> 'inbound' AND messages.status <> 'dropped'");
    let rows: Vec<(String, PrimitiveDateTime)> = messages::table
        .filter(messages::phone.eq(phone.as_str()).and(messages::queued_at.gt(db_time(since))))
        .filter(counted)
        .select((messages::kind, messages::queued_at))
        .rows(tx)?;
    rows.into_iter().map(timed_kind).collect()
}

/// Returns the answers to a number's own texts that were queued after `since`, except dropped ones.
pub fn answers(tx: &mut Tx<'_>, phone: &PhoneNumber, since: OffsetDateTime) -> Result<Vec<GivenAnswer>, StoreError> {
    let rows: Vec<(String, PrimitiveDateTime, Option<String>)> = messages::table
        .inner_join(inbound_messages::table)
        .filter(messages::phone.eq(phone.as_str()).and(messages::queued_at.gt(db_time(since))))
        .filter(messages::status.ne(MessageStatus::Dropped.as_str()).and(messages::inbound_message_id.is_not_null()))
        .select((messages::kind, messages::queued_at, inbound_messages::keyword))
        .rows(tx)?;
    rows.into_iter()
        .map(|(kind, at, keyword)| {
            let (kind, at) = timed_kind((kind, at))?;
            // A welcome answers either START, which is a keyword, or a code, which isn't.
            let to_a_code = match kind {
                MessageKind::Confirmed => true,
                MessageKind::Welcome => keyword.is_none(),
                MessageKind::Code
                | MessageKind::Help
                | MessageKind::Goodbye
                | MessageKind::NotMatched
                | MessageKind::Unknown
                | MessageKind::Test => false,
            };
            Ok(GivenAnswer { kind, at, to_a_code })
        })
        .collect()
}

/// Returns the provider's id for the newest code text of a verification.
pub fn name_of_code(tx: &mut Tx<'_>, verification: i64) -> Result<Option<String>, StoreError> {
    let newest: Option<Option<String>> = messages::table
        .filter(messages::verification_id.eq(verification).and(messages::kind.eq(MessageKind::Code.as_str())))
        .filter(messages::provider_message_id.is_not_null())
        .order(messages::id.desc())
        .select(messages::provider_message_id)
        .first_row(tx)
        .optional()?;
    Ok(newest.flatten())
}

fn timed_kind((kind, at): (String, PrimitiveDateTime)) -> Result<(MessageKind, OffsetDateTime), StoreError> {
    Ok((word(MessageKind::from_word(&kind), "messages.kind", &kind)?, from_db_time(at)))
}
