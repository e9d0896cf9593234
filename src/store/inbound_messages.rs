//! What came from phones, each once and for ever.

use diesel::dsl::{exists, min};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::phone::PhoneNumber;
use crate::optin::review::ReviewRank;
use crate::optin::subscriber::Standing;
use crate::store::schema::{inbound_messages as inbound, subscribers};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// A message to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInbound {
    /// The SMS company that passed it on.
    pub provider: &'static str,
    /// Its name for the message.
    pub provider_message_id: String,
    /// Who sent it.
    pub phone: PhoneNumber,
    /// Its words, codes masked.
    pub text: String,
    /// The keyword that it is, if any.
    pub keyword: Option<&'static str>,
    /// When it came.
    pub received_at: OffsetDateTime,
}

/// A message that the owner should read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToReview {
    /// Its row.
    pub id: i64,
    /// Who sent it.
    pub phone: String,
    /// Its words, codes masked.
    pub text: String,
    /// When it came.
    pub received_at: OffsetDateTime,
    /// By when it must be read.
    pub review_by: OffsetDateTime,
}

/// Keeps a message and gives its id; `None` if it was kept before.
///
/// # Errors
/// When the database refuses.
pub fn add(tx: &mut Tx<'_>, message: &NewInbound) -> Result<Option<i64>, StoreError> {
    // In a savepoint of its own: on Postgres a unique violation would end the whole transaction.
    let inserted = tx.conn.transaction(|conn| {
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
            .row(&mut Tx { conn })
    });
    match inserted {
        Ok(id) => Ok(Some(id)),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The row of a message that was kept before.
///
/// # Errors
/// When the database refuses.
pub fn id_of(tx: &mut Tx<'_>, provider: &str, provider_message_id: &str) -> Result<Option<i64>, StoreError> {
    let named = inbound::provider.eq(provider).and(inbound::provider_message_id.eq(provider_message_id));
    Ok(inbound::table.filter(named).select(inbound::id).first_row(tx).optional()?)
}

/// Puts a message into the queue of those that the owner must read, at `rank`, by `review_by`.
///
/// # Errors
/// When the database refuses.
pub fn mark_for_review(tx: &mut Tx<'_>, id: i64, rank: ReviewRank, review_by: OffsetDateTime) -> Result<(), StoreError> {
    diesel::update(inbound::table.find(id))
        .set((inbound::review_by.eq(Some(db_time(review_by))), inbound::review_rank.eq(rank.as_number())))
        .run(tx)?;
    Ok(())
}

/// Whether the owner has anything to read that no mail has brought.
///
/// # Errors
/// When the database refuses.
pub fn has_unmailed(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(!unmailed_phones(tx, 1)?.is_empty())
}

/// The messages to read that no mail has brought: of at most `phones` numbers, the most pressing first, and at most
/// `each` of one number, so that nobody who texts a lot keeps others out. Numbers that have opted out since ask for
/// nothing any more.
///
/// # Errors
/// When the database refuses.
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

/// Notes that a mail has brought messages to the owner.
///
/// # Errors
/// When the database refuses.
pub fn mark_mailed(tx: &mut Tx<'_>, ids: &[i64], now: OffsetDateTime) -> Result<(), StoreError> {
    for id in ids {
        diesel::update(inbound::table.find(*id)).set(inbound::mailed_at.eq(Some(db_time(now)))).run(tx)?;
    }
    Ok(())
}
