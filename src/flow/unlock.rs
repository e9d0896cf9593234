//! The owner opens the typed way for a number again.

use crate::flow::FlowError;
use crate::optin::phone::PhoneNumber;
use crate::store::{Lane, Store, failures};

/// Sets the number's count of failures back to 0; says whether it had any.
///
/// # Errors
/// When the store fails.
pub async fn unlock(store: &Store, phone: PhoneNumber) -> Result<bool, FlowError> {
    Ok(store.write(Lane::Pages, move |tx| failures::reset(tx, &phone)).await?)
}
