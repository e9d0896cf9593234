//! Counts: how often something happened within a window, in sixtieths of the window.
//!
//! Owns what a count says about a cap. Must not know what is counted. A count is the same size on a busy day as on a quiet
//! one, because it stores how many events each sixtieth of its window had, not when each one happened. The oldest sixtieth
//! counts in full until it has left the window. A cap is therefore never exceeded, but it may hold one sixtieth longer than
//! its window.

use std::fmt::Write as _;

use time::{Duration, OffsetDateTime};

/// The maximum number of events within any window of this length. For a phone number, an event leaves the window when it's
/// exactly that old. The other events are counted in sixtieths of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// The maximum number of events.
    pub at_most: u32,
    /// The length of the sliding window.
    pub window: Duration,
}

/// How many shares a window is divided into.
const SHARES: i64 = 60;

/// How often something happened recently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    window: Duration,
    /// The number of the newest share, counted from 1970.
    newest: i64,
    /// Events per share, newest first. The last one is the oldest that may still overlap the window.
    shares: Vec<u32>,
}

impl Count {
    /// Creates an empty count.
    #[must_use]
    pub const fn none(window: Duration) -> Self {
        Self { window, newest: 0, shares: Vec::new() }
    }

    /// Parses a count that was written by [`Count::stored`]. Returns `None` if it's malformed.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        let mut figures = text.split(' ');
        let window = Duration::seconds(figures.next()?.parse().ok().filter(|seconds| *seconds > 0)?);
        let newest = figures.next()?.parse().ok()?;
        let shares: Result<Vec<u32>, _> = figures.map(str::parse).collect();
        Some(Self { window, newest, shares: shares.ok()? })
    }

    /// Returns the count in its stored form: the seconds of its window, the number of the newest share, and the events of each
    /// share, newest first.
    #[must_use]
    pub fn stored(&self) -> String {
        let mut text = format!("{} {}", self.window.whole_seconds(), self.newest);
        for events in &self.shares {
            // Writing to a string can't fail.
            let _ = write!(text, " {events}");
        }
        text
    }

    /// Returns the length of its window.
    #[must_use]
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// Adds one event.
    pub fn add(&mut self, now: OffsetDateTime) {
        let share = self.share_of(now);
        if self.shares.is_empty() {
            self.newest = share;
        }
        // Our clock may be a little behind another process's. Then the event counts toward the newest share.
        let passed = usize::try_from((share - self.newest).clamp(0, SHARES + 1)).unwrap_or(0);
        self.newest = self.newest.max(share);
        self.shares.splice(0..0, std::iter::repeat_n(0, passed));
        match self.shares.first_mut() {
            Some(first) => *first += 1,
            None => self.shares.push(1),
        }
        self.shares.truncate(usize::try_from(SHARES).unwrap_or(0) + 1);
    }

    /// Returns what was counted before the share that `now` falls into. Anything derived from this changes only when one share
    /// ends and the next begins, so nobody can tell what a single event added.
    #[must_use]
    pub fn before_share(&self, now: OffsetDateTime) -> Self {
        let mut settled = self.clone();
        if settled.newest >= self.share_of(now)
            && let Some(newest) = settled.shares.first_mut()
        {
            *newest = 0;
        }
        settled
    }

    /// Takes back up to `most` events that happened at `since` or later, oldest first, so that the remaining ones don't stop
    /// counting too early.
    pub fn take_back(&mut self, most: u32, since: OffsetDateTime) {
        let first = self.share_of(since);
        let mut left = most;
        for (age, events) in (0..).zip(&mut self.shares).collect::<Vec<_>>().into_iter().rev() {
            if self.newest - age >= first {
                let taken = left.min(*events);
                *events -= taken;
                left -= taken;
            }
        }
    }

    /// Returns when a cap with this window lets one more event through, or `None` if it does now.
    #[must_use]
    pub fn free_at(&self, at_most: u32, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let current = self.share_of(now);
        let alive = |age: i64| current - (self.newest - age) <= SHARES;
        let events = |age: i64| usize::try_from(age).ok().and_then(|age| self.shares.get(age)).copied().unwrap_or(0);
        let ages = i64::try_from(self.shares.len()).unwrap_or(0);
        let mut total: u64 = (0..ages).filter(|age| alive(*age)).map(|age| u64::from(events(age))).sum();
        if total < u64::from(at_most) {
            return None;
        }
        for age in (0..ages).rev().filter(|age| alive(*age)) {
            total -= u64::from(events(age));
            if total < u64::from(at_most) {
                return Some(self.begin_of(self.newest - age + SHARES + 1));
            }
        }
        // A cap of zero never lets anything through.
        Some(now + self.window)
    }

    /// Returns when its last event will have left the window.
    #[must_use]
    pub fn over_at(&self) -> OffsetDateTime {
        self.begin_of(self.newest + SHARES + 1)
    }

    /// Returns the length of a share in microseconds, rounded up.
    fn share(&self) -> i64 {
        let window = i64::try_from(self.window.whole_microseconds()).unwrap_or(i64::MAX);
        (window / SHARES + i64::from(window % SHARES > 0)).max(1)
    }

    fn share_of(&self, at: OffsetDateTime) -> i64 {
        let micros = i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX);
        micros.div_euclid(self.share())
    }

    fn begin_of(&self, share: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::microseconds(share.saturating_mul(self.share()))
    }
}

/// Returns when all of these caps let one more event through, each by the count for its window, or `None` if they do now.
#[must_use]
pub fn all_free_at(counts: &[Count], caps: &[Cap], now: OffsetDateTime) -> Option<OffsetDateTime> {
    let of = |cap: &Cap| counts.iter().find(|count| count.window == cap.window);
    caps.iter()
        .filter_map(|cap| {
            of(cap).map_or_else(|| Count::none(cap.window).free_at(cap.at_most, now), |count| count.free_at(cap.at_most, now))
        })
        .max()
}

/// Adds one event to the count for each cap's window, and creates the counts that don't exist yet.
pub fn add_to_all(counts: &mut Vec<Count>, caps: &[Cap], now: OffsetDateTime) {
    for cap in caps {
        if !counts.iter().any(|count| count.window == cap.window) {
            counts.push(Count::none(cap.window));
        }
    }
    counts.iter_mut().filter(|count| caps.iter().any(|cap| cap.window == count.window)).for_each(|count| count.add(now));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const T0: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);
    const HOUR: Duration = Duration::HOUR;

    fn counted(seconds: &[i64]) -> Count {
        let mut count = Count::none(HOUR);
        for s in seconds {
            count.add(T0 + Duration::seconds(*s));
        }
        count
    }

    #[test]
    fn a_cap_holds_until_its_oldest_share_has_left_the_window() {
        let count = counted(&[0, 30, 59]);
        let tick = Duration::microseconds(1);
        assert_eq!(count.free_at(4, T0), None);
        let free = T0 + HOUR + Duration::MINUTE;
        for now in [T0, T0 + HOUR, free - tick] {
            assert_eq!(count.free_at(3, now), Some(free), "{now}");
        }
        assert_eq!(count.free_at(3, free), None);
        assert_eq!(count.over_at(), free);
    }

    #[test]
    fn the_wait_is_until_enough_events_have_left() {
        let count = counted(&[0, 600, 1_200]);
        let now = T0 + Duration::minutes(30);
        assert_eq!(count.free_at(3, now), Some(T0 + HOUR + Duration::MINUTE));
        assert_eq!(count.free_at(2, now), Some(T0 + HOUR + Duration::minutes(11)));
        assert_eq!(count.free_at(1, now), Some(T0 + HOUR + Duration::minutes(21)));
        assert!(count.free_at(0, now).is_some_and(|at| at > now));
    }

    #[test]
    fn events_taken_back_no_longer_count_and_older_ones_stay() {
        let mut count = counted(&[0, 600, 600]);
        count.take_back(2, T0 + Duration::seconds(600));
        assert_eq!(count.free_at(2, T0 + Duration::seconds(700)), None);
        assert!(count.free_at(1, T0 + Duration::seconds(700)).is_some());
        count.take_back(9, T0 + Duration::seconds(600));
        assert!(count.free_at(1, T0 + Duration::seconds(700)).is_some(), "the first one is older");
    }

    #[test]
    fn a_count_has_the_same_size_whatever_it_counts() {
        let mut count = Count::none(HOUR);
        for n in 0..100_000 {
            count.add(T0 + Duration::milliseconds(n * 100));
        }
        assert_eq!(count.shares.len(), 61);
        assert!(count.free_at(1_000, T0 + Duration::seconds(10_000)).is_some());
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_its_cap(gaps in prop::collection::vec(0_i64..4_000_000, 1..200), at_most in 1_u32..20, window in 1_i64..200) {
            let window = Duration::seconds(window);
            let (mut count, mut now, mut let_through) = (Count::none(window), T0, Vec::new());
            for gap in gaps {
                now += Duration::microseconds(gap);
                if count.free_at(at_most, now).is_none() {
                    count.add(now);
                    let_through.push(now);
                }
                let within = let_through.iter().filter(|at| now - **at < window).count();
                prop_assert!(within <= usize::try_from(at_most).expect("small"));
            }
        }

        #[test]
        fn a_count_is_read_back_as_it_was_written(gaps in prop::collection::vec(0_i64..400_000_000, 0..100)) {
            let (mut count, mut now) = (Count::none(HOUR), T0);
            for gap in gaps {
                now += Duration::microseconds(gap);
                count.add(now);
            }
            prop_assert_eq!(Count::from_stored(&count.stored()), Some(count));
        }
    }
}
