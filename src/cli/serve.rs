//! `assent serve`: checks everything before the first request, and loses nothing that it has accepted when it shuts down.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use notify::Watcher as _;
use rocket::fairing::AdHoc;
use tokio::sync::{mpsc, watch};

use crate::app::App;
use crate::cli::{Outcome, block_on, complain, keys, logs, open_store, say, say_if_without_settings, settings, with_advice};
use crate::clock::Clock;
use crate::flow::deliver::{ON_THE_WAY, WORKERS, deliver_next, take_up_abandoned};
use crate::flow::heartbeat::{EVERY, beat};
use crate::flow::notify::mail_next;
use crate::flow::sessions::keep_signing_key;
use crate::flow::sweep::sweep;
use crate::render::RenderError;
use crate::store::installation;
use crate::store::lock::lock;
use crate::web::prerender::{self, Published};

/// How often to look at the outbox without being notified.
const OUTBOX_LOOK: Duration = Duration::from_secs(1);
/// How long deliveries go on once no more requests come in. Together with the three seconds that Rocket gives slow clients (see
/// `Config::merged`), the server stops within five.
const LAST_DELIVERIES: Duration = Duration::from_millis(1_200);
/// How long the last writes may take if another process holds the database's lock.
const LAST_WRITES: Duration = Duration::from_millis(500);
/// How far ahead of this machine's clock the last heartbeat may be. If it's further ahead, the clock was wrong at the heartbeat.
const AHEAD: time::Duration = time::Duration::days(1);
/// How often to look for e-mail without being notified.
const MAIL_LOOK: Duration = Duration::from_secs(30);
/// How often to sweep.
const SWEEP: Duration = Duration::from_mins(1);
/// How long to wait after a change, so that a change of several files counts as one.
const CHANGE_SETTLES: Duration = Duration::from_millis(150);

pub(super) fn run() -> anyhow::Result<Outcome> {
    let Some((config, warnings)) = settings() else { return Ok(Outcome::Misconfigured) };
    logs::start(config.log_format);
    prerender::log(&warnings);
    prerender::log(&config.placeholders());
    let (render, pages) = match prerender::prepare(&config, prerender::Scope::Changes) {
        Ok(prepared) => prepared,
        Err(RenderError::Load(findings)) => {
            for finding in &findings {
                complain(&finding.to_string());
            }
            return Ok(Outcome::Misconfigured);
        }
        Err(error) => {
            complain(&format!("{:#}", anyhow::Error::from(error)));
            return Ok(Outcome::Misconfigured);
        }
    };
    let unfit = prerender::unfit(&config, &render, &pages);
    if !unfit.is_empty() {
        for finding in &unfit {
            complain(&finding.to_string());
        }
        return Ok(Outcome::Misconfigured);
    }
    prerender::log(pages.other_findings());
    raise_limit_of_open_files();
    let _lock = lock(&config.database).map_err(|error| with_advice(&config, error))?;
    let store = open_store(&config)?;
    let Some(keys) = keys(&config, &store)? else { return Ok(Outcome::Misconfigured) };
    let clock = Clock::system();
    // A code must not live longer because the machine's clock was set back while the server was down.
    if let Some(at) = block_on(async { Ok(store.read(installation::last_beat).await?) })? {
        if at - clock.now() <= AHEAD {
            clock.not_before(at);
        } else {
            tracing::warn!(%at, "the last heartbeat is more than a day ahead of this machine's clock, and is ignored");
        }
    }
    let app = Arc::new(App::new(config, store, keys, render, clock)?);
    let sending = sending_thread().context("the thread that sends texts could not be started")?;
    app.start_senders(ON_THE_WAY, sending.handle().clone())?;
    let served = rocket::execute(serve(Arc::clone(&app), pages));
    sending.shutdown_background();
    app.store.close_within(LAST_WRITES);
    served?;
    Ok(Outcome::Done)
}

/// Starts the thread that sends texts. Texts have a thread of their own so that a response takes the same time whether or not its
/// number gets a text.
fn sending_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("assent-sender").enable_all().build()
}

/// Raises the limit on open files. Every connection takes a file descriptor, and 1,024 idle clients use up the usual soft limit.
fn raise_limit_of_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(error = error.to_string(), "the limit on open files could not be raised");
    }
}

async fn serve(app: Arc<App>, pages: prerender::Pages) -> anyhow::Result<()> {
    prerender::record(&app.store, &pages, app.clock.now()).await?;
    keep_signing_key(&app).await?;
    beat(&app).await;
    let published = Published::new(pages);
    let (stop, stopped) = watch::channel(false);
    let announce = AdHoc::on_liftoff("announce", |rocket| {
        Box::pin(async move {
            if let Some(app) = rocket.state::<Arc<App>>() {
                let origin = app.config.site.base_url.origin().ascii_serialization();
                say(&format!("Assent listens on {origin}"));
                say_if_without_settings();
            }
        })
    });
    let rocket = crate::web::rocket(Arc::clone(&app), published.clone()).attach(announce);
    let rocket = rocket.ignite().await.map_err(|error| anyhow::anyhow!("the server cannot start: {error}"))?;

    let mut workers = vec![
        tokio::spawn(look_after_outbox(Arc::clone(&app), stopped.clone())),
        tokio::spawn(mail_forever(Arc::clone(&app), stopped.clone())),
        tokio::spawn(sweep_forever(Arc::clone(&app), stopped.clone())),
        tokio::spawn(beat_forever(Arc::clone(&app), stopped.clone())),
    ];
    workers.extend((0..WORKERS).map(|_| app.spawn_sending(deliver_forever(Arc::clone(&app), stopped.clone()))));
    if app.config.templates_reload {
        workers.push(tokio::spawn(reload_on_change(Arc::clone(&app), published, stopped)));
    }
    let address = format!("{}:{}", rocket.config().address, rocket.config().port);
    let launched = rocket.launch().await.map(|_| ());
    // No more requests come in. Hand over what was accepted before stopping. What is left after that waits in the database for
    // the next start.
    stop.send_replace(true);
    let last = async {
        for worker in workers {
            worker.await.context("a worker panicked")?;
        }
        while deliver_next(&app).await? {}
        // Every permit is free again once the last text has its outcome.
        let all = u32::try_from(ON_THE_WAY).unwrap_or(u32::MAX);
        app.senders.acquire_many(all).await.map(drop).context("the senders ended")?;
        Ok::<(), anyhow::Error>(())
    };
    let finished = tokio::time::timeout(LAST_DELIVERIES, last).await.unwrap_or(Ok(()));
    match launched {
        // Clients that were too slow are cut off, which isn't a failure.
        Err(error) if matches!(error.kind(), rocket::error::ErrorKind::Shutdown(..)) => {}
        launched => launched.map_err(|error| cannot_listen(&error, &address))?,
    }
    finished
}

/// Says why the server can't listen at its address, and which setting to change.
fn cannot_listen(error: &rocket::Error, address: &str) -> anyhow::Error {
    use std::io::ErrorKind;
    let rocket::error::ErrorKind::Bind(bind) = error.kind() else { return anyhow::anyhow!("the server cannot listen: {error}") };
    let todo = match bind.kind() {
        ErrorKind::AddrInUse => "another program listens there: stop it, or set `port` (ROCKET_PORT) to a free port",
        ErrorKind::PermissionDenied => "this account may not use that port: set `port` (ROCKET_PORT) to one above 1023",
        ErrorKind::AddrNotAvailable => "this machine has no such address: set `address` (ROCKET_ADDRESS) to one of its own",
        _ => "set `address` and `port` (ROCKET_ADDRESS, ROCKET_PORT) to where this account may listen",
    };
    anyhow::anyhow!("the server cannot listen at {address}: {todo} ({bind})")
}

/// Runs one of the workers that hand over texts.
async fn deliver_forever(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let delivered = match app.senders.acquire().await {
            Ok(_place) => deliver_next(&app).await,
            Err(_) => return,
        };
        match delivered {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "texts could not be delivered");
                tokio::time::sleep(OUTBOX_LOOK).await;
            }
        }
        tokio::select! {
            () = app.outbox.notified() => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Notifies the workers of texts that are due again, and picks up those whose worker died.
async fn look_after_outbox(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        if let Err(error) = take_up_abandoned(&app).await {
            tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "the outbox could not be checked");
        }
        app.outbox.notify_one();
        tokio::select! {
            () = tokio::time::sleep(OUTBOX_LOOK) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn mail_forever(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        // A mail server that hangs must not delay the shutdown: the claim expires by itself, and the next start tries again.
        let mailed = tokio::select! {
            mailed = mail_next(&app) => mailed,
            _ = stopped.changed() => return,
        };
        match mailed {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "mail could not be sent");
            }
        }
        tokio::select! {
            () = app.mailbox.notified() => {}
            () = tokio::time::sleep(MAIL_LOOK) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn sweep_forever(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        if let Err(error) = sweep(&app).await {
            tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "the sweep failed");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn beat_forever(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => beat(&app).await,
            _ = stopped.changed() => {}
        }
    }
}

/// Publishes changed templates, words and static files. A change that can't be used is logged, and the last good version stays.
async fn reload_on_change(app: Arc<App>, published: Published, mut stopped: watch::Receiver<bool>) {
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let watched = watched_folders(&app);
    let folders: Vec<PathBuf> = watched.iter().map(|watched| watched.folder.clone()).collect();
    let rung = move |event: notify::Result<notify::Event>| {
        let concerns = |event: notify::Event| {
            let kind = event.kind.is_create() || event.kind.is_modify() || event.kind.is_remove();
            // Files in a folder, and the creation of the folder itself. Anything else above it may be the database, which changes
            // all the time.
            let of = |path: &PathBuf| folders.iter().any(|folder| path.starts_with(folder) || folder.starts_with(path));
            kind && event.paths.iter().any(of)
        };
        if event.is_ok_and(concerns) {
            // If the channel is full, a change is already waiting.
            let _ = changed.try_send(());
        }
    };
    let mut watcher = match notify::recommended_watcher(rung) {
        Ok(watcher) => watcher,
        Err(error) => {
            tracing::warn!(error = error.to_string(), "templates are not watched for changes");
            return;
        }
    };
    let mut roots: Vec<&PathBuf> = watched.iter().map(|watched| &watched.root).collect();
    roots.sort();
    roots.dedup();
    for root in roots {
        if let Err(error) = watcher.watch(root, notify::RecursiveMode::Recursive) {
            tracing::warn!(folder = %root.display(), error = error.to_string(), "a folder is not watched for changes");
        }
    }
    loop {
        tokio::select! {
            change = changes.recv() => if change.is_none() { return },
            _ = stopped.changed() => return,
        }
        tokio::time::sleep(CHANGE_SETTLES).await;
        while changes.try_recv().is_ok() {}
        match prerender::reload(&app, &published).await {
            Ok(()) => tracing::info!("templates, words and static files were reloaded"),
            Err(error) => tracing::error!(
                error = format!("{:#}", anyhow::Error::from(error)),
                "a change was refused; the last good pages stay"
            ),
        }
    }
}

/// A folder whose changes matter but that may be missing, and the nearest existing one from there up, so that its creation is
/// noticed.
struct Watched {
    root: PathBuf,
    folder: PathBuf,
}

impl Watched {
    fn new(folder: &Path) -> Option<Self> {
        // The parent of `custom` is the working directory, whose name is empty.
        let existing = folder.ancestors().find(|above| above.is_dir() || above.as_os_str().is_empty())?;
        let named = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
        // Changes are reported with real paths.
        let root = named.canonicalize().ok()?;
        let folder = root.join(folder.strip_prefix(existing).ok()?);
        Some(Self { root, folder })
    }
}

/// Returns the owner's folders and, in a debug build, those of the checkout.
fn watched_folders(app: &App) -> Vec<Watched> {
    let mut folders = vec![app.config.templates_dir.clone(), app.config.static_dir()];
    if cfg!(debug_assertions) {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
        folders.extend(["templates", "static"].map(|name| checkout.join(name)).into_iter().filter(|folder| folder.is_dir()));
    }
    folders.iter().filter_map(|folder| Watched::new(folder)).collect()
}
