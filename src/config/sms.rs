//! The SMS provider (`sms.*`): which one, our account there, and who answers inbound texts.

use std::net::IpAddr;

use time::Duration;
use url::Url;

use crate::config::Site;
use crate::finding::Finding;
use crate::optin::disclosure::ProgramKind;
use crate::optin::verification::VerificationMethod;
use crate::secret::Secret;
use crate::settings::Reader;
use crate::sms::twilio::TwilioAccount;
use crate::sms::vonage::VonageAccount;
use crate::sms::vonage_signature::SignatureMethod;
use crate::sms::{LONGEST_CALLBACK, VONAGE_RECEIPTS};

/// Which SMS provider, and our account there (`sms.provider`).
#[derive(Debug, Clone)]
pub enum ProviderChoice {
    /// The simulated phones on this machine.
    Simulator,
    /// Vonage's SMS API, with our own sender.
    Vonage(Secret<VonageAccount>),
    /// Vonage's API for shared US short codes, where the text is a template that Vonage holds.
    VonageTwoFactor(Secret<VonageAccount>),
    /// Twilio's Messages API.
    Twilio(Secret<TwilioAccount>),
}

/// The settings for the SMS provider, checked.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, asked for by its name")]
pub struct Sms {
    /// `sms.provider`, with the account.
    pub provider: ProviderChoice,
    /// `sms.inbound_forwarded`: whether texts to the sender reach our webhook.
    pub inbound_forwarded: bool,
    /// `sms.provider_answers_keywords`: whether the provider itself answers STOP, HELP and START.
    pub provider_answers_keywords: bool,
    /// `sms.vonage.messages_per_second` or `sms.twilio.messages_per_second`; 0 for the simulator, which has no limit.
    pub messages_per_second: u32,
    /// `sms.vonage.signature_max_age_hours`: older webhooks are rejected.
    pub signature_max_age: Duration,
    /// `sms.vonage.report_conversions`
    pub report_conversions: bool,
    /// Whether the provider runs on this machine, as in tests, so that it can reach us on a loopback address.
    pub is_local: bool,
}

impl Sms {
    /// Whether texts stay on this machine.
    #[must_use]
    pub const fn is_simulated(&self) -> bool {
        matches!(self.provider, ProviderChoice::Simulator)
    }

    /// Whether the provider's own approved template supplies the text, so that we send nothing but the code.
    #[must_use]
    pub const fn has_own_words(&self) -> bool {
        matches!(self.provider, ProviderChoice::VonageTwoFactor(_))
    }
}

/// A short code may send far more than a long number, which carriers limit to one text a second.
const SHORT_CODE_RATE: u32 = 30;
const LONG_NUMBER_RATE: u32 = 1;

pub(super) fn read(reader: &mut Reader, site: &Site, address: IpAddr, sender: &str, kind: ProgramKind) -> Sms {
    let word = reader.string("sms.provider").unwrap_or_else(|| "simulator".to_owned());
    // Both accounts are always read, so that every name is known and a mistake is found before the account is needed.
    let (vonage, twilio) = (read_vonage(reader, &word), read_twilio(reader, &word));
    let own_rate = if sender.starts_with('+') { LONG_NUMBER_RATE } else { SHORT_CODE_RATE };
    let vonage_rate = reader.integer("sms.vonage.messages_per_second", 1, 10_000).unwrap_or(own_rate);
    let twilio_rate = reader.integer("sms.twilio.messages_per_second", 1, 10_000).unwrap_or(own_rate);
    let allow_unsigned = reader.boolean("sms.vonage.allow_unsigned").unwrap_or(false);
    let max_age = reader.integer("sms.vonage.signature_max_age_hours", 1, 720).unwrap_or(72);
    let report_conversions = reader.boolean("sms.vonage.report_conversions").unwrap_or(false);
    let is_vonage = matches!(word.as_str(), "vonage" | "vonage_2fa");
    if is_vonage {
        check_signature(reader, &vonage, allow_unsigned);
    }
    let is_local = match word.as_str() {
        "twilio" => is_loopback(&twilio.base_url),
        _ => is_vonage && is_loopback(&vonage.base_url),
    };
    let (provider, messages_per_second) = match word.as_str() {
        "vonage" => (ProviderChoice::Vonage(Secret::new(vonage)), vonage_rate),
        "vonage_2fa" => (ProviderChoice::VonageTwoFactor(Secret::new(vonage)), vonage_rate),
        "twilio" => (ProviderChoice::Twilio(Secret::new(twilio)), twilio_rate),
        other => {
            if other != "simulator" {
                let sentence = format!("must be \"vonage\", \"vonage_2fa\", \"twilio\" or \"simulator\", not `{other}`");
                reader.problem("sms.provider", sentence);
            }
            (ProviderChoice::Simulator, 0)
        }
    };
    let shared = matches!(provider, ProviderChoice::VonageTwoFactor(_));
    let sms = Sms {
        provider,
        inbound_forwarded: reader.boolean("sms.inbound_forwarded").unwrap_or(!shared),
        provider_answers_keywords: read_answers(reader, shared),
        messages_per_second,
        signature_max_age: Duration::hours(i64::from(max_age)),
        report_conversions,
        is_local,
    };
    check(reader, &sms, site, address, kind);
    sms
}

fn read_vonage(reader: &mut Reader, chosen: &str) -> VonageAccount {
    let method = reader.string("sms.vonage.signature_method").unwrap_or_else(|| SignatureMethod::Md5Hash.as_str().to_owned());
    let signature_method = SignatureMethod::from_word(&method).unwrap_or_else(|| {
        let words: Vec<String> = SignatureMethod::ALL.iter().map(|method| format!("\"{}\"", method.as_str())).collect();
        let words = words.join(", ");
        reader
            .problem("sms.vonage.signature_method", format!("must be one of {words}, as in Vonage's dashboard, not `{method}`"));
        SignatureMethod::Md5Hash
    });
    let given = read_base_url(reader, "sms.vonage.base_url");
    let account = VonageAccount {
        api_key: reader.string("sms.vonage.api_key").unwrap_or_default(),
        api_secret: read_account_secret(reader, "sms.vonage.api_secret"),
        signature_secret: read_account_secret(reader, "sms.vonage.signature_secret"),
        signature_method,
        conversions_base_url: given.clone().unwrap_or_else(|| "https://api.nexmo.com".to_owned()),
        base_url: given.unwrap_or_else(|| "https://rest.nexmo.com".to_owned()),
    };
    if matches!(chosen, "vonage" | "vonage_2fa") {
        if account.api_key.is_empty() || !account.api_key.bytes().all(|b| b.is_ascii_alphanumeric()) {
            reader.problem("sms.vonage.api_key", "must be the API key that Vonage's dashboard shows: letters and digits alone");
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

fn read_twilio(reader: &mut Reader, chosen: &str) -> TwilioAccount {
    let account = TwilioAccount {
        account_sid: reader.string("sms.twilio.account_sid").unwrap_or_default(),
        auth_token: read_account_secret(reader, "sms.twilio.auth_token").unwrap_or_default(),
        shared_key_secret: read_account_secret(reader, "sms.twilio.shared_key_secret"),
        messaging_service_sid: reader.string("sms.twilio.messaging_service_sid").filter(|sid| !sid.is_empty()),
        base_url: read_base_url(reader, "sms.twilio.base_url").unwrap_or_else(|| "https://api.twilio.com".to_owned()),
    };
    let is_sid = |sid: &str, prefix: &str| {
        sid.strip_prefix(prefix).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    if account.messaging_service_sid.as_ref().is_some_and(|sid| !is_sid(sid, "MG")) {
        reader.problem("sms.twilio.messaging_service_sid", "must be MG and 32 hex digits, as Twilio's console shows it");
    }
    if chosen == "twilio" {
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

fn read_account_secret(reader: &mut Reader, key: &str) -> Option<String> {
    let secret = reader.secret(key)?.reveal().trim().to_owned();
    if secret.is_empty() || secret == "..." || secret.contains(char::is_whitespace) {
        reader.problem(key, "is empty, a placeholder or holds spaces: write it as the provider shows it, or remove it");
        return None;
    }
    Some(secret)
}

fn read_base_url(reader: &mut Reader, key: &str) -> Option<String> {
    let text = reader.string(key)?;
    let fits = Url::parse(&text).is_ok_and(|url| {
        let plain = url.scheme() == "http" && is_loopback(&text);
        url.host_str().is_some() && (url.scheme() == "https" || plain) && url.query().is_none() && url.fragment().is_none()
    });
    if fits {
        return Some(text.trim_end_matches('/').to_owned());
    }
    reader.problem(key, format!("`{text}` must be an https:// URL, or an http:// URL of this machine for tests"));
    None
}

fn is_loopback(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    })
}

fn check_signature(reader: &mut Reader, account: &VonageAccount, allowed: bool) {
    let mut warn = |key: &str, sentence: &str| reader.findings.push(Finding::warning("SIGNATURE", key, sentence));
    if account.signature_secret.is_some() {
        if account.signature_secret == account.api_secret {
            warn(
                "sms.vonage.signature_secret",
                "is the same as sms.vonage.api_secret: Vonage's dashboard shows another value for it, and no webhook would be right",
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
        Finding::error("UNSIGNED", key, format!("{missing}, or set sms.vonage.allow_unsigned = true knowing this"))
    };
    reader.findings.push(finding);
}

fn read_answers(reader: &mut Reader, shared: bool) -> bool {
    let key = "sms.provider_answers_keywords";
    match reader.boolean(key) {
        Some(false) if shared => {
            reader.problem(key, "must be true with vonage_2fa, where Vonage answers STOP and HELP itself: remove it");
            true
        }
        given => given.unwrap_or(shared),
    }
}

fn check(reader: &mut Reader, sms: &Sms, site: &Site, address: IpAddr, kind: ProgramKind) {
    if sms.is_simulated() {
        if !site.is_local() || !address.is_loopback() || !site.trusted_proxies.is_empty() {
            reader.findings.push(Finding::error(
                "SIMULATOR",
                "sms.provider",
                "is the simulator, which shows every code to whoever can reach it: it needs a site.base_url and an address of \
                 this machine and no site.trusted_proxies; set those back, or name a real provider",
            ));
        }
        return;
    }
    if sms.is_local {
        reader.findings.push(Finding::warning(
            "TEST_PROVIDER",
            "sms.provider",
            "has a base_url of this machine: texts go there and to no phone; remove it to send real ones",
        ));
    }
    let (host, is_twilio) = (site.host(), matches!(sms.provider, ProviderChoice::Twilio(_)));
    if is_twilio && host.contains('_') {
        reader
            .problem("site.base_url", format!("has the host `{host}`: Twilio calls back no host with an underscore; rename it"));
    }
    if !is_twilio && site.base_url.origin().ascii_serialization().len() + VONAGE_RECEIPTS.len() > LONGEST_CALLBACK {
        reader.findings.push(Finding::warning(
            "RECEIPTS",
            "site.base_url",
            "is so long that Vonage takes no receipt URL with each text: enter it for the whole account in Vonage's dashboard",
        ));
    }
    if site.is_local() && !sms.is_local {
        reader.findings.push(Finding::warning(
            "WEBHOOKS",
            "site.base_url",
            "is this machine, which the SMS provider cannot reach: no STOP, no reply and no receipt will arrive until it is your \
             public https:// origin",
        ));
    }
    if !sms.inbound_forwarded && !sms.provider_answers_keywords {
        reader.findings.push(Finding::warning(
            "KEYWORDS",
            "sms.inbound_forwarded",
            "is false, so that nobody hears STOP and HELP: set it to true, or sms.provider_answers_keywords = true if the provider \
             deals with them",
        ));
    }
    if sms.has_own_words() {
        if kind != ProgramKind::TwoFactor {
            reader.problem(
                "sms.provider",
                "is vonage_2fa, which carries codes alone: it needs program.kind = \"two_factor\", or write \"vonage\"",
            );
        }
        reader.findings.push(Finding::warning(
            "SHARED_CODE",
            "sms.provider",
            "is vonage_2fa, the API for shared US short codes, for which Vonage takes no new programs: it works for an account \
             with an approved one alone; a short code of your own goes with \"vonage\"",
        ));
    }
}

/// Returns the methods that are left if texts to the sender don't reach us.
pub(super) fn usable_methods(
    reader: &mut Reader,
    methods: Vec<VerificationMethod>,
    given: bool,
    sms: &Sms,
) -> Vec<VerificationMethod> {
    if sms.inbound_forwarded || !methods.contains(&VerificationMethod::ReplyCode) {
        return methods;
    }
    let left: Vec<VerificationMethod> = methods.iter().copied().filter(|m| *m != VerificationMethod::ReplyCode).collect();
    if left.is_empty() {
        reader.problem(
            "verification.methods",
            "is reply_code alone, but texts to the sender do not reach us: add \"web_code\", or set sms.inbound_forwarded = true \
             once the provider passes them on",
        );
        return methods;
    }
    if !given {
        return left;
    }
    reader.findings.push(Finding::warning(
        "REPLY_WAY",
        "verification.methods",
        "lists reply_code, which is not offered while sms.inbound_forwarded is false: set that to true once the provider passes \
         texts on, or remove reply_code",
    ));
    left
}
