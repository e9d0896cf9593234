//! The owner's sites learn whose number was verified, by a link or by a session that they make.

mod api;
mod hosted;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use rocket::http::Status;
use serde_json::{Value, json};
use time::Duration;

use crate::support::{PHONE, Page, TestApp};

const SHOP: &str = "shop-key-0123456789abcdef0123456789abcdef";
const CLUB: &str = "club-key-0123456789abcdef0123456789abcdef";
const MUTE: &str = "mute-key-0123456789abcdef0123456789abcdef";

fn settings() -> String {
    format!(
        "[default.sites.shop]\nreturn_urls = ['https://shop.example/phone', 'http://localhost:9000/done']\napi_key = '{SHOP}'\n\
         [default.sites.club]\nreturn_urls = ['https://club.example/?from=texts']\napi_key = '{CLUB}'\nallowed = ['sessions']\n\
         [default.sites.mute]\nreturn_urls = ['https://mute.example/']\napi_key = '{MUTE}'\nallowed = []\n"
    )
}

async fn site() -> TestApp {
    TestApp::with(&settings()).await
}

fn body(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|e| panic!("{e}: {} {}", page.status, page.body))
}

#[track_caller]
fn assert_problem(page: &Page, status: Status, kind: &str) {
    let problem = body(page);
    assert_eq!(page.status, status, "{problem}");
    assert_eq!(problem["type"], json!(format!("urn:assent:problem:{kind}")), "{problem}");
    assert_eq!(problem["status"], json!(status.code));
    assert_eq!(page.header("content-type"), Some("application/problem+json"));
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{problem}");
}

/// Reads the code from the URL that a person is sent back to.
#[track_caller]
fn code_in(page: &Page) -> String {
    let url = url::Url::parse(page.location().expect("a redirect")).expect("a URL");
    let code = url.query_pairs().find(|(name, _)| name == "assent").map(|(_, value)| value.into_owned());
    code.unwrap_or_else(|| panic!("{url} has no code"))
}

async fn exchange(app: &TestApp, key: &str, code: &str) -> Page {
    app.api("/api/v1/results", key, Some(&json!({ "code": code }).to_string()), &[]).await
}

/// Makes a session, and returns its id.
async fn make(app: &TestApp, request: &Value) -> String {
    let page = app.api("/api/v1/sessions", SHOP, Some(&request.to_string()), &[]).await;
    assert_eq!(page.status, Status::Created, "{}", page.body);
    body(&page)["id"].as_str().expect("an id").to_owned()
}

async fn state_of(app: &TestApp, id: &str) -> Value {
    let page = app.api(&format!("/api/v1/sessions/{id}"), SHOP, None, &[]).await;
    assert_eq!(page.status, Status::Ok, "{}", page.body);
    body(&page)
}

/// Checks a statement with the public keys, and returns its claims.
async fn claims_of(app: &TestApp, statement: &str) -> Result<Value, &'static str> {
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| "not base64url");
    let json_of = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).map_err(|_| "not JSON");
    let parts: Vec<&str> = statement.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Err("not three parts") };
    let header_said = json_of(header)?;
    if header_said["alg"] != json!("ES256") {
        return Err("another algorithm");
    }
    let keys = body(&app.get("/.well-known/jwks.json").await);
    let keys = keys["keys"].as_array().expect("a list");
    let key = keys.iter().find(|key| key["kid"] == header_said["kid"]).ok_or("an unknown key")?;
    let coordinate = |name: &str| decoded(key[name].as_str().expect("a text")).expect("base64url");
    let public = VerifyingKey::from_sec1_bytes(&[vec![4], coordinate("x"), coordinate("y")].concat()).expect("a point");
    let signature = Signature::from_slice(&decoded(signature)?).map_err(|_| "no signature")?;
    public.verify(format!("{header}.{claims}").as_bytes(), &signature).map_err(|_| "a wrong signature")?;
    json_of(claims)
}

#[rocket::async_test]
async fn without_a_site_nothing_answers() {
    let app = TestApp::new().await;
    for path in ["/.well-known/jwks.json", "/api/v1/sessions/ses_00"] {
        assert_eq!(app.api(path, SHOP, None, &[]).await.status, Status::NotFound, "{path}");
    }
    for path in ["/api/v1/results", "/api/v1/sessions"] {
        assert_eq!(app.api(path, SHOP, Some("{}"), &[]).await.status, Status::NotFound, "{path}");
    }
    for path in ["/session/return", "/session/cancel"] {
        assert_eq!(app.post(path, "session=ses_00").await.status, Status::NotFound, "{path}");
    }
    let plain = app.get("/").await;
    let with = app.get("/?site=shop&ref=7").await;
    assert_eq!((with.status, &with.body), (Status::Ok, &plain.body));
    assert!(plain.header("content-security-policy").is_some_and(|policy| policy.contains("form-action 'self';")));
}

#[rocket::async_test]
async fn a_link_leads_back_with_a_code_that_the_site_exchanges_once() {
    let app = site().await;
    let plain = app.browser().await.get("/").await;
    let start = app.get("/?site=shop&ref=user%2F7").await;
    assert_eq!(start.body, plain.body, "the page is the same for everybody");
    assert_eq!(start.header("etag"), plain.header("etag"));
    // Choosing a language doesn't lose the site.
    app.get("/?lang=en").await;
    app.opt_in(PHONE).await;

    let done = app.get("/done").await;
    done.assert_shows("Continue to shop.example");
    assert!(!done.body.contains("user/7"), "the site's own name for the person is never shown");
    let policy = done.header("content-security-policy").expect("a policy");
    assert!(policy.contains("form-action 'self' https://shop.example;"), "{policy}");
    let policy = plain.header("content-security-policy").expect("a policy");
    assert!(policy.contains("form-action 'self';"), "no other page reveals the sites: {policy}");
    let back = app.post("/session/return", "").await;
    assert_eq!(back.status, Status::SeeOther);
    let to = back.location().expect("a place");
    assert!(to.starts_with("https://shop.example/phone?assent=") && !to.contains("5550147"), "{to}");
    let code = code_in(&back);
    assert_eq!(code.len(), 32, "128 bits in hex");

    let page = exchange(&app, SHOP, &code).await;
    assert_eq!(page.status, Status::Ok, "{}", page.body);
    let result = body(&page);
    let disclosure = app.column("SELECT disclosure_hash AS value FROM verifications").pop().expect("one");
    for (name, value) in [
        ("ref", json!("user/7")),
        ("phone_number", json!(PHONE)),
        ("way", json!("web_code")),
        ("session", Value::Null),
        ("verified_at", json!("2026-11-24T12:00:00Z")),
        ("standing", json!("subscribed")),
        ("consent", json!(1)),
        ("disclosure", json!(disclosure)),
    ] {
        assert_eq!(result[name], value, "{name}: {result}");
    }
    let claims = claims_of(&app, result["statement"].as_str().expect("a statement")).await.expect("signed by us");
    let now = app.app.clock.now().unix_timestamp();
    let jti = claims["jti"].as_str().expect("a name").to_owned();
    assert_eq!(jti.len(), 32);
    assert_eq!(
        claims,
        json!({
            "iss": "http://localhost:8000", "aud": "shop", "sub": "user/7", "phone_number": PHONE, "amr": ["sms", "web_code"],
            "verified_at": now, "standing": "subscribed", "consent": 1, "disclosure": disclosure, "jti": jti, "iat": now,
        })
    );

    assert_problem(&exchange(&app, SHOP, &code).await, Status::NotFound, "code-not-found");
    // A person who presses the button again gets another code.
    let again = code_in(&app.post("/session/return", "").await);
    assert_ne!(again, code);
    assert_eq!(exchange(&app, SHOP, &again).await.status, Status::Ok);
}

#[rocket::async_test]
async fn a_code_is_good_for_two_minutes_and_for_its_own_site() {
    let app = site().await;
    app.get("/?site=shop&ref=7").await;
    app.opt_in(PHONE).await;
    let code = code_in(&app.post("/session/return", "").await);
    assert_problem(&exchange(&app, CLUB, &code).await, Status::NotFound, "code-not-found");
    app.advance(Duration::seconds(119));
    assert_eq!(exchange(&app, SHOP, &code).await.status, Status::Ok, "another site's try doesn't use it up");

    let code = code_in(&app.post("/session/return", "").await);
    app.advance(Duration::seconds(120));
    assert_problem(&exchange(&app, SHOP, &code).await, Status::NotFound, "code-not-found");
    // Half an hour after verifying, nothing leads back anymore.
    app.advance(Duration::minutes(30));
    assert_eq!(app.post("/session/return", "").await.location(), Some("/done"));
    assert_eq!(app.column("SELECT phone AS value FROM sessions WHERE phone IS NOT NULL").len(), 0, "no copy of the number");
}

#[rocket::async_test]
async fn a_reply_leads_back_too() {
    let app = site().await;
    app.get("/?site=shop&ref=7").await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await;
    app.text_in(PHONE, &code).await;
    app.get("/done").await.assert_shows("Continue to shop.example");
    let result = body(&exchange(&app, SHOP, &code_in(&app.post("/session/return", "").await)).await);
    assert_eq!((&result["way"], &result["phone_number"]), (&json!("reply_code"), &json!(PHONE)));
    app.text_in(PHONE, "STOP").await;
    let result = body(&exchange(&app, SHOP, &code_in(&app.post("/session/return", "").await)).await);
    assert_eq!(result["standing"], json!("opted_out"), "this is the current standing");
}

#[rocket::async_test]
async fn a_later_link_never_changes_whom_a_pending_verification_is_for() {
    let app = site().await;
    app.get("/?site=shop&ref=first").await;
    app.submit_phone(PHONE).await;
    app.get("/?site=shop&ref=second").await;
    app.type_code(&app.last_code(PHONE)).await;
    let result = body(&exchange(&app, SHOP, &code_in(&app.post("/session/return", "").await)).await);
    assert_eq!(result["ref"], json!("first"));
}

#[rocket::async_test]
async fn asking_again_for_another_person_begins_anew() {
    let app = site().await;
    app.get("/?site=shop&ref=first").await;
    app.submit_phone(PHONE).await;
    // The same person twice is one request.
    app.submit_phone(PHONE).await;
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 1);
    app.get("/?site=shop&ref=second").await;
    app.submit_phone(PHONE).await;
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 2);
    let first = app.last_code(PHONE);
    assert_eq!(
        app.type_code(&first).await.status,
        Status::UnprocessableEntity,
        "the first person's code proves nothing for the second"
    );
    app.advance(Duration::seconds(31));
    app.resend().await;
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/done"));
    let result = body(&exchange(&app, SHOP, &code_in(&app.post("/session/return", "").await)).await);
    assert_eq!(result["ref"], json!("second"));
}

#[rocket::async_test]
async fn links_that_make_no_sense_are_refused() {
    let app = site().await;
    for (path, status) in [
        ("/?site=shop", Status::BadRequest),
        ("/?site=shop&ref=", Status::BadRequest),
        ("/?site=shop&ref=a%0Ab", Status::BadRequest),
        ("/?site=shop&ref=%FF", Status::BadRequest),
        (&format!("/?site=shop&ref={}", "x".repeat(201)), Status::BadRequest),
        ("/?site=nobody&ref=7", Status::NotFound),
        ("/?site=mute&ref=7", Status::NotFound),
        ("/?session=ses_00", Status::NotFound),
        ("/?session=%00", Status::NotFound),
    ] {
        assert_eq!(app.get(path).await.status, status, "{path}");
    }
    assert_eq!(app.get(&format!("/?site=shop&ref={}", "x".repeat(200))).await.status, Status::Ok);
    assert_eq!(app.post("/session/cancel", "session=%00").await.status, Status::NotFound);
    assert_eq!(app.api("/api/v1/sessions/%00", SHOP, None, &[]).await.status, Status::NotFound);
    // A link isn't a session that a site made, so its name opens nothing.
    app.opt_in(PHONE).await;
    let name = app.column("SELECT name AS value FROM sessions").pop().expect("one");
    assert_eq!(app.get(&format!("/?session={name}")).await.status, Status::NotFound);
    assert_eq!(app.post("/session/cancel", &format!("session={name}")).await.status, Status::NotFound);
}
