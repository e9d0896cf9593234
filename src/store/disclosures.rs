//! The pages that a person may have seen, by the hash of their bytes.

use diesel::prelude::*;
use time::OffsetDateTime;

use crate::store::schema::disclosures;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time};

/// A page as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// SHA-256 of its bytes with the hidden field `disclosure` empty, as 64 hex digits.
    pub hash: String,
    /// SHA-256 of its facts.
    pub facts_hash: String,
    /// Its language.
    pub locale: String,
    /// The text that a person reads on it.
    pub text: String,
    /// Its bytes.
    pub html: String,
}

/// Stores a page, unless it is already stored.
pub fn keep(tx: &mut Tx<'_>, page: &Disclosure, now: OffsetDateTime) -> Result<(), StoreError> {
    if facts_of(tx, &page.hash)?.is_some() {
        return Ok(());
    }
    diesel::insert_into(disclosures::table)
        .values((
            disclosures::hash.eq(&page.hash),
            disclosures::facts_hash.eq(&page.facts_hash),
            disclosures::locale.eq(&page.locale),
            disclosures::text.eq(&page.text),
            disclosures::html.eq(&page.html),
            disclosures::created_at.eq(db_time(now)),
        ))
        .run(tx)?;
    Ok(())
}

/// Returns the locale and the bytes of a page, if it is one of ours.
pub fn shown(tx: &mut Tx<'_>, hash: &str) -> Result<Option<(String, String)>, StoreError> {
    Ok(disclosures::table.find(hash).select((disclosures::locale, disclosures::html)).first_row(tx).optional()?)
}

/// Returns the facts hash and the locale of a page, if it is one of ours.
pub fn facts_of(tx: &mut Tx<'_>, hash: &str) -> Result<Option<(String, String)>, StoreError> {
    Ok(disclosures::table.find(hash).select((disclosures::facts_hash, disclosures::locale)).first_row(tx).optional()?)
}
