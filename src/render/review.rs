//! Reviews the catalogs: each locale should have every message, no unused messages, and no unknown variables.
//!
//! Owns the comparison with the built-in English catalog, which is the reference. Must not format anything. An unknown message
//! is only a warning, since an owner's templates may use messages of their own.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

use crate::finding::Finding;

/// The locale whose built-in catalog defines which messages exist and which variables each one gets.
pub(super) const REFERENCE: &str = "en";

type Messages = BTreeMap<String, BTreeSet<String>>;

/// Returns what the catalogs of `locales` are missing, don't need, or get wrong. In `files`, the built-in catalogs are under
/// `built_in`.
pub(super) fn findings(locales: &[String], built_in: &str, files: &BTreeMap<String, String>) -> Vec<Finding> {
    let of = |name: String| files.get(&name).map(|text| messages(text)).unwrap_or_default();
    let reference = of(format!("{built_in}locale/{REFERENCE}.ftl"));
    let mut findings = idle_files(locales, built_in, files);
    for locale in locales {
        let place = format!("locale/{locale}.ftl");
        let (below, own) = (of(format!("{built_in}{place}")), of(place.clone()));
        for key in reference.keys().filter(|key| !below.contains_key(*key) && !own.contains_key(*key)) {
            let fallback = locales.first().filter(|default| *default != locale).map_or(REFERENCE, String::as_str);
            let sentence = format!("is missing in {locale}, so it shows in {fallback}: write `{key} = ...` into {place}");
            findings.push(Finding::warning("MESSAGE", format!("{place} {key}"), sentence));
        }
        for (key, variables) in below.iter().chain(&own) {
            let Some(given) = reference.get(key) else {
                let nearest = reference.keys().min_by_key(|known| strsim::damerau_levenshtein(known, key));
                let sentence = format!(
                    "is a message that no built-in page or text asks for; the nearest one that they do is `{}`",
                    nearest.map_or("", String::as_str)
                );
                findings.push(Finding::warning("MESSAGE", format!("{place} {key}"), sentence));
                continue;
            };
            for variable in variables.difference(given) {
                let known = if given.is_empty() {
                    "it has none".to_owned()
                } else {
                    format!("it has {}", given.iter().map(|name| format!("{{ ${name} }}")).collect::<Vec<_>>().join(", "))
                };
                let sentence = format!("names {{ ${variable} }}, which this message is not given: {known}");
                findings.push(Finding::error("MESSAGE", format!("{place} {key}"), sentence));
            }
        }
    }
    findings
}

/// Finds the owner's pages and catalogs that aren't used: misspelled, or for a locale that isn't offered.
fn idle_files(locales: &[String], built_in: &str, files: &BTreeMap<String, String>) -> Vec<Finding> {
    let own = files.keys().filter(|name| !name.starts_with(built_in));
    let idle = own.filter_map(|name| {
        if let Some(locale) = name.strip_prefix("locale/").and_then(|name| name.strip_suffix(".ftl")) {
            let offered = locales.iter().any(|offered| offered == locale);
            return (!offered).then(|| {
                Finding::warning("MESSAGE", name.as_str(), format!("is not used: `{locale}` is not among locale.offered"))
            });
        }
        let replaces = !["page/", "email/"].iter().any(|folder| name.starts_with(folder))
            || files.contains_key(&format!("{built_in}{name}"));
        (!replaces).then(|| Finding::warning("TEMPLATE", name.as_str(), "is not used: there is no built-in page of that name"))
    });
    idle.collect()
}

/// Returns each message of a catalog with the variables it uses. Parse errors are reported when the catalog is loaded.
fn messages(text: &str) -> Messages {
    let resource = parse(text).unwrap_or_else(|(resource, _)| resource);
    let mut messages = Messages::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            let variables = messages.entry(message.id.name.to_owned()).or_default();
            for pattern in message.value.iter().chain(message.attributes.iter().map(|attribute| &attribute.value)) {
                collect(pattern, variables);
            }
        }
    }
    messages
}

fn collect(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            collect_expression(expression, variables);
        }
    }
}

fn collect_expression(expression: &Expression<&str>, variables: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => collect_inline(inline, variables),
        Expression::Select { selector, variants } => {
            collect_inline(selector, variables);
            for variant in variants {
                collect(&variant.value, variables);
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => collect_expression(expression, variables),
        InlineExpression::FunctionReference { arguments, .. } => {
            for argument in &arguments.positional {
                collect_inline(argument, variables);
            }
        }
        InlineExpression::StringLiteral { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        findings(&["en".to_owned(), "es".to_owned()], "builtin/", &files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn missing_and_unknown_messages_and_wrong_variables_are_named_per_locale() {
        let found = review(&[
            ("builtin/locale/en.ftl", "hello = Hi { $name }\ngone = { $n ->\n    [one] One\n   *[other] { $n }\n }\n"),
            ("builtin/locale/es.ftl", "hello = Hola { $nombre }\n"),
            ("locale/es.ftl", "helo = Hola\n"),
        ]);
        assert_eq!(
            found,
            [
                "warning MESSAGE locale/es.ftl gone: is missing in es, so it shows in en: write `gone = ...` into locale/es.ftl",
                "error MESSAGE locale/es.ftl hello: names { $nombre }, which this message is not given: it has { $name }",
                "warning MESSAGE locale/es.ftl helo: is a message that no built-in page or text asks for; the nearest one that \
                 they do is `hello`",
            ]
        );
    }

    #[test]
    fn files_that_take_no_place_are_named() {
        let found =
            review(&[("builtin/page/start.html", ""), ("page/start.html", ""), ("page/strt.html", ""), ("locale/fr.ftl", "")]);
        assert_eq!(
            found,
            [
                "warning MESSAGE locale/fr.ftl: is not used: `fr` is not among locale.offered",
                "warning TEMPLATE page/strt.html: is not used: there is no built-in page of that name",
            ]
        );
    }

    #[test]
    fn a_variable_inside_a_choice_counts_and_the_owners_message_fills_a_gap() {
        let found = review(&[
            ("builtin/locale/en.ftl", "hello = Hi\n"),
            ("locale/en.ftl", "hello = { $a ->\n    [x] { $b }\n   *[y] Y\n }\n"),
            ("locale/es.ftl", "hello = Hola\n"),
        ]);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|finding| finding.starts_with("error MESSAGE locale/en.ftl hello: names")), "{found:?}");
    }
}
