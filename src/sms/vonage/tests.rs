//! The forms that go out, and how answers are read.

use time::macros::datetime;

use super::signature::SignatureMethod;
use super::*;
use crate::sms::http::tests::{answering, client, whole};
use crate::sms::params::value;

const NOW: OffsetDateTime = datetime!(2024-05-01 12:00 UTC);

fn account() -> Account {
    Account {
        api_key: "abcd1234".to_owned(),
        api_secret: Some("hunter2".to_owned()),
        signature_secret: Some("s3cr3t-Signature-Key".to_owned()),
        signature_method: SignatureMethod::Sha256,
        signature_max_age: Duration::hours(72),
        report_conversions: false,
        base_url: "https://rest.nexmo.com".to_owned(),
        conversions_base_url: "https://api.nexmo.com".to_owned(),
    }
}

fn signing() -> Account {
    Account { api_secret: None, ..account() }
}

fn request() -> SendRequest<'static> {
    SendRequest {
        from: "98765",
        to: "+12015550123",
        text: "A&B=C",
        unicode: false,
        life: None,
        reference: "opt_7Kq",
        callback: None,
    }
}

fn reply(body: &str) -> HttpReply {
    HttpReply { status: 200, retry_after: None, body: body.to_owned() }
}

fn read(body: &str) -> SendOutcome {
    read_reply(&reply(body), false)
}

fn parts(parts: &[&str]) -> SendOutcome {
    read(&format!(r#"{{"message-count":"{}","messages":[{}]}}"#, parts.len(), parts.join(",")))
}

fn of_status(status: u16, two_factor: bool) -> SendOutcome {
    let body = format!(r#"{{"message-count":"1","messages":[{{"status":"{status}","error-text":"Sorry, +12015550123"}}]}}"#);
    read_reply(&reply(&body), two_factor)
}

#[test]
fn trap_14_a_secret_goes_into_the_header_and_nothing_of_it_into_the_form() {
    let (form, auth) = sms_form(&account(), &request(), NOW);
    assert_eq!(auth, Some(("abcd1234".to_owned(), "hunter2".to_owned())));
    let names: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["from", "to", "text", "type", "status-report-req", "client-ref"]);
}

#[test]
fn trap_14_a_signed_request_has_no_credentials_beside_its_signature() {
    let (form, auth) = sms_form(&signing(), &request(), NOW);
    assert_eq!(auth, None);
    assert_eq!(value(&form, "api_key"), Some("abcd1234"));
    assert_eq!(value(&form, "timestamp"), Some("1714564800"));
    assert_eq!(value(&form, "api_secret"), None);
    assert_eq!(value(&form, "text"), Some("A&B=C"));
    let sig = value(&form, "sig").expect("a signature");
    assert_eq!(sig, sign(SignatureMethod::Sha256, "s3cr3t-Signature-Key", &form));
    let (form, _) = sms_form(&Account { signature_secret: None, ..signing() }, &request(), NOW);
    assert_eq!(value(&form, "sig"), None);
}

#[test]
fn trap_05_numbers_go_out_without_their_plus() {
    let (form, _) = sms_form(&account(), &SendRequest { from: "+13125550100", ..request() }, NOW);
    assert_eq!(value(&form, "to"), Some("12015550123"));
    assert_eq!(value(&form, "from"), Some("13125550100"));
    assert_eq!(value(&sms_form(&account(), &request(), NOW).0, "from"), Some("98765"));
}

#[test]
fn trap_09_the_life_is_in_milliseconds_and_within_bounds() {
    let ttl = |life| {
        let (form, _) = sms_form(&account(), &SendRequest { life, ..request() }, NOW);
        value(&form, "ttl").map(str::to_owned)
    };
    assert_eq!(ttl(None), None);
    assert_eq!(ttl(Some(Duration::minutes(10))).as_deref(), Some("600000"));
    assert_eq!(ttl(Some(Duration::seconds(5))).as_deref(), Some("20000"));
    assert_eq!(ttl(Some(Duration::seconds(-5))).as_deref(), Some("20000"));
    assert_eq!(ttl(Some(Duration::days(30))).as_deref(), Some("604800000"));
}

#[test]
fn trap_10_words_beyond_the_gsm_alphabet_go_out_as_unicode() {
    let kind = |unicode| value(&sms_form(&account(), &SendRequest { unicode, ..request() }, NOW).0, "type").map(str::to_owned);
    assert_eq!(kind(true).as_deref(), Some("unicode"));
    assert_eq!(kind(false).as_deref(), Some("text"));
}

#[test]
fn trap_11_a_reference_that_is_too_long_is_left_out() {
    let reference =
        |reference| value(&sms_form(&account(), &SendRequest { reference, ..request() }, NOW).0, "client-ref").map(str::to_owned);
    let (longest, longer) = ("r".repeat(40), "r".repeat(41));
    assert_eq!(reference(&longest), Some(longest.clone()));
    assert_eq!(reference(&longer), None);
    assert_eq!(reference(""), None);
}

#[test]
fn receipts_are_asked_for_and_may_go_to_their_own_address() {
    let callback = Some("https://example.com/webhooks/vonage/receipt");
    let (form, _) = sms_form(&account(), &SendRequest { callback, ..request() }, NOW);
    assert_eq!(value(&form, "callback"), callback);
    assert_eq!(value(&form, "status-report-req"), Some("1"));
}

#[test]
fn trap_04_a_pin_keeps_its_leading_zero() {
    let (form, _) = two_factor_form(&account(), "+12015550123", "042917", "opt_7Kq", NOW);
    assert_eq!(value(&form, "pin"), Some("042917"));
}

#[test]
fn trap_06_a_two_factor_form_has_no_fields_but_its_own() {
    let names = |account: &Account| -> Vec<String> {
        two_factor_form(account, "+12015550123", "042917", "opt_7Kq", NOW).0.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&account()), ["to", "pin", "client-ref"]);
    assert_eq!(names(&signing()), ["to", "pin", "client-ref", "api_key", "timestamp", "sig"]);
}

#[test]
fn an_accepted_text_has_the_id_of_each_part() {
    let body = r#"{"message-count":"1","messages":[{"status":"0","message-id":"02000000AE70FFFF","to":"15555551212",
        "client-ref":"x","remaining-balance":"7.546","message-price":"0.0048","network":"310260"}]}"#;
    assert_eq!(read(body), SendOutcome::Accepted { ids: vec!["02000000AE70FFFF".to_owned()] });
}

#[test]
fn trap_12_ids_may_be_uuids_and_several() {
    let outcome = parts(&[
        r#"{"status":"0","message-id":"3295d748-4e14-4681-af78-166dca3c5aab"}"#,
        r#"{"status":"0","message-id":"0B00000042AC53BD"}"#,
    ]);
    let ids = ["3295d748-4e14-4681-af78-166dca3c5aab", "0B00000042AC53BD"].map(str::to_owned).to_vec();
    assert_eq!(outcome, SendOutcome::Accepted { ids });
}

#[test]
fn numbers_instead_of_strings_and_unknown_keys_do_no_harm() {
    let body = r#"{"message-count":1,"ok":true,"messages":[{"status":0,"message-id":1234567,"messageId":"x","msisdn":null,
        "remaining-balance":7.5,"message-price":0.0048,"network":"US-FIXED","new":{"a":[1]}}]}"#;
    assert_eq!(read(body), SendOutcome::Accepted { ids: vec!["1234567".to_owned()] });
    assert_eq!(parts(&[r#"{"status":7}"#]), of_status(7, false));
    assert_eq!(parts(&[r#"{"status":"0"}"#]), SendOutcome::Accepted { ids: vec![] });
}

#[test]
fn trap_01_an_answer_without_readable_messages_is_not_a_success() {
    let bodies = [
        "",
        "OK",
        "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
        "null",
        "[]",
        "{}",
        r#"{"message-count":"0","messages":[]}"#,
        r#"{"message-count":"1","messages":{}}"#,
        r#"{"messages":"0"}"#,
        r#"{"messages":[{}]}"#,
        r#"{"messages":["0"]}"#,
        r#"{"messages":[{"status":null}]}"#,
        r#"{"messages":[{"status":"fine"}]}"#,
        r#"{"error-code":"401","error-code-label":"authentication failed"}"#,
        r#"{"title":"Unauthorized","detail":"You did not provide correct credentials."}"#,
        r#"{"messages":[{"status":"0""#,
    ];
    for body in bodies {
        assert!(matches!(read(body), SendOutcome::Unreadable { .. }), "{body}");
    }
}

#[test]
fn trap_07_every_status_has_its_outcome() {
    for status in 1..=200 {
        let outcome = of_status(status, true);
        match status {
            1 => assert!(matches!(outcome, SendOutcome::Throttled { wait, .. } if wait == Duration::SECOND), "{status}"),
            5 | 10 | 13 => assert!(matches!(outcome, SendOutcome::TryAgain { .. }), "{status}"),
            6 | 7 | 33 => assert!(matches!(outcome, SendOutcome::Refused { permanent: true, .. }), "{status}"),
            102 => assert!(matches!(outcome, SendOutcome::OptedOut { .. }), "{status}"),
            2..=4 | 8 | 9 | 11 | 14 | 15 | 16 | 19 | 20 | 23 | 29 | 32 | 101 => {
                assert!(matches!(outcome, SendOutcome::Misconfigured { .. }), "{status}");
            }
            _ => assert!(matches!(outcome, SendOutcome::Refused { permanent: false, .. }), "{status}"),
        }
        assert!(outcome.why().contains(&format!("(status {status})")), "{}", outcome.why());
        assert!(!outcome.why().contains("12015550123"), "{}", outcome.why());
        let quotes = outcome.why().contains("Sorry, …");
        assert_eq!(quotes, matches!(outcome, SendOutcome::Misconfigured { .. }), "{}", outcome.why());
    }
}

#[test]
fn trap_03_status_102_is_an_opt_out_only_at_the_two_factor_api() {
    assert_eq!(of_status(102, true), SendOutcome::OptedOut { why: "opted out of the program (status 102)".to_owned() });
    assert!(matches!(of_status(102, false), SendOutcome::Misconfigured { .. }));
    let body = r#"{"messages":[{"status":"101","error-text":"Invalid Account for Campaign"}]}"#;
    let why = "no approved program (status 101): Invalid Account for Campaign".to_owned();
    assert_eq!(read_reply(&reply(body), true), SendOutcome::Misconfigured { why });
}

#[test]
fn a_parameter_that_is_the_number_is_the_numbers_fault() {
    let of_text = |text: &str| parts(&[&format!(r#"{{"status":"3","error-text":"{text}"}}"#)]);
    for text in ["Invalid value for parameter: to", "Invalid to param", "Invalid or Missing Msisdn Param"] {
        let why = "number not accepted (status 3)".to_owned();
        assert_eq!(of_text(text), SendOutcome::Refused { why, permanent: false }, "{text}");
    }
    for text in ["", "Invalid from param", "from is not allowed to be empty", "Invalid value for parameter: ttl"] {
        assert!(matches!(of_text(text), SendOutcome::Misconfigured { .. }), "{text}");
    }
}

#[test]
fn trap_08_a_throttled_text_waits_as_long_as_it_is_told_in_milliseconds() {
    let wait = |text: &str| match parts(&[&format!(r#"{{"status":"1","error-text":"{text}"}}"#)]) {
        SendOutcome::Throttled { wait, why } if why == "throttled (status 1)" => wait,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait("Throughput Rate Exceeded - please wait [ 702 ] and retry"), Duration::SECOND);
    assert_eq!(wait("Throughput Rate Exceeded - please wait [ 1702 ] and retry"), Duration::milliseconds(1702));
    assert_eq!(wait("Throughput Rate Exceeded - please wait and retry"), Duration::SECOND);
    assert_eq!(wait("Exceeded maximum MT throughput[ MAX [ 30 ] INTERVAL [ 1000 ] ]"), Duration::SECOND);
    assert_eq!(wait("Throttled"), Duration::SECOND);
}

#[test]
fn trap_01_a_text_that_was_taken_in_part_is_neither_sent_nor_sent_again() {
    let taken = r#"{"status":"0","message-id":"1"}"#;
    for failed in
        [r#"{"status":"1","error-text":"Throttled"}"#, r#"{"status":"5"}"#, r#"{"status":"9"}"#, r#"{"status":"7"}"#, "{}"]
    {
        for outcome in [parts(&[taken, failed]), parts(&[failed, taken])] {
            let why = "only 1 of 2 parts were taken".to_owned();
            assert_eq!(outcome, SendOutcome::Refused { why, permanent: false }, "{failed}");
        }
    }
}

#[test]
fn parts_that_fail_alike_are_one_failure() {
    assert_eq!(parts(&[r#"{"status":"5"}"#, r#"{"status":"5"}"#]), of_status(5, false));
    let waits = [r#"{"status":"1","error-text":"please wait [ 3000 ]"}"#, r#"{"status":"1"}"#];
    let why = "throttled (status 1)".to_owned();
    assert_eq!(parts(&waits), SendOutcome::Throttled { why, wait: Duration::seconds(3) });
}

#[test]
fn the_worst_of_parts_that_fail_differently_counts() {
    // From bad to worse.
    let statuses = ["5", "1", "none", "12", "7", "102", "4"];
    for (better, worse) in statuses.iter().enumerate().flat_map(|(at, worse)| statuses[..at].iter().map(move |b| (b, worse))) {
        let part = |status: &str| format!(r#"{{"status":"{status}"}}"#);
        let alone = read_reply(&reply(&format!(r#"{{"messages":[{}]}}"#, part(worse))), true);
        for order in [[better, worse], [worse, better]] {
            let body = format!(r#"{{"messages":[{},{}]}}"#, part(order[0]), part(order[1]));
            assert_eq!(read_reply(&reply(&body), true), alone, "{order:?}");
        }
    }
}

#[test]
fn the_http_status_counts_before_the_messages() {
    let body = r#"{"messages":[{"status":"0","message-id":"1"}]}"#;
    let outcome = |status| read_reply(&HttpReply { status, retry_after: None, body: body.to_owned() }, false);
    assert!(matches!(outcome(429), SendOutcome::Throttled { .. }));
    assert!(matches!(outcome(503), SendOutcome::TryAgain { .. }));
    assert!(matches!(outcome(401), SendOutcome::Misconfigured { .. }));
    assert!(matches!(outcome(302), SendOutcome::Misconfigured { .. }));
}

#[tokio::test]
async fn trap_13_neither_secret_nor_code_is_in_the_url() {
    let (base_url, server) = answering(whole("200 OK", r#"{"messages":[{"status":"0","message-id":"1"}]}"#)).await;
    let outcome = send(&client(), &Account { base_url, ..account() }, &request(), NOW).await;
    assert_eq!(outcome, SendOutcome::Accepted { ids: vec!["1".to_owned()] });
    assert!(server.await.expect("a request").starts_with("POST /sms/json HTTP/1.1\r\n"));

    let (base_url, server) = answering(whole("200 OK", r#"{"messages":[{"status":"102"}]}"#)).await;
    let account = Account { base_url, ..account() };
    let outcome = send_two_factor(&client(), &account, "+12015550123", "042917", "opt_7Kq", NOW).await;
    assert!(matches!(outcome, SendOutcome::OptedOut { .. }));
    let request = server.await.expect("a request");
    assert!(request.starts_with("POST /sc/us/2fa/json HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\nto=12015550123&pin=042917&client-ref=opt_7Kq"), "{request}");
}

#[tokio::test]
async fn an_answer_that_never_came_is_passed_on() {
    let (base_url, _server) = answering(String::new()).await;
    let outcome = send(&client(), &Account { base_url, ..account() }, &request(), NOW).await;
    assert!(matches!(outcome, SendOutcome::Unknown { .. }));
}

#[tokio::test]
async fn a_conversion_is_reported_with_the_secret_in_the_header() {
    let (conversions_base_url, server) = answering(whole("200 OK", "")).await;
    let at = datetime!(2024-05-01 14:00:05 +2);
    let account = Account { conversions_base_url, ..account() };
    assert_eq!(report_conversion(&client(), &account, "0B00000042AC53BD", at).await, Ok(()));
    let request = server.await.expect("a request");
    let line = "POST /conversions/sms?message-id=0B00000042AC53BD&delivered=true&timestamp=2024-05-01+12%3A00%3A05 HTTP/1.1\r\n";
    assert!(request.starts_with(line), "{request}");
    assert!(request.contains("authorization: Basic "), "{request}");
}

#[tokio::test]
async fn a_conversion_is_reported_with_a_signature() {
    let (conversions_base_url, server) = answering(whole("200 OK", "")).await;
    let account = Account { conversions_base_url, ..signing() };
    assert_eq!(report_conversion(&client(), &account, "0B", NOW).await, Ok(()));
    let request = server.await.expect("a request");
    let line = "POST /conversions/sms?message-id=0B&delivered=true&api_key=abcd1234&timestamp=1714564800&sig=";
    assert!(request.starts_with(line), "{request}");
    assert!(!request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn a_conversion_that_is_not_taken_says_why() {
    let (conversions_base_url, _server) = answering(whole("402 Payment Required", "<html>not enabled</html>")).await;
    let account = Account { conversions_base_url, ..account() };
    assert_eq!(report_conversion(&client(), &account, "0B", NOW).await, Err("refused (HTTP 402)".to_owned()));
}

#[test]
fn a_stand_in_gets_no_secret() {
    let dummy = account().with_dummy_secrets("http://127.0.0.1:1".to_owned());
    assert_eq!(dummy.api_key, "xxxxxxxx");
    assert_eq!(dummy.api_secret.as_deref(), Some("xxxxxxx"));
    assert_eq!(dummy.signature_secret.as_deref(), Some("xxxxxxxxxxxxxxxxxxxx"));
    assert_eq!(dummy.base_url, "http://127.0.0.1:1");
}
