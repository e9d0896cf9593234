//! Safe by default: who may act, what every response carries, what stays out of sight.

use rocket::http::{ContentType, Header, Method, Status};

use crate::support::database;
use crate::support::{PHONE, Page, TestApp, read, start_body};

const PUBLIC: &str = "[default.site]\nbase_url = 'https://texts.acme.example'\ntrusted_proxies = ['127.0.0.1']\n";

#[rocket::async_test]
async fn a_form_from_another_site_is_refused_and_nothing_happens() {
    let app = TestApp::new().await;
    for path in ["/start", "/code", "/resend", "/simulator/messages", "/simulator"] {
        for headers in [
            vec![("Sec-Fetch-Site", "cross-site")],
            vec![("Sec-Fetch-Site", "same-site")],
            vec![("Sec-Fetch-Site", "cross-site"), ("Origin", "http://localhost:8000")],
            vec![("Origin", "https://evil.example")],
            vec![("Origin", "null")],
            vec![("Origin", "http://localhost:8001")],
        ] {
            let page = app.post_with(path, &start_body(PHONE), &headers).await;
            assert_eq!(page.status, Status::Forbidden, "{path} {headers:?}");
            page.assert_shows("That request didn't come from our page");
        }
    }
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 0);
    for headers in [
        vec![("Sec-Fetch-Site", "same-origin")],
        vec![("Sec-Fetch-Site", "none")],
        vec![("Origin", "http://localhost:8000")],
        vec![],
    ] {
        let page = app.post_with("/start", "", &headers).await;
        assert_eq!(page.status, Status::UnprocessableEntity, "{headers:?}");
    }
}

fn assert_secure(page: &Page, what: &str) {
    let policy = page.header("content-security-policy").unwrap_or_default();
    for part in ["default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{what}");
    assert_eq!(page.header("referrer-policy"), Some("same-origin"), "{what}");
    assert_eq!(page.header("cross-origin-opener-policy"), Some("same-origin"), "{what}");
    assert!(page.header("cache-control").is_some(), "{what}");
    for gone in ["server", "x-frame-options", "x-xss-protection", "permissions-policy-report-only"] {
        assert_eq!(page.header(gone), None, "{what}");
    }
}

#[rocket::async_test]
async fn every_response_carries_the_security_headers() {
    let app = TestApp::new().await;
    for path in [
        "/",
        "/code",
        "/done",
        "/terms",
        "/privacy",
        "/nothing",
        "/static/nothing",
        "/health/live",
        "/health/ready",
        "/simulator",
        "/simulator/messages",
    ] {
        for method in [Method::Get, Method::Head, Method::Options, Method::Put, Method::Delete, Method::Patch, Method::Trace] {
            let page =
                read(app.client.req(method, path).remote("127.0.0.1:1".parse().expect("an address")).dispatch().await).await;
            assert_secure(&page, &format!("{method} {path}"));
        }
    }
    let css = app.get("/").await.attribute("link[rel=stylesheet]", "href").expect("a stylesheet");
    assert_secure(&app.get(&css).await, "css");
    assert_secure(&app.post("/start", &"x".repeat(40_000)).await, "413");
    assert_secure(&app.submit_phone(PHONE).await, "a redirect");
}

#[rocket::async_test]
async fn a_method_that_a_path_does_not_take_gets_405_with_allow() {
    let app = TestApp::new().await;
    for (method, path, allow) in [
        (Method::Post, "/", "GET, HEAD"),
        (Method::Get, "/start", "POST"),
        (Method::Head, "/start", "POST"),
        (Method::Delete, "/code", "GET, POST, HEAD"),
        (Method::Put, "/static/x", "GET, HEAD"),
        (Method::Options, "/done", "GET, HEAD"),
    ] {
        let page = read(app.client.req(method, path).remote("127.0.0.1:1".parse().expect("an address")).dispatch().await).await;
        assert_eq!(page.status, Status::MethodNotAllowed, "{method} {path}");
        assert_eq!(page.header("allow"), Some(allow), "{method} {path}");
    }
    assert_eq!(app.post("/nothing", "").await.status, Status::NotFound);
}

#[rocket::async_test]
async fn the_cookie_is_private_to_the_host_and_to_http() {
    let app = TestApp::new().await;
    let cookie = app.get("/").await.header("set-cookie").expect("a cookie").to_owned();
    assert!(cookie.starts_with("assent="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Secure") && !cookie.contains("Domain") && !cookie.contains("Expires") && !cookie.contains("Max-Age"),
        "{cookie}"
    );
    assert_eq!(app.get("/").await.header("set-cookie"), None, "a browser that has one keeps it");

    let public = TestApp::with(PUBLIC).await;
    let page = public.get("/").await;
    let cookie = page.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("__Host-assent="), "{cookie}");
    assert!(
        cookie.contains("Secure") && cookie.contains("HttpOnly") && cookie.contains("Path=/") && !cookie.contains("Domain"),
        "{cookie}"
    );
    assert_eq!(page.header("strict-transport-security"), Some("max-age=31536000"));
}

#[rocket::async_test]
async fn hsts_is_only_for_https_and_covers_subdomains_if_asked() {
    let app = TestApp::with(&format!("{PUBLIC}hsts_subdomains = true\n")).await;
    assert_eq!(app.get("/nothing").await.header("strict-transport-security"), Some("max-age=31536000; includeSubDomains"));
    assert_eq!(TestApp::new().await.get("/").await.header("strict-transport-security"), None);
}

#[rocket::async_test]
async fn a_tampered_or_foreign_cookie_is_as_good_as_none() {
    let app = TestApp::new().await;
    for value in ["x", "0123456789abcdef0123456789abcdef", "%00", ""] {
        let request = app.client.get("/code").remote("127.0.0.1:1".parse().expect("an address"));
        let page = read(request.header(Header::new("Cookie", format!("assent={value}"))).dispatch().await).await;
        assert_eq!(page.status, Status::BadRequest, "{value}");
        page.assert_shows("Cookies are turned off");
    }
}

#[rocket::async_test]
async fn a_form_that_is_too_long_is_refused() {
    let app = TestApp::new().await;
    let page = app.post("/start", &format!("phone={}", "2".repeat(20_000))).await;
    assert_eq!(page.status, Status::PayloadTooLarge);
    page.assert_shows("That was too long");
}

#[rocket::async_test]
async fn extra_fields_are_ignored_and_repeated_ones_are_refused() {
    let app = TestApp::new().await;
    for repeated in ["phone=2025550199", "consent=no", "consent=yes"] {
        let page = app.post("/start", &format!("{}&{repeated}", start_body(PHONE))).await;
        assert_eq!(page.status, Status::UnprocessableEntity, "{repeated}");
    }
    assert_eq!(app.count("SELECT count(*) FROM verifications"), 0);
    let page = app.post("/start", &format!("{}&role=admin&state=verified", start_body(PHONE))).await;
    assert_eq!(page.location(), Some("/code"));
    assert_eq!(app.texts_to(PHONE).len(), 1);
}

#[rocket::async_test]
async fn what_people_type_is_shown_and_never_run() {
    let app = TestApp::new().await;
    for typed in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "' OR 1=1 --"] {
        let page = app.post("/start", &start_body(typed)).await;
        assert_eq!(page.status, Status::UnprocessableEntity);
        assert_eq!(page.attribute("input#phone", "value").as_deref(), Some(typed));
        assert!(
            !page.body.contains("<script>alert")
                && !page.body.contains("<img src=x")
                && !page.body.contains(">49")
                && !page.body.contains("\"49"),
            "{}",
            page.body
        );
    }
}

#[rocket::async_test]
async fn no_code_is_in_the_database_files() {
    if database::is_postgres() {
        return;
    }
    let app = TestApp::with("[default.verification]\ncode_length = 8\n").await;
    let page = app.submit_phone(PHONE).await;
    assert_eq!(page.location(), Some("/code"));
    let code = app.last_code(PHONE);
    let file = app.app.config.database.file().expect("SQLite").to_owned();
    for suffix in ["", "-wal"] {
        let bytes = std::fs::read(format!("{}{suffix}", file.display())).expect("the file");
        let found = bytes.windows(code.len()).any(|window| window == code.as_bytes());
        assert!(!found, "the code is in the database{suffix}");
    }
    app.type_code(&code).await;
}

#[rocket::async_test]
async fn without_a_database_the_answer_is_503_and_nothing_typed_is_lost() {
    if database::is_postgres() {
        return;
    }
    let app = TestApp::new().await;
    app.submit_phone(PHONE).await;
    let file = app.app.config.database.file().expect("SQLite").to_owned();
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).expect("moved away");
    let post = async |path: &'static str, body: String| {
        let request = app.client.post(path).remote("127.0.0.1:1".parse().expect("an address")).header(ContentType::Form);
        read(request.body(body).dispatch().await).await
    };
    let page = post("/start", start_body("(202) 555-0148")).await;
    assert_eq!(page.status, Status::ServiceUnavailable);
    assert_eq!(page.header("retry-after"), Some("30"));
    page.assert_shows("We can't take your number right now. Wait a minute");
    assert_eq!(page.attribute("input#phone", "value").as_deref(), Some("(202) 555-0148"));
    assert!(page.attribute("input#consent", "checked").is_some());
    let page = post("/code", "code=123+456&verification=0a1b".to_owned()).await;
    assert_eq!((page.status, page.header("retry-after")), (Status::ServiceUnavailable, Some("30")));
    assert_eq!(page.attribute("form[action='/code'] input[name='verification']", "value").as_deref(), Some("0a1b"));
    assert_eq!(page.attribute("form[action='/code'] input#code", "value").as_deref(), Some("123 456"));
    page.assert_shows("give this reference: ");
    for path in ["/code", "/done"] {
        let page = app.get(path).await;
        assert_eq!((page.status, page.header("retry-after")), (Status::ServiceUnavailable, Some("30")), "{path}");
    }
    assert_eq!(app.get("/health/ready").await.status, Status::ServiceUnavailable);
    assert_eq!(app.get("/health/live").await.status, Status::Ok);
    assert_eq!(app.get("/").await.status, Status::Ok, "the opt-in page needs no database");
    std::fs::rename(&aside, &file).expect("moved back");
    assert_eq!(app.get("/health/ready").await.status, Status::Ok, "it recovers by itself");
}

#[rocket::async_test]
async fn an_error_page_carries_a_reference_and_says_what_to_do() {
    let app = TestApp::new().await;
    let page = app.get("/nothing").await;
    assert_eq!(page.status, Status::NotFound);
    page.assert_shows("Page not found");
    page.assert_shows("give this reference: ");
    let other = app.get("/nothing").await;
    assert_ne!(page.text(), other.text(), "each request has a reference of its own");
    assert_eq!(page.header("cache-control"), Some("no-store"));
}
