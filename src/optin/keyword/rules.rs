//! The opt-out rules, one list file per language, ready for matching.
//!
//! Owns the kinds of rules that a language has, and the languages themselves: to add one, add a file and a line in `LISTS`.
//! Must not decide which meaning wins.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::quotations::Quotations;
use super::tokens::Pairs;
use crate::optin::phrase::{Facts, Found, List, Pattern, Reach, Section, Slips, Vocabulary, Word};

/// The language in which a message was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language(&'static str);

impl Language {
    /// English.
    pub const ENGLISH: Self = Self("en");

    /// Returns whether this is an actual language. Signs don't belong to one.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.0 != "und"
    }

    /// Returns the ISO 639 code, or `und` for signs, which belong to no language.
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

/// Every kind of section that a list may have.
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

/// A rule's name, which is recorded as the keyword, and one way to phrase it.
pub(super) type Rule = (&'static str, Pattern);

/// The rules of one language.
pub(super) struct Rules {
    pub language: Language,
    /// These opt out whatever else the message says. They override every excuse.
    pub insisting: Vec<Rule>,
    /// These opt out anywhere in a sentence, unless they're excused.
    pub anywhere: Vec<Rule>,
    /// These opt out if a sentence says nothing else, apart from courtesies, and isn't a question.
    pub whole: Vec<Rule>,
    /// These opt out if the whole message says nothing else.
    pub message: Vec<Rule>,
    /// Words that opt out at the end of a sentence, after a complaint.
    pub last_words: Vec<Rule>,
    /// Complaints, refusals and pleas. If one of `last_words` ends the sentence after one of these, it counts as an opt-out.
    pub complaints: Vec<Pattern>,
    /// Between a complaint and the last word, these take it back.
    pub no_last_word: Vec<Pattern>,
    /// Anything that begins inside one of these isn't a request.
    pub excuses: Vec<Pattern>,
    /// Excuses that also apply to a last word: a bus stop, the end of the month.
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

/// The rules of all languages together.
pub(super) struct AllRules {
    pub vocabulary: Vocabulary,
    pub each: Vec<Rules>,
    pub pairs: Pairs,
    pub quotations: Quotations,
    /// Mistakes in the lists. A test checks that there are none.
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
        // Without common words, we can't tell a slip from a word.
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

    /// Counts how many of these words the language has.
    pub(super) fn knows<'a>(&self, words: impl Iterator<Item = &'a Word>) -> usize {
        words.filter(|word| self.words.contains(word.text.as_str())).count()
    }
}

impl AllRules {
    /// Finds a pattern in `words`. Returns the longest match for each starting word.
    pub(super) fn spans<'a>(&'a self, pattern: &'a Pattern, words: &'a [Word]) -> impl Iterator<Item = Found> + 'a {
        pattern.find_longest(words, &self.facts)
    }

    /// Returns whether a pattern occurs anywhere in these words.
    pub(super) fn is_in(&self, pattern: &Pattern, words: &[Word]) -> bool {
        pattern.is_in(words, &self.facts)
    }

    /// Returns the name of the first of these rules that occurs in the words.
    pub(super) fn first(&self, rules: &[Rule], words: &[Word]) -> Option<&'static str> {
        rules.iter().find(|(_, pattern)| self.is_in(pattern, words)).map(|(says, _)| *says)
    }

    /// Removes courtesies (in any language), codes and repetitions ("stop stop") from the words.
    pub(super) fn without_filler(&self, words: &[Word]) -> Vec<Word> {
        // Short numbers stay: "END 5" may be about a bus, "END 482913" isn't.
        let is_code = |word: &str| word.len() >= 5 && word.bytes().all(|b| b.is_ascii_digit());
        let courtesy = |name: &str| self.each.iter().any(|rules| rules.filler.contains(name));
        let filler = |word: &Word| is_code(&word.text) || self.vocabulary.names(word).any(courtesy);
        let mut bare: Vec<Word> = words.iter().filter(|word| !filler(word)).cloned().collect();
        bare.dedup_by(|one, other| one.text == other.text);
        bare
    }
}
