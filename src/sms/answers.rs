//! Which keywords a provider answers by itself, where it is told to (`sms.provider_answers_keywords`).
//!
//! Owns their lists (docs/providers.md). Must not decide what else a message may mean: an opt-out in other words
//! is ours to see and to answer. The surprise: providers match the whole message alone, so "please stop" gets no answer
//! from them.

/// A keyword that the provider itself has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredAs {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// A call for help.
    Help,
}

type Words = [(AnsweredAs, &'static [&'static str]); 3];

/// Vonage's Opt-Out Assist.
pub(super) const VONAGE: Words = [
    (AnsweredAs::Stop, &["STOP", "END", "QUIT", "CANCEL", "UNSUBSCRIBE"]),
    (AnsweredAs::Start, &["START", "JOIN"]),
    (AnsweredAs::Help, &["HELP"]),
];

/// Twilio's default for numbers that it handles. YES is a word for START there, but no text of ours asks for it.
pub(super) const TWILIO: Words = [
    (AnsweredAs::Stop, &["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"]),
    (AnsweredAs::Start, &["START", "UNSTOP"]),
    (AnsweredAs::Help, &["HELP", "INFO"]),
];

/// What a provider with these words takes a message for.
pub(super) fn answered_as(words: &Words, text: &str) -> Option<AnsweredAs> {
    let whole = text.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation()).to_uppercase();
    words.iter().find(|(_, words)| words.contains(&whole.as_str())).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_message_is_answered_by_the_provider() {
        assert_eq!(answered_as(&VONAGE, " Stop.\n"), Some(AnsweredAs::Stop));
        assert_eq!(answered_as(&VONAGE, "join"), Some(AnsweredAs::Start));
        assert_eq!(answered_as(&TWILIO, "INFO"), Some(AnsweredAs::Help));
        for text in ["please stop", "ALTO", "STOP ALL", "YES", ""] {
            assert_eq!((answered_as(&VONAGE, text), answered_as(&TWILIO, text)), (None, None), "{text}");
        }
    }
}
