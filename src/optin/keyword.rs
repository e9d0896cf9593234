//! Keywords: what a text to the short code says.
//!
//! Owns the opt-out words that the law and the carriers name (TCPA-1, KW-1) and the order in which meanings are checked
//! (KW-2 to KW-5). The other ways to ask for no more texts are in list files, one per language (`keyword/english.txt`).
//! Must not act on what it reads.

use self::rules::{RULES, Rules};
use crate::optin::phrase::{self, Found, Sentence, Word};

mod digits;
mod own_words;
mod quotations;
mod rules;
mod tokens;

pub use self::own_words::LONGEST_MESSAGE;
pub use self::rules::Language;

/// The opt-out words, folded. 47 CFR 64.1200(a)(10) names the first seven (including OPT OUT). The carriers add STOPALL.
pub const OPT_OUT_WORDS: [&str; 8] = ["STOP", "QUIT", "END", "REVOKE", "OPTOUT", "CANCEL", "UNSUBSCRIBE", "STOPALL"];

/// The opt-in words, folded. YES isn't one, because none of our texts asks for it (KW-5).
const OPT_IN_WORDS: [&str; 2] = ["START", "UNSTOP"];

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboundAction {
    /// A request for no more texts.
    OptOut {
        /// One of [`OPT_OUT_WORDS`], or the name of the rule that matched.
        keyword: &'static str,
        /// The language of the rule, or of the words around one of [`OPT_OUT_WORDS`].
        language: Language,
    },
    /// A request for help.
    Help {
        /// HELP, INFO, AYUDA or AIDE.
        keyword: &'static str,
        /// The language of the word.
        language: Language,
    },
    /// A request to get texts again.
    OptIn {
        /// START or UNSTOP.
        keyword: &'static str,
    },
    /// Runs of digits, each of which could be the code.
    TryCode(Vec<String>),
    /// Nothing that we recognize. Somebody has to look at it.
    Unknown,
}

impl InboundAction {
    /// Returns the word or rule that matched, as stored in `inbound_messages.keyword`.
    #[must_use]
    pub const fn keyword(&self) -> Option<&'static str> {
        match self {
            Self::OptOut { keyword, .. } | Self::Help { keyword, .. } | Self::OptIn { keyword } => Some(keyword),
            Self::TryCode(_) | Self::Unknown => None,
        }
    }

    /// Returns the language of the message, if its words reveal it.
    #[must_use]
    pub const fn language(&self) -> Option<Language> {
        match self {
            Self::OptOut { language, .. } | Self::Help { language, .. } => Some(*language),
            Self::OptIn { .. } | Self::TryCode(_) | Self::Unknown => None,
        }
    }
}

/// Reads a message. Checks for an opt-out, help, an opt-in and a code, in this order (KW-3).
#[must_use]
pub fn read(message: &str) -> InboundAction {
    let own = own_words::own_words(message);
    let message = Message::new(&own);
    if let Some((keyword, language)) = message.opt_out() {
        return InboundAction::OptOut { keyword, language };
    }
    if let Some((keyword, language)) = message.help() {
        return InboundAction::Help { keyword, language };
    }
    if let Some(keyword) = message.opt_in() {
        return InboundAction::OptIn { keyword };
    }
    let codes = digits::candidates(&own);
    if codes.is_empty() { InboundAction::Unknown } else { InboundAction::TryCode(codes) }
}

/// Returns whether a message has none of the person's own words: it's a reaction, a signature or a copy of one of our texts.
#[must_use]
pub fn is_only_quoted(message: &str) -> bool {
    let own = own_words::own_words(message);
    !own.chars().any(char::is_alphanumeric) && message.chars().any(char::is_alphanumeric)
}

/// Returns whether a program answers for the person: an autoresponder, or a phone whose owner is driving.
#[must_use]
pub fn is_automatic(message: &str) -> bool {
    own_words::is_automatic(&own_words::sentences(&own_words::own_words(message)))
}

/// Converts a text to uppercase and keeps only letters and digits.
fn folded_whole(own: &str) -> String {
    own.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Returns the opt-out word if the person's own words are nothing else. Only the strict list from the law counts.
fn opt_out_word(own: &str) -> Option<&'static str> {
    let folded = folded_whole(own);
    OPT_OUT_WORDS.into_iter().find(|word| *word == folded)
}

/// A rule that matched, and its language.
type Said = (&'static str, Language);

/// A person's own words, ready for matching.
struct Message<'m> {
    own: &'m str,
    sentences: Vec<Sentence>,
    /// All of its words, without courtesies.
    bare: Vec<Word>,
    /// The rules of each language, likeliest first.
    rules: Vec<&'static Rules>,
}

impl<'m> Message<'m> {
    fn new(own: &'m str) -> Self {
        let sentences = own_words::own_sentences(own);
        let bare = sentences.iter().flat_map(|sentence| RULES.without_filler(&sentence.words)).collect();
        let words = || sentences.iter().flat_map(|sentence| &sentence.words);
        let mut rules: Vec<&Rules> = RULES.each.iter().collect();
        // A stable sort: English comes first if the words don't reveal the language.
        rules.sort_by_cached_key(|rules| std::cmp::Reverse(rules.knows(words())));
        Self { own, sentences, bare, rules }
    }

    fn opt_out(&self) -> Option<Said> {
        let likeliest = self.rules.first().map_or(Language::ENGLISH, |rules| rules.language);
        let of_law = |keyword| OPT_OUT_WORDS.contains(&keyword);
        if let Some(keyword) = opt_out_word(self.own) {
            return Some((keyword, likeliest));
        }
        let said = self.as_a_whole().or_else(|| self.sentences.iter().find_map(|sentence| self.in_a_sentence(sentence)));
        said.map(|(says, language)| (says, if of_law(says) { likeliest } else { language }))
    }

    /// Returns the rule that the message matches as a whole.
    fn as_a_whole(&self) -> Option<Said> {
        if self.bare.is_empty() {
            let signs = self.rules.iter().flat_map(|rules| rules.signs.iter().map(|sign| (rules.language, sign)));
            let mut shown = signs.filter(|(_, (_, sign))| self.own.contains(sign));
            let shown = shown.next().map(|(language, (says, _))| (*says, language));
            if shown.is_some() || self.sentences.is_empty() {
                return shown;
            }
        }
        let all: Vec<Word> = self.sentences.iter().flat_map(|sentence| sentence.words.iter().cloned()).collect();
        let asked = self.sentences.iter().any(|sentence| sentence.question);
        let together = together(&self.bare);
        self.rules.iter().find_map(|rules| {
            let said = RULES.first(&rules.whole, &self.bare).or_else(|| RULES.first(&rules.whole, &together));
            let said = said.or_else(|| RULES.first(&rules.message, &all).filter(|_| !asked));
            said.or_else(|| RULES.first(&rules.message, &self.bare).filter(|_| !asked)).map(|says| (says, rules.language))
        })
    }

    /// Returns the rule that a sentence matches, trying the most certain kind first. If several match, the one that covers the
    /// most words wins.
    fn in_a_sentence(&self, sentence: &Sentence) -> Option<Said> {
        let words = &sentence.words;
        let spans = |patterns: &mut dyn Iterator<Item = &'static phrase::Pattern>| -> Vec<Found> {
            patterns.flat_map(|pattern| RULES.spans(pattern, words)).collect()
        };
        let compounds = spans(&mut RULES.each.iter().flat_map(|rules| &rules.compounds));
        let mut excuses = spans(&mut RULES.each.iter().flat_map(|rules| &rules.excuses));
        excuses.extend(&compounds);
        let wished = |span: Found| excuses.iter().any(|excuse| excuse.start < span.start && span.end <= excuse.end);
        let excused = |span: Found| excuses.iter().any(|excuse| excuse.start <= span.start && span.start < excuse.end);
        let widest = |rules: &'static [rules::Rule], spared: &dyn Fn(Found) -> bool| {
            let found = rules.iter().flat_map(|(says, pattern)| RULES.spans(pattern, words).map(move |span| (*says, span)));
            let found = found.filter(|(_, span)| !spared(*span));
            // In a tie, the first one wins. The opt-out words from the law come before all others.
            let found =
                found.min_by_key(|(says, span)| (!OPT_OUT_WORDS.contains(says), std::cmp::Reverse(span.end - span.start)));
            found.map(|(says, _)| says)
        };
        let bare = if sentence.question { Vec::new() } else { RULES.without_filler(words) };
        self.rules.iter().find_map(|rules| {
            let said = widest(&rules.insisting, &wished).or_else(|| widest(&rules.anywhere, &excused));
            let said = said.or_else(|| if sentence.question { None } else { last_word(rules, words, &compounds) });
            said.or_else(|| RULES.first(&rules.whole, &bare)).map(|says| (says, rules.language))
        })
    }

    fn help(&self) -> Option<Said> {
        for sentence in &self.sentences {
            for rules in &self.rules {
                if rules.no_help.iter().any(|pattern| RULES.is_in(pattern, &sentence.words)) {
                    continue;
                }
                let mut bare = RULES.without_filler(&sentence.words);
                // A code next to the word, even in groups, doesn't make the message a code.
                bare.retain(|word| !phrase::is_digits(&word.text));
                let says = RULES.first(&rules.help, &sentence.words).or_else(|| RULES.first(&rules.help, &bare));
                if let Some(says) = says {
                    return Some((says, rules.language));
                }
            }
        }
        None
    }

    fn opt_in(&self) -> Option<&'static str> {
        let folded = folded_whole(self.own);
        let word = OPT_IN_WORDS.into_iter().find(|word| *word == folded);
        word.or_else(|| self.rules.iter().find_map(|rules| RULES.first(&rules.opt_in, &self.bare)))
    }
}

/// Joins a word that was written as two or three short ones ("st op", "opt ut"). Returns an empty list if it wasn't.
fn together(bare: &[Word]) -> Vec<Word> {
    let short = bare.iter().all(|word| word.text.len() <= 4);
    if !(2..=3).contains(&bare.len()) || !short {
        return Vec::new();
    }
    let mut word = [Word::plain(bare.iter().map(|word| word.text.as_str()).collect())];
    RULES.vocabulary.look_up(&mut word);
    word.into()
}

/// Returns the word that ends a sentence after a complaint ("not interested stop"), because people leave out the comma. It
/// doesn't count if it's part of a compound ("bus stop"), or if the words between the two take it back ("I hate it when
/// they stop").
fn last_word(rules: &Rules, words: &[Word], compounds: &[Found]) -> Option<&'static str> {
    let bare = RULES.without_filler(words);
    let last = bare.last()?;
    let keyword = RULES.first(&rules.last_words, std::slice::from_ref(last))?;
    let at = words.iter().rposition(|word| word.text == last.text)?;
    if compounds.iter().any(|compound| compound.start <= at && at < compound.end) {
        return None;
    }
    let before = words.get(..at)?;
    let complains = |pattern| {
        RULES.spans(pattern, before).any(|complaint| {
            let between = before.get(complaint.end..).unwrap_or_default();
            !rules.no_last_word.iter().any(|pattern| RULES.is_in(pattern, between))
        })
    };
    rules.complaints.iter().any(complains).then_some(keyword)
}

#[cfg(test)]
mod tests;
