//! The keywords that a provider answers itself, if it's set up to (`sms.provider_answers_keywords`).
//!
//! Owns the providers' keyword lists (docs/providers.md). Must not decide what else a message may mean: an opt-out in other
//! words is ours to recognize and answer. Providers only match the whole message, so "please stop" gets no answer from them.

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

type Words = [(AnsweredAs, &'static [&'static str]); 3];

/// The keywords of Vonage's Opt-Out Assist.
pub(super) const VONAGE: Words = [
    (AnsweredAs::Stop, &["STOP", "END", "QUIT", "CANCEL", "UNSUBSCRIBE"]),
    (AnsweredAs::Start, &["START", "JOIN"]),
    (AnsweredAs::Help, &["HELP"]),
];

/// Twilio's default keywords, for numbers that it handles. There, YES also means START, but none of our texts asks for a YES.
pub(super) const TWILIO: Words = [
    (AnsweredAs::Stop, &["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"]),
    (AnsweredAs::Start, &["START", "UNSTOP"]),
    (AnsweredAs::Help, &["HELP", "INFO"]),
];

/// Returns the keyword that a provider with these lists takes a message for.
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
