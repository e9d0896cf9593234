//! What happened to a text: the provider's answer to a send, and what the carrier reports later.
//!
//! Owns these two vocabularies, which all providers share, and the cleaning of text that a provider wrote. Must not know any
//! single provider's codes, and no `why` may contain a number, a code, a secret or a URL. `Unknown` isn't a failure: the text
//! may be on its way, so sending it again could deliver it twice.

use time::Duration;

/// How many characters of a provider's own text are kept.
const WORDS: usize = 80;

/// The outcome of one send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider accepted every part.
    Accepted {
        /// The provider's id of each part.
        ids: Vec<String>,
    },
    /// Nothing was accepted. The same text can be sent again later.
    TryAgain {
        /// The reason, in words.
        why: String,
    },
    /// Nothing was accepted, because we sent too fast.
    Throttled {
        /// The reason, in words.
        why: String,
        /// How long to wait.
        wait: Duration,
    },
    /// The request may have gone out, but no answer came.
    Unknown {
        /// The reason, in words.
        why: String,
    },
    /// The provider's answer can't be understood. It may have accepted the text.
    Unreadable {
        /// The reason, in words.
        why: String,
    },
    /// The provider rejects this number or this text.
    Refused {
        /// The reason, in words.
        why: String,
        /// Whether it counts toward closing the number.
        permanent: bool,
    },
    /// The person has told the provider to stop.
    OptedOut {
        /// The reason, in words.
        why: String,
    },
    /// The owner must fix something.
    Misconfigured {
        /// The reason, in words.
        why: String,
    },
}

impl SendOutcome {
    /// Returns why the text wasn't accepted; empty if it was.
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
    /// Our own reference, if the provider returns it.
    pub reference: Option<String>,
    /// The recipient's number, in E.164.
    pub phone: Option<String>,
    /// What the receipt reports.
    pub state: ReceiptState,
}

/// What a receipt reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptState {
    /// Nothing final yet.
    Underway,
    /// The carrier delivered it.
    Delivered,
    /// The text won't arrive.
    Failed {
        /// The reason, in words.
        why: String,
        /// What follows from it.
        consequence: Consequence,
    },
}

/// What follows from a failure, beyond this text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing.
    None,
    /// It isn't the number's fault: the owner must fix something.
    Misconfigured,
    /// The person has opted out.
    OptedOut,
    /// No text to this number will arrive, so it counts toward closing the number.
    Permanent,
}

/// Returns how long to wait: the longest of one second, the `Retry-After` header and the figure in `please wait [ 702 ]`,
/// which is in milliseconds. It's never more than a minute, since both come from outside.
#[must_use]
pub fn throttle_wait(text: &str, retry_after: Option<Duration>) -> Duration {
    let figure = text.split_once("please wait").and_then(|(_, rest)| {
        let rest = rest.trim_start_matches([' ', '[']);
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok()
    });
    let asked = Duration::milliseconds(figure.map_or(0, i64::from));
    asked.max(retry_after.unwrap_or_default()).clamp(Duration::SECOND, Duration::MINUTE)
}

/// Appends the provider's own text to a phrase, if there is any. That text is untrusted: anything that looks like a URL, a
/// number or a key is removed, and the rest is truncated.
#[must_use]
pub fn with_words(phrase: &str, words: &str) -> String {
    let hidden = |word: &str| word.contains("://") || word.chars().filter(|c| c.is_numeric()).count() >= 6;
    let clean: Vec<&str> = words.split_whitespace().map(|word| if hidden(word) { "…" } else { word }).collect();
    let clean: String = clean.join(" ").chars().filter(|c| !c.is_control()).take(WORDS).collect();
    if clean.is_empty() { phrase.to_owned() } else { format!("{phrase}: {clean}") }
}

/// Returns the E.164 form of a number that came with or without its `+`; `None` if it isn't a number.
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
    fn other_figures_are_not_taken_for_a_wait() {
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
        // Truncation comes last, so that it can't leave the start of a number behind.
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
