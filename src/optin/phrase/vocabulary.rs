//! The vocabulary: numbers every word of a set of lists, so that each word of a text is looked up once for all phrases.
//!
//! Owns which words of the lists a written word can stand for. Must not know the phrases that contain the words.

use std::collections::{HashMap, HashSet};

use super::spelling;
use super::words::{Word, fold};

/// Whether the phrases of a list forgive slips of the finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slips {
    /// Every word must be written as in the list.
    Exact,
    /// One slip in a phrase is forgiven.
    Forgiven,
}

/// The words of the lists that a written word is, or could be a slip of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The word itself, or what it is short for.
    pub is: Vec<u16>,
    /// The words that it could be a slip of.
    pub slip_of: Vec<Slip>,
}

/// A word of the lists that a written word could be a slip of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slip {
    pub word: u16,
    /// A neighboring key, a letter doubled or dropped, or two letters swapped. Accepted even in a message of one word.
    pub is_near: bool,
    /// The word is so long that a slip can't mean any other word, whatever is next to it.
    pub is_certain: bool,
}

/// Every word of a set of lists.
#[derive(Debug, Default)]
pub struct Vocabulary {
    ids: HashMap<String, u16>,
    words: Vec<String>,
    /// Words that are close to a word of the lists, but never read as slips of it.
    common: HashSet<&'static str>,
    /// Prefixes, which the lists write with a star.
    beginnings: Vec<String>,
    short_forms: HashMap<&'static str, Vec<u16>>,
    /// Words in which slips are forgiven, keyed by the word as it is and without each of its letters. Empty if no list
    /// forgives any.
    targets: HashMap<String, Vec<u16>>,
    /// Those words that are long enough for two slips.
    long: Vec<u16>,
    /// All words, keyed by their consonants.
    skeletons: HashMap<String, Vec<u16>>,
}

impl Vocabulary {
    /// Adds a word to the vocabulary and returns its number.
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

    /// Adds a prefix, which a list writes with a star.
    pub(super) fn add_beginning(&mut self, beginning: &str) {
        if !self.beginnings.iter().any(|known| known == beginning) {
            self.beginnings.push(beginning.to_owned());
        }
    }

    /// Adds words that are never read as slips. Each line holds several.
    pub fn add_common(&mut self, lines: impl Iterator<Item = &'static str>) {
        self.common.extend(lines.flat_map(str::split_whitespace));
    }

    /// Adds short forms, one word per line: `text = txt tx`.
    pub fn add_short_forms(&mut self, lines: impl Iterator<Item = &'static str>) {
        for (word, forms) in lines.filter_map(|line| line.split_once('=')) {
            let id = self.add(&fold(word.trim()), Slips::Exact);
            for form in forms.split_whitespace() {
                self.short_forms.entry(form).or_default().push(id);
            }
        }
    }

    /// Returns whether the word is in the lists, not counting slips.
    #[must_use]
    pub fn knows(&self, word: &str) -> bool {
        let begins = || self.beginnings.iter().any(|beginning| word.starts_with(beginning.as_str()));
        self.common.contains(word) || begins() || !self.meant(word).is_empty()
    }

    /// Returns whether slips are forgiven in the word. It must be long enough, and in a phrase that forgives slips.
    #[must_use]
    pub fn forgives(&self, word: &str) -> bool {
        self.ids.get(word).is_some_and(|id| self.targets.get(word).is_some_and(|targets| targets.contains(id)))
    }

    /// Returns the words of the lists that a word stands for, as written or as a short form. The word must have been looked up.
    pub fn names<'a>(&'a self, word: &'a Word) -> impl Iterator<Item = &'a str> {
        word.reading.is.iter().filter_map(|id| self.words.get(usize::from(*id))).map(String::as_str)
    }

    /// Adds words that aren't in any phrase. Each line holds several.
    pub fn add_words(&mut self, lines: impl Iterator<Item = &'static str>) {
        for word in lines.flat_map(str::split_whitespace) {
            self.add(&fold(word), Slips::Exact);
        }
    }

    /// Looks up the words, as [`super::Pattern::find`] requires.
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

    /// Returns the words of the lists that a word stands for: as written or, if slips are forgiven, shortened or stretched.
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
