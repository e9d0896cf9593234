//! The clock and the source of randomness. Only this module reads either (clippy.toml bans them everywhere else).
//!
//! Owns "now" and where randomness comes from. Must not decide anything. Times are truncated to microseconds, the finest
//! resolution that both backends store, so that a time reads back exactly as written. Times never go backward while the
//! process runs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rand::CryptoRng;
use time::{Duration, OffsetDateTime};

/// Where "now" comes from. Clones share it.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock, which never goes backward while the process runs.
    System(Arc<Mutex<Steady>>),
    /// A clock that stands still until it's advanced. For tests.
    Fixed(Arc<Mutex<OffsetDateTime>>),
}

impl Clock {
    /// Returns the machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::System(Arc::default())
    }

    /// Returns a clock that stands still at `at`.
    #[must_use]
    pub fn fixed(at: OffsetDateTime) -> Self {
        Self::Fixed(Arc::new(Mutex::new(at)))
    }

    /// Returns the current time in UTC, in whole microseconds.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> OffsetDateTime {
        let now = match self {
            Self::System(steady) => {
                let mut steady = steady.lock().unwrap_or_else(PoisonError::into_inner);
                let (now, set_back) = steady.read(OffsetDateTime::now_utc(), std::time::Instant::now());
                drop(steady);
                if let Some(by) = set_back {
                    tracing::warn!(
                        seconds = by.whole_seconds(),
                        "the machine's clock was set back; times go on from the later one until it catches up or the server restarts"
                    );
                }
                now
            }
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        };
        now - Duration::nanoseconds(i64::from(now.nanosecond() % 1_000))
    }

    /// Advances a fixed clock. This has no effect on the machine's clock.
    pub fn advance(&self, by: Duration) {
        match self {
            Self::System(_) => {}
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner) += by,
        }
    }
}

/// Keeps the machine's clock from going backward. If somebody sets the clock back by an hour, a code must not live an hour
/// longer, and a text that's due in a second must not wait an hour.
#[derive(Debug, Default)]
pub struct Steady {
    /// The latest time, and when it was read on the monotonic clock.
    latest: Option<(OffsetDateTime, std::time::Instant)>,
    /// How far behind the machine's clock was when that was last logged.
    told: Duration,
}

/// The clock's ordinary corrections are far smaller.
const WORTH_TELLING: Duration = Duration::seconds(2);

impl Steady {
    /// Returns the time when the machine's clock says `wall`, and how far the clock was set back if that's new.
    fn read(&mut self, wall: OffsetDateTime, at: std::time::Instant) -> (OffsetDateTime, Option<Duration>) {
        let (latest, latest_at) = *self.latest.get_or_insert((wall, at));
        let steady = latest + at.saturating_duration_since(latest_at);
        if wall >= steady {
            (self.latest, self.told) = (Some((wall, at)), Duration::ZERO);
            return (wall, None);
        }
        let behind = steady - wall;
        let news = behind > self.told + WORTH_TELLING;
        if news {
            self.told = behind;
        }
        (steady, news.then_some(behind))
    }
}

/// A stopwatch, to measure how long a request took.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts a stopwatch.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Returns the time since the start.
    #[must_use]
    pub fn elapsed(self) -> std::time::Duration {
        self.0.elapsed()
    }

    /// Returns the milliseconds since the start.
    #[must_use]
    pub fn milliseconds(self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1_000.0
    }
}

/// How long something took recently, so that a stand-in can take as long.
#[derive(Debug, Default)]
pub struct Lately(Mutex<VecDeque<std::time::Duration>>);

/// How many durations are kept.
const REMEMBERED: usize = 64;

impl Lately {
    /// Records one more duration.
    pub fn note(&self, took: std::time::Duration) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times.truncate(REMEMBERED - 1);
        times.push_front(took);
    }

    /// Returns one of the durations at random, or zero if there are none yet.
    #[must_use]
    pub fn one(&self) -> std::time::Duration {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [place] = random_bytes();
        let place = usize::from(place).checked_rem(times.len());
        place.and_then(|place| times.get(place)).copied().unwrap_or_default()
    }
}

/// A turn that's due within this time counts as available now. At any sending rate where that matters, the commit that comes
/// before its use takes at least as long.
const SOON: std::time::Duration = std::time::Duration::from_millis(2);

/// Hands out turns at even intervals, one after the other, in the order they're asked for.
#[derive(Debug)]
pub struct Pacer {
    gap: std::time::Duration,
    /// Never locked across an `await`.
    turns: Mutex<Turns>,
}

#[derive(Debug, Default)]
struct Turns {
    /// The time of the next turn to give out.
    next: Option<tokio::time::Instant>,
    /// No turn may be used before this time, including those already given out.
    held_until: Option<tokio::time::Instant>,
}

impl Pacer {
    /// Creates a pacer that allows this many turns a second; 0 means no limit.
    #[must_use]
    pub fn per_second(turns: u32) -> Self {
        let gap = if turns == 0 { std::time::Duration::ZERO } else { std::time::Duration::from_secs(1) / turns };
        Self { gap, turns: Mutex::default() }
    }

    /// Waits for the next turn. Turns that nobody took aren't made up for, so there's never a burst.
    pub async fn turn(self: &Arc<Self>) -> Slot {
        loop {
            let at = self.take();
            if self.gap.is_zero() {
                return Slot { pacer: Arc::clone(self), at, used: false };
            }
            // Timers have a resolution of one millisecond, so at a higher rate every turn would come late.
            if at > tokio::time::Instant::now() + std::time::Duration::from_millis(1) {
                tokio::time::sleep_until(at).await;
            }
            // A hold that came in the meantime voids the turn.
            if self.turns().held_until.is_none_or(|until| until <= at) {
                return Slot { pacer: Arc::clone(self), at, used: false };
            }
        }
    }

    /// Takes a turn, if there's one now or in a moment and nobody is waiting for it. (A commit comes between taking and using a
    /// turn.)
    #[must_use]
    pub fn try_turn(self: &Arc<Self>) -> Option<Slot> {
        let now = tokio::time::Instant::now();
        let mut turns = self.turns();
        let at = turns.next.map_or(now, |next| next.max(now));
        let is_free = self.gap.is_zero() || at <= now + SOON;
        is_free.then(|| {
            turns.next = Some(at + self.gap);
            drop(turns);
            Slot { pacer: Arc::clone(self), at, used: false }
        })
    }

    /// Allows no turns for this long. Returns immediately.
    pub fn hold(&self, wait: std::time::Duration) {
        let until = tokio::time::Instant::now() + wait;
        let mut turns = self.turns();
        turns.held_until = turns.held_until.max(Some(until));
        turns.next = turns.next.max(turns.held_until);
    }

    fn take(&self) -> tokio::time::Instant {
        let now = tokio::time::Instant::now();
        let mut turns = self.turns();
        let at = turns.next.map_or(now, |next| next.max(now));
        turns.next = Some(at + self.gap);
        at
    }

    fn turns(&self) -> std::sync::MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn that was taken. If it's dropped unused, it goes to the next caller.
#[derive(Debug)]
pub struct Slot {
    pacer: Arc<Pacer>,
    at: tokio::time::Instant,
    used: bool,
}

impl Slot {
    /// Marks the turn as used.
    pub fn used(mut self) {
        self.used = true;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut turns = self.pacer.turns();
        if !self.used && turns.next == Some(self.at + self.pacer.gap) {
            turns.next = Some(self.at);
        }
    }
}

/// Returns a random number generator that's seeded by the operating system and fit for keys.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that takes randomness from the system")]
pub fn dice() -> impl CryptoRng {
    rand::rng()
}

/// Returns `N` random bytes.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::Rng::fill_bytes(&mut dice(), &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_fixed_clock_stands_still_and_its_clones_move_with_it() {
        let clock = Clock::fixed(datetime!(2026-11-24 12:00:00.123456789 UTC));
        let other = clock.clone();
        assert_eq!(clock.now(), datetime!(2026-11-24 12:00:00.123456 UTC));
        other.advance(Duration::minutes(1));
        assert_eq!(clock.now(), datetime!(2026-11-24 12:01:00.123456 UTC));
    }

    #[tokio::test(start_paused = true)]
    async fn turns_come_at_even_gaps_without_a_burst_and_a_hold_delays_them() {
        let pacer = Arc::new(Pacer::per_second(10));
        let began = tokio::time::Instant::now();
        for n in 0..5_u128 {
            pacer.turn().await.used();
            assert_eq!(began.elapsed().as_millis(), n * 100);
        }
        // Nobody asks for a while: the unused turns are gone.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let rested = tokio::time::Instant::now();
        pacer.turn().await.used();
        pacer.turn().await.used();
        assert_eq!(rested.elapsed().as_millis(), 100);
        pacer.hold(std::time::Duration::from_secs(2));
        pacer.turn().await.used();
        assert_eq!(rested.elapsed().as_millis(), 2_100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_nobody_uses_goes_to_the_next_and_one_that_somebody_waits_for_is_not_given_out() {
        let pacer = Arc::new(Pacer::per_second(10));
        drop(pacer.try_turn().expect("nobody is there"));
        pacer.try_turn().expect("it was given back").used();
        assert!(pacer.try_turn().is_none(), "the next is a tenth of a second away");
        let began = tokio::time::Instant::now();
        let waiting = pacer.turn().await;
        assert_eq!(began.elapsed().as_millis(), 100);
        assert!(pacer.try_turn().is_none());
        drop(waiting);
        pacer.try_turn().expect("it was given back").used();
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_never_waits_for_those_who_wait_and_delays_them_one_by_one() {
        let pacer = Arc::new(Pacer::per_second(10));
        let began = tokio::time::Instant::now();
        pacer.hold(std::time::Duration::from_mins(1));
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let pacer = Arc::clone(&pacer);
                tokio::spawn(async move {
                    pacer.turn().await.used();
                    began.elapsed().as_millis()
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_secs(59)).await;
        // Another caller is told to slow down while three sleep: the hold returns immediately.
        pacer.hold(std::time::Duration::from_mins(1));
        assert_eq!(began.elapsed().as_secs(), 59);
        let mut turns = Vec::new();
        for waiter in waiting {
            turns.push(waiter.await.expect("joined"));
        }
        turns.sort_unstable();
        assert_eq!(turns, [119_000, 119_100, 119_200]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn a_clock_that_is_set_back_goes_on_from_the_later_time_and_says_so_once() {
        let mut steady = Steady::default();
        let (noon, began) = (datetime!(2026-11-24 12:00 UTC), std::time::Instant::now());
        let mut read = |wall, seconds| steady.read(wall, began + std::time::Duration::from_secs(seconds));
        let (second, hour) = (Duration::SECOND, Duration::HOUR);
        assert_eq!(read(noon, 0), (noon, None));
        assert_eq!(read(noon + second * 10, 10), (noon + second * 10, None));
        // The clock is set back by an hour: ten seconds still take ten seconds.
        assert_eq!(read(noon - hour + second * 20, 20), (noon + second * 20, Some(hour)));
        assert_eq!(read(noon - hour + second * 30, 30), (noon + second * 30, None), "said once");
        // Going even further back is reported again.
        assert_eq!(read(noon - hour * 2 + second * 40, 40), (noon + second * 40, Some(hour * 2)));
        // The clock is corrected, and later set ahead: codes may expire early, never late.
        assert_eq!(read(noon + second * 50, 50), (noon + second * 50, None));
        assert_eq!(read(noon + hour, 60), (noon + hour, None));
        assert_eq!(read(noon + second * 70, 70), (noon + hour + second * 10, Some(hour - second * 60)));
    }

    #[test]
    fn the_dice_never_repeat_themselves() {
        assert_ne!(random_bytes::<16>(), random_bytes::<16>());
    }
}
