//! The owner's sites that learn whose number was verified (`sites.NAME.*`).

use sha2::{Digest as _, Sha256};
use url::Url;

use crate::optin::code::hashes_match;
use crate::secret::Secret;
use crate::settings::{Reader, is_this_machine};

/// The fewest characters that an API key may have.
const SHORTEST_KEY: usize = 32;
/// The longest name that a site may have.
const LONGEST_NAME: usize = 32;

/// One of the owner's sites.
#[derive(Debug, Clone)]
pub struct LinkedSite {
    /// NAME
    pub name: String,
    /// `sites.NAME.return_urls`: where people may be sent back to. There's at least one.
    pub return_urls: Vec<Url>,
    /// `sites.NAME.allowed`: whether it may make sessions and exchange codes.
    pub may_use_sessions: bool,
    /// The hash of `sites.NAME.api_key`.
    api_key: Secret<String>,
}

impl LinkedSite {
    /// Returns whether people may be sent to a URL: it has the scheme, host, port and path of one of `return_urls`. Its query may
    /// differ.
    #[must_use]
    pub fn leads_to(&self, url: &Url) -> bool {
        let place = |url: &Url| (url.origin(), url.path().to_owned());
        is_bare(url) && self.return_urls.iter().any(|known| place(known) == place(url))
    }
}

/// Returns the site whose API key this is. How long it takes reveals nothing about the keys.
#[must_use]
pub fn site_of_key<'s>(sites: &'s [LinkedSite], key: &str) -> Option<&'s LinkedSite> {
    let given = hash(key);
    sites.iter().fold(None, |found, site| if hashes_match(site.api_key.reveal(), &given) { Some(site) } else { found })
}

fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

/// The parameters that are added to the URLs that people are sent back to.
const OURS: [&str; 2] = ["assent", "session"];

/// Returns whether a URL has neither a user nor a fragment, and leaves room for our own parameters.
fn is_bare(url: &Url) -> bool {
    let has_ours = url.query_pairs().any(|(name, _)| OURS.contains(&name.as_ref()));
    url.username().is_empty() && url.password().is_none() && url.fragment().is_none() && !has_ours
}

/// Returns whether a site can have this name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

pub(super) fn read(reader: &mut Reader) -> Vec<LinkedSite> {
    let mut sites: Vec<LinkedSite> = Vec::new();
    for name in reader.tables_in("sites") {
        let key = |part: &str| format!("sites.{name}.{part}");
        // Each setting is read, so that every problem is found at once.
        let return_urls = read_return_urls(reader, &key("return_urls"));
        let api_key = read_api_key(reader, &key("api_key"));
        let may_use_sessions = read_allowed(reader, &key("allowed"));
        if !is_name(&name) {
            let why = "a site's name has up to 32 lowercase letters, digits, `_` and `-`: write [default.sites.shop]";
            reader.problem(&format!("sites.{name}"), why);
        }
        let (Some(return_urls), Some(api_key)) = (return_urls, api_key) else { continue };
        if let Some(other) = sites.iter().find(|other| other.api_key.reveal() == &api_key) {
            let why = format!("is also the key of `{}`: run `assent site-keys {name}` for one of its own", other.name);
            reader.problem(&key("api_key"), why);
        }
        sites.push(LinkedSite { name, return_urls, may_use_sessions, api_key: Secret::new(api_key) });
    }
    sites
}

fn read_return_urls(reader: &mut Reader, key: &str) -> Option<Vec<Url>> {
    let texts = reader.strings(key);
    if texts.as_ref().is_none_or(Vec::is_empty) {
        if !reader.has_finding(key) {
            reader.problem(key, "is missing: list the URLs of your site that people are sent back to");
        }
        return None;
    }
    let mut urls = Vec::new();
    for text in texts.unwrap_or_default() {
        match Url::parse(&text).ok().filter(|url| is_bare(url) && is_safe(url)) {
            Some(url) => urls.push(url),
            None => reader.problem(
                key,
                format!(
                    "`{text}` can't be returned to: write an https URL (http only for this machine) without a user, a fragment, a `*` \
                     in the host, or the parameters `assent` and `session`"
                ),
            ),
        }
    }
    (!urls.is_empty()).then_some(urls)
}

/// Returns whether a URL's parameters stay secret on the way: it's https, or on this machine.
fn is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host_str().is_some_and(|host| !host.contains('*')),
        "http" => is_this_machine(url.host().as_ref()),
        _ => false,
    }
}

fn read_api_key(reader: &mut Reader, key: &str) -> Option<String> {
    let Some(text) = reader.secret(key) else {
        if !reader.has_finding(key) && !reader.has_finding(&format!("{key}_file")) {
            reader.problem(key, "is missing: `assent site-keys NAME` makes one");
        }
        return None;
    };
    if text.reveal().chars().count() < SHORTEST_KEY || !text.reveal().bytes().all(|b| b.is_ascii_graphic()) {
        let why = format!("must have at least {SHORTEST_KEY} characters, without spaces: `assent site-keys NAME` makes one");
        reader.problem(key, why);
        return None;
    }
    Some(hash(text.reveal()))
}

fn read_allowed(reader: &mut Reader, key: &str) -> bool {
    let Some(allowed) = reader.strings(key) else { return true };
    if let Some(unknown) = allowed.iter().find(|word| *word != "sessions") {
        reader.problem(key, format!("can list \"sessions\", not `{unknown}`"));
    }
    allowed.iter().any(|word| word == "sessions")
}
