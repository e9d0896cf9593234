//! The guard: checks that a rendered opt-in page hasn't lost anything that it must say.
//!
//! Owns the list of what an opt-in page needs and the judgment of one page. Must not render, read files, or know where a
//! page came from: it takes text and facts, and returns findings. It reads a page the way a person does, in the owner's own
//! wording and markup: only visible words count, and classes, ids and data attributes never do. It reads style sheets one
//! declaration at a time. It doesn't check what only a layout engine or a script can tell (what covers what, what is too
//! narrow).

mod css;
mod finding;
mod form;
mod frequency;
mod hiding;
mod keywords;
mod links;
mod meaning;
mod reading;
mod statements;
mod wording;

use percent_encoding::percent_decode_str;
use scraper::{ElementRef, Html};
use url::Url;

use super::{CostLine, Frequency, Program, ProgramKind};
use crate::optin::phrase::{Facts, words};
pub use finding::{Element, Lost, Problem, sentences};
use form::Form;
pub use hiding::StyleSheets;
use meaning::{Judge, contains, plain};
use reading::Page;
use statements::{Places, Sentences};

/// The built-in catalog's own sentences for the page's locale, without markup and with variables filled in. They are what
/// we tell an owner to write. In a language without a list of phrases, nothing else counts. They must not come from the
/// owner's catalog, because a sentence that an owner softened would then pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogSentences {
    /// How often texts are sent, with the program's number.
    pub frequency: String,
    /// How to stop, with the sender.
    pub stop: String,
    /// How to get help, with the sender.
    pub help: String,
    /// What texts cost, in the program's form.
    pub cost: String,
    /// What checking the box agrees to, for the program's kind.
    pub consent: String,
    /// That opt-in data isn't shared, as the privacy policy says it.
    pub no_sharing: String,
}

/// What a page is checked against, including the facts that it must state.
#[derive(Clone, Copy)]
pub struct PageContext<'a> {
    /// The program's facts.
    pub program: &'a Program,
    /// The locale that the page was rendered in, as in its field `lang`.
    pub locale: &'a str,
    /// The absolute URL of the page. Links resolve against it.
    pub page_url: &'a Url,
    /// Whether the person checked the box before, so that the page may come back with the box checked.
    pub checked: bool,
    /// What the field `disclosure` must contain.
    pub disclosure_hash: &'a str,
    /// The sentences that count word for word.
    pub catalog: &'a CatalogSentences,
    /// What the page may link to.
    pub stylesheets: &'a StyleSheets<'a>,
}

/// Returns everything that the page has lost, in the order of [`Element::ALL`]. The list is empty if the page is good.
#[must_use]
pub fn lost(html: &str, context: &PageContext<'_>) -> Vec<Lost> {
    let document = Html::parse_document(html);
    let page = Page::read(&document, context.page_url, context.stylesheets);
    let start = context.page_url.join("/start").ok();
    let form = Form::find(&page, start.as_ref());
    let judge = judge(context);
    let sentences = Sentences::new(context.catalog);
    let places = Places::new(page.texts(form.id, form.button()), &judge);
    let of_form = form.lost(&page, context, &judge, &sentences);
    let unreadable = page.unreadable.iter().map(|url| Lost {
        element: Element::StyleSheets,
        problem: Problem::Unreadable { url: url.clone() },
        write: "put it into the folder custom/static, as UTF-8 text of at most 5 MiB, and link it as /static/NAME.css".to_owned(),
    });
    let mut lost: Vec<Lost> = unreadable.collect();
    lost.extend(of_form.fields);
    lost.extend(statements::lost(context, &judge, &sentences, &places));
    lost.extend(of_form.links);
    // A stable sort: several findings for one element keep their order.
    lost.sort_by_key(|lost| lost.element);
    // The label and the text of the form may both say what else the box agrees to.
    let is_bundled = |lost: &Lost| matches!(lost.problem, Problem::Bundled { .. });
    lost.dedup_by(|next, one| is_bundled(next) && is_bundled(one));
    // The sentence beside the box names the program, so the name comes back with it.
    let is_without_consent =
        |lost: &Lost| matches!(lost.element, Element::ConsentBox | Element::Consent) && lost.problem == Problem::Absent;
    if lost.iter().any(is_without_consent) {
        lost.retain(|lost| lost.element != Element::ProgramName || lost.problem != Problem::OutsideForm);
    }
    lost
}

/// What a page says about passing on mobile opt-in data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// That it is passed on, in these words.
    Shared(String),
    /// That it isn't.
    NotShared,
    /// Nothing that we recognize.
    Silent,
}

/// Reads what a page, such as a privacy policy, says about passing on mobile opt-in data. "We may share" counts as sharing. The
/// catalog's own sentence counts word for word.
#[must_use]
pub fn sharing(html: &str, context: &PageContext<'_>) -> Sharing {
    let document = Html::parse_document(html);
    let page = Page::read(&document, context.page_url, context.stylesheets);
    let judge = judge(context);
    let text = judge.read(&page.texts(None, None).inside);
    let patterns = judge.wording.map_or(&[][..], |wording| &wording.sharing);
    let mut denied = contains(&words(&context.catalog.no_sharing), &text);
    for sentence in &text.sentences {
        for found in judge.find(patterns, &sentence.words) {
            if judge.negated_before(&sentence.words, found.start).is_none() {
                return Sharing::Shared(plain(&sentence.words, found));
            }
            denied = true;
        }
    }
    if denied { Sharing::NotShared } else { Sharing::Silent }
}

/// Returns whether clicking a button on the page can send a consent to `/start`. If so, the page must pass [`lost`].
#[must_use]
pub fn posts_consent(html: &str, page_url: &Url) -> bool {
    let Ok(start) = page_url.join("/start") else { return false };
    let document = Html::parse_document(html);
    let base = reading::base_of(&document, page_url);
    document.tree.root().descendants().filter_map(ElementRef::wrap).any(|element| {
        let target = match element.value().name() {
            "form" => element.attr("action"),
            "button" | "input" => element.attr("formaction"),
            _ => None,
        };
        let target = target.and_then(|target| reading::resolve(&base, target));
        target.is_some_and(|target| same_path(&target, &start)) && !hiding::is_copy(element)
    })
}

/// Returns the styles in a page that our own Content Security Policy drops: `<style>` elements and `style` attributes, each
/// as its opening tag.
#[must_use]
pub fn dropped_styles(html: &str) -> Vec<String> {
    let document = Html::parse_document(html);
    let elements = document.tree.root().descendants().filter_map(ElementRef::wrap);
    let mut dropped: Vec<String> = elements
        .flat_map(|element| {
            let attribute = element.attr("style").map(|style| format!("<{} style=\"{}\">", element.value().name(), style.trim()));
            let own = (element.value().name() == "style").then(|| "<style>".to_owned());
            attribute.into_iter().chain(own)
        })
        .collect();
    dropped.sort();
    dropped.dedup();
    dropped
}

/// Returns the first brace of a style sheet that has no partner, and its line from 1.
#[must_use]
pub fn lone_brace(css: &str) -> Option<(char, u32)> {
    css::lone_brace(css)
}

fn same_path(one: &Url, other: &Url) -> bool {
    let decoded = percent_decode_str(one.path()).decode_utf8_lossy();
    one.origin() == other.origin() && decoded.trim_end_matches('/') == other.path()
}

fn judge(context: &PageContext<'_>) -> Judge {
    let digits: String = context.program.sender.chars().filter(char::is_ascii_digit).collect();
    let mut senders = vec![digits.clone()];
    match (digits.len(), digits.strip_prefix('1')) {
        (11, Some(national)) => senders.push(national.to_owned()),
        (10, _) => senders.push(format!("1{digits}")),
        _ => {}
    }
    let program = words(&context.program.name);
    Judge { wording: wording::wording(context.locale), facts: Facts { senders, program, ..Facts::default() } }
}
