//! Mail to the owner: what's worth a mail, how often, and a mail server that's down.

use rocket::http::Status;
use time::Duration;

use crate::support::carrier::vonage_settings;
use crate::support::provider::{Behavior, FakeProvider};
use crate::support::smtp::{FakeSmtp, Stage};
use crate::support::{PHONE, TestApp, fictional};

fn email(url: &str) -> String {
    format!("[default.email]\nsmtp_url = '{url}'\nfrom = 'Acme Alerts <assent@acme.example>'\nowner = 'owner@acme.example'\n")
}

async fn installed() -> (FakeProvider, FakeSmtp, TestApp) {
    let (fake, smtp) = (FakeProvider::vonage().await, FakeSmtp::with_auth("assent", "hunter2").await);
    let url = smtp.url().replace("smtp://", "smtp://assent:hunter2@");
    let app = TestApp::with(&(vonage_settings("vonage", &fake, "") + &email(&url))).await;
    (fake, smtp, app)
}

#[rocket::async_test]
async fn texts_that_matched_nothing_come_in_a_daily_digest_with_a_deadline_and_what_to_do() {
    let (_fake, smtp, app) = installed().await;
    app.vonage_text(PHONE, "is this about my <b>boat</b>?", "a").await;
    app.vonage_text("+12025550148", "HELP", "b").await;
    app.vonage_text("+12025550149", "my code 123456", "c").await;
    app.vonage_text("+12025550152", "give me peace 482193 please", "c2").await;
    app.mail().await;
    assert!(smtp.mails().is_empty(), "nothing goes out but the digest");
    app.sweep().await;
    app.mail().await;
    let mails = smtp.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("assent@acme.example", &["owner@acme.example".to_owned()][..]));
    assert_eq!(mail.subject().as_deref(), Some("Acme Alerts: 2 texts need your attention"));
    assert!(mail.header("Message-ID").is_some());
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    let (text, html) = (mail.text().expect("a text"), mail.html().expect("HTML"));
    for needed in [
        PHONE,
        "is this about my <b>boat</b>?",
        "2026-12-08",
        "assent opt-out +12025550147 --channel other --words",
        "give me peace ****** please",
    ] {
        assert!(text.contains(needed), "{needed}: {text}");
    }
    assert!(html.contains("&lt;b&gt;boat") && html.contains("2026-12-08"), "{html}");
    assert!(!text.contains("12025550148") && !text.contains("12025550149"), "{text}");

    // The next digest comes a day later, with what's new. People who have opted out since then are left out.
    app.vonage_text("+12025550150", "who are you", "d").await;
    app.vonage_text("+12025550151", "you again", "e").await;
    app.vonage_text("+12025550151", "STOP", "f").await;
    app.advance(Duration::hours(23));
    app.sweep().await;
    app.mail().await;
    assert_eq!(smtp.mails().len(), 1);
    app.advance(Duration::hours(1));
    app.sweep().await;
    app.mail().await;
    let text = smtp.mails().pop().and_then(|mail| mail.text()).expect("a text");
    assert!(text.contains("who are you") && !text.contains("boat") && !text.contains("you again"), "{text}");
    app.advance(Duration::hours(24));
    app.sweep().await;
    app.mail().await;
    assert_eq!(smtp.mails().len(), 2, "without news, no mail goes out");
}

#[rocket::async_test]
async fn a_misconfiguration_is_mailed_at_once_and_at_most_once_an_hour() {
    let (fake, smtp, app) = installed().await;
    fake.always(Behavior::Vonage(&["9"]));
    for n in 0..3 {
        app.browser().await.submit_phone(&fictional(n)).await;
        app.mail().await;
    }
    assert_eq!(smtp.mails().len(), 1);
    let mail = smtp.mails().remove(0);
    assert!(mail.subject().is_some_and(|subject| subject.contains("is rejecting our texts")));
    let text = mail.text().expect("a text");
    assert!(text.contains("status 9") && text.contains("assent send-test") && !text.contains("202555"), "{text}");
    app.advance(Duration::hours(1));
    app.browser().await.submit_phone(&fictional(4)).await;
    app.mail().await;
    assert_eq!(smtp.mails().iter().filter(|mail| mail.subject().is_some_and(|s| s.contains("rejecting"))).count(), 2);
}

#[rocket::async_test]
async fn a_misconfiguration_that_only_a_receipt_reports_is_mailed_at_once_too() {
    let (_fake, smtp, app) = installed().await;
    app.submit_phone(PHONE).await;
    app.vonage_receipt(PHONE, None, Some("assent-1"), "rejected", "52").await;
    app.mail().await;
    let mail = smtp.mails().pop().expect("a mail");
    assert!(mail.subject().is_some_and(|subject| subject.contains("is rejecting our texts")));
    assert!(mail.text().is_some_and(|text| text.contains("stopped by a carrier's filter (error 52)")));
    assert_eq!(app.rows(PHONE), ["code failed stopped by a carrier's filter (error 52) 0"]);
}

#[rocket::async_test]
async fn a_refused_webhook_is_mailed_in_addition_to_other_mails_and_strangers_cause_none() {
    let (fake, smtp, app) = installed().await;
    let refused = async |body: &str| {
        assert_eq!(app.called("/webhooks/vonage/inbound", body, &[]).await.status, Status::Unauthorized, "{body}");
        app.mail().await;
    };
    // A random probe isn't worth a mail, whatever it makes up.
    for n in 0..5 {
        for body in ["a=b", "messageId=a&api-key=guessed", "msisdn=12025550147&messageId=0A01&to=98765&text=STOP"] {
            refused(body).await;
        }
        let invented = r#"{"message_uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab","from":"12025550147","text":"STOP"}"#;
        let guessed = format!("Bearer x.{}.x", base64_url(r#"{"api_key":"guessed"}"#));
        for headers in [&[][..], &[("Authorization", guessed.as_str())]] {
            let answer = app.called("/webhooks/vonage/inbound", invented, headers).await;
            assert_eq!(answer.status, Status::ServiceUnavailable);
        }
        app.mail().await;
        assert!(smtp.mails().is_empty(), "hour {n}");
        app.advance(Duration::hours(1));
    }
    fake.next(Behavior::Vonage(&["4"]));
    app.submit_phone(PHONE).await;
    for _ in 0..2 {
        refused("msisdn=12025550147&messageId=a&api-key=abcd1234&to=98765&text=STOP").await;
    }
    let subjects = || smtp.mails().iter().filter_map(crate::support::smtp::ReceivedMail::subject).collect::<Vec<_>>();
    let told = ["Acme Alerts: the SMS provider is rejecting our texts", "Acme Alerts: texts from phones aren't reaching us"];
    assert_eq!(subjects(), told);
    // A call that doesn't name the account is recognized by the id of one of our texts, which no stranger knows.
    app.advance(Duration::hours(2));
    app.submit_phone("+12025550148").await;
    let name = fake.accepted().pop().expect("a text went out").1.remove(0);
    refused(&format!("msisdn=12025550148&to=98765&messageId={name}&status=delivered")).await;
    assert_eq!(subjects().len(), 3);
}

fn base64_url(text: &str) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text)
}

#[rocket::async_test]
async fn a_tripped_breaker_and_failing_receipts_are_mailed() {
    let (fake, smtp) = (FakeProvider::vonage().await, FakeSmtp::start().await);
    let caps = "[default.caps]\nper_address = { at_most = 1000, per_seconds = 60 }\n";
    let app = TestApp::with(&(vonage_settings("vonage", &fake, "") + &email(&smtp.url()) + caps)).await;
    fake.stop().await;
    for n in 0..5 {
        app.browser().await.submit_phone(&fictional(n)).await;
    }
    app.mail().await;
    assert_eq!(smtp.mails().len(), 1);
    assert!(smtp.mails()[0].subject().is_some_and(|subject| subject.contains("can't be reached")));

    fake.restart().await;
    app.advance(Duration::minutes(5));
    app.deliver().await;
    for n in 10..70 {
        app.browser().await.submit_phone(&fictional(n)).await;
    }
    let ids = app.column("SELECT CAST(id AS TEXT) AS value FROM messages WHERE status = 'sent' ORDER BY id");
    assert!(ids.len() > 50);
    for (n, id) in ids.iter().enumerate() {
        let phone = app.column(&format!("SELECT phone AS value FROM messages WHERE id = {id}")).concat();
        app.vonage_receipt(&phone, None, Some(&format!("assent-{id}")), "failed", "8").await;
        app.mail().await;
        assert_eq!(smtp.mails().len(), if n + 1 < 50 { 1 } else { 2 }, "after {} failures", n + 1);
    }
    assert!(smtp.mails()[1].subject().is_some_and(|subject| subject.contains("aren't arriving")));
}

#[rocket::async_test]
async fn a_mail_server_that_is_down_harms_nothing_and_gets_the_mail_later() {
    let (fake, smtp, app) = installed().await;
    smtp.stop().await;
    app.vonage_text(PHONE, "hello?", "a").await;
    app.sweep().await;
    app.mail().await;
    assert_eq!(app.column("SELECT status || attempts AS value FROM emails"), ["queued1"]);
    app.opt_in_through(&fake, "+12025550148").await;
    assert_eq!(app.get("/health/ready").await.status, Status::Ok);
    smtp.restart().await;
    smtp.refuse(Stage::Message, 451);
    app.advance(Duration::minutes(2));
    app.mail().await;
    assert_eq!(app.column("SELECT status || attempts AS value FROM emails"), ["queued2"]);
    app.advance(Duration::minutes(6));
    app.mail().await;
    assert_eq!(app.column("SELECT status || attempts AS value FROM emails"), ["sent2"]);
    assert_eq!(smtp.mails().len(), 1);

    // A mail that is refused for two days is given up on, with the reason.
    smtp.refuse_always(Stage::Rcpt, 554);
    app.vonage_text("+12025550149", "hello?", "b").await;
    app.advance(Duration::hours(24));
    app.sweep().await;
    for _ in 0..12 {
        app.mail().await;
        app.advance(Duration::hours(25));
    }
    let (states, errors) = (
        app.column("SELECT status AS value FROM emails ORDER BY id"),
        app.column("SELECT error AS value FROM emails WHERE error IS NOT NULL"),
    );
    assert_eq!(states, ["sent", "failed"]);
    assert!(!errors[0].contains("hunter2"), "{errors:?}");
    // The next mail says what it would have said: nothing counts as reported until a mail has gone out.
    smtp.accept();
    app.sweep().await;
    app.mail().await;
    let mails = smtp.mails();
    assert_eq!(mails.len(), 2);
    assert!(mails[1].text().is_some_and(|text| text.contains("+12025550149")));
}

/// Inserts a text that matched nothing directly into the database.
fn odd_text(app: &TestApp, n: usize, phone: &str, text: &str) {
    let rank = assent::optin::review::rank(text).as_number();
    app.execute(&format!(
        "INSERT INTO inbound_messages (provider, provider_message_id, phone, text, received_at, review_by, review_rank) VALUES \
         ('vonage', 'odd-{n}', '{phone}', '{text}', '2026-11-24 12:00:00', '2026-12-08 12:00:00', {rank})"
    ))
    .expect("inserted");
}

#[rocket::async_test]
async fn a_digest_lists_likely_opt_outs_first_and_robots_last_and_a_full_one_is_followed_at_once_by_the_next() {
    let (_fake, smtp, app) = installed().await;
    let phone = |n: usize| format!("+1{}55501{:02}", 201 + n / 100, n % 100);
    for n in 0..120 {
        let text = match n {
            0..=4 => "I am driving right now",
            115..=119 => "i am so done, talk to my lawyer",
            _ => "who is this?",
        };
        odd_text(&app, n, &phone(n), text);
    }
    app.sweep().await;
    app.mail().await;
    let texts: Vec<String> = smtp.mails().iter().map(|mail| mail.text().expect("a text")).collect();
    assert_eq!(texts.len(), 2, "a hundred numbers, and the rest at once");
    let first = &texts[0];
    for n in 115..=119 {
        assert!(first.contains(&phone(n)), "a likely opt-out is among the first");
        assert!(first.find(&phone(n)) < first.find("who is this?").map(|at| at + 1), "and comes before others");
    }
    for n in 0..=4 {
        assert!(texts[1].contains(&phone(n)), "a robot comes last");
    }
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages WHERE mailed_at IS NULL"), 0);
    odd_text(&app, 120, &phone(120), "hello?");
    app.sweep().await;
    app.mail().await;
    assert_eq!(smtp.mails().len(), 2, "the next one is due in a day");
}

#[rocket::async_test]
async fn one_phone_that_texts_a_lot_takes_one_place_and_keeps_nobody_out() {
    let (_fake, smtp, app) = installed().await;
    for n in 0..250 {
        odd_text(&app, n, PHONE, &format!("blah {n}"));
    }
    odd_text(&app, 250, PHONE, "take me off your list!!");
    for n in 0..99 {
        odd_text(&app, 300 + n, &fictional(n + 100), "hm?");
    }
    app.sweep().await;
    app.mail().await;
    let mails = smtp.mails();
    let first = mails[0].text().expect("a text");
    assert!((0..99).all(|n| first.contains(&fictional(n + 100))), "everybody else is in the first digest");
    assert_eq!(first.matches("blah").count(), 49, "fifty from one phone");
    assert!(first.contains("take me off"), "the likeliest opt-out among them first");
    assert_eq!(mails.len(), 2, "no more mails for the sake of one phone");
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages WHERE mailed_at IS NULL"), 151);
    for day in 1..=4 {
        app.advance(Duration::hours(24));
        app.sweep().await;
        app.mail().await;
        assert_eq!(smtp.mails().len(), 2 + day);
    }
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages WHERE mailed_at IS NULL"), 0, "the rest comes in later digests");
}

#[rocket::async_test]
async fn a_mail_server_that_accepts_a_connection_and_stays_silent_times_out_and_is_tried_again() {
    let fake = FakeProvider::vonage().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", silent.local_addr().expect("an address"));
    let app = TestApp::with(&(vonage_settings("vonage", &fake, "") + &email(&url))).await;
    app.vonage_text(PHONE, "hello?", "a").await;
    app.sweep().await;
    app.mail().await;
    assert_eq!(app.column("SELECT status || attempts AS value FROM emails"), ["queued1"]);
}

#[rocket::async_test]
async fn a_wrong_password_is_recognized_and_never_shown() {
    let (fake, smtp) = (FakeProvider::vonage().await, FakeSmtp::with_auth("assent", "hunter2").await);
    let url = smtp.url().replace("smtp://", "smtp://assent:swordfish@");
    let app = TestApp::with(&(vonage_settings("vonage", &fake, "") + &email(&url))).await;
    app.vonage_text(PHONE, "hello?", "a").await;
    app.sweep().await;
    app.mail().await;
    assert!(smtp.mails().is_empty());
    assert_eq!(app.column("SELECT status AS value FROM emails"), ["queued"]);
}

#[rocket::async_test]
async fn nothing_is_sent_in_the_clear_to_a_server_that_does_not_offer_starttls() {
    let (fake, smtp) = (FakeProvider::vonage().await, FakeSmtp::with_auth("assent", "hunter2").await);
    let url = smtp.url().replace("smtp://", "smtp://assent:hunter2@") + "?tls=required";
    let app = TestApp::with(&(vonage_settings("vonage", &fake, "") + &email(&url))).await;
    app.vonage_text(PHONE, "hello?", "a").await;
    app.sweep().await;
    app.mail().await;
    assert!(smtp.mails().is_empty());
    assert_eq!(app.column("SELECT status AS value FROM emails"), ["queued"]);
}

#[rocket::async_test]
async fn without_mail_settings_nothing_is_queued_and_reviews_wait() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    fake.always(Behavior::Vonage(&["9"]));
    app.vonage_text(PHONE, "hello?", "a").await;
    app.submit_phone(PHONE).await;
    app.sweep().await;
    assert_eq!(app.count("SELECT count(*) FROM emails"), 0);
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages WHERE review_by IS NOT NULL AND mailed_at IS NULL"), 1);
}

#[test]
fn mail_settings_that_would_leak_or_lead_nowhere_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let findings = |settings: &str| -> Vec<String> {
        let (_, findings) = crate::support::config(settings, folder.path());
        findings.iter().map(ToString::to_string).filter(|finding| finding.contains("email.")).collect()
    };
    for (url, wrong) in [
        ("smtps://assent:hunter2@mail.acme.example", None),
        ("smtp://assent:hunter2@mail.acme.example:587?tls=required", None),
        ("smtp://localhost:1025", None),
        ("file://mail", None),
        ("smtp://assent:hunter2@mail.acme.example", Some("in the clear")),
        ("smtps://assent@mail.acme.example", Some("no password")),
        ("mail.acme.example", Some("must be smtps://")),
        ("file://", Some("names no folder")),
    ] {
        let found = findings(&email(url));
        match wrong {
            None => assert_eq!(found, Vec::<String>::new(), "{url}"),
            Some(wrong) => assert!(found.len() == 1 && found[0].contains(wrong) && !found[0].contains("hunter2"), "{found:?}"),
        }
    }
    assert_eq!(findings("[default.email]\nowner = 'o@acme.example'\n").len(), 2, "both others are missing");
    assert!(
        findings("[default.email]\nowner = 'nobody'\nfrom = 'a@acme.example'\nsmtp_url = 'file://x'\n")[0]
            .contains("isn't an e-mail")
    );
}

#[rocket::async_test]
async fn a_log_that_a_reader_keeps_from_being_emptied_is_worth_a_mail() {
    let (_fake, smtp, app) = installed().await;
    let Some(file) = app.app.config.database.file() else { return };
    app.sweep().await;
    app.mail().await;
    assert!(smtp.mails().is_empty());
    // SQLite reads no further than what was committed, so zeros behind it change nothing.
    let log = std::fs::OpenOptions::new().write(true).open(format!("{}-wal", file.display())).expect("the log");
    log.set_len(200 * 1024 * 1024).expect("made longer");
    for _ in 0..2 {
        app.sweep().await;
        app.mail().await;
    }
    assert_eq!(smtp.mails().len(), 1, "once an hour");
    let mail = smtp.mails().remove(0);
    assert!(mail.subject().is_some_and(|subject| subject.contains("log keeps growing")), "{:?}", mail.subject());
    assert!(mail.text().is_some_and(|text| text.contains("-wal has 200 MiB")), "{:?}", mail.text());
}
