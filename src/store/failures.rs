//! Wrong tries in a row, by number.

use diesel::prelude::*;
use time::OffsetDateTime;

use crate::optin::phone::PhoneNumber;
use crate::store::schema::number_failures as failures;
use crate::store::{StoreError, Tx, db_time};

/// How many wrong tries in a row a number has.
///
/// # Errors
/// When the database refuses.
pub fn count(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<u32, StoreError> {
    let found: Option<i32> = failures::table.find(phone.as_str()).select(failures::failures).first(tx.conn).optional()?;
    Ok(found.map_or(0, |n| u32::try_from(n).unwrap_or(0)))
}

/// Counts one more.
///
/// # Errors
/// When the database refuses.
pub fn add(tx: &mut Tx<'_>, phone: &PhoneNumber, now: OffsetDateTime) -> Result<(), StoreError> {
    let counted = diesel::update(failures::table.find(phone.as_str()))
        .set((failures::failures.eq(failures::failures + 1), failures::updated_at.eq(db_time(now))))
        .execute(tx.conn)?;
    if counted == 0 {
        diesel::insert_into(failures::table)
            .values((failures::phone.eq(phone.as_str()), failures::failures.eq(1), failures::updated_at.eq(db_time(now))))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Sets a number back to none, and says whether it had any.
///
/// # Errors
/// When the database refuses.
pub fn reset(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<bool, StoreError> {
    Ok(diesel::delete(failures::table.find(phone.as_str())).execute(tx.conn)? > 0)
}
