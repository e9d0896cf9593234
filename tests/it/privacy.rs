//! The page never reveals whether a number is known, subscribed, opted out, capped or blocked.

use time::Duration;

use crate::support::{Page, TestApp};

const UNKNOWN: &str = "+12025550101";
const SUBSCRIBED: &str = "+12025550102";
const OPTED_OUT: &str = "+12025550103";
const CAPPED: &str = "+12025550104";
const COOLING: &str = "+12025550105";
const BLOCKED: &str = "+12025550106";
const CLOSED: &str = "+12025550107";

async fn prepared() -> TestApp {
    let app = TestApp::with("[default.caps]\nper_address = [{ at_most = 1000, per_seconds = 3600 }]\n").await;
    app.browser().await.opt_in(SUBSCRIBED).await;
    app.browser().await.opt_in(CLOSED).await;
    app.execute(&format!("UPDATE subscribers SET standing = 'closed' WHERE phone = '{CLOSED}'")).expect("closed");
    app.text_in(OPTED_OUT, "STOP").await;
    app.execute(&format!("INSERT INTO number_failures (phone, failures) VALUES ('{BLOCKED}', 100)")).expect("blocked");
    for _ in 0..5 {
        app.browser().await.submit_phone(CAPPED).await;
        app.advance(Duration::minutes(11));
    }
    app.browser().await.submit_phone(COOLING).await;
    app
}

/// Everything that a browser sees of a page, without the number as typed and the page's own random code.
fn seen(page: &Page, phone: &str) -> String {
    let mut seen = format!("{} {:?} {}", page.status, page.steady_headers(), page.body)
        .replace(phone, "NUMBER")
        .replace(&crate::support::number(phone).national(), "NUMBER")
        .replace(&crate::support::encode(phone), "NUMBER");
    if let Some(reference) = page.attribute("input[name=verification]", "value") {
        seen = seen.replace(&reference, "VERIFICATION");
    }
    if let Some(code) = page.reply_code() {
        seen = seen.replace(&code, "CODE").replace(&code.replace(' ', ""), "CODE");
        let (before, path) = seen.split_once("<path d=\"M4 4").expect("a QR code");
        let (_, after) = path.split_once('"').expect("its end");
        seen = format!("{before}QR{after}");
    }
    seen
}

#[rocket::async_test]
async fn every_kind_of_number_gets_the_same_status_headers_and_body() {
    let app = prepared().await;
    let mut journeys = Vec::new();
    for phone in [UNKNOWN, SUBSCRIBED, OPTED_OUT, CAPPED, COOLING, BLOCKED, CLOSED] {
        let browser = app.browser().await;
        let steps = [
            browser.submit_phone(phone).await,
            browser.get("/code").await,
            browser.type_code("1").await,
            browser.post("/resend", "").await,
            browser.submit_phone(phone).await,
        ];
        journeys.push((phone, steps.map(|page| seen(&page, phone))));
    }
    for (phone, steps) in &journeys[1..] {
        for (step, (this, unknown)) in steps.iter().zip(&journeys[0].1).enumerate() {
            assert_eq!(this, unknown, "step {step} tells {phone} apart");
        }
    }
    // Only the two numbers that may be texted got a code.
    let texted = |phone: &str| app.texts_to(phone).len();
    assert_eq!(
        [UNKNOWN, SUBSCRIBED, OPTED_OUT, COOLING, BLOCKED, CLOSED].map(texted),
        [1, 3, 1, 1, 0, 2],
        "the one that opted out got its goodbye"
    );
}

#[rocket::async_test]
async fn wrong_codes_and_the_end_look_the_same_for_every_kind_of_number() {
    let app = prepared().await;
    let mut journeys = Vec::new();
    for phone in [UNKNOWN, OPTED_OUT, CAPPED, BLOCKED] {
        let browser = app.browser().await;
        browser.submit_phone(phone).await;
        let mut steps = Vec::new();
        for _ in 0..5 {
            let wrong = app.wrong_code(phone);
            steps.push(seen(&browser.type_code(&wrong).await, phone).replace(&wrong, "WRONG"));
        }
        steps.push(seen(&browser.get("/code").await, phone));
        journeys.push((phone, steps));
    }
    for (phone, steps) in &journeys[1..] {
        assert_eq!(steps, &journeys[0].1, "{phone}");
    }
}

#[rocket::async_test]
async fn every_kind_of_number_takes_the_same_path_through_the_store() {
    let app = prepared().await;
    let count = |table: &str| app.count(&format!("SELECT count(*) FROM {table}"));
    let counted = || app.counted("address") + app.counted("browser");
    for phone in [UNKNOWN, SUBSCRIBED, OPTED_OUT, CAPPED, COOLING, BLOCKED, CLOSED] {
        let tables = ["verifications", "messages", "counts"];
        let (before, charged) = (tables.map(count), counted());
        app.browser().await.submit_phone(phone).await;
        let after = tables.map(count);
        assert_eq!([after[0] - before[0], after[1] - before[1], after[2] - before[2]], [1, 1, 1], "{phone}");
        assert_eq!(counted() - charged, 2, "{phone}");
    }
}

#[rocket::async_test]
async fn a_stop_does_not_show_on_a_browser_that_has_not_proven_the_number() {
    let app = TestApp::new().await;
    app.submit_phone(UNKNOWN).await;
    let code = app.last_code(UNKNOWN);
    let before = app.get("/code").await;
    app.text_in(UNKNOWN, "STOP").await;
    let after = app.get("/code").await;
    assert_eq!(seen(&before, UNKNOWN), seen(&after, UNKNOWN));
    // The code that was requested before the STOP no longer works.
    app.type_code(&code).await.assert_shows("That code isn't right");
    assert_eq!(app.standing_of(UNKNOWN).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn debug_output_shows_neither_codes_nor_numbers() {
    let app = TestApp::new().await;
    app.submit_phone(UNKNOWN).await;
    let shown = format!("{:?} {:?}", app.app.config, app.app.keys);
    assert!(!shown.contains(&"5a".repeat(32)) && shown.contains("***"), "{shown}");
    assert!(!format!("{:?}", crate::support::number(UNKNOWN)).contains("2025550"));
}
