//! What style sheets hide: the rules that bear on being read, in the order and weight of the cascade.
//!
//! Owns reading sheets and choosing the declaration that wins. Must not know the page, nor what hides together. The
//! surprise: a rule under a condition (`@media`, `@supports`, `@layer`) is kept apart, since the people for whom the
//! condition holds see what it does. Only what is printed or spoken doesn't matter here.

mod calculation;
mod color;
mod function;
mod length;
mod syntax;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cssparser::Parser;
use scraper::{ElementRef, Selector};
use url::Url;

pub(super) use color::{Color, is_clear, look_alike};
pub(super) use length::SMALLEST;
use syntax::{items, known_selector, nested_selector, specificity, split_list, stateless, unescaped};
pub(super) use values::Value;

/// How deep rules, conditions and imports may nest before the rest is passed over.
const DEPTH: usize = 12;
/// Longer selectors are passed over: nothing that people write.
const SELECTOR_LENGTH: usize = 1_000;
/// How many values a declaration may have by the definitions of its variables.
const VARIANTS: usize = 32;
/// Marks an animation that hides in every frame.
const ALWAYS: &str = "always";
/// How much of a rule is quoted, in characters.
const QUOTED: usize = 80;

/// A declaration as it stands in a sheet or an attribute.
#[derive(Debug, Clone)]
struct Written {
    name: String,
    /// In small letters.
    value: String,
    important: bool,
    /// All of it as its writer has it.
    text: Rc<str>,
}

/// A declaration of a property that can hide.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    property: &'static str,
    value: Value,
    important: bool,
    /// As it is written.
    text: Rc<str>,
}

/// One rule with at least one such declaration.
#[derive(Debug)]
struct Rule<D> {
    selector: Selector,
    /// As it is written.
    head: Rc<str>,
    sheet: Rc<str>,
    specificity: u32,
    /// Holds for some people only.
    conditional: bool,
    layered: bool,
    /// In the page itself rather than in a file.
    in_page: bool,
    declarations: Vec<D>,
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

/// Reads the sheets of a page one after the other.
pub(super) struct Reader<'l> {
    load: &'l dyn Fn(&Url) -> Option<String>,
    rules: Vec<Rule<Written>>,
    variables: BTreeMap<String, Vec<String>>,
    /// Animations that hide where they end.
    vanishing: BTreeSet<String>,
    unreadable: Vec<String>,
    /// The files that are being read, each imported by the one before.
    open: Vec<Url>,
}

#[derive(Clone)]
struct Scope<'s> {
    parent: Option<&'s str>,
    sheet: Rc<str>,
    url: &'s Url,
    in_page: bool,
    conditional: bool,
    layered: bool,
    depth: usize,
}

impl<'l> Reader<'l> {
    /// `load` answers the text of a sheet that is linked or imported.
    pub(super) fn new(load: &'l dyn Fn(&Url) -> Option<String>) -> Self {
        Self {
            load,
            rules: Vec::new(),
            variables: BTreeMap::new(),
            vanishing: BTreeSet::new(),
            unreadable: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Adds the rules of a `<style>` element in the page at `url`.
    pub(super) fn read_element(&mut self, text: &str, conditional: bool, url: &Url) {
        let sheet = Rc::from("a <style> element");
        self.read_items(text, &Scope { parent: None, sheet, url, in_page: true, conditional, layered: false, depth: 0 });
    }

    /// Adds the rules of a sheet that the page links.
    pub(super) fn read_link(&mut self, href: &str, conditional: bool, base: &Url) {
        let scope =
            Scope { parent: None, sheet: Rc::from(href), url: base, in_page: false, conditional, layered: false, depth: 0 };
        self.read_file(href, &scope);
    }

    /// Notes the variables that a `style` attribute defines.
    pub(super) fn read_attribute(&mut self, text: &str) {
        for written in written(text) {
            self.define(&written);
        }
    }

    /// The rules, in the order of the sheets.
    pub(super) fn done(self) -> Rules {
        let Self { rules, variables, vanishing, unreadable, .. } = self;
        let mut all = Rules { all: Vec::new(), variables, vanishing, unreadable };
        for rule in rules {
            let declarations = rule.declarations.iter().flat_map(|written| all.declarations(written)).collect();
            let Rule { selector, head, sheet, specificity, conditional, layered, in_page, .. } = rule;
            all.all.push(Rule { selector, head, sheet, specificity, conditional, layered, in_page, declarations });
        }
        all.drop_idle();
        all
    }

    fn define(&mut self, written: &Written) {
        if written.name.starts_with("--") {
            let definitions = self.variables.entry(written.name.clone()).or_default();
            if !definitions.contains(&written.value) {
                definitions.push(written.value.clone());
            }
        }
    }

    fn read_file(&mut self, href: &str, scope: &Scope<'_>) {
        let url = scope.url.join(href.trim()).ok();
        if url.as_ref().is_some_and(|url| self.open.contains(url)) {
            // In a circle: the file is read already.
            return;
        }
        let loaded = url.filter(|_| self.open.len() < DEPTH).and_then(|url| Some(((self.load)(&url)?, url)));
        match loaded {
            Some((text, url)) => {
                let sheet = if scope.in_page { Rc::clone(&scope.sheet) } else { Rc::from(url.path()) };
                self.open.push(url.clone());
                self.read_items(text.trim_start_matches('\u{feff}'), &Scope { sheet, url: &url, ..scope.clone() });
                self.open.pop();
            }
            // What only the page itself imports has no effect, so it can't hide anything either.
            None if scope.in_page || self.unreadable.iter().any(|known| known == href) => {}
            None => self.unreadable.push(href.to_owned()),
        }
    }

    fn read_items(&mut self, text: &str, scope: &Scope<'_>) {
        if scope.depth > DEPTH {
            return;
        }
        let mut own = Vec::new();
        for item in items(text) {
            if let Some(at) = item.head.strip_prefix('@') {
                self.read_at_rule(at, item.block, scope);
            } else if let Some(block) = item.block {
                let selector = nested_selector(scope.parent, &item.head);
                if selector.len() <= SELECTOR_LENGTH {
                    self.read_items(block, &Scope { parent: Some(&selector), depth: scope.depth + 1, ..scope.clone() });
                }
            } else if let Some(written) = declaration(&item.head) {
                self.define(&written);
                if values::is_of_concern(&written.name) {
                    own.push(written);
                }
            }
        }
        let Some(parent) = scope.parent.filter(|_| !own.is_empty()) else { return };
        for one in split_list(parent) {
            let known = known_selector(&one);
            if known.matches('(').count() > DEPTH {
                continue;
            }
            // What only the page's state decides holds for some people, as a condition does; :hover and its like are passing.
            let (known, depends) = match Selector::parse(&known) {
                Ok(_) => (known, false),
                Err(_) => match stateless(&known) {
                    Some(plain) => (plain, true),
                    None => continue,
                },
            };
            let Ok(selector) = Selector::parse(&known) else { continue };
            self.rules.push(Rule {
                selector,
                head: Rc::from(if parent.len() > QUOTED { one.as_str() } else { parent }),
                sheet: Rc::clone(&scope.sheet),
                specificity: specificity(&known),
                conditional: scope.conditional || depends,
                layered: scope.layered,
                in_page: scope.in_page,
                declarations: own.clone(),
            });
        }
    }

    fn read_at_rule(&mut self, at: &str, block: Option<&str>, scope: &Scope<'_>) {
        // A name may be written with escapes: `@\69mport`.
        let end = at.find(|c: char| !(c.is_alphanumeric() || "-\\".contains(c))).unwrap_or(at.len());
        let (name, prelude) = at.split_at(end);
        let name = unescaped(name);
        let deeper = Scope { depth: scope.depth + 1, ..scope.clone() };
        match (name.to_ascii_lowercase().as_str(), block) {
            ("media", Some(block)) => match audience(prelude) {
                Audience::Nobody => {}
                Audience::Some => self.read_items(block, &Scope { conditional: true, ..deeper }),
                Audience::Everybody => self.read_items(block, &deeper),
            },
            ("supports" | "container" | "scope" | "document", Some(block)) => {
                self.read_items(block, &Scope { conditional: true, ..deeper });
            }
            ("layer", Some(block)) => self.read_items(block, &Scope { conditional: true, layered: true, ..deeper }),
            ("import", None) => {
                let Some((href, rest)) = import(prelude) else { return };
                let audience = audience(&rest);
                if audience != Audience::Nobody {
                    let conditional = scope.conditional || audience == Audience::Some;
                    self.read_file(&href, &Scope { conditional, ..scope.clone() });
                }
            }
            ("keyframes" | "-webkit-keyframes", Some(block)) => self.read_keyframes(prelude.trim(), block),
            // Fonts, pages, and what @starting-style shows in passing.
            _ => {}
        }
    }

    /// Notes an animation whose last frame hides, and one that hides in every frame.
    fn read_keyframes(&mut self, name: &str, block: &str) {
        let hides = |text: &str| {
            written(text).iter().any(|written| {
                let longhands = values::longhands(&written.name, &written.value);
                longhands.iter().any(|(name, value)| values::read(name, value).is_some_and(Value::hides))
            })
        };
        let ends = |head: &str| head.split(',').any(|at| ["to", "100%"].contains(&at.trim().to_ascii_lowercase().as_str()));
        let frames = items(block);
        let frames: Vec<(&str, &str)> = frames.iter().filter_map(|frame| Some((frame.head.as_str(), frame.block?))).collect();
        let name = name.trim_matches(['"', '\'']).to_ascii_lowercase();
        let begins = |head: &str| head.split(',').any(|at| ["from", "0%"].contains(&at.trim().to_ascii_lowercase().as_str()));
        let is_whole = frames.iter().any(|(head, _)| begins(head)) && frames.iter().any(|(head, _)| ends(head));
        if is_whole && frames.iter().all(|(_, block)| hides(block)) {
            self.vanishing.insert(format!("{name} {ALWAYS}"));
        }
        if frames.iter().any(|(head, block)| ends(head) && hides(block)) {
            self.vanishing.insert(name);
        }
    }
}

/// Every rule of a page's sheets.
pub(super) struct Rules {
    all: Vec<Rule<Declaration>>,
    variables: BTreeMap<String, Vec<String>>,
    vanishing: BTreeSet<String>,
    /// Sheets that could not be read, as they are linked or imported.
    pub unreadable: Vec<String>,
}

/// Whose view of the page it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct View {
    /// What a Content Security Policy drops counts too: `<style>` elements and `style` attributes.
    pub in_page: bool,
    /// Every condition holds at once, as a dark theme does whole.
    pub all_conditions: bool,
}

/// The declarations that bear on one element, and where they stand.
pub(super) struct Matching<'r> {
    all_conditions: bool,
    rules: Vec<(usize, &'r Rule<Declaration>)>,
    attribute: Vec<Declaration>,
}

/// A declaration that won.
#[derive(Debug, Clone)]
pub(super) struct Winner {
    /// What it says.
    pub value: Value,
    /// Itself and where it stands, for a person to read.
    pub place: Rc<str>,
}

impl Rules {
    /// The declarations for one element, as a view has them.
    pub(super) fn matching(&self, element: ElementRef<'_>, view: View) -> Matching<'_> {
        let View { in_page, all_conditions } = view;
        let rules = self.all.iter().enumerate().filter(|(_, rule)| in_page || !rule.in_page);
        let attribute = element.attr("style").filter(|_| in_page).map(written).unwrap_or_default();
        Matching {
            all_conditions,
            rules: rules.filter(|(_, rule)| rule.selector.matches(&element)).collect(),
            attribute: attribute.iter().flat_map(|written| self.declarations(written)).collect(),
        }
    }

    /// Whether a color stands under a condition, so that it may meet another color only there.
    pub(super) fn have_conditional_colors(&self) -> bool {
        let is_color = |declaration: &Declaration| matches!(declaration.value, Value::Color(_));
        self.all.iter().any(|rule| rule.conditional && rule.declarations.iter().any(is_color))
    }

    /// Whether any sheet says what color the page itself has.
    pub(super) fn set_color_scheme(&self) -> bool {
        self.all.iter().any(|rule| rule.declarations.iter().any(|declaration| declaration.property == "color-scheme"))
    }

    /// What a written declaration says, shorthands and variables resolved.
    fn declarations(&self, written: &Written) -> Vec<Declaration> {
        let important = written.important;
        let mut all: Vec<Declaration> = Vec::new();
        let variants = self.variants(&written.value);
        let by_variable = variants.len() != 1 || variants.first() != Some(&written.value);
        for value in &variants {
            for (property, value) in values::longhands(&written.name, value) {
                let value = if property == "animation" { self.animation(&value) } else { value };
                // What a variable makes unreadable counts as unset, which shows.
                let Some(value) = values::read(property, &value).or(by_variable.then_some(Value::Shows)) else { continue };
                // Of several colors it is not known which one meets which.
                let value = match value {
                    Value::Color(color) if variants.len() > 1 => Value::Color(color.filter(|color| is_clear(*color))),
                    value => value,
                };
                match all.iter_mut().find(|known| known.property == property) {
                    Some(known) if value.hides() => known.value = value,
                    Some(_) => {}
                    None => all.push(Declaration { property, value, important, text: Rc::clone(&written.text) }),
                }
            }
        }
        all
    }

    /// A value with each of its variables replaced by each of their definitions.
    fn variants(&self, value: &str) -> Vec<String> {
        let mut done = Vec::new();
        let mut waiting = vec![(value.to_owned(), 0)];
        while let Some((value, depth)) = waiting.pop() {
            let Some((before, variable, after)) = split_variable(&value).filter(|_| depth < DEPTH) else {
                done.push(value);
                continue;
            };
            let (name, fallback) = variable.split_once(',').map_or((variable, None), |(name, rest)| (name, Some(rest.trim())));
            let definitions = self.variables.get(name.trim()).map(Vec::as_slice).unwrap_or_default();
            let fallback = fallback.filter(|_| definitions.is_empty());
            let values = definitions.iter().map(String::as_str).chain(fallback);
            let before_count = waiting.len();
            waiting.extend(values.map(|one| (format!("{before}{one}{after}"), depth + 1)).take(VARIANTS));
            if waiting.len() == before_count {
                done.push(String::new());
            }
            if done.len() + waiting.len() > VARIANTS {
                break;
            }
        }
        done.extend(waiting.into_iter().map(|(value, _)| value));
        done
    }

    /// The value of `animation`, or a word for one that ends with nothing.
    fn animation(&self, value: &str) -> String {
        let words: Vec<&str> = value.split([' ', ',']).collect();
        let stays = words.iter().any(|word| ["forwards", "both"].contains(word));
        let is_one = |word: &&str, kind: &str| self.vanishing.contains(&format!("{}{kind}", word.trim_matches(['"', '\''])));
        let never_shows = words.iter().any(|word| is_one(word, &format!(" {ALWAYS}")));
        let vanishes = words.iter().any(|word| is_one(word, ""));
        if never_shows || stays && vanishes { values::VANISHES.to_owned() } else { value.to_owned() }
    }

    /// Drops what cannot hide anything, so that long sheets cost little: a property that no rule hides with, and then a rule
    /// that is empty.
    fn drop_idle(&mut self) {
        let all = || self.all.iter().flat_map(|rule| &rule.declarations);
        let matters: BTreeSet<&str> =
            all().filter(|declaration| declaration.value.can_hide()).map(|declaration| declaration.property).collect();
        let keeps = |declaration: &Declaration| {
            matters.contains(declaration.property) || ["display", "visibility", "color-scheme"].contains(&declaration.property)
        };
        let matters: Vec<Vec<bool>> = self.all.iter().map(|rule| rule.declarations.iter().map(keeps).collect()).collect();
        for (rule, keep) in self.all.iter_mut().zip(matters) {
            let mut keep = keep.into_iter();
            rule.declarations.retain(|_| keep.next().unwrap_or(true));
        }
        self.all.retain(|rule| !rule.declarations.is_empty());
    }
}

impl Matching<'_> {
    /// The declaration of a property that wins: the heaviest that is unconditional, unless a heavier conditional one hides.
    /// Where all conditions are taken to hold, the heaviest.
    pub(super) fn winner(&self, property: &str) -> Option<Winner> {
        let of_rules = self.rules.iter().flat_map(|(order, rule)| {
            rule.declarations.iter().map(move |declaration| {
                // Layers lose against what is in none, and win where it is important.
                let weight = (declaration.important, rule.layered == declaration.important, rule.specificity, *order);
                (weight, Some(*rule), declaration)
            })
        });
        let of_attribute =
            self.attribute.iter().map(|declaration| ((declaration.important, true, u32::MAX, 0), None, declaration));
        let mut all: Vec<_> =
            of_rules.chain(of_attribute).filter(|(_, _, declaration)| declaration.property == property).collect();
        // Stable: of equals, the later one comes last.
        all.sort_by_key(|(weight, _, _)| *weight);
        let counts = |rule: Option<&Rule<Declaration>>, value: Value| {
            self.all_conditions || !rule.is_some_and(|rule| rule.conditional) || value.hides()
        };
        let (_, rule, declaration) = all.iter().rev().find(|(_, rule, declaration)| counts(*rule, declaration.value))?;
        let text = &declaration.text;
        let place = match rule {
            Some(rule) => format!("the rule \"{} {{ {text} }}\" of {}", rule.head, rule.sheet),
            None => format!("the attribute style=\"{text}\""),
        };
        Some(Winner { value: declaration.value, place: Rc::from(place) })
    }
}

/// The declarations of a `style` attribute or a block.
fn written(text: &str) -> Vec<Written> {
    items(text).iter().filter(|item| item.block.is_none()).filter_map(|item| declaration(&item.head)).collect()
}

fn declaration(head: &str) -> Option<Written> {
    let (name, value) = head.split_once(':')?;
    let name = name.trim();
    let name = if name.starts_with("--") { name.to_owned() } else { unescaped(name).to_ascii_lowercase() };
    let value = unescaped(value.trim()).to_ascii_lowercase();
    let (value, important) = match value.rsplit_once('!') {
        Some((before, mark)) if mark.trim() == "important" => (before.trim().to_owned(), true),
        _ => (value, false),
    };
    Some(Written { name, value, important, text: Rc::from(head.trim()) })
}

/// What stands before the first `var(..)`, in it, and after it.
fn split_variable(value: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = value.split_once("var(")?;
    let mut depth = 1_usize;
    let end = rest.find(|c: char| {
        depth = match c {
            '(' => depth + 1,
            ')' => depth - 1,
            _ => depth,
        };
        depth == 0
    })?;
    Some((before, rest.get(..end)?, rest.get(end + 1..)?))
}

fn import(prelude: &str) -> Option<(String, String)> {
    let mut parser = Parser::new(prelude);
    let href = parser.expect_url_or_string().ok()?.as_ref().to_owned();
    let start = parser.position();
    while parser.next().is_ok() {}
    Some((href, parser.slice_from(start).to_owned()))
}
