//! The standing of each number.

use diesel::prelude::*;
use time::OffsetDateTime;

use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber::Standing;
use crate::store::schema::{consents, disclosures, subscribers};
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time, word};

/// A number's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Its standing.
    pub standing: Standing,
    /// The language of its opt-in.
    pub locale: String,
    /// The `seq` of the opt-in's record.
    pub consent_seq: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = subscribers)]
struct SubscriberRow {
    standing: String,
    locale: String,
    consent_seq: Option<i64>,
}

/// Returns a number's row, if it has one.
pub fn find(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Option<Subscriber>, StoreError> {
    let row: Option<SubscriberRow> = subscribers::table
        .filter(subscribers::phone.eq(phone.as_str()))
        .select(columns_of::<SubscriberRow>())
        .first_row(tx)
        .optional()?;
    row.map(|row| {
        Ok(Subscriber {
            standing: word(Standing::from_word(&row.standing), "subscribers.standing", &row.standing)?,
            locale: row.locale,
            consent_seq: row.consent_seq,
        })
    })
    .transpose()
}

/// Returns the facts hash of the page on which the number's current opt-in was given.
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

/// Subscribes a number through the opt-in `consent_seq`. `proven` says whether a browser was shown to belong to the number's
/// owner.
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

/// Records that a number was proven again and, if there is a new opt-in, links the number to it.
pub fn confirm(tx: &mut Tx<'_>, phone: &PhoneNumber, new_consent: Option<i64>, now: OffsetDateTime) -> Result<(), StoreError> {
    let row = subscribers::table.filter(subscribers::phone.eq(phone.as_str()));
    diesel::update(row).set(subscribers::verified_at.eq(Some(db_time(now)))).run(tx)?;
    if let Some(seq) = new_consent {
        diesel::update(row).set(subscribers::consent_seq.eq(Some(seq))).run(tx)?;
    }
    Ok(())
}

/// Removes a number's standing, so it is no longer subscribed, opted out or closed.
pub fn reopen(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    diesel::delete(subscribers::table.filter(subscribers::phone.eq(phone.as_str()))).run(tx)?;
    Ok(())
}

/// Opts a number out, whether or not it has a row.
pub fn opt_out(tx: &mut Tx<'_>, phone: &PhoneNumber, locale: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    stand(tx, phone, locale, Standing::OptedOut, Some(now))
}

/// Marks a number as closed, which means that it is out of service, whether or not it has a row.
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
