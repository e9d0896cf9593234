//! Inbound texts and receipts.

use super::super::tests::{T1, T2, account};
use super::*;
use crate::sms::outcome::Consequence;
use crate::sms::params::of_query;

#[test]
fn an_inbound_text_is_read() {
    let inbound = read_inbound(&account(), &of_query(T1)).expect("an inbound text");
    assert_eq!(inbound.message_id.as_deref(), Some("SM0123456789abcdef0123456789abcdef"));
    assert_eq!(inbound.from.as_deref(), Some("+12015550123"));
    assert_eq!((inbound.to.as_str(), inbound.text.as_str()), ("98765", "STOP"));
    assert!(!inbound.to_own_pool);
    let service = Some("MG0123456789abcdef0123456789abcdef".to_owned());
    let with_pool = Account { messaging_service_sid: service, ..account() };
    assert!(read_inbound(&with_pool, &of_query(T1)).expect("an inbound text").to_own_pool);
    assert!(!read_inbound(&with_pool, &of_query(T2)).expect("an inbound text").to_own_pool);
    assert_eq!(inbound.answered_as, Some(AnsweredAs::Stop));
    assert!(read_receipt(&of_query(T1)).is_none());
    assert_eq!(read_inbound(&account(), &of_query(T2)).expect("an inbound text").text, "Yes & 042917 = ok +1");
}

#[test]
fn trap_34_a_keyword_that_twilio_answered_itself_is_reported() {
    let kind = |word: &str| {
        read_inbound(&account(), &of_query(&T1.replace("OptOutType=STOP", word))).expect("an inbound text").answered_as
    };
    assert_eq!(kind("OptOutType=START"), Some(AnsweredAs::Start));
    assert_eq!(kind("OptOutType=help"), Some(AnsweredAs::Help));
    assert_eq!(kind("OptOutType="), None);
    assert_eq!(kind("OptOutType=NEW"), None);
    assert_eq!(kind("x=y"), None);
}

#[test]
fn other_webhooks_are_not_read_as_inbound_texts() {
    for query in ["", "MessageSid=SM01&Body=STOP", "MessageSid=&Body=STOP", "MessageStatus=sent&From=%2B12015550123"] {
        assert!(read_inbound(&account(), &of_query(query)).is_none(), "{query}");
    }
    assert_eq!(read_inbound(&account(), &of_query("MessageSid=SM01&From=VERIZON")).expect("an inbound text").from, None);
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
    assert!(read_inbound(&account(), &of_query(query)).is_none());
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
