//! Retries: when to retry a text or an e-mail that wasn't accepted.
//!
//! Owns the schedule, which is data. Must not send anything or draw random numbers: the spread is a parameter. If the next
//! retry of a text would come only after the text expires, we give up on it at once, so that nobody waits for a text that
//! can't come.

use time::{Duration, OffsetDateTime};

/// The longest wait before each retry. The actual wait is between half of it and all of it, so that messages that failed
/// together aren't retried together.
pub const TEXT_RETRIES: [Duration; 8] = [
    Duration::seconds(2),
    Duration::seconds(4),
    Duration::seconds(8),
    Duration::seconds(16),
    Duration::seconds(32),
    Duration::seconds(64),
    Duration::seconds(128),
    Duration::seconds(256),
];

/// The same for e-mail to the owner. These waits are longer, because a mail server may be down for days.
pub const MAIL_RETRIES: [Duration; 8] = [
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(15),
    Duration::hours(1),
    Duration::hours(3),
    Duration::hours(6),
    Duration::hours(12),
    Duration::hours(24),
];

/// Returns when to try again after `tried` failed attempts, or `None` for never. `spread` is a random number from 0 to 255,
/// drawn anew each time.
#[must_use]
pub fn next_try(
    schedule: &[Duration],
    tried: u32,
    spread: u8,
    expires_at: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Option<OffsetDateTime> {
    let longest = *schedule.get(usize::try_from(tried).ok()?.checked_sub(1)?)?;
    let at = now + longest / 2 + longest / 2 * i32::from(spread) / 255;
    expires_at.is_none_or(|end| at < end).then_some(at)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const T0: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    #[test]
    fn each_wait_lies_between_half_and_all_of_its_entry() {
        for (n, longest) in TEXT_RETRIES.into_iter().enumerate() {
            let tried = u32::try_from(n).expect("small") + 1;
            assert_eq!(next_try(&TEXT_RETRIES, tried, 0, None, T0), Some(T0 + longest / 2));
            assert_eq!(next_try(&TEXT_RETRIES, tried, 255, None, T0), Some(T0 + longest));
        }
        assert_eq!(next_try(&TEXT_RETRIES, 9, 0, None, T0), None);
    }

    #[test]
    fn nothing_is_tried_at_or_after_the_end_of_its_life() {
        let end = T0 + Duration::seconds(1);
        assert_eq!(next_try(&TEXT_RETRIES, 1, 0, Some(end), T0), None);
        assert_eq!(next_try(&TEXT_RETRIES, 1, 0, Some(end + Duration::microseconds(1)), T0), Some(end));
    }

    #[test]
    fn waits_grow_from_try_to_try() {
        for schedule in [TEXT_RETRIES, MAIL_RETRIES] {
            assert!(schedule.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
