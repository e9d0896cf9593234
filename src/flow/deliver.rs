//! The outbox: claims queued texts, sends them, and records the results.
//!
//! The claim commits before the send, and rechecks standing, basis and expiry. Texts are claimed one at a time, when their turn
//! comes, so that no claimed text sits waiting while a STOP comes in. (If a text's turn has already come when it is written, the
//! same transaction claims it: see `flow/outgoing.rs`.) Recording the provider's answer is retried until the database accepts it.
//! If the process dies in between, the claim expires. A code that is still alive is then sent again, since two copies do no harm.
//! Any other text isn't, since nobody knows whether it went out (DUR-7).

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::clock::{Stopwatch, random_bytes};
use crate::flow::receipt::ReceiptOutcome;
use crate::flow::{FlowError, no_more_texts, notify, receipt, record};
use crate::optin::message::MessageKind;
use crate::optin::phone::PhoneNumber;
use crate::optin::retry::{TEXT_RETRIES, next_try};
use crate::sms::{OutboundSms, Provider, SendOutcome};
use crate::store::emails::EmailKind;
use crate::store::outbox::{self, Claimed};
use crate::store::{Lane, StoreError, Tx, locks, messages, receipts};

/// How long a claim lasts. A send takes far less time, unless the process died.
pub(super) const CLAIM: Duration = Duration::seconds(60);

/// The most texts that are on their way to the provider at once.
pub const ON_THE_WAY: usize = 128;
/// The number of workers that claim texts from the outbox.
pub const WORKERS: usize = 16;
/// The most rows that one transaction looks at.
const AT_ONCE: i64 = 32;

/// Delivers every text that is due now, one after the other, and returns how many were handed over.
///
/// If the store fails, claimed texts are picked up again when their claims expire.
pub async fn deliver(app: &Arc<App>) -> Result<usize, FlowError> {
    take_up_abandoned(app).await?;
    let mut handed_over = 0;
    while deliver_next(app).await? {
        handed_over += 1;
    }
    Ok(handed_over)
}

/// Delivers the text that is due next. Returns `false` if there was none, or if none may go out now.
pub async fn deliver_next(app: &Arc<App>) -> Result<bool, FlowError> {
    // Look first, so that nothing is written and no turn is taken while the outbox is idle.
    let now = app.clock.now();
    let Some(next) = app.store.read(move |tx| outbox::next_due(tx, now)).await? else { return Ok(false) };
    let slot = app.pacer.turn().await;
    if !app.breaker().lets_through(app.clock.now()) {
        return Ok(false);
    }
    let Some((claimed, _held)) = claim(app, next).await? else { return Ok(false) };
    slot.used();
    // More texts may be waiting, so wake the next worker while this one sends.
    app.outbox.notify_one();
    send(app, claimed).await?;
    Ok(true)
}

/// Claims the next text that may be sent, starting with `first`. Texts that may not be sent are dropped along the way.
async fn claim(app: &Arc<App>, first: i64) -> Result<Option<(Claimed, Held)>, StoreError> {
    let now = app.clock.now();
    let mut next = Some(first);
    while let Some(first) = next {
        let job = app.store.write(Lane::Pages, move |tx| {
            let mut id = first;
            for _ in 0..AT_ONCE {
                if let Some(text) = outbox::claim(tx, id, now, now + CLAIM)? {
                    return Ok((Some(text), None));
                }
                let Some(next) = outbox::next_due(tx, now)? else { return Ok((None, None)) };
                id = next;
            }
            Ok((None, Some(id)))
        });
        let (claimed, more) = job.await?;
        if let Some(text) = claimed {
            let held = Held::new(app, text.id);
            return Ok(Some((text, held)));
        }
        next = more;
    }
    Ok(None)
}

/// A claim that this process holds while this value lives, however long it takes to record the outcome, so that its text isn't
/// treated as abandoned.
pub(super) struct Held {
    app: Arc<App>,
    id: i64,
}

impl Held {
    pub(super) fn new(app: &Arc<App>, id: i64) -> Self {
        app.held_claims().insert(id);
        Self { app: Arc::clone(app), id }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.app.held_claims().remove(&self.id);
    }
}

/// Returns what a sealed text is bound to: sealed for one number, it can't be opened for another.
pub(super) fn seal_purpose(phone: &PhoneNumber) -> String {
    format!("text to {}", phone.as_str())
}

/// Posts a text to a provider; `None` if its sealed words can't be opened.
pub(super) async fn hand_over(app: &App, provider: &Provider, text: &Claimed) -> Option<SendOutcome> {
    let body = match &text.sealed_text {
        None => text.text.clone(),
        Some(sealed) => app.keys.open(sealed, &seal_purpose(&text.phone))?,
    };
    let sms = OutboundSms {
        message_id: text.id,
        kind: text.kind,
        to: text.phone.clone(),
        from: app.config.program.sender.clone(),
        body,
        expires_at: text.expires_at,
    };
    Some(provider.send(sms, app.clock.now()).await)
}

/// Sends a claimed text and records the outcome.
pub(super) async fn send(app: &Arc<App>, text: Claimed) -> Result<SendOutcome, StoreError> {
    let began = Stopwatch::start();
    let outcome = match hand_over(app, &app.provider, &text).await {
        Some(outcome) => {
            app.send_times.note(began.elapsed());
            outcome
        }
        None => SendOutcome::Refused { why: "sealed with another secret key".to_owned(), permanent: false },
    };
    let now = app.clock.now();
    let news = watch(app, &outcome, text.id, now);
    if let SendOutcome::Throttled { wait, .. } = &outcome {
        app.pacer.hold(wait.unsigned_abs());
    }
    record_outcome(app, &text, &outcome, news, now).await?;
    app.mailbox.notify_one();
    Ok(outcome)
}

/// Records an outcome. If its consequences can't be recorded, the text still ends: it must not go out twice.
async fn record_outcome(
    app: &Arc<App>,
    text: &Claimed,
    outcome: &SendOutcome,
    news: News,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let (wired, claimed, seen) = (Arc::clone(app), text.clone(), outcome.clone());
    let whole = record(&app.store, move |tx| apply(tx, &wired, &claimed, &seen, news, now)).await;
    let Err(error) = whole else { return Ok(()) };
    if matches!(error, StoreError::Closing) {
        return Err(error);
    }
    tracing::error!(message_id = text.id, error = error.to_string(), "an outcome could not be recorded with its consequences");
    let (id, provider, seen) = (text.id, app.provider.name(), outcome.clone());
    record(&app.store, move |tx| match &seen {
        // The ids may be what can't be recorded. Receipts find their text by our reference, too.
        SendOutcome::Accepted { .. } | SendOutcome::Unknown { .. } => outbox::mark_sent(tx, id, provider, &[], now),
        SendOutcome::TryAgain { why }
        | SendOutcome::Throttled { why, .. }
        | SendOutcome::Refused { why, .. }
        | SendOutcome::OptedOut { why }
        | SendOutcome::Unreadable { why }
        | SendOutcome::Misconfigured { why } => outbox::mark_failed(tx, id, why, false),
    })
    .await?;
    Err(error)
}

/// What the outcome of a text says about the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    None,
    OutageBegins,
    OutageEnds,
}

/// Updates the breaker and the log.
fn watch(app: &App, outcome: &SendOutcome, message_id: i64, now: OffsetDateTime) -> News {
    let why = outcome.why();
    match outcome {
        SendOutcome::Accepted { .. } => {}
        SendOutcome::Throttled { .. } => tracing::info!(message_id, why, "the provider is slowing us down"),
        SendOutcome::Misconfigured { .. } => {
            tracing::error!(message_id, why, "the provider refuses us: a setting must be fixed");
        }
        SendOutcome::Unknown { .. } => tracing::warn!(message_id, why, "no answer: a text may be on its way or not"),
        SendOutcome::TryAgain { .. }
        | SendOutcome::Unreadable { .. }
        | SendOutcome::Refused { .. }
        | SendOutcome::OptedOut { .. } => tracing::warn!(message_id, why, "a text was not accepted"),
    }
    let mut breaker = app.breaker();
    match outcome {
        SendOutcome::TryAgain { .. } | SendOutcome::Unknown { .. } | SendOutcome::Unreadable { .. } => {
            if breaker.failed(now) {
                tracing::error!(why, "the provider seems to be down: texts wait, and pages say so");
                return News::OutageBegins;
            }
            News::None
        }
        // A refusal is still an answer: the provider is up, whatever is wrong on our side.
        SendOutcome::Accepted { .. }
        | SendOutcome::Refused { .. }
        | SendOutcome::OptedOut { .. }
        | SendOutcome::Misconfigured { .. } => {
            if breaker.succeeded() {
                tracing::info!("the provider answers again");
                return News::OutageEnds;
            }
            News::None
        }
        SendOutcome::Throttled { .. } => News::None,
    }
}

fn apply(
    tx: &mut Tx<'_>,
    app: &App,
    text: &Claimed,
    outcome: &SendOutcome,
    news: News,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    locks::take_number(tx, &text.phone)?;
    apply_outcome(tx, app, text, outcome, now)?;
    match news {
        News::None => Ok(()),
        News::OutageBegins => notify::tell(tx, app, EmailKind::Outage, outcome.why(), now),
        // Texts that are waiting for their next attempt don't need to wait any longer.
        News::OutageEnds => outbox::wake(tx, now),
    }
}

/// Records what became of a text, with the consequences for its number.
fn apply_outcome(
    tx: &mut Tx<'_>,
    app: &App,
    text: &Claimed,
    outcome: &SendOutcome,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let provider = app.provider.name();
    let id = text.id;
    match outcome {
        SendOutcome::Accepted { ids } => {
            outbox::mark_sent(tx, id, provider, ids, now)?;
            let mut ended = Vec::new();
            for name in ids {
                if let Some((ending, why)) = receipts::take_early(tx, provider, name)?
                    && let Some(reported) = receipts::find(tx, provider, Some(name), None)?
                    && receipt::apply(tx, app, &reported, ending, &why, now)? == ReceiptOutcome::Ended
                {
                    ended.push((ending, why));
                }
            }
            for (ending, why) in ended {
                receipt::tell(tx, app, ending, &why, now)?;
            }
        }
        // It may be on its way, so it counts as sent. A receipt will tell, or the person asks again.
        SendOutcome::Unknown { .. } => outbox::mark_sent(tx, id, provider, &[], now)?,
        SendOutcome::TryAgain { why } => {
            let [spread] = random_bytes();
            match next_try(&TEXT_RETRIES, text.attempts + 1, spread, text.expires_at, now) {
                Some(at) => outbox::requeue(tx, id, at, true)?,
                None => outbox::mark_failed(tx, id, why, false)?,
            }
        }
        SendOutcome::Throttled { why, wait } => {
            // Being throttled isn't a failed attempt: the text ends only when it expires.
            let [spread] = random_bytes::<1>();
            let at = now + *wait + Duration::milliseconds(i64::from(spread));
            if text.expires_at.is_none_or(|end| at < end) {
                outbox::requeue(tx, id, at, false)?;
            } else {
                outbox::mark_failed(tx, id, why, false)?;
            }
        }
        SendOutcome::Refused { why, permanent } => {
            outbox::mark_failed(tx, id, why, *permanent)?;
            if *permanent {
                no_more_texts::close_if_dead(tx, app, &text.phone, why, now)?;
            }
        }
        SendOutcome::OptedOut { why } => {
            outbox::mark_failed(tx, id, why, false)?;
            no_more_texts::opt_out_by_provider(tx, app, &text.phone, why, text.queued_at, now)?;
        }
        SendOutcome::Unreadable { why } => outbox::mark_failed(tx, id, why, false)?,
        SendOutcome::Misconfigured { why } => {
            outbox::mark_failed(tx, id, why, false)?;
            notify::tell(tx, app, EmailKind::Misconfigured, why, now)?;
        }
    }
    Ok(())
}

/// Decides what to do with texts whose claim expired without a result.
pub async fn take_up_abandoned(app: &Arc<App>) -> Result<(), FlowError> {
    let now = app.clock.now();
    if app.store.read(move |tx| outbox::abandoned(tx, now, 1)).await?.is_empty() {
        return Ok(());
    }
    let held = app.held_claims().clone();
    let job = app.store.write(Lane::Pages, move |tx| {
        locks::take_job(tx, locks::Job::Abandoned)?;
        // Some may belong to this process, which is still recording their outcome.
        let abandoned = outbox::abandoned(tx, now, AT_ONCE)?;
        for (id, kind) in abandoned.into_iter().filter(|(id, _)| !held.contains(id)) {
            if !outbox::take_up(tx, id, now)? {
                continue;
            }
            match kind {
                MessageKind::Code => outbox::requeue(tx, id, now, true)?,
                MessageKind::Welcome
                | MessageKind::Help
                | MessageKind::Goodbye
                | MessageKind::NotMatched
                | MessageKind::Unknown
                | MessageKind::Confirmed
                | MessageKind::Test => outbox::mark_failed(tx, id, "unknown_whether_sent", false)?,
            }
        }
        Ok(())
    });
    Ok(job.await?)
}

/// Tells the provider that the code it delivered for a verification was used, if the owner wants that. A failure is only logged,
/// since nobody waits for it.
pub(super) fn report_conversion(app: &Arc<App>, verification: i64) {
    if !app.provider.wants_conversions() {
        return;
    }
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let now = app.clock.now();
        let name = match app.store.read(move |tx| messages::name_of_code(tx, verification)).await {
            Ok(Some(name)) => name,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(error = error.to_string(), "a conversion was not reported");
                return;
            }
        };
        if let Err(why) = app.provider.report_conversion(&name, now).await {
            tracing::warn!(why, "a conversion was not reported");
        }
    });
}
