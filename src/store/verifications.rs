//! Verifications: attempts to prove control of a number, with the evidence of the request. This file changes them, and `find`
//! looks them up.

mod find;

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::consent::Evidence;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{ReplyGenerations, VerificationMethod, VerificationState};
use crate::store::schema::verifications;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

pub use find::{latest_of_browser, latest_with_number, matched, pending_of_number, renewed_from};

/// A verification to start.
#[derive(Debug, Clone)]
pub struct NewVerification<'a> {
    /// Its random reference.
    pub reference: &'a str,
    /// The hash of the browser's token.
    pub browser: &'a str,
    /// The keyed hash of the address that the request is charged to.
    pub address: &'a str,
    /// The keyed hash of the /48 around that address, for IPv6.
    pub network: Option<&'a str>,
    /// The number.
    pub phone: &'a PhoneNumber,
    /// The number as typed.
    pub phone_typed: &'a str,
    /// What is known about the request.
    pub evidence: &'a Evidence,
    /// Whether a text goes out. If so, the evidence is kept longer.
    pub caused_text: bool,
    /// The generation of the page's own code that the page shows.
    pub reply_generation: u32,
    /// When its code expires.
    pub expires_at: OffsetDateTime,
    /// When it is forgotten if it is never confirmed.
    pub forget_at: OffsetDateTime,
    /// The session of a site that it is for.
    pub session_id: Option<i64>,
}

/// A stored verification that still has its personal fields.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Its row id.
    pub id: i64,
    /// Its random reference.
    pub reference: String,
    /// The hash of the browser's token.
    pub browser: String,
    /// The number.
    pub phone: PhoneNumber,
    /// The number as typed.
    pub phone_typed: String,
    /// The stored state. Call `optin::verification::state_at` for the actual one.
    pub state: VerificationState,
    /// Attempts used.
    pub attempts: u32,
    /// Resends so far.
    pub resends: u32,
    /// What is known about the request. Its time is when the box was last checked.
    pub evidence: Evidence,
    /// When a code was last requested.
    pub last_request_at: OffsetDateTime,
    /// When it started.
    pub created_at: OffsetDateTime,
    /// When it expires.
    pub expires_at: OffsetDateTime,
    /// When the number was proven.
    pub verified_at: Option<OffsetDateTime>,
    /// Which of the page's own codes are valid.
    pub reply: ReplyGenerations,
    /// The keyed hash of the last entry that used up an attempt.
    pub wrong_entry: Option<String>,
    /// Whether a STOP revoked the consent that it started with.
    pub consent_revoked: bool,
    /// The keyed hash of the address that it was started from.
    pub address: Option<String>,
    /// The keyed hash of the /48 around that address, for IPv6.
    pub network: Option<String>,
    /// How many requests were charged to that address.
    pub charges: u32,
    /// The session of a site that it is for.
    pub session_id: Option<i64>,
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
    reply_generation: i32,
    reply_first: i32,
    reply_requested: i32,
    wrong_entry: Option<String>,
    consent_revoked: bool,
    address: Option<String>,
    network: Option<String>,
    charges: i32,
    session_id: Option<i64>,
}

impl TryFrom<VerificationRow> for Verification {
    type Error = StoreError;

    fn try_from(row: VerificationRow) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("verifications {}: {what}", row.id));
        let phone = row.phone.as_deref().and_then(PhoneNumber::from_stored).ok_or_else(|| corrupt("phone is invalid"))?;
        let generation = |n: i32| u32::try_from(n).map_err(|_| corrupt("a reply generation is negative"));
        let reply = ReplyGenerations {
            current: generation(row.reply_generation)?,
            first: generation(row.reply_first)?,
            requested: generation(row.reply_requested)?,
        };
        Ok(Self {
            reply,
            wrong_entry: row.wrong_entry,
            consent_revoked: row.consent_revoked,
            charges: u32::try_from(row.charges).map_err(|_| corrupt("charges is negative"))?,
            address: row.address,
            network: row.network,
            session_id: row.session_id,
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

/// Starts a verification and returns its id.
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
            verifications::reply_generation.eq(db_generation(new.reply_generation)),
            verifications::reply_first.eq(db_generation(new.reply_generation)),
            verifications::reply_requested.eq(db_generation(new.reply_generation)),
            verifications::address.eq(Some(new.address)),
            verifications::network.eq(new.network),
            verifications::charges.eq(1),
            verifications::forget_at.eq(Some(db_time(new.forget_at))),
            verifications::session_id.eq(new.session_id),
        ))
        .returning(verifications::id)
        .row(tx)?;
    Ok(id)
}

const fn db_generation(generation: u32) -> i32 {
    generation.cast_signed()
}

/// Records that a STOP revoked the consent of a number's pending verifications.
pub fn revoke_consent(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    let pending = verifications::phone.eq(phone.as_str()).and(verifications::state.eq(VerificationState::Pending.as_str()));
    diesel::update(verifications::table.filter(pending)).set(verifications::consent_revoked.eq(true)).run(tx)?;
    Ok(())
}

/// Replaces what is known about the request with the latest consent and the number as it was typed then. An earlier STOP no
/// longer counts.
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
            verifications::consent_revoked.eq(false),
        ))
        .run(tx)?;
    Ok(())
}

/// A request for a new code for a pending verification.
#[derive(Debug, Clone, Copy)]
pub struct NewRequest {
    /// The page's own codes from now on.
    pub reply: ReplyGenerations,
    /// The verification's new expiry.
    pub expires_at: OffsetDateTime,
    /// Whether it is charged to the address that the verification was started from.
    pub same_address: bool,
    /// When it arrived.
    pub at: OffsetDateTime,
}

/// Counts a resend. If a text goes out for it, `forget_at` is the time until which the evidence is kept.
pub fn count_resend(tx: &mut Tx<'_>, id: i64, new: &NewRequest, forget_at: Option<OffsetDateTime>) -> Result<(), StoreError> {
    let pending = verifications::id.eq(id).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let counted = diesel::update(verifications::table.filter(pending))
        .set((
            verifications::resends.eq(verifications::resends + 1),
            verifications::last_request_at.eq(db_time(new.at)),
            verifications::wrong_entry.eq(None::<&str>),
            forget_at.map(|at| (verifications::caused_text.eq(true), verifications::forget_at.eq(Some(db_time(at))))),
            verifications::charges.eq(verifications::charges + i32::from(new.same_address)),
            RequestChanges::from(new),
        ))
        .changed(tx)?;
    if counted == 1 { Ok(()) } else { Err(StoreError::Raced) }
}

/// Records that the box was checked again. `counts` says whether that is a request of its own.
pub fn note_renewal(tx: &mut Tx<'_>, id: i64, new: &NewRequest, counts: bool) -> Result<(), StoreError> {
    diesel::update(verifications::table.find(id))
        .set((
            counts.then_some(verifications::last_request_at.eq(db_time(new.at))),
            verifications::charges.eq(verifications::charges + i32::from(new.same_address)),
            RequestChanges::from(new),
        ))
        .run(tx)?;
    Ok(())
}

/// The columns that every request changes.
#[derive(AsChangeset)]
#[diesel(table_name = verifications)]
struct RequestChanges {
    reply_generation: i32,
    reply_first: i32,
    reply_requested: i32,
    expires_at: PrimitiveDateTime,
}

impl From<&NewRequest> for RequestChanges {
    fn from(new: &NewRequest) -> Self {
        Self {
            reply_generation: db_generation(new.reply.current),
            reply_first: db_generation(new.reply.first),
            reply_requested: db_generation(new.reply.requested),
            expires_at: db_time(new.expires_at),
        }
    }
}

/// Uses up one attempt on `entry` (its keyed hash) if the verification is in `state`, has one of `max` attempts left and, if it
/// is pending, has not expired at `now`. Repeating the entry that used up the last attempt doesn't cost another one. Returns
/// whether an attempt was used up.
pub fn spend_attempt(
    tx: &mut Tx<'_>,
    id: i64,
    state: VerificationState,
    max: u32,
    entry: &str,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let max = i32::try_from(max).unwrap_or(i32::MAX);
    let alive = verifications::id
        .eq(id)
        .and(verifications::state.eq(state.as_str()))
        .and(verifications::attempts.lt(max))
        .and(verifications::wrong_entry.is_null().or(verifications::wrong_entry.ne(entry)))
        .and(verifications::expires_at.gt(db_time(now)).or(verifications::state.ne(VerificationState::Pending.as_str())));
    let spent = diesel::update(verifications::table.filter(alive))
        .set((verifications::attempts.eq(verifications::attempts + 1), verifications::wrong_entry.eq(Some(entry))))
        .changed(tx)?;
    Ok(spent == 1)
}

/// Gives back an attempt that turned out not to count.
pub fn refund_attempt(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    diesel::update(verifications::table.find(id))
        .set((verifications::attempts.eq(verifications::attempts - 1), verifications::wrong_entry.eq(None::<&str>)))
        .run(tx)?;
    Ok(())
}

/// Ends a pending verification. Returns whether it was pending.
pub fn end(tx: &mut Tx<'_>, id: i64, state: VerificationState) -> Result<bool, StoreError> {
    let pending = verifications::id.eq(id).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let ended = diesel::update(verifications::table.filter(pending))
        .set((verifications::state.eq(state.as_str()), verifications::wrong_entry.eq(None::<&str>)))
        .changed(tx)?;
    Ok(ended == 1)
}

/// Marks a pending verification as verified. Returns whether it was pending, so only one of several correct codes sent at once
/// succeeds. `renewed_browser` is the hash of the token that replaces the browser's current one.
pub fn verify(
    tx: &mut Tx<'_>,
    id: i64,
    method: VerificationMethod,
    renewed_browser: Option<&str>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let pending = verifications::id.eq(id).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let renewal =
        renewed_browser.map(|to| (verifications::prior_browser.eq(verifications::browser), verifications::browser.eq(Some(to))));
    let verified = diesel::update(verifications::table.filter(pending))
        .set((
            verifications::state.eq(VerificationState::Verified.as_str()),
            verifications::method.eq(Some(method.as_str())),
            verifications::verified_at.eq(Some(db_time(now))),
            verifications::forget_at.eq(None::<PrimitiveDateTime>),
            verifications::wrong_entry.eq(None::<&str>),
            renewal,
        ))
        .changed(tx)?;
    Ok(verified == 1)
}

/// Moves a browser's older verifications to the token that replaces its current one.
pub fn renew_browser(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    diesel::update(verifications::table.filter(verifications::browser.eq(from)))
        .set(verifications::browser.eq(Some(to)))
        .run(tx)?;
    Ok(())
}
