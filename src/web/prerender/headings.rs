//! Headings that are the same in two languages, because an owner's template holds the words instead of asking for a message.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{Html, Selector};

use crate::finding::Finding;
use crate::web::views::samples::Sample;

/// The first heading of each page, by template and locale.
#[derive(Default)]
pub(super) struct Headings(BTreeMap<&'static str, Vec<(String, String)>>);

impl Headings {
    /// Notes the headings of one locale's pages, each as it is first seen.
    pub(super) fn add(&mut self, locale: &str, samples: &[Sample]) {
        let Ok(heading) = Selector::parse("h1") else { return };
        let mut seen = BTreeSet::new();
        for sample in samples.iter().filter(|sample| seen.insert(sample.template)) {
            let Ok(html) = &sample.html else { continue };
            let Some(found) = Html::parse_document(html).select(&heading).next().map(|h1| h1.text().collect::<String>()) else {
                continue;
            };
            self.0.entry(sample.template).or_default().push((locale.to_owned(), found.trim().to_owned()));
        }
    }

    /// Returns a warning for each heading that two languages share. A heading that is only the program's name may be the same.
    pub(super) fn findings(&self, program: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (template, headings) in &self.0 {
            for (at, (locale, heading)) in headings.iter().enumerate() {
                let same = headings[..at].iter().find(|(_, other)| other == heading && heading != program && !heading.is_empty());
                if let Some((other, _)) = same {
                    let sentence = format!(
                        "has the same heading as in {other}, `{heading}`: make it a message that the template asks for with \
                         t(key=\"..\"), and give it words in locale/{locale}.ftl"
                    );
                    findings.push(Finding::warning("LANGUAGE", format!("{locale} {template}"), sentence));
                }
            }
        }
        findings
    }
}
