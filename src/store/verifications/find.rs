//! Finding verifications: by browser, by number, and by a code that came in.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use time::OffsetDateTime;

use super::{Verification, VerificationRow};
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::VerificationState;
use crate::store::consents::is_opt_in;
use crate::store::numbers::NumberFacts;
use crate::store::schema::{consents, number_failures, subscribers, verifications};
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time};

/// The newest verification of a browser, in whichever state.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn latest_of_browser(tx: &mut Tx<'_>, browser: &str) -> Result<Option<Verification>, StoreError> {
    let row: Option<VerificationRow> = verifications::table
        .filter(verifications::browser.eq(browser))
        .order(verifications::id.desc())
        .select(columns_of::<VerificationRow>())
        .first_row(tx)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Pending verifications that a texted-in code is compared with, at most.
const MATCHED: usize = 50;
/// Of them, from one address (IPv6: from the /48 around it).
const MATCHED_PER_ADDRESS: usize = 5;
/// How many are looked at to find them, whatever strangers begin. Ten addresses with five each fill the 50; ten /48s can't begin more
/// than these while a code lives, as long as the caps of an address stand near what they are by default.
const LOOKED_AT: i64 = 1_000;

/// The newest verification of a number that is pending at `now`, in whichever browser.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn pending_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber, now: OffsetDateTime) -> Result<Option<Verification>, StoreError> {
    let pending = verifications::phone.eq(phone.as_str()).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let row: Option<VerificationRow> = verifications::table
        .filter(pending.and(verifications::expires_at.gt(db_time(now))))
        .order(verifications::id.desc())
        .select(columns_of::<VerificationRow>())
        .first_row(tx)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// A verification that a code from the number may be for: it is one of the 50 newest that are pending for the number, and at most
/// 4 newer ones come from its address. So strangers can make a guess neither slow nor likely to hit.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn matched(tx: &mut Tx<'_>, phone: &PhoneNumber, id: i64, now: OffsetDateTime) -> Result<Option<Verification>, StoreError> {
    let pending = verifications::phone.eq(phone.as_str()).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let newest: Vec<(i64, Option<String>, Option<String>)> = verifications::table
        .filter(pending.and(verifications::expires_at.gt(db_time(now))))
        .order(verifications::id.desc())
        .limit(LOOKED_AT)
        .select((verifications::id, verifications::address, verifications::network))
        .rows(tx)?;
    let mut from: HashMap<Option<String>, usize> = HashMap::new();
    let few = newest.into_iter().filter(|(_, address, network)| {
        let of_origin = from.entry(network.clone().or_else(|| address.clone())).or_default();
        *of_origin += 1;
        *of_origin <= MATCHED_PER_ADDRESS
    });
    if !few.take(MATCHED).any(|(one, ..)| one == id) {
        return Ok(None);
    }
    let row: VerificationRow = verifications::table.find(id).select(columns_of::<VerificationRow>()).first_row(tx)?;
    Ok(Some(row.try_into()?))
}

/// The newest verification of a browser with what is known of its number, and whether the browser has older ones.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn latest_with_number(tx: &mut Tx<'_>, browser: &str) -> Result<Option<(Verification, NumberFacts, bool)>, StoreError> {
    let standing = subscribers::table
        .filter(subscribers::phone.nullable().eq(verifications::phone))
        .select(subscribers::standing)
        .single_value();
    let failed = number_failures::table
        .filter(number_failures::phone.nullable().eq(verifications::phone))
        .select(number_failures::failures)
        .single_value();
    let opt_in = exists(consents::table.filter(consents::phone.eq(verifications::phone).and(is_opt_in()).assume_not_null()));
    let rows: Vec<(VerificationRow, Option<String>, Option<i32>, bool)> = verifications::table
        .filter(verifications::browser.eq(browser))
        .order(verifications::id.desc())
        .limit(2)
        .select((columns_of::<VerificationRow>(), standing, failed, opt_in))
        .rows(tx)?;
    let has_older = rows.len() > 1;
    let Some((row, standing, failed, opted_in)) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some((row.try_into()?, NumberFacts::new(standing, failed, opted_in)?, has_older)))
}

/// The verification by which a browser's token was replaced after `since`.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn renewed_from(tx: &mut Tx<'_>, browser: &str, since: OffsetDateTime) -> Result<Option<Verification>, StoreError> {
    let row: Option<VerificationRow> = verifications::table
        .filter(verifications::prior_browser.eq(browser).and(verifications::state.eq(VerificationState::Verified.as_str())))
        .filter(verifications::verified_at.gt(db_time(since)))
        .order(verifications::id.desc())
        .select(columns_of::<VerificationRow>())
        .first_row(tx)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}
