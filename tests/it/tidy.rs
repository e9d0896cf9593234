//! House rules that the compiler can't check: which layer may import which, misleading words, and what the documents claim.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "node_modules") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The code of a file, without its comments and tests.
fn code(path: &Path) -> String {
    if path.with_extension("").components().any(|part| part.as_os_str() == "tests") {
        return String::new();
    }
    let text = read(path);
    let production = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    production.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The layer that a file belongs to: the first folder or file below src.
fn layer(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(ROOT).join("src")).expect("below src");
    below.components().next().expect("a name").as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn nobody_imports_what_the_design_forbids() {
    // Each layer, and what it must not name.
    let forbidden: [(&str, &[&str]); 9] = [
        (
            "optin",
            &[
                "rocket::",
                "diesel::",
                "tera::",
                "lettre::",
                "serde::",
                "tracing::",
                "tokio::",
                "async ",
                "std::time",
                "std::fs",
                "std::env",
                "crate::store",
                "crate::sms",
                "crate::render",
                "crate::flow",
                "crate::web",
                "crate::cli",
                "crate::config",
                "crate::clock",
                "crate::app",
                "crate::keys",
            ],
        ),
        (
            "store",
            &[
                "rocket::",
                "tera::",
                "reqwest::",
                "crate::sms",
                "crate::render",
                "crate::flow",
                "crate::web",
                "crate::cli",
                "crate::config",
                "crate::clock",
                "crate::app",
                "crate::keys",
            ],
        ),
        (
            "sms",
            &[
                "rocket::",
                "diesel::",
                "tera::",
                "crate::store",
                "crate::render",
                "crate::flow",
                "crate::web",
                "crate::cli",
                "crate::app",
            ],
        ),
        (
            "render",
            &[
                "rocket::",
                "diesel::",
                "crate::store",
                "crate::sms",
                "crate::flow",
                "crate::web",
                "crate::cli",
                "crate::app",
                "crate::clock",
                "crate::keys",
            ],
        ),
        (
            "email",
            &[
                "rocket::",
                "diesel::",
                "tera::",
                "crate::store",
                "crate::sms",
                "crate::render",
                "crate::flow",
                "crate::web",
                "crate::cli",
                "crate::app",
            ],
        ),
        ("flow", &["rocket::", "diesel::", "tera::", "serde::", "<p", "crate::web", "crate::cli"]),
        ("web", &["diesel::", "sql_query", "crate::cli", ".send("]),
        ("cli", &["diesel::", "sql_query"]),
        ("config", &["diesel::", "crate::flow", "crate::web", "crate::cli", "crate::app", "crate::render"]),
    ];
    let mut broken = Vec::new();
    for path in files("src", "rs") {
        let layer = layer(&path);
        let code = code(&path);
        for (_, names) in forbidden.iter().filter(|(name, _)| *name == layer) {
            for name in names.iter().filter(|name| code.contains(**name)) {
                broken.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn only_the_store_speaks_to_the_database() {
    for path in files("src", "rs").into_iter().filter(|path| layer(path) != "store") {
        assert!(!code(&path).contains("diesel"), "{} names Diesel", path.display());
    }
    for path in files("src/store", "rs") {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let code = code(&path);
        let backends = ["SqliteConnection", "PgConnection", "PRAGMA"];
        // The first two open and set up connections, and the third runs each query on one.
        let may = ["connection.rs", "postgres.rs", "statements.rs"].contains(&name.as_str());
        assert!(may || backends.iter().all(|word| !code.contains(word)), "{name} names a backend");
    }
}

#[test]
fn misleading_words_are_used_nowhere() {
    let banned = ["signup", "otp_code", "unsubscribed", "campaign", "gateway", "msisdn"];
    for path in files("src", "rs").into_iter().chain(files("templates", "html")) {
        // The keyword phrases are other people's words.
        if path.components().any(|part| part.as_os_str() == "keyword") {
            continue;
        }
        let text = code(&path).to_lowercase();
        for word in banned {
            // The provider's own word is allowed only in its protocol.
            if word == "msisdn" && path.to_string_lossy().contains("src/sms/vonage") {
                continue;
            }
            assert!(!text.contains(word), "{} says {word}", path.display());
        }
        let name = path.file_stem().expect("a name").to_string_lossy().to_lowercase();
        for vague in ["util", "helper", "common", "manager", "service", "handler", "misc"] {
            assert!(!name.contains(vague), "{} is named {vague}", path.display());
        }
    }
}

/// The modules that a file's code names with `crate::` or `super::`, as far as their first two names, from among `units`.
fn imports(path: &Path, units: &BTreeSet<String>) -> BTreeSet<String> {
    let below = path.strip_prefix(Path::new(ROOT).join("src")).expect("below src").with_extension("");
    let here: Vec<String> = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let code = code(path);
    let mut named = BTreeSet::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            if code[..at].ends_with("super::") || code[..at].ends_with(is_name) {
                continue;
            }
            let mut rest = &code[at..];
            let mut base = Vec::new();
            if start == "super::" {
                base.clone_from(&here);
            }
            while let Some(after) = rest.strip_prefix("super::") {
                (rest, _) = (after, base.pop());
            }
            rest = rest.strip_prefix("crate::").unwrap_or(rest);
            while base.len() < 2 {
                let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
                if name.is_empty() {
                    break;
                }
                rest = rest[name.len()..].strip_prefix("::").unwrap_or_default();
                base.push(name);
            }
            // A list of names follows: some may be modules.
            let inside = rest.strip_prefix('{').and_then(|list| list.split('}').next()).unwrap_or_default();
            let mut paths = vec![base.clone()];
            paths.extend(inside.split(',').map(|name| {
                let name = name.trim().split("::").next().unwrap_or_default().to_owned();
                base.iter().cloned().chain([name]).collect()
            }));
            for path in paths {
                let two = path.iter().take(2).cloned().collect::<Vec<_>>().join("::");
                let one = path.first().cloned().unwrap_or_default();
                named.extend([two, one].into_iter().find(|unit| units.contains(unit)));
            }
        }
    }
    named
}

#[test]
fn no_modules_import_each_other_even_indirectly() {
    let files = files("src", "rs");
    let unit = |path: &Path| {
        let below = path.strip_prefix(Path::new(ROOT).join("src")).expect("below src").with_extension("");
        below.components().take(2).map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("::")
    };
    let units: BTreeSet<String> = files.iter().map(|path| unit(path)).collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in &files {
        let from = unit(path);
        // A module and its own parts belong together.
        let is_family = |to: &String| to.starts_with(&format!("{from}::")) || from.starts_with(&format!("{to}::")) || *to == from;
        let to = imports(path, &units).into_iter().filter(|to| !is_family(to));
        edges.entry(from.clone()).or_default().extend(to);
    }
    assert!(edges["flow::start"].contains("store::verifications"), "imports are found");
    // Modules that import nothing that's left are taken away, one by one. If any remain, there's a cycle.
    while let Some(free) = edges.iter().find(|(_, to)| to.iter().all(|to| !edges.contains_key(to))).map(|(from, _)| from.clone())
    {
        edges.remove(&free);
    }
    assert_eq!(edges.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "in a cycle, or above one: {edges:#?}");
}

#[test]
fn no_provider_knows_another() {
    let folders =
        std::fs::read_dir(Path::new(ROOT).join("src/sms")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let providers: Vec<String> = folders
        .filter(|path| path.join("webhook.rs").exists())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert!(providers.len() >= 2, "{providers:?}");
    for provider in &providers {
        let others: Vec<&String> = providers.iter().filter(|other| *other != provider).collect();
        let folder = files(&format!("src/sms/{provider}"), "rs");
        assert!(folder.len() > 3, "{provider}");
        for path in folder.into_iter().chain([Path::new(ROOT).join(format!("src/sms/{provider}.rs"))]) {
            let text = read(&path).to_lowercase();
            assert!(others.iter().all(|other| !text.contains(*other)), "{} names another provider", path.display());
        }
    }
}

#[test]
fn every_text_is_checked_for_its_length() {
    let (words, texts) =
        (read(&Path::new(ROOT).join("templates/locale/en.ftl")), read(&Path::new(ROOT).join("src/flow/texts.rs")));
    let all = texts.split_once("\nfn all(").expect("the list").1.split_once("\n}\n").expect("its end").0;
    // The first may go out as two texts and has a check of its own; the second is part of others.
    let elsewhere = ["sms-welcome-on-host", "sms-frequency"];
    let ids: Vec<&str> =
        words.lines().filter(|line| line.starts_with("sms-")).filter_map(|line| line.split(' ').next()).collect();
    assert!(ids.len() > 8, "{ids:?}");
    for id in ids.iter().filter(|id| !elsewhere.contains(id)) {
        assert!(all.contains(&format!("(\"{id}\", ")), "{id} is missing from `all` in src/flow/texts.rs");
    }
}

#[test]
fn no_template_marks_anything_safe_or_holds_a_sentence() {
    for path in files("templates", "html") {
        let text = read(&path);
        assert!(!text.contains("| safe") && !text.contains("|safe"), "{}", path.display());
        // The preview is a tool for owners and is in English, like the command line.
        if path.components().any(|part| part.as_os_str() == "preview") {
            continue;
        }
        // Literal words between tags, outside braces.
        let mut outside = String::new();
        let mut depth = 0_i32;
        let mut previous = ' ';
        for c in text.chars() {
            match (previous, c) {
                ('{', '{' | '%' | '#') => depth += 1,
                ('}' | '%' | '#', '}') => depth -= 1,
                _ if depth == 0 => outside.push(c),
                _ => {}
            }
            previous = if c == '}' && depth == 0 { ' ' } else { c };
        }
        let mut in_tag = false;
        let words: String = outside
            .chars()
            .filter_map(|c| match c {
                '<' => {
                    in_tag = true;
                    None
                }
                '>' => {
                    in_tag = false;
                    Some(' ')
                }
                _ if in_tag => None,
                _ => Some(c),
            })
            .collect();
        let sentence = words.split_whitespace().find(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
        assert_eq!(sentence, None, "{} holds words of its own", path.display());
    }
}

#[test]
fn migrations_have_the_same_names_on_both_sides() {
    let names = |backend: &str| -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(Path::new(ROOT).join("migrations").join(backend))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    let tables = |backend: &str| -> Vec<String> {
        let mut tables: Vec<String> = files(&format!("migrations/{backend}"), "sql")
            .iter()
            .flat_map(|path| {
                read(path).lines().filter_map(|l| l.strip_prefix("CREATE TABLE ").map(ToOwned::to_owned)).collect::<Vec<_>>()
            })
            .collect();
        tables.sort();
        // SQLite has to recreate a table to change one of its CHECKs.
        tables.dedup();
        tables
    };
    assert_eq!(tables("sqlite"), tables("postgres"));
}

#[test]
fn every_module_opens_with_what_it_owns() {
    for path in files("src", "rs") {
        let text = read(&path);
        let is_tests = path.file_stem().is_some_and(|name| name == "tests");
        assert!(is_tests || text.starts_with("//!"), "{} has no module doc", path.display());
    }
}

#[test]
fn every_path_that_the_documents_name_exists() {
    let roots = ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"].map(|name| Path::new(ROOT).join(name));
    for document in roots.into_iter().chain(files("docs", "md")) {
        let text = read(&document);
        for name in text.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "templates/", "static/", "migrations/", "tests/", "docs/", "benches/", "scripts/", ".ci/"]
                .iter()
                .any(|root| name.starts_with(root));
            if is_path && !name.contains(['<', '*', ' ']) {
                assert!(Path::new(ROOT).join(name).exists(), "{} names {name}", document.display());
            }
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.contains("://") && !link.starts_with('#') {
                let file = document.parent().expect("a folder").join(link.split('#').next().unwrap_or(link));
                assert!(file.exists(), "{} links to {link}", document.display());
            }
        }
    }
}

/// Every file that people wrote here, except this one.
fn everything() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Rocket.toml", "Cargo.toml"]
        .iter()
        .map(|name| Path::new(ROOT).join(name))
        .collect();
    for (folder, extensions) in [
        ("src", &["rs"][..]),
        ("tests", &["rs", "mjs", "c"]),
        ("benches", &["rs", "c"]),
        ("templates", &["html", "txt", "ftl"]),
        ("static", &["css", "js"]),
        ("migrations", &["sql"]),
        ("docs", &["md"]),
    ] {
        all.extend(extensions.iter().flat_map(|extension| files(folder, extension)));
    }
    all.retain(|path| !path.ends_with("tests/it/tidy.rs"));
    all
}

#[test]
fn nobody_names_a_document_that_is_not_here() {
    for path in everything() {
        let text = read(&path);
        for word in ["design", "standards", "providers", "interface", "peers"].map(str::to_uppercase) {
            assert!(!text.contains(&word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn every_rule_that_is_named_is_in_the_table_and_the_table_names_what_exists() {
    let table = read(&Path::new(ROOT).join("docs/rules.md"));
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| line.starts_with("| <a id=")).map(|line| line.split('|').map(str::trim).collect()).collect();
    assert!(rows.len() > 50, "only {} rows", rows.len());
    let code: String = files("src", "rs").iter().chain(&files("tests", "rs")).map(|path| read(path)).collect();
    let mut ids = Vec::new();
    for row in &rows {
        let [_, id, rule, source, module, test, _] = row[..] else { panic!("{row:?} has other columns") };
        let (anchor, id) = id.trim_start_matches("<a id=\"").split_once("\"></a>").expect("an anchor");
        assert_eq!(anchor, id.to_lowercase());
        assert!(!rule.is_empty() && !source.is_empty(), "{id}");
        let module = module.trim_matches('`');
        assert!(Path::new(ROOT).join(module).exists(), "{id} names {module}");
        let test = test.trim_matches('`');
        assert!(code.contains(&format!("fn {test}()")), "{id} names the test {test}");
        assert!(!ids.contains(&id), "{id} is listed twice");
        ids.push(id);
    }
    let families: Vec<&str> = ids.iter().filter_map(|id| id.split_once('-')).map(|(family, _)| family).collect();
    for path in everything() {
        for word in read(&path).split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let Some((family, number)) = word.split_once('-') else { continue };
            let is_id = families.contains(&family) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            assert!(!is_id || ids.contains(&word), "{} names {word}, which docs/rules.md doesn't have", path.display());
        }
    }
}

#[test]
fn every_trap_that_a_test_names_is_in_the_documents() {
    let traps = read(&Path::new(ROOT).join("docs/providers.md"));
    let traps = traps.split("## Traps").nth(1).expect("the traps");
    for path in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        for rest in read(&path).split("fn trap_").skip(1) {
            let Some(Ok(number)) = rest.get(..2).map(str::parse::<u32>) else { continue };
            assert!(traps.contains(&format!("\n{number}. ")), "{} shows trap {number}", path.display());
        }
    }
}

#[test]
fn every_dependency_has_a_line_in_the_architecture() {
    let manifest = read(&Path::new(ROOT).join("Cargo.toml"));
    let section = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).expect("the section");
    let architecture = read(&Path::new(ROOT).join("ARCHITECTURE.md"));
    for name in section.lines().filter_map(|line| line.split_once(" =").map(|(name, _)| name.trim())) {
        assert!(architecture.contains(&format!("`{name}`")), "ARCHITECTURE.md does not say what {name} is for");
    }
}

#[test]
fn ci_calls_the_readmes_test_command() {
    let readme = read(&Path::new(ROOT).join("README.md"));
    let ci = read(&Path::new(ROOT).join(".ci/run"));
    assert!(readme.contains("scripts/test") && ci.lines().any(|line| line.ends_with("scripts/test")));
}

#[test]
fn every_message_of_the_catalog_is_used() {
    let mut asked = String::new();
    for (folder, extension) in [("src", "rs"), ("templates", "html")] {
        for path in files(folder, extension) {
            asked.push_str(&read(&path));
        }
    }
    let catalog = read(&Path::new(ROOT).join("templates/locale/en.ftl"));
    let is_key = |key: &&str| {
        key.starts_with(|c: char| c.is_ascii_lowercase()) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    for key in catalog.lines().filter_map(|line| line.split_once(" =").map(|(key, _)| key)).filter(is_key) {
        // The keys of errors end with the name of the error.
        let family = ["phone-error-", "code-error-"].iter().any(|family| key.starts_with(family));
        assert!(family || asked.contains(&format!("\"{key}\"")), "nothing uses the message {key}");
    }
}
