//! The simulated phones, and what they text in.

use rocket::http::{Header, Status};

use crate::support::{PHONE, TestApp, encode, read};

#[rocket::async_test]
async fn phones_show_their_texts_with_size_and_encoding() {
    let app = TestApp::new().await;
    app.get("/simulator").await.assert_shows("No texts yet");
    app.opt_in(PHONE).await;
    app.text_in(PHONE, "hello").await;
    let page = app.get("/simulator").await;
    page.assert_shows("Phone (202) 555-0147");
    page.assert_shows("GSM-7, 1 part");
    page.assert_shows("of 160");
    page.assert_shows("hello");
    page.assert_shows("Your phone is verified.");
}

#[rocket::async_test]
async fn messages_are_listed_in_json_oldest_first() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let page = app.get(&format!("/simulator/messages?phone={}", encode(PHONE))).await;
    assert_eq!(page.header("content-type"), Some("application/json"));
    let messages: serde_json::Value = serde_json::from_str(&page.body).expect("JSON");
    let first = &messages[0];
    assert_eq!(
        (first["from"].as_str(), first["to"].as_str(), first["kind"].as_str()),
        (Some("98765"), Some(PHONE), Some("code"))
    );
    assert!(first["text"].as_str().is_some_and(|text| text.starts_with("Acme Alerts: ")));
    assert!(first["id"].is_string() && first["at"] == "2026-11-24T12:00:00Z");
    let other = app.get(&format!("/simulator/messages?phone={}", encode("+12025550199"))).await;
    assert_eq!(other.body, "[]");
}

#[rocket::async_test]
async fn a_text_is_kept_once_with_its_words_and_codes_masked() {
    let app = TestApp::new().await;
    app.text_in(PHONE, "my code is 482913, thanks").await;
    assert_eq!(
        app.column("SELECT phone || ' ' || text AS value FROM inbound_messages"),
        [format!("{PHONE} my code is ******, thanks")]
    );
    assert_eq!(app.standing_of(PHONE), None);
    let unreadable = app.post("/simulator/messages", "from=nobody&text=hi").await;
    assert_eq!(unreadable.status, Status::UnprocessableEntity);
}

#[rocket::async_test]
async fn stop_opts_out_in_every_spelling_with_a_record_and_nothing_more_is_sent() {
    for word in ["STOP", "stop all", "Unsubscribe!", "CANCEL", "end", "QUIT", "revoke", "opt-out"] {
        let app = TestApp::new().await;
        app.opt_in(PHONE).await;
        let texts = app.texts_to(PHONE).len();
        app.text_in(PHONE, word).await;
        assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"), "{word}");
        assert_eq!(
            app.column(
                "SELECT kind || ' ' || source || ' ' || words || ' ' || inbound_message_id AS value FROM consents WHERE seq = 2"
            ),
            [format!("opted_out keyword {word} 1")]
        );
        app.advance(time::Duration::hours(1));
        app.browser().await.submit_phone(PHONE).await;
        let got: Vec<_> = app.texts_to(PHONE).drain(texts..).map(|text| text.text).collect();
        assert_eq!(
            got,
            ["Acme Alerts: You've opted out and will get no more texts from us. Reply START to opt back in."],
            "{word}"
        );
    }
}

#[rocket::async_test]
async fn an_unknown_number_can_opt_out_and_doing_so_twice_makes_one_record() {
    let app = TestApp::new().await;
    app.text_in(PHONE, "STOP").await;
    app.text_in(PHONE, "STOP").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(app.count("SELECT count(*) FROM consents"), 1);
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 2);
}

#[rocket::async_test]
async fn stop_drops_what_is_queued_and_makes_texted_codes_worthless() {
    let app = TestApp::new().await;
    let request = app.client.post("/start").remote("127.0.0.1:1".parse().expect("an address"));
    request.header(rocket::http::ContentType::Form).body(crate::support::start_body(PHONE)).dispatch().await;
    app.text_in(PHONE, "STOP").await;
    assert_eq!(
        app.column("SELECT kind || ' ' || status || ' ' || coalesce(error, '') AS value FROM messages ORDER BY id"),
        ["code dropped opted_out", "goodbye sent "]
    );
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE sealed_text IS NOT NULL"), 0);
    assert_eq!(app.count("SELECT count(*) FROM codes WHERE kind = 'texted'"), 0);
    assert_eq!(app.texts_to(PHONE).len(), 1, "the goodbye alone");
}

#[rocket::async_test]
async fn every_page_carries_the_banner() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    for path in ["/", "/code", "/terms", "/privacy", "/nothing", "/simulator"] {
        app.get(path).await.assert_shows("Test mode: no texts are sent.");
    }
}

#[rocket::async_test]
async fn it_answers_only_on_this_machine() {
    let app = TestApp::new().await;
    let ask = async |remote: &str, host: &'static str, extra: Option<(&'static str, &'static str)>| {
        let mut request =
            app.client.get("/simulator").remote(remote.parse().expect("an address")).header(Header::new("Host", host));
        if let Some((name, value)) = extra {
            request = request.header(Header::new(name, value));
        }
        read(request.dispatch().await).await.status
    };
    assert_eq!(ask("127.0.0.1:1", "localhost:8000", None).await, Status::Ok);
    assert_eq!(ask("[::1]:1", "[::1]:8000", None).await, Status::Ok);
    assert_eq!(ask("127.0.0.1:1", "127.0.0.1", None).await, Status::Ok);
    assert_eq!(ask("203.0.113.9:1", "localhost:8000", None).await, Status::NotFound);
    assert_eq!(ask("127.0.0.1:1", "texts.acme.example", None).await, Status::NotFound, "a name that was rebound to this machine");
    for header in [
        ("X-Forwarded-For", "203.0.113.9"),
        ("Forwarded", "for=203.0.113.9"),
        ("X-Real-IP", "203.0.113.9"),
        ("X-Forwarded-Proto", "https"),
    ] {
        assert_eq!(ask("127.0.0.1:1", "localhost:8000", Some(header)).await, Status::NotFound, "{header:?}");
    }
}
