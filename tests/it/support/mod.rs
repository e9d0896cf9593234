//! A whole installation for one test, with its own database, a stopped clock and recorded texts, and the steps that tests share.

pub mod carrier;
pub mod database;
mod http;
mod listener;
mod mail;
pub mod provider;
pub mod smtp;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use assent::app::App;
use assent::clock::Clock;
use assent::config::Config;
use assent::finding::{Finding, Level};
use assent::flow::deliver::deliver;
use assent::keys::Keys;
use assent::optin::phone::{PhoneNumber, PhoneRules};
use assent::sms::simulator::SimulatedMessage;
use assent::store::{DatabaseUrl, Store};
use assent::web::prerender::{Pages, Published, Scope, prepare, record};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rocket::figment::providers::{Format as _, Toml};
use rocket::http::{ContentType, Cookie, Header, Status};
use rocket::local::asynchronous::{Client, LocalRequest, LocalResponse};
use time::Duration;
use time::macros::datetime;

/// The number that tests use when any number will do.
pub const PHONE: &str = "+12025550147";

/// One installation.
pub struct TestApp {
    pub app: Arc<App>,
    pub client: Client,
    pub published: Published,
    folder: Option<tempfile::TempDir>,
    may_leave_queued: bool,
}

/// A response, read to its end.
pub struct Page {
    pub status: Status,
    pub body: String,
    headers: Vec<(String, String)>,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every header except `set-cookie`, which differs from one request to the next.
    pub fn steady_headers(&self) -> Vec<(String, String)> {
        let mut headers: Vec<_> = self.headers.iter().filter(|(n, _)| n != "set-cookie").cloned().collect();
        headers.sort();
        headers
    }

    pub fn document(&self) -> scraper::Html {
        scraper::Html::parse_document(&self.body)
    }

    /// What a person reads, with whitespace collapsed.
    pub fn text(&self) -> String {
        assent::optin::disclosure::visible_text(&self.body)
    }

    pub fn shows(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    #[track_caller]
    pub fn assert_shows(&self, words: &str) {
        assert!(self.shows(words), "`{words}` is not shown on:\n{} {}", self.status, self.text());
    }

    /// The code that the page shows for texting in, as displayed.
    pub fn reply_code(&self) -> Option<String> {
        let figures = scraper::Selector::parse("b.figures").expect("a selector");
        self.document().select(&figures).next().map(|element| element.text().collect())
    }

    /// Where a redirect goes.
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// The value of an attribute of the element that `selector` finds.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let selector = scraper::Selector::parse(selector).expect("a selector");
        self.document().select(&selector).next().and_then(|element| element.value().attr(name)).map(ToOwned::to_owned)
    }
}

/// Reads a test's settings, on top of the defaults.
pub fn config(toml: &str, folder: &Path) -> (Config, Vec<Finding>) {
    let base = format!(
        "[default]\nsecret_key = '{}'\n[default.database]\nurl = '{}'\n[default.templates]\ndir = '{}'\n",
        "5a".repeat(32),
        database::url(&folder.join("assent.db")),
        folder.join("templates").display(),
    );
    let figment = Config::merged().merge(Toml::string(&base).nested()).merge(Toml::string(toml).nested()).select("default");
    Config::read(figment, std::iter::empty()).expect("readable settings")
}

impl TestApp {
    /// With the default settings.
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// With settings on top of the defaults, in TOML.
    pub async fn with(toml: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut app = Self::at(toml, folder.path()).await;
        app.folder = Some(folder);
        app
    }

    /// In a folder that the test keeps, so that the installation can be opened again.
    pub async fn at(toml: &str, folder: &Path) -> Self {
        Self::adjusted(toml, folder, |_| {}).await
    }

    /// With settings that an owner couldn't write.
    pub async fn adjusted(toml: &str, folder: &Path, adjust: impl FnOnce(&mut Config)) -> Self {
        let (mut config, findings) = config(toml, folder);
        adjust(&mut config);
        // With a real provider, fictional numbers are refused, but tests use no others.
        config.phones.fictional = true;
        let errors: Vec<String> = findings
            .iter()
            .filter(|f| f.level == Level::Error && f.code != "SIMULATOR" && f.code != "ALTERNATIVE")
            .map(ToString::to_string)
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let (render, pages): (_, Pages) = prepare(&config, Scope::Changes).expect("the pages render");
        let store = Store::open(&config.database).expect("the store opens");
        let clock = Clock::fixed(datetime!(2026-11-24 12:00 UTC));
        let keys = Keys::derive(config.secret_key.as_ref().expect("a key").reveal());
        record(&store, &pages, clock.now()).await.expect("recorded");
        let published = Published::new(pages);
        let app = Arc::new(App::new(config, store, keys, render, clock).expect("wired"));
        assent::flow::heartbeat::beat(&app).await;
        let client = Client::tracked(assent::web::rocket(Arc::clone(&app), published.clone())).await.expect("the site is sound");
        Self { app, client, published, folder: None, may_leave_queued: false }
    }

    /// Opens another browser on the same installation.
    pub async fn browser(&self) -> Browser<'_> {
        let client =
            Client::tracked(assent::web::rocket(Arc::clone(&self.app), self.published.clone())).await.expect("the site is sound");
        Browser { app: self, client }
    }

    /// Lets the test end with unsent texts, on purpose.
    pub fn leave_queued(&mut self) {
        self.may_leave_queued = true;
    }

    pub fn advance(&self, by: Duration) {
        self.app.clock.advance(by);
    }

    /// Sends what is queued.
    pub async fn deliver(&self) {
        deliver(&self.app).await.expect("delivered");
    }

    /// Does what happens as time passes.
    pub async fn sweep(&self) {
        assent::flow::sweep::sweep(&self.app).await.expect("swept");
    }

    /// Sends the mail that is due.
    pub async fn mail(&self) {
        while assent::flow::notify::mail_next(&self.app).await.expect("looked") {}
    }

    pub async fn get(&self, path: &str) -> Page {
        read(prepared(self.client.get(path.to_owned())).dispatch().await).await
    }

    pub async fn post(&self, path: &str, body: &str) -> Page {
        self.post_with(path, body, &[]).await
    }

    /// Posts a form, but delivers nothing yet.
    pub async fn post_without_delivery(&self, path: &str, body: &str) -> Page {
        read(prepared(self.client.post(path.to_owned())).header(ContentType::Form).body(body).dispatch().await).await
    }

    pub async fn post_with(&self, path: &str, body: &str, headers: &[(&'static str, &str)]) -> Page {
        let mut request = prepared(self.client.post(path.to_owned())).header(ContentType::Form).body(body);
        for (name, value) in headers {
            request.add_header(Header::new(*name, (*value).to_owned()));
        }
        let page = read(request.dispatch().await).await;
        self.deliver().await;
        page
    }

    /// Calls the API as the server of a site would. A call without a body is a GET.
    pub async fn api(&self, path: &str, key: &str, body: Option<&str>, headers: &[(&'static str, &str)]) -> Page {
        let request = match body {
            Some(body) => self.client.post(path.to_owned()).header(ContentType::JSON).body(body),
            None => self.client.get(path.to_owned()),
        };
        let mut request = prepared(request).header(Header::new("Authorization", format!("Bearer {key}")));
        for (name, value) in headers {
            request.replace_header(Header::new(*name, (*value).to_owned()));
        }
        read(request.dispatch().await).await
    }

    /// Sends the opt-in form with its box checked, as this browser would.
    pub async fn submit_phone(&self, phone: &str) -> Page {
        self.post("/start", &start_body(phone)).await
    }

    pub async fn type_code(&self, code: &str) -> Page {
        self.post("/code", &format!("code={}", encode(code))).await
    }

    /// The code that this browser's page shows for texting in.
    pub async fn reply_code(&self) -> String {
        self.get("/code").await.reply_code().expect("the page shows a code")
    }

    pub async fn resend(&self) -> Page {
        self.post("/resend", "").await
    }

    /// Opts a number in, from the form to the typed code.
    pub async fn opt_in(&self, phone: &str) {
        assert_eq!(self.submit_phone(phone).await.location(), Some("/code"));
        let code = self.last_code(phone);
        assert_eq!(self.type_code(&code).await.location(), Some("/done"));
    }

    /// Acts as a phone that texts the short code.
    pub async fn text_in(&self, phone: &str, text: &str) {
        let answer = self.post("/simulator/messages", &format!("from={}&text={}", encode(phone), encode(text))).await;
        assert_eq!(answer.status, Status::NoContent, "{}", answer.text());
    }

    /// The texts that a phone got, oldest first.
    pub fn texts_to(&self, phone: &str) -> Vec<SimulatedMessage> {
        let simulator = self.app.provider.simulator().expect("the simulator");
        simulator.messages(Some(&number(phone))).into_iter().filter(|message| message.ours).collect()
    }

    /// The code in the newest code text that a phone got.
    #[track_caller]
    pub fn last_code(&self, phone: &str) -> String {
        self.codes_to(phone).pop().expect("a code was texted")
    }

    pub fn codes_to(&self, phone: &str) -> Vec<String> {
        self.texts_to(phone).iter().filter_map(|text| text.text.rsplit_once('#').map(|(_, code)| code.to_owned())).collect()
    }

    /// A code of the right length that isn't one of the phone's, different each time, since a repeated one costs no try.
    pub fn wrong_code(&self, phone: &str) -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let length = usize::from(self.app.config.verification.code_length);
        let texted = self.codes_to(phone);
        let next = || format!("{:0length$}", NEXT.fetch_add(1, Ordering::Relaxed) % 10_000);
        std::iter::repeat_with(next).find(|code| !texted.contains(code)).expect("one is free")
    }

    /// The single number that a query returns.
    pub fn count(&self, sql: &str) -> i64 {
        let mut conn = self.open();
        diesel::sql_query(format!("SELECT CAST(({sql}) AS BIGINT) AS value")).get_result::<NumberRow>(&mut conn).expect(sql).value
    }

    /// How often something was counted, over all subjects in the scope.
    pub fn counted(&self, scope: &str) -> u64 {
        let counts = self.column(&format!("SELECT shares AS value FROM counts WHERE scope = '{scope}'"));
        // For each window: its seconds, the number of the newest share, and the events in each share.
        let shares = counts.iter().flat_map(|counts| counts.split(';')).flat_map(|count| count.split(' ').skip(2));
        shares.map(|share| share.parse::<u64>().expect("a figure")).sum()
    }

    /// The strings that a query with one column returns.
    pub fn column(&self, sql: &str) -> Vec<String> {
        column(&self.app, sql)
    }

    /// Runs SQL, as an owner with a shell could.
    pub fn execute(&self, sql: &str) -> QueryResult<usize> {
        diesel::sql_query(sql.to_owned()).execute(&mut self.open())
    }

    pub fn standing_of(&self, phone: &str) -> Option<String> {
        self.column(&format!("SELECT standing AS value FROM subscribers WHERE phone = '{phone}'")).pop()
    }

    fn open(&self) -> database::AnyConnection {
        database::open(&self.app.config.database)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() || self.may_leave_queued || self.app.config.database.file().is_some_and(|file| !file.exists())
        {
            return;
        }
        let left = self.count("SELECT count(*) FROM messages WHERE status IN ('queued', 'sending')");
        assert_eq!(left, 0, "the test left texts in the outbox");
    }
}

/// Runs a command of the real binary in a folder until it exits.
pub fn assent(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assent")).args(arguments).current_dir(folder).output().expect("it runs")
}

/// Opens the database that the real binary keeps in a folder.
pub fn store_in(folder: &Path) -> Store {
    let url = DatabaseUrl::parse(&format!("sqlite://{}", folder.join("data/assent.db").display())).expect("a URL");
    Store::open(&url).expect("opened")
}

/// The environment variables that a server in a folder needs for its database: none, unless the tests run on Postgres.
pub fn storm_settings(folder: &Path) -> Vec<(&'static str, String)> {
    if !database::is_postgres() {
        return Vec::new();
    }
    vec![("ASSENT_DATABASE__URL", database::url(&folder.join("data/assent.db"))), ("ROCKET_SECRET_KEY", "5e".repeat(32))]
}

/// The strings that a query with one column returns from the database of such a server.
pub fn column_in(folder: &Path, sql: &str) -> Vec<String> {
    database::column_of(&DatabaseUrl::parse(&database::url(&folder.join("data/assent.db"))).expect("a URL"), sql)
}

/// Opens the database of such a server.
pub fn storm_store(folder: &Path) -> Store {
    let url = DatabaseUrl::parse(&database::url(&folder.join("data/assent.db"))).expect("a URL");
    Store::open(&url).expect("opened")
}

/// The strings that a query with one column returns from an installation's database.
pub fn column(app: &App, sql: &str) -> Vec<String> {
    database::column_of(&app.config.database, sql)
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// A separate browser on an installation.
pub struct Browser<'a> {
    app: &'a TestApp,
    client: Client,
}

impl Browser<'_> {
    /// Requests a page with a cookie in place of its own.
    pub async fn get_with(&self, path: &str, cookie: &Cookie<'static>) -> Page {
        read(prepared(self.client.get(path.to_owned())).cookie(cookie.clone()).dispatch().await).await
    }

    /// Types a code with a cookie in place of its own.
    pub async fn type_code_with(&self, code: &str, cookie: &Cookie<'static>) -> Page {
        let request = prepared(self.client.post("/code")).header(ContentType::Form).cookie(cookie.clone());
        read(request.body(format!("code={code}")).dispatch().await).await
    }

    pub async fn get(&self, path: &str) -> Page {
        read(prepared(self.client.get(path.to_owned())).dispatch().await).await
    }

    pub async fn post(&self, path: &str, body: &str) -> Page {
        let page = read(prepared(self.client.post(path.to_owned())).header(ContentType::Form).body(body).dispatch().await).await;
        self.app.deliver().await;
        page
    }

    /// Posts from another address, through the trusted proxy.
    pub async fn post_from(&self, path: &str, body: &str, address: &str) -> Page {
        let request = prepared(self.client.post(path.to_owned())).header(ContentType::Form);
        let page = read(request.header(Header::new("X-Forwarded-For", address.to_owned())).body(body).dispatch().await).await;
        self.app.deliver().await;
        page
    }

    /// Requests a page from another address.
    pub async fn get_from(&self, path: &str, address: &str) -> Page {
        let request = prepared(self.client.get(path.to_owned()));
        read(request.header(Header::new("X-Forwarded-For", address.to_owned())).dispatch().await).await
    }

    pub async fn submit_phone(&self, phone: &str) -> Page {
        self.post("/start", &start_body(phone)).await
    }

    pub async fn type_code(&self, code: &str) -> Page {
        self.post("/code", &format!("code={}", encode(code))).await
    }

    pub async fn opt_in(&self, phone: &str) {
        assert_eq!(self.submit_phone(phone).await.location(), Some("/code"));
        assert_eq!(self.type_code(&self.app.last_code(phone)).await.location(), Some("/done"));
    }
}

fn prepared(request: LocalRequest<'_>) -> LocalRequest<'_> {
    let host = Header::new("Host", "localhost:8000");
    request.remote("127.0.0.1:50000".parse().expect("an address")).header(host).header(Header::new("User-Agent", "Test/1"))
}

pub async fn read(response: LocalResponse<'_>) -> Page {
    let status = response.status();
    let headers = response.headers().iter().map(|h| (h.name().as_str().to_ascii_lowercase(), h.value().to_owned())).collect();
    let body = response.into_string().await.unwrap_or_default();
    Page { status, body, headers }
}

/// A number as the app represents it.
pub fn number(phone: &str) -> PhoneNumber {
    PhoneNumber::parse(phone, &PhoneRules { regions: vec!["US".to_owned()], fictional: true }).expect("a number")
}

pub fn start_body(phone: &str) -> String {
    format!("phone={}&consent=yes", encode(phone))
}

/// Percent-encodes a form value.
pub fn encode(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// How many rounds a storm runs: all of them with `scripts/test --all` (STORMS=yes), fewer otherwise.
pub fn rounds(all: u32, usually: u32) -> u32 {
    if std::env::var("STORMS").is_ok_and(|storms| storms == "yes") { all } else { usually }
}

/// The n-th fictional number.
pub fn fictional(n: usize) -> String {
    format!("+1{}55501{:02}", 202 + n / 100, n % 100)
}
