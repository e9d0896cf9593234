//! What carriers report about texts that went out.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::message::{MessageKind, MessageStatus};
use crate::optin::phone::PhoneNumber;
use crate::store::schema::{early_receipts, message_parts, messages};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// How a text ended, according to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The carrier delivered it.
    Delivered,
    /// It didn't arrive.
    Failed,
    /// It didn't arrive, and no text will until the owner fixes something.
    Misconfigured,
    /// It didn't arrive, and no text to this number will.
    FailedForGood,
    /// It didn't arrive, because the person opted out at the provider.
    OptedOut,
}

crate::optin::stored_words!(Ending {
    Delivered => "delivered", Failed => "failed", Misconfigured => "misconfigured", FailedForGood => "failed_for_good", OptedOut => "opted_out",
});

/// The text that a report is about.
#[derive(Debug, Clone)]
pub struct Reported {
    /// Its row id.
    pub id: i64,
    /// Its number, or `None` once it is forgotten.
    pub phone: Option<PhoneNumber>,
    /// When it was queued.
    pub queued_at: OffsetDateTime,
}

/// Finds a text by the provider's id for any of its parts, or by our own reference.
pub fn find(
    tx: &mut Tx<'_>,
    provider: &str,
    provider_message_id: Option<&str>,
    reference: Option<i64>,
) -> Result<Option<Reported>, StoreError> {
    let mut id = None;
    if let Some(name) = provider_message_id {
        let named = messages::provider_message_id.eq(name).and(messages::provider.eq(provider));
        id = messages::table.filter(named).select(messages::id).first_row(tx).optional()?;
    }
    if let (None, Some(name)) = (id, provider_message_id) {
        id = message_parts::table.find((provider, name)).select(message_parts::message_id).first_row(tx).optional()?;
    }
    let Some(id) = id.or(reference) else { return Ok(None) };
    let row: Option<(Option<String>, PrimitiveDateTime)> =
        messages::table.find(id).select((messages::phone, messages::queued_at)).first_row(tx).optional()?;
    Ok(row.map(|(phone, queued_at)| Reported {
        id,
        phone: phone.as_deref().and_then(PhoneNumber::from_stored),
        queued_at: from_db_time(queued_at),
    }))
}

/// Ends a text as reported. A text that has already ended stays as it is. Returns whether anything changed.
pub fn apply(tx: &mut Tx<'_>, id: i64, ending: Ending, error: &str, now: OffsetDateTime) -> Result<bool, StoreError> {
    let on_its_way = messages::status
        .eq(MessageStatus::Sent.as_str())
        .or(messages::status.eq(MessageStatus::Sending.as_str()))
        .or(super::outbox::ended_in_flight());
    let row = messages::table.filter(messages::id.eq(id).and(on_its_way));
    let wiped = messages::sealed_text.eq(None::<String>);
    let changed = match ending {
        Ending::Delivered => diesel::update(row)
            .set((
                messages::status.eq(MessageStatus::Delivered.as_str()),
                messages::delivered_at.eq(Some(db_time(now))),
                messages::error.eq(None::<String>),
                wiped,
            ))
            .changed(tx)?,
        Ending::Failed | Ending::Misconfigured | Ending::FailedForGood | Ending::OptedOut => diesel::update(row)
            .set((
                messages::status.eq(MessageStatus::Failed.as_str()),
                messages::error.eq(Some(error)),
                messages::permanent.eq(ending == Ending::FailedForGood),
                wiped,
            ))
            .changed(tx)?,
    };
    Ok(changed > 0)
}

/// Counts how many texts to a number failed for good in a row, going back from the newest one that has ended, up to `most`.
pub fn failures_for_good(tx: &mut Tx<'_>, phone: &PhoneNumber, most: u32) -> Result<u32, StoreError> {
    let ended = messages::status.eq(MessageStatus::Delivered.as_str()).or(messages::status.eq(MessageStatus::Failed.as_str()));
    let newest: Vec<bool> = messages::table
        .filter(messages::phone.eq(phone.as_str()).and(ended))
        .order((messages::queued_at.desc(), messages::id.desc()))
        .limit(i64::from(most))
        .select(messages::permanent)
        .rows(tx)?;
    Ok(u32::try_from(newest.into_iter().take_while(|permanent| *permanent).count()).unwrap_or(u32::MAX))
}

/// Counts the codes queued after `since` that went out and then failed, up to `most`.
pub fn failed_since(tx: &mut Tx<'_>, since: OffsetDateTime, most: usize) -> Result<usize, StoreError> {
    let failed: Vec<i64> = messages::table
        .filter(messages::kind.eq(MessageKind::Code.as_str()).and(messages::queued_at.gt(db_time(since))))
        .filter(sql::<Bool>("messages.status = 'failed'").and(messages::sent_at.is_not_null()))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select(messages::id)
        .rows(tx)?;
    Ok(failed.len())
}

/// Stores a report about a text that isn't known yet. If there are several, the first one counts.
pub fn keep_early(
    tx: &mut Tx<'_>,
    provider: &str,
    provider_message_id: &str,
    ending: Ending,
    error: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    tx.insert_new(|tx| {
        diesel::insert_into(early_receipts::table)
            .values((
                early_receipts::provider.eq(provider),
                early_receipts::provider_message_id.eq(provider_message_id),
                early_receipts::outcome.eq(ending.as_str()),
                early_receipts::error.eq(Some(error)),
                early_receipts::received_at.eq(db_time(now)),
            ))
            .run(tx)
    })?;
    Ok(())
}

/// Removes and returns the report that arrived before its text had this id, if there is one.
pub fn take_early(tx: &mut Tx<'_>, provider: &str, provider_message_id: &str) -> Result<Option<(Ending, String)>, StoreError> {
    let taken: Vec<(String, Option<String>)> = diesel::delete(early_receipts::table.find((provider, provider_message_id)))
        .returning((early_receipts::outcome, early_receipts::error))
        .rows(tx)?;
    let Some((outcome, error)) = taken.into_iter().next() else { return Ok(None) };
    let ending = crate::store::word(Ending::from_word(&outcome), "early_receipts.outcome", &outcome)?;
    Ok(Some((ending, error.unwrap_or_default())))
}

/// Returns the ids of stored reports whose text is known by now. Looks at the newest `most` reports since `since`.
pub fn missed(tx: &mut Tx<'_>, provider: &str, since: OffsetDateTime, most: i64) -> Result<Vec<String>, StoreError> {
    let newest = early_receipts::table
        .filter(early_receipts::received_at.ge(db_time(since)))
        .order(early_receipts::received_at.desc())
        .limit(most);
    let names: Vec<String> = newest.select(early_receipts::provider_message_id).rows(tx)?;
    let mut known = Vec::new();
    for name in names {
        if find(tx, provider, Some(&name), None)?.is_some() {
            known.push(name);
        }
    }
    Ok(known)
}

/// Deletes reports from before `before` that no text ever claimed, at most `most` of them. Returns how many.
pub fn forget_early(tx: &mut Tx<'_>, before: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let oldest: Vec<PrimitiveDateTime> = early_receipts::table
        .filter(early_receipts::received_at.lt(db_time(before)))
        .order(early_receipts::received_at)
        .limit(most)
        .select(early_receipts::received_at)
        .rows(tx)?;
    let Some(last) = oldest.last() else { return Ok(0) };
    Ok(diesel::delete(early_receipts::table.filter(early_receipts::received_at.le(last))).changed(tx)?)
}
