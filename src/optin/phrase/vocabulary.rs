//! The vocabulary: every word of a set of lists, by number, so that a word of a text is looked up once for all phrases.
//!
//! Owns which words of the lists a written word can be. Must not know the phrases that the words stand in.

use std::collections::{HashMap, HashSet};

use super::spelling;
use super::words::{Word, fold};

/// Whether the phrases of a list forgive slips of the finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slips {
    /// Every word must be written as it stands in the list.
    Exact,
    /// One slip in a phrase is forgiven.
    Forgiven,
}

/// Which words of the lists a written word is, or could be a slip of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The word itself, or what it is short for.
    pub is: Vec<u16>,
    /// What it could be a slip of.
    pub slip_of: Vec<Slip>,
}

/// A word that one slip leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slip {
    pub word: u16,
    /// A neighboring key, a letter doubled or dropped, or two letters swapped: enough for a message of one word.
    pub is_near: bool,
    /// The word is so long that nothing else can be meant, whatever stands beside it.
    pub is_certain: bool,
}

/// Every word of a set of lists.
#[derive(Debug, Default)]
pub struct Vocabulary {
    ids: HashMap<String, u16>,
    words: Vec<String>,
    /// Words of other lists and of the language, which are never read as slips.
    common: HashSet<&'static str>,
    /// Beginnings that the lists write with a star.
    beginnings: Vec<String>,
    short_forms: HashMap<&'static str, Vec<u16>>,
    /// Words that slips may lead to, by what is left of them without one letter; empty if no list forgives any.
    targets: HashMap<String, Vec<u16>>,
    /// Those of them that are long enough for two slips.
    long: Vec<u16>,
    /// All words without their vowels.
    skeletons: HashMap<String, Vec<u16>>,
}

impl Vocabulary {
    /// The number of a word, which becomes part of the vocabulary.
    pub(super) fn add(&mut self, word: &str, slips: Slips) -> u16 {
        let id = match self.ids.get(word) {
            Some(id) => *id,
            None => {
                let id = u16::try_from(self.words.len()).unwrap_or(u16::MAX);
                self.ids.insert(word.to_owned(), id);
                self.words.push(word.to_owned());
                id
            }
        };
        if slips == Slips::Forgiven && spelling::can_slip(word) {
            for part in spelling::without_one_letter(word).chain([word.to_owned()]) {
                let targets = self.targets.entry(part).or_default();
                if !targets.contains(&id) {
                    targets.push(id);
                }
            }
            if spelling::is_long(word) && !self.long.contains(&id) {
                self.long.push(id);
            }
        }
        if let Some(skeleton) = spelling::skeleton(word) {
            let words = self.skeletons.entry(skeleton).or_default();
            if !words.contains(&id) {
                words.push(id);
            }
        }
        id
    }

    /// A beginning that a list writes with a star.
    pub(super) fn add_beginning(&mut self, beginning: &str) {
        if !self.beginnings.iter().any(|known| known == beginning) {
            self.beginnings.push(beginning.to_owned());
        }
    }

    /// Words that are never read as slips: each line holds several.
    pub fn add_common(&mut self, lines: impl Iterator<Item = &'static str>) {
        self.common.extend(lines.flat_map(str::split_whitespace));
    }

    /// Short forms, one word a line: `text = txt tx`.
    pub fn add_short_forms(&mut self, lines: impl Iterator<Item = &'static str>) {
        for (word, forms) in lines.filter_map(|line| line.split_once('=')) {
            let id = self.add(&fold(word.trim()), Slips::Exact);
            for form in forms.split_whitespace() {
                self.short_forms.entry(form).or_default().push(id);
            }
        }
    }

    /// Whether the word stands in the lists, without slips.
    #[must_use]
    pub fn knows(&self, word: &str) -> bool {
        let begins = || self.beginnings.iter().any(|beginning| word.starts_with(beginning.as_str()));
        self.common.contains(word) || begins() || !self.meant(word).is_empty()
    }

    /// Whether the lists forgive slips in the word, which only long enough words of opt-outs do.
    #[must_use]
    pub fn forgives(&self, word: &str) -> bool {
        self.ids.get(word).is_some_and(|id| self.targets.get(word).is_some_and(|targets| targets.contains(id)))
    }

    /// The words of the lists that a word is, as it is written or in short; it must have been looked up.
    pub fn names<'a>(&'a self, word: &'a Word) -> impl Iterator<Item = &'a str> {
        word.reading.is.iter().filter_map(|id| self.words.get(usize::from(*id))).map(String::as_str)
    }

    /// Adds words that no phrase has, one line for several.
    pub fn add_words(&mut self, lines: impl Iterator<Item = &'static str>) {
        for word in lines.flat_map(str::split_whitespace) {
            self.add(&fold(word), Slips::Exact);
        }
    }

    /// Looks the words up, for [`super::Pattern::find`].
    pub fn look_up(&self, words: &mut [Word]) {
        for word in words {
            word.reading = self.reading(&word.text);
        }
    }

    fn reading(&self, word: &str) -> Reading {
        let is = self.meant(word);
        let mended = is.is_empty() && !self.targets.is_empty() && word.chars().all(char::is_alphabetic) && !self.knows(word);
        Reading { slip_of: if mended { self.slips(word) } else { Vec::new() }, is }
    }

    /// The words of the lists that a word is, as it is written or, where slips are forgiven, in short or stretched.
    fn meant(&self, word: &str) -> Vec<u16> {
        let mut is: Vec<u16> = self.ids.get(word).copied().into_iter().collect();
        is.extend(self.short_forms.get(word).into_iter().flatten());
        if !is.is_empty() || self.targets.is_empty() {
            return is;
        }
        is.extend(spelling::plain_forms(word).iter().filter_map(|form| self.ids.get(form.as_str())));
        if is.is_empty() && spelling::has_no_vowel(word) {
            is.extend(spelling::skeleton(word).and_then(|skeleton| self.skeletons.get(&skeleton)).into_iter().flatten());
        }
        is
    }

    fn slips(&self, word: &str) -> Vec<Slip> {
        let mut slips: Vec<Slip> = Vec::new();
        let parts =
            spelling::without_one_letter(word).chain(spelling::without_vowel_group(word)).chain(spelling::as_written(word));
        for id in parts.filter_map(|part| self.targets.get(&part)).flatten() {
            let Some(wanted) = self.words.get(usize::from(*id)) else { continue };
            if slips.iter().any(|slip| slip.word == *id) {
                continue;
            }
            if let Some(is_near) = spelling::slip(wanted, word) {
                slips.push(Slip { word: *id, is_near, is_certain: spelling::is_certain(wanted) });
            }
        }
        if slips.is_empty() {
            let twice =
                self.long.iter().filter(|id| self.words.get(usize::from(**id)).is_some_and(|w| spelling::slips_twice(w, word)));
            slips.extend(twice.map(|id| Slip { word: *id, is_near: true, is_certain: true }));
        }
        slips
    }
}
