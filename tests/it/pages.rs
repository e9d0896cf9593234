//! Pages: what must be on them, for whom, and how they're delivered.

use rocket::http::{Header, Status};

use crate::support::{PHONE, TestApp, read, start_body};

/// The form's text above its button, which is what a person reads before pressing it.
fn above_the_button(page: &crate::support::Page) -> String {
    let from = page.body.find("<form method=\"post\" action=\"/start\"").expect("the form");
    let to = from + page.body[from..].find("<button").expect("its button");
    assent::optin::disclosure::visible_text(&page.body[from..to])
}

#[rocket::async_test]
async fn every_kind_of_program_discloses_everything_inside_the_form_above_the_button() {
    let kinds = [
        ("two_factor", "I agree to receive verification text messages (SMS) from Beacon at this number."),
        ("alerts", "I agree to receive recurring text messages (SMS) from Beacon at this number."),
        (
            "marketing",
            "I agree that Beacon may send me recurring marketing text messages (SMS) at this number by automated means. My consent is not a condition of any purchase.",
        ),
    ];
    for (kind, consent) in kinds {
        let toml = format!(
            "[default.program]\nname = 'Beacon'\nkind = '{kind}'\nsender = '45678'\ndescription = 'Tide and storm notes.'\nfrequency = {{ at_most = 4, per = 'week' }}\n"
        );
        let app = TestApp::with(&toml).await;
        let page = app.get("/").await;
        let form = above_the_button(&page);
        for element in [
            "Tide and storm notes.",
            "No more than 4 messages per week, plus replies to your texts",
            "Text STOP to 45678 to cancel",
            "Text HELP to 45678",
            "Message and data rates may apply",
            "Terms and conditions",
            "Privacy policy",
            consent,
        ] {
            assert!(form.contains(element), "{kind}: `{element}` is not above the button:\n{form}");
        }
        page.assert_shows("Beacon");
        assert_eq!(page.attribute("form a[href='/terms']", "href").as_deref(), Some("/terms"));
        assert_eq!(page.attribute("form a[href='/privacy']", "href").as_deref(), Some("/privacy"));
        assert_eq!(page.attribute("input[name=consent]", "type").as_deref(), Some("checkbox"));
        assert_eq!(page.attribute("input[name=consent]", "value").as_deref(), Some("yes"));
        assert_eq!(page.attribute("input[name=consent]", "checked"), None, "we never check the box");
    }
}

#[rocket::async_test]
async fn the_cost_line_and_the_owners_own_pages_are_shown() {
    let toml = "[default.program]\ncost_line = 'standard'\nterms_url = 'https://acme.example/t'\nprivacy_url = 'https://acme.example/p'\nprivacy_confirmed = true\n";
    let page = TestApp::with(toml).await.get("/").await;
    page.assert_shows("Standard message and data rates may apply");
    for url in ["https://acme.example/t", "https://acme.example/p"] {
        assert!(page.attribute(&format!("form a[href='{url}']"), "href").is_some(), "{url}");
    }
}

#[rocket::async_test]
async fn the_phone_field_is_what_govuk_asks_for() {
    let page = TestApp::new().await.get("/").await;
    let is = |name: &str| page.attribute("input#phone", name);
    assert_eq!((is("type").as_deref(), is("autocomplete").as_deref()), (Some("tel"), Some("tel")));
    for forbidden in ["placeholder", "maxlength", "required", "pattern"] {
        assert_eq!(is(forbidden), None, "{forbidden}");
    }
    assert!(page.attribute("form", "novalidate").is_some());
    assert_eq!(page.attribute("label[for=phone]", "for").as_deref(), Some("phone"));
    page.assert_shows("US mobile number");
}

#[rocket::async_test]
async fn the_code_field_is_what_govuk_asks_for() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let page = app.get("/code").await;
    let is = |name: &str| page.attribute("input#code", name);
    assert_eq!((is("type").as_deref(), is("inputmode").as_deref()), (Some("text"), Some("numeric")));
    assert_eq!((is("autocomplete").as_deref(), is("spellcheck").as_deref()), (Some("one-time-code"), Some("false")));
    for forbidden in ["placeholder", "maxlength", "required", "pattern"] {
        assert_eq!(is(forbidden), None, "{forbidden}");
    }
    assert!(!page.body.contains("http-equiv"), "the page never refreshes itself");
    assert_eq!(page.header("refresh"), None);
}

#[rocket::async_test]
async fn one_error_is_shown_at_its_field_several_also_in_a_summary_and_the_entry_stays() {
    let app = TestApp::new().await;
    let page = app.post("/start", &start_body(" 202 555 01 ")).await;
    assert_eq!(page.status, Status::UnprocessableEntity);
    assert_eq!(page.text().matches("Enter all 10 digits of your US mobile number").count(), 1);
    assert!(page.body.contains("<title>Error: ") && !page.body.contains("class=\"summary\""));
    assert_eq!(page.attribute("input#phone", "value").as_deref(), Some(" 202 555 01 "));
    assert_eq!(page.attribute("input#phone", "aria-describedby").as_deref(), Some("phone-error"));
    assert!(page.attribute("input#phone", "autofocus").is_some(), "the focus is where the error is");
    assert!(page.attribute("input#consent", "checked").is_some(), "a box that was checked stays checked");

    let page = app.post("/start", "phone=202+555+01").await;
    assert_eq!(page.text().matches("Enter all 10 digits of your US mobile number").count(), 2);
    assert_eq!(page.text().matches("Check the box to agree to receive our texts").count(), 2);
    page.assert_shows("There's a problem");
    assert_eq!(page.attribute(".summary a", "href").as_deref(), Some("#phone"));
    assert!(page.attribute("input#phone", "autofocus").is_none(), "the focus is on the summary");
    assert!(page.body.find("class=\"summary\"").expect("the summary") < page.body.find("<h1>").expect("the heading"));
}

#[rocket::async_test]
async fn the_opt_in_page_is_the_same_bytes_for_everybody_and_is_sent_compressed() {
    let app = TestApp::new().await;
    let (one, two) = (app.get("/").await, app.browser().await.get("/").await);
    assert_eq!(one.body, two.body);
    assert_eq!(one.header("cache-control"), Some("private, no-cache"));
    assert_eq!(one.header("vary"), Some("Accept-Language, Accept-Encoding"));
    let etag = one.header("etag").expect("a tag").to_owned();

    let ask = |name: &'static str, value: String| {
        app.client.get("/").remote("127.0.0.1:1".parse().expect("an address")).header(Header::new(name, value)).dispatch()
    };
    let known = read(ask("If-None-Match", etag.clone()).await).await;
    assert_eq!((known.status, known.body.len()), (Status::NotModified, 0));
    assert_eq!(known.header("etag"), Some(etag.as_str()));
    assert_eq!(read(ask("If-None-Match", "\"other\"".to_owned()).await).await.status, Status::Ok);
    let zipped = ask("Accept-Encoding", "br, gzip;q=0.8".to_owned()).await;
    assert_eq!(zipped.headers().get_one("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    let bytes = zipped.into_bytes().await.expect("a body");
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut plain).expect("gzip");
    assert_eq!(plain, one.body);
    assert_eq!(read(ask("Accept-Encoding", "gzip;q=0".to_owned()).await).await.header("content-encoding"), None);
}

#[rocket::async_test]
async fn a_browser_that_comes_with_a_tag_but_no_cookie_still_gets_one() {
    let app = TestApp::new().await;
    let etag = app.get("/").await.header("etag").expect("a tag").to_owned();
    let fresh = rocket::local::asynchronous::Client::untracked(assent::web::rocket(
        std::sync::Arc::clone(&app.app),
        app.published.clone(),
    ))
    .await
    .expect("sound");
    let request = fresh.get("/").remote("127.0.0.1:1".parse().expect("an address")).header(Header::new("If-None-Match", etag));
    let page = read(request.dispatch().await).await;
    assert_eq!(page.status, Status::NotModified);
    assert!(page.header("set-cookie").is_some());
}

#[rocket::async_test]
async fn the_first_visit_weighs_less_than_fourteen_kilobytes() {
    let app = TestApp::new().await;
    let page = app.get("/").await;
    let mut weight = 0;
    let style = page.attribute("link[rel=stylesheet]", "href").expect("a stylesheet");
    let icon = page.attribute("link[rel=icon]", "href").expect("an icon");
    assert!(page.attribute("script", "src").is_none(), "the opt-in page needs no script");
    for path in ["/".to_owned(), style, icon] {
        let request = app.client.get(path).remote("127.0.0.1:1".parse().expect("an address"));
        let answer = request.header(Header::new("Accept-Encoding", "gzip")).dispatch().await;
        let headers: usize = answer.headers().iter().map(|h| h.name().as_str().len() + h.value().len() + 4).sum();
        weight += headers + answer.into_bytes().await.expect("a body").len();
    }
    assert!(weight < 14_000, "{weight} bytes");
    let css = std::fs::metadata(concat!(env!("CARGO_MANIFEST_DIR"), "/static/assent.css")).expect("the stylesheet").len();
    assert!(css < 12_000, "{css} bytes");
}

#[rocket::async_test]
async fn static_files_are_named_by_their_content_and_cached_forever() {
    let app = TestApp::new().await;
    let path = app.get("/").await.attribute("link[rel=stylesheet]", "href").expect("a stylesheet");
    let file = app.get(&path).await;
    assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(file.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(app.get("/static/assent.css").await.status, Status::NotFound);
}

#[rocket::async_test]
async fn pages_of_a_visitor_are_never_stored_or_compressed() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    for path in ["/code", "/done", "/nothing"] {
        let request = app.client.get(path).remote("127.0.0.1:1".parse().expect("an address"));
        let page = read(request.header(Header::new("Accept-Encoding", "gzip")).dispatch().await).await;
        assert_eq!((page.header("cache-control"), page.header("content-encoding")), (Some("no-store"), None), "{path}");
    }
    assert_eq!(app.post("/start", "").await.header("cache-control"), Some("no-store"));
}

#[rocket::async_test]
async fn the_terms_hold_the_seven_elements() {
    let app = TestApp::new().await;
    let page = app.get("/terms").await;
    assert_eq!(page.status, Status::Ok);
    for element in [
        "Acme Alerts",
        "Codes that confirm your phone number",
        "No more than 5 messages per day, plus replies to your texts",
        "Message and data rates may apply",
        "help@acme.example",
        "Text STOP to 98765",
        "Carriers are not liable for delayed or undelivered messages",
    ] {
        page.assert_shows(element);
    }
    assert!(page.attribute("script", "src").is_none());
}

#[rocket::async_test]
async fn the_privacy_page_says_outright_that_opt_in_data_is_not_shared_for_marketing() {
    let app = TestApp::new().await;
    app.get("/privacy").await.assert_shows("We do not share mobile opt-in data");
    app.get("/privacy").await.assert_shows("with third parties or affiliates for marketing");
}

#[rocket::async_test]
async fn the_page_the_terms_and_the_welcome_say_the_same_frequency() {
    for (frequency, words) in [
        ("{ at_most = 5, per = 'day' }", "No more than 5 messages per day"),
        ("{ at_most = 12, per = 'month' }", "No more than 12 messages per month"),
        ("{ varies = true }", "Message frequency varies"),
    ] {
        let app = TestApp::with(&format!("[default.program]\nfrequency = {frequency}\n")).await;
        app.get("/").await.assert_shows(words);
        app.get("/terms").await.assert_shows(words);
        app.opt_in(PHONE).await;
        assert!(app.texts_to(PHONE).pop().expect("a welcome").text.contains(words));
    }
}

#[rocket::async_test]
async fn done_offers_the_way_back_to_the_owners_site() {
    let app = TestApp::with("[default.site]\nreturn_url = 'https://www.acme.example/next'\nreturn_name = 'Acme'\n").await;
    app.opt_in(PHONE).await;
    let page = app.get("/done").await;
    page.assert_shows("Continue to Acme");
    assert_eq!(page.attribute("a.button", "href").as_deref(), Some("https://www.acme.example/next"));
    assert_eq!(page.attribute("time", "datetime").as_deref(), Some("2026-11-24T12:00:00Z"));
}

#[rocket::async_test]
async fn another_way_to_prove_a_number_is_offered_where_the_owner_has_one() {
    let app = TestApp::with("[default.program]\nalternative_url = 'https://www.acme.example/other'\n").await;
    app.submit_phone(PHONE).await;
    let page = app.get("/code").await;
    page.assert_shows("Use another way");
    assert!(page.attribute("a[href='https://www.acme.example/other']", "href").is_some());
}

#[rocket::async_test]
async fn error_words_follow_the_style_of_govuk() {
    let catalog = include_str!("../../templates/locale/en.ftl").to_lowercase();
    for word in ["please", "sorry", "invalid", "forbidden", "oops"] {
        let found =
            catalog.lines().find(|line| !line.starts_with('#') && line.split(|c: char| !c.is_alphabetic()).any(|w| w == word));
        assert_eq!(found, None, "{word}");
    }
}

#[rocket::async_test]
async fn health_is_reported_in_json() {
    let app = TestApp::new().await;
    for (path, body) in [("/health/live", r#"{"status":"live"}"#), ("/health/ready", r#"{"status":"ready"}"#)] {
        let page = app.get(path).await;
        assert_eq!((page.status, page.body.as_str(), page.header("content-type")), (Status::Ok, body, Some("application/json")));
    }
}

#[rocket::async_test]
async fn an_owners_own_words_and_templates_are_used_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("templates");
    std::fs::create_dir_all(own.join("locale")).expect("made");
    std::fs::create_dir_all(own.join("page")).expect("made");
    std::fs::write(own.join("locale/en.ftl"), "start-submit = Get my code\nsms-welcome = { $program }: welcome aboard. { $frequency }. { $cost }. HELP or STOP any time.\n").expect("written");
    std::fs::write(
        own.join("page/start.html"),
        "{% extends \"builtin/page/start.html\" %}{% block heading %}<h1>Join the watch</h1>{% endblock heading %}",
    )
    .expect("written");
    let app = TestApp::at("", folder.path()).await;
    let page = app.get("/").await;
    page.assert_shows("Join the watch");
    page.assert_shows("Get my code");
    page.assert_shows("Text STOP to 98765 to cancel");
    app.opt_in(PHONE).await;
    assert!(app.texts_to(PHONE).pop().expect("a welcome").text.starts_with("Acme Alerts: welcome aboard."));
}

#[rocket::async_test]
async fn the_most_preferred_language_is_used_and_a_choice_holds_on_the_next_page() {
    let app = TestApp::new().await;
    let ask = async |path: &'static str, headers: &[(&'static str, &'static str)]| {
        let mut request = app.client.get(path).remote("127.0.0.1:1".parse().expect("an address"));
        for (name, value) in headers {
            request = request.header(Header::new(*name, *value));
        }
        read(request.dispatch().await).await.attribute("html", "lang").expect("a language")
    };
    for (wanted, lang) in [
        ("es;q=0.1, en", "en"),
        ("es-MX, en;q=0.9", "es"),
        ("es;q=0.5, en-US", "en"),
        ("en;q=0.2, es;q=0.9", "es"),
        ("fr, es;q=0.3", "es"),
        ("es;q=0", "en"),
        ("", "en"),
    ] {
        assert_eq!(ask("/", &[("Accept-Language", wanted)]).await, lang, "{wanted}");
    }
    let from = |page: &'static str| ("Referer", page);
    assert_eq!(ask("/terms", &[from("http://localhost:8000/?lang=es")]).await, "es");
    assert_eq!(ask("/terms?lang=en", &[from("http://localhost:8000/?lang=es")]).await, "en");
    assert_eq!(ask("/terms", &[from("https://elsewhere.example/?lang=es")]).await, "en");
}

#[rocket::async_test]
async fn change_number_keeps_the_number() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/?again").await.location(), Some("/"), "a browser without a number has none to keep");
    app.submit_phone(PHONE).await;
    let fresh = app.get("/").await;
    let code = app.get("/code").await;
    assert_eq!(code.attribute(".lead a", "href").as_deref(), Some("/?again"));
    let again = app.get("/?again").await;
    assert_eq!(again.status, Status::Ok);
    assert_eq!(again.attribute("input#phone", "value").as_deref(), Some("(202) 555-0147"));
    assert_eq!(again.attribute("input#consent", "checked"), None);
    let hash = |page: &crate::support::Page| page.attribute("input[name=disclosure]", "value");
    assert_eq!(hash(&again), hash(&fresh));
    assert_eq!((again.header("cache-control"), again.header("content-encoding")), (Some("no-store"), None));
    assert_eq!(again.attribute("nav a", "href").as_deref(), Some("/?again&lang=es"));
    app.get("/?again&lang=es").await.assert_shows("Verifique su teléfono");
    assert_eq!(app.browser().await.get("/?again").await.location(), Some("/"), "another browser's number stays its own");
}

#[rocket::async_test]
async fn the_language_that_a_person_chose_stays_on_every_page_until_it_is_changed() {
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let page = app.get("/code").await;
    page.assert_shows("Enter your code");
    assert_eq!(page.attribute("nav a", "href").as_deref(), Some("/code?lang=es"));
    app.get("/code?lang=es").await.assert_shows("Escriba su código");
    for (path, words) in [
        ("/code", "Escriba su código"),
        ("/code/waiting", "Esperamos su mensaje"),
        ("/", "Verifique su teléfono"),
        ("/terms", "Términos y condiciones"),
        ("/nowhere", "Página no encontrada"),
    ] {
        let page = app.get(path).await;
        page.assert_shows(words);
        assert_eq!(page.attribute("html", "lang").as_deref(), Some("es"), "{path}");
        assert_eq!(page.attribute("nav a", "href"), Some(format!("{path}?lang=en")));
    }
    app.type_code(&app.wrong_code(PHONE)).await.assert_shows("El código no es correcto.");
    app.type_code(&app.last_code(PHONE)).await;
    app.get("/done").await.assert_shows("Su teléfono está verificado");
    app.get("/nowhere?lang=en").await.assert_shows("Page not found");
    app.get("/done").await.assert_shows("Your phone is verified");
    app.get("/").await.assert_shows("Verify your phone");

    // A link back never leads to another host.
    for path in ["//other.example/a", "/%2f/other.example", "/a\u{5c}b"] {
        let page = app.get(path).await;
        let link = page.attribute("nav a", "href");
        assert!(link.as_deref().is_none_or(|link| link.starts_with("/?lang=")), "{path}: {link:?}");
    }
}

#[rocket::async_test]
async fn done_shows_what_was_agreed_to_whatever_the_settings_are_today() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("[default.database]\nurl = 'sqlite://{}'\n", folder.path().join("assent.db").display());
    let before =
        TestApp::with(&format!("{database}[default.program]\nkind = 'alerts'\nfrequency = {{ at_most = 3, per = 'week' }}\n"))
            .await;
    before.opt_in(PHONE).await;
    let done = before.get("/done").await;
    done.assert_shows("You're signed up");
    done.assert_shows("No more than 3 messages per week");
    done.assert_shows("I agree to receive recurring text messages (SMS) from Acme Alerts at this number.");
    assert!(before.texts_to(PHONE).pop().is_some_and(|text| text.text.contains("You're signed up for texts.")));
    let cookie = before.client.cookies().get("assent").expect("a cookie").clone();
    let after = TestApp::with(&format!("{database}[default.program]\nfrequency = {{ at_most = 5, per = 'day' }}\n")).await;
    let done = after.browser().await.get_with("/done", &cookie).await;
    done.assert_shows("You're signed up");
    done.assert_shows("No more than 3 messages per week");
    assert!(!done.shows("messages per day"), "{}", done.text());
}

#[rocket::async_test]
async fn every_catalog_is_complete_and_its_texts_fit_with_names_and_hosts_of_thirty_letters() {
    for kind in ["two_factor", "alerts", "marketing"] {
        let toml = format!(
            "[default.site]\nbase_url = 'https://abcdefghij.klmnopqrst.example0'\ntrusted_proxies = ['127.0.0.1']\n[default.program]\nname = 'Northwind Harbor Weather Alert'\n\
             kind = '{kind}'\n[default.locale]\noffered = ['en', 'es', 'fr']\n"
        );
        let app = TestApp::with(&toml).await;
        let host = app.app.config.site.host().chars().count();
        assert_eq!((app.app.config.program.name.chars().count(), host), (30, 30));
        let findings = assent::flow::texts::findings(&app.app.config, &app.app.render());
        let errors: Vec<_> = findings.iter().filter(|finding| finding.level == assent::finding::Level::Error).collect();
        assert!(errors.is_empty(), "{kind}: {errors:#?}");
        let page = app.get("/?lang=fr").await;
        assert_eq!(page.attribute("html", "lang").as_deref(), Some("fr"));
        page.assert_shows("Textez STOP au 98765 pour annuler.");
    }
}
