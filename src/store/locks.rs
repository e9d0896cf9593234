//! Locks: rows that a transaction takes before it reads, so that two transactions about the same number, address or browser
//! run one after the other.
//!
//! Only Postgres needs them, where many transactions run at the same time. On SQLite there's one writer, and these functions do
//! nothing. To keep two transactions from waiting for each other, everybody takes locks in the same order: number, address, /48,
//! browser, then the site's count and the head of the ledger, and e-mail last. The sweep deletes old rows.

use diesel::prelude::*;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::optin::phone::PhoneNumber;
use crate::store::schema::locks;
use crate::store::statements::{InsertRows, Run as _, Value};
use crate::store::{StoreError, Tx, db_time, verifications};

/// Work that only one instance at a time may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Taking up texts whose instance died.
    Abandoned,
    /// Reading long texts that are missing a part.
    Overdue,
    /// Deciding whether an e-mail is due.
    Mail,
    /// Deleting what is old.
    Sweep,
}

impl Job {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::Overdue => "overdue",
            Self::Mail => "mail",
            Self::Sweep => "sweep",
        }
    }
}

/// Waits until no other transaction deals with this number.
pub fn take_number(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    // A hash, so that the table isn't a list of numbers. The row is deleted after an hour.
    take(tx, || vec![format!("number {}", hex::encode(Sha256::digest(phone.as_str())))])
}

/// Waits until no other transaction deals with the number that this browser verifies.
///
/// # Errors
/// Returns [`StoreError::Raced`] if the browser has begun to verify another number in the meantime.
pub fn take_number_of_browser(tx: &mut Tx<'_>, browser: &str) -> Result<(), StoreError> {
    if !tx.is_shared() {
        return Ok(());
    }
    let number =
        |tx: &mut Tx<'_>| Ok::<_, StoreError>(verifications::latest_of_browser(tx, browser)?.map(|current| current.phone));
    let before = number(tx)?;
    if let Some(phone) = &before {
        take_number(tx, phone)?;
    }
    if number(tx)? == before { Ok(()) } else { Err(StoreError::Raced) }
}

/// Waits until no other instance is doing this job.
pub fn take_job(tx: &mut Tx<'_>, job: Job) -> Result<(), StoreError> {
    take(tx, || vec![format!("job {}", job.as_str())])
}

/// Inserts or touches the rows, in order. Either way, this transaction holds them until it ends.
pub(super) fn take(tx: &mut Tx<'_>, keys: impl FnOnce() -> Vec<String>) -> Result<(), StoreError> {
    if !tx.is_shared() {
        return Ok(());
    }
    let upsert = InsertRows {
        into: "INSERT INTO locks (key) VALUES ",
        rows: keys().into_iter().map(|key| vec![Value::Text(key)]).collect(),
        on_conflict: "ON CONFLICT (key) DO UPDATE SET taken_at = CURRENT_TIMESTAMP",
    };
    Ok(upsert.run(tx)?)
}

/// Deletes locks that were last taken before `before`, at most `most` of them. Returns how many.
pub fn forget(tx: &mut Tx<'_>, before: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    if !tx.is_shared() {
        return Ok(0);
    }
    let is_old = || locks::taken_at.lt(db_time(before));
    let old: Vec<String> = locks::table.filter(is_old()).order(locks::taken_at).limit(most).select(locks::key).rows(tx)?;
    for key in &old {
        diesel::delete(locks::table.find(key).filter(is_old())).run(tx)?;
    }
    Ok(old.len())
}
