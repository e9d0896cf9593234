//! Words: text split into words, clauses and sentences, with each word folded to one spelling.
//!
//! Owns what a word is and which break comes before it. Must not correct spelling.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::vocabulary::Reading;
use crate::optin::is_invisible;

/// A line break within a block of a page. The sentence may continue after it.
pub const LINE: char = '\u{1}';
/// The edge between two cells of a page. The words of a row belong together, but clauses don't cross it.
pub const CELL: char = '\u{2}';

/// Endings that form one word with what comes before the apostrophe. French l', d', n' and so on are separate words.
const ENGLISH_ENDINGS: &[&str] = &["t", "s", "m", "re", "ve", "ll", "d", "all"];

/// What comes before a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Break {
    /// Nothing but space.
    #[default]
    None,
    /// A comma.
    Comma,
    /// A colon, a bracket, a dash, or a new cell or line.
    Clause,
    /// A period before a lowercase letter: an abbreviation, or somebody who doesn't use capitals.
    Stop,
    /// A period, an exclamation point or a question mark.
    Sentence,
    /// A new block of the page.
    Block,
}

/// One folded word, without capitals, accents or apostrophes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Its letters or digits.
    pub text: String,
    /// What comes before it.
    pub before: Break,
    /// Whether it begins with a capital letter followed by a lowercase one, as names do.
    pub name: bool,
    /// Whether a question mark follows it.
    pub asked: bool,
    /// Which words of the lists it stands for.
    pub(super) reading: Reading,
}

impl Word {
    /// Creates a folded word with no break before it.
    #[must_use]
    pub fn plain(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

/// The words of one sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// The words. There is at least one.
    pub words: Vec<Word>,
    /// Whether it ends with a question mark.
    pub question: bool,
}

/// Splits a text into sentences. A break of strength `edge` or more ends a sentence.
#[must_use]
pub fn sentences(text: &str, edge: Break) -> Vec<Sentence> {
    split(words(text), edge)
}

/// Groups words into sentences. A break of strength `edge` or more ends a sentence.
#[must_use]
pub fn split(words: Vec<Word>, edge: Break) -> Vec<Sentence> {
    let mut all: Vec<Sentence> = Vec::new();
    for word in words {
        let question = word.asked;
        match all.last_mut() {
            Some(sentence) if word.before < edge => {
                sentence.words.push(word);
                sentence.question = question;
            }
            _ => all.push(Sentence { words: vec![word], question }),
        }
    }
    all
}

/// Folds a word or text: lowercase, without accents or invisible characters.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c)).flat_map(char::to_lowercase).collect()
}

/// Returns whether the word consists only of digits.
#[must_use]
pub fn is_digits(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// Splits a text into folded words.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let letters: Vec<char> = text.nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c)).collect();
    let mut reader = Reader { before: Break::Block, ..Reader::default() };
    for (at, &c) in letters.iter().enumerate() {
        let next = letters.get(at + 1).copied().unwrap_or('\n');
        let last = reader.letters.chars().next_back();
        if c.is_alphanumeric() || is_currency(c) {
            let runs_on = last.is_none_or(|last| last.is_numeric() == c.is_numeric() || (is_currency(last) && c.is_numeric()));
            if !runs_on || (is_currency(c) && last.is_some()) {
                reader.flush();
            }
            reader.letters.push(c);
            continue;
        }
        match c {
            '\'' | '\u{2019}' | '\u{2bc}' | '`' if last.is_some_and(char::is_alphabetic) && next.is_alphabetic() => {
                reader.letters.push('\'');
                continue;
            }
            // Keep an address together: "help@acme.example" has nothing to do with the keyword HELP.
            '@' if last.is_some_and(char::is_alphabetic) && next.is_alphabetic() => {
                reader.letters.push(c);
                continue;
            }
            ',' if last.is_some_and(char::is_numeric) && is_thousands(&letters, at) => continue,
            _ => {}
        }
        reader.flush();
        match c {
            // In "5+", the plus belongs to the number. In "message + data", it means "and".
            '+' if last.is_some_and(char::is_numeric) => reader.push("+".to_owned(), false),
            '&' => reader.push("&".to_owned(), false),
            '+' if !next.is_numeric() => reader.push("&".to_owned(), false),
            '/' => reader.push("/".to_owned(), false),
            _ => reader.before = reader.before.max(break_at(&letters, at)),
        }
        if let Some(last) = reader.words.last_mut().filter(|_| c == '?') {
            last.asked = true;
        }
    }
    reader.flush();
    reader.words
}

#[derive(Default)]
struct Reader {
    words: Vec<Word>,
    letters: String,
    before: Break,
}

impl Reader {
    /// Finishes the current word. A French apostrophe splits it in two.
    fn flush(&mut self) {
        if self.letters.is_empty() {
            return;
        }
        let letters = std::mem::take(&mut self.letters);
        let mut first = letters.chars();
        let name = first.next().is_some_and(char::is_uppercase) && first.next().is_some_and(char::is_lowercase);
        let mut parts: Vec<String> = Vec::new();
        for part in letters.to_lowercase().split('\'').filter(|part| !part.is_empty()) {
            match parts.last_mut() {
                Some(before) if ENGLISH_ENDINGS.contains(&part) => before.push_str(part),
                _ => parts.push(part.to_owned()),
            }
        }
        for part in parts {
            self.push(part, name);
        }
    }

    fn push(&mut self, text: String, name: bool) {
        self.words.push(Word { before: std::mem::take(&mut self.before), name, ..Word::plain(text) });
    }
}

fn break_at(letters: &[char], at: usize) -> Break {
    const CLOSING: &str = "\"')]\u{201d}\u{bb}\u{1}";
    let next = letters.get(at + 1).copied().unwrap_or('\n');
    let next_word = letters.iter().skip(at + 1).copied().find(|c| !c.is_whitespace() && !CLOSING.contains(*c));
    match letters.get(at).copied().unwrap_or('\n') {
        '\n' => Break::Block,
        '.' | '!' | '?' | '\u{3002}' if next.is_whitespace() || next == CELL || CLOSING.contains(next) => match next_word {
            Some('&' | '+') => Break::None,
            Some(c) if c.is_lowercase() => Break::Stop,
            _ => Break::Sentence,
        },
        '!' | '?' | '\u{bf}' | '\u{a1}' => Break::Sentence,
        ',' => Break::Comma,
        ';' | ':' | '(' | ')' | '[' | ']' | '|' | '\u{2022}' | '\u{b7}' | '\u{2014}' | '\u{2013}' | CELL => Break::Clause,
        '-' if next.is_whitespace() && at.checked_sub(1).and_then(|at| letters.get(at)).is_some_and(|c| c.is_whitespace()) => {
            Break::Clause
        }
        // A line that begins with a lowercase letter continues the previous one.
        LINE if next_word.is_some_and(|c| !c.is_lowercase()) => Break::Clause,
        _ => Break::None,
    }
}

fn is_thousands(letters: &[char], comma: usize) -> bool {
    letters.iter().skip(comma + 1).take_while(|c| c.is_ascii_digit()).count() == 3
}

const fn is_currency(c: char) -> bool {
    matches!(c, '$' | '\u{20ac}' | '\u{a3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, edge: Break) -> Vec<String> {
        let plain = |sentence: &Sentence| sentence.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        sentences(text, edge).iter().map(plain).collect()
    }

    #[test]
    fn words_are_folded() {
        for (text, expected) in [
            ("Don't TEXT me", "dont text me"),
            ("d'autobus n'arr\u{ea}tez", "d autobus n arretez"),
            ("STOP482913", "stop 482913"),
            ("Msg & data, 1,000+ msgs/day", "msg & data 1000 + msgs / day"),
            ("msg + data", "msg & data"),
            ("$5 a month", "$5 a month"),
            ("mail Help@Acme.example @ once", "mail help@acme example once"),
        ] {
            assert_eq!(read(text, Break::Block).join("|"), expected, "{text}");
        }
    }

    #[test]
    fn the_edge_decides_where_sentences_end() {
        let text = "no. more, please. Bye";
        assert_eq!(read(text, Break::Stop), ["no", "more please", "bye"]);
        assert_eq!(read(text, Break::Sentence), ["no more please", "bye"]);
    }

    #[test]
    fn only_a_question_mark_at_its_end_makes_a_question() {
        let questions = |text| sentences(text, Break::Stop).iter().map(|sentence| sentence.question).collect::<Vec<_>>();
        assert_eq!(questions("Hello. Is it on? Bye"), [false, true, false]);
        assert_eq!(questions("STOP ?"), [true]);
    }
}
