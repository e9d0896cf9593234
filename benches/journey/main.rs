//! The journey of an opt-in against the release binary: how many a second, and what each costs.
//!
//! `scripts/bench` runs it and prints the table of docs/performance.md. It starts the server with a provider of its own, a
//! local one that speaks Vonage's wire, so that codes are read without asking the server. Each person has a new connection,
//! browser and number for each flow: GET `/`, POST `/start`, read the code, POST `/code`, GET `/done`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark prints what it times, and stops where something is not as it expects"
)]

mod floors;
mod http;
mod people;
mod provider;
mod server;

use std::time::Duration;

use people::Flows;
use provider::Provider;
use server::Server;

/// How many people there are at once.
const PEOPLE: [usize; 3] = [1, 16, 64];

struct Options {
    seconds: u64,
    flush_ms: u64,
    replies: bool,
}

fn options() -> Options {
    let mut options = Options { seconds: 8, flush_ms: 0, replies: false };
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let mut number = |name: &str| {
            let value = arguments.next().and_then(|value| value.parse().ok());
            value.unwrap_or_else(|| panic!("write a number behind {name}"))
        };
        match argument.as_str() {
            "--seconds" => options.seconds = number("--seconds"),
            "--flush-ms" => options.flush_ms = number("--flush-ms"),
            "--replies" => options.replies = true,
            other => panic!("`{other}` is unknown: write --seconds N, --flush-ms N or --replies"),
        }
    }
    options
}

fn main() {
    if floors::is_hello() {
        return floors::hello();
    }
    let options = options();
    let mode = if options.replies { "the page's code texted in" } else { "the texted code typed" };
    println!("opt-ins, {mode}, {} s each, {} ms added to each flush", options.seconds, options.flush_ms);
    println!("{}", Flows::HEADING);
    let provider = Provider::start();
    for people in PEOPLE {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(folder.path(), &provider, options.flush_ms);
        eprintln!("{people} people..");
        // Caches fill and statements are prepared first.
        people::run(&server, &provider, people, Duration::from_secs(1), options.replies);
        let subscribers = server.subscribers();
        let before = server.cost();
        let flows = people::run(&server, &provider, people, Duration::from_secs(options.seconds), options.replies);
        let cost = server.cost().since(before);
        let gained = server.settled_subscribers() - subscribers;
        assert_eq!(gained, flows.count(), "the database gained other subscribers than people opted in");
        println!("{}", flows.row(people, &cost, server.memory_mib()));
    }
    eprintln!("floors..");
    floors::print(Duration::from_secs(options.seconds.min(4)));
}
