//! People who opt in one after the other, and how long each step takes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use assent::sms::vonage::signature::{SignatureMethod, sign};
use url::form_urlencoded;

use crate::http::Browser;
use crate::provider::Provider;
use crate::server::{Cost, SIGNATURE_SECRET, Server};

/// The steps of a flow.
const STEPS: [&str; 5] = ["/", "/start", "text", "/code", "/done"];

/// How often a run reports its progress.
const PROGRESS: Duration = Duration::from_secs(1);

/// How people send their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// They type the texted code.
    Typed,
    /// They text the page's own code.
    Replied,
}

/// The results of a run.
#[derive(Default)]
pub struct Flows {
    wholes: Vec<Duration>,
    steps: [Vec<Duration>; STEPS.len()],
    took: Duration,
}

/// Runs `people` people at once for `time`. Each finishes the flow it has started.
pub fn run(server: &Server, provider: &Provider, people: usize, time: Duration, answers: Answers) -> Flows {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let began = Instant::now();
    let done = AtomicUsize::new(0);
    let parts: Vec<Flows> = std::thread::scope(|scope| {
        let person = || {
            let mut flows = Flows::default();
            while began.elapsed() < time {
                flows.add(flow(server, provider, NEXT.fetch_add(1, Ordering::Relaxed), answers));
                done.fetch_add(1, Ordering::Relaxed);
            }
            flows
        };
        let threads: Vec<_> = (0..people).map(|_| scope.spawn(person)).collect();
        while began.elapsed() + PROGRESS <= time {
            std::thread::sleep(PROGRESS);
            eprintln!("  {people} people, {:2.0} s: {} opt-ins", began.elapsed().as_secs_f64(), done.load(Ordering::Relaxed));
        }
        threads.into_iter().map(|thread| thread.join().expect("a person panicked")).collect()
    });
    let mut all = Flows { took: began.elapsed(), ..Flows::default() };
    for part in parts {
        all.wholes.extend(part.wholes);
        for (all, part) in all.steps.iter_mut().zip(part.steps) {
            all.extend(part);
        }
    }
    all
}

/// How many numbers to use in each area code: 212-0000 to 310-9999, where every exchange is an ordinary one.
pub const OF_AREA: usize = 990_000;
/// How many numbers there are in all.
pub const NUMBERS: usize = 8 * OF_AREA;
/// Spreads neighbors far apart, and uses no number twice, since it shares no factor with `NUMBERS`.
pub const STRIDE: usize = 39_916_801;
/// The area codes, in one string so that SQL can pick from it too.
pub const AREAS: &str = "201202203205206207208209";

/// The n-th US number that may be sent to a real provider. The numbers are in no order.
pub fn phone(n: usize) -> String {
    let place = n * STRIDE % NUMBERS;
    let area = place / OF_AREA * 3;
    format!("+1{}{}", &AREAS[area..area + 3], 2_120_000 + place % OF_AREA)
}

/// Opts one person in.
pub fn flow(server: &Server, provider: &Provider, n: usize, answers: Answers) -> [Duration; STEPS.len()] {
    let phone = phone(n);
    let mut times = [Duration::ZERO; STEPS.len()];
    let mut last = Instant::now();
    let mut lap = |step: usize| {
        let now = Instant::now();
        times[step] = now - last;
        last = now;
    };
    // On Postgres, requests from one address run one after the other. Real visitors don't share an address.
    let mut browser = if server.is_behind_proxy { Browser::forwarded(server.address, n) } else { Browser::new(server.address) };
    assert_eq!(browser.get("/").status, 200);
    lap(0);
    let started = browser.post("/start", &format!("phone=%2B{}&consent=yes&lang=en", &phone[1..]));
    assert_eq!((started.status, started.location.as_deref()), (303, Some("/code")), "{phone}: {}", started.body);
    lap(1);
    let code = provider.code_for(&phone);
    lap(2);
    if answers == Answers::Replied {
        text_in(server, &mut browser, &phone);
    } else {
        let answer = browser.post("/code", &format!("code={code}"));
        assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/done")), "{phone}");
    }
    lap(3);
    assert_eq!(browser.get("/done").status, 200, "{phone}");
    lap(4);
    times
}

/// Reads the page's own code and texts it to the short code.
fn text_in(server: &Server, browser: &mut Browser, phone: &str) {
    let page = browser.get("/code").body;
    let (_, rest) = page.split_once("class=\"figures\">").expect("the page shows a code of its own");
    let code: String = rest.chars().take_while(|c| *c != '<').filter(char::is_ascii_digit).collect();
    let form = signed_text(phone, &code, &format!("in-{}", &phone[1..]));
    assert_eq!(Browser::new(server.address).post("/webhooks/vonage/inbound", &form).status, 200);
}

/// What Vonage posts when a phone texts the short code.
pub fn signed_text(phone: &str, text: &str, name: &str) -> String {
    let now = time::OffsetDateTime::now_utc().unix_timestamp().to_string();
    let pairs =
        [("msisdn", &phone[1..]), ("to", "98765"), ("messageId", name), ("text", text), ("type", "text"), ("timestamp", &now)];
    let mut pairs: Vec<(String, String)> = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let sig = sign(SignatureMethod::Sha256, SIGNATURE_SECRET, &pairs);
    pairs.push(("sig".to_owned(), sig));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish()
}

impl Flows {
    pub const HEADING: &'static str =
        "people  flows/s  CPU ms  flushes  MiB | p50/p95/p99 ms of a flow | of /, /start, text, /code, /done";

    pub fn count(&self) -> usize {
        self.wholes.len()
    }

    pub fn rate(&self) -> f64 {
        self.count() as f64 / self.took.as_secs_f64()
    }

    fn add(&mut self, times: [Duration; STEPS.len()]) {
        self.wholes.push(times.iter().sum());
        for (step, time) in self.steps.iter_mut().zip(times) {
            step.push(time);
        }
    }

    pub fn row(&self, people: usize, cost: &Cost, mib: u64) -> String {
        let count = self.count() as f64;
        let rate = self.rate();
        let cpu = cost.cpu.as_secs_f64() * 1000.0 / count;
        let flushes = cost.flushes as f64 / count;
        let spread = |times: &[Duration], places: usize| {
            [50, 95, 99].map(|percent| format!("{:.places$}", percentile(times, percent))).join("/")
        };
        let steps: Vec<String> = self.steps.iter().map(|step| spread(step, 2)).collect();
        format!("{people:6} {rate:8.0} {cpu:7.2} {flushes:8.2} {mib:4} | {} | {}", spread(&self.wholes, 1), steps.join("  "))
    }
}

pub fn percentile(times: &[Duration], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
