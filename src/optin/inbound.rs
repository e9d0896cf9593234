//! Answers to what a phone texts: which there are, and how often each may be given.
//!
//! Owns the bounds that keep two robots from answering each other for ever (DESIGN, invariant 4; MSG-4, INT-8). Must not
//! read messages (that is `keyword`) or hold words. The surprise: these bounds hold answers back, never effects: the
//! hundredth STOP opts out like the first.

use time::{Duration, OffsetDateTime, Weekday};

use crate::optin::caps::{Cap, free_at};
use crate::optin::message::MessageKind;
use crate::optin::subscriber::Standing;

/// An answer to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// To an opt-out that changed something.
    Goodbye,
    /// To an opt-out that changed nothing.
    GoodbyeAgain,
    /// To HELP, and to START where there is no opt-in to go back to.
    Help,
    /// To START after an opt-in.
    Welcome,
    /// To a code that belongs to nothing.
    NotMatched,
    /// To the texted code, sent back: it goes into the page.
    TypeIt,
    /// To anything else.
    Unknown,
}

impl Answer {
    /// The kind that the text is kept as.
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

    /// Whether it answers STOP, HELP or START, which some providers answer themselves.
    #[must_use]
    pub const fn is_to_a_keyword(self) -> bool {
        match self {
            Self::Goodbye | Self::GoodbyeAgain | Self::Help | Self::Welcome => true,
            Self::NotMatched | Self::TypeIt | Self::Unknown => false,
        }
    }

    /// For how long the text may still be sent: a STOP is confirmed within five minutes or not at all (TCPA-3), and nobody
    /// waits longer than half an hour for the rest.
    #[must_use]
    pub const fn life(self) -> Duration {
        match self {
            Self::Goodbye | Self::GoodbyeAgain => Duration::minutes(5),
            Self::Help | Self::Welcome | Self::NotMatched | Self::TypeIt | Self::Unknown => Duration::minutes(30),
        }
    }
}

/// No bound looks further back.
pub const LONGEST_LOOK: Duration = Duration::hours(24);

/// Whether an answer may be given to a number that stands like this. `given` are the answers that it got within
/// [`LONGEST_LOOK`], with the time of each.
#[must_use]
pub fn may_answer(
    answer: Answer,
    standing: Option<Standing>,
    given: &[(MessageKind, OffsetDateTime)],
    now: OffsetDateTime,
) -> bool {
    let opted_out = standing == Some(Standing::OptedOut);
    let (kinds, cap): (&[MessageKind], Cap) = match answer {
        // The alternation of STOP and START is bounded by START's answers.
        Answer::Goodbye => return true,
        Answer::GoodbyeAgain => (&[MessageKind::Goodbye], Cap { at_most: 1, window: LONGEST_LOOK }),
        Answer::Help | Answer::Welcome => {
            (&[MessageKind::Help, MessageKind::Welcome], Cap { at_most: 5, window: Duration::hours(1) })
        }
        Answer::NotMatched | Answer::TypeIt | Answer::Unknown if opted_out => return false,
        Answer::NotMatched | Answer::TypeIt => (&[MessageKind::NotMatched], Cap { at_most: 5, window: Duration::hours(1) }),
        Answer::Unknown => (&[MessageKind::Unknown], Cap { at_most: 1, window: LONGEST_LOOK }),
    };
    let times: Vec<OffsetDateTime> = given.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, at)| *at).collect();
    free_at(&times, cap, now).is_none()
}

/// Days that the law gives to honour an opt-out in whatever words (47 CFR 64.1200(a)(10), TCPA-2), Saturdays and Sundays
/// aside. Holidays would only lengthen it.
const BUSINESS_DAYS: u32 = 10;

/// By when the owner must have read a message that matched nothing: it may be an opt-out in words that we did not see.
#[must_use]
pub fn review_deadline(received_at: OffsetDateTime) -> OffsetDateTime {
    let mut at = received_at;
    let mut left = BUSINESS_DAYS;
    while left > 0 {
        at += Duration::days(1);
        if !matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    at
}

/// Words beside a code from which on a message says more than the code does.
const WORDS_TO_REVIEW: usize = 3;

/// Whether a message that held a wrong code says something beside it, which may be an opt-out in words that we do not know.
#[must_use]
pub fn says_more_than_a_code(text: &str) -> bool {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() >= WORDS_TO_REVIEW
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const T0: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    #[test]
    fn help_and_start_share_five_answers_an_hour_whatever_the_standing() {
        let given: Vec<_> = [MessageKind::Help, MessageKind::Welcome, MessageKind::Help, MessageKind::Help, MessageKind::Welcome]
            .into_iter()
            .map(|kind| (kind, T0))
            .collect();
        let late = T0 + Duration::hours(1);
        for standing in [None, Some(Standing::Subscribed), Some(Standing::OptedOut), Some(Standing::Closed)] {
            for answer in [Answer::Help, Answer::Welcome] {
                assert!(may_answer(answer, standing, &given[..4], T0));
                assert!(!may_answer(answer, standing, &given, late - Duration::microseconds(1)));
                assert!(may_answer(answer, standing, &given, late));
            }
        }
    }

    #[test]
    fn an_opt_out_that_changes_something_is_always_confirmed_and_one_that_does_not_once_a_day() {
        let given = [(MessageKind::Goodbye, T0)];
        assert!(may_answer(Answer::Goodbye, None, &given, T0));
        let day = T0 + Duration::hours(24);
        assert!(!may_answer(Answer::GoodbyeAgain, Some(Standing::OptedOut), &given, day - Duration::microseconds(1)));
        assert!(may_answer(Answer::GoodbyeAgain, Some(Standing::OptedOut), &given, day));
    }

    #[test]
    fn a_sentence_beside_a_code_is_told_from_a_code() {
        for text in ["482913", "code 482913", "código: 482 913", "YES 042917"] {
            assert!(!says_more_than_a_code(text), "{text}");
        }
        assert!(says_more_than_a_code("give me peace 482193 please"));
    }

    #[test]
    fn the_deadline_of_a_review_is_ten_business_days() {
        // A Tuesday, a Friday and a Saturday.
        assert_eq!(review_deadline(T0), datetime!(2026-12-08 12:00 UTC));
        assert_eq!(review_deadline(datetime!(2026-11-27 23:59 UTC)), datetime!(2026-12-11 23:59 UTC));
        assert_eq!(review_deadline(datetime!(2026-11-28 00:00 UTC)), datetime!(2026-12-11 00:00 UTC));
    }

    #[test]
    fn who_opted_out_gets_silence_for_codes_and_words() {
        for answer in [Answer::NotMatched, Answer::TypeIt, Answer::Unknown] {
            assert!(!may_answer(answer, Some(Standing::OptedOut), &[], T0));
            assert!(may_answer(answer, None, &[], T0));
        }
        assert!(!may_answer(Answer::Unknown, None, &[(MessageKind::Unknown, T0)], T0 + Duration::hours(23)));
        assert!(!may_answer(Answer::NotMatched, None, &[(MessageKind::NotMatched, T0); 5], T0 + Duration::minutes(59)));
    }
}
