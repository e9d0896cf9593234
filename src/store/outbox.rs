//! The outbox: which text goes next, who may send it, and how it ended.
//!
//! Each change is one conditional UPDATE from the expected state, so a text ends only once, no matter who else is working on it.

use diesel::dsl::{case_when, exists, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamp};
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::message::{DropReason, MessageKind, MessageStatus};
use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber::Standing;
use crate::optin::verification::VerificationState;
use crate::store::schema::{message_parts, messages, subscribers, verifications};
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

/// A text that was claimed for sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its row id.
    pub id: i64,
    /// The recipient.
    pub phone: PhoneNumber,
    /// What it is for.
    pub kind: MessageKind,
    /// Its text, with codes masked.
    pub text: String,
    /// Its text as it must be sent, sealed, if it contains a code.
    pub sealed_text: Option<String>,
    /// Attempts before this one.
    pub attempts: u32,
    /// When it was queued.
    pub queued_at: OffsetDateTime,
    /// From this moment on, it is no longer sent.
    pub expires_at: Option<OffsetDateTime>,
}

/// Matches waiting texts, with the same wording as their index.
fn is_queued() -> SqlLiteral<Bool> {
    sql("messages.status = 'queued'")
}

/// Matches texts that are on their way to the provider, with the same wording as their index.
fn is_sending() -> SqlLiteral<Bool> {
    sql("messages.status = 'sending'")
}

/// Returns the text to send next: answers to people's own texts come before all others, then whatever has waited longest.
pub fn next_due(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<Option<i64>, StoreError> {
    Ok(messages::table
        .filter(is_queued().and(messages::due_at.le(db_time(now))))
        .order((sql::<Bool>("messages.basis <> 'inbound'"), messages::due_at, messages::id))
        .select(messages::id)
        .first_row(tx)
        .optional()?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
struct ClaimedRow {
    phone: Option<String>,
    kind: String,
    text: Option<String>,
    sealed_text: Option<String>,
    attempts: i32,
    queued_at: PrimitiveDateTime,
    expires_at: Option<PrimitiveDateTime>,
}

/// The `error` of a text whose request had already started when its number opted out. It is not sent again. If the provider
/// accepted it anyway, it becomes `sent`.
pub const STOPPED_IN_FLIGHT: &str = "opted_out_while_sending";
/// The same for a goodbye whose number came back.
pub const CAME_BACK_IN_FLIGHT: &str = "came_back_while_sending";

/// Matches texts that may be sent: their number may be texted, and their basis still holds.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_entitled() -> _ {
    let of_number = subscribers::table.filter(subscribers::phone.nullable().eq(messages::phone));
    let (subscribed_word, opted_out_word): (&'static str, &'static str) =
        (Standing::Subscribed.as_str(), Standing::OptedOut.as_str());
    let silent = of_number.filter(subscribers::standing.ne(subscribed_word));
    let subscribed = of_number.filter(subscribers::standing.eq(subscribed_word));
    let opted_out = of_number.filter(subscribers::standing.eq(opted_out_word));
    let pending: &'static str = VerificationState::Pending.as_str();
    let asking = verifications::table
        .filter(verifications::id.nullable().eq(messages::verification_id))
        .filter(verifications::state.eq(pending));
    // What an opted-out number may still get. A STOP ends every other answer in its own transaction, and this checks again.
    let (goodbye, help): (&'static str, &'static str) = (MessageKind::Goodbye.as_str(), MessageKind::Help.as_str());
    let answers_stop = messages::kind.eq(goodbye).or(messages::kind.eq(help));
    messages::basis
        .eq("inbound")
        .and(answers_stop.or(diesel::dsl::not(exists(opted_out))))
        .or(messages::basis.eq("consent").and(exists(subscribed)))
        .or(messages::basis.eq("verification").and(exists(asking)).and(diesel::dsl::not(exists(silent))))
        .or(messages::basis.eq("owner").and(diesel::dsl::not(exists(silent))))
}

/// Claims a queued text or drops it, in one statement. It's claimed until `until` if its number may be texted, its basis still
/// holds and it hasn't expired. Once the claim is committed, sending has started. Otherwise the text is dropped, as `expired` or
/// `not_entitled`. Returns `None` if there's nothing to send.
pub fn claim(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime, until: OffsetDateTime) -> Result<Option<Claimed>, StoreError> {
    let in_time = || messages::expires_at.is_null().or(messages::expires_at.gt(db_time(now)).assume_not_null());
    // A number that was forgotten in the meantime gets nothing.
    let may_go = || messages::phone.is_not_null().and(in_time()).and(is_entitled());
    let word = |word: &'static str| word.into_sql::<Text>();
    let reason = case_when(in_time(), word(DropReason::NotEntitled.as_str())).otherwise(word(DropReason::Expired.as_str()));
    let decided: Vec<(String, ClaimedRow)> = diesel::update(messages::table)
        .filter(messages::id.eq(id).and(messages::status.eq(MessageStatus::Queued.as_str())))
        .set((
            messages::status
                .eq(case_when(may_go(), word(MessageStatus::Sending.as_str())).otherwise(word(MessageStatus::Dropped.as_str()))),
            messages::claimed_until.eq(case_when(may_go(), Some(db_time(until)).into_sql::<Nullable<Timestamp>>())),
            messages::error.eq(case_when(may_go(), messages::error).otherwise(reason.nullable())),
            messages::sealed_text.eq(case_when(may_go(), messages::sealed_text)),
        ))
        .returning((messages::status, columns_of::<ClaimedRow>()))
        .rows(tx)?;
    let Some((status, row)) = decided.into_iter().next() else { return Ok(None) };
    if status != MessageStatus::Sending.as_str() {
        return Ok(None);
    }
    let phone = row.phone.as_deref().and_then(PhoneNumber::from_stored);
    Ok(Some(Claimed {
        id,
        phone: phone.ok_or_else(|| StoreError::Corrupt(format!("messages {id}: phone is invalid")))?,
        kind: super::word(MessageKind::from_word(&row.kind), "messages.kind", &row.kind)?,
        text: row.text.unwrap_or_default(),
        sealed_text: row.sealed_text,
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        queued_at: from_db_time(row.queued_at),
        expires_at: row.expires_at.map(from_db_time),
    }))
}

/// Ends every text of a number that could still be sent or retried, because the number opted out. Queued texts are dropped, and
/// texts on their way are not tried again. Only the goodbye stays.
pub fn end_all_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    end_of_number(tx, phone, false, DropReason::OptedOut, STOPPED_IN_FLIGHT)
}

/// Ends the goodbyes of a number that could still be sent or retried, because the number came back. A goodbye that arrived after
/// the welcome would say the opposite of what is true.
pub fn end_goodbyes_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    end_of_number(tx, phone, true, DropReason::CameBack, CAME_BACK_IN_FLIGHT)
}

fn end_of_number(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    goodbyes: bool,
    reason: DropReason,
    sending_error: &'static str,
) -> Result<(), StoreError> {
    let is_goodbye = messages::kind.eq(MessageKind::Goodbye.as_str());
    let of_number = messages::phone.eq(phone.as_str()).and(is_goodbye.eq(goodbyes));
    let queued = of_number.and(is_queued());
    diesel::update(messages::table.filter(queued)).set(dropped(reason)).run(tx)?;
    let sending = of_number.and(is_sending());
    diesel::update(messages::table.filter(sending))
        .set((
            messages::status.eq(MessageStatus::Failed.as_str()),
            messages::error.eq(Some(sending_error)),
            messages::sealed_text.eq(None::<String>),
        ))
        .run(tx)?;
    Ok(())
}

/// Drops every sealed text in the queue. Returns how many.
pub fn drop_sealed(tx: &mut Tx<'_>, reason: DropReason) -> Result<usize, StoreError> {
    let sealed = messages::sealed_text.is_not_null().and(is_queued());
    Ok(diesel::update(messages::table.filter(sealed)).set(dropped(reason)).changed(tx)?)
}

#[derive(AsChangeset)]
#[diesel(table_name = messages, treat_none_as_null = true)]
struct Dropped {
    status: &'static str,
    error: Option<String>,
    sealed_text: Option<String>,
}

/// Returns the columns that dropping a text changes. The sealed text is wiped too.
fn dropped(reason: DropReason) -> Dropped {
    Dropped { status: MessageStatus::Dropped.as_str(), error: Some(reason.as_str().to_owned()), sealed_text: None }
}

/// Records that the provider has a claimed text, under the ids that it gave the parts (none if it never answered). The sealed
/// text is wiped. A receipt that came earlier stays in effect.
pub fn mark_sent(tx: &mut Tx<'_>, id: i64, provider: &str, parts: &[String], now: OffsetDateTime) -> Result<(), StoreError> {
    let sent = (
        messages::provider.eq(Some(provider)),
        messages::provider_message_id.eq(parts.first()),
        messages::sent_at.eq(Some(db_time(now))),
    );
    let ended = (
        messages::status.eq(MessageStatus::Sent.as_str()),
        messages::error.eq(None::<&str>),
        messages::sealed_text.eq(None::<&str>),
    );
    if diesel::update(claimed(id)).set((sent, ended)).changed(tx)? == 0 {
        // The text ended while it was on its way. If an opt-out ended it, it went out anyway, and the row says so.
        let unsent = messages::id.eq(id).and(messages::sent_at.is_null());
        diesel::update(messages::table.filter(unsent)).set(sent).run(tx)?;
        diesel::update(messages::table.filter(messages::id.eq(id)).filter(ended_in_flight())).set(ended).run(tx)?;
    }
    for part in parts.iter().skip(1) {
        diesel::insert_into(message_parts::table)
            .values((
                message_parts::provider.eq(provider),
                message_parts::provider_message_id.eq(part),
                message_parts::message_id.eq(id),
            ))
            .on_conflict_do_nothing()
            .run(tx)?;
    }
    Ok(())
}

/// Writes a refused text's row once more without changing its outcome, so that it takes the same steps as a text that was sent.
pub fn touch_refused(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let refused = messages::id.eq(id).and(messages::status.eq(MessageStatus::Dropped.as_str()));
    diesel::update(messages::table.filter(refused)).set(messages::claimed_until.eq(messages::due_at.nullable())).run(tx)?;
    Ok(())
}

/// Records that a claimed text failed for good. The sealed text is wiped. `permanent` means that its number is the reason.
pub fn mark_failed(tx: &mut Tx<'_>, id: i64, error: &str, permanent: bool) -> Result<(), StoreError> {
    diesel::update(claimed(id))
        .set((
            messages::status.eq(MessageStatus::Failed.as_str()),
            messages::error.eq(Some(error)),
            messages::permanent.eq(permanent),
            messages::sealed_text.eq(None::<String>),
        ))
        .run(tx)?;
    Ok(())
}

/// Puts a claimed text back into the queue, due at `due_at`. `tried` means that a request to the provider failed, which counts as
/// an attempt.
pub fn requeue(tx: &mut Tx<'_>, id: i64, due_at: OffsetDateTime, tried: bool) -> Result<(), StoreError> {
    diesel::update(claimed(id))
        .set((
            messages::status.eq(MessageStatus::Queued.as_str()),
            messages::claimed_until.eq(None::<PrimitiveDateTime>),
            messages::due_at.eq(db_time(due_at)),
            messages::attempts.eq(messages::attempts + i32::from(tried)),
        ))
        .run(tx)?;
    Ok(())
}

/// Makes every queued text due now.
pub fn wake(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
    let waiting = is_queued().and(messages::due_at.gt(db_time(now)));
    diesel::update(messages::table.filter(waiting)).set(messages::due_at.eq(db_time(now))).run(tx)?;
    Ok(())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn claimed(id: i64) -> _ {
    let sending: &'static str = MessageStatus::Sending.as_str();
    messages::table.filter(messages::id.eq(id)).filter(messages::status.eq(sending))
}

/// Matches texts that ended while their request to the provider was on its way.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn ended_in_flight() -> _ {
    let failed: &'static str = MessageStatus::Failed.as_str();
    let (stopped, back): (&'static str, &'static str) = (STOPPED_IN_FLIGHT, CAME_BACK_IN_FLIGHT);
    let error = messages::error.assume_not_null();
    messages::status.eq(failed).and(messages::error.is_not_null().and(error.eq(stopped).or(error.eq(back))))
}

/// Returns claimed texts whose claim expired before `now` without a result, because the process that was sending them is gone.
pub fn abandoned(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<Vec<(i64, MessageKind)>, StoreError> {
    let rows: Vec<(i64, String)> = messages::table
        .filter(is_sending().and(messages::claimed_until.lt(db_time(now)).assume_not_null()))
        .limit(most)
        .select((messages::id, messages::kind))
        .rows(tx)?;
    rows.into_iter().map(|(id, kind)| Ok((id, word(MessageKind::from_word(&kind), "messages.kind", &kind)?))).collect()
}

/// Takes up a text whose claim expired before `now`. Returns `false` if somebody else has done so in the meantime.
pub fn take_up(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime) -> Result<bool, StoreError> {
    let expired = is_sending().and(messages::claimed_until.lt(db_time(now)).assume_not_null());
    let taken = diesel::update(messages::table.filter(messages::id.eq(id).and(expired)));
    Ok(taken.set(messages::claimed_until.eq(Some(db_time(now)))).changed(tx)? == 1)
}
