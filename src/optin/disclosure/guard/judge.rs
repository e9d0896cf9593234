//! Whether a phrase is said, and meant: finding it, and looking around it for what takes it back.
//!
//! Owns negation and softening. Must not know which phrases a page needs. The surprise: only the phrase's own clause is
//! looked at (and short ones beside it), so "we never share your number, text STOP to 98765" is a good sentence.

use super::phrase::{Break, Found, Places, Word, sentences};
use super::wording::Wording;

/// How a phrase stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Absent,
    /// Said, but taken back or made doubtful.
    Weakened,
    Said,
}

/// What around a phrase can take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// What stands before it: enough where the phrase may be followed by other things said of it.
    Before,
    /// Before, within (except the phrase's own words) and after.
    All,
    /// Before, and any negation within.
    Within,
}

/// A text in words, as one run and by sentence.
pub(super) struct Text {
    pub run: Vec<Word>,
    pub sentences: Vec<Vec<Word>>,
}

impl Text {
    /// Reads a text. The program's name is kept together.
    pub(super) fn new(text: &str, program: &[Word]) -> Self {
        let sentences = sentences(text, program);
        Self { run: sentences.concat(), sentences }
    }

    /// Whether there is a word in it.
    pub(super) fn is_empty(&self) -> bool {
        self.run.iter().all(|word| !word.text.chars().any(char::is_alphanumeric))
    }
}

/// Judges phrases in one locale. Without wording, only verbatim sentences are known.
pub(super) struct Judge<'a> {
    pub wording: Option<&'static Wording>,
    pub places: Places<'a>,
}

impl Judge<'_> {
    /// The best that any of the patterns comes to.
    pub(super) fn verdict(&self, patterns: &[&str], text: &Text, around: Around) -> Verdict {
        let all = text.sentences.iter().flat_map(|words| {
            patterns
                .iter()
                .flat_map(move |pattern| self.places.find(pattern, words))
                .map(move |found| self.judge(words, found, around))
        });
        all.max().unwrap_or(Verdict::Absent)
    }

    /// Whether a whole sentence stands there word for word.
    pub(super) fn verbatim(&self, sentence: &[Word], text: &Text, around: Around) -> Verdict {
        if sentence.is_empty() {
            return Verdict::Absent;
        }
        let len = sentence.len();
        let stands = |part: &[Word]| {
            part.iter().zip(sentence).all(|(a, b)| a.text == b.text) && part.iter().skip(1).all(|word| word.before < Break::Block)
        };
        let all = text.run.windows(len).enumerate().filter(|(_, part)| stands(part)).map(|(start, _)| {
            let end = start + len;
            let around = if around == Around::Within { Around::Before } else { around };
            let found = Found { start, end, number: None, period: None };
            // Its own words are the catalogue's: only what stands around it can take it back.
            if self.is_taken_back_before(&text.run, start)
                || (around == Around::All && self.is_taken_back_after(&text.run, found.end))
            {
                Verdict::Weakened
            } else {
                Verdict::Said
            }
        });
        all.max().unwrap_or(Verdict::Absent)
    }

    /// Whether the program's name stands there, however it is meant.
    pub(super) fn verbatim_name(&self, text: &Text) -> Verdict {
        let found = text.sentences.iter().any(|words| !self.places.find("{program}", words).is_empty());
        if found { Verdict::Said } else { Verdict::Absent }
    }

    /// How a phrase that was found is meant.
    pub(super) fn judge(&self, words: &[Word], found: Found, around: Around) -> Verdict {
        let Some(wording) = self.wording else { return Verdict::Said };
        let inside = words.get(found.start..found.end).unwrap_or_default();
        let taken_back = self.is_taken_back_before(words, found.start)
            || match around {
                Around::Before => false,
                Around::All => {
                    self.is_taken_back_after(words, found.end)
                        || wording.fails_later.iter().any(|pattern| !self.places.find(pattern, inside).is_empty())
                }
                Around::Within => wording.negations.iter().any(|pattern| !self.places.find(pattern, inside).is_empty()),
            };
        if taken_back { Verdict::Weakened } else { Verdict::Said }
    }

    fn is_taken_back_before(&self, words: &[Word], start: usize) -> bool {
        let Some(wording) = self.wording else { return false };
        self.negated_before(words, start) || {
            let window = words.get(self.clause_start(words, start)..start).unwrap_or_default();
            wording.softeners.iter().any(|pattern| !self.places.find(pattern, window).is_empty())
        }
    }

    /// Whether "not" or its like stands before `start` and means it.
    pub(super) fn negated_before(&self, words: &[Word], start: usize) -> bool {
        let Some(wording) = self.wording else { return false };
        let clause = self.clause_start(words, start);
        let window = words.get(clause..start).unwrap_or_default();
        let find =
            |patterns: &[&str]| -> Vec<Found> { patterns.iter().flat_map(|pattern| self.places.find(pattern, window)).collect() };
        let supposed = find(wording.suppositions).iter().any(|found| found.start == 0);
        let harmless = find(wording.harmless);
        find(wording.negations).iter().any(|found| {
            let distance = window.len() - found.end;
            let idle =
                harmless.iter().any(|idiom| idiom.start <= found.start && found.end <= idiom.end && idiom.end < window.len());
            !idle && (!supposed || distance <= 1)
        })
    }

    fn is_taken_back_after(&self, words: &[Word], end: usize) -> bool {
        let Some(wording) = self.wording else { return false };
        let window = words.get(end..self.clause_end(words, end)).unwrap_or_default();
        let at_once = |pattern: &&str| self.places.find(pattern, window).iter().any(|found| found.start == 0);
        wording.fails_at_once.iter().any(at_once)
            || wording.fails_later.iter().any(|pattern| !self.places.find(pattern, window).is_empty())
    }

    /// Where the clause begins that runs up to `start`: its own, with up to two words before a comma or bracket, and without
    /// what a conjunction closes.
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
        let conjunctions = self.wording.map_or(&[][..], |wording| wording.conjunctions);
        let closes = |at: &usize| {
            let here = words.get(*at..=*at).unwrap_or_default();
            conjunctions.iter().any(|pattern| !self.places.find(pattern, here).is_empty())
        };
        (first..start).rev().find(closes).map_or(first, |at| at + 1)
    }

    /// Where the clause ends that goes on at `end`: with short clauses, and those that go on with "but", "only" and so on.
    fn clause_end(&self, words: &[Word], end: usize) -> usize {
        let continuations = self.wording.map_or(&[][..], |wording| wording.continuations);
        let next_break =
            |from: usize| (from..words.len()).find(|at| words.get(*at).is_some_and(|word| word.before >= Break::Comma));
        let mut at = end;
        loop {
            let Some(edge) = next_break(at) else { return words.len() };
            if words.get(edge).is_none_or(|word| word.before >= Break::Sentence) {
                return edge;
            }
            let after = next_break(edge + 1).unwrap_or(words.len());
            let goes_on = continuations
                .iter()
                .any(|pattern| words.get(edge..=edge).is_some_and(|here| !self.places.find(pattern, here).is_empty()));
            if after - edge > 2 && !goes_on {
                return edge;
            }
            at = edge + 1;
        }
    }
}
