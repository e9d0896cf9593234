//! The cascade: which declaration of a property wins for an element.
//!
//! Owns the weight of declarations and their animations. Must not read sheets.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::rc::Rc;

use scraper::ElementRef;

use super::values::{self, Value};
use super::variables::{Variables, variants};
use super::{Condition, Declaration, Rule, View, Written, is_clear, written};

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
    /// The element's custom properties.
    pub variables: Variables,
    /// The heaviest declaration of each property, among the rules.
    heaviest: HashMap<&'r str, (Weight, &'r Rule<Declaration>, &'r Declaration)>,
    attribute: Vec<Declaration>,
}

/// What decides between declarations, from most to least: importance, layer, specificity and order.
type Weight = (bool, bool, u32, usize);

/// A declaration that won.
#[derive(Debug, Clone)]
pub(in super::super) struct Winner {
    /// What it says.
    pub value: Value,
    /// The declaration and where it is, in words for a person.
    pub place: Rc<str>,
}

impl Rules {
    /// Returns the declarations that apply to one element in a view, if its parent has these custom properties.
    pub(in super::super) fn matching(&self, element: ElementRef<'_>, view: View, above: &Variables) -> Matching<'_> {
        let View { in_page, all_conditions } = view;
        let attribute = element.attr("style").filter(|_| in_page).map(written).unwrap_or_default();
        let mut matching = Matching {
            variables: above.clone(),
            heaviest: HashMap::new(),
            attribute: attribute.iter().flat_map(|written| self.declarations(written)).collect(),
        };
        let rules = self.all.iter().enumerate().filter(|(_, rule)| in_page || !rule.in_page);
        for (order, rule) in rules.filter(|(_, rule)| rule.selector.matches(&element)) {
            for declaration in &rule.declarations {
                if !all_conditions && rule.condition != Condition::Always && !declaration.value.hides() {
                    continue;
                }
                // Declarations in layers lose to those outside, but win if they're important.
                let weight = (declaration.important, rule.layered == declaration.important, rule.specificity, order);
                let known = matching.heaviest.entry(&declaration.property).or_insert((weight, rule, declaration));
                // Among equals, the last one wins.
                if known.0 <= weight {
                    *known = (weight, rule, declaration);
                }
            }
        }
        matching.variables = above.with(&matching.definitions());
        matching
    }

    /// Returns whether a color is set under a condition, because two colors may meet only under that condition.
    pub(in super::super) fn have_conditional_colors(&self) -> bool {
        let is_color = |declaration: &Declaration| declaration.is_variable() || matches!(declaration.value, Value::Color(_));
        self.all.iter().any(|rule| rule.condition != Condition::Always && rule.declarations.iter().any(is_color))
    }

    /// Returns whether any sheet sets the page's color scheme.
    pub(in super::super) fn set_color_scheme(&self) -> bool {
        self.all.iter().any(|rule| rule.declarations.iter().any(|declaration| declaration.property == "color-scheme"))
    }

    /// Returns what a declaration says, with shorthands and variables resolved.
    pub(super) fn declarations(&self, written: &Written) -> Vec<Declaration> {
        let important = written.important;
        let mut all: Vec<Declaration> = Vec::new();
        let text = || Rc::clone(&written.text);
        if written.name.starts_with("--") {
            let (property, in_words) = (Cow::Owned(written.name.clone()), Some(written.value.clone()));
            return vec![Declaration { property, value: Value::Shows, in_words, important, text: text() }];
        }
        let variants = variants(&written.value, &self.variables);
        let by_variable = variants.len() != 1 || variants.first() != Some(&written.value);
        for value in &variants {
            for (property, value) in values::longhands(&written.name, value) {
                let value = if property == "animation" { self.animation(&value) } else { value };
                // If a variable makes a value unreadable, it counts as unset, which shows.
                let Some(value) = values::read(property, &value).or(by_variable.then_some(Value::Shows)) else { continue };
                // The element's own definitions determine the color.
                let in_words = matches!(value, Value::Color(_)).then(|| longhand_of(written, property)).flatten();
                let value = match value {
                    Value::Color(color) if in_words.is_some() => Value::Color(color.filter(|color| is_clear(*color))),
                    value => value,
                };
                match all.iter_mut().find(|known| known.property == property) {
                    Some(known) if value.hides() => known.value = value,
                    Some(_) => {}
                    None => all.push(Declaration { property: Cow::Borrowed(property), value, in_words, important, text: text() }),
                }
            }
        }
        all
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
            all().filter(|declaration| declaration.value.can_hide()).map(|declaration| &*declaration.property).collect();
        let uses_variables = all().any(|declaration| declaration.in_words.is_some() && !declaration.is_variable());
        let keeps = |declaration: &Declaration| match &*declaration.property {
            "display" | "visibility" | "color-scheme" => true,
            _ if declaration.is_variable() => uses_variables,
            property => matters.contains(property),
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
        let (rule, declaration) = self.heaviest(property)?;
        let text = &declaration.text;
        let mut place = match rule {
            Some(rule) => format!("the rule \"{} {{ {text} }}\" of {}", rule.head, rule.sheet),
            None => format!("the attribute style=\"{text}\""),
        };
        let mut value = declaration.value;
        if value == Value::Color(None)
            && let Some(color) = declaration.in_words.as_deref().and_then(|words| self.variables.replaced(words))
        {
            value = values::read(property, &color).unwrap_or(value);
            let _ = write!(place, ", with {color} as its color,");
        }
        Some(Winner { value, place: Rc::from(place) })
    }

    /// Returns the custom properties that the element's own declarations define.
    fn definitions(&self) -> Vec<(&str, Option<&str>)> {
        let of_rules = self.heaviest.values().map(|(_, _, declaration)| *declaration);
        let all = of_rules.chain(&self.attribute).filter(|declaration| declaration.is_variable());
        let names: BTreeSet<&str> = all.map(|declaration| &*declaration.property).collect();
        let definition = |name| {
            let (rule, declaration) = self.heaviest(name)?;
            // A dark theme sets all its colors under one condition. We can't know for whom any other condition holds.
            let is_known = rule.is_none_or(|rule| rule.condition != Condition::Other);
            Some((name, declaration.in_words.as_deref().filter(|_| is_known)))
        };
        names.into_iter().filter_map(definition).collect()
    }

    fn heaviest(&self, property: &str) -> Option<(Option<&Rule<Declaration>>, &Declaration)> {
        let of_rules = self.heaviest.get(property).map(|(weight, rule, declaration)| (*weight, Some(*rule), *declaration));
        let of_attribute = self.attribute.iter().filter(|declaration| declaration.property == property);
        let of_attribute = of_attribute.map(|declaration| ((declaration.important, true, u32::MAX, 0), None, declaration));
        let heaviest = of_rules.into_iter().chain(of_attribute).max_by_key(|(weight, _, _)| *weight);
        heaviest.map(|(_, rule, declaration)| (rule, declaration))
    }
}

/// Returns what a declaration says about one property, as written, if it uses variables.
fn longhand_of(written: &Written, property: &str) -> Option<String> {
    let mut longhands = values::longhands(&written.name, &written.value).into_iter();
    longhands.find(|(name, value)| *name == property && value.contains("var(")).map(|(_, value)| value)
}
