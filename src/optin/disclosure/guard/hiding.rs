//! Who sees an element: attributes, `style` attributes and style sheets together.
//!
//! Owns what hides and how it passes down the tree. Must not know words, forms or where on the page something stands. The
//! surprise: it judges for the unluckiest reader, so a rule that hides for some people hides, and `hidden` hides even where
//! a style sheet would bring the element back.

use scraper::{ElementRef, Html, Node};

use super::css::{self, Audience, Declaration, Property, Rule};

/// Elements whose text nobody reads on the page.
const UNREAD: [&str; 28] = [
    "head", "title", "script", "style", "template", "noscript", "noembed", "noframes", "option", "optgroup", "select",
    "datalist", "textarea", "iframe", "object", "embed", "canvas", "audio", "video", "svg", "progress", "meter", "frameset",
    "applet", "rp", "s", "strike", "del",
];

/// What an element's own markup and the style sheets say of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Looks {
    /// With everything inside.
    pub hidden: bool,
    /// Of its own words; `None` takes it from the parent, as `visibility` does.
    pub invisible: Option<bool>,
    /// A style sheet gives it lines of its own.
    pub block: bool,
}

/// The style sheets of one page.
pub(super) struct Sheets {
    rules: Vec<Rule>,
}

impl Sheets {
    /// Those in the page and those that `load` answers, in the order of the page.
    pub(super) fn of(document: &Html, load: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut rules = Vec::new();
        for node in document.tree.root().descendants() {
            let Some(element) = ElementRef::wrap(node) else { continue };
            let audience = css::audience(element.attr("media").unwrap_or_default());
            if audience == Audience::Nobody || inert_copy(element) {
                continue;
            }
            let conditional = audience == Audience::Some;
            match element.value().name() {
                "style" => css::read_sheet(&element.text().collect::<String>(), conditional, load, &mut rules),
                "link" if is_stylesheet(element) => {
                    if let Some(text) = element.attr("href").and_then(|href| load(href.trim())) {
                        css::read_sheet(&text, conditional, load, &mut rules);
                    }
                }
                _ => {}
            }
        }
        Self { rules }
    }

    /// What hides this one element, not counting its ancestors.
    pub(super) fn looks(&self, element: ElementRef<'_>) -> Looks {
        let inline = element.attr("style").map(css::read_style_attribute).unwrap_or_default();
        let matching: Vec<&Rule> = self.rules.iter().filter(|rule| rule.selector.matches(&element)).collect();
        let winner = |property| cascade(property, &inline, &matching);
        let hides = |property| winner(property).is_some_and(|declaration| declaration.hides);
        Looks {
            hidden: hidden_by_markup(element)
                || hides(Property::Display)
                || hides(Property::Opacity)
                || hides(Property::ContentVisibility),
            invisible: winner(Property::Visibility).map(|declaration| declaration.hides),
            block: winner(Property::Display).is_some_and(|declaration| declaration.block),
        }
    }
}

/// The declaration that wins: the heaviest that is unconditional, unless a heavier conditional one hides.
fn cascade(property: Property, inline: &[Declaration], matching: &[&Rule]) -> Option<Declaration> {
    let of_rules = matching.iter().enumerate().flat_map(|(order, rule)| {
        rule.declarations.iter().map(move |declaration| {
            // Layers lose against what is in none, and win where it is important.
            let weight = (declaration.important, rule.layered == declaration.important, rule.specificity, order);
            (weight, rule.conditional, *declaration)
        })
    });
    let of_attribute = inline.iter().map(|declaration| ((declaration.important, true, u32::MAX, 0), false, *declaration));
    let mut all: Vec<_> = of_rules.chain(of_attribute).filter(|(_, _, declaration)| declaration.property == property).collect();
    // Stable: of equals, the later one comes last.
    all.sort_by_key(|(weight, _, _)| *weight);
    all.iter()
        .rev()
        .find(|(_, conditional, declaration)| !conditional || declaration.hides)
        .map(|(_, _, declaration)| *declaration)
}

fn hidden_by_markup(element: ElementRef<'_>) -> bool {
    let value = element.value();
    value.name() == "dialog"
        || value.attr("hidden").is_some()
        || value.attr("popover").is_some()
        || value.attr("aria-hidden").is_some_and(|hidden| hidden.trim().eq_ignore_ascii_case("true"))
        || (value.name() == "input" && value.attr("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("hidden")))
        || in_closed_details(element)
}

/// Inside a closed `<details>`, its first `<summary>` aside.
fn in_closed_details(element: ElementRef<'_>) -> bool {
    let Some(parent) = element.parent().and_then(ElementRef::wrap) else { return false };
    if !is_closed_details(parent) {
        return false;
    }
    let summary = parent.child_elements().find(|child| child.value().name() == "summary");
    summary.is_none_or(|summary| summary.id() != element.id())
}

/// Whether text that stands directly in this element is folded away.
pub(super) fn is_closed_details(element: ElementRef<'_>) -> bool {
    element.value().name() == "details" && element.value().attr("open").is_none()
}

/// Whether nobody reads the text in elements of this name.
pub(super) fn is_unread(name: &str) -> bool {
    UNREAD.contains(&name)
}

fn is_stylesheet(element: ElementRef<'_>) -> bool {
    let rel = element.attr("rel").unwrap_or_default().to_ascii_lowercase();
    let mut words = rel.split_whitespace();
    words.clone().any(|word| word == "stylesheet") && !words.any(|word| word == "alternate") && element.attr("disabled").is_none()
}

/// In a `<template>`, whose content is not part of the page.
fn inert_copy(element: ElementRef<'_>) -> bool {
    element.ancestors().any(|node| matches!(node.value(), Node::Element(above) if above.name() == "template"))
}
