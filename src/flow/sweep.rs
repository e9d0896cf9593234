//! Timed work: expires verifications, deletes the hashes of dead codes, forgets charges and old evidence, reads long texts that
//! are still missing a part, processes reports that missed their text, and queues the owner's digest when it's due.
//!
//! Pages never wait for the sweep. They check the clock themselves.

use std::sync::Arc;

use time::Duration;

use crate::app::App;
use crate::flow::{FlowError, long_texts, notify, receipt};
use crate::store::{Lane, codes, counts, failures, locks, receipts, retention, sessions};

/// How long the hash of a code is kept after the code dies (OTP-8).
const DEAD_CODES_KEPT: Duration = Duration::hours(1);
/// How long reports about texts that we don't know are kept.
const EARLY_RECEIPTS_KEPT: Duration = Duration::days(3);
/// How long a lock's row is kept. Longer than any transaction takes.
const LOCKS_KEPT: Duration = Duration::hours(1);
/// The most rows that one step touches, so that pages get their turn.
const AT_ONCE: i64 = 50;

/// Runs one sweep.
pub async fn sweep(app: &Arc<App>) -> Result<(), FlowError> {
    long_texts::read_overdue(app).await?;
    receipt::process_missed(app).await?;
    notify::digest(app).await?;
    notify::tell_of_wal(app).await?;
    let now = app.clock.now();
    loop {
        let more = app.store.write(Lane::Pages, move |tx| {
            locks::take_job(tx, locks::Job::Sweep)?;
            let expired = retention::expire_due(tx, now, AT_ONCE)?;
            let dead = codes::delete_expired(tx, now - DEAD_CODES_KEPT, AT_ONCE)?;
            let uncounted = counts::forget_over(tx, now, AT_ONCE)?;
            let forgotten = retention::forget_due(tx, now, AT_ONCE)?;
            let failures = failures::forget_due(tx, now, AT_ONCE)?;
            let early = receipts::forget_early(tx, now - EARLY_RECEIPTS_KEPT, AT_ONCE)?;
            let sessions = sessions::forget_due(tx, now, AT_ONCE)?;
            let locks = locks::forget(tx, now - LOCKS_KEPT, AT_ONCE)?;
            Ok([expired, dead, uncounted, forgotten, failures, early, sessions, locks]
                .into_iter()
                .any(|n| i64::try_from(n).is_ok_and(|n| n == AT_ONCE)))
        });
        if !more.await? {
            return Ok(());
        }
    }
}
