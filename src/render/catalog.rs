//! The Fluent catalogs: the built-in messages of each locale, which the owner's override one by one.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::resolver::ResolverError;
use fluent_bundle::resolver::errors::ReferenceKind;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::finding::Finding;
use crate::render::RenderError;
use crate::render::review::REFERENCE;

/// The variables of a message.
#[derive(Debug, Clone, Default)]
pub struct Arguments(BTreeMap<String, FluentValue<'static>>);

/// A variable's value.
#[derive(Debug, Clone)]
pub struct Argument(FluentValue<'static>);

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self(FluentValue::String(text.to_owned().into()))
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self(FluentValue::String(text.into()))
    }
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Self(FluentValue::from(number))
    }
}

impl Arguments {
    /// Creates an empty set of variables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of a variable that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            FluentValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// Adds a variable.
    pub fn insert(&mut self, name: impl Into<String>, value: Argument) {
        self.0.insert(name.into(), value.0);
    }
}

impl<const N: usize> From<[(&str, Argument); N]> for Arguments {
    fn from(pairs: [(&str, Argument); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.0)).collect())
    }
}

/// One Fluent bundle per locale.
pub(super) struct Catalogs {
    bundles: BTreeMap<String, FluentBundle<FluentResource>>,
    /// The locales that supply a message that another locale lacks, in this order.
    fallbacks: Vec<String>,
}

impl Catalogs {
    /// Builds the catalogs of `locales` from the files `locale/<locale>.ftl`, with the owner's on top of the built-in ones. A
    /// message that a locale lacks comes from the default language, or else from [`REFERENCE`], whose catalog is complete.
    pub(super) fn load(
        locales: &BTreeSet<String>,
        default: &str,
        built_in: &str,
        files: &BTreeMap<String, String>,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut bundles = BTreeMap::new();
        for locale in locales {
            let language: LanguageIdentifier = locale.parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![language]);
            // Fluent's isolation marks aren't in GSM-7, and a single one would more than double the price of a text.
            bundle.set_use_isolating(false);
            // Numbers get no digit grouping, since they're codes and counts.
            bundle.set_formatter(Some(plain_numbers));
            for name in [format!("{built_in}locale/{locale}.ftl"), format!("locale/{locale}.ftl")] {
                let Some(text) = files.get(&name) else { continue };
                let resource = FluentResource::try_new(text.clone()).unwrap_or_else(|(resource, errors)| {
                    for error in errors {
                        let line = text.get(..error.pos.start).map_or(0, |before| before.lines().count());
                        findings.push(Finding::error(
                            "MESSAGE",
                            format!("{name} line {line}"),
                            format!("{}; a message is written `name = words`", error.kind),
                        ));
                    }
                    resource
                });
                bundle.add_resource_overriding(resource);
            }
            bundles.insert(locale.clone(), bundle);
        }
        Self { bundles, fallbacks: vec![default.to_owned(), REFERENCE.to_owned()] }
    }

    pub(super) fn speaks(&self, locale: &str) -> bool {
        self.bundles.contains_key(locale)
    }

    pub(super) fn format(&self, locale: &str, key: &str, arguments: &Arguments) -> Result<String, RenderError> {
        let wrong = |problem: String| RenderError::Message { key: key.to_owned(), locale: locale.to_owned(), problem };
        let own = self.bundles.get(locale).ok_or_else(|| wrong("is asked for in a locale that isn't offered".to_owned()))?;
        let others = self.fallbacks.iter().filter_map(|fallback| self.bundles.get(fallback));
        let mut said = std::iter::once(own).chain(others);
        let found = said.find_map(|bundle| Some((bundle, bundle.get_message(key)?.value()?)));
        let (bundle, pattern) = found.ok_or_else(|| wrong("is missing".to_owned()))?;
        let mut given = FluentArgs::new();
        for (name, value) in &arguments.0 {
            given.set(name.as_str(), value.clone());
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&given), &mut errors).into_owned();
        match errors.first() {
            None => Ok(text),
            Some(FluentError::ResolverError(ResolverError::Reference(ReferenceKind::Variable { id }))) => {
                Err(wrong(format!("uses {{ ${id} }}, which isn't available here")))
            }
            Some(error) => Err(wrong(format!("can't be rendered: {error}"))),
        }
    }
}

fn plain_numbers<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(number.value.to_string()),
        _ => None,
    }
}
