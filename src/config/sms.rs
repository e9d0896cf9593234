//! How the SMS provider fits with the site, the program and the ways to verify. Its own settings are read in `sms`.

use std::net::IpAddr;

use crate::config::Site;
use crate::finding::Finding;
use crate::optin::disclosure::ProgramKind;
use crate::optin::verification::VerificationMethod;
use crate::settings::Reader;
use crate::sms::settings::SmsSettings;

/// Checks the provider against the other settings.
pub(super) fn check(reader: &mut Reader, sms: &SmsSettings, site: &Site, address: IpAddr, kind: ProgramKind) {
    if sms.is_simulated() {
        if !site.is_local() || !address.is_loopback() || !site.trusted_proxies.is_empty() {
            reader.findings.push(Finding::error(
                "SIMULATOR",
                "sms.provider",
                "is the simulator, which shows every code to anyone who can reach it: use a site.base_url and an address of \
                 this machine and no site.trusted_proxies, or name a real provider",
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
    sms.provider.check_origin(reader, &site.base_url);
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
            "is false, so nobody hears STOP and HELP: set it to true, or sms.provider_answers_keywords = true if the provider \
             deals with them",
        ));
    }
    if sms.has_own_words() {
        if kind != ProgramKind::TwoFactor {
            reader.problem(
                "sms.provider",
                "is vonage_2fa, which carries only codes: it needs program.kind = \"two_factor\", or write \"vonage\"",
            );
        }
        reader.findings.push(Finding::warning(
            "SHARED_CODE",
            "sms.provider",
            "is vonage_2fa, the API for shared US short codes, for which Vonage takes no new programs: it works only for an account that \
             already has an approved one; a short code of your own goes with \"vonage\"",
        ));
    }
}

/// Returns the methods that are left if texts to the sender don't reach us.
pub(super) fn usable_methods(
    reader: &mut Reader,
    methods: Vec<VerificationMethod>,
    given: bool,
    sms: &SmsSettings,
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
