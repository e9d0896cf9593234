//! Phrases: text split into folded words, and a small language for the phrases that people write.
//!
//! Owns how words are compared, for what people text us and for what pages say alike. The phrases themselves are lists in
//! text files beside their readers (`keyword/english.txt`, `disclosure/spanish.txt`), which a lawyer can read and correct.
//! Must not know what a phrase means.
//!
//! A list file has headings in brackets, one phrase a line, and `#` before a remark. Words are written folded: no capitals,
//! accents or apostrophes ("don't" is `dont`).
//!
//! | Written | Stands for |
//! |---|---|
//! | `take` | that word |
//! | `take\|get` | either word |
//! | `cancel*` | any word that begins like this |
//! | `*不要*` | any word with this in it, for languages that write no spaces |
//! | `{texts}` | any word of that class; `[class: texts]` lists them |
//! | `my?` | the word, the class or the alternatives, or nothing |
//! | `{fill}+` | several of them in a row, or none |
//! | `..3` | up to three words of any kind |
//! | `~3` | up to three words, none of them a figure |
//! | `!by` | the next word is not that one |
//! | `@` | a word with a capital, as names have |
//! | `,` | a comma or a stronger break; `,?` allows one |
//! | `^`, `$` | the beginning or the end; `$` among alternatives (`me\|$`) too |
//!
//! A phrase reaches across commas within its sentence. Where its reader says so ([`Reach::Clause`]), it ends at the next
//! comma instead, and `^` and `$` are the edges of what commas set apart.
//!
//! Some classes are built in: `{number}` is a figure or one of `[class: number]`, `{period}` and `{daily}` carry a value
//! (`week|wk = week`), `{sender}` is our own number, `{phone}` any run of four digits or more, `{program}` the program's
//! name, `{key}` and `{other}` the keyword that is looked for and the other one.

mod lists;
mod pattern;
mod spelling;
mod vocabulary;
mod words;

pub use lists::{List, Section};
pub use pattern::{Facts, Found, Pattern, Reach};
pub use vocabulary::{Slips, Vocabulary};
pub use words::{Break, CELL, LINE, Sentence, Word, fold, is_digits, sentences, split, words};
