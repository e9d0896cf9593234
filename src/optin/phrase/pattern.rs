//! Patterns: phrases from the lists, compiled once, and the matcher for them.
//!
//! Owns what each symbol of the notation matches. Must not know which list a phrase comes from.

mod notation;
mod places;

use std::collections::HashMap;
use std::ops::Range;

use super::lists::List;
use super::vocabulary::{Slips, Vocabulary};
use super::words::{Break, Word, is_digits};
use places::Taken;

/// The most words that `{class}+` can match.
const SEVERAL: usize = 6;

/// How far a phrase can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Across commas, within its sentence.
    Sentence,
    /// Up to the next comma or stronger break.
    Clause,
}

/// What the built-in classes stand for, in addition to the words in the lists.
#[derive(Debug, Default)]
pub struct Facts {
    /// `{sender}`: the digits of our number, in every accepted form.
    pub senders: Vec<String>,
    /// Whether `{sender}` matches any number at all.
    pub any_sender: bool,
    /// `{program}`: the words of the program's name.
    pub program: Vec<Word>,
    /// `{key}`: the keyword that we're looking for.
    pub key: String,
    /// `{other}`: the other keyword.
    pub other: String,
}

/// Where a phrase was found, and the values that its classes matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The index of the first word.
    pub start: usize,
    /// The index after the last word.
    pub end: usize,
    /// The value of `{number}`.
    pub number: Option<u32>,
    /// The value of `{period}` or `{daily}`.
    pub period: Option<&'static str>,
}

/// A compiled phrase, ready for matching.
#[derive(Debug)]
pub struct Pattern {
    elements: Vec<Element>,
    reach: Reach,
    forgiving: bool,
}

#[derive(Debug)]
enum Element {
    Word(Words),
    /// From 0 to [`SEVERAL`] words of the class.
    Several(Words),
    Not(Words),
    Gap {
        most: usize,
        figures: bool,
    },
    Break {
        optional: bool,
    },
    Begin,
    End,
}

/// The words that may appear at one position.
#[derive(Debug, Default)]
struct Words {
    /// Sorted.
    ids: Vec<u16>,
    beginnings: Vec<String>,
    /// Substrings, for languages that don't put spaces between words.
    parts: Vec<String>,
    places: Vec<Place>,
    values: HashMap<u16, &'static str>,
    name: bool,
    end: bool,
    optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Number,
    Period,
    Sender,
    Phone,
    Program,
    Key,
    Other,
}

/// The state of one attempt to match.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    start: usize,
    at: usize,
    taken: usize,
    slip: Option<(bool, bool)>,
    number: Option<u32>,
    period: Option<&'static str>,
    /// A `,` was just matched, so the next word may come after a break.
    open: bool,
}

impl Attempt {
    /// The attempt after skipping this many words.
    fn advanced(self, by: usize) -> Self {
        Self { at: self.at + by, open: by == 0 && self.open, ..self }
    }

    /// The attempt after matching a word or a class.
    fn with(self, taken: Taken) -> Self {
        Self {
            taken: self.taken + 1,
            slip: if taken.slip { Some((taken.near, taken.certain)) } else { self.slip },
            number: taken.number.or(self.number),
            period: taken.period.or(self.period),
            ..self.advanced(taken.words)
        }
    }
}

impl Pattern {
    /// Compiles a phrase of `list`, whose classes it may refer to, and adds its words to the vocabulary.
    ///
    /// # Errors
    /// Returns what's wrong with the phrase, such as a class that the list doesn't have or a part that can't match anything.
    pub fn compile(
        written: &'static str,
        list: &List,
        reach: Reach,
        slips: Slips,
        vocabulary: &mut Vocabulary,
    ) -> Result<Self, String> {
        let mut elements = Vec::new();
        for part in written.split_whitespace() {
            elements.push(notation::element(part, list, slips, vocabulary).map_err(|why| format!("\"{written}\": {why}"))?);
        }
        if elements.is_empty() {
            return Err("an empty phrase".to_owned());
        }
        Ok(Self { elements, reach, forgiving: slips == Slips::Forgiven })
    }

    /// Finds the phrase in `words`. Returns at most one match for each starting word: the one with the smallest gaps.
    pub fn find<'a>(&'a self, words: &'a [Word], facts: &'a Facts) -> impl Iterator<Item = Found> + 'a {
        self.starts(words).filter_map(move |start| {
            let mut found = None;
            self.attempts(words, facts, start, &mut |end| {
                found = Some(end);
                true
            });
            found
        })
    }

    /// Like [`Self::find`], but returns the longest match for each starting word.
    pub fn find_longest<'a>(&'a self, words: &'a [Word], facts: &'a Facts) -> impl Iterator<Item = Found> + 'a {
        self.starts(words).filter_map(move |start| {
            let mut longest: Option<Found> = None;
            self.attempts(words, facts, start, &mut |found| {
                if longest.is_none_or(|longest| longest.end < found.end) {
                    longest = Some(found);
                }
                false
            });
            longest
        })
    }

    /// Returns where the phrase may start. Most phrases lack a word that they need, so most of the work ends here.
    fn starts(&self, words: &[Word]) -> Range<usize> {
        let is_possible =
            self.elements.iter().all(|element| !matches!(element, Element::Word(wanted) if wanted.are_missing(words)));
        if is_possible { 0..words.len() } else { 0..0 }
    }

    /// Returns whether the phrase occurs anywhere in these words.
    #[must_use]
    pub fn is_in(&self, words: &[Word], facts: &Facts) -> bool {
        self.find(words, facts).next().is_some()
    }

    /// Passes every match that begins at `start` to `take`, until `take` returns `true` because it has enough.
    fn attempts(&self, words: &[Word], facts: &Facts, start: usize, take: &mut dyn FnMut(Found) -> bool) {
        let attempt = Attempt { start, at: start, taken: 0, slip: None, number: None, period: None, open: true };
        let mut end = |attempt: Attempt| {
            let alone = words.len() == 1;
            let forgiven = match attempt.slip {
                None => true,
                Some((near, certain)) => attempt.taken > 1 || certain || (alone && near),
            };
            let Attempt { start, at, number, period, .. } = attempt;
            forgiven && at > start && take(Found { start, end: at, number, period })
        };
        self.step(&self.elements, words, facts, attempt, &mut end);
    }

    /// Returns whether the attempt is at a break that this phrase can't reach across.
    fn is_edge(&self, words: &[Word], attempt: &Attempt) -> bool {
        let here = words.get(attempt.at).is_none_or(|word| word.before > Break::None);
        here && attempt.at > attempt.start && self.reach == Reach::Clause && !attempt.open
    }

    fn step(
        &self,
        elements: &[Element],
        words: &[Word],
        facts: &Facts,
        attempt: Attempt,
        end: &mut dyn FnMut(Attempt) -> bool,
    ) -> bool {
        let Some((first, rest)) = elements.split_first() else { return end(attempt) };
        let at = attempt.at;
        let at_break = at == 0 || words.get(at).is_none_or(|word| word.before > Break::None);
        let at_edge = self.reach == Reach::Clause && at_break;
        match first {
            Element::Begin => (at == 0 || at_edge) && self.step(rest, words, facts, attempt, end),
            Element::End => (at >= words.len() || at_edge) && self.step(rest, words, facts, attempt, end),
            Element::Break { optional } => {
                (at_break && self.step(rest, words, facts, Attempt { open: true, ..attempt }, end))
                    || (*optional && self.step(rest, words, facts, attempt, end))
            }
            Element::Not(unwanted) => {
                let word = (!self.is_edge(words, &attempt)).then(|| words.get(at)).flatten();
                let stands = word.map_or(unwanted.end, |_| unwanted.takes(words, at, facts, false).next().is_some());
                !stands && self.step(rest, words, facts, attempt, end)
            }
            Element::Gap { most, figures } => {
                for skipped in 0..=*most {
                    let here = attempt.advanced(skipped);
                    if self.step(rest, words, facts, here, end) {
                        return true;
                    }
                    let Some(word) = words.get(here.at) else { return false };
                    if self.is_edge(words, &here) || (!figures && is_digits(&word.text)) {
                        return false;
                    }
                }
                false
            }
            Element::Several(class) => {
                for skipped in 0..=SEVERAL {
                    let here = attempt.advanced(skipped);
                    if self.step(rest, words, facts, here, end) {
                        return true;
                    }
                    if self.is_edge(words, &here) || class.takes(words, here.at, facts, false).next().is_none() {
                        return false;
                    }
                }
                false
            }
            Element::Word(wanted) => {
                if !self.is_edge(words, &attempt) {
                    let forgiving = self.forgiving && attempt.slip.is_none();
                    for taken in wanted.takes(words, at, facts, forgiving) {
                        if self.step(rest, words, facts, attempt.with(taken), end) {
                            return true;
                        }
                    }
                }
                let ended = wanted.end && (at >= words.len() || (at_edge && at > attempt.start));
                (wanted.optional || ended) && self.step(rest, words, facts, attempt, end)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optin::phrase::sentences;

    const LIST: &str = "[class: texts]\ntext texts messages\n[class: fill]\nthe word\n[class: number]\nfive = 5\ntwenty = 20\n[class: period]\nday|days = day\n";

    fn found(written: &'static str, text: &str, reach: Reach, slips: Slips) -> Vec<(usize, usize)> {
        let mut vocabulary = Vocabulary::default();
        let pattern = Pattern::compile(written, &List::read(LIST), reach, slips, &mut vocabulary).expect("well formed");
        let mut words = sentences(text, Break::Sentence).remove(0).words;
        vocabulary.look_up(&mut words);
        let facts = Facts { senders: vec!["98765".to_owned()], key: "stop".to_owned(), ..Facts::default() };
        pattern.find_longest(&words, &facts).map(|found| (found.start, found.end)).collect()
    }

    #[test]
    fn each_symbol_matches_what_the_table_says() {
        for (written, text, spans) in [
            ("take me", "please take me off", vec![(1, 3)]),
            ("take|get me", "get me", vec![(0, 2)]),
            ("cancel* it", "cancelling it", vec![(0, 2)]),
            ("no {texts}", "no messages", vec![(0, 2)]),
            ("no more? {texts}", "no texts", vec![(0, 2)]),
            ("send {fill}+ stop", "send the word stop", vec![(0, 4)]),
            ("send {fill}+ stop", "send stop", vec![(0, 2)]),
            ("no ..1 texts", "no silly texts", vec![(0, 3)]),
            ("no ..1 texts", "no very silly texts", vec![]),
            ("up ~2 texts", "up to 5 texts", vec![]),
            ("stop !by", "stop by", vec![]),
            ("stop !by", "stop it", vec![(0, 1)]),
            ("not @", "not Wilma", vec![(0, 2)]),
            ("not @", "not wilma", vec![]),
            ("no , more", "no, more", vec![(0, 2)]),
            ("no , more", "no more", vec![]),
            ("^ stop $", "stop", vec![(0, 1)]),
            ("^ stop $", "please stop", vec![]),
            ("stop me|$", "stop", vec![(0, 1)]),
            ("{key} to {sender}", "STOP to 98-765", vec![(0, 4)]),
            ("{key} to {sender}", "STOP to 12345", vec![]),
        ] {
            assert_eq!(found(written, text, Reach::Sentence, Slips::Exact), spans, "{written}: {text}");
        }
    }

    #[test]
    fn a_phrase_within_a_clause_ends_at_a_comma_unless_it_contains_one() {
        assert_eq!(found("no more", "no, more", Reach::Sentence, Slips::Exact), [(0, 2)]);
        assert_eq!(found("no more", "no, more", Reach::Clause, Slips::Exact), []);
        assert_eq!(found("no ,? more", "no, more", Reach::Clause, Slips::Exact), [(0, 2)]);
        assert_eq!(found("^ more $", "no, more, now", Reach::Clause, Slips::Exact), [(1, 2)]);
    }

    #[test]
    fn a_match_reports_its_values() {
        let mut vocabulary = Vocabulary::default();
        let list = List::read(LIST);
        let pattern = Pattern::compile("{number} {texts} a {period}", &list, Reach::Sentence, Slips::Exact, &mut vocabulary);
        let pattern = pattern.expect("well formed");
        for (text, number) in [("five texts a day", 5), ("twenty-five texts a day", 25), ("12 texts a day", 12)] {
            let mut words = sentences(text, Break::Sentence).remove(0).words;
            vocabulary.look_up(&mut words);
            let found = pattern.find(&words, &Facts::default()).next().expect("found");
            assert_eq!((found.number, found.period), (Some(number), Some("day")), "{text}");
        }
    }

    #[test]
    fn one_slip_is_forgiven_if_the_rest_matches() {
        assert_eq!(found("take me off", "tske me off", Reach::Sentence, Slips::Forgiven), [(0, 3)]);
        assert_eq!(found("take me off", "tske me off", Reach::Sentence, Slips::Exact), []);
        assert_eq!(found("leave me alone", "leabe me alome", Reach::Sentence, Slips::Forgiven), []);
        assert_eq!(found("stop", "stpo", Reach::Sentence, Slips::Forgiven), [(0, 1)], "alone, a near slip is enough");
        assert_eq!(found("stop", "stup", Reach::Sentence, Slips::Forgiven), [], "alone, another letter is not");
        assert_eq!(found("stop", "a stpo", Reach::Sentence, Slips::Forgiven), []);
        assert_eq!(found("unsubscribe", "please unsuscribe", Reach::Sentence, Slips::Forgiven), [(1, 2)]);
    }

    #[test]
    fn a_malformed_phrase_is_reported() {
        let compile = |written| {
            Pattern::compile(written, &List::read(LIST), Reach::Sentence, Slips::Exact, &mut Vocabulary::default()).map(|_| ())
        };
        assert_eq!(compile("no {alerts}"), Err("\"no {alerts}\": the list has no class \"alerts\"".to_owned()));
        assert_eq!(compile("no ..0 texts"), Err("\"no ..0 texts\": \"..0\" isn't a gap".to_owned()));
        assert!(compile("no |x").is_err());
    }
}
