//! What words mean on an opt-in page: providers' own examples pass, and words that weaken a disclosure don't.

use assent::optin::disclosure::ProgramKind;
use assent::optin::disclosure::guard::{Element, Problem};

use super::{acme, judge, say};

/// A page with `words` above its box, whose label is `label`, including any links in them.
fn page(words: &str, label: &str) -> String {
    format!(
        "<form method=post action=/start><label>Mobile <input name=phone type=tel></label><div>{words}</div>\
         <input type=checkbox id=c name=consent value=yes><label for=c>{label}</label><button>Go</button></form>"
    )
}

const LABEL: &str = "I agree to receive text messages from Acme Alerts.";
const LINKS: &str = "<a href=/terms>Terms</a> <a href=/privacy>Privacy policy</a>";
const COST: &str = "Message and data rates may apply.";
const STOP: &str = "Text STOP to 98765 to cancel, HELP to 98765 for help.";

fn faults(words: &str, label: &str, kind: ProgramKind) -> Vec<(Element, Problem)> {
    judge(&page(words, label), &acme(kind), "en").into_iter().map(|lost| (lost.element, lost.problem)).collect()
}

#[track_caller]
fn passes(words: &str) {
    let lost = judge(&page(words, LABEL), &acme(ProgramKind::TwoFactor), "en");
    assert!(lost.is_empty(), "{words}{}", say(&lost));
}

#[test]
fn a_providers_own_example_passes_word_for_word() {
    let words = |count: u32| {
        format!(
            "You will receive no more than {count} msgs/day. To opt-out at any time, send STOP to 98765. To receive more \
             information, send HELP to 98765. Message and data rates may apply. The terms and conditions can be viewed at \
             &lt;<a href=https://alerts.example/terms>https://alerts.example/terms</a>&gt;. Our Privacy Policy can be reviewed at \
             &lt;<a href=https://alerts.example/privacy>https://alerts.example/privacy</a>&gt;."
        )
    };
    passes(&words(5));
    let wrong = faults(&words(2), LABEL, ProgramKind::TwoFactor);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert_eq!(wrong[0].0, Element::Frequency);
}

#[test]
fn a_link_is_named_by_its_text_or_its_sentence_and_each_page_needs_one() {
    let say = |links: &str| format!("Up to 5 messages per day. {STOP} {COST} {links}");
    for links in [
        "<a href=/terms>T&amp;Cs</a>, <a href=/privacy>privacy</a>",
        "<a href=/terms>Terms</a> <a href=/privacy/>Privacy</a>",
        "<a href=/terms/>Terms</a> <a href=/privacy>Privacy</a>",
        "Our terms are <a href=/terms>here</a> and our privacy policy is <a href=/privacy>here</a>.",
        "Read the terms at <a href=/terms>alerts.example/terms</a>. Privacy policy: <a href=/privacy>alerts.example/privacy</a>.",
    ] {
        passes(&say(links));
    }
    for (links, element) in [
        ("<a href=/terms>Terms and privacy policy</a>", Element::Privacy),
        ("<a href=/privacy>Terms and privacy policy</a>", Element::Terms),
        ("Terms and privacy: <a href=/privacy>here</a>", Element::Terms),
        ("<a href=/terms>here</a> <a href=/privacy>Privacy</a>", Element::Terms),
        ("Our privacy policy is <a href=/terms>here</a> and our terms are <a href=/privacy>here</a>.", Element::Terms),
    ] {
        let found = faults(&say(links), LABEL, ProgramKind::TwoFactor);
        assert!(found.iter().any(|(lost, _)| *lost == element), "{links}: {found:?}");
    }
}

#[test]
fn the_sender_may_be_named_once_but_no_other_number_may() {
    let say = |stop: &str| format!("Up to 5 messages per day. {stop} {COST} {LINKS}");
    for stop in [
        "Messages come from 98765. Reply STOP to cancel, HELP for help.",
        "Reply STOP to cancel or HELP for help to any message from 98765.",
        "Text STOP to 98765 to cancel, HELP for help.",
    ] {
        passes(&say(stop));
    }
    let other = |stop: &str| faults(&say(stop), LABEL, ProgramKind::TwoFactor);
    let wrong = other("Text STOP to 12345 to opt out, HELP to 98765 for help");
    assert_eq!(wrong, [(Element::Stop, Problem::Contradicts { says: "text stop to 12345".to_owned() })]);
    let wrong = other("Text STOP to 98765 to opt out, HELP to 12345 for help. Or text STOP to 12345.");
    assert_eq!(wrong.iter().map(|(element, _)| *element).collect::<Vec<_>>(), [Element::Stop, Element::Help], "{wrong:?}");
    let lost = judge(&page(&say("Reply STOP to cancel, HELP for help."), LABEL), &acme(ProgramKind::TwoFactor), "en");
    let sentences: Vec<String> = lost.iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        [
            "the page says STOP but not to which number: write \"Text STOP to 98765\" inside the form, above the button",
            "the page says HELP but not to which number: write \"Text HELP to 98765\" inside the form, above the button",
        ]
    );
}

#[test]
fn what_weakens_a_disclosure_is_refused_with_the_words_that_do() {
    use Element::{Cost, Frequency, Help, Stop};
    let usual = [
        (Frequency, "Up to 5 messages per day."),
        (Stop, "Text STOP to 98765 to cancel."),
        (Help, "Text HELP to 98765 for help."),
        (Cost, COST),
    ];
    for (element, words, by) in [
        (Frequency, "5+ messages per day.", "5 +"),
        (Frequency, "5 or more messages per day.", "or more"),
        (Frequency, "An average of 5 messages per day.", "average of"),
        (Frequency, "5 messages per day, more in an emergency.", "more in"),
        (Frequency, "Up to 5 messages per day on average.", "on average"),
        (Stop, "Text STOP to 98765 to pause messages.", "pause"),
        (Stop, "Text STOP to 98765 to receive fewer texts.", "fewer"),
        (Stop, "Text STOP to 98765 to cancel (a $2 processing fee is billed).", "$2"),
        (Stop, "Text STOP to 98765 to cancel after 30 days.", "after 30 days"),
        (Stop, "A $2 charge applies. Text STOP to 98765 to cancel.", "$2"),
        (Stop, "STOP does not work. Text STOP to 98765 to cancel.", "stop does not work"),
        (Stop, "After your first ninety days you may text STOP to 98765 to cancel.", "after your first ninety days"),
        (Cost, "Message and data rates may apply, but not to our texts.", "but not"),
        (Cost, "Message and data rates may apply only outside the US.", "only"),
        (Cost, "Outside the United States, message and data rates may apply.", "outside"),
        (Cost, "Message and data rates may apply? Not with us!", "message and data rates may apply?"),
    ] {
        let each = usual.iter().map(|(other, usual)| if *other == element { words } else { usual });
        let all = each.map(|words| format!("<p>{words}</p>")).collect::<Vec<_>>().concat();
        let found = faults(&format!("{all}{LINKS}"), LABEL, ProgramKind::TwoFactor);
        match found.as_slice() {
            [(found, Problem::Weakened { by: words })] if *found == element => assert!(words.contains(by), "{words} for {by}"),
            other => panic!("{words}: {other:?}"),
        }
    }
    let all = format!("<p>Up to twenty-five messages per day.</p><p>{STOP}</p><p>{COST}</p>{LINKS}");
    let found = faults(&all, LABEL, ProgramKind::TwoFactor);
    assert_eq!(found, [(Frequency, Problem::Contradicts { says: "twenty five messages per day".to_owned() })]);
}

#[test]
fn a_box_that_agrees_to_anything_else_is_refused() {
    let words = format!("Up to 5 messages per day. {STOP} {COST} {LINKS}");
    for label in [
        "I agree to receive text messages from Acme Alerts and to the terms.",
        "I agree to the terms of service and to get text messages from Acme Alerts.",
        "I agree to receive text messages and e-mails from Acme Alerts.",
        "I agree to receive text messages and calls from Acme Alerts.",
        "I agree to receive text messages from Acme Alerts or ring me with a recorded voice.",
        "I agree to receive text messages from Acme Alerts and its partners.",
        "I agree to receive text messages from Acme Alerts and the brands we work with.",
        "I agree to receive text messages from Acme Alerts, and hotels we like may say hello now and then.",
        "I agree to receive text messages from Acme Alerts. We share your number with mortgage lenders.",
    ] {
        let found = faults(&words, label, ProgramKind::TwoFactor);
        assert!(matches!(found.as_slice(), [(Element::Consent, Problem::Bundled { .. })]), "{label}: {found:?}");
    }
    for label in [
        "Yes, send me text messages from Acme Alerts. Consent is not a condition of purchase.",
        "Acme Alerts may text security codes to this number, and I agree to receive these texts.",
        "I agree to receive text messages from Acme Alerts and understand that message and data rates may apply.",
        "I am 18 or older and agree to get text messages from Acme Alerts.",
        "I agree to receive text messages from Acme Alerts and can reply STOP at any time.",
        "I agree to receive text messages from Acme Alerts. We never share your number with third parties.",
    ] {
        assert_eq!(faults(&words, label, ProgramKind::TwoFactor), [], "{label}");
    }
}

#[test]
fn marketing_has_to_say_that_it_is_and_that_it_is_automated() {
    let words = |marketing: &str, automated: &str, condition: &str| {
        format!(
            "Acme Alerts sends {marketing} text messages to this number {automated}, up to 5 messages per day. {condition} {STOP} {COST} {LINKS}"
        )
    };
    let no_condition = "Consent is not a condition of purchase.";
    let good = words("marketing", "by automated means", no_condition);
    assert_eq!(faults(&good, LABEL, ProgramKind::Marketing), []);
    for (page, element) in [
        (words("friendly", "by automated means", no_condition), Element::Marketing),
        (words("marketing", "by non-automated means", no_condition), Element::Automated),
        (words("marketing", "by automated means", "Consent is a condition of purchase."), Element::NoCondition),
        (
            words("marketing", "by automated means", "Consent is not a condition of purchase, except for sale items."),
            Element::NoCondition,
        ),
        (
            words(
                "marketing",
                "by automated means",
                "Consent is not a condition of purchase. People who do not agree cannot place orders.",
            ),
            Element::NoCondition,
        ),
    ] {
        let found: Vec<Element> = faults(&page, LABEL, ProgramKind::Marketing).into_iter().map(|(element, _)| element).collect();
        assert_eq!(found, [element], "{page}");
    }
}

#[test]
fn the_catalogs_own_sentence_is_judged_with_what_follows_it() {
    let catalog = super::good::catalog("en", ProgramKind::TwoFactor);
    let say = |stop: &str, frequency: &str| {
        let words = format!("<p>{frequency}</p><p>{stop}</p><p>Text HELP to 98765.</p><p>{COST}</p>{LINKS}");
        super::judge_with(&page(&words, LABEL), &acme(ProgramKind::TwoFactor), "en", &catalog, "")
    };
    let (stop, frequency) = ("Text STOP to 98765 to cancel", "No more than 5 messages per day");
    assert!(say(stop, frequency).is_empty());
    for behind in ["to pause our texts.", "to receive fewer texts", "after your 12-month term", "(a $5 fee applies)"] {
        let lost = say(&format!("{stop} {behind}"), frequency);
        assert!(matches!(lost.as_slice(), [lost] if lost.element == Element::Stop), "{behind}{}", super::say(&lost));
    }
    for behind in [", more in an emergency.", " on average", " except on holidays"] {
        let lost = say(stop, &format!("{frequency}{behind}"));
        assert!(matches!(lost.as_slice(), [lost] if lost.element == Element::Frequency), "{behind}{}", super::say(&lost));
    }
}

#[test]
fn numbers_in_words_are_understood() {
    use assent::optin::disclosure::{Frequency, Period, Program};
    let lost = |words: &str, count: u32| {
        let program = Program { frequency: Frequency::AtMost { count, per: Period::Month }, ..acme(ProgramKind::TwoFactor) };
        let words = format!("<p>{words}</p><p>{STOP}</p><p>{COST}</p>{LINKS}");
        judge(&page(&words, LABEL), &program, "en").len()
    };
    for (words, count) in [
        ("Up to twenty-five messages per month.", 25),
        ("Up to thirty five messages per month.", 35),
        ("Up to five hundred messages per month.", 500),
        ("Up to 5k messages per month.", 5_000),
        ("Up to two dozen messages per month.", 24),
    ] {
        assert_eq!((lost(words, count), lost(words, 5)), (0, 1), "{words}");
    }
}
