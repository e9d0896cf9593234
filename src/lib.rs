//! Assent: people opt in to texts from a US short code and show that the number is theirs.
//!
//! The modules in reading order, from the bottom layer to the top. No layer knows the ones above it:
//!
//! 1. [`optin`] decides what is right,
//! 2. [`store`], [`sms`], [`email`] and [`render`] each do one thing to the outside world,
//! 3. [`flow`] decides the order of things,
//! 4. [`web`] and [`cli`] translate,
//! 5. [`config`], [`clock`], [`keys`] and [`app`] wire it all together.

pub mod optin;
pub mod store;
pub mod sms;
pub mod email;
pub mod render;
pub mod flow;
pub mod web;
pub mod cli;
pub mod config;
pub mod clock;
pub mod keys;
pub mod app;
