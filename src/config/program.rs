//! The program's settings (`program.*`): what is disclosed, and what carrier rules require of it.

use std::collections::BTreeMap;

use rocket::figment::value::Value;
use url::Url;

use crate::config::Site;
use crate::config::site::read_url;
use crate::finding::Finding;
use crate::optin::disclosure::{CostLine, Frequency, Period, Program, ProgramKind};
use crate::optin::phone::{PhoneError, PhoneNumber, PhoneRules};
use crate::optin::verification::VerificationMethod;
use crate::settings::{Reader, describe, number_in};

/// The settings in `program.*`.
pub(super) struct ProgramSettings {
    pub(super) program: Program,
    pub(super) alternative_url: Option<Url>,
}

/// The examples that stand in for settings that aren't given.
const EXAMPLE_NAME: &str = "Acme Alerts";
const EXAMPLE_SENDER: &str = "98765";
const EXAMPLE_CONTACT: &str = "help@acme.example";

/// Returns a finding for each setting that still has its example value.
pub(super) fn placeholders(program: &Program) -> Vec<Finding> {
    let settings = [
        ("program.name", program.name.as_str(), EXAMPLE_NAME, "the name that people know you by"),
        ("program.sender", &program.sender, EXAMPLE_SENDER, "your own short code or number"),
        ("program.help_contact", &program.help_contact, EXAMPLE_CONTACT, "an address or toll-free number where people get help"),
    ];
    let left = settings.into_iter().filter(|(_, value, example, _)| value == example);
    left.map(|(key, _, example, write)| {
        Finding::error("PLACEHOLDER", key, format!("is still the example, `{example}`, on a public site: write {write}"))
    })
    .collect()
}

/// Warns about a description in one language on a site with several.
pub(super) fn check_description(reader: &mut Reader, program: &Program, offered: &[String]) {
    let missing: Vec<&String> = match program.description.get("") {
        Some(_) if offered.len() > 1 => offered.iter().collect(),
        Some(_) => Vec::new(),
        None => offered.iter().filter(|locale| !program.description.contains_key(*locale)).collect(),
    };
    if let [first, ..] = missing.as_slice() {
        let names = missing.iter().map(|locale| locale.as_str()).collect::<Vec<_>>().join(", ");
        let sentence =
            format!("isn't given in every language: write a table such as {{ {first} = \"..\" }}, and add an entry for {names}");
        reader.findings.push(Finding::warning("LANGUAGE", "program.description", sentence));
    }
}

/// The paths of the built-in pages.
const TERMS: &str = "/terms";
const PRIVACY: &str = "/privacy";

pub(super) fn read(reader: &mut Reader, methods: &[VerificationMethod], site: &Site, locales: &[String]) -> ProgramSettings {
    let kind = read_word(reader, "program.kind", ProgramKind::ALL, ProgramKind::as_str, ProgramKind::TwoFactor);
    let frequency = read_frequency(reader, kind, methods);
    let terms_url = read_page(reader, "program.terms_url", TERMS);
    let privacy_url = read_page(reader, "program.privacy_url", PRIVACY);
    if !reader.boolean("program.privacy_confirmed").unwrap_or(false) && privacy_url != PRIVACY {
        reader.problem(
            "program.privacy_confirmed",
            "must be true with a privacy page of your own: check that it says outright that mobile opt-in data is not shared with \
             third parties for marketing, then set it",
        );
    }
    let alternative_url = read_url(reader, "program.alternative_url");
    if alternative_url.is_none() && kind == ProgramKind::TwoFactor {
        let sentence = "is missing: carriers ask two-factor programs to offer another way to verify a number; write the URL of a page that offers one";
        reader.findings.push(if site.is_local() {
            Finding::warning("ALTERNATIVE", "program.alternative_url", sentence)
        } else {
            Finding::error("ALTERNATIVE", "program.alternative_url", sentence)
        });
    }
    let program = Program {
        name: read_name(reader),
        description: read_description(reader, locales),
        kind,
        sender: read_sender(reader),
        frequency,
        cost_line: read_word(reader, "program.cost_line", CostLine::ALL, CostLine::as_str, CostLine::Plain),
        help_contact: read_help_contact(reader),
        terms_url,
        privacy_url,
    };
    if kind != ProgramKind::TwoFactor && program.description == example_description() {
        let sentence = format!("still says that you text codes, but program.kind is \"{}\": write what you text", kind.as_str());
        reader.findings.push(Finding::warning("PLACEHOLDER", "program.description", sentence));
    }
    ProgramSettings { program, alternative_url }
}

fn example_description() -> BTreeMap<String, String> {
    [
        ("en", "Codes that confirm your phone number, each time you ask for one."),
        ("es", "Códigos que confirman su número de teléfono, cada vez que usted pide uno."),
        ("fr", "Des codes qui confirment votre numéro de téléphone, chaque fois que vous en demandez un."),
    ]
    .map(|(locale, text)| (locale.to_owned(), text.to_owned()))
    .into()
}

/// Joins alternatives as a sentence does: `a`, `a or b`, `a, b or c`.
fn listed(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn read_word<T: Copy + 'static>(reader: &mut Reader, key: &str, all: &[T], as_str: fn(T) -> &'static str, default: T) -> T {
    let Some(given) = reader.string(key) else { return default };
    all.iter().copied().find(|value| as_str(*value) == given).unwrap_or_else(|| {
        let words: Vec<String> = all.iter().map(|value| format!("\"{}\"", as_str(*value))).collect();
        reader.problem(key, format!("must be {}, not `{given}`", listed(&words)));
        default
    })
}

fn read_name(reader: &mut Reader) -> String {
    let name = reader.string("program.name").unwrap_or_else(|| EXAMPLE_NAME.to_owned());
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) || name.chars().count() > 60 {
        reader.problem("program.name", "must be one line of 1 to 60 characters, without spaces around it");
    }
    name
}

fn read_description(reader: &mut Reader, locales: &[String]) -> BTreeMap<String, String> {
    let key = "program.description";
    // A variable is a string unless it starts like a table.
    let Some(value) = reader.string_or_table(key) else { return example_description() };
    let described = match &value {
        Value::String(_, text) => Some(BTreeMap::from([(String::new(), text.clone())])),
        Value::Dict(_, table) => table.iter().map(|(locale, text)| Some((locale.clone(), text.as_str()?.to_owned()))).collect(),
        _ => None,
    };
    match described {
        Some(texts) if !texts.is_empty() && texts.values().all(|text| !text.trim().is_empty()) => {
            if let Some(locale) = texts.keys().find(|locale| !locale.is_empty() && !locales.contains(locale)) {
                reader.problem(
                    key,
                    format!("has a text for `{locale}`, which has no catalog: the locales are {}", locales.join(", ")),
                );
            }
            texts
        }
        _ => {
            reader.wrong_type(key, "a sentence in quotes, or a table with one per locale such as { en = \"..\" }", &value);
            example_description()
        }
    }
}

fn read_sender(reader: &mut Reader) -> String {
    let default = EXAMPLE_SENDER.to_owned();
    let Some(sender) = reader.string("program.sender") else { return default };
    let short = (5..=6).contains(&sender.len()) && sender.bytes().all(|b| b.is_ascii_digit()) && !sender.starts_with(['0', '1']);
    let long = sender.starts_with("+1") && sender.len() == 12 && sender[1..].bytes().all(|b| b.is_ascii_digit());
    if short || long {
        return sender;
    }
    reader.problem(
        "program.sender",
        format!("`{sender}` is neither a short code (5 or 6 digits) nor a number such as +18005550199"),
    );
    default
}

fn read_frequency(reader: &mut Reader, kind: ProgramKind, methods: &[VerificationMethod]) -> Frequency {
    let key = "program.frequency";
    let default = Frequency::AtMost { count: 5, per: Period::Day };
    let Some(value) = reader.parsed(key) else { return default };
    let frequency = match frequency(&value) {
        Ok(frequency) => frequency,
        Err(why) => {
            reader.problem(key, why);
            return default;
        }
    };
    match frequency {
        Frequency::AtMost { count, .. } if count < 2 && methods.contains(&VerificationMethod::WebCode) => {
            reader.problem(key, "must allow at least 2: a code and the welcome after it are two texts");
        }
        Frequency::PerRequest if kind != ProgramKind::TwoFactor => {
            reader.problem(key, "can be per_request only with program.kind = \"two_factor\": write at_most or varies");
        }
        Frequency::AtMost { .. } | Frequency::Varies | Frequency::PerRequest => {}
    }
    frequency
}

fn frequency(value: &Value) -> Result<Frequency, String> {
    let forms = "{ at_most = 5, per = \"day\" } (or \"week\", \"month\"), { varies = true } or { per_request = 1 }";
    let Value::Dict(_, table) = value else { return Err(format!("must be {forms}, not {}", describe(value))) };
    let only = |names: &[&str]| table.len() == names.len() && names.iter().all(|name| table.contains_key(*name));
    if only(&["at_most", "per"]) {
        let count = number_in(table, "at_most", 1, 1_000)?;
        let per = table["per"].as_str().and_then(Period::from_word);
        let per = per.ok_or_else(|| {
            format!("has a wrong per: it must be \"day\", \"week\" or \"month\", not {}", describe(&table["per"]))
        })?;
        return Ok(Frequency::AtMost { count, per });
    }
    if only(&["varies"]) {
        let varies = table["varies"].to_bool() == Some(true);
        return if varies { Ok(Frequency::Varies) } else { Err("has a wrong varies: it can only be true".to_owned()) };
    }
    if only(&["per_request"]) {
        return number_in(table, "per_request", 1, 1).map(|_| Frequency::PerRequest);
    }
    let names: Vec<&str> = table.keys().map(String::as_str).collect();
    Err(format!("must be {forms}, not a table with {}", names.join(", ")))
}

fn read_help_contact(reader: &mut Reader) -> String {
    let default = EXAMPLE_CONTACT.to_owned();
    let Some(contact) = reader.string("program.help_contact") else { return default };
    let mail = contact.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@')
    });
    let mail = mail && contact.bytes().all(|b| b.is_ascii_graphic());
    let rules = PhoneRules { regions: vec!["US".to_owned()], fictional: true };
    let toll_free = PhoneNumber::parse(&contact, &rules) == Err(PhoneError::TollFree);
    if mail || toll_free {
        return contact;
    }
    reader.problem(
        "program.help_contact",
        format!("`{contact}` is neither an e-mail address nor a toll-free number such as 800-555-0199"),
    );
    default
}

fn read_page(reader: &mut Reader, key: &str, built_in: &str) -> String {
    let Some(text) = reader.string(key) else { return built_in.to_owned() };
    if text == built_in {
        return text;
    }
    match Url::parse(&text) {
        Ok(url) if url.scheme() == "https" && url.host_str().is_some() => text,
        _ => {
            reader.problem(key, format!("`{text}` must be an absolute https:// URL, or \"{built_in}\" for the built-in page"));
            built_in.to_owned()
        }
    }
}
