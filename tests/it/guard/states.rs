//! Every state and template that can post consent is checked, and each problem is one sentence that names its cause.

use assent::web::prerender::{Scope, prepare, reload};

use super::{ENGLISH, lost, put};
use crate::support::{TestApp, config};

/// Lists what the pages have lost, without the advice on what to write instead.
fn faults(name: &str, text: &str) -> Vec<String> {
    let short = |line: String| {
        let (place, sentence) = line.split_once(": ").expect("a place and a sentence");
        let fault = sentence.split(": ").next().unwrap_or_default();
        format!("{place}: {fault}")
    };
    lost(ENGLISH, name, text).into_iter().map(short).collect()
}

#[test]
fn every_built_in_page_is_whole_in_every_state() {
    for toml in ["", "[default.program]\nkind = 'marketing'\nfrequency = { varies = true }\nsender = '+18005550199'\n"] {
        let folder = tempfile::tempdir().expect("a folder");
        let (config, _) = config(toml, folder.path());
        let (_, pages) = prepare(&config, Scope::Everything).expect("the pages render");
        let found: Vec<String> = pages.lost_disclosures().iter().chain(pages.other_findings()).map(ToString::to_string).collect();
        assert_eq!(found, [""; 0], "{toml}");
    }
}

#[test]
fn small_print_that_is_gone_from_the_page_with_errors_is_refused() {
    let page = "{% extends \"builtin/page/start.html\" %}{% block disclosure %}{% if not errors %}{{ <disclosure /> }}{% endif %}\
        {% endblock disclosure %}";
    let found = faults("page/start.html", page);
    assert!(
        found.contains(&"error DISCLOSURE en page/start.html (phone-error-empty): the page does not say how to stop".to_owned()),
        "{found:#?}"
    );
    let once = found.iter().filter(|line| line.contains("how to stop")).count();
    assert_eq!(once, 1, "one fault is one finding, however many states have it: {found:#?}");
}

#[test]
fn a_page_of_an_ended_verification_that_consents_by_itself_is_refused() {
    let page = "<!doctype html><title>Ended</title><form method=post action=/start><input type=hidden name=phone value=\"{{ phone }}\">\
        <input type=hidden name=consent value=yes><button>Again</button></form>";
    let found = faults("page/ended.html", page);
    assert!(
        found.iter().all(|line| line.starts_with("error DISCLOSURE en page/ended.html (expired; it posts to /start): ")),
        "{found:#?}"
    );
    for fault in [
        "the box \"consent\" has type \"hidden\"",
        "the page does not say how to stop",
        "the page does not say what the messages cost",
    ] {
        assert!(found.iter().any(|line| line.ends_with(fault)), "{fault}: {found:#?}");
    }
}

#[test]
fn any_page_that_posts_to_start_is_judged() {
    let form = "<form method=post action=\"{{ '/st' ~ 'art' }}\"><input name=phone><input type=hidden name=consent value=yes><button>Go</button></form>";
    let encoded = "<form method=post action=\"/%73tart\"><input name=phone><input type=hidden name=consent value=yes><button>Go</button></form>";
    let by_button = "<form method=post action=/code><input name=phone><input type=hidden name=consent value=yes><button formaction=/start>Go</button></form>";
    for name in ["page/done.html", "page/code.html", "page/waiting.html", "page/terms.html", "page/error.html"] {
        for form in [form, encoded, by_button] {
            let page = format!("{{% extends \"builtin/{name}\" %}}{{% block footer %}}{form}{{% endblock footer %}}");
            let found = faults(name, &page);
            let place = format!("error DISCLOSURE en {name}");
            assert!(!found.is_empty() && found.iter().all(|line| line.starts_with(&place)), "{name}: {found:#?}");
        }
    }
}

#[test]
fn a_box_that_an_error_checks_is_refused_and_one_that_the_person_had_checked_is_not() {
    let page = |when: &str| {
        format!(
            "{{% extends \"builtin/page/start.html\" %}}{{% block consent %}}<label><input type=\"checkbox\" name=\"consent\" \
             value=\"yes\"{{% if {when} %}} checked{{% endif %}}> {{{{ t(key=\"consent\", kind=program.kind, program=program.name) }}}}</label>\
             {{% endblock consent %}}"
        )
    };
    assert_eq!(faults("page/start.html", &page("consent")), [""; 0]);
    let found = faults("page/start.html", &page("errors"));
    let fault = "the box \"consent\" is checked before anybody checks it";
    assert_eq!(found, [format!("error DISCLOSURE en page/start.html (consent-error): {fault}")]);
}

#[rocket::async_test]
async fn a_reload_judges_every_state_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::at("", folder.path()).await;
    let ended =
        "<form method=post action=/start><input name=phone><input type=hidden name=consent value=yes><button>Go</button></form>";
    put(folder.path(), "page/ended.html", ended);
    let refusal = reload(&app.app, &app.published).await.expect_err("it is refused").to_string();
    assert!(refusal.contains("en page/ended.html (expired; it posts to /start)"), "{refusal}");
}

#[test]
fn one_rule_that_hides_several_things_is_one_finding() {
    let page = "{% extends \"builtin/page/start.html\" %}{% block head %}<style>.disclosure { display: none }</style>{% endblock head %}";
    let found = lost("", "page/start.html", page);
    let en: Vec<&String> = found.iter().filter(|line| line.starts_with("error DISCLOSURE en ")).collect();
    assert_eq!(
        en,
        ["error DISCLOSURE en page/start.html: the rule \".disclosure { display: none }\" of a <style> element hides how often \
             messages are sent, how to stop, how to get help, what the messages cost, the link to the terms and the link to the \
             privacy policy: show them"]
    );
}

#[test]
fn what_is_below_the_button_is_one_finding_that_says_so_once() {
    let page = "{% extends \"builtin/page/start.html\" %}{% block disclosure %}{% endblock disclosure %}{% block submit %}<button>Go</button>{{ <disclosure /> }}{% endblock submit %}";
    let found = lost("", "page/start.html", page);
    let en: Vec<&String> = found.iter().filter(|line| line.starts_with("error DISCLOSURE en ")).collect();
    assert_eq!(en.len(), 1, "{found:#?}");
    assert!(en[0].contains("in or after the button: move them above the button"), "{}", en[0]);
    assert_eq!(en[0].matches("above the button").count(), 1, "{}", en[0]);
}

#[test]
fn styles_that_browsers_drop_are_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = "{% extends \"builtin/page/start.html\" %}{% block head %}<style>h1 { color: red }</style>{% endblock head %}\
        {% block heading %}<h1 style=\"color: red\">Join</h1>{% endblock heading %}";
    put(folder.path(), "page/start.html", page);
    let (config, _) = config("", folder.path());
    let (_, pages) = prepare(&config, Scope::Changes).expect("the pages render");
    assert!(pages.lost_disclosures().is_empty());
    let found: Vec<String> = pages.other_findings().iter().map(ToString::to_string).collect();
    for style in ["<style>", "<h1 style=\"color: red\">"] {
        let line = format!(
            "warning STYLE en page/start.html: browsers ignore {style} here, because pages take styles from linked files alone: \
             move it into a file of custom/static, such as custom.css"
        );
        assert!(found.contains(&line), "{found:#?}");
    }
}
