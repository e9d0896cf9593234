//! What time does to rows: verifications expire, and old ones are deleted or forgotten.
//!
//! Owns these steps, each bounded. Must not know how long anything is kept: the times come in. The surprise: a
//! verification that caused a text keeps its row for ever, without what is personal in it.

use diesel::prelude::*;
use time::OffsetDateTime;

use crate::optin::verification::VerificationState;
use crate::store::schema::{codes, messages, verifications};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, verifications as own};

/// Marks pending verifications expired whose time was over at `now`, at most `most` of them; says how many.
///
/// # Errors
/// When the database refuses.
pub fn expire_due(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let due: Vec<i64> = verifications::table
        .filter(verifications::state.eq(VerificationState::Pending.as_str()).and(verifications::expires_at.le(db_time(now))))
        .order(verifications::expires_at)
        .limit(most)
        .select(verifications::id)
        .rows(tx)?;
    for id in &due {
        own::end(tx, *id, VerificationState::Expired)?;
    }
    Ok(due.len())
}

/// Deletes verifications that caused no text, with what hangs on them, if they began before `before`; at most `most`.
///
/// # Errors
/// When the database refuses.
pub fn delete_textless(tx: &mut Tx<'_>, before: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let old: Vec<i64> = verifications::table
        .filter(verifications::caused_text.eq(false).and(verifications::created_at.lt(db_time(before))))
        .filter(verifications::state.ne(VerificationState::Verified.as_str()))
        .order(verifications::created_at)
        .limit(most)
        .select(verifications::id)
        .rows(tx)?;
    for id in &old {
        diesel::delete(messages::table.filter(messages::verification_id.eq(*id))).run(tx)?;
        diesel::delete(codes::table.filter(codes::verification_id.eq(*id))).run(tx)?;
        diesel::delete(verifications::table.find(*id)).run(tx)?;
    }
    Ok(old.len())
}

/// Sets the personal fields of verifications that caused a text but were never confirmed, and of their texts, to NULL,
/// if they began before `before`; at most `most`.
///
/// # Errors
/// When the database refuses.
pub fn forget_unconfirmed(tx: &mut Tx<'_>, before: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let old: Vec<i64> = verifications::table
        .filter(verifications::caused_text.eq(true).and(verifications::created_at.lt(db_time(before))))
        .filter(verifications::state.ne(VerificationState::Verified.as_str()).and(verifications::phone.is_not_null()))
        .order(verifications::created_at)
        .limit(most)
        .select(verifications::id)
        .rows(tx)?;
    for id in &old {
        diesel::update(messages::table.filter(messages::verification_id.eq(*id)))
            .set((messages::phone.eq(None::<String>), messages::text.eq(None::<String>)))
            .run(tx)?;
        diesel::update(verifications::table.find(*id))
            .set((
                verifications::phone.eq(None::<String>),
                verifications::phone_typed.eq(None::<String>),
                verifications::browser.eq(None::<String>),
                verifications::prior_browser.eq(None::<String>),
                verifications::ip.eq(None::<String>),
                verifications::user_agent.eq(None::<String>),
                verifications::url.eq(None::<String>),
                verifications::address.eq(None::<String>),
                verifications::network.eq(None::<String>),
            ))
            .run(tx)?;
    }
    Ok(old.len())
}
