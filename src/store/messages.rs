//! Outbound texts: each a row before it is a request.

use diesel::dsl::exists;
use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::message::{MessageKind, MessageStatus};
use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber::Standing;
use crate::optin::verification::VerificationState;
use crate::store::schema::{messages, subscribers, verifications};
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

/// What entitles us to a text (DESIGN, invariant 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The record of an opt-in, by its `seq`.
    Consent(i64),
    /// The verification that asked for it.
    Verification(i64),
    /// The message that it answers.
    Inbound(i64),
}

/// A text to keep.
#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    /// To whom.
    pub phone: &'a PhoneNumber,
    /// What it is for.
    pub kind: MessageKind,
    /// What entitles us to it.
    pub basis: Basis,
    /// Its words, codes masked.
    pub text: &'a str,
    /// Its words as they will be sent, sealed, if they hold a code.
    pub sealed_text: Option<&'a str>,
    /// Why it will never be sent, if it is dropped at once.
    pub dropped: Option<&'static str>,
    /// When it was written.
    pub queued_at: OffsetDateTime,
    /// From this moment on it is not sent any more.
    pub expires_at: Option<OffsetDateTime>,
}

/// A text that was claimed for sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its row.
    pub id: i64,
    /// To whom.
    pub phone: PhoneNumber,
    /// What it is for.
    pub kind: MessageKind,
    /// Its words, codes masked.
    pub text: String,
    /// Its words as they must be sent, sealed, if they hold a code.
    pub sealed_text: Option<String>,
}

/// Keeps a text, queued or dropped at once.
///
/// # Errors
/// When the database refuses.
pub fn add(tx: &mut Tx<'_>, new: &NewMessage<'_>) -> Result<i64, StoreError> {
    let (basis, consent, verification, inbound) = match new.basis {
        Basis::Consent(seq) => ("consent", Some(seq), None, None),
        Basis::Verification(id) => ("verification", None, Some(id), None),
        Basis::Inbound(id) => ("inbound", None, None, Some(id)),
    };
    let status = if new.dropped.is_some() { MessageStatus::Dropped } else { MessageStatus::Queued };
    let id = diesel::insert_into(messages::table)
        .values((
            messages::phone.eq(Some(new.phone.as_str())),
            messages::kind.eq(new.kind.as_str()),
            messages::basis.eq(basis),
            messages::consent_seq.eq(consent),
            messages::verification_id.eq(verification),
            messages::inbound_message_id.eq(inbound),
            messages::status.eq(status.as_str()),
            messages::text.eq(Some(new.text)),
            messages::sealed_text.eq(new.sealed_text.filter(|_| new.dropped.is_none())),
            messages::error.eq(new.dropped),
            messages::queued_at.eq(db_time(new.queued_at)),
            messages::expires_at.eq(new.expires_at.map(db_time)),
        ))
        .returning(messages::id)
        .get_result(tx.conn)?;
    Ok(id)
}

/// When codes and welcomes were queued for a number after `since`, dropped ones left out.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn counted(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    since: OffsetDateTime,
) -> Result<Vec<(MessageKind, OffsetDateTime)>, StoreError> {
    // Two comparisons and not a list of values: a statement with a list is prepared anew each time.
    let counted = messages::kind.eq(MessageKind::Code.as_str()).or(messages::kind.eq(MessageKind::Welcome.as_str()));
    let rows: Vec<(String, PrimitiveDateTime)> = messages::table
        .filter(messages::phone.eq(phone.as_str()).and(messages::queued_at.gt(db_time(since))))
        .filter(counted.and(messages::status.ne(MessageStatus::Dropped.as_str())))
        // What answers a person's own text is not counted, and the page says so.
        .filter(messages::basis.ne("inbound"))
        .select((messages::kind, messages::queued_at))
        .load(tx.conn)?;
    rows.into_iter().map(timed_kind).collect()
}

/// The answers to a number's own texts that were queued after `since`, dropped ones left out, with the time of each.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn answers(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    since: OffsetDateTime,
) -> Result<Vec<(MessageKind, OffsetDateTime)>, StoreError> {
    let rows: Vec<(String, PrimitiveDateTime)> = messages::table
        .filter(messages::phone.eq(phone.as_str()).and(messages::queued_at.gt(db_time(since))))
        .filter(messages::basis.eq("inbound").and(messages::status.ne(MessageStatus::Dropped.as_str())))
        .select((messages::kind, messages::queued_at))
        .load(tx.conn)?;
    rows.into_iter().map(timed_kind).collect()
}

fn timed_kind((kind, at): (String, PrimitiveDateTime)) -> Result<(MessageKind, OffsetDateTime), StoreError> {
    Ok((word(MessageKind::from_word(&kind), "messages.kind", &kind)?, from_db_time(at)))
}

/// When the site's codes were queued after `since`, dropped ones left out, the newest first, at most `most` of them.
///
/// # Errors
/// When the database refuses.
pub fn codes_of_site(tx: &mut Tx<'_>, since: OffsetDateTime, most: u32) -> Result<Vec<OffsetDateTime>, StoreError> {
    let rows: Vec<PrimitiveDateTime> = messages::table
        .filter(messages::kind.eq(MessageKind::Code.as_str()).and(messages::queued_at.gt(db_time(since))))
        .filter(messages::status.ne(MessageStatus::Dropped.as_str()))
        .order(messages::queued_at.desc())
        .limit(i64::from(most))
        .select(messages::queued_at)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(from_db_time).collect())
}

/// The oldest queued texts, at most `most` of them.
///
/// # Errors
/// When the database refuses.
pub fn queued(tx: &mut Tx<'_>, most: i64) -> Result<Vec<i64>, StoreError> {
    Ok(messages::table
        .filter(messages::status.eq(MessageStatus::Queued.as_str()))
        .order(messages::id)
        .limit(most)
        .select(messages::id)
        .load(tx.conn)?)
}

/// Claims a queued text until `until`, if its number may be texted, its basis still holds and it has not expired: from
/// the commit of this on, its sending has started. `None` if it may not be sent.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn claim(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime, until: OffsetDateTime) -> Result<Option<Claimed>, StoreError> {
    let of_number = subscribers::table.filter(subscribers::phone.nullable().eq(messages::phone));
    let silent = of_number.filter(subscribers::standing.ne(Standing::Subscribed.as_str()));
    let subscribed = of_number.filter(subscribers::standing.eq(Standing::Subscribed.as_str()));
    let asking = verifications::table
        .filter(verifications::id.nullable().eq(messages::verification_id))
        .filter(verifications::state.eq(VerificationState::Pending.as_str()));
    let entitled = messages::basis
        .eq("inbound")
        .or(messages::basis.eq("consent").and(exists(subscribed)))
        .or(messages::basis.eq("verification").and(exists(asking)).and(diesel::dsl::not(exists(silent))));
    let in_time = messages::expires_at.is_null().or(messages::expires_at.gt(db_time(now)));
    let waiting = messages::id.eq(id).and(messages::status.eq(MessageStatus::Queued.as_str()));
    let claimed = diesel::update(messages::table)
        .filter(waiting.and(in_time.assume_not_null()).and(entitled))
        .set((messages::status.eq(MessageStatus::Sending.as_str()), messages::claimed_until.eq(Some(db_time(until)))))
        .execute(tx.conn)?;
    if claimed == 0 {
        return Ok(None);
    }
    let (phone, kind, text, sealed_text): (Option<String>, String, Option<String>, Option<String>) = messages::table
        .find(id)
        .select((messages::phone, messages::kind, messages::text, messages::sealed_text))
        .first(tx.conn)?;
    let phone = phone.as_deref().and_then(PhoneNumber::from_stored);
    Ok(Some(Claimed {
        id,
        phone: phone.ok_or_else(|| StoreError::Corrupt(format!("messages {id}: phone is no number")))?,
        kind: word(MessageKind::from_word(&kind), "messages.kind", &kind)?,
        text: text.unwrap_or_default(),
        sealed_text,
    }))
}

/// Drops a queued text that may not be sent, for the reason that holds: `expired`, or `not_entitled`.
///
/// # Errors
/// When the database refuses.
pub fn drop_unclaimable(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    let expires_at: Option<PrimitiveDateTime> = messages::table.find(id).select(messages::expires_at).first(tx.conn)?;
    let expired = expires_at.is_some_and(|at| from_db_time(at) <= now);
    let waiting = messages::id.eq(id).and(messages::status.eq(MessageStatus::Queued.as_str()));
    let reason = if expired { "expired" } else { "not_entitled" };
    diesel::update(messages::table.filter(waiting)).set(dropped(reason)).execute(tx.conn)?;
    Ok(())
}

/// Drops whatever is queued for a number.
///
/// # Errors
/// When the database refuses.
pub fn drop_queued_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber, reason: &'static str) -> Result<(), StoreError> {
    let waiting = messages::phone.eq(phone.as_str()).and(messages::status.eq(MessageStatus::Queued.as_str()));
    diesel::update(messages::table.filter(waiting)).set(dropped(reason)).execute(tx.conn)?;
    Ok(())
}

#[derive(AsChangeset)]
#[diesel(table_name = messages, treat_none_as_null = true)]
struct Dropped {
    status: &'static str,
    error: Option<String>,
    sealed_text: Option<String>,
}

/// What dropping changes: the sealed words are wiped with it.
fn dropped(reason: &'static str) -> Dropped {
    Dropped { status: MessageStatus::Dropped.as_str(), error: Some(reason.to_owned()), sealed_text: None }
}

/// Notes that the provider has a claimed text; the sealed words are wiped.
///
/// # Errors
/// When the database refuses.
pub fn mark_sent(
    tx: &mut Tx<'_>,
    id: i64,
    provider: &str,
    provider_message_id: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let claimed = messages::id.eq(id).and(messages::status.eq(MessageStatus::Sending.as_str()));
    diesel::update(messages::table.filter(claimed))
        .set((
            messages::status.eq(MessageStatus::Sent.as_str()),
            messages::provider.eq(Some(provider)),
            messages::provider_message_id.eq(Some(provider_message_id)),
            messages::sent_at.eq(Some(db_time(now))),
            messages::sealed_text.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes that a claimed text failed for good; the sealed words are wiped.
///
/// # Errors
/// When the database refuses.
pub fn mark_failed(tx: &mut Tx<'_>, id: i64, error: &str) -> Result<(), StoreError> {
    let claimed = messages::id.eq(id).and(messages::status.eq(MessageStatus::Sending.as_str()));
    diesel::update(messages::table.filter(claimed))
        .set((
            messages::status.eq(MessageStatus::Failed.as_str()),
            messages::error.eq(Some(error)),
            messages::sealed_text.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Claimed texts whose claim ended before `now` without a word: the process that sent them is gone.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn abandoned(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<Vec<(i64, MessageKind)>, StoreError> {
    let rows: Vec<(i64, String)> = messages::table
        .filter(messages::status.eq(MessageStatus::Sending.as_str()).and(messages::claimed_until.lt(db_time(now))))
        .order(messages::id)
        .limit(most)
        .select((messages::id, messages::kind))
        .load(tx.conn)?;
    rows.into_iter().map(|(id, kind)| Ok((id, word(MessageKind::from_word(&kind), "messages.kind", &kind)?))).collect()
}

/// Puts an abandoned text back into the queue.
///
/// # Errors
/// When the database refuses.
pub fn requeue(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let claimed = messages::id.eq(id).and(messages::status.eq(MessageStatus::Sending.as_str()));
    diesel::update(messages::table.filter(claimed))
        .set((messages::status.eq(MessageStatus::Queued.as_str()), messages::claimed_until.eq(None::<PrimitiveDateTime>)))
        .execute(tx.conn)?;
    Ok(())
}
