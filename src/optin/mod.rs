//! The rules: what is valid, allowed and required. Everything here is pure.
//!
//! Owns every decision about numbers, codes, caps, keywords, disclosures and records. Must not touch the network, the
//! database, templates, logs, the clock or the system's dice: the time and a source of randomness are parameters, and
//! every number that an owner can set comes in through a small struct. The surprise: a thing that a person may cause is
//! an ordinary value here (an outcome), never an error.

pub mod caps;
pub mod code;
pub mod consent;
pub mod counts;
pub mod disclosure;
pub mod inbound;
pub mod keyword;
pub mod ledger;
pub mod message;
pub mod outage;
pub mod phone;
pub mod phrase;
pub mod retry;
pub mod review;
pub mod subscriber;
pub mod verification;

/// Gives an enum its stored word: one list serves writing, reading back and the test that both agree with the
/// database's `CHECK`.
macro_rules! stored_words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that the database and the logs use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word back; `None` if it is not one of ours.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use stored_words;
