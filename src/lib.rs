//! Assent.
pub mod clock;
pub mod config;
pub mod keys;
pub mod optin;
pub mod store;
