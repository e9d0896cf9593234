//! The owner's sites learn whose number was verified, by a link or by a session that they make.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use rocket::http::Status;
use serde_json::{Value, json};
use time::Duration;

use crate::support::{PHONE, Page, TestApp, encode, start_body};

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
    assert!(to.starts_with("https://shop.example/phone?assent=") && !to.contains("0147"), "{to}");
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

#[rocket::async_test]
async fn a_session_is_created_completed_and_queried() {
    let app = site().await;
    let request = json!({ "ref": "7", "return_url": "https://shop.example/phone?order=5", "cancel_url": "http://localhost:9000/done", "locale": "es" });
    let made = app.api("/api/v1/sessions", SHOP, Some(&request.to_string()), &[]).await;
    assert_eq!(made.status, Status::Created);
    let said = body(&made);
    let id = said["id"].as_str().expect("an id").to_owned();
    assert_eq!(said["url"], json!(format!("http://localhost:8000/?session={id}")));
    assert_eq!(said["expires_at"], json!("2026-11-24T12:30:00Z"));
    let open = state_of(&app, &id).await;
    assert_eq!(
        (&open["state"], &open["ref"], &open["phone_number"], &open["statement"]),
        (&json!("open"), &json!("7"), &Value::Null, &Value::Null)
    );

    let path = format!("/?session={id}");
    let start = app.get(&path).await;
    start.assert_shows("Regresar a shop.example");
    assert_eq!((start.header("cache-control"), start.header("content-encoding")), (Some("no-store"), None));
    assert_eq!(
        start.attribute("input[name=disclosure]", "value"),
        app.browser().await.get("/?lang=es").await.attribute("input[name=disclosure]", "value")
    );
    app.get(&format!("{path}&lang=en")).await.assert_shows("Back to shop.example");
    assert_eq!(app.get("/").await.location(), Some(path.as_str()), "our own links lead back to the session");
    submit_in(&app, &id, PHONE).await;
    // Going back, reloading and sending the form again stays in the session.
    app.get(&path).await;
    submit_in(&app, &id, PHONE).await;
    assert_eq!(app.get("/?again").await.location(), Some(path.as_str()));
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 1);
    app.type_code(&app.last_code(PHONE)).await;
    assert_eq!(app.get(&path).await.location(), Some("/done"), "going back after verifying");
    app.get("/done").await.assert_shows("Continue to shop.example");
    let back = app.post("/session/return", "").await;
    let code = code_in(&back);
    assert_eq!(back.location(), Some(format!("https://shop.example/phone?order=5&assent={code}&session={id}").as_str()));
    let result = body(&exchange(&app, SHOP, &code).await);
    assert_eq!((&result["session"], &result["ref"]), (&json!(id), &json!("7")), "whoever brings the code verified the number");

    let done = state_of(&app, &id).await;
    for (name, value) in [("state", "verified"), ("phone_number", PHONE), ("way", "web_code"), ("standing", "subscribed")] {
        assert_eq!(done[name], json!(value), "{done}");
    }
    let claims = claims_of(&app, done["statement"].as_str().expect("a statement")).await.expect("signed by us");
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!("shop"), &json!("7")));

    // It's used up: another browser sees that, and verifies nothing for it.
    let other = app.browser().await;
    other.get(&format!("{path}&lang=en")).await.assert_shows("A number was already verified for shop.example.");
    other.post("/start", &start_body("(212) 555-0123")).await;
    assert_eq!(state_of(&app, &id).await["phone_number"], json!(PHONE));
}

#[rocket::async_test]
async fn the_number_on_file_is_masked_unless_the_site_shows_it() {
    let app = site().await;
    let id = make(&app, &json!({ "ref": "7", "phone_number": "(202) 555-0147" })).await;
    let start = app.get(&format!("/?session={id}")).await;
    assert_eq!(start.attribute("input[name=phone]", "value").as_deref(), Some("(•••) •••-0147"));
    assert!(start.attribute("input[name=phone]", "readonly").is_some());
    start.assert_shows("The number that shop.example has for you");
    let unchecked = app.post("/start", &format!("session={id}&phone={}", encode("(•••) •••-0147"))).await;
    assert_eq!(unchecked.status, Status::UnprocessableEntity);
    assert_eq!(unchecked.attribute("input[name=phone]", "value").as_deref(), Some("(•••) •••-0147"));
    // The number on file is used, whatever the field says, so that nobody can find out its hidden digits.
    for phone in ["(•••) •••-0147", "(202) 555-0147", "(212) 555-0123", "x"] {
        let started = app.post("/start", &format!("session={id}&phone={}&consent=yes", encode(phone))).await;
        assert_eq!((started.status, started.location()), (Status::SeeOther, Some("/code")), "{phone}");
    }
    assert_eq!(app.column("SELECT phone AS value FROM verifications"), [PHONE]);
    for path in ["/code", "/code/waiting"] {
        let page = app.get(path).await;
        assert!(page.body.contains("(•••) •••-0147") && !page.body.contains("555"), "{path}: {}", page.text());
    }
    let wrong = app.type_code(&app.wrong_code(PHONE)).await;
    assert!(!wrong.body.contains("555"), "{}", wrong.text());
    app.type_code(&app.last_code(PHONE)).await;
    let done = app.get("/done").await;
    assert!(done.body.contains("(•••) •••-0147") && !done.body.contains("555-"), "{}", done.text());
    assert_eq!(state_of(&app, &id).await["phone_number"], json!(PHONE));
    assert_eq!(app.column("SELECT phone_typed AS value FROM verifications"), ["(202) 555-0147"]);

    let id = make(&app, &json!({ "ref": "8", "phone_number": PHONE, "show_phone_number": true })).await;
    let shown = app.get(&format!("/?session={id}")).await;
    assert_eq!(shown.attribute("input[name=phone]", "value").as_deref(), Some("(202) 555-0147"));
}

/// Sends the form of a session's page, as a browser would that has that page open.
async fn submit_in(app: &TestApp, id: &str, phone: &str) -> Page {
    app.post("/start", &format!("{}&session={id}", start_body(phone))).await
}

#[rocket::async_test]
async fn a_form_is_for_the_session_that_its_page_showed() {
    let app = site().await;
    let own = make(&app, &json!({ "ref": "7" })).await;
    let others = make(&app, &json!({ "ref": "eve" })).await;
    let page = app.get(&format!("/?session={own}")).await;
    assert_eq!(page.attribute("input[name=session]", "value"), Some(own.clone()));
    // In another tab, something opens another session, and then a link.
    app.get(&format!("/?session={others}")).await;
    app.get("/?site=shop&ref=eve").await;
    submit_in(&app, &own, PHONE).await;
    app.type_code(&app.last_code(PHONE)).await;
    assert_eq!(state_of(&app, &own).await["phone_number"], json!(PHONE));
    assert_eq!(state_of(&app, &others).await["state"], json!("open"));

    // The usual page was open before the session's, so its form has nothing to do with it.
    let other = app.browser().await;
    other.get(&format!("/?session={others}")).await;
    other.post("/start", &start_body("(212) 555-0123")).await;
    other.type_code(&app.last_code("+12125550123")).await;
    assert_eq!(state_of(&app, &others).await["state"], json!("open"));
    // A form that was still open after its session was canceled starts nothing.
    app.post("/session/cancel", &format!("session={others}")).await;
    submit_in(&app, &others, "(212) 555-0124").await.assert_shows("This request was canceled");
}

#[rocket::async_test]
async fn the_second_browser_of_a_session_gets_nothing_from_it() {
    let app = site().await;
    let id = make(&app, &json!({ "ref": "7" })).await;
    let other = app.browser().await;
    for (browser, phone) in [(None, PHONE), (Some(&other), "+12125550123")] {
        let body = format!("{}&session={id}", start_body(phone));
        let page = match browser {
            None => app.post("/start", &body).await,
            Some(browser) => browser.post("/start", &body).await,
        };
        assert_eq!(page.location(), Some("/code"));
    }
    app.type_code(&app.last_code(PHONE)).await;
    other.type_code(&app.last_code("+12125550123")).await;
    assert!(!other.get("/done").await.shows("Continue to shop.example"), "it leads nowhere with another number");
    assert_eq!(other.post("/session/return", "").await.location(), Some("/done"));
    assert_eq!(state_of(&app, &id).await["phone_number"], json!(PHONE));
}

#[rocket::async_test]
async fn wrong_codes_in_another_browser_take_nothing_away() {
    let app = site().await;
    let id = make(&app, &json!({ "ref": "7" })).await;
    submit_in(&app, &id, PHONE).await;
    let other = app.browser().await;
    other.post("/start", &format!("{}&session={id}", start_body("(212) 555-0123"))).await;
    for _ in 0..5 {
        other.type_code(&app.wrong_code("+12125550123")).await;
    }
    assert_eq!(state_of(&app, &id).await["state"], json!("locked"));
    app.type_code(&app.last_code(PHONE)).await;
    assert_eq!(state_of(&app, &id).await["phone_number"], json!(PHONE));
}

#[rocket::async_test]
async fn a_masked_number_typed_elsewhere_is_refused() {
    let app = site().await;
    let page = app.post("/start", &format!("phone={}&consent=yes", encode("(•••) •••-0147"))).await;
    assert_eq!(page.status, Status::UnprocessableEntity);
}

#[rocket::async_test]
async fn a_session_ends_by_cancel_expiry_and_lock() {
    let app = site().await;
    let canceled = make(&app, &json!({ "ref": "7", "cancel_url": "http://localhost:9000/done" })).await;
    app.get(&format!("/?session={canceled}")).await;
    submit_in(&app, &canceled, PHONE).await;
    let back = app.post("/session/cancel", &format!("session={canceled}")).await;
    assert_eq!(back.location(), Some(format!("http://localhost:9000/done?session={canceled}").as_str()));
    assert_eq!(state_of(&app, &canceled).await["state"], json!("canceled"));
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.status, Status::UnprocessableEntity, "its code proves nothing");
    app.get(&format!("/?session={canceled}")).await.assert_shows("This request was canceled");
    assert_eq!(app.get("/").await.status, Status::Ok, "after its end, the session keeps nobody from the usual page");

    let expired = make(&app, &json!({ "ref": "8" })).await;
    app.get(&format!("/?session={expired}")).await;
    app.advance(Duration::minutes(30) - Duration::seconds(1));
    assert_eq!(state_of(&app, &expired).await["state"], json!("open"));
    app.advance(Duration::seconds(1));
    assert_eq!(state_of(&app, &expired).await["state"], json!("expired"));
    app.get(&format!("/?session={expired}")).await.assert_shows("This request has expired");

    let locked = make(&app, &json!({ "ref": "9" })).await;
    app.get(&format!("/?session={locked}")).await;
    submit_in(&app, &locked, "(212) 555-0123").await;
    for _ in 0..5 {
        app.type_code(&app.wrong_code("+12125550123")).await;
    }
    app.get("/code").await.assert_shows("Go back to shop.example to start again.");
    assert_eq!(state_of(&app, &locked).await["state"], json!("locked"));
    assert_eq!(state_of(&app, &locked).await["statement"], Value::Null);
}

#[rocket::async_test]
async fn a_session_that_expires_while_the_form_is_open_says_so() {
    let app = site().await;
    let id = make(&app, &json!({ "ref": "7" })).await;
    app.get(&format!("/?session={id}")).await;
    // The browser's ticket was issued a moment later and outlives the session.
    app.advance(Duration::seconds(20));
    app.get(&format!("/?session={id}")).await;
    app.advance(Duration::minutes(30) - Duration::seconds(10));
    submit_in(&app, &id, PHONE).await.assert_shows("This request has expired");
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 0);
}

#[rocket::async_test]
async fn a_session_lasts_as_long_as_its_verification() {
    let app = site().await;
    let id = make(&app, &json!({ "ref": "7" })).await;
    app.get(&format!("/?session={id}")).await;
    app.advance(Duration::minutes(29));
    submit_in(&app, &id, PHONE).await;
    app.advance(Duration::minutes(9));
    app.type_code(&app.last_code(PHONE)).await;
    assert_eq!(state_of(&app, &id).await["state"], json!("verified"));
}

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
