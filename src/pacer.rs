//! How fast texts may go out (`messages_per_second`).
//!
//! Owns the turns of all senders. Must not know what is sent. A rate limiter from a crate would let unused turns add up to a
//! burst, and could neither take a turn back nor be held while the provider asks us to wait.

use std::sync::{Arc, Mutex, PoisonError};

/// A turn that's due within this time counts as available now. That matters only at high rates, and there, the commit that comes
/// before the turn is used takes at least as long.
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
    /// Creates a pacer that allows this many turns a second; 0 means no limit. If several instances share the rate, each gets its
    /// part.
    #[must_use]
    pub fn per_second(turns: u32, instances: u32) -> Self {
        let gap =
            if turns == 0 { std::time::Duration::ZERO } else { std::time::Duration::from_secs(u64::from(instances)) / turns };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_come_at_even_gaps_without_a_burst_and_a_hold_delays_them() {
        let pacer = Arc::new(Pacer::per_second(10, 1));
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
        // Of two instances, each takes every second turn.
        let shared = Arc::new(Pacer::per_second(10, 2));
        let began = tokio::time::Instant::now();
        shared.turn().await.used();
        shared.turn().await.used();
        assert_eq!(began.elapsed().as_millis(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_nobody_uses_goes_to_the_next_and_one_that_somebody_waits_for_is_not_given_out() {
        let pacer = Arc::new(Pacer::per_second(10, 1));
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
        let pacer = Arc::new(Pacer::per_second(10, 1));
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
}
