//! STOP and HELP: whether the page says to send them, for what, and to which number.
//!
//! Owns how a keyword, its purpose and a number belong together. Must not hold wording. The sender may be named once for
//! both keywords, anywhere in the form. Telling people to send a keyword to any other number is a finding, even next to
//! the right one.

use super::meaning::{Around, Judge, Text, Verdict, plain};
use super::wording::Wording;
use crate::optin::phrase::{self, Break, Facts, Found, Pattern, Sentence, Word};

/// How many words a keyword and its number may be apart.
const NEARBY: usize = 40;

/// One of the two keywords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Stop,
    Help,
}

/// What a page says about a keyword.
pub(super) struct Said {
    pub verdict: Verdict,
    /// Whether the keyword is mentioned, but no number is named.
    pub lacks_number: bool,
    /// The words that name another number.
    pub elsewhere: Option<String>,
}

/// One place that says to send the keyword.
struct Claim<'s> {
    sentence: &'s Sentence,
    found: Found,
    /// The number to send it to, if the sentence names one.
    number: Option<Found>,
}

/// Returns what the text says about the keyword. `catalog` is the catalog's own sentence.
pub(super) fn said(judge: &Judge, keyword: Keyword, catalog: &[Word], text: &Text) -> Said {
    let verbatim = judge.verbatim(catalog, text);
    let Some(wording) = judge.wording else { return Said { verdict: verbatim, lacks_number: false, elsewhere: None } };
    let facts = keyword.facts();
    let find = |patterns: &[Pattern], words: &[Word]| -> Vec<Found> {
        patterns.iter().flat_map(|pattern| pattern.find(words, &facts)).collect()
    };
    let mut said = Said { verdict: verbatim, lacks_number: false, elsewhere: None };
    let mut taken_back: Option<String> = None;
    let named = text.sentences.iter().any(|sentence| sender(judge, &sentence.words).is_some());
    for sentence in &text.sentences {
        for found in find(&wording.keyword, &sentence.words) {
            let claim = Claim { sentence, found, number: number_of(judge, wording, &sentence.words, found, &facts.key) };
            match claim.number.map(|number| is_sender(judge, &sentence.words, number)) {
                Some(false) => {
                    let to = claim.number.map_or(found.end, |number| number.end);
                    let span = Found { start: found.start.min(to), end: found.end.max(to), ..found };
                    said.elsewhere.get_or_insert_with(|| plain(&sentence.words, span));
                    continue;
                }
                None if !named => {
                    said.lacks_number = true;
                    continue;
                }
                Some(true) | None => {}
            }
            said.verdict = said.verdict.max(claim.verdict(judge, wording, keyword));
        }
        // A sentence that says that the keyword does nothing, or that stopping costs something, takes back all others.
        let fails = find(&wording.keyword_fails, &sentence.words).into_iter().next();
        let costs = || {
            let mut costs = judge.find(&wording.stop_cost, &sentence.words).filter(|_| keyword == Keyword::Stop);
            costs.find(|costs| judge.judge(sentence, *costs, Around::Before) == Verdict::Said)
        };
        taken_back = taken_back.or_else(|| fails.or_else(costs).map(|found| plain(&sentence.words, found)));
    }
    if let Some(by) = taken_back {
        said.verdict = said.verdict.min(Verdict::Weakened(by));
    }
    said
}

impl Keyword {
    /// Returns facts with this keyword as `{key}`.
    fn facts(self) -> Facts {
        let (key, other) = match self {
            Self::Stop => ("stop", "help"),
            Self::Help => ("help", "stop"),
        };
        Facts { key: key.to_owned(), other: other.to_owned(), ..Facts::default() }
    }
}

impl Claim<'_> {
    fn verdict(&self, judge: &Judge, wording: &Wording, keyword: Keyword) -> Verdict {
        let end = self.number.map_or(self.found.end, |number| number.end.max(self.found.end));
        let whole = Found { end, ..self.found };
        match judge.judge(self.sentence, whole, Around::All) {
            Verdict::Said => {
                let words = &self.sentence.words;
                let limit = judge.behind(&wording.keyword_limit, words, self.found.end);
                let delay = || judge.before(&wording.keyword_delay, words, self.found.start);
                let fee = || judge.in_rest(&wording.keyword_fee, words, self.found.end);
                let purpose = || self.other_purpose(judge, wording, keyword, end);
                limit.or_else(delay).or_else(fee).or_else(purpose).map_or(Verdict::Said, Verdict::Weakened)
            }
            other => other,
        }
    }

    /// Returns what the keyword is said to be for, if that's anything but ending texts or getting help: "to pause", "for fewer
    /// texts".
    fn other_purpose(&self, judge: &Judge, wording: &Wording, keyword: Keyword, end: usize) -> Option<String> {
        let words = &self.sentence.words;
        let purposes = match keyword {
            Keyword::Stop => &wording.stop_purpose,
            Keyword::Help => &wording.help_purpose,
        };
        let begins = |patterns: &[Pattern], at: usize| {
            let rest = words.get(at..words.len().min(at + NEARBY)).unwrap_or_default();
            judge.find(patterns, rest).find(|found| found.start == 0)
        };
        let is_other = |at: usize| {
            let aim = begins(&wording.aim, at)?;
            let is_good = begins(purposes, at).is_some() || begins(&wording.number, at).is_some();
            // Two or three words are enough to show what it is.
            (!is_good).then(|| plain(words, Found { start: at, end: (at + aim.end + 3).min(words.len()), ..aim }))
        };
        let past_interlude = |at: usize| begins(&wording.interlude, at).map(|found| at + found.end);
        let places = [self.found.end, end].into_iter().flat_map(|at| [Some(at), past_interlude(at)]).flatten();
        let behind = places.into_iter().find_map(is_other);
        behind.or_else(|| {
            // In "To pause messages, text STOP", the purpose is in the clause before.
            let comma = (1..=self.found.start).rev().find(|at| words.get(*at).is_some_and(|word| word.before == Break::Comma))?;
            let start = (0..comma).rev().find(|at| *at == 0 || words.get(*at).is_some_and(|word| word.before >= Break::Comma))?;
            if self.found.start - comma > 2 { None } else { is_other(start) }
        })
    }
}

/// Returns the number that a keyword is to be sent to: the one after it in its phrase, or the next one that "to" or the like
/// leads to, or else the last one before it ("text 98765 with STOP").
fn number_of(judge: &Judge, wording: &Wording, words: &[Word], found: Found, key: &str) -> Option<Found> {
    let behind_key = (found.start..found.end)
        .rev()
        .find(|at| words.get(*at).is_some_and(|word| word.text == key))
        .map_or(found.end, |at| at + 1);
    let own = words.get(behind_key..found.end).unwrap_or_default();
    if let Some(number) = judge.find(&wording.number, own).min_by_key(|number| number.start) {
        return Some(Found { start: behind_key + number.start, end: behind_key + number.end, ..number });
    }
    let rest = words.get(found.end..words.len().min(found.end + NEARBY)).unwrap_or_default();
    let elsewhere = judge.find(&wording.other_channel, rest).map(|other| other.start).min().unwrap_or(rest.len());
    let behind = judge.find(&wording.number, rest).filter(|number| number.start < elsewhere).min_by_key(|number| number.start);
    if let Some(number) = behind {
        return Some(Found { start: found.end + number.start, end: found.end + number.end, ..number });
    }
    let from = found.start.saturating_sub(NEARBY);
    let before = words.get(from..found.end).unwrap_or_default();
    let number = judge.find(&wording.number, before).max_by_key(|number| number.start)?;
    Some(Found { start: from + number.start, end: from + number.end, ..number })
}

fn is_sender(judge: &Judge, words: &[Word], number: Found) -> bool {
    words.get(number.start..number.end).is_some_and(|part| sender(judge, part).is_some())
}

/// Finds the sender, written in any number of groups of digits.
pub(super) fn sender(judge: &Judge, words: &[Word]) -> Option<Found> {
    let mut runs = (0..words.len()).filter(|at| {
        let is_digits = |at: usize| words.get(at).is_some_and(|word| phrase::is_digits(&word.text));
        is_digits(*at) && !at.checked_sub(1).is_some_and(is_digits)
    });
    runs.find_map(|start| {
        let run = words.iter().skip(start).take_while(|word| phrase::is_digits(&word.text));
        let digits: Vec<&str> = run.map(|word| word.text.as_str()).collect();
        let whole = judge.facts.senders.contains(&digits.concat());
        whole.then_some(Found { start, end: start + digits.len(), number: None, period: None })
    })
}
