//! E-mails to the owner. Each one is stored as a row before it is sent.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::store::schema::emails;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, word};

/// What an e-mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailKind {
    /// Texts that matched nothing.
    Digest,
    /// The provider refuses our requests, and the owner has to fix something.
    Misconfigured,
    /// The provider's calls are refused because of their signature, so texts from phones don't reach us.
    Webhook,
    /// The provider's calls come in the format of another API, with the same effect.
    OtherApi,
    /// The provider can't be reached.
    Outage,
    /// Many texts don't arrive.
    Receipts,
    /// A reader keeps SQLite's write-ahead log from being emptied.
    Wal,
}

crate::optin::stored_words!(EmailKind {
    Digest => "digest", Misconfigured => "misconfigured", Webhook => "webhook", OtherApi => "other_api", Outage => "outage", Receipts => "receipts", Wal => "wal",
});

/// The status of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailStatus {
    /// It waits to be sent.
    Queued,
    /// It is claimed, and may be on its way.
    Sending,
    /// The mail server accepted it.
    Sent,
    /// It is never tried again.
    Failed,
}

crate::optin::stored_words!(EmailStatus { Queued => "queued", Sending => "sending", Sent => "sent", Failed => "failed" });

/// An e-mail that was claimed for sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedEmail {
    /// Its row id.
    pub id: i64,
    /// What it is about.
    pub kind: EmailKind,
    /// Why it was queued, as JSON; `{}` for a digest, whose messages are read when it is sent.
    pub facts: String,
    /// Attempts before this one.
    pub attempts: u32,
}

/// Queues an e-mail.
pub fn add(tx: &mut Tx<'_>, kind: EmailKind, facts: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::insert_into(emails::table)
        .values((
            emails::kind.eq(kind.as_str()),
            emails::facts.eq(facts),
            emails::status.eq(EmailStatus::Queued.as_str()),
            emails::queued_at.eq(db_time(now)),
            emails::due_at.eq(db_time(now)),
        ))
        .run(tx)?;
    Ok(())
}

/// Returns whether an e-mail of this kind was queued after `since`.
pub fn queued_since(tx: &mut Tx<'_>, kind: EmailKind, since: OffsetDateTime) -> Result<bool, StoreError> {
    let found: Option<i64> = emails::table
        .filter(emails::kind.eq(kind.as_str()).and(emails::queued_at.gt(db_time(since))))
        .select(emails::id)
        .first_row(tx)
        .optional()?;
    Ok(found.is_some())
}

/// Returns whether an e-mail of this kind is waiting to be sent, or to be sent again.
pub fn is_waiting(tx: &mut Tx<'_>, kind: EmailKind) -> Result<bool, StoreError> {
    let open = emails::status.eq(EmailStatus::Queued.as_str()).or(emails::status.eq(EmailStatus::Sending.as_str()));
    let found: Option<i64> =
        emails::table.filter(emails::kind.eq(kind.as_str()).and(open)).select(emails::id).first_row(tx).optional()?;
    Ok(found.is_some())
}

/// Returns the next e-mail that is due: one that is waiting, or one whose claim expired without a result. An e-mail may arrive
/// twice, which does no harm.
pub fn next_due(tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<Option<i64>, StoreError> {
    let due = emails::table
        .filter(emails::status.eq(EmailStatus::Queued.as_str()).and(emails::due_at.le(db_time(now))))
        .order(emails::due_at)
        .select(emails::id)
        .first_row(tx)
        .optional()?;
    if due.is_some() {
        return Ok(due);
    }
    let abandoned = emails::status.eq(EmailStatus::Sending.as_str()).and(emails::claimed_until.lt(db_time(now)));
    Ok(emails::table.filter(abandoned).order(emails::due_at).select(emails::id).first_row(tx).optional()?)
}

/// Claims an e-mail until `until`. Returns `None` if another process has it.
pub fn claim(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime, until: OffsetDateTime) -> Result<Option<ClaimedEmail>, StoreError> {
    let free = emails::status
        .eq(EmailStatus::Queued.as_str())
        .or(emails::status.eq(EmailStatus::Sending.as_str()).and(emails::claimed_until.lt(db_time(now)).assume_not_null()));
    let changed = diesel::update(emails::table.filter(emails::id.eq(id).and(free)))
        .set((emails::status.eq(EmailStatus::Sending.as_str()), emails::claimed_until.eq(Some(db_time(until)))))
        .changed(tx)?;
    if changed == 0 {
        return Ok(None);
    }
    let (kind, facts, attempts): (String, String, i32) =
        emails::table.find(id).select((emails::kind, emails::facts, emails::attempts)).first_row(tx)?;
    let kind = word(EmailKind::from_word(&kind), "emails.kind", &kind)?;
    Ok(Some(ClaimedEmail { id, kind, facts, attempts: u32::try_from(attempts).unwrap_or(u32::MAX) }))
}

/// Records that an e-mail was sent.
pub fn mark_sent(tx: &mut Tx<'_>, id: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::update(emails::table.find(id))
        .set((emails::status.eq(EmailStatus::Sent.as_str()), emails::sent_at.eq(Some(db_time(now)))))
        .run(tx)?;
    Ok(())
}

/// Records that an e-mail could not be sent, and when to try again. If `due_at` is `None`, it is never tried again.
pub fn mark_tried(tx: &mut Tx<'_>, id: i64, due_at: Option<OffsetDateTime>, error: &str) -> Result<(), StoreError> {
    let Some(at) = due_at else { return give_up(tx, id, error) };
    let row = emails::table.find(id);
    let attempts = emails::attempts.eq(emails::attempts + 1);
    let unclaimed = emails::claimed_until.eq(None::<PrimitiveDateTime>);
    let queued = emails::status.eq(EmailStatus::Queued.as_str());
    diesel::update(row).set((queued, emails::due_at.eq(db_time(at)), attempts, unclaimed)).run(tx)?;
    Ok(())
}

fn give_up(tx: &mut Tx<'_>, id: i64, error: &str) -> Result<(), StoreError> {
    diesel::update(emails::table.find(id))
        .set((
            emails::status.eq(EmailStatus::Failed.as_str()),
            emails::error.eq(Some(error)),
            emails::attempts.eq(emails::attempts + 1),
        ))
        .run(tx)?;
    Ok(())
}
