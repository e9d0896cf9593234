//! Failed attempts in a row, per number.

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamp};
use time::OffsetDateTime;

use crate::optin::phone::PhoneNumber;
use crate::optin::verification::FAILURES_PER_NUMBER;
use crate::store::schema::number_failures as failures;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time};

/// Counts one more failure. The count is forgotten at `forget_at` if no other failure follows, and never once the typed way is
/// closed.
pub fn add(tx: &mut Tx<'_>, phone: &PhoneNumber, forget_at: OffsetDateTime) -> Result<(), StoreError> {
    let stays_open = failures::failures.lt(FAILURES_PER_NUMBER.cast_signed() - 1);
    let counted = diesel::update(failures::table.find(phone.as_str()))
        .set((
            failures::failures.eq(failures::failures + 1),
            failures::forget_at.eq(case_when(stays_open, Some(db_time(forget_at)).into_sql::<Nullable<Timestamp>>())),
        ))
        .changed(tx)?;
    if counted == 0 { begin(tx, phone, 1, forget_at) } else { Ok(()) }
}

/// Takes the same steps as [`add`] but counts nothing. Use it for an attempt that doesn't count, so that the timing doesn't
/// reveal that.
pub fn add_none(tx: &mut Tx<'_>, phone: &PhoneNumber, forget_at: OffsetDateTime) -> Result<(), StoreError> {
    let touched = diesel::update(failures::table.find(phone.as_str()))
        .set((failures::failures.eq(failures::failures + 0), failures::forget_at.eq(failures::forget_at)))
        .changed(tx)?;
    if touched == 0 { begin(tx, phone, 0, forget_at) } else { Ok(()) }
}

fn begin(tx: &mut Tx<'_>, phone: &PhoneNumber, failed: i32, forget_at: OffsetDateTime) -> Result<(), StoreError> {
    diesel::insert_into(failures::table)
        .values((failures::phone.eq(phone.as_str()), failures::failures.eq(failed), failures::forget_at.eq(db_time(forget_at))))
        .run(tx)?;
    Ok(())
}

/// Resets a number's count to zero. Returns whether it had any failures.
pub fn reset(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<bool, StoreError> {
    Ok(diesel::delete(failures::table.find(phone.as_str())).changed(tx)? > 0)
}

/// Forgets the failures that were due before `now`, for at most `most` numbers. Returns how many numbers.
pub fn forget_due(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let due: Vec<String> = failures::table
        .filter(failures::forget_at.lt(db_time(now)))
        .order(failures::forget_at)
        .limit(most)
        .select(failures::phone)
        .rows(tx)?;
    for phone in &due {
        // Another failure may have been counted in the meantime.
        diesel::delete(failures::table.find(phone).filter(failures::forget_at.lt(db_time(now)))).run(tx)?;
    }
    Ok(due.len())
}
