//! The wording of the disclosures, by locale: which sections the list files have (`disclosure/english.txt` and its like).
//!
//! Owns what each section is for. Must not judge. A new locale is a file and a line in `LISTS`.

use std::sync::LazyLock;

use crate::optin::phrase::{List, Pattern, Reach, Slips, Vocabulary};

const LISTS: &[(&str, &str)] = &[("en", include_str!("../english.txt")), ("es", include_str!("../spanish.txt"))];

macro_rules! wording {
    ($($(#[$doc:meta])* $field:ident: $kind:literal,)+) => {
        /// What is recognized in one locale.
        pub(super) struct Wording {
            pub locale: &'static str,
            pub vocabulary: Vocabulary,
            /// What is wrong with the list; a test looks at it.
            #[cfg_attr(not(test), expect(dead_code, reason = "a test looks at it"))]
            pub faults: Vec<String>,
            $($(#[$doc])* pub $field: Vec<Pattern>,)+
        }

        impl Wording {
            fn read(locale: &'static str, text: &'static str) -> Self {
                let list = List::read(text);
                let (mut vocabulary, mut faults) = (Vocabulary::default(), Vec::new());
                for kind in list.kinds().filter(|kind| ![$($kind,)+ "class"].contains(kind)) {
                    faults.push(format!("{locale}: nothing is read from [{kind}]"));
                }
                let mut patterns = |kind: &str| {
                    let mut patterns = Vec::new();
                    for line in list.lines(kind) {
                        match Pattern::compile(line, &list, Reach::Sentence, Slips::Exact, &mut vocabulary) {
                            Ok(pattern) => patterns.push(pattern),
                            Err(fault) => faults.push(format!("{locale} [{kind}] {fault}")),
                        }
                    }
                    patterns
                };
                $(let $field = patterns($kind);)+
                Self { locale, vocabulary, faults, $($field),+ }
            }
        }
    };
}

wording! {
    /// Text messages are sent.
    texts: "texts",
    /// A figure of messages in a period, the figure first.
    figure: "figure",
    /// The same, the period first; looked at where no sentence has the figure first.
    period_first: "period first",
    /// Right before a figure, they make it another one.
    not_a_bound: "not a bound",
    /// The same, unless "not" stands before: "no more than 5".
    exceeding: "exceeding",
    /// In or after a figure, they make it no bound: "5 or more".
    open_figure: "open figure",
    varies: "varies",
    per_request: "per request",
    /// The keyword is to be sent. The phrase ends with it.
    keyword: "keyword",
    /// A number that the keyword is to be sent to.
    number: "number",
    /// Between the keyword and a number, they say that the number is for something else.
    other_channel: "other channel",
    /// They open what the keyword is for.
    aim: "aim",
    /// Between the keyword and what it is for, they say nothing of it.
    interlude: "interlude",
    /// What STOP may be for.
    stop_purpose: "stop purpose",
    /// What HELP may be for.
    help_purpose: "help purpose",
    /// Behind the keyword in its clause, they limit what it does: a fee, a term, a pause.
    keyword_limit: "keyword limit",
    /// Before the keyword in its sentence, they put off what it does.
    keyword_delay: "keyword delay",
    /// Behind the keyword in its sentence, brackets and all: what stopping costs.
    keyword_fee: "keyword fee",
    /// In another sentence, they say that stopping costs something.
    stop_cost: "stop cost",
    /// They take back what another sentence says of the keyword.
    keyword_fails: "keyword fails",
    cost: "cost",
    standard_cost: "standard cost",
    /// Before the cost in its sentence, they say that only some people pay it.
    cost_limit: "cost limit",
    /// They say somewhere else that there is no cost.
    no_cost: "no cost",
    terms: "terms",
    privacy: "privacy",
    /// Agreement in so many words.
    agree: "agree",
    /// Agreement, less directly.
    agree_weakly: "agree weakly",
    /// Close behind the agreement, they make it one to nothing.
    nothing: "nothing",
    /// The box agrees to something else too.
    bundled: "bundled",
    /// Anywhere in the form, they say that the box decides nothing.
    no_choice: "no choice",
    /// Anywhere in the form, they hand the number to others.
    sharing: "sharing",
    /// Right before one of those, they make it what the texts are about.
    topic: "topic",
    /// Behind the program's name or its texts, they add something to the agreement.
    joined: "joined",
    /// What may be added: it is about the texts too.
    about_texts: "about texts",
    /// Marketing: that it is marketing, this number, automated means, no condition of a purchase, and the opposite of that.
    marketing: "marketing",
    this_number: "this number",
    automated: "automated",
    no_condition: "no condition",
    is_condition: "is condition",
    /// A sentence that says that the texts are not sent by automated means.
    by_hand: "by hand",
    /// A sentence that says in other words that consent is a condition.
    made_condition: "made condition",
    /// Behind "not a condition of purchase", they make an exception.
    condition_limit: "condition limit",
    /// Before a phrase in its clause, they take it back.
    negations: "negation",
    /// The same words where they take nothing back.
    harmless: "harmless",
    /// Before a phrase in its clause, they weaken it.
    softeners: "softener",
    /// A clause that begins so may say "not" without meaning the rest of it.
    suppositions: "supposition",
    /// What stands before them does not bear on what follows.
    conjunctions: "conjunction",
    /// A clause that begins so goes on with the one before.
    continuations: "continuation",
    /// Right behind a phrase, they take it back.
    fails_at_once: "fails at once",
    /// Anywhere behind a phrase in its clause, they take it back or weaken it.
    fails_later: "fails later",
}

static WORDING: LazyLock<Vec<Wording>> =
    LazyLock::new(|| LISTS.iter().map(|(locale, text)| Wording::read(locale, text)).collect());

/// The wording of a locale; `es-MX` is `es`.
pub(super) fn wording(locale: &str) -> Option<&'static Wording> {
    let language = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    WORDING.iter().find(|wording| wording.locale == language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_well_formed() {
        for wording in WORDING.iter() {
            assert_eq!(wording.faults, Vec::<String>::new());
        }
    }
}
