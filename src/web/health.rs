//! Whether the process is alive, and whether it is ready for requests. For load balancers and process managers.

use rocket::get;
use rocket::http::{ContentType, Status};

use crate::flow::heartbeat;
use crate::web::errors::Running;
use crate::web::headers::{Answer, RETRY_SECONDS};
use crate::web::request_log::Quota;

/// Says that the process is alive.
#[get("/health/live")]
pub(super) fn live() -> Answer {
    health(Status::Ok, "live")
}

/// How many lines per second say why the server isn't ready.
static NOT_READY: Quota = Quota::per_second(1);

/// Says whether the database can be read, and whether the server recently saw that it can be written. This check writes nothing.
#[get("/health/ready")]
pub(super) async fn ready(app: &Running) -> Answer {
    match heartbeat::ready(app).await {
        Ok(()) => health(Status::Ok, "ready"),
        Err(error) => {
            if NOT_READY.admits("failed readiness checks") {
                tracing::error!(error = error.to_string(), "not ready");
            }
            health(Status::ServiceUnavailable, "unavailable").retry_after(RETRY_SECONDS)
        }
    }
}

fn health(status: Status, word: &str) -> Answer {
    Answer::new(status, ContentType::JSON, format!("{{\"status\":\"{word}\"}}").into_bytes())
}
