//! The facts that every template of a locale may use.

use serde::Serialize;
use tera::Context;

use super::catalog::Catalogs;
use super::{Arguments, RenderError, RenderSetup};
use crate::optin::disclosure::Frequency;

/// `program.*` in templates.
#[derive(Serialize)]
struct ProgramFacts<'a> {
    name: &'a str,
    description: &'a str,
    description_lang: &'a str,
    kind: &'a str,
    sender: &'a str,
    help_contact: &'a str,
    terms_url: &'a str,
    privacy_url: &'a str,
}

/// `disclosure.*` in templates.
#[derive(Serialize)]
struct DisclosureFacts<'a> {
    frequency: String,
    stop: String,
    help: String,
    cost: String,
    terms_url: &'a str,
    privacy_url: &'a str,
    program: &'a str,
    sender: &'a str,
}

/// Returns the facts that every template of a locale may use. Owners' templates rely on them, so none may be renamed or removed.
pub(super) fn of_locale(setup: &RenderSetup, catalogs: &Catalogs, locale: &str) -> Result<Context, RenderError> {
    let program = &setup.program;
    let default_locale = setup.locales.first().map_or("en", String::as_str);
    let sender = Arguments::from([("sender", program.sender.as_str().into())]);
    let mut context = Context::new();
    context.insert("locale", locale);
    context.insert("direction", direction(locale));
    context.insert("locales", &setup.locales);
    context.insert("disclosure_hash", "");
    context.insert(
        "program",
        &ProgramFacts {
            name: &program.name,
            description: program.description_in(locale),
            // A single description for all locales is assumed to be in the default locale's language.
            description_lang: if program.description.contains_key(locale) { locale } else { default_locale },
            kind: program.kind.as_str(),
            sender: &program.sender,
            help_contact: &program.help_contact,
            terms_url: &program.terms_url,
            privacy_url: &program.privacy_url,
        },
    );
    let frequency = catalogs.format(locale, "frequency", &frequency_arguments(program.frequency))?;
    let mut on_page = frequency_arguments(program.frequency);
    on_page.insert("frequency", frequency.as_str().into());
    context.insert("frequency", &frequency);
    context.insert(
        "disclosure",
        &DisclosureFacts {
            frequency: catalogs.format(locale, "disclosure-frequency", &on_page)?,
            stop: catalogs.format(locale, "disclosure-stop", &sender)?,
            help: catalogs.format(locale, "disclosure-help", &sender)?,
            cost: catalogs.format(locale, "cost-line", &Arguments::from([("wording", program.cost_line.as_str().into())]))?,
            terms_url: &program.terms_url,
            privacy_url: &program.privacy_url,
            program: &program.name,
            sender: &program.sender,
        },
    );
    for (name, value) in &setup.globals {
        context.insert(name.clone(), value);
    }
    Ok(context)
}

/// Returns `rtl` for languages written from right to left, or else `ltr`.
fn direction(locale: &str) -> &'static str {
    let language = locale.split('-').next().unwrap_or_default();
    if ["ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"].contains(&language) { "rtl" } else { "ltr" }
}

/// Returns a frequency as the arguments of the catalog's message `frequency`.
#[must_use]
pub fn frequency_arguments(frequency: Frequency) -> Arguments {
    let (form, count) = match frequency {
        Frequency::AtMost { count, per } => (per.as_str(), count),
        Frequency::Varies => ("varies", 0),
        Frequency::PerRequest => ("per_request", 1),
    };
    Arguments::from([("form", form.into()), ("count", i64::from(count).into())])
}
