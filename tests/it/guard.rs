//! An owner's page can't lose a disclosure: what `check`, `serve` and a reload say about it.

mod fuzz;
mod meaning;
mod sheets;
mod states;
#[expect(clippy::assigning_clones, clippy::format_push_string, reason = "a listing in a test")]
mod good;
#[expect(clippy::format_push_string, reason = "a listing in a test")]
mod refused;
#[expect(clippy::format_push_string, reason = "a listing in a test")]
mod strangers;

use std::collections::BTreeMap;
use std::path::Path;

use assent::optin::disclosure::guard::{CatalogSentences, Lost, PageContext, StyleSheets, lost as lost_on};
use assent::optin::disclosure::{CostLine, Frequency, Period, Program, ProgramKind};
use assent::web::prerender::{Scope, prepare, reload};
use url::Url;

use crate::support::{TestApp, assent, config};

pub fn acme(kind: ProgramKind) -> Program {
    Program {
        name: "Acme Alerts".to_owned(),
        description: BTreeMap::from([(String::new(), "codes".to_owned())]),
        kind,
        sender: "98765".to_owned(),
        frequency: Frequency::AtMost { count: 5, per: Period::Day },
        cost_line: CostLine::Plain,
        help_contact: "help@acme.example".to_owned(),
        terms_url: "/terms".to_owned(),
        privacy_url: "/privacy".to_owned(),
    }
}

pub fn judge_with(html: &str, program: &Program, locale: &str, catalog: &CatalogSentences, css: &str) -> Vec<Lost> {
    let url = Url::parse("https://alerts.example/").expect("a URL");
    let stylesheet = |url: &Url| (url.as_str() == "https://alerts.example/static/own.css").then(|| css.to_owned());
    let context = PageContext {
        program,
        locale,
        page_url: &url,
        checked: false,
        disclosure_hash: "abc123",
        catalog,
        stylesheets: &StyleSheets::new(&stylesheet),
    };
    lost_on(html, &context)
}

pub fn judge(html: &str, program: &Program, locale: &str) -> Vec<Lost> {
    judge_with(html, program, locale, &CatalogSentences::default(), "")
}

pub fn say(lost: &[Lost]) -> String {
    lost.iter().map(|lost| format!("\n  {:?} {:?}: {lost}", lost.element, lost.problem)).collect::<Vec<_>>().concat()
}

/// Settings for tests in which one language is enough.
const ENGLISH: &str = "[default.locale]\noffered = ['en']\n";

/// Lists what the opt-in pages have lost with this file from the owner.
fn lost(toml: &str, name: &str, text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), name, text);
    let (config, _) = config(toml, folder.path());
    let (_, pages) = prepare(&config, Scope::Changes).expect("the pages render");
    pages.lost_disclosures().iter().map(ToString::to_string).collect()
}

fn put(folder: &Path, name: &str, text: &str) {
    let file = folder.join("templates").join(name);
    std::fs::create_dir_all(file.parent().expect("a parent")).expect("made");
    std::fs::write(file, text).expect("written");
}

#[test]
fn the_built_in_pages_hold_everything_for_every_kind_and_frequency() {
    for kind in ["two_factor", "alerts", "marketing"] {
        for frequency in
            ["{ at_most = 4, per = 'week' }", "{ at_most = 30, per = 'month' }", "{ varies = true }", "{ per_request = 1 }"]
        {
            if frequency.contains("per_request") && kind != "two_factor" {
                continue;
            }
            for cost in ["plain", "standard"] {
                for sender in ["98765", "+18005550199"] {
                    let toml = format!(
                        "[default.program]\nkind = '{kind}'\nfrequency = {frequency}\ncost_line = '{cost}'\nsender = '{sender}'\nname = \"Bo's <Café> & Co\"\n"
                    );
                    assert_eq!(lost(&toml, "none", ""), [""; 0], "{toml}");
                }
            }
        }
    }
}

#[test]
fn each_fact_that_a_template_drops_is_named_in_both_languages_with_what_to_write() {
    let disclosure = "{% component disclosure(@disclosure, @program) -%}<p>Nothing to see.</p>{%- endcomponent disclosure %}\n\
        {% component disclosure_rows(@disclosure, @program) -%}<p>Nothing.</p>{%- endcomponent disclosure_rows %}";
    let found = lost("", "component/disclosure.html", disclosure);
    for (locale, write) in [
        ("en", ["5 messages per day", "STOP to 98765", "HELP to 98765", "data rates may apply", "\"/terms\"", "\"/privacy\""]),
        ("es", ["5 mensajes al día", "STOP al 98765", "HELP al 98765", "tarifas de mensajes", "\"/terms\"", "\"/privacy\""]),
    ] {
        let start = format!("error DISCLOSURE {locale} page/start.html:");
        for words in write {
            assert!(found.iter().any(|line| line.starts_with(&start) && line.contains(words)), "{locale} {words}: {found:#?}");
        }
    }
    assert_eq!(found.len(), 12, "{found:#?}");
}

#[test]
fn a_softened_word_of_the_catalog_is_refused_in_its_language_alone() {
    for (file, words) in [
        ("locale/en.ftl", "disclosure-stop-rich = You may try texting STOP to { $sender }\n"),
        ("locale/en.ftl", "disclosure-stop-rich = Text STOP to { $sender } during business hours only\n"),
        ("locale/en.ftl", "cost-line = Message and data rates do not apply\n"),
        ("locale/en.ftl", "frequency = No more than 2 messages per day\n"),
        ("locale/en.ftl", "consent = I do not agree to get text messages from { $program }\n"),
        (
            "locale/en.ftl",
            "disclosure-details = <a href=\"https://www.acme.example/x\">Terms</a> and <a href=\"{ $privacy_url }\">Privacy policy</a>\n",
        ),
        ("locale/es.ftl", "disclosure-stop-rich = No envíe STOP al { $sender }\n"),
        ("locale/es.ftl", "cost-line = No se aplican tarifas de mensajes y datos\n"),
        ("locale/es.ftl", "frequency = Hasta 2 mensajes diarios\n"),
        ("locale/es.ftl", "consent = No acepto recibir mensajes de texto de { $program }\n"),
    ] {
        let found = lost("", file, words);
        let locale = &file[7..9];
        assert!(!found.is_empty(), "{words} passed");
        assert!(found.iter().all(|line| line.starts_with(&format!("error DISCLOSURE {locale} "))), "{words}: {found:#?}");
    }
}

#[test]
fn what_the_stylesheet_or_a_block_hides_is_refused() {
    for page in [
        "{% extends \"builtin/page/start.html\" %}{% block head %}<style>.disclosure { display: none }</style>{% endblock head %}",
        "{% extends \"builtin/page/start.html\" %}{% block disclosure %}<div hidden>{{ <disclosure /> }}</div>{% endblock disclosure %}",
        "{% extends \"builtin/page/start.html\" %}{% block disclosure %}<details><summary>More</summary>{{ <disclosure /> }}</details>{% endblock disclosure %}",
        "{% extends \"builtin/page/start.html\" %}{% block disclosure %}{% endblock disclosure %}{% block submit %}<button>Go</button>{{ <disclosure /> }}{% endblock submit %}",
        "{% extends \"builtin/page/start.html\" %}{% block lead %}{{ <disclosure /> }}{% endblock lead %}{% block disclosure %}{% endblock disclosure %}",
        "{% extends \"builtin/page/start.html\" %}{% block consent %}<label><input type=\"checkbox\" name=\"consent\" value=\"yes\" checked>I agree to receive text messages from {{ program.name }}</label>{% endblock consent %}",
        "{% extends \"builtin/page/start.html\" %}{% block consent %}{% endblock consent %}",
        "{% extends \"builtin/page/start.html\" %}{% block field %}<input name=\"phone\" type=\"tel\">{% endblock field %}",
    ] {
        assert!(!lost(ENGLISH, "page/start.html", page).is_empty(), "{page} passed");
    }
}

#[test]
fn a_page_of_the_owners_own_that_says_everything_passes() {
    let page = "<!doctype html><html lang=\"{{ locale }}\"><head><title>{{ program.name }}</title></head><body>\
        <form action=\"/start\" method=\"POST\"><h1>{{ program.name }}</h1>\
        <label>{{ t(key=\"phone-label\", regions=regions_form) }} <input name=phone type=tel></label>\
        <p>{{ disclosure.frequency }}. {{ disclosure.stop }}. {{ disclosure.help }}. {{ disclosure.cost }}.</p>\
        <p>{{ rich(key=\"disclosure-details\", terms_url=disclosure.terms_url, privacy_url=disclosure.privacy_url) }}</p>\
        <label><input type=checkbox name=consent value=yes> {{ t(key=\"consent\", kind=program.kind, program=program.name) }}</label>\
        <input type=submit value=OK></form></body></html>";
    assert_eq!(lost("", "page/start.html", page), [""; 0]);
}

#[rocket::async_test]
async fn a_reload_that_loses_a_disclosure_is_refused_in_the_same_words_and_the_last_good_page_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::at("", folder.path()).await;
    let before = app.get("/").await.body;
    put(
        folder.path(),
        "page/start.html",
        "{% extends \"builtin/page/start.html\" %}{% block disclosure %}{% endblock disclosure %}",
    );
    let (config, _) = config("", folder.path());
    let said: Vec<String> =
        prepare(&config, Scope::Changes).expect("renders").1.lost_disclosures().iter().map(ToString::to_string).collect();
    let refusal = reload(&app.app, &app.published).await.expect_err("it is refused").to_string();
    assert!(!said.is_empty() && said.iter().all(|line| refusal.contains(line)), "{refusal}");
    assert_eq!(app.get("/").await.body, before);
    app.post("/start", "phone=1&consent=yes").await.assert_shows("Text STOP to 98765");
}

#[test]
fn serve_refuses_to_start_and_check_prints_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("custom/templates/locale");
    std::fs::create_dir_all(&own).expect("made");
    std::fs::write(own.join("en.ftl"), "cost-line = Texts are free\n").expect("written");
    let served = assent(folder.path(), &["serve"]);
    assert_eq!(served.status.code(), Some(2));
    let said = String::from_utf8_lossy(&served.stderr).into_owned();
    let line = said
        .lines()
        .filter_map(|line| line.strip_prefix("assent: "))
        .find(|line| line.starts_with("error DISCLOSURE en page/start.html:"));
    let line = line.expect("it is named");
    assert!(line.contains("Message and data rates may apply"), "{line}");
    let checked = assent(folder.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&checked.stdout).contains(line));
    assert!(!folder.path().join("data").exists(), "nothing was written");
}
