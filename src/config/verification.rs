//! How a number is verified (`verification.*`), and the limits on how often (`caps.*`).

use rocket::figment::value::Value;
use time::Duration;

use crate::optin::caps::{Cap, Caps, frequency_cap};
use crate::optin::disclosure::Frequency;
use crate::optin::verification::{VerificationMethod, VerificationRules};
use crate::settings::{self, Reader, describe, number_in};

pub(super) fn read_methods(reader: &mut Reader) -> Vec<VerificationMethod> {
    let both = vec![VerificationMethod::WebCode, VerificationMethod::ReplyCode];
    let Some(words) = reader.strings("verification.methods") else { return both };
    let methods: Vec<VerificationMethod> = words.iter().filter_map(|word| VerificationMethod::from_word(word)).collect();
    if methods.len() != words.len() || methods.is_empty() {
        reader.problem("verification.methods", "must list web_code, reply_code or both: write [\"web_code\", \"reply_code\"]");
        return both;
    }
    methods
}

pub(super) fn read_verification(reader: &mut Reader) -> VerificationRules {
    let code_length = reader.integer("verification.code_length", 6, 8).unwrap_or(6);
    let code_ttl = reader.integer("verification.code_ttl_seconds", 60, 600).unwrap_or(600);
    let max_attempts = reader.integer("verification.max_attempts", 1, 10).unwrap_or(5);
    let mut resend_after = vec![Duration::seconds(30), Duration::seconds(60)];
    if let Some(value) = reader.parsed("verification.resend_after_seconds") {
        let gaps = match &value {
            Value::Array(_, items) => {
                items.iter().map(|item| settings::number(item).filter(|n| (30..=1_800).contains(n))).collect::<Option<Vec<_>>>()
            }
            _ => None,
        };
        match gaps {
            Some(gaps) if gaps.len() <= 10 => resend_after = gaps.into_iter().map(|n| Duration::seconds(i64::from(n))).collect(),
            _ => reader.wrong_type(
                "verification.resend_after_seconds",
                "a list of at most ten gaps, each 30 to 1800, such as [30, 60]",
                &value,
            ),
        }
    }
    VerificationRules {
        code_length: u8::try_from(code_length).unwrap_or(6),
        code_ttl: Duration::seconds(i64::from(code_ttl)),
        max_attempts,
        resend_after,
    }
}

pub(super) fn read_caps(reader: &mut Reader, frequency: Frequency) -> Caps {
    let defaults = |pairs: &[(u32, i64)]| -> Vec<Cap> {
        pairs.iter().map(|(at_most, seconds)| Cap { at_most: *at_most, window: Duration::seconds(*seconds) }).collect()
    };
    let per_number = read_cap_list(reader, "caps.per_number");
    if let (Some(own), Some(promise)) = (&per_number, frequency_cap(frequency)) {
        for cap in own.iter().filter(|cap| cap.window >= promise.window && cap.at_most > promise.at_most) {
            let sentence = format!(
                "allows {} in {} seconds, more than program.frequency promises: write at_most = {} or less, or raise the frequency",
                cap.at_most,
                cap.window.whole_seconds(),
                promise.at_most
            );
            reader.problem("caps.per_number", sentence);
        }
    }
    Caps {
        per_number: per_number.unwrap_or_else(|| defaults(&[(1, 30), (3, 600), (5, 3_600), (10, 86_400)])),
        per_address: read_cap_list(reader, "caps.per_address").unwrap_or_else(|| defaults(&[(20, 3_600)])),
        per_browser: read_cap_list(reader, "caps.per_browser").unwrap_or_else(|| defaults(&[(10, 3_600)])),
        site: read_cap_list(reader, "caps.site").unwrap_or_else(|| defaults(&[(500, 86_400)])),
    }
}

/// The longest window of a cap: 31 days, in seconds.
const LONGEST_WINDOW: u32 = 2_678_400;

/// Reads a list of caps, or a single cap.
fn read_cap_list(reader: &mut Reader, key: &str) -> Option<Vec<Cap>> {
    let value = reader.parsed(key)?;
    let caps = match &value {
        Value::Array(_, items) if !items.is_empty() => items.iter().map(cap).collect::<Result<Vec<_>, _>>(),
        Value::Dict(..) => cap(&value).map(|cap| vec![cap]),
        other => Err(format!("must be a list such as [{{ at_most = 3, per_seconds = 600 }}], not {}", describe(other))),
    };
    caps.map_err(|why| reader.problem(key, why)).ok()
}

fn cap(value: &Value) -> Result<Cap, String> {
    let Value::Dict(_, table) = value else {
        return Err(format!("must be a list of tables such as {{ at_most = 3, per_seconds = 600 }}, not of {}", describe(value)));
    };
    let at_most = number_in(table, "at_most", 1, 1_000_000)?;
    let seconds = number_in(table, "per_seconds", 1, LONGEST_WINDOW)?;
    match table.keys().find(|name| !["at_most", "per_seconds"].contains(&name.as_str())) {
        Some(other) => Err(format!("has an unknown {other}: a cap has only at_most and per_seconds")),
        None => Ok(Cap { at_most, window: Duration::seconds(i64::from(seconds)) }),
    }
}
