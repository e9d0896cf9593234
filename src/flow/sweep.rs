//! What time does: verifications expire, hashes of dead codes go, charges and old evidence are forgotten, long texts that
//! miss a part are read, and the owner's digest is due.
//!
//! Pages never wait for it: they look at the clock themselves.

use std::sync::Arc;

use time::Duration;

use crate::app::App;
use crate::flow::{FlowError, notify, parts};
use crate::store::{Lane, codes, counts, failures, receipts, retention};

/// The hash of a code is kept for so long after it died (OTP-8).
const DEAD_CODES_KEPT: Duration = Duration::hours(1);
/// Reports of texts that nobody sent are forgotten after so long.
const EARLY_RECEIPTS_KEPT: Duration = Duration::days(3);
/// Rows that one step touches at most, so that pages get their turn.
const AT_ONCE: i64 = 50;

/// Sweeps once.
///
/// # Errors
/// When the store fails.
pub async fn sweep(app: &Arc<App>) -> Result<(), FlowError> {
    parts::read_overdue(app).await?;
    notify::digest(app).await?;
    let now = app.clock.now();
    loop {
        let more = app.store.write(Lane::Pages, move |tx| {
            let expired = retention::expire_due(tx, now, AT_ONCE)?;
            let dead = codes::delete_expired(tx, now - DEAD_CODES_KEPT, AT_ONCE)?;
            let uncounted = counts::forget_over(tx, now, AT_ONCE)?;
            let forgotten = retention::forget_due(tx, now, AT_ONCE)?;
            let failures = failures::forget_due(tx, now, AT_ONCE)?;
            let early = receipts::forget_early(tx, now - EARLY_RECEIPTS_KEPT, AT_ONCE)?;
            Ok([expired, dead, uncounted, forgotten, failures, early]
                .into_iter()
                .any(|n| i64::try_from(n).is_ok_and(|n| n == AT_ONCE)))
        });
        if !more.await? {
            return Ok(());
        }
    }
}
