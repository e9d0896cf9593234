//! Measures opt-ins against the release binary: how many per second, and what each costs.
//!
//! `scripts/bench` runs this and prints the table in docs/performance.md. It starts the server with a local provider that speaks
//! Vonage's protocol, so that codes can be read without asking the server. Each person uses a new connection, browser and number
//! for each flow: GET `/`, POST `/start`, read the code, POST `/code`, GET `/done`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark prints what it times, and stops if something is not as expected"
)]

mod fill;
mod floors;
mod http;
mod load;
mod people;
mod provider;
mod server;
mod timing;

use std::path::Path;
use std::time::Duration;

use people::{Answers, Flows};
use provider::Provider;
use server::Server;

/// The numbers of simultaneous people to measure.
const PEOPLE: [usize; 3] = [1, 16, 64];
/// How many texts are waiting when the outbox is drained.
const WAITING: usize = 20_000;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Opt-ins in an empty database.
    Empty,
    /// With a million subscribers and ten million texts.
    FilledDatabase,
    /// With 500,000 codes sent today and a site cap of a million.
    FilledDay,
    /// While a million old rows are swept.
    Sweeping,
    /// Texts from phones.
    Inbound,
    /// A full outbox.
    Drain,
    /// What response times reveal.
    Timing,
}

struct Options {
    mode: Mode,
    seconds: u64,
    flush_ms: u64,
    numbers: usize,
    answers: Answers,
}

fn options() -> Options {
    let mut options = Options { mode: Mode::Empty, seconds: 8, flush_ms: 0, numbers: 1_000, answers: Answers::Typed };
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let mut number = |name: &str| {
            let value = arguments.next().and_then(|value| value.parse().ok());
            value.unwrap_or_else(|| panic!("write a number after {name}"))
        };
        match argument.as_str() {
            "--seconds" => options.seconds = number("--seconds"),
            "--flush-ms" => options.flush_ms = number("--flush-ms"),
            "--numbers" => options.numbers = usize::try_from(number("--numbers")).expect("a count"),
            "--replies" => options.answers = Answers::Replied,
            "--filled-database" => options.mode = Mode::FilledDatabase,
            "--filled-day" => options.mode = Mode::FilledDay,
            "--sweeping" => options.mode = Mode::Sweeping,
            "--inbound" => options.mode = Mode::Inbound,
            "--drain" => options.mode = Mode::Drain,
            "--timing" => options.mode = Mode::Timing,
            other => panic!("`{other}` is unknown: the comment at the top of scripts/bench lists the options"),
        }
    }
    options
}

fn main() {
    if floors::is_hello() {
        return floors::hello();
    }
    let options = options();
    let provider = Provider::start();
    let time = Duration::from_secs(options.seconds);
    match options.mode {
        Mode::Timing => timing::run(options.numbers),
        Mode::Inbound => load::inbound(&provider, time),
        Mode::Drain => load::drain(&provider, WAITING),
        Mode::Empty | Mode::FilledDatabase | Mode::FilledDay | Mode::Sweeping => opt_ins(&options, &provider),
    }
}

/// Measures opt-ins of 1, 16 and 64 people, each with a database of its own.
fn opt_ins(options: &Options, provider: &Provider) {
    let mode = match options.answers {
        Answers::Typed => "the texted code typed",
        Answers::Replied => "the page's code texted in",
    };
    let database = match options.mode {
        Mode::FilledDatabase => "1,000,000 subscribers with their evidence, and 10,000,000 texts",
        Mode::FilledDay => "500,000 codes of the same day, caps.site = 1,000,000",
        Mode::Sweeping => "while 1,000,000 old rows are forgotten",
        _ => "an empty database",
    };
    println!("opt-ins, {mode}, {database}, {} s each, {} ms added to each flush", options.seconds, options.flush_ms);
    println!("{}", Flows::HEADING);
    let filled = tempfile::tempdir().expect("a folder");
    match options.mode {
        Mode::FilledDatabase => fill::database(filled.path(), provider),
        Mode::FilledDay => fill::day(filled.path(), provider),
        Mode::Sweeping => fill::old_rows(filled.path(), provider),
        _ => {}
    }
    let settings: &[(&str, &str)] = match options.mode {
        Mode::FilledDay => &[("ASSENT_CAPS__SITE", "{ at_most = 1000000, per_seconds = 86400 }")],
        _ => &[],
    };
    let nothing = tempfile::tempdir().expect("a folder");
    for people in PEOPLE {
        let measured = measure(options, provider, people, filled.path(), settings);
        println!("{}", measured.row);
        if matches!(options.mode, Mode::FilledDatabase | Mode::FilledDay) {
            // Right afterwards, so that the machine is in the same state for both.
            let empty = measure(options, provider, people, nothing.path(), settings);
            println!(
                "{}   <- in an empty database: the filled one reaches {:.0} %",
                empty.row,
                measured.rate / empty.rate * 100.0
            );
        }
    }
    eprintln!("floors..");
    floors::print(Duration::from_secs(options.seconds.min(4)));
}

/// The result for one number of people.
struct Measured {
    row: String,
    /// Flows per second.
    rate: f64,
}

/// Measures opt-ins of `people` people at once, in a copy of the database in `filled`.
fn measure(options: &Options, provider: &Provider, people: usize, filled: &Path, settings: &[(&str, &str)]) -> Measured {
    let folder = tempfile::tempdir().expect("a folder");
    copy(filled, folder.path());
    let server = Server::start(folder.path(), provider, options.flush_ms, settings);
    // Warm up first: caches fill and statements are prepared.
    people::run(&server, provider, people, Duration::from_secs(1), options.answers);
    let subscribers = server.subscribers();
    let before = server.cost();
    let flows = people::run(&server, provider, people, Duration::from_secs(options.seconds), options.answers);
    let cost = server.cost().since(before);
    let gained = server.settled_subscribers() - subscribers;
    assert_eq!(gained, flows.count(), "the database gained more or fewer subscribers than people opted in");
    Measured { row: flows.row(people, &cost, server.memory_mib()), rate: flows.rate() }
}

/// Copies the filled database, if there is one.
fn copy(from: &Path, to: &Path) {
    if !from.join("data").exists() {
        return;
    }
    std::fs::create_dir(to.join("data")).expect("made");
    for file in std::fs::read_dir(from.join("data")).expect("listed").map(|file| file.expect("listed").path()) {
        std::fs::copy(&file, to.join("data").join(file.file_name().expect("a name"))).expect("copied");
    }
}
