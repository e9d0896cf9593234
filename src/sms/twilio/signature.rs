//! Twilio's signature of its webhooks (`X-Twilio-Signature`).
//!
//! Twilio may sign a URL with or without its port, no matter which of the two it was given.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Account;
use crate::sms::account::keyed;
use crate::sms::params::{Params, of_query, value};

/// The header that carries a webhook's signature.
pub const SIGNATURE_HEADER: &str = "X-Twilio-Signature";

/// The header that says which shared key made the signature, and how. It's absent if the auth token signed.
pub const SETTINGS_HEADER: &str = "X-Twilio-Webhooks-Signature-Settings";

/// Why a webhook isn't trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The signature is missing or doesn't match.
    #[error("the webhook's signature is missing or wrong")]
    Wrong,
    /// It was signed with a shared key, and we have none.
    #[error("the webhook is signed with a shared key")]
    NoSharedKey,
    /// It was signed with an unknown algorithm.
    #[error("the webhook is signed in an unknown way")]
    UnknownMethod,
}

/// A hash function used for signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureHash {
    /// HMAC-SHA-1, with the auth token.
    Sha1,
    /// HMAC-SHA-256, with a shared key.
    Sha256,
}

/// What a signature covers besides the URL.
#[derive(Debug, Clone, Copy)]
pub enum SignedBody<'a> {
    /// Nothing, for a GET.
    None,
    /// The fields of a form.
    Form(&'a Params),
    /// Raw bytes, whose hash is in the URL as `bodySHA256`.
    Json(&'a [u8]),
}

/// Computes a webhook's signature over its full URL and its form fields. A repeated field counts once for each distinct value.
#[must_use]
pub fn signature(hash: SignatureHash, key: &str, url: &str, pairs: &Params) -> String {
    let mut signed = url.to_owned();
    for (name, value) in pairs.iter().collect::<BTreeSet<_>>() {
        signed.extend([name.as_str(), value.as_str()]);
    }
    match hash {
        SignatureHash::Sha1 => BASE64_STANDARD.encode(keyed::<Hmac<Sha1>>(key, &signed)),
        SignatureHash::Sha256 => BASE64_STANDARD.encode(keyed::<Hmac<Sha256>>(key, &signed)),
    }
}

/// Checks that a webhook was signed for this account, the way Twilio's own libraries do. `url` is the URL that Twilio called,
/// including its query; `given` and `settings` are the headers [`SIGNATURE_HEADER`] and [`SETTINGS_HEADER`].
///
/// # Errors
/// If the webhook can't be trusted, with the reason.
pub fn verify(
    account: &Account,
    url: &str,
    body: SignedBody<'_>,
    given: Option<&str>,
    settings: Option<&str>,
) -> Result<(), SignatureError> {
    let settings = settings.map(str::trim).filter(|settings| !settings.is_empty());
    let hash = hash_of(settings.unwrap_or_default())?;
    let key = match settings {
        None => &account.auth_token,
        Some(_) => account.shared_key_secret.as_ref().ok_or(SignatureError::NoSharedKey)?,
    };
    let none = Params::new();
    let pairs = match body {
        SignedBody::Form(pairs) => pairs,
        SignedBody::None => &none,
        SignedBody::Json(bytes) if body_hash_fits(url, bytes) => &none,
        SignedBody::Json(_) => return Err(SignatureError::Wrong),
    };
    let given = given.ok_or(SignatureError::Wrong)?.as_bytes();
    let fits = |url: &String| bool::from(signature(hash, key, url, pairs).as_bytes().ct_eq(given));
    if port_variants(url).iter().any(fits) { Ok(()) } else { Err(SignatureError::Wrong) }
}

/// Returns the hash named in `key=..,algorithm=HMAC_SHA256`. If none is named, it's SHA-1, the original one.
fn hash_of(settings: &str) -> Result<SignatureHash, SignatureError> {
    let named = settings
        .split(',')
        .filter_map(|part| part.split_once('='))
        .find(|(name, value)| name.trim() == "algorithm" && !value.trim().is_empty());
    match named.map(|(_, value)| value.trim().to_ascii_uppercase()).as_deref() {
        None | Some("HMAC_SHA1") => Ok(SignatureHash::Sha1),
        Some("HMAC_SHA256") => Ok(SignatureHash::Sha256),
        Some(_) => Err(SignatureError::UnknownMethod),
    }
}

/// Whether the URL's `bodySHA256` is the hash of these bytes.
fn body_hash_fits(url: &str, bytes: &[u8]) -> bool {
    let query = url.split_once('?').map(|(_, query)| of_query(query)).unwrap_or_default();
    let hash = hex::encode(Sha256::digest(bytes));
    value(&query, "bodySHA256").is_some_and(|named| named.to_ascii_lowercase().as_bytes().ct_eq(hash.as_bytes()).into())
}

/// Returns the URL as it is, without a port, and with the standard port.
fn port_variants(url: &str) -> Vec<String> {
    let mut variants = vec![url.to_owned()];
    if let Some((scheme, rest)) = url.split_once("://") {
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
        let host = authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host);
        let standard = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        variants.push(format!("{scheme}://{host}{path}"));
        variants.push(format!("{scheme}://{host}:{standard}{path}"));
    }
    variants
}

#[cfg(test)]
mod tests;
