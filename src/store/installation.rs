//! The one row about this installation: which secret key its database was created with, and the server's heartbeat.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::store::schema::{consents, inbound_messages, installation, messages, verifications};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// The row's id.
const ROW: i32 = 1;

/// Returns the check value of the secret key that the data was created with, or `None` before the first key.
pub fn key_check(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    Ok(installation::table.find(ROW).select(installation::key_check).first_row(tx)?)
}

/// Stores the check value of the secret key.
pub fn keep_key_check(tx: &mut Tx<'_>, value: &str) -> Result<(), StoreError> {
    diesel::update(installation::table.find(ROW)).set(installation::key_check.eq(Some(value))).run(tx)?;
    Ok(())
}

/// Returns whether anything was ever recorded that a secret key may be needed for.
pub fn has_data(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(verifications::table.select(verifications::id).first_row::<i64>(tx).optional()?.is_some()
        || messages::table.select(messages::id).first_row::<i64>(tx).optional()?.is_some()
        || inbound_messages::table.select(inbound_messages::id).first_row::<i64>(tx).optional()?.is_some()
        || consents::table.select(consents::seq).first_row::<i64>(tx).optional()?.is_some())
}

/// Returns the time of the last heartbeat.
pub fn last_beat(tx: &mut Tx<'_>) -> Result<Option<OffsetDateTime>, StoreError> {
    let at: Option<PrimitiveDateTime> = installation::table.find(ROW).select(installation::heartbeat_at).first_row(tx)?;
    Ok(at.map(from_db_time))
}

/// Writes the time of the heartbeat, which shows that the database can be written.
pub fn beat(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::update(installation::table.find(ROW)).set(installation::heartbeat_at.eq(Some(db_time(now)))).run(tx)?;
    Ok(())
}
