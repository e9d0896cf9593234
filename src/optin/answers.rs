//! Answers to inbound texts: which ones there are, and how often each may be given.
//!
//! Owns the limits that keep two robots from answering each other forever (MSG-4, INT-8). Must not read messages (that's
//! `keyword`) or hold wording. The limits apply only to answers: the hundredth STOP still opts out like the first.

use time::{Duration, OffsetDateTime};

use crate::optin::caps::{Cap, free_at};
use crate::optin::message::MessageKind;
use crate::optin::subscriber::Standing;

/// An answer to an inbound message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The answer to an opt-out that changed something.
    Goodbye,
    /// The answer to an opt-out that changed nothing.
    GoodbyeAgain,
    /// The answer to HELP, and to START if there's no opt-in to go back to.
    Help,
    /// The answer to START after an opt-in.
    Welcome,
    /// The answer to a code that matches nothing.
    NotMatched,
    /// The answer to the texted code, sent back to us: it has to be typed on the page.
    TypeIt,
    /// The answer to anything else.
    Unknown,
}

impl Answer {
    /// Returns the kind that the text is stored as.
    #[must_use]
    pub const fn kind(self) -> MessageKind {
        match self {
            Self::Goodbye | Self::GoodbyeAgain => MessageKind::Goodbye,
            Self::Help => MessageKind::Help,
            Self::Welcome => MessageKind::Welcome,
            Self::NotMatched | Self::TypeIt => MessageKind::NotMatched,
            Self::Unknown => MessageKind::Unknown,
        }
    }

    /// Returns whether it answers STOP, HELP or START, which some providers answer themselves.
    #[must_use]
    pub const fn is_to_a_keyword(self) -> bool {
        match self {
            Self::Goodbye | Self::GoodbyeAgain | Self::Help | Self::Welcome => true,
            Self::NotMatched | Self::TypeIt | Self::Unknown => false,
        }
    }

    /// Returns how long the text may still be sent. A STOP is confirmed within five minutes or not at all (TCPA-3), and nobody
    /// waits longer than half an hour for the other answers.
    #[must_use]
    pub const fn life(self) -> Duration {
        match self {
            Self::Goodbye | Self::GoodbyeAgain => Duration::minutes(5),
            Self::Help | Self::Welcome | Self::NotMatched | Self::TypeIt | Self::Unknown => Duration::minutes(30),
        }
    }
}

/// No limit looks further back than this.
pub const LONGEST_LOOK: Duration = Duration::hours(24);
/// How many answers, of all kinds together, one number gets per hour (INT-8).
const PER_HOUR: Cap = Cap { at_most: 5, window: Duration::hours(1) };
/// For answers of which a number gets only one a day.
const ONCE_A_DAY: Cap = Cap { at_most: 1, window: LONGEST_LOOK };
/// A number that changes its mind more often than this within [`LONGEST_LOOK`] gets no further answer. It's a robot, or is
/// talking to one.
pub const MOST_CHANGES: u32 = 10;

/// An answer that a number got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenAnswer {
    /// The kind that it was stored as.
    pub kind: MessageKind,
    /// When it was queued.
    pub at: OffsetDateTime,
    /// Whether it answers a code that proved something. Such an answer is exempt from all limits and doesn't count toward them.
    pub to_a_code: bool,
}

/// Returns whether an answer may be given to a number with this standing. `given` lists the answers that it got within
/// [`LONGEST_LOOK`]. `changes` is how often it changed its mind in that time, including with the message to answer.
#[must_use]
pub fn may_answer(answer: Answer, standing: Option<Standing>, given: &[GivenAnswer], changes: u32, now: OffsetDateTime) -> bool {
    let has_room = |cap: Cap, counts: &dyn Fn(MessageKind) -> bool| {
        let counted = given.iter().filter(|answer| !answer.to_a_code && counts(answer.kind));
        free_at(&counted.map(|answer| answer.at).collect::<Vec<_>>(), cap, now).is_none()
    };
    if changes > MOST_CHANGES || !has_room(PER_HOUR, &|_| true) {
        return false;
    }
    match answer {
        Answer::Goodbye | Answer::Help | Answer::Welcome => true,
        Answer::GoodbyeAgain => has_room(ONCE_A_DAY, &|kind| kind == MessageKind::Goodbye),
        Answer::NotMatched | Answer::TypeIt => standing != Some(Standing::OptedOut),
        Answer::Unknown => standing != Some(Standing::OptedOut) && has_room(ONCE_A_DAY, &|kind| kind == MessageKind::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const T0: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    const ALL: [Answer; 7] = [
        Answer::Goodbye,
        Answer::GoodbyeAgain,
        Answer::Help,
        Answer::Welcome,
        Answer::NotMatched,
        Answer::TypeIt,
        Answer::Unknown,
    ];

    fn given(kinds: &[MessageKind]) -> Vec<GivenAnswer> {
        kinds.iter().map(|kind| GivenAnswer { kind: *kind, at: T0, to_a_code: false }).collect()
    }

    #[test]
    fn answers_of_all_kinds_share_five_an_hour_whatever_the_standing() {
        let five =
            given(&[MessageKind::Help, MessageKind::Welcome, MessageKind::Goodbye, MessageKind::NotMatched, MessageKind::Help]);
        let late = T0 + Duration::hours(1);
        for standing in [None, Some(Standing::Subscribed), Some(Standing::OptedOut), Some(Standing::Closed)] {
            for answer in ALL {
                assert!(!may_answer(answer, standing, &five, 0, late - Duration::microseconds(1)), "{answer:?}");
            }
            for answer in [Answer::Help, Answer::Welcome, Answer::Goodbye] {
                assert!(may_answer(answer, standing, &five[..4], 0, T0), "{answer:?}");
                assert!(may_answer(answer, standing, &five, 0, late), "{answer:?}");
            }
        }
    }

    #[test]
    fn the_answer_to_a_code_that_proved_something_counts_toward_no_limit() {
        let answer = GivenAnswer { kind: MessageKind::Confirmed, at: T0, to_a_code: true };
        assert!(may_answer(Answer::Help, None, &[answer; 9], 0, T0));
    }

    #[test]
    fn a_number_that_changes_its_mind_more_than_ten_times_a_day_gets_no_further_answer() {
        for answer in ALL {
            assert!(!may_answer(answer, None, &[], MOST_CHANGES + 1, T0), "{answer:?}");
            assert!(may_answer(answer, None, &[], MOST_CHANGES, T0), "{answer:?}");
        }
    }

    #[test]
    fn an_opt_out_is_confirmed_if_it_changes_something_and_otherwise_once_a_day() {
        let given = given(&[MessageKind::Goodbye]);
        assert!(may_answer(Answer::Goodbye, None, &given, 1, T0));
        let day = T0 + Duration::hours(24);
        assert!(!may_answer(Answer::GoodbyeAgain, Some(Standing::OptedOut), &given, 1, day - Duration::microseconds(1)));
        assert!(may_answer(Answer::GoodbyeAgain, Some(Standing::OptedOut), &given, 1, day));
    }

    #[test]
    fn an_opted_out_number_gets_no_answer_to_codes_and_words() {
        for answer in [Answer::NotMatched, Answer::TypeIt, Answer::Unknown] {
            assert!(!may_answer(answer, Some(Standing::OptedOut), &[], 0, T0));
            assert!(may_answer(answer, None, &[], 0, T0));
        }
        assert!(!may_answer(Answer::Unknown, None, &given(&[MessageKind::Unknown]), 0, T0 + Duration::hours(23)));
        assert!(may_answer(Answer::NotMatched, None, &given(&[MessageKind::Unknown]), 0, T0));
    }
}
