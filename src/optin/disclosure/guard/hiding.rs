//! Who sees an element, judging by attributes, `style` attributes and style sheets together.
//!
//! Owns what hides an element and how that passes down the tree. Must not know words, forms or where on the page something
//! is. It judges for the reader who sees the least: a rule that hides something for some people counts as hiding it, and the
//! attribute `hidden` counts even if a style sheet would show the element again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use scraper::{ElementRef, Html, Node};
use url::Url;

use super::css::{self, Audience, Color, Rules, Value, Variables, View, Winner};

/// Elements whose text nobody reads on the page.
const UNREAD: [&str; 28] = [
    "head", "title", "script", "style", "template", "noscript", "noembed", "noframes", "option", "optgroup", "select",
    "datalist", "textarea", "iframe", "object", "embed", "canvas", "audio", "video", "svg", "progress", "meter", "frameset",
    "applet", "rp", "s", "strike", "del",
];

/// What hides something, in words for a person: "the attribute hidden".
pub(super) type Cause = Rc<str>;

/// What an element's own markup and the style sheets say about it.
#[derive(Debug, Clone)]
pub(super) struct Looks {
    /// What hides it and everything inside it.
    pub hidden: Option<Cause>,
    /// Whether it can still be reached through its label and the keyboard, even if it isn't drawn.
    pub in_reach: bool,
    /// How its own words look. This is passed down.
    pub text: TextLooks,
    /// Whether a style sheet gives it lines of its own.
    pub block: bool,
    /// Where a style sheet puts it among its neighbors.
    pub place: Option<f32>,
}

/// How words look, and what makes them unreadable, if anything does.
#[derive(Debug, Clone)]
pub(super) struct TextLooks {
    /// What makes them unreadable, for each of [`TextLooks::PASSED_DOWN`].
    unread: [Option<Cause>; Self::PASSED_DOWN.len()],
    font_px: f32,
    tiny: Option<Cause>,
    ink: Ink,
    /// Replaces the ink, if it's set.
    fill: Option<Ink>,
    /// The color behind the words, if it's known.
    paper: Option<Color>,
    /// Whether a picture behind the words shows through the letters.
    painted: bool,
    nowrap: Option<Cause>,
    flat: bool,
    variables: Variables,
}

#[derive(Debug, Clone, Default)]
struct Ink {
    color: Option<Color>,
    cause: Option<Cause>,
}

impl TextLooks {
    /// Inherited properties that can hide words.
    const PASSED_DOWN: [&'static str; 4] = ["visibility", "text-indent", "letter-spacing", "text-security"];

    /// Returns how the words of a page look before any style applies.
    fn of_page(sheets: &Sheets) -> Self {
        // A browser's own background is white, unless the page lets it be dark.
        let paper = (!sheets.rules.set_color_scheme()).then_some((255, 255, 255, 1.0));
        Self {
            unread: std::array::from_fn(|_| None),
            font_px: 16.0,
            tiny: None,
            ink: Ink::default(),
            fill: None,
            paper,
            painted: false,
            nowrap: None,
            flat: false,
            variables: Variables::default(),
        }
    }

    /// Returns what makes the words unreadable.
    pub(super) fn unreadable(&self) -> Option<Cause> {
        self.invisible().or_else(|| self.unread.iter().flatten().next().cloned()).or_else(|| self.tiny.clone()).or_else(|| {
            let ink = self.fill.as_ref().unwrap_or(&self.ink);
            let color = ink.color?;
            let unseen = css::is_clear(color) || self.paper.is_some_and(|paper| css::look_alike(color, paper));
            if unseen && !self.painted { ink.cause.clone() } else { None }
        })
    }

    /// Returns what makes a control invisible, whatever its words look like.
    pub(super) fn invisible(&self) -> Option<Cause> {
        self.unread.first().cloned().flatten()
    }

    fn of_child(&self, css: &css::Matching<'_>) -> Self {
        let mut text = Self { variables: css.variables.clone(), ..self.clone() };
        for (property, cause) in Self::PASSED_DOWN.iter().zip(&mut text.unread) {
            match css.winner(property) {
                Some(Winner { value: Value::Inherit, .. }) | None => {}
                Some(winner) => *cause = winner.value.hides().then_some(winner.place),
            }
        }
        if let Some(winner) = css.winner("font-size") {
            let px = match winner.value {
                Value::FontPx(px) => px,
                Value::FontFactor(factor) => self.font_px * factor,
                Value::Inherit => self.font_px,
                _ => 16.0,
            };
            let passed_on = winner.value == Value::Inherit;
            text.font_px = px;
            if !passed_on {
                text.tiny = (px < css::SMALLEST).then_some(winner.place);
            }
        }
        if let Some(winner) = css.winner("color") {
            text.ink = Ink::of(winner, &self.ink);
        }
        if let Some(winner) = css.winner("text-fill-color") {
            text.fill = match winner.value {
                Value::Inherit => self.fill.clone(),
                Value::Color(Some(_)) => Some(Ink::of(winner, &self.ink)),
                // The letters then have the color of the text.
                _ => None,
            };
        }
        match css.winner("background-color").map(|winner| winner.value) {
            Some(Value::Color(None)) => (text.paper, text.painted) = (None, false),
            Some(Value::Color(Some(color))) if !css::is_clear(color) => {
                (text.paper, text.painted) = (Some(color).filter(|color| color.3 > 0.9), false);
            }
            _ => {}
        }
        if css.winner("background-clip").is_some_and(|winner| winner.value == Value::On) {
            (text.paper, text.painted) = (None, true);
        }
        match css.winner("white-space") {
            Some(Winner { value: Value::Inherit, .. }) | None => {}
            Some(winner) => text.nowrap = (winner.value == Value::On).then_some(winner.place),
        }
        match css.winner("line-height").map(|winner| winner.value) {
            Some(Value::Inherit) | None => {}
            Some(value) => text.flat = value.hides(),
        }
        text
    }
}

impl Ink {
    fn of(winner: Winner, parent: &Self) -> Self {
        match winner.value {
            Value::Inherit => parent.clone(),
            Value::Color(color) => Self { color, cause: Some(winner.place) },
            _ => Self::default(),
        }
    }
}

/// The style sheets that pages link to. Pages with the same styles share their rules, since reading them takes longest.
pub struct StyleSheets<'l> {
    load: &'l dyn Fn(&Url) -> Option<String>,
    known: RefCell<HashMap<Vec<Source>, Rc<Rules>>>,
}

impl<'l> StyleSheets<'l> {
    /// Creates an empty set. `load` returns the text of a style sheet by its URL, or `None` if we don't serve it.
    #[must_use]
    pub fn new(load: &'l dyn Fn(&Url) -> Option<String>) -> Self {
        Self { load, known: RefCell::default() }
    }

    fn rules(&self, sources: Vec<Source>) -> Rc<Rules> {
        if let Some(rules) = self.known.borrow().get(&sources) {
            return Rc::clone(rules);
        }
        let mut reader = css::Reader::new(self.load);
        for source in &sources {
            match source {
                Source::Attribute(text) => reader.read_attribute(text),
                Source::Element { text, media, base } => reader.read_element(text, media, base),
                Source::Link { href, media, base } => reader.read_link(href, media, base),
            }
        }
        let rules = Rc::new(reader.done());
        self.known.borrow_mut().insert(sources, Rc::clone(&rules));
        rules
    }
}

/// One place in a page that sets styles.
#[derive(PartialEq, Eq, Hash)]
enum Source {
    Attribute(String),
    Element { text: String, media: String, base: Url },
    Link { href: String, media: String, base: Url },
}

/// The style sheets of one page.
pub(super) struct Sheets {
    rules: Rc<Rules>,
    has_dropped: bool,
}

impl Sheets {
    /// Reads the style sheets in the page and those that it links to, in the order of the page. Links resolve against `base`.
    pub(super) fn of(document: &Html, base: &Url, linked: &StyleSheets<'_>) -> Self {
        let mut sources = Vec::new();
        for node in document.tree.root().descendants() {
            let Some(element) = ElementRef::wrap(node) else { continue };
            if let Some(style) = element.attr("style") {
                sources.push(Source::Attribute(style.to_owned()));
            }
            let media = element.attr("media").unwrap_or_default();
            if css::audience(media) == Audience::Nobody || is_copy(element) {
                continue;
            }
            let (media, base) = (media.to_owned(), base.clone());
            match element.value().name() {
                "style" => sources.push(Source::Element { text: element.text().collect(), media, base }),
                "link" if is_stylesheet(element) => {
                    let href = element.attr("href").unwrap_or_default().to_owned();
                    sources.push(Source::Link { href, media, base });
                }
                _ => {}
            }
        }
        let has_dropped = sources.iter().any(|source| !matches!(source, Source::Link { .. }));
        Self { rules: linked.rules(sources), has_dropped }
    }

    /// Returns the views in which the page must be judged, the plain one first. What is hidden in any of them is hidden.
    pub(super) fn views(&self) -> Vec<View> {
        let conditions: &[bool] = if self.rules.have_conditional_colors() { &[false, true] } else { &[false] };
        // Styles that browsers drop count if they hide something, but not if they show it, so we also look without them.
        let in_page: &[bool] = if self.has_dropped { &[false, true] } else { &[false] };
        let views = |all_conditions: &bool| {
            in_page.iter().map(|in_page| View { in_page: *in_page, all_conditions: *all_conditions }).collect::<Vec<_>>()
        };
        conditions.iter().flat_map(views).collect()
    }

    /// Returns the linked and imported sheets that couldn't be read.
    pub(super) fn unreadable(&self) -> &[String] {
        &self.rules.unreadable
    }

    /// Returns how the page's own words look.
    pub(super) fn of_page(&self) -> TextLooks {
        TextLooks::of_page(self)
    }

    /// Returns how an element looks, if its parent's words look like `above`.
    pub(super) fn looks(&self, element: ElementRef<'_>, above: &TextLooks, view: View) -> Looks {
        let css = self.rules.matching(element, view, &above.variables);
        let text = above.of_child(&css);
        let first = |properties: &[&str]| {
            let winners = properties.iter().filter_map(|property| css.winner(property));
            winners.filter(|winner| winner.value.hides()).map(|winner| winner.place).next()
        };
        let taken_out = hidden_by_markup(element).map(Cause::from).or_else(|| first(&TAKING_OUT));
        let in_reach = taken_out.is_none();
        let hidden = taken_out.or_else(|| first(&HIDING)).or_else(|| cut_off(element, &css, &text));
        let block = css.winner("display").is_some_and(|winner| winner.value == Value::Block);
        let place = match css.winner("order") {
            Some(Winner { value: Value::Place(place), .. }) => Some(place),
            _ => None,
        };
        Looks { hidden, in_reach, text, block, place }
    }
}

/// Properties that can remove an element and everything inside it from the page.
const TAKING_OUT: [&str; 2] = ["display", "content-visibility"];

/// Properties that can keep an element and everything inside it from being drawn.
const HIDING: [&str; 24] = [
    "opacity",
    "clip",
    "clip-path",
    "top",
    "right",
    "bottom",
    "left",
    "margin-top",
    "margin-right",
    "margin-bottom",
    "margin-left",
    "padding-top",
    "padding-right",
    "padding-bottom",
    "padding-left",
    "word-spacing",
    "translate",
    "transform",
    "scale",
    "rotate",
    "zoom",
    "filter",
    "mask",
    "unicode-bidi",
];

/// Returns what cuts off words that don't fit, for people with a narrow screen.
fn cut_off(element: ElementRef<'_>, css: &css::Matching<'_>, text: &TextLooks) -> Option<Cause> {
    if let Some(animation) = css.winner("animation").filter(|winner| winner.value.hides()) {
        return Some(animation.place);
    }
    #[expect(clippy::cast_precision_loss, reason = "a length of text")]
    let length = || element.text().map(|part| part.trim().chars().count()).sum::<usize>() as f32;
    if let Some(Winner { value: Value::Lines(lines), place }) = css.winner("line-clamp") {
        return (length() > lines * NARROW).then_some(place);
    }
    let overflow = css.winner("overflow").filter(|winner| winner.value == Value::On)?;
    for property in ["width", "height", "max-width", "max-height"] {
        let Some(Winner { value: Value::Px(px), place }) = css.winner(property) else { continue };
        let is_height = property.ends_with("height");
        let needed = (length() / NARROW).ceil() * text.font_px;
        if px < css::SMALLEST || (is_height && overflow.place.contains("hidden") && needed > px * 1.3) {
            return Some(place);
        }
    }
    if text.flat {
        return Some(overflow.place);
    }
    text.nowrap.clone().filter(|_| length() > NARROW)
}

/// How many characters fit in a line on a narrow screen.
const NARROW: f32 = 45.0;

/// Returns the attribute or element that hides this element.
fn hidden_by_markup(element: ElementRef<'_>) -> Option<&'static str> {
    let value = element.value();
    let is = |attribute: &str, wanted: &str| value.attr(attribute).is_some_and(|found| found.trim().eq_ignore_ascii_case(wanted));
    let has = |attribute: &str| value.attr(attribute).is_some();
    let causes = [
        (value.name() == "dialog", "the <dialog> around it"),
        (has("hidden"), "the attribute hidden"),
        (has("inert"), "the attribute inert"),
        (has("popover"), "the attribute popover"),
        (is("aria-hidden", "true"), "the attribute aria-hidden"),
        (value.name() == "input" && is("type", "hidden"), "the type \"hidden\""),
        (value.name() == "bdo" && is("dir", "rtl"), "the <bdo> that turns it around"),
        (in_closed_details(element), CLOSED_DETAILS),
    ];
    causes.into_iter().find(|(hides, _)| *hides).map(|(_, cause)| cause)
}

/// What hides the content of a `<details>` that isn't open.
pub(super) const CLOSED_DETAILS: &str = "the closed <details> around it";

/// Returns whether the element is inside a closed `<details>` and isn't its first `<summary>`.
fn in_closed_details(element: ElementRef<'_>) -> bool {
    let Some(parent) = element.parent().and_then(ElementRef::wrap) else { return false };
    if !is_closed_details(parent) {
        return false;
    }
    let summary = parent.child_elements().find(|child| child.value().name() == "summary");
    summary.is_none_or(|summary| summary.id() != element.id())
}

/// Returns whether text directly inside this element is collapsed.
pub(super) fn is_closed_details(element: ElementRef<'_>) -> bool {
    element.value().name() == "details" && element.value().attr("open").is_none()
}

/// Returns whether nobody reads the text in elements of this name.
pub(super) fn is_unread(name: &str) -> bool {
    UNREAD.contains(&name)
}

fn is_stylesheet(element: ElementRef<'_>) -> bool {
    let rel = element.attr("rel").unwrap_or_default().to_ascii_lowercase();
    let mut words = rel.split_whitespace();
    words.clone().any(|word| word == "stylesheet") && !words.any(|word| word == "alternate") && element.attr("disabled").is_none()
}

/// Returns whether the element is in a `<template>`, whose content isn't part of the page.
pub(super) fn is_copy(element: ElementRef<'_>) -> bool {
    element.ancestors().any(|node| matches!(node.value(), Node::Element(above) if above.name() == "template"))
}
