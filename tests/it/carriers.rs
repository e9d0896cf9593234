//! The whole journey over each real provider's protocol, and what each of its answers does to a text.

use assent::flow::send_test::{SendTestOutcome, send_test};
use assent::sms::SendOutcome;
use rocket::http::Status;
use time::Duration;

use crate::support::carrier::{ACCOUNT_SID, AUTH_TOKEN, code_of, twilio_settings, vonage_settings, words};
use crate::support::provider::{Behavior, FakeProvider};
use crate::support::{PHONE, TestApp, number};

async fn vonage(more: &str) -> (FakeProvider, TestApp) {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, more)).await;
    (fake, app)
}

async fn twilio(more: &str) -> (FakeProvider, TestApp) {
    let fake = FakeProvider::twilio().await;
    let app = TestApp::with(&twilio_settings(&fake, more)).await;
    (fake, app)
}

fn assert_lawful(fake: &FakeProvider) {
    assert_eq!(fake.violations(), Vec::<String>::new());
}

#[rocket::async_test]
async fn the_typed_journey_runs_through_vonage_with_receipts_stop_and_start() {
    let (fake, app) = vonage("").await;
    assert_eq!(app.submit_phone(PHONE).await.location(), Some("/code"));
    let text = fake.requests().pop().expect("a text");
    assert_eq!(text.basic(), Some(("abcd1234".to_owned(), "Secret-1".to_owned())));
    for (key, value) in [
        ("from", "98765"),
        ("to", "12025550147"),
        ("type", "text"),
        ("ttl", "600000"),
        ("client-ref", "assent-1"),
        ("callback", "http://localhost:8000/webhooks/vonage/receipt"),
    ] {
        assert_eq!(text.value(key), Some(value), "{key}");
    }
    assert!(words(&text).starts_with("Acme Alerts: "), "{}", words(&text));
    assert_eq!(app.type_code(&code_of(&fake)).await.location(), Some("/done"));
    let sent = fake.accepted();
    assert_eq!(sent.len(), 2, "a code and a welcome");
    assert_eq!(app.rows(PHONE), ["code sent 0", "welcome sent 0"]);

    // Receipts: one by Vonage's id, one by our reference. A late "on its way" changes nothing.
    let name = sent[0].1[0].clone();
    app.vonage_receipt(PHONE, Some(&name), None, "accepted", "0").await;
    assert_eq!(app.rows(PHONE)[0], "code sent 0");
    app.vonage_receipt(PHONE, Some(&name), None, "delivered", "0").await;
    app.vonage_receipt(PHONE, Some(&name), None, "buffered", "0").await;
    app.vonage_receipt(PHONE, Some("unheard-of"), Some("assent-2"), "FAILED", "6").await;
    app.vonage_receipt(PHONE, None, Some("assent-2"), "delivered", "0").await;
    let rows = app.rows(PHONE);
    assert_eq!(rows[0], "code delivered 0");
    assert!(rows[1].starts_with("welcome failed ") && rows[1].contains('6'), "{}", rows[1]);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));

    assert_eq!(app.vonage_text(PHONE, "STOP", "in-1").await.status, Status::Ok);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert!(words(&fake.requests().pop().expect("a goodbye")).contains("no more"));
    app.vonage_text(PHONE, "HELP", "in-2").await;
    app.vonage_text(PHONE, "START", "in-3").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    let kinds = app.column("SELECT kind AS value FROM messages ORDER BY id");
    assert_eq!(kinds, ["code", "welcome", "goodbye", "help", "welcome"]);
    assert_eq!(fake.requests().len(), 5);
    assert_lawful(&fake);
}

#[rocket::async_test]
async fn the_reply_journey_runs_through_vonage() {
    let (fake, app) = vonage("").await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await;
    assert_eq!(app.vonage_text(PHONE, &code, "in-1").await.status, Status::Ok);
    assert_eq!(app.get("/code").await.location(), Some("/done"));
    assert_eq!(app.column("SELECT source AS value FROM consents"), ["reply_code"]);
    assert_eq!(app.rows(PHONE), ["code sent 0", "welcome sent 0"]);
    assert_lawful(&fake);
}

#[rocket::async_test]
async fn both_journeys_run_through_twilio() {
    let (fake, app) = twilio("").await;
    app.submit_phone(PHONE).await;
    let text = fake.requests().pop().expect("a text");
    assert_eq!(text.path, format!("/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"));
    assert_eq!(text.basic(), Some((ACCOUNT_SID.to_owned(), AUTH_TOKEN.to_owned())));
    let callback = "http://localhost:8000/webhooks/twilio/receipt?message=assent-1";
    for (key, value) in [("To", PHONE), ("From", "98765"), ("ValidityPeriod", "600"), ("StatusCallback", callback)] {
        assert_eq!(text.value(key), Some(value), "{key}");
    }
    assert_eq!(app.type_code(&code_of(&fake)).await.location(), Some("/done"));
    let sid = fake.accepted()[0].1[0].clone();
    // The status callback: by our reference in its URL, by the SID, and once more.
    for status in ["sent", "delivered", "sent"] {
        let path = "/webhooks/twilio/receipt?message=assent-1";
        let called = [("MessageSid", sid.as_str()), ("MessageStatus", status), ("To", PHONE), ("From", "98765")];
        let page = app.twilio_call(path, &called).await;
        assert_eq!((page.status, page.body.as_str()), (Status::Ok, "<Response></Response>"));
    }
    assert_eq!(app.rows(PHONE)[0], "code delivered 0");

    let other = "+12025550148";
    let browser = app.browser().await;
    browser.submit_phone(other).await;
    let code = browser.get("/code").await.reply_code().expect("the page shows a code");
    let answer = app.twilio_text(other, &code, "SM01").await;
    assert_eq!((answer.status, answer.body.as_str()), (Status::Ok, "<Response></Response>"));
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/xml")), "trap 36: never a plain text");
    assert_eq!(browser.get("/code").await.location(), Some("/done"));
    app.twilio_text(other, "STOP", "SM02").await;
    assert_eq!(app.standing_of(other).as_deref(), Some("opted_out"));
    assert_lawful(&fake);
}

#[rocket::async_test]
async fn a_messaging_service_sends_in_the_senders_place_and_what_it_answered_is_not_answered_again() {
    let service = format!("MG{}", "0123456789abcdef".repeat(2));
    let fake = FakeProvider::twilio().await;
    let settings = twilio_settings(&fake, "") + &format!("messaging_service_sid = '{service}'\n");
    let app = TestApp::with(&settings).await;
    app.submit_phone(PHONE).await;
    let text = fake.requests().pop().expect("a text");
    assert_eq!((text.value("MessagingServiceSid"), text.value("From")), (Some(service.as_str()), None));
    app.type_code(&code_of(&fake)).await;
    let sent = fake.requests().len();
    let call = async |name: &str, words: &str, kind: &str| {
        let pairs = [
            ("MessageSid", name),
            ("From", PHONE),
            ("To", "+18005550199"),
            ("Body", words),
            ("MessagingServiceSid", service.as_str()),
            ("OptOutType", kind),
        ];
        assert_eq!(app.twilio_call("/webhooks/twilio/inbound", &pairs).await.status, Status::Ok);
    };
    // Twilio has its own opt-out words, which may differ from ours.
    call("SM1", "Adios", "STOP").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    call("SM2", "help", "HELP").await;
    call("SM3", "YES", "START").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    // If we read a text as an opt-out, that wins over whatever Twilio read it as.
    call("SM4", "stop texting me", "START").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(fake.requests().len(), sent, "Twilio has answered all of them");
}

#[rocket::async_test]
async fn the_typed_journey_runs_through_vonages_shared_codes() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage_2fa", &fake, "")).await;
    let page = app.get("/").await;
    for words in ["Text STOP to 98765", "Text HELP to 98765", "Message and data rates may apply"] {
        page.assert_shows(words);
    }
    app.submit_phone(PHONE).await;
    let text = fake.requests().pop().expect("a text");
    assert_eq!(text.path, "/sc/us/2fa/json");
    let mut keys: Vec<&str> = text.form.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["client-ref", "pin", "to"], "trap 6: nothing that its table does not name");
    let pin = words(&text);
    assert!(pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit()));
    assert!(app.get("/code").await.reply_code().is_none(), "texts to the shared code do not reach us");
    assert_eq!(app.column("SELECT text AS value FROM messages"), ["******"]);
    assert_eq!(app.type_code(&pin).await.location(), Some("/done"));
    assert_eq!(app.rows(PHONE), ["code sent 0"], "no welcome: Vonage writes the texts");

    // An opt-out that only Vonage knows about shows when the next text is refused.
    let other = "+12025550148";
    fake.next(Behavior::Vonage(&["102"]));
    let browser = app.browser().await;
    browser.submit_phone(other).await;
    assert_eq!(app.standing_of(other).as_deref(), Some("opted_out"));
    assert_eq!(app.column("SELECT source AS value FROM consents ORDER BY seq"), ["web_code", "provider"]);
    let rows = app.rows(other);
    assert!(rows[0].starts_with("code failed opted out"), "{}", rows[0]);
    // The page doesn't show it (INT-9).
    let page = browser.get("/code").await;
    assert_eq!(page.status, Status::Ok);
    page.assert_shows("6-digit code is on its way");
    app.advance(Duration::seconds(31));
    browser.post("/resend", "").await;
    assert_eq!(fake.requests().len(), 2, "nothing is sent to it anymore");
    assert_lawful(&fake);
}

#[rocket::async_test]
async fn with_forwarded_texts_shared_codes_offer_the_reply_way_and_vonage_answers_keywords() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage_2fa", &fake, "inbound_forwarded = true")).await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await;
    app.vonage_text(PHONE, &code, "in-1").await;
    assert_eq!(app.get("/code").await.location(), Some("/done"));
    app.vonage_text(PHONE, "STOP", "in-2").await;
    app.vonage_text(PHONE, "what is this", "in-3").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(fake.requests().len(), 1, "only the code: Vonage sends the rest");
}

#[rocket::async_test]
async fn trap_34_opt_outs_are_recorded_in_both_modes_and_answered_in_one() {
    for (setting, answered) in [("provider_answers_keywords = false", 3), ("provider_answers_keywords = true", 0)] {
        let (fake, app) = vonage(setting).await;
        for (n, words) in ["STOP", "HELP", "START"].into_iter().enumerate() {
            app.vonage_text(PHONE, words, &format!("in-{n}")).await;
        }
        assert_eq!(app.count("SELECT count(*) FROM consents WHERE kind IN ('opted_out', 'reopened')"), 2, "{setting}");
        assert_eq!(fake.requests().len(), answered, "{setting}");
        // We answer what the provider doesn't.
        app.vonage_text("+12025550148", "123456", "in-9").await;
        assert_eq!(fake.requests().len(), answered + 1, "{setting}");
    }
}

#[rocket::async_test]
async fn where_the_provider_answers_its_keywords_we_answer_the_rest_and_only_start_opts_back_in() {
    let (fake, app) = vonage("provider_answers_keywords = true").await;
    app.opt_in_through(&fake, PHONE).await;
    let sent = fake.requests().len();
    app.vonage_text(PHONE, "please stop texting me", "a").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(fake.requests().len(), sent + 1, "the provider knows only its few words, so we answer this one");
    app.vonage_text(PHONE, "Join", "b").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    assert_eq!(fake.requests().len(), sent + 1);
    let page = app.browser().await;
    page.submit_phone("+12025550148").await;
    let page = page.get("/code").await;
    page.assert_shows("Text START to 98765");
    assert!(!page.shows("START, or the code"), "the page's code does not lift what the provider keeps");
}

#[rocket::async_test]
async fn a_throttle_slows_texts_down_and_fails_none() {
    let (fake, app) = vonage("").await;
    for _ in 0..12 {
        fake.next(Behavior::Vonage(&["1"]));
    }
    app.submit_phone(PHONE).await;
    for _ in 0..12 {
        assert_eq!(app.rows(PHONE), ["code queued 0"], "being slowed down is not a failed try");
        app.advance(Duration::seconds(2));
        app.deliver().await;
    }
    assert_eq!(app.rows(PHONE), ["code sent 0"]);
    assert!(!app.app.breaker().is_open());
    let codes: Vec<String> = fake.requests().iter().map(words).collect();
    assert!(codes.iter().all(|text| text == &codes[0]), "the same text, never another code");
    assert_lawful(&fake);
}

#[rocket::async_test]
async fn http_429_says_how_long_to_wait() {
    let (fake, app) = twilio("").await;
    fake.next(Behavior::RetryAfter(429, 1));
    app.submit_phone(PHONE).await;
    assert_eq!(app.rows(PHONE), ["code queued 0"]);
    app.advance(Duration::seconds(2));
    app.deliver().await;
    assert_eq!(app.rows(PHONE), ["code sent 0"]);
}

#[rocket::async_test]
async fn a_text_that_was_not_accepted_is_retried_with_growing_waits_until_its_code_expires() {
    let (fake, app) = vonage("").await;
    fake.next(Behavior::Raw(503, "text/html", "<html>busy</html>"));
    fake.next(Behavior::Vonage(&["5"]));
    app.submit_phone(PHONE).await;
    assert_eq!(app.rows(PHONE), ["code queued 1"]);
    app.deliver().await;
    assert_eq!(fake.requests().len(), 1, "not before its wait is over");
    app.advance(Duration::seconds(3));
    app.deliver().await;
    assert_eq!(app.rows(PHONE), ["code queued 2"]);
    app.advance(Duration::seconds(5));
    app.deliver().await;
    assert_eq!(app.rows(PHONE), ["code sent 2"]);
    let texts: Vec<String> = fake.requests().iter().map(words).collect();
    assert!(texts.iter().all(|text| text == &texts[0]));

    // If a code would expire before the next try, it fails with the provider's reason.
    let other = "+12025550148";
    fake.always(Behavior::Vonage(&["10"]));
    app.browser().await.submit_phone(other).await;
    for _ in 0..60 {
        app.advance(Duration::seconds(10));
        app.deliver().await;
    }
    let row = app.rows(other).pop().expect("a row");
    assert!(row.starts_with("code failed ") && row.contains("status 10"), "{row}");
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE sealed_text IS NOT NULL"), 0);
}

#[rocket::async_test]
async fn trap_07_a_text_whose_answer_never_came_is_never_sent_again() {
    for behavior in [Behavior::Reset, Behavior::BreakOff] {
        let (fake, app) = vonage("").await;
        fake.next(behavior);
        app.submit_phone(PHONE).await;
        for _ in 0..5 {
            app.advance(Duration::minutes(1));
            app.deliver().await;
        }
        assert_eq!(fake.requests().len(), 1, "{behavior:?}");
        assert_eq!(app.rows(PHONE), ["code sent 0"]);
        assert_eq!(app.count("SELECT count(*) FROM messages WHERE provider_message_id IS NOT NULL"), 0);
        // It did arrive: the code works, and the receipt is matched by our reference.
        assert_eq!(app.type_code(&code_of(&fake)).await.location(), Some("/done"));
        app.vonage_receipt(PHONE, Some("late"), Some("assent-1"), "delivered", "0").await;
        assert_eq!(app.rows(PHONE)[0], "code delivered 0");
    }
}

#[rocket::async_test]
async fn a_provider_that_hangs_or_answers_without_end_is_given_up_on_after_ten_seconds() {
    let given_up = async |behavior| {
        let (fake, app) = vonage("").await;
        fake.next(behavior);
        app.submit_phone(PHONE).await;
        assert_eq!((app.rows(PHONE), fake.requests().len()), (vec!["code sent 0".to_owned()], 1));
    };
    rocket::tokio::join!(given_up(Behavior::Hang), given_up(Behavior::Drip));
}

#[rocket::async_test]
async fn each_refusal_has_its_consequence() {
    let cases: [(&'static [&'static str], &str, Option<&str>); 5] = [
        (&["7"], "failed", None),
        (&["4"], "failed", None),
        (&["9"], "failed", None),
        (&["15"], "failed", None),
        (&["29"], "failed", None),
    ];
    for (statuses, state, standing) in cases {
        let (fake, app) = vonage("").await;
        fake.next(Behavior::Vonage(statuses));
        app.submit_phone(PHONE).await;
        let row = app.rows(PHONE).pop().expect("a row");
        assert!(row.starts_with(&format!("code {state} ")) && row.contains(statuses[0]), "{row}");
        assert_eq!(app.standing_of(PHONE).as_deref(), standing);
        assert_eq!(fake.requests().len(), 1);
        app.get("/code").await.assert_shows("6-digit code is on its way");
    }
    for (code, standing) in [(21610, Some("opted_out")), (21211, None), (20003, None), (99999, None)] {
        let (fake, app) = twilio("").await;
        fake.next(Behavior::Twilio(400, Some(code)));
        app.submit_phone(PHONE).await;
        assert!(app.rows(PHONE)[0].starts_with("code failed "), "{code}");
        assert_eq!(app.standing_of(PHONE).as_deref(), standing, "only 21610 opts out, not {code}");
    }
}

#[rocket::async_test]
async fn an_unreadable_answer_is_not_an_acceptance() {
    for (kind, body) in
        [("text/html", "<html>502 Bad Gateway</html>"), ("application/json", r#"{"message-count":"0","messages":[]}"#)]
    {
        let (fake, app) = vonage("").await;
        fake.next(Behavior::Raw(200, kind, body));
        app.submit_phone(PHONE).await;
        assert!(app.rows(PHONE)[0].starts_with("code failed "), "{:?}", app.rows(PHONE));
        assert_eq!(fake.requests().len(), 1);
    }
}

#[rocket::async_test]
async fn three_permanent_failures_close_a_number_until_it_texts_us() {
    let (fake, app) = vonage("").await;
    app.opt_in_through(&fake, PHONE).await;
    let fail = async |reference: &str, error: &str| {
        app.vonage_receipt(PHONE, None, Some(reference), "failed", error).await;
    };
    fail("assent-1", "3").await;
    fail("assent-2", "3").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    app.advance(Duration::hours(1));
    app.browser().await.submit_phone(PHONE).await;
    fail("assent-3", "4").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("closed"));
    assert_eq!(
        app.column("SELECT kind || ' ' || source AS value FROM consents ORDER BY seq"),
        ["opted_in web_code", "closed provider"]
    );
    let sent = fake.requests().len();
    app.advance(Duration::hours(1));
    app.browser().await.submit_phone(PHONE).await;
    assert_eq!(fake.requests().len(), sent, "a closed number gets nothing");
    app.vonage_text(PHONE, "START", "in-1").await;
    assert_eq!(app.standing_of(PHONE), None, "its new owner gave no consent");
}

#[rocket::async_test]
async fn one_delivery_in_between_keeps_a_number_open() {
    let (fake, app) = vonage("").await;
    app.opt_in_through(&fake, PHONE).await;
    app.vonage_receipt(PHONE, None, Some("assent-1"), "failed", "3").await;
    app.vonage_receipt(PHONE, None, Some("assent-2"), "delivered", "0").await;
    for n in 3..5 {
        app.advance(Duration::hours(1));
        app.browser().await.submit_phone(PHONE).await;
        app.vonage_receipt(PHONE, None, Some(&format!("assent-{n}")), "failed", "3").await;
    }
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
}

#[rocket::async_test]
async fn trap_02_an_opt_out_that_only_the_receipt_reports_is_recorded() {
    let (fake, app) = vonage("provider_answers_keywords = true").await;
    app.opt_in_through(&fake, PHONE).await;
    app.vonage_receipt(PHONE, None, Some("assent-2"), "rejected", "9").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(app.column("SELECT source AS value FROM consents ORDER BY seq"), ["web_code", "provider"]);
    app.vonage_receipt(PHONE, None, Some("assent-2"), "rejected", "9").await;
    assert_eq!(app.count("SELECT count(*) FROM consents"), 2, "once");

    let (fake, app) = twilio("").await;
    app.submit_phone(PHONE).await;
    let sid = fake.accepted()[0].1[0].clone();
    let called = [("MessageSid", sid.as_str()), ("MessageStatus", "failed"), ("ErrorCode", "21610"), ("To", PHONE)];
    app.twilio_call("/webhooks/twilio/receipt", &called).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn an_opt_out_in_a_receipt_counts_whatever_became_of_its_text_but_not_from_before_the_person_came_back() {
    let (fake, app) = vonage("").await;
    app.opt_in_through(&fake, PHONE).await;
    app.vonage_receipt(PHONE, None, Some("assent-2"), "delivered", "0").await;
    app.vonage_receipt(PHONE, None, Some("assent-2"), "rejected", "9").await;
    assert_eq!(app.rows(PHONE)[1], "welcome delivered 0", "the row stays as it ended");
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    app.advance(Duration::hours(1));
    app.vonage_text(PHONE, "START", "a").await;
    app.vonage_receipt(PHONE, None, Some("assent-1"), "failed", "9").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"), "it is older than START");
    app.vonage_receipt(PHONE, None, Some("assent-3"), "failed", "9").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn a_provider_that_refuses_us_is_not_taken_to_be_down() {
    let (fake, app) = vonage("").await;
    for statuses in [&["3"], &["4"], &["9"], &["29"], &["15"], &["4"]] {
        fake.next(Behavior::Vonage(statuses));
    }
    for n in 0..6 {
        app.browser().await.submit_phone(&crate::support::fictional(n)).await;
    }
    assert!(!app.app.breaker().is_open());
    app.browser().await.submit_phone(PHONE).await;
    assert_eq!(app.rows(PHONE), ["code sent 0"]);
}

#[rocket::async_test]
async fn trap_33_a_receipt_may_come_before_the_send_call_returns() {
    let (fake, app) = vonage("").await;
    // Without our reference, the receipt waits until the id is known.
    app.vonage_receipt(PHONE, Some("0A00000000000001"), None, "delivered", "0").await;
    fake.next(Behavior::Raw(
        200,
        "application/json",
        r#"{"message-count":"1","messages":[{"status":"0","message-id":"0A00000000000001","to":"12025550147"}]}"#,
    ));
    app.submit_phone(PHONE).await;
    assert_eq!(app.rows(PHONE), ["code delivered 0"]);
    assert_eq!(app.count("SELECT count(*) FROM early_receipts"), 0);
    // With our reference, while the text is still being sent.
    app.advance(Duration::seconds(31));
    app.execute("UPDATE verifications SET resends = 0").expect("changed");
    app.execute(
        "INSERT INTO messages (phone, kind, basis, verification_id, status, text, queued_at, due_at, claimed_until) \
         SELECT phone, kind, basis, verification_id, 'sending', text, queued_at, queued_at, '2026-11-24 13:00:00' FROM messages",
    )
    .expect("inserted");
    app.vonage_receipt(PHONE, Some("x"), Some("assent-2"), "delivered", "0").await;
    assert_eq!(app.rows(PHONE)[1], "code delivered 0");
}

#[rocket::async_test]
async fn a_receipt_that_missed_its_text_is_found_by_the_sweep() {
    let (_fake, app) = vonage("").await;
    app.submit_phone(PHONE).await;
    // On Postgres, the two transactions may not see each other.
    let id = app.column("SELECT provider_message_id AS value FROM messages").remove(0);
    for name in [id.as_str(), "of another system"] {
        app.execute(&format!(
            "INSERT INTO early_receipts (provider, provider_message_id, outcome, error, received_at) \
             SELECT 'vonage', '{name}', 'failed', 'status 9', queued_at FROM messages"
        ))
        .expect("inserted");
    }
    assert_eq!(app.rows(PHONE), ["code sent 0"]);
    app.sweep().await;
    assert_eq!(app.rows(PHONE), ["code failed status 9 0"]);
    assert_eq!(app.count("SELECT count(*) FROM early_receipts"), 1);
}

#[rocket::async_test]
async fn a_receipt_for_another_number_or_an_unknown_text_changes_nothing() {
    let (_fake, app) = vonage("").await;
    app.submit_phone(PHONE).await;
    app.vonage_receipt("+12025550148", None, Some("assent-1"), "failed", "9").await;
    app.vonage_receipt(PHONE, None, Some("assent-77"), "failed", "9").await;
    app.vonage_receipt(PHONE, None, Some("someone-elses"), "failed", "9").await;
    assert_eq!(app.rows(PHONE), ["code sent 0"]);
    assert_eq!(app.count("SELECT count(*) FROM subscribers"), 0);
}

#[rocket::async_test]
async fn an_outage_is_detected_shown_and_recovered_from() {
    let (fake, app) = vonage("").await;
    fake.stop().await;
    for n in 0..5 {
        app.browser().await.submit_phone(&crate::support::fictional(n)).await;
    }
    assert!(app.app.breaker().is_open());
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE status = 'queued' AND attempts = 1"), 5);

    // Every visitor's page says so, whatever the number, and puts the reply way first.
    for phone in [crate::support::fictional(0), "+12025550190".to_owned()] {
        let browser = app.browser().await;
        browser.submit_phone(&phone).await;
        let page = browser.get("/code").await;
        page.assert_shows("Our texts are delayed right now");
        let shown = page.text();
        let (reply, field) = (shown.find("Text us this code"), page.body.find("name=\"code\""));
        let first = page.body.find("class=\"reply\"").expect("the reply way");
        assert!(field.is_some_and(|field| first < field), "the reply way comes first: {reply:?}");
    }
    assert!(fake.requests().is_empty());
    // A STOP is still accepted. Its answer waits, but for five minutes at most.
    assert_eq!(app.vonage_text("+12025550191", "STOP", "in-1").await.status, Status::Ok);
    assert_eq!(app.standing_of("+12025550191").as_deref(), Some("opted_out"));

    fake.restart().await;
    app.deliver().await;
    assert!(fake.requests().is_empty(), "not before its pause is over");
    app.advance(Duration::seconds(61));
    app.deliver().await;
    assert!(!app.app.breaker().is_open());
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE status = 'queued'"), 0);
    let texts = fake.requests();
    assert!(texts.iter().all(|text| text.value("ttl").is_none_or(|ttl| ttl.parse::<u64>().expect("a number") <= 540_000)));
    app.browser().await.submit_phone("+12025550192").await;
    let browser = app.browser().await;
    browser.submit_phone("+12025550193").await;
    browser.get("/code").await.assert_shows("is on its way");
}

#[rocket::async_test]
async fn in_an_outage_a_code_that_cannot_arrive_in_time_is_not_queued() {
    let fake = FakeProvider::vonage().await;
    let settings = vonage_settings("vonage", &fake, "") + "[default.verification]\ncode_ttl_seconds = 60\n";
    let app = TestApp::with(&settings).await;
    fake.stop().await;
    for n in 0..5 {
        app.browser().await.submit_phone(&crate::support::fictional(n)).await;
    }
    // Each further try fails too, and the pause grows too long for a code that's valid for a minute.
    for _ in 0..4 {
        app.advance(Duration::seconds(21));
        app.deliver().await;
    }
    app.advance(Duration::seconds(21));
    app.browser().await.submit_phone("+12025550160").await;
    app.advance(Duration::seconds(41));
    app.browser().await.submit_phone("+12025550161").await;
    app.browser().await.submit_phone("+12025550162").await;
    assert_eq!(app.rows("+12025550162"), ["code dropped provider_down 0"]);
    app.advance(Duration::minutes(10));
    app.deliver().await;
}

#[rocket::async_test]
async fn a_stop_reply_that_was_not_sent_within_five_minutes_is_dropped() {
    let (fake, app) = vonage("").await;
    fake.always(Behavior::Raw(500, "text/plain", ""));
    app.vonage_text(PHONE, "STOP", "in-1").await;
    for _ in 0..8 {
        app.advance(Duration::minutes(1));
        app.deliver().await;
    }
    let tried = fake.requests().len();
    fake.always(Behavior::Vonage(&["0"]));
    app.advance(Duration::minutes(5));
    app.deliver().await;
    assert_eq!(fake.requests().len(), tried);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    let row = app.rows(PHONE).pop().expect("a row");
    assert!(row.starts_with("goodbye dropped expired") || row.starts_with("goodbye failed"), "{row}");
}

#[rocket::async_test]
async fn after_two_minutes_every_pending_page_shows_the_same_hint() {
    let (fake, app) = vonage("").await;
    fake.next(Behavior::Vonage(&["7"]));
    let (refused, taken) = (app.browser().await, app.browser().await);
    refused.submit_phone(PHONE).await;
    taken.submit_phone("+12025550148").await;
    app.vonage_receipt(PHONE, None, Some("assent-1"), "failed", "14").await;
    let hidden = |page: &crate::support::Page| page.attribute("#overdue", "hidden").is_some();
    for browser in [&refused, &taken] {
        let page = browser.get("/code").await;
        assert!(hidden(&page));
        assert_eq!(page.attribute("#overdue", "data-shown-in").as_deref(), Some("120"));
    }
    app.advance(Duration::seconds(120));
    for browser in [&refused, &taken] {
        let page = browser.get("/code").await;
        assert!(!hidden(&page));
        page.assert_shows("Some numbers can't get texts from short codes. Text us instead.");
    }
}

#[rocket::async_test]
async fn conversions_are_reported_if_wanted_and_never_get_in_the_way() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&(vonage_settings("vonage", &fake, "") + "report_conversions = true\n")).await;
    app.opt_in_through(&fake, PHONE).await;
    let name = fake.accepted()[0].1[0].clone();
    let mut told = fake.conversions();
    for _ in 0..200 {
        if !told.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        told = fake.conversions();
    }
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].value("message-id"), Some(name.as_str()));
    assert_eq!(told[0].value("delivered"), Some("true"));
    fake.set_conversion(Behavior::Raw(402, "text/html", "<html>not enabled</html>"));
    app.opt_in_through(&fake, "+12025550148").await;
    assert_lawful(&fake);

    for _ in 0..200 {
        if fake.conversions().len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let quiet = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    quiet.opt_in_through(&fake, PHONE).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(fake.conversions().len(), 2, "nothing is reported unless it is wanted");
}

#[rocket::async_test]
async fn the_owners_test_says_what_the_provider_said_and_never_reaches_an_opted_out_number() {
    let (fake, app) = vonage("").await;
    let sent = send_test(&app.app, number(PHONE)).await.expect("tested");
    assert!(matches!(sent, SendTestOutcome::Asked(SendOutcome::Accepted { .. })));
    assert_eq!(app.rows(PHONE), ["test sent 0"]);
    fake.next(Behavior::Vonage(&["4"]));
    let refused = send_test(&app.app, number(PHONE)).await.expect("tested");
    assert!(matches!(refused, SendTestOutcome::Asked(SendOutcome::Misconfigured { .. })));
    app.vonage_text(PHONE, "STOP", "in-1").await;
    let asked = fake.requests().len();
    assert_eq!(send_test(&app.app, number(PHONE)).await.expect("tested"), SendTestOutcome::NotEntitled);
    assert_eq!(fake.requests().len(), asked);
    assert_eq!(app.rows(PHONE).pop().as_deref(), Some("test dropped not_entitled 0"));
}

#[rocket::async_test]
async fn trap_13_no_log_or_url_holds_a_number_a_code_or_a_secret() {
    let (fake, app) = twilio("").await;
    app.opt_in_through(&fake, PHONE).await;
    for request in fake.requests() {
        let url = format!("{}?{}", request.path, request.query.clone().unwrap_or_default());
        assert!(!url.contains("2025550147") && !url.contains(AUTH_TOKEN) && !url.contains(&code_of(&fake)), "{url}");
    }
}
