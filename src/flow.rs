//! The use cases: for each event, what is loaded, decided, recorded and then sent, in that order.
//!
//! Owns order and transactions. Must not know Rocket, Diesel, HTML or a provider's wire format. Anything that a person can cause
//! is an outcome: an enum that the caller matches exhaustively. Errors are only for what the owner has to fix.

pub mod admission;
pub mod confirm;
pub mod deliver;
pub mod heartbeat;
pub mod long_texts;
pub mod mails;
pub mod notify;
pub mod opt_out;
pub mod receipt;
pub mod receive;
pub mod resend;
pub mod secret_key;
pub mod send_test;
pub mod sessions;
pub mod start;
pub mod status;
pub mod sweep;
pub mod texts;
pub mod unlock;

mod no_more_texts;
mod outgoing;
mod page_codes;
mod proof;
mod texted_codes;

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::render::RenderError;
use crate::store::{Lane, Store, StoreError, Tx};

/// Why a use case failed. It's always something for the owner to fix.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A template or a message didn't render.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// Returns a text from outside in a form that every database keeps: Postgres takes no NUL.
#[must_use]
pub fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// The longest pause between two attempts to record an outcome.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Records something that has already happened. Nothing can undo it, so a database that refuses for a while is retried until it
/// accepts the job. The job takes priority over pages.
///
/// # Errors
/// If the job itself fails, or the store is closing.
async fn record<T, F>(store: &Store, job: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Clone + Send + 'static,
{
    let mut pause = Duration::from_millis(50);
    loop {
        match store.write(Lane::Outcomes, job.clone()).await {
            Err(error) if error.may_pass() => {
                tracing::warn!(error = error.to_string(), "an outcome could not be recorded; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            done => return done,
        }
    }
}

/// A browser's token, as stored in the private cookie. `Debug` doesn't reveal it.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserToken(String);

impl BrowserToken {
    /// Creates a token from 128 random or derived bits.
    #[must_use]
    pub fn new(bits: [u8; 16]) -> Self {
        Self(hex::encode(bits))
    }

    /// Reads a token back from a cookie; `None` if it isn't one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// Returns the token as it is stored in the cookie.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for BrowserToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BrowserToken(***)")
    }
}

/// A browser as the database knows it: the hash of its token. `Debug` doesn't reveal it.
#[derive(Clone, PartialEq, Eq)]
pub struct Browser(String);

impl Browser {
    /// Hashes a token of 128 random bits; the token itself stays in the cookie.
    #[must_use]
    pub fn from_token(token: &BrowserToken) -> Self {
        Self(hex::encode(Sha256::digest(token.as_str().as_bytes())))
    }

    /// Returns the hash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Browser(***)")
    }
}
