//! Phrases: text split into folded words, and a small language for the phrases that people write.
//!
//! Owns how words are compared, for what people text us and for what pages say alike. The phrases themselves are lists in
//! text files beside their readers (`keyword/english.txt`, `disclosure/spanish.txt`), which a lawyer can read and correct.
//! Must not know what a phrase means.
//!
//! `docs/phrases.md` describes the notation.
//!
//! A phrase reaches across commas within its sentence. Where its reader says so ([`Reach::Clause`]), it ends at the next
//! comma instead, and `^` and `$` are the edges of what commas set apart.

mod lists;
mod pattern;
mod spelling;
mod vocabulary;
mod words;

pub use lists::{List, Section};
pub use pattern::{Facts, Found, Pattern, Reach};
pub use vocabulary::{Slips, Vocabulary};
pub use words::{Break, CELL, LINE, Sentence, Word, fold, is_digits, sentences, split, words};
