//! The form that goes out, and how answers are read.

use time::Duration;

use super::*;
use crate::sms::http::tests::{answering, client, whole};
use crate::sms::params::value;

/// The auth token of the test vectors.
pub(super) const TOKEN: &str = "12345678901234567890123456789012";
pub(super) const INBOUND_URL: &str = "https://example.com/webhooks/twilio/inbound";
pub(super) const T1: &str = "AccountSid=AC0123456789abcdef0123456789abcdef&ApiVersion=2010-04-01&Body=STOP&From=%2B12015550123&FromCity=&FromCountry=US&MessageSid=SM0123456789abcdef0123456789abcdef&MessagingServiceSid=MG0123456789abcdef0123456789abcdef&NumMedia=0&NumSegments=1&OptOutType=STOP&SmsMessageSid=SM0123456789abcdef0123456789abcdef&SmsSid=SM0123456789abcdef0123456789abcdef&SmsStatus=received&To=98765&ToCountry=US";
pub(super) const T2: &str = "Body=Yes+%26+042917+%3D+ok+%2B1&From=%2B12015550123&To=98765&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef";

pub(super) fn account() -> Account {
    Account {
        account_sid: "AC01".to_owned(),
        auth_token: TOKEN.to_owned(),
        shared_key_secret: None,
        messaging_service_sid: None,
        base_url: "https://api.twilio.com".to_owned(),
    }
}

fn request() -> SendRequest<'static> {
    SendRequest {
        from: "98765",
        to: "+12015550123",
        text: "Hi",
        unicode: false,
        life: None,
        reference: "opt_7Kq",
        callback: None,
    }
}

#[test]
fn trap_05_numbers_go_out_with_their_plus() {
    let form = sms_form(&account(), &request());
    assert_eq!(value(&form, "To"), Some("+12015550123"));
    assert_eq!(value(&form, "From"), Some("98765"));
    assert_eq!(value(&form, "Body"), Some("Hi"));
    assert_eq!(form.len(), 3);
}

#[test]
fn trap_09_the_life_is_in_seconds_and_within_bounds() {
    let life = |life| value(&sms_form(&account(), &SendRequest { life, ..request() }), "ValidityPeriod").map(str::to_owned);
    assert_eq!(life(None), None);
    assert_eq!(life(Some(Duration::minutes(10))).as_deref(), Some("600"));
    assert_eq!(life(Some(Duration::ZERO)).as_deref(), Some("1"));
    assert_eq!(life(Some(Duration::DAY)).as_deref(), Some("36000"));
}

#[test]
fn a_messaging_service_takes_the_senders_place() {
    let account = Account { messaging_service_sid: Some("MG01".to_owned()), ..account() };
    let form = sms_form(&account, &SendRequest { callback: Some("https://example.com/x"), ..request() });
    assert_eq!(value(&form, "MessagingServiceSid"), Some("MG01"));
    assert_eq!(value(&form, "From"), None);
    assert_eq!(value(&form, "StatusCallback"), Some("https://example.com/x"));
}

fn read(status: u16, body: &str) -> SendOutcome {
    read_reply(&HttpReply { status, retry_after: None, body: body.to_owned() })
}

fn error(status: u16, code: u32) -> SendOutcome {
    let info = format!("https://www.twilio.com/docs/errors/{code}");
    read(status, &format!(r#"{{"code":{code},"message":"Sorry +12015550123","more_info":"{info}","status":{status}}}"#))
}

#[test]
fn an_accepted_text_has_its_sid() {
    let body = r#"{"sid":"SM01","status":"queued","error_code":null,"error_message":null,"num_segments":"1","new":[1]}"#;
    assert_eq!(read(201, body), SendOutcome::Accepted { ids: vec!["SM01".to_owned()] });
}

#[test]
fn a_text_that_was_taken_and_failed_at_once_is_not_accepted() {
    let body = r#"{"sid":"SM01","status":"failed","error_code":21610,"error_message":"x"}"#;
    assert!(matches!(read(201, body), SendOutcome::OptedOut { .. }));
}

#[test]
fn trap_01_an_unreadable_success_is_not_a_success() {
    for body in ["", "<html>", "{}", r#"{"sid":""}"#, r#"{"sid":null}"#, "[]"] {
        assert!(matches!(read(200, body), SendOutcome::Unreadable { .. }), "{body}");
    }
}

#[test]
fn trap_07_every_code_has_its_outcome() {
    for code in (20_000..22_000).chain(30_000..30_100) {
        let outcome = error(400, code);
        match code {
            21610 => assert!(matches!(outcome, SendOutcome::OptedOut { .. })),
            21211 | 21614 | 21635 | 30004..=30006 => {
                assert!(matches!(outcome, SendOutcome::Refused { permanent: true, .. }), "{code}");
            }
            20003 | 20404 | 21408 | 21606 | 21608 | 30002 | 30007 | 30032 | 30034 => {
                assert!(matches!(outcome, SendOutcome::Misconfigured { .. }), "{code}");
            }
            20429 => assert!(matches!(outcome, SendOutcome::Throttled { wait, .. } if wait == Duration::SECOND)),
            30001 => assert!(matches!(outcome, SendOutcome::TryAgain { .. })),
            _ => assert!(matches!(outcome, SendOutcome::Refused { permanent: false, .. }), "{code}"),
        }
        assert!(outcome.why().contains(&format!("(code {code})")), "{}", outcome.why());
        assert_eq!(outcome.why().contains("Sorry …"), matches!(outcome, SendOutcome::Misconfigured { .. }), "{code}");
    }
}

#[test]
fn the_http_status_decides_where_the_code_says_less() {
    assert!(matches!(error(500, 20500), SendOutcome::TryAgain { .. }));
    assert!(matches!(error(503, 21610), SendOutcome::TryAgain { .. }));
    assert!(matches!(error(429, 20429), SendOutcome::Throttled { .. }));
    assert!(matches!(error(403, 12345), SendOutcome::Misconfigured { .. }));
    assert!(matches!(error(403, 21610), SendOutcome::OptedOut { .. }));
    assert_eq!(error(401, 20003).why(), "wrong credentials (code 20003): Sorry …");
    for status in [301, 401, 403, 404] {
        assert!(matches!(read(status, "<html>"), SendOutcome::Misconfigured { .. }), "{status}");
    }
    assert_eq!(read(400, "<html>"), SendOutcome::Refused { why: "refused (HTTP 400)".to_owned(), permanent: false });
}

#[tokio::test]
async fn trap_13_neither_token_nor_words_are_in_the_url() {
    let (base_url, server) = answering(whole("201 Created", r#"{"sid":"SM01","error_code":null}"#)).await;
    let outcome = send(&client(), &Account { base_url, ..account() }, &request()).await;
    assert_eq!(outcome, SendOutcome::Accepted { ids: vec!["SM01".to_owned()] });
    let request = server.await.expect("a request");
    assert!(request.starts_with("POST /2010-04-01/Accounts/AC01/Messages.json HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Basic "), "{request}");
    assert!(request.ends_with("\r\n\r\nTo=%2B12015550123&From=98765&Body=Hi"), "{request}");
}

#[tokio::test]
async fn an_answer_that_never_came_is_passed_on() {
    let (base_url, _server) = answering(String::new()).await;
    let outcome = send(&client(), &Account { base_url, ..account() }, &request()).await;
    assert!(matches!(outcome, SendOutcome::Unknown { .. }));
}
