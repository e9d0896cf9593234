//! Words and patterns: text folded into words with the breaks between them, and a small language that finds phrases in it.
//!
//! Owns how words are compared. Must not hold wording of any locale. The surprise: a break (comma, bracket, full stop) is
//! not a word but stands between two, so patterns run over commas without naming them, and only who judges negation looks
//! at them.
//!
//! A pattern is words between spaces. `a|b` is either word, `a*` any word that begins so, `a?` may be missing, `..4` up to 4
//! words of any kind, `~4` the same without figures, `,` a break, `^` the beginning of a clause, and `{name}` a place: one of
//! the locale's word lists, or a fact.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::reading::{CELL, LINE};

/// What stands before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    None,
    Comma,
    Clause,
    Sentence,
    Block,
}

/// One word, folded: no case, no accents, no apostrophes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    pub before: Break,
}

/// Where a pattern was found, and what stood in its places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub start: usize,
    pub end: usize,
    pub number: Option<u32>,
    pub period: Option<&'static str>,
}

/// What the places of a pattern stand for.
pub(super) struct Places<'a> {
    /// The sender's digits, in each form that is right.
    pub senders: Vec<String>,
    pub program: Vec<Word>,
    /// Word lists by name, in the pattern language, one alternative group each.
    pub lists: &'a [(&'a str, &'a str)],
    pub numbers: &'a [(&'a str, u32)],
    /// Names of periods, `day` and so on, by word.
    pub periods: &'a [(&'a str, &'static str)],
    /// `daily` and so on.
    pub adverbs: &'a [(&'a str, &'static str)],
}

/// Splits text into words.
pub(super) fn words(text: &str) -> Vec<Word> {
    let letters: Vec<char> = text.nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c)).collect();
    let mut words: Vec<Word> = Vec::new();
    let mut word = String::new();
    let mut before = Break::Block;
    for (at, &c) in letters.iter().enumerate() {
        let next = letters.get(at + 1).copied().unwrap_or('\n');
        let last = word.chars().next_back();
        let runs_on = last.is_none_or(|last| last.is_numeric() == c.is_numeric() || (is_currency(last) && c.is_numeric()));
        if c.is_alphanumeric() || is_currency(c) {
            if !runs_on || (is_currency(c) && last.is_some()) {
                flush(&mut words, &mut word, &mut before);
            }
            word.extend(c.to_lowercase());
            continue;
        }
        match c {
            '\'' | '\u{2019}' | '\u{2bc}' | '`' if last.is_some_and(char::is_alphabetic) && next.is_alphabetic() => continue,
            ',' if last.is_some_and(char::is_numeric) && thousands(&letters, at) => continue,
            _ => {}
        }
        flush(&mut words, &mut word, &mut before);
        match c {
            '&' => words.push(Word { text: "&".to_owned(), before: std::mem::replace(&mut before, Break::None) }),
            '+' if !next.is_numeric() => {
                words.push(Word { text: "&".to_owned(), before: std::mem::replace(&mut before, Break::None) });
            }
            '/' => words.push(Word { text: "/".to_owned(), before: std::mem::replace(&mut before, Break::None) }),
            _ => before = before.max(break_at(&letters, at)),
        }
    }
    flush(&mut words, &mut word, &mut before);
    words
}

fn flush(words: &mut Vec<Word>, word: &mut String, before: &mut Break) {
    if !word.is_empty() {
        words.push(Word { text: std::mem::take(word), before: std::mem::replace(before, Break::None) });
    }
}

fn break_at(letters: &[char], at: usize) -> Break {
    let next = letters.get(at + 1).copied().unwrap_or('\n');
    let next_word = letters.iter().skip(at + 1).copied().find(|c| !c.is_whitespace() && !"\"')]\u{201d}\u{bb}\u{1}".contains(*c));
    match letters.get(at).copied().unwrap_or('\n') {
        '\n' => Break::Block,
        '.' | '!' | '?' | '\u{3002}' if next.is_whitespace() || "\"')]\u{201d}\u{bb}\u{1}\u{2}".contains(next) => match next_word
        {
            Some('&' | '+') => Break::None,
            Some(c) if c.is_lowercase() => Break::Clause,
            _ => Break::Sentence,
        },
        '!' | '?' | '\u{bf}' | '\u{a1}' => Break::Sentence,
        ',' => Break::Comma,
        ';' | ':' | '(' | ')' | '[' | ']' | '|' | '\u{2022}' | '\u{b7}' | '\u{2014}' | '\u{2013}' | CELL => Break::Clause,
        '-' if next.is_whitespace() && at.checked_sub(1).and_then(|at| letters.get(at)).is_some_and(|c| c.is_whitespace()) => {
            Break::Clause
        }
        // A line that begins small goes on with what the last one said.
        LINE if next_word.is_some_and(|c| !c.is_lowercase()) => Break::Clause,
        _ => Break::None,
    }
}

fn thousands(letters: &[char], comma: usize) -> bool {
    let digits = letters.iter().skip(comma + 1).take_while(|c| c.is_ascii_digit()).count();
    digits == 3
}

const fn is_currency(c: char) -> bool {
    matches!(c, '$' | '\u{20ac}' | '\u{a3}')
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The words by sentence. Full stops within the program's name end none.
pub(super) fn sentences(text: &str, program: &[Word]) -> Vec<Vec<Word>> {
    let mut words = words(text);
    if program.len() > 1 {
        for start in 0..words.len() {
            let end = start + program.len();
            let Some(part) = words.get_mut(start..end) else { break };
            let same = part.iter().zip(program).all(|(word, named)| word.text == named.text);
            if same && part.iter().skip(1).all(|word| word.before < Break::Block) {
                part.iter_mut().skip(1).for_each(|word| word.before = Break::None);
            }
        }
    }
    let mut sentences: Vec<Vec<Word>> = Vec::new();
    for word in words {
        match sentences.last_mut() {
            Some(sentence) if word.before < Break::Sentence => sentence.push(word),
            _ => sentences.push(vec![word]),
        }
    }
    sentences
}

impl Places<'_> {
    /// Every place where the pattern stands, at most one for each beginning.
    pub(super) fn find(&self, pattern: &str, words: &[Word]) -> Vec<Found> {
        let items: Vec<&str> = pattern.split_whitespace().collect();
        (0..words.len())
            .filter_map(|start| {
                let mut found = Found { start, end: start, number: None, period: None };
                self.matches(&items, words, start, &mut found).then_some(found)
            })
            .collect()
    }

    fn matches(&self, items: &[&str], words: &[Word], at: usize, found: &mut Found) -> bool {
        let Some((item, rest)) = items.split_first() else {
            found.end = at;
            return true;
        };
        let is_break = at == 0 || words.get(at).is_none_or(|word| word.before > Break::None);
        if *item == "," || *item == "^" {
            let here = if *item == "^" { at == 0 || words.get(at).is_some_and(|w| w.before >= Break::Clause) } else { is_break };
            return here && self.matches(rest, words, at, found);
        }
        if let Some(gap) = item.strip_prefix("..").or_else(|| item.strip_prefix('~')) {
            let most = gap.parse::<usize>().unwrap_or(0);
            for skipped in 0..=most {
                if self.matches(rest, words, at + skipped, found) {
                    return true;
                }
                let Some(word) = words.get(at + skipped) else { return false };
                if item.starts_with('~') && self.number(&word.text).is_some() {
                    return false;
                }
            }
            return false;
        }
        let (item, optional) = item.strip_suffix('?').map_or((*item, false), |item| (item, true));
        // Filling words may stand several times over.
        if let Some(list) = item.strip_prefix('{').and_then(|name| name.strip_suffix("}+")).and_then(|name| self.list(name)) {
            for skipped in 0..=6 {
                if self.matches(rest, words, at + skipped, found) {
                    return true;
                }
                if !words.get(at + skipped).is_some_and(|word| is_one_of(list, &word.text)) {
                    return false;
                }
            }
            return false;
        }
        let before = *found;
        for taken in self.takes(item, words, at, found) {
            if self.matches(rest, words, at + taken, found) {
                return true;
            }
        }
        *found = before;
        optional && self.matches(rest, words, at, found)
    }

    /// How many words an item takes here; none if it does not stand here.
    fn takes(&self, item: &str, words: &[Word], at: usize, found: &mut Found) -> Vec<usize> {
        let Some(word) = words.get(at) else { return Vec::new() };
        if item.contains('{') && item.contains('|') {
            return item.split('|').flat_map(|one| self.takes(one, words, at, found)).collect();
        }
        let Some(name) = item.strip_prefix('{').and_then(|item| item.strip_suffix('}')) else {
            return if is_one_of(item, &word.text) { vec![1] } else { Vec::new() };
        };
        match name {
            "sender" => self.sender_at(words, at).into_iter().collect(),
            "phone" => digits_at(words, at).filter(|(digits, _)| digits.len() >= 4).map(|(_, taken)| taken).into_iter().collect(),
            "program" => {
                let len = self.program.len();
                let same =
                    words.get(at..at + len).is_some_and(|part| part.iter().zip(&self.program).all(|(a, b)| a.text == b.text));
                if same && len > 0 { vec![len] } else { Vec::new() }
            }
            "number" => {
                let Some(number) = self.number(&word.text) else { return Vec::new() };
                found.number = Some(number);
                vec![1]
            }
            "period" | "daily" => {
                let table = if name == "period" { self.periods } else { self.adverbs };
                let Some((_, period)) = table.iter().find(|(pattern, _)| is_one_of(pattern, &word.text)) else {
                    return Vec::new();
                };
                found.period = Some(period);
                vec![1]
            }
            _ => self.list(name).filter(|list| is_one_of(list, &word.text)).map(|_| 1).into_iter().collect(),
        }
    }

    fn list(&self, name: &str) -> Option<&str> {
        self.lists.iter().find(|(list, _)| *list == name).map(|(_, words)| *words)
    }

    fn number(&self, word: &str) -> Option<u32> {
        let named = self.numbers.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
        named.or_else(|| word.chars().all(|c| c.is_ascii_digit()).then(|| word.parse().ok()).flatten())
    }

    /// The sender, written in as many groups of digits as its writer liked.
    fn sender_at(&self, words: &[Word], at: usize) -> Option<usize> {
        let mut digits = String::new();
        for (taken, word) in words.iter().skip(at).take(8).enumerate() {
            if !word.text.chars().all(|c| c.is_ascii_digit()) {
                return None;
            }
            digits.push_str(&word.text);
            if self.senders.contains(&digits) {
                return Some(taken + 1);
            }
        }
        None
    }
}

/// All the figures that stand together here.
pub(super) fn digits_at(words: &[Word], at: usize) -> Option<(String, usize)> {
    let run = words.iter().skip(at).take(8).take_while(|word| word.text.chars().all(|c| c.is_ascii_digit()));
    let digits: Vec<&str> = run.map(|word| word.text.as_str()).collect();
    if digits.is_empty() { None } else { Some((digits.concat(), digits.len())) }
}

/// Whether a word is one of `a|b|c*`.
pub(super) fn is_one_of(list: &str, word: &str) -> bool {
    list.split('|').any(|one| match one.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == one,
    })
}
