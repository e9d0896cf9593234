//! The keywords that a provider answers itself, if it's set up to (`sms.provider_answers_keywords`).
//!
//! Owns how a message is compared with a provider's list, which is in that provider's folder. Must not decide what else a message
//! may mean: an opt-out in other words is ours to recognize and answer. Providers only match the whole message, so "please stop"
//! gets no answer from them.

/// A keyword that the provider has already answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredAs {
    /// No more texts.
    Stop,
    /// Resume texts.
    Start,
    /// A request for help.
    Help,
}

/// A provider's list of keywords.
pub(super) type Words = [(AnsweredAs, &'static [&'static str]); 3];

/// Returns the keyword that a provider with this list takes a message for.
pub(super) fn answered_as(words: &Words, text: &str) -> Option<AnsweredAs> {
    let whole = text.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation()).to_uppercase();
    words.iter().find(|(_, words)| words.contains(&whole.as_str())).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::{twilio, vonage};

    #[test]
    fn only_a_whole_message_is_answered_by_the_provider() {
        assert_eq!(answered_as(&vonage::KEYWORDS, " Stop.\n"), Some(AnsweredAs::Stop));
        assert_eq!(answered_as(&vonage::KEYWORDS, "join"), Some(AnsweredAs::Start));
        assert_eq!(answered_as(&twilio::KEYWORDS, "INFO"), Some(AnsweredAs::Help));
        for text in ["please stop", "ALTO", "STOP ALL", "YES", ""] {
            assert_eq!((answered_as(&vonage::KEYWORDS, text), answered_as(&twilio::KEYWORDS, text)), (None, None), "{text}");
        }
    }
}
