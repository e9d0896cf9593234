//! How often: the figures on the page, and whether each is the limit from the settings.
//!
//! Owns what counts as a figure, which is a number of messages per period. Must not hold wording. A figure that differs from
//! the settings is a finding even next to the right one, because a person can't know which of them applies.

use super::meaning::{Around, Judge, Text, Verdict, plain};
use crate::optin::disclosure::Frequency;
use crate::optin::phrase::{Found, Pattern, Sentence};

/// How many words after a figure we look at.
const NEARBY: usize = 20;

/// A number of messages per period, as stated in a sentence.
struct Figure {
    count: Option<u32>,
    period: Option<&'static str>,
    verdict: Verdict,
    says: String,
}

/// Judges whether the text says how often messages are sent.
pub(super) fn said(wanted: Frequency, judge: &Judge, text: &Text) -> Verdict {
    let Some(wording) = judge.wording else { return Verdict::Absent };
    let figures = match wanted {
        Frequency::AtMost { .. } => figures(judge, text),
        Frequency::Varies => return judge.verdict(&wording.varies, text, Around::Within),
        Frequency::PerRequest => requests(judge, text),
    };
    let right = figures.into_iter().filter(|figure| figure.is_as(wanted)).map(|figure| figure.verdict);
    right.max().unwrap_or(Verdict::Absent)
}

/// Returns the words of the first figure that differs from the settings.
pub(super) fn contradiction(wanted: Frequency, judge: &Judge, text: &Text) -> Option<String> {
    let wording = judge.wording?;
    let differs = |figure: &Figure| match wanted {
        Frequency::AtMost { .. } => !figure.is_as(wanted),
        Frequency::Varies | Frequency::PerRequest => true,
    };
    let figure = figures(judge, text).into_iter().find(differs).map(|figure| figure.says);
    let varies = || {
        text.sentences.iter().filter(|_| wanted != Frequency::Varies).find_map(|sentence| {
            let mut found = judge.find(&wording.varies, &sentence.words);
            let meant = found.find(|found| judge.judge(sentence, *found, Around::Within) == Verdict::Said)?;
            Some(plain(&sentence.words, meant))
        })
    };
    let requests = || {
        let several = |figure: &Figure| wanted == Frequency::PerRequest && !figure.is_as(wanted);
        requests(judge, text).into_iter().find(several).map(|figure| figure.says)
    };
    figure.or_else(varies).or_else(requests)
}

impl Figure {
    fn is_as(&self, wanted: Frequency) -> bool {
        match wanted {
            Frequency::AtMost { count, per } => self.count == Some(count) && self.period == Some(per.as_str()),
            Frequency::Varies => false,
            Frequency::PerRequest => self.count == Some(1),
        }
    }
}

fn figures(judge: &Judge, text: &Text) -> Vec<Figure> {
    let Some(wording) = judge.wording else { return Vec::new() };
    let mut figures = Vec::new();
    for sentence in &text.sentences {
        let words = &sentence.words;
        let mut found = distinct(judge, &wording.figure, sentence);
        if found.is_empty() {
            found = distinct(judge, &wording.period_first, sentence);
        }
        // The digits of the sender aren't a figure.
        let sender = super::keywords::sender(judge, words);
        found.retain(|figure| !sender.is_some_and(|sender| (sender.start..sender.end).contains(&figure.start)));
        figures.extend(found.iter().map(|found| Figure {
            count: found.number,
            period: found.period,
            verdict: bound(judge, sentence, *found),
            says: plain(words, *found),
        }));
    }
    figures
}

/// Finds every phrase like "so many messages per request".
fn requests(judge: &Judge, text: &Text) -> Vec<Figure> {
    let Some(wording) = judge.wording else { return Vec::new() };
    let all = text.sentences.iter().flat_map(|sentence| {
        distinct(judge, &wording.per_request, sentence).into_iter().map(move |found| Figure {
            count: Some(found.number.unwrap_or(1)),
            period: None,
            verdict: judge.judge(sentence, found, Around::Within).min(bound(judge, sentence, found)),
            says: plain(&sentence.words, found),
        })
    });
    all.collect()
}

/// Finds each figure once, by the first pattern that matches it. What begins inside another figure is a part of it.
fn distinct(judge: &Judge, patterns: &[Pattern], sentence: &Sentence) -> Vec<Found> {
    let mut distinct: Vec<Found> = judge.find(patterns, &sentence.words).collect();
    let all = distinct.clone();
    let is_part = |one: &Found| all.iter().any(|other| other.start < one.start && one.start < other.end && one.end <= other.end);
    let mut seen = Vec::new();
    distinct.retain(|one| {
        let first = !is_part(one) && !seen.contains(&one.start);
        seen.push(one.start);
        first
    });
    distinct
}

/// Judges whether a figure is meant as a limit: "up to 5" and "no more than 5" are; "more than 5", "about 5" and "5 or more"
/// aren't.
fn bound(judge: &Judge, sentence: &Sentence, found: Found) -> Verdict {
    let Some(wording) = judge.wording else { return Verdict::Said };
    let words = &sentence.words;
    let nearby = found.start.saturating_sub(4);
    let before = words.get(nearby..found.start).unwrap_or_default();
    let right_before = |patterns: &[Pattern]| {
        judge.find(patterns, before).filter(|found| found.end == before.len()).min_by_key(|found| found.start)
    };
    // In "no more than 5", the negation applies to the excess, not to the figure.
    let exceeding = right_before(&wording.exceeding);
    if let Some(exceeding) = exceeding.filter(|found| judge.negated_before(words, nearby + found.start).is_none()) {
        return Verdict::Weakened(plain(before, exceeding));
    }
    if let Some(loose) = right_before(&wording.not_a_bound) {
        return Verdict::Weakened(plain(before, loose));
    }
    if sentence.question {
        return Verdict::Weakened(format!("{}?", plain(words, found)));
    }
    let from_here = words.get(found.start..words.len().min(found.end + NEARBY)).unwrap_or_default();
    if let Some(open) = judge.find(&wording.open_figure, from_here).next() {
        return Verdict::Weakened(plain(from_here, open));
    }
    if exceeding.is_some() {
        return Verdict::Said;
    }
    judge.judge(sentence, Found { end: found.start, ..found }, Around::Before)
}
