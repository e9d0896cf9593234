//! The main journey: opt in, type the code and be subscribed, with the proof in the ledger.

use rocket::http::Status;

use crate::support::{PHONE, TestApp};

#[rocket::async_test]
async fn a_person_opts_in_types_the_code_and_is_subscribed_with_proof() {
    let app = TestApp::new().await;
    let start = app.get("/").await;
    assert_eq!(start.status, Status::Ok);
    let disclosure = start.attribute("input[name=disclosure]", "value").expect("a disclosure");
    let body = format!("phone=%28202%29+555-0147&consent=yes&disclosure={disclosure}&lang=en");
    let sent = app.post("/start", &body).await;
    assert_eq!((sent.status, sent.location()), (Status::SeeOther, Some("/code")));

    let page = app.get("/code").await;
    page.assert_shows("If (202) 555-0147 can get our texts, a 6-digit code is on its way.");
    page.assert_shows("Expires in 10 minutes.");
    let texts = app.texts_to(PHONE);
    assert_eq!(texts.len(), 1);
    let code = app.last_code(PHONE);
    assert_eq!(
        texts[0].text,
        format!(
            "Acme Alerts: {code} is your code. Expires in 10 minutes. Don't share it. Not you? Reply STOP.\n\n\
             @localhost #{code}"
        )
    );

    app.advance(time::Duration::seconds(40));
    let typed = app.type_code(&format!(" {}-{} ", &code[..3], &code[3..])).await;
    assert_eq!((typed.status, typed.location()), (Status::SeeOther, Some("/done")));
    let done = app.get("/done").await;
    done.assert_shows("Your phone is verified");
    done.assert_shows("(202) 555-0147");
    done.assert_shows("Text STOP to 98765");
    assert_eq!(app.get("/code").await.location(), Some("/done"));

    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    let welcome = app.texts_to(PHONE).pop().expect("a welcome");
    for element in [
        "Acme Alerts",
        "Your phone is verified",
        "No more than 5 messages per day",
        "Message and data rates may apply",
        "HELP",
        "STOP",
    ] {
        assert!(welcome.text.contains(element), "{element} is missing in: {}", welcome.text);
    }
    assert_eq!(app.texts_to(PHONE).len(), 2);
    assert_eq!(
        app.column("SELECT kind || ' ' || source || ' ' || phone || ' ' || disclosure_hash || ' ' || (CASE WHEN disclosure_inferred THEN 1 ELSE 0 END) || ' ' || ip || ' ' || user_agent || ' ' || locale || ' ' || url || ' ' || requested_at || ' ' || recorded_at AS value FROM consents"),
        [format!(
            "opted_in web_code {PHONE} {disclosure} 0 127.0.0.1 Test/1 en http://localhost:8000/ 2026-11-24 12:00:00 2026-11-24 12:00:40"
        )]
    );
    assert_eq!(
        app.column("SELECT basis || ' ' || status AS value FROM messages ORDER BY id"),
        ["verification sent", "consent sent"]
    );
}

#[rocket::async_test]
async fn verifying_a_subscribed_number_again_brings_neither_welcome_nor_record() {
    let app = TestApp::new().await;
    app.opt_in(PHONE).await;
    app.advance(time::Duration::minutes(11));
    let before = app.column("SELECT verified_at AS value FROM subscribers");
    app.opt_in(PHONE).await;
    assert_ne!(app.column("SELECT verified_at AS value FROM subscribers"), before);
    assert_eq!(app.count("SELECT count(*) FROM consents"), 1);
    assert_eq!(app.texts_to(PHONE).iter().filter(|text| text.text.contains("Your phone is verified")).count(), 1);
}

#[rocket::async_test]
async fn verifying_again_after_the_facts_changed_records_the_new_consent_without_a_second_welcome() {
    let folder = tempfile::tempdir().expect("a folder");
    TestApp::at("", folder.path()).await.opt_in(PHONE).await;
    let changed = TestApp::at("[default.program]\nfrequency = { at_most = 9, per = 'day' }\n", folder.path()).await;
    changed.advance(time::Duration::hours(2));
    changed.opt_in(PHONE).await;
    assert_eq!(changed.column("SELECT kind AS value FROM consents ORDER BY seq"), ["opted_in", "opted_in_again"]);
    assert_eq!(changed.count("SELECT count(*) FROM messages WHERE kind = 'welcome'"), 1);
    assert_eq!(changed.count("SELECT consent_seq FROM subscribers"), 2);
}

#[rocket::async_test]
async fn one_text_for_each_request_means_no_welcome() {
    let app = TestApp::with("[default.program]\nfrequency = { per_request = 1 }\n").await;
    app.opt_in(PHONE).await;
    assert_eq!(app.texts_to(PHONE).len(), 1);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
}

#[rocket::async_test]
async fn a_number_without_consent_or_consent_without_a_number_causes_nothing() {
    let app = TestApp::new().await;
    for body in ["phone=2025550147", "phone=2025550147&consent=", "phone=2025550147&consent=no", "consent=yes", ""] {
        let page = app.post("/start", body).await;
        assert_eq!(page.status, Status::UnprocessableEntity, "{body}");
        assert!(page.attribute("[autofocus]", "autofocus").is_some(), "{body}");
    }
    for table in ["verifications", "messages", "consents", "codes", "counts"] {
        assert_eq!(app.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[rocket::async_test]
async fn a_restart_carries_on_with_what_was_queued() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = TestApp::at("", folder.path()).await;
    first.leave_queued();
    // The text of this request is never sent: the process ends right after the commit.
    let request = first.client.post("/start").remote("127.0.0.1:1".parse().expect("an address"));
    let answer = request.header(rocket::http::ContentType::Form).body(crate::support::start_body(PHONE)).dispatch().await;
    assert_eq!(answer.status(), Status::SeeOther);
    drop(answer);
    assert!(first.texts_to(PHONE).is_empty());
    drop(first);
    let second = TestApp::at("", folder.path()).await;
    second.deliver().await;
    assert_eq!(second.texts_to(PHONE).len(), 1);
}

#[rocket::async_test]
async fn an_expired_code_is_never_sent() {
    let mut app = TestApp::new().await;
    app.leave_queued();
    let request = app.client.post("/start").remote("127.0.0.1:1".parse().expect("an address"));
    request.header(rocket::http::ContentType::Form).body(crate::support::start_body(PHONE)).dispatch().await;
    app.advance(time::Duration::minutes(10));
    app.deliver().await;
    assert!(app.texts_to(PHONE).is_empty());
    assert_eq!(app.column("SELECT status || ' ' || error AS value FROM messages"), ["dropped expired"]);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE sealed_text IS NOT NULL"), 0);
}

#[rocket::async_test]
async fn a_claim_that_died_is_taken_over_for_a_code_and_given_up_for_a_welcome() {
    let app = TestApp::new().await;
    app.opt_in(PHONE).await;
    app.execute("UPDATE messages SET status = 'sending', claimed_until = '2026-11-24 12:01:00', sent_at = NULL")
        .expect("set back");
    app.advance(time::Duration::minutes(2));
    // The code's verification is over, so the code is dropped rather than sent again; the welcome may have gone out.
    app.deliver().await;
    assert_eq!(
        app.column("SELECT kind || ' ' || status || ' ' || error AS value FROM messages ORDER BY id"),
        ["code dropped not_entitled", "welcome failed unknown_whether_sent"]
    );
}
