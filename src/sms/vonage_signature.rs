//! Vonage's signature over names and values: of requests that we send, and of webhooks that come in.
//!
//! Owns the five methods and the age of a webhook. Must see every pair that came, before anything is typed or dropped. The
//! surprise: the default `md5hash` is no HMAC but the MD5 of text and secret, and nothing in a webhook says which method
//! made its signature.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use time::{Duration, OffsetDateTime};

use super::pairs::{Pairs, value};
use crate::optin::stored_words;

/// How far ahead of ours a webhook's clock may be.
const AHEAD: Duration = Duration::minutes(5);

/// How the account signs, as set in its dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureMethod {
    /// Plain MD5 with the secret behind the text.
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

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It has no signature.
    #[error("the webhook is not signed")]
    Missing,
    /// The signature is another one, or there is no readable time.
    #[error("the webhook's signature is wrong")]
    Wrong,
    /// It is older than we take.
    #[error("the webhook is too old")]
    Stale,
    /// It is from the future.
    #[error("the webhook's time is ahead of ours")]
    Future,
}

/// The signature of these pairs in lower-case hex, leaving out `sig` itself.
#[must_use]
pub fn sign(method: SignatureMethod, secret: &str, pairs: &Pairs) -> String {
    hex::encode(digest(method, secret, pairs, true))
}

/// Whether a webhook is the account's own, and of its time.
///
/// # Errors
/// It is not. A forged webhook is `Wrong` whatever its time: the signature comes first.
pub fn verify(
    method: SignatureMethod,
    secret: &str,
    pairs: &Pairs,
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
    // Whether blank values are signed is not documented: most of the vendor's SDKs sign them, the Java one does not.
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

fn digest(method: SignatureMethod, secret: &str, pairs: &Pairs, blanks: bool) -> Vec<u8> {
    let text = canonical(pairs, blanks);
    match method {
        SignatureMethod::Md5Hash => Md5::digest(text + secret).to_vec(),
        SignatureMethod::Md5 => keyed::<Hmac<Md5>>(secret, &text),
        SignatureMethod::Sha1 => keyed::<Hmac<Sha1>>(secret, &text),
        SignatureMethod::Sha256 => keyed::<Hmac<Sha256>>(secret, &text),
        SignatureMethod::Sha512 => keyed::<Hmac<Sha512>>(secret, &text),
    }
}

/// `&name=value` of every pair, sorted by the names' bytes. Names are flattened like values, as in the Java and .NET SDKs:
/// no true name has `&` or `=`, and a forged one could otherwise swallow its neighbours and keep the signature.
fn canonical(pairs: &Pairs, blanks: bool) -> String {
    let mut signed: Vec<_> = pairs.iter().filter(|(name, value)| name != "sig" && (blanks || !is_blank(value))).collect();
    signed.sort_by_key(|(name, _)| name);
    let flat = |text: &str| text.replace(['&', '='], "_");
    let mut text = String::new();
    for (name, value) in signed {
        text.extend(["&", &flat(name), "=", &flat(value)]);
    }
    text
}

fn keyed<M: Mac + KeyInit>(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests;
