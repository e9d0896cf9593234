//! The owner reopens the typed way for a number.

use crate::flow::FlowError;
use crate::optin::phone::PhoneNumber;
use crate::store::{Lane, Store, failures, locks};

/// Resets the number's failure count to 0. Returns whether it had any failures.
pub async fn unlock(store: &Store, phone: PhoneNumber) -> Result<bool, FlowError> {
    let job = store.write(Lane::Pages, move |tx| {
        locks::take_number(tx, &phone)?;
        failures::reset(tx, &phone)
    });
    Ok(job.await?)
}
