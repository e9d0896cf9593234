//! One line for each request: what was asked and what came of it, never who or what was in it.
//!
//! The route's pattern stands for the path, since anybody can put anything into a path; query, form, cookie and address
//! never appear. The reference is the one that an error page shows.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::{Data, Request, Response, async_trait};

use crate::clock::{Stopwatch, random_bytes};

/// Starts the stopwatch and writes the line.
pub(super) struct RequestLine;

/// Set by the fairing, so that a catcher can tell whether the fairings run for this request.
struct Started(Option<Stopwatch>);

/// A request's own name, in pages and logs.
struct Reference(String);

/// A request's reference: eight letters and digits that are not mistaken for each other.
pub(super) fn reference<'r>(request: &'r Request<'_>) -> &'r str {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let draw = || Reference(random_bytes::<8>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect());
    &request.local_cache(draw).0
}

/// Whether the fairings run for this request; for one that Rocket cannot parse they do not.
pub(super) fn passes_fairings(request: &Request<'_>) -> bool {
    request.local_cache(|| Started(None)).0.is_some()
}

/// Writes the line.
pub(super) fn log(request: &Request<'_>, status: u16) {
    let route = request.route().map_or_else(|| "-".to_owned(), |route| route.uri.to_string());
    let milliseconds = request.local_cache(|| Started(None)).0.map_or(0.0, Stopwatch::milliseconds);
    tracing::info!(
        method = request.method().as_str(),
        route,
        status,
        milliseconds = format!("{milliseconds:.1}"),
        reference = reference(request),
        "request"
    );
}

#[async_trait]
impl Fairing for RequestLine {
    fn info(&self) -> Info {
        Info { name: "request line", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        request.local_cache(|| Started(Some(Stopwatch::start())));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        log(request, response.status().code);
    }
}
