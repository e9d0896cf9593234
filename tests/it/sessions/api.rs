//! What a site may ask for, with which key, and the statements that it keeps.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rocket::http::Status;
use serde_json::json;
use time::Duration;

use super::{CLUB, MUTE, SHOP, assert_problem, body, claims_of, code_in, exchange, make, settings, site, state_of};
use crate::support::{PHONE, TestApp};

#[rocket::async_test]
async fn a_sites_requests_are_checked() {
    let app = site().await;
    let (long, long_query) = ("x".repeat(201), "x".repeat(2_000));
    for (request, status, kind) in [
        ("{", Status::BadRequest, "malformed-body"),
        ("", Status::BadRequest, "malformed-body"),
        ("{}", Status::UnprocessableEntity, "invalid-body"),
        ("[]", Status::UnprocessableEntity, "invalid-body"),
        (r#"["7", null, null, null, null, null]"#, Status::UnprocessableEntity, "invalid-body"),
        ("null", Status::UnprocessableEntity, "invalid-body"),
        (r#"{"ref": 7}"#, Status::UnprocessableEntity, "invalid-body"),
        (r#"{"ref": "7", "colour": "red"}"#, Status::UnprocessableEntity, "invalid-body"),
        (r#"{"ref": ""}"#, Status::UnprocessableEntity, "invalid-ref"),
        (r#"{"ref": "a\u0000b"}"#, Status::UnprocessableEntity, "invalid-ref"),
        (&format!(r#"{{"ref": "{long}"}}"#), Status::UnprocessableEntity, "invalid-ref"),
        (r#"{"ref": "7", "phone_number": "911"}"#, Status::UnprocessableEntity, "invalid-phone-number"),
        (r#"{"ref": "7", "locale": "de"}"#, Status::UnprocessableEntity, "unknown-locale"),
        (r#"{"ref": "7", "return_url": "https://evil.example/phone"}"#, Status::UnprocessableEntity, "foreign-url"),
        (r#"{"ref": "7", "return_url": "https://shop.example/phone/"}"#, Status::UnprocessableEntity, "foreign-url"),
        (r#"{"ref": "7", "return_url": "http://shop.example/phone"}"#, Status::UnprocessableEntity, "foreign-url"),
        (r#"{"ref": "7", "return_url": "https://shop.example:444/phone"}"#, Status::UnprocessableEntity, "foreign-url"),
        (r#"{"ref": "7", "return_url": "https://shop.example@evil.example/phone"}"#, Status::UnprocessableEntity, "foreign-url"),
        (r#"{"ref": "7", "return_url": "https://x@shop.example/phone"}"#, Status::UnprocessableEntity, "foreign-url"),
        (r#"{"ref": "7", "return_url": "https://club.example/"}"#, Status::UnprocessableEntity, "foreign-url"),
        (r#"{"ref": "7", "return_url": "https://shop.example/phone?session=1"}"#, Status::UnprocessableEntity, "foreign-url"),
        (
            &format!(r#"{{"ref": "7", "return_url": "https://shop.example/phone?{long_query}"}}"#),
            Status::UnprocessableEntity,
            "foreign-url",
        ),
        (r#"{"ref": "7", "cancel_url": "javascript:alert(1)"}"#, Status::UnprocessableEntity, "foreign-url"),
    ] {
        assert_problem(&app.api("/api/v1/sessions", SHOP, Some(request), &[]).await, status, kind);
    }
    for path in ["/api/v1/sessions", "/api/v1/results"] {
        let large = format!(r#"{{"ref": "{}"}}"#, "x".repeat(1_000_000));
        assert_problem(&app.api(path, SHOP, Some(&large), &[]).await, Status::PayloadTooLarge, "body-too-large");
        let form = app.api(path, SHOP, Some("code=1"), &[("Content-Type", "application/x-www-form-urlencoded")]).await;
        assert_problem(&form, Status::UnsupportedMediaType, "unsupported-media-type");
    }
    for request in [r#"{"code": "1", "more": 1}"#, r#"{"code": 1}"#, "{}"] {
        assert_problem(&app.api("/api/v1/results", SHOP, Some(request), &[]).await, Status::UnprocessableEntity, "invalid-body");
    }
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 0);
}

#[rocket::async_test]
async fn a_key_works_only_for_its_own_site() {
    let app = site().await;
    let id = make(&app, &json!({ "ref": "7" })).await;
    let path = format!("/api/v1/sessions/{id}");
    for key in ["", "shop", &format!("{SHOP}x"), &SHOP.to_uppercase()] {
        let page = app.api(&path, key, None, &[]).await;
        assert_problem(&page, Status::Unauthorized, "unauthorized");
        assert_eq!(page.header("www-authenticate"), Some("Bearer"));
    }
    let basic = app.api(&path, SHOP, None, &[("Authorization", &format!("Basic {SHOP}"))]).await;
    assert_problem(&basic, Status::Unauthorized, "unauthorized");
    for (path, body) in [(path.as_str(), None), ("/api/v1/sessions", Some("{}")), ("/api/v1/results", Some("{}"))] {
        assert_problem(&app.api(path, MUTE, body, &[]).await, Status::Forbidden, "forbidden");
    }
    let others = app.api(&path, CLUB, None, &[]).await;
    let nobodys = app.api("/api/v1/sessions/ses_00", CLUB, None, &[]).await;
    assert_problem(&others, Status::NotFound, "session-not-found");
    assert_eq!((others.body, others.status), (nobodys.body, nobodys.status), "no answer reveals whether it exists");
    assert_problem(&app.api("/api/v1/nothing", SHOP, None, &[]).await, Status::NotFound, "not-found");
    let page = app.api("/api/v1/results", SHOP, None, &[]).await;
    assert_problem(&page, Status::MethodNotAllowed, "method-not-allowed");
    assert_eq!(page.header("allow"), Some("POST"));
}

#[rocket::async_test]
async fn a_repeated_request_makes_one_session() {
    let app = site().await;
    let ask = async |key: &str, site: &str, body: &str| {
        app.api("/api/v1/sessions", site, Some(body), &[("Idempotency-Key", key)]).await
    };
    let first = ask("one", SHOP, r#"{"ref": "7", "locale": "en"}"#).await;
    let again = ask("one", SHOP, r#"{ "locale": "en", "ref": "7" }"#).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_problem(&ask("one", SHOP, r#"{"ref": "8"}"#).await, Status::UnprocessableEntity, "idempotency-key-reused");
    // Another site's keys are its own.
    assert_ne!(ask("one", CLUB, r#"{"ref": "7", "locale": "en"}"#).await.body, first.body);
    for key in ["", "a b", &"x".repeat(256)] {
        assert_problem(&ask(key, SHOP, r#"{"ref": "7"}"#).await, Status::BadRequest, "invalid-idempotency-key");
    }
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 2);
}

#[rocket::async_test]
async fn sessions_that_led_to_nothing_are_forgotten_after_a_day() {
    let app = site().await;
    let open = make(&app, &json!({ "ref": "7", "phone_number": PHONE })).await;
    app.get("/?site=shop&ref=8").await;
    app.opt_in(PHONE).await;
    app.advance(Duration::minutes(30) + Duration::days(1));
    app.sweep().await;
    assert_eq!(state_of(&app, &open).await["state"], json!("expired"));
    app.advance(Duration::seconds(1));
    app.sweep().await;
    let page = app.api(&format!("/api/v1/sessions/{open}"), SHOP, None, &[]).await;
    assert_problem(&page, Status::NotFound, "session-not-found");
    assert_eq!(app.column("SELECT site_ref AS value FROM sessions"), ["8"], "a session that handed over a number is kept");
}

#[rocket::async_test]
async fn an_earlier_signing_key_stays_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::at(&settings(), folder.path()).await;
    assent::flow::sessions::keep_signing_key(&app.app).await.expect("kept");
    app.get("/?site=shop&ref=7").await;
    app.opt_in(PHONE).await;
    let result = body(&exchange(&app, SHOP, &code_in(&app.post("/session/return", "").await)).await);
    let statement = result["statement"].as_str().expect("a statement").to_owned();
    app.app.store.close();
    drop(app);
    let app = TestApp::at(&format!("[default]\nsecret_key = '{}'\n{}", "5b".repeat(32), settings()), folder.path()).await;
    assent::flow::sessions::keep_signing_key(&app.app).await.expect("kept");
    let keys = body(&app.get("/.well-known/jwks.json").await);
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(2), "{keys}");
    assert!(claims_of(&app, &statement).await.is_ok(), "what the site kept can still be checked");
    // Forged statements aren't accepted.
    let parts: Vec<&str> = statement.split('.').collect();
    let header = |alg: &str| BASE64_URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": "x" }).to_string());
    assert_eq!(claims_of(&app, &format!("{}.{}.", header("none"), parts[1])).await, Err("another algorithm"));
    assert_eq!(claims_of(&app, &format!("{}.{}.{}", header("ES256"), parts[1], parts[2])).await, Err("an unknown key"));
    assert_eq!(
        claims_of(&app, &format!("{}.{}.{}", parts[0], BASE64_URL_SAFE_NO_PAD.encode("{}"), parts[2])).await,
        Err("a wrong signature")
    );
}

#[rocket::async_test]
async fn without_a_database_the_api_answers_with_a_problem() {
    let app = site().await;
    app.app.store.close();
    for page in [exchange(&app, SHOP, "00").await, app.api("/api/v1/sessions", SHOP, Some(r#"{"ref": "7"}"#), &[]).await] {
        assert_problem(&page, Status::ServiceUnavailable, "unavailable");
        assert_eq!(page.header("retry-after"), Some("30"));
    }
}
