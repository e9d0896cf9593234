//! Parts of long texts from phones, until all parts of a text have arrived. Each row is kept forever, but its text and number
//! only while it is waiting.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::phone::PhoneNumber;
use crate::store::schema::inbound_parts as parts;
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time, from_db_time};

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

/// A part that is waiting.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = parts)]
pub struct WaitingPart {
    /// Its row id.
    pub id: i64,
    /// The provider's ID.
    pub provider_message_id: String,
    /// Its position, from 1.
    pub part: i32,
    /// Its sealed text.
    #[diesel(column_name = text)]
    pub sealed_text: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = parts)]
struct PartRow {
    provider_message_id: String,
    phone: Option<String>,
    sent_to: String,
    reference: String,
    part: i32,
    parts: i32,
    text: Option<String>,
    received_at: PrimitiveDateTime,
}

/// Returns, in order, the waiting parts that belong to the same text as `of` and arrived after `since`.
pub fn waiting(tx: &mut Tx<'_>, of: &InboundPart, since: OffsetDateTime) -> Result<Vec<WaitingPart>, StoreError> {
    Ok(parts::table
        .filter(parts::phone.eq(of.phone.as_str()).and(parts::waiting.eq(true)).and(parts::provider.eq(of.provider)))
        .filter(parts::sent_to.eq(&of.sent_to).and(parts::reference.eq(&of.reference)).and(parts::parts.eq(of.parts)))
        .filter(parts::received_at.gt(db_time(since)))
        .order((parts::part, parts::id))
        .select(columns_of::<WaitingPart>())
        .rows(tx)?)
}

/// Returns the oldest part that has been waiting since `before` or earlier, and when it arrived.
pub fn overdue(
    tx: &mut Tx<'_>,
    provider: &'static str,
    before: OffsetDateTime,
) -> Result<Option<(InboundPart, OffsetDateTime)>, StoreError> {
    let row: Option<PartRow> = parts::table
        .filter(parts::waiting.eq(true).and(parts::received_at.le(db_time(before))).and(parts::provider.eq(provider)))
        .order(parts::received_at)
        .select(columns_of::<PartRow>())
        .first_row(tx)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let phone = row.phone.as_deref().and_then(PhoneNumber::from_stored);
    let found = InboundPart {
        provider,
        provider_message_id: row.provider_message_id,
        phone: phone.ok_or_else(|| StoreError::Corrupt("inbound_parts: phone is invalid".to_owned()))?,
        sent_to: row.sent_to,
        reference: row.reference,
        part: row.part,
        parts: row.parts,
        sealed_text: row.text.unwrap_or_default(),
    };
    Ok(Some((found, from_db_time(row.received_at))))
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
