//! Pages by people who hadn't seen the guard: good ones, common mistakes and rare ones.

use assent::optin::disclosure::guard::CatalogSentences;
use assent::optin::disclosure::{CostLine, Frequency, Period, Program, ProgramKind};
use serde::Deserialize;

use super::{acme, judge_with, say};

#[derive(Deserialize)]
struct Page {
    name: String,
    locale: String,
    kind: String,
    program: String,
    sender: String,
    count: Option<u32>,
    per: Option<String>,
    frequency: String,
    cost_line: String,
    terms_url: String,
    privacy_url: String,
    css: String,
    html: String,
    verdict: String,
    #[serde(default)]
    why: String,
}

impl Page {
    fn program(&self) -> Program {
        let kind = match self.kind.as_str() {
            "two_factor" => ProgramKind::TwoFactor,
            "alerts" => ProgramKind::Alerts,
            "marketing" => ProgramKind::Marketing,
            other => panic!("{}: the kind {other}", self.name),
        };
        let per = match self.per.as_deref() {
            Some("week") => Period::Week,
            Some("month") => Period::Month,
            _ => Period::Day,
        };
        let frequency = match self.frequency.as_str() {
            "at_most" => Frequency::AtMost { count: self.count.expect("a count"), per },
            "varies" => Frequency::Varies,
            "per_request" => Frequency::PerRequest,
            other => panic!("{}: the frequency {other}", self.name),
        };
        Program {
            name: self.program.clone(),
            sender: self.sender.clone(),
            frequency,
            cost_line: if self.cost_line == "standard" { CostLine::Standard } else { CostLine::Plain },
            terms_url: self.terms_url.clone(),
            privacy_url: self.privacy_url.clone(),
            ..acme(kind)
        }
    }
}

/// Broken pages that pass: only a layout engine or somebody who reads both languages would notice.
const NOT_SEEN: [&str; 4] =
    ["rare-overlay-cover", "rare-es-bdo-invertido", "rare-es-pagina-en-ingles", "r04-wallet-after-content"];

#[test]
fn good_pages_pass_and_broken_ones_are_refused() {
    let text = include_str!("../../fixtures/strangers_pages.jsonl");
    let mut wrong = String::new();
    let mut passed = Vec::new();
    for line in text.lines() {
        let page: Page = serde_json::from_str(line).expect("a page");
        let lost = judge_with(&page.html, &page.program(), &page.locale, &CatalogSentences::default(), &page.css);
        match (page.verdict.as_str(), lost.is_empty()) {
            ("good", true) | ("usual" | "rare", false) => {}
            ("good", false) => wrong += &format!("\n{} is good ({}){}", page.name, page.why, say(&lost)),
            _ if NOT_SEEN.contains(&page.name.as_str()) => passed.push(page.name),
            _ => wrong += &format!("\n{} passed: {}", page.name, page.why),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(passed, NOT_SEEN, "each is still needed");
}
