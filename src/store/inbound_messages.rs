//! Messages from phones. Each one is stored once and kept forever.

use diesel::dsl::{exists, min};
use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::phone::PhoneNumber;
use crate::optin::review::ReviewRank;
use crate::optin::subscriber::Standing;
use crate::store::schema::{inbound_messages as inbound, subscribers};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// A message to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInbound {
    /// The provider that passed it on.
    pub provider: &'static str,
    /// The provider's id for the message.
    pub provider_message_id: String,
    /// Who sent it.
    pub phone: PhoneNumber,
    /// Its text, with codes masked.
    pub text: String,
    /// The keyword that it is, if any.
    pub keyword: Option<&'static str>,
    /// When it arrived.
    pub received_at: OffsetDateTime,
}

/// A message that the owner should read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToReview {
    /// Its row id.
    pub id: i64,
    /// Who sent it.
    pub phone: String,
    /// Its text, with codes masked.
    pub text: String,
    /// When it arrived.
    pub received_at: OffsetDateTime,
    /// The deadline for reading it.
    pub review_by: OffsetDateTime,
}

/// Stores a message and returns its id, or `None` if it was already stored.
pub fn add(tx: &mut Tx<'_>, message: &NewInbound) -> Result<Option<i64>, StoreError> {
    tx.insert_new(|tx| {
        diesel::insert_into(inbound::table)
            .values((
                inbound::provider.eq(message.provider),
                inbound::provider_message_id.eq(&message.provider_message_id),
                inbound::phone.eq(Some(message.phone.as_str())),
                inbound::text.eq(Some(&message.text)),
                inbound::keyword.eq(message.keyword),
                inbound::received_at.eq(db_time(message.received_at)),
            ))
            .returning(inbound::id)
            .row(tx)
    })
}

/// Returns the row id of a message that was already stored.
pub fn id_of(tx: &mut Tx<'_>, provider: &str, provider_message_id: &str) -> Result<Option<i64>, StoreError> {
    let named = inbound::provider.eq(provider).and(inbound::provider_message_id.eq(provider_message_id));
    Ok(inbound::table.filter(named).select(inbound::id).first_row(tx).optional()?)
}

/// Puts a message into the queue of those that the owner must read, at `rank` and with the deadline `review_by`.
pub fn mark_for_review(tx: &mut Tx<'_>, id: i64, rank: ReviewRank, review_by: OffsetDateTime) -> Result<(), StoreError> {
    diesel::update(inbound::table.find(id))
        .set((inbound::review_by.eq(Some(db_time(review_by))), inbound::review_rank.eq(rank.as_number())))
        .run(tx)?;
    Ok(())
}

/// Returns whether the owner has anything to read that no e-mail has included yet.
pub fn has_unmailed(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(!unmailed_phones(tx, 1)?.is_empty())
}

/// Returns the messages to read that no e-mail has included yet, from at most `phones` numbers, the most urgent first. There are
/// at most `each` per number, so that somebody who texts a lot can't crowd out others. Numbers that have since opted out are
/// skipped, because nothing is left to do for them.
pub fn unmailed(tx: &mut Tx<'_>, phones: i64, each: i64) -> Result<Vec<ToReview>, StoreError> {
    let mut found = Vec::new();
    for phone in unmailed_phones(tx, phones)? {
        type Columns = (i64, Option<String>, PrimitiveDateTime, Option<PrimitiveDateTime>);
        let rows: Vec<Columns> = inbound::table
            .filter(inbound::review_by.is_not_null().and(inbound::mailed_at.is_null()).and(inbound::phone.eq(&phone)))
            .order((inbound::review_rank, inbound::id))
            .limit(each)
            .select((inbound::id, inbound::text, inbound::received_at, inbound::review_by))
            .rows(tx)?;
        found.extend(rows.into_iter().filter_map(|(id, text, received_at, review_by)| {
            let (received_at, review_by) = (from_db_time(received_at), from_db_time(review_by?));
            Some(ToReview { id, phone: phone.clone(), text: text.unwrap_or_default(), received_at, review_by })
        }));
    }
    Ok(found)
}

fn unmailed_phones(tx: &mut Tx<'_>, most: i64) -> Result<Vec<String>, StoreError> {
    let opted_out = subscribers::table
        .filter(subscribers::phone.nullable().eq(inbound::phone))
        .filter(subscribers::standing.eq(Standing::OptedOut.as_str()));
    let phones: Vec<Option<String>> = inbound::table
        .filter(inbound::review_by.is_not_null().and(inbound::mailed_at.is_null()))
        .filter(inbound::phone.is_not_null())
        .filter(diesel::dsl::not(exists(opted_out)))
        .group_by(inbound::phone)
        .order((min(inbound::review_rank), min(inbound::id)))
        .limit(most)
        .select(inbound::phone)
        .rows(tx)?;
    Ok(phones.into_iter().flatten().collect())
}

/// Records that messages were e-mailed to the owner.
pub fn mark_mailed(tx: &mut Tx<'_>, ids: &[i64], now: OffsetDateTime) -> Result<(), StoreError> {
    for id in ids {
        diesel::update(inbound::table.find(*id)).set(inbound::mailed_at.eq(Some(db_time(now)))).run(tx)?;
    }
    Ok(())
}
