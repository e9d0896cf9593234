//! The release binary, and what it costs: CPU time, flushes, memory.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};

use crate::provider::Provider;

/// The secret that webhooks are signed with.
pub const SIGNATURE_SECRET: &str = "bench-signature-secret";

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    folder: PathBuf,
    /// Whether the server trusts what a proxy says about addresses.
    pub is_behind_proxy: bool,
}

/// What the process has used since it started.
#[derive(Clone, Copy)]
pub struct Cost {
    pub cpu: Duration,
    pub flushes: u64,
}

impl Cost {
    /// The cost since `before`.
    pub fn since(self, before: Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(before.cpu), flushes: self.flushes - before.flushes }
    }
}

impl Server {
    /// Starts the server; `settings` are additional environment variables.
    pub fn start(folder: &Path, provider: &Provider, flush_ms: u64, settings: &[(&str, &str)]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let shim = compile_shim(folder);
        if let Some(url) = postgres() {
            let (place, name) = url.rsplit_once('/').expect("a database");
            psql(&format!("{place}/postgres"), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            psql(&format!("{place}/postgres"), &format!("CREATE DATABASE {name}"));
        }
        let log = std::fs::File::create(folder.join("log")).expect("a log");
        let many = "{ at_most = 1000000, per_seconds = 3600 }";
        let child = Command::new(env!("CARGO_BIN_EXE_assent"))
            .current_dir(folder)
            .env("ROCKET_PORT", address.port().to_string())
            .env("LD_PRELOAD", shim)
            .env("FLUSHES_IN", folder.join("flushes"))
            .env("FLUSH_MS", flush_ms.to_string())
            .env("ASSENT_SMS__PROVIDER", "vonage")
            .env("ASSENT_SMS__VONAGE__API_KEY", "abcd1234")
            .env("ASSENT_SMS__VONAGE__API_SECRET", "bench-secret")
            .env("ASSENT_SMS__VONAGE__SIGNATURE_SECRET", SIGNATURE_SECRET)
            .env("ASSENT_SMS__VONAGE__SIGNATURE_METHOD", "sha256")
            .env("ASSENT_SMS__VONAGE__MESSAGES_PER_SECOND", "10000")
            .env("ASSENT_SMS__VONAGE__BASE_URL", provider.base_url())
            .env("ASSENT_CAPS__PER_ADDRESS", many)
            .env("ASSENT_CAPS__SITE", many)
            .envs(postgres().map(|_| ("ASSENT_SITE__TRUSTED_PROXIES", "[\"127.0.0.1\"]")))
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let server = Self { child, address, folder: folder.to_owned(), is_behind_proxy: postgres().is_some() };
        for _ in 0..400 {
            if TcpStream::connect(address).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not start: {}", std::fs::read_to_string(folder.join("log")).unwrap_or_default());
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("the process lives")
    }

    pub fn cost(&self) -> Cost {
        let stat = self.proc("stat");
        // After the name in parentheses: utime and stime are the 14th and 15th fields, in hundredths of a second.
        let fields: Vec<u64> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
        let cpu = Duration::from_millis((fields[11] + fields[12]) * 10);
        let flushes = std::fs::read(self.folder.join("flushes")).expect("the count of flushes");
        let flushes = u64::from_le_bytes(flushes[..8].try_into().expect("eight bytes"));
        Cost { cpu, flushes }
    }

    /// Its resident memory, in MiB.
    pub fn memory_mib(&self) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("it is there");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") / 1024
    }

    /// How many numbers are subscribed.
    pub fn subscribers(&self) -> usize {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        if let Some(url) = postgres() {
            return psql(&url, "SELECT count(*) FROM subscribers").parse().expect("a count");
        }
        let file = self.folder.join("data/assent.db").display().to_string();
        let mut database = SqliteConnection::establish(&file).expect("the database opens");
        let found: Count = sql_query("SELECT count(*) AS count FROM subscribers").get_result(&mut database).expect("counted");
        usize::try_from(found.count).expect("a count")
    }

    /// Returns the same once the last commits are done.
    pub fn settled_subscribers(&self) -> usize {
        std::thread::sleep(Duration::from_millis(300));
        self.subscribers()
    }
}

/// The URL of the Postgres database that the server uses; `None` for SQLite. The URL must have no options, and the database is
/// emptied before each start.
fn postgres() -> Option<String> {
    std::env::var("ASSENT_DATABASE__URL").ok().filter(|url| url.starts_with("postgres://"))
}

/// Runs a statement and returns what it says.
fn psql(url: &str, statement: &str) -> String {
    let output = Command::new("psql").args([url, "-tAc", statement]).output().expect("psql runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// Compiles the library that counts flushes and can make each take longer.
fn compile_shim(folder: &Path) -> PathBuf {
    let (source, shim) = (concat!(env!("CARGO_MANIFEST_DIR"), "/benches/journey/flushes.c"), folder.join("flushes.so"));
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shim).arg(source).arg("-ldl").status();
    assert!(compiled.expect("cc runs").success());
    shim
}
