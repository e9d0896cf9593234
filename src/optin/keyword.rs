//! Keywords: what a text to the short code says.
//!
//! Owns the opt-out words that law and carriers name (TCPA-1, KW-1) and the order in which meanings are looked for
//! (KW-2 to KW-5). What people write beside those words is in list files, one for each language (`keyword/english.txt`).
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

/// The opt-out words, folded: 47 CFR 64.1200(a)(10) names the first seven (OPT OUT is one of them), carriers the rest.
pub const OPT_OUT_WORDS: [&str; 8] = ["STOP", "QUIT", "END", "REVOKE", "OPTOUT", "CANCEL", "UNSUBSCRIBE", "STOPALL"];

/// The opt-in words, folded. YES is none: no text of ours asks for it (KW-5).
const OPT_IN_WORDS: [&str; 2] = ["START", "UNSTOP"];

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboundAction {
    /// No more texts.
    OptOut {
        /// One of [`OPT_OUT_WORDS`], or the text of the rule that said so.
        keyword: &'static str,
        /// The language of the rule, or of what stands around one of [`OPT_OUT_WORDS`].
        language: Language,
    },
    /// A call for help.
    Help {
        /// HELP, INFO, AYUDA or AIDE.
        keyword: &'static str,
        /// The language of the word.
        language: Language,
    },
    /// Texts again.
    OptIn {
        /// START or UNSTOP.
        keyword: &'static str,
    },
    /// Runs of digits, each of which could be the code.
    TryCode(Vec<String>),
    /// Nothing that we know; somebody has to look at it.
    Unknown,
}

impl InboundAction {
    /// The word or rule that said so, as `inbound_messages.keyword` keeps it.
    #[must_use]
    pub const fn keyword(&self) -> Option<&'static str> {
        match self {
            Self::OptOut { keyword, .. } | Self::Help { keyword, .. } | Self::OptIn { keyword } => Some(keyword),
            Self::TryCode(_) | Self::Unknown => None,
        }
    }

    /// The language that it was said in, where the words tell.
    #[must_use]
    pub const fn language(&self) -> Option<Language> {
        match self {
            Self::OptOut { language, .. } | Self::Help { language, .. } => Some(*language),
            Self::OptIn { .. } | Self::TryCode(_) | Self::Unknown => None,
        }
    }
}

/// Reads a message: opt-out, help, opt-in, code, in this order (KW-3).
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

/// Whether nothing of a message is the person's own words: it is a reaction, a signature or a copy of ours.
#[must_use]
pub fn is_only_quoted(message: &str) -> bool {
    let own = own_words::own_words(message);
    !own.chars().any(char::is_alphanumeric) && message.chars().any(char::is_alphanumeric)
}

/// Whether a program answers in the person's place: an autoresponder, a phone whose owner is driving.
#[must_use]
pub fn is_automatic(message: &str) -> bool {
    own_words::is_automatic(&own_words::sentences(&own_words::own_words(message)))
}

/// Upper case, letters and digits alone.
fn folded_whole(own: &str) -> String {
    own.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The opt-out word that the person's own words are as a whole, if they are one: the strict list of the law.
fn opt_out_word(own: &str) -> Option<&'static str> {
    let folded = folded_whole(own);
    OPT_OUT_WORDS.into_iter().find(|word| *word == folded)
}

/// A rule that was found, and its language.
type Said = (&'static str, Language);

/// A person's own words, ready to be compared.
struct Message<'m> {
    own: &'m str,
    sentences: Vec<Sentence>,
    /// All of it without courtesies.
    bare: Vec<Word>,
    /// The languages, likeliest first.
    rules: Vec<&'static Rules>,
}

impl<'m> Message<'m> {
    fn new(own: &'m str) -> Self {
        let sentences = own_words::own_sentences(own);
        let bare = sentences.iter().flat_map(|sentence| RULES.without_filler(&sentence.words)).collect();
        let words = || sentences.iter().flat_map(|sentence| &sentence.words);
        let mut rules: Vec<&Rules> = RULES.each.iter().collect();
        // Stable: English first where the words don't tell.
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

    /// What the message says if it says nothing else.
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

    /// The rule that a sentence comes under, the surest kind first; of several the one that covers the most words.
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
            // The first of equals; a word of the law before all others.
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
                // A code beside the word, in groups too, does not make it one.
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

/// A word that was written as two or three short ones ("st op", "opt ut"); nothing if it was not.
fn together(bare: &[Word]) -> Vec<Word> {
    let short = bare.iter().all(|word| word.text.len() <= 4);
    if !(2..=3).contains(&bare.len()) || !short {
        return Vec::new();
    }
    let mut word = [Word::plain(bare.iter().map(|word| word.text.as_str()).collect())];
    RULES.vocabulary.look_up(&mut word);
    word.into()
}

/// The word that ends a sentence behind a complaint ("not interested stop"): people leave the comma out. Not as part of a
/// compound ("bus stop"), and not where what stands between the two takes it back ("I hate it when they stop").
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
