//! A verification: one attempt to prove control of one number, in one browser.
//!
//! Owns its states, its time limits (one for each code, and at most 30 minutes in total), the resends and what an entered
//! code means. Must not hash, store or send. An older code of the same verification counts as "expired" and doesn't cost
//! an attempt, so a slow text does no harm.

use time::{Duration, OffsetDateTime};

use crate::optin::stored_words;

/// The maximum lifetime of a verification, however often a code is requested.
pub const LONGEST_LIFE: Duration = Duration::minutes(30);
/// How many texted codes stay valid at the same time, each for its own lifetime.
pub const LIVE_CODES: usize = 2;
/// After this many wrong attempts in a row, a number gets no more codes to type (NIST SP 800-63B-4, 3.2.2).
pub const FAILURES_PER_NUMBER: u32 = 100;
/// The shortest allowed gap before a resend (`verification.resend_after_seconds`).
pub const SHORTEST_GAP: Duration = Duration::seconds(30);
/// For this long after verifying, typing the right code again gets the same answer as the first time, in case of a double
/// click.
pub const REPEAT_ANSWERED: Duration = Duration::seconds(60);
/// For this long after verifying, `/done` shows what the person agreed to.
pub const DONE_SHOWN: Duration = Duration::minutes(30);

/// The state of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationState {
    /// It's waiting for the right code.
    Pending,
    /// The number is proven.
    Verified,
    /// Its last code has expired.
    Expired,
    /// Its attempts are used up.
    Locked,
    /// The same browser continued with another number.
    Superseded,
}

stored_words!(VerificationState {
    Pending => "pending", Verified => "verified", Expired => "expired", Locked => "locked", Superseded => "superseded",
});

/// How a number was proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationMethod {
    /// The texted code, typed on the page.
    WebCode,
    /// The page's own code, texted to us from the number.
    ReplyCode,
}

stored_words!(VerificationMethod { WebCode => "web_code", ReplyCode => "reply_code" });

/// The owner's settings for verifications (`verification.*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationRules {
    /// The number of digits in a code, 6 to 8.
    pub code_length: u8,
    /// How long a code is valid, at most 10 minutes.
    pub code_ttl: Duration,
    /// How many wrong attempts a verification allows, 1 to 10.
    pub max_attempts: u32,
    /// The gap before each resend. There are as many resends as gaps.
    pub resend_after: Vec<Duration>,
}

/// Whether a new code may be requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// Yes, now.
    Due,
    /// Not yet, but after this long.
    Waiting(Duration),
    /// No, this verification has used up its codes.
    NoneLeft,
}

/// When a code was issued for a verification, and when it expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuedCode {
    /// When it was issued.
    pub issued_at: OffsetDateTime,
    /// When it expires. From this moment on, it isn't valid.
    pub expires_at: OffsetDateTime,
}

/// The page's own codes of a verification, each identified by its generation. The codes themselves are derived
/// ([`crate::optin::code::Code::derive`]), and each has its own expiry time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyGenerations {
    /// The generation that the page shows.
    pub current: u32,
    /// The oldest generation that is still valid, if it hasn't expired.
    pub first: u32,
    /// The generation that the page showed when a code was last requested.
    pub requested: u32,
}

impl ReplyGenerations {
    /// Creates the generations of a verification that begins with `generation`.
    #[must_use]
    pub const fn begun(generation: u32) -> Self {
        Self { current: generation, first: generation, requested: generation }
    }

    /// Returns whether the box has been checked again since a code was last requested.
    #[must_use]
    pub const fn is_renewed(self) -> bool {
        self.current > self.requested
    }

    /// Returns the generations after the next request for a code. What the page showed since the previous request stays valid,
    /// including its renewal. `kept` is false after a STOP.
    #[must_use]
    pub fn requested(self, generation: u32, kept: bool) -> Self {
        let first = if kept { self.requested.max(self.first) } else { generation };
        Self { current: generation, first, requested: generation }
    }

    /// Returns the generations after the box was checked again with no text left to send. This counts as a request that has
    /// already had its renewal. `kept` is false after a STOP.
    #[must_use]
    pub fn requested_by_box(self, generation: u32, kept: bool) -> Self {
        Self { requested: self.current, ..self.requested(generation, kept) }
    }

    /// Returns the generations after the box was checked again before the next request. All valid codes stay valid, unless a
    /// STOP came in.
    #[must_use]
    pub const fn renewed(self, generation: u32, kept: bool) -> Self {
        let first = if kept { self.first } else { generation };
        Self { current: generation, first, ..self }
    }
}

/// How an entered code compares with those of its verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeMatch {
    /// One of the last two, and not expired.
    Right,
    /// One of this verification's codes, but too old.
    Old,
    /// None of this verification's codes.
    Wrong,
}

/// Returns when a code that is issued at `now` expires: after its own lifetime, or together with its verification.
#[must_use]
pub fn code_expires_at(created_at: OffsetDateTime, now: OffsetDateTime, rules: &VerificationRules) -> OffsetDateTime {
    (now + rules.code_ttl).min(created_at + LONGEST_LIFE)
}

/// Returns the actual state of a verification at `now`. A pending one whose time is over has expired, even if it hasn't been
/// swept yet.
#[must_use]
pub fn state_at(stored: VerificationState, expires_at: OffsetDateTime, now: OffsetDateTime) -> VerificationState {
    match stored {
        VerificationState::Pending if now >= expires_at => VerificationState::Expired,
        VerificationState::Pending
        | VerificationState::Verified
        | VerificationState::Expired
        | VerificationState::Locked
        | VerificationState::Superseded => stored,
    }
}

/// Returns whether a resend is due. `resends` is the number of resends so far, and `last_request_at` is when a code was last
/// requested.
#[must_use]
pub fn resend(resends: u32, last_request_at: OffsetDateTime, now: OffsetDateTime, rules: &VerificationRules) -> Resend {
    let Some(gap) = usize::try_from(resends).ok().and_then(|n| rules.resend_after.get(n)) else {
        return Resend::NoneLeft;
    };
    let due_at = last_request_at + *gap;
    if now >= due_at { Resend::Due } else { Resend::Waiting(due_at - now) }
}

/// What happens when the box is checked again for a number whose verification is pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckedAgain {
    /// A new code is requested.
    Resend,
    /// The page's own code is renewed, and no text is requested.
    Renewal {
        /// Whether it counts as a request of its own, because no text is left. The gap then starts over.
        counts: bool,
    },
    /// Nothing, because what was requested is on its way.
    Nothing,
}

/// Returns what happens when the box is checked again. `resends` is the number of resends so far, `last_request_at` is when a
/// code was last requested, and `renewed` says whether the box has already been checked again since. Each request allows one
/// renewal, so that repeated clicks can neither fill the database nor invalidate a code that is on its way.
#[must_use]
pub fn checked_again(
    resends: u32,
    last_request_at: OffsetDateTime,
    renewed: bool,
    now: OffsetDateTime,
    rules: &VerificationRules,
) -> CheckedAgain {
    match resend(resends, last_request_at, now, rules) {
        Resend::Due => CheckedAgain::Resend,
        Resend::NoneLeft if last_gap_is_over(last_request_at, now, rules) => CheckedAgain::Renewal { counts: true },
        Resend::Waiting(_) | Resend::NoneLeft if renewed => CheckedAgain::Nothing,
        Resend::Waiting(_) | Resend::NoneLeft => CheckedAgain::Renewal { counts: false },
    }
}

/// Returns whether the last text that could be requested has had a full gap's time to arrive.
#[must_use]
pub fn last_gap_is_over(last_request_at: OffsetDateTime, now: OffsetDateTime, rules: &VerificationRules) -> bool {
    now >= last_request_at + rules.resend_after.last().copied().unwrap_or(SHORTEST_GAP)
}

/// Judges an entered code. `issued` lists the codes in the order they were issued, and `matching` is the index of the one
/// that was entered, if any.
#[must_use]
pub fn judge(issued: &[IssuedCode], matching: Option<usize>, now: OffsetDateTime) -> CodeMatch {
    let Some((place, code)) = matching.and_then(|place| issued.get(place).map(|code| (place, code))) else {
        return CodeMatch::Wrong;
    };
    let among_last = issued.len() - place <= LIVE_CODES;
    if among_last && now < code.expires_at { CodeMatch::Right } else { CodeMatch::Old }
}

/// Returns how many minutes a code has left, as the page and the text say it: rounded down, but never less than one while
/// the code is valid.
#[must_use]
pub fn whole_minutes(left: Duration) -> i64 {
    left.whole_minutes().max(1)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const T0: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    fn rules() -> VerificationRules {
        VerificationRules {
            code_length: 6,
            code_ttl: Duration::minutes(10),
            max_attempts: 5,
            resend_after: vec![Duration::seconds(30), Duration::seconds(60)],
        }
    }

    #[test]
    fn a_code_lives_ten_minutes_and_never_longer_than_its_verification() {
        assert_eq!(code_expires_at(T0, T0, &rules()), T0 + Duration::minutes(10));
        assert_eq!(code_expires_at(T0, T0 + Duration::minutes(19), &rules()), T0 + Duration::minutes(29));
        assert_eq!(code_expires_at(T0, T0 + Duration::minutes(25), &rules()), T0 + Duration::minutes(30));
    }

    #[test]
    fn a_pending_verification_expires_at_its_moment_and_no_other_state_does() {
        let end = T0 + Duration::minutes(10);
        let tick = Duration::microseconds(1);
        assert_eq!(state_at(VerificationState::Pending, end, end - tick), VerificationState::Pending);
        assert_eq!(state_at(VerificationState::Pending, end, end), VerificationState::Expired);
        for state in VerificationState::ALL.iter().filter(|s| **s != VerificationState::Pending) {
            assert_eq!(state_at(*state, end, end + tick), *state);
        }
    }

    #[test]
    fn there_are_as_many_resends_as_gaps_each_after_its_own() {
        let at = |seconds| T0 + Duration::seconds(seconds);
        assert_eq!(resend(0, T0, at(29), &rules()), Resend::Waiting(Duration::seconds(1)));
        assert_eq!(resend(0, T0, at(30), &rules()), Resend::Due);
        assert_eq!(resend(1, at(30), at(89), &rules()), Resend::Waiting(Duration::seconds(1)));
        assert_eq!(resend(1, at(30), at(90), &rules()), Resend::Due);
        assert_eq!(resend(2, at(90), at(3_600), &rules()), Resend::NoneLeft);
    }

    #[test]
    fn the_last_two_codes_are_valid_each_for_its_own_time() {
        let issued: Vec<IssuedCode> = [0, 30, 90]
            .iter()
            .map(|s| T0 + Duration::seconds(*s))
            .map(|t| IssuedCode { issued_at: t, expires_at: t + Duration::minutes(10) })
            .collect();
        let soon = T0 + Duration::seconds(100);
        assert_eq!(judge(&issued, Some(0), soon), CodeMatch::Old);
        assert_eq!(judge(&issued, Some(1), soon), CodeMatch::Right);
        assert_eq!(judge(&issued, Some(2), soon), CodeMatch::Right);
        assert_eq!(judge(&issued, None, soon), CodeMatch::Wrong);
        assert_eq!(judge(&issued, Some(3), soon), CodeMatch::Wrong);
        assert_eq!(judge(&issued[..1], Some(0), soon), CodeMatch::Right);
        let second_dies = T0 + Duration::seconds(630);
        assert_eq!(judge(&issued, Some(1), second_dies - Duration::microseconds(1)), CodeMatch::Right);
        assert_eq!(judge(&issued, Some(1), second_dies), CodeMatch::Old);
        assert_eq!(judge(&issued, Some(2), second_dies), CodeMatch::Right);
    }

    #[test]
    fn the_reply_codes_of_the_last_two_requests_and_their_renewals_are_valid() {
        let good = |shown: ReplyGenerations| (shown.first, shown.current);
        let first = ReplyGenerations::begun(1);
        let second = first.requested(2, true);
        assert_eq!(good(second), (1, 2));
        // A generation may be skipped because its code equals another live one.
        assert_eq!(good(second.requested(4, true)), (2, 4));
        assert_eq!(good(second.requested(3, false)), (3, 3), "after a STOP nothing older is good");

        // After the box is checked again, both codes of a request are valid until the request after the next.
        let renewed = first.renewed(2, true);
        assert_eq!(good(renewed), (1, 2));
        let next = renewed.requested(3, true);
        assert_eq!(good(next), (1, 3));
        assert_eq!(good(next.renewed(4, true)), (1, 4));
        assert_eq!(good(next.renewed(4, true).requested(5, true)), (3, 5));
        assert_eq!(good(next.renewed(4, false)), (4, 4), "after a STOP nothing older is good");
    }

    #[test]
    fn minutes_left_are_never_said_to_be_more_than_there_are() {
        assert_eq!(whole_minutes(Duration::seconds(600)), 10);
        assert_eq!(whole_minutes(Duration::seconds(599)), 9);
        assert_eq!(whole_minutes(Duration::seconds(20)), 1);
    }
}
