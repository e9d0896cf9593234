//! Vonage's webhooks: inbound texts and receipts.

use super::*;
use crate::sms::params::{of_body, of_query};

const INBOUND: &str = "msisdn=12015550123&to=98765&messageId=0C000000D4E5F601&text=YES+042917&type=text&keyword=YES&api-key=abcd1234&message-timestamp=2024-05-01+12%3A00%3A00";

#[test]
fn trap_15_an_inbound_text_is_read_from_query_form_and_json() {
    let json = r#"{"msisdn":"12015550123","to":98765,"messageId":"0C000000D4E5F601","text":"YES 042917","type":"text"}"#;
    for pairs in [
        of_query(INBOUND),
        of_body(INBOUND.as_bytes()).expect("readable pairs"),
        of_body(json.as_bytes()).expect("readable pairs"),
    ] {
        let inbound = read_inbound(&pairs).expect("an inbound text");
        assert_eq!(inbound.message_id.as_deref(), Some("0C000000D4E5F601"));
        assert_eq!(inbound.from.as_deref(), Some("+12015550123"));
        assert_eq!((inbound.to.as_str(), inbound.text.as_str()), ("98765", "YES 042917"));
        assert_eq!(inbound.part, None);
        assert!(read_receipt(&pairs).is_none());
    }
}

#[test]
fn trap_15_a_bare_probe_is_neither_text_nor_receipt() {
    for query in ["", "messageId=1&text=x", "messageId=&text=x", "text=x"] {
        assert!(read_inbound(&of_query(query)).is_none(), "{query}");
        assert!(read_receipt(&of_query(query)).is_none(), "{query}");
    }
}

#[test]
fn trap_17_the_words_are_not_trimmed() {
    let query = INBOUND.replace("YES+042917", "+%2B+yes%0A");
    assert_eq!(read_inbound(&of_query(&query)).expect("an inbound text").text, " + yes\n");
}

#[test]
fn an_empty_text_is_still_an_inbound_text() {
    assert_eq!(read_inbound(&of_query("msisdn=12015550123&messageId=1&text=")).expect("an inbound text").text, "");
    assert_eq!(
        read_inbound(&of_query("msisdn=12015550123&messageId=1&status=x&text=stop")).expect("an inbound text").text,
        "stop"
    );
}

#[test]
fn a_binary_text_has_no_words() {
    let query = "msisdn=12015550123&to=98765&messageId=1&type=binary&data=53544f50&udh=050003010101&text=STOP";
    assert_eq!(read_inbound(&of_query(query)).expect("an inbound text").text, "");
}

#[test]
fn a_sender_that_is_not_a_number_has_no_phone() {
    let inbound = read_inbound(&of_query("msisdn=VERIZON&to=98765&messageId=1&text=hello")).expect("an inbound text");
    assert_eq!(inbound.from, None);
}

#[test]
fn trap_24_the_keyword_of_a_part_is_not_its_text() {
    let query = "msisdn=12015550123&to=98765&messageId=1&keyword=STOP&text=stopping+by&concat=true&concat-ref=08B5&concat-total=3&concat-part=2";
    assert_eq!(read_inbound(&of_query(query)).expect("an inbound text").text, "stopping by");
}

fn part_of(concat: &str) -> Option<Part> {
    read_inbound(&of_query(&format!("{INBOUND}&{concat}"))).expect("an inbound text").part
}

#[test]
fn trap_30_parts_come_in_any_order_and_with_a_text_for_their_reference() {
    for number in [4, 1, 3, 2] {
        let part = part_of(&format!("concat=true&concat-ref=08B5&concat-total=4&concat-part={number}"));
        assert_eq!(part, Some(Part { reference: "08B5".to_owned(), number, total: 4 }));
    }
    let json =
        br#"{"msisdn":"1201555012","messageId":"1","text":"x","concat":true,"concat-ref":4,"concat-total":2,"concat-part":1}"#;
    let part = read_inbound(&of_body(json).expect("readable pairs")).expect("an inbound text").part;
    assert_eq!(part, Some(Part { reference: "4".to_owned(), number: 1, total: 2 }));
}

#[test]
fn trap_30_nonsense_about_parts_is_ignored() {
    for concat in [
        "",
        "concat=false&concat-ref=4&concat-total=2&concat-part=1",
        "concat-ref=4&concat-total=2&concat-part=1",
        "concat=true",
        "concat=true&concat-total=2&concat-part=1",
        "concat=true&concat-ref=&concat-total=2&concat-part=1",
        "concat=true&concat-ref=4&concat-total=2&concat-part=0",
        "concat=true&concat-ref=4&concat-total=2&concat-part=3",
        "concat=true&concat-ref=4&concat-total=1&concat-part=1",
        "concat=true&concat-ref=4&concat-total=21&concat-part=1",
        "concat=true&concat-ref=4&concat-total=-2&concat-part=1",
        "concat=true&concat-ref=4&concat-total=two&concat-part=one",
    ] {
        assert_eq!(part_of(concat), None, "{concat}");
    }
}

const RECEIPT: &str = "msisdn=14845552121&to=16105553939&network-code=310004&messageId=14000000F9DBBBBB&price=0.00845000&status=delivered&scts=2007162234&err-code=0&api-key=a1234567&client-ref=my-ref&message-timestamp=2020-07-17+02%3A34%3A35";

#[test]
fn trap_28_a_receipts_msisdn_is_the_recipient() {
    let json = br#"{"msisdn":"14845552121","to":"16105553939","messageId":"14000000F9DBBBBB","status":"delivered","err-code":"0",
        "client-ref":"my-ref","timestamp":1582650446}"#;
    for pairs in [of_query(RECEIPT), of_body(RECEIPT.as_bytes()).expect("readable pairs"), of_body(json).expect("readable pairs")]
    {
        let receipt = read_receipt(&pairs).expect("a receipt");
        assert_eq!(receipt.phone.as_deref(), Some("+14845552121"));
        assert_eq!(receipt.message_id.as_deref(), Some("14000000F9DBBBBB"));
        assert_eq!(receipt.reference.as_deref(), Some("my-ref"));
        assert_eq!(receipt.state, ReceiptState::Delivered);
        assert!(read_inbound(&pairs).is_none());
    }
}

#[test]
fn a_receipt_without_ids_is_still_one() {
    let receipt = read_receipt(&of_query("status=delivered&client-ref=&messageId=&msisdn=x")).expect("a receipt");
    assert_eq!((receipt.phone, receipt.message_id, receipt.reference), (None, None, None));
}

fn state_of(status: &str, code: &str) -> ReceiptState {
    let query =
        RECEIPT.replace("status=delivered", &format!("status={status}")).replace("err-code=0", &format!("err-code={code}"));
    read_receipt(&of_query(&query)).expect("a receipt").state
}

fn failed(why: &str, consequence: Consequence) -> ReceiptState {
    ReceiptState::Failed { why: why.to_owned(), consequence }
}

#[test]
fn statuses_that_are_not_final_are_underway_whatever_their_error() {
    for status in ["accepted", "buffered", "unknown", "Accepted", "something-new", ""] {
        assert_eq!(state_of(status, "9"), ReceiptState::Underway, "{status}");
    }
}

#[test]
fn the_case_of_a_status_does_not_matter() {
    assert_eq!(state_of("DELIVERED", "0"), ReceiptState::Delivered);
    assert_eq!(state_of("Expired", "0"), failed("not delivered in time", Consequence::None));
    assert_eq!(state_of("REJECTED", ""), failed("rejected by the carrier", Consequence::None));
    assert_eq!(state_of("Failed", "1"), failed("not delivered (error 1)", Consequence::None));
}

#[test]
fn trap_02_error_9_is_an_opt_out() {
    for status in ["failed", "rejected"] {
        assert_eq!(state_of(status, "9"), failed("the person has asked for no more texts (error 9)", Consequence::OptedOut));
    }
}

#[test]
fn every_error_code_has_words_and_a_consequence() {
    for code in 2..=99 {
        let ReceiptState::Failed { why, consequence } = state_of("failed", &code.to_string()) else { panic!("{code}") };
        let expected = match code {
            9 => Consequence::OptedOut,
            3 | 4 | 13 | 14 => Consequence::Permanent,
            6 | 50..=54 => Consequence::Misconfigured,
            _ => Consequence::None,
        };
        assert_eq!(consequence, expected, "{code}");
        assert!(why.ends_with(&format!(" (error {code})")), "an unknown one is reported too: {why}");
    }
    assert_eq!(state_of("failed", "9<script>"), failed("not delivered", Consequence::None));
}

#[test]
fn trap_29_a_receipt_needs_no_readable_dates() {
    let query = RECEIPT
        .replace("scts=2007162234", "scts=nonsense")
        .replace("message-timestamp=2020-07-17+02%3A34%3A35", "message-timestamp=2020-01-01T12:00:00.000%2B00:00");
    assert_eq!(read_receipt(&of_query(&query)).expect("a receipt").state, ReceiptState::Delivered);
}
