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

/// Turns at even gaps, one after the other, in the order of asking.
#[derive(Debug)]
pub struct Pacer {
    gap: std::time::Duration,
    next: tokio::sync::Mutex<Option<tokio::time::Instant>>,
}

impl Pacer {
    /// So many turns a second; 0 means without end.
    #[must_use]
    pub fn per_second(turns: u32) -> Self {
        let gap = if turns == 0 { std::time::Duration::ZERO } else { std::time::Duration::from_secs(1) / turns };
        Self { gap, next: tokio::sync::Mutex::new(None) }
    }

    /// Waits for the next turn. Turns that nobody took are not made up for: there is never a burst.
    pub async fn turn(&self) {
        if self.gap.is_zero() {
            return;
        }
        let mut next = self.next.lock().await;
        if let Some(at) = *next {
            tokio::time::sleep_until(at).await;
        }
        *next = Some(tokio::time::Instant::now() + self.gap);
    }

    /// No turn for so long.
    pub async fn hold(&self, wait: std::time::Duration) {
        let until = tokio::time::Instant::now() + wait;
        let mut next = self.next.lock().await;
        *next = Some(next.map_or(until, |at| at.max(until)));
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

    #[tokio::test(start_paused = true)]
    async fn turns_come_at_even_gaps_without_a_burst_and_a_hold_delays_them() {
        let pacer = Pacer::per_second(10);
        let began = tokio::time::Instant::now();
        for n in 0..5_u128 {
            pacer.turn().await;
            assert_eq!(began.elapsed().as_millis(), n * 100);
        }
        // Nobody asks for a while: what was not used is gone.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let rested = tokio::time::Instant::now();
        pacer.turn().await;
        pacer.turn().await;
        assert_eq!(rested.elapsed().as_millis(), 100);
        pacer.hold(std::time::Duration::from_secs(2)).await;
        pacer.turn().await;
        assert_eq!(rested.elapsed().as_millis(), 2_100);
    }

    #[test]
    fn the_dice_never_repeat_themselves() {
        assert_ne!(random_bytes::<16>(), random_bytes::<16>());
    }
}
