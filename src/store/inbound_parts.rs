//! Parts of long texts from phones, until all parts of a text have arrived. Each row is kept forever, but its text only while it
//! is waiting.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::phone::PhoneNumber;
use crate::store::schema::inbound_parts as parts;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time};

/// A part to store, or one that is waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundPart {
    /// The provider that passed it on.
    pub provider: &'static str,
    /// The provider's id for the part.
    pub provider_message_id: String,
    /// Who sent it.
    pub phone: PhoneNumber,
    /// The sender that it was sent to.
    pub sent_to: String,
    /// The reference that the parts of one text share. Phones use only a few of these, again and again.
    pub reference: String,
    /// Its position, starting at 1.
    pub part: i32,
    /// How many parts there are.
    pub parts: i32,
    /// Its text, sealed.
    pub sealed_text: String,
}

/// The result of storing a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptPart {
    /// It is new.
    New,
    /// It was already stored.
    Known,
}

/// Stores a part.
pub fn add(tx: &mut Tx<'_>, part: &InboundPart, now: OffsetDateTime) -> Result<KeptPart, StoreError> {
    let inserted = tx.insert_new(|tx| {
        diesel::insert_into(parts::table)
            .values((
                parts::provider.eq(part.provider),
                parts::provider_message_id.eq(&part.provider_message_id),
                parts::phone.eq(Some(part.phone.as_str())),
                parts::sent_to.eq(&part.sent_to),
                parts::reference.eq(&part.reference),
                parts::part.eq(part.part),
                parts::parts.eq(part.parts),
                parts::text.eq(Some(&part.sealed_text)),
                parts::waiting.eq(true),
                parts::received_at.eq(db_time(now)),
            ))
            .run(tx)
    })?;
    Ok(if inserted.is_some() { KeptPart::New } else { KeptPart::Known })
}

/// A part that is waiting: its row id, the provider's id, its position and its sealed text.
pub type WaitingPart = (i64, String, i32, String);

/// Returns, in order, the waiting parts that belong to the same text as `of` and arrived after `since`.
pub fn waiting(tx: &mut Tx<'_>, of: &InboundPart, since: OffsetDateTime) -> Result<Vec<WaitingPart>, StoreError> {
    let rows: Vec<(i64, String, i32, Option<String>)> = parts::table
        .filter(parts::phone.eq(of.phone.as_str()).and(parts::waiting.eq(true)).and(parts::provider.eq(of.provider)))
        .filter(parts::sent_to.eq(&of.sent_to).and(parts::reference.eq(&of.reference)).and(parts::parts.eq(of.parts)))
        .filter(parts::received_at.gt(db_time(since)))
        .order((parts::part, parts::id))
        .select((parts::id, parts::provider_message_id, parts::part, parts::text))
        .rows(tx)?;
    Ok(rows.into_iter().map(|(id, name, part, text)| (id, name, part, text.unwrap_or_default())).collect())
}

/// Returns the oldest part that has been waiting since `before` or earlier, and when it arrived.
pub fn overdue(
    tx: &mut Tx<'_>,
    provider: &'static str,
    before: OffsetDateTime,
) -> Result<Option<(InboundPart, OffsetDateTime)>, StoreError> {
    type Columns = (String, Option<String>, String, String, i32, i32, Option<String>, PrimitiveDateTime);
    let row: Option<Columns> = parts::table
        .filter(parts::waiting.eq(true).and(parts::received_at.le(db_time(before))).and(parts::provider.eq(provider)))
        .order(parts::received_at)
        .select((
            parts::provider_message_id,
            parts::phone,
            parts::sent_to,
            parts::reference,
            parts::part,
            parts::parts,
            parts::text,
            parts::received_at,
        ))
        .first_row(tx)
        .optional()?;
    let Some((provider_message_id, phone, sent_to, reference, part, parts, text, received_at)) = row else { return Ok(None) };
    let phone = phone.as_deref().and_then(PhoneNumber::from_stored);
    let phone = phone.ok_or_else(|| StoreError::Corrupt("inbound_parts: phone is no number".to_owned()))?;
    let sealed_text = text.unwrap_or_default();
    let found = InboundPart { provider, provider_message_id, phone, sent_to, reference, part, parts, sealed_text };
    Ok(Some((found, crate::store::from_db_time(received_at))))
}

/// Marks parts as read: they stop waiting, and their text and number are wiped.
pub fn read(tx: &mut Tx<'_>, ids: &[i64]) -> Result<(), StoreError> {
    for id in ids {
        diesel::update(parts::table.find(*id))
            .set((parts::waiting.eq(false), parts::text.eq(None::<String>), parts::phone.eq(None::<String>)))
            .run(tx)?;
    }
    Ok(())
}
