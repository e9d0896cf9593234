//! Retention: verifications expire, and old ones are deleted or lose their personal data.
//!
//! Owns these steps, each of which handles a bounded number of rows. Must not know how long anything is kept; callers pass the
//! times in. A verification that caused a text keeps its row forever, but without its personal data.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::verification::VerificationState;
use crate::store::schema::{codes, messages, verifications};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time};

/// Marks pending verifications as expired if their time was up at `now`, at most `most` of them. Returns how many it marked.
pub fn expire_due(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let due: Vec<i64> = verifications::table
        .filter(sql::<Bool>("verifications.state = 'pending'").and(verifications::expires_at.le(db_time(now))))
        .order(verifications::expires_at)
        .limit(most)
        .select(verifications::id)
        .rows(tx)?;
    for id in &due {
        // A new code may have extended it in the meantime.
        let pending = verifications::state.eq(VerificationState::Pending.as_str());
        let over = verifications::id.eq(*id).and(pending).and(verifications::expires_at.le(db_time(now)));
        let ended = (verifications::state.eq(VerificationState::Expired.as_str()), verifications::wrong_entry.eq(None::<&str>));
        diesel::update(verifications::table.filter(over)).set(ended).run(tx)?;
    }
    Ok(due.len())
}

/// Forgets verifications that were due before `now`, at most `most` of them. Returns how many. A verification that caused no text
/// is deleted along with everything that depends on it. One that did keeps its row and its texts, but their personal fields
/// become NULL.
pub fn forget_due(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let due: Vec<(i64, bool)> = verifications::table
        .filter(verifications::forget_at.lt(db_time(now)))
        .order(verifications::forget_at)
        .limit(most)
        .select((verifications::id, verifications::caused_text))
        .rows(tx)?;
    for (id, caused_text) in &due {
        if *caused_text {
            forget(tx, *id)?;
        } else {
            diesel::delete(messages::table.filter(messages::verification_id.eq(*id))).run(tx)?;
            diesel::delete(codes::table.filter(codes::verification_id.eq(*id))).run(tx)?;
            diesel::delete(verifications::table.find(*id)).run(tx)?;
        }
    }
    Ok(due.len())
}

fn forget(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    diesel::update(messages::table.filter(messages::verification_id.eq(id)))
        .set((messages::phone.eq(None::<String>), messages::text.eq(None::<String>)))
        .run(tx)?;
    diesel::update(verifications::table.find(id))
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
            verifications::forget_at.eq(None::<PrimitiveDateTime>),
        ))
        .run(tx)?;
    Ok(())
}
