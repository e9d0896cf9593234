//! Pages in other people's styles, each with every required disclosure.
use assent::optin::disclosure::guard::CatalogSentences;
use assent::optin::disclosure::{CostLine, Frequency, Period, Program, ProgramKind};

use super::{acme, judge, judge_with, say};

const HIDDEN: &str = r#"<input type="hidden" name="disclosure" value="abc123"><input type="hidden" name="lang" value="en">"#;

struct Good {
    name: &'static str,
    locale: &'static str,
    program: Program,
    html: String,
}

fn with(kind: ProgramKind, change: impl FnOnce(&mut Program)) -> Program {
    let mut program = acme(kind);
    change(&mut program);
    program
}

fn pages() -> Vec<Good> {
    use ProgramKind::{Alerts, Marketing, TwoFactor};
    let own = "https://acme.example/legal/terms";
    let mut pages = Vec::new();
    let mut add = |name, locale, program, html: String| pages.push(Good { name, locale, program, html });

    add(
        "prose",
        "en",
        acme(TwoFactor),
        format!(
            r#"<form method=post action=/start>{HIDDEN}
<p><label>Your mobile number <input type=tel name=phone></label></p>
<p>Acme Alerts sends a verification code by text message (SMS) each time you ask for one, up to 5 messages per day.
Msg &amp; data rates may apply. Reply STOP to 98765 to opt out, or HELP for help.
See our <a href="/terms">Terms of Use</a> and <a href="/privacy">Privacy Notice</a>.</p>
<p><input type=checkbox id=c name=consent value=yes> <label for=c>Yes, I want to receive text messages from Acme Alerts.</label></p>
<button>Text me</button></form>"#
        ),
    );

    add(
        "list, shared number",
        "en",
        acme(Alerts),
        format!(
            r#"<!doctype html><html lang=en><head><title>Join</title></head><body><main><h1>Join</h1>
<form action="/start" method="POST"><ul><li>Acme Alerts sends recurring text alerts</li><li>No more than five messages a day</li>
<li>Text STOP to cancel or HELP for help to 98765</li><li>Message and data rates may apply</li>
<li><a href="https://alerts.example/terms">Terms &amp; Conditions</a></li><li><a href="/privacy?lang=en">Privacy policy</a></li></ul>
{HIDDEN}<label for="p">Phone</label><input id="p" name="phone" type="text">
<label><input type="checkbox" name="consent" value="yes"> I agree to receive texts from Acme Alerts</label>
<input type="submit" value="Join"></form></main></body></html>"#
        ),
    );

    add(
        "table",
        "en",
        acme(Alerts),
        format!(
            r#"<form method="post" action="/start">{HIDDEN}<table>
<tr><th>Program</th><td>Acme Alerts (SMS)</td></tr><tr><th>Frequency</th><td>max. 5 msgs/day</td></tr>
<tr><th>To stop</th><td>Text <kbd>stop</kbd> to 98765</td></tr><tr><th>For help</th><td>Text <kbd>help</kbd> to 98765</td></tr>
<tr><th>Cost</th><td>Message &amp; data rates may apply</td></tr>
<tr><th>Legal</th><td><a href="/terms">Conditions</a>, <a href="/privacy"><img src="/p.svg" alt="Privacy policy"></a></td></tr></table>
<div id=pl>Mobile number</div><input name=phone type=tel aria-labelledby=pl>
<input type=checkbox name=consent value=yes aria-labelledby=cl><span id=cl>I consent to receive SMS from Acme Alerts.</span>
<button type="submit">Continue</button></form>"#
        ),
    );

    add(
        "dl, split over tags, entities, other case",
        "en",
        acme(TwoFactor),
        format!(
            r#"<form method="post" action="/start">{HIDDEN}<dl>
<dt>WHAT</dt><dd><b>ACME</b> <i>AL</i>ERTS TEXTS YOU CODES</dd><dt>HOW OFTEN</dt><dd>AT MOST <b>5</b> TEXT MESSAGES EVERY&nbsp;DAY</dd>
<dt>STOP</dt><dd>TEXT &#83;T<em>OP</em> TO <b>987</b>65</dd><dt>HELP</dt><dd>TEXT &#8220;HE&shy;LP&#8221; TO 98765</dd>
<dt>COST</dt><dd>M<span>essage</span> and d<b>ata</b> rates may apply</dd><dt>MORE</dt><dd><a href=/terms>TER<b>MS</b></a> <a href=/privacy>PRIVACY</a></dd></dl>
<label for=phone>MOBILE</label><input id=phone name=phone type=tel>
<label><input type=checkbox name=consent value=yes>I AGREE TO GET VERIFICATION TEXTS FROM ACME ALERTS</label><button>GO</button></form>"#
        ),
    );

    add(
        "bootstrap",
        "en",
        with(Alerts, |p| {
            p.frequency = Frequency::Varies;
            p.terms_url = own.to_owned();
            p.sender = "+18005550199".to_owned();
        }),
        format!(
            r#"<!doctype html><html><head>
<link rel="stylesheet" href="/static/own.css"><style>.d-none{{display:none}} .btn{{display:inline-block}} .fade:hover{{opacity:0}} @media print{{form{{display:none}}}} @keyframes in{{from{{opacity:0}}}}</style></head><body>
<div class="container"><div class="row"><div class="col-md-6"><form class="needs-validation fade" method="post" action="https://alerts.example/start">{HIDDEN}
<div class="mb-3"><label class="form-label" for="ph">Mobile phone</label><input class="form-control" id="ph" type="tel" name="phone"></div>
<div class="form-text">By signing up you will get SMS from Acme Alerts. Message frequency may vary. Message and data rates may apply.
Text STOP to (800) 555-0199 to cancel; text HELP to +1 800-555-0199 for help. We never sell your number.</div>
<div class="form-check"><input class="form-check-input" type="checkbox" value="yes" id="cc" name="consent"><label class="form-check-label" for="cc">I authorize Acme Alerts to send me text messages at my number. <a href="{own}">Terms</a> | <a href="/privacy">Privacy</a></label></div>
<button class="btn btn-primary" type="submit">Sign up</button></form></div></div></div></body></html>"#
        ),
    );

    add(
        "marketing",
        "en",
        with(Marketing, |p| {
            p.frequency = Frequency::AtMost { count: 8, per: Period::Month };
            p.cost_line = CostLine::Standard;
        }),
        format!(
            r#"<form method="post" action="/start">{HIDDEN}
<label>Mobile number <input type="tel" name="phone"></label>
<label><input type="checkbox" name="consent" value="yes"> By ticking this box I agree to receive recurring automated marketing text messages from Acme Alerts at the cell number I entered. Consent is not a condition of any purchase.</label>
<p>Up to eight messages per month. Standard message and data rates may apply. Don't want these any more? Reply STOP to 98765 and we will not text you again. Need help? Reply HELP to 98765.</p>
<p><a href="/terms">Terms and conditions</a> and <a href="/privacy">privacy policy</a></p><button>Join</button></form>"#
        ),
    );

    add(
        "marketing, plain words",
        "en",
        with(Marketing, |p| p.frequency = Frequency::AtMost { count: 4, per: Period::Week }),
        format!(
            r#"<form method="post" action="/start">{HIDDEN}
<h2>Acme Alerts text club</h2><p>We will never send you more than 4 texts per week.<br>If you no longer want texts, text STOP to 98765.<br>Text HELP to 98765 if you have a question.<br>Message and data rates may apply.</p>
<p>You are not required to agree to this in order to buy anything. Texts are sent using an automated system.</p>
<label for=n>Number</label><input id=n name=phone type=tel>
<label><input type="checkbox" name="consent" value="yes"> Send me offers by text from Acme Alerts to this number</label>
<p><a href="/terms">Terms</a> <a href="/privacy">Privacy</a></p><button>Join</button></form>"#
        ),
    );

    add(
        "per request",
        "en",
        with(TwoFactor, |p| p.frequency = Frequency::PerRequest),
        format!(
            r#"<form method="post" action="/start">{HIDDEN}
<p>Acme Alerts: one text each time you ask. Message and data rates may apply. Text HELP to 98765 for help, STOP to 98765 to cancel.</p>
<label for=n>Number</label><input id=n name=phone type=tel><p><a href="/terms">Terms</a> <a href="/privacy">Privacy</a></p>
<label><input type="checkbox" name="consent" value="yes"> I agree to receive a code by SMS from Acme Alerts</label><button>Send</button></form>"#
        ),
    );

    let es = HIDDEN.replace(r#"value="en""#, r#"value="es""#);
    add(
        "es prosa",
        "es",
        acme(TwoFactor),
        format!(
            r#"<form method="post" action="/start">{es}
<p>Acme Alerts le enviará códigos por mensaje de texto, no más de 5 mensajes al día. Pueden aplicarse cargos por mensajes y datos.
Para no recibir más mensajes envíe STOP al 98765. Para ayuda, responda HELP al 98765 (también AYUDA).</p>
<label for=t>Número de celular</label><input id=t name=phone type=tel>
<label><input type="checkbox" name="consent" value="yes"> Acepto recibir mensajes de texto de Acme Alerts</label>
<p><a href="/terms">Términos</a> y <a href="/privacy">Aviso de privacidad</a></p><button>Enviar</button></form>"#
        ),
    );

    add(
        "es lista",
        "es",
        with(Alerts, |p| p.frequency = Frequency::Varies),
        format!(
            r#"<!doctype html><html lang="es"><body><form method="post" action="/start">{es}<ul>
<li>ACME ALERTS: avisos por SMS</li><li>La frecuencia de los mensajes var&iacute;a</li><li>Se pueden aplicar tarifas de mensajes y datos</li>
<li>Env&iacute;e STOP para cancelar o HELP para recibir ayuda al 98765</li><li><a href=/terms>T&eacute;rminos y condiciones</a></li><li><a href=/privacy>Pol&iacute;tica de privacidad</a></li></ul>
<label>Celular <input name=phone></label><input type="checkbox" id=c name="consent" value="yes"><label for=c>Sí, quiero recibir SMS de Acme Alerts en mi celular</label><input type=submit></form></body></html>"#
        ),
    );

    add(
        "es marketing",
        "es",
        with(Marketing, |p| {
            p.frequency = Frequency::AtMost { count: 5, per: Period::Month };
            p.cost_line = CostLine::Standard;
        }),
        format!(
            r#"<form method="post" action="/start">{es}<table>
<tr><td>Frecuencia</td><td>Hasta cinco mensajes mensuales</td></tr><tr><td>Costo</td><td>Pueden aplicarse tarifas estándar de mensajes y datos</td></tr>
<tr><td>Cancelar</td><td>Mande STOP al 98765</td></tr><tr><td>Ayuda</td><td>Mande HELP al 98765</td></tr>
<tr><td>Legal</td><td><a href=/terms>Condiciones</a> <a href=/privacy>Privacidad</a></td></tr></table>
<label>Celular <input name=phone type=tel></label>
<label><input type="checkbox" name="consent" value="yes"> Autorizo a Acme Alerts a enviarme mensajes de texto publicitarios automatizados a este número. El consentimiento no es una condición para comprar.</label><button>Enviar</button></form>"#
        ),
    );

    add(
        "es por solicitud",
        "es",
        with(TwoFactor, |p| p.frequency = Frequency::PerRequest),
        format!(
            r#"<form method="post" action="/start">{es}
<p>Acme Alerts: 1 mensaje por solicitud.</p><p>Es posible que se apliquen tarifas de mensajes y datos.</p><p>Envíe la palabra STOP al 98765 para cancelar.</p><p>Envíe HELP al 98765.</p>
<label>Celular <input name=phone type=tel></label><label><input type="checkbox" name="consent" value="yes"> Estoy de acuerdo en recibir SMS de Acme Alerts</label>
<p><a href=/terms>Términos</a> <a href=/privacy>Privacidad</a></p><button>Enviar</button></form>"#
        ),
    );

    add(
        "inline variations",
        "en",
        acme(Alerts),
        format!(
            r#"<form method="post" action="/start">{HIDDEN}
<label for=n>Number</label><input id=n name=phone type=tel disabled-look>
<p>SMS by Acme Alerts, 5 msgs/day max, msg &amp; data rates may apply. You can opt out at any time, no questions asked, by sending the word STOP to 98765. Send HELP to 98765 for assistance. Carriers are not liable for delayed messages.</p>
<p>No purchase necessary. We do not share your number. <a href="/terms#sms">SMS terms</a>, <a href="/privacy">privacy</a>.</p>
<details open><summary>More</summary><p>Texts are free.</p></details><details><summary>Even more</summary>Not needed.</details>
<label><input type="checkbox" name="consent" value="yes"> I'd like to get texts from Acme Alerts (I can stop any time)</label><button>Send</button></form>
<form method=get action=/search><input name=q></form>"#
        ),
    );

    add(
        "name with a full stop",
        "en",
        with(Alerts, |p| p.name = "Dr. Acme Inc. Alerts".to_owned()),
        format!(
            r#"<form method="post" action="/start">{HIDDEN}
<p>Text alerts: 5 per day at most. Text STOP to 98765. Text HELP to 98765. Message and data rates may apply. <a href="/terms">Terms</a>, <a href="/privacy">privacy</a>.</p>
<label for=n>Number</label><input id=n name=phone type=tel>
<label><input type="checkbox" name="consent" value="yes"> I agree to texts from Dr. Acme Inc. Alerts</label><button>Send</button></form>"#
        ),
    );
    pages
}

#[test]
fn good_pages_pass() {
    let mut refused = String::new();
    for page in pages() {
        let lost = judge(&page.html, &page.program, page.locale);
        if !lost.is_empty() {
            refused += &format!("\n{}: {}", page.name, say(&lost));
        }
    }
    assert!(refused.is_empty(), "{refused}");
}

/// The built-in page, as `templates/page/start.html` renders it.
pub fn built_in(locale: &str, program: &Program, s: &CatalogSentences) -> String {
    let (terms, privacy, label) = if locale == "es" {
        ("Términos y condiciones", "Política de privacidad", "Número de celular de EE. UU.")
    } else {
        ("Terms and conditions", "Privacy policy", "US mobile number")
    };
    format!(
        r#"<!doctype html><html lang="{locale}"><head><title>T</title><link rel="stylesheet" href="/static/own.css"></head><body>
<header class="bar"><a class="brand" href="/"><span>{name}</span></a><nav><a href="/?lang=es">Español</a></nav></header><main><h1>Verify</h1>
<form method="post" action="/start" novalidate><input type="hidden" name="disclosure" value="abc123"><input type="hidden" name="lang" value="{locale}">
<div class="field"><label for="phone">{label}</label><span class="hint" id="phone-hint">We text a 6-digit code to it now.</span>
<input id="phone" name="phone" type="tel" autocomplete="tel" aria-describedby="phone-hint"></div>
<dl class="disclosure"><div><dt>What</dt><dd>Codes</dd></div><div><dt>How often</dt><dd>{}, answers to your own texts aside</dd></div>
<div><dt>To stop</dt><dd>{}</dd></div><div><dt>For help</dt><dd>{}</dd></div><div><dt>Cost</dt><dd>{}</dd></div>
<div><dt>Details</dt><dd><a href="/terms">{terms}</a> and <a href="/privacy">{privacy}</a></dd></div></dl>
<div class="agreement"><label class="agree"><input type="checkbox" id="consent" name="consent" value="yes"><span>{}</span></label></div>
<button>Text me a code</button></form></main><footer>Help</footer></body></html>"#,
        s.frequency,
        s.stop,
        s.help,
        s.cost,
        s.consent,
        name = program.name
    )
}

pub fn catalog(locale: &str, kind: ProgramKind) -> CatalogSentences {
    let consent = match (locale, kind) {
        ("es", ProgramKind::Marketing) => {
            "Acepto que Acme Alerts me envíe mensajes de texto (SMS) publicitarios periódicos a este número por medios automatizados. Mi consentimiento no es condición para ninguna compra."
        }
        ("es", _) => "Acepto recibir mensajes de texto (SMS) de verificación de Acme Alerts en este número.",
        (_, ProgramKind::Marketing) => {
            "I agree that Acme Alerts may send me recurring marketing text messages (SMS) at this number by automated means. My consent is not a condition of any purchase."
        }
        (_, ProgramKind::Alerts) => "I agree to receive recurring text messages (SMS) from Acme Alerts at this number.",
        _ => "I agree to receive verification text messages (SMS) from Acme Alerts at this number.",
    };
    let of = |en: &str, es: &str| if locale == "es" { es.to_owned() } else { en.to_owned() };
    CatalogSentences {
        no_sharing: String::new(),
        frequency: of("No more than 5 messages per day", "Hasta 5 mensajes diarios"),
        stop: of("Text STOP to 98765 to cancel", "Envíe STOP al 98765 en cualquier momento"),
        help: of("Text HELP to 98765", "Envíe HELP al 98765"),
        cost: of("Message and data rates may apply", "Pueden aplicarse tarifas de mensajes y datos"),
        consent: consent.to_owned(),
    }
}

#[test]
fn the_built_in_page_passes_with_and_without_its_catalog() {
    let css = include_str!("../../../static/assent.css").to_owned();
    for locale in ["en", "es"] {
        for kind in [ProgramKind::TwoFactor, ProgramKind::Alerts, ProgramKind::Marketing] {
            let (program, sentences) = (acme(kind), catalog(locale, kind));
            let html = built_in(locale, &program, &sentences);
            for known in [&sentences, &CatalogSentences::default()] {
                let lost = judge_with(&html, &program, locale, known, &css);
                assert!(lost.is_empty(), "{locale} {kind:?}{}", say(&lost));
            }
        }
    }
}

#[test]
fn another_locale_knows_only_the_catalog() {
    let sentences = CatalogSentences {
        no_sharing: String::new(),
        frequency: "Pas plus de 5 messages par jour".to_owned(),
        stop: "Envoyez STOP au 98765".to_owned(),
        help: "Envoyez HELP au 98765".to_owned(),
        cost: "Des frais de messages et de données peuvent s'appliquer".to_owned(),
        consent: "J'accepte de recevoir des SMS d'Acme Alerts.".to_owned(),
    };
    let program = acme(ProgramKind::Marketing);
    let html = built_in("fr", &program, &sentences);
    let lost = judge_with(&html, &program, "fr", &sentences, "");
    assert!(lost.is_empty(), "{}", say(&lost));
    assert_eq!(judge_with(&html.replace("par jour", "par mois"), &program, "fr", &sentences, "").len(), 1);
    assert_eq!(judge_with(&html.replace("STOP au", "ARRET au"), &program, "fr", &sentences, "").len(), 1);
    let none = judge_with(&html, &program, "fr", &CatalogSentences::default(), "");
    assert!(none.len() >= 5, "{}", say(&none));
}
