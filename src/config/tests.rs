//! Right, wrong, missing and unknown settings, and the findings about them.

use super::*;
use crate::finding::Level;
use crate::optin::disclosure::Frequency;

fn read(toml: &str, variables: &[(&str, &str)]) -> (Config, Vec<Finding>) {
    let figment = Config::merged().merge(Toml::string(toml).nested()).select("default");
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(figment, environment).expect("readable")
}

/// Returns the places of the errors, sorted.
fn errors(toml: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let (_, findings) = read(toml, variables);
    let mut places: Vec<String> = findings.into_iter().filter(|f| f.level == Level::Error).map(|f| f.place).collect();
    places.sort();
    places
}

fn sentence(toml: &str) -> String {
    read(toml, &[]).1.iter().filter(|f| f.level == Level::Error).map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_at_all_is_a_good_development_configuration() {
    let (config, findings) = read("", &[]);
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["ALTERNATIVE"], "{findings:?}");
    assert_eq!(config.site.base_url.as_str(), "http://localhost:8000/");
    assert_eq!(config.program.frequency, Frequency::AtMost { count: 5, per: crate::optin::disclosure::Period::Day });
    assert_eq!(config.caps.per_number.len(), 4);
}

#[test]
fn the_public_origin_follows_rockets_port_wherever_that_comes_from() {
    let (from_file, _) = read("[default]\nport = 8321\n", &[]);
    let figment = Config::merged().merge(("port", 8321_usize));
    let (from_variable, _) = Config::read(figment, std::iter::empty()).expect("readable");
    for config in [from_file, from_variable] {
        assert_eq!((config.port, config.site.base_url.as_str()), (8321, "http://localhost:8321/"));
    }
}

#[test]
fn rocket_toml_says_what_the_defaults_are_and_names_every_setting() {
    let file = include_str!("../../Rocket.toml");
    let (from_file, findings) = read(file, &[]);
    assert!(findings.iter().all(|f| f.level == Level::Warning), "{findings:?}");
    let (plain, _) = read("", &[]);
    let shown = |config: &Config| format!("{config:?}");
    assert_eq!(shown(&from_file), shown(&plain));
    for setting in &plain.known_settings {
        let (table, key) = setting.rsplit_once('.').unwrap_or(("", setting));
        let named = file.contains(&format!("{key} = ")) && (table.is_empty() || file.contains(&format!("[default.{table}]")));
        assert!(named, "Rocket.toml does not show {setting}");
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let toml = r#"
        [default.site]
        base_url = "ftp://x"
        trusted_proxies = ["nonsense"]
        [default.program]
        kind = "spam"
        sender = 98765
        frequency = { at_most = 0, per = "year" }
        help_contact = "somebody"
        regions = ["GB"]
        terms_url = "javascript:alert(1)"
        [default.verification]
        code_length = 5
        code_ttl_seconds = 601
        max_attempts = 11
        resend_after_seconds = [10]
        [default.caps]
        site = [{ at_most = 0, per_seconds = 1 }]
        [default.database]
        url = "postgres-typo"
    "#;
    let expected = [
        "caps.site",
        "database.url",
        "program.alternative_url",
        "program.frequency",
        "program.help_contact",
        "program.kind",
        "program.regions",
        "program.sender",
        "program.terms_url",
        "site.base_url",
        "site.trusted_proxies",
        "sms.provider",
        "verification.code_length",
        "verification.code_ttl_seconds",
        "verification.max_attempts",
        "verification.resend_after_seconds",
    ];
    assert_eq!(errors(toml, &[]), expected);
}

#[test]
fn unknown_names_are_refused_with_the_nearest_right_one() {
    let toml = "[default.progam]\nname = 'x'\n[default.program]\nfrequenzy = 1\n[default]\nprot = 8000\n";
    let said = sentence(toml);
    for hint in [
        "progam: isn't a setting; did you mean program?",
        "program.frequenzy: isn't a setting; did you mean program.frequency?",
        "prot: isn't a setting; did you mean port?",
    ] {
        assert!(said.contains(hint), "{hint} is not in:\n{said}");
    }
    let (_, findings) = read("", &[("ASSENT_PROGRAM__TERMS_ULR", "x")]);
    let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|s| s.contains("ASSENT_PROGRAM__TERMS_ULR: isn't a setting; did you mean ASSENT_PROGRAM__TERMS_URL?")),
        "{said:?}"
    );
}

#[test]
fn variables_win_and_texts_are_taken_raw() {
    let variables = [
        ("ASSENT_PROGRAM__SENDER", "+18005550199"),
        ("ASSENT_PROGRAM__NAME", "true"),
        ("ASSENT_PROGRAM__FREQUENCY", "{ varies = true }"),
        ("ASSENT_VERIFICATION__CODE_LENGTH", "8"),
        ("ASSENT_SITE__TRUSTED_PROXIES", "[]"),
        ("ASSENT_CAPS__SITE", "{ at_most = 9000, per_seconds = 86400 }"),
        ("ASSENT_PROGRAM__DESCRIPTION", "{ en = \"Codes\" }"),
    ];
    let (config, findings) = read("[default.program]\nname = 'Other'\n", &variables);
    assert!(findings.iter().all(|f| f.level == Level::Warning), "{findings:?}");
    assert_eq!((config.program.sender.as_str(), config.program.name.as_str()), ("+18005550199", "true"));
    assert_eq!((config.program.frequency, config.verification.code_length), (Frequency::Varies, 8));
    assert_eq!((config.caps.site[0].at_most, config.program.description_in("en")), (9_000, "Codes"));
    assert_eq!(read("", &[("ASSENT_PROGRAM__DESCRIPTION", "News, daily")]).0.program.description_in("en"), "News, daily");
    assert_eq!(errors("", &[("ASSENT_VERIFICATION__CODE_LENGTH", "eight")]), ["verification.code_length"]);
}

#[test]
fn a_secret_may_stand_in_a_file_and_is_never_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{}\n", "ab".repeat(32))).expect("written");
    let (config, findings) = read(&format!("[default]\nsecret_key_file = '{}'\n", file.display()), &[]);
    assert!(findings.iter().all(|f| f.level == Level::Warning), "{findings:?}");
    assert_eq!(config.secret_key.as_ref().map(|key| key.reveal().len()), Some(32));
    assert!(format!("{:?}", config.secret_key).contains("***"));
    assert_eq!(errors("[default]\nsecret_key_file = '/nowhere/at/all'\n", &[]), ["secret_key_file"]);
    assert!(errors("[default]\nsecret_key = 'short'\n", &[]).contains(&"secret_key".to_owned()));
}

#[test]
fn https_needs_something_that_speaks_tls_and_http_is_for_this_machine() {
    assert!(sentence("[default.site]\nbase_url = 'http://texts.acme.example'\n").contains("write https://texts.acme.example"));
    assert!(sentence("[default.site]\nbase_url = 'https://texts.acme.example'\n").contains("nothing here speaks TLS"));
    assert!(sentence("[default.site]\nbase_url = 'https://texts.acme.example:8443'\n").contains("names a port"));
    assert!(sentence("[default.site]\nbase_url = 'https://texts.acme.example/optin'\n").contains("without a path"));
}

#[test]
fn the_simulator_is_for_this_machine_alone() {
    let codes = |toml: &str| read(toml, &[]).1.iter().filter(|f| f.level == Level::Error).map(|f| f.code).collect::<Vec<_>>();
    assert!(codes("[default]\naddress = '0.0.0.0'\n").contains(&"SIMULATOR"));
    assert!(codes("[default.site]\ntrusted_proxies = ['10.0.0.1']\n").contains(&"SIMULATOR"));
    let public = codes("[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['10.0.0.1']\n");
    assert!(public.contains(&"SIMULATOR") && public.contains(&"ALTERNATIVE"), "{public:?}");
    assert!(codes("[default]\naddress = '::1'\n[default.site]\nbase_url = 'http://127.0.0.1:8000'\n").is_empty());
}

#[test]
fn the_frequency_is_a_promise_that_other_settings_keep() {
    assert!(sentence("[default.program]\nfrequency = { at_most = 1, per = 'day' }\n").contains("at least 2"));
    assert!(sentence("[default.program]\nkind = 'alerts'\nfrequency = { per_request = 1 }\n").contains("two_factor"));
    let over = "[default.caps]\nper_number = [{ at_most = 6, per_seconds = 86400 }]\n";
    assert!(sentence(over).contains("more than program.frequency promises"));
    assert!(
        errors("[default.caps]\nper_number = [{ at_most = 6, per_seconds = 3600 }]\n", &[]).is_empty(),
        "a shorter window is no contradiction"
    );
}

#[test]
fn a_privacy_page_of_ones_own_must_be_confirmed() {
    let own = "[default.program]\nprivacy_url = 'https://acme.example/privacy'\n";
    assert_eq!(errors(own, &[]), ["program.privacy_confirmed"]);
    assert!(errors(&format!("{own}privacy_confirmed = true\n"), &[]).is_empty());
}

#[test]
fn what_is_wrong_with_a_provider_is_named() {
    let found = |sms: &str, more: &str| -> Vec<String> {
        let toml = format!("[default.sms]\n{sms}\n{more}");
        let (_, findings) = read(&toml, &[]);
        let other = ["ALTERNATIVE", "EMAIL", "WEBHOOKS"];
        findings.iter().filter(|f| !other.contains(&f.code)).map(ToString::to_string).collect()
    };
    let vonage = |more: &str| {
        found(
            "provider = 'vonage'",
            &format!("[default.sms.vonage]\napi_key = 'abcd1234'\napi_secret = 's1'\nsignature_method = 'sha256'\n{more}"),
        )
    };
    assert_eq!(vonage("signature_secret = 's2'"), Vec::<String>::new());
    for (settings, wanted) in [
        ("", "warning UNSIGNED sms.vonage.signature_secret"),
        ("allow_unsigned = true", "warning UNSIGNED sms.vonage.signature_secret"),
        ("signature_secret = 's1'", "warning SIGNATURE sms.vonage.signature_secret: is the same"),
        ("signature_secret = '...'", "error SETTING sms.vonage.signature_secret: is empty, a placeholder"),
        ("signature_secret = 's2'\nallow_unsigned = true", "warning SIGNATURE sms.vonage.allow_unsigned"),
        ("signature_secret = 's2'\nbase_url = 'http://127.0.0.1:9'", "warning TEST_PROVIDER"),
        ("signature_secret = 's2'\nbase_url = 'http://vonage.example'", "error SETTING sms.vonage.base_url"),
        ("signature_secret = 's2'\nmessages_per_second = 0", "error SETTING sms.vonage.messages_per_second"),
        ("signature_secret = 's2'\nsignature_max_age_hours = 0", "error SETTING sms.vonage.signature_max_age_hours"),
    ] {
        let found = vonage(settings);
        assert!(found.iter().any(|finding| finding.starts_with(wanted)), "{settings}: {found:?}");
    }
    for (sms, more, wanted) in [
        ("provider = 'nexmo'", "", "error SETTING sms.provider"),
        ("provider = 'vonage'", "", "error SETTING sms.vonage.api_key"),
        ("provider = 'vonage'", "", "error SETTING sms.vonage.api_secret"),
        ("provider = 'vonage'", "[default.sms.vonage]\nsignature_secret = 's'", "warning SIGNATURE sms.vonage.signature_method"),
        ("provider = 'vonage'", "[default.sms.vonage]\nsignature_method = 'md4'", "error SETTING sms.vonage.signature_method"),
        ("provider = 'vonage'\ninbound_forwarded = false", "", "warning KEYWORDS sms.inbound_forwarded"),
        ("provider = 'vonage_2fa'", "", "warning SHARED_CODE sms.provider"),
        ("provider = 'vonage_2fa'\nprovider_answers_keywords = false", "", "error SETTING sms.provider_answers_keywords"),
        ("provider = 'vonage_2fa'", "[default.program]\nkind = 'alerts'", "error SETTING sms.provider"),
        ("provider = 'vonage_2fa'", "[default.verification]\nmethods = ['reply_code']", "error SETTING verification.methods"),
        ("provider = 'twilio'", "", "error SETTING sms.twilio.account_sid"),
        ("provider = 'twilio'", "", "error SETTING sms.twilio.auth_token"),
        (
            "provider = 'twilio'",
            "[default.sms.twilio]\nmessaging_service_sid = 'x'",
            "error SETTING sms.twilio.messaging_service_sid",
        ),
        (
            "provider = 'twilio'",
            "[default.site]\nbase_url = 'https://a_b.example'\ntrusted_proxies = ['10.0.0.1']",
            "error SETTING site.base_url",
        ),
    ] {
        let found = found(sms, more);
        assert!(found.iter().any(|finding| finding.starts_with(wanted)), "{sms} {more}: {found:?}");
    }
}

#[test]
fn a_public_program_is_warned_about_a_missing_proxy_and_missing_mail() {
    let warnings = |toml: &str| -> Vec<String> {
        let warned = read(toml, &[]).1.into_iter().filter(|f| f.level == Level::Warning && matches!(f.code, "PROXY" | "EMAIL"));
        warned.map(|finding| finding.to_string()).collect()
    };
    assert_eq!(warnings(""), Vec::<String>::new(), "on this machine neither is needed");
    let public = "[default.site]\nbase_url = 'https://texts.acme.example'\n";
    let found = warnings(public);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("no time limits on slow or idle clients") && found[0].contains("docs/operations.md"), "{found:?}");
    assert!(found[1].contains("ten business days") && found[1].contains("47 CFR 64.1200(a)(10)"), "{found:?}");
    let proxied = format!("{public}trusted_proxies = ['127.0.0.1']\n");
    assert_eq!(warnings(&proxied).len(), 1);
    let mailed = "[default.email]\nsmtp_url = 'file://mail'\nfrom = 'a@acme.example'\nowner = 'o@acme.example'\n";
    assert_eq!(warnings(&(proxied + mailed)), Vec::<String>::new());
}

#[test]
fn slow_clients_hold_up_the_end_for_three_seconds_at_most_unless_the_owner_says_otherwise() {
    let shutdown = |toml: &str| {
        let (config, _) = read(toml, &[]);
        let rocket: rocket::Config = config.rocket.reveal().extract().expect("readable");
        (rocket.shutdown.grace, rocket.shutdown.mercy)
    };
    // Rocket adds one second of its own.
    assert_eq!(shutdown(""), (1, 1));
    assert_eq!(shutdown("[default.shutdown]\ngrace = 7\n"), (7, 1));
}

#[test]
fn a_wrong_value_says_what_is_wrong_with_it() {
    for (toml, wanted) in [
        (
            "[default.caps]\nsite = { at_most = 2000000, per_seconds = 86400 }",
            "caps.site: has a wrong at_most: it must be a whole number from 1 to 1000000, not the number 2000000",
        ),
        ("[default.caps]\nsite = [{ at_most = 5 }]", "caps.site: has no per_seconds: write a whole number from 1 to 2678400"),
        ("[default.caps]\nsite = [{ at_most = 5, per_seconds = 60, per = 1 }]", "caps.site: has an unknown per"),
        ("[default.caps]\nsite = 5", "caps.site: must be a list such as [{ at_most = 3, per_seconds = 600 }], not the number 5"),
        ("[default.caps]\nsite = [5]", "caps.site: must be a list of tables"),
        (
            "[default.program]\nfrequency = { at_most = 5, per = 'year' }",
            "frequency: has a wrong per: it must be \"day\", \"week\" or \"month\", not the text `year`",
        ),
        ("[default.program]\nfrequency = { at_most = 0, per = 'day' }", "frequency: has a wrong at_most"),
        ("[default.program]\nfrequency = { varies = false }", "frequency: has a wrong varies"),
        ("[default.program]\nfrequency = { at_most = 5 }", "not a table with at_most"),
        ("[default.program]\nfrequency = 'often'", "not the text `often`"),
    ] {
        let said = sentence(toml);
        assert!(said.contains(wanted), "{toml}: {said}");
    }
}

#[test]
fn a_public_origin_over_http_and_the_simulator_are_both_named() {
    let places = errors(
        "[default.site]\nbase_url = 'http://texts.acme.example'\n[default.program]\nalternative_url = 'https://acme.example/'",
        &[],
    );
    assert_eq!(places, ["site.base_url", "sms.provider"]);
}

#[test]
fn a_public_site_has_no_examples_left() {
    let public = "[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['10.0.0.1']\n";
    let places = |toml: &str| read(toml, &[]).0.placeholders().into_iter().map(|finding| finding.place).collect::<Vec<_>>();
    assert_eq!(places(public), ["program.name", "program.sender", "program.help_contact"]);
    let own = "[default.program]\nname = 'Maple Street Clinic'\nsender = '54321'\nhelp_contact = 'help@maple.example'";
    assert_eq!(places(&format!("{public}{own}")), Vec::<String>::new());
    assert_eq!(places(""), Vec::<String>::new(), "this machine shows the demo");
}

#[test]
fn a_description_is_wanted_in_each_language() {
    let warned = |toml: &str| read(toml, &[]).1.iter().any(|finding| finding.code == "LANGUAGE");
    assert!(warned("[default.program]\ndescription = 'Codes.'"));
    assert!(warned("[default.program.description]\nen = 'Codes.'"));
    assert!(!warned("[default.program.description]\nen = 'Codes.'\nes = 'Códigos.'"));
    assert!(!warned("[default.program]\ndescription = 'Codes.'\n[default.locale]\noffered = ['en']"));
    assert!(!warned(""));
}

#[test]
fn a_site_is_read_from_the_file_and_from_variables() {
    let key = "0123456789abcdef0123456789abcdef";
    let toml = format!("[default.sites.shop]\nreturn_urls = ['https://shop.example/phone?a=1']\napi_key = '{key}'\n");
    let (config, findings) = read(
        &toml,
        &[
            ("ASSENT_SITES__CLUB__RETURN_URLS", "['http://localhost:9000/']"),
            ("ASSENT_SITES__CLUB__API_KEY", "another-0123456789abcdef0123456789"),
            ("ASSENT_SITES__CLUB__ALLOWED", "[]"),
        ],
    );
    assert!(findings.iter().all(|f| f.level == Level::Warning), "{findings:?}");
    let names: Vec<(&str, bool)> = config.sites.iter().map(|site| (site.name.as_str(), site.may_use_sessions)).collect();
    assert_eq!(names, [("club", false), ("shop", true)]);
    assert_eq!(site_of_key(&config.sites, key).map(|site| site.name.as_str()), Some("shop"));
    for wrong in ["", "0123456789abcdef0123456789abcde", "0123456789ABCDEF0123456789abcdef"] {
        assert!(site_of_key(&config.sites, wrong).is_none(), "{wrong}");
    }
    assert!(!format!("{config:?}").contains(key), "keys are never printed");
    let shop = config.sites.iter().find(|site| site.name == "shop").expect("it's there");
    for (url, leads) in [
        ("https://shop.example/phone", true),
        ("https://shop.example:443/phone?b=2", true),
        ("https://shop.example/phone#x", false),
        ("https://shop.example/phone/", false),
        ("https://user@shop.example/phone", false),
        ("http://shop.example/phone", false),
        ("https://shop.example.evil.example/phone", false),
    ] {
        assert_eq!(shop.leads_to(&Url::parse(url).expect("a URL")), leads, "{url}");
    }
}

#[test]
fn what_is_wrong_with_a_site_is_named() {
    let key = "0123456789abcdef0123456789abcdef";
    let good = format!("return_urls = ['https://shop.example/']\napi_key = '{key}'\n");
    for (toml, place, words) in [
        ("[default.sites.shop]\n".to_owned(), "sites.shop.api_key", "assent site-keys"),
        ("[default.sites.shop]\n".to_owned(), "sites.shop.return_urls", "is missing"),
        (format!("[default.sites.shop]\n{good}allowed = ['everything']\n"), "sites.shop.allowed", "`everything`"),
        (format!("[default.sites.shop]\n{good}secret = 'x'\n"), "sites.shop.secret", "isn't a setting"),
        (format!("[default.sites.Shop]\n{good}"), "sites.Shop", "lowercase"),
        (format!("[default.sites.a]\n{good}[default.sites.b]\n{good}"), "sites.b.api_key", "also the key of `a`"),
        (good.replace(key, "short"), "sites.shop.api_key", "32 characters"),
        (good.replace("https://shop.example/", "http://shop.example/"), "sites.shop.return_urls", "https"),
        (good.replace("https://shop.example/", "https://shop.example/#x"), "sites.shop.return_urls", "fragment"),
        (good.replace("https://shop.example/", "https://*.shop.example/"), "sites.shop.return_urls", "`*`"),
        (good.replace("https://shop.example/", "https://shop.example/?session=1"), "sites.shop.return_urls", "parameters"),
        (good.replace("https://shop.example/", "/phone"), "sites.shop.return_urls", "`/phone`"),
    ] {
        let toml = if toml.starts_with('[') { toml } else { format!("[default.sites.shop]\n{toml}") };
        let (_, findings) = read(&toml, &[]);
        let found = findings.iter().any(|f| f.level == Level::Error && f.place == place && f.sentence.contains(words));
        assert!(found, "{place}: {findings:?}");
    }
}
