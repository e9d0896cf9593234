//! The one binary of all integration tests.

mod support;

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
