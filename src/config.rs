//! Settings: Rocket's own and ours, merged, checked once and passed down.
//!
//! Owns the name, default, meaning and check of every setting, except those of the SMS provider (`sms::settings` and each
//! provider's folder). Must not be read from inside `optin`, `store` or `sms`, which get their own small structs. Reading never
//! stops at the first problem: a wrong setting becomes a finding and its default is used instead, so that `assent check` can go
//! on and find the rest.

mod email;
mod locales;
mod program;
mod site;
mod sites;
mod sms;
mod theme;
mod verification;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rocket::figment::Figment;
use rocket::figment::providers::{Env, Format as _, Toml};
use rocket::figment::value::{Dict, Value};
use rocket::figment::{Profile, providers::Serialized};
use time::Duration;
use url::Url;

use crate::finding::{Finding, Level};
use crate::optin::caps::{self, Caps};
use crate::optin::disclosure::Program;
use crate::optin::phone::{PhoneRules, is_served_region};
use crate::optin::verification::{VerificationMethod, VerificationRules};
use crate::secret::Secret;
use crate::settings::{self, Reader};
use crate::sms::settings::SmsSettings;
use crate::store::DatabaseUrl;
pub use email::{Email, MailRoute};
pub use locales::LOCALES;
pub use site::Site;
pub use sites::{LinkedSite, is_name, site_of_key};
pub use theme::{Accent, Color, Picture, Scheme, Theme};

/// The settings can't be read at all.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be read: {0}")]
pub struct ConfigError(String);

/// How logs are written (`log.format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// For machines: one JSON object per line.
    Json,
}

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `site.*`
    pub site: Site,
    /// The part of `program.*` that is disclosed.
    pub program: Program,
    /// `program.alternative_url`: another way to verify a number (CTA-10).
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
    /// `sms.*`
    pub sms: SmsSettings,
    /// `sites.*`
    pub sites: Vec<LinkedSite>,
    /// `email.*`, if e-mail is wanted.
    pub email: Option<Email>,
    /// `templates.dir`
    pub templates_dir: PathBuf,
    /// `templates.reload`
    pub templates_reload: bool,
    /// `theme.*`
    pub theme: Theme,
    /// `log.format`
    pub log_format: LogFormat,
    /// `locale.offered`
    pub locales: Vec<String>,
    /// `locale.default`
    pub default_locale: String,
    /// `secret_key`, if it's configured.
    pub secret_key: Option<Secret<Vec<u8>>>,
    /// Rocket's `port`.
    pub port: u16,
    /// Whether Rocket itself speaks TLS.
    pub tls: bool,
    /// What Rocket itself is started with. It contains the secret key as it was given.
    pub rocket: Secret<Figment>,
    /// The names of all our settings.
    pub known_settings: Vec<String>,
    /// When the settings file, as it was read, had last been changed; `None` if there is none.
    pub settings_as_of: Option<SystemTime>,
    /// Warnings about the settings. Errors keep the server from starting, so they aren't among these.
    pub warnings: Vec<Finding>,
}

impl Config {
    /// Returns the folder of the owner's static files, next to the templates folder. It may not exist.
    #[must_use]
    pub fn static_dir(&self) -> PathBuf {
        self.templates_dir.with_file_name("static")
    }

    /// Reads Rocket.toml (or the file that `ROCKET_CONFIG` names) and the environment, as any Rocket app does.
    ///
    /// # Errors
    /// If they can't be read at all. Settings that are merely wrong are among the findings.
    pub fn load() -> Result<(Self, Vec<Finding>), ConfigError> {
        let file = settings_file();
        let profile = Profile::from_env_or("ROCKET_PROFILE", rocket::Config::DEFAULT_PROFILE);
        let written = Figment::from(Toml::file(&file).nested());
        let figment = Self::merged()
            .merge(Toml::file(&file).nested())
            .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE", "CONFIG"]).global())
            .select(profile.clone());
        let (config, mut findings) = Self::read(figment, environment())?;
        // Otherwise, a typo would serve the demo instead of the owner's site.
        if std::env::var_os("ROCKET_CONFIG").is_some() && !Self::has_file() {
            let sentence =
                format!("names {file}, which doesn't exist: write the path of your settings, or leave the variable out");
            findings.push(Finding::error("SETTING", "ROCKET_CONFIG", sentence));
        }
        let usual = ["debug", "release", "default"].iter().any(|usual| profile == *usual);
        if !usual && !written.profiles().any(|known| *known == profile) {
            let sentence = format!("is `{profile}`, but {file} has no table [{profile}]: write one, or leave the variable out");
            findings.push(Finding::error("SETTING", "ROCKET_PROFILE", sentence));
        }
        Ok((config, findings))
    }

    /// Returns whether there's a settings file; without one, the built-in defaults and the environment apply.
    #[must_use]
    pub fn has_file() -> bool {
        Path::new(&settings_file()).exists()
    }

    /// Returns whether the settings file has changed since it was read. Settings apply from the next start.
    #[must_use]
    pub fn has_newer_settings(&self) -> bool {
        self.settings_as_of != settings_changed_at()
    }

    /// Returns Rocket's defaults with ours on top, before any file is read.
    #[must_use]
    pub fn merged() -> Figment {
        let limits = rocket::data::Limits::default().limit("form", rocket::data::ByteUnit::Kibibyte(16));
        Figment::from(rocket::Config::default())
            .merge(Serialized::default("limits", limits))
            // Slow clients delay the shutdown by three seconds at most: these two, and one that Rocket adds.
            .merge(Serialized::default("shutdown.grace", 1_u32))
            .merge(Serialized::default("shutdown.mercy", 1_u32))
    }

    /// Reads merged values and an environment.
    ///
    /// # Errors
    /// If the values can't be merged.
    pub fn read(
        figment: Figment,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<(Self, Vec<Finding>), ConfigError> {
        let values = given(&figment)?;
        let address = values.get("address").and_then(Value::as_str).and_then(|address| address.parse().ok());
        let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let port = values.get("port").and_then(settings::number).and_then(|p| u16::try_from(p).ok()).unwrap_or(8000);
        let tls = matches!(values.get("tls"), Some(Value::Dict(..)));
        let mut reader = Reader::new(values, environment);
        let site = site::read(&mut reader, port, tls);
        let methods_given = reader.is_given("verification.methods");
        let methods = verification::read_methods(&mut reader);
        let templates_dir = PathBuf::from(reader.string("templates.dir").unwrap_or_else(|| "custom/templates".to_owned()));
        let known_locales = locales::known(&templates_dir);
        let program = program::read(&mut reader, &methods, &site, &known_locales);
        let sms = crate::sms::settings::read(&mut reader, &program.program.sender);
        sms::check(&mut reader, &sms, &site, address, program.program.kind);
        let methods = sms::usable_methods(&mut reader, methods, methods_given, &sms);
        let email = email::read(&mut reader, !sms.is_simulated() || !site.is_local());
        let sites = sites::read(&mut reader);
        let verification = verification::read_verification(&mut reader);
        let caps = verification::read_caps(&mut reader, program.program.frequency);
        let (default_locale, locales) = locales::read(&mut reader, &known_locales, &templates_dir);
        program::check_description(&mut reader, &program.program, &locales);
        let database = read_database(&mut reader);
        let secret_key = read_secret_key(&mut reader, &database);
        let debug = cfg!(debug_assertions);
        let config = Self {
            phones: PhoneRules { regions: read_regions(&mut reader), fictional: sms.is_simulated() },
            unconfirmed_days: reader.integer("retention.unconfirmed_days", 30, 3_650).unwrap_or(180),
            database,
            templates_dir,
            templates_reload: reader.boolean("templates.reload").unwrap_or(debug),
            theme: theme::read(&mut reader),
            log_format: read_log_format(&mut reader, debug),
            secret_key,
            site,
            program: program.program,
            alternative_url: program.alternative_url,
            methods,
            verification,
            caps,
            sms,
            sites,
            email,
            locales,
            default_locale,
            port,
            tls,
            rocket: Secret::new(rockets_own(figment)),
            known_settings: Vec::new(),
            settings_as_of: settings_changed_at(),
            warnings: Vec::new(),
        };
        check_rocket(&mut reader, config.rocket.reveal(), tls);
        reader.report_unknown();
        let known_settings = reader.known().to_vec();
        let warnings = reader.findings.iter().filter(|finding| finding.level == Level::Warning).cloned().collect();
        Ok((Self { known_settings, warnings, ..config }, reader.findings))
    }

    /// Returns a finding for each setting that a public site has left at its example.
    #[must_use]
    pub fn placeholders(&self) -> Vec<Finding> {
        if self.site.is_local() { Vec::new() } else { program::placeholders(&self.program) }
    }

    /// Returns the owner's site of this name, if it may use sessions.
    #[must_use]
    pub fn site_named(&self, name: &str) -> Option<&LinkedSite> {
        self.sites.iter().find(|site| site.name == name && site.may_use_sessions)
    }

    /// Returns how long the evidence of a request that was never confirmed is kept.
    #[must_use]
    pub fn unconfirmed_kept(&self) -> Duration {
        Duration::days(i64::from(self.unconfirmed_days))
    }

    /// Whether a number can be verified this way.
    #[must_use]
    pub fn offers(&self, method: VerificationMethod) -> bool {
        self.methods.contains(&method)
    }

    /// Whether a number that has just opted in gets a welcome: the frequency allows one, and we send our own wording.
    #[must_use]
    pub const fn welcomes(&self) -> bool {
        caps::welcomes(self.program.frequency) && !self.sms.has_own_words()
    }

    /// Returns the hash of the program's facts in a locale, as stored in `disclosures.facts_hash`; `None` if the locale isn't
    /// offered.
    #[must_use]
    pub fn facts_hash(&self, locale: &str) -> Option<String> {
        self.locales.iter().any(|offered| offered == locale).then(|| self.program.facts_hash(locale))
    }
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
        // The URL itself may contain a password, so the message doesn't repeat it.
        reader.problem("database.url", why);
        DatabaseUrl::parse(default).unwrap_or_else(|_| unreachable!("a constant URL"))
    })
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

/// Returns the environment. A variable that isn't UTF-8 can't be a setting of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Returns when the settings file last changed; `None` if there is none.
fn settings_changed_at() -> Option<SystemTime> {
    std::fs::metadata(settings_file()).and_then(|file| file.modified()).ok()
}

/// Returns the path of the settings file, as Rocket finds it.
fn settings_file() -> String {
    Env::var_or("ROCKET_CONFIG", "Rocket.toml")
}

/// Returns the merged values.
fn given(figment: &Figment) -> Result<Dict, ConfigError> {
    let mut values: Dict = figment.extract().map_err(|error| {
        let all: Vec<String> = error.into_iter().map(|e| e.to_string()).collect();
        ConfigError(all.join("; "))
    })?;
    // Rocket's default key is a list of zeros, which means that none was given.
    if matches!(values.get("secret_key"), Some(Value::Array(..))) {
        values.remove("secret_key");
    }
    Ok(values)
}

/// Returns what Rocket is started with: `ident` would tell attackers what we run, a client's own X-Real-IP can't be trusted, and we
/// do our own logging.
fn rockets_own(figment: Figment) -> Figment {
    figment.merge(("ident", false)).merge(("ip_header", false)).merge(("log_level", "off"))
}

/// Reports what Rocket can't read or do among its own settings.
fn check_rocket(reader: &mut Reader, settings: &Figment, tls: bool) {
    if tls && !cfg!(feature = "tls") {
        reader.problem("tls", "needs a binary with TLS built in: build with `--features tls`, or remove it and use a proxy");
    }
    let Err(errors) = settings.extract::<rocket::Config>() else { return };
    for error in errors {
        let sentence = format!("{}; see Rocket's own settings", error.kind);
        reader.findings.push(Finding::error("SETTING", error.path.join("."), sentence));
    }
}

fn read_secret_key(reader: &mut Reader, database: &DatabaseUrl) -> Option<Secret<Vec<u8>>> {
    use base64::Engine as _;
    let Some(text) = reader.secret("secret_key") else {
        if database.file().is_none() && !reader.has_finding("secret_key") {
            let why = "is missing: instances that share a database need the same one; `openssl rand -hex 32` makes one";
            reader.problem("secret_key", why);
        }
        return None;
    };
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
