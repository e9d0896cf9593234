//! Test vectors, and what is rejected.

use super::super::tests::{INBOUND_URL, T1, T2, TOKEN, account};
use super::*;

const SHARED: &str = "shared-key-secret-0123456789abcdef";
const SETTINGS: &str = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256";

/// Whether a form with this signature by the auth token is trusted.
fn believed(token: &str, url: &str, pairs: &Params, given: &str) -> bool {
    let account = Account { auth_token: token.to_owned(), ..account() };
    verify(&account, url, SignedBody::Form(pairs), Some(given), None).is_ok()
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
    let shared = Account { shared_key_secret: Some(SHARED.to_owned()), ..account() };
    let (form, url) = (of_query(T1), INBOUND_URL);
    let (bare, with_port) = ("eh0k4XCuTgFymiooQjtRrU9RhIZKV6vgrwBxvc3HMMY=", "uSYpaW3sLHkJApVSW2SjsCTqS4FC+d6aoF1yiqQ46LE=");
    let checked = |account: &Account, given, settings| verify(account, url, SignedBody::Form(&form), Some(given), settings);
    for given in [bare, with_port] {
        assert_eq!(checked(&shared, given, Some(SETTINGS)), Ok(()));
        assert_eq!(checked(&shared, given, Some("algorithm = hmac_sha256 , key=x")), Ok(()));
        assert_eq!(checked(&shared, given, None), Err(SignatureError::Wrong), "without the header the auth token signs");
        assert_eq!(checked(&account(), given, Some(SETTINGS)), Err(SignatureError::NoSharedKey));
    }
    // If no algorithm is named, the shared key signs the way the auth token does.
    assert_eq!(checked(&shared, "fxhFJweQbfM/Ew9iyk6cMQUWgvE=", Some("key=webhooks_sharedkey_01")), Ok(()));
    assert_eq!(checked(&shared, "fxhFJweQbfM/Ew9iyk6cMQUWgvE=", Some(SETTINGS)), Err(SignatureError::Wrong));
    assert_eq!(checked(&shared, bare, Some("key=k,algorithm=HMAC_SHA512")), Err(SignatureError::UnknownMethod));
    // The auth token still signs if the header is absent or empty.
    for settings in [None, Some(""), Some(" ")] {
        assert_eq!(checked(&shared, "BqXMWPbJXGmOY1KCd6P229ACI60=", settings), Ok(()), "{settings:?}");
    }
    assert_eq!(verify(&shared, url, SignedBody::Form(&form), None, Some(SETTINGS)), Err(SignatureError::Wrong));
}

#[test]
fn the_hash_in_a_json_webhooks_url_is_signed_and_must_match_the_body() {
    let shared = Account { shared_key_secret: Some(SHARED.to_owned()), ..account() };
    let body = br#"{"MessageSid":"SM0123456789abcdef0123456789abcdef","AccountSid":"AC0123456789abcdef0123456789abcdef","From":"+12015550123","To":"98765","Body":"STOP"}"#;
    let hash = "55e97fb28a1c33aafcbc021283a222725e08557fa46588a58bcb74f476f830e8";
    let url = format!("{INBOUND_URL}?bodySHA256={hash}");
    let (sha256, sha1) = ("+dc+/cQtB4HNj/mxhs+yHYmQ8gROZ1gB4PkTadsggPE=", "hqySPyc5A6Huya5sIjCwd+cCeBY=");
    assert_eq!(verify(&shared, &url, SignedBody::Json(body), Some(sha256), Some(SETTINGS)), Ok(()));
    assert_eq!(verify(&shared, &url, SignedBody::Json(body), Some(sha1), None), Ok(()));
    let changed = body.to_ascii_lowercase();
    let wrong = Err(SignatureError::Wrong);
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
fn each_value_of_a_repeated_field_counts_once_and_in_order() {
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
