//! How each number stands.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber::Standing;
use crate::store::schema::{consents, disclosures, subscribers};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

/// A number's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// How it stands.
    pub standing: Standing,
    /// The language of its opt-in.
    pub locale: String,
    /// The opt-in's record.
    pub consent_seq: Option<i64>,
    /// When it was last proven.
    pub verified_at: Option<OffsetDateTime>,
    /// When it last became subscribed.
    pub subscribed_at: Option<OffsetDateTime>,
}

type Columns = (String, String, Option<i64>, Option<PrimitiveDateTime>, Option<PrimitiveDateTime>);

/// A number's row, if it has one.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn find(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
    let row: Option<Columns> = subscribers::table
        .filter(subscribers::phone.eq(phone.as_str()))
        .select((
            subscribers::standing,
            subscribers::locale,
            subscribers::consent_seq,
            subscribers::verified_at,
            subscribers::subscribed_at,
        ))
        .first_row(tx)
        .optional()?;
    row.map(|(standing, locale, consent_seq, verified_at, subscribed_at)| {
        Ok(Subscriber {
            standing: word(Standing::from_word(&standing), "subscribers.standing", &standing)?,
            locale,
            consent_seq,
            verified_at: verified_at.map(from_db_time),
            subscribed_at: subscribed_at.map(from_db_time),
        })
    })
    .transpose()
}

/// The facts' hash of the page that the number's standing opt-in was given on.
///
/// # Errors
/// When the database refuses.
pub fn agreed_facts(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Option<String>, StoreError> {
    let seq: Option<Option<i64>> = subscribers::table
        .filter(subscribers::phone.eq(phone.as_str()))
        .select(subscribers::consent_seq)
        .first_row(tx)
        .optional()?;
    let Some(seq) = seq.flatten() else { return Ok(None) };
    Ok(consents::table
        .inner_join(disclosures::table)
        .filter(consents::seq.eq(seq))
        .select(disclosures::facts_hash)
        .first_row(tx)
        .optional()?)
}

/// Makes a number subscribed, by the opt-in `consent_seq`. `proven`: a browser showed that it is its owner's.
///
/// # Errors
/// When the database refuses.
pub fn subscribe(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    locale: &str,
    consent_seq: i64,
    proven: bool,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let changes = (
        subscribers::standing.eq(Standing::Subscribed.as_str()),
        subscribers::locale.eq(locale),
        subscribers::consent_seq.eq(Some(consent_seq)),
        proven.then_some(subscribers::verified_at.eq(Some(db_time(now)))),
        subscribers::subscribed_at.eq(Some(db_time(now))),
    );
    diesel::insert_into(subscribers::table)
        .values((subscribers::phone.eq(phone.as_str()), changes))
        .on_conflict(subscribers::phone)
        .do_update()
        .set(changes)
        .run(tx)?;
    Ok(())
}

/// Notes that a number was proven again, and by which opt-in it stands if there is a new one.
///
/// # Errors
/// When the database refuses.
pub fn confirm(tx: &mut Tx<'_>, phone: &PhoneNumber, new_consent: Option<i64>, now: OffsetDateTime) -> Result<(), StoreError> {
    let row = subscribers::table.filter(subscribers::phone.eq(phone.as_str()));
    diesel::update(row).set(subscribers::verified_at.eq(Some(db_time(now)))).run(tx)?;
    if let Some(seq) = new_consent {
        diesel::update(row).set(subscribers::consent_seq.eq(Some(seq))).run(tx)?;
    }
    Ok(())
}

/// Makes a number one that nobody knows: neither subscribed nor opted out nor closed.
///
/// # Errors
/// When the database refuses.
pub fn reopen(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    diesel::delete(subscribers::table.filter(subscribers::phone.eq(phone.as_str()))).run(tx)?;
    Ok(())
}

/// Makes a number opted out, known or not.
///
/// # Errors
/// When the database refuses.
pub fn opt_out(tx: &mut Tx<'_>, phone: &PhoneNumber, locale: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    stand(tx, phone, locale, Standing::OptedOut, Some(now))
}

/// Makes a number one that is nobody's, known or not.
///
/// # Errors
/// When the database refuses.
pub fn close(tx: &mut Tx<'_>, phone: &PhoneNumber, locale: &str) -> Result<(), StoreError> {
    stand(tx, phone, locale, Standing::Closed, None)
}

fn stand(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    locale: &str,
    standing: Standing,
    opted_out_at: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    let changes =
        (subscribers::standing.eq(standing.as_str()), opted_out_at.map(|at| subscribers::opted_out_at.eq(Some(db_time(at)))));
    let changed = diesel::update(subscribers::table.filter(subscribers::phone.eq(phone.as_str()))).set(changes).changed(tx)?;
    if changed == 0 {
        diesel::insert_into(subscribers::table)
            .values((subscribers::phone.eq(phone.as_str()), subscribers::locale.eq(locale), changes))
            .run(tx)?;
    }
    Ok(())
}
