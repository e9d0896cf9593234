//! Twilio's signatures, forms, answers and webhooks.

use super::super::http::tests::{answering, client, whole};
use super::super::pairs::of_query;
use super::*;
use time::Duration;

const TOKEN: &str = "12345678901234567890123456789012";
const INBOUND_URL: &str = "https://example.com/webhooks/twilio/inbound";
const T1: &str = "AccountSid=AC0123456789abcdef0123456789abcdef&ApiVersion=2010-04-01&Body=STOP&From=%2B12015550123&FromCity=&FromCountry=US&MessageSid=SM0123456789abcdef0123456789abcdef&MessagingServiceSid=MG0123456789abcdef0123456789abcdef&NumMedia=0&NumSegments=1&OptOutType=STOP&SmsMessageSid=SM0123456789abcdef0123456789abcdef&SmsSid=SM0123456789abcdef0123456789abcdef&SmsStatus=received&To=98765&ToCountry=US";
const T2: &str = "Body=Yes+%26+042917+%3D+ok+%2B1&From=%2B12015550123&To=98765&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef";

fn account() -> TwilioAccount {
    TwilioAccount {
        account_sid: "AC01".to_owned(),
        auth_token: TOKEN.to_owned(),
        shared_key_secret: None,
        messaging_service_sid: None,
        base_url: "https://api.twilio.com".to_owned(),
    }
}

const SHARED: &str = "shared-key-secret-0123456789abcdef";
const SETTINGS: &str = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256";

/// Whether a form with this signature by the auth token is trusted.
fn believed(token: &str, url: &str, pairs: &Pairs, given: &str) -> bool {
    let account = TwilioAccount { auth_token: token.to_owned(), ..account() };
    verify(&account, url, SignedBody::Form(pairs), Some(given), None).is_ok()
}

fn request() -> Request<'static> {
    Request { from: "98765", to: "+12015550123", text: "Hi", unicode: false, life: None, reference: "opt_7Kq", callback: None }
}

#[test]
fn every_vector_verifies() {
    let t1_with_port = format!("{}:443{}", &INBOUND_URL[..19], &INBOUND_URL[19..]);
    let t3 = format!("{INBOUND_URL}?{T2}");
    let t4 = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
    for (token, url, form, expected) in [
        (TOKEN, INBOUND_URL, T1, "BqXMWPbJXGmOY1KCd6P229ACI60="),
        (TOKEN, &t1_with_port, T1, "NE3hWomXvJ4MPoCQ86Qo0HNci8A="),
        (TOKEN, &format!("{INBOUND_URL}?tenant=7"), T2, "ja1x22NAt5JDcFdjtPnizm5xY4U="),
        (TOKEN, &t3, "", "uWYDQ1lQZJZ9+BVXe0UvjSaXr54="),
        ("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", t4, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ] {
        let pairs = of_query(form);
        assert_eq!(signature(SignatureHash::Sha1, token, url, &pairs), expected, "{url}");
        assert!(believed(token, url, &pairs, expected), "{url}");
        assert!(!believed("another", url, &pairs, expected), "{url}");
        assert!(!believed(token, &format!("{url}x"), &pairs, expected), "{url}");
        assert!(!believed(token, url, &of_query(&format!("{form}&X=1")), expected), "{url}");
    }
}

#[test]
fn a_signature_counts_with_and_without_the_port() {
    let (bare, with_port) = ("BqXMWPbJXGmOY1KCd6P229ACI60=", "NE3hWomXvJ4MPoCQ86Qo0HNci8A=");
    let port_url = INBOUND_URL.replace("example.com", "example.com:443");
    for given in [bare, with_port] {
        for url in [INBOUND_URL, &port_url] {
            assert!(believed(TOKEN, url, &of_query(T1), given));
        }
    }
}

#[test]
fn a_shared_key_signs_with_sha_256_and_twilios_own_library_agrees() {
    let shared = TwilioAccount { shared_key_secret: Some(SHARED.to_owned()), ..account() };
    let (form, url) = (of_query(T1), INBOUND_URL);
    let (bare, with_port) = ("eh0k4XCuTgFymiooQjtRrU9RhIZKV6vgrwBxvc3HMMY=", "uSYpaW3sLHkJApVSW2SjsCTqS4FC+d6aoF1yiqQ46LE=");
    let checked = |account: &TwilioAccount, given, settings| verify(account, url, SignedBody::Form(&form), Some(given), settings);
    for given in [bare, with_port] {
        assert_eq!(checked(&shared, given, Some(SETTINGS)), Ok(()));
        assert_eq!(checked(&shared, given, Some("algorithm = hmac_sha256 , key=x")), Ok(()));
        assert_eq!(checked(&shared, given, None), Err(TwilioSignatureError::Wrong), "without the header the auth token signs");
        assert_eq!(checked(&account(), given, Some(SETTINGS)), Err(TwilioSignatureError::NoSharedKey));
    }
    // If no algorithm is named, the shared key signs the way the auth token does.
    assert_eq!(checked(&shared, "fxhFJweQbfM/Ew9iyk6cMQUWgvE=", Some("key=webhooks_sharedkey_01")), Ok(()));
    assert_eq!(checked(&shared, "fxhFJweQbfM/Ew9iyk6cMQUWgvE=", Some(SETTINGS)), Err(TwilioSignatureError::Wrong));
    assert_eq!(checked(&shared, bare, Some("key=k,algorithm=HMAC_SHA512")), Err(TwilioSignatureError::UnknownMethod));
    // The auth token still signs if the header is absent or empty.
    for settings in [None, Some(""), Some(" ")] {
        assert_eq!(checked(&shared, "BqXMWPbJXGmOY1KCd6P229ACI60=", settings), Ok(()), "{settings:?}");
    }
    assert_eq!(verify(&shared, url, SignedBody::Form(&form), None, Some(SETTINGS)), Err(TwilioSignatureError::Wrong));
}

#[test]
fn of_json_the_hash_in_the_url_is_signed_and_must_be_that_of_the_body() {
    let shared = TwilioAccount { shared_key_secret: Some(SHARED.to_owned()), ..account() };
    let body = br#"{"MessageSid":"SM0123456789abcdef0123456789abcdef","AccountSid":"AC0123456789abcdef0123456789abcdef","From":"+12015550123","To":"98765","Body":"STOP"}"#;
    let hash = "55e97fb28a1c33aafcbc021283a222725e08557fa46588a58bcb74f476f830e8";
    let url = format!("{INBOUND_URL}?bodySHA256={hash}");
    let (sha256, sha1) = ("+dc+/cQtB4HNj/mxhs+yHYmQ8gROZ1gB4PkTadsggPE=", "hqySPyc5A6Huya5sIjCwd+cCeBY=");
    assert_eq!(verify(&shared, &url, SignedBody::Json(body), Some(sha256), Some(SETTINGS)), Ok(()));
    assert_eq!(verify(&shared, &url, SignedBody::Json(body), Some(sha1), None), Ok(()));
    let changed = body.to_ascii_lowercase();
    let wrong = Err(TwilioSignatureError::Wrong);
    assert_eq!(verify(&shared, &url, SignedBody::Json(&changed), Some(sha256), Some(SETTINGS)), wrong);
    assert_eq!(verify(&shared, INBOUND_URL, SignedBody::Json(body), Some(sha256), Some(SETTINGS)), wrong, "no hash, no body");
    let other = url.replace("55e9", "55ea");
    assert_eq!(verify(&shared, &other, SignedBody::Json(body), Some(sha256), Some(SETTINGS)), wrong);
}

#[test]
fn ports_are_found_in_odd_addresses_too() {
    assert_eq!(port_variants("https://h:8443?x=1:2")[1..], ["https://h?x=1:2", "https://h:443?x=1:2"]);
    assert_eq!(port_variants("http://h/a:1")[1..], ["http://h/a:1", "http://h:80/a:1"]);
    assert_eq!(port_variants("https://u:p@h/")[1..], ["https://u:p@h/", "https://u:p@h:443/"]);
    assert_eq!(port_variants("https://[::1]/")[1..], ["https://[::1]/", "https://[::1]:443/"]);
    assert_eq!(port_variants("https://[::1]:8443/")[1..], ["https://[::1]/", "https://[::1]:443/"]);
    assert_eq!(port_variants("nonsense"), ["nonsense"]);
}

#[test]
fn of_a_repeated_field_each_value_counts_once_and_in_order() {
    let repeated = signature(SignatureHash::Sha1, "t", "https://h/", &of_query("B=2&A=2&A=1&A=2"));
    assert_eq!(repeated, signature(SignatureHash::Sha1, "t", "https://h/A1A2B2", &vec![]));
}

#[test]
fn trap_18_fields_are_sorted_by_bytes() {
    assert_eq!(
        signature(SignatureHash::Sha1, "t", "u", &of_query("b=1&B=2&a=3&_=4")),
        signature(SignatureHash::Sha1, "t", "uB2_4a3b1", &vec![])
    );
}

#[test]
fn trap_19_a_short_long_or_odd_signature_is_a_clean_no() {
    for given in ["", "=", "BqXMWPbJXGmOY1KCd6P229ACI60", "BqXMWPbJXGmOY1KCd6P229ACI60==", "bqXMWPbJXGmOY1KCd6P229ACI60=", "é"] {
        assert!(!believed(TOKEN, INBOUND_URL, &of_query(T1), given), "{given}");
    }
}

#[test]
fn trap_17_the_decoded_words_are_signed() {
    let given = "ja1x22NAt5JDcFdjtPnizm5xY4U=";
    let url = format!("{INBOUND_URL}?tenant=7");
    assert!(!believed(TOKEN, &url, &of_query(&T2.replace("%2B1", "+1")), given));
    assert!(believed(TOKEN, &url, &of_query(&T2.replace('+', "%20")), given));
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
    let life = |life| value(&sms_form(&account(), &Request { life, ..request() }), "ValidityPeriod").map(str::to_owned);
    assert_eq!(life(None), None);
    assert_eq!(life(Some(Duration::minutes(10))).as_deref(), Some("600"));
    assert_eq!(life(Some(Duration::ZERO)).as_deref(), Some("1"));
    assert_eq!(life(Some(Duration::DAY)).as_deref(), Some("36000"));
}

#[test]
fn a_messaging_service_takes_the_senders_place() {
    let account = TwilioAccount { messaging_service_sid: Some("MG01".to_owned()), ..account() };
    let form = sms_form(&account, &Request { callback: Some("https://example.com/x"), ..request() });
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
fn trap_01_a_success_that_nobody_can_read_is_none() {
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
    let outcome = send(&client(), &TwilioAccount { base_url, ..account() }, &request()).await;
    assert_eq!(outcome, SendOutcome::Accepted { ids: vec!["SM01".to_owned()] });
    let request = server.await.expect("a request");
    assert!(request.starts_with("POST /2010-04-01/Accounts/AC01/Messages.json HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Basic "), "{request}");
    assert!(request.ends_with("\r\n\r\nTo=%2B12015550123&From=98765&Body=Hi"), "{request}");
}

#[tokio::test]
async fn an_answer_that_never_came_is_passed_on() {
    let (base_url, _server) = answering(String::new()).await;
    let outcome = send(&client(), &TwilioAccount { base_url, ..account() }, &request()).await;
    assert!(matches!(outcome, SendOutcome::Unknown { .. }));
}

#[test]
fn an_inbound_text_is_read() {
    let inbound = read_inbound(&of_query(T1)).expect("an inbound text");
    assert_eq!(inbound.message_id.as_deref(), Some("SM0123456789abcdef0123456789abcdef"));
    assert_eq!(inbound.from.as_deref(), Some("+12015550123"));
    assert_eq!((inbound.to.as_str(), inbound.text.as_str()), ("98765", "STOP"));
    assert_eq!(inbound.service.as_deref(), Some("MG0123456789abcdef0123456789abcdef"));
    assert_eq!(inbound.answered_as, Some(AnsweredAs::Stop));
    assert!(read_receipt(&of_query(T1)).is_none());
    assert_eq!(read_inbound(&of_query(T2)).expect("an inbound text").text, "Yes & 042917 = ok +1");
}

#[test]
fn trap_34_what_twilio_answered_itself_is_told() {
    let kind = |word: &str| read_inbound(&of_query(&T1.replace("OptOutType=STOP", word))).expect("an inbound text").answered_as;
    assert_eq!(kind("OptOutType=START"), Some(AnsweredAs::Start));
    assert_eq!(kind("OptOutType=help"), Some(AnsweredAs::Help));
    assert_eq!(kind("OptOutType="), None);
    assert_eq!(kind("OptOutType=NEW"), None);
    assert_eq!(kind("x=y"), None);
}

#[test]
fn what_is_no_inbound_text_is_not_read_as_one() {
    for query in ["", "MessageSid=SM01&Body=STOP", "MessageSid=&Body=STOP", "MessageStatus=sent&From=%2B12015550123"] {
        assert!(read_inbound(&of_query(query)).is_none(), "{query}");
    }
    assert_eq!(read_inbound(&of_query("MessageSid=SM01&From=VERIZON")).expect("an inbound text").from, None);
}

#[test]
fn a_receipt_is_read() {
    let query = "ErrorCode=30034&SmsSid=SM01&SmsStatus=undelivered&MessageStatus=undelivered&To=%2B12015550123&MessageSid=SM01&AccountSid=AC01&From=%2B13125550100&ApiVersion=2010-04-01";
    let receipt = read_receipt(&of_query(query)).expect("a receipt");
    assert_eq!(receipt.message_id.as_deref(), Some("SM01"));
    assert_eq!(receipt.phone.as_deref(), Some("+12015550123"));
    assert_eq!(receipt.reference, None);
    let why = "number not registered with the carriers (code 30034)".to_owned();
    assert_eq!(receipt.state, ReceiptState::Failed { why, consequence: Consequence::Misconfigured });
    assert!(read_inbound(&of_query(query)).is_none());
}

fn state_of(status: &str, code: &str) -> ReceiptState {
    read_receipt(&of_query(&format!("MessageSid=SM01&MessageStatus={status}&ErrorCode={code}"))).expect("a receipt").state
}

#[test]
fn every_status_of_a_receipt_has_its_state() {
    for status in ["queued", "sending", "sent", "accepted", "scheduled", "partially_delivered", "new", ""] {
        assert_eq!(state_of(status, "21610"), ReceiptState::Underway, "{status}");
    }
    for status in ["delivered", "read", "Delivered"] {
        assert_eq!(state_of(status, ""), ReceiptState::Delivered, "{status}");
    }
    for status in ["failed", "undelivered", "canceled", "FAILED"] {
        let why = "not delivered".to_owned();
        assert_eq!(state_of(status, ""), ReceiptState::Failed { why, consequence: Consequence::None }, "{status}");
    }
}

#[test]
fn trap_35_only_21610_of_a_receipt_is_an_opt_out() {
    for code in (20_000..22_000).chain(30_000..30_100) {
        let ReceiptState::Failed { why, consequence } = state_of("failed", &code.to_string()) else { panic!("{code}") };
        let expected = match code {
            21610 => Consequence::OptedOut,
            21211 | 21614 | 21635 | 30004..=30006 => Consequence::Permanent,
            20003 | 20404 | 21408 | 21606 | 21608 | 30002 | 30007 | 30032 | 30034 => Consequence::Misconfigured,
            _ => Consequence::None,
        };
        assert_eq!(consequence, expected, "{code}");
        assert!(why.ends_with(&format!("(code {code})")), "{why}");
    }
    assert_eq!(state_of("failed", "12015550123"), state_of("failed", ""));
}
