//! Settings: Rocket's own and ours, merged, checked once and passed down.
//!
//! Owns every setting's name, default, meaning and check. Must not be read from inside `optin`, `store` or `sms`: they get
//! their own small structs. The surprise: reading never stops at the first problem; a wrong setting becomes a finding
//! and its default stands in, so that `assent check` can go on and find the rest.

mod program;
mod reader;
mod secret;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use ipnet::IpNet;
use rocket::figment::Figment;
use rocket::figment::providers::{Env, Format as _, Toml};
use rocket::figment::value::{Dict, Value};
use rocket::figment::{Profile, providers::Serialized};
use time::Duration;
use url::Url;

use crate::optin::caps::{Cap, Caps, frequency_cap};
use crate::optin::disclosure::{Frequency, Program};
use crate::optin::phone::{PhoneRules, is_served_region};
use crate::optin::verification::{VerificationMethod, VerificationRules};
use crate::store::DatabaseUrl;
use reader::Reader;
pub use secret::Secret;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `serve` refuses to start.
    Error,
    /// Worth a look.
    Warning,
}

/// Something that `check` prints and `serve` may refuse to start for: `LEVEL CODE where: sentence`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What kind it is, such as `SETTING`.
    pub code: &'static str,
    /// The setting, template or message that it is about.
    pub place: String,
    /// What is wrong and what to write instead.
    pub sentence: String,
}

impl Finding {
    /// A finding that stops `serve`.
    pub fn error(code: &'static str, place: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { level: Level::Error, code, place: place.into(), sentence: sentence.into() }
    }

    /// A finding that does not.
    pub fn warning(code: &'static str, place: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { level: Level::Warning, code, place: place.into(), sentence: sentence.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{level} {} {}: {}", self.code, self.place, self.sentence)
    }
}

/// The settings cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be read: {0}")]
pub struct ConfigError(String);

/// The public site (`site.*`).
#[derive(Debug, Clone)]
pub struct Site {
    /// The public origin; codes are bound to its host.
    pub base_url: Url,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where `/done` offers to go on.
    pub return_url: Option<Url>,
    /// What is said there.
    pub return_name: Option<String>,
    /// Whether HSTS covers subdomains.
    pub hsts_subdomains: bool,
}

impl Site {
    /// Whether the site is reached by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// The host that codes are bound to.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base_url.host_str().unwrap_or("localhost")
    }

    /// Whether the site is this machine's alone.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self.base_url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}

/// How logs are written (`log.format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// For machines: one JSON object a line.
    Json,
}

/// The SMS company (`sms.provider`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderChoice {
    /// The simulated phones of this machine.
    Simulator,
}

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `site.*`
    pub site: Site,
    /// `program.*`, as far as it is disclosed.
    pub program: Program,
    /// `program.alternative_url`: another way to prove a number (CTA-10).
    pub alternative_url: Option<Url>,
    /// `program.regions`, and whether fictional numbers are accepted.
    pub phones: PhoneRules,
    /// `verification.methods`
    pub methods: Vec<VerificationMethod>,
    /// `verification.*`
    pub verification: VerificationRules,
    /// `caps.*`
    pub caps: Caps,
    /// `retention.unconfirmed_days`
    pub unconfirmed_days: u32,
    /// `database.url`
    pub database: DatabaseUrl,
    /// `sms.provider`
    pub provider: ProviderChoice,
    /// `templates.dir`
    pub templates_dir: PathBuf,
    /// `templates.reload`
    pub templates_reload: bool,
    /// `log.format`
    pub log_format: LogFormat,
    /// `locale.offered`
    pub locales: Vec<String>,
    /// `locale.default`
    pub default_locale: String,
    /// `secret_key`, if it is configured.
    pub secret_key: Option<Secret<Vec<u8>>>,
    /// Rocket's `port`.
    pub port: u16,
    /// Whether Rocket itself speaks TLS.
    pub tls: bool,
    /// What Rocket itself is started with; it holds the secret key as it was given.
    pub rocket: Secret<Figment>,
    /// The name of every setting of ours.
    pub known_settings: Vec<String>,
}

/// The locales that have a catalogue.
pub const LOCALES: [&str; 1] = ["en"];

impl Config {
    /// Reads Rocket.toml (or the file that `ROCKET_CONFIG` names) and the environment, as any Rocket app does.
    ///
    /// # Errors
    /// When they cannot be read at all; what is merely wrong is among the findings.
    pub fn load() -> Result<(Self, Vec<Finding>), ConfigError> {
        let figment = Self::merged()
            .merge(Toml::file(Env::var_or("ROCKET_CONFIG", "Rocket.toml")).nested())
            .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE", "CONFIG"]).global())
            .select(Profile::from_env_or("ROCKET_PROFILE", rocket::Config::DEFAULT_PROFILE));
        Self::read(figment, std::env::vars())
    }

    /// Rocket's defaults with ours on top, before any file.
    #[must_use]
    pub fn merged() -> Figment {
        let limits = rocket::data::Limits::default().limit("form", rocket::data::ByteUnit::Kibibyte(16));
        Figment::from(rocket::Config::default()).merge(Serialized::default("limits", limits))
    }

    /// Reads merged values and an environment.
    ///
    /// # Errors
    /// When they cannot be merged.
    pub fn read(
        figment: Figment,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<(Self, Vec<Finding>), ConfigError> {
        let mut values: Dict = figment.extract().map_err(|error| {
            let all: Vec<String> = error.into_iter().map(|e| e.to_string()).collect();
            ConfigError(all.join("; "))
        })?;
        // Rocket's default key is a list of zeros: none was given.
        if matches!(values.get("secret_key"), Some(Value::Array(..))) {
            values.remove("secret_key");
        }
        let address = values.get("address").and_then(Value::as_str).and_then(|a| a.parse().ok());
        let address: IpAddr = address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let port = values.get("port").and_then(Value::to_i128).and_then(|p| u16::try_from(p).ok()).unwrap_or(8000);
        let tls = matches!(values.get("tls"), Some(Value::Dict(..)));
        let mut reader = Reader::new(values, environment);
        let site = read_site(&mut reader, port, tls);
        let methods = read_methods(&mut reader);
        let program = program::read(&mut reader, &methods, &site);
        let provider = read_provider(&mut reader, &site, address);
        let verification = read_verification(&mut reader);
        let caps = read_caps(&mut reader, program.program.frequency);
        let (default_locale, locales) = read_locales(&mut reader);
        let debug = cfg!(debug_assertions);
        let config = Self {
            phones: PhoneRules { regions: read_regions(&mut reader), fictional: matches!(provider, ProviderChoice::Simulator) },
            unconfirmed_days: reader.integer("retention.unconfirmed_days", 30, 3_650).unwrap_or(180),
            database: read_database(&mut reader),
            templates_dir: reader.string("templates.dir").unwrap_or_else(|| "custom/templates".to_owned()).into(),
            templates_reload: reader.boolean("templates.reload").unwrap_or(debug),
            log_format: read_log_format(&mut reader, debug),
            secret_key: read_secret_key(&mut reader),
            site,
            program: program.program,
            alternative_url: program.alternative_url,
            methods,
            verification,
            caps,
            provider,
            locales,
            default_locale,
            port,
            tls,
            // Ident names us to attackers, a client's own X-Real-IP is not to be believed, and we log for ourselves.
            rocket: Secret::new(figment.merge(("ident", false)).merge(("ip_header", false)).merge(("log_level", "off"))),
            known_settings: Vec::new(),
        };
        if tls && !cfg!(feature = "tls") {
            reader.problem("tls", "needs a binary with TLS built in: build with `--features tls`, or remove it and use a proxy");
        }
        if let Err(error) = config.rocket.reveal().extract::<rocket::Config>() {
            for error in error {
                reader.findings.push(Finding::error(
                    "SETTING",
                    error.path.join("."),
                    format!("{}; see Rocket's own settings", error.kind),
                ));
            }
        }
        reader.report_unknown();
        let known_settings = reader.known().to_vec();
        Ok((Self { known_settings, ..config }, reader.findings))
    }

    /// The facts of the program in a locale, as `disclosures.facts_hash` keeps them; `None` if it is not offered.
    #[must_use]
    pub fn facts_hash(&self, locale: &str) -> Option<String> {
        self.locales.iter().any(|offered| offered == locale).then(|| self.program.facts_hash(locale))
    }
}

fn read_site(reader: &mut Reader, port: u16, tls: bool) -> Site {
    let local = format!("http://localhost:{port}");
    let default = || Url::parse(&local).unwrap_or_else(|_| unreachable!("a constant URL"));
    let mut base_url = default();
    if let Some(text) = reader.string("site.base_url") {
        match origin(&text) {
            Ok(url) => base_url = url,
            Err(why) => reader.problem("site.base_url", why),
        }
    }
    let mut trusted_proxies = Vec::new();
    for text in reader.strings("site.trusted_proxies").unwrap_or_default() {
        match text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)) {
            Some(net) => trusted_proxies.push(net),
            None => reader.problem(
                "site.trusted_proxies",
                format!("`{text}` is neither an address nor a network: write 10.0.0.2 or 10.0.0.0/8"),
            ),
        }
    }
    let return_url = read_url(reader, "site.return_url");
    let return_name = reader.string("site.return_name").filter(|name| !name.trim().is_empty());
    if return_url.is_some() != return_name.is_some() {
        let (missing, sentence) = if return_url.is_some() {
            ("site.return_name", "is missing: name the place that site.return_url leads to")
        } else {
            ("site.return_url", "is missing: site.return_name needs a place to lead to")
        };
        reader.problem(missing, sentence);
    }
    let site = Site {
        base_url,
        trusted_proxies,
        return_url,
        return_name,
        hsts_subdomains: reader.boolean("site.hsts_subdomains").unwrap_or(false),
    };
    if site.is_https() && !tls && site.trusted_proxies.is_empty() {
        reader.problem(
            "site.base_url",
            "is https, but nothing here speaks TLS: set Rocket's `tls`, or name the proxy that does in site.trusted_proxies",
        );
    }
    site
}

/// An origin: http for this machine, https on the default port for the rest of the world.
fn origin(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| format!("`{text}` is no URL: write https:// and your host"))?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !bare {
        return Err(format!("`{text}` is no origin: write https:// and your host, without a path"));
    }
    let site = Site { base_url: url, trusted_proxies: Vec::new(), return_url: None, return_name: None, hsts_subdomains: false };
    if !site.is_local() {
        if !site.is_https() {
            return Err(format!("`{text}` is http, which is for this machine alone: write https://{}", site.host()));
        }
        if site.base_url.port().is_some() {
            return Err(format!("`{text}` names a port, to which codes cannot be bound: write https://{}", site.host()));
        }
    }
    Ok(site.base_url)
}

/// An absolute URL that a page may link to: https, or http on this machine.
fn read_url(reader: &mut Reader, key: &str) -> Option<Url> {
    let text = reader.string(key)?;
    match link(&text) {
        Some(url) => Some(url),
        None => {
            reader.problem(key, format!("`{text}` is no link that we can offer: write an absolute https:// URL"));
            None
        }
    }
}

fn link(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let site = Site { base_url: url, trusted_proxies: Vec::new(), return_url: None, return_name: None, hsts_subdomains: false };
    let fit = site.base_url.host_str().is_some() && (site.is_https() || (site.base_url.scheme() == "http" && site.is_local()));
    fit.then_some(site.base_url)
}

fn read_methods(reader: &mut Reader) -> Vec<VerificationMethod> {
    let both = vec![VerificationMethod::WebCode, VerificationMethod::ReplyCode];
    let Some(words) = reader.strings("verification.methods") else { return both };
    let methods: Vec<VerificationMethod> = words.iter().filter_map(|word| VerificationMethod::from_word(word)).collect();
    if methods.len() != words.len() || methods.is_empty() {
        reader.problem("verification.methods", "must list web_code, reply_code or both: write [\"web_code\", \"reply_code\"]");
        return both;
    }
    if !methods.contains(&VerificationMethod::WebCode) {
        reader.problem("verification.methods", "must contain web_code: the reply way alone is not there yet");
        return both;
    }
    methods
}

fn read_verification(reader: &mut Reader) -> VerificationRules {
    let code_length = reader.integer("verification.code_length", 6, 8).unwrap_or(6);
    let code_ttl = reader.integer("verification.code_ttl_seconds", 60, 600).unwrap_or(600);
    let max_attempts = reader.integer("verification.max_attempts", 1, 10).unwrap_or(5);
    let mut resend_after = vec![Duration::seconds(30), Duration::seconds(60)];
    if let Some(value) = reader.parsed("verification.resend_after_seconds") {
        let gaps = match &value {
            Value::Array(_, items) => {
                items.iter().map(|item| reader::number(item).filter(|n| (30..=1_800).contains(n))).collect::<Option<Vec<_>>>()
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

fn read_caps(reader: &mut Reader, frequency: Frequency) -> Caps {
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

/// A list of caps, or one alone.
fn read_cap_list(reader: &mut Reader, key: &str) -> Option<Vec<Cap>> {
    let value = reader.parsed(key)?;
    let one = |value: &Value| -> Option<Cap> {
        let Value::Dict(_, table) = value else { return None };
        let at_most = reader::number(table.get("at_most")?).filter(|n| (1..=1_000_000).contains(n))?;
        let seconds = reader::number(table.get("per_seconds")?).filter(|n| (1..=2_678_400).contains(n))?;
        (table.len() == 2).then(|| Cap { at_most, window: Duration::seconds(i64::from(seconds)) })
    };
    let caps = match &value {
        Value::Array(_, items) => items.iter().map(one).collect::<Option<Vec<_>>>().filter(|caps| !caps.is_empty()),
        Value::Dict(..) => one(&value).map(|cap| vec![cap]),
        _ => None,
    };
    if caps.is_none() {
        reader.wrong_type(key, "a list such as [{ at_most = 3, per_seconds = 600 }], with at most 31 days", &value);
    }
    caps
}

fn read_regions(reader: &mut Reader) -> Vec<String> {
    let default = || vec!["US".to_owned()];
    let Some(regions) = reader.strings("program.regions") else { return default() };
    let unknown: Vec<&String> = regions.iter().filter(|region| !is_served_region(region)).collect();
    if regions.is_empty() || !unknown.is_empty() {
        let found = unknown.first().map_or_else(String::new, |region| format!(", not `{region}`"));
        reader.problem("program.regions", format!("must list regions that share +1, such as [\"US\", \"PR\"]{found}"));
        return default();
    }
    regions
}

fn read_database(reader: &mut Reader) -> DatabaseUrl {
    let default = "sqlite://data/assent.db";
    let given = reader.secret("database.url");
    let parsed = DatabaseUrl::parse(given.as_ref().map_or(default, |url| url.reveal().as_str()));
    parsed.unwrap_or_else(|why| {
        // The URL itself may hold a password: what is wrong with it is said without it.
        reader.problem("database.url", why);
        DatabaseUrl::parse(default).unwrap_or_else(|_| unreachable!("a constant URL"))
    })
}

fn read_provider(reader: &mut Reader, site: &Site, address: IpAddr) -> ProviderChoice {
    if let Some(word) = reader.string("sms.provider").filter(|word| word != "simulator") {
        reader.problem("sms.provider", format!("`{word}` is no SMS provider of this version: write \"simulator\""));
    }
    if !site.is_local() || !address.is_loopback() || !site.trusted_proxies.is_empty() {
        reader.findings.push(Finding::error(
            "SIMULATOR",
            "sms.provider",
            "is the simulator, which shows every code to whoever can reach it: it needs a site.base_url and an address of this \
             machine and no site.trusted_proxies; set those back, or name a real provider",
        ));
    }
    ProviderChoice::Simulator
}

fn read_log_format(reader: &mut Reader, debug: bool) -> LogFormat {
    let default = if debug { LogFormat::Human } else { LogFormat::Json };
    match reader.string("log.format").as_deref() {
        None => default,
        Some("human") => LogFormat::Human,
        Some("json") => LogFormat::Json,
        Some(other) => {
            reader.problem("log.format", format!("must be \"human\" or \"json\", not `{other}`"));
            default
        }
    }
}

fn read_locales(reader: &mut Reader) -> (String, Vec<String>) {
    let all = || LOCALES.map(str::to_owned).to_vec();
    let mut offered = reader.strings("locale.offered").unwrap_or_else(all);
    let unknown: Vec<&String> = offered.iter().filter(|locale| !LOCALES.contains(&locale.as_str())).collect();
    if offered.is_empty() || !unknown.is_empty() {
        let sentence =
            format!("must list locales that have a catalogue ({}): write [\"{}\"]", LOCALES.join(", "), LOCALES.join("\", \""));
        reader.problem("locale.offered", sentence);
        offered = all();
    }
    let default = reader.string("locale.default").unwrap_or_else(|| offered.first().cloned().unwrap_or_default());
    if offered.contains(&default) {
        (default, offered)
    } else {
        reader.problem("locale.default", format!("`{default}` is not among locale.offered ({})", offered.join(", ")));
        (offered.first().cloned().unwrap_or_default(), offered)
    }
}

fn read_secret_key(reader: &mut Reader) -> Option<Secret<Vec<u8>>> {
    use base64::Engine as _;
    let text = reader.secret("secret_key")?;
    let text = text.reveal().trim();
    let bytes = match text.len() {
        64 => hex::decode(text).ok(),
        _ => base64::engine::general_purpose::STANDARD.decode(text).ok(),
    };
    match bytes.filter(|bytes| bytes.len() >= crate::keys::SHORTEST) {
        Some(bytes) => Some(Secret::new(bytes)),
        None => {
            reader.problem(
                "secret_key",
                "must be at least 32 bytes, as 64 hex digits or in base64: `openssl rand -hex 32` makes one",
            );
            None
        }
    }
}

#[cfg(test)]
mod tests;
