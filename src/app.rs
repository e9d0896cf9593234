//! The wiring: everything that lives as long as the process, put together once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use crate::clock::{Clock, Lately, Pacer, Stopwatch};
use crate::config::Config;
use crate::email::Mailer;
use crate::keys::Keys;
use crate::optin::outage::Breaker;
use crate::render::{Render, RenderError, RenderSetup};
use crate::sms::decoy::decoy_of;
use crate::sms::{Provider, SmsError};
use crate::store::Store;

/// How the last heartbeat went: how long ago, and whether the database took it.
pub type Heartbeat = (Stopwatch, bool);

/// What sends texts.
struct Sending {
    /// Not the runtime that answers requests, or the time of an answer would tell whether its number got a text.
    runtime: Handle,
    decoy: Option<Provider>,
}

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
    /// When the next text may be handed over (`messages_per_second`).
    pub pacer: Arc<Pacer>,
    /// Places for texts that are on their way at once. None until [`App::start_senders`]: then a text goes out only when it is
    /// delivered from the outbox.
    pub senders: Arc<Semaphore>,
    /// How long the provider took for a text lately.
    pub send_times: Lately,
    /// Where mail to the owner goes, if it goes anywhere.
    pub mailer: Option<Mailer>,
    /// Rung when a mail may be waiting.
    pub mailbox: Notify,
    sending: OnceLock<Sending>,
    breaker: Mutex<Breaker>,
    held_claims: Mutex<BTreeSet<i64>>,
    heartbeat: Mutex<Option<Heartbeat>>,
    render: RwLock<Arc<Render>>,
}

impl App {
    /// Puts an installation together.
    ///
    /// # Errors
    /// When the way to the SMS provider cannot be set up.
    pub fn new(config: Config, store: Store, keys: Keys, render: Render, clock: Clock) -> Result<Self, SmsError> {
        let site = &config.site;
        let origin = site.base_url.origin().ascii_serialization();
        // A company out there calls back public https alone; one of this machine, as in tests, whatever we are.
        let provider = Provider::new(&config.sms.provider, (site.is_https() || config.sms.is_local).then_some(origin.as_str()))?;
        Ok(Self {
            pacer: Arc::new(Pacer::per_second(config.sms.messages_per_second)),
            senders: Arc::new(Semaphore::new(0)),
            send_times: Lately::default(),
            sending: OnceLock::new(),
            mailer: config.email.as_ref().map(Mailer::new),
            config,
            store,
            keys,
            provider,
            clock,
            outbox: Notify::new(),
            mailbox: Notify::new(),
            breaker: Mutex::default(),
            held_claims: Mutex::default(),
            heartbeat: Mutex::default(),
            render: RwLock::new(Arc::new(render)),
        })
    }

    /// Lets so many texts be on their way at once, sent by this runtime.
    ///
    /// # Errors
    /// As [`decoy_of`].
    pub fn start_senders(self: &Arc<Self>, places: usize, runtime: Handle) -> Result<(), SmsError> {
        let app = Arc::clone(self);
        let decoy = runtime.block_on(decoy_of(&self.provider, move || app.send_times.one()))?;
        if self.sending.set(Sending { runtime, decoy }).is_ok() {
            self.senders.add_permits(places);
        }
        Ok(())
    }

    /// Whether texts go out by themselves.
    #[must_use]
    pub fn delivers(&self) -> bool {
        self.sending.get().is_some()
    }

    /// Whom a refused text is handed to, where one that goes out is posted.
    #[must_use]
    pub fn decoy(&self) -> Option<&Provider> {
        self.sending.get()?.decoy.as_ref()
    }

    /// Runs a part of sending a text, beside the requests.
    pub fn spawn_sending<F>(&self, sending: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        match self.sending.get() {
            Some(Sending { runtime, .. }) => runtime.spawn(sending),
            None => tokio::spawn(sending),
        }
    }

    /// What is known of an outage of the provider. Held for a moment only, never while anything waits.
    pub fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of the texts that this process is sending. Held for a moment only.
    pub fn held_claims(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.held_claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last heartbeat; `None` before the first. Held for a moment only.
    pub fn heartbeat(&self) -> MutexGuard<'_, Option<Heartbeat>> {
        self.heartbeat.lock().unwrap_or_else(PoisonError::into_inner)
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
