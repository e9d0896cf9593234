//! Wrong tries in a row, by number.

use diesel::prelude::*;
use time::OffsetDateTime;

use crate::optin::phone::PhoneNumber;
use crate::store::schema::number_failures as failures;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time};

/// How many wrong tries in a row a number has.
///
/// # Errors
/// When the database refuses.
pub fn count(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<u32, StoreError> {
    let found: Option<i32> = failures::table.find(phone.as_str()).select(failures::failures).first_row(tx).optional()?;
    Ok(found.map_or(0, |n| u32::try_from(n).unwrap_or(0)))
}

/// Counts one more.
///
/// # Errors
/// When the database refuses.
pub fn add(tx: &mut Tx<'_>, phone: &PhoneNumber, now: OffsetDateTime) -> Result<(), StoreError> {
    let counted = diesel::update(failures::table.find(phone.as_str()))
        .set((failures::failures.eq(failures::failures + 1), failures::updated_at.eq(db_time(now))))
        .changed(tx)?;
    if counted == 0 { begin(tx, phone, 1, now) } else { Ok(()) }
}

/// Takes the steps of [`add`] and counts nothing: for a try whose time must not tell that it doesn't count.
///
/// # Errors
/// When the database refuses.
pub fn add_none(tx: &mut Tx<'_>, phone: &PhoneNumber, now: OffsetDateTime) -> Result<(), StoreError> {
    let touched = diesel::update(failures::table.find(phone.as_str()))
        .set((failures::failures.eq(failures::failures + 0), failures::updated_at.eq(failures::updated_at)))
        .changed(tx)?;
    if touched == 0 { begin(tx, phone, 0, now) } else { Ok(()) }
}

fn begin(tx: &mut Tx<'_>, phone: &PhoneNumber, failed: i32, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::insert_into(failures::table)
        .values((failures::phone.eq(phone.as_str()), failures::failures.eq(failed), failures::updated_at.eq(db_time(now))))
        .run(tx)?;
    Ok(())
}

/// Sets a number back to none, and says whether it had any.
///
/// # Errors
/// When the database refuses.
pub fn reset(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<bool, StoreError> {
    Ok(diesel::delete(failures::table.find(phone.as_str())).changed(tx)? > 0)
}

/// Forgets numbers whose last failure came before `before`, at most `most` of them; says how many. Those with `limit`
/// failures or more stay, since the typed way is closed for them.
///
/// # Errors
/// When the database refuses.
pub fn forget_before(tx: &mut Tx<'_>, before: OffsetDateTime, limit: u32, most: i64) -> Result<usize, StoreError> {
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    let old: Vec<String> = failures::table
        .filter(failures::updated_at.lt(db_time(before)).and(failures::failures.lt(limit)))
        .order(failures::updated_at)
        .limit(most)
        .select(failures::phone)
        .rows(tx)?;
    for phone in &old {
        diesel::delete(failures::table.find(phone)).run(tx)?;
    }
    Ok(old.len())
}
