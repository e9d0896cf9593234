//! An outage of the SMS provider: when to stop trying, and when to try again.
//!
//! Owns the circuit breaker's states. Must not send texts or read the clock. An open breaker lets one text through after
//! each pause, and closes only when the provider answers again.

use time::{Duration, OffsetDateTime};

/// How many failures in a row count as an outage.
pub const FAILURES: u32 = 5;
/// The pauses between attempts during an outage. The last one repeats.
pub const PAUSES: [Duration; 5] =
    [Duration::seconds(5), Duration::seconds(10), Duration::seconds(15), Duration::seconds(20), Duration::seconds(30)];
/// About how long a text takes from the provider to the phone. A text that expires sooner than this after it's sent
/// arrives too late.
pub const ON_THE_WAY: Duration = Duration::seconds(30);

/// What we know about the state of the provider.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    failures: u32,
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    next_try: OffsetDateTime,
    pauses: usize,
}

impl Breaker {
    /// Returns whether texts are delayed: an outage was detected, and the provider hasn't answered since.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Returns whether a text may be sent now. An open breaker allows one text per pause.
    pub fn lets_through(&mut self, now: OffsetDateTime) -> bool {
        match &mut self.open {
            None => true,
            Some(open) if now >= open.next_try => {
                open.next_try = now + pause(open.pauses);
                true
            }
            Some(_) => false,
        }
    }

    /// Returns whether a text that expires at `expires_at` can still arrive in time.
    #[must_use]
    pub fn in_time(&self, expires_at: OffsetDateTime, now: OffsetDateTime) -> bool {
        self.open.is_none_or(|open| open.next_try.max(now) + ON_THE_WAY < expires_at)
    }

    /// Records that the provider accepted a text or answered with a refusal. Returns whether this ends an outage.
    pub fn succeeded(&mut self) -> bool {
        self.failures = 0;
        self.open.take().is_some()
    }

    /// Records that the provider couldn't be reached or gave no usable answer. Returns whether this starts an outage.
    pub fn failed(&mut self, now: OffsetDateTime) -> bool {
        self.failures = self.failures.saturating_add(1);
        match &mut self.open {
            Some(open) => {
                open.pauses += 1;
                open.next_try = now + pause(open.pauses);
                false
            }
            None if self.failures >= FAILURES => {
                self.open = Some(Open { next_try: now + pause(0), pauses: 0 });
                true
            }
            None => false,
        }
    }
}

fn pause(pauses: usize) -> Duration {
    PAUSES[pauses.min(PAUSES.len() - 1)]
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const T0: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    fn tripped() -> Breaker {
        let mut breaker = Breaker::default();
        let began = (0..FAILURES).map(|_| breaker.failed(T0)).collect::<Vec<_>>();
        assert_eq!(began, [false, false, false, false, true]);
        breaker
    }

    #[test]
    fn five_failures_in_a_row_open_it_but_not_with_a_success_in_between() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 1..FAILURES {
                assert!(!breaker.failed(T0));
            }
            assert!(!breaker.succeeded());
        }
        assert!(!breaker.is_open() && breaker.lets_through(T0));
        assert!(tripped().is_open());
    }

    #[test]
    fn an_open_one_lets_a_single_text_through_after_each_pause_and_the_pauses_grow() {
        let mut breaker = tripped();
        let mut now = T0;
        for n in 0..7 {
            let pause = PAUSES[n.min(4)];
            assert!(!breaker.lets_through(now + pause - Duration::microseconds(1)));
            now += pause;
            assert!(breaker.lets_through(now));
            assert!(!breaker.lets_through(now), "one text is already on its way");
            assert!(!breaker.failed(now), "an outage begins only once");
        }
        assert!(breaker.lets_through(now + PAUSES[4]) && breaker.succeeded());
        assert!(!breaker.is_open() && breaker.lets_through(now));
    }

    #[test]
    fn a_code_that_cannot_arrive_in_time_is_recognized() {
        let breaker = tripped();
        let end = T0 + PAUSES[0] + ON_THE_WAY;
        assert!(!breaker.in_time(end, T0) && breaker.in_time(end + Duration::microseconds(1), T0));
        assert!(Breaker::default().in_time(T0, T0), "without an outage, every code is in time");
    }
}
