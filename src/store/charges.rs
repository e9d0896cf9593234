//! Accepted requests for a code, charged to an address and to a browser.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::store::schema::charges;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// Whom a request is charged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeScope {
    /// The address it came from.
    Address,
    /// The browser it came from.
    Browser,
}

impl ChargeScope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Browser => "browser",
        }
    }
}

/// Charges one request of a verification.
///
/// # Errors
/// When the database refuses.
pub fn add(tx: &mut Tx<'_>, scope: ChargeScope, subject: &str, verification: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::insert_into(charges::table)
        .values((
            charges::scope.eq(scope.as_str()),
            charges::subject.eq(subject),
            charges::verification_id.eq(verification),
            charges::charged_at.eq(db_time(now)),
        ))
        .run(tx)?;
    Ok(())
}

/// When a subject was charged, from `since` on, the newest first, at most `most` of them.
///
/// # Errors
/// When the database refuses.
pub fn times(
    tx: &mut Tx<'_>,
    scope: ChargeScope,
    subject: &str,
    since: OffsetDateTime,
    most: u32,
) -> Result<Vec<OffsetDateTime>, StoreError> {
    let found: Vec<PrimitiveDateTime> = charges::table
        .filter(charges::scope.eq(scope.as_str()).and(charges::subject.eq(subject)).and(charges::charged_at.gt(db_time(since))))
        .order(charges::charged_at.desc())
        .limit(i64::from(most))
        .select(charges::charged_at)
        .rows(tx)?;
    Ok(found.into_iter().map(from_db_time).collect())
}

/// Takes back what a verification charged to its address: an office or a carrier's NAT is not shut out by its own
/// successes.
///
/// # Errors
/// When the database refuses.
pub fn forgive_address(tx: &mut Tx<'_>, verification: i64) -> Result<(), StoreError> {
    let of_address = charges::verification_id.eq(verification).and(charges::scope.eq(ChargeScope::Address.as_str()));
    diesel::delete(charges::table.filter(of_address)).run(tx)?;
    Ok(())
}

/// Moves what a browser was charged to the token that replaces its own.
///
/// # Errors
/// When the database refuses.
pub fn renew_browser(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    let of_browser = charges::scope.eq(ChargeScope::Browser.as_str()).and(charges::subject.eq(from));
    diesel::update(charges::table.filter(of_browser)).set(charges::subject.eq(to)).run(tx)?;
    Ok(())
}

/// Forgets charges from before `before`, the oldest first, at most `most` of them; says how many.
///
/// # Errors
/// When the database refuses.
pub fn forget_before(tx: &mut Tx<'_>, before: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    // By id, which is the order in which they came: no index by age is kept for this.
    let oldest: Vec<(i64, PrimitiveDateTime)> =
        charges::table.order(charges::id).limit(most).select((charges::id, charges::charged_at)).rows(tx)?;
    let Some((last, _)) = oldest.into_iter().take_while(|(_, at)| from_db_time(*at) < before).last() else { return Ok(0) };
    Ok(diesel::delete(charges::table.filter(charges::id.le(last))).run(tx)?)
}
