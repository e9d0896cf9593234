//! What went wrong with a request to the API, as a problem document (RFC 9457).

use rocket::http::{ContentType, Header, Status};
use rocket::response::{self, Responder};
use rocket::{Request, Response};
use serde_json::json;
use std::io::Cursor;

use crate::web::headers::RETRY_SECONDS;

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    status: Status,
    /// The end of its type.
    kind: &'static str,
    detail: String,
}

impl Problem {
    pub(super) fn new(status: Status, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into() }
    }

    /// Returns the problem of a failure of ours, whose log line has this reference.
    pub(super) fn internal(reference: &str) -> Self {
        let detail = format!("Something failed here. Assent's log says what, beside the reference {reference}.");
        Self::new(Status::InternalServerError, "internal", detail)
    }

    /// Returns the problem that a plain status stands for.
    pub(super) fn of_status(status: Status) -> Self {
        let (kind, detail) = match status.code {
            401 => ("unauthorized", "Send the API key of a site: Authorization: Bearer KEY."),
            404 => ("not-found", "There's nothing at this URL."),
            405 => ("method-not-allowed", "This URL has other methods: see the header Allow."),
            413 => ("body-too-large", "The body is larger than 16 KiB."),
            503 => ("unavailable", "The database can't be reached right now. Try again."),
            _ => ("bad-request", "The request can't be read."),
        };
        Self::new(status, kind, detail)
    }
}

impl<'r> Responder<'r, 'static> for Problem {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let title = self.status.reason_lossy();
        let kind = format!("urn:assent:problem:{}", self.kind);
        let body = json!({ "type": kind, "title": title, "status": self.status.code, "detail": self.detail }).to_string();
        let mut response = Response::build();
        response.status(self.status).header(ContentType::new("application", "problem+json"));
        if self.status == Status::Unauthorized {
            response.header(Header::new("WWW-Authenticate", "Bearer"));
        }
        if self.status == Status::ServiceUnavailable {
            response.header(Header::new("Retry-After", RETRY_SECONDS.to_string()));
        }
        response.sized_body(body.len(), Cursor::new(body)).ok()
    }
}
