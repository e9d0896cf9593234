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

/// The quotation marks that templates may put around a message's name.
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// What a message is made of.
#[derive(Default)]
struct Message {
    variables: BTreeSet<String>,
    has_markup: bool,
}

type Messages = BTreeMap<String, Message>;

/// Returns what the catalogs of `locales` are missing, don't need, or get wrong. In `files`, the built-in catalogs are under
/// `built_in`.
pub(super) fn findings(locales: &[String], built_in: &str, files: &BTreeMap<String, String>) -> Vec<Finding> {
    let of = |name: String| files.get(&name).map(|text| messages(text)).unwrap_or_default();
    let reference = of(format!("{built_in}locale/{REFERENCE}.ftl"));
    let asked_for = asked_for(built_in, files);
    // Templates choose an error's message by its name.
    let is_shown_rich =
        |text: &str, key: &str| QUOTES.iter().any(|quote| text.contains(&format!("rich(key={quote}{key}{quote}")));
    let is_rich = |key: &str| key.contains("-error-") || files.values().any(|text| is_shown_rich(text, key));
    let mut findings = idle_files(locales, built_in, files);
    findings.extend(wrong_parents(built_in, files));
    for locale in locales {
        let place = format!("locale/{locale}.ftl");
        let (below, own) = (of(format!("{built_in}{place}")), of(place.clone()));
        let lacks = |key: &str| !below.contains_key(key) && !own.contains_key(key);
        let missing: Vec<&str> = reference.keys().map(String::as_str).filter(|key| lacks(key)).collect();
        let fallback = locales.first().filter(|default| *default != locale).map_or(REFERENCE, String::as_str);
        if !missing.is_empty() {
            let sentence = format!(
                "lacks {} of {} messages, which show in {fallback} until you write them: {}",
                missing.len(),
                reference.len(),
                missing.join(", ")
            );
            findings.push(Finding::warning("MESSAGE", place.clone(), sentence));
        }
        for (key, template) in asked_for.iter().filter(|(key, _)| !reference.contains_key(*key) && lacks(key)) {
            let sentence = format!("is missing, but {template} asks for it: write `{key} = ...` into {place}");
            findings.push(Finding::warning("MESSAGE", format!("{place} {key}"), sentence));
        }
        for key in defined_twice(files.get(&place).map_or("", String::as_str)) {
            let sentence = "is written twice: the last one counts, so remove the other";
            findings.push(Finding::warning("MESSAGE", format!("{place} {key}"), sentence));
        }
        // The pages show the second one of such a pair, in which the important words are bold.
        let rich = own.keys().map(|key| (key, format!("{key}-rich")));
        for (key, rich) in rich.filter(|(_, rich)| reference.contains_key(rich) && !own.contains_key(rich)) {
            let sentence = format!("doesn't change the pages, which show `{rich}`: change that one, too");
            findings.push(Finding::warning("MESSAGE", format!("{place} {key}"), sentence));
        }
        for (key, _) in own.iter().filter(|(key, message)| message.has_markup && !is_rich(key)) {
            let sentence = "has markup, but this message is plain text, so people see the tags: write words alone";
            findings.push(Finding::warning("MESSAGE", format!("{place} {key}"), sentence));
        }
        for (key, message) in below.iter().chain(&own) {
            let place = format!("{place} {key}");
            match reference.get(key) {
                Some(known) => findings.extend(unknown_variables(&place, message, known)),
                None if asked_for.contains_key(key) => {}
                None => {
                    let nearest = reference.keys().min_by_key(|known| strsim::damerau_levenshtein(known, key));
                    let nearest = nearest.map_or("", String::as_str);
                    let sentence = format!("isn't used: no page or text asks for it; did you mean `{nearest}`?");
                    findings.push(Finding::warning("MESSAGE", place, sentence));
                }
            }
        }
    }
    findings
}

/// Returns a finding for each variable that the built-in message of that name isn't given.
fn unknown_variables(place: &str, message: &Message, built_in: &Message) -> Vec<Finding> {
    let given = &built_in.variables;
    let known = match given.iter().map(|name| format!("{{ ${name} }}")).collect::<Vec<_>>() {
        names if names.is_empty() => "it has no variables".to_owned(),
        names => format!("it can use {}", names.join(", ")),
    };
    let unknown = message.variables.difference(given);
    let sentence = |variable| format!("uses {{ ${variable} }}, which isn't available here: {known}");
    unknown.map(|variable| Finding::error("MESSAGE", place.to_owned(), sentence(variable))).collect()
}

/// Finds the owner's pages and catalogs that aren't used: misspelled, or for a locale that isn't offered.
fn idle_files(locales: &[String], built_in: &str, files: &BTreeMap<String, String>) -> Vec<Finding> {
    let own = files.keys().filter(|name| !name.starts_with(built_in));
    let idle = own.filter_map(|name| {
        if let Some(locale) = name.strip_prefix("locale/").and_then(|name| name.strip_suffix(".ftl")) {
            let offered = locales.iter().any(|offered| offered == locale);
            return (!offered).then(|| {
                Finding::warning("MESSAGE", name.as_str(), format!("isn't used: `{locale}` isn't among locale.offered"))
            });
        }
        let is_built_in = files.contains_key(&format!("{built_in}{name}"));
        let is_named = files.iter().any(|(other, text)| other != name && text.contains(name.as_str()));
        (!is_built_in && !is_named && !name.starts_with("component/")).then(|| {
            let sentence = "isn't used: there's no built-in file of that name, and no template names it; `assent templates list` \
                            lists the built-in ones";
            Finding::warning("TEMPLATE", name.as_str(), sentence)
        })
    });
    idle.collect()
}

/// Returns each message that the owner's templates ask for, with the first template that does.
fn asked_for(built_in: &str, files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut asked_for = BTreeMap::new();
    for (name, text) in files.iter().filter(|(name, _)| !name.starts_with(built_in) && !name.starts_with("locale/")) {
        for after in text.split("key=").skip(1) {
            let quote = after.chars().next().filter(|c| QUOTES.contains(c));
            if let Some(key) = quote.and_then(|quote| after[1..].split(quote).next()) {
                asked_for.entry(key.to_owned()).or_insert_with(|| name.clone());
            }
        }
    }
    asked_for
}

/// Returns the messages that a catalog defines more than once.
fn defined_twice(text: &str) -> BTreeSet<String> {
    let resource = parse(text).unwrap_or_else(|(resource, _)| resource);
    let mut seen = BTreeSet::new();
    let ids = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name),
        _ => None,
    });
    ids.filter(|id| !seen.insert(*id)).map(ToOwned::to_owned).collect()
}

/// Finds templates of the owner's that extend themselves or a file that doesn't exist.
fn wrong_parents(built_in: &str, files: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| !name.starts_with(built_in)) {
        let Some(after) = text.split_once("{% extends \"").map(|(_, after)| after) else { continue };
        let parent = after.split('"').next().unwrap_or_default();
        let is_there = files.contains_key(parent) || files.contains_key(&format!("{built_in}{parent}"));
        if parent == name {
            let sentence = format!("extends itself: write {{% extends \"{built_in}{name}\" %}} to change the built-in one");
            findings.push(Finding::error("TEMPLATE", name.as_str(), sentence));
        } else if !is_there {
            let nearest = files.keys().filter(|known| !known.contains("locale/"));
            let nearest = nearest.min_by_key(|known| strsim::damerau_levenshtein(known, parent)).map_or("", String::as_str);
            let sentence = format!("extends \"{parent}\", which doesn't exist; did you mean \"{nearest}\"?");
            findings.push(Finding::error("TEMPLATE", name.as_str(), sentence));
        }
    }
    findings
}

/// Returns each message of a catalog with the variables it uses. Parse errors are reported when the catalog is loaded.
fn messages(text: &str) -> Messages {
    let resource = parse(text).unwrap_or_else(|(resource, _)| resource);
    let mut messages = Messages::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            let found = messages.entry(message.id.name.to_owned()).or_default();
            for pattern in message.value.iter().chain(message.attributes.iter().map(|attribute| &attribute.value)) {
                found.read(pattern);
            }
        }
    }
    messages
}

impl Message {
    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.has_markup |= is_markup(value),
                PatternElement::Placeable { expression } => self.read_expression(expression),
            }
        }
    }

    fn read_expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.read_inline(inline),
            Expression::Select { selector, variants } => {
                self.read_inline(selector);
                for variant in variants {
                    self.read(&variant.value);
                }
            }
        }
    }

    fn read_inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => self.read_expression(expression),
            InlineExpression::FunctionReference { arguments, .. } => {
                for argument in &arguments.positional {
                    self.read_inline(argument);
                }
            }
            InlineExpression::StringLiteral { .. }
            | InlineExpression::NumberLiteral { .. }
            | InlineExpression::MessageReference { .. }
            | InlineExpression::TermReference { .. } => {}
        }
    }
}

/// Returns whether the text has a tag or an entity.
fn is_markup(text: &str) -> bool {
    let starts_tag = |after: &str| after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let is_entity = |after: &str| {
        let name = after.split(';').next().filter(|name| name.len() < after.len()).unwrap_or_default();
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
    };
    text.split('<').skip(1).any(starts_tag) || text.split('&').skip(1).any(is_entity)
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
                "warning MESSAGE locale/es.ftl: lacks 1 of 2 messages, which show in en until you write them: gone",
                "error MESSAGE locale/es.ftl hello: uses { $nombre }, which isn't available here: it can use { $name }",
                "warning MESSAGE locale/es.ftl helo: isn't used: no page or text asks for it; did you mean `hello`?",
            ]
        );
    }

    #[test]
    fn files_that_are_not_used_are_named() {
        let found =
            review(&[("builtin/page/start.html", ""), ("page/start.html", ""), ("page/strt.html", ""), ("locale/fr.ftl", "")]);
        assert_eq!(
            found,
            [
                "warning MESSAGE locale/fr.ftl: isn't used: `fr` isn't among locale.offered",
                "warning TEMPLATE page/strt.html: isn't used: there's no built-in file of that name, and no template names it; \
                 `assent templates list` lists the built-in ones",
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
        assert!(found.iter().all(|finding| finding.starts_with("error MESSAGE locale/en.ftl hello: uses")), "{found:?}");
    }

    #[test]
    fn markup_in_a_plain_message_is_named() {
        let found = review(&[
            (
                "builtin/locale/en.ftl",
                "a = A\nb = B\nc = C & D\nd = D\ne = { $n ->\n    [one] One\n   *[other] Two\n }\ncode-error-x = X\n",
            ),
            ("builtin/locale/es.ftl", "a = A\nb = B\nc = C\nd = D\ne = E\ncode-error-x = X\n"),
            ("builtin/page/start.html", "{{ rich(key=\"b\") }}"),
            (
                "locale/en.ftl",
                "a = <b>A</b>\nb = <b>B</b>\nc = C & D < E; F\nd = D&nbsp;D\ne = { $n ->\n    [one] One<br>\n   *[other] Two\n }\n\
                 code-error-x = <b>X</b>\n",
            ),
        ]);
        let sentence = "has markup, but this message is plain text, so people see the tags: write words alone";
        assert_eq!(found, ["a", "d", "e"].map(|key| format!("warning MESSAGE locale/en.ftl {key}: {sentence}")));
    }

    #[test]
    fn messages_of_the_owners_own_count_where_a_template_asks_for_them() {
        let found = review(&[
            ("builtin/locale/en.ftl", "stop = Stop\nstop-rich = <b>Stop</b>\n"),
            ("builtin/locale/es.ftl", "stop = Alto\nstop-rich = <b>Alto</b>\n"),
            ("builtin/page/start.html", ""),
            ("page/start.html", "{% extends \"builtin/page/strat.html\" %}{{ t(key=\"ours\") }}"),
            ("page/done.html", "{% extends \"page/done.html\" %}"),
            ("builtin/page/done.html", ""),
            ("locale/en.ftl", "ours = Ours\nours = Twice\nstop = No more\n"),
        ]);
        assert_eq!(
            found,
            [
                "error TEMPLATE page/done.html: extends itself: write {% extends \"builtin/page/done.html\" %} to change the \
                 built-in one",
                "error TEMPLATE page/start.html: extends \"builtin/page/strat.html\", which doesn't exist; did you mean \
                 \"builtin/page/start.html\"?",
                "warning MESSAGE locale/en.ftl ours: is written twice: the last one counts, so remove the other",
                "warning MESSAGE locale/en.ftl stop: doesn't change the pages, which show `stop-rich`: change that one, too",
                "warning MESSAGE locale/es.ftl ours: is missing, but page/start.html asks for it: write `ours = ...` into \
                 locale/es.ftl",
            ]
        );
    }
}
