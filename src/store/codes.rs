//! The keyed hashes of codes, both those that were texted and those that pages show.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::code::SALT_BYTES;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::IssuedCode;
use crate::store::schema::codes;
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// A code as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// The keyed hash, in hex, that finds the code when it is texted in from its number.
    pub lookup: String,
    /// When it was issued and when it expires.
    pub issued: IssuedCode,
    /// How it travels.
    pub way: CodeWay,
}

/// How a code travels, and what is stored for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeWay {
    /// Texted to the phone, to be typed on the page.
    Texted {
        /// The salt of its hash.
        salt: [u8; SALT_BYTES],
        /// Its keyed hash, in hex.
        hash: String,
    },
    /// Shown on the page, to be texted in. The code itself is derived from its generation.
    Shown {
        /// Its generation within the verification.
        generation: u32,
    },
}

/// The `codes.kind` of a code that was texted.
const TEXTED: &str = "texted";
/// The `codes.kind` of a code that a page shows.
const SHOWN: &str = "shown";

#[derive(Queryable, Selectable)]
#[diesel(table_name = codes)]
struct CodeRow {
    kind: String,
    generation: Option<i32>,
    lookup: String,
    salt: Option<String>,
    hash: Option<String>,
    issued_at: PrimitiveDateTime,
    expires_at: PrimitiveDateTime,
}

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

/// Stores a code of a verification.
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

/// Returns the codes of a verification, oldest first.
pub fn of_verification(tx: &mut Tx<'_>, verification: i64) -> Result<Vec<StoredCode>, StoreError> {
    let rows: Vec<CodeRow> =
        codes::table.filter(codes::verification_id.eq(verification)).order(codes::id).select(columns_of::<CodeRow>()).rows(tx)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Returns a number's codes with this lookup that have not expired at `now`, each with the id of its verification. There is at
/// most one, unless two were drawn at the same moment.
pub fn live(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    lookup: &str,
    now: OffsetDateTime,
) -> Result<Vec<(i64, StoredCode)>, StoreError> {
    let rows: Vec<(i64, CodeRow)> = codes::table
        .filter(codes::phone.eq(phone.as_str()).and(codes::lookup.eq(lookup)).and(codes::expires_at.gt(db_time(now))))
        .order(codes::id.desc())
        .select((codes::verification_id, columns_of::<CodeRow>()))
        .rows(tx)?;
    rows.into_iter().map(|(verification, row)| Ok((verification, row.try_into()?))).collect()
}

/// Returns which of two lookups belong to codes of the number that have not expired at `now`.
pub fn taken(tx: &mut Tx<'_>, phone: &PhoneNumber, lookups: [&str; 2], now: OffsetDateTime) -> Result<Vec<String>, StoreError> {
    let [one, other] = lookups;
    Ok(codes::table
        .filter(codes::phone.eq(phone.as_str()).and(codes::lookup.eq(one).or(codes::lookup.eq(other))))
        .filter(codes::expires_at.gt(db_time(now)))
        .select(codes::lookup)
        .rows(tx)?)
}

/// Deletes the codes of a verification that has ended.
pub fn delete_of_verification(tx: &mut Tx<'_>, verification: i64) -> Result<(), StoreError> {
    diesel::delete(codes::table.filter(codes::verification_id.eq(verification))).run(tx)?;
    Ok(())
}

/// Deletes every texted code of a number. Codes that pages show stay, so that those pages don't reveal the opt-out.
pub fn delete_texted_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    let texted = codes::phone.eq(phone.as_str()).and(codes::kind.eq(TEXTED));
    diesel::delete(codes::table.filter(texted)).run(tx)?;
    Ok(())
}

/// Deletes every code of every number.
pub fn delete_all(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    diesel::delete(codes::table).run(tx)?;
    Ok(())
}

/// Deletes codes that expired before `before`, oldest first, at most `most` of them. Returns how many.
pub fn delete_expired(tx: &mut Tx<'_>, before: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    // Go by id, which is the order of issue, so that this needs no index on the expiry.
    let oldest: Vec<(i64, PrimitiveDateTime)> =
        codes::table.order(codes::id).limit(most).select((codes::id, codes::expires_at)).rows(tx)?;
    let Some((last, _)) = oldest.into_iter().take_while(|(_, at)| from_db_time(*at) < before).last() else { return Ok(0) };
    Ok(diesel::delete(codes::table.filter(codes::id.le(last))).changed(tx)?)
}
