//! Local servers that answer like Vonage and Twilio, misbehave on request, and record what the real ones would refuse.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt as _, BufReader, copy, sink};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

pub use super::http::ReceivedRequest;
use super::http::response;
use super::listener::Listener;

/// GSM 03.38 with its extension table, without the letters and digits of ASCII.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà\u{c}^{}\\[~]|€";
const JSON: &str = "application/json";

/// What the fake does with one request.
#[derive(Clone, Copy, Debug)]
pub enum Behavior {
    /// 200 with one part per status: `&["0"]`, `&["1"]`, `&["0", "1"]`.
    Vonage(&'static [&'static str]),
    /// A success with a sid, or an error body with the code.
    Twilio(u16, Option<u32>),
    /// Status, content type, body.
    Raw(u16, &'static str, &'static str),
    /// Status, and the seconds of the `Retry-After` header.
    RetryAfter(u16, u32),
    /// Reads the request and never answers.
    Hang,
    /// Reads the request and resets the connection.
    Reset,
    /// Sends the headers, an acceptance byte by byte, then endless blanks.
    Drip,
    /// Sends half an acceptance, then closes the connection.
    BreakOff,
    /// Waits for `release`, then does that.
    Held(&'static Behavior),
    /// Waits that many milliseconds, then does that.
    After(u64, &'static Behavior),
}

/// A provider at `base_url`. Clones share the same one.
#[derive(Clone)]
pub struct FakeProvider {
    shared: Arc<Shared>,
    listener: Arc<Listener>,
}

struct Shared {
    twilio: bool,
    state: Mutex<State>,
    released: Semaphore,
}

type Program = Arc<dyn Fn(&ReceivedRequest) -> Behavior + Send + Sync>;

struct State {
    queue: VecDeque<Behavior>,
    otherwise: Program,
    conversion: Behavior,
    requests: Vec<ReceivedRequest>,
    conversions: Vec<ReceivedRequest>,
    accepted: Vec<(ReceivedRequest, Vec<String>)>,
    violations: Vec<String>,
}

#[expect(clippy::unused_async, reason = "it has to be called where connections can be served")]
impl FakeProvider {
    /// Accepts every POST to `/sms/json` and `/sc/us/2fa/json`, and takes conversions. Any other path gets a 404.
    pub async fn vonage() -> Self {
        Self::open(false, Behavior::Vonage(&["0"]))
    }

    /// Accepts every POST to `/2010-04-01/Accounts/{sid}/Messages.json`. Any other path gets a 404.
    pub async fn twilio() -> Self {
        Self::open(true, Behavior::Twilio(201, None))
    }

    fn open(twilio: bool, behavior: Behavior) -> Self {
        let state = State {
            queue: VecDeque::new(),
            otherwise: Arc::new(move |_| behavior),
            conversion: Behavior::Raw(200, "text/plain", ""),
            requests: Vec::new(),
            conversions: Vec::new(),
            accepted: Vec::new(),
            violations: Vec::new(),
        };
        let shared = Arc::new(Shared { twilio, state: Mutex::new(state), released: Semaphore::new(0) });
        let serving = Arc::clone(&shared);
        let listener = Listener::open(move |stream| serve(Arc::clone(&serving), stream));
        Self { shared, listener: Arc::new(listener) }
    }

    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.listener.port())
    }

    /// Queues a behavior for the next send, after those already queued.
    pub fn next(&self, behavior: Behavior) {
        self.shared.state().queue.push_back(behavior);
    }

    /// Sets the behavior for every send that finds nothing queued.
    pub fn always(&self, behavior: Behavior) {
        self.set_behavior(move |_| behavior);
    }

    /// Like `always`, but depending on the request.
    pub fn set_behavior(&self, program: impl Fn(&ReceivedRequest) -> Behavior + Send + Sync + 'static) {
        self.shared.state().otherwise = Arc::new(program);
    }

    /// Sets the behavior for every conversion from now on.
    pub fn set_conversion(&self, behavior: Behavior) {
        self.shared.state().conversion = behavior;
    }

    /// Releases one held answer.
    pub fn release(&self) {
        self.shared.released.add_permits(1);
    }

    /// Waits until that many sends have arrived.
    pub async fn arrived(&self, sends: usize) {
        while self.sends() < sends {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many sends there have been.
    pub fn sends(&self) -> usize {
        self.shared.state().requests.len()
    }

    /// What `look` finds in the newest send in which it finds anything.
    pub fn find_last<T>(&self, look: impl Fn(&ReceivedRequest) -> Option<T>) -> Option<T> {
        self.shared.state().requests.iter().rev().find_map(look)
    }

    /// All sends, whatever happened to them.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.state().requests.clone()
    }

    pub fn conversions(&self) -> Vec<ReceivedRequest> {
        self.shared.state().conversions.clone()
    }

    /// The sends that were accepted and answered in full, with the ids they got.
    pub fn accepted(&self) -> Vec<(ReceivedRequest, Vec<String>)> {
        self.shared.state().accepted.clone()
    }

    /// What the real provider would refuse, or what we shouldn't do to it.
    pub fn violations(&self) -> Vec<String> {
        self.shared.state().violations.clone()
    }

    /// Stops it. Once this returns, new connections are refused and open ones are closed.
    pub async fn stop(&self) {
        self.listener.close().await;
    }

    /// Listens again, on the same port.
    pub async fn restart(&self) {
        self.listener.reopen().await;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, request: &ReceivedRequest) -> Behavior {
        let send = match request.path.as_str() {
            "/sms/json" | "/sc/us/2fa/json" => !self.twilio,
            path => self.twilio && path.starts_with("/2010-04-01/Accounts/") && path.ends_with("/Messages.json"),
        } && request.method == "POST";
        let conversion = !self.twilio && request.method == "POST" && request.path == "/conversions/sms";
        let mut found = Vec::new();
        let mut check = |wrong: bool, what: &str| {
            if wrong {
                found.push(format!("{} {}: {what}", request.method, request.path));
            }
        };
        check(request.query_pairs.iter().any(|(key, _)| key == "api_secret" || key == "pin"), "a secret or a pin in the URL");
        check((send || conversion) && request.length() > 0 && !request.has_form(), "the body is not a form");
        match (send, self.twilio) {
            (true, true) => check_twilio(request, check),
            (true, false) => check_vonage(request, check),
            (false, _) if conversion => check_vonage_credentials(request, &mut check),
            _ => {}
        }
        let mut state = self.state();
        state.violations.extend(found);
        if conversion {
            state.conversions.push(request.clone());
            return state.conversion;
        } else if !send {
            return Behavior::Raw(404, "text/html", "<html><body><h1>404 Not Found</h1></body></html>");
        }
        state.requests.push(request.clone());
        let (waiting, otherwise) = (state.queue.pop_front(), Arc::clone(&state.otherwise));
        drop(state);
        waiting.unwrap_or_else(|| otherwise(request))
    }

    fn accept(&self, request: &ReceivedRequest, ids: Vec<String>) {
        if !ids.is_empty() {
            self.state().accepted.push((request.clone(), ids));
        }
    }
}

async fn serve(shared: Arc<Shared>, stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = ReceivedRequest::read(&mut stream).await {
        let mut behavior = shared.receive(&request);
        loop {
            behavior = match behavior {
                Behavior::Held(then) => {
                    shared.released.acquire().await.expect("never closed").forget();
                    *then
                }
                Behavior::After(milliseconds, then) => {
                    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                    *then
                }
                _ => break,
            };
        }
        let success = if shared.twilio { 201 } else { 200 };
        let acceptance = || if shared.twilio { twilio(&request, 201, None).0 } else { vonage(&request, &["0"]).0 }.to_string();
        let answer = match behavior {
            Behavior::Vonage(statuses) => {
                let (body, ids) = vonage(&request, statuses);
                shared.accept(&request, ids);
                response(200, JSON, "", &body.to_string())
            }
            Behavior::Twilio(status, code) => {
                let (body, ids) = twilio(&request, status, code);
                shared.accept(&request, ids);
                response(status, JSON, "", &body.to_string())
            }
            Behavior::Raw(status, content_type, body) => response(status, content_type, "", body),
            Behavior::RetryAfter(status, seconds) => {
                let (body, _) = twilio(&request, status, (status == 429).then_some(20429));
                let (content_type, body) = if shared.twilio { (JSON, body.to_string()) } else { ("text/plain", String::new()) };
                response(status, content_type, &format!("Retry-After: {seconds}\r\n"), &body)
            }
            Behavior::Held(_) | Behavior::After(..) => unreachable!("it was waited for above"),
            Behavior::Hang => {
                let _ = copy(&mut stream, &mut sink()).await;
                return;
            }
            Behavior::Reset => {
                let _ = stream.get_ref().set_zero_linger();
                return;
            }
            Behavior::Drip => return drip(&mut stream, success, &acceptance()).await,
            Behavior::BreakOff => {
                let whole = response(success, JSON, "", &acceptance());
                let _ = stream.write_all(&whole.as_bytes()[..whole.len() - 40]).await;
                return;
            }
        };
        let last = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        if stream.write_all(answer.as_bytes()).await.is_err() || last {
            return;
        }
    }
}

async fn drip(stream: &mut BufReader<TcpStream>, status: u16, body: &str) {
    let head = format!("HTTP/1.1 {status} \r\nContent-Type: {JSON}\r\nContent-Length: 10000000\r\n\r\n");
    let mut sent = stream.write_all(head.as_bytes()).await;
    let mut bytes = body.bytes();
    while sent.is_ok() {
        sent = stream.write_all(&[bytes.next().unwrap_or(b' ')]).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// No two fakes give out the same id.
fn serial() -> u64 {
    static GIVEN: AtomicU64 = AtomicU64::new(0x0C00_0000_D4E5_F600);
    GIVEN.fetch_add(1, Ordering::Relaxed)
}

fn vonage(request: &ReceivedRequest, statuses: &[&str]) -> (Value, Vec<String>) {
    let mut ids = Vec::new();
    let part = |status: &&str| {
        if *status != "0" {
            return json!({ "status": status, "error-text": vonage_error(status) });
        }
        let id = format!("{:016X}", serial());
        ids.push(id.clone());
        let mut part = json!({
            "to": request.value("to"), "message-id": id, "status": "0",
            "remaining-balance": "7.546", "message-price": "0.0048", "network": "310260",
        });
        if let Some(reference) = request.value("client-ref") {
            part["client-ref"] = json!(reference);
        }
        part
    };
    let parts: Vec<Value> = statuses.iter().map(part).collect();
    (json!({ "message-count": parts.len().to_string(), "messages": parts }), ids)
}

fn vonage_error(status: &str) -> &'static str {
    match status {
        "1" => "Throughput Rate Exceeded - please wait [ 702 ] and retry",
        "2" => "Missing parameter",
        "3" | "34" => "Invalid or Missing Msisdn Param",
        "4" => "Bad Credentials",
        "5" => "Internal Error",
        "7" => "Number barred",
        "9" => "Quota Exceeded - rejected",
        "15" => "Illegal Sender Address - rejected",
        "29" => "Non White-listed Destination - rejected",
        "101" => "Invalid Account for Campaign",
        "102" => "RESPONSE_MSISDN_OPTED_OUT_FOR_CAMPAIGN",
        _ => "Rejected",
    }
}

fn twilio(request: &ReceivedRequest, status: u16, code: Option<u32>) -> (Value, Vec<String>) {
    if !(200..300).contains(&status) {
        let more = code.map(|code| format!("https://www.twilio.com/docs/errors/{code}"));
        return (json!({ "code": code, "message": "Refused by the fake", "more_info": more, "status": status }), Vec::new());
    }
    let sid = format!("SM{:032x}", serial());
    let body = json!({
        "sid": sid, "account_sid": request.path.split('/').nth(3), "api_version": "2010-04-01", "status": "queued",
        "error_code": null, "error_message": null, "to": request.value("To"), "from": request.value("From"),
        "messaging_service_sid": request.value("MessagingServiceSid"), "body": request.value("Body"),
        "num_segments": "1", "date_created": "Wed, 01 May 2024 12:00:00 +0000",
    });
    (body, vec![sid])
}

fn check_vonage_credentials(request: &ReceivedRequest, check: &mut impl FnMut(bool, &str)) {
    let has = |key| request.value(key).is_some();
    let keyed = has("api_key") && (has("api_secret") || has("sig"));
    check(!keyed && request.basic().is_none(), "no credentials");
    check(has("api_secret") && has("sig"), "both `api_secret` and `sig`");
    check(has("sig") && request.header("authorization").is_some(), "`sig` together with an Authorization header");
    check(has("sig") && !has("timestamp"), "`sig` without `timestamp`");
}

fn check_vonage(request: &ReceivedRequest, mut check: impl FnMut(bool, &str)) {
    check_vonage_credentials(request, &mut check);
    let (value, count) = (|key| request.value(key).unwrap_or(""), |key| request.value(key).unwrap_or("").chars().count());
    let digits = |key| !value(key).is_empty() && value(key).bytes().all(|byte| byte.is_ascii_digit());
    check(!digits("to") || !(7..=15).contains(&count("to")), "`to` is not 7 to 15 digits without `+`");
    if request.path == "/sms/json" {
        check(matches!(value("from"), "") || value("from").starts_with('+'), "`from` is missing or begins with `+`");
        let gsm = value("text").chars().all(|c| c.is_ascii_alphanumeric() || GSM.contains(c));
        check(matches!(value("type"), "" | "text") && !gsm, "`type=text` with a character that GSM-7 does not have");
        check(value("text").is_empty() && value("type") != "binary", "no `text`");
    } else {
        check(!digits("pin"), "`pin` is missing or not numeric");
    }
    let ttl = request.value("ttl").map(|ttl| ttl.parse().unwrap_or(0_u64));
    check(ttl.is_some_and(|ttl| !(20_000..=604_800_000).contains(&ttl)), "`ttl` is outside 20000..=604800000");
    check(count("client-ref") > 40, "`client-ref` is over 40 characters");
    check(count("callback") > 100, "`callback` is over 100 characters");
}

fn check_twilio(request: &ReceivedRequest, mut check: impl FnMut(bool, &str)) {
    let value = |key| request.value(key).unwrap_or("");
    check(request.basic().is_none(), "no Basic credentials");
    check(!value("To").starts_with('+'), "`To` is missing or without `+`");
    check(value("From").is_empty() && value("MessagingServiceSid").is_empty(), "neither `From` nor `MessagingServiceSid`");
    check(!(1..=1600).contains(&value("Body").chars().count()), "`Body` is missing or over 1600 characters");
    let period = request.value("ValidityPeriod").map(|seconds| seconds.parse().unwrap_or(0_u32));
    check(period.is_some_and(|seconds| !(1..=36_000).contains(&seconds)), "`ValidityPeriod` is outside 1..=36000");
}
