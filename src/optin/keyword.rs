//! Keywords: what a text to the short code says.
//!
//! Owns the opt-out words that law and carriers name (TCPA-1, KW-1) and the order in which meanings are looked for
//! (KW-2 to KW-5); the phrases are lists of their own, one file for each language. Must not act on what it reads. The
//! surprise: a strong word opts out wherever it stands unless its surroundings excuse it, and in doubt they do not.

use std::sync::LazyLock;

use self::phrase::{Class, Pattern, Phrase, Span};
use self::tokens::{Sentence, Word};

mod digits;
mod english;
mod french;
mod own_words;
mod phrase;
mod spanish;
mod spelling;
mod tokens;

pub use self::own_words::LONGEST_MESSAGE;

/// The opt-out words, folded: 47 CFR 64.1200(a)(10) names the first seven (OPT OUT is one of them), carriers the rest.
pub const OPT_OUT_WORDS: [&str; 8] = ["STOP", "QUIT", "END", "REVOKE", "OPTOUT", "CANCEL", "UNSUBSCRIBE", "STOPALL"];

/// The opt-in words, folded. YES is none: no text of ours asks for it (KW-5).
const OPT_IN_WORDS: [&str; 2] = ["START", "UNSTOP"];

/// How people word an opt-in beyond the bare word; it stays narrow, since nobody may be opted in by a guess.
const OPT_IN: &[Phrase] = &[
    Phrase {
        says: "START",
        written: &[
            "^ start start? $",
            "^ start again|back|over|now $",
            "^ start over|back? {again}",
            "^ start ..1 texting|texts|messages|alerts|text|sending|notifications ..2 $",
        ],
    },
    Phrase { says: "UNSTOP", written: &["^ unstop ..3 $"] },
];
const OPT_IN_CLASSES: &[Class] = &[("again", &["again"])];

/// A language that a message was read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// French.
    French,
}

impl Language {
    /// The ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
        }
    }
}

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
    let sentences = own_words::own_sentences(&own);
    let around = || language_around(&sentences);
    if let Some(keyword) = opt_out_word(&own) {
        return InboundAction::OptOut { keyword, language: around() };
    }
    if let Some((keyword, language)) = opt_out(&own, &sentences) {
        let language = if OPT_OUT_WORDS.contains(&keyword) { around() } else { language };
        return InboundAction::OptOut { keyword, language };
    }
    if let Some((keyword, language)) = help(&sentences) {
        return InboundAction::Help { keyword, language };
    }
    if let Some(keyword) = opt_in(&own, &sentences) {
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

/// The rules of one language, ready to be matched.
struct Rules {
    language: Language,
    insisting: Vec<(&'static str, Pattern)>,
    anywhere: Vec<(&'static str, Pattern)>,
    whole: Vec<(&'static str, Pattern)>,
    excuses: Vec<Pattern>,
    help: Vec<(&'static str, Pattern)>,
    no_help: Vec<Pattern>,
    filler: Vec<&'static str>,
}

macro_rules! rules {
    ($language:expr, $list:ident) => {
        Rules {
            language: $language,
            insisting: named($list::INSISTING, $list::CLASSES, false),
            anywhere: named($list::ANYWHERE, $list::CLASSES, true),
            whole: named($list::WHOLE, $list::CLASSES, true),
            excuses: $list::EXCUSES
                .iter()
                .flat_map(|phrase| phrase.written)
                .map(|written| Pattern::parse(written, $list::CLASSES, false))
                .collect(),
            help: named($list::HELP, $list::CLASSES, true),
            no_help: $list::NO_HELP.iter().map(|written| Pattern::parse(written, $list::CLASSES, true)).collect(),
            filler: $list::FILLER.iter().flat_map(|line| line.split_whitespace()).collect(),
        }
    };
}

static RULES: LazyLock<[Rules; 3]> =
    LazyLock::new(|| [rules!(Language::English, english), rules!(Language::Spanish, spanish), rules!(Language::French, french)]);
static OPT_IN_RULES: LazyLock<Vec<(&'static str, Pattern)>> = LazyLock::new(|| named(OPT_IN, OPT_IN_CLASSES, true));

fn named(phrases: &[Phrase], classes: &[Class], across_commas: bool) -> Vec<(&'static str, Pattern)> {
    let each = |phrase: &Phrase| {
        let says = phrase.says;
        phrase.written.iter().map(move |written| (says, Pattern::parse(written, classes, across_commas))).collect::<Vec<_>>()
    };
    phrases.iter().flat_map(each).collect()
}

/// The opt-out word that the person's own words are as a whole, if they are one: the strict list of the law.
fn opt_out_word(own: &str) -> Option<&'static str> {
    let folded = fold(own);
    OPT_OUT_WORDS.into_iter().find(|word| *word == folded)
}

/// Upper case, letters and digits alone.
fn fold(own: &str) -> String {
    own.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The first rule that opts out, the surest ones first.
fn opt_out(own: &str, sentences: &[Sentence]) -> Option<(&'static str, Language)> {
    let bare: Vec<Word> = sentences.iter().flat_map(|sentence| without_filler(&sentence.words)).collect();
    if bare.is_empty() && own.contains('\u{1f6d1}') {
        return Some(("STOP", Language::English));
    }
    let glued: String = bare.iter().map(|word| word.text.as_str()).collect();
    if bare.len() <= 3 && spelling::mended(&glued, true) == "stop" && glued.len() <= 6 {
        return Some(("STOP", Language::English));
    }
    for rules in RULES.iter() {
        if let Some((says, _)) = rules.whole.iter().find(|(_, pattern)| pattern.find(&bare).next().is_some()) {
            return Some((says, rules.language));
        }
    }
    sentences.iter().find_map(opt_out_of)
}

fn opt_out_of(sentence: &Sentence) -> Option<(&'static str, Language)> {
    let words = &sentence.words;
    let excuses: Vec<Span> = RULES.iter().flat_map(|rules| &rules.excuses).flat_map(|pattern| pattern.find(words)).collect();
    let excused = |span: Span| excuses.iter().any(|excuse| excuse.from <= span.from && span.from < excuse.to);
    for rules in RULES.iter() {
        let wished = |span: Span| excuses.iter().any(|excuse| excuse.from < span.from && span.to <= excuse.to);
        let insisting = rules.insisting.iter().find(|(_, pattern)| pattern.find(words).any(|span| !wished(span)));
        let anywhere = || rules.anywhere.iter().find(|(_, pattern)| pattern.find(words).any(|span| !excused(span)));
        if let Some((says, _)) = insisting.or_else(anywhere) {
            return Some((says, rules.language));
        }
    }
    if sentence.question {
        return None;
    }
    let bare = without_filler(words);
    let whole = |rules: &'static Rules| {
        let found = rules.whole.iter().find(|(_, pattern)| pattern.find(&bare).next().is_some());
        found.map(|(says, _)| (*says, rules.language))
    };
    RULES.iter().find_map(whole)
}

/// Without courtesies and codes, of whatever language, and without repetitions ("stop stop").
fn without_filler(words: &[Word]) -> Vec<Word> {
    // Short numbers stay: "END 5" may be a bus, "END 482913" is not.
    let is_code = |word: &str| word.len() >= 5 && word.bytes().all(|b| b.is_ascii_digit());
    let filler = |word: &str| is_code(word) || RULES.iter().any(|rules| rules.filler.contains(&word));
    let mut bare: Vec<Word> = words.iter().filter(|word| !filler(&word.text)).cloned().collect();
    bare.dedup_by(|one, other| one.text == other.text);
    bare
}

/// The language of the courtesies around a word that is the same in all three.
fn language_around(sentences: &[Sentence]) -> Language {
    let words = || sentences.iter().flat_map(|sentence| &sentence.words).map(|word| word.text.as_str());
    if words().any(|word| matches!(word, "porfavor" | "favor" | "gracias" | "mensajes" | "quiero" | "los" | "hola" | "porfa")) {
        Language::Spanish
    } else if words().any(|word| matches!(word, "svp" | "plait" | "merci" | "vous" | "les" | "bonjour" | "stp")) {
        Language::French
    } else {
        Language::English
    }
}

fn help(sentences: &[Sentence]) -> Option<(&'static str, Language)> {
    for sentence in sentences {
        for rules in RULES.iter() {
            if rules.no_help.iter().any(|pattern| pattern.find(&sentence.words).next().is_some()) {
                continue;
            }
            let mut bare = without_filler(&sentence.words);
            // A code beside the word, in groups too, does not make it one.
            bare.retain(|word| !word.text.bytes().all(|b| b.is_ascii_digit()));
            let says = |words: &[Word]| rules.help.iter().find(|(_, pattern)| pattern.find(words).next().is_some());
            if let Some((says, _)) = says(&sentence.words).or_else(|| says(&bare)) {
                return Some((says, rules.language));
            }
        }
    }
    None
}

fn opt_in(own: &str, sentences: &[Sentence]) -> Option<&'static str> {
    let folded = fold(own);
    if let Some(word) = OPT_IN_WORDS.into_iter().find(|word| *word == folded) {
        return Some(word);
    }
    let bare: Vec<Word> = sentences.iter().flat_map(|sentence| without_filler(&sentence.words)).collect();
    OPT_IN_RULES.iter().find(|(_, pattern)| pattern.find(&bare).next().is_some()).map(|(says, _)| *says)
}

#[cfg(test)]
mod tests;
