//! `locale.*`: the languages of pages and texts.

use std::path::Path;

use unic_langid::LanguageIdentifier;

use super::Reader;

/// The locales that have a built-in catalog.
pub const LOCALES: [&str; 3] = ["en", "es", "fr"];
/// The locales that are offered unless the settings say otherwise.
const OFFERED: [&str; 2] = ["en", "es"];

/// Returns the locales that have a catalog, either built-in or among the owner's files.
pub(super) fn known(templates_dir: &Path) -> Vec<String> {
    let mut known = LOCALES.map(str::to_owned).to_vec();
    for file in std::fs::read_dir(templates_dir.join("locale")).into_iter().flatten().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let locale = name.strip_suffix(".ftl").filter(|locale| locale.parse::<LanguageIdentifier>().is_ok());
        known.extend(locale.filter(|locale| !LOCALES.contains(locale)).map(ToOwned::to_owned));
    }
    known
}

pub(super) fn read(reader: &mut Reader, known: &[String], templates_dir: &Path) -> (String, Vec<String>) {
    let usual = || OFFERED.map(str::to_owned).to_vec();
    let mut offered = reader.strings("locale.offered").unwrap_or_else(usual);
    let unknown: Vec<&String> = offered.iter().filter(|locale| !known.contains(locale)).collect();
    if let Some(locale) = unknown.first() {
        let file = templates_dir.join("locale").join(format!("{locale}.ftl"));
        let sentence = format!(
            "`{locale}` has no catalog: write its words into {}, or list only locales that have one: {}",
            file.display(),
            known.join(", ")
        );
        reader.problem("locale.offered", sentence);
        offered = usual();
    } else if offered.is_empty() {
        reader.problem("locale.offered", format!("must list at least one locale: {}", known.join(", ")));
        offered = usual();
    }
    let default = reader.string("locale.default").unwrap_or_else(|| offered.first().cloned().unwrap_or_default());
    if offered.contains(&default) {
        (default, offered)
    } else {
        reader.problem("locale.default", format!("`{default}` is not among locale.offered ({})", offered.join(", ")));
        (offered.first().cloned().unwrap_or_default(), offered)
    }
}
