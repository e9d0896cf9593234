//! A lost or wrong secret key is noticed before it does harm, and a different key is accepted only on purpose.

use std::path::Path;
use std::process::Output;

use assent::keys::FILE;
use rocket::tokio;

use crate::crash::opt_in;
use crate::crash::server::{Server, Visitor};
use crate::support::{assent, start_body};

/// Runs `assent serve` in a folder, and stops it if it does start.
fn serve(folder: &Path) -> Output {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    std::process::Command::new("timeout")
        .args(["5", env!("CARGO_BIN_EXE_assent"), "serve"])
        .env("ROCKET_PORT", port.to_string())
        .current_dir(folder)
        .output()
        .expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

async fn with_data(folder: &Path) {
    let mut server = Server::start(folder, &[]).await;
    assert_eq!(opt_in(&server.origin(), "+12025550147").await, Some(true));
    assert!(server.stop().success());
}

#[rocket::async_test]
async fn with_data_present_a_lost_key_stops_the_start_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    with_data(folder.path()).await;
    let key = folder.path().join("data").join(FILE);
    let kept = std::fs::read(&key).expect("a key");
    std::fs::remove_file(&key).expect("lost");
    for _ in 0..2 {
        let output = serve(folder.path());
        assert_eq!(output.status.code(), Some(2));
        let said = said(&output);
        assert!(
            said.contains("the secret key of data/assent.db is missing: put data/secret.key back from your backup"),
            "{said}"
        );
        assert!(said.contains("assent new-key --yes"), "{said}");
        assert!(!key.exists(), "none is made");
    }
    std::fs::write(&key, "torn").expect("torn");
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("private");
    let checked = assent(folder.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&checked.stdout).contains("error SETTING secret_key: data/secret.key doesn't hold a secret key")
    );
    std::fs::write(&key, kept).expect("put back");
    assert_eq!(std::process::Command::new("chmod").arg("600").arg(&key).status().map(|s| s.success()).ok(), Some(true));
    let mut server = Server::start(folder.path(), &[]).await;
    assert!(server.stop().success());
}

#[rocket::async_test]
async fn another_key_is_refused_until_it_is_accepted_on_purpose() {
    let folder = tempfile::tempdir().expect("a folder");
    with_data(folder.path()).await;
    let key = folder.path().join("data").join(FILE);
    std::fs::write(&key, "ab".repeat(32)).expect("another");
    let output = serve(folder.path());
    assert_eq!(output.status.code(), Some(2));
    let told = said(&output);
    assert!(told.contains("data/secret.key is not the secret key that data/assent.db was made with"), "{told}");

    let asked = assent(folder.path(), &["new-key"]);
    assert_eq!(asked.status.code(), Some(2), "it takes a yes");
    assert!(said(&asked).contains("invalidates every code that is on its way"), "{}", said(&asked));
    let accepted = assent(folder.path(), &["new-key", "--yes"]);
    assert_eq!(accepted.status.code(), Some(0), "{}", said(&accepted));
    assert!(said(&accepted).contains("The secret key was accepted."), "{}", said(&accepted));
    let again = assent(folder.path(), &["new-key", "--yes"]);
    assert!(again.status.success() && said(&again).contains("there is nothing to accept"), "{}", said(&again));
    let mut server = Server::start(folder.path(), &[]).await;
    assert_eq!(opt_in(&server.origin(), "+12025550148").await, Some(true));
    assert!(server.stop().success());
}

#[rocket::async_test]
async fn accepting_another_key_drops_queued_codes_and_keeps_subscribers() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[]).await;
    assert_eq!(opt_in(&server.origin(), "+12025550147").await, Some(true));
    // The process dies, and the text it was about to send waits for the next start.
    let mut visitor = Visitor::new(&server.origin());
    visitor.post("/start", &start_body("+12025550148")).await;
    server.kill();
    let database = folder.path().join("data/assent.db");
    let run = |sql: &str| {
        use diesel::prelude::*;
        let mut conn = SqliteConnection::establish(&database.display().to_string()).expect("opens");
        diesel::sql_query(sql.to_owned()).execute(&mut conn).expect(sql)
    };
    run("UPDATE messages SET status = 'queued', sealed_text = '00', sent_at = NULL WHERE phone = '+12025550148'");
    std::fs::remove_file(folder.path().join("data").join(FILE)).expect("lost");
    let accepted = assent(folder.path(), &["new-key", "--yes"]);
    let told = said(&accepted);
    assert!(told.contains("A new secret key was made and accepted.") && told.contains("Queued texts dropped: 1."), "{told}");
    let dropped = run("UPDATE messages SET error = error WHERE status = 'dropped' AND error = 'secret_key_replaced'");
    assert_eq!(dropped, 1);
    assert_eq!(run("UPDATE subscribers SET locale = locale WHERE standing = 'subscribed'"), 1);
    tokio::task::yield_now().await;
}

#[test]
fn new_key_without_a_database_makes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = assent(folder.path(), &["new-key", "--yes"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(said(&told).contains("there is no database at data/assent.db"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0);
}
