//! `assent templates list` and `assent templates eject NAME`
//!
//! An ejected file holds a digest of the built-in file that it came from, so that `list` can say when that one has changed since.

use std::path::{Path, PathBuf};

use crate::cli::{Outcome, complain, say, settings};
use crate::render::built_ins;

/// The words in an ejected file that come before the version and the digest.
const MARK: &str = "ejected from Assent";

/// The beginning of the SHA-256 of a built-in file: enough to tell its versions apart.
fn digest(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    hex::encode(Sha256::digest(text))[..12].to_owned()
}

/// A file as it's ejected. Its last line says where it came from, in a comment of its kind.
fn ejected(name: &str, text: &str) -> String {
    let mark = format!("{MARK} {}, {}", env!("CARGO_PKG_VERSION"), digest(text));
    if is_catalog(name) { format!("{text}\n# {mark}\n") } else { format!("{text}\n{{# {mark} #}}\n") }
}

fn is_catalog(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "ftl")
}

/// The names of the blocks that a template defines.
fn blocks(text: &str) -> Vec<&str> {
    text.split("{% block ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect()
}

/// What `list` says about an owner's file: what it lacks, and whether the built-in one has changed.
fn state(own: &str, name: &str, built_in: &str) -> String {
    let mut notes = vec!["yours".to_owned()];
    let from =
        own.split(MARK).nth(1).and_then(|rest| rest.split(", ").nth(1)).map(|rest| rest.chars().take(12).collect::<String>());
    if from.is_some_and(|from| from != digest(built_in)) {
        notes.push("the built-in file has changed since you ejected it: compare the two".to_owned());
    }
    if !is_catalog(name) && !own.contains(&format!("builtin/{name}")) {
        let own_blocks = blocks(own);
        let lacking: Vec<&str> = blocks(built_in).into_iter().filter(|block| !own_blocks.contains(block)).collect();
        if !lacking.is_empty() {
            notes.push(format!("without the blocks {}", lacking.join(", ")));
        }
    }
    notes.join("; ")
}

pub(super) fn list() -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    for (name, built_in) in built_ins() {
        let line = match std::fs::read_to_string(config.templates_dir.join(&name)) {
            Ok(own) => format!("{name}: {}", state(&own, &name, &built_in)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => name,
            Err(error) => anyhow::bail!("{} can't be read: {error}", config.templates_dir.join(&name).display()),
        };
        say(&line);
    }
    Ok(Outcome::Done)
}

pub(super) fn eject(name: &str) -> anyhow::Result<Outcome> {
    let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
    let Some((name, text)) = built_ins().into_iter().find(|(built_in, _)| built_in == name) else {
        let nearest = built_ins().into_keys().min_by_key(|known| strsim::damerau_levenshtein(known, name));
        complain(&format!(
            "there's no built-in file `{name}`; did you mean `{}`? `assent templates list` lists them all",
            nearest.unwrap_or_default()
        ));
        return Ok(Outcome::Misconfigured);
    };
    let file: PathBuf = config.templates_dir.join(&name);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    match options.write(true).create_new(true).open(&file) {
        Ok(mut new) => std::io::Write::write_all(&mut new, ejected(&name, &text).as_bytes())?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            complain(&format!("{} already exists, and was left as it is", file.display()));
            return Ok(Outcome::Findings);
        }
        Err(error) => anyhow::bail!("{} can't be written: {error}", file.display()),
    }
    say(&format!("{} is yours now.", file.display()));
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ejected_file_knows_when_the_built_in_one_has_changed() {
        let built_in = "{% block heading %}x{% endblock heading %}{% block lead %}y{% endblock lead %}";
        let own = ejected("page/start.html", built_in);
        assert_eq!(state(&own, "page/start.html", built_in), "yours");
        assert!(state(&own, "page/start.html", "other").contains("has changed since"));
        assert_eq!(state("{% block lead %}", "page/start.html", built_in), "yours; without the blocks heading");
        assert_eq!(state("{% extends \"builtin/page/start.html\" %}", "page/start.html", built_in), "yours");
        let words = ejected("locale/en.ftl", "a = b");
        assert!(words.ends_with(&format!("# {MARK} {}, {}\n", env!("CARGO_PKG_VERSION"), digest("a = b"))));
    }
}
