//! Reading style sheets: the rules of each, in order, including those that they import.
//!
//! Owns the walk through sheets, nested rules and conditions. Must not choose between rules.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cssparser::Parser;
use scraper::Selector;
use url::Url;

use super::cascade::{ALWAYS, Rules};
use super::syntax::{items, known_selector, nested_selector, specificity, split_list, stateless, unescaped};
use super::values::{self, Value};
use super::{Audience, Condition, DEPTH, Rule, Written, audience, declaration, written};

/// Selectors longer than this are skipped, because people don't write them.
const SELECTOR_LENGTH: usize = 1_000;
/// How much of a rule is quoted, in characters.
const QUOTED: usize = 80;

/// Reads the sheets of a page, one after another.
pub(in super::super) struct Reader<'l> {
    load: &'l dyn Fn(&Url) -> Option<String>,
    rules: Vec<Rule<Written>>,
    variables: BTreeMap<String, Vec<String>>,
    /// Animations that end with the element hidden.
    vanishing: BTreeSet<String>,
    unreadable: Vec<String>,
    /// The files being read, each imported by the one before.
    open: Vec<Url>,
}

#[derive(Clone)]
struct Scope<'s> {
    parent: Option<&'s str>,
    sheet: Rc<str>,
    url: &'s Url,
    in_page: bool,
    condition: Condition,
    layered: bool,
    depth: usize,
}

impl<'s> Scope<'s> {
    /// Returns the scope of a whole sheet that a page links to or holds.
    fn of(sheet: Rc<str>, condition: Condition, url: &'s Url) -> Self {
        Self { parent: None, sheet, url, in_page: false, condition, layered: false, depth: 0 }
    }

    /// Returns this scope under one more condition.
    fn under(&self, condition: Condition) -> Self {
        Self { condition: self.condition.and(condition), ..self.clone() }
    }
}

impl<'l> Reader<'l> {
    /// Creates a reader. `load` returns the text of a sheet that is linked or imported.
    pub(in super::super) fn new(load: &'l dyn Fn(&Url) -> Option<String>) -> Self {
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
    pub(in super::super) fn read_element(&mut self, text: &str, media: &str, url: &Url) {
        self.read_items(text, &Scope { in_page: true, ..Scope::of(Rc::from("a <style> element"), Condition::of(media), url) });
    }

    /// Adds the rules of a sheet that the page links to.
    pub(in super::super) fn read_link(&mut self, href: &str, media: &str, base: &Url) {
        self.read_file(href, &Scope::of(Rc::from(href), Condition::of(media), base));
    }

    /// Records the variables that a `style` attribute defines.
    pub(in super::super) fn read_attribute(&mut self, text: &str) {
        for written in written(text) {
            self.define(&written);
        }
    }

    /// Returns the rules, in the order of the sheets.
    pub(in super::super) fn done(self) -> Rules {
        let Self { rules, variables, vanishing, unreadable, .. } = self;
        let mut all = Rules { all: Vec::new(), variables, vanishing, unreadable };
        for rule in rules {
            let declarations = rule.declarations.iter().flat_map(|written| all.declarations(written)).collect();
            let Rule { selector, head, sheet, specificity, condition, layered, in_page, .. } = rule;
            all.all.push(Rule { selector, head, sheet, specificity, condition, layered, in_page, declarations });
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
            // A circular import: this file is already being read.
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
            // A sheet that only the page itself imports has no effect, so it can't hide anything either.
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
                if written.name.starts_with("--") || values::is_of_concern(&written.name) {
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
            // What depends on the page's state applies to some people, like a condition. Temporary states (:hover) are skipped.
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
                condition: if depends { scope.condition.and(Condition::Other) } else { scope.condition },
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
            ("media", Some(_)) if audience(prelude) == Audience::Nobody => {}
            ("media", Some(block)) => self.read_items(block, &deeper.under(Condition::of(prelude))),
            ("supports" | "container" | "scope" | "document", Some(block)) => {
                self.read_items(block, &deeper.under(Condition::Other));
            }
            ("layer", Some(block)) => self.read_items(block, &Scope { layered: true, ..deeper.under(Condition::Other) }),
            ("import", None) => {
                let Some((href, rest)) = import(prelude) else { return };
                if audience(&rest) != Audience::Nobody {
                    self.read_file(&href, &scope.under(Condition::of(&rest)));
                }
            }
            ("keyframes" | "-webkit-keyframes", Some(block)) => self.read_keyframes(prelude.trim(), block),
            // Fonts, pages, and what @starting-style shows only briefly.
            _ => {}
        }
    }

    /// Records an animation whose last frame hides, and one that hides in every frame.
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

fn import(prelude: &str) -> Option<(String, String)> {
    let mut parser = Parser::new(prelude);
    let href = parser.expect_url_or_string().ok()?.as_ref().to_owned();
    let start = parser.position();
    while parser.next().is_ok() {}
    Some((href, parser.slice_from(start).to_owned()))
}
