//! Custom properties: what `var(..)` stands for.
//!
//! Owns replacing a variable by its definition. Must not know which definition wins.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::DEPTH;
use super::syntax::closing;

/// How many values a declaration may have through its variables, and how many variables are replaced in one value.
const VARIANTS: usize = 32;
/// Values longer than this aren't followed further, because definitions that use each other can grow without limit.
const VALUE_LENGTH: usize = 1_000;

/// The custom properties of one element. A value is `None` if it can't be known, because it depends on a condition.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Variables(Rc<BTreeMap<String, Option<String>>>);

impl Variables {
    /// Returns the custom properties of an element that inherits these and has definitions of its own.
    pub(super) fn with(&self, own: &[(&str, Option<&str>)]) -> Self {
        if own.is_empty() {
            return self.clone();
        }
        let mut all = (*self.0).clone();
        for (name, value) in own {
            match value {
                Some("inherit" | "unset" | "revert" | "revert-layer") => {}
                Some("initial") => {
                    all.remove(*name);
                }
                value => {
                    all.insert((*name).to_owned(), value.map(str::to_owned));
                }
            }
        }
        // A definition takes the variables of the element that it's written for, not those of the elements inside.
        let written = Self(Rc::new(all));
        let mut all = (*written.0).clone();
        for (name, _) in own {
            if let Some(value) = all.get_mut(*name) {
                *value = value.as_deref().and_then(|value| written.replaced(value));
            }
        }
        Self(Rc::new(all))
    }

    /// Returns the value with its variables replaced. Returns `None` if one of them is unset or can't be known.
    pub(super) fn replaced(&self, value: &str) -> Option<String> {
        let mut value = value.to_owned();
        for _ in 0..VARIANTS {
            let Some(use_) = Use::first_in(&value) else { return Some(value) };
            let definition = match self.0.get(use_.name) {
                Some(definition) => definition.as_deref()?,
                None => use_.fallback?,
            };
            value = use_.replaced_by(definition);
            if value.len() > VALUE_LENGTH {
                return None;
            }
        }
        None
    }
}

/// Returns the variants of a value, with each of its variables replaced by each of its `definitions` anywhere in the sheets.
pub(super) fn variants(value: &str, definitions: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut done = Vec::new();
    let mut waiting = vec![(value.to_owned(), 0)];
    while let Some((value, depth)) = waiting.pop() {
        let Some(use_) = Use::first_in(&value).filter(|_| depth < DEPTH) else {
            done.push(value);
            continue;
        };
        let definitions = definitions.get(use_.name).map(Vec::as_slice).unwrap_or_default();
        let fallback = use_.fallback.filter(|_| definitions.is_empty());
        let values = definitions.iter().map(String::as_str).chain(fallback);
        let before_count = waiting.len();
        waiting.extend(values.map(|one| (use_.replaced_by(one), depth + 1)).take(VARIANTS));
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

/// A `var(..)` in a value.
struct Use<'v> {
    before: &'v str,
    name: &'v str,
    fallback: Option<&'v str>,
    after: &'v str,
}

impl<'v> Use<'v> {
    fn first_in(value: &'v str) -> Option<Self> {
        let (before, rest) = value.split_once("var(")?;
        let end = closing(rest);
        let (inside, after) = (rest.get(..end)?, rest.get(end + 1..)?);
        let (name, fallback) = inside.split_once(',').map_or((inside, None), |(name, rest)| (name, Some(rest.trim())));
        Some(Self { before, name: name.trim(), fallback, after })
    }

    fn replaced_by(&self, definition: &str) -> String {
        format!("{}{definition}{}", self.before, self.after)
    }
}
