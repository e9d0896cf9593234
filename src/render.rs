//! Rendering: the Tera templates and the Fluent catalogs, with the owner's files on top of the built-in ones.
//!
//! Owns which template and which message wins, and escaping. Must not know the opt-in rules or Rocket. `t(key=..)` is plain
//! text that the template escapes. `rich(key=..)` may contain markup from the catalog, and escapes its arguments instead, so no
//! template ever needs `safe`.

mod catalog;
mod globals;
mod review;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Tera, Value};

use crate::finding::{Finding, Level};
use crate::optin::disclosure::Program;
pub use catalog::Arguments;
use catalog::Catalogs;
pub use globals::frequency_arguments;
use words::register;

/// The prefix of the built-in templates in Tera, so that an override can extend the template it replaces.
const BUILT_IN: &str = "builtin/";

#[derive(RustEmbed)]
#[folder = "templates"]
struct BuiltIn;

/// Returns the built-in templates and catalogs by name, such as `page/start.html`.
#[must_use]
pub fn built_ins() -> BTreeMap<String, String> {
    let text = |name: std::borrow::Cow<'static, str>| {
        let text = String::from_utf8(BuiltIn::get(&name)?.data.into_owned()).ok()?;
        Some((name.into_owned(), text))
    };
    BuiltIn::iter().filter_map(text).collect()
}

/// Why something couldn't be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template is broken, or uses something that doesn't exist.
    #[error("{template} does not render")]
    Template {
        /// The template's name.
        template: String,
        /// Tera's error.
        #[source]
        source: tera::Error,
    },
    /// The catalog lacks a message, or a message uses a variable that isn't given.
    #[error("in {locale}, the message `{key}` {problem}")]
    Message {
        /// The message's key.
        key: String,
        /// The catalog's locale.
        locale: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The templates or catalogs can't be loaded.
    #[error("the templates cannot be used: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Load(Vec<Finding>),
}

/// What rendering needs besides the templates.
#[derive(Debug, Clone)]
pub struct RenderSetup {
    /// The program that every page and text names.
    pub program: Program,
    /// The offered locales, default first.
    pub locales: Vec<String>,
    /// Facts that every page may use, besides those of the program.
    pub globals: BTreeMap<String, Value>,
}

/// The loaded templates and messages of one installation.
pub struct Render {
    teras: BTreeMap<String, Tera>,
    catalogs: Arc<Catalogs>,
    locales: Vec<String>,
    word_findings: Vec<Finding>,
    has_own_files: bool,
}

impl Render {
    /// Loads the built-in files, and those of `folder` (if it exists) on top of them.
    ///
    /// # Errors
    /// If anything doesn't parse, with all problems at once.
    pub fn load(setup: &RenderSetup, folder: Option<&Path>) -> Result<Self, RenderError> {
        let mut findings = Vec::new();
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        files.extend(built_ins().into_iter().map(|(name, text)| (format!("{BUILT_IN}{name}"), text)));
        let built_in = files.len();
        if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
            read_folder(folder, folder, &mut files, &mut findings);
        }
        let has_own_files = files.len() > built_in;
        stand_alone(&mut files);
        // If there's a catalog, an inbound text is answered in its own language, even if no page is offered in it.
        let catalog =
            |name: &String| Some(name.strip_prefix(BUILT_IN)?.strip_prefix("locale/")?.strip_suffix(".ftl")?.to_owned());
        let spoken: BTreeSet<String> = files.keys().filter_map(catalog).chain(setup.locales.iter().cloned()).collect();
        let default = setup.locales.first().map_or(review::REFERENCE, String::as_str);
        let catalogs = Arc::new(Catalogs::load(&spoken, default, BUILT_IN, &files, &mut findings));
        let word_findings = review::findings(&setup.locales, BUILT_IN, &files);
        let templates: Vec<(String, String)> = files.into_iter().filter(|(name, _)| !name.contains("locale/")).collect();
        let mut base = Tera::default();
        // The function names must be known while templates are parsed. Each locale's own functions replace these below.
        register(&mut base, &catalogs, "");
        let parents = word_findings.iter().filter(|finding| finding.code == "TEMPLATE" && finding.level == Level::Error);
        findings.extend(parents.cloned());
        if let Err(error) = base.set_fallback_prefixes([BUILT_IN]).and_then(|()| base.add_raw_templates(templates))
            && findings.is_empty()
        {
            findings.push(Finding::error("TEMPLATE", "templates", error.to_string()));
        }
        if !findings.is_empty() {
            return Err(RenderError::Load(findings));
        }
        let mut teras = BTreeMap::new();
        for locale in &setup.locales {
            let mut tera = base.clone();
            register(&mut tera, &catalogs, locale);
            *tera.global_context() = globals::of_locale(setup, &catalogs, locale)?;
            teras.insert(locale.clone(), tera);
        }
        Ok(Self { teras, catalogs, locales: setup.locales.clone(), word_findings, has_own_files })
    }

    /// Renders a template such as `page/start.html`.
    ///
    /// # Errors
    /// If it uses something that doesn't exist.
    pub fn page(&self, locale: &str, template: &str, view: &impl Serialize) -> Result<String, RenderError> {
        let error = |source| RenderError::Template { template: template.to_owned(), source };
        let context = Context::from_serialize(view).map_err(error)?;
        self.tera(locale).render(template, &context).map_err(error)
    }

    /// Formats a message of the catalog as plain text.
    ///
    /// # Errors
    /// If the catalog lacks the message, or a variable of the message isn't given.
    pub fn words(&self, locale: &str, key: &str, arguments: &Arguments) -> Result<String, RenderError> {
        self.catalogs.format(locale, key, arguments)
    }

    /// Sets the hash in the hidden field `disclosure` of a locale's pages.
    pub fn set_disclosure_hash(&mut self, locale: &str, hash: &str) {
        if let Some(tera) = self.teras.get_mut(locale) {
            tera.global_context().insert("disclosure_hash", hash);
        }
    }

    /// Returns what the catalog of each locale is missing, doesn't need, or gets wrong.
    #[must_use]
    pub fn word_findings(&self) -> &[Finding] {
        &self.word_findings
    }

    /// Returns the offered locales, default first.
    #[must_use]
    pub fn locales(&self) -> &[String] {
        &self.locales
    }

    /// Whether the owner has any templates or messages of their own.
    #[must_use]
    pub fn has_own_files(&self) -> bool {
        self.has_own_files
    }

    /// Whether there's a catalog in this language, whether pages are offered in it or not.
    #[must_use]
    pub fn speaks(&self, locale: &str) -> bool {
        self.catalogs.speaks(locale)
    }

    /// Returns the wanted locale if it's offered, or else the default one.
    #[must_use]
    pub fn offered<'a>(&'a self, wanted: &'a str) -> &'a str {
        if self.teras.contains_key(wanted) { wanted } else { self.locales.first().map_or("en", String::as_str) }
    }

    fn tera(&self, locale: &str) -> &Tera {
        let locale = self.offered(locale);
        self.teras.get(locale).unwrap_or_else(|| unreachable!("each offered locale has its Tera"))
    }
}

/// Makes sure that the page for an ended verification can be shown. It fills the blocks `heading` and `lead` of the opt-in page.
/// If the owner's opt-in page neither has both blocks nor extends the built-in one, the page for an ended verification extends
/// the built-in opt-in page instead, which states the same facts.
fn stand_alone(files: &mut BTreeMap<String, String>) {
    let fills = |own: &String| {
        own.contains("builtin/page/start.html")
            || ["heading", "lead"].iter().all(|block| own.contains(&format!("block {block} ")))
    };
    if files.get("page/start.html").is_some_and(|own| !fills(own))
        && let Some(ended) = files.get_mut(&format!("{BUILT_IN}page/ended.html"))
    {
        *ended = ended.replace("\"page/start.html\"", &format!("\"{BUILT_IN}page/start.html\""));
    }
}

/// Reads the owner's templates and catalogs, keyed by their path below the folder.
fn read_folder(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>, findings: &mut Vec<Finding>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            findings.push(Finding::error("TEMPLATE", folder.display().to_string(), format!("cannot be read: {error}")));
            return;
        }
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            read_folder(root, &path, files, findings);
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if !path.extension().is_some_and(|extension| ["html", "txt", "ftl"].iter().any(|known| extension == *known)) {
            continue;
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                files.insert(name, text);
            }
            Err(error) => findings.push(Finding::error("TEMPLATE", name, format!("cannot be read as UTF-8 text: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optin::disclosure::Frequency;
    use crate::optin::disclosure::tests::acme;

    #[derive(Serialize)]
    struct View {
        r: &'static str,
    }

    fn setup(program: Program) -> RenderSetup {
        RenderSetup { program, locales: vec!["en".to_owned()], globals: BTreeMap::new() }
    }

    fn with_file(name: &str, text: &str) -> (tempfile::TempDir, Result<Render, RenderError>) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        std::fs::write(&file, text).expect("written");
        let render = Render::load(&setup(acme()), Some(folder.path()));
        (folder, render)
    }

    #[test]
    fn every_frequency_has_its_words() {
        use crate::optin::disclosure::Period;
        let cases = [
            (Frequency::AtMost { count: 5, per: Period::Day }, "No more than 5 messages per day"),
            (Frequency::AtMost { count: 2, per: Period::Week }, "No more than 2 messages per week"),
            (Frequency::AtMost { count: 1_000, per: Period::Month }, "No more than 1000 messages per month"),
            (Frequency::Varies, "Message frequency varies"),
            (Frequency::PerRequest, "1 message per request"),
        ];
        for (frequency, words) in cases {
            let render = Render::load(&setup(Program { frequency, ..acme() }), None).expect("loads");
            assert_eq!(render.words("en", "frequency", &frequency_arguments(frequency)).expect("words"), words);
        }
    }

    #[test]
    fn the_owners_words_win_one_by_one() {
        let (_folder, render) = with_file("locale/en.ftl", "start-submit = Go on\n");
        let render = render.expect("loads");
        assert_eq!(render.words("en", "start-submit", &Arguments::new()).expect("words"), "Go on");
        assert!(render.words("en", "summary-title", &Arguments::new()).is_ok(), "the rest is still there");
    }

    #[test]
    fn a_missing_message_or_variable_is_an_error_not_a_blank() {
        let render = Render::load(&setup(acme()), None).expect("loads");
        assert!(matches!(render.words("en", "no-such-message", &Arguments::new()), Err(RenderError::Message { .. })));
        assert!(matches!(render.words("en", "disclosure-stop", &Arguments::new()), Err(RenderError::Message { .. })));
    }

    #[test]
    fn broken_files_are_all_named() {
        let (_folder, render) = with_file("locale/en.ftl", "start-submit = { $oops\nanother\n");
        let Err(RenderError::Load(findings)) = render else { panic!("it loaded") };
        assert!(findings.iter().any(|f| f.code == "MESSAGE" && f.place.contains("locale/en.ftl")), "{findings:?}");
        let (_folder, render) = with_file("page/start.html", "{% if %}");
        assert!(matches!(render, Err(RenderError::Load(_))));
    }

    #[test]
    fn rich_words_escape_their_arguments() {
        let text = "{{ rich(key=\"error-reference\", reference=r) }}|{{ t(key=\"error-reference\", reference=r) }}";
        let (_folder, render) = with_file("page/x.html", text);
        let html = render.expect("loads").page("en", "page/x.html", &View { r: "<i>" }).expect("renders");
        assert!(html.contains("&lt;i&gt;") && !html.contains("<i>"), "{html}");
    }
}
