//! The wording of each text, and whether it fits in one part.

use time::Duration;

use crate::config::Config;
use crate::finding::Finding;
use crate::optin::answers::Answer;
use crate::optin::code::Code;
use crate::optin::disclosure::ProgramKind;
use crate::optin::message::{Encoding, bind_to_host, measure};
use crate::optin::verification::{VerificationMethod, whole_minutes};
use crate::render::{Arguments, Render, RenderError, frequency_arguments};

/// The septets that fit in one part (SMS-3).
const ONE_PART: usize = 160;

/// Returns the text that carries a code, including the last line, which binds it to the host; only the code if the provider's own
/// template carries it. `life` is how long the code is still good.
pub fn code(config: &Config, render: &Render, locale: &str, code: &Code, life: Duration) -> Result<String, RenderError> {
    if config.sms.has_own_words() {
        return Ok(code.digits().to_owned());
    }
    let minutes = render.words(locale, "minutes", &Arguments::from([("count", whole_minutes(life).into())]))?;
    let arguments = Arguments::from([
        ("program", config.program.name.as_str().into()),
        ("code", code.digits().into()),
        ("minutes", minutes.into()),
    ]);
    let words = render.words(locale, "sms-code", &arguments)?;
    Ok(bind_to_host(&words, config.site.host(), code.digits()))
}

/// Returns the one confirmation after an opt-in (MSG-1).
pub fn welcome(config: &Config, render: &Render, locale: &str) -> Result<String, RenderError> {
    render.words(locale, "sms-welcome", &program_facts(config, render, locale)?)
}

/// Returns the confirmation for somebody who texted in the page's own code. It names the host too.
pub fn welcome_on_host(config: &Config, render: &Render, locale: &str) -> Result<String, RenderError> {
    render.words(locale, "sms-welcome-on-host", &program_facts(config, render, locale)?)
}

/// Returns the answer to the page's own code if no welcome names the host.
pub fn confirmed(config: &Config, render: &Render, locale: &str) -> Result<String, RenderError> {
    render.words(locale, "sms-confirmed", &program_facts(config, render, locale)?)
}

/// Returns the owner's own test.
pub fn test(config: &Config, render: &Render, locale: &str) -> Result<String, RenderError> {
    let program = Arguments::from([("program", config.program.name.as_str().into())]);
    render.words(locale, "sms-test", &program)
}

/// Returns what texts say about the program.
fn program_facts(config: &Config, render: &Render, locale: &str) -> Result<Arguments, RenderError> {
    let program = &config.program;
    let frequency = render.words(locale, "sms-frequency", &frequency_arguments(program.frequency))?;
    let cost = render.words(locale, "cost-line", &Arguments::from([("wording", program.cost_line.as_str().into())]))?;
    Ok(Arguments::from([
        ("program", program.name.as_str().into()),
        ("kind", program.kind.as_str().into()),
        ("frequency", frequency.into()),
        ("cost", cost.into()),
        ("contact", program.help_contact.as_str().into()),
        ("host", config.site.host().into()),
    ]))
}

/// Returns the answer to a person's own text.
pub fn answer(config: &Config, render: &Render, locale: &str, answer: Answer) -> Result<String, RenderError> {
    let key = match answer {
        Answer::Welcome => {
            // START turns the texts back on, but verifies nothing.
            let mut facts = program_facts(config, render, locale)?;
            facts.insert("kind", ProgramKind::Alerts.as_str().into());
            return render.words(locale, "sms-welcome", &facts);
        }
        Answer::Goodbye | Answer::GoodbyeAgain => "sms-goodbye",
        Answer::Help => "sms-help",
        Answer::NotMatched => "sms-not-matched",
        Answer::TypeIt => "sms-type-it",
        Answer::Unknown => "sms-unknown",
    };
    render.words(locale, key, &program_facts(config, render, locale)?)
}

/// Returns all our texts in one language with their message keys, except `sms-welcome-on-host`, which two texts replace if it is
/// too long. `code_text` stands in for every code.
fn all(config: &Config, render: &Render, locale: &str, code_text: &Code) -> Vec<(&'static str, Result<String, RenderError>)> {
    let mut all = vec![
        ("sms-code", code(config, render, locale, code_text, config.verification.code_ttl)),
        ("sms-test", test(config, render, locale)),
    ];
    if config.welcomes() {
        all.push(("sms-welcome", welcome(config, render, locale)));
    }
    if config.offers(VerificationMethod::ReplyCode) {
        all.push(("sms-confirmed", confirmed(config, render, locale)));
    }
    let answers = [
        ("sms-goodbye", Answer::Goodbye),
        ("sms-help", Answer::Help),
        ("sms-not-matched", Answer::NotMatched),
        ("sms-type-it", Answer::TypeIt),
        ("sms-unknown", Answer::Unknown),
    ];
    all.extend(answers.map(|(key, kind)| (key, answer(config, render, locale, kind))));
    all
}

/// Returns an example code of the configured length.
fn example_code(config: &Config) -> Option<Code> {
    Code::parse(&"0".repeat(usize::from(config.verification.code_length)), config.verification.code_length).ok()
}

/// Returns a finding for each text, in any locale, that doesn't render, doesn't fit in one GSM-7 part, or breaks one of its own
/// rules.
#[must_use]
pub fn findings(config: &Config, render: &Render) -> Vec<Finding> {
    let mut findings = Vec::new();
    // If the provider has its own wording, none of our texts go out: its template carries the code, and it answers messages
    // itself.
    let Some(example) = example_code(config).filter(|_| !config.sms.has_own_words()) else { return findings };
    for locale in render.locales() {
        for (key, text) in all(config, render, locale, &example) {
            check(&mut findings, config, locale, key, text.as_ref());
            if let Ok(text) = &text {
                check_contents(&mut findings, config, render, locale, key, text);
                if key == "sms-code" {
                    check_code_text(&mut findings, locale, text, example.digits());
                }
            }
        }
        if config.welcomes() && config.offers(VerificationMethod::ReplyCode) {
            check_welcome_on_host(&mut findings, config, render, locale);
        }
    }
    findings
}

/// Returns an example of each of our texts in one language, with the message that it is made from.
#[must_use]
pub fn samples(config: &Config, render: &Render, locale: &str) -> Vec<(&'static str, String)> {
    let Some(example) = example_code(config).filter(|_| !config.sms.has_own_words()) else { return Vec::new() };
    let mut texts = all(config, render, locale, &example);
    if config.welcomes() && config.offers(VerificationMethod::ReplyCode) {
        texts.push(("sms-welcome-on-host", welcome_on_host(config, render, locale)));
    }
    texts.into_iter().map(|(key, text)| (key, text.unwrap_or_else(|error| error.to_string()))).collect()
}

/// How long names can get before a text no longer fits in one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// The most characters that `program.name` can have.
    pub name: usize,
    /// The most characters that the host of `site.base_url` can have with the current `program.name`.
    pub host: usize,
}

/// Returns how long names can get; `None` if none of the texts are ours.
#[must_use]
pub fn room(config: &Config, render: &Render) -> Option<Room> {
    let example = example_code(config).filter(|_| !config.sms.has_own_words())?;
    let texts: Vec<String> = render
        .locales()
        .iter()
        .flat_map(|locale| all(config, render, locale, &example))
        .filter_map(|(_, text)| text.ok())
        .collect();
    let spare = |text: &String| ONE_PART.saturating_sub(measure(text).units);
    let (name, host) = (&config.program.name, config.site.host());
    let with_name = texts.iter().map(spare).min()? + name.chars().count();
    let with_host = texts.iter().filter(|text| text.contains(host)).map(spare).min()? + host.chars().count();
    Some(Room { name: with_name, host: with_host })
}

/// Checks that a text contains what carriers require, however the owner worded it (MSG-1, MSG-2).
fn check_contents(findings: &mut Vec<Finding>, config: &Config, render: &Render, locale: &str, key: &str, text: &str) {
    let Ok(facts) = program_facts(config, render, locale) else { return };
    let fact = |name: &str| (format!("{{ ${name} }}"), facts.text(name).unwrap_or_default().to_owned());
    let word = |word: &str| (word.to_owned(), word.to_owned());
    let required = match key {
        "sms-welcome" | "sms-welcome-on-host" => vec![fact("frequency"), fact("cost"), word("HELP"), word("STOP")],
        "sms-help" => vec![fact("contact"), word("STOP")],
        _ => Vec::new(),
    };
    let lacking: Vec<String> = required.into_iter().filter(|(_, words)| !text.contains(words)).map(|(name, _)| name).collect();
    if !lacking.is_empty() {
        let sentence = format!("carriers require {} in it: add what's missing", lacking.join(", "));
        findings.push(Finding::error("TEXT_FIT", format!("{locale} {key}"), sentence));
    }
}

fn check(findings: &mut Vec<Finding>, config: &Config, locale: &str, key: &str, text: Result<&String, &RenderError>) {
    let place = format!("{locale} {key}");
    let text = match text {
        Ok(text) => text,
        Err(error) => {
            findings.push(Finding::error("MESSAGE", place, error.to_string()));
            return;
        }
    };
    let size = measure(text);
    if size.encoding == Encoding::Ucs2 {
        let outside = text.chars().find(|c| measure(&c.to_string()).encoding == Encoding::Ucs2).unwrap_or(' ');
        let sentence = format!(
            "holds `{outside}`, which is outside the GSM-7 alphabet: replace it, or every text costs more than twice as much"
        );
        findings.push(Finding::error("TEXT_FIT", place.clone(), sentence));
    } else if size.units > ONE_PART {
        let sentence = format!(
            "has {} septets, {} more than the {ONE_PART} of one part: shorten program.name, the host of site.base_url or the words",
            size.units,
            size.units - ONE_PART
        );
        findings.push(Finding::error("TEXT_FIT", place.clone(), sentence));
    }
    if text.contains("://") || text.contains("www.") {
        findings.push(Finding::error("TEXT_FIT", place.clone(), "holds a link: carriers block codes and answers that do"));
    }
    if !text.starts_with(&config.program.name) {
        findings.push(Finding::error("TEXT_FIT", place, "must begin with { $program }: carriers want the name first"));
    }
}

/// Checks the welcome that names the host. If it's too long, the welcome goes out without the host, and a second text names it.
fn check_welcome_on_host(findings: &mut Vec<Finding>, config: &Config, render: &Render, locale: &str) {
    let key = "sms-welcome-on-host";
    let text = welcome_on_host(config, render, locale);
    if let Ok(text) = &text {
        check_contents(findings, config, render, locale, key, text);
    }
    match text.as_ref().map(|text| measure(text)) {
        Ok(size) if size.encoding == Encoding::Gsm7 && size.units > ONE_PART => findings.push(Finding::warning(
            "TEXT_FIT",
            format!("{locale} {key}"),
            format!(
                "has {} septets, {} more than the {ONE_PART} of one part, so a person who opts in by texting a code gets sms-welcome \
                 and sms-confirmed instead, two texts that each fit: to send only one, shorten program.name, the host or these words",
                size.units,
                size.units - ONE_PART
            ),
        )),
        Ok(_) | Err(_) => check(findings, config, locale, key, text.as_ref()),
    }
}

/// Checks that the words contain the code exactly once, not next to a letter or digit. The last line contains it once more
/// (SMS-5, DBC-1).
fn check_code_text(findings: &mut Vec<Finding>, locale: &str, text: &str, code: &str) {
    let words = text.rsplit_once("\n\n").map_or(text, |(words, _)| words);
    let touched = words.match_indices(code).any(|(at, _)| {
        let before = words[..at].chars().next_back();
        let after = words[at + code.len()..].chars().next();
        before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric)
    });
    if words.matches(code).count() != 1 || touched {
        findings.push(Finding::error(
            "TEXT_FIT",
            format!("{locale} sms-code"),
            "must hold { $code } exactly once, with a space on either side",
        ));
    }
}
