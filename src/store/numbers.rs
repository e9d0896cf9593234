//! What is known about a number, in one lookup.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber::Standing;
use crate::store::consents::is_opt_in;
use crate::store::schema::{consents, number_failures, subscribers};
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, word};

/// What is known about a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberFacts {
    /// Its standing, if it has one.
    pub standing: Option<Standing>,
    /// Failed attempts in a row.
    pub failures: u32,
    /// Whether the ledger has an opt-in for it.
    pub opted_in_before: bool,
}

impl NumberFacts {
    pub(super) fn new(standing: Option<String>, failures: Option<i32>, opted_in_before: bool) -> Result<Self, StoreError> {
        let standing = standing.map(|text| word(Standing::from_word(&text), "subscribers.standing", &text)).transpose()?;
        Ok(Self { standing, failures: failures.map_or(0, |n| u32::try_from(n).unwrap_or(0)), opted_in_before })
    }
}

/// Looks up a number.
pub fn find(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<NumberFacts, StoreError> {
    let standing = subscribers::table.filter(subscribers::phone.eq(phone.as_str())).select(subscribers::standing).single_value();
    let failed = number_failures::table.find(phone.as_str()).select(number_failures::failures).single_value();
    let opt_in = exists(consents::table.filter(consents::phone.eq(phone.as_str()).and(is_opt_in())));
    let (standing, failed, opted_in): (Option<String>, Option<i32>, bool) = diesel::select((standing, failed, opt_in)).row(tx)?;
    NumberFacts::new(standing, failed, opted_in)
}
