//! Where logs go: to stderr, for people or for machines. They never contain a number, a code, a token or a query string.

use std::sync::{Mutex, PoisonError};

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::clock::Stopwatch;
use crate::config::LogFormat;

/// Starts logging. Call it once. Rocket's own logger stays out, since it writes paths and queries. All that gets through from
/// Rocket is the warning that connections can't be accepted.
pub(super) fn start(format: LogFormat) {
    let ours = filter_fn(is_ours);
    let registry = tracing_subscriber::registry();
    let started = match format {
        LogFormat::Human => {
            let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(false);
            registry.with(layer.with_filter(ours)).try_init()
        }
        LogFormat::Json => {
            let layer =
                tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).with_target(false).flatten_event(true);
            registry.with(layer.with_filter(ours)).try_init()
        }
    };
    if let Err(error) = started {
        super::complain(&format!("logs cannot be written: {error}"));
    }
    if log::set_boxed_logger(Box::new(RefusedConnections::default())).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
}

/// Logs that a connection couldn't be accepted because the process has too few file descriptors or the machine too little memory.
/// Nobody would notice otherwise, since clients that are turned away see only silence.
#[derive(Default)]
struct RefusedConnections {
    last: Mutex<Option<Stopwatch>>,
}

/// Rocket tries again four times a second, so one line in this time is enough.
const QUIET_MILLISECONDS: f64 = 10_000.0;

impl log::Log for RefusedConnections {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("rocket_http::listener") && metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|at| at.milliseconds() > QUIET_MILLISECONDS) {
            *last = Some(Stopwatch::start());
            let error = record.args().to_string();
            tracing::error!(error, "connections cannot be accepted; raise the limit on open files (`ulimit -n`), or use a proxy");
        }
    }

    fn flush(&self) {}
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("assent") && *metadata.level() <= LevelFilter::INFO
}
