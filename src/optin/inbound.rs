//! What to do about a text that came in: the reading order, and nothing else.
//!
//! Owns the order of DESIGN section 3 (opt-out comes first). Must not store or answer. The surprise: the next issue of
//! the project adds help, opt-in and codes; until then everything that is no opt-out is kept and left alone.

use crate::optin::keyword;

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboundAction {
    /// No more texts. `keyword` is the word that said so.
    OptOut {
        /// One of [`keyword::OPT_OUT_WORDS`].
        keyword: &'static str,
    },
    /// Nothing that we know.
    Unknown,
}

/// Reads a message.
#[must_use]
pub fn decide(message: &str) -> InboundAction {
    keyword::opt_out(message).map_or(InboundAction::Unknown, |keyword| InboundAction::OptOut { keyword })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opt_out_word_is_an_opt_out_and_the_rest_is_unknown() {
        assert_eq!(decide("Stop."), InboundAction::OptOut { keyword: "STOP" });
        assert_eq!(decide("hello"), InboundAction::Unknown);
    }
}
