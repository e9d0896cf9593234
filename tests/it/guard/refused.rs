//! One base page per locale, with each of its elements lost in each way.

use assent::optin::disclosure::guard::{CatalogSentences, Element, Problem};
use assent::optin::disclosure::{CostLine, Frequency, Period, Program, ProgramKind};

use super::{acme, judge, judge_with, say};

/// Hidden by anything.
const HIDDEN: Problem = Problem::Hidden { by: String::new() };

/// What each marked span holds. `@name@` marks its place.
type Parts = Vec<(Element, &'static str, &'static str)>;

fn parts(locale: &str) -> Parts {
    use Element::*;
    if locale == "en" {
        vec![
            (ProgramName, "name", "<span>Brought to you by Acme Alerts</span>"),
            (TextMessages, "texts", "<span>We send text messages.</span>"),
            (Marketing, "marketing", "<span>With offers.</span>"),
            (Frequency, "frequency", "<span>No more than 5 messages per day.</span>"),
            (Stop, "stop", "<span>Text STOP to 98765 to cancel.</span>"),
            (Help, "help", "<span>Text HELP to 98765.</span>"),
            (Cost, "cost", "<span>Message and data rates may apply.</span>"),
            (Terms, "terms", "<a href=\"/terms\">Terms and conditions</a>"),
            (Privacy, "privacy", "<a href=\"/privacy\">Privacy policy</a>"),
            (Consent, "consent", "<span>I agree to receive text messages from Acme Alerts.</span>"),
            (ThisNumber, "number", "<span>At this number.</span>"),
            (Automated, "automated", "<span>By automated means.</span>"),
            (NoCondition, "condition", "<span>Consent is not a condition of any purchase.</span>"),
        ]
    } else {
        vec![
            (ProgramName, "name", "<span>Un servicio de Acme Alerts</span>"),
            (TextMessages, "texts", "<span>Enviamos mensajes de texto.</span>"),
            (Marketing, "marketing", "<span>Con ofertas.</span>"),
            (Frequency, "frequency", "<span>Hasta 5 mensajes al día.</span>"),
            (Stop, "stop", "<span>Envíe STOP al 98765 en cualquier momento.</span>"),
            (Help, "help", "<span>Envíe HELP al 98765.</span>"),
            (Cost, "cost", "<span>Pueden aplicarse tarifas de mensajes y datos.</span>"),
            (Terms, "terms", "<a href=\"/terms\">Términos y condiciones</a>"),
            (Privacy, "privacy", "<a href=\"/privacy\">Política de privacidad</a>"),
            (Consent, "consent", "<span>Acepto recibir mensajes de texto de Acme Alerts.</span>"),
            (ThisNumber, "number", "<span>En este número.</span>"),
            (Automated, "automated", "<span>Por medios automatizados.</span>"),
            (NoCondition, "condition", "<span>El consentimiento no es condición para ninguna compra.</span>"),
        ]
    }
}

fn program() -> Program {
    acme(ProgramKind::Marketing)
}

/// The page with `part` in place of the named element, `after` after the button and `outside` after the form.
fn page(locale: &str, name: &str, part: &str, head: &str, after: &str, outside: &str) -> String {
    let mut html = format!(
        r#"<!doctype html><html lang="{locale}"><head><title>T</title><link rel="stylesheet" href="/static/own.css">{head}</head><body>
<form id="f" method="post" action="/start"><input type="hidden" name="disclosure" value="abc123"><input type="hidden" name="lang" value="{locale}">
<div><label for="phone">Mobile</label><input id="phone" name="phone" type="tel"></div>
<div>@name@</div><div>@texts@</div><div>@marketing@</div><div>@frequency@</div><div>@stop@</div><div>@help@</div><div>@cost@</div><div>@terms@</div><div>@privacy@</div>
<div>@number@</div><div>@automated@</div><div>@condition@</div>
<div><input type="checkbox" id="consent" name="consent" value="yes"><label for="consent">@consent@</label></div>
<div><button>Go</button></div>{after}</form>{outside}</body></html>"#
    );
    for (element, mark, usual) in parts(locale) {
        // The name and the texts are in the label too, which would be enough, so drop the label.
        let mark_text = format!("@{mark}@");
        let drop_label = (name == "name" || name == "texts") && element == Element::Consent;
        let value = if mark == name {
            part
        } else if drop_label {
            ""
        } else {
            usual
        };
        html = html.replace(&mark_text, value);
    }
    html
}

fn must_lose(html: &str, locale: &str, css: &str, element: Element, problem: Option<Problem>, why: &str) {
    let lost = judge_with(html, &program(), locale, &CatalogSentences::default(), css);
    let found = lost.iter().find(|lost| lost.element == element);
    let found = found.unwrap_or_else(|| panic!("{locale} {element:?} {why}: not refused{}\n{html}", say(&lost)));
    if let Some(problem) = problem {
        let both_hidden = matches!((&found.problem, &problem), (Problem::Hidden { .. }, Problem::Hidden { .. }));
        assert!(both_hidden || found.problem == problem, "{locale} {element:?} {why}: {:?}, not {problem:?}", found.problem);
    }
}

#[test]
fn the_base_pages_pass() {
    for locale in ["en", "es"] {
        let html = page(locale, "", "", "", "", "");
        let lost = judge(&html, &program(), locale);
        assert!(lost.is_empty(), "{locale}{}", say(&lost));
    }
}

#[test]
fn each_element_is_missed_in_each_way() {
    let mut cases = 0;
    for locale in ["en", "es"] {
        for (element, name, usual) in parts(locale) {
            let mut check = |part: &str, head: &str, css: &str, problem: Option<Problem>, why: &str| {
                must_lose(&page(locale, name, part, head, "", ""), locale, css, element, problem, why);
                cases += 1;
            };
            let gone = matches!(element, Element::Terms | Element::Privacy);
            let unlabeled = element == Element::Consent;
            let absent = (!unlabeled).then_some(Problem::Absent);
            check("", "", "", absent.clone(), "removed");
            let hidden = Some(HIDDEN);
            let wrap = |open: &str, close: &str| format!("{open}{usual}{close}");
            for (open, close) in [
                ("<span hidden>", "</span>"),
                ("<span hidden=until-found>", "</span>"),
                ("<span style=\"display:none\">", "</span>"),
                ("<span style=\"DISPLAY : NONE !important\">", "</span>"),
                ("<span style=\"color:red;visibility:hidden\">", "</span>"),
                ("<span style=\"opacity:0\">", "</span>"),
                ("<span style=\"opacity: 0.0%\">", "</span>"),
                ("<span aria-hidden=\"true\">", "</span>"),
                ("<details><summary>More</summary>", "</details>"),
                ("<dialog>", "</dialog>"),
                ("<dialog open>", "</dialog>"),
                ("<span popover>", "</span>"),
            ] {
                check(&wrap(open, close), "", "", hidden.clone(), open);
            }
            let vague = (!gone && !unlabeled).then_some(HIDDEN);
            for (open, close) in [
                ("<!-- ", " -->"),
                ("<noscript>", "</noscript>"),
                ("<template>", "</template>"),
                ("<script type=\"text/x\">", "</script>"),
                ("<style>", "</style>"),
                ("<textarea>", "</textarea>"),
                ("<select><option>", "</option></select>"),
                ("<iframe>", "</iframe>"),
                ("<canvas>", "</canvas>"),
                ("<object>", "</object>"),
            ] {
                let problem = (!open.starts_with("<script")
                    && !open.starts_with("<style")
                    && !open.starts_with("<iframe")
                    && !open.starts_with("<textarea"))
                .then(|| vague.clone())
                .flatten();
                check(&wrap(open, close), "", "", problem, open);
            }
            for attribute in ["title", "data-text", "placeholder", "aria-label", "class", "id"] {
                let words: String = usual.chars().filter(|c| *c != '"').collect();
                check(&format!("<i {attribute}=\"{words}\"></i>"), "", "", absent.clone(), attribute);
            }
            let marked = wrap("<span id=\"x\" class=\"gone small\">", "</span>");
            for css in [
                ".gone{display:none}",
                "#x { visibility : hidden }",
                "span.gone{opacity:0}",
                "form div #x{display:none!important} #x{display:block}",
                "#x{display:none} .gone{display:block}",
                ".other:hover, .gone { display: none }",
                "@media (max-width: 30em){.gone{display:none}}",
                "@media screen{.gone{display:none}}",
                "@supports (display:grid){.gone{display:none}}",
                "@layer base{.gone{display:none}}",
                "div{.gone{display:none}}",
                "div{& .gone{visibility:collapse}}",
                "/* a */.gone/**/{/**/display/**/:/**/none}",
                ".broken{;;} } .x{ } .gone{display:none",
                ".gone:not(:hover){opacity:0}",
                "@import url(/static/own.css); .gone{display:none}",
            ] {
                check(&marked, &format!("<style>{css}</style>"), "", hidden.clone(), css);
                check(&marked, "", css, hidden.clone(), css);
            }
            // These don't hide it.
            for css in [
                ".gone{display:none} #x{display:block}",
                ".gone{display:none} .gone{display:inline}",
                "#x.gone{display:none} .gone{display:inline !important}",
                "@media print{.gone{display:none}}",
                ".gone:hover{display:none}",
                ".gone::before{display:none}",
                "@keyframes a{from{opacity:0}}",
                ".gone{opacity:.9;visibility:visible}",
                "div:has(.gone){visibility:hidden} .gone{visibility:visible}",
                "@starting-style{.gone{opacity:0}}",
            ] {
                let lost = judge(&page(locale, name, &marked, &format!("<style>{css}</style>"), "", ""), &program(), locale);
                assert!(lost.iter().all(|lost| lost.element != element), "{locale} {element:?} {css}: {}", say(&lost));
            }
            // In the wrong place.
            if !unlabeled {
                must_lose(
                    &page(locale, name, "", "", usual, ""),
                    locale,
                    "",
                    element,
                    Some(Problem::AfterButton),
                    "after the button",
                );
                must_lose(
                    &page(locale, name, "", "", "", usual),
                    locale,
                    "",
                    element,
                    Some(Problem::OutsideForm),
                    "outside the form",
                );
                cases += 2;
            }
        }
    }
    assert!(cases > 1_000, "only {cases} cases");
}

#[test]
fn wording_that_is_negated_softened_or_different_is_refused() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "en",
            "stop",
            &[
                "Do not text STOP to 98765.",
                "Don't text STOP to 98765",
                "You cannot text STOP to 98765",
                "Do not, ever, text STOP to 98765",
                "Never reply STOP to 98765.",
                "STOP does not work.",
                "Text STOP to 98765. STOP does not work.",
                "Text STOP to 98765, but it does not work.",
                "Try texting STOP to 98765",
                "You may be able to text STOP to 98765.",
                "Perhaps text STOP to 98765.",
                "Text STOP to 98765 during business hours only.",
                "Text STOP to 98765 only on weekdays",
                "Text STOP to 98765 unless we are busy.",
                "Text STOP to 12345.",
                "Text QUIT to 98765.",
                "Please do not stop. 98765",
                "Text STOP to 98765 and maybe we will stop.",
                "Text STOP to 98765, which does nothing.",
                "No need to text STOP to 98765.",
                "Text STOP to 98765 and hope.",
                "You might text STOP to 98765",
            ],
        ),
        (
            "en",
            "help",
            &[
                "Do not text HELP to 98765.",
                "HELP does not work.",
                "Try texting HELP to 98765",
                "You may be able to text HELP to 98765",
                "Text HELP to 98765 during office hours",
                "For help, write to help@acme.example.",
                "Help: text STOP to 98765.",
                "For help or to cancel, text STOP to 98765.",
                "Text HELP to 12345",
                "Text HELP to 98765, but nobody reads it.",
            ],
        ),
        (
            "en",
            "cost",
            &[
                "Message and data rates do not apply.",
                "No message and data rates may apply.",
                "Rates might perhaps apply.",
                "Message rates may apply.",
                "Perhaps message and data rates may apply.",
                "Message and data rates may not apply.",
                "Fees may apply.",
                "Message and data rates may apply unless you are lucky.",
                "It is not true that message and data rates may apply.",
                "Free!",
            ],
        ),
        (
            "en",
            "frequency",
            &[
                "",
                "We text you.",
                "No more than 6 messages per day.",
                "No more than 5 messages per week.",
                "More than 5 messages per day",
                "At least 5 messages per day.",
                "About 5 messages per day",
                "Usually up to 5 messages per day",
                "Message frequency varies.",
                "Up to 5 messages per day. Up to 30 messages per month.",
                "No more than 5 messages per day. Message frequency varies.",
                "Up to 5 messages per hour",
                "Weekly: up to 5 messages.",
                "We do not send 5 messages per day.",
                "Up to twelve messages per day.",
                "One message per request.",
                "Often.",
                "Perhaps 5 messages per day",
                "5 messages per day, up to 10 texts a day during sales",
            ],
        ),
        (
            "en",
            "consent",
            &[
                "I do not agree to get text messages from Acme Alerts.",
                "I agree to receive no text messages from Acme Alerts.",
                "I agree to receive text messages.",
                "I agree to receive e-mail from Acme Alerts.",
                "Acme Alerts text messages",
                "I agree.",
                "I don't want text messages from Acme Alerts",
                "I might agree to get text messages from Acme Alerts.",
                "I agree not to get text messages from Acme Alerts",
                "Yes, I do not agree to text messages from Acme Alerts.",
                "I never agreed to text messages from Acme Alerts.",
                "Perhaps I want text messages from Acme Alerts.",
            ],
        ),
        (
            "en",
            "condition",
            &[
                "Consent is a condition of purchase.",
                "Consent is a condition of any purchase.",
                "You must consent to purchase.",
                "It is not true that consent is not a condition of any purchase.",
                "Consent is not required.",
            ],
        ),
        ("en", "automated", &["Not by automated means.", "No automated means are used.", "By hand."]),
        ("en", "number", &["At some number.", "Text away."]),
        (
            "en",
            "terms",
            &[
                "<a href=/other>Terms</a>",
                "<a href=/privacy>Terms</a>",
                "<a>Terms</a>",
                "<a href=/terms></a>",
                "<a href=/terms><img src=x></a>",
                "<a href=/terms><img src=x alt=''></a>",
                "<a href=/terms>here</a>",
                "<a href=/terms title=Terms aria-label=Terms></a>",
                "Terms: /terms",
                "<a href='javascript:terms()'>Terms</a>",
                "<a href='https://other.example/terms'>Terms</a>",
                "<a href=/terms><span hidden>Terms</span></a>",
                "<a href='/terms?v=2'>Terms</a>",
            ],
        ),
        (
            "en",
            "privacy",
            &[
                "<a href=/other>Privacy</a>",
                "<a href=/terms>Privacy</a>",
                "<a href=/privacy></a>",
                "<a href=/privacy><img src=x></a>",
                "<a href=/privacy>Policy</a>",
                "<a href=/privacy>here</a>",
                "<a href='#privacy'>Privacy</a>",
            ],
        ),
        (
            "es",
            "stop",
            &[
                "No envíe STOP al 98765.",
                "Nunca envíe STOP al 98765",
                "STOP no funciona.",
                "Envíe STOP al 98765. STOP no funciona.",
                "Intente enviar STOP al 98765",
                "Quizás pueda enviar STOP al 98765.",
                "Tal vez envíe STOP al 98765.",
                "Es posible que pueda enviar STOP al 98765",
                "Envíe STOP al 98765 solo en horario de oficina.",
                "Envíe STOP al 98765 durante el horario laboral",
                "Envíe STOP al 12345.",
                "Envíe ALTO al 98765.",
                "Envíe STOP al 98765, pero no funciona.",
                "Envíe STOP al 98765, salvo los lunes.",
                "No hace falta enviar STOP al 98765.",
            ],
        ),
        (
            "es",
            "help",
            &[
                "No envíe HELP al 98765.",
                "HELP no funciona",
                "Intente enviar HELP al 98765",
                "Envíe AYUDA al 98765.",
                "Quizá envíe HELP al 98765.",
                "Envíe HELP al 98765 solo en días hábiles.",
            ],
        ),
        (
            "es",
            "cost",
            &[
                "No pueden aplicarse tarifas de mensajes y datos.",
                "No se aplican tarifas de mensajes y datos.",
                "Sin tarifas de mensajes y datos.",
                "Quizás haya tarifas.",
                "Es posible que no se apliquen tarifas de mensajes y datos.",
                "Pueden aplicarse tarifas.",
            ],
        ),
        (
            "es",
            "frequency",
            &[
                "",
                "Hasta 6 mensajes al día.",
                "Hasta 5 mensajes por semana.",
                "Más de 5 mensajes al día",
                "Al menos 5 mensajes al día",
                "La frecuencia de los mensajes varía.",
                "Hasta 5 mensajes al día. La frecuencia puede variar.",
                "Aproximadamente 5 mensajes al día",
                "Normalmente hasta 5 mensajes diarios",
                "Hasta 5 mensajes al día y hasta 20 mensajes al mes.",
                "No enviamos 5 mensajes al día.",
            ],
        ),
        (
            "es",
            "consent",
            &[
                "No acepto recibir mensajes de texto de Acme Alerts.",
                "Acepto no recibir mensajes de texto de Acme Alerts",
                "Acepto.",
                "Acepto recibir correos de Acme Alerts",
                "No quiero mensajes de texto de Acme Alerts.",
                "Quizás acepto recibir mensajes de texto de Acme Alerts",
                "Acepto recibir mensajes de texto.",
            ],
        ),
        (
            "es",
            "condition",
            &[
                "El consentimiento es condición para la compra.",
                "El consentimiento es una condición de cualquier compra.",
                "No es cierto que no sea condición de compra.",
            ],
        ),
        ("es", "automated", &["No por medios automatizados.", "Sin medios automatizados", "A mano."]),
        ("es", "terms", &["<a href=/other>Términos</a>", "<a href=/terms>aquí</a>", "<a href=/terms></a>"]),
        (
            "es",
            "privacy",
            &["<a href=/other>Privacidad</a>", "<a href=/privacy>Política</a>", "<a href=/privacy><img src=x></a>"],
        ),
    ];
    let mut passed = String::new();
    for (locale, name, wordings) in cases {
        let element = parts(locale).into_iter().find(|(_, mark, _)| mark == name).expect("the place is marked").0;
        for wording in *wordings {
            let html = page(locale, name, &format!("<span>{wording}</span>"), "", "", "");
            for known in [CatalogSentences::default(), super::good::catalog(locale, ProgramKind::Alerts)] {
                let lost = judge_with(&html, &program(), locale, &known, "");
                if !lost.iter().any(|lost| lost.element == element) {
                    passed += &format!("\n{locale} {name} {} {wording}", known == CatalogSentences::default());
                }
                if let Some(other) = lost.iter().find(|lost| lost.element != element) {
                    passed += &format!("\nalso lost by {wording}: {other:?}");
                }
            }
        }
    }
    assert!(passed.is_empty(), "{passed}");
}

#[test]
fn good_wordings_pass() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "en",
            "stop",
            &[
                "If you do not want our texts, text STOP to 98765.",
                "Reply STOP to 98765 and you will not get any more messages.",
                "Text STOP to 98765 if you no longer want to get messages",
                "We never share your number, and you can text STOP to 98765 at any time.",
                "You may text \"stop\" to 98 765 at any time.",
                "To opt out, send the word STOP to 98765.",
                "Text 98765 with STOP.",
                "You can cancel at any time without extra cost by texting STOP to 98765",
                "STOP to 98765 cancels.",
                "This is not an ad. Text STOP to 98765.",
                "Not for you? Text<br>STOP to 98765!",
                "Just text STOP to 98765, or QUIT.",
            ],
        ),
        (
            "en",
            "help",
            &[
                "For help text HELP to 98765.",
                "Questions? Text HELP to 98765.",
                "Don't understand? Send HELP to 98765",
                "HELP: text it to 98765.",
            ],
        ),
        (
            "en",
            "cost",
            &[
                "Msg. &amp; data rates may apply.",
                "msg&amp;data rates may apply",
                "Carrier message and data rates may apply, depending on your plan.",
                "We charge nothing, but message and data rates may apply.",
                "Standard message and data rates may apply.",
                "Msg + data rates may apply",
            ],
        ),
        (
            "en",
            "frequency",
            &[
                "Up to five texts a day.",
                "Max 5 msgs/day",
                "5 messages per day.",
                "At most 5 (five) messages each day",
                "You will not get more than 5 messages per day.",
                "We never send you more than five texts in any given day.",
                "Daily maximum: 5 messages.",
                "No more than 5 marketing messages per day, and usually fewer.",
            ],
        ),
        (
            "en",
            "consent",
            &[
                "I want texts from Acme Alerts",
                "Yes! Text me SMS offers from Acme Alerts",
                "I'm 18 or older and I authorize Acme Alerts to send me text messages.",
                "By ticking this box, I consent to SMS from Acme Alerts. I know I do not have to consent.",
            ],
        ),
        (
            "en",
            "condition",
            &[
                "You do not have to agree in order to buy anything.",
                "No purchase necessary.",
                "Consent isn't required to make a purchase.",
                "Your purchase does not depend on it.",
            ],
        ),
        ("en", "automated", &["With an automatic telephone dialing system.", "Automated texts."]),
        ("en", "number", &["To my mobile.", "At the number provided above."]),
        (
            "es",
            "stop",
            &[
                "Para no recibir más mensajes envíe STOP al 98765.",
                "Si no desea más mensajes, responda STOP al 98765.",
                "Puede cancelar enviando STOP al 98765.",
                "Envíe la palabra STOP (o ALTO) al 98765.",
                "Mande un mensaje con la palabra STOP al 98765 y no le enviaremos más.",
            ],
        ),
        ("es", "help", &["¿Necesita ayuda? Envíe HELP al 98765.", "Envíe HELP o AYUDA al 98765"]),
        (
            "es",
            "cost",
            &[
                "Podrían aplicarse cargos por mensajes y datos.",
                "Se pueden aplicar tarifas de mensajes y datos",
                "Pueden aplicar tarifas de mensajería y datos",
                "Las tarifas de mensajes y datos pueden aplicarse.",
            ],
        ),
        (
            "es",
            "frequency",
            &[
                "Máximo 5 mensajes por día",
                "No más de cinco mensajes al día.",
                "No enviaremos más de 5 mensajes diarios.",
                "Máximo de 5 SMS cada día",
                "5 mensajes/día",
            ],
        ),
        (
            "es",
            "consent",
            &[
                "Sí, quiero recibir SMS de Acme Alerts",
                "Autorizo a Acme Alerts a enviarme mensajes de texto.",
                "Doy mi consentimiento para recibir mensajes de texto de Acme Alerts",
            ],
        ),
        (
            "es",
            "condition",
            &[
                "No es necesario aceptar para comprar.",
                "Su consentimiento no es requisito de ninguna compra.",
                "No está obligado a aceptar para comprar.",
            ],
        ),
    ];
    let mut refused = String::new();
    for (locale, name, wordings) in cases {
        for wording in *wordings {
            let html = page(locale, name, &format!("<span>{wording}</span>"), "", "", "");
            let lost = judge(&html, &program(), locale);
            if !lost.is_empty() {
                refused += &format!("\n{locale} {name} {wording}: {}", say(&lost));
            }
        }
    }
    assert!(refused.is_empty(), "{refused}");
}

#[test]
fn a_broken_form_is_refused() {
    use Element::*;
    let url = |found: &str| Problem::WrongUrl { found: found.to_owned() };
    let value = |attribute, found: &str| Problem::WrongValue { attribute, found: found.to_owned() };
    let base = page("en", "", "", "", "", "");
    let form = "<form id=\"f\" method=\"post\" action=\"/start\">";
    let phone = "<input id=\"phone\" name=\"phone\" type=\"tel\">";
    let tick = "<input type=\"checkbox\" id=\"consent\" name=\"consent\" value=\"yes\">";
    let button = "<button>Go</button>";
    let cases: Vec<(&str, &str, Element, Problem)> = vec![
        (form, "", Form, Problem::Absent),
        (form, "<form action=/start>", Form, value("method", "")),
        (form, "<form method=get action=/start>", Form, value("method", "get")),
        (form, "<form method=post>", Form, url("")),
        (form, "<form method=post action=/begin>", Form, url("/begin")),
        (form, "<form method=post action=https://other.example/start>", Form, url("https://other.example/start")),
        (form, "<form method=post action=/start enctype=multipart/form-data>", Form, value("enctype", "multipart/form-data")),
        (form, "<form method=post action=/start hidden>", Form, HIDDEN),
        (form, "<base href=https://other.example/><form method=post action=/start>", Form, url("https://other.example/start")),
        (form, "<form method=post action=/start></form><form method=post action=/start>", Form, Problem::Repeated),
        (phone, "", PhoneField, Problem::Absent),
        (phone, "<input id=phone name=mobile type=tel>", PhoneField, Problem::Absent),
        (phone, "<input id=phone name=phone type=hidden>", PhoneField, HIDDEN),
        (phone, "<input id=phone name=phone type=tel style=display:none>", PhoneField, HIDDEN),
        (phone, "<input id=phone name=phone type=email>", PhoneField, value("type", "email")),
        (phone, "<input id=phone name=phone type=tel disabled>", PhoneField, Problem::Disabled),
        (phone, "<input id=other name=phone type=tel>", PhoneLabel, Problem::NoLabel),
        (phone, "<input id=other name=phone type=tel aria-label=Mobile placeholder=Mobile>", PhoneLabel, Problem::NoLabel),
        ("<label for=\"phone\">", "<label for=phone hidden>", PhoneLabel, HIDDEN),
        ("Mobile</label>", "</label>", PhoneLabel, Problem::NoLabel),
        (tick, "", ConsentBox, Problem::Absent),
        (tick, "<input type=checkbox id=consent name=agree value=yes>", ConsentBox, Problem::Absent),
        (tick, "<input type=hidden id=consent name=consent value=yes>", ConsentBox, value("type", "hidden")),
        (tick, "<input type=checkbox id=consent name=consent value=yes checked>", ConsentBox, Problem::Ticked),
        (tick, "<input type=checkbox id=consent name=consent value=yes hidden>", ConsentBox, HIDDEN),
        (tick, "<input type=checkbox id=consent name=consent value=yes style=display:none>", ConsentBox, HIDDEN),
        (tick, "<input type=checkbox id=consent name=consent>", ConsentBox, value("value", "")),
        (tick, "<input type=checkbox id=consent name=consent value=on>", ConsentBox, value("value", "on")),
        (tick, "<input type=checkbox id=consent name=consent value=yes disabled>", ConsentBox, Problem::Disabled),
        (
            tick,
            "<input type=checkbox id=consent name=consent value=yes><input type=hidden name=consent value=yes>",
            ConsentBox,
            Problem::Repeated,
        ),
        (tick, "<input type=checkbox id=other name=consent value=yes>", Consent, Problem::NoLabel),
        ("<label for=\"consent\">", "<label for=consent style=visibility:hidden>", Consent, HIDDEN),
        ("value=\"abc123\"", "value=\"abc124\"", DisclosureField, value("value", "abc124")),
        ("name=\"lang\" value=\"en\"", "name=lang value=es", LangField, value("value", "es")),
        (button, "", Button, Problem::Absent),
        (button, "<button type=button>Go</button>", Button, Problem::Absent),
        (button, "<button hidden>Go</button>", Button, HIDDEN),
        (button, "<button disabled>Go</button>", Button, Problem::Disabled),
        (button, "<button></button>", Button, Problem::NoLabel),
        (button, "<button formaction=/x>Go</button>", Button, url("/x")),
        (button, "<button formmethod=get>Go</button>", Button, value("formmethod", "get")),
        ("<body>", "<body><button form=f>Go</button>", Stop, Problem::AfterButton),
        (
            "</form>",
            "</form><form method=post action=/start><input name=phone><button>Go</button></form>",
            Form,
            Problem::Repeated,
        ),
    ];
    for (old, new, element, problem) in cases {
        assert!(base.contains(old), "{old}");
        must_lose(&base.replace(old, new), "en", "", element, Some(problem), new);
    }
    let without = base
        .replace("<input type=\"hidden\" name=\"disclosure\" value=\"abc123\">", "")
        .replace("<input type=\"hidden\" name=\"lang\" value=\"en\">", "");
    assert!(judge(&without, &program(), "en").is_empty());
}

#[test]
fn the_cost_and_frequency_forms_follow_the_settings() {
    let standard = Program { cost_line: CostLine::Standard, ..program() };
    let html = page("en", "", "", "", "", "");
    assert_eq!(judge(&html, &standard, "en").len(), 1);
    assert!(judge(&html.replace("Message and data", "Standard message and data"), &standard, "en").is_empty());
    let es = page("es", "", "", "", "", "");
    assert_eq!(judge(&es, &standard, "es").len(), 1);
    assert!(judge(&es.replace("tarifas de", "tarifas estándar de"), &standard, "es").is_empty());
    let varies = Program { frequency: Frequency::Varies, ..program() };
    let said = html.replace("No more than 5 messages per day.", "Message frequency varies.");
    assert!(judge(&said, &varies, "en").is_empty());
    for wrong in [
        "Message frequency does not vary.",
        "Message frequency varies, up to 5 messages per day.",
        "Up to 5 messages per day.",
        "Perhaps message frequency varies.",
    ] {
        assert_eq!(judge(&said.replace("Message frequency varies.", wrong), &varies, "en").len(), 1, "{wrong}");
    }
    let request = Program { frequency: Frequency::PerRequest, ..program() };
    for (wording, count) in [
        ("One text per request.", 0),
        ("A message for each request.", 0),
        ("2 messages per request.", 1),
        ("1 message per request, up to 5 messages per day.", 1),
        ("Message frequency varies.", 1),
    ] {
        let said = html.replace("No more than 5 messages per day.", wording);
        assert_eq!(judge(&said, &request, "en").len(), count, "{wording}");
    }
    let weekly = Program { frequency: Frequency::AtMost { count: 5, per: Period::Week }, ..program() };
    let lost = judge(&html, &weekly, "en");
    assert_eq!(lost.len(), 1);
    assert_eq!(
        lost[0].to_string(),
        "the page says \"5 messages per day\", which differs from the settings: take that out (program.description counts, too), and write \"No more than 5 messages per week\" inside the form, above the button"
    );
}

#[test]
fn everything_is_named_at_once_in_one_sentence_each() {
    let lost = judge("", &program(), "en");
    assert_eq!(lost.iter().filter(|lost| lost.problem == Problem::Absent).count(), lost.len());
    assert_eq!(lost.len(), 16, "{}", say(&lost));
    assert!(lost.windows(2).all(|two| two[0].element <= two[1].element));
    assert!(lost.iter().all(|lost| !lost.to_string().contains('\n') && lost.to_string().contains("write ")));
    assert!(lost.iter().any(|lost| lost.to_string()
        == "the page does not say how to stop: write \"Text STOP to 98765\" inside the form, above the button"));
}
