//! The keyed hashes of codes: of those that were texted, and of those that pages show.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::code::SALT_BYTES;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::IssuedCode;
use crate::store::schema::codes;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// A code as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// The keyed hash by which it is found when it comes in from its number, hex.
    pub lookup: String,
    /// Its times.
    pub issued: IssuedCode,
    /// How it travels.
    pub way: CodeWay,
}

/// How a code travels, and what is kept of it for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeWay {
    /// To the phone, to be typed on the page.
    Texted {
        /// The salt of its hash.
        salt: [u8; SALT_BYTES],
        /// Its keyed hash, hex.
        hash: String,
    },
    /// On the page, to be texted in. The code itself is derived from its generation.
    Shown {
        /// Which of its verification's.
        generation: u32,
    },
}

/// `codes.kind` of a code that was texted.
const TEXTED: &str = "texted";
/// Of one that a page shows.
const SHOWN: &str = "shown";

#[derive(Queryable)]
struct CodeRow {
    kind: String,
    generation: Option<i32>,
    lookup: String,
    salt: Option<String>,
    hash: Option<String>,
    issued_at: PrimitiveDateTime,
    expires_at: PrimitiveDateTime,
}

type Columns = (codes::kind, codes::generation, codes::lookup, codes::salt, codes::hash, codes::issued_at, codes::expires_at);
const COLUMNS: Columns =
    (codes::kind, codes::generation, codes::lookup, codes::salt, codes::hash, codes::issued_at, codes::expires_at);

impl TryFrom<CodeRow> for StoredCode {
    type Error = StoreError;

    fn try_from(row: CodeRow) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("codes.{what}"));
        let way = match row.kind.as_str() {
            TEXTED => {
                let bytes = row.salt.and_then(|salt| hex::decode(salt).ok()?.try_into().ok());
                let salt = bytes.ok_or_else(|| corrupt("salt is not 16 bytes in hex"))?;
                CodeWay::Texted { salt, hash: row.hash.ok_or_else(|| corrupt("hash is missing"))? }
            }
            SHOWN => {
                let generation = row.generation.and_then(|generation| u32::try_from(generation).ok());
                CodeWay::Shown { generation: generation.ok_or_else(|| corrupt("generation is missing"))? }
            }
            other => return Err(corrupt(&format!("kind is `{other}`"))),
        };
        let issued = IssuedCode { issued_at: from_db_time(row.issued_at), expires_at: from_db_time(row.expires_at) };
        Ok(Self { lookup: row.lookup, issued, way })
    }
}

/// Keeps a code of a verification.
///
/// # Errors
/// When the database refuses.
pub fn add(tx: &mut Tx<'_>, verification: i64, phone: &PhoneNumber, code: &StoredCode) -> Result<(), StoreError> {
    let (kind, generation, salt, hash) = match &code.way {
        CodeWay::Texted { salt, hash } => (TEXTED, None, Some(hex::encode(salt)), Some(hash)),
        CodeWay::Shown { generation } => (SHOWN, Some(generation.cast_signed()), None, None),
    };
    diesel::insert_into(codes::table)
        .values((
            codes::verification_id.eq(verification),
            codes::phone.eq(phone.as_str()),
            codes::kind.eq(kind),
            codes::generation.eq(generation),
            codes::lookup.eq(&code.lookup),
            codes::salt.eq(salt),
            codes::hash.eq(hash),
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
    let rows: Vec<CodeRow> =
        codes::table.filter(codes::verification_id.eq(verification)).order(codes::id).select(COLUMNS).rows(tx)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The codes of a number with this lookup that are alive at `now`, with the verifications that they belong to. There is at
/// most one, unless two were drawn at the same moment.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn live(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    lookup: &str,
    now: OffsetDateTime,
) -> Result<Vec<(i64, StoredCode)>, StoreError> {
    let rows: Vec<(i64, CodeRow)> = codes::table
        .filter(codes::phone.eq(phone.as_str()).and(codes::lookup.eq(lookup)).and(codes::expires_at.gt(db_time(now))))
        .order(codes::id.desc())
        .select((codes::verification_id, COLUMNS))
        .rows(tx)?;
    rows.into_iter().map(|(verification, row)| Ok((verification, row.try_into()?))).collect()
}

/// Which of two lookups belong to codes of the number that are alive at `now`.
///
/// # Errors
/// When the database refuses.
pub fn taken(tx: &mut Tx<'_>, phone: &PhoneNumber, lookups: [&str; 2], now: OffsetDateTime) -> Result<Vec<String>, StoreError> {
    let [one, other] = lookups;
    Ok(codes::table
        .filter(codes::phone.eq(phone.as_str()).and(codes::lookup.eq(one).or(codes::lookup.eq(other))))
        .filter(codes::expires_at.gt(db_time(now)))
        .select(codes::lookup)
        .rows(tx)?)
}

/// Deletes the codes of a verification that has ended.
///
/// # Errors
/// When the database refuses.
pub fn delete_of_verification(tx: &mut Tx<'_>, verification: i64) -> Result<(), StoreError> {
    diesel::delete(codes::table.filter(codes::verification_id.eq(verification))).run(tx)?;
    Ok(())
}

/// Makes every texted code of a number worthless. Those that pages show stay: their pages must not tell.
///
/// # Errors
/// When the database refuses.
pub fn delete_texted_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    let texted = codes::phone.eq(phone.as_str()).and(codes::kind.eq(TEXTED));
    diesel::delete(codes::table.filter(texted)).run(tx)?;
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
    Ok(diesel::delete(codes::table.filter(codes::id.le(last))).changed(tx)?)
}
