//! The clock and the source of randomness. Only this module reads either (clippy.toml bans them everywhere else).
//!
//! Owns "now" and where randomness comes from. Must not decide anything. Times are truncated to microseconds, the finest
//! resolution that both backends store, so that a time reads back exactly as written. Times never go backward while the
//! process runs, and a server goes on from its last heartbeat after a restart.

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
                        "the machine's clock was set back; Assent's times stay ahead until it catches up"
                    );
                }
                now
            }
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        };
        now - Duration::nanoseconds(i64::from(now.nanosecond() % 1_000))
    }

    /// Makes the machine's clock go on from `at` if it's behind, as it is if it was set back before a restart.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn not_before(&self, at: OffsetDateTime) {
        if let Self::System(steady) = self {
            let mut steady = steady.lock().unwrap_or_else(PoisonError::into_inner);
            if steady.latest.is_none_or(|(latest, _)| latest < at) {
                steady.latest = Some((at, std::time::Instant::now()));
            }
        }
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

/// How far the clock must be set back to be worth a log line. Its ordinary corrections are far smaller.
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
    fn after_a_restart_the_clock_is_never_behind_what_was_written() {
        let clock = Clock::system();
        let written = clock.now() + Duration::hours(1);
        clock.not_before(written - Duration::hours(2));
        assert!(clock.now() < written);
        clock.not_before(written);
        assert!(clock.now() >= written && clock.now() < written + Duration::minutes(1));
    }

    #[test]
    fn the_dice_never_repeat_themselves() {
        assert_ne!(random_bytes::<16>(), random_bytes::<16>());
    }
}
