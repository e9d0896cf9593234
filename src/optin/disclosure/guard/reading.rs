//! Reading a page: which nodes a person sees, and the running text, by its place on the page.
//!
//! Owns the walk over the document. Must not know what a disclosure says or judge a form. The walk isn't recursive, because
//! HTML can nest as deep as a page is long.

use std::collections::HashMap;

use ego_tree::iter::Edge;
use ego_tree::{NodeId, NodeRef};
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::css::View;
use super::hiding::{self, Cause, Sheets, StyleSheets, TextLooks};
use crate::optin::phrase::{CELL, LINE};

/// Inline elements. Every other element starts a new line.
const INLINE: [&str; 56] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "button", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "input", "ins", "kbd", "label", "mark", "meter", "nobr", "output", "picture", "progress", "q", "rb", "rp", "rt",
    "rtc", "ruby", "s", "samp", "select", "slot", "small", "span", "strike", "strong", "sub", "sup", "svg", "textarea", "time",
    "tt", "u", "var", "video", "audio", "canvas", "object", "wbr", "template",
];
/// Inline elements that separate the words before and after them.
const APART: [&str; 6] = ["img", "input", "select", "textarea", "svg", "button"];

/// How a person sees one node.
#[derive(Debug, Clone)]
struct Sight {
    /// What hides it, on itself or around it.
    hidden: Option<Cause>,
    /// Whether it can still be reached, even if it isn't drawn.
    in_reach: bool,
    text: TextLooks,
    /// The element around it that keeps its text from being text of the page, if there is one.
    unread: Option<Cause>,
    block: bool,
    /// Where style sheets put it, or the element around it, among its neighbors. 0 is the usual place.
    place: f32,
    /// Whether it's in a `<template>` and therefore not part of the page.
    copy: bool,
    order: usize,
}

impl Sight {
    /// Returns what keeps the words of the node from being read.
    fn unread(&self) -> Option<Cause> {
        self.hidden.clone().or_else(|| self.unread.clone()).or_else(|| self.text.unreadable())
    }
}

/// A page after the walk over its document.
pub(super) struct Page<'h> {
    document: &'h Html,
    sights: HashMap<NodeId, Sight>,
    base: Url,
    /// The linked and imported style sheets that couldn't be read.
    pub unreadable: Vec<String>,
}

/// Determines how a person sees each node.
fn walk(document: &Html, sheets: &Sheets, view: View) -> HashMap<NodeId, Sight> {
    let mut sights: HashMap<NodeId, Sight> = HashMap::new();
    let of_page = Sight {
        hidden: None,
        in_reach: true,
        text: sheets.of_page(),
        unread: None,
        block: false,
        place: 0.0,
        copy: false,
        order: 0,
    };
    // In document order, so that a parent comes before its children.
    for (order, node) in document.tree.root().descendants().enumerate() {
        let above = node.parent().and_then(|parent| sights.get(&parent.id())).unwrap_or(&of_page);
        let mut sight = Sight { order, block: false, ..above.clone() };
        if let Some(element) = ElementRef::wrap(node) {
            let name = element.value().name();
            let looks = sheets.looks(element, &above.text, view);
            sight.hidden = sight.hidden.or(looks.hidden);
            sight.in_reach &= looks.in_reach;
            sight.text = looks.text;
            sight.copy |= name == "template";
            if sight.unread.is_none() && hiding::is_unread(name) {
                sight.unread = Some(format!("the <{name}> around it").into());
            }
            sight.block = looks.block;
            sight.place = looks.place.unwrap_or(sight.place);
        } else if sight.hidden.is_none() && node.parent().and_then(ElementRef::wrap).is_some_and(hiding::is_closed_details) {
            sight.hidden = Some(hiding::CLOSED_DETAILS.into());
        } else if node.value().is_comment() {
            sight.unread = Some("the comment around it".into());
        }
        sights.insert(node.id(), sight);
    }
    sights
}

/// The text of the page, by its place, with one line per block.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Visible, inside the form, above its button.
    pub inside: String,
    /// Visible, inside the form, in or after its button.
    pub after: String,
    /// Visible, but not in the form.
    pub outside: String,
    /// All of it, including hidden parts.
    pub everything: String,
    /// For each cause, the visible text together with the text that the cause hides.
    pub hidden: Vec<(Cause, String)>,
}

impl<'h> Page<'h> {
    /// Walks the document.
    pub(super) fn read(document: &'h Html, page_url: &Url, linked: &StyleSheets<'_>) -> Self {
        let base = base_of(document, page_url);
        let sheets = Sheets::of(document, &base, linked);
        let unreadable = sheets.unreadable().to_vec();
        let mut page = Self { document, sights: HashMap::new(), base, unreadable };
        for view in sheets.views() {
            let sights = walk(document, &sheets, view);
            if page.sights.is_empty() {
                page.sights = sights;
                continue;
            }
            for (id, sight) in sights {
                let Some(known) = page.sights.get_mut(&id) else { continue };
                let in_reach = known.in_reach && sight.in_reach;
                let place = if sight.place.abs() > known.place.abs() { sight.place } else { known.place };
                if known.unread().is_none() {
                    *known = sight;
                }
                (known.in_reach, known.place) = (in_reach, place);
            }
        }
        page
    }

    /// Returns every element, in the order of the page. Those in a `<template>` aren't part of it.
    pub(super) fn elements(&self) -> impl Iterator<Item = ElementRef<'h>> + '_ {
        let is_copy = |element: &ElementRef<'_>| self.sights.get(&element.id()).is_none_or(|sight| sight.copy);
        self.document.tree.root().descendants().filter_map(ElementRef::wrap).filter(move |element| !is_copy(element))
    }

    /// Returns the element with this `id`.
    pub(super) fn by_id(&self, id: &str) -> Option<ElementRef<'h>> {
        self.elements().find(|element| element.attr("id") == Some(id))
    }

    /// Returns whether a person sees the element.
    pub(super) fn sees(&self, element: ElementRef<'_>) -> bool {
        self.hidden_by(element).is_none()
    }

    /// Returns what keeps a person from reaching the element. An element may be in reach without being drawn, such as a box that
    /// the page draws in its own style.
    pub(super) fn out_of_reach(&self, element: ElementRef<'_>) -> Option<Cause> {
        let drawn_elsewhere = |sight: &Sight| sight.in_reach && sight.unread.is_none() && sight.text.invisible().is_none();
        self.hidden_by(element).filter(|_| !self.sights.get(&element.id()).is_some_and(drawn_elsewhere))
    }

    /// Returns what keeps a person from seeing the element.
    pub(super) fn hidden_by(&self, element: ElementRef<'_>) -> Option<Cause> {
        let sight = self.sights.get(&element.id())?;
        let shows = || sight.hidden.is_none() && sight.unread.is_none() && sight.text.invisible().is_none();
        // A box has no words of its own to read.
        if is_box(element) && shows() { None } else { sight.unread() }
    }

    /// Returns whether a node is in or after the button, by the order of the page or that of a style sheet.
    pub(super) fn is_behind(&self, node: NodeId, button: ElementRef<'_>) -> bool {
        let Some((node, button)) = self.sights.get(&node).zip(self.sights.get(&button.id())) else { return false };
        node.order >= button.order || node.place > button.place
    }

    /// Resolves a link or an action to an absolute URL. Returns `None` if that isn't possible.
    pub(super) fn resolve(&self, link: &str) -> Option<Url> {
        resolve(&self.base, link)
    }

    /// Returns the text that a person reads in an element. With `all`, this includes hidden parts; with `alternatives`, it
    /// includes images by their `alt`.
    pub(super) fn text_of(&self, element: ElementRef<'_>, all: bool, alternatives: bool) -> String {
        let mut text = String::new();
        for edge in element.traverse() {
            let (node, opens) = match edge {
                Edge::Open(node) => (node, true),
                Edge::Close(node) => (node, false),
            };
            let seen = all || self.is_read(node);
            match node.value() {
                Node::Text(words) if opens && seen => push_words(&mut text, words),
                Node::Element(image) if opens && alternatives && image.name() == "img" && seen => {
                    text.push(' ');
                    text.push_str(image.attr("alt").unwrap_or_default());
                    text.push(' ');
                }
                _ => self.mark_edge(node, opens, &mut |mark| text.push(mark)),
            }
        }
        text
    }

    /// Returns the block that an element is in: the nearest element around it that starts a new line.
    pub(super) fn block_of(&self, element: ElementRef<'h>) -> Option<ElementRef<'h>> {
        element.ancestors().filter_map(ElementRef::wrap).find(|above| !self.runs_on(*above))
    }

    /// Returns the text that a person reads in an element, with some of the elements inside replaced by a word.
    pub(super) fn text_with(&self, element: ElementRef<'h>, word_for: &dyn Fn(ElementRef<'h>) -> Option<&'static str>) -> String {
        let mut text = String::new();
        let mut replaced: Option<NodeId> = None;
        for edge in element.traverse() {
            let (node, opens) = match edge {
                Edge::Open(node) => (node, true),
                Edge::Close(node) => (node, false),
            };
            if let Some(id) = replaced {
                replaced = replaced.filter(|_| opens || node.id() != id);
                continue;
            }
            if let Some(word) = ElementRef::wrap(node).filter(|_| opens).and_then(word_for) {
                if self.is_read(node) {
                    text.extend([" ", word, " "]);
                }
                replaced = Some(node.id());
                continue;
            }
            match node.value() {
                Node::Text(words) if opens && self.is_read(node) => push_words(&mut text, words),
                _ => self.mark_edge(node, opens, &mut |mark| text.push(mark)),
            }
        }
        text
    }

    /// Returns the text of the page, by its place relative to `form` and its first button. If `form` is `None`, the whole page
    /// counts as the form.
    pub(super) fn texts(&self, form: Option<NodeId>, button: Option<ElementRef<'h>>) -> Texts {
        let mut texts = Texts { hidden: self.causes(), ..Texts::default() };
        let mut forms_open = usize::from(form.is_none());
        for edge in self.document.tree.root().traverse() {
            let (node, opens) = match edge {
                Edge::Open(node) => (node, true),
                Edge::Close(node) => (node, false),
            };
            if Some(node.id()) == form {
                forms_open = usize::from(opens);
            }
            self.mark_edge(node, opens, &mut |mark| {
                for text in [&mut texts.inside, &mut texts.after, &mut texts.outside, &mut texts.everything] {
                    text.push(mark);
                }
                texts.hidden.iter_mut().for_each(|(_, text)| text.push(mark));
            });
            if !opens {
                continue;
            }
            let hidden_by = self.sights.get(&node.id()).and_then(Sight::unread);
            let together = texts.hidden.iter_mut().filter(|(cause, _)| hidden_by.as_ref().is_none_or(|by| by == cause));
            let together = together.map(|(_, text)| text);
            match node.value() {
                Node::Text(words) => {
                    let plain = without_tags(words, node);
                    together.for_each(|text| push_words(text, &plain));
                    push_words(&mut texts.everything, &plain);
                    let after = button.is_some_and(|button| self.is_behind(node.id(), button));
                    let place = match (forms_open > 0, after) {
                        (true, false) => &mut texts.inside,
                        (true, true) => &mut texts.after,
                        (false, _) => &mut texts.outside,
                    };
                    if hidden_by.is_none() {
                        push_words(place, words);
                    }
                }
                Node::Comment(words) => {
                    for text in together.chain([&mut texts.everything]) {
                        text.push('\n');
                        push_words(text, &strip_tags(words));
                        text.push('\n');
                    }
                }
                _ => {}
            }
        }
        texts
    }

    /// Returns everything that hides words, once each.
    fn causes(&self) -> Vec<(Cause, String)> {
        let mut causes: Vec<(Cause, String)> = Vec::new();
        for node in self.document.tree.root().descendants() {
            let words = match node.value() {
                Node::Text(words) => &**words,
                Node::Comment(words) => &**words,
                _ => continue,
            };
            let Some(cause) = self.sights.get(&node.id()).and_then(Sight::unread) else { continue };
            if !words.trim().is_empty() && !causes.iter().any(|(known, _)| *known == cause) {
                causes.push((cause, String::new()));
            }
        }
        causes
    }

    /// Returns the first thing that hides words in an element.
    pub(super) fn hides_in(&self, element: ElementRef<'_>) -> Option<Cause> {
        let mut texts = element.descendants().filter(|node| node.value().as_text().is_some_and(|words| !words.trim().is_empty()));
        texts.find_map(|node| self.sights.get(&node.id())?.unread())
    }

    fn is_read(&self, node: NodeRef<'_, Node>) -> bool {
        self.sights.get(&node.id()).is_some_and(|sight| sight.unread().is_none())
    }

    /// Returns whether an element is inline.
    fn runs_on(&self, element: ElementRef<'_>) -> bool {
        let name = element.value().name();
        let block = self.sights.get(&element.id()).is_some_and(|sight| sight.block);
        (INLINE.contains(&name) || name.contains('-')) && !block
    }

    /// Passes `mark` the character that separates the words at the edge of a node, if there is one.
    fn mark_edge(&self, node: NodeRef<'_, Node>, opens: bool, mark: &mut dyn FnMut(char)) {
        let Some(element) = ElementRef::wrap(node) else { return };
        match (element.value().name(), opens) {
            ("br", true) => mark(LINE),
            ("br", false) => {}
            ("td" | "th" | "dd", true) | ("td" | "th" | "dt", false) => mark(CELL),
            (name, _) if APART.contains(&name) => mark(' '),
            _ if self.runs_on(element) => {}
            _ => mark('\n'),
        }
    }
}

/// Returns the URL that the links of a page at `page_url` resolve against.
pub(super) fn base_of(document: &Html, page_url: &Url) -> Url {
    let elements = document.tree.root().descendants().filter_map(ElementRef::wrap);
    let mut bases = elements.filter(|element| element.value().name() == "base");
    bases.find_map(|base| resolve(page_url, base.attr("href")?)).unwrap_or_else(|| page_url.clone())
}

/// Resolves a link or an action to an absolute URL. Returns `None` if that isn't possible.
pub(super) fn resolve(base: &Url, link: &str) -> Option<Url> {
    base.join(link.trim()).ok()
}

/// Returns whether an element is a box without words of its own.
fn is_box(element: ElementRef<'_>) -> bool {
    let words = ["submit", "image", "button", "reset"];
    match element.value().name() {
        "input" => !element.attr("type").is_some_and(|kind| words.contains(&kind.trim().to_ascii_lowercase().as_str())),
        name => ["form", "fieldset", "select", "textarea"].contains(&name),
    }
}

/// Adds words to the text. A line break in the source is a space on the page.
fn push_words(text: &mut String, words: &str) {
    text.extend(words.chars().map(|c| if c.is_whitespace() || c == LINE || c == CELL { ' ' } else { c }));
}

/// Strips tags from the content of `<noscript>` and the like, which the parser returns as a single text, including tags.
fn without_tags(words: &str, node: NodeRef<'_, Node>) -> String {
    let raw = node.parent().is_some_and(|parent| {
        matches!(parent.value(), Node::Element(element) if ["noscript", "noembed", "noframes", "iframe", "textarea"].contains(&element.name()))
    });
    if raw { strip_tags(words) } else { words.to_owned() }
}

fn strip_tags(words: &str) -> String {
    let mut in_tag = false;
    let keep = words.chars().filter(|c| {
        let keep = !in_tag && *c != '<';
        in_tag = (in_tag || *c == '<') && *c != '>';
        keep
    });
    keep.collect()
}
