//! The owner's static files: which names they're served under, how long browsers cache them, and what isn't served.

use std::path::Path;

use assent::web::prerender::{Scope, prepare, reload};
use rocket::http::{Header, Status};

use crate::support::{Page, TestApp, config, read};

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let file = folder.join("static").join(name);
    std::fs::create_dir_all(file.parent().expect("a parent")).expect("made");
    std::fs::write(file, bytes).expect("written");
}

/// Lists what's wrong with the files in the folder.
fn findings(folder: &Path) -> Vec<String> {
    let (config, _) = config("", folder);
    let (_, pages) = prepare(&config, Scope::Changes).expect("the pages render");
    pages.other_findings().iter().map(ToString::to_string).collect()
}

async fn get(app: &TestApp, path: &str, headers: &[(&'static str, &str)]) -> Page {
    let mut request = app.client.get(path.to_owned());
    for (name, value) in headers {
        request.add_header(Header::new(*name, (*value).to_owned()));
    }
    read(request.dispatch().await).await
}

#[rocket::async_test]
async fn a_plain_name_is_revalidated_and_a_fingerprinted_one_is_cached_forever() {
    let folder = tempfile::tempdir().expect("a folder");
    let css = "h1 { color: rebeccapurple }\n".repeat(50);
    put(folder.path(), "custom.css", css.as_bytes());
    put(folder.path(), "fonts/body.woff2", b"wOF2");
    let app = TestApp::at("", folder.path()).await;

    let plain = get(&app, "/static/custom.css", &[]).await;
    assert_eq!((plain.status, plain.body.as_str()), (Status::Ok, css.as_str()));
    assert_eq!(plain.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(plain.header("cache-control"), Some("no-cache"));
    assert_eq!(plain.header("x-content-type-options"), Some("nosniff"));
    let etag = plain.header("etag").expect("an ETag").to_owned();
    let again = get(&app, "/static/custom.css", &[("If-None-Match", &etag)]).await;
    assert_eq!((again.status, again.body.as_str()), (Status::NotModified, ""));
    let zipped = get(&app, "/static/custom.css", &[("Accept-Encoding", "gzip")]).await;
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));

    let print = &sha256(css.as_bytes())[..12];
    let kept = get(&app, &format!("/static/custom.{print}.css"), &[]).await;
    assert_eq!((kept.status, kept.body.as_str()), (Status::Ok, css.as_str()));
    assert_eq!(kept.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let font = get(&app, "/static/fonts/body.woff2", &[]).await;
    assert_eq!(font.header("content-type"), Some("font/woff2"));
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(bytes))
}

#[rocket::async_test]
async fn there_is_no_way_out_of_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "a.css", b"h1 {}");
    put(folder.path(), ".secret", b"PRIVATE");
    put(folder.path(), ".git/config", b"PRIVATE");
    std::fs::write(folder.path().join("outside.txt"), "PRIVATE").expect("written");
    std::os::unix::fs::symlink(folder.path().join("outside.txt"), folder.path().join("static/link.txt")).expect("linked");
    std::os::unix::fs::symlink("a.css", folder.path().join("static/b.css")).expect("linked");
    let app = TestApp::at("", folder.path()).await;
    for path in [
        "/static/../outside.txt",
        "/static/%2e%2e/outside.txt",
        "/static/..%2foutside.txt",
        "/static/a.css/../../outside.txt",
        "/static//etc/passwd",
        "/static/link.txt",
        "/static/.secret",
        "/static/.git/config",
        "/static/assent.db",
        "/static/",
    ] {
        let page = get(&app, path, &[]).await;
        assert!(page.status == Status::NotFound || page.status == Status::BadRequest, "{path}: {}", page.status);
        assert!(!page.body.contains("PRIVATE"), "{path}");
    }
    assert_eq!(get(&app, "/static/b.css", &[]).await.body, "h1 {}", "a link within the folder is followed");
    let found = findings(folder.path());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("link.txt: the file is not served: it is a link that leads out of the folder"), "{}", found[0]);
}

#[rocket::async_test]
async fn no_file_of_the_owner_takes_the_place_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "assent.css", b"body { display: none }");
    let app = TestApp::at("", folder.path()).await;
    let href = app.get("/").await.attribute("link[rel=stylesheet]", "href").expect("our sheet is linked");
    assert!(!get(&app, &href, &[]).await.body.starts_with("body { display: none }"));
    assert_eq!(get(&app, "/static/assent.css", &[]).await.body, "body { display: none }", "the plain name is the owner's");
}

#[test]
fn a_file_that_is_too_large_is_reported_and_a_missing_folder_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(findings(folder.path()), [""; 0]);
    put(folder.path(), "film.mp4", &vec![0; 5 * 1024 * 1024 + 1]);
    let found = findings(folder.path());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("error STATIC ") && found[0].contains("it is larger than 5 MiB"), "{}", found[0]);
}

#[rocket::async_test]
async fn a_sheet_that_hides_a_disclosure_is_refused_and_the_last_good_one_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = "{% extends \"builtin/page/start.html\" %}{% block head %}<link rel=\"stylesheet\" href=\"/static/custom.css\">{% endblock head %}";
    std::fs::create_dir_all(folder.path().join("templates/page")).expect("made");
    std::fs::write(folder.path().join("templates/page/start.html"), page).expect("written");
    put(folder.path(), "custom.css", b".disclosure { color: #333 }");
    let app = TestApp::at("", folder.path()).await;
    put(folder.path(), "custom.css", b".disclosure { color: #444 }");
    reload(&app.app, &app.published).await.expect("it is good");
    assert_eq!(get(&app, "/static/custom.css", &[]).await.body, ".disclosure { color: #444 }");

    put(folder.path(), "custom.css", b".disclosure { opacity: 0 }");
    let refusal = reload(&app.app, &app.published).await.expect_err("it hides").to_string();
    assert!(refusal.contains("the rule \".disclosure { opacity: 0 }\" of /static/custom.css hides how often"), "{refusal}");
    assert_eq!(get(&app, "/static/custom.css", &[]).await.body, ".disclosure { color: #444 }");

    std::fs::remove_file(folder.path().join("static/custom.css")).expect("removed");
    let refusal = reload(&app.app, &app.published).await.expect_err("it is missing").to_string();
    assert!(refusal.contains("the style sheet \"/static/custom.css\" can't be read"), "{refusal}");
}
