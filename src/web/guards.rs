//! What a route needs to know about a request before it runs: its browser, its address, its language, and that it comes from our
//! own page.

use std::sync::Arc;

use fluent_langneg::{NegotiationStrategy, accepted_languages, convert_vec_str_to_langids_lossy, negotiate_languages};
use headers::{Header as _, HeaderValue};
use rocket::Request;
use rocket::http::uri::Host;
use rocket::http::{Cookie, CookieJar, SameSite, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::{async_trait, outcome::IntoOutcome as _};

use crate::app::App;
use crate::clock::random_bytes;
use crate::config::Config;
use crate::flow::admission::Origin;
use crate::flow::sessions::Ticket;
use crate::flow::{Browser, BrowserToken};
use crate::settings::is_this_machine;
use crate::web::addresses::{charged_as, client_address, network_of};
use crate::web::request_log;
use crate::web::tickets::Carried;

/// The running installation.
pub(super) fn app<'r>(request: &'r Request<'_>) -> Option<&'r Arc<App>> {
    request.rocket().state::<Arc<App>>()
}

/// What the browser's cookie says: its token, if it sent a well-formed one, the language that the person chose, and the site that
/// they came from.
pub(super) struct Token {
    of_browser: Option<BrowserToken>,
    chosen: Option<String>,
    carried: Option<Carried>,
}

impl Token {
    /// Returns the browser, if it has a token.
    pub(super) fn browser(&self) -> Option<Browser> {
        self.of_browser.as_ref().map(Browser::from_token)
    }

    /// Returns the language that the person chose, now or before; otherwise `locale`.
    pub(super) fn chosen_or(&self, locale: &str) -> String {
        self.chosen.clone().unwrap_or_else(|| locale.to_owned())
    }

    /// Returns the browser. If it has no token, it gets a fresh one.
    pub(super) fn browser_or_new(&self, config: &Config, jar: &CookieJar<'_>) -> Browser {
        self.browser().unwrap_or_else(|| {
            let token = BrowserToken::new(random_bytes());
            let browser = Browser::from_token(&token);
            self.renew(config, jar, &token);
            browser
        })
    }

    /// Puts another token into the browser's cookie.
    pub(super) fn renew(&self, config: &Config, jar: &CookieJar<'_>, token: &BrowserToken) {
        keep(config, jar, token, self.chosen.as_deref(), self.carried.as_ref());
    }

    /// Returns what the browser carries along from a site.
    pub(super) fn ticket(&self) -> Option<&Ticket> {
        self.carried.as_ref().map(|carried| &carried.ticket)
    }

    /// Lets the browser carry another ticket, or none.
    pub(super) fn carry(&self, app: &App, jar: &CookieJar<'_>, ticket: Option<Ticket>) {
        let fresh = self.of_browser.is_none().then(|| BrowserToken::new(random_bytes()));
        let carried = ticket.map(|ticket| Carried::new(ticket, app.clock.now()));
        if let Some(token) = self.of_browser.as_ref().or(fresh.as_ref()) {
            keep(&app.config, jar, token, self.chosen.as_deref(), carried.as_ref());
        }
    }
}

/// Returns the browser's token and the language that the person chose, and remembers that language if it's new. Catchers call it
/// too, because they have no guards.
pub(super) fn remember(request: &Request<'_>, app: &App) -> Token {
    let config = &app.config;
    let Token { of_browser, chosen: before, carried } = cookie(request, app);
    let chosen = chosen(request, config).or_else(|| before.clone());
    if let Some(token) = of_browser.as_ref().filter(|_| chosen != before) {
        keep(config, request.cookies(), token, chosen.as_deref(), carried.as_ref());
    }
    Token { of_browser, chosen, carried }
}

/// Separates the parts of the cookie: token, language, ticket.
const THEN: char = '|';

/// Returns what the cookie says.
fn cookie(request: &Request<'_>, app: &App) -> Token {
    let cookie = request.cookies().get_private(cookie_name(&app.config));
    let mut parts = cookie.as_ref().map_or("", |cookie| cookie.value()).split(THEN);
    let mut part = || parts.next().unwrap_or_default();
    Token {
        of_browser: BrowserToken::parse(part()),
        chosen: Some(part().to_owned()).filter(|locale| app.config.locales.contains(locale)),
        carried: Carried::read(part(), app.clock.now()),
    }
}

/// Puts a token, a language and a ticket into the browser's private cookie.
fn keep(config: &Config, jar: &CookieJar<'_>, token: &BrowserToken, chosen: Option<&str>, carried: Option<&Carried>) {
    let mut value = token.as_str().to_owned();
    if chosen.is_some() || carried.is_some() {
        value.extend([THEN.to_string().as_str(), chosen.unwrap_or_default()]);
    }
    if let Some(carried) = carried {
        value.extend([THEN.to_string(), carried.written()]);
    }
    let cookie = Cookie::build((cookie_name(config), value))
        .path("/")
        .http_only(true)
        .secure(config.site.is_https())
        .same_site(SameSite::Lax)
        .expires(None);
    jar.add_private(cookie);
}

fn cookie_name(config: &Config) -> &'static str {
    if config.site.is_https() { "__Host-assent" } else { "assent" }
}

#[async_trait]
impl<'r> FromRequest<'r> for Token {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Some(app) = app(request) else { return Outcome::Error((Status::InternalServerError, ())) };
        Outcome::Success(remember(request, app))
    }
}

/// Where a request came from.
pub(super) struct Address {
    /// The address itself, for the evidence.
    pub(super) ip: String,
    /// The keyed hashes that it is charged under.
    pub(super) origin: Origin,
}

#[async_trait]
impl<'r> FromRequest<'r> for Address {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let peer = request.remote().map(|remote| remote.ip());
        let found = app(request).zip(peer).map(|(app, peer)| {
            let ip = client_address(peer, request.headers().get("X-Forwarded-For"), &app.config.site.trusted_proxies);
            let hash = |charged: String| app.keys.address_hash(&charged);
            Self { origin: Origin { address: hash(charged_as(ip)), network: network_of(ip).map(hash) }, ip: ip.to_string() }
        });
        found.or_error((Status::InternalServerError, ()))
    }
}

/// What the browser calls itself, truncated to a safe length.
pub(super) struct UserAgent(pub(super) Option<String>);

#[async_trait]
impl<'r> FromRequest<'r> for UserAgent {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Self(request.headers().get_one("User-Agent").map(|agent| agent.chars().take(512).collect())))
    }
}

/// The language to answer in: what the person chose, else what the browser prefers, else the default.
pub(super) struct Locale(pub(super) String);

/// Returns the language that the person chooses with this request (`?lang=`), or chose on the page that it comes from. A browser
/// without our cookie has no other way to remember it.
fn chosen(request: &Request<'_>, config: &Config) -> Option<String> {
    let asked = request.query_value::<&str>("lang").and_then(Result::ok).map(ToOwned::to_owned);
    let before = || {
        let referrer = url::Url::parse(request.headers().get_one("Referer")?).ok()?;
        let own = referrer.origin() == config.site.base_url.origin();
        referrer.query_pairs().find(|(name, _)| own && name == "lang").map(|(_, value)| value.into_owned())
    };
    asked.or_else(before).filter(|asked| config.locales.contains(asked))
}

/// Returns the language to answer in. Catchers call it too, because they have no guards.
pub(super) fn locale(request: &Request<'_>, app: &App) -> String {
    let config = &app.config;
    if let Some(chosen) = chosen(request, config).or_else(|| cookie(request, app).chosen) {
        return chosen;
    }
    let accepted: Vec<&str> = request.headers().get("Accept-Language").collect();
    let wanted = accepted_languages::parse(&by_preference(&accepted.join(",")));
    let offered = convert_vec_str_to_langids_lossy(&config.locales);
    let default = config.default_locale.parse().unwrap_or_default();
    let best = negotiate_languages(&wanted, &offered, Some(&default), NegotiationStrategy::Lookup);
    best.first().map_or_else(|| config.default_locale.clone(), ToString::to_string)
}

/// Sorts the header's languages by preference, the most wanted first (RFC 9110, 12.5.4), and leaves out those that are refused.
fn by_preference(header: &str) -> String {
    let mut ranges: Vec<(f32, &str)> = header
        .split(',')
        .filter_map(|range| {
            let (language, parameters) = range.split_once(';').unwrap_or((range, ""));
            let q = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse().ok())?;
            (q > 0.0 && !language.trim().is_empty()).then_some((q, language.trim()))
        })
        .collect();
    ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranges.into_iter().map(|(_, language)| language).collect::<Vec<_>>().join(",")
}

#[async_trait]
impl<'r> FromRequest<'r> for Locale {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        app(request).map(|app| Self(locale(request, app))).or_error((Status::InternalServerError, ()))
    }
}

/// Proof that the request comes from one of our pages, or from something that isn't a browser. Fetch metadata comes first;
/// `Origin` counts if the browser sends none (CSRF-1).
pub(super) struct SameOrigin;

#[async_trait]
impl<'r> FromRequest<'r> for SameOrigin {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Some(app) = app(request) else { return Outcome::Error((Status::InternalServerError, ())) };
        let own = match (request.headers().get_one("Sec-Fetch-Site"), request.headers().get_one("Origin")) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => origin == app.config.site.base_url.origin().ascii_serialization(),
            (None, None) => true,
        };
        if own {
            return Outcome::Success(Self);
        }
        tracing::warn!(event = "malicious_csrf", "a request from another site was refused");
        Outcome::Error((Status::Forbidden, ()))
    }
}

/// Whether the browser accepts gzip.
pub(super) struct AcceptsGzip(pub(super) bool);

#[async_trait]
impl<'r> FromRequest<'r> for AcceptsGzip {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let takes = request.headers().get("Accept-Encoding").flat_map(|header| header.split(',')).any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            let refused = parts.any(|q| q.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0));
            gzip && !refused
        });
        Outcome::Success(Self(takes))
    }
}

/// The `If-None-Match` header.
pub(super) struct IfNoneMatch(Option<headers::IfNoneMatch>);

impl IfNoneMatch {
    /// Returns whether the browser already has the bytes with this tag.
    pub(super) fn holds(&self, etag: &str) -> bool {
        let (Some(known), Ok(etag)) = (&self.0, etag.parse()) else { return false };
        !known.precondition_passes(&etag)
    }
}

#[async_trait]
impl<'r> FromRequest<'r> for IfNoneMatch {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let sent: Vec<_> = request.headers().get("If-None-Match").filter_map(|value| HeaderValue::from_str(value).ok()).collect();
        Outcome::Success(Self(headers::IfNoneMatch::decode(&mut sent.iter()).ok()))
    }
}

/// The request's reference, for a page that shows it.
pub(super) struct Reference(pub(super) String);

#[async_trait]
impl<'r> FromRequest<'r> for Reference {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self(request_log::reference(request).to_owned()))
    }
}

/// Proof that the request was made on this machine, to this machine, without a proxy in between. Anything else gets a 404.
pub(super) struct Loopback;

#[async_trait]
impl<'r> FromRequest<'r> for Loopback {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let peer = request.remote().is_some_and(|remote| remote.ip().to_canonical().is_loopback());
        // The request line may name a host too, besides the header. Both must be this machine.
        let header = request.headers().get_one("Host").and_then(|host| Host::parse(host).ok());
        let hosts: Vec<&Host<'_>> = header.iter().chain(request.host()).collect();
        let is_ours = |host: &&Host<'_>| is_this_machine(url::Host::parse(host.domain().as_str()).ok().as_ref());
        let host = !hosts.is_empty() && hosts.iter().all(is_ours);
        let forwarded = request.headers().iter().any(|header| {
            let name = header.name().as_str().to_ascii_lowercase();
            name == "forwarded" || name == "x-real-ip" || name.starts_with("x-forwarded-")
        });
        if peer && host && !forwarded { Outcome::Success(Self) } else { Outcome::Error((Status::NotFound, ())) }
    }
}
