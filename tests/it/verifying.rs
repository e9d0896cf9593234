//! Codes: how long they're valid, how often they can be tried, and who they work for.

use rocket::http::Status;
use time::Duration;

use crate::support::{PHONE, TestApp, fictional};

const OTHER: &str = "+12025550148";

#[rocket::async_test]
async fn each_mistake_has_an_error_of_its_own_and_only_a_wrong_code_costs_a_try() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let wrong = app.wrong_code(PHONE);
    let cases = [
        ("", "Enter the code from the text"),
        ("hello", "Enter the code in digits only"),
        ("12", "Enter all 6 digits of the code"),
        ("1234567", "Enter 6 digits: this code has more"),
        (wrong.as_str(), "That code isn't right. You have 4 tries left."),
    ];
    let mut said = Vec::new();
    for (typed, words) in cases {
        let page = app.type_code(typed).await;
        assert_eq!(page.status, Status::UnprocessableEntity, "{typed}");
        // The error is shown once, at the field, which has the focus and keeps the entry.
        assert_eq!(page.text().matches(words).count(), 1, "{typed}: {}", page.text());
        assert!(page.body.contains("<title>Error: "), "{typed}");
        assert_eq!(page.attribute("input#code", "value").unwrap_or_default(), typed);
        assert_eq!(page.attribute("input#code", "aria-describedby").as_deref(), Some("code-error"));
        assert!(page.attribute("input#code", "autofocus").is_some(), "{typed}");
        said.push(words);
    }
    said.dedup();
    assert_eq!(said.len(), cases.len());
    assert_eq!(app.count("SELECT attempts FROM verifications"), 1);
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/done"));
}

#[rocket::async_test]
async fn five_wrong_tries_lock_it_and_the_right_code_does_not_open_it() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let right = app.last_code(PHONE);
    for left in ["4 tries", "3 tries", "2 tries", "1 try"] {
        app.type_code(&app.wrong_code(PHONE)).await.assert_shows(&format!("You have {left} left"));
    }
    let fifth = app.type_code(&app.wrong_code(PHONE)).await;
    assert_eq!((fifth.status, fifth.location()), (Status::SeeOther, Some("/code")));
    let ended = app.get("/code").await;
    ended.assert_shows("Too many wrong codes");
    assert_eq!(ended.attribute("input#phone", "value").as_deref(), Some("(202) 555-0147"), "the number is not asked for twice");
    assert_eq!(ended.attribute("input#consent", "checked"), None, "consent must be given again");
    assert_eq!(app.type_code(&right).await.location(), Some("/code"));
    assert_eq!(app.column("SELECT state AS value FROM verifications"), ["locked"]);
    assert_eq!(app.count("SELECT count(*) FROM codes"), 0);
    assert_eq!(app.count("SELECT failures FROM number_failures"), 5);
}

#[rocket::async_test]
async fn asking_again_never_resets_the_tries() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    for _ in 0..4 {
        app.type_code(&app.wrong_code(PHONE)).await;
    }
    app.advance(Duration::seconds(30));
    app.resend().await;
    app.advance(Duration::seconds(60));
    app.submit_phone(PHONE).await;
    assert_eq!(app.codes_to(PHONE).len(), 3);
    assert_eq!(app.type_code(&app.wrong_code(PHONE)).await.location(), Some("/code"));
    app.get("/code").await.assert_shows("Too many wrong codes");
}

#[rocket::async_test]
async fn a_code_is_good_until_its_tenth_minute_is_over() {
    for (after, works) in [(Duration::minutes(10) - Duration::microseconds(1), true), (Duration::minutes(10), false)] {
        let app = TestApp::new().await;
        app.submit_phone(PHONE).await;
        app.advance(after);
        let answer = app.type_code(&app.last_code(PHONE)).await;
        assert_eq!(answer.location(), Some(if works { "/done" } else { "/code" }));
        if !works {
            let ended = app.get("/code").await;
            ended.assert_shows("Your code has expired");
            assert_eq!(ended.attribute("input#phone", "value").as_deref(), Some("(202) 555-0147"));
        }
    }
}

#[rocket::async_test]
async fn the_last_two_codes_work_and_an_older_one_is_expired_without_costing_a_try() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    app.advance(Duration::seconds(30));
    assert_eq!(app.resend().await.location(), Some("/code"));
    app.get("/code").await.assert_shows("a new 6-digit code is on its way. Your last two codes both work.");
    app.advance(Duration::seconds(60));
    app.resend().await;
    let codes = app.codes_to(PHONE);
    assert_eq!(codes.len(), 3);
    app.type_code(&codes[0]).await.assert_shows("That code has expired");
    assert_eq!(app.count("SELECT attempts FROM verifications"), 0);
    assert_eq!(app.type_code(&codes[1]).await.location(), Some("/done"));
}

#[rocket::async_test]
async fn a_click_before_the_gap_is_over_changes_and_costs_nothing() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    app.get("/code").await.assert_shows("Send a new code in 30 seconds");
    app.advance(Duration::seconds(29));
    let charged = app.counted("address");
    assert_eq!(app.resend().await.location(), Some("/code"));
    assert_eq!(app.codes_to(PHONE).len(), 1);
    assert_eq!(app.counted("address"), charged);
    app.get("/code").await.assert_shows("Send a new code in 1 second");
    app.advance(Duration::seconds(1));
    app.get("/code").await.assert_shows("Send a new code");
    app.resend().await;
    app.advance(Duration::seconds(60));
    app.resend().await;
    let page = app.get("/code").await;
    page.assert_shows("That's all the texts we can send for now. You can still text us instead.");
    assert!(page.attribute("form[action='/resend'] button", "class").is_none(), "there is no longer a button");
    app.advance(Duration::seconds(200));
    app.resend().await;
    assert_eq!(app.codes_to(PHONE).len(), 3);
}

#[rocket::async_test]
async fn a_double_click_sends_one_text_and_its_code_works() {
    let app = TestApp::new().await;
    app.get("/").await;
    let (one, two) = rocket::futures::future::join(app.submit_phone(PHONE), app.submit_phone(PHONE)).await;
    assert_eq!((one.location(), two.location()), (Some("/code"), Some("/code")));
    assert_eq!(app.codes_to(PHONE).len(), 1);
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 1);
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/done"));
}

#[rocket::async_test]
async fn a_different_number_supersedes_the_first_and_its_code_no_longer_works() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    app.submit_phone(OTHER).await;
    assert_eq!(app.column("SELECT state AS value FROM verifications ORDER BY id"), ["superseded", "pending"]);
    app.type_code(&app.last_code(PHONE)).await.assert_shows("That code isn't right");
    app.get("/code").await.assert_shows("(202) 555-0148");
    assert_eq!(app.type_code(&app.last_code(OTHER)).await.location(), Some("/done"));
    assert_eq!((app.standing_of(PHONE), app.standing_of(OTHER).as_deref()), (None, Some("subscribed")));
}

#[rocket::async_test]
async fn a_code_works_only_in_its_own_browser_and_nobody_uses_up_anothers_tries() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let code = app.last_code(PHONE);
    let stranger = app.browser().await;
    let nothing = stranger.type_code(&code).await;
    assert_eq!(nothing.status, Status::UnprocessableEntity);
    nothing.assert_shows("There's no code to check in this browser");
    app.advance(Duration::seconds(30));
    stranger.submit_phone(PHONE).await;
    stranger.type_code(&code).await;
    for _ in 0..4 {
        stranger.type_code(&app.wrong_code(PHONE)).await;
    }
    stranger.get("/code").await.assert_shows("Too many wrong codes");
    assert_eq!(app.type_code(&code).await.location(), Some("/done"));
    assert_eq!(app.column("SELECT state AS value FROM verifications ORDER BY id"), ["verified", "locked"]);
}

#[rocket::async_test]
async fn of_a_hundred_right_codes_at_once_one_opts_in() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let body = format!("code={}", app.last_code(PHONE));
    let all = rocket::futures::future::join_all((0..100).map(|_| app.post("/code", &body))).await;
    assert!(all.iter().all(|page| page.location() == Some("/done")));
    assert_eq!(app.count("SELECT count(*) FROM consents"), 1);
    assert_eq!(app.texts_to(PHONE).len(), 2);
}

#[rocket::async_test]
async fn of_a_hundred_wrong_codes_at_once_five_are_counted() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let guesses: Vec<String> = (0..100).map(|_| format!("code={}", app.wrong_code(PHONE))).collect();
    rocket::futures::future::join_all(guesses.iter().map(|guess| app.post("/code", guess))).await;
    assert_eq!(app.count("SELECT attempts FROM verifications"), 5);
    assert_eq!(app.count("SELECT failures FROM number_failures"), 5);
}

#[rocket::async_test]
async fn after_a_hundred_failures_in_a_row_the_typed_way_is_closed_until_the_owner_opens_it() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    app.execute(&format!("INSERT INTO number_failures (phone, failures) VALUES ('{PHONE}', 99)")).expect("set");
    app.type_code(&app.wrong_code(PHONE)).await;
    assert_eq!(app.count("SELECT failures FROM number_failures"), 100);
    app.type_code(&app.last_code(PHONE)).await.assert_shows("That code isn't right");
    // The same page, but no text.
    let stranger = app.browser().await;
    app.advance(Duration::minutes(20));
    assert_eq!(stranger.submit_phone(PHONE).await.location(), Some("/code"));
    assert_eq!(app.codes_to(PHONE).len(), 1);
    assert_eq!(app.column("SELECT error AS value FROM messages WHERE status = 'dropped'"), ["too_many_failures"]);
    assert!(assent::flow::unlock::unlock(&app.app.store, crate::support::number(PHONE)).await.expect("unlocked"));
    app.advance(Duration::minutes(20));
    stranger.opt_in(PHONE).await;
}

#[rocket::async_test]
async fn a_right_code_resets_the_failures() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    app.type_code(&app.wrong_code(PHONE)).await;
    app.type_code(&app.last_code(PHONE)).await;
    assert_eq!(app.count("SELECT count(*) FROM number_failures"), 0);
}

#[rocket::async_test]
async fn wrong_codes_for_a_number_without_a_live_code_do_not_count_against_it() {
    let app = TestApp::new().await;
    app.text_in(PHONE, "STOP").await;
    app.submit_phone(PHONE).await;
    app.type_code("123456").await.assert_shows("You have 4 tries left");
    assert_eq!(app.count("SELECT sum(failures) FROM number_failures"), 0);
}

#[rocket::async_test]
async fn done_is_shown_for_half_an_hour() {
    let app = TestApp::new().await;
    app.opt_in(PHONE).await;
    app.advance(Duration::minutes(30) - Duration::microseconds(1));
    assert_eq!(app.get("/done").await.status, Status::Ok);
    app.advance(Duration::microseconds(1));
    assert_eq!(app.get("/done").await.location(), Some("/"));
    assert_eq!(app.get("/code").await.location(), Some("/"));
}

#[rocket::async_test]
async fn the_pages_of_the_flow_cannot_be_reached_out_of_order() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/code").await.status, Status::BadRequest, "no cookie at all is explained");
    app.get("/").await;
    assert_eq!(app.get("/code").await.location(), Some("/"));
    assert_eq!(app.get("/done").await.location(), Some("/"));
    assert_eq!(app.resend().await.location(), Some("/code"));
    assert_eq!(app.type_code("123456").await.status, Status::UnprocessableEntity);
    app.submit_phone(PHONE).await;
    assert_eq!(app.get("/done").await.location(), Some("/"));
}

#[rocket::async_test]
async fn live_codes_of_one_number_all_differ() {
    let app = TestApp::with("[default.caps]\nper_number = [{ at_most = 100, per_seconds = 1 }]\nper_address = [{ at_most = 1000, per_seconds = 1 }]\n[default.program]\nfrequency = { varies = true }\n").await;
    for _ in 0..12 {
        app.browser().await.submit_phone(PHONE).await;
    }
    let mut codes = app.codes_to(PHONE);
    assert_eq!(codes.len(), 12);
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 12);
}

#[rocket::async_test]
async fn time_expires_verifications_and_wipes_what_is_kept_of_codes() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    app.advance(Duration::minutes(10));
    assent::flow::sweep::sweep(&app.app).await.expect("swept");
    assert_eq!(app.column("SELECT state AS value FROM verifications"), ["expired"]);
    assert_eq!(app.count("SELECT count(*) FROM codes"), 2, "the texted one and the page's own");
    app.advance(Duration::hours(1) + Duration::microseconds(1));
    assent::flow::sweep::sweep(&app.app).await.expect("swept");
    assert_eq!(app.count("SELECT count(*) FROM codes"), 0);
    app.advance(Duration::days(180));
    assent::flow::sweep::sweep(&app.app).await.expect("swept");
    assert_eq!(app.count("SELECT count(*) FROM verifications WHERE phone IS NULL AND ip IS NULL AND user_agent IS NULL AND phone_typed IS NULL AND browser IS NULL"), 1);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE phone IS NULL"), 1);
}

#[rocket::async_test]
async fn a_verification_without_a_text_is_deleted_after_48_hours() {
    let app = TestApp::new().await;
    app.text_in(PHONE, "STOP").await;
    app.submit_phone(PHONE).await;
    app.advance(Duration::hours(48));
    assent::flow::sweep::sweep(&app.app).await.expect("swept");
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 1);
    app.advance(Duration::microseconds(1));
    assent::flow::sweep::sweep(&app.app).await.expect("swept");
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 0);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE kind = 'code'"), 0);
}

#[rocket::async_test]
async fn checking_the_box_repeatedly_before_the_gap_is_over_renews_the_pages_code_once_and_is_charged_once() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let first = app.reply_code().await;
    let state = |app: &TestApp| {
        app.column(
            "SELECT reply_generation || ' ' || expires_at || ' ' || consented_at || ' ' || last_request_at || ' ' || \
             (SELECT shares FROM counts WHERE scope = 'address') AS value FROM verifications",
        )
    };
    app.advance(Duration::seconds(5));
    app.submit_phone(PHONE).await;
    let renewed = state(&app);
    assert!(renewed[0].starts_with("2 ") && renewed[0].ends_with(" 2"), "{renewed:?}");
    for _ in 0..6 {
        app.advance(Duration::seconds(4));
        assert_eq!(app.submit_phone(PHONE).await.location(), Some("/code"));
        assert_eq!(state(&app), renewed, "requests before the gap change and cost nothing more");
    }
    assert_eq!(app.codes_to(PHONE).len(), 1);
    app.text_in(PHONE, &first).await;
    assert_eq!(app.get("/code").await.location(), Some("/done"), "a code that was on its way still counts");
}

#[rocket::async_test]
async fn the_pages_codes_of_the_last_two_requests_stay_valid_whatever_is_clicked() {
    for (first, second) in [("/start", "/start"), ("/resend", "/start"), ("/resend", "/resend")] {
        let app = TestApp::new().await;
        app.submit_phone(PHONE).await;
        let shown = app.reply_code().await;
        app.submit_phone(PHONE).await;
        app.advance(Duration::seconds(31));
        for path in [first, second, second] {
            app.post(path, &crate::support::start_body(PHONE)).await;
        }
        app.text_in(PHONE, &shown).await;
        assert_eq!(app.get("/code").await.location(), Some("/done"), "{first}, then {second}");
    }
}

#[rocket::async_test]
async fn once_all_texts_are_used_the_box_renews_the_pages_code_once_a_gap_and_each_time_is_charged() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    for gap in [30, 60] {
        app.advance(Duration::seconds(gap));
        app.resend().await;
    }
    let charges = || app.counted("browser");
    let generation = || app.count("SELECT reply_generation FROM verifications");
    assert_eq!((charges(), generation()), (3, 3));
    for n in 1..=3 {
        app.advance(Duration::seconds(60));
        for _ in 0..4 {
            assert_eq!(app.submit_phone(PHONE).await.location(), Some("/code"));
        }
        assert_eq!((charges(), generation()), (3 + n, i64::try_from(3 + n).expect("small")));
    }
    assert_eq!(app.codes_to(PHONE).len(), 3);
}

#[rocket::async_test]
async fn failures_of_a_number_are_forgotten_with_its_evidence_unless_they_closed_the_typed_way() {
    let app = TestApp::new().await;
    for (phone, failures) in [(fictional(1), 0), (fictional(2), 98), (fictional(3), 99)] {
        if failures > 0 {
            app.execute(&format!("INSERT INTO number_failures VALUES ('{phone}', {failures}, '2026-11-24 12:00:00')"))
                .expect("kept");
        }
        let browser = app.browser().await;
        browser.submit_phone(&phone).await;
        browser.type_code(&app.wrong_code(&phone)).await;
    }
    assert_eq!(app.column("SELECT failures AS value FROM number_failures ORDER BY phone"), ["1", "99", "100"]);
    app.advance(Duration::days(180));
    app.sweep().await;
    assert_eq!(app.count("SELECT count(*) FROM number_failures"), 3);
    app.advance(Duration::seconds(1));
    app.sweep().await;
    assert_eq!(app.column("SELECT phone AS value FROM number_failures"), [fictional(3)]);
}

/// Returns the cookie that the client has now.
fn cookie(app: &TestApp) -> rocket::http::Cookie<'static> {
    app.client.cookies().get("assent").expect("a cookie").clone()
}

#[rocket::async_test]
async fn the_right_typed_code_renews_the_browsers_token_and_a_planted_one_shows_nothing_afterwards() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let planted = cookie(&app);
    let answer = app.type_code(&app.last_code(PHONE)).await;
    assert_eq!(answer.location(), Some("/done"));
    assert!(answer.header("set-cookie").is_some_and(|set| set.contains("HttpOnly") && set.contains("SameSite=Lax")));
    assert_ne!(cookie(&app).value(), planted.value());
    app.get("/done").await.assert_shows("(202) 555-0147");
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"verified"}"#);
    let moved = "SELECT count(*) FROM counts JOIN verifications ON subject = browser WHERE scope = 'browser'";
    assert_eq!(app.count(moved), 1, "charges move along");

    let thief = app.browser().await;
    assert_eq!(thief.get_with("/done", &planted).await.location(), Some("/"));
    assert_eq!(thief.get_with("/code/status", &planted).await.status, Status::NotFound);
    assert_eq!(thief.get_with("/code", &planted).await.location(), Some("/"));
}

#[rocket::async_test]
async fn a_double_click_on_the_right_code_is_answered_alike_for_a_minute_and_guesses_stay_bounded() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let (before, code) = (cookie(&app), app.last_code(PHONE));
    app.type_code(&code).await;
    let after = cookie(&app);
    let second = app.browser().await;
    app.advance(Duration::seconds(59));
    assert_eq!(second.type_code_with(&code, &before).await.location(), Some("/done"));
    assert_eq!(second.get("/done").await.status, Status::Ok, "its answer carries the same new token");
    assert_eq!(app.get("/done").await.status, Status::Ok, "and the first one still works");
    assert_eq!(cookie(&app).value(), after.value());
    assert_eq!(app.count("SELECT count(*) FROM consents"), 1);

    // Somebody who planted the old token gets no more guesses than before.
    let thief = app.browser().await;
    for _ in 0..5 {
        assert_eq!(thief.type_code_with(&app.wrong_code(PHONE), &before).await.status, Status::UnprocessableEntity);
    }
    assert_eq!(thief.type_code_with(&code, &before).await.status, Status::UnprocessableEntity, "the tries are spent");

    let late = TestApp::new().await;
    late.submit_phone(PHONE).await;
    let (before, code) = (cookie(&late), late.last_code(PHONE));
    late.type_code(&code).await;
    late.advance(Duration::seconds(60));
    let second = late.browser().await;
    assert_eq!(second.type_code_with(&code, &before).await.status, Status::UnprocessableEntity);
}

#[rocket::async_test]
async fn a_wrong_code_sent_again_is_answered_as_before_and_costs_no_other_try() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let (wrong, other) = (app.wrong_code(PHONE), app.wrong_code(PHONE));
    let first = app.type_code(&wrong).await;
    first.assert_shows("You have 4 tries left.");
    for _ in 0..7 {
        let again = app.type_code(&wrong).await;
        assert_eq!((again.status, &again.body), (Status::UnprocessableEntity, &first.body));
    }
    let body = format!("code={wrong}");
    rocket::futures::future::join_all((0..50).map(|_| app.post("/code", &body))).await;
    let tries = || app.count("SELECT attempts FROM verifications");
    assert_eq!((tries(), app.count("SELECT failures FROM number_failures")), (1, 1));
    assert!(app.column("SELECT wrong_entry AS value FROM verifications")[0].len() == 64, "only its keyed hash is kept");

    // A different wrong code costs a try, and so does the first one after it.
    app.type_code(&other).await.assert_shows("You have 3 tries left.");
    app.type_code(&wrong).await.assert_shows("You have 2 tries left.");
    app.advance(Duration::seconds(30));
    app.resend().await;
    app.type_code(&wrong).await.assert_shows("You have 1 try left.");
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/done"));
    assert_eq!(app.count("SELECT count(*) FROM verifications WHERE wrong_entry IS NOT NULL"), 0, "the end clears it");
}

#[rocket::async_test]
async fn a_code_typed_into_the_page_of_an_older_number_is_answered_with_that_and_costs_no_try() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let older = app.get("/code").await.attribute("input[name=verification]", "value").expect("a field");
    app.submit_phone(OTHER).await;
    let newer = app.get("/code").await.attribute("input[name=verification]", "value").expect("a field");
    assert_ne!(older, newer);
    for code in [app.last_code(PHONE), app.last_code(OTHER), app.wrong_code(OTHER)] {
        let page = app.post("/code", &format!("verification={older}&code={code}")).await;
        assert_eq!(page.status, Status::UnprocessableEntity);
        page.assert_shows("You've asked for a code for (202) 555-0148 since you opened this page.");
        assert_eq!(page.attribute("input#code", "value"), None, "a code of another number is of no use here");
        assert_eq!(page.attribute("input[name=verification]", "value"), Some(newer.clone()));
    }
    assert_eq!(app.count("SELECT sum(attempts) FROM verifications"), 0);
    let right = format!("verification={newer}&code={}", app.last_code(OTHER));
    assert_eq!(app.post("/code", &right).await.location(), Some("/done"));
    // Without the field, the browser's newest verification is used; the other tests cover that.
}
