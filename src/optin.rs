//! The rules: what is valid, allowed and required. Everything here is pure.
//!
//! Owns every decision about numbers, codes, caps, keywords, disclosures and records. Must not touch the network, the
//! database, templates, logs, the clock or the system's random number generator: the time and a source of randomness are
//! parameters, and every number that an owner can set comes in through a small struct. Anything that a person can cause
//! is an ordinary value here (an outcome), never an error.

pub mod answers;
pub mod caps;
pub mod code;
pub mod consent;
pub mod counts;
pub mod disclosure;
pub mod keyword;
pub mod ledger;
pub mod message;
pub mod outage;
pub mod phone;
pub mod phrase;
pub mod retry;
pub mod review;
pub mod session;
pub mod subscriber;
pub mod verification;

/// Returns whether a character has no shape of its own.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Gives each variant of an enum its stored word. The same list is used for writing, for reading back, and by the test
/// that compares both with the database's `CHECK` constraint.
macro_rules! stored_words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// All values, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word that the database and the logs use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Parses a stored word. Returns `None` if it isn't one of ours.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use stored_words;
