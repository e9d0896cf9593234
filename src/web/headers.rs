//! The headers that every response carries, and the response type.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{ContentType, Header, Status};
use rocket::response::{self, Responder, Response};
use rocket::{Request, async_trait};
use url::Url;

use crate::app::App;

/// Every source is named, and nothing inline is allowed (CSP-1).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// How many seconds a browser or a site is told to wait when we can't act right now.
pub(super) const RETRY_SECONDS: i64 = 30;

/// Where pictures may come from, besides the sites that the owner's settings name.
const PICTURES: &str = "img-src 'self'";

/// Where forms may lead, besides the site that a session is for.
const FORMS: &str = "form-action 'self'";

/// Sets the security headers of every response that goes through the fairings.
pub(super) struct SecurityHeaders;

#[async_trait]
impl Fairing for SecurityHeaders {
    fn info(&self) -> Info {
        Info { name: "security headers", kind: Kind::Response }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        set(request, response);
    }
}

/// Sets the security headers. Catchers call it too, because Rocket sends their response to a malformed request without running
/// the fairings.
pub(super) fn set(request: &Request<'_>, response: &mut Response<'_>) {
    // The preview's pages have policies of their own, and so do those of a session.
    if response.headers().get_one("Content-Security-Policy").is_none() {
        response.set_header(Header::new("Content-Security-Policy", POLICY));
    }
    if let Some(app) = request.rocket().state::<Arc<App>>() {
        let origins = app.config.theme.picture_origins();
        if !origins.is_empty() {
            let pictures = format!("{PICTURES} {}", origins.join(" "));
            let policy = response.headers().get_one("Content-Security-Policy").unwrap_or(POLICY).replace(PICTURES, &pictures);
            response.set_header(Header::new("Content-Security-Policy", policy));
        }
    }
    for (name, value) in [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "otp-credentials=(self), camera=(), geolocation=(), microphone=()"),
    ] {
        response.set_header(Header::new(name, value));
    }
    if let Some(site) = request.rocket().state::<Arc<App>>().map(|app| &app.config.site).filter(|site| site.is_https()) {
        let value = if site.hsts_subdomains { "max-age=31536000; includeSubDomains" } else { "max-age=31536000" };
        response.set_header(Header::new("Strict-Transport-Security", value));
    }
    if response.headers().get_one("Cache-Control").is_none() {
        response.set_header(Header::new("Cache-Control", "no-store"));
    }
}

/// A response: status, type, bytes and headers. By default it must not be cached.
#[derive(Debug)]
pub(super) struct Answer {
    status: Status,
    kind: ContentType,
    body: Vec<u8>,
    headers: Vec<Header<'static>>,
}

impl Answer {
    pub(super) const fn new(status: Status, kind: ContentType, body: Vec<u8>) -> Self {
        Self { status, kind, body, headers: Vec::new() }
    }

    /// Creates an HTML page.
    pub(super) fn page(status: Status, html: String) -> Self {
        Self::new(status, ContentType::HTML, html.into_bytes())
    }

    /// Redirects to another page, by GET.
    pub(super) fn see_other(path: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::SeeOther, ContentType::Plain, Vec::new()).with(Header::new("Location", path.into()))
    }

    /// Lets the page's forms lead to these URLs. Browsers also apply the policy to where a form's answer redirects.
    #[must_use]
    pub(super) fn leading_to(self, urls: &[&str]) -> Self {
        let urls = urls.iter().filter_map(|url| Url::parse(url).ok());
        let origins: BTreeSet<String> = urls.map(|url| url.origin().ascii_serialization()).collect();
        let forms = origins.into_iter().fold(FORMS.to_owned(), |forms, origin| format!("{forms} {origin}"));
        self.with(Header::new("Content-Security-Policy", POLICY.replace(FORMS, &forms)))
    }

    #[must_use]
    pub(super) fn with(mut self, header: Header<'static>) -> Self {
        self.headers.push(header);
        self
    }

    /// Says when to try again.
    #[must_use]
    pub(super) fn retry_after(self, seconds: i64) -> Self {
        self.with(Header::new("Retry-After", seconds.to_string()))
    }
}

impl<'r> Responder<'r, 'static> for Answer {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build();
        response.status(self.status).header(self.kind);
        for header in self.headers {
            response.header(header);
        }
        if self.status != Status::NotModified && self.status != Status::NoContent {
            response.sized_body(self.body.len(), Cursor::new(self.body));
        }
        response.ok()
    }
}
