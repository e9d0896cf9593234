//! The real binary under pressure: slow and idle clients, too few file descriptors, a full disk, a clock that's set back.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use assent::sms::vonage::signature::{SignatureMethod, sign};
use rocket::tokio;

use crate::crash::opt_in;
use crate::crash::server::{Faults, Server, Visitor};
use crate::support::carrier::{SIGNATURE_SECRET, form, owned};
use crate::support::database;
use crate::support::provider::FakeProvider;
use crate::support::{encode, start_body};

const BINARY: &str = env!("CARGO_BIN_EXE_assent");

/// Connects a client that sends the beginning of a request and then nothing.
fn slow_client(port: u16) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
    stream.write_all(b"POST /start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nphone=").expect("written");
    stream
}

#[rocket::async_test]
async fn cutting_off_slow_clients_at_shutdown_is_not_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[]).await;
    let slow: Vec<TcpStream> = (0..20).map(|_| slow_client(server.port())).collect();
    assert_eq!(opt_in(&server.origin(), "+12025550147").await, Some(true));
    server.signal("TERM");
    let status = server.wait().await;
    assert!(status.success(), "{status}: {}", server.log());
    assert!(!server.log().contains("cannot listen"), "{}", server.log());
    drop(slow);
}

#[rocket::async_test]
async fn the_soft_limit_of_descriptors_is_raised_so_that_idle_clients_do_not_silence_the_server() {
    rlimit::increase_nofile_limit(4_096).expect("raised for the test itself");
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_by(&["prlimit", "--nofile=256:2048", BINARY], folder.path(), &[]).await;
    let idle: Vec<TcpStream> = (0..1_000).map(|_| TcpStream::connect(("127.0.0.1", server.port())).expect("connected")).collect();
    assert_eq!(opt_in(&server.origin(), "+12025550147").await, Some(true));
    drop(idle);
}

#[rocket::async_test]
async fn connections_that_cannot_be_accepted_are_logged_and_the_log_stays_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_by(&["prlimit", "--nofile=64:64", BINARY], folder.path(), &[]).await;
    let idle: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(("127.0.0.1", server.port())).expect("connected")).collect();
    for _ in 0..200 {
        if server.log().contains("connections cannot be accepted") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.log().matches("connections cannot be accepted").count(), 1, "{}", server.log());
    drop(idle);
    // Once there is room again, it recovers on its own.
    assert_eq!(opt_in(&server.origin(), "+12025550147").await, Some(true));
}

#[rocket::async_test]
async fn a_full_disk_makes_it_unready_and_room_makes_it_ready_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let server = Server::start(folder.path(), &faults.environment()).await;
    let ready = async || Visitor::new(&server.origin()).get("/health/ready").await.expect("an answer").status;
    assert_eq!(ready().await, 200);
    faults.set("full", "");
    let answer = Visitor::new(&server.origin()).post("/start", &start_body("+12025550147")).await.expect("an answer");
    assert_eq!(answer.status, 503, "nothing is accepted if it cannot be stored");
    assert!(answer.body.contains("We can't take your number right now"), "the person is told to try again: {}", answer.body);
    assert!(answer.body.contains("+12025550147"), "and the number stays on the page");
    for (wanted, change) in [(503, "clear"), (200, "")] {
        let mut status = 0;
        for _ in 0..60 {
            status = ready().await;
            if status == wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        assert_eq!(status, wanted, "{}", server.log());
        if change == "clear" {
            faults.clear("full");
        }
    }
    assert_eq!(opt_in(&server.origin(), "+12025550148").await, Some(true));
}

#[rocket::async_test]
async fn a_disk_that_becomes_read_only_ends_the_server_which_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let mut server = Server::start(folder.path(), &faults.environment()).await;
    assert_eq!(opt_in(&server.origin(), "+12025550147").await, Some(true));
    faults.set("readonly", "");
    let answer = Visitor::new(&server.origin()).post("/start", &start_body("+12025550148")).await;
    assert!(answer.is_none_or(|answer| answer.status == 503), "nothing is accepted if it cannot be stored");
    // Nobody knows what the disk has kept, so only a process that reads it again may go on.
    assert_eq!(server.wait().await.code(), Some(1));
    assert!(server.log().contains("the disk may have lost a write; ending, so that a restart recovers"), "{}", server.log());
    faults.clear("readonly");
    let server = Server::start(folder.path(), &[]).await;
    assert_eq!(opt_in(&server.origin(), "+12025550148").await, Some(true));
}

#[rocket::async_test]
async fn a_clock_that_is_set_back_by_an_hour_prolongs_no_code_and_delays_no_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let mut environment = faults.environment().to_vec();
    environment.push(("ASSENT_VERIFICATION__CODE_TTL_SECONDS", "60".to_owned()));
    let server = Server::start(folder.path(), &environment).await;
    let (mut visitor, phone) = (Visitor::new(&server.origin()), "+12025550147");
    visitor.get("/").await.expect("the page");
    assert_eq!(visitor.post("/start", &start_body(phone)).await.expect("an answer").location.as_deref(), Some("/code"));
    let mut code = String::new();
    while code.is_empty() {
        let inbox = visitor.get(&format!("/simulator/messages?phone={}", encode(phone))).await.expect("the inbox").body;
        let rest = inbox.rsplit_once('#').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        code = rest.chars().take_while(char::is_ascii_digit).collect();
    }
    // Somebody sets the clock back by an hour, and 61 seconds pass.
    faults.set("clock", "-3539");
    faults.set("monotonic", "61");
    let answer = visitor.post("/code", &format!("code={code}")).await.expect("an answer");
    assert_eq!(answer.location.as_deref(), Some("/code"), "the code has expired");
    assert!(visitor.get("/code").await.expect("a page").body.contains("expired"));
    assert_eq!(opt_in(&server.origin(), "+12025550148").await, Some(true), "texts go out at once");
    assert!(server.log().contains("the machine's clock was set back"), "{}", server.log());
}

#[rocket::async_test]
async fn a_clock_that_jumps_an_hour_ahead_ends_codes_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let server = Server::start(folder.path(), &faults.environment()).await;
    let mut visitor = Visitor::new(&server.origin());
    visitor.get("/").await.expect("the page");
    let answer = visitor.post("/start", &start_body("+12025550147")).await.expect("an answer");
    assert_eq!(answer.location.as_deref(), Some("/code"));
    faults.set("clock", "3600");
    assert!(visitor.get("/code").await.expect("a page").body.contains("Your code has expired"));
    assert_eq!(opt_in(&server.origin(), "+12025550148").await, Some(true));
    // Back again: time stands still for the rules until the clock has caught up, and people can go on.
    faults.set("clock", "0");
    assert_eq!(opt_in(&server.origin(), "+12025550149").await, Some(true));
}

#[rocket::async_test]
async fn a_corrupt_database_page_causes_an_error_page_and_is_named_in_the_log_and_by_backup() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[]).await;
    assert_eq!(opt_in(&server.origin(), "+12025550147").await, Some(true));
    assert!(server.stop().success());
    let file = folder.path().join("data/assent.db");
    let pages: Vec<i64> = {
        use diesel::prelude::*;
        let mut conn = SqliteConnection::establish(&file.display().to_string()).expect("opens");
        let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'verifications'";
        diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("({root})"))).load(&mut conn).expect("a page")
    };
    let mut bytes = std::fs::read(&file).expect("read");
    let at = usize::try_from(pages[0] - 1).expect("a page") * 4_096;
    bytes[at..at + 4_096].fill(0xa5);
    std::fs::write(&file, bytes).expect("written");
    let server = Server::start(folder.path(), &[]).await;
    let answer = Visitor::new(&server.origin()).post("/start", &start_body("+12025550148")).await.expect("an answer");
    assert!(answer.status >= 500, "{}", answer.status);
    assert!(answer.body.contains("<h1"), "one of our pages: {}", answer.body);
    assert!(server.log().contains("malformed"), "{}", server.log());
    let output = crate::support::assent(folder.path(), &["backup", "copy.db"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("malformed"), "{said}");
    assert!(!folder.path().join("copy.db").exists());
}

/// The settings for Vonage at `base_url`, as environment variables.
fn vonage_environment(base_url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("ASSENT_SITE__BASE_URL", "https://texts.acme.example".to_owned()),
        ("ASSENT_SITE__TRUSTED_PROXIES", "[\"127.0.0.1\"]".to_owned()),
        ("ASSENT_PROGRAM__ALTERNATIVE_URL", "https://www.acme.example/other".to_owned()),
        ("ASSENT_SMS__PROVIDER", "vonage".to_owned()),
        ("ASSENT_SMS__VONAGE__API_KEY", "abcd1234".to_owned()),
        ("ASSENT_SMS__VONAGE__API_SECRET", "Secret-1".to_owned()),
        ("ASSENT_SMS__VONAGE__SIGNATURE_SECRET", SIGNATURE_SECRET.to_owned()),
        ("ASSENT_SMS__VONAGE__SIGNATURE_METHOD", "sha256".to_owned()),
        ("ASSENT_SMS__VONAGE__BASE_URL", base_url.to_owned()),
    ]
}

#[rocket::async_test]
async fn a_refused_text_stays_on_the_machine_when_texts_go_through_a_proxy() {
    let folder = tempfile::tempdir().expect("a folder");
    let proxy = FakeProvider::vonage().await;
    // Nothing listens there, so only the proxy can be reached.
    let mut environment = vonage_environment("http://127.0.0.1:9");
    environment.extend(["HTTP_PROXY", "http_proxy"].map(|name| (name, proxy.base_url())));
    environment.extend(["NO_PROXY", "no_proxy"].map(|name| (name, String::new())));
    environment.push(("ASSENT_SMS__VONAGE__MESSAGES_PER_SECOND", "1000".to_owned()));
    environment.push(("ASSENT_CAPS__PER_NUMBER", "[{ at_most = 1, per_seconds = 3600 }]".to_owned()));
    let server = Server::start(folder.path(), &environment).await;
    // Numbers just outside the fictional range, since a real provider never gets codes for fictional ones.
    for (phone, sends) in [("+12025550200", 1), ("+12025550200", 1), ("+12025550201", 2)] {
        let mut visitor = Visitor::new(&server.origin());
        let answer = visitor.post("/start", &start_body(phone)).await.expect("an answer");
        assert_eq!(answer.location.as_deref(), Some("/code"), "{}", answer.status);
        proxy.arrived(sends).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let to: Vec<Option<String>> = proxy.requests().iter().map(|sent| sent.value("to").map(ToOwned::to_owned)).collect();
    assert_eq!(to, [Some("12025550200".to_owned()), Some("12025550201".to_owned())]);
}

#[rocket::async_test]
async fn asking_whether_it_is_ready_writes_nothing() {
    if database::is_postgres() {
        return;
    }
    let app = crate::support::TestApp::new().await;
    let version = || app.count("SELECT data_version FROM pragma_data_version");
    let heartbeat = || app.column("SELECT heartbeat_at AS value FROM installation");
    let (before, beat) = (version(), heartbeat());
    app.advance(time::Duration::minutes(1));
    for _ in 0..20 {
        assert_eq!(app.get("/health/ready").await.status.code, 200);
    }
    assert_eq!((version(), heartbeat()), (before, beat));
    app.execute("CREATE TRIGGER full BEFORE UPDATE ON installation BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
        .expect("made");
    assert_eq!(app.get("/health/ready").await.status.code, 200, "nobody has tried to write yet");
    assent::flow::heartbeat::beat(&app.app).await;
    assert_eq!(app.get("/health/ready").await.status.code, 503);
}

#[rocket::async_test]
async fn an_idle_connection_is_left_alone_until_the_server_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[]).await;
    let mut idle = TcpStream::connect(("127.0.0.1", server.port())).expect("connected");
    idle.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    server.signal("TERM");
    assert!(server.wait().await.success());
    assert_eq!(idle.read(&mut [0; 16]).unwrap_or(0), 0, "closed without an answer");
}

/// Prints a storm's figures for the person who runs it.
fn report(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Sends one request after another on each connection, as fast as the answers come. Returns how many there were.
fn hammer(connections: &mut [TcpStream], seconds: u64) -> usize {
    let began = assent::clock::Stopwatch::start();
    let (mut asked, mut answer) = (0, vec![0; 65_536]);
    while began.milliseconds() < 1_000.0 * Duration::from_secs(seconds).as_secs_f64() {
        for stream in connections.iter_mut() {
            asked += 1;
            let body = format!("phone={}&consent=yes", encode(&format!("+1{}55501{:02}", 201 + asked / 100 % 700, asked % 100)));
            let request = match asked % 4 {
                0 => "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
                1 => "GET /code HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
                _ => format!(
                    "POST /start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                ),
            };
            stream.write_all(request.as_bytes()).expect("written");
        }
        for stream in connections.iter_mut() {
            assert!(stream.read(&mut answer).is_ok_and(|read| read > 0), "every request is answered");
        }
    }
    asked
}

#[ignore = "a storm for a release binary: scripts/test --all"]
#[rocket::async_test]
async fn four_thousand_busy_connections_take_bounded_memory_and_a_bounded_log() {
    rlimit::increase_nofile_limit(8_192).expect("raised for the test itself");
    let folder = tempfile::tempdir().expect("a folder");
    let json = [("ASSENT_LOG__FORMAT", "json".to_owned())];
    let binary = std::env::var("RELEASE_BINARY").expect("scripts/test --all names the release binary");
    let server = Server::start_by(&[&binary], folder.path(), &json).await;
    let mut connections: Vec<TcpStream> =
        (0..4_000).map(|_| TcpStream::connect(("127.0.0.1", server.port())).expect("connected")).collect();
    let asked = hammer(&mut connections, 20);
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).expect("its status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak").trim().replace(" kB", "");
    let (peak, log) = (peak.trim().parse::<usize>().expect("a number") / 1_024, server.log().len() / 1_024);
    report(&format!("{asked} requests on 4,000 connections: {peak} MiB at the peak, {log} KiB of log"));
    assert!(peak < 150, "{peak} MiB");
    assert!(log < 20 * 1_024, "{log} KiB of log");
}

/// Adapts docs/proxy/nginx.conf to this test: another port, no TLS, and the port that Assent listens on.
fn nginx_settings(folder: &Path, port: u16, assent: u16) -> String {
    let documented = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/proxy/nginx.conf")).expect("the snippet");
    let snippet: String = documented
        .lines()
        .filter(|line| !line.trim_start().starts_with("ssl_"))
        .map(|line| line.replace("listen 443 ssl;", &format!("listen 127.0.0.1:{port};")) + "\n")
        .collect();
    let snippet = snippet.replace("127.0.0.1:8000", &format!("127.0.0.1:{assent}"));
    format!(
        "daemon off;\nuser root;\nworker_processes 1;\nworker_rlimit_nofile 10000;\npid {0}/nginx.pid;\nerror_log {0}/nginx.log;\n\
         events {{ worker_connections 8000; }}\nhttp {{\naccess_log off;\nclient_body_temp_path {0}/body;\n\
         proxy_temp_path {0}/proxy;\nfastcgi_temp_path {0}/f;\nuwsgi_temp_path {0}/u;\nscgi_temp_path {0}/s;\n{snippet}}}\n",
        folder.display()
    )
}

#[ignore = "a storm that needs nginx: scripts/test --all"]
#[rocket::async_test]
async fn behind_the_documented_nginx_two_thousand_slow_clients_do_not_delay_a_stop() {
    const SLOW: usize = 2_000;
    rlimit::increase_nofile_limit(8_192).expect("raised for the test itself");
    let folder = tempfile::tempdir().expect("a folder");
    let fake = FakeProvider::vonage().await;
    let environment = vonage_environment(&fake.base_url());
    let server = Server::start(folder.path(), &environment).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let settings = folder.path().join("nginx.conf");
    std::fs::write(&settings, nginx_settings(folder.path(), port, server.port())).expect("written");
    let mut nginx = std::process::Command::new("nginx").arg("-c").arg(&settings).spawn().expect("nginx starts");
    let origin = format!("http://127.0.0.1:{port}");
    for _ in 0..200 {
        if Visitor::new(&origin).get("/health/live").await.is_some_and(|answer| answer.status == 200) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    // From a hundred addresses, so that the limit per address isn't what holds them off. Half are slow with their headers, half
    // with their bodies; each sends a byte now and then.
    let mut slow: Vec<TcpStream> = Vec::new();
    for n in 0..SLOW {
        let address = std::net::SocketAddr::from(([127, 0, 1, u8::try_from(n % 100).expect("small")], 0));
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(address).expect("bound");
        let stream = socket.connect(([127, 0, 0, 1], port).into()).await.expect("connected");
        let mut stream = stream.into_std().expect("a stream");
        let beginning: &[u8] = if n % 2 == 0 {
            b"GET / HTTP/1.1\r\nHost: texts.acme.example\r\nX-Slow: "
        } else {
            b"POST /start HTTP/1.1\r\nHost: texts.acme.example\r\nContent-Length: 200\r\n\r\nphone="
        };
        stream.write_all(beginning).expect("written");
        slow.push(stream);
    }
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(1)).build().expect("a client");
    let mut slowest = Duration::ZERO;
    for n in 0..20 {
        for stream in &mut slow {
            let _ = stream.write_all(b"x");
        }
        let phone = format!("120255501{n:02}");
        let now = assent::clock::Clock::system().now().unix_timestamp().to_string();
        let name = format!("stop-{n}");
        let mut pairs =
            owned(&[("msisdn", &phone), ("to", "98765"), ("messageId", &name), ("text", "STOP"), ("timestamp", &now)]);
        let signature = sign(SignatureMethod::Sha256, SIGNATURE_SECRET, &pairs);
        pairs.push(("sig".to_owned(), signature));
        let began = assent::clock::Stopwatch::start();
        let request = client.post(format!("{origin}/webhooks/vonage/inbound")).header("host", "texts.acme.example");
        let answer = request.body(form(&pairs)).send().await.expect("a STOP is accepted within a second");
        assert_eq!(answer.status(), 200);
        slowest = slowest.max(Duration::from_secs_f64(began.milliseconds() / 1_000.0));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    report(&format!("{SLOW} slow clients; the slowest of 20 STOPs took {slowest:?}"));
    let stopped = std::process::Command::new("kill").arg(nginx.id().to_string()).status().expect("kill runs");
    assert!(stopped.success() && nginx.wait().is_ok());
}
