//! Which pages the guard checks: the opt-in page, and every other page that can post consent, in each of their states.
//!
//! Owns the findings on them, one for each fault. Must not decide what a page has to say.

use std::collections::BTreeSet;

use url::Url;

use crate::config::{Config, LOCALES};
use crate::finding::Finding;
use crate::optin::disclosure::guard::{self, CatalogSentences, PageContext, Sharing, StyleSheets};
use crate::optin::disclosure::visible_text;
use crate::render::{Arguments, Render, RenderError, frequency_arguments};
use crate::web::assets::Assets;
use crate::web::views::samples::{self, Sample};

/// The opt-in page's template, which is checked even if it posts nowhere.
const START: &str = "page/start.html";

/// The findings.
#[derive(Default)]
pub(super) struct Found {
    /// Lost disclosures: these pages must not be shown.
    pub lost: Vec<Finding>,
    /// Pages that don't render, and styles that have no effect.
    pub others: Vec<Finding>,
}

impl Found {
    /// Checks the pages of one locale, whose opt-in page has this hash.
    pub(super) fn add(
        &mut self,
        config: &Config,
        assets: &Assets,
        catalog: &CatalogSentences,
        locale: &str,
        hash: &str,
        samples: Vec<Sample>,
    ) {
        let base = &config.site.base_url;
        let stylesheet = |url: &Url| assets.stylesheet(url.path()).filter(|_| url.origin() == base.origin());
        let stylesheets = StyleSheets::new(&stylesheet);
        let mut known = BTreeSet::new();
        for Sample { template, state, checked, html, .. } in samples {
            let html = match html {
                Ok(html) => html,
                Err(error) => {
                    self.add_other(samples::finding(locale, template, &error));
                    continue;
                }
            };
            let is_start = template == START;
            let notes = [state.as_str(), if is_start { "" } else { "it posts to /start" }];
            let notes = notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; ");
            let place = if notes.is_empty() { format!("{locale} {template}") } else { format!("{locale} {template} ({notes})") };
            self.check_styles(&html, locale, template);
            if !config.sites.is_empty() && state.starts_with(samples::OF_SESSION) {
                self.check_session(&html, locale, template);
            }
            let context = PageContext {
                program: &config.program,
                locale,
                page_url: base,
                checked,
                disclosure_hash: hash,
                catalog,
                stylesheets: &stylesheets,
            };
            self.check_sharing(config, &html, &context, template);
            if template == "page/terms.html" && config.program.terms_url == "/terms" {
                self.check_terms(config, &html, locale);
            }
            if !is_start && !guard::posts_consent(&html, base) {
                continue;
            }
            // What a page lacks when it's first seen, it also lacks in its other states, so it's reported once.
            let mut lost = guard::lost(&html, &context);
            lost.retain(|lost| !known.contains(&(START, lost.element)) && !known.contains(&(template, lost.element)));
            known.extend(lost.iter().map(|lost| (template, lost.element)));
            let sentences = guard::sentences(&lost).into_iter();
            self.lost.extend(sentences.map(|sentence| Finding::error("DISCLOSURE", place.clone(), sentence)));
        }
    }

    /// Looks for styles that the page's security policy makes browsers ignore.
    fn check_styles(&mut self, html: &str, locale: &str, template: &str) {
        for style in guard::dropped_styles(html) {
            let sentence = format!(
                "browsers ignore {style} here, because pages take styles from linked files alone: move it into a file of \
                 custom/static, such as custom.css"
            );
            self.add_other(Finding::warning("STYLE", format!("{locale} {template}"), sentence));
        }
    }

    /// Checks that the form of somebody who came from a site names the site's session.
    fn check_session(&mut self, html: &str, locale: &str, template: &str) {
        let has_form = template == START || template == "page/ended.html";
        if has_form && !html.contains("name=\"session\"") {
            let sentence = "loses the session of a site: write {% if session %}<input type=\"hidden\" name=\"session\" \
                            value=\"{{ session.name }}\">{% endif %} into the form";
            self.add_other(Finding::error("SESSION", format!("{locale} {template}"), sentence));
        }
    }

    /// Checks what the terms and the privacy policy say about passing on opt-in data.
    fn check_sharing(&mut self, config: &Config, html: &str, context: &PageContext<'_>, template: &str) {
        // With a privacy policy elsewhere, our page isn't linked.
        let is_privacy = template == "page/privacy.html" && config.program.privacy_url == "/privacy";
        let is_terms = template == "page/terms.html" && config.program.terms_url == "/terms";
        if !is_privacy && !is_terms {
            return;
        }
        let write = &context.catalog.no_sharing;
        let sentence = match guard::sharing(html, context) {
            Sharing::Shared(words) => {
                format!("says `{words}`, but carriers allow no sharing of opt-in data for marketing: write instead `{write}`")
            }
            Sharing::Silent if is_privacy && LOCALES.contains(&context.locale) => {
                format!("doesn't say that opt-in data isn't shared, which carriers look for: add `{write}`")
            }
            Sharing::Silent | Sharing::NotShared => return,
        };
        self.lost.push(Finding::error("PRIVACY", format!("{} {template}", context.locale), sentence));
    }

    /// Checks that the terms name what carriers look for in them (CTIA Short Code Monitoring Handbook, terms and conditions).
    fn check_terms(&mut self, config: &Config, html: &str, locale: &str) {
        let text = visible_text(html);
        let program = &config.program;
        let wanted = [program.name.as_str(), "STOP", "HELP", program.help_contact.as_str()];
        let missing: Vec<&str> = wanted.into_iter().filter(|wanted| !text.contains(wanted)).collect();
        if !missing.is_empty() {
            let sentence = format!("doesn't name {}, which carriers look for in the terms: add it", missing.join(", "));
            self.add_other(Finding::error("TERMS", format!("{locale} page/terms.html"), sentence));
        }
    }

    fn add_other(&mut self, finding: Finding) {
        // One template may be part of several pages.
        let is_known = |known: &Finding| *known == finding || (known.code == "STYLE" && known.sentence == finding.sentence);
        if !self.others.iter().any(is_known) {
            self.others.push(finding);
        }
    }
}

/// Returns the sentences that have to match word for word. They are the built-in ones, since the owner's might have been watered
/// down.
pub(super) fn catalog(config: &Config, built_in: &Render, locale: &str) -> Result<CatalogSentences, RenderError> {
    let program = &config.program;
    let say = |key: &str, arguments: Arguments| built_in.words(locale, key, &arguments);
    let sender = || Arguments::from([("sender", program.sender.as_str().into())]);
    Ok(CatalogSentences {
        frequency: say("frequency", frequency_arguments(program.frequency))?,
        stop: say("disclosure-stop", sender())?,
        help: say("disclosure-help", sender())?,
        cost: say("cost-line", Arguments::from([("wording", program.cost_line.as_str().into())]))?,
        no_sharing: say("privacy-sharing", Arguments::new())?,
        consent: say(
            "consent",
            Arguments::from([("kind", program.kind.as_str().into()), ("program", program.name.as_str().into())]),
        )?,
    })
}
