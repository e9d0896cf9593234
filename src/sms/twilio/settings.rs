//! Our Twilio account (`sms.twilio.*`).

use crate::settings::Reader;
use crate::sms::account::{dummy, read_base_url, read_secret};

/// An account and its credentials.
#[derive(Clone)]
pub struct Account {
    /// `AC…`.
    pub account_sid: String,
    /// Also signs webhooks, unless a shared key does.
    pub auth_token: String,
    /// The secret of the shared key that signs webhooks instead, if the account has one.
    pub shared_key_secret: Option<String>,
    /// `MG…`: sends texts in place of the number.
    pub messaging_service_sid: Option<String>,
    /// Where texts are posted, without a trailing slash; usually `https://api.twilio.com`.
    pub base_url: String,
}

impl Account {
    /// Returns a copy that posts to this URL and has dummy secrets of the same length.
    pub(super) fn with_dummy_secrets(&self, base_url: String) -> Self {
        Self {
            account_sid: dummy(&self.account_sid),
            auth_token: dummy(&self.auth_token),
            shared_key_secret: None,
            base_url,
            ..self.clone()
        }
    }

    /// Checks that Twilio can call this host.
    pub(in super::super) fn check_host(reader: &mut Reader, host: &str) {
        if host.contains('_') {
            let sentence = format!("has the host `{host}`: Twilio doesn't call a host with an underscore; rename it");
            reader.problem("site.base_url", sentence);
        }
    }
}

/// Reads the account. Missing settings are reported only if Twilio `is_chosen`.
pub(in super::super) fn read(reader: &mut Reader, is_chosen: bool) -> Account {
    let account = Account {
        account_sid: reader.string("sms.twilio.account_sid").unwrap_or_default(),
        auth_token: read_secret(reader, "sms.twilio.auth_token").unwrap_or_default(),
        shared_key_secret: read_secret(reader, "sms.twilio.shared_key_secret"),
        messaging_service_sid: reader.string("sms.twilio.messaging_service_sid").filter(|sid| !sid.is_empty()),
        base_url: read_base_url(reader, "sms.twilio.base_url").unwrap_or_else(|| "https://api.twilio.com".to_owned()),
    };
    let is_sid = |sid: &str, prefix: &str| {
        sid.strip_prefix(prefix).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    if account.messaging_service_sid.as_ref().is_some_and(|sid| !is_sid(sid, "MG")) {
        reader.problem("sms.twilio.messaging_service_sid", "must be MG and 32 hex digits, as Twilio's console shows it");
    }
    if is_chosen {
        if !is_sid(&account.account_sid, "AC") {
            reader.problem("sms.twilio.account_sid", "must be AC and 32 hex digits, as Twilio's console shows it");
        }
        if account.auth_token.is_empty() && !reader.has_finding("sms.twilio.auth_token") {
            reader.problem(
                "sms.twilio.auth_token",
                "is missing: write the Auth Token of Twilio's console; it sends texts and checks what comes in",
            );
        }
    }
    account
}
