//! The verbs: for each thing that happens, what is loaded, decided, recorded and then sent, in this order.
//!
//! Owns order and transactions. Must not know Rocket, Diesel, HTML or a provider's wire. The surprise: whatever a person
//! may cause is an outcome, an enum that the caller matches whole; an error is what the owner must fix.

pub mod admission;
pub mod confirm;
pub mod deliver;
pub mod heartbeat;
pub mod notify;
pub mod opt_out;
pub mod parts;
pub mod receipt;
pub mod receive;
pub mod resend;
pub mod secret_key;
pub mod send_test;
pub mod start;
pub mod status;
pub mod sweep;
pub mod texts;
pub mod unlock;

mod outgoing;
mod page_codes;
mod settle;
mod standing;
mod texted_codes;

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::render::RenderError;
use crate::store::{Lane, Store, StoreError, Tx};

/// Why a use case failed: something for the owner.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Templates or words.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// The longest pause between two attempts to record something.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Records what has happened already: a database that refuses for a while is asked again until it takes it, since
/// nothing can undo the fact. The job goes ahead of pages.
///
/// # Errors
/// When the job itself fails, or the store is closing.
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

/// A browser's token as it goes into the private cookie. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserToken(String);

impl BrowserToken {
    /// A token of 128 random or derived bits.
    #[must_use]
    pub fn new(bits: [u8; 16]) -> Self {
        Self(hex::encode(bits))
    }

    /// Reads one back from a cookie; `None` if it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// The cookie's value.
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

/// A browser, as the database knows it: the hash of its token. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Browser(String);

impl Browser {
    /// Hashes a token of 128 random bits; the token itself stays in the cookie.
    #[must_use]
    pub fn from_token(token: &BrowserToken) -> Self {
        Self(hex::encode(Sha256::digest(token.as_str().as_bytes())))
    }

    /// The hash.
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
