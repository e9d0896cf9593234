//! Turns everything that goes wrong into a response: the error pages, and the status of each error.
//!
//! This is the only place that turns an error into HTTP. The page for a failure of our own is rendered ahead of time from the
//! built-in templates alone, so that it needs nothing that may just have failed.

use std::sync::Arc;

use rocket::http::{Header, Method, Status};
use rocket::response::{self, Responder};
use rocket::route::{Handler, Outcome};
use rocket::{Data, Request, Route, State, async_trait, catch};

use crate::app::App;
use crate::causes::with_causes;
use crate::flow::FlowError;
use crate::render::RenderError;
use crate::store::StoreError;
use crate::web::headers::{self, Answer, RETRY_SECONDS};
use crate::web::prerender::Published;
use crate::web::problem::Problem;
use crate::web::request_log::Quota;
use crate::web::views::ErrorView;
use crate::web::{METHODS, guards, request_log};

/// The statuses that the catalog has words for.
const WORDED: [u16; 9] = [400, 403, 404, 405, 413, 422, 429, 500, 503];

/// Why a request couldn't be answered.
#[derive(Debug)]
pub(super) enum WebError {
    /// A plain status, such as a refusal by Rocket itself.
    Status(Status),
    /// The store can't be reached right now.
    Unavailable(FlowError),
    /// The store can't be reached right now; the page keeps what was typed.
    Kept(FlowError, Box<Answer>),
    /// Something for the owner to fix.
    Internal(FlowError),
    /// The browser doesn't keep cookies.
    NoCookie,
}

impl From<FlowError> for WebError {
    fn from(error: FlowError) -> Self {
        match &error {
            FlowError::Store(
                StoreError::Unavailable(_)
                | StoreError::Closing
                | StoreError::Database(_)
                | StoreError::Batch(_)
                | StoreError::Raced
                | StoreError::Connection(_),
            ) => Self::Unavailable(error),
            FlowError::Store(_) | FlowError::Render(_) => Self::Internal(error),
        }
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        FlowError::from(error).into()
    }
}

impl From<RenderError> for WebError {
    fn from(error: RenderError) -> Self {
        FlowError::from(error).into()
    }
}

impl From<Status> for WebError {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

/// How many failed requests are logged per second. An overload makes thousands fail for the same reason.
static FAILURES: Quota = Quota::per_second(20);

/// Logs an error with its causes, once, along with the reference that the page shows.
fn log(request: &Request<'_>, error: &FlowError) {
    if !FAILURES.admits("failed requests") {
        return;
    }
    tracing::error!(reference = request_log::reference(request), error = with_causes(error), "a request failed");
}

impl<'r> Responder<'r, 'static> for WebError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        match self {
            Self::Status(status) => Err(status),
            Self::Unavailable(error) => {
                log(request, &error);
                Err(Status::ServiceUnavailable)
            }
            Self::Internal(error) => {
                log(request, &error);
                Err(Status::InternalServerError)
            }
            Self::Kept(error, page) => {
                log(request, &error);
                page.retry_after(RETRY_SECONDS).respond_to(request)
            }
            Self::NoCookie => answer(request, Status::BadRequest, true).respond_to(request),
        }
    }
}

/// Returns the page for a status.
fn answer(request: &Request<'_>, status: Status, cookies: bool) -> Answer {
    let reference = request_log::reference(request);
    let (Some(app), Some(published)) = (guards::app(request), request.rocket().state::<Published>()) else {
        return Answer::page(Status::InternalServerError, String::new());
    };
    let locale = guards::locale(request, app);
    guards::remember(request, app);
    let worded = match status.code {
        code if WORDED.contains(&code) => code,
        400..=499 => 400,
        _ => 500,
    };
    let rendered = if worded == 500 {
        None
    } else {
        let switch = format!("{}?lang=", own_path(request).unwrap_or("/"));
        let view = ErrorView { reference: reference.to_owned(), cookies, switch, ..ErrorView::of(worded) };
        let page = app.render().page(&locale, "page/error.html", &view);
        page.inspect_err(|error| tracing::error!(reference, error = error.to_string(), "the error page does not render")).ok()
    };
    let html = rendered.unwrap_or_else(|| published.now().last_resort(&locale, reference));
    let page = Answer::page(status, html);
    match status.code {
        503 => page.retry_after(RETRY_SECONDS),
        405 => page.with(Header::new("Allow", allowed(request).to_owned())),
        _ => page,
    }
}

/// Returns the path of this page, if a link may lead back to it: the request must be a GET, and the path must hold only plain
/// characters and not lead to another host.
fn own_path<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    let path = request.uri().path().as_str();
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte));
    (request.method() == Method::Get && plain && path.starts_with('/') && !path.starts_with("//")).then_some(path)
}

/// Returns what a site's server is told instead of a page.
fn problem(request: &Request<'_>, status: Status) -> response::Result<'static> {
    let problem = match status.code {
        500 => Problem::internal(request_log::reference(request)),
        _ => Problem::of_status(status),
    };
    let mut response = problem.respond_to(request)?;
    if status == Status::MethodNotAllowed {
        response.set_header(Header::new("Allow", allowed(request).to_owned()));
    }
    Ok(response)
}

/// An error page. If the fairings don't run, it adds the headers and the log line itself.
pub(super) struct ErrorPage {
    status: Status,
}

impl<'r> Responder<'r, 'static> for ErrorPage {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let is_api = request.uri().path().as_str().starts_with("/api/");
        let mut response =
            if is_api { problem(request, self.status)? } else { answer(request, self.status, false).respond_to(request)? };
        if !request_log::passes_fairings(request) {
            headers::set(request, &mut response);
            request_log::log(request, self.status.code);
        }
        Ok(response)
    }
}

#[catch(default)]
pub(super) const fn page(status: Status, _: &Request<'_>) -> ErrorPage {
    ErrorPage { status }
}

/// The methods that a path accepts, for the `Allow` header.
struct Allowed(String);

fn allowed<'r>(request: &'r Request<'_>) -> &'r str {
    &request.local_cache(|| Allowed(String::new())).0
}

/// Answers a method that a path doesn't accept.
#[derive(Clone)]
struct Refusal {
    allow: String,
}

#[async_trait]
impl Handler for Refusal {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        request.local_cache(|| Allowed(self.allow.clone()));
        Outcome::Error(Status::MethodNotAllowed)
    }
}

/// Returns low-ranked routes for every method that a known path doesn't accept. Without them, Rocket would answer 404.
pub(super) fn method_refusals(routes: &[Route]) -> Vec<Route> {
    let pattern = |route: &Route| route.uri.as_str().split('?').next().unwrap_or_default().to_owned();
    let mut refusals = Vec::new();
    let mut patterns: Vec<String> = routes.iter().map(pattern).collect();
    patterns.sort();
    patterns.dedup();
    for path in patterns {
        let mut taken: Vec<Method> = routes.iter().filter(|route| pattern(route) == path).map(|route| route.method).collect();
        // GET on a webhook has effects, so HEAD isn't offered there.
        taken.sort_by_key(|method| method.as_str());
        taken.dedup();
        if taken.contains(&Method::Get) && !path.starts_with("/webhooks/") {
            taken.push(Method::Head);
        }
        let allow = taken.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ");
        for method in METHODS.iter().filter(|method| !taken.contains(method)) {
            refusals.push(Route::ranked(100, *method, &path, Refusal { allow: allow.clone() }));
        }
    }
    refusals
}

/// The running installation, for routes.
pub(super) type Running = State<Arc<App>>;
