//! The single binary for all integration tests.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    clippy::items_after_statements,
    reason = "a test says what it expects and stops where it is not so"
)]

mod support;

#[path = "../crash/mod.rs"]
mod crash;

mod caps;
mod carriers;
mod commands;
mod disclosures;
mod guard;
mod instances;
mod interleavings;
mod journey;
mod mail;
mod outbox;
mod owners;
mod pages;
mod preview;
mod privacy;
mod replies;
mod secret_key;
mod security;
mod serving;
mod sessions;
mod simulator;
mod snapshots;
mod statements;
mod static_files;
mod stopping;
mod store;
mod templates_doc;
mod tidy;
mod verifying;
mod webhooks;
