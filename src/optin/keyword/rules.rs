//! The rules that opt out, one list file for each language, ready to be matched.
//!
//! Owns which kinds of rules a language has, and the languages themselves: a new one is a file and a line in `LISTS`.
//! Must not decide which meaning wins.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::quotations::Quotations;
use super::tokens::Pairs;
use crate::optin::phrase::{Facts, Found, List, Pattern, Reach, Section, Slips, Vocabulary, Word};

/// A language that a message was read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language(&'static str);

impl Language {
    /// English.
    pub const ENGLISH: Self = Self("en");

    /// Whether the words belong to a language; signs don't.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.0 != "und"
    }

    /// The ISO 639 code; `und` for signs that belong to no language.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.0
    }
}

pub(super) const LISTS: &[(Language, &str)] = &[
    (Language::ENGLISH, include_str!("english.txt")),
    (Language("es"), include_str!("spanish.txt")),
    (Language("fr"), include_str!("french.txt")),
    (Language("zh"), include_str!("chinese.txt")),
    (Language("vi"), include_str!("vietnamese.txt")),
    (Language("tl"), include_str!("tagalog.txt")),
    (Language("ko"), include_str!("korean.txt")),
    (Language("ru"), include_str!("russian.txt")),
    (Language("pt"), include_str!("portuguese.txt")),
    (Language("ar"), include_str!("arabic.txt")),
    (Language("ht"), include_str!("haitian_creole.txt")),
    (Language("hi"), include_str!("hindi.txt")),
    (Language("pl"), include_str!("polish.txt")),
    (Language("und"), include_str!("signs.txt")),
];

/// Every kind of section that a list may have, and what it is for.
#[cfg(test)]
pub(super) const KINDS: [&str; 17] = [
    "class",
    "insisting",
    "anywhere",
    "whole",
    "message",
    "last word",
    "complaint",
    "no last word",
    "excuse",
    "compound",
    "help",
    "no help",
    "opt in",
    "filler",
    "one word",
    "short forms",
    "sign",
];

/// A rule's name, which is recorded as the keyword, and one way of writing it.
pub(super) type Rule = (&'static str, Pattern);

/// The rules of one language.
pub(super) struct Rules {
    pub language: Language,
    /// They opt out whatever else the message says: they beat every excuse.
    pub insisting: Vec<Rule>,
    /// They opt out wherever they stand, unless excused.
    pub anywhere: Vec<Rule>,
    /// They opt out if a sentence says nothing else, courtesies aside, and is no question.
    pub whole: Vec<Rule>,
    /// They opt out if the whole message says nothing else.
    pub message: Vec<Rule>,
    /// Words that opt out at the end of a sentence, behind a complaint.
    pub last_words: Vec<Rule>,
    /// Complaints, refusals and pleas: one of the last words that ends the sentence behind one is meant.
    pub complaints: Vec<Pattern>,
    /// Between a complaint and the last word, they take it back.
    pub no_last_word: Vec<Pattern>,
    /// What begins inside them is no request.
    pub excuses: Vec<Pattern>,
    /// Excuses that hold for a last word too: a bus stop, the end of the month.
    pub compounds: Vec<Pattern>,
    pub help: Vec<Rule>,
    pub no_help: Vec<Pattern>,
    pub opt_in: Vec<Rule>,
    /// Courtesies, which say nothing either way.
    filler: HashSet<&'static str>,
    /// Signs that opt out in a message without words.
    pub signs: Vec<(&'static str, &'static str)>,
    /// Every word of the list, to tell languages apart.
    words: HashSet<&'static str>,
}

/// All languages together.
pub(super) struct AllRules {
    pub vocabulary: Vocabulary,
    pub each: Vec<Rules>,
    pub pairs: Pairs,
    pub quotations: Quotations,
    /// What is wrong with the lists; a test looks at it.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test looks at it"))]
    pub faults: Vec<String>,
    facts: Facts,
}

pub(super) static RULES: LazyLock<AllRules> = LazyLock::new(|| {
    let mut vocabulary = Vocabulary::default();
    let (mut each, mut pairs, mut faults) = (Vec::new(), Pairs::new(), Vec::new());
    let common = List::read(include_str!("common.txt"));
    vocabulary.add_common(common.lines("common"));
    for (language, text) in LISTS {
        let list = List::read(text);
        // Without common words there is no telling a slip from a word.
        let slips = common.of_kind("common").any(|section| section.name == language.code());
        let slips = if slips { Slips::Forgiven } else { Slips::Exact };
        vocabulary.add_short_forms(list.lines("short forms"));
        each.push(Rules::compile(*language, text, slips, &mut vocabulary, &mut faults));
        for (one, parts) in list.lines("one word").filter_map(|line| line.split_once('=')) {
            for (first, second) in parts.split(',').filter_map(|part| part.trim().split_once(' ')) {
                pairs.entry(first).or_default().push((second, one.trim()));
            }
        }
    }
    let quotations = Quotations::compile(&mut vocabulary, &mut faults);
    AllRules { quotations, vocabulary, each, pairs, faults, facts: Facts::default() }
});

impl Rules {
    fn compile(
        language: Language,
        text: &'static str,
        opt_out_slips: Slips,
        vocabulary: &mut Vocabulary,
        faults: &mut Vec<String>,
    ) -> Self {
        let list = List::read(text);
        vocabulary.add_words(list.lines("filler"));
        let mut compile = |kind: &str, reach: Reach, slips: Slips| -> Vec<Rule> {
            let lines = list.of_kind(kind).flat_map(|Section { name, lines, .. }| lines.iter().map(move |line| (*name, *line)));
            let mut rules = Vec::new();
            for (name, line) in lines {
                match Pattern::compile(line, &list, reach, slips, vocabulary) {
                    Ok(pattern) => rules.push((name, pattern)),
                    Err(fault) => faults.push(format!("{} [{kind}: {name}] {fault}", language.code())),
                }
            }
            rules
        };
        let mut patterns = |kind, reach| compile(kind, reach, Slips::Exact).into_iter().map(|(_, pattern)| pattern).collect();
        let (excuses, compounds) = (patterns("excuse", Reach::Clause), patterns("compound", Reach::Clause));
        let no_last_word = patterns("no last word", Reach::Sentence);
        let no_help = patterns("no help", Reach::Sentence);
        let is_word = |word: &&str| !word.is_empty() && word.chars().all(char::is_alphabetic);
        Self {
            language,
            insisting: compile("insisting", Reach::Clause, opt_out_slips),
            anywhere: compile("anywhere", Reach::Sentence, opt_out_slips),
            whole: compile("whole", Reach::Sentence, opt_out_slips),
            message: compile("message", Reach::Sentence, opt_out_slips),
            last_words: compile("last word", Reach::Sentence, Slips::Exact),
            complaints: compile("complaint", Reach::Sentence, opt_out_slips).into_iter().map(|(_, pattern)| pattern).collect(),
            no_last_word,
            excuses,
            compounds,
            help: compile("help", Reach::Sentence, Slips::Exact),
            no_help,
            opt_in: compile("opt in", Reach::Sentence, Slips::Exact),
            filler: list.lines("filler").flat_map(str::split_whitespace).collect(),
            signs: list.of_kind("sign").flat_map(|s| s.lines.iter().map(|line| (s.name, *line))).collect(),
            words: text.split(|c: char| !c.is_alphabetic()).filter(is_word).collect(),
        }
    }

    /// How many of these words the language has.
    pub(super) fn knows<'a>(&self, words: impl Iterator<Item = &'a Word>) -> usize {
        words.filter(|word| self.words.contains(word.text.as_str())).count()
    }
}

impl AllRules {
    /// Every place where a pattern stands, of each beginning the longest.
    pub(super) fn spans<'a>(&'a self, pattern: &'a Pattern, words: &'a [Word]) -> impl Iterator<Item = Found> + 'a {
        pattern.find_longest(words, &self.facts)
    }

    /// Whether a pattern stands anywhere in these words.
    pub(super) fn is_in(&self, pattern: &Pattern, words: &[Word]) -> bool {
        pattern.is_in(words, &self.facts)
    }

    /// The first of these rules that stands in the words.
    pub(super) fn first(&self, rules: &[Rule], words: &[Word]) -> Option<&'static str> {
        rules.iter().find(|(_, pattern)| self.is_in(pattern, words)).map(|(says, _)| *says)
    }

    /// The words without courtesies and codes, of whatever language, and without repetitions ("stop stop").
    pub(super) fn without_filler(&self, words: &[Word]) -> Vec<Word> {
        // Short numbers stay: "END 5" may be a bus, "END 482913" is not.
        let is_code = |word: &str| word.len() >= 5 && word.bytes().all(|b| b.is_ascii_digit());
        let courtesy = |name: &str| self.each.iter().any(|rules| rules.filler.contains(name));
        let filler = |word: &Word| is_code(&word.text) || self.vocabulary.names(word).any(courtesy);
        let mut bare: Vec<Word> = words.iter().filter(|word| !filler(word)).cloned().collect();
        bare.dedup_by(|one, other| one.text == other.text);
        bare
    }
}
