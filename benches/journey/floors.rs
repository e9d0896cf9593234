//! The best that the same machine can do: Rocket's smallest answer, and one durable insert.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::http::Browser;

/// The environment variable that turns this program into the smallest server.
const HELLO: &str = "BENCH_HELLO_PORT";
/// How many clients send requests at once.
const ASKING: usize = 64;

pub fn is_hello() -> bool {
    std::env::var_os(HELLO).is_some()
}

#[rocket::get("/")]
const fn greet() -> &'static str {
    "hello"
}

/// Serves only a greeting.
pub fn hello() {
    let port: u16 = std::env::var(HELLO).ok().and_then(|port| port.parse().ok()).expect("a port");
    let figment =
        rocket::Config::figment().merge(("port", port)).merge(("log_level", "off")).merge(("secret_key", "5a".repeat(32)));
    rocket::execute(rocket::custom(figment).mount("/", rocket::routes![greet]).launch()).expect("served");
}

pub fn print(time: Duration) {
    println!("floor: Rocket's smallest answer at {ASKING} connections: {:.0} a second", greetings(time));
    println!("floor: one durable insert at a time: {:.0} a second", inserts(time));
}

fn greetings(time: Duration) -> f64 {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let program = std::env::current_exe().expect("this program");
    let mut server =
        Command::new(program).env(HELLO, address.port().to_string()).stdout(Stdio::null()).spawn().expect("it starts");
    while TcpStream::connect(address).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let rate = asked(address, time);
    server.kill().and_then(|()| server.wait()).expect("ended");
    rate
}

fn asked(address: SocketAddr, time: Duration) -> f64 {
    let began = Instant::now();
    let count: u64 = std::thread::scope(|scope| {
        let one = || {
            let mut browser = Browser::new(address);
            let mut count = 0;
            while began.elapsed() < time {
                assert_eq!(browser.get("/").status, 200);
                count += 1;
            }
            count
        };
        let threads: Vec<_> = (0..ASKING).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().expect("asked")).sum()
    });
    count as f64 / began.elapsed().as_secs_f64()
}

fn inserts(time: Duration) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut database = SqliteConnection::establish(&folder.path().join("floor.db").display().to_string()).expect("a database");
    database
        .batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a TEXT NOT NULL);")
        .expect("prepared");
    let began = Instant::now();
    let mut count = 0_u64;
    while began.elapsed() < time {
        database
            .batch_execute("INSERT INTO t VALUES ('a row of some sixty bytes, as short as any that we would write')")
            .expect("inserted");
        count += 1;
    }
    count as f64 / began.elapsed().as_secs_f64()
}
