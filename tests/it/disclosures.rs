//! What a person saw: the page's identity, and what happens when it is known, changed, unknown or missing.

use rocket::http::Status;

use crate::support::{PHONE, TestApp, start_body};

async fn hash_on(app: &TestApp) -> String {
    app.get("/").await.attribute("input[name=disclosure]", "value").expect("a disclosure")
}

#[rocket::async_test]
async fn the_identity_is_the_hash_of_the_page_with_its_own_field_empty() {
    let app = TestApp::new().await;
    let page = app.get("/").await;
    let hash = hash_on(&app).await;
    let bare = page.body.replace(&format!("value=\"{hash}\""), "value=\"\"");
    assert_eq!(assent::optin::disclosure::page_hash(&bare), hash);
    assert_eq!(app.column("SELECT html AS value FROM disclosures WHERE locale = 'en'"), [bare]);
    assert_eq!(app.column("SELECT hash || locale AS value FROM disclosures WHERE locale = 'en'"), [format!("{hash}en")]);
    let text = app.column("SELECT text AS value FROM disclosures WHERE locale = 'en'").pop().expect("a text");
    assert!(
        text.contains("Text STOP to 98765 to cancel") && text.contains("I agree to receive verification text messages"),
        "{text}"
    );
}

#[rocket::async_test]
async fn a_known_page_is_recorded_as_it_is_and_an_absent_one_is_inferred() {
    let app = TestApp::new().await;
    let hash = hash_on(&app).await;
    app.post("/start", &format!("{}&disclosure={hash}", start_body(PHONE))).await;
    app.type_code(&app.last_code(PHONE)).await;
    let other = app.browser().await;
    other.opt_in("+12025550148").await;
    assert_eq!(
        app.column("SELECT (CASE WHEN disclosure_hash = (SELECT hash FROM disclosures WHERE locale = 'en') THEN 1 ELSE 0 END) || ' ' || (CASE WHEN disclosure_inferred THEN 1 ELSE 0 END) AS value FROM consents ORDER BY seq"),
        ["1 0", "1 1"]
    );
}

#[rocket::async_test]
async fn an_unknown_page_comes_back_with_the_box_unchecked_and_nothing_is_recorded() {
    let app = TestApp::new().await;
    for hash in ["0".repeat(64), "nonsense".to_owned()] {
        let page = app.post("/start", &format!("{}&disclosure={hash}", start_body(PHONE))).await;
        assert_eq!(page.status, Status::UnprocessableEntity);
        page.assert_shows("Our terms changed after you opened this page");
        assert_eq!(page.attribute("input#consent", "checked"), None);
        assert_eq!(page.attribute("input#phone", "value").as_deref(), Some(PHONE));
        assert_eq!(
            page.attribute("input[name=disclosure]", "value"),
            Some(hash_on(&app).await),
            "the page that comes back is the current one"
        );
    }
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 0);
    assert!(app.texts_to(PHONE).is_empty());
}

#[rocket::async_test]
async fn a_page_with_other_facts_comes_back_and_one_with_the_same_facts_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = TestApp::at("", folder.path()).await;
    let hash = hash_on(&old).await;
    drop(old);
    // A fixed typo: different bytes, the same facts.
    let own = folder.path().join("templates/locale");
    std::fs::create_dir_all(&own).expect("made");
    std::fs::write(own.join("en.ftl"), "start-submit = Text me the code\n").expect("written");
    let mended = TestApp::at("", folder.path()).await;
    assert_ne!(hash_on(&mended).await, hash);
    assert_eq!(mended.post("/start", &format!("{}&disclosure={hash}", start_body(PHONE))).await.location(), Some("/code"));
    assert_eq!(mended.column("SELECT disclosure_hash AS value FROM verifications"), vec![hash.clone()]);
    drop(mended);
    let changed = TestApp::at("[default.program]\nsender = '55555'\n", folder.path()).await;
    let page = changed.post("/start", &format!("{}&disclosure={hash}", start_body("+12025550148"))).await;
    assert_eq!(page.status, Status::UnprocessableEntity);
    page.assert_shows("Our terms changed");
    assert!(changed.texts_to("+12025550148").is_empty());
}

#[rocket::async_test]
async fn the_form_of_a_page_with_errors_names_the_current_page() {
    let app = TestApp::new().await;
    let page = app.post("/start", "phone=1&consent=yes").await;
    assert_eq!(page.attribute("input[name=disclosure]", "value"), Some(hash_on(&app).await));
    assert_eq!(page.attribute("input[name=lang]", "value").as_deref(), Some("en"));
}

#[rocket::async_test]
async fn a_changed_template_is_put_in_place_and_a_broken_one_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::at("", folder.path()).await;
    let before = app.get("/").await.body;
    let own = folder.path().join("templates/locale");
    std::fs::create_dir_all(&own).expect("made");
    std::fs::write(own.join("en.ftl"), "start-submit = { $oops\n").expect("written");
    assert!(assent::web::prerender::reload(&app.app, &app.published).await.is_err());
    assert_eq!(app.get("/").await.body, before, "the last good page stays");
    std::fs::write(own.join("en.ftl"), "start-submit = Off we go\n").expect("written");
    assent::web::prerender::reload(&app.app, &app.published).await.expect("loaded");
    app.get("/").await.assert_shows("Off we go");
    assert_eq!(app.count("SELECT count(*) FROM disclosures WHERE locale = 'en'"), 2);
}

#[rocket::async_test]
async fn a_reload_refuses_the_texts_that_a_start_refuses() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::at("", folder.path()).await;
    let own = folder.path().join("templates/locale");
    std::fs::create_dir_all(&own).expect("made");
    let long = "very ".repeat(40);
    for words in [
        format!("sms-goodbye = {{ $program }}: You've opted out of {long}many texts.\n"),
        "sms-goodbye = You've opted out.\n".to_owned(),
        "sms-code = { $program }: your code is in the next text.\n".to_owned(),
        "sms-confirmed = { $program }: verified \u{1f389}.\n".to_owned(),
    ] {
        std::fs::write(own.join("en.ftl"), format!("start-submit = Off we go\n{words}")).expect("written");
        let refused = assent::web::prerender::reload(&app.app, &app.published).await;
        assert!(refused.is_err(), "{words}");
        assert!(!app.get("/").await.shows("Off we go"), "the last good page stays");
    }
}
