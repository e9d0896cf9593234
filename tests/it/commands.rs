//! The real binary's commands for a single number.

use crate::support::{assent, number, store_in};

const OPT_OUT: [&str; 6] = ["opt-out", "(202) 555-0147", "--words", "take me off your list", "--channel", "email"];
const UNLOCK: [&str; 2] = ["unlock", "(202) 555-0147"];

#[test]
fn in_a_folder_without_a_database_nothing_is_claimed_and_nothing_made() {
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
async fn an_opt_out_that_came_another_way_is_on_record_once() {
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
