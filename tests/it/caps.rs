//! Caps: how much a number, an address, a browser and the site may cause.

use rocket::http::Status;
use time::Duration;

use crate::support::{PHONE, TestApp, fictional, start_body};

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
async fn the_promised_frequency_is_never_exceeded() {
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
    assert_eq!(refused.header("retry-after"), Some("3660"), "the wait includes one more sixtieth of the window");
    refused.assert_shows("Too many codes have been requested from here. Try again in 61 minutes");
    assert_eq!(refused.attribute("input#phone", "value"), Some(fictional(13)), "what was typed is not lost");
    assert!(app.texts_to(&fictional(13)).is_empty());
    app.advance(Duration::seconds(3_659));
    assert_eq!(app.browser().await.submit_phone(&fictional(13)).await.status, Status::TooManyRequests);
    app.advance(Duration::seconds(1));
    assert_eq!(app.browser().await.submit_phone(&fictional(13)).await.location(), Some("/code"));
}

#[rocket::async_test]
async fn a_browser_is_refused_after_its_cap_which_includes_successes() {
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
    app.get("/code").await.assert_shows("You can request another in 60 minutes.");
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
    // The page changes only when a share of the day ends, so that nobody sees whether their own request caused a text.
    assert_eq!(app.browser().await.submit_phone(&fictional(2)).await.location(), Some("/code"));
    assert!(app.texts_to(&fictional(2)).is_empty());
    app.advance(Duration::minutes(24));
    let full = app.browser().await.submit_phone(&fictional(2)).await;
    assert_eq!(full.status, Status::ServiceUnavailable);
    assert!(full.header("retry-after").is_some());
    assert_eq!(full.attribute("input#phone", "value"), Some(fictional(2)));
    app.advance(Duration::days(1) - Duration::minutes(24));
    assert_eq!(app.browser().await.submit_phone(&fictional(2)).await.status, Status::ServiceUnavailable);
    app.advance(Duration::minutes(24));
    assert_eq!(app.browser().await.submit_phone(&fictional(2)).await.location(), Some("/code"));
    assert_eq!(app.texts_to(&fictional(2)).len(), 1);
}

/// Ten texts a day, two of them reserved.
const TEN: &str = "[default.caps]\nsite = [{ at_most = 10, per_seconds = 86400 }]\n\
                   per_address = [{ at_most = 1000, per_seconds = 3600 }]\n\
                   [default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['127.0.0.1']\n";
const PAUSED: &str = "Our texts are paused right now.";

/// Asks for codes, each time from a new address and browser, until eight texts have gone out.
async fn use_up_what_is_open_to_all(app: &TestApp) {
    let texts = || app.count("SELECT count(*) FROM messages WHERE status <> 'dropped'");
    for n in 50_u8.. {
        if texts() >= 8 {
            return;
        }
        from(&app.browser().await, n, &fictional(usize::from(n))).await;
    }
}

/// Asks for a code from the n-th address.
async fn from(browser: &crate::support::Browser<'_>, n: u8, phone: &str) -> crate::support::Page {
    browser.post_from("/start", &start_body(phone), &format!("203.0.113.{n}")).await
}

#[rocket::async_test]
async fn the_last_fifth_is_kept_for_numbers_browsers_and_addresses_that_verified_before() {
    let app = TestApp::with(TEN).await;
    let known = app.browser().await;
    from(&known, 1, &fictional(1)).await;
    known.type_code(&app.last_code(&fictional(1))).await;
    use_up_what_is_open_to_all(&app).await;
    app.advance(Duration::minutes(24));

    // A stranger gets the reply way, whatever the number, and the page says so.
    let stranger = app.browser().await;
    from(&stranger, 2, &fictional(2)).await;
    let page = stranger.get_from("/code", "203.0.113.2").await;
    page.assert_shows(PAUSED);
    assert!(page.reply_code().is_some());
    assert!(app.texts_to(&fictional(2)).is_empty());

    // The browser that verified a number gets a text for another one, and its page doesn't mention a pause.
    from(&known, 3, &fictional(3)).await;
    assert!(!known.get_from("/code", "203.0.113.3").await.shows(PAUSED));
    assert_eq!(app.texts_to(&fictional(3)).len(), 1);

    // A number that was verified gets a text from anywhere, but that browser's page must not reveal it.
    let elsewhere = app.browser().await;
    from(&elsewhere, 4, &fictional(1)).await;
    elsewhere.get_from("/code", "203.0.113.4").await.assert_shows(PAUSED);
    let codes = app.codes_to(&fictional(1));
    assert_eq!(codes.len(), 2);

    // That was the last one.
    from(&known, 3, &fictional(4)).await;
    assert!(app.texts_to(&fictional(4)).is_empty());
}

#[rocket::async_test]
async fn nobody_draws_more_than_two_texts_a_day_from_the_reserve() {
    let app = TestApp::with(&TEN.replace("at_most = 10,", "at_most = 20,")).await;
    let known = app.browser().await;
    from(&known, 1, &fictional(1)).await;
    known.type_code(&app.last_code(&fictional(1))).await;
    let texts = || app.count("SELECT count(*) FROM messages WHERE status <> 'dropped'");
    for n in 50_u8.. {
        if texts() >= 16 {
            break;
        }
        from(&app.browser().await, n, &fictional(usize::from(n))).await;
    }
    // Any number counts, whether or not a text goes out.
    app.text_in(&fictional(2), "STOP").await;
    for n in 2..=5 {
        from(&known, 9, &fictional(n)).await;
        // The page changes only when a share of the day ends.
        assert!(!known.get_from("/code", "203.0.113.9").await.shows(PAUSED), "{n}");
    }
    let got: Vec<usize> = (3..=5).map(|n| app.codes_to(&fictional(n)).len()).collect();
    assert_eq!(got, [1, 0, 0], "the second of two was for a number that had said stop");
    app.advance(Duration::minutes(24));
    from(&known, 9, &fictional(3)).await;
    known.get_from("/code", "203.0.113.9").await.assert_shows(PAUSED);
    // Another browser at the same address gets nothing either, but the same number from another address does.
    from(&app.browser().await, 9, &fictional(1)).await;
    assert_eq!(app.codes_to(&fictional(1)).len(), 1);
    from(&app.browser().await, 10, &fictional(1)).await;
    assert_eq!(app.codes_to(&fictional(1)).len(), 2);
}

#[rocket::async_test]
async fn without_the_reply_way_the_reserve_shows_the_page_and_sends_nothing() {
    let app = TestApp::with(&format!("{TEN}[default.verification]\nmethods = ['web_code']\n")).await;
    use_up_what_is_open_to_all(&app).await;
    app.advance(Duration::minutes(24));
    let stranger = app.browser().await;
    assert_eq!(from(&stranger, 2, &fictional(2)).await.location(), Some("/code"));
    assert!(app.texts_to(&fictional(2)).is_empty());
    assert_eq!(stranger.get_from("/code", "203.0.113.2").await.status, Status::Ok);
}

#[rocket::async_test]
async fn ipv6_addresses_are_charged_by_their_64() {
    let app = TestApp::with(
        "[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['127.0.0.1']\n[default.caps]\nper_address = [{ at_most = 2, per_seconds = 3600 }]\n",
    )
    .await;
    let from = async |n: usize, ip: &str| {
        let answer = app.post_with("/start", &start_body(&fictional(n)), &[("X-Forwarded-For", ip)]).await;
        answer.status
    };
    assert_eq!(from(0, "2001:db8:1:1::1").await, Status::SeeOther);
    assert_eq!(from(1, "2001:db8:1:1:ffff::2").await, Status::SeeOther);
    assert_eq!(from(2, "2001:db8:1:1::3").await, Status::TooManyRequests);
    assert_eq!(from(3, "6.6.6.6, 2001:db8:1:1::4").await, Status::TooManyRequests, "a header that the client wrote is ignored");
    assert_eq!(from(4, "2001:db8:1:2::1").await, Status::SeeOther);
    assert_eq!(app.column("SELECT ip AS value FROM verifications ORDER BY id")[0], "2001:db8:1:1::1");
    assert_eq!(
        app.count("SELECT count(*) FROM counts WHERE subject LIKE '%2001%'"),
        0,
        "an address is charged by its keyed hash"
    );
}

#[rocket::async_test]
async fn neighboring_64s_also_count_toward_their_48_which_allows_four_times_as_many() {
    let app = TestApp::with(
        "[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['127.0.0.1']\n[default.caps]\nper_address = [{ at_most = 2, per_seconds = 3600 }]\nper_browser = [{ at_most = 1000, per_seconds = 3600 }]\n",
    )
    .await;
    let from = async |n: usize, ip: &str| {
        let answer = app.post_with("/start", &start_body(&fictional(n)), &[("X-Forwarded-For", ip)]).await;
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

#[rocket::async_test]
async fn counts_that_end_in_the_same_minute_are_forgotten_in_steps() {
    let app = TestApp::new().await;
    app.execute(
        "INSERT INTO counts (scope, subject, shares, version, over_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120) \
         SELECT 'browser', 'b' || i, '3600 0 1', 1, '2026-11-24 11:00:00' FROM n",
    )
    .expect("written");
    let now = app.app.clock.now();
    let step = app.app.store.write(assent::store::Lane::Pages, move |tx| assent::store::counts::forget_over(tx, now, 50));
    assert_eq!(step.await.expect("forgotten"), 50);
    assert_eq!(app.count("SELECT count(*) FROM counts"), 70);
    app.sweep().await;
    assert_eq!(app.count("SELECT count(*) FROM counts"), 0);
}
