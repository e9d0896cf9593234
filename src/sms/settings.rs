//! The SMS provider (`sms.*`): which one, and who answers inbound texts. Each provider's own settings are in its folder.

use url::Url;

use super::account::is_local;
use super::{twilio, vonage};
use crate::secret::Secret;
use crate::settings::Reader;

/// Which SMS provider, and our account there (`sms.provider`).
#[derive(Debug, Clone)]
pub enum ProviderChoice {
    /// The simulated phones on this machine.
    Simulator,
    /// Vonage's SMS API, with our own sender.
    Vonage(Secret<vonage::Account>),
    /// Vonage's API for shared US short codes, where the text is a template that Vonage holds.
    VonageTwoFactor(Secret<vonage::Account>),
    /// Twilio's Messages API.
    Twilio(Secret<twilio::Account>),
}

impl ProviderChoice {
    /// Checks that the provider can call us back at the site's URL.
    pub fn check_origin(&self, reader: &mut Reader, base_url: &Url) {
        match self {
            Self::Simulator => {}
            Self::Vonage(_) | Self::VonageTwoFactor(_) => {
                vonage::Account::check_origin(reader, &base_url.origin().ascii_serialization());
            }
            Self::Twilio(_) => twilio::Account::check_host(reader, base_url.host_str().unwrap_or_default()),
        }
    }
}

/// The settings for the SMS provider, checked.
#[derive(Debug, Clone)]
pub struct SmsSettings {
    /// `sms.provider`, with the account.
    pub provider: ProviderChoice,
    /// `sms.inbound_forwarded`: whether texts to the sender reach our webhook.
    pub inbound_forwarded: bool,
    /// `sms.provider_answers_keywords`: whether the provider itself answers STOP, HELP and START.
    pub provider_answers_keywords: bool,
    /// `sms.vonage.messages_per_second` or `sms.twilio.messages_per_second`; 0 for the simulator, which has no limit.
    pub messages_per_second: u32,
    /// `sms.instances`: how many instances share that rate.
    pub instances: u32,
    /// Whether the provider runs on this machine, as in tests, so that it can reach us on a loopback address.
    pub is_local: bool,
}

impl SmsSettings {
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

/// Reads `sms.*`. `sender` is the program's, which decides how fast texts may go out.
pub fn read(reader: &mut Reader, sender: &str) -> SmsSettings {
    let word = reader.string("sms.provider").unwrap_or_else(|| "simulator".to_owned());
    // Both accounts are always read, so that every name is known and a mistake is found before the account is needed.
    let vonage = vonage::settings::read(reader, matches!(word.as_str(), "vonage" | "vonage_2fa"));
    let twilio = twilio::settings::read(reader, word == "twilio");
    let own_rate = if sender.starts_with('+') { LONG_NUMBER_RATE } else { SHORT_CODE_RATE };
    let mut rate = |key| reader.integer(key, 1, 10_000).unwrap_or(own_rate);
    let (vonage_rate, twilio_rate) = (rate("sms.vonage.messages_per_second"), rate("sms.twilio.messages_per_second"));
    let (vonage_is_local, twilio_is_local) = (is_local(&vonage.base_url), is_local(&twilio.base_url));
    let (provider, messages_per_second, is_local) = match word.as_str() {
        "vonage" => (ProviderChoice::Vonage(Secret::new(vonage)), vonage_rate, vonage_is_local),
        "vonage_2fa" => (ProviderChoice::VonageTwoFactor(Secret::new(vonage)), vonage_rate, vonage_is_local),
        "twilio" => (ProviderChoice::Twilio(Secret::new(twilio)), twilio_rate, twilio_is_local),
        other => {
            if other != "simulator" {
                let sentence = format!("must be \"vonage\", \"vonage_2fa\", \"twilio\" or \"simulator\", not `{other}`");
                reader.problem("sms.provider", sentence);
            }
            (ProviderChoice::Simulator, 0, false)
        }
    };
    let shared = matches!(provider, ProviderChoice::VonageTwoFactor(_));
    SmsSettings {
        provider,
        inbound_forwarded: reader.boolean("sms.inbound_forwarded").unwrap_or(!shared),
        provider_answers_keywords: read_answers(reader, shared),
        messages_per_second,
        instances: reader.integer("sms.instances", 1, 1_000).unwrap_or(1),
        is_local,
    }
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
