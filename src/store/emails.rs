//! Mail to the owner: each a row before it is sent.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::store::schema::emails;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, word};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailKind {
    /// Texts that matched nothing.
    Digest,
    /// The provider refuses us: something must be set right.
    Misconfigured,
    /// Calls of the provider are refused for their signature: texts from phones do not reach us.
    Webhook,
    /// Calls of the provider come in the form of another API, with the same effect.
    OtherApi,
    /// The provider cannot be reached.
    Outage,
    /// Many texts do not arrive.
    Receipts,
}

crate::optin::stored_words!(EmailKind {
    Digest => "digest", Misconfigured => "misconfigured", Webhook => "webhook", OtherApi => "other_api", Outage => "outage", Receipts => "receipts",
});

/// A mail that was claimed for sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedEmail {
    /// Its row.
    pub id: i64,
    /// What it is about.
    pub kind: EmailKind,
    /// What it says, or the rows that it is about.
    pub facts: String,
    /// Tries before this one.
    pub attempts: u32,
}

/// Queues a mail.
///
/// # Errors
/// When the database refuses.
pub fn add(tx: &mut Tx<'_>, kind: EmailKind, facts: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::insert_into(emails::table)
        .values((
            emails::kind.eq(kind.as_str()),
            emails::facts.eq(facts),
            emails::status.eq("queued"),
            emails::queued_at.eq(db_time(now)),
            emails::due_at.eq(db_time(now)),
        ))
        .run(tx)?;
    Ok(())
}

/// Whether a mail of this kind was queued after `since`.
///
/// # Errors
/// When the database refuses.
pub fn queued_since(tx: &mut Tx<'_>, kind: EmailKind, since: OffsetDateTime) -> Result<bool, StoreError> {
    let found: Option<i64> = emails::table
        .filter(emails::kind.eq(kind.as_str()).and(emails::queued_at.gt(db_time(since))))
        .select(emails::id)
        .first_row(tx)
        .optional()?;
    Ok(found.is_some())
}

/// Whether a mail of this kind waits to be sent, or to be sent again.
///
/// # Errors
/// When the database refuses.
pub fn is_waiting(tx: &mut Tx<'_>, kind: EmailKind) -> Result<bool, StoreError> {
    let open = emails::status.eq("queued").or(emails::status.eq("sending"));
    let found: Option<i64> =
        emails::table.filter(emails::kind.eq(kind.as_str()).and(open)).select(emails::id).first_row(tx).optional()?;
    Ok(found.is_some())
}

/// The mail that is to go next, if one is due: one that waits, or one whose claim expired without a result. A mail may come
/// twice, which does no harm.
///
/// # Errors
/// When the database refuses.
pub fn next_due(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<Option<i64>, StoreError> {
    let due = emails::table
        .filter(emails::status.eq("queued").and(emails::due_at.le(db_time(now))))
        .order(emails::due_at)
        .select(emails::id)
        .first_row(tx)
        .optional()?;
    if due.is_some() {
        return Ok(due);
    }
    let abandoned = emails::status.eq("sending").and(emails::claimed_until.lt(db_time(now)));
    Ok(emails::table.filter(abandoned).order(emails::due_at).select(emails::id).first_row(tx).optional()?)
}

/// Claims a mail until `until`; `None` if another process has it.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn claim(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime, until: OffsetDateTime) -> Result<Option<ClaimedEmail>, StoreError> {
    let free = emails::status
        .eq("queued")
        .or(emails::status.eq("sending").and(emails::claimed_until.lt(db_time(now)).assume_not_null()));
    let changed = diesel::update(emails::table.filter(emails::id.eq(id).and(free)))
        .set((emails::status.eq("sending"), emails::claimed_until.eq(Some(db_time(until)))))
        .changed(tx)?;
    if changed == 0 {
        return Ok(None);
    }
    let (kind, facts, attempts): (String, String, i32) =
        emails::table.find(id).select((emails::kind, emails::facts, emails::attempts)).first_row(tx)?;
    let kind = word(EmailKind::from_word(&kind), "emails.kind", &kind)?;
    Ok(Some(ClaimedEmail { id, kind, facts, attempts: u32::try_from(attempts).unwrap_or(u32::MAX) }))
}

/// Notes that a mail went out.
///
/// # Errors
/// When the database refuses.
pub fn mark_sent(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::update(emails::table.find(id)).set((emails::status.eq("sent"), emails::sent_at.eq(Some(db_time(now))))).run(tx)?;
    Ok(())
}

/// Notes that a mail did not go out, and when it is tried again; never if `due_at` is `None`.
///
/// # Errors
/// When the database refuses.
pub fn mark_tried(tx: &mut Tx<'_>, id: i64, due_at: Option<OffsetDateTime>, error: &str) -> Result<(), StoreError> {
    let row = emails::table.find(id);
    let attempts = emails::attempts.eq(emails::attempts + 1);
    let unclaimed = emails::claimed_until.eq(None::<PrimitiveDateTime>);
    match due_at {
        Some(at) => diesel::update(row).set((emails::status.eq("queued"), emails::due_at.eq(db_time(at)), attempts, unclaimed)),
        None => return give_up(tx, id, error),
    }
    .run(tx)?;
    Ok(())
}

fn give_up(tx: &mut Tx<'_>, id: i64, error: &str) -> Result<(), StoreError> {
    diesel::update(emails::table.find(id))
        .set((emails::status.eq("failed"), emails::error.eq(Some(error)), emails::attempts.eq(emails::attempts + 1)))
        .run(tx)?;
    Ok(())
}
