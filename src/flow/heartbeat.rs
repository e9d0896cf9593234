//! The server looks for itself whether its database takes writes, so that asking whether it is ready writes nothing.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::clock::Stopwatch;
use crate::flow::FlowError;
use crate::store::{Lane, StoreError, consents, installation};

/// How often the server writes its heartbeat.
pub const EVERY: Duration = Duration::from_secs(10);
/// A heartbeat that is older says nothing any more: the next one is stuck.
const STALE_MILLISECONDS: f64 = 30_000.0;

/// Writes the heartbeat and notes how that went. It goes ahead of pages: a busy server is no broken one.
pub async fn beat(app: &Arc<App>) {
    let now = app.clock.now();
    let written = app.store.write(Lane::Urgent, move |tx| installation::beat(tx, now)).await;
    if let Err(error) = &written {
        tracing::error!(error = error.to_string(), "the database does not take writes");
    }
    *app.heartbeat() = Some((Stopwatch::start(), written.is_ok()));
}

/// Whether pages can be served: the database can be read, and took the last heartbeat.
///
/// # Errors
/// Why not.
pub async fn ready(app: &Arc<App>) -> Result<(), FlowError> {
    app.store.read(consents::head).await?;
    match &*app.heartbeat() {
        Some((at, true)) if at.milliseconds() < STALE_MILLISECONDS => Ok(()),
        // The log has said why.
        Some((_, false)) => Err(StoreError::Unavailable("the server's last write failed").into()),
        Some((_, true)) | None => Err(StoreError::Unavailable("no write has succeeded for half a minute").into()),
    }
}
