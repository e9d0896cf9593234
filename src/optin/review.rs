//! Texts that matched nothing: which ones the owner must read, in which order, and by when.
//!
//! Owns the deadline and the order of the queue. Each text may be an opt-out in words that `keyword` doesn't know, and the
//! law counts the days (47 CFR 64.1200(a)(10)). Must not decide what a text does: a rank only puts the likeliest opt-outs
//! first and robots last.

use time::{Duration, OffsetDateTime, Weekday};

use crate::optin::keyword;
use crate::optin::phrase::fold;

/// How many days the law allows for honoring an opt-out in any words (47 CFR 64.1200(a)(10), TCPA-2), not counting
/// Saturdays and Sundays. Leaving out holidays too would only extend the deadline.
const BUSINESS_DAYS: u32 = 10;

/// Returns the time by which the owner must have read a message that matched nothing. It may be an opt-out in words that we
/// didn't recognize.
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

/// A message with at least this many words besides a code says more than the code does.
const WORDS_TO_REVIEW: usize = 3;

/// Returns whether a message with a wrong code says something else too, which may be an opt-out in words that we don't
/// know.
#[must_use]
pub fn says_more_than_a_code(text: &str) -> bool {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() >= WORDS_TO_REVIEW
}

/// The rank of a text in the queue of those that the owner must read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewRank {
    /// It reads like a request to stop.
    LikelyOptOut,
    /// Anything else that a person wrote.
    Ordinary,
    /// Most likely an automatic reply or a reaction.
    Automatic,
}

impl ReviewRank {
    /// Returns the number that the database stores. Lower ones come first.
    #[must_use]
    pub const fn as_number(self) -> i32 {
        match self {
            Self::LikelyOptOut => 0,
            Self::Ordinary => 1,
            Self::Automatic => 2,
        }
    }
}

/// Beginnings of words that people use when they want no more texts, in English, Spanish and French, without accents.
const STOP_STEMS: &[&str] = &[
    "stop",
    "unsub",
    "cancel",
    "quit",
    "remove",
    "delete",
    "block",
    "spam",
    "scam",
    "harass",
    "annoy",
    "enough",
    "lawyer",
    "attorney",
    "sue",
    "fcc",
    "illegal",
    "optout",
    "consent",
    "alto",
    "parar",
    "pare",
    "paren",
    "deje",
    "baja",
    "borr",
    "elimin",
    "molest",
    "acoso",
    "demand",
    "basta",
    "arret",
    "desabonn",
    "desinscri",
    "retir",
    "supprim",
    "cess",
    "harcel",
    "assez",
];
/// Phrases that people use when they want no more texts.
const STOP_PHRASES: &[&str] = &[
    "no more",
    "not interested",
    "leave me",
    "wrong number",
    "opt out",
    "opt me out",
    "dont text",
    "do not text",
    "dont want",
    "do not want",
    "dont need",
    "who gave you",
    "never signed",
    "did not sign",
    "didnt sign",
    "lose my number",
    "lose this number",
    "off your list",
    "off this list",
    "off the list",
    "dont contact",
    "do not contact",
    "do not call",
    "take me off",
    "no mas",
    "no quiero",
    "no me ",
    "numero equivocado",
    "no autori",
    "ya no",
    "plus de",
    "ne veux",
    "pas interess",
    "mauvais numero",
    "faux numero",
    "laissez moi",
    "ne pas",
];

/// Ranks a text that matched nothing.
#[must_use]
pub fn rank(text: &str) -> ReviewRank {
    let plain = format!(" {} ", plain_words(text));
    let says = |phrase: &&str| plain.contains(&format!(" {phrase}"));
    if keyword::is_only_quoted(text) || keyword::is_automatic(text) {
        ReviewRank::Automatic
    } else if STOP_STEMS.iter().chain(STOP_PHRASES).any(says) {
        ReviewRank::LikelyOptOut
    } else {
        ReviewRank::Ordinary
    }
}

/// Returns the text in lowercase, without accents and apostrophes, and with one space between words.
fn plain_words(text: &str) -> String {
    let folded = fold(text).replace(['\'', '\u{2019}'], "");
    let folded: String = folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const T0: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    #[test]
    fn what_reads_like_a_wish_to_stop_comes_first_and_robots_come_last() {
        for text in [
            "quit it",
            "st\u{200b}op it",
            "I'll talk to my lawyer",
            "Y'all need to leave me be",
            "ya no por favor",
            "je n'en veux plus, arrête ça",
        ] {
            assert_eq!(rank(text), ReviewRank::LikelyOptOut, "{text}");
        }
        for text in ["who is this?", "is this about my boat", "ok", "\u{1f44d}", "what's the address"] {
            assert_eq!(rank(text), ReviewRank::Ordinary, "{text}");
        }
        for text in [
            "I'm driving right now. I'll text you when I arrive.",
            "Automatic reply: I am out of the office until Monday. To stop these, text STOP2.",
            "Liked \u{201c}Acme Alerts: You're signed up for texts.\u{201d}",
            "Thank you for contacting Joe's Garage! We will get back to you.",
        ] {
            assert_eq!(rank(text), ReviewRank::Automatic, "{text}");
        }
        assert!(ReviewRank::LikelyOptOut.as_number() < ReviewRank::Ordinary.as_number());
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
}
