//! What every provider's account has in common: secrets, what is signed with them, and where the provider is.

use hmac::{KeyInit, Mac};
use url::Url;

use crate::settings::{Reader, is_this_machine};

/// Reads a secret as the provider shows it.
pub(super) fn read_secret(reader: &mut Reader, key: &str) -> Option<String> {
    let secret = reader.secret(key)?.reveal().trim().to_owned();
    if secret.is_empty() || secret == "..." || secret.contains(char::is_whitespace) {
        reader.problem(key, "is empty, a placeholder or holds spaces: write it as the provider shows it, or remove it");
        return None;
    }
    Some(secret)
}

/// Reads the URL of the provider, without a trailing slash.
pub(super) fn read_base_url(reader: &mut Reader, key: &str) -> Option<String> {
    let text = reader.string(key)?;
    let fits = Url::parse(&text).is_ok_and(|url| {
        let plain = url.scheme() == "http" && is_local(&text);
        url.host_str().is_some() && (url.scheme() == "https" || plain) && url.query().is_none() && url.fragment().is_none()
    });
    if fits {
        return Some(text.trim_end_matches('/').to_owned());
    }
    reader.problem(key, format!("`{text}` must be an https:// URL, or an http:// URL of this machine for tests"));
    None
}

/// Whether a URL is on this machine.
pub(super) fn is_local(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_this_machine(url.host().as_ref()))
}

/// Returns the keyed hash of a text.
pub(super) fn keyed<M: Mac + KeyInit>(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Returns a secret of the same length that nobody uses.
pub(super) fn dummy(secret: &str) -> String {
    "x".repeat(secret.len())
}
