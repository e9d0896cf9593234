//! The wiring: everything that lives as long as the process, put together once.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::{Config, ProviderChoice};
use crate::keys::Keys;
use crate::render::{Render, RenderError, RenderSetup};
use crate::sms::Provider;
use crate::sms::simulator::Simulator;
use crate::store::Store;

/// One installation, running.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The facts.
    pub store: Store,
    /// The keys.
    pub keys: Keys,
    /// The SMS company.
    pub provider: Provider,
    /// The clock.
    pub clock: Clock,
    /// Rung when a text may be waiting.
    pub outbox: Notify,
    render: RwLock<Arc<Render>>,
}

impl App {
    /// Puts an installation together.
    #[must_use]
    pub fn new(config: Config, store: Store, keys: Keys, render: Render, clock: Clock) -> Self {
        let provider = match config.provider {
            ProviderChoice::Simulator => Provider::Simulator(Arc::new(Simulator::default())),
        };
        Self { config, store, keys, provider, clock, outbox: Notify::new(), render: RwLock::new(Arc::new(render)) }
    }

    /// The templates and words as they are now.
    #[must_use]
    pub fn render(&self) -> Arc<Render> {
        Arc::clone(&self.render.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts new templates and words in place of the old.
    pub fn replace_render(&self, render: Arc<Render>) {
        *self.render.write().unwrap_or_else(PoisonError::into_inner) = render;
    }
}

/// Loads templates and words as the settings say, the built-in ones alone if `built_in_only`. `globals` are the facts
/// that the web adds for its pages.
///
/// # Errors
/// As [`Render::load`].
pub fn load_render(config: &Config, globals: BTreeMap<String, tera::Value>, built_in_only: bool) -> Result<Render, RenderError> {
    let mut locales = config.locales.clone();
    // The default one first: it speaks to whoever asks for none of them.
    locales.sort_by_key(|locale| *locale != config.default_locale);
    let setup = RenderSetup { program: config.program.clone(), locales, globals };
    Render::load(&setup, (!built_in_only).then_some(config.templates_dir.as_path()))
}
