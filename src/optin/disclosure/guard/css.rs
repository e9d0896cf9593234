//! What style sheets hide: the rules that affect whether text can be read, in the order and weight of the cascade.
//!
//! Owns reading sheets and choosing the declaration that wins. Must not know the page, or which declarations hide only in
//! combination. A rule under a condition (`@media`, `@supports`, `@layer`) is kept apart, because people for whom the
//! condition holds see its effect. Only rules for print or speech are ignored.

mod calculation;
mod cascade;
mod color;
mod function;
mod length;
mod reader;
mod syntax;
mod values;
mod variables;

use std::borrow::Cow;
use std::rc::Rc;

use scraper::Selector;

pub(super) use cascade::{Matching, Rules, Winner};
pub(super) use color::{Color, is_clear, look_alike};
pub(super) use length::SMALLEST;
pub(super) use reader::Reader;
pub(super) use syntax::lone_brace;
use syntax::{items, unescaped};
pub(super) use values::Value;
pub(super) use variables::Variables;

/// How deep rules, conditions and imports may nest before the rest is skipped.
const DEPTH: usize = 12;

/// A declaration as written in a sheet or an attribute.
#[derive(Debug, Clone)]
struct Written {
    name: String,
    /// In lowercase.
    value: String,
    important: bool,
    /// The whole declaration as written.
    text: Rc<str>,
}

/// A declaration of a property that can hide, or of a custom property.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    property: Cow<'static, str>,
    value: Value,
    /// The value of a custom property, or of a color that uses custom properties.
    in_words: Option<String>,
    important: bool,
    /// The declaration as written.
    text: Rc<str>,
}

impl Declaration {
    fn is_variable(&self) -> bool {
        self.property.starts_with("--")
    }
}

/// A rule with at least one declaration of a property that can hide.
#[derive(Debug)]
struct Rule<D> {
    selector: Selector,
    /// The selector as written.
    head: Rc<str>,
    sheet: Rc<str>,
    specificity: u32,
    condition: Condition,
    layered: bool,
    /// Whether it's in the page itself rather than in a file.
    in_page: bool,
    declarations: Vec<D>,
}

/// When a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// It applies to everybody.
    Always,
    /// It applies to people who want a dark color scheme.
    Dark,
    /// It applies to some other people.
    Other,
}

impl Condition {
    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, condition) | (condition, Self::Always) => condition,
            (Self::Dark, Self::Dark) => Self::Dark,
            _ => Self::Other,
        }
    }

    /// Returns the condition that a media query list sets for the people whom it's for.
    fn of(media: &str) -> Self {
        let query: String = media.to_ascii_lowercase().split_whitespace().collect();
        match query.as_str() {
            "(prefers-color-scheme:dark)" | "screenand(prefers-color-scheme:dark)" => Self::Dark,
            _ if audience(media) == Audience::Everybody => Self::Always,
            _ => Self::Other,
        }
    }
}

/// Who a style sheet, or a block of one, is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Audience {
    /// Nobody who looks at a screen.
    Nobody,
    /// People for whom a condition holds.
    Some,
    /// Everybody.
    Everybody,
}

/// Returns who a media query list such as `screen and (max-width: 30em)` is for.
pub(super) fn audience(media: &str) -> Audience {
    let media = media.trim().to_ascii_lowercase();
    if media.is_empty() {
        return Audience::Everybody;
    }
    let one = |query: &str| {
        let words: Vec<&str> = query.split_whitespace().collect();
        match words.as_slice() {
            ["all" | "screen"] | ["only", "screen" | "all"] | ["not", "print" | "speech"] => Audience::Everybody,
            ["print" | "speech" | "tty" | "braille", ..] | ["only", "print" | "speech", ..] | ["not", "all" | "screen"] => {
                Audience::Nobody
            }
            _ => Audience::Some,
        }
    };
    media.split(',').map(one).max().unwrap_or(Audience::Everybody)
}

/// A view of the page.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct View {
    /// Whether styles that a Content Security Policy drops count too: `<style>` elements and `style` attributes.
    pub in_page: bool,
    /// Whether every condition holds at once, because a dark theme applies as a whole.
    pub all_conditions: bool,
}

/// Parses the declarations of a `style` attribute or a block.
fn written(text: &str) -> Vec<Written> {
    items(text).iter().filter(|item| item.block.is_none()).filter_map(|item| declaration(&item.head)).collect()
}

fn declaration(head: &str) -> Option<Written> {
    let (name, value) = head.split_once(':')?;
    let name = unescaped(name.trim()).to_ascii_lowercase();
    let value = unescaped(value.trim()).to_ascii_lowercase();
    let (value, important) = match value.rsplit_once('!') {
        Some((before, mark)) if mark.trim() == "important" => (before.trim().to_owned(), true),
        _ => (value, false),
    };
    Some(Written { name, value, important, text: Rc::from(head.trim()) })
}
