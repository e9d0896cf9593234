//! Which secret key the data belongs to. The database stores a check value of its key, so that a lost or wrong key is noticed
//! before it does damage. With another key, codes, cookies and queued texts would stop working, and nobody would be told why.

use crate::flow::FlowError;
use crate::keys::Keys;
use crate::optin::message::DropReason;
use crate::secret::Secret;
use crate::store::{Lane, Store, codes, installation, outbox};

/// Whether a secret key is the one that the data was created with.
#[derive(Debug)]
pub enum KeyFit {
    /// It is the right one, or there is no data yet.
    Fits(Keys),
    /// There is neither a key nor any data: create a key.
    Fresh,
    /// There is data but no key.
    Lost,
    /// The data was created with another key.
    Other(Keys),
}

/// Compares the key with the data. A database without a check value gets one.
pub async fn fit(store: &Store, secret: Option<&Secret<Vec<u8>>>) -> Result<KeyFit, FlowError> {
    let (kept, has_data) = store.read(|tx| Ok((installation::key_check(tx)?, installation::has_data(tx)?))).await?;
    let Some(secret) = secret else { return Ok(if kept.is_none() && !has_data { KeyFit::Fresh } else { KeyFit::Lost }) };
    let keys = Keys::derive(secret.reveal());
    let own = keys.check_value();
    match kept {
        Some(kept) if kept == own => Ok(KeyFit::Fits(keys)),
        // Without any data, a different key does no harm.
        Some(_) if has_data => Ok(KeyFit::Other(keys)),
        Some(_) | None => {
            store.write(Lane::Pages, move |tx| installation::keep_key_check(tx, &own)).await?;
            Ok(KeyFit::Fits(keys))
        }
    }
}

/// Accepts another key for the data, and ends whatever only the old key could have continued: the codes, and queued texts that
/// contain one. Returns how many of those texts were dropped.
pub async fn replace(store: &Store, keys: &Keys) -> Result<usize, FlowError> {
    let own = keys.check_value();
    let job = store.write(Lane::Pages, move |tx| {
        installation::keep_key_check(tx, &own)?;
        codes::delete_all(tx)?;
        outbox::drop_sealed(tx, DropReason::KeyChanged)
    });
    Ok(job.await?)
}
