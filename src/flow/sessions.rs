//! An owner's site learns whose number was verified: it makes a session or links to us, the person verifies a number here and
//! goes back, and the site asks for the result.
//!
//! Every step on behalf of a site sees that site's own sessions and no others.

use std::sync::Arc;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use url::Url;

use crate::app::App;
use crate::clock::random_bytes;
use crate::config::LinkedSite;
use crate::flow::{Browser, FlowError};
use crate::optin::phone::PhoneNumber;
use crate::optin::session::{CODE_LIFE, KEPT, LIFE, SessionState, SessionWay, state_at};
use crate::optin::subscriber::Standing;
use crate::optin::verification::{DONE_SHOWN, LONGEST_LIFE, VerificationMethod, VerificationState};
use crate::statement::Signer;
pub use crate::store::sessions::Session;
use crate::store::sessions::{Exchange, NewSession};
use crate::store::{Lane, StoreError, Tx, sessions, subscribers, verifications};

/// What a browser carries along from a site until it asks for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ticket {
    /// It followed the site's link.
    Link {
        /// The name of the site.
        site: String,
        /// The site's own name for the person.
        site_ref: String,
    },
    /// It was sent to a session that the site made.
    Hosted {
        /// The session's name.
        name: String,
    },
}

/// The session that a new verification belongs to.
pub(super) enum Attached {
    /// None.
    Nothing,
    /// A session that a site made, with this row id.
    Hosted(i64),
    /// One that begins with the verification.
    Link(Box<LinkedSite>, String),
    /// The session that the browser came for has ended.
    Over,
}

/// Finds the session that a browser's ticket stands for.
pub(super) fn attached(
    tx: &mut Tx<'_>,
    app: &App,
    ticket: Option<&Ticket>,
    phone: &PhoneNumber,
    now: OffsetDateTime,
) -> Result<Attached, StoreError> {
    match ticket {
        None => Ok(Attached::Nothing),
        Some(Ticket::Link { site, site_ref }) => {
            let site = app.config.site_named(site);
            Ok(site.map_or(Attached::Nothing, |site| Attached::Link(Box::new(site.clone()), site_ref.clone())))
        }
        Some(Ticket::Hosted { name }) => match named(tx, name)? {
            Some(session) if state_at(session.state, session.expires_at, now) == SessionState::Open => {
                // The site asked about another number.
                let is_other = session.phone.as_ref().is_some_and(|on_file| on_file != phone);
                Ok(if is_other { Attached::Nothing } else { Attached::Hosted(session.id) })
            }
            Some(_) | None => Ok(Attached::Over),
        },
    }
}

impl Attached {
    /// Returns whether a pending verification of the same browser and number is for this session too.
    pub(super) fn fits(&self, tx: &mut Tx<'_>, session_id: Option<i64>) -> Result<bool, StoreError> {
        match (self, session_id) {
            (Self::Nothing | Self::Over, _) => Ok(true),
            (Self::Hosted(_) | Self::Link(..), None) => Ok(false),
            (Self::Hosted(id), Some(known)) => Ok(*id == known),
            (Self::Link(site, site_ref), Some(known)) => {
                let known = sessions::find(tx, known)?;
                Ok(known.is_some_and(|known| known.site == site.name && known.site_ref == *site_ref))
            }
        }
    }

    /// Begins the session, or extends it to last as long as the verification that begins at `now`. Returns its row id.
    pub(super) fn begin(&self, tx: &mut Tx<'_>, now: OffsetDateTime) -> Result<Option<i64>, StoreError> {
        let until = now + LONGEST_LIFE;
        match self {
            Self::Nothing | Self::Over => Ok(None),
            Self::Hosted(id) => {
                sessions::extend(tx, *id, until, until + KEPT)?;
                Ok(Some(*id))
            }
            Self::Link(site, site_ref) => {
                let Some(return_url) = site.return_urls.first().map(Url::as_str) else { return Ok(None) };
                let new = NewSession {
                    name: &new_name(),
                    site: &site.name,
                    way: SessionWay::Link,
                    site_ref,
                    phone: None,
                    phone_shown: true,
                    locale: None,
                    return_url,
                    cancel_url: return_url,
                    idempotency: None,
                    created_at: now,
                    expires_at: until,
                    forget_at: until + KEPT,
                };
                Ok(Some(sessions::begin(tx, &new)?))
            }
        }
    }
}

/// Finds a session by a name from outside, which may be anything.
fn named(tx: &mut Tx<'_>, name: &str) -> Result<Option<Session>, StoreError> {
    // Postgres doesn't accept a NUL in text.
    if name.contains('\0') { Ok(None) } else { sessions::by_name(tx, name) }
}

fn new_name() -> String {
    format!("ses_{}", hex::encode(random_bytes::<16>()))
}

/// What a site asks of a new session.
#[derive(Debug, Clone)]
pub struct SessionRequest {
    /// The site's own name for the person.
    pub site_ref: String,
    /// The number on file.
    pub phone: Option<PhoneNumber>,
    /// Whether the pages may show all of it.
    pub phone_shown: bool,
    /// The language.
    pub locale: Option<String>,
    /// Where the person goes afterward.
    pub return_url: Url,
    /// Where the person goes after canceling.
    pub cancel_url: Url,
    /// What makes a repeated request the same one, and the digest of its body.
    pub idempotency: Option<(String, String)>,
}

/// Makes a session for a site, or returns the one that the same request made before. Returns `None` if another request had its
/// idempotency key.
pub async fn create(app: &Arc<App>, site: &LinkedSite, request: SessionRequest) -> Result<Option<Session>, FlowError> {
    let now = app.clock.now();
    let site = site.name.clone();
    let job = app.store.write(Lane::Pages, move |tx| {
        let idempotency = request.idempotency.as_ref().map(|(key, digest)| (key.as_str(), digest.as_str()));
        if let Some((key, digest)) = idempotency
            && let Some(known) = sessions::by_idempotency_key(tx, &site, key)?
        {
            let same = known.request_digest.as_deref() == Some(digest);
            return Ok(same.then_some(known));
        }
        let name = new_name();
        let new = NewSession {
            name: &name,
            site: &site,
            way: SessionWay::Hosted,
            site_ref: &request.site_ref,
            phone: request.phone.as_ref(),
            phone_shown: request.phone_shown,
            locale: request.locale.as_deref(),
            return_url: request.return_url.as_str(),
            cancel_url: request.cancel_url.as_str(),
            idempotency,
            created_at: now,
            expires_at: now + LIFE,
            forget_at: now + LIFE + KEPT,
        };
        sessions::begin(tx, &new)?;
        sessions::by_name(tx, &name)
    });
    Ok(job.await?)
}

/// Returns a session by its name, and its state now.
pub async fn find(app: &Arc<App>, name: String) -> Result<Option<(Session, SessionState)>, FlowError> {
    let now = app.clock.now();
    let session = app.store.read(move |tx| named(tx, &name)).await?;
    Ok(session.map(|session| {
        let state = state_at(session.state, session.expires_at, now);
        (session, state)
    }))
}

/// What a site learns of a session.
#[derive(Debug, Clone)]
pub struct Report {
    /// The session.
    pub session: Session,
    /// Its state now.
    pub state: SessionState,
    /// What was verified.
    pub result: Option<SessionResult>,
}

/// What was verified.
#[derive(Debug, Clone)]
pub struct SessionResult {
    /// The number.
    pub phone: PhoneNumber,
    /// How it was proven.
    pub method: VerificationMethod,
    /// When it was proven.
    pub verified_at: OffsetDateTime,
    /// The number's standing now; `None` if it has none.
    pub standing: Option<Standing>,
    /// The `seq` of the record of its opt-in.
    pub consent: Option<i64>,
    /// The hash of the disclosure that the person agreed to.
    pub disclosure: String,
    /// All of this, signed.
    pub statement: String,
}

/// Returns what a site may know of one of its sessions; `None` if it has no such session.
pub async fn report(app: &Arc<App>, site: &LinkedSite, name: String) -> Result<Option<Report>, FlowError> {
    let (now, site, wired) = (app.clock.now(), site.name.clone(), Arc::clone(app));
    let job = app.store.read(move |tx| {
        let session = named(tx, &name)?.filter(|session| session.site == site);
        session.map(|session| report_on(tx, &wired, session, now)).transpose()
    });
    Ok(job.await?)
}

/// Exchanges the code that a person took back to a site, once.
pub async fn exchange(app: &Arc<App>, site: &LinkedSite, code: &str) -> Result<Option<Report>, FlowError> {
    let (now, name, hash, wired) = (app.clock.now(), site.name.clone(), hash_of(code), Arc::clone(app));
    let job = app.store.write(Lane::Pages, move |tx| match sessions::exchange(tx, &name, &hash, now)? {
        Exchange::Done(session) => Ok((Some(report_on(tx, &wired, *session, now)?), false)),
        Exchange::Again => Ok((None, true)),
        Exchange::Unknown => Ok((None, false)),
    });
    let (report, again) = job.await?;
    if again {
        tracing::warn!(event = "code_replayed", site = site.name, "a code was exchanged a second time, and refused");
    }
    Ok(report)
}

fn hash_of(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}

fn report_on(tx: &mut Tx<'_>, app: &App, session: Session, now: OffsetDateTime) -> Result<Report, StoreError> {
    let state = state_at(session.state, session.expires_at, now);
    let proven = if state == SessionState::Verified { sessions::proven(tx, session.id)? } else { None };
    let (Some(proven), Some(signer)) = (proven, &app.signer) else { return Ok(Report { session, state, result: None }) };
    let subscriber = subscribers::find(tx, &proven.phone)?;
    let mut result = SessionResult {
        phone: proven.phone,
        method: proven.method,
        verified_at: proven.at,
        standing: subscriber.as_ref().map(|subscriber| subscriber.standing),
        consent: subscriber.and_then(|subscriber| subscriber.consent_seq),
        disclosure: proven.disclosure_hash,
        statement: String::new(),
    };
    result.statement = signed(app, signer, &session, &result, now);
    Ok(Report { session, state, result: Some(result) })
}

/// Returns the word for a number's standing.
#[must_use]
pub fn standing_word(standing: Option<Standing>) -> &'static str {
    standing.map_or("none", Standing::as_str)
}

fn signed(app: &App, signer: &Signer, session: &Session, result: &SessionResult, now: OffsetDateTime) -> String {
    signer.sign(&json!({
        "iss": app.config.site.base_url.origin().ascii_serialization(),
        "aud": session.site,
        "sub": session.site_ref,
        "phone_number": result.phone.as_str(),
        "amr": ["sms", result.method.as_str()],
        "verified_at": result.verified_at.unix_timestamp(),
        "standing": standing_word(result.standing),
        "consent": result.consent,
        "disclosure": result.disclosure,
        "jti": hex::encode(random_bytes::<16>()),
        "iat": now.unix_timestamp(),
    }))
}

/// Sends a browser whose number was verified back to its site. Returns the URL; `None` if it has nowhere to go.
pub async fn leave(app: &Arc<App>, browser: Browser) -> Result<Option<String>, FlowError> {
    let now = app.clock.now();
    let job = app.store.write(Lane::Pages, move |tx| {
        let latest = verifications::latest_of_browser(tx, browser.as_str())?;
        let verified = latest.filter(|v| v.state == VerificationState::Verified);
        let recent = verified.filter(|v| v.verified_at.is_some_and(|at| now - at < DONE_SHOWN));
        let Some(id) = recent.and_then(|verification| verification.session_id) else { return Ok(None) };
        let Some(session) = sessions::find(tx, id)?.filter(|session| session.state == SessionState::Verified) else {
            return Ok(None);
        };
        // The code shows that the person who comes back also verified the number. Somebody else may know the session's name.
        let code = hex::encode(random_bytes::<16>());
        sessions::give_code(tx, id, &hash_of(&code), now + CODE_LIFE)?;
        let mut parameters = vec![("assent", code.as_str())];
        if session.way == SessionWay::Hosted {
            parameters.push(("session", &session.name));
        }
        Ok(with_parameters(&session.return_url, &parameters))
    });
    Ok(job.await?)
}

/// Ends an open session because its person goes back without verifying. Returns the URL; `None` if there's no such session.
pub async fn cancel(app: &Arc<App>, name: String) -> Result<Option<String>, FlowError> {
    let job = app.store.write(Lane::Pages, move |tx| {
        let Some(session) = named(tx, &name)?.filter(|session| session.way == SessionWay::Hosted) else {
            return Ok(None);
        };
        if session.state == SessionState::Open {
            sessions::supersede_verifications(tx, session.id)?;
            sessions::end(tx, session.id, SessionState::Canceled)?;
        }
        let to = if session.state == SessionState::Verified { &session.return_url } else { &session.cancel_url };
        Ok(with_parameters(to, &[("session", &session.name)]))
    });
    Ok(job.await?)
}

fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.query_pairs_mut().extend_pairs(parameters);
    Some(url.into())
}

/// Stores the public key, so that statements can still be checked after the secret key changes.
pub async fn keep_signing_key(app: &Arc<App>) -> Result<(), FlowError> {
    let Some(signer) = app.signer.clone() else { return Ok(()) };
    let now = app.clock.now();
    Ok(app.store.write(Lane::Pages, move |tx| sessions::keep_signing_key(tx, signer.id(), signer.jwk(), now)).await?)
}

/// Returns the public keys of today's signer and of earlier ones, each as a JWK.
pub async fn signing_keys(app: &Arc<App>) -> Result<Vec<String>, FlowError> {
    let mut keys = app.store.read(sessions::signing_keys).await?;
    if let Some(signer) = app.signer.as_ref().filter(|signer| !keys.iter().any(|key| key == signer.jwk())) {
        keys.insert(0, signer.jwk().to_owned());
    }
    Ok(keys)
}
