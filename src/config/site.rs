//! The public site (`site.*`): its origin, the proxies to trust about client addresses, and where people go next.

use std::net::IpAddr;

use ipnet::IpNet;
use url::Url;

use crate::finding::Finding;
use crate::settings::{Reader, is_this_machine};

/// The public site (`site.*`).
#[derive(Debug, Clone)]
pub struct Site {
    /// The public origin; codes are bound to its host.
    pub base_url: Url,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Where the link on `/done` leads.
    pub return_url: Option<Url>,
    /// What that link calls the place.
    pub return_name: Option<String>,
    /// Whether HSTS covers subdomains.
    pub hsts_subdomains: bool,
}

impl Site {
    /// Whether the site uses https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// Returns the host that codes are bound to.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base_url.host_str().unwrap_or("localhost")
    }

    /// Whether the site's host is this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_this_machine(self.base_url.host().as_ref())
    }
}

pub(super) fn read(reader: &mut Reader, port: u16, tls: bool) -> Site {
    let local = format!("http://localhost:{port}");
    let default = || Url::parse(&local).unwrap_or_else(|_| unreachable!("a constant URL"));
    let mut base_url = default();
    if let Some(text) = reader.string("site.base_url") {
        match origin(&text) {
            Ok(url) => base_url = url,
            Err(why) => {
                reader.problem("site.base_url", why);
                // So that problems that depend on a public host are reported too.
                base_url = public_origin(&text).unwrap_or(base_url);
            }
        }
    }
    let mut trusted_proxies = Vec::new();
    for text in reader.strings("site.trusted_proxies").unwrap_or_default() {
        match text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)) {
            Some(net) => trusted_proxies.push(net),
            None => reader.problem(
                "site.trusted_proxies",
                format!("`{text}` is neither an address nor a network: write 10.0.0.2 or 10.0.0.0/8"),
            ),
        }
    }
    let return_url = read_url(reader, "site.return_url");
    let return_name = reader.string("site.return_name").filter(|name| !name.trim().is_empty());
    if return_url.is_some() != return_name.is_some() {
        let (missing, sentence) = if return_url.is_some() {
            ("site.return_name", "is missing: name the place that site.return_url leads to")
        } else {
            ("site.return_url", "is missing: site.return_name needs a place to lead to")
        };
        reader.problem(missing, sentence);
    }
    let site = Site {
        base_url,
        trusted_proxies,
        return_url,
        return_name,
        hsts_subdomains: reader.boolean("site.hsts_subdomains").unwrap_or(false),
    };
    if !site.is_local() && site.trusted_proxies.is_empty() {
        reader.findings.push(Finding::warning(
            "PROXY",
            "site.trusted_proxies",
            "is empty, so browsers reach this server directly. It sets no time limits on slow or idle clients, which can use up \
             all its connections: put a proxy with time limits in front, and name it here (docs/operations.md)",
        ));
    }
    if site.is_https() && !tls && !reader.has_finding("site.base_url") && site.trusted_proxies.is_empty() {
        reader.problem(
            "site.base_url",
            "is https, but nothing here speaks TLS: set Rocket's `tls`, or name the proxy that does in site.trusted_proxies",
        );
    }
    site
}

/// Returns the https origin of the host that a wrong origin names.
fn public_origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    Url::parse(&format!("https://{}", url.host_str()?)).ok()
}

/// Parses an origin: http is for this machine, and everything else must be https on the default port.
fn origin(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| format!("`{text}` isn't a URL: write https:// and your host"))?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !bare {
        return Err(format!("`{text}` isn't an origin: write https:// and your host, without a path"));
    }
    let site = Site { base_url: url, trusted_proxies: Vec::new(), return_url: None, return_name: None, hsts_subdomains: false };
    if !site.is_local() {
        if !site.is_https() {
            return Err(format!("`{text}` is http, which is only for this machine: write https://{}", site.host()));
        }
        if site.base_url.port().is_some() {
            return Err(format!("`{text}` names a port, but codes cannot be bound to one: write https://{}", site.host()));
        }
    }
    Ok(site.base_url)
}

/// Reads an absolute URL that a page may link to: https, or http on this machine.
pub(super) fn read_url(reader: &mut Reader, key: &str) -> Option<Url> {
    let text = reader.string(key)?;
    match link(&text) {
        Some(url) => Some(url),
        None => {
            reader.problem(key, format!("`{text}` isn't a link that we can offer: write an absolute https:// URL"));
            None
        }
    }
}

fn link(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let site = Site { base_url: url, trusted_proxies: Vec::new(), return_url: None, return_name: None, hsts_subdomains: false };
    let fit = site.base_url.host_str().is_some() && (site.is_https() || (site.base_url.scheme() == "http" && site.is_local()));
    fit.then_some(site.base_url)
}
