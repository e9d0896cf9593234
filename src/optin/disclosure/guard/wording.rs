//! The wording of disclosures, by locale: which sections the list files have (`disclosure/english.txt` and so on).
//!
//! Owns what each section is for. Must not judge. To add a locale, add a file and a line in `LISTS`.

use std::sync::LazyLock;

use crate::optin::phrase::{List, Pattern, Reach, Slips, Vocabulary};

const LISTS: &[(&str, &str)] = &[("en", include_str!("../english.txt")), ("es", include_str!("../spanish.txt"))];

macro_rules! wording {
    ($($(#[$doc:meta])* $field:ident: $kind:literal,)+) => {
        /// The wording that is recognized in one locale.
        pub(super) struct Wording {
            pub locale: &'static str,
            pub vocabulary: Vocabulary,
            /// Mistakes in the list. A test checks that there are none.
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
    /// These say that text messages are sent.
    texts: "texts",
    /// A number of messages per period, with the number first.
    figure: "figure",
    /// The same, with the period first. Used in sentences that don't have the number first.
    period_first: "period first",
    /// Right before a number of messages, these make it something other than a limit.
    not_a_bound: "not a bound",
    /// The same, unless "not" comes before: "no more than 5".
    exceeding: "exceeding",
    /// In or after a number of messages, these keep it from being a limit: "5 or more".
    open_figure: "open figure",
    varies: "varies",
    per_request: "per request",
    /// These say to send the keyword. The phrase ends with it.
    keyword: "keyword",
    /// A number to send the keyword to.
    number: "number",
    /// Between the keyword and a number, these say that the number is for something else.
    other_channel: "other channel",
    /// These introduce what the keyword is for.
    aim: "aim",
    /// Between the keyword and what it's for, these say nothing about its purpose.
    interlude: "interlude",
    /// What STOP may be for.
    stop_purpose: "stop purpose",
    /// What HELP may be for.
    help_purpose: "help purpose",
    /// After the keyword in its clause, these limit what it does: a fee, a term, a pause.
    keyword_limit: "keyword limit",
    /// Before the keyword in its sentence, these delay what it does.
    keyword_delay: "keyword delay",
    /// After the keyword in its sentence, even in parentheses, these say what stopping costs.
    keyword_fee: "keyword fee",
    /// In another sentence, these say that stopping costs something.
    stop_cost: "stop cost",
    /// These take back what another sentence says about the keyword.
    keyword_fails: "keyword fails",
    cost: "cost",
    standard_cost: "standard cost",
    /// Before the cost in its sentence, these say that only some people pay it.
    cost_limit: "cost limit",
    /// Elsewhere, these say that there is no cost.
    no_cost: "no cost",
    terms: "terms",
    privacy: "privacy",
    /// Explicit agreement.
    agree: "agree",
    /// Less direct agreement.
    agree_weakly: "agree weakly",
    /// Soon after the agreement, these make it an agreement to nothing.
    nothing: "nothing",
    /// These say that the box agrees to something else too.
    bundled: "bundled",
    /// Anywhere in the form, these say that the box decides nothing.
    no_choice: "no choice",
    /// Anywhere in the form, these say that the number is given to others.
    sharing: "sharing",
    /// Right before something else that the box agrees to, these make it what the texts are about.
    topic: "topic",
    /// After the program's name or its texts, these add something to the agreement.
    joined: "joined",
    /// What may be added, because it's about the texts too.
    about_texts: "about texts",
    /// For marketing: that it's marketing, this number, automated means, no condition of a purchase, and the opposite of that.
    marketing: "marketing",
    this_number: "this number",
    automated: "automated",
    no_condition: "no condition",
    is_condition: "is condition",
    /// A sentence that says that the texts are not sent by automated means.
    by_hand: "by hand",
    /// A sentence that says in other words that consent is a condition.
    made_condition: "made condition",
    /// After "not a condition of purchase", these make an exception.
    condition_limit: "condition limit",
    /// Before a phrase in its clause, these take it back.
    negations: "negation",
    /// The same words in idioms, where they take nothing back.
    harmless: "harmless",
    /// Before a phrase in its clause, these weaken it.
    softeners: "softener",
    /// A clause that begins with one of these may say "not" without negating the rest of it.
    suppositions: "supposition",
    /// What comes before these doesn't affect what follows.
    conjunctions: "conjunction",
    /// A clause that begins with one of these continues the one before.
    continuations: "continuation",
    /// Right after a phrase, these take it back.
    fails_at_once: "fails at once",
    /// Anywhere after a phrase in its clause, these take it back or weaken it.
    fails_later: "fails later",
}

static WORDING: LazyLock<Vec<Wording>> =
    LazyLock::new(|| LISTS.iter().map(|(locale, text)| Wording::read(locale, text)).collect());

/// Returns the wording of a locale. `es-MX` uses `es`.
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
