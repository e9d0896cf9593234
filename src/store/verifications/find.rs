//! Lookups of verifications by browser, by number, and by a code that was texted in.

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

/// Returns the newest verification of a browser, in any state.
pub fn latest_of_browser(tx: &mut Tx<'_>, browser: &str) -> Result<Option<Verification>, StoreError> {
    let row: Option<VerificationRow> = verifications::table
        .filter(verifications::browser.eq(browser))
        .order(verifications::id.desc())
        .select(columns_of::<VerificationRow>())
        .first_row(tx)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// The most pending verifications that a texted-in code is compared with.
const MATCHED: usize = 50;
/// The most of them from one address (IPv6: from the /48 around it).
const MATCHED_PER_ADDRESS: usize = 5;
/// How many rows are read to find them, no matter how many verifications strangers start. Ten addresses with five each fill the
/// 50, and as long as the caps per address are near their defaults, ten can't start more than this many while a code is valid.
const LOOKED_AT: i64 = 1_000;

/// Returns the newest verification of a number that is pending at `now`, in any browser.
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

/// Returns the verification `id` if a code from the number may be meant for it: it is one of the number's 50 newest pending
/// verifications, and at most 4 newer ones come from its address. This way, strangers can neither slow down the check nor make a
/// guess likely to succeed.
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

/// Returns the newest verification of a browser, what is known about its number, and whether the browser has older verifications.
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

/// Returns the verification through which a browser's token was replaced after `since`.
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
