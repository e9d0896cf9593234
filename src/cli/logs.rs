//! Where logs go: stderr, for people or for machines. Never a number, a code, a token or a query string.

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::LogFormat;

/// Begins to log. Called once; Rocket's own logger stays out, since it writes paths and queries.
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
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("assent") && *metadata.level() <= LevelFilter::INFO
}
