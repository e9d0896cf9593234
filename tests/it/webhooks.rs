//! What the SMS company calls: signatures, the formats of a call, long texts, and what happens to invalid calls.

use assent::sms::twilio::signature::SignatureHash;
use assent::sms::vonage::signature::{SignatureMethod, sign};
use rocket::http::{ContentType, Status};
use time::Duration;

use crate::support::carrier::{SIGNATURE_SECRET, form, owned, twilio_settings, vonage_settings, words};
use crate::support::provider::FakeProvider;
use crate::support::{PHONE, TestApp, read};

const INBOUND: &str = "/webhooks/vonage/inbound";

async fn vonage() -> (FakeProvider, TestApp) {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    (fake, app)
}

fn stop(name: &str) -> Vec<(&str, &str)> {
    vec![("msisdn", "12025550147"), ("to", "98765"), ("messageId", name), ("text", "STOP"), ("type", "text"), ("keyword", "STOP")]
}

#[rocket::async_test]
async fn trap_15_a_text_may_come_as_get_form_or_json_with_or_without_a_type() {
    let (_fake, app) = vonage().await;
    let json = |pairs: &[(String, String)]| {
        let object: serde_json::Map<String, serde_json::Value> =
            pairs.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        serde_json::Value::Object(object).to_string()
    };
    let get = app.signed(&stop("a"));
    let answer = app.get(&format!("{INBOUND}?{}", form(&get))).await;
    assert_eq!(answer.status, Status::Ok);
    app.deliver().await;
    let json_types = [Some("application/json"), Some("application/json; charset=UTF-8"), Some("text/plain"), None];
    for (n, kind) in json_types.into_iter().enumerate() {
        let name = format!("json-{n}");
        let body = json(&app.signed(&stop(&name)));
        let mut request = app.client.post(INBOUND).body(body);
        if let Some(kind) = kind {
            request.add_header(rocket::http::Header::new("Content-Type", kind));
        }
        assert_eq!(request.dispatch().await.status(), Status::Ok, "{kind:?}");
    }
    let posted = form(&app.signed(&stop("form")));
    for kind in ["application/x-www-form-urlencoded; charset=UTF-8", "application/x-www-form-urlencoded"] {
        assert_eq!(app.called(INBOUND, &posted, &[("Content-Type", kind)]).await.status, Status::Ok);
    }
    app.deliver().await;
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 6, "one of the forms came twice");
    assert_eq!(app.count("SELECT count(*) FROM consents"), 1);
    assert_eq!(app.count("SELECT count(*) FROM messages"), 1, "one goodbye");
    // Vonage checks that the URL answers before it saves it.
    for path in [INBOUND, "/webhooks/vonage/receipt"] {
        assert_eq!(app.get(path).await.status, Status::Ok);
    }
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 6);
}

#[rocket::async_test]
async fn each_signature_method_is_checked_in_either_case_and_anything_else_changes_nothing() {
    for method in SignatureMethod::ALL {
        let fake = FakeProvider::vonage().await;
        let settings = vonage_settings("vonage", &fake, "")
            .replace("signature_method = 'sha256'", &format!("signature_method = '{}'", method.as_str()));
        let app = TestApp::with(&settings).await;
        let signed = |pairs: &[(&str, &str)], secret: &str| {
            let mut pairs = owned(pairs);
            pairs.push(("timestamp".to_owned(), app.app.clock.now().unix_timestamp().to_string()));
            let sig = sign(*method, secret, &pairs);
            (pairs, sig)
        };
        let with = |(mut pairs, sig): (Vec<(String, String)>, String)| {
            pairs.push(("sig".to_owned(), sig));
            form(&pairs)
        };
        let (pairs, sig) = signed(&stop("x"), SIGNATURE_SECRET);
        let wrong = [
            form(&pairs),
            with((pairs.clone(), String::new())),
            with((pairs.clone(), "zz".repeat(32))),
            with((pairs.clone(), sig[..sig.len() - 2].to_owned())),
            with(signed(&stop("x"), "another secret")),
            with((owned(&stop("x")), sig.clone())),
            with((pairs.iter().map(|(k, v)| (k.clone(), v.replace("STOP", "HELP"))).collect(), sig.clone())),
            with(([pairs.clone(), owned(&[("extra", "1")])].concat(), sig.clone())),
        ];
        for body in wrong {
            let answer = app.called(INBOUND, &body, &[]).await;
            assert_eq!(answer.status, Status::Unauthorized, "{method:?} {body}");
        }
        assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 0);
        for (name, upper) in [("lower", false), ("upper", true)] {
            let (pairs, sig) = signed(&stop(name), SIGNATURE_SECRET);
            let sig = if upper { sig.to_uppercase() } else { sig };
            assert_eq!(app.called(INBOUND, &with((pairs, sig)), &[]).await.status, Status::Ok, "{method:?}");
        }
        assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 2);
    }
}

#[rocket::async_test]
async fn trap_21_a_stop_that_was_retried_for_three_days_still_counts_and_an_older_one_does_not() {
    let (_fake, app) = vonage().await;
    let old = form(&app.signed(&stop("old")));
    app.advance(Duration::hours(71));
    assert_eq!(app.called(INBOUND, &old, &[]).await.status, Status::Ok);
    let ancient = form(&app.signed(&stop("ancient")));
    app.advance(Duration::hours(73));
    assert_eq!(app.called(INBOUND, &ancient, &[]).await.status, Status::Unauthorized);
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 1);
}

#[rocket::async_test]
async fn trap_23_a_replayed_text_has_no_second_effect_however_late() {
    let (fake, app) = vonage().await;
    app.opt_in_through(&fake, PHONE).await;
    app.vonage_text(PHONE, "STOP", "s").await;
    app.vonage_text(PHONE, "START", "t").await;
    let sent = fake.requests().len();
    assert_eq!(app.vonage_text(PHONE, "STOP", "s").await.status, Status::Ok, "a duplicate is acknowledged");
    app.advance(Duration::hours(60));
    app.vonage_text(PHONE, "STOP", "s").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    assert_eq!(fake.requests().len(), sent);
}

#[rocket::async_test]
async fn without_a_secret_a_debug_build_accepts_webhooks_unchecked() {
    let fake = FakeProvider::vonage().await;
    let settings = vonage_settings("vonage", &fake, "").replace(&format!("signature_secret = '{SIGNATURE_SECRET}'\n"), "");
    let app = TestApp::with(&settings).await;
    assert_eq!(app.called(INBOUND, &form(&owned(&stop("a"))), &[]).await.status, Status::Ok);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn trap_22_our_own_failure_asks_for_the_text_again_and_keeps_nothing() {
    let (_fake, app) = vonage().await;
    app.execute("ALTER TABLE inbound_messages RENAME TO hidden").expect("renamed");
    let body = form(&app.signed(&stop("a")));
    let answer = app.called(INBOUND, &body, &[]).await;
    assert!(answer.status.code >= 500, "{}", answer.status);
    app.execute("ALTER TABLE hidden RENAME TO inbound_messages").expect("renamed");
    assert_eq!(app.called(INBOUND, &body, &[]).await.status, Status::Ok);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn trap_31_the_form_of_the_messages_api_is_reported_as_the_misconfiguration_it_is() {
    let fake = FakeProvider::vonage().await;
    let folder = tempfile::tempdir().expect("a folder");
    let mail = folder.path().join("mail");
    let settings = vonage_settings("vonage", &fake, "")
        + &format!(
            "[default.email]\nsmtp_url = 'file://{}'\nfrom = 'a@acme.example'\nowner = 'o@acme.example'\n",
            mail.display()
        );
    let app = TestApp::with(&settings).await;
    let body = r#"{"to":"98765","from":"12025550147","channel":"sms","message_uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
        "timestamp":"2026-11-24T12:00:00Z","message_type":"text","text":"STOP","sms":{"num_messages":"1"}}"#;
    // The token's claims name our account.
    let token = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJWb25hZ2UiLCJhcGlfa2V5IjoiYWJjZDEyMzQifQ.c2ln";
    for _ in 0..3 {
        let answer = app.called(INBOUND, body, &[("Authorization", token)]).await;
        assert_eq!(answer.status, Status::ServiceUnavailable, "it will count once the setting is right");
    }
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 0);
    app.mail().await;
    let mails: Vec<_> = std::fs::read_dir(&mail).expect("mails").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(mails.len(), 1, "one an hour");
    assert!(std::fs::read_to_string(&mails[0]).expect("a mail").contains("Messages API"));
}

fn part<'a>(name: &'a str, reference: &'a str, number: &'a str, total: &'a str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("msisdn", "12025550147"),
        ("to", "98765"),
        ("messageId", name),
        ("text", text),
        ("type", "text"),
        ("keyword", text.split(' ').next().unwrap_or_default()),
        ("concat", "true"),
        ("concat-ref", reference),
        ("concat-total", total),
        ("concat-part", number),
    ]
}

async fn call(app: &TestApp, pairs: &[(&str, &str)]) {
    let answer = app.called(INBOUND, &form(&app.signed(pairs)), &[]).await;
    assert_eq!(answer.status, Status::Ok, "{}", answer.text());
}

#[rocket::async_test]
async fn trap_30_parts_come_in_any_order_and_are_read_as_one_text() {
    let (_fake, app) = vonage().await;
    call(&app, &part("p3", "08B5", "3", "3", " to send me any more of these")).await;
    call(&app, &part("p1", "08B5", "1", "3", "Dear people, thank you for everything, but please ")).await;
    call(&app, &part("p1", "08B5", "1", "3", "Dear people, thank you for everything, but please ")).await;
    assert_eq!(app.standing_of(PHONE), None, "nothing is read until all parts are there");
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 0);
    let kept = app.column("SELECT text AS value FROM inbound_parts WHERE text IS NOT NULL").concat();
    assert!(!kept.contains("people"), "what waits is sealed: a code may be in it");
    call(&app, &part("p2", "08B5", "2", "3", "STOP")).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    let text = app.column("SELECT text AS value FROM inbound_messages").concat();
    assert_eq!(text, "Dear people, thank you for everything, but please STOP to send me any more of these");
    for name in ["p1", "p2", "p3"] {
        call(&app, &part(name, "08B5", "2", "3", "STOP")).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 1, "each part takes effect only once");
    assert_eq!(app.count("SELECT count(*) FROM inbound_parts WHERE text IS NOT NULL OR waiting"), 0);
}

#[rocket::async_test]
async fn trap_24_a_part_is_not_a_command_even_if_it_begins_like_one() {
    let (fake, app) = vonage().await;
    app.opt_in_through(&fake, PHONE).await;
    call(&app, &part("b2", "4", "2", "2", "stop was a good bus stop to meet, see you at nine")).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("subscribed"));
    call(&app, &part("b1", "4", "1", "2", "Hello Ann, I think that the last ")).await;
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 1);
}

#[rocket::async_test]
async fn a_text_that_lacks_a_part_is_read_after_a_while_but_only_for_an_opt_out() {
    let (_fake, app) = vonage().await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await;
    call(&app, &part("c1", "7", "1", "2", &code)).await;
    call(&app, &part("d1", "8", "1", "3", "Please stop texting me, ")).await;
    app.sweep().await;
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 0, "their missing parts may still come");
    app.advance(Duration::minutes(2));
    app.sweep().await;
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 2);
    assert_eq!(app.count("SELECT count(*) FROM consents WHERE kind = 'opted_in'"), 0, "half a text confirms nothing");
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    let kept = app.column("SELECT text AS value FROM inbound_messages ORDER BY id").concat();
    assert!(!kept.contains(&code), "{kept}");
    // The missing part comes too late, so it counts as a text without its first part.
    call(&app, &part("d2", "8", "2", "3", "START")).await;
    app.advance(Duration::minutes(3));
    app.sweep().await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    app.deliver().await;
}

#[rocket::async_test]
async fn one_reference_used_again_later_is_another_text() {
    let (_fake, app) = vonage().await;
    call(&app, &part("e1", "1", "1", "2", "first text, ")).await;
    app.advance(Duration::minutes(11));
    call(&app, &part("f2", "1", "2", "2", "second text")).await;
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 0);
    call(&app, &part("f1", "1", "1", "2", "the ")).await;
    assert_eq!(app.column("SELECT text AS value FROM inbound_messages"), ["the second text"]);
    app.sweep().await;
    assert_eq!(app.column("SELECT text AS value FROM inbound_messages ORDER BY id"), ["the second text", "first text, "]);
    app.deliver().await;
}

#[rocket::async_test]
async fn trap_27_a_text_to_another_number_of_the_account_counts_only_as_an_opt_out() {
    let (fake, app) = vonage().await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await;
    let asked = fake.requests().len();
    for (name, text) in [("a", code.as_str()), ("b", "HELP"), ("c", "hello")] {
        call(&app, &[("msisdn", "12025550147"), ("to", "12015550188"), ("messageId", name), ("text", text)]).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM consents"), 0);
    assert_eq!(fake.requests().len(), asked);
    call(&app, &[("msisdn", "12025550147"), ("to", "12015550188"), ("messageId", "d"), ("text", "STOP")]).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn trap_25_stop_wins_over_everything_and_an_unknown_number_is_recorded_and_answered() {
    let (fake, app) = vonage().await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await;
    app.vonage_text(PHONE, &format!("STOP {code}"), "a").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    app.vonage_text("+12025550148", "stop", "b").await;
    assert_eq!(app.standing_of("+12025550148").as_deref(), Some("opted_out"));
    assert_eq!(fake.requests().iter().filter(|text| words(text).contains("no more")).count(), 2);
}

#[rocket::async_test]
async fn trap_26_a_texted_in_code_is_read_as_people_write_it_and_wrong_ones_count() {
    let (_fake, app) = vonage().await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await.replace(' ', "");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    app.vonage_text(PHONE, wrong, "w").await;
    assert_eq!(app.count("SELECT failures FROM number_failures"), 1);
    app.vonage_text(PHONE, &format!("code: {}-{}", &code[..3], &code[3..]), "r").await;
    assert_eq!(app.get("/code").await.location(), Some("/done"));
}

#[rocket::async_test]
async fn trap_28_a_receipt_on_the_inbound_path_is_treated_as_a_receipt() {
    let (_fake, app) = vonage().await;
    app.submit_phone(PHONE).await;
    let receipt =
        [("msisdn", "12025550147"), ("to", "98765"), ("status", "delivered"), ("err-code", "0"), ("client-ref", "assent-1")];
    call(&app, &receipt).await;
    assert_eq!(app.rows(PHONE), ["code delivered 0"]);
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 0);
    let text = form(&app.signed(&stop("a")));
    assert_eq!(app.called("/webhooks/vonage/receipt", &text, &[]).await.status, Status::Ok);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn trap_32_the_query_of_a_post_is_ignored() {
    let (_fake, app) = vonage().await;
    let text = form(&app.signed(&stop("a")));
    let answer = app.called(&format!("{INBOUND}?secret=s&text=START&msisdn=12025550148"), &text, &[]).await;
    assert_eq!(answer.status, Status::Ok);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(app.count("SELECT count(*) FROM subscribers"), 1);
}

#[rocket::async_test]
async fn trap_35_one_confirmation_after_stop_and_then_silence_until_the_person_comes_back() {
    let (fake, app) = vonage().await;
    app.opt_in_through(&fake, PHONE).await;
    app.vonage_text(PHONE, "STOP", "a").await;
    let sent = fake.requests().len();
    for n in 0..3 {
        app.vonage_text(PHONE, "STOP", &format!("b{n}")).await;
        app.vonage_text(PHONE, "what?", &format!("c{n}")).await;
        app.vonage_text(PHONE, "123456", &format!("d{n}")).await;
        app.browser().await.submit_phone(PHONE).await;
        app.advance(Duration::minutes(1));
    }
    assert_eq!(fake.requests().len(), sent, "no code either");
    app.vonage_text(PHONE, "START", "e").await;
    app.advance(Duration::minutes(10));
    app.browser().await.submit_phone(PHONE).await;
    assert_eq!(fake.requests().len(), sent + 2);
}

#[rocket::async_test]
async fn trap_36_at_twilio_a_standalone_short_code_leaves_stop_to_us_yes_means_nothing_and_the_answer_is_xml() {
    let fake = FakeProvider::twilio().await;
    let app = TestApp::with(&twilio_settings(&fake, "")).await;
    app.opt_in_through(&fake, PHONE).await;
    let answer = app.twilio_text(PHONE, "STOP", "SM1").await;
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/xml")), "a plain text would be sent");
    assert_eq!(answer.body, "<Response></Response>");
    assert!(words(&fake.requests().pop().expect("a goodbye")).contains("no more"));
    app.twilio_text(PHONE, "YES", "SM2").await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    // Twilio passes it on once, so we mustn't acknowledge it if we failed.
    app.execute("ALTER TABLE inbound_messages RENAME TO hidden").expect("renamed");
    assert!(app.twilio_text(PHONE, "START", "SM3").await.status.code >= 500);
    app.execute("ALTER TABLE hidden RENAME TO inbound_messages").expect("renamed");
}

#[rocket::async_test]
async fn trap_37_the_form_alone_subscribes_nobody_and_the_confirmation_keeps_the_evidence() {
    let (fake, app) = vonage().await;
    app.submit_phone(PHONE).await;
    assert_eq!(app.standing_of(PHONE), None);
    assert_eq!(app.count("SELECT count(*) FROM consents"), 0);
    app.type_code(&crate::support::carrier::code_of(&fake)).await;
    let kept = app.count(
        "SELECT count(*) FROM consents c JOIN disclosures d ON d.hash = c.disclosure_hash WHERE c.ip IS NOT NULL AND \
         c.requested_at IS NOT NULL AND c.url IS NOT NULL AND d.html <> ''",
    );
    assert_eq!(kept, 1);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE kind = 'code' AND provider_message_id IS NOT NULL"), 1);
}

#[rocket::async_test]
async fn trap_38_the_page_carries_the_six_mandatory_statements_next_to_the_form() {
    for provider in ["vonage", "vonage_2fa"] {
        let fake = FakeProvider::vonage().await;
        let app = TestApp::with(&vonage_settings(provider, &fake, "")).await;
        let page = app.get("/").await;
        for statement in [
            "No more than 5 messages per day",
            "Text STOP to 98765",
            "Text HELP to 98765",
            "Message and data rates may apply",
            "Terms and conditions",
            "Privacy policy",
        ] {
            page.assert_shows(statement);
        }
    }
}

#[rocket::async_test]
async fn a_text_by_mms_counts_like_any_other() {
    let fake = FakeProvider::twilio().await;
    let app = TestApp::with(&twilio_settings(&fake, "")).await;
    let called = [
        ("MessageSid", "MM1"),
        ("From", PHONE),
        ("To", "98765"),
        ("Body", "Stop"),
        ("NumMedia", "1"),
        ("MediaUrl0", "https://api.example/media"),
        ("MediaContentType0", "image/jpeg"),
    ];
    app.twilio_call("/webhooks/twilio/inbound", &called).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    app.twilio_call("/webhooks/twilio/inbound", &[("MessageSid", "MM2"), ("From", PHONE), ("To", "98765"), ("NumMedia", "1")])
        .await;
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 2, "a picture alone is kept too");
}

#[rocket::async_test]
async fn twilios_signature_is_that_of_the_public_url_with_and_without_its_port() {
    let fake = FakeProvider::twilio().await;
    let settings = twilio_settings(&fake, "")
        + "[default.site]\nbase_url = 'https://acme.example'\ntrusted_proxies = ['127.0.0.1']\n\
           [default.program]\nalternative_url = 'https://acme.example/other'\n";
    let app = TestApp::with(&settings).await;
    let path = "/webhooks/twilio/inbound";
    let mut n = 0;
    let mut call = async |url: &str, header: bool| {
        n += 1;
        let name = format!("SM{n}");
        let pairs =
            owned(&[("MessageSid", name.as_str()), ("From", PHONE), ("To", "98765"), ("Body", "hello"), ("FromCity", "")]);
        let signature =
            assent::sms::twilio::signature::signature(SignatureHash::Sha1, crate::support::carrier::AUTH_TOKEN, url, &pairs);
        let headers: &[(&'static str, &str)] = if header { &[("X-Twilio-Signature", &signature)] } else { &[] };
        app.called(path, &form(&pairs), headers).await.status
    };
    assert_eq!(call(&format!("https://acme.example{path}"), true).await, Status::Ok);
    assert_eq!(call(&format!("https://acme.example:443{path}"), true).await, Status::Ok);
    assert_eq!(call(&format!("http://localhost:8000{path}"), true).await, Status::Forbidden);
    assert_eq!(call(&format!("https://acme.example{path}"), false).await, Status::Forbidden);
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 2);
    // With GET, the parameters are in the signed URL.
    let url = format!("{path}?MessageSid=SMget&From=%2B12025550147&To=98765&Body=STOP");
    let signature = assent::sms::twilio::signature::signature(
        SignatureHash::Sha1,
        crate::support::carrier::AUTH_TOKEN,
        &format!("https://acme.example{url}"),
        &Vec::new(),
    );
    let request = app.client.get(url).header(rocket::http::Header::new("X-Twilio-Signature", signature));
    assert_eq!(read(request.dispatch().await).await.status, Status::Ok);
    app.deliver().await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
}

#[rocket::async_test]
async fn a_call_that_is_too_long_or_malformed_is_refused_and_nothing_is_kept() {
    let (_fake, app) = vonage().await;
    let long = format!("msisdn=12025550147&text={}", "a".repeat(70_000));
    assert_eq!(app.called(INBOUND, &long, &[]).await.status, Status::PayloadTooLarge);
    let request = app.client.post(INBOUND).header(ContentType::JSON).body("{\"broken");
    assert_eq!(request.dispatch().await.status(), Status::BadRequest);
    // A text from a sender that isn't a number, and a call that is neither a text nor a receipt, are ignored.
    call(&app, &[("msisdn", "VERIZON"), ("to", "98765"), ("messageId", "a"), ("text", "STOP")]).await;
    call(&app, &[("something", "else")]).await;
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 0);
}

#[rocket::async_test]
async fn only_the_webhooks_of_the_provider_in_use_exist() {
    let simulator = TestApp::new().await;
    let (_fake, app) = vonage().await;
    for (app, path) in [(&simulator, INBOUND), (&simulator, "/webhooks/twilio/inbound"), (&app, "/webhooks/twilio/inbound")] {
        assert_eq!(app.called(path, "From=x", &[]).await.status, Status::NotFound, "{path}");
    }
    assert_eq!(app.get("/simulator").await.status, Status::NotFound);
}

/// Vonage's parameters for a text without an id, with the time it was passed on, if any.
fn unnamed(text: &str, time: Option<&str>) -> Vec<(&'static str, String)> {
    let mut pairs = vec![("msisdn", "12025550147".to_owned()), ("to", "98765".to_owned()), ("text", text.to_owned())];
    pairs.extend(time.map(|time| ("message-timestamp", time.to_owned())));
    pairs
}

async fn call_unnamed(app: &TestApp, text: &str, time: Option<&str>) {
    let pairs = unnamed(text, time);
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let answer = app.called(INBOUND, &form(&app.signed(&pairs)), &[]).await;
    assert_eq!(answer.status, Status::Ok);
}

#[rocket::async_test]
async fn a_text_without_an_id_is_recognized_by_sender_receiver_words_and_time() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    let noon = Some("2026-11-24 12:00:00");
    for _ in 0..3 {
        call_unnamed(&app, "HELP", noon).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM inbound_messages"), 1);
    assert_eq!(fake.requests().len(), 1, "one HELP, one answer");
    call_unnamed(&app, "HELP", Some("2026-11-24 12:00:07")).await;
    assert_eq!(fake.requests().len(), 2, "another time, another text");
    for _ in 0..3 {
        call_unnamed(&app, "STOP", noon).await;
    }
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(app.count("SELECT count(*) FROM consents WHERE kind = 'opted_out'"), 1);
    assert_eq!(fake.requests().len(), 3);
    // START, then STOP again within the same second: nobody can tell whether it's the old one, so it counts.
    call_unnamed(&app, "START", noon).await;
    assert_eq!(app.standing_of(PHONE), None);
    call_unnamed(&app, "STOP", noon).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    call_unnamed(&app, "START", noon).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"), "a repeated START has no effect");
}

#[rocket::async_test]
async fn without_an_id_and_a_time_only_an_opt_out_takes_effect() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    app.submit_phone(PHONE).await;
    let code = app.reply_code().await;
    for text in ["HELP", "START", code.as_str(), "who is this?"] {
        call_unnamed(&app, text, None).await;
    }
    assert_eq!((app.standing_of(PHONE), fake.requests().len()), (None, 1), "only the code went out");
    assert_eq!(app.get("/code/status").await.body, r#"{"state":"pending"}"#);
    call_unnamed(&app, "pls quit texting me", None).await;
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert!(words(fake.requests().last().expect("an answer")).contains("no more"));

    let twilio = FakeProvider::twilio().await;
    let app = TestApp::with(&twilio_settings(&twilio, "")).await;
    for (text, standing) in [("HELP", None), ("STOP", Some("opted_out"))] {
        let pairs = [("AccountSid", crate::support::carrier::ACCOUNT_SID), ("From", PHONE), ("To", "98765"), ("Body", text)];
        assert_eq!(app.twilio_call("/webhooks/twilio/inbound", &pairs).await.status, Status::Ok);
        assert_eq!(app.standing_of(PHONE).as_deref(), standing);
    }
    assert_eq!(twilio.requests().len(), 1, "STOP is answered, HELP is not");
}

#[rocket::async_test]
async fn a_part_without_an_id_still_opts_out_once_the_text_is_complete() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    let part = |number: &'static str, text: &'static str| {
        let mut pairs = unnamed(text, Some("2026-11-24 12:00:00"));
        pairs.extend([
            ("concat", "true".to_owned()),
            ("concat-ref", "08B5".to_owned()),
            ("concat-total", "2".to_owned()),
            ("concat-part", number.to_owned()),
        ]);
        pairs
    };
    for pairs in [part("2", "texting me"), part("1", "I told you to stop "), part("2", "texting me")] {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(app.called(INBOUND, &form(&app.signed(&pairs)), &[]).await.status, Status::Ok);
    }
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    assert_eq!(fake.requests().len(), 1);
}

#[rocket::async_test]
async fn head_triggers_no_webhook() {
    let fake = FakeProvider::vonage().await;
    let app = TestApp::with(&vonage_settings("vonage", &fake, "")).await;
    let signed = app.signed(&[("msisdn", "12025550147"), ("to", "98765"), ("messageId", "a"), ("text", "STOP")]);
    let url = format!("{INBOUND}?{}", form(&signed));
    for path in [url.clone(), url.replace("inbound", "receipt")] {
        let answer = read(app.client.head(path).dispatch().await).await;
        assert_eq!(answer.status, Status::MethodNotAllowed);
        assert_eq!(answer.header("allow"), Some("GET, POST"));
    }
    assert_eq!((app.standing_of(PHONE), app.count("SELECT count(*) FROM inbound_messages")), (None, 0));
    assert_eq!(read(app.client.get(url).dispatch().await).await.status, Status::Ok);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));
    app.deliver().await;

    let twilio = FakeProvider::twilio().await;
    let app = TestApp::with(&twilio_settings(&twilio, "")).await;
    for path in ["/webhooks/twilio/inbound", "/webhooks/twilio/receipt"] {
        assert_eq!(read(app.client.head(path).dispatch().await).await.status, Status::MethodNotAllowed);
    }
    assert_eq!(read(app.client.head("/").dispatch().await).await.status, Status::Ok, "a page has a head");
}

#[rocket::async_test]
async fn a_stop_that_a_shared_key_signed_counts_as_form_or_json() {
    const SHARED: &str = "shared-key-secret-0123456789abcdef";
    const PATH: &str = "/webhooks/twilio/inbound";
    let fake = FakeProvider::twilio().await;
    let settings = twilio_settings(&fake, "") + &format!("shared_key_secret = '{SHARED}'\n");
    let app = TestApp::with(&settings).await;
    let header = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256";
    let sign = |url: &str, pairs: &[(String, String)]| {
        assent::sms::twilio::signature::signature(
            SignatureHash::Sha256,
            SHARED,
            &format!("http://localhost:8000{url}"),
            &pairs.to_vec(),
        )
    };
    let called = async |url: &str, body: &str, signature: &str| {
        let headers = [("X-Twilio-Signature", signature), ("X-Twilio-Webhooks-Signature-Settings", header)];
        app.called(url, body, &headers).await.status
    };
    let sid = crate::support::carrier::ACCOUNT_SID;
    let pairs = owned(&[("MessageSid", "SM1"), ("AccountSid", sid), ("From", PHONE), ("To", "98765"), ("Body", "STOP")]);
    assert_eq!(called(PATH, &form(&pairs), &sign(PATH, &pairs)).await, Status::Ok);
    assert_eq!(app.standing_of(PHONE).as_deref(), Some("opted_out"));

    let other = "+12025550148";
    let body = format!(r#"{{"MessageSid":"SM2","AccountSid":"{sid}","From":"{other}","To":"98765","Body":"STOP"}}"#);
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(body.as_bytes()));
    let url = format!("{PATH}?bodySHA256={hash}");
    assert_eq!(called(&url, &body.replace("STOP", "STOP "), &sign(&url, &[])).await, Status::Forbidden, "another body");
    assert_eq!(app.standing_of(other), None);
    assert_eq!(called(&url, &body, &sign(&url, &[])).await, Status::Ok);
    assert_eq!(app.standing_of(other).as_deref(), Some("opted_out"));

    // Without the secret, the signature can't be checked, so we ask Twilio to send it again rather than refuse it for good.
    let app = TestApp::with(&twilio_settings(&fake, "")).await;
    let headers = [("X-Twilio-Signature", sign(PATH, &pairs)), ("X-Twilio-Webhooks-Signature-Settings", header.to_owned())];
    let headers: Vec<(&'static str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(app.called(PATH, &form(&pairs), &headers).await.status, Status::ServiceUnavailable);
    assert_eq!(app.standing_of(PHONE), None);
}
