//! What came from phones, each once and for ever.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use time::OffsetDateTime;

use crate::optin::phone::PhoneNumber;
use crate::store::schema::inbound_messages as inbound;
use crate::store::{StoreError, Tx, db_time};

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
            .get_result(conn)
    });
    match inserted {
        Ok(id) => Ok(Some(id)),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
