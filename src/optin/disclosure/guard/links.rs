//! The links to the terms and the privacy policy: where they lead and what names them.
//!
//! Owns what names a link: its own words, or the sentence that it's in ("The terms can be viewed at https://.."). Must not
//! judge anything else in the form.

use scraper::ElementRef;
use url::Url;

use super::PageContext;
use super::finding::{Element, Lost, Problem};
use super::form::{Form, has_no_words};
use super::meaning::{Around, Judge, Verdict};
use super::reading::Page;
use crate::optin::phrase::{Pattern, Word};

/// Words that stand for the link being checked and for the other links around it.
const THIS: &str = "thislinkhere";
const OTHER: &str = "otherlinkhere";

/// Returns the links that are lost, with what to write.
pub(super) fn lost(page: &Page<'_>, form: &Form<'_>, context: &PageContext<'_>, judge: &Judge) -> Vec<Lost> {
    let program = context.program;
    let links = Links { page, form, judge, all: page.elements().filter(|element| is_link(*element)).collect() };
    let (terms, privacy) = judge.wording.map_or((None, None), |wording| (Some(&wording.terms), Some(&wording.privacy)));
    let mut lost = Vec::new();
    for (element, url, names, others) in
        [(Element::Terms, &program.terms_url, terms, privacy), (Element::Privacy, &program.privacy_url, privacy, terms)]
    {
        let target = context.page_url.join(url).ok();
        let names = names.zip(others).map(|(own, other)| Names { own, other });
        if let Some(problem) = links.problem(target.as_ref(), names) {
            lost.push(Lost { element, problem, write: link_to(element, url, context.locale) });
        }
    }
    lost
}

/// What names one of the two links, and what names the other.
#[derive(Clone, Copy)]
struct Names<'w> {
    own: &'w [Pattern],
    other: &'w [Pattern],
}

struct Links<'p, 'h> {
    page: &'p Page<'h>,
    form: &'p Form<'h>,
    judge: &'p Judge,
    all: Vec<ElementRef<'h>>,
}

impl<'h> Links<'_, 'h> {
    fn problem(&self, target: Option<&Url>, names: Option<Names<'_>>) -> Option<Problem> {
        let leads = |link: ElementRef<'_>| same_page(self.page.resolve(link.attr("href").unwrap_or_default()).as_ref(), target);
        let placed = |link: ElementRef<'h>| self.form.misplaced(self.page, link).is_none();
        let right: Vec<ElementRef<'h>> = self.all.iter().copied().filter(|link| leads(*link)).collect();
        let named: Vec<ElementRef<'h>> =
            right.iter().copied().filter(|link| self.page.sees(*link) && self.is_named(*link, names, false)).collect();
        if named.iter().any(|link| placed(*link)) {
            return None;
        }
        if let Some(link) = named.first() {
            return self.form.misplaced(self.page, *link);
        }
        // Without wording, any other link would count as a wrong one.
        let wrong =
            self.all.iter().copied().filter(|link| names.is_some() && !leads(*link)).find(|link| {
                self.page.sees(*link) && placed(*link) && names.is_some_and(|names| self.says(*link, names.own, false))
            });
        if let Some(wrong) = wrong {
            return Some(Problem::WrongUrl { found: wrong.attr("href").unwrap_or_default().to_owned() });
        }
        let mut hidden = right.iter().filter(|link| self.is_named(**link, names, true));
        if let Some(by) = hidden.find_map(|link| self.page.hidden_by(*link).or_else(|| self.page.hides_in(*link))) {
            return Some(Problem::Hidden { by: by.to_string() });
        }
        Some(if right.iter().any(|link| self.page.sees(*link)) { Problem::NoLabel } else { Problem::Absent })
    }

    /// Returns whether the link's own words, or else its sentence, name what it should lead to. With `all`, hidden words count
    /// too.
    fn is_named(&self, link: ElementRef<'h>, names: Option<Names<'_>>, all: bool) -> bool {
        let own = self.page.text_of(link, all, true);
        let Some(names) = names else { return !has_no_words(&own) };
        if self.says(link, names.own, all) {
            return true;
        }
        !has_no_words(&own) && !self.says(link, names.other, all) && self.sentence_names(link, names)
    }

    fn says(&self, link: ElementRef<'h>, patterns: &[Pattern], all: bool) -> bool {
        let text = self.judge.read(&self.page.text_of(link, all, true));
        self.judge.verdict(patterns, &text, Around::Before) == Verdict::Said
    }

    /// Returns whether the words around the link name it: those before it in its sentence, back to the previous link, or, if
    /// they name neither page, those after it.
    fn sentence_names(&self, link: ElementRef<'h>, names: Names<'_>) -> bool {
        let Some(block) = self.page.block_of(link) else { return false };
        let text =
            self.page.text_with(block, &|element| is_link(element).then(|| if element.id() == link.id() { THIS } else { OTHER }));
        let text = self.judge.read(&text);
        let Some(sentence) = text.sentences.iter().find(|sentence| sentence.words.iter().any(|word| word.text == THIS)) else {
            return false;
        };
        let at = sentence.words.iter().position(|word| word.text == THIS).unwrap_or(0);
        let (before, behind) = sentence.words.split_at(at);
        let before = before.rsplit(|word| word.text == OTHER).next().unwrap_or_default();
        let behind = behind.get(1..).unwrap_or_default().split(|word| word.text == OTHER).next().unwrap_or_default();
        let stands = |patterns: &[Pattern], words: &[Word]| self.judge.find(patterns, words).next().is_some();
        stands(names.own, before) || (!stands(names.other, before) && stands(names.own, behind))
    }
}

fn is_link(element: ElementRef<'_>) -> bool {
    element.value().name() == "a" && element.attr("href").is_some()
}

/// Returns whether both URLs lead to the same page. A fragment or a requested locale makes no difference.
fn same_page(found: Option<&Url>, target: Option<&Url>) -> bool {
    let (Some(found), Some(target)) = (found, target) else { return false };
    let (mut found, mut target) = (found.clone(), target.clone());
    found.set_fragment(None);
    target.set_fragment(None);
    let lang_only = found.query_pairs().all(|(name, _)| name == "lang");
    if target.query().is_none() && lang_only {
        found.set_query(None);
    }
    for url in [&mut found, &mut target] {
        if let Some(bare) = url.path().strip_suffix('/').map(str::to_owned) {
            url.set_path(&bare);
        }
    }
    found == target
}

fn link_to(element: Element, url: &str, locale: &str) -> String {
    let words = match (element, locale.get(..2)) {
        (Element::Terms, Some("es")) => "Términos y condiciones",
        (Element::Terms, Some("fr")) => "Conditions d'utilisation",
        (Element::Terms, _) => "Terms and conditions",
        (_, Some("es")) => "Política de privacidad",
        (_, Some("fr")) => "Politique de confidentialité",
        _ => "Privacy policy",
    };
    format!("<a href=\"{url}\">{words}</a>")
}
