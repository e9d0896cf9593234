//! The one binary of all integration tests.

mod support;

#[path = "../crash/mod.rs"]
mod crash;

mod caps;
mod disclosures;
mod journey;
mod pages;
mod privacy;
mod security;
mod simulator;
mod store;
mod tidy;
mod verifying;
