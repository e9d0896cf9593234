//! Reads the merged settings one by one, so that every problem is found at once.
//!
//! Owns where a value comes from (file or variable), the types of values, and the messages about wrong or unknown ones. Must
//! not know what a setting means. A setting counts as known once the code has asked for it, so the list of valid names can't
//! drift from the code.

use std::collections::{BTreeMap, BTreeSet};

use rocket::figment::value::{Dict, Value};
use url::Host;

use crate::finding::Finding;
use crate::secret::Secret;

/// Rocket's own keys, which it reads itself.
const ROCKETS: [&str; 16] = [
    "address",
    "port",
    "workers",
    "max_blocking",
    "keep_alive",
    "ident",
    "ip_header",
    "proxy_proto_header",
    "limits",
    "tls",
    "secret_key",
    "secret_key_file",
    "temp_dir",
    "log_level",
    "shutdown",
    "cli_colors",
];
/// Variables that start with Rocket's prefix but aren't settings.
const NO_SETTINGS: [&str; 2] = ["codegen_debug", "config"];
const PREFIX: &str = "ASSENT_";

/// The merged settings, and the problems found with them so far.
pub struct Reader {
    values: Dict,
    variables: BTreeMap<String, String>,
    known: Vec<String>,
    /// The problems found so far.
    pub findings: Vec<Finding>,
}

impl Reader {
    /// Creates a reader from the profile's merged values and the environment.
    pub fn new(values: Dict, environment: impl Iterator<Item = (String, String)>) -> Self {
        let ours = environment.filter_map(|(name, raw)| {
            let name = name.strip_prefix(PREFIX)?.to_ascii_lowercase().replace("__", ".");
            Some((name, raw))
        });
        Self { values, variables: ours.collect(), known: Vec::new(), findings: Vec::new() }
    }

    /// Records a problem with a setting.
    pub fn problem(&mut self, key: &str, sentence: impl Into<String>) {
        self.findings.push(Finding::error("SETTING", key, sentence));
    }

    /// Whether a setting is given in a file or a variable. Call this before reading the setting.
    #[must_use]
    pub fn is_given(&self, key: &str) -> bool {
        self.variables.contains_key(key) || self.value(key).is_some()
    }

    /// Returns the names of the tables in a table, from the file and from variables.
    #[must_use]
    pub fn tables_in(&self, table: &str) -> Vec<String> {
        let in_file = match self.values.get(table) {
            Some(Value::Dict(_, tables)) => tables.keys().cloned().collect(),
            _ => Vec::new(),
        };
        let inside = format!("{table}.");
        let variables = self.variables.keys().filter_map(|key| key.strip_prefix(&inside)?.split_once('.'));
        let names: BTreeSet<String> = in_file.into_iter().chain(variables.map(|(name, _)| name.to_owned())).collect();
        names.into_iter().collect()
    }

    /// Whether there's already a finding about a setting.
    #[must_use]
    pub fn has_finding(&self, key: &str) -> bool {
        self.findings.iter().any(|finding| finding.place == key)
    }

    /// Reads a string. The raw value of a variable is used as it is.
    pub fn string(&mut self, key: &str) -> Option<String> {
        if let Some(raw) = self.take_variable(key) {
            return Some(raw);
        }
        match self.value(key)? {
            Value::String(_, text) => Some(text),
            other => {
                self.wrong_type(key, "a text in quotes", &other);
                None
            }
        }
    }

    /// Reads a string that may also be in a file: `<key>_file` is the file's path.
    pub fn secret(&mut self, key: &str) -> Option<Secret<String>> {
        let file_key = format!("{key}_file");
        let given = self.string(key);
        let file = self.string(&file_key);
        match (given, file) {
            (Some(_), Some(_)) => {
                self.problem(key, format!("is given twice, as {key} and as {file_key}: keep one of them"));
                None
            }
            (Some(text), None) => Some(Secret::new(text)),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) => Some(Secret::new(text.trim().to_owned())),
                Err(error) => {
                    self.problem(&file_key, format!("cannot be read: {error}; write the path of a file that holds the value"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// Reads a string or a table. The raw value of a variable is a string unless it starts like a table.
    pub fn string_or_table(&mut self, key: &str) -> Option<Value> {
        match self.variables.get(key) {
            Some(raw) if !raw.trim_start().starts_with('{') => self.string(key).map(Value::from),
            _ => self.parsed(key),
        }
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, key: &str) -> Option<bool> {
        match self.parsed(key)? {
            Value::Bool(_, yes) => Some(yes),
            other => {
                self.wrong_type(key, "true or false", &other);
                None
            }
        }
    }

    /// Reads a whole number from `least` to `most`.
    pub fn integer(&mut self, key: &str, least: u32, most: u32) -> Option<u32> {
        let value = self.parsed(key)?;
        let found = number(&value);
        match found {
            Some(n) if (least..=most).contains(&n) => Some(n),
            _ => {
                self.wrong_type(key, &format!("a whole number from {least} to {most}"), &value);
                None
            }
        }
    }

    /// Reads a list of strings.
    pub fn strings(&mut self, key: &str) -> Option<Vec<String>> {
        let value = self.parsed(key)?;
        let list = match &value {
            Value::Array(_, items) => items.iter().map(|item| item.as_str().map(ToOwned::to_owned)).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        if list.is_none() {
            self.wrong_type(key, "a list of texts such as [\"a\", \"b\"]", &value);
        }
        list
    }

    /// Reads a value of any type, for the caller to inspect.
    pub fn parsed(&mut self, key: &str) -> Option<Value> {
        let Some(raw) = self.take_variable(key) else { return self.value(key) };
        let document = format!("value = {raw}");
        let parsed = toml::from_str::<BTreeMap<String, toml::Value>>(&document).ok().and_then(|mut table| table.remove("value"));
        match parsed.and_then(|value| Value::serialize(value).ok()) {
            Some(value) => Some(value),
            None => {
                let sentence = format!("cannot be read from its variable: write it as in Rocket.toml, not `{}`", shown(&raw));
                self.problem(key, sentence);
                None
            }
        }
    }

    /// Records that a value isn't what it should be.
    pub fn wrong_type(&mut self, key: &str, wanted: &str, found: &Value) {
        self.problem(key, format!("must be {wanted}, not {}", describe(found)));
    }

    /// Records every name that the code didn't ask for, with the nearest valid name.
    pub fn report_unknown(&mut self) {
        let mut unknown = Vec::new();
        for (name, value) in &self.values {
            if ROCKETS.contains(&name.as_str()) || NO_SETTINGS.contains(&name.as_str()) {
                continue;
            }
            self.collect_unknown(name, value, &mut unknown);
        }
        for path in unknown {
            let sentence = format!("isn't a setting; {}", self.nearest(&path, false));
            self.problem(&path, sentence);
        }
        for path in self.variables.keys().cloned().collect::<Vec<_>>() {
            let variable = format!("{PREFIX}{}", path.to_ascii_uppercase().replace('.', "__"));
            let sentence = format!("isn't a setting; {}", self.nearest(&path, true));
            self.problem(&variable, sentence);
        }
    }

    /// Returns every setting that was asked for.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }

    fn collect_unknown(&self, path: &str, value: &Value, unknown: &mut Vec<String>) {
        if self.known.iter().any(|known| known == path) {
            return;
        }
        let inside = format!("{path}.");
        match value {
            Value::Dict(_, table) if self.known.iter().any(|known| known.starts_with(&inside)) => {
                for (name, value) in table {
                    self.collect_unknown(&format!("{inside}{name}"), value, unknown);
                }
            }
            _ => unknown.push(path.to_owned()),
        }
    }

    fn nearest(&self, path: &str, as_variable: bool) -> String {
        // The name has one underscore where two belong.
        if as_variable && let Some(known) = self.known.iter().find(|known| known.contains('.') && known.replace('.', "_") == path)
        {
            let name = known.to_ascii_uppercase().replace('.', "__");
            return format!("write two underscores between the table and the name: {PREFIX}{name}");
        }
        let tables = self.known.iter().filter_map(|known| known.split_once('.').map(|(table, _)| table.to_owned()));
        // Suggest a table for a wrong table, and a key for a wrong key.
        let candidates: Vec<String> =
            if path.contains('.') { self.known.clone() } else { tables.chain(ROCKETS.map(str::to_owned)).collect() };
        let best = candidates.into_iter().max_by(|a, b| {
            strsim::jaro_winkler(a, path).partial_cmp(&strsim::jaro_winkler(b, path)).unwrap_or(std::cmp::Ordering::Equal)
        });
        match best {
            Some(best) if as_variable => format!("did you mean {PREFIX}{}?", best.to_ascii_uppercase().replace('.', "__")),
            Some(best) => format!("did you mean {best}?"),
            None => "remove it".to_owned(),
        }
    }

    fn take_variable(&mut self, key: &str) -> Option<String> {
        if !self.known.iter().any(|known| known == key) {
            self.known.push(key.to_owned());
        }
        self.variables.remove(key)
    }

    fn value(&self, key: &str) -> Option<Value> {
        let mut parts = key.split('.');
        let mut value = self.values.get(parts.next()?)?;
        for part in parts {
            match value {
                Value::Dict(_, table) => value = table.get(part)?,
                _ => return None,
            }
        }
        Some(value.clone())
    }
}

/// Returns a value as a non-negative whole number, if it's one that fits.
#[must_use]
pub fn number(value: &Value) -> Option<u32> {
    // Numbers from a file are signed, but those from Rocket's own variables aren't.
    let signed = value.to_i128().and_then(|n| u32::try_from(n).ok());
    signed.or_else(|| value.to_u128().and_then(|n| u32::try_from(n).ok()))
}

/// Reads a whole number from `least` to `most` from a table.
///
/// # Errors
/// If it's missing or something else, with what it must be.
pub fn number_in(table: &Dict, name: &str, least: u32, most: u32) -> Result<u32, String> {
    let Some(value) = table.get(name) else { return Err(format!("has no {name}: write a whole number from {least} to {most}")) };
    let fits = number(value).filter(|n| (least..=most).contains(n));
    fits.ok_or_else(|| format!("has a wrong {name}: it must be a whole number from {least} to {most}, not {}", describe(value)))
}

/// Describes a value, for use in a message.
#[must_use]
pub fn describe(value: &Value) -> String {
    match value {
        Value::String(_, text) => format!("the text `{}`", shown(text)),
        Value::Bool(_, yes) => format!("`{yes}`"),
        Value::Num(..) => value.to_i128().map_or_else(|| "a number with a fraction".to_owned(), |n| format!("the number {n}")),
        Value::Array(..) => "a list".to_owned(),
        Value::Dict(..) => "a table".to_owned(),
        Value::Char(..) | Value::Empty(..) => "something else".to_owned(),
    }
}

/// Whether a host is this machine.
#[must_use]
pub fn is_this_machine(host: Option<&Host<impl AsRef<str>>>) -> bool {
    match host {
        Some(Host::Domain(name)) => {
            let name = name.as_ref().to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
        None => false,
    }
}

/// Returns the start of a text, for use in a message.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
