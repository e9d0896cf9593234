//! What came from phones, each once and for ever.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber::Standing;
use crate::store::schema::{inbound_messages as inbound, subscribers};
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
    /// By when the owner must have read it, if it matched nothing.
    pub review_by: Option<OffsetDateTime>,
}

/// A message that the owner should read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToReview {
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
                inbound::review_by.eq(message.review_by.map(db_time)),
            ))
            .returning(inbound::id)
            .get_result(conn)
    });
    match inserted {
        Ok(id) => Ok(Some(id)),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Notes by when the owner must have read a message.
///
/// # Errors
/// When the database refuses.
pub fn mark_for_review(tx: &mut Tx<'_>, id: i64, review_by: OffsetDateTime) -> Result<(), StoreError> {
    diesel::update(inbound::table.find(id)).set(inbound::review_by.eq(Some(db_time(review_by)))).execute(tx.conn)?;
    Ok(())
}

/// The messages to review that no mail has named, the oldest first, at most `most` of them. Those of numbers that have
/// opted out since ask for nothing any more.
///
/// # Errors
/// When the database refuses.
pub fn unmailed(tx: &mut Tx<'_>, most: i64) -> Result<Vec<i64>, StoreError> {
    let opted_out = subscribers::table
        .filter(subscribers::phone.nullable().eq(inbound::phone))
        .filter(subscribers::standing.eq(Standing::OptedOut.as_str()));
    Ok(inbound::table
        .filter(inbound::review_by.is_not_null().and(inbound::mailed_at.is_null()))
        .filter(diesel::dsl::not(exists(opted_out)))
        .order(inbound::id)
        .limit(most)
        .select(inbound::id)
        .load(tx.conn)?)
}

/// Notes that a mail names a message.
///
/// # Errors
/// When the database refuses.
pub fn mark_mailed(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::update(inbound::table.find(id)).set(inbound::mailed_at.eq(Some(db_time(now)))).execute(tx.conn)?;
    Ok(())
}

/// A message to review; `None` once its words are forgotten.
///
/// # Errors
/// When the database refuses.
pub fn to_review(tx: &mut Tx<'_>, id: i64) -> Result<Option<ToReview>, StoreError> {
    type Columns = (Option<String>, Option<String>, PrimitiveDateTime, Option<PrimitiveDateTime>);
    let row: Option<Columns> = inbound::table
        .find(id)
        .select((inbound::phone, inbound::text, inbound::received_at, inbound::review_by))
        .first(tx.conn)
        .optional()?;
    Ok(row.and_then(|(phone, text, received_at, review_by)| {
        let (received_at, review_by) = (from_db_time(received_at), from_db_time(review_by?));
        Some(ToReview { phone: phone?, text: text?, received_at, review_by })
    }))
}
