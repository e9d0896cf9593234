//! What the settings of every provider's account have in common: secrets, and where the provider is.

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
