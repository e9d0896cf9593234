//! What a browser's pages may show. All of it follows from what this browser asked for, and none of it from the number.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::flow::admission::{Charged, Origin, Pause};
use crate::flow::sessions::Session;
use crate::flow::{Browser, FlowError, page_codes};
use crate::optin::code::Code;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{self, DONE_SHOWN, Resend, VerificationMethod, VerificationState, state_at};
use crate::store::{sessions, verifications};

/// After this long, every page says what to do about a text that hasn't arrived.
pub const OVERDUE: Duration = Duration::minutes(2);

/// The status of a browser's newest verification.
#[derive(Debug, Clone)]
pub enum BrowserStatus {
    /// There is none, or it no longer matters.
    Nothing,
    /// A code is expected.
    Pending(PendingStatus),
    /// The number was proven within the last half hour.
    Verified {
        /// The number.
        phone: PhoneNumber,
        /// The language of the opt-in.
        locale: String,
        /// When it was proven.
        at: OffsetDateTime,
        /// The hash of the page that the person agreed to.
        disclosure: String,
        /// The session of a site that it was for.
        session: Option<Session>,
    },
    /// It expired or was locked.
    Ended {
        /// Whether it was locked; otherwise it expired.
        locked: bool,
        /// The number.
        phone: PhoneNumber,
        /// The language of the opt-in.
        locale: String,
        /// The session of a site that it was for.
        session: Option<Session>,
    },
}

/// What the code page shows.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, asked for by its name")]
pub struct PendingStatus {
    /// Identifies this verification on its page.
    pub reference: String,
    /// The number.
    pub phone: PhoneNumber,
    /// The session of a site that it is for.
    pub session: Option<Session>,
    /// How long until the newest code expires.
    pub expires_in: Duration,
    /// The language of the opt-in.
    pub locale: String,
    /// Whether a new code has already been requested.
    pub resent: bool,
    /// Whether a new code may be requested.
    pub resend: Resend,
    /// How long until the address or the browser may ask again, if it asked too often.
    pub shut_out_for: Option<Duration>,
    /// Whether the site has no texts left for this browser.
    pub paused: bool,
    /// Whether the provider is down, so that texts arrive late.
    pub delayed: bool,
    /// Whether START reaches us, so that the page may mention it.
    pub start_reaches_us: bool,
    /// Whether the page's own code lifts an opt-out. It doesn't lift one that the provider keeps.
    pub code_lifts: bool,
    /// How long until the last code should have arrived; zero once it should have.
    pub overdue_in: Duration,
    /// Whether codes are texted at all.
    pub texts: bool,
    /// The page's own code, if the reply way is offered. It stays on the page even when it no longer works.
    pub reply_code: Option<Code>,
}

/// Looks up a browser's newest verification. `origin` is where the browser is now; without it, caps are left out.
pub async fn status(app: &Arc<App>, browser: Browser, origin: Option<Origin>) -> Result<BrowserStatus, FlowError> {
    let now = app.clock.now();
    let wired = Arc::clone(app);
    let status = app.store.read(move |tx| {
        let config = &wired.config;
        let Some(current) = verifications::latest_of_browser(tx, browser.as_str())? else { return Ok(BrowserStatus::Nothing) };
        let (phone, locale) = (current.phone, current.evidence.locale);
        let session = current.session_id.map(|id| sessions::find(tx, id)).transpose()?.flatten();
        Ok(match state_at(current.state, current.expires_at, now) {
            VerificationState::Pending => {
                let (shut_out, pause) = match &origin {
                    Some(origin) => {
                        let charged = Charged::load(tx, browser.as_str(), origin)?;
                        (charged.shut_out_until(config, now), charged.pause(config, now))
                    }
                    None => (None, Pause::None),
                };
                let reply_code = config
                    .offers(VerificationMethod::ReplyCode)
                    .then(|| page_codes::reply_code(&wired, &current.reference, current.reply.current));
                BrowserStatus::Pending(PendingStatus {
                    reference: current.reference,
                    phone,
                    session,
                    expires_in: current.expires_at - now,
                    locale,
                    resent: current.resends > 0,
                    resend: verification::resend(current.resends, current.last_request_at, now, &config.verification),
                    shut_out_for: shut_out.map(|until| until - now),
                    paused: config.offers(VerificationMethod::WebCode) && pause != Pause::None,
                    delayed: wired.breaker().is_open(),
                    start_reaches_us: config.sms.inbound_forwarded && !config.sms.has_own_words(),
                    code_lifts: !config.sms.provider_answers_keywords,
                    overdue_in: (current.last_request_at + OVERDUE - now).max(Duration::ZERO),
                    texts: config.offers(VerificationMethod::WebCode),
                    reply_code,
                })
            }
            VerificationState::Verified => match current.verified_at {
                Some(at) if now - at < DONE_SHOWN => {
                    BrowserStatus::Verified { phone, locale, at, disclosure: current.evidence.disclosure_hash, session }
                }
                Some(_) | None => BrowserStatus::Nothing,
            },
            VerificationState::Expired => BrowserStatus::Ended { locked: false, phone, locale, session },
            VerificationState::Locked => BrowserStatus::Ended { locked: true, phone, locale, session },
            VerificationState::Superseded => BrowserStatus::Nothing,
        })
    });
    Ok(status.await?)
}
