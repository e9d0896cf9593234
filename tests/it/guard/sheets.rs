//! What style sheets hide: with a single declaration, through variables and imports, and in files that can't be read.

use assent::optin::disclosure::ProgramKind;
use assent::optin::disclosure::guard::{CatalogSentences, Element, Lost, PageContext, Problem, StyleSheets, lost as lost_on};
use url::Url;

use super::{acme, judge_with, say};

/// A good page. How to stop is in `.x`, which is in `.box`.
const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>T</title><link rel="stylesheet" href="/static/own.css"></head><body>
<form method="post" action="/start"><label>Mobile <input name="phone" type="tel"></label>
<p>Acme Alerts sends text messages, no more than 5 messages per day. Text HELP to 98765 for help.</p>
<div class="box"><p class="x">Text STOP to 98765 to cancel. This line is long enough to be cut off on a narrow phone.</p></div>
<p>Message and data rates may apply. <a href="/terms">Terms</a> <a href="/privacy">Privacy policy</a></p>
<input type="checkbox" id="c" name="consent" value="yes"><label class="agree" for="c">I agree to receive text messages from Acme Alerts.</label>
<button>Go</button></form></body></html>"#;

fn lost_with(html: &str, css: &str) -> Vec<Lost> {
    judge_with(html, &acme(ProgramKind::TwoFactor), "en", &CatalogSentences::default(), css)
}

/// Returns what hides how to stop, if anything does.
fn hidden_by(css: &str) -> Option<String> {
    let lost = lost_with(PAGE, css);
    assert!(lost.iter().all(|lost| lost.element == Element::Stop), "{css}{}", say(&lost));
    lost.into_iter().next().map(|lost| match lost.problem {
        Problem::Hidden { by } => by,
        other => panic!("{css}: {other:?}"),
    })
}

#[test]
fn each_declaration_that_hides_is_named_with_its_rule_and_its_sheet() {
    for declaration in [
        "display: none",
        "visibility: hidden",
        "visibility: collapse",
        "content-visibility: hidden",
        "opacity: 0",
        "opacity: .04",
        "opacity: 2%",
        "font-size: 0",
        "font-size: 5px",
        "font-size: 0.3em",
        "font-size: 10%",
        "font: 1px/1 sans-serif",
        "color: transparent",
        "color: rgba(0, 0, 0, 0)",
        "color: #fff0",
        "color: white; background: #fff",
        "color: #fefefe; background-color: white",
        "-webkit-text-fill-color: transparent",
        "position: absolute; left: -9999px",
        "position: absolute; left: -999em",
        "position: fixed; top: -200vh",
        "inset: 0 0 0 -5000px",
        "margin-left: -9999px",
        "margin: 0 0 0 -2000px",
        "text-indent: -9999px",
        "text-indent: 100%; white-space: nowrap; overflow: hidden",
        "transform: translateX(-9999px)",
        "transform: translate(0, -2000px)",
        "translate: -9999px",
        "transform: scale(0)",
        "transform: scaleY(0)",
        "scale: 0",
        "transform: rotateX(90deg)",
        "transform: rotateY(180deg)",
        "transform: matrix(0, 0, 0, 0, 0, 0)",
        "zoom: 0",
        "zoom: 1%",
        "width: 0; overflow: hidden",
        "height: 0; overflow: hidden",
        "max-height: 0; overflow: hidden",
        "max-height: 1px; overflow: hidden",
        "width: 1px; height: 1px; overflow: hidden",
        "height: 0; overflow-y: clip",
        "line-height: 0; overflow: hidden",
        "clip: rect(0, 0, 0, 0)",
        "clip: rect(1px, 1px, 1px, 1px)",
        "clip-path: inset(50%)",
        "clip-path: inset(100% 0 0 0)",
        "clip-path: circle(0)",
        "clip-path: polygon(0 0, 0 0, 0 0)",
        "filter: opacity(0)",
        "filter: opacity(0%)",
        "filter: blur(9px)",
        "filter: contrast(0)",
        "mask: linear-gradient(transparent, transparent)",
        "-webkit-mask-image: url(none.svg)",
        "-webkit-line-clamp: 1",
        "unicode-bidi: bidi-override",
        "-webkit-text-security: disc",
        "letter-spacing: -20px",
        "word-spacing: 9999px",
        "animation: fade 1s forwards",
    ] {
        let css = format!("@keyframes fade {{ to {{ opacity: 0 }} }}\n.x {{ {declaration} }}");
        let by = hidden_by(&css).unwrap_or_else(|| panic!("{declaration} passed"));
        let named = declaration.split(';').any(|part| {
            let (name, value) = part.split_once(':').expect("a declaration");
            by == format!("the rule \".x {{ {}: {} }}\" of /static/own.css", name.trim(), value.trim())
        });
        assert!(named, "{declaration}: {by}");
    }
}

#[test]
fn declarations_that_hide_nothing_pass() {
    for declaration in [
        "display: flex",
        "visibility: visible",
        "opacity: .6",
        "font-size: 9px",
        "font-size: .8em",
        "font: italic 14px/1.4 serif",
        "font: inherit",
        "color: #767676",
        "color: white; background: #222",
        "color: white; background: url(dark.png)",
        "color: var(--nobody-set-it, #555)",
        "-webkit-text-fill-color: currentcolor",
        "position: relative; left: -4px",
        "left: 50%; transform: translateX(-50%)",
        "margin: 0 -1rem",
        "margin: 0 auto",
        "text-indent: 1em",
        "transform: rotate(3deg) scale(1.02)",
        "transform: translate3d(0, 0, 0)",
        "height: 0",
        "width: 100%; overflow: hidden",
        "max-width: 40rem; overflow: hidden",
        "max-height: 30rem; overflow: auto",
        "white-space: pre-wrap; overflow: hidden",
        "overflow-wrap: anywhere",
        "clip-path: inset(0 round 4px)",
        "clip: auto",
        "filter: drop-shadow(0 1px 2px #0003)",
        "filter: grayscale(1)",
        "mask: none",
        "line-clamp: none",
        "-webkit-line-clamp: 20",
        "unicode-bidi: isolate",
        "letter-spacing: .05em",
        "animation: fade 1s",
        "display: nonsense",
        "opacity: nothing",
        "visibility: sometimes",
        "font-size: tiny",
        "transition: opacity .3s",
    ] {
        let css = format!("@keyframes fade {{ from {{ opacity: 0 }} }}\n.x {{ {declaration} }}");
        assert_eq!(hidden_by(&css), None, "{declaration}");
    }
}

#[test]
fn the_cascade_decides_and_a_value_that_browsers_do_not_know_never_wins() {
    for (css, hides) in [
        (".x { display: none } .x { display: nonsense }", true),
        (".x { display: none } p.x { display: block }", false),
        (".x { display: none !important } p.x { display: block }", true),
        ("p.x { opacity: 0 } .x { opacity: 1 }", true),
        (":where(p.x) { opacity: 0 } .x { opacity: 1 }", false),
        ("p:where(.x, #y:not(.z)) { opacity: 0 } .x { opacity: 1 }", false),
        ("p.x:where(p) { opacity: 0 } .x { opacity: 1 }", true),
        ("@layer base { .x { opacity: 0 } } .x { opacity: 1 }", false),
        ("@media print { .x { display: none } }", false),
        ("@media (max-width: 30em) { .x { display: none } }", true),
        ("@supports (display: grid) { .x { display: none } }", true),
        (".x:hover { display: none }", false),
        (".box > .x { display: none }", true),
        (".box:has(.x) { display: none }", true),
        (".box { .x { display: none } }", true),
        (".box { font-size: 0 } .x { font-size: 16px }", false),
        (".box { visibility: hidden } .x { visibility: visible }", false),
        (".box { opacity: 0 } .x { opacity: 1 }", true),
        (".box { font-size: 4px } .x { font-size: 50% }", true),
        ("body { color: #fff } .box { background: black }", false),
        ("@media (prefers-color-scheme: dark) { .x { color: #222; background: #222 } }", true),
        ("@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } }", false),
        (":lang(en) .x { display: none }", true),
        (":lang(es) .x { display: none }", false),
        ("form:has(input:enabled) .x { display: none }", true),
        (".x:not(:modal) { display: none }", true),
        (".x:nth-child(1 of p) { display: none }", true),
        ("form:has(:checked) .x { display: none }", true),
        (".x { display: none } form:has(:checked) .x { display: block }", true),
        (".x::before { display: none }", false),
        ("\u{feff}.x { display: none }", true),
        ("@keyframes never { from, to { opacity: 0 } } .x { animation: never 1s infinite }", true),
        (".x { font-size: calc(1px + 1px) }", true),
        (".x { font-size: clamp(12px, 2vw, 20px) }", false),
        (".x { opacity: calc(1 - 1) }", true),
        (".x { transform: translateX(calc(-1 * 9999px)) }", true),
    ] {
        // White text on a white page hides more than how to stop.
        let hidden = lost_with(PAGE, css).iter().any(|lost| lost.element == Element::Stop);
        assert_eq!(hidden, hides, "{css}");
    }
}

#[test]
fn a_variable_hides_if_any_of_its_definitions_does() {
    for (css, hides) in [
        (":root { --show: none } .x { display: var(--show) }", true),
        (":root { --show: block } .x { display: var(--show) }", false),
        (":root { --show: block } @media (max-width: 30em) { :root { --show: none } } .x { display: var(--show) }", true),
        (":root { --a: var(--b); --b: 0 } .x { opacity: var(--a) }", true),
        (".x { opacity: var(--unset, 0) }", true),
        (":root { --far: -9999px } .x { position: absolute; left: var(--far) }", true),
        (":root { --paper: #fff; --ink: var(--paper) } body { background: var(--paper) } .x { color: var(--ink, #555) }", true),
        (":root { --a: var(--b); --b: var(--a) } .x { opacity: var(--a) }", false),
    ] {
        assert_eq!(hidden_by(css).is_some(), hides, "{css}");
    }
}

#[test]
fn a_color_in_a_custom_property_is_judged_where_it_applies() {
    let dark = |css: &str| format!("@media (prefers-color-scheme: dark) {{ {css} }}");
    let ours = format!(
        ":root {{ --ink: #111; --paper: #fff }} {} body {{ color: var(--ink); background: var(--paper) }}",
        dark(":root { --ink: #eee; --paper: #101010 }")
    );
    for (css, hides) in [
        (String::new(), false),
        (":root { --ink: #fff }".to_owned(), true),
        (":root { --ink: #0f0f0f }".to_owned(), true),
        (dark(":root { --ink: #111 }"), true),
        (dark(":root { --paper: #eee }"), true),
        (dark(":root { --ink: #ccc }"), false),
        (".x { color: var(--paper) }".to_owned(), true),
        (".x { background: var(--ink) }".to_owned(), true),
        (".x { --ink: var(--paper); color: var(--ink) }".to_owned(), true),
        ("h1 { --ink: var(--paper); color: var(--ink) }".to_owned(), false),
        (".x { --ink: var(--paper); color: #555 }".to_owned(), false),
        (".x { --ink: #FFF; color: var(--INK) }".to_owned(), true),
        (".x { color: rgb(var(--level) var(--level) var(--level)) } :root { --level: 255 }".to_owned(), true),
        // The colors of both schemes swap together.
        (":root { --back: var(--paper) } .x { background: var(--back) }".to_owned(), false),
        (":root { --soft: var(--ink) } .x { color: var(--soft) }".to_owned(), false),
        // We can't know for whom another condition holds.
        ("@media (min-width: 40em) { :root { --ink: #fff } }".to_owned(), false),
        // Definitions that use each other have no color.
        (".x { --a: var(--b); --b: var(--a); color: var(--a) }".to_owned(), false),
        (".x { --a: var(--b) var(--b); --b: var(--a) var(--a); color: var(--a) }".to_owned(), false),
    ] {
        // A page whose text has the color of its background hides more than how to stop.
        let hidden = lost_with(PAGE, &format!("{ours} {css}")).iter().any(|lost| lost.element == Element::Stop);
        assert_eq!(hidden, hides, "{css}");
    }
}

#[test]
fn what_our_policy_drops_may_hide_but_never_show() {
    let hidden = |html: String, css: &str| lost_with(&html, css).iter().any(|lost| lost.element == Element::Stop);
    let style = |css: &str| PAGE.replace("</head>", &format!("<style>{css}</style></head>"));
    let attribute = |css: &str| PAGE.replace("class=\"x\"", &format!("class=\"x\" style=\"{css}\""));
    assert!(hidden(style(".x { display: none }"), ""));
    assert!(hidden(attribute("display: none"), ""));
    assert!(hidden(style(".x { display: block !important }"), ".x { display: none }"), "browsers drop <style>");
    assert!(hidden(attribute("display: block !important"), ".x { display: none }"), "browsers drop the attribute");
    assert!(!hidden(style(".x { color: red }"), ".x { display: block }"));
}

#[test]
fn a_sheet_that_cannot_be_read_is_refused_wherever_it_is_named() {
    let files = |url: &Url| match url.as_str() {
        "https://alerts.example/static/own.css" => Some("@import 'more.css'; @import url(\"print.css\") print;".to_owned()),
        "https://alerts.example/static/more.css" => Some("@\\69mport 'deep/er.css'; @import 'own.css';".to_owned()),
        "https://alerts.example/static/deep/er.css" => Some("@import '../deepest.css'; p { color: #222 }".to_owned()),
        "https://alerts.example/static/deepest.css" => Some("div { p.x { display: none } }".to_owned()),
        _ => None,
    };
    let url = Url::parse("https://alerts.example/").expect("a URL");
    let program = acme(ProgramKind::TwoFactor);
    let catalog = CatalogSentences::default();
    let lost = |html: &str| {
        let context = PageContext {
            program: &program,
            locale: "en",
            page_url: &url,
            checked: false,
            disclosure_hash: "abc123",
            catalog: &catalog,
            stylesheets: &StyleSheets::new(&files),
        };
        lost_on(html, &context).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        lost(PAGE),
        [
            "the rule \":is(div) p.x { display: none }\" of /static/deepest.css hides how to stop: show it, or write \"Text STOP to 98765\" \
             inside the form, above the button"
        ],
        "imports are read, in circles too"
    );
    for href in ["https://cdn.example/a.css", "/static/missing.css", "data:text/css,.x{display:none}", "//cdn.example/a.css"] {
        let page = PAGE.replace("/static/own.css", href);
        assert_eq!(
            lost(&page),
            [format!(
                "the style sheet \"{href}\" can't be read, so it may hide something: put it into the folder custom/static, as \
                 UTF-8 text of at most 5 MiB, and link it as /static/NAME.css"
            )]
        );
    }
    for unused in
        ["rel=\"stylesheet\" media=\"print\"", "rel=\"alternate stylesheet\"", "rel=\"icon\"", "rel=\"stylesheet\" disabled"]
    {
        let page =
            PAGE.replace("rel=\"stylesheet\" href=\"/static/own.css\"", &format!("{unused} href=\"https://cdn.example/a.css\""));
        assert_eq!(lost(&page), [""; 0], "{unused}");
    }
}

#[test]
fn a_box_that_the_page_draws_itself_counts_if_its_label_is_visible() {
    for css in [
        "#c { opacity: 0 }",
        "#c { position: absolute; left: -9999px }",
        "#c { clip-path: inset(50%) }",
        "#c { width: 0; height: 0; overflow: hidden }",
        "#c { appearance: none }",
    ] {
        assert_eq!(lost_with(PAGE, css).len(), 0, "{css}");
    }
    for (css, element) in [
        ("#c { display: none }", Element::ConsentBox),
        ("#c { visibility: hidden }", Element::ConsentBox),
        ("#c, .agree { opacity: 0 }", Element::Consent),
    ] {
        let lost = lost_with(PAGE, css);
        assert!(lost.iter().any(|lost| lost.element == element), "{css}{}", say(&lost));
    }
}

#[test]
fn attributes_that_hide_are_named() {
    for (markup, by) in [
        ("<div class=\"box\" hidden>", "the attribute hidden"),
        ("<div class=\"box\" inert>", "the attribute inert"),
        ("<div class=\"box\" aria-hidden=\"true\">", "the attribute aria-hidden"),
        ("<div class=\"box\" popover>", "the attribute popover"),
    ] {
        let lost = lost_with(&PAGE.replace("<div class=\"box\">", markup), "");
        assert_eq!(lost.len(), 1, "{markup}{}", say(&lost));
        assert_eq!(lost[0].problem, Problem::Hidden { by: by.to_owned() });
    }
}

#[test]
fn a_sheet_that_puts_a_disclosure_behind_the_button_is_refused() {
    for (css, refused) in [
        ("form { display: flex } .box { order: 2 }", true),
        ("form { display: flex } .box { order: 2 } button { order: 3 }", false),
        ("form { display: flex } button { order: -1 }", true),
        ("form { display: flex } .box { order: -1 }", false),
    ] {
        let lost = lost_with(PAGE, css);
        let behind = lost.iter().any(|lost| lost.element == Element::Stop && lost.problem == Problem::AfterButton);
        assert_eq!(behind, refused, "{css}{}", say(&lost));
    }
}

#[test]
fn styles_in_the_page_never_make_up_for_a_sheet() {
    // Our security policy makes browsers ignore them.
    let ordered = PAGE.replace("<div class=\"box\">", "<div class=\"box\" style=\"order: 0\">");
    let lost = lost_with(&ordered, "form { display: flex } .box { order: 2 }");
    assert!(lost.iter().any(|lost| lost.element == Element::Stop && lost.problem == Problem::AfterButton), "{}", say(&lost));
    let shown = PAGE.replace("<title>", "<style>#c { display: none }</style><title>");
    let lost = lost_with(&shown, "#c { opacity: 0 }");
    assert!(lost.iter().any(|lost| lost.element == Element::ConsentBox), "{}", say(&lost));
}
