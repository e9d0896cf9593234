//! The verbs: for each thing that happens, what is loaded, decided, recorded and then sent, in this order.
//!
//! Owns order and transactions. Must not know Rocket, Diesel, HTML or a provider's wire. The surprise: whatever a person
//! may cause is an outcome, an enum that the caller matches whole; an error is what the owner must fix.

pub mod confirm;
pub mod deliver;
pub mod notify;
pub mod opt_out;
pub mod parts;
pub mod receipt;
pub mod receive;
pub mod resend;
pub mod send_test;
pub mod start;
pub mod status;
pub mod sweep;
pub mod texts;
pub mod unlock;

mod issue;
mod settle;
mod standing;

use sha2::{Digest as _, Sha256};

use crate::render::RenderError;
use crate::store::StoreError;

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

/// A browser, as the database knows it: the hash of its token. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Browser(String);

impl Browser {
    /// Hashes a token of 128 random bits; the token itself stays in the cookie.
    #[must_use]
    pub fn from_token(token: &str) -> Self {
        Self(hex::encode(Sha256::digest(token.as_bytes())))
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
