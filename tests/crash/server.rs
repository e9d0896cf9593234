//! The real binary on its own port, and people who visit it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rocket::tokio;

/// A running process, which is killed when this is dropped.
pub struct Server {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Server {
    /// Starts a server in a folder and waits until it's ready.
    pub async fn start(folder: &Path, environment: &[(&str, String)]) -> Self {
        Self::start_by(&[env!("CARGO_BIN_EXE_assent")], folder, environment).await
    }

    /// Starts a server with another command, which ends with the binary's path.
    pub async fn start_by(command: &[&str], folder: &Path, environment: &[(&str, String)]) -> Self {
        // Somebody else may take a free port first.
        for _ in 0..5 {
            let mut server = Self::spawn(command, folder, environment);
            for _ in 0..400 {
                if Visitor::new(&server.origin()).get("/health/ready").await.is_some_and(|answer| answer.status == 200)
                    && server.child.try_wait().expect("asked").is_none()
                {
                    return server;
                }
                if server.child.try_wait().expect("asked").is_some() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            assert!(server.log().contains("another program listens there"), "the server did not become ready: {}", server.log());
        }
        panic!("five ports were taken");
    }

    fn spawn(command: &[&str], folder: &Path, environment: &[(&str, String)]) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let log = folder.join("log");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log).expect("a log");
        let child = Command::new(command[0])
            .args(&command[1..])
            .current_dir(folder)
            .env("ROCKET_PORT", port.to_string())
            .env("ASSENT_CAPS__PER_ADDRESS", "{ at_most = 100000, per_seconds = 3600 }")
            .env("ASSENT_CAPS__SITE", "{ at_most = 100000, per_seconds = 3600 }")
            .envs(environment.iter().map(|(name, value)| (*name, value.as_str())))
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("the binary starts");
        Self { child, port, log }
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Kills the process without any cleanup, like a power failure.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Asks the process to stop and waits for it.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.child.wait().expect("ended")
    }

    /// Waits for the process to end on its own.
    pub async fn wait(&mut self) -> ExitStatus {
        for _ in 0..800 {
            if let Some(status) = self.child.try_wait().expect("asked") {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the server did not end: {}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Injects faults into a running server (see faults.c).
pub struct Faults {
    folder: PathBuf,
    shim: PathBuf,
}

impl Faults {
    /// Compiles the library that causes them.
    pub fn new(folder: &Path) -> Self {
        let (faults, shim) = (folder.join("faults"), folder.join("faults.so"));
        std::fs::create_dir_all(&faults).expect("made");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crash/faults.c");
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shim).arg(source).arg("-ldl").status();
        assert!(compiled.expect("cc runs").success());
        Self { folder: faults, shim }
    }

    pub fn environment(&self) -> [(&'static str, String); 2] {
        [("LD_PRELOAD", self.shim.display().to_string()), ("FAULTS_IN", self.folder.display().to_string())]
    }

    pub fn set(&self, name: &str, value: &str) {
        // Written atomically, since the server may read it at any moment.
        let draft = self.folder.join(format!(".{name}"));
        std::fs::write(&draft, value).and_then(|()| std::fs::rename(&draft, self.folder.join(name))).expect("set");
    }

    pub fn clear(&self, name: &str) {
        std::fs::remove_file(self.folder.join(name)).expect("cleared");
    }
}

/// A response, read to its end.
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

/// A browser that keeps its cookie.
pub struct Visitor {
    client: reqwest::Client,
    origin: String,
    cookie: Option<String>,
}

impl Visitor {
    pub fn new(origin: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(20));
        Self { client: client.build().expect("a client"), origin: origin.to_owned(), cookie: None }
    }

    pub async fn get(&mut self, path: &str) -> Option<Answer> {
        self.send(self.client.get(format!("{}{path}", self.origin))).await
    }

    pub async fn post(&mut self, path: &str, body: &str) -> Option<Answer> {
        let request =
            self.client.post(format!("{}{path}", self.origin)).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body.to_owned())).await
    }

    /// Returns `None` if no complete answer comes back.
    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Option<Answer> {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send().await.ok()?;
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        if let Some(set) = header("set-cookie") {
            self.cookie = set.split(';').next().map(ToOwned::to_owned);
        }
        let (status, location) = (answer.status().as_u16(), header("location"));
        Some(Answer { status, location, body: answer.text().await.ok()? })
    }
}
