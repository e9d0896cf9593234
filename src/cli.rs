//! Translates the command line: arguments in, sentences and an exit status out.
//!
//! Owns the names of the commands and the exit statuses: 0 done, 1 findings or failure, 2 wrong usage or configuration. Must not
//! contain rules. Without a command, `serve` runs.

mod backup;
mod check;
mod copy_database;
mod healthcheck;
mod logs;
mod migrate;
mod new_key;
mod opt_out;
mod preview_link;
mod send_test;
mod serve;
mod site_keys;
mod templates;
mod unlock;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::finding::{Finding, Level};
use crate::flow::secret_key::{KeyFit, fit};
use crate::keys::{self, Keys};
use crate::secret::Secret;
use crate::store::{Store, StoreError};

const SETTINGS: &str = "\
Settings:
  Rocket.toml in the current folder, or the file that ROCKET_CONFIG names.
  Any setting can also be a variable: ASSENT_ and two underscores for each dot, or ROCKET_ for Rocket's own.
    ROCKET_CONFIG=/etc/assent/Rocket.toml assent check
    ROCKET_PORT=8080 ASSENT_PROGRAM__NAME='Maple Street Clinic' assent
  Any setting that is a secret can be read from a file: sms.vonage.api_secret_file = \"/run/secrets/vonage\"

Exit status: 0 done, 1 findings or a failure, 2 wrong usage or settings.";

/// Opt-in and phone verification for texts from a US short code.
#[derive(Debug, Parser)]
#[command(name = "assent", version, after_help = SETTINGS)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate the database, check the pages, and serve the site (the default).
    #[command(after_help = "Example: assent serve")]
    Serve,
    /// Load everything that serve loads, render every page and text, and print what is wrong.
    #[command(after_help = "Example: assent check --json")]
    Check {
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Apply pending migrations and list them.
    #[command(after_help = "Example: assent migrate")]
    Migrate,
    /// Ask a running server whether it is ready.
    #[command(after_help = "Example: assent healthcheck --url http://127.0.0.1:8000")]
    Healthcheck {
        /// The server's origin (default: this machine, at the configured port).
        #[arg(long)]
        url: Option<String>,
    },
    /// Send one text through the configured provider and print its answer.
    #[command(after_help = "Example: assent send-test '(212) 555-0147'")]
    SendTest {
        /// The number, in any common format.
        phone: String,
    },
    /// Record an opt-out that reached you some other way, and send that number nothing more.
    #[command(after_help = "Example: assent opt-out 212-555-0147 --channel email --words 'Please take me off your list'")]
    OptOut {
        /// The number, in any common format.
        phone: String,
        /// What the person said.
        #[arg(long)]
        words: String,
        /// How it reached you.
        #[arg(long, value_enum)]
        channel: opt_out::Channel,
    },
    /// Accept a different secret key for the database.
    #[command(after_help = "Example: assent new-key --yes")]
    NewKey {
        /// Confirm that codes, queued texts that contain one, and cookies end with the old key.
        #[arg(long)]
        yes: bool,
    },
    /// Copy the database to a new file, while a server may be using it, and verify the copy.
    #[command(after_help = "Example: assent backup /var/backups/assent-2026-11-28.db")]
    Backup {
        /// The file to write. It must not exist yet.
        file: PathBuf,
    },
    /// Copy everything into an empty database, from SQLite to Postgres or back, and verify it.
    #[command(
        after_help = "Example: assent copy-database --from sqlite://data/assent.db --to postgres://assent@db.example/assent"
    )]
    CopyDatabase {
        /// The URL of the database to copy. A server may be using it, but what it writes meanwhile isn't copied.
        #[arg(long)]
        from: String,
        /// The URL of an empty database.
        #[arg(long)]
        to: String,
    },
    /// List the built-in templates and words, or copy one to make it yours.
    #[command(after_help = "Example: assent templates eject page/start.html")]
    Templates {
        #[command(subcommand)]
        command: TemplatesCommand,
    },
    /// Print a link to the preview of every page, text and e-mail. It works for an hour.
    #[command(after_help = "Example: assent preview-link")]
    PreviewLink,
    /// Print settings with a fresh API key for one of your sites.
    #[command(after_help = "Example: assent site-keys shop")]
    SiteKeys {
        /// The site's name: lowercase letters, digits, `_` and `-`.
        name: String,
    },
    /// Reset a number's failure count to 0, so that typed codes work for it again.
    #[command(after_help = "Example: assent unlock 212-555-0147")]
    Unlock {
        /// The number, in any common format.
        phone: String,
    },
}

#[derive(Debug, Subcommand)]
enum TemplatesCommand {
    /// List every built-in file, and say which are yours and what those lack.
    List,
    /// Copy a built-in file into your own folder. An existing file is never overwritten.
    Eject {
        /// The name, such as page/start.html or locale/en.ftl.
        name: String,
    },
}

/// The outcome of a command.
enum Outcome {
    Done,
    Findings,
    Misconfigured,
}

/// Runs the command that the process's arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let status = if error.use_stderr() { 2 } else { 0 };
            // If even this can't be printed, there's no other way to report it.
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    let result = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(),
        Command::Check { json } => check::run(json),
        Command::Migrate => migrate::run(),
        Command::Healthcheck { url } => healthcheck::run(url),
        Command::SendTest { phone } => send_test::run(&phone),
        Command::OptOut { phone, words, channel } => opt_out::run(&phone, words, channel),
        Command::NewKey { yes } => new_key::run(yes),
        Command::Backup { file } => backup::run(&file),
        Command::CopyDatabase { from, to } => copy_database::run(&from, &to),
        Command::Templates { command: TemplatesCommand::List } => templates::list(),
        Command::Templates { command: TemplatesCommand::Eject { name } } => templates::eject(&name),
        Command::PreviewLink => preview_link::run(),
        Command::SiteKeys { name } => Ok(site_keys::run(&name)),
        Command::Unlock { phone } => unlock::run(&phone),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Misconfigured) => ExitCode::from(2),
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(1)
        }
    }
}

/// Prints one plain sentence to stderr.
#[expect(clippy::print_stderr, reason = "errors of commands go to stderr")]
fn complain(sentence: &str) {
    eprintln!("assent: {sentence}");
}

/// Prints a line to stdout.
fn say(line: &str) {
    // The reader may stop early, as `head` does.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Says so if there's no settings file, because the demo looks like a real site.
fn say_if_without_settings() {
    if !Config::has_file() {
        say("There's no Rocket.toml in this folder, so the built-in defaults and the environment apply.");
    }
}

/// Returns the settings if they are usable, and prints what is wrong with them otherwise.
fn settings() -> Option<(Config, Vec<Finding>)> {
    match Config::load() {
        Ok((config, findings)) => {
            let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.level == Level::Error).collect();
            for finding in &errors {
                complain(&finding.to_string());
            }
            if !errors.is_empty() {
                return None;
            }
            Some((config, findings))
        }
        Err(error) => {
            complain(&error.to_string());
            None
        }
    }
}

/// Opens the database of a server, for a command about one of its numbers. If there is none, it isn't created: on a new, empty
/// database the command would only seem to work.
fn existing_store(config: &Config) -> anyhow::Result<Store> {
    anyhow::ensure!(
        config.database.file().is_none_or(Path::exists),
        "there is no database at {}: run this in the server's folder and with its settings (database.url)",
        config.database
    );
    open_store(config)
}

/// Opens the database, or says what to do about it.
fn open_store(config: &Config) -> anyhow::Result<Store> {
    Store::open(&config.database).map_err(|error| with_advice(config, error))
}

/// Adds what to do about a database that can't be opened.
fn with_advice(config: &Config, error: StoreError) -> anyhow::Error {
    let place = &config.database;
    // This says what to do already.
    if matches!(error, StoreError::Unfit(_)) {
        return anyhow::Error::from(error).context(format!("the database at {place}"));
    }
    let todo = if place.file().is_some() {
        "database.url must name a file in a folder that this account can write to, and that file must be one of Assent's"
    } else {
        "check database.url, and that this account may create tables there"
    };
    anyhow::Error::from(error).context(format!("the database at {place} can't be opened; {todo}"))
}

/// Returns the keys: those of the configured secret, or of the one beside the database, which is created for an empty database.
/// If the data was created with another secret key, prints what to do about it and returns `None`.
fn keys(config: &Config, store: &Store) -> anyhow::Result<Option<Keys>> {
    let (secret, place) = match &config.secret_key {
        Some(secret) => (Some(secret.clone()), "secret_key".to_owned()),
        None => {
            let folder = key_folder(config)?;
            (keys::load(folder)?, folder.join(keys::FILE).display().to_string())
        }
    };
    let fitting = |secret: Option<Secret<Vec<u8>>>| block_on(async { Ok(fit(store, secret.as_ref()).await?) });
    let database = &config.database;
    let or_else = "or, if it is lost, accept another with `assent new-key --yes`, which says what ends with it";
    match fitting(secret)? {
        KeyFit::Fits(keys) => Ok(Some(keys)),
        KeyFit::Fresh => match fitting(Some(keys::create(key_folder(config)?)?))? {
            KeyFit::Fits(keys) => Ok(Some(keys)),
            KeyFit::Fresh | KeyFit::Lost | KeyFit::Other(_) => {
                anyhow::bail!("another process is setting {database} up: try again")
            }
        },
        KeyFit::Lost => {
            complain(&format!("the secret key of {database} is missing: put {place} back from your backup, {or_else}"));
            Ok(None)
        }
        KeyFit::Other(_) => {
            complain(&format!("{place} is not the secret key that {database} was made with: put the right one back, {or_else}"));
            Ok(None)
        }
    }
}

/// Returns the folder that holds the secret key if the settings don't. Several instances on one database must share a key, so
/// there is no such folder for Postgres.
fn key_folder(config: &Config) -> anyhow::Result<&Path> {
    config.database.folder().context("secret_key is missing: instances that share a database need the same one in their settings")
}

/// Runs a future to completion on a runtime of its own.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime could be started")?.block_on(future)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
