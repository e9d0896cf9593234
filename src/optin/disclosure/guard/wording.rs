//! The wording of the disclosures, by locale: data that a lawyer can read and correct.
//!
//! Owns what counts as said and what counts as taken back. Must not hold logic. The surprise: everything is written without
//! case, accents and apostrophes, in the language that `phrase.rs` describes, because that is how it is compared.

mod english;
mod spanish;

/// What is recognised in one locale.
pub(super) struct Wording {
    pub locale: &'static str,
    /// Word lists that patterns name in braces.
    pub lists: &'static [(&'static str, &'static str)],
    pub numbers: &'static [(&'static str, u32)],
    pub periods: &'static [(&'static str, &'static str)],
    pub adverbs: &'static [(&'static str, &'static str)],

    /// Text messages are sent.
    pub texts: &'static [&'static str],
    /// A figure of messages in a period, the figure first.
    pub figure: &'static [&'static str],
    /// The same, the period first; looked at where no sentence has the figure first.
    pub period_first: &'static [&'static str],
    /// Right before a figure, they make it another one.
    pub not_a_bound: &'static [&'static str],
    /// The same, unless "not" stands before: "no more than 5".
    pub exceeding: &'static [&'static str],
    pub varies: &'static [&'static str],
    pub per_request: &'static [&'static str],
    /// With `{key}` for the keyword, `{other}` for the other one, `{sender}` or any `{phone}`.
    pub keyword: &'static [&'static str],
    /// With `{key}`: takes back what another sentence says.
    pub keyword_fails: &'static [&'static str],
    pub cost: &'static [&'static str],
    pub standard_cost: &'static [&'static str],
    pub terms: &'static [&'static str],
    pub privacy: &'static [&'static str],
    /// Agreement in so many words, and less directly.
    pub agree: &'static [&'static str],
    pub agree_weakly: &'static [&'static str],
    /// Marketing: this number, automated means, no condition of a purchase, and the opposite of that.
    pub this_number: &'static [&'static str],
    pub automated: &'static [&'static str],
    pub no_condition: &'static [&'static str],
    pub is_condition: &'static [&'static str],

    /// Before a phrase in its clause, they take it back.
    pub negations: &'static [&'static str],
    /// The same words where they take nothing back.
    pub harmless: &'static [&'static str],
    /// Before a phrase in its clause, they weaken it.
    pub softeners: &'static [&'static str],
    /// A clause that begins so may say "not" without meaning the rest of it.
    pub suppositions: &'static [&'static str],
    /// What stands before them does not bear on what follows.
    pub conjunctions: &'static [&'static str],
    /// A clause that begins so goes on with the one before.
    pub continuations: &'static [&'static str],
    /// Right after a phrase, they take it back.
    pub fails_at_once: &'static [&'static str],
    /// Anywhere after a phrase in its clause, they take it back or weaken it.
    pub fails_later: &'static [&'static str],
    /// Close after "agree".
    pub nothing: &'static str,
}

/// The wording of a locale; `es-MX` is `es`.
pub(super) fn wording(locale: &str) -> Option<&'static Wording> {
    let language = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    [&english::ENGLISH, &spanish::SPANISH].into_iter().find(|wording| wording.locale == language)
}
