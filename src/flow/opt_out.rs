//! An opt-out that reached the owner some other way: by e-mail, by phone, or in words that the program did not understand
//! (TCPA-5).

use time::OffsetDateTime;

use crate::flow::{FlowError, standing};
use crate::optin::consent::ConsentRecord;
use crate::optin::message::mask_codes;
use crate::optin::phone::PhoneNumber;
use crate::store::{Lane, Store};

/// An opt-out as the owner heard of it.
#[derive(Debug, Clone)]
pub struct OptOutRequest {
    /// Whose.
    pub phone: PhoneNumber,
    /// The person's own words.
    pub words: String,
    /// `email`, `phone` or `other`.
    pub channel: &'static str,
    /// The locale to keep for a number that nobody knew.
    pub locale: String,
    /// When it is recorded.
    pub at: OffsetDateTime,
}

/// Records an opt-out; says whether it is news. From its commit on nothing is sent to the number.
///
/// # Errors
/// When the store fails.
pub async fn opt_out(store: &Store, request: OptOutRequest) -> Result<bool, FlowError> {
    let OptOutRequest { phone, words, channel, locale, at } = request;
    let record = ConsentRecord::by_owner(phone.clone(), mask_codes(&words), channel, at);
    Ok(store.write(Lane::Urgent, move |tx| standing::opt_out(tx, &phone, &locale, &record)).await?)
}
