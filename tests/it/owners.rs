//! Folders as owners would write them: `tests/owners/NAME` holds settings, templates, words and static files. `expect.txt` begins
//! with `good` or `bad`, followed by what `assent check` must say.

use std::path::{Path, PathBuf};

use crate::support::assent;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            std::fs::copy(&entry, &target).expect("copied");
        }
    }
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/owners");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    folders
}

#[test]
fn every_owners_folder_is_judged_as_it_expects() {
    let folders = folders();
    assert!(folders.len() >= 15, "only {} folders", folders.len());
    let mut wrong = Vec::new();
    for folder in folders {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(folder.join("expect.txt")).expect("what is expected");
        let (verdict, sentences) = expected.split_once('\n').expect("a verdict");
        let place = tempfile::tempdir().expect("a folder");
        copy(&folder, place.path());
        let output = assent(place.path(), &["check"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let status = i32::from(verdict != "good");
        if output.status.code() != Some(status) {
            wrong.push(format!("{name} ({verdict}) ends with {:?}: {said}", output.status.code()));
        }
        for sentence in sentences.lines().filter(|sentence| !said.contains(sentence)) {
            wrong.push(format!("{name}: nothing says `{sentence}`: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_that_loses_a_sites_session_is_refused_once_there_is_a_site() {
    let place = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/owners/own-document"), place.path());
    let settings = place.path().join("Rocket.toml");
    let shop =
        "[default.sites.shop]\nreturn_urls = [\"https://shop.example/phone\"]\napi_key = \"0123456789abcdef0123456789abcdef\"\n";
    let whole = std::fs::read_to_string(&settings).expect("the settings");
    std::fs::write(&settings, format!("{whole}\n{shop}")).expect("written");
    let output = assent(place.path(), &["check"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("page/start.html: loses the session of a site"), "{said}");
}

#[test]
fn a_page_that_drops_any_disclosure_is_refused() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/owners/own-document");
    let dropped = [
        ("disclosure.frequency", "how often"),
        ("disclosure.stop", "STOP"),
        ("disclosure.help", "HELP"),
        ("disclosure.cost", "rates"),
        ("disclosure.terms_url", "terms"),
        ("disclosure.privacy_url", "privacy"),
        ("name=\"consent\"", "consent"),
    ];
    for (line, named) in dropped {
        let place = tempfile::tempdir().expect("a folder");
        copy(&own, place.path());
        let page = place.path().join("custom/templates/page/start.html");
        let whole = std::fs::read_to_string(&page).expect("the page");
        let rest: Vec<&str> = whole.lines().filter(|known| !known.contains(line)).collect();
        assert_eq!(rest.len() + 1, whole.lines().count(), "{line} is one line of the page");
        std::fs::write(&page, rest.join("\n")).expect("written");
        let output = assent(place.path(), &["check"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "without {line}: {said}");
        assert!(said.contains("DISCLOSURE") && said.contains(named), "without {line}: {said}");
    }
}
