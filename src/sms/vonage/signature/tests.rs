//! Test vectors, and what is rejected.

use super::SignatureMethod::{Md5, Md5Hash, Sha1, Sha256, Sha512};
use super::*;
use crate::sms::params::{of_body, of_query};
use time::macros::datetime;

const OFFICIAL: &str = "my_secret_key_for_testing";
const SECRET: &str = "s3cr3t-Signature-Key";
const DAY: Duration = Duration::DAY;

const A: &str = "message-timestamp=2013-11-21+15:27:30&messageId=020000001B0FE827&msisdn=14843472194&text=Test+again&timestamp=1385047698&to=13239877404&type=text";
const B: &str = "keyword=TEST&message-timestamp=2017-04-04+22:57:47&messageId=0B00000042AC53BD&msisdn=14843472194&nonce=929d6744-bd28-42c8-b6cf-31d5b4f43732&text=Test+with+%26+and+%3D&timestamp=1491346667&to=12192259404&type=text";
const C: &str = "msisdn=12015550123&to=98765&messageId=0C000000D4E5F601&text=YES+042917&type=text&keyword=YES&api-key=abcd1234&message-timestamp=2024-05-01+12%3A00%3A00&timestamp=1714564800&nonce=3f1c2b6e-8a4d-4c57-9b1e-0d2f6a7b8c90";
const C_SHA256: &str = "68BE2EB35622D810975E22FD66C9C18EA6D85A0BF3C4629ECD17C5CF168CD8F2";
const D: &str = "msisdn=12015550123&to=98765&network-code=310260&messageId=aaaaaaaa-bbbb-cccc-dddd-0123456789ab&price=0.00000000&status=failed&scts=2405011200&err-code=9&api-key=abcd1234&client-ref=opt_7Kq%26x%3D1&message-timestamp=2024-05-01+12%3A00%3A05&timestamp=1714564805&nonce=ec11dd3e-1e7f-4db5-9467-82b02cd223b9";
const E: &str = "msisdn=12015550123&to=98765&messageId=0C000000D4E5F602&text=S%C3%AD+%2B+ok%0A%F0%9F%8E%89+100%25&type=unicode&keyword=S%C3%8D&api-key=abcd1234&message-timestamp=2024-05-01+12%3A00%3A00&timestamp=1714564800&nonce=n-1";
const F: &str = "api-key=abcd1234&concat=true&concat-part=2&concat-ref=4&concat-total=3&keyword=&message-timestamp=2024-05-01+12:00:00&messageId=0C000000D4E5F603&msisdn=12015550123&nonce=n-2&text=&timestamp=1714564800&to=98765&type=text";
const G: &str = "api_key=abcd1234&from=98765&to=12015550123&text=A%26B%3DC&timestamp=1714564800&client-ref=opt_7Kq";

const VECTORS: &[(&str, &str, SignatureMethod, &str)] = &[
    (A, OFFICIAL, Md5Hash, "d2e7b1dc968737c5998ad624e02f90b7"),
    (A, OFFICIAL, Md5, "ddebd46008c2d4e93cce578a332a52d5"),
    (A, OFFICIAL, Sha1, "27d0d05c2876c7cb1720dbcdba4d492e1e55c09a"),
    (A, OFFICIAL, Sha256, "ddb8397c2b90aac7f3882d306475c9a5058c92322eef43c92b298b6e0fc0d330"),
    (
        A,
        OFFICIAL,
        Sha512,
        "e0d3c650f8c9d1a5c174d10dddbfb003e561f59b265616208b0487c5d819481cd3c311d59cf6165ecd1139622d5ba3a256c0d763ac4a9ad9144b5a426b94fe82",
    ),
    (B, OFFICIAL, Md5Hash, "e06d9763e3fd0b9c31beb5fc2fcb011c"),
    (B, OFFICIAL, Md5, "0672a6bc90369c0aa2a5f45bc15c2e3c"),
    (B, OFFICIAL, Sha1, "c3b651b36d5595ac958644acca45e08af3f15dd0"),
    (B, OFFICIAL, Sha256, "2b2d9386f4daae2f0694798e64ef3e48ce65a31b24906d501be5a7216bd3f31e"),
    (
        B,
        OFFICIAL,
        Sha512,
        "bb45cf15b69e98c2ea0ca66730f3b5398d7975b6f2f2b841c07aa5265b8ef4d853bfd8bba061f29830c617b468743db2b71caeedff7631ead597ddab4f3eb93d",
    ),
    (C, SECRET, Md5Hash, "e1660c7c3c6979fa6ab4799ecac72768"),
    (C, SECRET, Md5, "9b79e856cc9233dd27624edfa7dada8d"),
    (C, SECRET, Sha1, "994878b86884ffec478ba04e8efab47ffa46fc72"),
    (C, SECRET, Sha256, "68be2eb35622d810975e22fd66c9c18ea6d85a0bf3c4629ecd17c5cf168cd8f2"),
    (
        C,
        SECRET,
        Sha512,
        "5e223d36bdcd4d7f6e2afb0768d17a00b42d733ce35d3971faba2cb9abff1e1391be81843f57bd33fd7dec16ca3ee452bc2d1479b953b29451fc77c9dc6ea234",
    ),
    (D, SECRET, Md5Hash, "a6d0f4a93c940213043bc8ef83ddf99b"),
    (D, SECRET, Md5, "47471cd62f4d470a35458e764c1ebb52"),
    (D, SECRET, Sha1, "77c64bc1de95df821c07724d7c2bd03a0cabfa88"),
    (D, SECRET, Sha256, "f7ce71cc37e0e6b97e0d3766cca0d5655db67255ead88d19ab3e97d8b0cd5f66"),
    (
        D,
        SECRET,
        Sha512,
        "d8c85da882f197253e449aa1230d68eaf31b833c7a29e00335e569143fd8bfbf74c68bc06c03e68dac8e1e8586c2c91272db5a4396c11cfe7b5afb4cd33499cc",
    ),
    (E, SECRET, Md5Hash, "63b84b46fddc804613d27582e9ef8d74"),
    (E, SECRET, Sha1, "77258aa25f6851d244b3ad297160b5d59eb1bda1"),
    (E, SECRET, Sha256, "850caf32621f559728988ef48826d0bbc2fda23e1520394ceb8a5070e5b158c9"),
    (
        E,
        SECRET,
        Sha512,
        "f6ea08d1a7608ae1a16e2777cb92e0b492a7c1dbe6b50e44b8e611c13c924dacff0fa27b18e54a2ebc80d924091960b925ddb53e98b7a7b55406df7ac2826475",
    ),
    (F, SECRET, Md5Hash, "c280f203181de8c62564bca1ce9d368a"),
    (F, SECRET, Sha256, "2aaf8342a9096ddbaf55edc905a6e3997c70497d0666411acecc1ae8143b8fe4"),
    (G, SECRET, Md5Hash, "fb3979c73e4c12979f954f3a7307af94"),
    (G, SECRET, Md5, "f8ce889c61cf1197749d79fea3360d0a"),
    (G, SECRET, Sha1, "1f9f5e9a0200c529abc615a217575a4258290d2b"),
    (G, SECRET, Sha256, "5583056621fc853b87e439b329428d2e797d7481c14d6ea93be51f3b5603d650"),
    (
        "api_key=not_a_key&from=12192259404&text=Test%26test%3Dsomething&timestamp=1490638615&to=14843472194",
        OFFICIAL,
        Md5Hash,
        "17f5e3b22f778ec73464c01d180e9d0f",
    ),
    ("a=1&b=2&timestamp=1461605396", "secret", Md5Hash, "6af838ef94998832dbfc29020b564830"),
    (
        "param1=value1&param2=value2&timestamp=1234567890",
        "signature_secret",
        Sha256,
        "280c4320703dbc98bfa22db676655ed2acfbfe8792b062ff7622e67f1183c287",
    ),
    ("param1=value1&param2=value2&timestamp=1234567890", "signature_secret", Md5, "724c2bf6ca423c36e20631b11d1c5753"),
];

fn with_sig(query: &str, sig: &str) -> Params {
    let mut pairs = of_query(query);
    pairs.push(("sig".to_owned(), sig.to_owned()));
    pairs
}

fn time_of(pairs: &Params) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(value(pairs, "timestamp").expect("a time").parse().expect("digits")).expect("a Unix time")
}

fn verified(method: SignatureMethod, secret: &str, pairs: &Params) -> Result<(), SignatureError> {
    verify(method, secret, pairs, time_of(pairs), DAY)
}

#[test]
fn trap_19_every_vector_signs_and_verifies_in_both_cases() {
    for (query, secret, method, sig) in VECTORS {
        assert_eq!(sign(*method, secret, &of_query(query)), *sig, "{method:?} {query}");
        for sig in [(*sig).to_owned(), sig.to_uppercase()] {
            assert_eq!(verified(*method, secret, &with_sig(query, &sig)), Ok(()), "{method:?} {query}");
        }
    }
}

#[test]
fn a_vector_verifies_only_with_its_own_method_and_secret() {
    for (query, secret, method, sig) in VECTORS {
        let pairs = with_sig(query, sig);
        assert_eq!(verified(*method, "another", &pairs), Err(SignatureError::Wrong));
        for other in SignatureMethod::ALL.iter().filter(|other| *other != method) {
            assert_eq!(verified(*other, secret, &pairs), Err(SignatureError::Wrong), "{method:?} as {other:?}");
        }
    }
}

#[test]
fn trap_18_the_order_is_that_of_bytes() {
    let text = canonical(&of_query("type=text&messageId=1&msisdn=2&message-timestamp=3&Z=4&api-key=5&api_key=6&sig=7"), true);
    assert_eq!(text, "&Z=4&api-key=5&api_key=6&message-timestamp=3&messageId=1&msisdn=2&type=text");
}

#[test]
fn trap_20_the_default_method_is_not_an_hmac() {
    assert_eq!(SignatureMethod::ALL[0], Md5Hash);
    assert_ne!(sign(Md5Hash, SECRET, &of_query(C)), sign(Md5, SECRET, &of_query(C)));
}

#[test]
fn methods_are_read_from_their_words() {
    let words: Vec<&str> = SignatureMethod::ALL.iter().map(|method| method.as_str()).collect();
    assert_eq!(words, ["md5hash", "md5", "sha1", "sha256", "sha512"]);
    for method in SignatureMethod::ALL {
        assert_eq!(SignatureMethod::from_word(method.as_str()), Some(*method));
    }
    assert_eq!(SignatureMethod::from_word("MD5"), None);
}

#[test]
fn blank_values_may_be_signed_or_left_out() {
    for (method, sig) in [
        (Md5Hash, "46ff0b30a65ea19dfc67c12af7c0f7a4"),
        (Sha256, "d33635aa7a74b0c508fb1e3a0e76357d956a531ed214ec4767ac38e51f12d179"),
    ] {
        assert_eq!(verified(method, SECRET, &with_sig(F, sig)), Ok(()));
        assert_eq!(verified(method, SECRET, &with_sig(F, &sig.to_uppercase())), Ok(()));
        let changed = F.replace("concat-part=2", "concat-part=1");
        assert_eq!(verified(method, SECRET, &with_sig(&changed, sig)), Err(SignatureError::Wrong));
    }
}

#[test]
fn trap_16_pairs_that_nobody_knows_are_signed_too() {
    let query = format!("{C}&new-key=1");
    assert_eq!(verified(Sha256, SECRET, &with_sig(&query, C_SHA256)), Err(SignatureError::Wrong));
    let sig = sign(Sha256, SECRET, &of_query(&query));
    assert_eq!(verified(Sha256, SECRET, &with_sig(&query, &sig)), Ok(()));
}

#[test]
fn every_changed_character_is_noticed() {
    let changed = |text: &str, at: usize| -> String {
        let other = |c| match c {
            '0'..='8' => char::from(c as u8 + 1),
            '9' => '0',
            'a'..='z' => c.to_ascii_uppercase(),
            'A'..='Z' => c.to_ascii_lowercase(),
            ' ' => '+',
            _ => ' ',
        };
        text.chars().enumerate().map(|(i, c)| if i == at { other(c) } else { c }).collect()
    };
    let pairs = with_sig(C, C_SHA256);
    let wrong = |pairs: &Params, text: &str| {
        let result = verify(Sha256, SECRET, pairs, datetime!(2024-05-01 12:00 UTC), Duration::days(100_000));
        assert_eq!(result, Err(SignatureError::Wrong), "{text}");
    };
    for (index, (name, value)) in pairs.iter().enumerate().filter(|(_, (name, _))| name != "sig") {
        for at in 0..name.len() {
            let mut forged = pairs.clone();
            forged[index].0 = changed(name, at);
            wrong(&forged, &forged[index].0);
        }
        for at in 0..value.len() {
            let mut forged = pairs.clone();
            forged[index].1 = changed(value, at);
            wrong(&forged, &forged[index].1);
        }
    }
}

#[test]
fn every_changed_digit_of_the_signature_is_noticed() {
    for at in 0..C_SHA256.len() {
        let mut sig = C_SHA256.to_owned();
        let other = if sig.as_bytes()[at] == b'0' { "1" } else { "0" };
        sig.replace_range(at..=at, other);
        assert_eq!(verified(Sha256, SECRET, &with_sig(C, &sig)), Err(SignatureError::Wrong));
    }
}

#[test]
fn pairs_that_are_added_dropped_or_swapped_are_noticed() {
    let dropped = C.replace("&keyword=YES", "");
    let swapped = C.replace("msisdn=12015550123&to=98765", "msisdn=98765&to=12015550123");
    let doubled = format!("{C}&to=98765");
    for query in [dropped, swapped, doubled] {
        assert_eq!(verified(Sha256, SECRET, &with_sig(&query, C_SHA256)), Err(SignatureError::Wrong), "{query}");
    }
}

#[test]
fn a_name_cannot_swallow_its_neighbor() {
    // Joined, this is exactly the text that was signed, unless `&` and `=` are replaced in names too.
    let query = C.replace("&keyword=YES", "").replace("&message-timestamp=", "&keyword%3DYES%26message-timestamp=");
    assert_eq!(verified(Sha256, SECRET, &with_sig(&query, C_SHA256)), Err(SignatureError::Wrong));
}

#[test]
fn trap_19_a_missing_short_long_or_odd_signature_is_a_clean_no() {
    assert_eq!(verified(Sha256, SECRET, &of_query(C)), Err(SignatureError::Missing));
    let long = format!("{C_SHA256}00");
    for sig in ["", "6", "68", &C_SHA256[..62], &C_SHA256[..63], &long, "zz", "é", " ", &format!(" {C_SHA256}")] {
        assert_eq!(verified(Sha256, SECRET, &with_sig(C, sig)), Err(SignatureError::Wrong), "{sig}");
    }
    let mut twice = with_sig(C, C_SHA256);
    twice.push(("sig".to_owned(), C_SHA256.to_owned()));
    assert_eq!(verified(Sha256, SECRET, &twice), Err(SignatureError::Wrong));
    assert_eq!(verified(Sha256, SECRET, &with_sig(&C.replace("api-key", "SIG"), C_SHA256)), Err(SignatureError::Wrong));
}

#[test]
fn a_signed_webhook_without_a_readable_time_is_wrong() {
    for query in [
        C.replace("&timestamp=1714564800", ""),
        C.replace("timestamp=1714564800", "timestamp="),
        C.replace("timestamp=1714564800", "timestamp=noon"),
        C.replace("timestamp=1714564800", "timestamp=1714564800.5"),
        C.replace("timestamp=1714564800", "timestamp=9223372036854775807"),
    ] {
        let sig = sign(Sha256, SECRET, &of_query(&query));
        let now = datetime!(2024-05-01 12:00 UTC);
        assert_eq!(verify(Sha256, SECRET, &with_sig(&query, &sig), now, DAY), Err(SignatureError::Wrong), "{query}");
    }
}

#[test]
fn trap_21_a_late_webhook_is_taken_within_the_window() {
    let pairs = with_sig(C, C_SHA256);
    let at = |now| verify(Sha256, SECRET, &pairs, now, DAY);
    assert_eq!(at(datetime!(2024-05-01 12:06 UTC)), Ok(()));
    assert_eq!(at(datetime!(2024-05-02 12:00 UTC)), Ok(()));
    assert_eq!(at(datetime!(2024-05-02 12:00:01 UTC)), Err(SignatureError::Stale));
    assert_eq!(at(datetime!(2024-05-01 11:55 UTC)), Ok(()));
    assert_eq!(at(datetime!(2024-05-01 11:54:59 UTC)), Err(SignatureError::Future));
}

#[test]
fn a_forgery_is_wrong_before_it_is_stale() {
    let pairs = with_sig(C, &C_SHA256.replace('6', "7"));
    assert_eq!(verify(Sha256, SECRET, &pairs, datetime!(2034-05-01 12:00 UTC), DAY), Err(SignatureError::Wrong));
}

#[test]
fn a_json_webhook_with_a_number_for_its_time_verifies() {
    let pairs = of_query(D);
    let members: Vec<String> = pairs
        .iter()
        .map(|(name, value)| if name == "timestamp" { format!("\"{name}\":{value}") } else { format!("{name:?}:{value:?}") })
        .collect();
    let json = format!("{{{},\"sig\":\"F7CE71CC37E0E6B97E0D3766CCA0D5655DB67255EAD88D19AB3E97D8B0CD5F66\"}}", members.join(","));
    assert_eq!(verified(Sha256, SECRET, &of_body(json.as_bytes()).expect("readable pairs")), Ok(()));
}
