//! Caps: what a number, an address, a browser and the site may cause.

use rocket::http::Status;
use time::Duration;

use crate::support::{PHONE, TestApp, fictional};

#[rocket::async_test]
async fn a_number_gets_no_more_than_its_caps_and_the_page_never_says_so() {
    let app = TestApp::with("[default.program]\nfrequency = { varies = true }\n[default.caps]\nper_address = [{ at_most = 1000, per_seconds = 3600 }]\n").await;
    for (after, texts) in [(0, 1), (29, 1), (1, 2), (60, 3), (60, 3), (449, 3), (1, 4), (600, 5), (600, 5), (1_500, 5), (359, 6)]
    {
        app.advance(Duration::seconds(after));
        let page = app.browser().await.submit_phone(PHONE).await;
        assert_eq!(page.location(), Some("/code"));
        assert_eq!(app.codes_to(PHONE).len(), texts, "after {after} more seconds");
    }
}

#[rocket::async_test]
async fn the_promised_frequency_is_kept_by_the_send_gate() {
    let app = TestApp::with("[default.program]\nfrequency = { at_most = 3, per = 'week' }\n").await;
    for _ in 0..5 {
        app.browser().await.submit_phone(PHONE).await;
        app.advance(Duration::hours(3));
    }
    assert_eq!(app.codes_to(PHONE).len(), 2, "the third place is kept for the welcome");
    app.advance(Duration::days(7));
    app.opt_in(PHONE).await;
    app.advance(Duration::hours(3));
    app.opt_in(PHONE).await;
    assert_eq!(app.texts_to(PHONE).len(), 2 + 3);
    app.advance(Duration::hours(3));
    app.browser().await.submit_phone(PHONE).await;
    assert_eq!(app.texts_to(PHONE).len(), 2 + 3, "a code, the welcome and another code are three");
    assert_eq!(app.column("SELECT DISTINCT error AS value FROM messages WHERE status = 'dropped'"), ["frequency_reached"]);
}

#[rocket::async_test]
async fn an_address_is_refused_after_its_cap_but_not_for_what_succeeded() {
    let app = TestApp::with("[default.caps]\nper_address = [{ at_most = 3, per_seconds = 3600 }]\n").await;
    for n in 0..6 {
        app.browser().await.opt_in(&fictional(n)).await;
    }
    for n in 10..13 {
        assert_eq!(app.browser().await.submit_phone(&fictional(n)).await.location(), Some("/code"));
    }
    let refused = app.browser().await.submit_phone(&fictional(13)).await;
    assert_eq!(refused.status, Status::TooManyRequests);
    assert_eq!(refused.header("retry-after"), Some("3660"), "a window rounds up by a sixtieth");
    refused.assert_shows("Too many codes were asked for from here. Try again in 61 minutes");
    assert_eq!(refused.attribute("input#phone", "value"), Some(fictional(13)), "what was typed is not lost");
    assert!(app.texts_to(&fictional(13)).is_empty());
    app.advance(Duration::seconds(3_659));
    assert_eq!(app.browser().await.submit_phone(&fictional(13)).await.status, Status::TooManyRequests);
    app.advance(Duration::seconds(1));
    assert_eq!(app.browser().await.submit_phone(&fictional(13)).await.location(), Some("/code"));
}

#[rocket::async_test]
async fn a_browser_is_refused_after_its_cap_successes_included() {
    let app = TestApp::with("[default.caps]\nper_browser = [{ at_most = 3, per_seconds = 3600 }]\n").await;
    for n in 0..3 {
        app.opt_in(&fictional(n)).await;
    }
    assert_eq!(app.submit_phone(&fictional(3)).await.status, Status::TooManyRequests);
    assert_eq!(app.browser().await.submit_phone(&fictional(3)).await.location(), Some("/code"));
}

#[rocket::async_test]
async fn a_refused_resend_is_explained_on_the_code_page() {
    let app = TestApp::with("[default.caps]\nper_browser = [{ at_most = 1, per_seconds = 3600 }]\n").await;
    app.submit_phone(PHONE).await;
    app.advance(Duration::minutes(1));
    assert_eq!(app.resend().await.location(), Some("/code"));
    assert_eq!(app.codes_to(PHONE).len(), 1);
    app.get("/code").await.assert_shows("You can ask again in 60 minutes.");
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/done"));
}

#[rocket::async_test]
async fn requests_are_charged_whether_or_not_a_text_goes_out() {
    let app = TestApp::with("[default.caps]\nper_browser = [{ at_most = 2, per_seconds = 3600 }]\n").await;
    app.text_in(&fictional(0), "STOP").await;
    app.text_in(&fictional(1), "STOP").await;
    app.submit_phone(&fictional(0)).await;
    app.submit_phone(&fictional(1)).await;
    assert_eq!(app.submit_phone(&fictional(2)).await.status, Status::TooManyRequests);
}

#[rocket::async_test]
async fn the_site_stops_at_its_cap_and_says_so_to_everyone() {
    let app = TestApp::with(
        "[default.verification]\nmethods = ['web_code']\n[default.caps]\nsite = [{ at_most = 3, per_seconds = 86400 }]\n",
    )
    .await;
    // A code and a welcome.
    app.opt_in(&fictional(0)).await;
    app.browser().await.submit_phone(&fictional(1)).await;
    let full = app.browser().await.submit_phone(&fictional(2)).await;
    assert_eq!(full.status, Status::ServiceUnavailable);
    assert!(full.header("retry-after").is_some());
    assert_eq!(full.attribute("input#phone", "value"), Some(fictional(2)));
    app.advance(Duration::days(1));
    assert_eq!(app.browser().await.submit_phone(&fictional(2)).await.status, Status::ServiceUnavailable);
    app.advance(Duration::minutes(24));
    assert_eq!(app.browser().await.submit_phone(&fictional(2)).await.location(), Some("/code"));
}

#[rocket::async_test]
async fn ipv6_addresses_are_charged_by_their_64() {
    let app = TestApp::with(
        "[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['127.0.0.1']\n[default.caps]\nper_address = [{ at_most = 2, per_seconds = 3600 }]\n",
    )
    .await;
    let from = async |n: usize, ip: &str| {
        let answer = app.post_with("/start", &crate::support::start_body(&fictional(n)), &[("X-Forwarded-For", ip)]).await;
        answer.status
    };
    assert_eq!(from(0, "2001:db8:1:1::1").await, Status::SeeOther);
    assert_eq!(from(1, "2001:db8:1:1:ffff::2").await, Status::SeeOther);
    assert_eq!(from(2, "2001:db8:1:1::3").await, Status::TooManyRequests);
    assert_eq!(from(3, "6.6.6.6, 2001:db8:1:1::4").await, Status::TooManyRequests, "what a client wrote itself is not believed");
    assert_eq!(from(4, "2001:db8:1:2::1").await, Status::SeeOther);
    assert_eq!(app.column("SELECT DISTINCT ip AS value FROM verifications ORDER BY id")[0], "2001:db8:1:1::1");
    assert_eq!(
        app.count("SELECT count(*) FROM counts WHERE subject LIKE '%2001%'"),
        0,
        "an address is charged by its keyed hash"
    );
}

#[rocket::async_test]
async fn neighbouring_64s_are_charged_to_their_48_too_with_four_times_the_figure() {
    let app = TestApp::with(
        "[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['127.0.0.1']\n[default.caps]\nper_address = [{ at_most = 2, per_seconds = 3600 }]\nper_browser = [{ at_most = 1000, per_seconds = 3600 }]\n",
    )
    .await;
    let from = async |n: usize, ip: &str| {
        let answer = app.post_with("/start", &crate::support::start_body(&fictional(n)), &[("X-Forwarded-For", ip)]).await;
        answer.status
    };
    for n in 0..8 {
        assert_eq!(from(n, &format!("2001:db8:1:{n}::1")).await, Status::SeeOther, "{n}");
    }
    assert_eq!(from(8, "2001:db8:1:8::1").await, Status::TooManyRequests);
    assert_eq!(from(9, "2001:db8:2:1::1").await, Status::SeeOther, "another /48");
    assert_eq!(from(10, "203.0.113.9").await, Status::SeeOther, "IPv4 has no network of its own");
}

#[rocket::async_test]
async fn a_cap_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    TestApp::at("", folder.path()).await.submit_phone(PHONE).await;
    let again = TestApp::at("", folder.path()).await;
    again.submit_phone(PHONE).await;
    assert!(again.codes_to(PHONE).is_empty());
}
