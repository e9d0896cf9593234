//! `docs/templates.md` is written from the templates and the view types, so that it can't be out of date. After a change, run
//! `UPDATE=yes cargo test --test it templates_doc` and commit what it writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assent::config::Config;
use assent::web::prerender::{Scope, prepare};
use assent::web::views::samples;
use regex::Regex;
use serde_json::Value;

const INTRODUCTION: &str = "\
# Templates

<!-- Written by tests/it/templates_doc.rs: don't edit it here. -->

What each built-in template has: its blocks, its variables with an example, and the components that it's made of. These names are
stable. `assent templates eject page/start.html` copies a template into your own folder; [customizing.md](customizing.md) says what to
do there. The preview shows the variables of every page in every state.

To change one block only, extend the built-in template. Put the words into `locale/en.ftl` as a message, so that every language has its
own:

```html
{# custom/templates/page/start.html #}
{% extends \"builtin/page/start.html\" %}
{% block heading %}<h1>{{ t(key=\"our-heading\") }}</h1>{% endblock heading %}
```

## Functions

| function | what it returns |
|---|---|
| `t(key=\"code-expires\", minutes=\"10 minutes\")` | A message from the catalog, escaped. Its variables are the other arguments. `locale=\"es\"` asks for another language. |
| `rich(key=\"code-lead\", phone=phone)` | The same for a message that holds markup. Its variables are escaped. |
";

const EVERYWHERE: [(&str, &str, &str); 18] = [
    ("locale", "The page's language.", "\"en\""),
    ("direction", "`ltr`, or `rtl` for languages written from right to left.", "\"ltr\""),
    ("locales", "The languages that the site offers, the default first.", "[\"en\", \"es\"]"),
    (
        "program",
        "`name`, `description`, `description_lang`, `kind`, `sender`, `help_contact`, `terms_url` and `privacy_url`, from the settings.",
        "program.name = \"Acme Alerts\"",
    ),
    (
        "disclosure",
        "The facts that the opt-in page must state, in words: `frequency`, `stop`, `help` and `cost`; and `terms_url`, `privacy_url`, `program` and `sender`.",
        "disclosure.cost = \"Message and data rates may apply\"",
    ),
    ("frequency", "How often texts are sent, as the terms say it.", "\"No more than 5 messages per day\""),
    ("disclosure_hash", "What the form's hidden field `disclosure` must hold.", "64 hex digits"),
    (
        "assets",
        "The URLs of static files: `css`, `custom` (your `custom.css`, if there is one), `script`, `simulator`, `favicon`.",
        "assets.css = \"/static/assent.0123456789ab.css\"",
    ),
    ("logo", "The URL of `theme.logo`, or empty.", "\"/static/logo.svg\""),
    ("color_scheme", "For `<meta name=\"color-scheme\">`.", "\"light dark\""),
    ("simulator", "Whether texts go to the simulated phones.", "true"),
    ("texts_form", "`yes` if codes are texted, or else `no`, for messages.", "\"yes\""),
    ("alternative_url", "`program.alternative_url`, or empty.", "\"https://www.acme.example/other\""),
    ("return_url", "`site.return_url`, or empty.", "\"https://www.acme.example/account\""),
    ("return_name", "`site.return_name`, or empty.", "\"your account\""),
    ("code_length", "How many digits a code has.", "6"),
    ("unconfirmed_days", "`retention.unconfirmed_days`.", "180"),
    ("regions_form", "`us` if only US numbers are accepted, or else `other`, for messages.", "\"us\""),
];

/// One field of a view type, with its comment.
struct Field {
    name: String,
    kind: String,
    about: String,
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("readable")
}

/// Reads the view types: by name, the first line of the comment and the fields.
fn views() -> BTreeMap<String, (String, Vec<Field>)> {
    let source = read("src/web/views.rs") + &read("src/web/views/simulator.rs");
    let types = Regex::new(r"(?s)/// ([^\n]*)\n(?:///[^\n]*\n)*#\[derive[^\n]*\n(?:#\[[^\n]*\n)*pub struct (\w+) \{\n(.*?)\n\}")
        .expect("a pattern");
    let fields = Regex::new(r"(?s)((?:    /// [^\n]*\n)+)    pub (\w+): ([^\n]*),").expect("a pattern");
    let read_fields = |body: &str| {
        let about =
            |comment: &str| comment.lines().map(|line| line.trim().trim_start_matches("/// ")).collect::<Vec<_>>().join(" ");
        let field =
            |found: regex::Captures<'_>| Field { name: found[2].to_owned(), kind: found[3].to_owned(), about: about(&found[1]) };
        fields.captures_iter(body).map(field).collect::<Vec<_>>()
    };
    types.captures_iter(&source).map(|found| (found[2].to_owned(), (found[1].to_owned(), read_fields(&found[3])))).collect()
}

/// Returns an example for a table cell, shortened.
fn example(value: &Value) -> String {
    let text = match value {
        Value::Array(items) if items.is_empty() => return "`[]`".to_owned(),
        Value::Array(items) if items[0].is_object() => return "a list, see below".to_owned(),
        Value::Array(items) => return format!("a list, such as {}", example(&items[0])),
        Value::Object(_) => return "see below".to_owned(),
        other => other.to_string(),
    };
    let short: String = text.chars().take(60).collect();
    if short == text { format!("`{text}`") } else { format!("`{short}`…") }
}

/// Finds a field by its name, also inside lists and tables.
fn found_in(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Object(table) => match table.get(name) {
            Some(Value::Array(items)) => items.first().cloned(),
            Some(Value::Null) => None,
            Some(other) => Some(other.clone()),
            None => table.values().find_map(|inner| found_in(inner, name)),
        },
        Value::Array(items) => items.iter().find_map(|inner| found_in(inner, name)),
        _ => None,
    }
}

fn variables(out: &mut String, fields: &[Field], facts: &Value) {
    out.push_str("\n| variable | what it is | example |\n|---|---|---|\n");
    for Field { name, about, .. } in fields {
        let _ = writeln!(out, "| `{name}` | {about} | {} |", example(&facts[name.as_str()]));
    }
}

fn written() -> String {
    let views = views();
    let folder = tempfile::tempdir().expect("a folder");
    let (config, _) = Config::read(
        Config::merged().merge(("default.templates.dir", folder.path().join("templates").display().to_string())),
        std::iter::empty(),
    )
    .expect("the defaults");
    let (render, _) = prepare(&config, Scope::Everything).expect("the built-in pages");
    let samples = samples::pages(&config, &render, "en");
    let mut out = INTRODUCTION.to_owned();
    out.push_str("\n## On every page\n\n| variable | what it is | example |\n|---|---|---|\n");
    for (name, about, example) in EVERYWHERE {
        let _ = writeln!(out, "| `{name}` | {about} | `{example}` |");
    }
    let blocks = Regex::new(r"\{% block (\w+) -?%\}").expect("a pattern");
    let blocks_of = |template: &str| {
        let text = read(&format!("templates/{template}"));
        blocks.captures_iter(&text).map(|found| format!("`{}`", &found[1])).collect::<Vec<_>>().join(", ")
    };
    let _ = write!(out, "\n## base.html\n\nEvery page extends it.\n\nBlocks: {}\n", blocks_of("base.html"));
    let mut shown = Vec::new();
    for (view, (first, fields)) in &views {
        for template in first.split('`').filter(|part| part.starts_with("page/")) {
            let _ = write!(out, "\n## {template}\n\nBlocks: {}\n", blocks_of(template));
            // The richest state has the most to show.
            let of_template = samples.iter().filter(|sample| sample.template == template);
            let facts = of_template.max_by_key(|sample| sample.variables.to_string().len()).expect("a sample");
            variables(&mut out, fields, &facts.variables);
            shown.push(view.clone());
        }
    }
    out.push_str("\n## Parts of variables\n");
    for (view, (first, fields)) in &views {
        if shown.contains(view) {
            continue;
        }
        let users: Vec<(&str, &Field)> = views
            .iter()
            .flat_map(|(user, (_, fields))| fields.iter().map(move |field| (user.as_str(), field)))
            .filter(|(_, field)| field.kind.split(|c: char| !c.is_alphanumeric()).any(|word| word == view))
            .collect();
        let Some((_, used_as)) = users.first() else { continue };
        let found = samples.iter().find_map(|sample| found_in(&sample.variables, &used_as.name));
        let _ = write!(out, "\n### `{}`\n\n{first}\n", used_as.name);
        variables(&mut out, fields, &found.unwrap_or_default());
    }
    out.push_str("\n## Components\n\n| component | what it is |\n|---|---|\n");
    let component = Regex::new(r"(?s)(?:\{# ([^#]*?) #\}\n)?\{% component (\w+)\((.*?)\) -?%\}").expect("a pattern");
    let mut files: Vec<PathBuf> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/component"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        for found in component.captures_iter(&text) {
            let about = found.get(1).map_or("", |about| about.as_str());
            let _ = writeln!(out, "| `<{}({}) />` | {about} |", &found[2], &found[3]);
        }
    }
    out
}

#[test]
fn the_document_of_the_templates_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates.md");
    let written = written();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &written).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == written, "docs/templates.md is out of date: run UPDATE=yes cargo test --test it templates_doc");
}

#[test]
fn every_variable_of_every_page_is_in_the_document() {
    let insert = Regex::new(r#"(?s)context\.insert\(\s*"(\w+)""#).expect("a pattern");
    let given = Regex::new(r#"\("(\w+)", (?:Value::|text\()"#).expect("a pattern");
    let sources = [(insert, read("src/render/globals.rs")), (given, read("src/web/prerender.rs"))];
    let names = sources.iter().flat_map(|(pattern, source)| pattern.captures_iter(source).map(|found| found[1].to_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    let mut documented: Vec<&str> = EVERYWHERE.iter().map(|(name, ..)| *name).collect();
    documented.sort_unstable();
    assert_eq!(names, documented);
}
