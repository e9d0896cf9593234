//! The keyed hashes of texted codes.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::code::SALT_BYTES;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::IssuedCode;
use crate::store::schema::{codes, verifications};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// A stored code: what is needed to compare an entry with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// The salt of its hash.
    pub salt: [u8; SALT_BYTES],
    /// Its keyed hash, hex.
    pub hash: String,
    /// Its times.
    pub issued: IssuedCode,
}

/// A live code of a number, with what its hash is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCode {
    /// The code.
    pub code: StoredCode,
    /// The reference of its verification.
    pub verification: String,
    /// The browser's hash.
    pub browser: String,
}

type Columns = (String, String, PrimitiveDateTime, PrimitiveDateTime);
const COLUMNS: (codes::salt, codes::hash, codes::issued_at, codes::expires_at) =
    (codes::salt, codes::hash, codes::issued_at, codes::expires_at);

fn stored((salt, hash, issued_at, expires_at): Columns) -> Result<StoredCode, StoreError> {
    let bytes = hex::decode(&salt).ok().and_then(|bytes| bytes.try_into().ok());
    let salt = bytes.ok_or_else(|| StoreError::Corrupt("codes.salt is not 16 bytes in hex".to_owned()))?;
    let issued = IssuedCode { issued_at: from_db_time(issued_at), expires_at: from_db_time(expires_at) };
    Ok(StoredCode { salt, hash, issued })
}

/// Keeps a code of a verification.
///
/// # Errors
/// When the database refuses.
pub fn add(tx: &mut Tx<'_>, verification: i64, phone: &PhoneNumber, code: &StoredCode) -> Result<(), StoreError> {
    diesel::insert_into(codes::table)
        .values((
            codes::verification_id.eq(verification),
            codes::phone.eq(phone.as_str()),
            codes::salt.eq(hex::encode(code.salt)),
            codes::hash.eq(&code.hash),
            codes::issued_at.eq(db_time(code.issued.issued_at)),
            codes::expires_at.eq(db_time(code.issued.expires_at)),
        ))
        .run(tx)?;
    Ok(())
}

/// The codes of a verification, in the order of issue.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn of_verification(tx: &mut Tx<'_>, verification: i64) -> Result<Vec<StoredCode>, StoreError> {
    let rows: Vec<Columns> =
        codes::table.filter(codes::verification_id.eq(verification)).order(codes::id).select(COLUMNS).rows(tx)?;
    rows.into_iter().map(stored).collect()
}

/// The codes of a number that are alive at `now`, in whichever browser.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn live_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber, now: OffsetDateTime) -> Result<Vec<LiveCode>, StoreError> {
    let rows: Vec<(Columns, String, Option<String>)> = codes::table
        .inner_join(verifications::table)
        .filter(codes::phone.eq(phone.as_str()).and(codes::expires_at.gt(db_time(now))))
        .select((COLUMNS, verifications::reference, verifications::browser))
        .rows(tx)?;
    rows.into_iter()
        .map(|(code, verification, browser)| {
            Ok(LiveCode { code: stored(code)?, verification, browser: browser.unwrap_or_default() })
        })
        .collect()
}

/// Deletes the codes of a verification that has ended.
///
/// # Errors
/// When the database refuses.
pub fn delete_of_verification(tx: &mut Tx<'_>, verification: i64) -> Result<(), StoreError> {
    diesel::delete(codes::table.filter(codes::verification_id.eq(verification))).run(tx)?;
    Ok(())
}

/// Makes every code of a number worthless.
///
/// # Errors
/// When the database refuses.
pub fn delete_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    diesel::delete(codes::table.filter(codes::phone.eq(phone.as_str()))).run(tx)?;
    Ok(())
}

/// Makes every code of every number worthless.
///
/// # Errors
/// When the database refuses.
pub fn delete_all(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    diesel::delete(codes::table).run(tx)?;
    Ok(())
}

/// Deletes codes that died before `before`, the oldest first, at most `most` of them; says how many.
///
/// # Errors
/// When the database refuses.
pub fn delete_expired(tx: &mut Tx<'_>, before: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    // By id, which is the order of issue: no index by expiry is kept for this.
    let oldest: Vec<(i64, PrimitiveDateTime)> =
        codes::table.order(codes::id).limit(most).select((codes::id, codes::expires_at)).rows(tx)?;
    let Some((last, _)) = oldest.into_iter().take_while(|(_, at)| from_db_time(*at) < before).last() else { return Ok(0) };
    Ok(diesel::delete(codes::table.filter(codes::id.le(last))).run(tx)?)
}
