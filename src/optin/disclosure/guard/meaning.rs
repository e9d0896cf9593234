//! Whether a phrase is said and meant: finds it, and looks around it for anything that takes it back.
//!
//! Owns negation and softening. Must not know which phrases a page needs. It looks only at the phrase's own clause and at
//! short ones next to it, so "we never share your number, text STOP to 98765" is a good sentence.

use super::wording::Wording;
use crate::optin::phrase::{self, Break, Facts, Found, Pattern, Sentence, Word};

/// Whether a text says a phrase and means it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Absent,
    /// Said, but taken back or made doubtful by these words.
    Weakened(String),
    Said,
}

/// Which words around a phrase can take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Those before it. Enough if other statements about it may follow.
    Before,
    /// Those before it, within it (except the phrase's own words) and after it.
    All,
    /// Those before it, and any negation within it.
    Within,
}

/// A text split into words, as one run and by sentence.
pub(super) struct Text {
    pub run: Vec<Word>,
    pub sentences: Vec<Sentence>,
}

/// Whether a text contains a sentence word for word.
pub(super) fn contains(sentence: &[Word], text: &Text) -> bool {
    if sentence.is_empty() {
        return false;
    }
    let stands = |(start, part): (usize, &[Word])| {
        let same = part.iter().zip(sentence).all(|(a, b)| a.text == b.text);
        let is_one = part.iter().skip(1).all(|word| word.before < Break::Block);
        let edge = |at: usize| text.run.get(at).is_none_or(|word| at == 0 || word.before >= Break::Comma);
        same && is_one && edge(start) && edge(start + sentence.len())
    };
    text.run.windows(sentence.len()).enumerate().any(stands)
}

/// Judges phrases in one locale. Without wording, only verbatim sentences are recognized.
pub(super) struct Judge {
    pub wording: Option<&'static Wording>,
    pub facts: Facts,
}

impl Judge {
    /// Reads a text, keeping the program's name together.
    pub(super) fn read(&self, text: &str) -> Text {
        let mut run = phrase::words(text);
        let program = &self.facts.program;
        for start in 0..run.len() {
            let Some(part) = run.get_mut(start..start + program.len()).filter(|part| part.len() > 1) else { break };
            let same = part.iter().zip(program).all(|(word, named)| word.text == named.text);
            if same && part.iter().skip(1).all(|word| word.before < Break::Block) {
                for word in part.iter_mut().skip(1) {
                    word.before = Break::None;
                }
            }
        }
        if let Some(wording) = self.wording {
            wording.vocabulary.look_up(&mut run);
        }
        Text { sentences: phrase::split(run.clone(), Break::Sentence), run }
    }

    /// Finds every match of the patterns.
    pub(super) fn find<'a>(&'a self, patterns: &'a [Pattern], words: &'a [Word]) -> impl Iterator<Item = Found> + 'a {
        patterns.iter().flat_map(|pattern| pattern.find(words, &self.facts))
    }

    /// Returns the best verdict on any match of the patterns.
    pub(super) fn verdict(&self, patterns: &[Pattern], text: &Text, around: Around) -> Verdict {
        let all = text
            .sentences
            .iter()
            .flat_map(|sentence| self.find(patterns, &sentence.words).map(move |found| self.judge(sentence, found, around)));
        all.max().unwrap_or(Verdict::Absent)
    }

    /// Returns whether the text has the catalog's sentence word for word, with nothing else in its clause. This counts only in a
    /// language without a list. In the others, the sentence is judged like any other, together with what the owner wrote after
    /// it.
    pub(super) fn verbatim(&self, sentence: &[Word], text: &Text) -> Verdict {
        let counts = self.wording.is_none() && contains(sentence, text);
        if counts { Verdict::Said } else { Verdict::Absent }
    }

    /// Returns whether the text has the program's name, however it's meant.
    pub(super) fn names_program(&self, text: &Text) -> Verdict {
        let program = &self.facts.program;
        let named = |words: &[Word]| words.iter().zip(program).all(|(a, b)| a.text == b.text);
        let found = !program.is_empty() && text.sentences.iter().any(|sentence| sentence.words.windows(program.len()).any(named));
        if found { Verdict::Said } else { Verdict::Absent }
    }

    /// Judges how a phrase that was found is meant.
    pub(super) fn judge(&self, sentence: &Sentence, found: Found, around: Around) -> Verdict {
        let Some(wording) = self.wording else { return Verdict::Said };
        let words = &sentence.words;
        let inside = || words.get(found.start..found.end).unwrap_or_default();
        let first = |patterns: &[Pattern]| self.find(patterns, inside()).next().map(|found| plain(inside(), found));
        let beside = || match around {
            Around::Before => None,
            Around::All => self.taken_back_after(words, found.end).or_else(|| first(&wording.fails_later)),
            Around::Within => first(&wording.negations),
        };
        self.taken_back_before(words, found.start).or_else(beside).map_or(Verdict::Said, Verdict::Weakened)
    }

    /// Returns the words before `start` that take back what begins there.
    pub(super) fn taken_back_before(&self, words: &[Word], start: usize) -> Option<String> {
        let wording = self.wording?;
        self.negated_before(words, start).or_else(|| {
            let window = words.get(self.clause_start(words, start)..start)?;
            self.find(&wording.softeners, window).next().map(|found| plain(window, found))
        })
    }

    /// Returns "not" or a similar word before `start`, if it negates what begins there.
    pub(super) fn negated_before(&self, words: &[Word], start: usize) -> Option<String> {
        let wording = self.wording?;
        let window = words.get(self.clause_start(words, start)..start)?;
        let supposed = self.find(&wording.suppositions, window).any(|found| found.start == 0);
        let harmless: Vec<Found> = self.find(&wording.harmless, window).collect();
        let means_it = |found: &Found| {
            let distance = window.len() - found.end;
            let idle =
                harmless.iter().any(|idiom| idiom.start <= found.start && found.end <= idiom.end && idiom.end < window.len());
            !idle && (!supposed || distance <= 1)
        };
        self.find(&wording.negations, window).find(means_it).map(|found| plain(window, found))
    }

    /// Returns the words after `end` that take back what ends there.
    pub(super) fn taken_back_after(&self, words: &[Word], end: usize) -> Option<String> {
        let wording = self.wording?;
        let window = words.get(end..self.clause_end(words, end))?;
        let at_once = self.find(&wording.fails_at_once, window).find(|found| found.start == 0).map(|found| plain(window, found));
        at_once.or_else(|| self.behind(&wording.fails_later, words, end))
    }

    /// Returns what one of the patterns finds in the clause after `end`, except in idioms such as "without any fee".
    pub(super) fn behind(&self, patterns: &[Pattern], words: &[Word], end: usize) -> Option<String> {
        self.meant(patterns, words.get(end..self.clause_end(words, end))?)
    }

    fn meant(&self, patterns: &[Pattern], window: &[Word]) -> Option<String> {
        let harmless: Vec<Found> = self.wording.map(|wording| self.find(&wording.harmless, window).collect()).unwrap_or_default();
        let idle = |found: &Found| harmless.iter().any(|idiom| idiom.start <= found.start && found.start < idiom.end);
        self.find(patterns, window).find(|found| !idle(found)).map(|found| plain(window, found))
    }

    /// Returns what one of the patterns finds before `start`, as far back as the last break that is more than a comma.
    pub(super) fn before(&self, patterns: &[Pattern], words: &[Word], start: usize) -> Option<String> {
        let begins = |at: &usize| *at == 0 || words.get(*at).is_some_and(|word| word.before > Break::Comma);
        let from = (0..=start).rev().find(begins).unwrap_or(0);
        let window = words.get(from..start)?;
        self.find(patterns, window).next().map(|found| plain(window, found))
    }

    /// Returns what one of the patterns finds anywhere after `end` in the sentence, except in idioms such as "without any fee".
    pub(super) fn in_rest(&self, patterns: &[Pattern], words: &[Word], end: usize) -> Option<String> {
        self.meant(patterns, words.get(end..)?)
    }

    /// Returns where the clause that leads up to `start` begins. It includes up to two words before a comma or bracket, and
    /// excludes anything up to a conjunction.
    fn clause_start(&self, words: &[Word], start: usize) -> usize {
        let begin = |from: usize, weakest: Break| {
            (0..=from).rev().find(|at| *at == 0 || words.get(*at).is_some_and(|w| w.before >= weakest))
        };
        let mut first = begin(start, Break::Comma).unwrap_or(0);
        while first > 0 && words.get(first).is_some_and(|word| word.before < Break::Sentence) {
            let previous = begin(first - 1, Break::Comma).unwrap_or(0);
            if first - previous > 2 {
                break;
            }
            first = previous;
        }
        let conjunctions = self.wording.map_or(&[][..], |wording| &wording.conjunctions);
        let closes = |at: &usize| words.get(*at..=*at).is_some_and(|here| self.find(conjunctions, here).next().is_some());
        (first..start).rev().find(closes).map_or(first, |at| at + 1)
    }

    /// Returns where the clause that continues at `end` ends. It includes short clauses, and those that go on with "but", "only"
    /// and so on.
    pub(super) fn clause_end(&self, words: &[Word], end: usize) -> usize {
        let continuations = self.wording.map_or(&[][..], |wording| &wording.continuations);
        let next_break =
            |from: usize| (from..words.len()).find(|at| words.get(*at).is_some_and(|word| word.before >= Break::Comma));
        let mut at = end;
        loop {
            let Some(edge) = next_break(at) else { return words.len() };
            if words.get(edge).is_none_or(|word| word.before >= Break::Sentence) {
                return edge;
            }
            let after = next_break(edge + 1).unwrap_or(words.len());
            let goes_on = words.get(edge..=edge).is_some_and(|here| self.find(continuations, here).next().is_some());
            if after - edge > 2 && !goes_on {
                return edge;
            }
            at = edge + 1;
        }
    }
}

/// Returns the words that were found, for a person to read.
pub(super) fn plain(words: &[Word], found: Found) -> String {
    let part = words.get(found.start..found.end).unwrap_or_default();
    part.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}
