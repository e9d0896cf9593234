//! Tokens: a person's words, sentence by sentence, with texting habits undone.
//!
//! Owns what is read as one word: letters spelled out ("s t o p", "S.T.O.P."), digits used as letters ("st0p"), words run
//! together ("stoptexting") and pairs ("do not"). Must not judge what the words mean.

use std::collections::HashMap;

use crate::optin::phrase::{Break, Sentence, Vocabulary, Word, sentences as split};

/// Pairs of words that the rules treat as one: for each first word, the second word and what both together are.
pub(super) type Pairs = HashMap<&'static str, Vec<(&'static str, &'static str)>>;

/// Splits a text into sentences, leaving out those without any letter or digit.
pub(super) fn sentences(text: &str, vocabulary: &Vocabulary, pairs: &Pairs) -> Vec<Sentence> {
    let mut all = joined(split(&plain(text), Break::Stop));
    for sentence in &mut all {
        sentence.words = folded(std::mem::take(&mut sentence.words), vocabulary, pairs);
        vocabulary.look_up(&mut sentence.words);
    }
    all
}

/// Replaces the symbols that people use for letters, words and commas when they text.
fn plain(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    for (at, &c) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| characters.get(before)).copied().unwrap_or(' ');
        let next = characters.get(at + 1).copied().unwrap_or(' ');
        let within = before.is_alphabetic() && next.is_alphabetic();
        match c {
            '0' if within => plain.push('o'),
            '1' if within => plain.push('i'),
            '3' if within => plain.push('e'),
            '5' if within => plain.push('s'),
            '$' if next.is_alphabetic() => plain.push('s'),
            // "f*** off"
            '*' if before.is_alphabetic() || before == '*' => {}
            '#' if !before.is_alphanumeric() && !next.is_alphanumeric() => plain.push_str(" number "),
            '\n' | '/' => plain.push_str(" , "),
            ';' => plain.push_str(". "),
            '&' | '+' => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

/// Joins three or more one-word sentences in a row, because they are one sentence with emphasis: "Leave. Me. Alone."
fn joined(all: Vec<Sentence>) -> Vec<Sentence> {
    let mut joined: Vec<Sentence> = Vec::new();
    for run in all.chunk_by(|one, next| one.words.len() == 1 && next.words.len() == 1) {
        if run.len() < 3 {
            joined.extend_from_slice(run);
            continue;
        }
        let mut words: Vec<Word> = run.iter().flat_map(|sentence| sentence.words.iter().cloned()).collect();
        for word in &mut words {
            word.before = Break::None;
        }
        joined.push(Sentence { words, question: run.iter().any(|sentence| sentence.question) });
    }
    joined
}

/// Joins single letters, splits words that were run together, and merges pairs.
fn folded(words: Vec<Word>, vocabulary: &Vocabulary, pairs: &Pairs) -> Vec<Word> {
    let mut spelled: Vec<Word> = Vec::new();
    let mut letters = 0_usize;
    for word in words {
        let single = word.text.chars().count() == 1 && word.text.chars().all(char::is_alphabetic);
        match spelled.last_mut() {
            // Single letters in a row are one word that was spelled out.
            Some(before) if single && letters > 0 && word.before < Break::Comma => before.text.push_str(&word.text),
            _ => {
                letters = 0;
                spelled.push(word);
            }
        }
        letters = if single { letters + 1 } else { 0 };
    }
    let mut all: Vec<Word> = Vec::new();
    for word in spelled.into_iter().flat_map(|word| apart(word, vocabulary)) {
        let seconds = all.last().and_then(|before| pairs.get(before.text.as_str()));
        let pair = seconds.into_iter().flatten().find(|(second, _)| *second == word.text).map(|(_, both)| *both);
        match (all.last_mut(), pair) {
            (Some(before), Some(pair)) => pair.clone_into(&mut before.text),
            _ => all.push(word),
        }
    }
    all
}

/// Splits two words of the lists that were run together. The first must have at least four letters, so that "also" stays
/// one word.
fn apart(mut word: Word, vocabulary: &Vocabulary) -> Vec<Word> {
    if word.text.len() < 6 || !word.text.is_ascii() || vocabulary.knows(&word.text) {
        return vec![word];
    }
    let split = (4..word.text.len().saturating_sub(1)).rev().find_map(|at| {
        let (first, second) = word.text.split_at(at);
        (vocabulary.forgives(first) && vocabulary.knows(second)).then(|| (first.to_owned(), second.to_owned()))
    });
    let Some((first, second)) = split else { return vec![word] };
    word.text = first;
    vec![word, Word::plain(second)]
}

#[cfg(test)]
mod tests {
    use super::super::rules::RULES;
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let all = sentences(text, &RULES.vocabulary, &RULES.pairs);
        all.into_iter().flat_map(|sentence| sentence.words).map(|word| word.text).collect()
    }

    #[test]
    fn texting_habits_are_undone() {
        for (text, expected) in [
            ("s t o p", "stop"),
            ("S.T.O.P.", "stop"),
            ("st0p", "stop"),
            ("STOP482913", "stop 482913"),
            ("482913stop", "482913 stop"),
            ("Don't TEXT me", "dont text me"),
            ("do not txt", "dont txt"),
            ("d'autobus n'arr\u{ea}tez", "d autobus n arretez"),
            ("opt-out", "optout"),
            ("f*** off", "f off"),
            ("Leave. Me. Alone.", "leave me alone"),
            ("stoptexting me", "stop texting me"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }
}
