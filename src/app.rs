//! The wiring: everything that lives as long as the process, assembled once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use crate::clock::{Clock, Stopwatch};
use crate::config::Config;
use crate::email::Mailer;
use crate::keys::Keys;
use crate::optin::outage::Breaker;
use crate::pacer::Pacer;
use crate::render::{Render, RenderError, RenderSetup};
use crate::sms::decoy::{AnswerTimes, decoy_of};
use crate::sms::{Provider, SmsError};
use crate::statement::Signer;
use crate::store::Store;

/// The last heartbeat: how long ago it was, and whether the database accepted the write.
pub type Heartbeat = (Stopwatch, bool);

/// What sends texts.
struct Sending {
    /// Not the runtime that answers requests. Otherwise response times would reveal whether a number got a text.
    runtime: Handle,
    decoy: Option<Provider>,
}

/// One running installation.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The store.
    pub store: Store,
    /// The keys.
    pub keys: Keys,
    /// Signs what the owner's sites are told; `None` if there are none.
    pub signer: Option<Signer>,
    /// The SMS provider.
    pub provider: Provider,
    /// The clock.
    pub clock: Clock,
    /// Notified when a text may be waiting.
    pub outbox: Notify,
    /// Decides when the next text may be sent (`messages_per_second`).
    pub pacer: Arc<Pacer>,
    /// Permits for sending texts at the same time. There are none until [`App::start_senders`]. Without them, a text only
    /// goes out when it's delivered from the outbox.
    pub senders: Arc<Semaphore>,
    /// How long the provider recently took for each text.
    pub send_times: AnswerTimes,
    /// Sends e-mail to the owner, if e-mail is set up.
    pub mailer: Option<Mailer>,
    /// Notified when an e-mail may be waiting.
    pub mailbox: Notify,
    sending: OnceLock<Sending>,
    breaker: Mutex<Breaker>,
    held_claims: Mutex<BTreeSet<i64>>,
    heartbeat: Mutex<Option<Heartbeat>>,
    render: RwLock<Arc<Render>>,
}

impl App {
    /// Assembles an installation.
    pub fn new(config: Config, store: Store, keys: Keys, render: Render, clock: Clock) -> Result<Self, SmsError> {
        let site = &config.site;
        let origin = site.base_url.origin().ascii_serialization();
        // A real provider only calls back public https URLs. One on this machine, as in tests, calls back any URL.
        let provider = Provider::new(&config.sms.provider, (site.is_https() || config.sms.is_local).then_some(origin.as_str()))?;
        Ok(Self {
            pacer: Arc::new(Pacer::per_second(config.sms.messages_per_second, config.sms.instances)),
            senders: Arc::new(Semaphore::new(0)),
            send_times: AnswerTimes::default(),
            sending: OnceLock::new(),
            signer: (!config.sites.is_empty()).then(|| keys.signer()),
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

    /// Lets `places` texts be sent at the same time, by this runtime.
    pub fn start_senders(self: &Arc<Self>, places: usize, runtime: Handle) -> Result<(), SmsError> {
        let app = Arc::clone(self);
        let decoy = runtime.block_on(decoy_of(&self.provider, move || app.send_times.one()))?;
        if self.sending.set(Sending { runtime, decoy }).is_ok() {
            self.senders.add_permits(places);
        }
        Ok(())
    }

    /// Whether texts are sent automatically.
    #[must_use]
    pub fn delivers(&self) -> bool {
        self.sending.get().is_some()
    }

    /// Returns the stand-in that refused texts are posted to, if other texts are posted at all.
    #[must_use]
    pub fn decoy(&self) -> Option<&Provider> {
        self.sending.get()?.decoy.as_ref()
    }

    /// Spawns a task that sends a text, apart from the tasks that answer requests.
    pub fn spawn_sending<F>(&self, sending: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        match self.sending.get() {
            Some(Sending { runtime, .. }) => runtime.spawn(sending),
            None => tokio::spawn(sending),
        }
    }

    /// Locks what is known about an outage of the provider. Hold it only briefly, and never across an `await`.
    pub fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the row ids of the texts that this process is sending. Hold it only briefly.
    pub fn held_claims(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.held_claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the last heartbeat, which is `None` before the first one. Hold it only briefly.
    pub fn heartbeat(&self) -> MutexGuard<'_, Option<Heartbeat>> {
        self.heartbeat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the current templates and messages.
    #[must_use]
    pub fn render(&self) -> Arc<Render> {
        Arc::clone(&self.render.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the templates and messages.
    pub fn replace_render(&self, render: Arc<Render>) {
        *self.render.write().unwrap_or_else(PoisonError::into_inner) = render;
    }
}

/// Loads the templates and messages that the settings ask for, or only the built-in ones if `built_in_only`. `globals` are the
/// facts that the web layer adds for its pages.
pub fn load_render(config: &Config, globals: BTreeMap<String, tera::Value>, built_in_only: bool) -> Result<Render, RenderError> {
    let mut locales = config.locales.clone();
    // The default locale comes first, since it's used when a person asks for none of the offered ones.
    locales.sort_by_key(|locale| *locale != config.default_locale);
    let setup = RenderSetup { program: config.program.clone(), locales, globals };
    Render::load(&setup, (!built_in_only).then_some(config.templates_dir.as_path()))
}
