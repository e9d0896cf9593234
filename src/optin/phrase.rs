//! Phrases: text split into folded words, and a small pattern language for the phrases that people write.
//!
//! Owns how words are compared, both in the texts that people send us and in the text of pages. The phrases themselves are
//! lists in text files next to the code that reads them (`keyword/english.txt`, `disclosure/spanish.txt`), where a lawyer
//! can read and correct them. Must not know what a phrase means.
//!
//! `docs/phrases.md` describes the notation.
//!
//! By default, a phrase can match across commas within its sentence. With [`Reach::Clause`], it ends at the next comma
//! instead, and `^` and `$` match the edges of each part between commas.

mod lists;
mod pattern;
mod spelling;
mod vocabulary;
mod words;

pub use lists::{List, Section};
pub use pattern::{Facts, Found, Pattern, Reach};
pub use vocabulary::{Slips, Vocabulary};
pub use words::{Break, CELL, LINE, Sentence, Word, fold, is_digits, sentences, split, words};
