//! The clock and the dice: the only module that reads either (clippy.toml bans them everywhere else).
//!
//! Owns "now" and where randomness comes from. Must not decide anything. The surprise: times are cut to microseconds,
//! the finest that both backends keep, so that what is written is what is read back.

use std::sync::{Arc, Mutex, PoisonError};

use rand::CryptoRng;
use time::{Duration, OffsetDateTime};

/// Where "now" comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is advanced; clones share it. For tests.
    Fixed(Arc<Mutex<OffsetDateTime>>),
}

impl Clock {
    /// A clock that stands at `at`.
    #[must_use]
    pub fn fixed(at: OffsetDateTime) -> Self {
        Self::Fixed(Arc::new(Mutex::new(at)))
    }

    /// The time, UTC, in whole microseconds.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> OffsetDateTime {
        let now = match self {
            Self::System => OffsetDateTime::now_utc(),
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        };
        now - Duration::nanoseconds(i64::from(now.nanosecond() % 1_000))
    }

    /// Moves a fixed clock on; the machine's clock cannot be moved and stays.
    pub fn advance(&self, by: Duration) {
        match self {
            Self::System => {}
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner) += by,
        }
    }
}

/// A stopwatch, for how long a request took.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts one.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Milliseconds since then.
    #[must_use]
    pub fn milliseconds(self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1_000.0
    }
}

/// The dice: a generator that the operating system seeds, fit for keys.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that takes randomness from the system")]
pub fn dice() -> impl CryptoRng {
    rand::rng()
}

/// `N` random bytes.
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
    fn the_dice_never_repeat_themselves() {
        assert_ne!(random_bytes::<16>(), random_bytes::<16>());
    }
}
