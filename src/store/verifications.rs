//! Verifications: attempts to prove a number, with the evidence of the request.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::consent::Evidence;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{VerificationMethod, VerificationState};
use crate::store::schema::{charges, codes, messages, verifications};
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

/// A verification to begin.
#[derive(Debug, Clone)]
pub struct NewVerification<'a> {
    /// Its own random reference.
    pub reference: &'a str,
    /// The hash of the browser's token.
    pub browser: &'a str,
    /// The number.
    pub phone: &'a PhoneNumber,
    /// The number as it was typed.
    pub phone_typed: &'a str,
    /// What is known of the request.
    pub evidence: &'a Evidence,
    /// Whether a text goes out, so that the evidence is kept for longer.
    pub caused_text: bool,
    /// When its code dies.
    pub expires_at: OffsetDateTime,
}

/// A verification as it is kept, its personal fields still there.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Its row.
    pub id: i64,
    /// Its own random reference.
    pub reference: String,
    /// The hash of the browser's token.
    pub browser: String,
    /// The number.
    pub phone: PhoneNumber,
    /// The number as it was typed.
    pub phone_typed: String,
    /// The stored state; ask `optin::verification::state_at` for the true one.
    pub state: VerificationState,
    /// Tries used.
    pub attempts: u32,
    /// Resends made.
    pub resends: u32,
    /// What is known of the request; its time is that of the box ticked last.
    pub evidence: Evidence,
    /// When a code was last asked for.
    pub last_request_at: OffsetDateTime,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it ends.
    pub expires_at: OffsetDateTime,
    /// When the number was proven.
    pub verified_at: Option<OffsetDateTime>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = verifications)]
struct VerificationRow {
    id: i64,
    reference: String,
    browser: Option<String>,
    phone: Option<String>,
    phone_typed: Option<String>,
    state: String,
    attempts: i32,
    resends: i32,
    disclosure_hash: String,
    disclosure_inferred: bool,
    ip: Option<String>,
    user_agent: Option<String>,
    locale: String,
    url: Option<String>,
    consented_at: PrimitiveDateTime,
    last_request_at: PrimitiveDateTime,
    created_at: PrimitiveDateTime,
    expires_at: PrimitiveDateTime,
    verified_at: Option<PrimitiveDateTime>,
}

impl TryFrom<VerificationRow> for Verification {
    type Error = StoreError;

    fn try_from(row: VerificationRow) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("verifications {}: {what}", row.id));
        let phone = row.phone.as_deref().and_then(PhoneNumber::from_stored).ok_or_else(|| corrupt("phone is no number"))?;
        Ok(Self {
            id: row.id,
            browser: row.browser.clone().ok_or_else(|| corrupt("it has no browser"))?,
            phone,
            phone_typed: row.phone_typed.unwrap_or_default(),
            state: word(VerificationState::from_word(&row.state), "verifications.state", &row.state)?,
            attempts: u32::try_from(row.attempts).map_err(|_| corrupt("attempts is negative"))?,
            resends: u32::try_from(row.resends).map_err(|_| corrupt("resends is negative"))?,
            reference: row.reference,
            evidence: Evidence {
                disclosure_hash: row.disclosure_hash,
                disclosure_inferred: row.disclosure_inferred,
                ip: row.ip.unwrap_or_default(),
                user_agent: row.user_agent,
                locale: row.locale,
                url: row.url.unwrap_or_default(),
                at: from_db_time(row.consented_at),
            },
            last_request_at: from_db_time(row.last_request_at),
            created_at: from_db_time(row.created_at),
            expires_at: from_db_time(row.expires_at),
            verified_at: row.verified_at.map(from_db_time),
        })
    }
}

/// Begins a verification and gives its id.
///
/// # Errors
/// When the database refuses.
pub fn begin(tx: &mut Tx<'_>, new: &NewVerification<'_>) -> Result<i64, StoreError> {
    let now = db_time(new.evidence.at);
    let id = diesel::insert_into(verifications::table)
        .values((
            verifications::reference.eq(new.reference),
            verifications::browser.eq(Some(new.browser)),
            verifications::phone.eq(Some(new.phone.as_str())),
            verifications::phone_typed.eq(Some(new.phone_typed)),
            verifications::state.eq(VerificationState::Pending.as_str()),
            verifications::caused_text.eq(new.caused_text),
            verifications::disclosure_hash.eq(&new.evidence.disclosure_hash),
            verifications::disclosure_inferred.eq(new.evidence.disclosure_inferred),
            verifications::ip.eq(Some(&new.evidence.ip)),
            verifications::user_agent.eq(new.evidence.user_agent.as_ref()),
            verifications::locale.eq(&new.evidence.locale),
            verifications::url.eq(Some(&new.evidence.url)),
            verifications::consented_at.eq(now),
            verifications::last_request_at.eq(now),
            verifications::created_at.eq(now),
            verifications::expires_at.eq(db_time(new.expires_at)),
        ))
        .returning(verifications::id)
        .get_result(tx.conn)?;
    Ok(id)
}

/// The newest verification of a browser, in whichever state.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn latest_of_browser(tx: &mut Tx<'_>, browser: &str) -> Result<Option<Verification>, StoreError> {
    let row: Option<VerificationRow> = verifications::table
        .filter(verifications::browser.eq(browser))
        .order(verifications::id.desc())
        .select(VerificationRow::as_select())
        .first(tx.conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Puts the consent that was given last, and the number as typed then, in place of what was known of the request.
///
/// # Errors
/// When the database refuses.
pub fn renew_consent(tx: &mut Tx<'_>, id: i64, phone_typed: &str, evidence: &Evidence) -> Result<(), StoreError> {
    diesel::update(verifications::table.find(id))
        .set((
            verifications::phone_typed.eq(Some(phone_typed)),
            verifications::disclosure_hash.eq(&evidence.disclosure_hash),
            verifications::disclosure_inferred.eq(evidence.disclosure_inferred),
            verifications::ip.eq(Some(&evidence.ip)),
            verifications::user_agent.eq(evidence.user_agent.as_ref()),
            verifications::locale.eq(&evidence.locale),
            verifications::url.eq(Some(&evidence.url)),
            verifications::consented_at.eq(db_time(evidence.at)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Counts a resend, which was asked for at `now`, moves the end to `expires_at` and may have caused a text.
///
/// # Errors
/// When the database refuses.
pub fn count_resend(
    tx: &mut Tx<'_>,
    id: i64,
    caused_text: bool,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    diesel::update(verifications::table.find(id))
        .set((
            verifications::resends.eq(verifications::resends + 1),
            caused_text.then_some(verifications::caused_text.eq(true)),
            verifications::last_request_at.eq(db_time(now)),
            verifications::expires_at.eq(db_time(expires_at)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Spends one try, if the verification is pending at `now` and has one of `max` left. Says whether it did.
///
/// # Errors
/// When the database refuses.
pub fn spend_attempt(tx: &mut Tx<'_>, id: i64, max: u32, now: OffsetDateTime) -> Result<bool, StoreError> {
    let max = i32::try_from(max).unwrap_or(i32::MAX);
    let alive = verifications::id
        .eq(id)
        .and(verifications::state.eq(VerificationState::Pending.as_str()))
        .and(verifications::attempts.lt(max))
        .and(verifications::expires_at.gt(db_time(now)));
    let spent = diesel::update(verifications::table.filter(alive))
        .set(verifications::attempts.eq(verifications::attempts + 1))
        .execute(tx.conn)?;
    Ok(spent == 1)
}

/// Gives a try back that turned out to cost nothing.
///
/// # Errors
/// When the database refuses.
pub fn refund_attempt(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    diesel::update(verifications::table.find(id))
        .set(verifications::attempts.eq(verifications::attempts - 1))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends a pending verification. Says whether it was pending.
///
/// # Errors
/// When the database refuses.
pub fn end(tx: &mut Tx<'_>, id: i64, state: VerificationState) -> Result<bool, StoreError> {
    let pending = verifications::id.eq(id).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let ended =
        diesel::update(verifications::table.filter(pending)).set(verifications::state.eq(state.as_str())).execute(tx.conn)?;
    Ok(ended == 1)
}

/// Marks a pending verification verified. Says whether it was pending: of many right codes at once, one succeeds.
///
/// # Errors
/// When the database refuses.
pub fn verify(tx: &mut Tx<'_>, id: i64, method: VerificationMethod, now: OffsetDateTime) -> Result<bool, StoreError> {
    let pending = verifications::id.eq(id).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let verified = diesel::update(verifications::table.filter(pending))
        .set((
            verifications::state.eq(VerificationState::Verified.as_str()),
            verifications::method.eq(Some(method.as_str())),
            verifications::verified_at.eq(Some(db_time(now))),
        ))
        .execute(tx.conn)?;
    Ok(verified == 1)
}

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
        .load(tx.conn)?;
    for id in &due {
        end(tx, *id, VerificationState::Expired)?;
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
        .load(tx.conn)?;
    for id in &old {
        diesel::delete(messages::table.filter(messages::verification_id.eq(*id))).execute(tx.conn)?;
        diesel::delete(codes::table.filter(codes::verification_id.eq(*id))).execute(tx.conn)?;
        diesel::delete(charges::table.filter(charges::verification_id.eq(*id))).execute(tx.conn)?;
        diesel::delete(verifications::table.find(*id)).execute(tx.conn)?;
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
        .load(tx.conn)?;
    for id in &old {
        diesel::update(messages::table.filter(messages::verification_id.eq(*id)))
            .set((messages::phone.eq(None::<String>), messages::text.eq(None::<String>)))
            .execute(tx.conn)?;
        diesel::update(verifications::table.find(*id))
            .set((
                verifications::phone.eq(None::<String>),
                verifications::phone_typed.eq(None::<String>),
                verifications::browser.eq(None::<String>),
                verifications::ip.eq(None::<String>),
                verifications::user_agent.eq(None::<String>),
                verifications::url.eq(None::<String>),
            ))
            .execute(tx.conn)?;
    }
    Ok(old.len())
}
