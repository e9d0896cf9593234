//! Sessions that a site makes and sends a person to.

use rocket::http::Status;
use serde_json::{Value, json};
use time::Duration;

use super::{SHOP, body, claims_of, code_in, exchange, make, site, state_of};
use crate::support::{PHONE, Page, TestApp, encode, start_body};

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
    assert_eq!(
        (&result["session"], &result["ref"]),
        (&json!(id), &json!("7")),
        "the person who brings the code verified the number"
    );

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
    // Codes and hashes contain any digits now and then, but hardly ever seven of these.
    let shows_more = |page: &Page| page.body.contains("555-0147") || page.body.contains("5550147");
    for path in ["/code", "/code/waiting"] {
        let page = app.get(path).await;
        assert!(page.body.contains("(•••) •••-0147") && !shows_more(&page), "{path}: {}", page.text());
    }
    let wrong = app.type_code(&app.wrong_code(PHONE)).await;
    assert!(!shows_more(&wrong), "{}", wrong.text());
    app.type_code(&app.last_code(PHONE)).await;
    let done = app.get("/done").await;
    assert!(done.body.contains("(•••) •••-0147") && !shows_more(&done), "{}", done.text());
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
