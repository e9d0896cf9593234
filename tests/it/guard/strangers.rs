//! Pages that people wrote who had not seen the guard: good ones, usual mistakes and rarer ones.

use assent::optin::disclosure::guard::CatalogueSentences;
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

#[test]
fn pages_of_strangers() {
    let file = std::env::var("PAGES").unwrap_or_else(|_| "tests/fixtures/strangers_pages.jsonl".to_owned());
    let text = std::fs::read_to_string(file).expect("the file");
    let mut wrong = String::new();
    let mut counts = std::collections::BTreeMap::<(String, bool), u32>::new();
    for line in text.lines() {
        let page: Page = serde_json::from_str(line).expect("a page");
        let lost = judge_with(&page.html, &page.program(), &page.locale, &CatalogueSentences::default(), &page.css);
        let right = lost.is_empty() == (page.verdict == "good");
        *counts.entry((page.verdict.clone(), right)).or_default() += 1;
        if !right {
            wrong += &format!("\n{} ({}): {}{}", page.name, page.verdict, page.why, say(&lost));
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{wrong}");
}
