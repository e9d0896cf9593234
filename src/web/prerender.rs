//! What is rendered before any request: the opt-in page of each locale, its identity, and the error page of last resort.
//!
//! The identity of an opt-in page is the hash of its bytes with the hidden field `disclosure` empty. So the page is rendered
//! twice, the second time with that hash in the field.

mod guarded;
mod headings;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tera::Value;

use crate::app::{App, load_render};
use crate::config::{Config, LOCALES};
use crate::finding::{Finding, Level};
use crate::flow::{FlowError, texts};
use crate::optin::disclosure::{ProgramKind, agreed_lines, page_hash, visible_text};
use crate::optin::verification::VerificationMethod;
use crate::render::{Render, RenderError};
use crate::store::disclosures::{self, Disclosure};
use crate::store::{Lane, Store};
use crate::web::assets::theme::meta;
use crate::web::assets::{Assets, gzip};
use crate::web::views::samples::{self, Sample};
use crate::web::views::{ErrorView, StartView, form};
use guarded::Found;
use headings::Headings;

/// Where the reference goes in the page of last resort.
pub(super) const REFERENCE_MARK: &str = "REFERENCE";

/// The opt-in page of one locale, as everybody gets it.
pub struct StartPage {
    pub(super) html: String,
    pub(super) gzip: Vec<u8>,
    pub(super) etag: String,
    /// What the store keeps of the page.
    pub disclosure: Disclosure,
    /// What a person agrees to on it, line by line.
    agreed: Vec<String>,
}

/// What a person agreed to on an opt-in page.
pub(super) struct Agreed {
    pub(super) locale: String,
    pub(super) kind: ProgramKind,
    pub(super) lines: Vec<String>,
}

/// Everything that was rendered ahead of time.
pub struct Pages {
    starts: BTreeMap<String, StartPage>,
    lost: Vec<Finding>,
    others: Vec<Finding>,
    last_resort: BTreeMap<String, String>,
    pub(super) assets: Assets,
}

impl Pages {
    /// Returns the opt-in page of an offered locale.
    pub(super) fn start(&self, locale: &str) -> Option<&StartPage> {
        self.starts.get(locale).or_else(|| self.starts.values().next())
    }

    /// Returns the locale of the opt-in page with this hash, if it is shown today.
    pub(super) fn locale_of(&self, hash: &str) -> Option<&str> {
        self.starts.values().map(|start| &start.disclosure).find(|shown| shown.hash == hash).map(|shown| shown.locale.as_str())
    }

    /// Returns what was agreed to on the page with this hash, if it is shown today.
    pub(super) fn agreed(&self, hash: &str) -> Option<Agreed> {
        let start = self.starts.values().find(|start| start.disclosure.hash == hash)?;
        Some(Agreed { locale: start.disclosure.locale.clone(), kind: start.disclosure.kind, lines: start.agreed.clone() })
    }

    /// Returns the page of last resort, which was rendered from the built-in templates alone.
    pub(super) fn last_resort(&self, locale: &str, reference: &str) -> String {
        let page = self.last_resort.get(locale).or_else(|| self.last_resort.values().next());
        page.map_or_else(String::new, |page| page.replace(REFERENCE_MARK, reference))
    }

    /// Returns which required statements the opt-in pages have lost. `serve` refuses to show such pages.
    #[must_use]
    pub fn lost_disclosures(&self) -> &[Finding] {
        &self.lost
    }

    /// Returns what else is wrong: static files that aren't served, pages that don't render, and styles that have no effect.
    #[must_use]
    pub fn other_findings(&self) -> &[Finding] {
        &self.others
    }

    /// Returns the opt-in pages, for the store.
    #[must_use]
    pub fn disclosures(&self) -> Vec<Disclosure> {
        self.starts.values().map(|start| start.disclosure.clone()).collect()
    }
}

/// What is published now. It's replaced as a whole when a template changes.
#[derive(Clone)]
pub struct Published(Arc<RwLock<State>>);

struct State {
    pages: Arc<Pages>,
    /// Goes up with each change, even one that was refused.
    version: u64,
    /// Why the newest change was refused.
    refused: Vec<Finding>,
}

impl Published {
    /// Publishes these pages.
    #[must_use]
    pub fn new(pages: Pages) -> Self {
        Self(Arc::new(RwLock::new(State { pages: Arc::new(pages), version: 1, refused: Vec::new() })))
    }

    /// Returns what is published now.
    pub(super) fn now(&self) -> Arc<Pages> {
        Arc::clone(&self.state().pages)
    }

    /// Returns a number that goes up with each change, even one that was refused.
    pub(super) fn version(&self) -> u64 {
        self.state().version
    }

    /// Returns why the newest change isn't live.
    pub(super) fn refused(&self) -> Vec<Finding> {
        self.state().refused.clone()
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, pages: Pages) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *state = State { pages: Arc::new(pages), version: state.version + 1, refused: Vec::new() };
    }

    fn refuse(&self, refused: Vec<Finding>) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.version += 1;
        state.refused = refused;
    }
}

/// Which pages are rendered in each of their states and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    Everything,
    /// All of them if the owner has templates, words or static files of their own; otherwise only the opt-in page. Tests check
    /// the built-in pages in every state, and a server should start fast.
    Changes,
}

/// Loads templates and words, renders what is needed ahead of time, and checks the pages that `scope` names.
///
/// # Errors
/// If something doesn't load or render.
pub fn prepare(config: &Config, scope: Scope) -> Result<(Render, Pages), RenderError> {
    let (assets, mut others) = Assets::load(&config.static_dir(), &config.theme);
    let globals = globals(config, &assets);
    let mut render = load_render(config, globals.clone(), false)?;
    let built_in = load_render(config, globals, true)?;
    let mut starts = BTreeMap::new();
    let mut last_resort = BTreeMap::new();
    let everything = scope == Scope::Everything || render.has_own_files() || assets.has_own_files();
    let mut found = Found::default();
    let mut headings = Headings::default();
    for locale in render.locales().to_vec() {
        let bare = render.page(&locale, "page/start.html", &StartView::fresh())?;
        let hash = page_hash(&bare);
        render.set_disclosure_hash(&locale, &hash);
        let html = render.page(&locale, "page/start.html", &StartView::fresh())?;
        let samples = if everything { samples::pages(config, &render, &locale) } else { vec![Sample::fresh(&html)] };
        // A language that the owner added has no built-in sentences to compare with.
        let is_ours = LOCALES.contains(&locale.as_str());
        if is_ours {
            // In any other language, missing messages are reported instead.
            headings.add(&locale, &samples);
        }
        let words = if is_ours { &built_in } else { &render };
        if !is_ours {
            let sentence = "Assent doesn't know this language: it checks that your sentences are on the page and visible, but \
                            not what they say. Have somebody who speaks it compare them with the English ones";
            others.push(Finding::warning("DISCLOSURE", format!("locale/{locale}.ftl"), sentence));
        }
        found.add(config, &assets, &guarded::catalog(config, words, &locale)?, &locale, &hash, samples);
        let disclosure = Disclosure {
            hash,
            facts_hash: config.program.facts_hash(&locale),
            locale: locale.clone(),
            kind: config.program.kind,
            text: visible_text(&bare),
            html: bare,
        };
        let page = StartPage {
            gzip: gzip(html.as_bytes()),
            etag: format!("\"{}\"", &page_hash(&html)[..32]),
            agreed: agreed_lines(&html),
            html,
            disclosure,
        };
        starts.insert(locale.clone(), page);
        let view = ErrorView { reference: REFERENCE_MARK.to_owned(), ..ErrorView::of(500) };
        last_resort.insert(locale.clone(), built_in.page(&locale, "page/error.html", &view)?);
    }
    others.extend(found.others);
    others.extend(headings.findings(&config.program.name));
    Ok((render, Pages { starts, lost: found.lost, others, last_resort, assets }))
}

/// Stores the opt-in pages before anybody sees them, so that a form can name them.
pub async fn record(store: &Store, pages: &Pages, now: time::OffsetDateTime) -> Result<(), FlowError> {
    let shown = pages.disclosures();
    store.write(Lane::Pages, move |tx| shown.iter().try_for_each(|page| disclosures::keep(tx, page, now))).await?;
    Ok(())
}

/// Returns why pages can't be shown or texts can't be sent, at startup or later: lost disclosures, and texts that don't fit.
#[must_use]
pub fn unfit(config: &Config, render: &Render, pages: &Pages) -> Vec<Finding> {
    let texts = texts::findings(config, render).into_iter().filter(|finding| finding.level == Level::Error);
    pages.lost.iter().cloned().chain(texts).collect()
}

/// Returns everything that `check` says about pages, words, texts and e-mails.
#[must_use]
pub fn findings(config: &Config, render: &Render, pages: &Pages) -> Vec<Finding> {
    let mut all = pages.lost.clone();
    all.extend(pages.others.iter().cloned());
    all.extend(render.word_findings().iter().cloned());
    all.extend(texts::findings(config, render));
    all.extend(samples::mail_findings(config, render));
    all.extend(config.placeholders());
    all
}

/// Logs findings that don't stop anything.
pub fn log(findings: &[Finding]) {
    for Finding { level, code, place, sentence } in findings {
        match level {
            Level::Error => tracing::error!(code, "{place}: {sentence}"),
            Level::Warning => tracing::warn!(code, "{place}: {sentence}"),
        }
    }
}

/// Reloads everything, and publishes it if it has no errors. Otherwise, the old pages stay, and the preview says why.
///
/// # Errors
/// If the change has errors, or the store fails.
pub async fn reload(app: &App, published: &Published) -> Result<(), FlowError> {
    let fit = prepare(&app.config, Scope::Changes).and_then(|(render, pages)| {
        let mut unfit = unfit(&app.config, &render, &pages);
        // At startup, we serve what we can. After a change, the last good pages can stay.
        let broken = pages.others.iter().cloned().chain(samples::mail_findings(&app.config, &render));
        unfit.extend(broken.filter(|finding| finding.level == Level::Error));
        if unfit.is_empty() { Ok((render, pages)) } else { Err(RenderError::Load(unfit)) }
    });
    let (render, pages) = match fit {
        Ok(fit) => fit,
        Err(error) => {
            published.refuse(match &error {
                RenderError::Load(findings) => findings.clone(),
                other => vec![samples::finding(&app.config.default_locale, "page/start.html", other)],
            });
            return Err(error.into());
        }
    };
    record(&app.store, &pages, app.clock.now()).await?;
    log(pages.other_findings());
    app.replace_render(Arc::new(render));
    published.replace(pages);
    Ok(())
}

/// Returns the facts that every page may use, besides those of the program.
fn globals(config: &Config, assets: &Assets) -> BTreeMap<String, Value> {
    let text = |url: Option<&url::Url>| Value::from(url.map_or("", url::Url::as_str).to_owned());
    let ours = [
        ("css", "assent.css"),
        ("script", "assent.js"),
        ("simulator", "simulator.js"),
        ("favicon", "favicon.svg"),
        ("preview_css", "preview.css"),
        ("preview", "preview.js"),
    ];
    let mut urls: BTreeMap<&str, String> = ours.map(|(name, file)| (name, assets.url(file))).into();
    urls.insert("custom", assets.own_url("custom.css"));
    let theme = &config.theme;
    if let Some(favicon) = &theme.favicon {
        urls.insert("favicon", assets.picture(favicon));
    }
    let logo = theme.logo.as_ref().map_or_else(String::new, |logo| assets.picture(logo));
    BTreeMap::from(
        [
            ("assets", Value::from_serializable(&urls)),
            ("logo", Value::from(logo)),
            ("color_scheme", Value::from(meta(theme.scheme).to_owned())),
            ("simulator", Value::from(config.sms.is_simulated())),
            ("texts_form", Value::from(form(config.offers(VerificationMethod::WebCode)).to_owned())),
            ("alternative_url", text(config.alternative_url.as_ref())),
            ("return_url", text(config.site.return_url.as_ref())),
            ("return_name", Value::from(config.site.return_name.clone().unwrap_or_default())),
            ("code_length", Value::from(i64::from(config.verification.code_length))),
            ("unconfirmed_days", Value::from(i64::from(config.unconfirmed_days))),
            ("regions_form", Value::from(if config.phones.regions == ["US"] { "us" } else { "other" }.to_owned())),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    )
}
