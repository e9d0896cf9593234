//! What style sheets hide: the rules that bear on being seen, in the order and weight of the cascade.
//!
//! Owns reading CSS. Must not know the page, nor what a rule matches. The surprise: a rule under a condition (`@media`,
//! `@supports`, `@layer`) is kept apart, since the people for whom the condition holds see what it does: only `print` is none
//! of our concern.

use cssparser::{ParseError, Parser, Token};
use scraper::Selector;

/// How deep rules, conditions and imports may nest before the rest is passed over.
const DEPTH: usize = 12;
/// Longer selectors are passed over: nothing that people write.
const SELECTOR_LENGTH: usize = 1_000;
/// Opacity below this is zero to the eye.
const SEEN_FROM: f32 = 0.05;
/// States that a page is not in when it opens: without them their negation always holds.
const PASSING_STATES: [&str; 9] = [
    ":not(:hover)",
    ":not(:focus)",
    ":not(:focus-within)",
    ":not(:focus-visible)",
    ":not(:active)",
    ":not(:target)",
    ":not(:checked)",
    ":not(:disabled)",
    ":not(:user-invalid)",
];

/// The properties that decide whether something is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Display,
    Visibility,
    Opacity,
    ContentVisibility,
}

/// One declaration of such a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Declaration {
    pub property: Property,
    pub hides: bool,
    /// `display` makes a box of its own, so that its words don't run on.
    pub block: bool,
    pub important: bool,
}

/// One rule with at least one such declaration.
#[derive(Debug)]
pub(super) struct Rule {
    pub selector: Selector,
    pub specificity: u32,
    /// Holds for some people only.
    pub conditional: bool,
    pub layered: bool,
    pub declarations: Vec<Declaration>,
}

/// For whom a style sheet or a block of one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Audience {
    /// Nobody who looks at a screen.
    Nobody,
    /// Those for whom a condition holds.
    Some,
    /// Everybody.
    Everybody,
}

/// Whom a media query list such as `screen and (max-width: 30em)` means.
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

#[derive(Clone, Copy)]
struct Scope<'s> {
    parent: Option<&'s str>,
    conditional: bool,
    layered: bool,
    depth: usize,
}

/// Adds the rules of a style sheet. `load` answers the text of one that it imports.
pub(super) fn read_sheet(text: &str, conditional: bool, load: &dyn Fn(&str) -> Option<String>, rules: &mut Vec<Rule>) {
    read_items(text, Scope { parent: None, conditional, layered: false, depth: 0 }, load, rules);
}

/// The declarations of a `style` attribute.
pub(super) fn read_style_attribute(text: &str) -> Vec<Declaration> {
    items(text).iter().filter(|item| item.block.is_none()).filter_map(|item| declaration(&item.head)).collect()
}

fn read_items(text: &str, scope: Scope<'_>, load: &dyn Fn(&str) -> Option<String>, rules: &mut Vec<Rule>) {
    if scope.depth > DEPTH {
        return;
    }
    let mut own = Vec::new();
    for item in items(text) {
        if let Some(at) = item.head.strip_prefix('@') {
            read_at_rule(at, item.block, scope, load, rules);
        } else if let Some(block) = item.block {
            let selector = nested_selector(scope.parent, &item.head);
            if selector.len() <= SELECTOR_LENGTH {
                read_items(block, Scope { parent: Some(&selector), depth: scope.depth + 1, ..scope }, load, rules);
            }
        } else {
            own.extend(declaration(&item.head));
        }
    }
    let Some(parent) = scope.parent.filter(|_| !own.is_empty()) else { return };
    for one in split_list(parent) {
        let one = known_selector(&one);
        if one.matches('(').count() > DEPTH {
            continue;
        }
        // What the parser does not know, such as :hover, is not how the page opens.
        let Ok(selector) = Selector::parse(&one) else { continue };
        let (conditional, layered) = (scope.conditional, scope.layered);
        rules.push(Rule { selector, specificity: specificity(&one), conditional, layered, declarations: own.clone() });
    }
}

fn read_at_rule(at: &str, block: Option<&str>, scope: Scope<'_>, load: &dyn Fn(&str) -> Option<String>, rules: &mut Vec<Rule>) {
    let end = at.find(|c: char| !(c.is_alphanumeric() || c == '-')).unwrap_or(at.len());
    let (name, prelude) = at.split_at(end);
    let deeper = Scope { depth: scope.depth + 1, ..scope };
    match (name.to_ascii_lowercase().as_str(), block) {
        ("media", Some(block)) => match audience(prelude) {
            Audience::Nobody => {}
            Audience::Some => read_items(block, Scope { conditional: true, ..deeper }, load, rules),
            Audience::Everybody => read_items(block, deeper, load, rules),
        },
        ("supports" | "container" | "scope" | "document", Some(block)) => {
            read_items(block, Scope { conditional: true, ..deeper }, load, rules);
        }
        ("layer", Some(block)) => read_items(block, Scope { conditional: true, layered: true, ..deeper }, load, rules),
        ("import", None) => {
            let Some((href, rest)) = import(prelude) else { return };
            let audience = audience(&rest);
            if let Some(text) = load(&href).filter(|_| audience != Audience::Nobody) {
                let conditional = scope.conditional || audience == Audience::Some;
                // A sheet may import itself, more than once: two levels are all that people write.
                read_items(&text, Scope { conditional, depth: scope.depth + DEPTH / 2, ..scope }, load, rules);
            }
        }
        // Fonts, pages, and what @keyframes and @starting-style show in passing.
        _ => {}
    }
}

fn import(prelude: &str) -> Option<(String, String)> {
    let mut parser = Parser::new(prelude);
    let href = parser.expect_url_or_string().ok()?.as_ref().to_owned();
    let start = parser.position();
    while parser.next().is_ok() {}
    Some((href, parser.slice_from(start).to_owned()))
}

/// A declaration, or a rule with its block.
struct Item<'t> {
    head: String,
    block: Option<&'t str>,
}

fn items(text: &str) -> Vec<Item<'_>> {
    let mut parser = Parser::new(text);
    let mut items = Vec::new();
    let mut head = String::new();
    loop {
        let start = parser.position();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else { break };
        match token {
            Token::Comment(_) | Token::CDO | Token::CDC => {}
            Token::Semicolon => items.push(Item { head: std::mem::take(&mut head).trim().to_owned(), block: None }),
            Token::CurlyBracketBlock => {
                let block = skip_block(&mut parser);
                items.push(Item { head: std::mem::take(&mut head).trim().to_owned(), block: Some(block) });
            }
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock => {
                skip_block(&mut parser);
                head.push_str(parser.slice_from(start));
            }
            _ => head.push_str(parser.slice_from(start)),
        }
    }
    if !head.trim().is_empty() {
        items.push(Item { head: head.trim().to_owned(), block: None });
    }
    items
}

/// Moves past the block that was just opened, and answers what is in it.
fn skip_block<'t>(parser: &mut Parser<'t>) -> &'t str {
    let inner: Result<&'t str, ParseError<()>> = parser.parse_nested_block(|block| {
        let start = block.position();
        while block.next_including_whitespace_and_comments().is_ok() {}
        Ok(block.slice_from(start))
    });
    inner.unwrap_or("")
}

fn declaration(head: &str) -> Option<Declaration> {
    let (name, value) = head.split_once(':')?;
    let value = value.trim().to_ascii_lowercase();
    let (value, important) = match value.rsplit_once('!') {
        Some((before, mark)) if mark.trim() == "important" => (before.trim().to_owned(), true),
        _ => (value, false),
    };
    let (property, hides) = match name.trim().to_ascii_lowercase().as_str() {
        "display" => (Property::Display, value == "none"),
        "visibility" => (Property::Visibility, matches!(value.as_str(), "hidden" | "collapse")),
        "opacity" => (Property::Opacity, number(&value)? < SEEN_FROM),
        "content-visibility" => (Property::ContentVisibility, value == "hidden"),
        _ => return None,
    };
    let block = ["block", "flex", "grid", "table", "list-item", "flow-root"].contains(&value.as_str());
    Some(Declaration { property, hides, block, important })
}

fn number(value: &str) -> Option<f32> {
    let bare = value.trim_start_matches("calc(").trim_end_matches(')').trim();
    if ["inherit", "initial", "unset", "revert", "revert-layer"].contains(&bare) {
        return Some(1.0);
    }
    match bare.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f32>().ok().map(|percent| percent / 100.0),
        None => bare.parse().ok(),
    }
}

fn nested_selector(parent: Option<&str>, own: &str) -> String {
    match parent {
        None => own.to_owned(),
        Some(parent) if own.contains('&') => own.replace('&', &format!(":is({parent})")),
        Some(parent) => split_list(own).iter().map(|one| format!(":is({parent}) {one}")).collect::<Vec<_>>().join(", "),
    }
}

fn known_selector(one: &str) -> String {
    let plain = PASSING_STATES.iter().fold(one.trim().to_owned(), |text, state| text.replace(state, ""));
    let plain = plain.replace(":any-link", "[href]").replace(":link", "[href]");
    if plain.trim().is_empty() { "*".to_owned() } else { plain }
}

/// The parts of a list between the commas that stand outside brackets and quotes.
fn split_list(list: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quote) = (vec![String::new()], 0_usize, None);
    for c in list.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Near enough to the real thing: ids, then classes, attributes and pseudo-classes, then elements.
fn specificity(selector: &str) -> u32 {
    let (mut ids, mut classes, mut elements, mut previous) = (0_u32, 0_u32, 0_u32, ' ');
    let mut in_brackets = false;
    for c in selector.chars() {
        match c {
            '[' => {
                classes += 1;
                in_brackets = true;
            }
            ']' => in_brackets = false,
            _ if in_brackets => {}
            '#' => ids += 1,
            '.' | ':' => classes += 1,
            _ if c.is_alphabetic() && " >+~(,|".contains(previous) => elements += 1,
            _ => {}
        }
        previous = c;
    }
    // :is(), :not() and :has() count for nothing themselves, :where() takes its content along.
    for weightless in [":is(", ":not(", ":has("] {
        classes = classes.saturating_sub(u32::try_from(selector.matches(weightless).count()).unwrap_or(0));
    }
    if selector.trim_start().starts_with(":where(") {
        return 0;
    }
    ids.min(255) * 65_536 + classes.min(255) * 256 + elements.min(255)
}
