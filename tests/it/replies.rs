//! The reply way, and everything else that phones text: STOP, HELP, START, codes, words.

use rocket::http::Status;
use time::Duration;

use crate::support::database;
use crate::support::{PHONE, TestApp, fictional};

const OTHER: &str = "+12025550148";

/// The kinds of the texts that a phone got, oldest first.
fn kinds(app: &TestApp, phone: &str) -> Vec<&'static str> {
    app.texts_to(phone).iter().filter_map(|text| text.kind.map(assent::optin::message::MessageKind::as_str)).collect()
}

fn records(app: &TestApp) -> Vec<String> {
    app.column("SELECT kind || ' ' || source AS value FROM consents ORDER BY seq")
}

#[rocket::async_test]
async fn strangers_at_one_address_neither_slow_down_nor_hide_the_code_of_another() {
    let app = TestApp::with(
        "[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['127.0.0.1']\n[default.caps]\nper_address = [{ at_most = 1000, per_seconds = 3600 }]\n\
         per_browser = [{ at_most = 1000, per_seconds = 3600 }]\n",
    )
    .await;
    app.post_with("/start", &crate::support::start_body(PHONE), &[("X-Forwarded-For", "203.0.113.9")]).await;
    let own = app.reply_code().await;
    let strangers = store_strangers(&app, 60);
    assert_eq!(strangers, 60);
    // Expired verifications don't take up a place, even before they're marked as expired.
    app.execute("UPDATE verifications SET expires_at = '2026-11-24 00:00:00' WHERE id IN (58, 60)").expect("expired");
    let now = app.app.clock.now();
    let matched = app.app.store.read(move |tx| {
        let number = crate::support::number(PHONE);
        let mut matched = Vec::new();
        for id in 1..=61 {
            matched.extend(assent::store::verifications::matched(tx, &number, id, now)?.map(|of| of.id));
        }
        Ok(matched)
    });
    assert_eq!(matched.await.expect("read"), [1, 55, 56, 57, 59, 61]);
    app.text_in(PHONE, &own).await;
    assert_eq!(app.get("/code").await.location(), Some("/done"));
}

/// Begins that many verifications of the number from one other address, and returns how many are pending besides the first.
fn store_strangers(app: &TestApp, count: i64) -> i64 {
    for n in 0..count {
        let copy = format!(
            "INSERT INTO verifications (reference, browser, phone, phone_typed, state, disclosure_hash, disclosure_inferred, ip, locale, url, \
             consented_at, last_request_at, created_at, expires_at, address) \
             SELECT reference || '{n}', browser || '{n}', phone, phone_typed, state, disclosure_hash, disclosure_inferred, '198.51.100.1', locale, \
             url, consented_at, last_request_at, created_at, expires_at, 'stranger' FROM verifications WHERE id = 1"
        );
        app.execute(&copy).expect("inserted");
    }
    app.count("SELECT count(*) - 1 FROM verifications WHERE state = 'pending'")
}

#[rocket::async_test]
async fn the_pages_code_texted_in_from_the_number_verifies_the_browser_that_shows_it() {
    for written in ["{}", " {}. ", "my code is {}", "{}\n\nSent from my iPhone"] {
        let app = TestApp::new().await;
        app.submit_phone(PHONE).await;
        let page = app.get("/code").await;
        let shown = page.reply_code().expect("a code");
        page.assert_shows(&format!("From that phone, text {shown} to 98765."));
        let digits = shown.replace(' ', "");
        assert_eq!(page.attribute("details a.outline", "href"), Some(format!("sms:98765?&body={digits}")));
        assert_eq!(app.get("/code/status").await.body, r#"{"state":"pending"}"#);
        let code = if written.contains("my") { &shown } else { &digits };
        let text = written.replace("{}", code);
        app.text_in(PHONE, &text).await;
        assert_eq!(app.get("/code/status").await.body, r#"{"state":"verified"}"#, "{text}");
        assert_eq!(app.get("/code").await.location(), Some("/done"));
        assert_eq!(app.get("/code/waiting").await.location(), Some("/done"));
        assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
        assert_eq!(app.column("SELECT state || ' ' || method AS value FROM verifications"), ["verified reply_code"]);
        assert_eq!(
            app.column("SELECT kind || ' ' || source || ' ' || ip || ' ' || user_agent || ' ' || (CASE WHEN disclosure_inferred THEN 1 ELSE 0 END) || ' ' || inbound_message_id || ' ' || words AS value FROM consents"),
            [format!("opted_in reply_code 127.0.0.1 Test/1 1 1 {}", text.replace(&digits, "******").replace(&shown, "*** ***"))]
        );
        assert_eq!(kinds(&app, PHONE), ["code", "welcome"]);
        assert_eq!((app.counted("address"), app.counted("browser")), (0, 1), "an address is not charged for a success");
    }
}

#[rocket::async_test]
async fn from_another_number_nothing_happens_to_anyone_and_the_sender_is_told() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let shown = app.reply_code().await;
    for n in 1..=7 {
        app.text_in(OTHER, &shown).await;
        assert_eq!(kinds(&app, OTHER).len(), n.min(5), "five an hour");
    }
    assert_eq!(kinds(&app, OTHER), ["not_matched"; 5]);
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"pending"}"#);
    assert_eq!(app.count("SELECT count(*) FROM consents"), 0);
    assert_eq!(app.count("SELECT attempts FROM verifications"), 0);
    app.text_in(OTHER, "STOP").await;
    let texts = kinds(&app, OTHER).len();
    app.advance(Duration::hours(2));
    app.text_in(OTHER, &shown).await;
    assert_eq!(kinds(&app, OTHER).len(), texts, "an opted-out number gets no answer");
}

#[rocket::async_test]
async fn the_pages_own_code_typed_there_has_its_own_error_and_costs_no_try() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let shown = app.reply_code().await;
    for _ in 0..7 {
        let page = app.type_code(&shown).await;
        assert_eq!(page.status, Status::UnprocessableEntity);
        page.assert_shows("That's the code to text us.");
    }
    assert_eq!(app.count("SELECT attempts FROM verifications"), 0);
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/done"));
}

#[rocket::async_test]
async fn the_last_two_of_the_pages_codes_are_good_each_for_its_own_time() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let first = app.reply_code().await;
    app.advance(Duration::seconds(30));
    app.resend().await;
    let second = app.reply_code().await;
    app.advance(Duration::seconds(60));
    app.resend().await;
    let third = app.reply_code().await;
    assert!(first != second && second != third && first != third);
    app.text_in(PHONE, &first).await;
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"pending"}"#, "the one before the last two no longer works");
    app.text_in(PHONE, &second).await;
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"verified"}"#);

    let late = TestApp::new().await;
    late.submit_phone(PHONE).await;
    let early = late.reply_code().await;
    late.advance(Duration::minutes(9));
    late.resend().await;
    late.advance(Duration::minutes(1));
    late.text_in(PHONE, &early).await;
    assert_eq!(late.get("/code/status").await.body, r#"{"state":"pending"}"#, "its ten minutes are over");
}

#[rocket::async_test]
async fn nothing_of_the_reply_way_is_stored_in_the_clear() {
    let app = TestApp::with("[default.verification]\ncode_length = 8\n").await;
    app.submit_phone(PHONE).await;
    let digits = app.reply_code().await.replace(' ', "");
    app.text_in(PHONE, &digits).await;
    app.submit_phone(OTHER).await;
    let waiting = app.reply_code().await.replace(' ', "");
    for table in ["verifications", "inbound_messages", "messages", "consents", "codes"] {
        for column in database::columns_of(&app, table) {
            for code in [&digits, &waiting] {
                let found = app.count(&format!("SELECT count(*) FROM {table} WHERE CAST({column} AS TEXT) LIKE '%{code}%'"));
                assert_eq!(found, 0, "{table}.{column}");
            }
        }
    }
}

#[rocket::async_test]
async fn with_only_the_reply_way_nothing_is_texted_until_the_person_texts() {
    let app = TestApp::with("[default.verification]\nmethods = ['reply_code']\n").await;
    app.get("/").await.assert_shows("Show me a code");
    app.submit_phone(PHONE).await;
    let page = app.get("/code").await;
    page.assert_shows("Text us your code");
    assert_eq!(page.attribute("input#code", "name"), None, "there is no field");
    assert_eq!(app.count("SELECT count(*) FROM messages"), 0);
    app.advance(Duration::seconds(30));
    app.resend().await;
    app.text_in(PHONE, &app.reply_code().await).await;
    assert_eq!(app.get("/code").await.location(), Some("/done"));
    assert_eq!(kinds(&app, PHONE), ["welcome"]);
}

#[rocket::async_test]
async fn without_the_reply_way_the_page_offers_none_and_a_texted_in_code_matches_nothing() {
    let app = TestApp::with("[default.verification]\nmethods = ['web_code']\n").await;
    app.submit_phone(PHONE).await;
    let page = app.get("/code").await;
    assert_eq!(page.reply_code(), None);
    page.assert_shows("Stopped our texts before? Text START to 98765.");
    app.text_in(PHONE, &app.wrong_code(PHONE)).await;
    assert_eq!(kinds(&app, PHONE), ["code", "not_matched"]);
}

#[rocket::async_test]
async fn without_the_reply_way_starting_again_is_a_way_on_once_all_texts_are_used_up() {
    let app = TestApp::with("[default.verification]\nmethods = ['web_code']\nresend_after_seconds = [30]\n").await;
    app.submit_phone(PHONE).await;
    app.advance(Duration::seconds(30));
    app.resend().await;
    app.submit_phone(PHONE).await;
    assert_eq!(app.codes_to(PHONE).len(), 2, "the last text has not had its time yet");
    app.advance(Duration::seconds(30));
    app.get("/code").await.assert_shows("If none of them arrives, start again.");
    app.submit_phone(PHONE).await;
    assert_eq!(app.codes_to(PHONE).len(), 3);
    assert_eq!(app.column("SELECT state AS value FROM verifications ORDER BY id"), ["superseded", "pending"]);
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/done"));
}

#[rocket::async_test]
async fn help_comes_before_a_code_wherever_it_stands() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await;
    for text in [format!("{code} help"), format!("HELP {code}")] {
        app.text_in(PHONE, &text).await;
        assert_eq!(app.get("/code/status").await.body, r#"{"state":"pending"}"#, "{text}");
    }
    assert_eq!(kinds(&app, PHONE), ["code", "help", "help"]);
}

#[rocket::async_test]
async fn at_the_sites_cap_everyone_is_told_and_offered_the_reply_way() {
    let app = TestApp::with(
        "[default.program]\nalternative_url = 'https://www.acme.example/other'\n[default.caps]\nsite = [{ at_most = 1, per_seconds = 86400 }]\n",
    )
    .await;
    let early = app.browser().await;
    early.submit_phone(&fictional(0)).await;
    assert_eq!(app.submit_phone(PHONE).await.location(), Some("/code"));
    assert!(app.texts_to(PHONE).is_empty());
    app.advance(Duration::minutes(24));
    early.submit_phone(&fictional(0)).await;
    app.submit_phone(PHONE).await;
    for page in [early.get("/code").await, app.get("/code").await] {
        page.assert_shows("Our texts are paused right now.");
        page.assert_shows("Use another way");
        assert!(page.reply_code().is_some());
    }
    assert_eq!((app.counted("address"), app.counted("browser")), (4, 4), "each request is charged");
    app.text_in(PHONE, &app.reply_code().await).await;
    assert_eq!(app.get("/code").await.location(), Some("/done"));
}

#[rocket::async_test]
async fn a_right_reply_code_resets_the_failures_of_a_number_and_wrong_ones_count() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let wrong = app.wrong_code(PHONE);
    assert_ne!(wrong, app.reply_code().await.replace(' ', ""));
    for n in 1..=3 {
        app.text_in(PHONE, &wrong).await;
        assert_eq!(app.count("SELECT failures FROM number_failures"), n);
    }
    app.text_in(OTHER, &wrong).await;
    assert_eq!(app.count("SELECT count(*) FROM number_failures"), 1, "a number without a verification has no count");
    app.execute("UPDATE number_failures SET failures = 100").expect("closed");
    app.text_in(PHONE, &app.reply_code().await).await;
    assert_eq!(app.get("/code").await.location(), Some("/done"), "the reply way is always open");
    assert_eq!(app.count("SELECT coalesce(max(failures), 0) FROM number_failures"), 0);
}

#[rocket::async_test]
async fn the_texted_code_sent_back_confirms_a_two_factor_subscription_and_no_browser() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let code = app.last_code(PHONE);
    app.text_in(PHONE, &code).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"pending"}"#);
    assert_eq!(
        app.column("SELECT kind || ' ' || source || ' ' || (CASE WHEN disclosure_inferred THEN 1 ELSE 0 END) || ' ' || (CASE WHEN ip IS NULL THEN 1 ELSE 0 END) || (CASE WHEN user_agent IS NULL THEN 1 ELSE 0 END) || (CASE WHEN url IS NULL THEN 1 ELSE 0 END) || ' ' || words AS value FROM consents"),
        ["opted_in reply 1 111 ******"]
    );
    assert_eq!(
        app.count("SELECT count(*) FROM subscribers WHERE verified_at IS NOT NULL"),
        0,
        "nothing is proven about any browser"
    );
    assert_eq!(kinds(&app, PHONE), ["code", "welcome"]);
    app.text_in(PHONE, &code).await;
    assert_eq!(kinds(&app, PHONE), ["code", "welcome", "not_matched"]);
    assert!(app.texts_to(PHONE)[2].text.contains("enter that code on the page"));
    assert_eq!(app.type_code(&code).await.location(), Some("/done"), "it is still good in its browser");
    assert_eq!(records(&app), ["opted_in reply"]);
    assert_eq!(app.count("SELECT count(*) FROM subscribers WHERE verified_at IS NOT NULL"), 1);
}

#[rocket::async_test]
async fn for_other_programs_the_texted_code_sent_back_changes_nothing() {
    for kind in ["alerts", "marketing"] {
        let app = TestApp::with(&format!("[default.program]\nkind = '{kind}'\n")).await;
        app.submit_phone(PHONE).await;
        app.text_in(PHONE, &app.last_code(PHONE)).await;
        assert_eq!((app.standing_of(PHONE), records(&app).len()), (None, 0));
        assert!(app.texts_to(PHONE)[1].text.contains("enter that code on the page"));
    }
}

#[rocket::async_test]
async fn an_opt_out_is_confirmed_once_and_lifted_by_a_reply_code_with_consent_given_after_it() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let before = app.reply_code().await;
    app.text_in(PHONE, "STOP").await;
    app.advance(Duration::seconds(30));
    app.resend().await;
    let without_the_box = app.reply_code().await;
    for worthless in [&before, &without_the_box] {
        app.text_in(PHONE, worthless).await;
        assert_eq!(app.get("/code/status").await.body, r#"{"state":"pending"}"#);
    }
    app.submit_phone(PHONE).await;
    app.text_in(PHONE, &without_the_box).await;
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"pending"}"#, "older than the newly checked box");
    app.text_in(PHONE, &app.reply_code().await).await;
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"verified"}"#);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    assert_eq!(records(&app), ["opted_out keyword", "opted_in reply_code"]);
    assert_eq!(kinds(&app, PHONE), ["code", "goodbye", "welcome"]);
}

#[rocket::async_test]
async fn consent_that_a_stop_took_back_does_not_come_back_with_start() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let old = app.reply_code().await;
    app.text_in(PHONE, "STOP").await;
    app.text_in(PHONE, "START").await;
    assert_eq!(app.standing_of(PHONE), None);
    app.advance(Duration::seconds(31));
    app.resend().await;
    assert_eq!(app.codes_to(PHONE).len(), 1, "no box was checked after the STOP, so nothing is texted");
    for code in [old, app.reply_code().await] {
        app.text_in(PHONE, &code).await;
    }
    assert_eq!(app.standing_of(PHONE), None);
    app.advance(Duration::seconds(61));
    app.submit_phone(PHONE).await;
    assert_eq!(app.type_code(&app.last_code(PHONE)).await.location(), Some("/done"));
    assert_eq!(records(&app), ["opted_out keyword", "reopened keyword", "opted_in web_code"]);
}

#[rocket::async_test]
async fn a_stop_that_changes_nothing_is_answered_once_a_day() {
    let app = TestApp::new().await;
    for _ in 0..4 {
        app.text_in(PHONE, "STOP").await;
    }
    assert_eq!(kinds(&app, PHONE), ["goodbye"]);
    app.advance(Duration::hours(24));
    app.text_in(PHONE, "stop").await;
    app.text_in(PHONE, "stop").await;
    assert_eq!(kinds(&app, PHONE), ["goodbye", "goodbye"]);
    assert_eq!(records(&app), ["opted_out keyword"]);
}

#[rocket::async_test]
async fn help_is_answered_in_every_standing_and_changes_nothing() {
    let app = TestApp::new().await;
    let (pending, subscribed, opted_out) = (fictional(1), fictional(2), fictional(3));
    app.browser().await.submit_phone(&pending).await;
    app.browser().await.opt_in(&subscribed).await;
    app.text_in(&opted_out, "STOP").await;
    let before = app.column("SELECT phone || standing AS value FROM subscribers ORDER BY phone");
    for phone in [PHONE, &pending, &subscribed, &opted_out] {
        app.text_in(phone, "help!").await;
        let text = app.texts_to(phone).pop().expect("an answer").text;
        assert!(text.starts_with("Acme Alerts: ") && text.contains("help@acme.example"), "{text}");
        for _ in 0..7 {
            app.text_in(phone, "INFO").await;
        }
        let answers = kinds(&app, phone).iter().filter(|kind| matches!(**kind, "help" | "goodbye")).count();
        assert_eq!(answers, 5, "{phone}: answers of all kinds together");
    }
    assert_eq!(app.column("SELECT phone || standing AS value FROM subscribers ORDER BY phone"), before);
}

#[rocket::async_test]
async fn start_goes_back_to_an_opt_in_reopens_or_changes_nothing() {
    let app = TestApp::new().await;
    app.text_in(OTHER, "START").await;
    assert_eq!(kinds(&app, OTHER), ["help"], "a stranger's START is no consent");
    assert_eq!(records(&app).len(), 0);

    app.text_in(OTHER, "STOP").await;
    app.text_in(OTHER, "START").await;
    assert_eq!((app.standing_of(OTHER), kinds(&app, OTHER)), (None, vec!["help", "goodbye", "help"]));
    assert_eq!(records(&app), ["opted_out keyword", "reopened keyword"]);

    app.opt_in(PHONE).await;
    let proven = app.column("SELECT verified_at AS value FROM subscribers");
    app.advance(Duration::hours(1));
    app.text_in(PHONE, "STOP").await;
    app.text_in(PHONE, "UNSTOP").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    assert_eq!(app.column("SELECT verified_at AS value FROM subscribers"), proven, "START proves no number to a browser");
    assert_eq!(records(&app)[2..], ["opted_in web_code", "opted_out keyword", "opted_in_again keyword"]);
    assert_eq!(kinds(&app, PHONE), ["code", "welcome", "goodbye", "welcome"]);
}

#[rocket::async_test]
async fn start_of_a_closed_number_reopens_it_and_opt_ins_from_before_do_not_count() {
    let app = TestApp::new().await;
    app.opt_in(PHONE).await;
    close(&app, PHONE).await;
    app.text_in(PHONE, "START").await;
    assert_eq!(app.standing_of(PHONE), None);
    app.text_in(PHONE, "STOP").await;
    app.text_in(PHONE, "START").await;
    assert_eq!(app.standing_of(PHONE), None, "its new owner gave no consent");
    assert_eq!(
        records(&app),
        ["opted_in web_code", "closed provider", "reopened keyword", "opted_out keyword", "reopened keyword"]
    );
}

/// Closes a number, as the carrier's report of a deactivated number will.
async fn close(app: &TestApp, phone: &str) {
    use assent::optin::consent::{ConsentKind, ConsentRecord, ConsentSource};
    let (phone, now) = (crate::support::number(phone), app.app.clock.now());
    app.app
        .store
        .write(assent::store::Lane::Pages, move |tx| {
            let mut record = ConsentRecord::keyword(ConsentKind::Closed, phone.clone(), None, "en".to_owned(), now);
            record.source = ConsentSource::Provider;
            assent::store::consents::append(tx, &record, &[7; 32])
        })
        .await
        .expect("kept");
    app.execute("UPDATE subscribers SET standing = 'closed'").expect("closed");
}

#[rocket::async_test]
async fn yes_means_nothing_and_unknown_words_get_one_answer_a_day() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    app.text_in(PHONE, "YES").await;
    assert_eq!((app.standing_of(PHONE), app.get("/code/status").await.body.as_str()), (None, r#"{"state":"pending"}"#));
    for words in ["yes", "who is this", "\u{1f44d}", ""] {
        app.text_in(PHONE, words).await;
    }
    assert_eq!(kinds(&app, PHONE), ["code", "unknown"]);
    app.advance(Duration::hours(24));
    app.text_in(PHONE, "hello?").await;
    assert_eq!(kinds(&app, PHONE), ["code", "unknown", "unknown"]);
}

#[rocket::async_test]
async fn two_robots_answering_each_other_stop_by_themselves() {
    let says: [&[&str]; 8] = [
        &["STOP"],
        &["HELP"],
        &["START"],
        &["STOP", "START"],
        &["482913"],
        &["Thanks for your message!"],
        &["STOP", "START", "HELP", "482913", "hello"],
        &["START", "482913", "STOP"],
    ];
    for script in says {
        let app = TestApp::new().await;
        app.opt_in(PHONE).await;
        let mut heard = app.texts_to(PHONE).len();
        let mut turns = 0;
        // The other robot answers each of our texts and sends nothing else.
        app.text_in(PHONE, script[0]).await;
        while app.texts_to(PHONE).len() > heard {
            heard += 1;
            turns += 1;
            assert!(turns < 40, "{script:?} goes on forever");
            app.text_in(PHONE, script[turns % script.len()]).await;
            app.advance(Duration::seconds(1));
        }
    }
}

#[rocket::async_test]
async fn a_repeated_message_takes_effect_once() {
    use assent::flow::receive::{InboundContext, InboundMessage, ReceiveOutcome, receive};
    let app = TestApp::new().await;
    app.opt_in(PHONE).await;
    let message = |id: &str, text: &str| InboundMessage {
        provider: "simulator",
        provider_message_id: id.to_owned(),
        from: crate::support::number(PHONE),
        text: text.to_owned(),
        context: InboundContext::default(),
    };
    let stop = message("a", "STOP");
    assert_eq!(receive(&app.app, stop.clone()).await.expect("kept"), ReceiveOutcome::Kept);
    assert_eq!(receive(&app.app, message("b", "START")).await.expect("kept"), ReceiveOutcome::Kept);
    for _ in 0..3 {
        assert_eq!(receive(&app.app, stop.clone()).await.expect("known"), ReceiveOutcome::Duplicate);
    }
    app.deliver().await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"), "the STOP from before the START does not come back");
    assert_eq!(records(&app), ["opted_in web_code", "opted_out keyword", "opted_in_again keyword"]);
}

#[rocket::async_test]
async fn a_goodbye_that_was_not_sent_within_five_minutes_is_dropped() {
    let app = TestApp::new().await;
    let request = app.client.post("/simulator/messages").remote("127.0.0.1:1".parse().expect("an address"));
    let request = request.header(rocket::http::Header::new("Host", "localhost:8000")).header(rocket::http::ContentType::Form);
    request.body("from=2025550147&text=STOP").dispatch().await;
    app.advance(Duration::minutes(5));
    app.deliver().await;
    assert!(app.texts_to(PHONE).is_empty());
    assert_eq!(app.column("SELECT status || ' ' || error AS value FROM messages"), ["dropped expired"]);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn answers_are_in_the_language_of_the_opt_in_or_of_the_word() {
    let app = TestApp::new().await;
    let spanish = app.browser().await;
    spanish.post("/start", &format!("{}&lang=es", crate::support::start_body(PHONE))).await;
    assert!(app.texts_to(PHONE)[0].text.contains("es su codigo"));
    spanish.type_code(&app.last_code(PHONE)).await;
    for (words, answer) in [("HELP", "Ayuda: help@acme.example"), ("STOP", "Listo, ya no"), ("START", "Ya recibe mensajes")] {
        app.text_in(PHONE, words).await;
        let text = app.texts_to(PHONE).pop().expect("an answer").text;
        assert!(text.contains(answer), "{words}: {text}");
    }
    app.text_in(OTHER, "ALTO").await;
    assert!(app.texts_to(OTHER)[0].text.contains("Listo, ya no"), "a stranger's word is answered in its language");
    app.text_in(&fictional(8), "arrêtez").await;
    let french = app.texts_to(&fictional(8)).pop().expect("an answer").text;
    assert!(french.contains("Vous ne recevrez plus nos textos"), "also in one that no page is offered in: {french}");
    app.text_in(&fictional(9), "STOP").await;
    assert!(app.texts_to(&fictional(9))[0].text.contains("opted out"));
}

#[rocket::async_test]
async fn the_waiting_page_refreshes_itself_and_has_no_field() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/code/waiting").await.status, Status::BadRequest, "no cookie at all");
    assert_eq!(app.get("/code/status").await.status, Status::NotFound);
    app.submit_phone(PHONE).await;
    let page = app.get("/code/waiting").await;
    assert!(page.body.contains("<meta http-equiv=\"refresh\" content=\"5\">"));
    assert_eq!(page.attribute("input", "name"), None);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(!app.get("/code").await.body.contains("refresh"));
    app.advance(Duration::minutes(10));
    assert_eq!(app.get("/code/waiting").await.location(), Some("/code"));
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"expired"}"#);
}

#[rocket::async_test]
async fn the_pages_code_texted_in_is_always_answered_and_the_answer_names_the_host() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    app.text_in(PHONE, &app.reply_code().await).await;
    let welcome = app.texts_to(PHONE).pop().expect("a welcome");
    assert_eq!(kinds(&app, PHONE), ["code", "welcome"]);
    assert!(welcome.text.contains("localhost"), "{}", welcome.text);

    // A subscribed person is talked into texting the code from somebody else's page. That verifies the other browser, and the
    // person is told, however many answers there have been in this hour.
    for _ in 0..6 {
        app.text_in(PHONE, "HELP").await;
    }
    let stranger = app.browser().await;
    stranger.submit_phone(PHONE).await;
    let code = stranger.get("/code").await.reply_code().expect("a code");
    app.text_in(PHONE, &code).await;
    assert_eq!(stranger.get("/code/status").await.body, r#"{"state":"verified"}"#);
    let told = app.texts_to(PHONE).pop().expect("an answer");
    assert_eq!(told.kind.map(assent::optin::message::MessageKind::as_str), Some("confirmed"));
    let words = "Acme Alerts: Your number was just verified at localhost. Not you? Contact help@acme.example.";
    assert_eq!(told.text, words);
    assert_eq!(app.column("SELECT basis AS value FROM messages WHERE kind = 'confirmed'"), ["inbound"]);
}

#[rocket::async_test]
async fn confirmed_is_sent_in_the_pages_language_and_if_there_is_no_welcome() {
    let per_request = "[default.program]\nfrequency = { per_request = 1 }\n";
    let app = TestApp::with(per_request).await;
    let start = format!("phone={}&consent=yes&lang=es", crate::support::encode(PHONE));
    assert_eq!(app.post("/start", &start).await.location(), Some("/code"));
    app.text_in(PHONE, &app.reply_code().await).await;
    let text = app.texts_to(PHONE).pop().expect("an answer").text;
    assert_eq!(text, "Acme Alerts: Su teléfono acaba de verificarse en localhost. ¿No fue usted? Contacto: help@acme.example.");
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
}

#[rocket::async_test]
async fn a_welcome_without_the_host_is_followed_by_confirmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("templates/locale");
    std::fs::create_dir_all(&own).expect("made");
    let words = "sms-welcome-on-host = { $program }: Welcome! { $frequency }. { $cost }. Reply HELP for help, STOP to stop.\n";
    std::fs::write(own.join("en.ftl"), words).expect("written");
    let app = TestApp::at("", folder.path()).await;
    app.submit_phone(PHONE).await;
    app.text_in(PHONE, &app.reply_code().await).await;
    assert_eq!(kinds(&app, PHONE), ["code", "welcome", "confirmed"]);
    assert!(app.texts_to(PHONE)[1].text.contains("Welcome!"));

    // If the welcome doesn't fit with the host in it, the one without the host is sent.
    let long = "[default.program]\nname = 'The Really Quite Long Acme Alerts'\ncost_line = 'standard'\n";
    let app = TestApp::with(long).await;
    app.submit_phone(PHONE).await;
    app.text_in(PHONE, &app.reply_code().await).await;
    assert_eq!(kinds(&app, PHONE), ["code", "welcome", "confirmed"]);
}
