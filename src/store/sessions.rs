//! Sessions of the owner's sites, and the public keys that statements to them were signed with.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::phone::PhoneNumber;
use crate::optin::session::{SessionState, SessionWay};
use crate::optin::verification::{VerificationMethod, VerificationState};
use crate::store::schema::{sessions, signing_keys, verifications};
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

/// A session to begin.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Its random name.
    pub name: &'a str,
    /// The name of the site in the settings.
    pub site: &'a str,
    /// How it begins.
    pub way: SessionWay,
    /// The site's own name for the person.
    pub site_ref: &'a str,
    /// The number that the site has on file.
    pub phone: Option<&'a PhoneNumber>,
    /// Whether the pages show that number in full.
    pub phone_shown: bool,
    /// The language that the site wants.
    pub locale: Option<&'a str>,
    /// Where the person goes afterward.
    pub return_url: &'a str,
    /// Where the person goes after canceling.
    pub cancel_url: &'a str,
    /// What makes a repeated request the same one: its key, and the digest of its body.
    pub idempotency: Option<(&'a str, &'a str)>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it ends if nobody asks for a code.
    pub expires_at: OffsetDateTime,
    /// When it's deleted if it leads to nothing.
    pub forget_at: OffsetDateTime,
}

/// A stored session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its row id.
    pub id: i64,
    /// Its random name.
    pub name: String,
    /// The name of the site in the settings.
    pub site: String,
    /// How it began.
    pub way: SessionWay,
    /// The site's own name for the person.
    pub site_ref: String,
    /// The number that the site has on file.
    pub phone: Option<PhoneNumber>,
    /// Whether the pages show that number in full.
    pub phone_shown: bool,
    /// The language that the site wants.
    pub locale: Option<String>,
    /// Where the person goes afterward.
    pub return_url: String,
    /// Where the person goes after canceling.
    pub cancel_url: String,
    /// The stored state. Call `optin::session::state_at` for the actual one.
    pub state: SessionState,
    /// When it ends if nobody asks for a code.
    pub expires_at: OffsetDateTime,
    /// The digest of the request that made it.
    pub request_digest: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: i64,
    name: String,
    site: String,
    way: String,
    site_ref: String,
    phone: Option<String>,
    phone_shown: bool,
    locale: Option<String>,
    return_url: String,
    cancel_url: String,
    state: String,
    expires_at: PrimitiveDateTime,
    request_digest: Option<String>,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let number = |text: &str| {
            PhoneNumber::from_stored(text).ok_or_else(|| StoreError::Corrupt(format!("sessions {}: phone is invalid", row.id)))
        };
        Ok(Self {
            phone: row.phone.as_deref().map(number).transpose()?,
            id: row.id,
            name: row.name,
            site: row.site,
            way: word(SessionWay::from_word(&row.way), "sessions.way", &row.way)?,
            site_ref: row.site_ref,
            phone_shown: row.phone_shown,
            locale: row.locale,
            return_url: row.return_url,
            cancel_url: row.cancel_url,
            state: word(SessionState::from_word(&row.state), "sessions.state", &row.state)?,
            expires_at: from_db_time(row.expires_at),
            request_digest: row.request_digest,
        })
    }
}

/// Begins a session and returns its id.
pub fn begin(tx: &mut Tx<'_>, new: &NewSession<'_>) -> Result<i64, StoreError> {
    let id = diesel::insert_into(sessions::table)
        .values((
            sessions::name.eq(new.name),
            sessions::site.eq(new.site),
            sessions::way.eq(new.way.as_str()),
            sessions::site_ref.eq(new.site_ref),
            sessions::phone.eq(new.phone.map(PhoneNumber::as_str)),
            sessions::phone_shown.eq(new.phone_shown),
            sessions::locale.eq(new.locale),
            sessions::return_url.eq(new.return_url),
            sessions::cancel_url.eq(new.cancel_url),
            sessions::state.eq(SessionState::Open.as_str()),
            sessions::created_at.eq(db_time(new.created_at)),
            sessions::expires_at.eq(db_time(new.expires_at)),
            sessions::idempotency_key.eq(new.idempotency.map(|(key, _)| key)),
            sessions::request_digest.eq(new.idempotency.map(|(_, digest)| digest)),
            sessions::forget_at.eq(Some(db_time(new.forget_at))),
        ))
        .returning(sessions::id)
        .row(tx)?;
    Ok(id)
}

/// Returns the session with this row id.
pub fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Session>, StoreError> {
    let row: Option<SessionRow> = sessions::table.find(id).select(columns_of::<SessionRow>()).first_row(tx).optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Returns the session with this name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Session>, StoreError> {
    let named = sessions::table.filter(sessions::name.eq(name));
    let row: Option<SessionRow> = named.select(columns_of::<SessionRow>()).first_row(tx).optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Returns the session that a site made with this idempotency key.
pub fn by_idempotency_key(tx: &mut Tx<'_>, site: &str, key: &str) -> Result<Option<Session>, StoreError> {
    let made = sessions::table.filter(sessions::site.eq(site).and(sessions::idempotency_key.eq(key)));
    let row: Option<SessionRow> = made.select(columns_of::<SessionRow>()).first_row(tx).optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Makes an open session last until at least `until`.
pub fn extend(tx: &mut Tx<'_>, id: i64, until: OffsetDateTime, forget_at: OffsetDateTime) -> Result<(), StoreError> {
    let open = sessions::id.eq(id).and(sessions::state.eq(SessionState::Open.as_str()));
    let shorter = open.and(sessions::expires_at.lt(db_time(until)));
    diesel::update(sessions::table.filter(shorter))
        .set((sessions::expires_at.eq(db_time(until)), sessions::forget_at.eq(Some(db_time(forget_at)))))
        .run(tx)?;
    Ok(())
}

/// Ends an open session without a result.
pub fn end(tx: &mut Tx<'_>, id: i64, state: SessionState) -> Result<(), StoreError> {
    let open = sessions::id.eq(id).and(sessions::state.eq(SessionState::Open.as_str()));
    diesel::update(sessions::table.filter(open)).set(sessions::state.eq(state.as_str())).run(tx)?;
    Ok(())
}

/// Ends a session because a verification for it succeeded. If another one succeeded before, or if the person canceled the
/// session, the verification no longer belongs to it. A session that was locked by wrong codes in one browser can still be
/// verified in another.
pub fn verify(tx: &mut Tx<'_>, id: i64, verification: i64) -> Result<(), StoreError> {
    let waiting = [SessionState::Open.as_str(), SessionState::Locked.as_str()];
    let ended = diesel::update(sessions::table.filter(sessions::id.eq(id).and(sessions::state.eq_any(waiting))))
        .set((sessions::state.eq(SessionState::Verified.as_str()), sessions::forget_at.eq(None::<PrimitiveDateTime>)))
        .changed(tx)?;
    if ended == 0 {
        diesel::update(verifications::table.find(verification)).set(verifications::session_id.eq(None::<i64>)).run(tx)?;
    }
    Ok(())
}

/// Ends the pending verifications of a session.
pub fn supersede_verifications(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let pending = verifications::session_id.eq(id).and(verifications::state.eq(VerificationState::Pending.as_str()));
    diesel::update(verifications::table.filter(pending))
        .set((verifications::state.eq(VerificationState::Superseded.as_str()), verifications::wrong_entry.eq(None::<&str>)))
        .run(tx)?;
    Ok(())
}

/// Stores the hash of the code that the person takes back to the site. It replaces an earlier one.
pub fn give_code(tx: &mut Tx<'_>, id: i64, hash: &str, expires_at: OffsetDateTime) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id))
        .set((
            sessions::code_hash.eq(Some(hash)),
            sessions::code_expires_at.eq(Some(db_time(expires_at))),
            sessions::exchanged_at.eq(None::<PrimitiveDateTime>),
        ))
        .run(tx)?;
    Ok(())
}

/// What became of a code that a site wants to exchange.
#[derive(Debug, Clone)]
pub enum Exchange {
    /// It was valid, and is now used up.
    Done(Box<Session>),
    /// It was exchanged before.
    Again,
    /// The site has no such code, or it has expired.
    Unknown,
}

/// Uses up a site's code.
pub fn exchange(tx: &mut Tx<'_>, site: &str, hash: &str, now: OffsetDateTime) -> Result<Exchange, StoreError> {
    let of_site = sessions::code_hash.eq(hash).and(sessions::site.eq(site));
    let good = of_site.and(sessions::exchanged_at.is_null()).and(sessions::code_expires_at.gt(db_time(now)));
    let used = diesel::update(sessions::table.filter(good)).set(sessions::exchanged_at.eq(Some(db_time(now)))).changed(tx)?;
    let row: Option<(SessionRow, Option<PrimitiveDateTime>)> =
        sessions::table.filter(of_site).select((columns_of::<SessionRow>(), sessions::exchanged_at)).first_row(tx).optional()?;
    Ok(match row {
        Some((row, _)) if used == 1 => Exchange::Done(Box::new(row.try_into()?)),
        Some((_, Some(_))) => Exchange::Again,
        Some((_, None)) | None => Exchange::Unknown,
    })
}

/// What a session's verification proved.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The number.
    pub phone: PhoneNumber,
    /// How it was proven.
    pub method: VerificationMethod,
    /// When it was proven.
    pub at: OffsetDateTime,
    /// The hash of the disclosure that the person agreed to.
    pub disclosure_hash: String,
}

/// Returns what a session's first successful verification proved.
pub fn proven(tx: &mut Tx<'_>, id: i64) -> Result<Option<Proven>, StoreError> {
    type Row = (Option<String>, Option<String>, Option<PrimitiveDateTime>, String);
    let verified = verifications::session_id.eq(id).and(verifications::state.eq(VerificationState::Verified.as_str()));
    let row: Option<Row> = verifications::table
        .filter(verified)
        .order((verifications::verified_at, verifications::id))
        .select((verifications::phone, verifications::method, verifications::verified_at, verifications::disclosure_hash))
        .first_row(tx)
        .optional()?;
    let Some((Some(phone), Some(method), Some(at), disclosure_hash)) = row else { return Ok(None) };
    let corrupt = || StoreError::Corrupt(format!("sessions {id}: its verification has no number"));
    Ok(Some(Proven {
        phone: PhoneNumber::from_stored(&phone).ok_or_else(corrupt)?,
        method: word(VerificationMethod::from_word(&method), "verifications.method", &method)?,
        at: from_db_time(at),
        disclosure_hash,
    }))
}

/// Deletes sessions that were due before `now`, at most `most` of them. Returns how many.
pub fn forget_due(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let due: Vec<i64> = sessions::table
        .filter(sessions::forget_at.lt(db_time(now)))
        .order(sessions::forget_at)
        .limit(most)
        .select(sessions::id)
        .rows(tx)?;
    for id in &due {
        diesel::delete(sessions::table.find(*id)).run(tx)?;
    }
    Ok(due.len())
}

/// Keeps a public key, unless it's known already.
pub fn keep_signing_key(tx: &mut Tx<'_>, id: &str, jwk: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    diesel::insert_into(signing_keys::table)
        .values((signing_keys::id.eq(id), signing_keys::jwk.eq(jwk), signing_keys::created_at.eq(db_time(now))))
        .on_conflict_do_nothing()
        .run(tx)?;
    Ok(())
}

/// Returns the public keys, the newest first.
pub fn signing_keys(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    Ok(signing_keys::table.order((signing_keys::created_at.desc(), signing_keys::id)).select(signing_keys::jwk).rows(tx)?)
}
