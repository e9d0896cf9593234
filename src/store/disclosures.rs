//! The pages that a person may have seen, by the hash of their bytes.

use diesel::prelude::*;
use time::OffsetDateTime;

use crate::optin::disclosure::ProgramKind;
use crate::store::schema::disclosures;
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time, word};

/// A page as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// SHA-256 of its bytes with the hidden field `disclosure` empty, as 64 hex digits.
    pub hash: String,
    /// SHA-256 of its facts.
    pub facts_hash: String,
    /// Its language.
    pub locale: String,
    /// The kind of program that it asked for.
    pub kind: ProgramKind,
    /// The text that a person reads on it.
    pub text: String,
    /// Its bytes.
    pub html: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = disclosures)]
struct Row {
    hash: String,
    facts_hash: String,
    locale: String,
    kind: String,
    text: String,
    html: String,
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
            disclosures::kind.eq(page.kind.as_str()),
            disclosures::text.eq(&page.text),
            disclosures::html.eq(&page.html),
            disclosures::created_at.eq(db_time(now)),
        ))
        // Another instance may be storing the same page.
        .on_conflict_do_nothing()
        .run(tx)?;
    Ok(())
}

/// Returns a page, if it is one of ours.
pub fn shown(tx: &mut Tx<'_>, hash: &str) -> Result<Option<Disclosure>, StoreError> {
    let row: Option<Row> = disclosures::table.find(hash).select(columns_of::<Row>()).first_row(tx).optional()?;
    row.map(|row| {
        let kind = word(ProgramKind::from_word(&row.kind), "disclosures.kind", &row.kind)?;
        Ok(Disclosure { hash: row.hash, facts_hash: row.facts_hash, locale: row.locale, kind, text: row.text, html: row.html })
    })
    .transpose()
}

/// Returns the facts hash and the locale of a page, if it is one of ours.
pub fn facts_of(tx: &mut Tx<'_>, hash: &str) -> Result<Option<(String, String)>, StoreError> {
    Ok(disclosures::table.find(hash).select((disclosures::facts_hash, disclosures::locale)).first_row(tx).optional()?)
}
