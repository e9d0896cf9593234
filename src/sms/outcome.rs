//! What became of a text: the provider's answer to a send, and what the carrier reports later.
//!
//! Owns these two vocabularies, which every provider shares, and the cleaning of words that a provider wrote. Must not
//! know one provider's codes, and no `why` may hold a number, a code, a secret or a URL. The surprise: `Unknown` is not a
//! failure. The text may be on its way, so sending it again could bring it twice.

use time::Duration;

/// Characters of a provider's own words that are kept.
const WORDS: usize = 80;

/// The answer to one send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took every part.
    Accepted {
        /// Its id of each part.
        ids: Vec<String>,
    },
    /// Nothing was taken; the same text may be sent again later.
    TryAgain {
        /// The reason, in words.
        why: String,
    },
    /// Nothing was taken, because we were too fast.
    Throttled {
        /// The reason, in words.
        why: String,
        /// How long to hold back.
        wait: Duration,
    },
    /// The request may have gone out, and no answer came.
    Unknown {
        /// The reason, in words.
        why: String,
    },
    /// The provider answered something that nobody can read; it may have taken the text.
    Unreadable {
        /// The reason, in words.
        why: String,
    },
    /// This number or this text will not do.
    Refused {
        /// The reason, in words.
        why: String,
        /// Whether it counts towards closing the number.
        permanent: bool,
    },
    /// The person has told the provider to stop.
    OptedOut {
        /// The reason, in words.
        why: String,
    },
    /// The owner must act.
    Misconfigured {
        /// The reason, in words.
        why: String,
    },
}

impl SendOutcome {
    /// Why it was not accepted; empty if it was.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Accepted { .. } => "",
            Self::TryAgain { why }
            | Self::Throttled { why, .. }
            | Self::Unknown { why }
            | Self::Unreadable { why }
            | Self::Refused { why, .. }
            | Self::OptedOut { why }
            | Self::Misconfigured { why } => why,
        }
    }
}

/// A delivery receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's id of the part.
    pub message_id: Option<String>,
    /// Our own reference, if the provider gives it back.
    pub reference: Option<String>,
    /// The phone that the text was for, in E.164.
    pub phone: Option<String>,
    /// What is reported.
    pub state: ReceiptState,
}

/// What a receipt reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptState {
    /// Nothing final yet.
    Underway,
    /// The carrier delivered it.
    Delivered,
    /// It will not arrive.
    Failed {
        /// The reason, in words.
        why: String,
        /// What follows from it.
        consequence: Consequence,
    },
}

/// What follows from a failure beyond its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing.
    None,
    /// It is not the number's fault: the owner must set something right.
    Misconfigured,
    /// The person has opted out.
    OptedOut,
    /// No text to this number will arrive: it counts towards closing it.
    Permanent,
}

/// How long to hold back: the longest of a second, the `Retry-After` header and the figure of `please wait [ 702 ]`,
/// which is in milliseconds; never over a minute, since both come from outside.
#[must_use]
pub fn throttle_wait(text: &str, retry_after: Option<Duration>) -> Duration {
    let figure = text.split_once("please wait").and_then(|(_, rest)| {
        let rest = rest.trim_start_matches([' ', '[']);
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok()
    });
    let asked = Duration::milliseconds(figure.map_or(0, i64::from));
    asked.max(retry_after.unwrap_or_default()).clamp(Duration::SECOND, Duration::MINUTE)
}

/// A phrase with the provider's own words behind it, if there are any. They are untrusted: what looks like a URL, a number
/// or a key goes, and the rest is cut.
#[must_use]
pub fn with_words(phrase: &str, words: &str) -> String {
    let hidden = |word: &str| word.contains("://") || word.chars().filter(|c| c.is_numeric()).count() >= 6;
    let clean: Vec<&str> = words.split_whitespace().map(|word| if hidden(word) { "…" } else { word }).collect();
    let clean: String = clean.join(" ").chars().filter(|c| !c.is_control()).take(WORDS).collect();
    if clean.is_empty() { phrase.to_owned() } else { format!("{phrase}: {clean}") }
}

/// The E.164 form of a number that came with or without its `+`; `None` if it is no number.
#[must_use]
pub fn e164(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_08_the_figure_of_a_throttle_text_is_in_milliseconds() {
        let text = |figure: &str| format!("Throughput Rate Exceeded - please wait [ {figure} ] and retry");
        assert_eq!(throttle_wait(&text("702"), None), Duration::SECOND);
        assert_eq!(throttle_wait(&text("2500"), None), Duration::milliseconds(2500));
        assert_eq!(throttle_wait(&text("99999999"), None), Duration::MINUTE);
        assert_eq!(throttle_wait(&text("99999999999999999999"), None), Duration::SECOND);
        assert_eq!(throttle_wait("Throughput Rate Exceeded - please wait and retry in 9000", None), Duration::SECOND);
    }

    #[test]
    fn figures_that_are_no_wait_are_not_taken_for_one() {
        assert_eq!(throttle_wait("Exceeded maximum MT throughput[ MAX [ 30 ] INTERVAL [ 9000 ] ]", None), Duration::SECOND);
    }

    #[test]
    fn the_longer_of_header_and_figure_counts() {
        assert_eq!(throttle_wait("please wait [ 2500 ]", Some(Duration::seconds(7))), Duration::seconds(7));
        assert_eq!(throttle_wait("please wait [ 9500 ]", Some(Duration::seconds(7))), Duration::milliseconds(9500));
        assert_eq!(throttle_wait("", Some(Duration::ZERO)), Duration::SECOND);
    }

    #[test]
    fn a_providers_words_lose_numbers_urls_keys_and_length() {
        assert_eq!(with_words("bad credentials (status 4)", ""), "bad credentials (status 4)");
        assert_eq!(with_words("p", "sender 98765\nnot allowed\u{7}"), "p: sender 98765 not allowed");
        assert_eq!(with_words("p", "to 12015550123 or +1-201-555-0123."), "p: to … or …");
        assert_eq!(with_words("p", "bad (https://user:pass@example.com/x) here"), "p: bad … here");
        assert_eq!(with_words("p", "sig 68be2eb35622d810 wrong"), "p: sig … wrong");
        assert_eq!(with_words("p", &"é".repeat(500)).chars().count(), 3 + 80);
        // The cut comes last, so that it cannot leave the head of a number behind.
        assert_eq!(with_words("p", &format!("{} 12015550123", "x".repeat(77))), format!("p: {} …", "x".repeat(77)));
    }

    #[test]
    fn trap_05_numbers_compare_in_one_form() {
        assert_eq!(e164("12015550123").as_deref(), Some("+12015550123"));
        assert_eq!(e164("+12015550123").as_deref(), Some("+12015550123"));
        for no_number in ["", "+", "98765", "VERIZON", "1201555012a", "++12015550123", "1201555012345678", "١٢٣٤٥٦٧٨"] {
            assert_eq!(e164(no_number), None, "{no_number}");
        }
    }
}
