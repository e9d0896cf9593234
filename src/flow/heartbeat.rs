//! The server checks for itself whether its database accepts writes, so that the readiness check doesn't have to write anything.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::clock::Stopwatch;
use crate::flow::FlowError;
use crate::store::{Lane, StoreError, consents, installation};

/// How often the server writes its heartbeat.
pub const EVERY: Duration = Duration::from_secs(10);
/// A heartbeat older than this no longer counts: the next one is stuck.
const STALE_MILLISECONDS: f64 = 30_000.0;

/// Writes the heartbeat and notes how that went. It takes priority over pages, because a busy server isn't a broken one.
pub async fn beat(app: &Arc<App>) {
    let now = app.clock.now();
    let written = app.store.write(Lane::Urgent, move |tx| installation::beat(tx, now)).await;
    if let Err(error) = &written {
        tracing::error!(error = error.to_string(), "the database does not take writes");
    }
    *app.heartbeat() = Some((Stopwatch::start(), written.is_ok()));
}

/// Checks that pages can be served: the database can be read, and it accepted the last heartbeat. The error says why not.
pub async fn ready(app: &Arc<App>) -> Result<(), FlowError> {
    app.store.read(consents::head).await?;
    match &*app.heartbeat() {
        Some((at, true)) if at.milliseconds() < STALE_MILLISECONDS => Ok(()),
        // The log already says why.
        Some((_, false)) => Err(StoreError::Unavailable("the server's last write failed").into()),
        None => Err(StoreError::Unavailable("the server is starting").into()),
        Some((_, true)) => Err(StoreError::Unavailable("no write has succeeded for half a minute").into()),
    }
}
