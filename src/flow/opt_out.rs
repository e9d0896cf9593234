//! An opt-out that reached the owner some other way: by e-mail, by phone, or in words that the program didn't understand
//! (TCPA-5).

use time::OffsetDateTime;

use crate::flow::{FlowError, no_more_texts};
use crate::optin::consent::ConsentRecord;
use crate::optin::message::mask_codes;
use crate::optin::phone::PhoneNumber;
use crate::store::{Lane, Store, locks};

/// An opt-out as the owner reports it.
#[derive(Debug, Clone)]
pub struct OptOutRequest {
    /// The number to opt out.
    pub phone: PhoneNumber,
    /// The person's own words.
    pub words: String,
    /// `email`, `phone` or `other`.
    pub channel: &'static str,
    /// The locale to store for a number that wasn't known before.
    pub locale: String,
    /// When it is recorded.
    pub at: OffsetDateTime,
}

/// Records an opt-out. Returns whether it is new. Once it commits, nothing more is sent to the number.
pub async fn opt_out(store: &Store, request: OptOutRequest) -> Result<bool, FlowError> {
    let OptOutRequest { phone, words, channel, locale, at } = request;
    let record = ConsentRecord::by_owner(phone.clone(), mask_codes(&words), channel, at);
    let job = store.write(Lane::Urgent, move |tx| {
        locks::take_number(tx, &phone)?;
        no_more_texts::opt_out(tx, &phone, &locale, &record)
    });
    Ok(job.await?)
}
