//! The preview and owners' changes: who may see it, that it changes nothing, and owners' own languages.

use std::path::Path;

use rocket::http::Status;
use time::Duration;

use crate::support::{PHONE, TestApp, config};

fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join("templates").join(name);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    std::fs::write(file, text).expect("written");
}

/// Every path of the preview, with the key from a link.
fn paths(query: &str) -> [String; 5] {
    ["", "/page/en/0", "/page/en/0/dark", "/mail/en/0", "/changes"].map(|path| format!("/preview{path}{query}"))
}

#[rocket::async_test]
async fn the_preview_is_for_this_machine_and_for_a_link_that_has_not_expired() {
    let app = TestApp::new().await;
    let browser = app.browser().await;
    let key = app.app.keys.preview_key(app.app.clock.now() + Duration::HOUR);
    for path in paths("") {
        assert_eq!(browser.get(&path).await.status, Status::Ok, "{path}");
        assert_eq!(browser.get_from(&path, "203.0.113.9").await.status, Status::NotFound, "{path}");
    }
    for path in paths(&format!("?key={key}")) {
        assert_eq!(browser.get_from(&path, "203.0.113.9").await.status, Status::Ok, "{path}");
    }
    // A visitor who came by a link can follow the page's own links.
    let page = browser.get_from(&format!("/preview?key={key}"), "203.0.113.9").await;
    let links = page.body.split("href=\"/preview").skip(1).filter_map(|rest| rest.split('"').next());
    assert!(links.clone().count() > 60 && links.clone().all(|link| link.contains(&key)), "{:?}", links.collect::<Vec<_>>());
    let languages = page.body.split("&amp;lang=").count() - 1;
    assert_eq!(languages, 2, "each language is one link on");
    for wrong in ["x", "9999999999-00", &key[1..]] {
        assert_eq!(browser.get_from(&format!("/preview?key={wrong}"), "203.0.113.9").await.status, Status::NotFound, "{wrong}");
    }
    app.advance(Duration::HOUR);
    for path in paths(&format!("?key={key}")) {
        assert_eq!(browser.get_from(&path, "203.0.113.9").await.status, Status::NotFound, "{path}");
    }
    for path in ["/preview/page/en/999", "/preview/page/xx/0", "/preview/page/en/0/pink", "/preview/mail/en/99"] {
        assert_eq!(browser.get(path).await.status, Status::NotFound, "{path}");
    }
}

#[rocket::async_test]
async fn what_it_shows_can_be_viewed_but_not_used() {
    let app = TestApp::new().await;
    app.opt_in(PHONE).await;
    let before = app.count("SELECT count(*) FROM messages") + app.count("SELECT count(*) FROM verifications");
    let browser = app.browser().await;
    let states = browser.get("/preview").await.body.matches("/preview/page/en/").count();
    for state in 0..states {
        let page = browser.get(&format!("/preview/page/en/{state}/light")).await;
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.contains("form-action 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !page.body.contains("<script"), "{state}");
    }
    let framing = browser.get("/preview").await;
    assert!(framing.header("content-security-policy").is_some_and(|policy| policy.contains("frame-ancestors 'none'")));
    let mail = browser.get("/preview/mail/en/0").await;
    assert!(mail.header("content-security-policy").is_some_and(|policy| policy.contains("form-action 'none'")));
    let after = app.count("SELECT count(*) FROM messages") + app.count("SELECT count(*) FROM verifications");
    assert_eq!(after, before);
}

#[rocket::async_test]
async fn a_style_sheet_answers_for_the_scheme_that_is_asked_for() {
    let app = TestApp::new().await;
    let browser = app.browser().await;
    let page = browser.get("/preview/page/en/0/dark").await;
    let sheet = page.attribute("link[rel='stylesheet']", "href").expect("a sheet");
    let dark = browser.get(&sheet).await;
    let light = browser.get(&sheet.replace("/dark/", "/light/")).await;
    assert!(dark.body.contains("@media (min-width: 0)") && dark.body.contains("color-scheme: dark !important"));
    assert!(light.body.contains("@media (max-width: 0)") && light.body.contains("color-scheme: light !important"));
    assert_eq!(page.attribute("meta[name='color-scheme']", "content").as_deref(), Some("dark"));
    assert_eq!(browser.get("/preview/static/dark/nothing.css").await.status, Status::NotFound);
}

#[rocket::async_test]
async fn a_change_that_breaks_any_page_is_refused_and_the_preview_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "page/done.html",
        "{% extends \"builtin/page/done.html\" %}{% block heading %}<h1>All set</h1>{% endblock %}",
    );
    let app = TestApp::at("", folder.path()).await;
    let browser = app.browser().await;
    write(
        folder.path(),
        "page/done.html",
        "{% extends \"builtin/page/done.html\" %}\n{% block heading %}{{ nobody }}{% endblock %}",
    );
    assert!(assent::web::prerender::reload(&app.app, &app.published).await.is_err());
    let page = browser.get("/preview").await;
    page.assert_shows("Your last change isn't in place");
    page.assert_shows("nobody");
    page.assert_shows("page/done.html:2:");
    app.opt_in(PHONE).await;
    app.get("/done").await.assert_shows("All set");
    write(folder.path(), "page/done.html", "{% extends \"builtin/page/done.html\" %}");
    assent::web::prerender::reload(&app.app, &app.published).await.expect("good again");
    assert!(!browser.get("/preview").await.shows("Your last change isn't in place"));
}

#[rocket::async_test]
async fn a_language_of_the_owners_own_needs_one_file_and_one_entry() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, findings) = config("[default.locale]\noffered = ['en', 'de']\n", folder.path());
    let said = findings.iter().map(ToString::to_string).find(|finding| finding.contains("locale.offered")).expect("a finding");
    assert!(said.contains("`de` has no catalog: write its words into") && said.contains("locale/de.ftl"), "{said}");
    write(
        folder.path(),
        "locale/de.ftl",
        "language-name = Deutsch\nstart-submit = Code senden\nsms-goodbye = { $program }: Sie bekommen keine SMS mehr von uns.\n\
         seconds = { $count ->\n    [one] 1 Sekunde\n   *[other] { $count } Sekunden\n}\n",
    );
    let app = TestApp::at("[default.locale]\noffered = ['en', 'de']\n", folder.path()).await;
    let page = app.get("/?lang=de").await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("de"));
    page.assert_shows("Code senden");
    // Missing messages are shown in the default language, and reported.
    page.assert_shows("Text STOP to 98765 to cancel");
    let preview = app.browser().await.get("/preview?lang=de").await;
    preview.assert_shows("messages, which show in en until you write them: ");
    preview.assert_shows("Sie bekommen keine SMS mehr von uns.");
}
