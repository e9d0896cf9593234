//! Our Vonage account and how it signs (`sms.vonage.*`).

use time::Duration;

use super::signature::SignatureMethod;
use super::{LONGEST_CALLBACK, WEBHOOKS};
use crate::finding::Finding;
use crate::settings::Reader;
use crate::sms::account::{dummy, read_base_url, read_secret};
use crate::sms::receipt_url;

/// An account and its credentials: the API secret, or else signed requests.
#[derive(Clone)]
pub struct Account {
    /// The key that identifies the account.
    pub api_key: String,
    /// Its secret, for Basic authentication.
    pub api_secret: Option<String>,
    /// The signature secret, for webhooks and, if there's no API secret, for requests.
    pub signature_secret: Option<String>,
    /// How the account signs.
    pub signature_method: SignatureMethod,
    /// `sms.vonage.signature_max_age_hours`: older webhooks are rejected.
    pub signature_max_age: Duration,
    /// Whether to tell Vonage that a code was used.
    pub report_conversions: bool,
    /// Where texts are posted, without a trailing slash; usually `https://rest.nexmo.com`.
    pub base_url: String,
    /// Where conversions are reported; usually `https://api.nexmo.com`.
    pub conversions_base_url: String,
}

impl Account {
    /// Returns a copy that posts to this URL and has dummy secrets of the same length.
    pub(super) fn with_dummy_secrets(&self, base_url: String) -> Self {
        Self {
            api_key: dummy(&self.api_key),
            api_secret: self.api_secret.as_deref().map(dummy),
            signature_secret: self.signature_secret.as_deref().map(dummy),
            base_url,
            ..self.clone()
        }
    }

    /// Warns if receipt URLs would be too long to go with each text. `origin` is where Vonage can reach us.
    pub(in super::super) fn check_origin(reader: &mut Reader, origin: &str) {
        if receipt_url(origin, WEBHOOKS).len() > LONGEST_CALLBACK {
            reader.findings.push(Finding::warning(
                "RECEIPTS",
                "site.base_url",
                "is so long that Vonage accepts no receipt URL with a text: enter it for the whole account in Vonage's dashboard",
            ));
        }
    }
}

/// Reads the account. Missing settings are reported only if Vonage `is_chosen`.
pub(in super::super) fn read(reader: &mut Reader, is_chosen: bool) -> Account {
    let method = reader.string("sms.vonage.signature_method").unwrap_or_else(|| SignatureMethod::Md5Hash.as_str().to_owned());
    let signature_method = SignatureMethod::from_word(&method).unwrap_or_else(|| {
        let words: Vec<String> = SignatureMethod::ALL.iter().map(|method| format!("\"{}\"", method.as_str())).collect();
        let words = words.join(", ");
        reader
            .problem("sms.vonage.signature_method", format!("must be one of {words}, as in Vonage's dashboard, not `{method}`"));
        SignatureMethod::Md5Hash
    });
    let max_age = reader.integer("sms.vonage.signature_max_age_hours", 1, 720).unwrap_or(72);
    let allow_unsigned = reader.boolean("sms.vonage.allow_unsigned").unwrap_or(false);
    let given = read_base_url(reader, "sms.vonage.base_url");
    let account = Account {
        api_key: reader.string("sms.vonage.api_key").unwrap_or_default(),
        api_secret: read_secret(reader, "sms.vonage.api_secret"),
        signature_secret: read_secret(reader, "sms.vonage.signature_secret"),
        signature_method,
        signature_max_age: Duration::hours(max_age.into()),
        report_conversions: reader.boolean("sms.vonage.report_conversions").unwrap_or(false),
        conversions_base_url: given.clone().unwrap_or_else(|| "https://api.nexmo.com".to_owned()),
        base_url: given.unwrap_or_else(|| "https://rest.nexmo.com".to_owned()),
    };
    if is_chosen {
        check_signature(reader, &account, allow_unsigned);
        if account.api_key.is_empty() || !account.api_key.bytes().all(|b| b.is_ascii_alphanumeric()) {
            reader.problem("sms.vonage.api_key", "must be the API key that Vonage's dashboard shows: only letters and digits");
        }
        if account.api_secret.is_none() && account.signature_secret.is_none() && !reader.has_finding("sms.vonage.api_secret") {
            reader.problem(
                "sms.vonage.api_secret",
                "is missing: write the API secret of Vonage's dashboard, or sms.vonage.signature_secret to sign requests instead",
            );
        }
    }
    account
}

fn check_signature(reader: &mut Reader, account: &Account, allowed: bool) {
    let mut warn = |key: &str, sentence: &str| reader.findings.push(Finding::warning("SIGNATURE", key, sentence));
    if account.signature_secret.is_some() {
        if account.signature_secret == account.api_secret {
            warn(
                "sms.vonage.signature_secret",
                "is the same as sms.vonage.api_secret: Vonage's dashboard shows another value, and no signature would match",
            );
        }
        if matches!(account.signature_method, SignatureMethod::Md5Hash | SignatureMethod::Md5) {
            warn(
                "sms.vonage.signature_method",
                "is weak: choose sha256 or sha512 in Vonage's dashboard, and write the same here",
            );
        }
        if allowed {
            warn(
                "sms.vonage.allow_unsigned",
                "has no effect while there is a signature_secret: unsigned webhooks are refused; remove it",
            );
        }
        return;
    }
    let (key, missing) = (
        "sms.vonage.signature_secret",
        "is missing, so that anybody who finds the webhooks can pretend to be any phone, opt it out, and prove its number by the \
         reply way: have Vonage sign webhooks and write the signature secret of its dashboard",
    );
    let finding = if allowed {
        Finding::warning("UNSIGNED", key, format!("{missing}; sms.vonage.allow_unsigned accepts unsigned ones for now"))
    } else if cfg!(debug_assertions) {
        Finding::warning("UNSIGNED", key, format!("{missing}; a release build does not start without it"))
    } else {
        Finding::error("UNSIGNED", key, format!("{missing}, or accept that risk with sms.vonage.allow_unsigned = true"))
    };
    reader.findings.push(finding);
}
