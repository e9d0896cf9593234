//! Vonage's signatures over names and values, on requests that we send and webhooks that we receive.
//!
//! Owns the five methods and the age limit for webhooks. Must see every pair received, before anything is parsed or dropped.
//! The default `md5hash` isn't an HMAC but the MD5 of text and secret, and nothing in a webhook says which method signed it.

use hmac::Hmac;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use time::{Duration, OffsetDateTime};

use crate::optin::stored_words;
use crate::sms::account::keyed;
use crate::sms::params::{Params, value};

/// How far ahead of our clock a webhook's time may be.
const AHEAD: Duration = Duration::minutes(5);

/// How the account signs, as set in its dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureMethod {
    /// Plain MD5 of the text followed by the secret.
    Md5Hash,
    /// HMAC-MD5.
    Md5,
    /// HMAC-SHA-1.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

stored_words!(SignatureMethod { Md5Hash => "md5hash", Md5 => "md5", Sha1 => "sha1", Sha256 => "sha256", Sha512 => "sha512" });

/// Why a webhook isn't trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It has no signature.
    #[error("the webhook is not signed")]
    Missing,
    /// The signature doesn't match, or the time can't be read.
    #[error("the webhook's signature is wrong")]
    Wrong,
    /// It's older than we accept.
    #[error("the webhook is too old")]
    Stale,
    /// Its time is in the future.
    #[error("the webhook's time is ahead of ours")]
    Future,
}

/// Returns the signature of these pairs in lowercase hex, leaving out `sig` itself.
#[must_use]
pub fn sign(method: SignatureMethod, secret: &str, pairs: &Params) -> String {
    hex::encode(digest(method, secret, pairs, true))
}

/// Checks that a webhook was signed for this account and is recent enough.
///
/// # Errors
/// If the webhook must be rejected. The signature is checked first, so a forged webhook is `Wrong` whatever its time.
pub fn verify(
    method: SignatureMethod,
    secret: &str,
    pairs: &Params,
    now: OffsetDateTime,
    window: Duration,
) -> Result<(), SignatureError> {
    let mut given = pairs.iter().filter(|(name, _)| name == "sig").map(|(_, value)| value);
    let sig = given.next().ok_or(SignatureError::Missing)?;
    if given.next().is_some() {
        return Err(SignatureError::Wrong);
    }
    let sig = hex::decode(sig).map_err(|_| SignatureError::Wrong)?;
    let matches = |blanks| bool::from(digest(method, secret, pairs, blanks).ct_eq(&sig));
    // Vonage doesn't document whether blank values are signed: most of its SDKs sign them, but the Java one doesn't.
    let authentic = matches(true) || pairs.iter().any(|(_, value)| is_blank(value)) && matches(false);
    if !authentic {
        return Err(SignatureError::Wrong);
    }
    let seconds = value(pairs, "timestamp").and_then(|seconds| seconds.parse().ok()).ok_or(SignatureError::Wrong)?;
    let signed_at = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| SignatureError::Wrong)?;
    match now - signed_at {
        age if age > window => Err(SignatureError::Stale),
        age if age < -AHEAD => Err(SignatureError::Future),
        _ => Ok(()),
    }
}

fn is_blank(value: &str) -> bool {
    value.trim().is_empty()
}

fn digest(method: SignatureMethod, secret: &str, pairs: &Params, blanks: bool) -> Vec<u8> {
    let text = canonical(pairs, blanks);
    match method {
        SignatureMethod::Md5Hash => Md5::digest(text + secret).to_vec(),
        SignatureMethod::Md5 => keyed::<Hmac<Md5>>(secret, &text),
        SignatureMethod::Sha1 => keyed::<Hmac<Sha1>>(secret, &text),
        SignatureMethod::Sha256 => keyed::<Hmac<Sha256>>(secret, &text),
        SignatureMethod::Sha512 => keyed::<Hmac<Sha512>>(secret, &text),
    }
}

/// Joins all pairs as `&name=value`, sorted by the bytes of the names. `&` and `=` are replaced in names as well as in values,
/// as in the Java and .NET SDKs: no real name contains them, and a forged one could otherwise swallow its neighbors and still
/// match the signature.
fn canonical(pairs: &Params, blanks: bool) -> String {
    let mut signed: Vec<_> = pairs.iter().filter(|(name, value)| name != "sig" && (blanks || !is_blank(value))).collect();
    signed.sort_by_key(|(name, _)| name);
    let flat = |text: &str| text.replace(['&', '='], "_");
    let mut text = String::new();
    for (name, value) in signed {
        text.extend(["&", &flat(name), "=", &flat(value)]);
    }
    text
}

#[cfg(test)]
mod tests;
