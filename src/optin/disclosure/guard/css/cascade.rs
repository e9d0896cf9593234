//! The cascade: which declaration of a property wins for an element.
//!
//! Owns the weight of declarations, their variables and animations. Must not read sheets.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use scraper::ElementRef;

use super::syntax::closing;
use super::values::{self, Value};
use super::{DEPTH, Declaration, Rule, View, Written, is_clear, written};

/// How many values a declaration may have through the definitions of its variables.
const VARIANTS: usize = 32;
/// Marks an animation that hides in every frame.
pub(super) const ALWAYS: &str = "always";

/// All rules of a page's sheets.
pub(in super::super) struct Rules {
    pub(super) all: Vec<Rule<Declaration>>,
    pub(super) variables: BTreeMap<String, Vec<String>>,
    pub(super) vanishing: BTreeSet<String>,
    /// Sheets that couldn't be read, as written where they're linked or imported.
    pub unreadable: Vec<String>,
}

/// The declarations that apply to one element, and where they come from.
pub(in super::super) struct Matching<'r> {
    all_conditions: bool,
    rules: Vec<(usize, &'r Rule<Declaration>)>,
    attribute: Vec<Declaration>,
}

/// A declaration that won.
#[derive(Debug, Clone)]
pub(in super::super) struct Winner {
    /// What it says.
    pub value: Value,
    /// The declaration and where it is, in words for a person.
    pub place: Rc<str>,
}

impl Rules {
    /// Returns the declarations that apply to one element in a view.
    pub(in super::super) fn matching(&self, element: ElementRef<'_>, view: View) -> Matching<'_> {
        let View { in_page, all_conditions } = view;
        let rules = self.all.iter().enumerate().filter(|(_, rule)| in_page || !rule.in_page);
        let attribute = element.attr("style").filter(|_| in_page).map(written).unwrap_or_default();
        Matching {
            all_conditions,
            rules: rules.filter(|(_, rule)| rule.selector.matches(&element)).collect(),
            attribute: attribute.iter().flat_map(|written| self.declarations(written)).collect(),
        }
    }

    /// Returns whether a color is set under a condition, so that it may meet another color only there.
    pub(in super::super) fn have_conditional_colors(&self) -> bool {
        let is_color = |declaration: &Declaration| matches!(declaration.value, Value::Color(_));
        self.all.iter().any(|rule| rule.conditional && rule.declarations.iter().any(is_color))
    }

    /// Returns whether any sheet sets the page's color scheme.
    pub(in super::super) fn set_color_scheme(&self) -> bool {
        self.all.iter().any(|rule| rule.declarations.iter().any(|declaration| declaration.property == "color-scheme"))
    }

    /// Returns what a declaration says, with shorthands and variables resolved.
    pub(super) fn declarations(&self, written: &Written) -> Vec<Declaration> {
        let important = written.important;
        let mut all: Vec<Declaration> = Vec::new();
        let variants = self.variants(&written.value);
        let by_variable = variants.len() != 1 || variants.first() != Some(&written.value);
        for value in &variants {
            for (property, value) in values::longhands(&written.name, value) {
                let value = if property == "animation" { self.animation(&value) } else { value };
                // If a variable makes a value unreadable, it counts as unset, which shows.
                let Some(value) = values::read(property, &value).or(by_variable.then_some(Value::Shows)) else { continue };
                // With several colors, we don't know which one meets which.
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

    /// Returns the variants of a value, with each of its variables replaced by each of their definitions.
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

    /// Returns the value of `animation`, or a special word for an animation that ends with the element hidden.
    fn animation(&self, value: &str) -> String {
        let words: Vec<&str> = value.split([' ', ',']).collect();
        let stays = words.iter().any(|word| ["forwards", "both"].contains(word));
        let is_one = |word: &&str, kind: &str| self.vanishing.contains(&format!("{}{kind}", word.trim_matches(['"', '\''])));
        let never_shows = words.iter().any(|word| is_one(word, &format!(" {ALWAYS}")));
        let vanishes = words.iter().any(|word| is_one(word, ""));
        if never_shows || stays && vanishes { values::VANISHES.to_owned() } else { value.to_owned() }
    }

    /// Drops what can't hide anything, so that long sheets cost little: first properties that no rule hides with, and then rules
    /// that are empty.
    pub(super) fn drop_idle(&mut self) {
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
    /// Returns the declaration of a property that wins: the heaviest unconditional one, unless a heavier conditional one hides.
    /// If all conditions are taken to hold, it's the heaviest one.
    pub(in super::super) fn winner(&self, property: &str) -> Option<Winner> {
        let of_rules = self.rules.iter().flat_map(|(order, rule)| {
            rule.declarations.iter().map(move |declaration| {
                // Declarations in layers lose to those outside, but win if they're important.
                let weight = (declaration.important, rule.layered == declaration.important, rule.specificity, *order);
                (weight, Some(*rule), declaration)
            })
        });
        let of_attribute =
            self.attribute.iter().map(|declaration| ((declaration.important, true, u32::MAX, 0), None, declaration));
        let mut all: Vec<_> =
            of_rules.chain(of_attribute).filter(|(_, _, declaration)| declaration.property == property).collect();
        // A stable sort: among equals, the later one comes last.
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

/// Returns what comes before the first `var(..)`, what's in it, and what comes after it.
fn split_variable(value: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = value.split_once("var(")?;
    let end = closing(rest);
    Some((before, rest.get(..end)?, rest.get(end + 1..)?))
}
