//! The real binary under pressure: slow and idle clients, too few descriptors, a full disk, a clock that is set back.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use rocket::tokio;

use crate::crash::opt_in;
use crate::crash::server::{Faults, Server, Visitor};
use crate::support::{encode, start_body};

const BINARY: &str = env!("CARGO_BIN_EXE_assent");

/// A client that sends the beginning of a request and then nothing.
fn slow_client(port: u16) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
    stream.write_all(b"POST /start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nphone=").expect("written");
    stream
}

#[rocket::async_test]
async fn slow_clients_are_cut_off_at_the_end_which_is_no_failure() {
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
    rlimit::increase_nofile_limit(4_096).expect("raised for the test's own end");
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_by(&["prlimit", "--nofile=256:2048", BINARY], folder.path(), &[]).await;
    let idle: Vec<TcpStream> =
        (0..1_000).map(|_| TcpStream::connect(("127.0.0.1", server.port())).expect("connected")).collect();
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
    // Once there is room again it goes on by itself.
    assert_eq!(opt_in(&server.origin(), "+12025550147").await, Some(true));
}

#[rocket::async_test]
async fn a_full_disk_makes_it_unready_and_room_makes_it_ready_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let mut environment = faults.environment().to_vec();
    // The heartbeat's ten seconds pass in one.
    environment.push(("FAULTS_NAME", "full".to_owned()));
    let server = Server::start(folder.path(), &environment).await;
    let ready = async || Visitor::new(&server.origin()).get("/health/ready").await.expect("an answer").status;
    assert_eq!(ready().await, 200);
    faults.set("full", "");
    let answer = Visitor::new(&server.origin()).post("/start", &start_body("+12025550147")).await.expect("an answer");
    assert_eq!(answer.status, 503, "nothing is accepted that cannot be kept");
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
async fn asking_whether_it_is_ready_writes_nothing() {
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

/// A connection that sends nothing gets nothing, and is not taken for one that failed.
#[rocket::async_test]
async fn an_idle_connection_is_left_alone_until_the_server_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[]).await;
    let mut idle = TcpStream::connect(("127.0.0.1", server.port())).expect("connected");
    idle.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    server.signal("TERM");
    assert!(server.wait().await.success());
    assert_eq!(idle.read(&mut [0; 16]).unwrap_or(0), 0, "closed without a word");
}
