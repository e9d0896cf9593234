//! Assent: people opt in to texts from a US short code and prove that the number is theirs.
//!
//! These are the modules in reading order, from the bottom layer to the top. No layer knows about the ones above it:
//!
//! 1. [`optin`] holds the rules,
//! 2. [`store`], [`sms`], [`email`] and [`render`] each talk to one part of the outside world,
//! 3. [`flow`] decides what happens in which order,
//! 4. [`web`] and [`cli`] translate requests and commands,
//! 5. [`config`], [`keys`] and [`app`] wire it all together.
//!
//! [`causes`], [`clock`], [`finding`], [`pacer`], [`secret`], [`settings`] and [`statement`] are below them all.

pub mod optin;
pub mod store;
pub mod sms;
pub mod email;
pub mod render;
pub mod flow;
pub mod web;
pub mod cli;
pub mod config;
pub mod causes;
pub mod finding;
pub mod secret;
pub mod settings;
pub mod clock;
pub mod pacer;
pub mod statement;
pub mod keys;
pub mod app;
