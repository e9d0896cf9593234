//! Disclosures: the facts that an opt-in page must state, and the identity of what a person saw.
//!
//! Owns the program's facts, their hash, and the judgment of a disclosure hash that a form sends back. Must not hold
//! wording or markup. Two pages that state the same facts are equally good: fixing a typo makes a new snapshot, but nobody
//! has to agree again.

pub mod guard;

use std::collections::BTreeMap;

use scraper::node::Element;
use scraper::{Html, Node};
use sha2::{Digest as _, Sha256};

use crate::optin::stored_words;

/// What the program texts, which determines what must be disclosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramKind {
    /// Codes that the person requests.
    TwoFactor,
    /// Recurring notices.
    Alerts,
    /// Offers, which need written consent with the four statements of 47 CFR 64.1200(f)(9).
    Marketing,
}

stored_words!(ProgramKind { TwoFactor => "two_factor", Alerts => "alerts", Marketing => "marketing" });

/// The period of a frequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 31 days.
    Month,
}

stored_words!(Period { Day => "day", Week => "week", Month => "month" });

/// How often the program texts. It's the single source for the page, the terms, the texts and the cap on sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// At most `count` texts in any `per`.
    AtMost {
        /// How many; at least 2 while codes are texted, so that there's room for the welcome.
        count: u32,
        /// The sliding period.
        per: Period,
    },
    /// "Message frequency varies."
    Varies,
    /// One text per request; only for `two_factor`.
    PerRequest,
}

impl Frequency {
    /// Returns a stable form for the facts' hash, such as `at_most 5 per day`.
    #[must_use]
    pub fn canonical(self) -> String {
        match self {
            Self::AtMost { count, per } => format!("at_most {count} per {}", per.as_str()),
            Self::Varies => "varies".to_owned(),
            Self::PerRequest => "per_request 1".to_owned(),
        }
    }
}

/// Which of the recognized wordings states the cost (CTA-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostLine {
    /// "Message and data rates may apply."
    Plain,
    /// "Standard message and data rates may apply.", needed if the program reaches Canada.
    Standard,
}

stored_words!(CostLine { Plain => "plain", Standard => "standard" });

/// The facts about the program (`program.*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The name, shown on the page and at the start of every text.
    pub name: String,
    /// What will be texted, by locale. The entry `""` is for locales without their own.
    pub description: BTreeMap<String, String>,
    /// What kind of program it is.
    pub kind: ProgramKind,
    /// The short code, or a long or toll-free number in E.164.
    pub sender: String,
    /// How often it texts.
    pub frequency: Frequency,
    /// How the cost is stated.
    pub cost_line: CostLine,
    /// Where to get help: an e-mail address or a toll-free number.
    pub help_contact: String,
    /// Where the terms are: `/terms` or an absolute URL.
    pub terms_url: String,
    /// Where the privacy policy is: `/privacy` or an absolute URL.
    pub privacy_url: String,
}

impl Program {
    /// Returns what is texted, in the wording for `locale` if the owner gave one, and otherwise in the owner's only wording.
    #[must_use]
    pub fn description_in(&self, locale: &str) -> &str {
        self.description
            .get(locale)
            .or_else(|| self.description.get(""))
            .or_else(|| self.description.values().next())
            .map_or("", String::as_str)
    }

    /// Returns the identity of what is disclosed in `locale`: SHA-256 over the facts, as 64 hex digits.
    #[must_use]
    pub fn facts_hash(&self, locale: &str) -> String {
        let frequency = self.frequency.canonical();
        let facts = [
            ("name", self.name.as_str()),
            ("kind", self.kind.as_str()),
            ("description", self.description_in(locale)),
            ("sender", &self.sender),
            ("frequency", &frequency),
            ("cost_line", self.cost_line.as_str()),
            ("help_contact", &self.help_contact),
            ("terms_url", &self.terms_url),
            ("privacy_url", &self.privacy_url),
        ];
        let mut hash = Sha256::new();
        for (name, value) in facts {
            // Lengths keep one value from running into the next.
            for part in [name, value] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hex::encode(hash.finalize())
    }
}

/// Whether a form's disclosure hash is still current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It's known, and its facts are still the program's. It's recorded as is.
    Current,
    /// It's unknown, or its facts have changed since. The person must see the page again.
    Changed,
}

/// Judges the disclosure that a person saw. `recorded_facts` is the facts hash of that disclosure, if it's known, and
/// `facts_now` is today's for the same locale, if that locale is still offered.
#[must_use]
pub fn judge_seen(recorded_facts: Option<&str>, facts_now: Option<&str>) -> Seen {
    match (recorded_facts, facts_now) {
        (Some(then), Some(now)) if then == now => Seen::Current,
        (Some(_) | None, Some(_) | None) => Seen::Changed,
    }
}

/// Returns the identity of a page's bytes: SHA-256, as 64 hex digits.
#[must_use]
pub fn page_hash(html: &str) -> String {
    hex::encode(Sha256::digest(html.as_bytes()))
}

/// Elements whose text nobody reads on the page.
const UNREAD: [&str; 6] = ["head", "script", "style", "template", "noscript", "title"];
/// Inline elements. Every other element starts a new line.
const INLINE: [&str; 12] = ["a", "b", "strong", "em", "i", "span", "time", "code", "abbr", "small", "bdi", "wbr"];

/// Returns the text of a page as a person reads it: one line per block, with spaces collapsed.
#[must_use]
pub fn visible_text(html: &str) -> String {
    let document = Html::parse_document(html);
    let mut text = String::new();
    collect(document.tree.root(), &mut text, &|_| false);
    folded(&text).join("\n")
}

/// Returns what a person agreed to on an opt-in page, line by line: the words of its form, without the field for the
/// number and the button.
#[must_use]
pub fn agreed_lines(html: &str) -> Vec<String> {
    let document = Html::parse_document(html);
    let form = document.tree.nodes().find(|node| {
        let named =
            |node: ego_tree::NodeRef<'_, Node>| node.value().as_element().is_some_and(|e| e.attr("name") == Some("consent"));
        node.value().as_element().is_some_and(|element| element.name() == "form") && node.descendants().any(named)
    });
    let mut text = String::new();
    if let Some(form) = form {
        collect(form, &mut text, &|element| {
            element.name() == "button" || element.attr("for") == Some("phone") || element.attr("id") == Some("phone-hint")
        });
    }
    folded(&text)
}

/// Returns the lines of a text, with spaces collapsed and without empty lines.
fn folded(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect()
}

/// Collects the text below a node. `skips` says which elements are left out.
fn collect(node: ego_tree::NodeRef<'_, Node>, text: &mut String, skips: &dyn Fn(&Element) -> bool) {
    match node.value() {
        // A line break in the source is a space on the page.
        Node::Text(words) => text.push_str(&words.replace(['\n', '\r'], " ")),
        Node::Element(element) if UNREAD.contains(&element.name()) || skips(element) => return,
        _ => {}
    }
    let block = matches!(node.value(), Node::Element(element) if !INLINE.contains(&element.name()));
    if block {
        text.push('\n');
    }
    for child in node.children() {
        collect(child, text, skips);
    }
    if block {
        text.push('\n');
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn acme() -> Program {
        Program {
            name: "Acme Alerts".to_owned(),
            description: BTreeMap::from([(String::new(), "codes".to_owned())]),
            kind: ProgramKind::TwoFactor,
            sender: "98765".to_owned(),
            frequency: Frequency::AtMost { count: 5, per: Period::Day },
            cost_line: CostLine::Plain,
            help_contact: "help@acme.example".to_owned(),
            terms_url: "/terms".to_owned(),
            privacy_url: "/privacy".to_owned(),
        }
    }

    #[test]
    fn each_fact_changes_the_facts_hash_and_nothing_else_does() {
        let base = acme();
        let changed = [
            Program { name: "Acme".to_owned(), ..acme() },
            Program { description: BTreeMap::from([(String::new(), "news".to_owned())]), ..acme() },
            Program { kind: ProgramKind::Alerts, ..acme() },
            Program { sender: "98766".to_owned(), ..acme() },
            Program { frequency: Frequency::AtMost { count: 6, per: Period::Day }, ..acme() },
            Program { frequency: Frequency::AtMost { count: 5, per: Period::Week }, ..acme() },
            Program { frequency: Frequency::Varies, ..acme() },
            Program { cost_line: CostLine::Standard, ..acme() },
            Program { help_contact: "aid@acme.example".to_owned(), ..acme() },
            Program { terms_url: "https://acme.example/terms".to_owned(), ..acme() },
            Program { privacy_url: "https://acme.example/privacy".to_owned(), ..acme() },
        ];
        let mut hashes: Vec<String> = changed.iter().map(|p| p.facts_hash("en")).collect();
        hashes.push(base.facts_hash("en"));
        let count = hashes.len();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
        assert_eq!(base.facts_hash("en"), acme().facts_hash("es"), "one wording for every locale is one fact");
    }

    #[test]
    fn a_description_is_that_of_the_locale_or_the_only_one() {
        let two = BTreeMap::from([("en".to_owned(), "codes".to_owned()), ("es".to_owned(), "claves".to_owned())]);
        let program = Program { description: two, ..acme() };
        assert_eq!((program.description_in("es"), program.description_in("en")), ("claves", "codes"));
        assert_ne!(program.facts_hash("es"), program.facts_hash("en"));
        assert_eq!(acme().description_in("es"), "codes");
    }

    #[test]
    fn only_a_known_hash_with_todays_facts_is_current() {
        assert_eq!(judge_seen(Some("a"), Some("a")), Seen::Current);
        assert_eq!(judge_seen(Some("a"), Some("b")), Seen::Changed);
        assert_eq!(judge_seen(None, Some("a")), Seen::Changed);
        assert_eq!(judge_seen(Some("a"), None), Seen::Changed);
        assert_eq!(judge_seen(None, None), Seen::Changed);
    }

    #[test]
    fn visible_text_is_what_a_person_reads() {
        let html = "<!doctype html><html><head><title>T</title><style>p{}</style></head><body><p>Text <b>STOP</b> to\n 98765</p>\
            <script>x()</script><ul><li>One</li><li>Two&amp;</li></ul><noscript>no</noscript><template>t</template></body></html>";
        assert_eq!(visible_text(html), "Text STOP to 98765\nOne\nTwo&");
    }
}
