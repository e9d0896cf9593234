//! Verifications: attempts to prove a number, with the evidence of the request.

use std::collections::HashMap;

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::consent::Evidence;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{PriorGenerations, ReplyGenerations, VerificationMethod, VerificationState};
use crate::store::schema::verifications;
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

/// A verification to begin.
#[derive(Debug, Clone)]
pub struct NewVerification<'a> {
    /// Its own random reference.
    pub reference: &'a str,
    /// The hash of the browser's token.
    pub browser: &'a str,
    /// The keyed hash of the address that the request is charged to.
    pub address: &'a str,
    /// The keyed hash of the /48 around it, for IPv6.
    pub network: Option<&'a str>,
    /// The number.
    pub phone: &'a PhoneNumber,
    /// The number as it was typed.
    pub phone_typed: &'a str,
    /// What is known of the request.
    pub evidence: &'a Evidence,
    /// Whether a text goes out, so that the evidence is kept for longer.
    pub caused_text: bool,
    /// Which of its own codes the page shows.
    pub reply_generation: u32,
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
    /// Which of its own codes the page showed last.
    pub reply: ReplyGenerations,
    /// Whether the box was checked again since a code was last asked for.
    pub reply_renewed: bool,
    /// Whether a STOP took the consent back that it was begun with.
    pub consent_revoked: bool,
    /// The keyed hash of the address that it was begun from.
    pub address: Option<String>,
    /// The keyed hash of the /48 around it, for IPv6.
    pub network: Option<String>,
    /// Requests that were charged to that address.
    pub charges: u32,
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
    reply_issued_at: Option<PrimitiveDateTime>,
    reply_prior_first: Option<i32>,
    reply_prior_last: Option<i32>,
    reply_prior_issued_at: Option<PrimitiveDateTime>,
    reply_renewed: bool,
    consent_revoked: bool,
    address: Option<String>,
    network: Option<String>,
    charges: i32,
}

impl TryFrom<VerificationRow> for Verification {
    type Error = StoreError;

    fn try_from(row: VerificationRow) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("verifications {}: {what}", row.id));
        let phone = row.phone.as_deref().and_then(PhoneNumber::from_stored).ok_or_else(|| corrupt("phone is no number"))?;
        let generation = |n: i32| u32::try_from(n).map_err(|_| corrupt("a reply generation is negative"));
        let reply = ReplyGenerations {
            current: (
                generation(row.reply_generation)?,
                from_db_time(row.reply_issued_at.ok_or_else(|| corrupt("it has no reply code"))?),
            ),
            prior: match (row.reply_prior_first, row.reply_prior_last, row.reply_prior_issued_at) {
                (Some(first), Some(last), Some(at)) => {
                    Some(PriorGenerations { first: generation(first)?, last: generation(last)?, issued_at: from_db_time(at) })
                }
                _ => None,
            },
        };
        Ok(Self {
            reply,
            reply_renewed: row.reply_renewed,
            consent_revoked: row.consent_revoked,
            charges: u32::try_from(row.charges).map_err(|_| corrupt("charges is negative"))?,
            address: row.address,
            network: row.network,
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
            verifications::reply_generation.eq(db_generation(new.reply_generation)),
            verifications::reply_issued_at.eq(Some(now)),
            verifications::address.eq(Some(new.address)),
            verifications::network.eq(new.network),
            verifications::charges.eq(1),
        ))
        .returning(verifications::id)
        .row(tx)?;
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
        .select(columns_of::<VerificationRow>())
        .first_row(tx)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

const fn db_generation(generation: u32) -> i32 {
    generation.cast_signed()
}

/// Pending verifications that a texted-in code is compared with, at most.
const MATCHED: usize = 50;
/// Of them, from one address (IPv6: from the /48 around it).
const MATCHED_PER_ADDRESS: usize = 5;
/// How many are looked at to find them, whatever strangers begin.
const LOOKED_AT: i64 = 250;

/// The newest pending verifications of a number that a texted-in code may be for, the oldest first, in whichever browser.
/// At most 50, and at most 5 of them from one address, so that strangers can make it neither slow nor likely to hit. Some may
/// have expired.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn pending_of_number(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Vec<Verification>, StoreError> {
    let pending = verifications::phone.eq(phone.as_str()).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let rows: Vec<VerificationRow> = verifications::table
        .filter(pending)
        .order(verifications::id.desc())
        .limit(LOOKED_AT)
        .select(columns_of::<VerificationRow>())
        .rows(tx)?;
    let mut from: HashMap<Option<String>, usize> = HashMap::new();
    let few = rows.into_iter().filter(|row| {
        let of_origin = from.entry(row.network.clone().or_else(|| row.address.clone())).or_default();
        *of_origin += 1;
        *of_origin <= MATCHED_PER_ADDRESS
    });
    let mut newest = few.take(MATCHED).map(TryInto::try_into).collect::<Result<Vec<Verification>, _>>()?;
    newest.reverse();
    Ok(newest)
}

/// Notes that a STOP took back the consent of whatever is pending for a number.
///
/// # Errors
/// When the database refuses.
pub fn revoke_consent(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    let pending = verifications::phone.eq(phone.as_str()).and(verifications::state.eq(VerificationState::Pending.as_str()));
    diesel::update(verifications::table.filter(pending)).set(verifications::consent_revoked.eq(true)).run(tx)?;
    Ok(())
}

/// Puts other codes of the page in place of those that it showed, and moves the verification's end to `expires_at`.
///
/// # Errors
/// When the database refuses.
pub fn renew_reply(tx: &mut Tx<'_>, id: i64, reply: ReplyGenerations, expires_at: OffsetDateTime) -> Result<(), StoreError> {
    let (generation, issued_at) = reply.current;
    diesel::update(verifications::table.find(id))
        .set((
            verifications::reply_generation.eq(db_generation(generation)),
            verifications::reply_issued_at.eq(Some(db_time(issued_at))),
            verifications::reply_prior_first.eq(reply.prior.map(|prior| db_generation(prior.first))),
            verifications::reply_prior_last.eq(reply.prior.map(|prior| db_generation(prior.last))),
            verifications::reply_prior_issued_at.eq(reply.prior.map(|prior| db_time(prior.issued_at))),
            verifications::expires_at.eq(db_time(expires_at)),
        ))
        .run(tx)?;
    Ok(())
}

/// Puts the consent that was given last, and the number as typed then, in place of what was known of the request. A
/// STOP before it no longer counts.
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
            verifications::consent_revoked.eq(false),
        ))
        .run(tx)?;
    Ok(())
}

/// Counts a resend, which was asked for at `now` and may have caused a text. `same_address`: it is charged to the address
/// that the verification was begun from.
///
/// # Errors
/// When the database refuses.
pub fn count_resend(
    tx: &mut Tx<'_>,
    id: i64,
    caused_text: bool,
    same_address: bool,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    diesel::update(verifications::table.find(id))
        .set((
            verifications::resends.eq(verifications::resends + 1),
            verifications::charges.eq(verifications::charges + i32::from(same_address)),
            caused_text.then_some(verifications::caused_text.eq(true)),
            verifications::last_request_at.eq(db_time(now)),
            verifications::reply_renewed.eq(false),
        ))
        .run(tx)?;
    Ok(())
}

/// Notes that the box was checked again, at `at` if that counts as a request of its own. `same_address` as for
/// [`count_resend`].
///
/// # Errors
/// When the database refuses.
pub fn note_renewal(tx: &mut Tx<'_>, id: i64, at: Option<OffsetDateTime>, same_address: bool) -> Result<(), StoreError> {
    let requested = at.map(|at| verifications::last_request_at.eq(db_time(at)));
    diesel::update(verifications::table.find(id))
        .set((
            verifications::reply_renewed.eq(true),
            verifications::charges.eq(verifications::charges + i32::from(same_address)),
            requested,
        ))
        .run(tx)?;
    Ok(())
}

/// Spends one try, if the verification stands in `state`, has one of `max` left and, while it is pending, has not expired
/// at `now`. Says whether it did.
///
/// # Errors
/// When the database refuses.
pub fn spend_attempt(
    tx: &mut Tx<'_>,
    id: i64,
    state: VerificationState,
    max: u32,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let max = i32::try_from(max).unwrap_or(i32::MAX);
    let alive = verifications::id
        .eq(id)
        .and(verifications::state.eq(state.as_str()))
        .and(verifications::attempts.lt(max))
        .and(verifications::expires_at.gt(db_time(now)).or(verifications::state.ne(VerificationState::Pending.as_str())));
    let spent = diesel::update(verifications::table.filter(alive))
        .set(verifications::attempts.eq(verifications::attempts + 1))
        .run(tx)?;
    Ok(spent == 1)
}

/// Gives a try back that turned out to cost nothing.
///
/// # Errors
/// When the database refuses.
pub fn refund_attempt(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    diesel::update(verifications::table.find(id)).set(verifications::attempts.eq(verifications::attempts - 1)).run(tx)?;
    Ok(())
}

/// Ends a pending verification. Says whether it was pending.
///
/// # Errors
/// When the database refuses.
pub fn end(tx: &mut Tx<'_>, id: i64, state: VerificationState) -> Result<bool, StoreError> {
    let pending = verifications::id.eq(id).and(verifications::state.eq(VerificationState::Pending.as_str()));
    let ended = diesel::update(verifications::table.filter(pending)).set(verifications::state.eq(state.as_str())).run(tx)?;
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
        .run(tx)?;
    Ok(verified == 1)
}

/// Gives all verifications of a browser to the token that replaces its own, and notes on the verification that was just
/// verified which one it replaced.
///
/// # Errors
/// When the database refuses.
pub fn renew_browser(tx: &mut Tx<'_>, verified: i64, from: &str, to: &str) -> Result<(), StoreError> {
    diesel::update(verifications::table.filter(verifications::browser.eq(from)))
        .set(verifications::browser.eq(Some(to)))
        .run(tx)?;
    diesel::update(verifications::table.find(verified)).set(verifications::prior_browser.eq(Some(from))).run(tx)?;
    Ok(())
}

/// The verification by which a browser's token was replaced after `since`.
///
/// # Errors
/// When the database refuses, or the row makes no sense.
pub fn renewed_from(tx: &mut Tx<'_>, browser: &str, since: OffsetDateTime) -> Result<Option<Verification>, StoreError> {
    let row: Option<VerificationRow> = verifications::table
        .filter(verifications::prior_browser.eq(browser).and(verifications::state.eq(VerificationState::Verified.as_str())))
        .filter(verifications::verified_at.gt(db_time(since)))
        .order(verifications::id.desc())
        .select(columns_of::<VerificationRow>())
        .first_row(tx)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}
