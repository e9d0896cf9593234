//! The parameters of a webhook or a form: names and values, decoded but otherwise unchanged.
//!
//! Owns the parsing of query strings, forms and flat JSON. Must not trim, normalize or drop anything: the signature covers
//! every pair, including unknown ones. `Content-Type` is ignored, since JSON sometimes comes without one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Decoded names and values.
pub type Params = Vec<(String, String)>;

/// Why a body can't be read as parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotParams {
    /// It starts like JSON but isn't valid.
    #[error("the body is broken JSON")]
    Malformed,
    /// The account sends webhooks in the format of the Messages API.
    #[error("the body has the form of the Messages API: switch the account's SMS setting to the SMS API")]
    MessagesApi,
}

/// Parses a query string; `+` is a space.
#[must_use]
pub fn of_query(query: &str) -> Params {
    of_form(query.as_bytes())
}

/// Parses a body, either JSON or a form.
///
/// # Errors
/// If the body looks like JSON, but is broken or belongs to another API.
pub fn of_body(body: &[u8]) -> Result<Params, NotParams> {
    if body.trim_ascii_start().starts_with(b"{") { of_json(body) } else { Ok(of_form(body)) }
}

/// Returns the first value with this name.
#[must_use]
pub fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

/// Returns the first value with this name, unless it is empty.
#[must_use]
pub fn filled<'a>(params: &'a [(String, String)], key: &str) -> Option<&'a str> {
    value(params, key).filter(|value| !value.is_empty())
}

fn of_form(form: &[u8]) -> Params {
    url::form_urlencoded::parse(form).into_owned().collect()
}

/// Parses flat JSON. If a name is repeated, the last value counts, as in most JSON parsers. The pairs are sorted by name.
fn of_json(body: &[u8]) -> Result<Params, NotParams> {
    let whole = without_lone_surrogates(body);
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&whole).map_err(|_| NotParams::Malformed)?;
    let nested = |key: &str| members.get(key).is_some_and(|raw| raw.get().starts_with('{'));
    if members.contains_key("message_uuid") || nested("from") || nested("message") {
        return Err(NotParams::MessagesApi);
    }
    members.into_iter().map(|(name, raw)| Ok((name, word(raw.get())?))).collect()
}

/// Replaces half a character (`\ud83d` without its other half) with U+FFFD. A parser would refuse the whole body, and a STOP that
/// begins with a broken emoji would be lost.
fn without_lone_surrogates(body: &[u8]) -> Cow<'_, [u8]> {
    let unit = |at: usize| -> Option<u16> {
        let digits = body.get(at..at + 6).filter(|escape| escape.starts_with(b"\\u"))?;
        u16::from_str_radix(std::str::from_utf8(&digits[2..]).ok()?, 16).ok()
    };
    let (mut lone, mut at) = (Vec::new(), 0);
    while at < body.len() {
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                lone.push(at);
                at += 6;
            }
            // A backslash escapes the next character, so skip both.
            _ => at += 1 + usize::from(body[at] == b'\\'),
        }
    }
    if lone.is_empty() {
        return Cow::Borrowed(body);
    }
    let mut whole = body.to_vec();
    for at in lone {
        whole[at..at + 6].copy_from_slice(b"\\ufffd");
    }
    Cow::Owned(whole)
}

/// A number keeps its exact text, because that's what was signed. Parsing it would change `1.50` or a long id.
fn word(raw: &str) -> Result<String, NotParams> {
    match raw {
        "null" => Ok(String::new()),
        text if text.starts_with('"') => serde_json::from_str(text).map_err(|_| NotParams::Malformed),
        other => Ok(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Params {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn trap_17_plus_is_a_space_and_percent_2b_is_a_plus() {
        let read = pairs(&[("text", "Sí + ok\n🎉 100%"), ("n", " a ")]);
        assert_eq!(of_query("text=S%C3%AD+%2B+ok%0A%F0%9F%8E%89+100%25&n=+a+"), read);
        assert_eq!(of_body(b"text=S%C3%AD+%2B+ok%0A%F0%9F%8E%89+100%25&n=%20a%20"), Ok(read));
    }

    #[test]
    fn trap_16_every_pair_is_kept_including_odd_names_blanks_and_repeats() {
        let read = of_body(b"to=1&new.key[0]=x&blank=&bare&to=2&e=a%3Db%26c");
        assert_eq!(
            read,
            Ok(pairs(&[("to", "1"), ("new.key[0]", "x"), ("blank", ""), ("bare", ""), ("to", "2"), ("e", "a=b&c")]))
        );
        assert_eq!(value(&of_query("to=1&to=2"), "to"), Some("1"));
        assert_eq!(value(&of_query("to=1"), "To"), None);
    }

    #[test]
    fn trap_15_an_empty_body_and_an_empty_query_have_no_pairs() {
        assert_eq!(of_query(""), vec![]);
        assert_eq!(of_body(b""), Ok(vec![]));
        assert_eq!(of_body(b"{}"), Ok(vec![]));
    }

    #[test]
    fn trap_15_json_is_known_by_its_brace_alone() {
        let read = of_body(b"\r\n {\"msisdn\":\"12015550123\",\"to\":\"98765\",\"text\":\"S\\u00ed \\ud83c\\udf89 + a%20\"}");
        assert_eq!(read, Ok(pairs(&[("msisdn", "12015550123"), ("text", "Sí 🎉 + a%20"), ("to", "98765")])));
    }

    #[test]
    fn json_numbers_keep_their_exact_text() {
        let read = of_body(br#"{"a":1582650446,"b":0.00480000,"c":12345678901234567890123,"d":1e3,"e":true,"f":false,"g":null}"#);
        let kept = [
            ("a", "1582650446"),
            ("b", "0.00480000"),
            ("c", "12345678901234567890123"),
            ("d", "1e3"),
            ("e", "true"),
            ("f", "false"),
            ("g", ""),
        ];
        assert_eq!(read, Ok(pairs(&kept)));
    }

    #[test]
    fn nested_values_that_nobody_knows_are_kept_as_they_came() {
        assert_eq!(
            of_body(br#"{"usage":{"price": "1"},"x":[1, 2]}"#),
            Ok(pairs(&[("usage", r#"{"price": "1"}"#), ("x", "[1, 2]")]))
        );
    }

    #[test]
    fn half_a_character_is_replaced_and_nothing_else_is_lost() {
        for (written, read) in [
            (r#"{"a":"\ud83c STOP"}"#, "\u{fffd} STOP"),
            (r#"{"a":"STOP \udf89"}"#, "STOP \u{fffd}"),
            (r#"{"a":"\ud83c\ud83c\udf89"}"#, "\u{fffd}🎉"),
            (r#"{"a":"\uD83C\uDF89 \\ud83c"}"#, "🎉 \\ud83c"),
        ] {
            assert_eq!(of_body(written.as_bytes()), Ok(pairs(&[("a", read)])), "{written}");
        }
    }

    #[test]
    fn broken_json_is_malformed() {
        for body in [r#"{"a":"1""#, "{a:1}", r#"{"a":1}x"#, "{", "{\"a\":\"\u{1}\"}"] {
            assert_eq!(of_body(body.as_bytes()), Err(NotParams::Malformed), "{body}");
        }
        assert_eq!(of_body(b"{\"a\":\"\xff\"}"), Err(NotParams::Malformed));
        assert_eq!(of_body(format!("{{\"a\":{}", "[".repeat(100_000)).as_bytes()), Err(NotParams::Malformed));
    }

    #[test]
    fn trap_31_the_messages_api_is_recognized() {
        let v1 = br#"{"to":"98765","from":"12015550123","channel":"sms","message_uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
            "timestamp":"2024-05-01T12:00:00Z","message_type":"text","text":"YES","usage":{"currency":"EUR","price":"0.01"},
            "sms":{"num_messages":"1","count_total":"1"}}"#;
        let v01 = br#"{"from":{"type":"sms","number":"12015550123"},"message":{"content":{"type":"text","text":"YES"}}}"#;
        assert_eq!(of_body(v1), Err(NotParams::MessagesApi));
        assert_eq!(of_body(v01), Err(NotParams::MessagesApi));
        assert!(of_body(br#"{"from":"12015550123","message":"x"}"#).is_ok());
    }
}
