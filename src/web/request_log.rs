//! One log line for each request: method, route, status and time, but never who asked or what the request contained.
//!
//! The line has the route's pattern instead of the path, since anybody can put anything into a path. Query, form, cookie and
//! address never appear. The reference is the one that an error page shows. A flood of requests doesn't become a flood of lines:
//! above a certain number per second, they are only counted.

use std::sync::{Mutex, PoisonError};

use rocket::fairing::{Fairing, Info, Kind};
use rocket::{Data, Request, Response, async_trait};

use crate::clock::{Stopwatch, random_bytes};

/// How many lines of one kind are written per second. The rest are only counted.
pub(super) struct Quota {
    lines: u32,
    second: Mutex<Option<Second>>,
}

struct Second {
    began: Stopwatch,
    written: u32,
    left_out: u32,
}

impl Quota {
    pub(super) const fn per_second(lines: u32) -> Self {
        Self { lines, second: Mutex::new(None) }
    }

    /// Returns whether another line may be written. First logs how many were left out in the second before.
    pub(super) fn admits(&self, what: &str) -> bool {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        let old = second.take_if(|second| second.began.milliseconds() >= 1_000.0);
        if let Some(left_out) = old.map(|second| second.left_out).filter(|left_out| *left_out > 0) {
            tracing::warn!(left_out, what, "lines were left out");
        }
        let second = second.get_or_insert_with(|| Second { began: Stopwatch::start(), written: 0, left_out: 0 });
        let admitted = second.written < self.lines;
        *(if admitted { &mut second.written } else { &mut second.left_out }) += 1;
        admitted
    }
}

static LINES: Quota = Quota::per_second(200);

/// Starts the stopwatch and writes the line.
pub(super) struct RequestLine;

/// Set by the fairing, so that a catcher can tell whether the fairings run for this request.
struct Started(Option<Stopwatch>);

/// A request's reference, as pages and logs show it.
struct Reference(String);

/// Returns a request's reference: eight letters and digits that aren't mistaken for each other.
pub(super) fn reference<'r>(request: &'r Request<'_>) -> &'r str {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let draw = || Reference(random_bytes::<8>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect());
    &request.local_cache(draw).0
}

/// Returns whether the fairings run for this request. They don't for a request that Rocket can't parse.
pub(super) fn passes_fairings(request: &Request<'_>) -> bool {
    request.local_cache(|| Started(None)).0.is_some()
}

/// Writes the line.
pub(super) fn log(request: &Request<'_>, status: u16) {
    if !LINES.admits("requests") {
        return;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_fixed_number_of_lines_is_written_in_each_second() {
        let quota = Quota::per_second(3);
        assert_eq!((0..5).filter(|_| quota.admits("tests")).count(), 3);
        // As if a second had passed.
        *quota.second.lock().expect("unpoisoned") = None;
        assert!(quota.admits("tests"));
    }
}
