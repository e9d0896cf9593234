//! The real binary's commands for a single number.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::support::{assent, number, store_in};

const OPT_OUT: [&str; 6] = ["opt-out", "(202) 555-0147", "--words", "take me off your list", "--channel", "email"];
const UNLOCK: [&str; 2] = ["unlock", "(202) 555-0147"];

#[test]
fn in_a_folder_without_a_database_commands_fail_and_create_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&OPT_OUT[..], &UNLOCK[..]] {
        let told = assent(folder.path(), arguments);
        assert_eq!((told.status.code(), String::from_utf8_lossy(&told.stdout).as_ref()), (Some(1), ""));
        let said = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(said.contains("there is no database at data/assent.db"), "{said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0);
}

#[rocket::async_test]
async fn an_opt_out_that_came_another_way_is_recorded_once() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(assent(folder.path(), &["migrate"]).status.success());
    for expected in ["Opted out: this number gets no more texts.\n", "This number had opted out before.\n"] {
        let told = assent(folder.path(), &OPT_OUT);
        assert_eq!((told.status.code(), String::from_utf8_lossy(&told.stdout).as_ref()), (Some(0), expected));
    }
    assert_eq!(String::from_utf8_lossy(&assent(folder.path(), &UNLOCK).stdout), "This number had no failures.\n");
    let store = store_in(folder.path());
    let found = store.read(|tx| assent::store::subscribers::find(tx, &number("+12025550147"))).await.expect("read");
    assert_eq!(found.map(|subscriber| subscriber.standing.as_str()), Some("opted_out"));
}

/// Runs a command with environment variables.
fn with_variables(folder: &std::path::Path, variables: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String) {
    let command = std::process::Command::new(env!("CARGO_BIN_EXE_assent"))
        .current_dir(folder)
        // Other programs may set a variable that isn't UTF-8.
        .env("OTHER", OsStr::from_bytes(&[0xff]))
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .expect("it runs");
    let said = [command.stdout, command.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (command.status.code(), said)
}

#[test]
fn a_wrong_start_says_so_instead_of_serving_the_demo() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |variables: &[(&str, &str)]| with_variables(folder.path(), variables, &["check"]);
    let (status, said) = check(&[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("There's no Rocket.toml in this folder"), "{said}");
    let (status, said) = check(&[("ROCKET_CONFIG", "etc/Rocket.toml")]);
    assert_eq!(status, Some(1));
    assert!(said.contains("ROCKET_CONFIG: names etc/Rocket.toml, which doesn't exist"), "{said}");
    std::fs::write(folder.path().join("Rocket.toml"), "[default.program]\nname = 'Harbor Watch'\n[staging]\nport = 8001\n")
        .expect("written");
    let (status, said) = check(&[("ROCKET_PROFILE", "prod")]);
    assert_eq!(status, Some(1));
    assert!(said.contains("ROCKET_PROFILE: is `prod`, but Rocket.toml has no table [prod]"), "{said}");
    for profile in ["staging", "debug", "release"] {
        assert_eq!(check(&[("ROCKET_PROFILE", profile)]).0, Some(0), "{profile}");
    }
    let (_, said) = check(&[("ASSENT_PROGRAM_NAME", "Harbor")]);
    assert!(said.contains("write two underscores between the table and the name: ASSENT_PROGRAM__NAME"), "{said}");
    assert!(!said.contains("There's no Rocket.toml"), "{said}");
}

#[test]
fn templates_are_listed_and_ejected_and_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| with_variables(folder.path(), &[], arguments);
    let (status, said) = run(&["templates", "list"]);
    assert_eq!(status, Some(0));
    assert!(said.lines().any(|line| line == "page/start.html") && said.lines().any(|line| line == "locale/en.ftl"), "{said}");
    for name in ["page/start.html", "locale/en.ftl", "base.html"] {
        let (status, said) = run(&["templates", "eject", name]);
        assert_eq!((status, said.as_str()), (Some(0), format!("custom/templates/{name} is yours now.\n").as_str()));
    }
    let (status, said) = run(&["check"]);
    assert_eq!(status, Some(0), "an ejected file is as good as the built-in one: {said}");
    let file = folder.path().join("custom/templates/page/start.html");
    std::fs::write(&file, "{% extends \"base.html\" %}{% block content %}mine{% endblock %}").expect("written");
    let (status, said) = run(&["templates", "eject", "page/start.html"]);
    assert_eq!(status, Some(1));
    assert!(said.contains("already exists, and was left as it is"), "{said}");
    assert!(std::fs::read_to_string(&file).expect("read").contains("mine"));
    let (_, said) = run(&["templates", "list"]);
    let line = said.lines().find(|line| line.starts_with("page/start.html")).expect("listed");
    assert!(line.starts_with("page/start.html: yours; without the blocks title, description, heading"), "{line}");
    let (status, said) = run(&["templates", "eject", "page/strat.html"]);
    assert_eq!(status, Some(2));
    assert!(said.contains("did you mean `page/start.html`"), "{said}");
}
