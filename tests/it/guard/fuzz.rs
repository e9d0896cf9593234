//! No page makes the guard panic or run forever.

use assent::optin::disclosure::ProgramKind;
use proptest::prelude::*;

use super::{acme, judge, judge_with};

const PIECES: &[&str] = &[
    "<form method=post action=/start>",
    "</form>",
    "<p>",
    "</p>",
    "<table>",
    "<tr>",
    "<td>",
    "<details>",
    "<summary>",
    "<template>",
    "<noscript>",
    "<select>",
    "<option>",
    "<style>",
    "</style>",
    "<style>.a{display:none}</style>",
    "<svg>",
    "<math>",
    "<a href=/terms>",
    "</a>",
    "<a href='//['>",
    "<base href=':'>",
    "<button>",
    "<input name=phone>",
    "<input type=checkbox name=consent value=yes>",
    "<label for=x>",
    "<!--",
    "-->",
    "Text STOP to 98765. ",
    "not ",
    "5 messages per day ",
    "\u{1}",
    "\u{2}",
    "é\u{301}",
    "1,000",
    "+1 (800) 555-0199",
    "&",
    "&#0;",
    "\u{ad}",
    "-",
    "'",
    "$5",
    "½",
    "@media{",
    "}",
    "{",
    "<b style='opacity:'>",
    "<b style=';:;!important'>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn pieces_in_any_order(picks in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let html: String = picks.into_iter().map(|pick| PIECES[pick]).collect();
        judge(&html, &acme(ProgramKind::Marketing), "en");
        judge(&html, &acme(ProgramKind::Alerts), "es");
    }

    #[test]
    fn any_text(html in ".{0,300}", css in "[-a-z{}():;#.,!@&*>~ \"'\\\\0-9/]{0,200}") {
        let html = format!("<link rel=stylesheet href=/static/own.css><style>{css}</style><b style=\"{css}\">{html}</b>{html}");
        judge_with(&html, &acme(ProgramKind::Marketing), "en", &assent::optin::disclosure::guard::CatalogSentences::default(), &css);
    }
}

#[test]
fn deep_and_long_pages_end() {
    let program = acme(ProgramKind::Marketing);
    let deep = format!("<style>{}</style>{}", "a{".repeat(20_000), "<div>".repeat(5_000));
    let brackets = format!("<style>{}</style>x", ":is(".repeat(20_000) + "{display:none}");
    let long = "text message stop help 5 per day one, ".repeat(2_000);
    let imports = "<style>@import '/static/own.css'</style>";
    let ampersands = format!("<style>.a{{{}</style>", "& & &{".repeat(30));
    for html in [deep, brackets, long, imports.to_owned(), ampersands] {
        judge_with(
            &html,
            &program,
            "en",
            &assent::optin::disclosure::guard::CatalogSentences::default(),
            "@import '/static/own.css'; @import '/static/own.css'; .a{display:none}",
        );
    }
}
