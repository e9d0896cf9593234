//! Measures whether response times reveal anything about a number.
//!
//! There are five kinds of numbers. Each number is used once, in random order and in a new browser: a start, the resend right
//! after it, the code page and a wrong code. Each pair of kinds is compared with the Mann-Whitney test, corrected for the number
//! of comparisons (Holm).

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use rand::seq::SliceRandom as _;

use crate::http::Browser;
use crate::people::{Answers, flow, phone};
use crate::provider::Provider;
use crate::server::Server;

const KINDS: [&str; 5] = ["unknown", "subscribed", "opted out", "capped", "closed"];
const REQUESTS: [&str; 4] = ["/start", "the next /resend", "/code", "a wrong code"];
/// The first number that is measured. The warm-up uses lower ones.
const FIRST: usize = 3_000_000;
/// How long the provider takes for a text.
const THINKS: Duration = Duration::from_millis(20);
/// A pause that's long enough for all the work on a text to end.
const REST: Duration = Duration::from_millis(30);

/// Measures that many numbers of each kind and prints the table.
pub fn run(numbers: usize) {
    let provider = &Provider::that_thinks(THINKS);
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), provider, 0, &[]);
    for n in 0..200 {
        flow(&server, provider, n, Answers::Typed);
    }
    seed(folder.path(), numbers);
    let mut order: Vec<(usize, usize)> = (0..KINDS.len()).flat_map(|kind| (0..numbers).map(move |n| (kind, n))).collect();
    order.shuffle(&mut rand::rng());
    let mut times: [[Vec<f64>; KINDS.len()]; REQUESTS.len()] = Default::default();
    for (done, (kind, n)) in order.iter().enumerate() {
        if done % 500 == 0 {
            eprintln!("{done} of {}..", order.len());
        }
        let took = trial(&server, &number(*kind, *n, numbers));
        for (times, took) in times.iter_mut().zip(took) {
            times[*kind].push(took.as_secs_f64() * 1e6);
        }
        std::thread::sleep(REST);
    }
    print(&times, numbers);
}

fn number(kind: usize, n: usize, numbers: usize) -> String {
    phone(FIRST + kind * numbers + n)
}

fn trial(server: &Server, phone: &str) -> [Duration; REQUESTS.len()] {
    let mut browser = Browser::new(server.address);
    browser.get("/");
    let mut timed = |act: &mut dyn FnMut(&mut Browser)| {
        let began = Instant::now();
        act(&mut browser);
        began.elapsed()
    };
    let form = format!("phone=%2B{}&consent=yes&lang=en", &phone[1..]);
    [
        timed(&mut |browser| assert_eq!(browser.post("/start", &form).status, 303, "{phone}")),
        timed(&mut |browser| assert_eq!(browser.post("/resend", "").status, 303, "{phone}")),
        timed(&mut |browser| assert_eq!(browser.get("/code").status, 200, "{phone}")),
        timed(&mut |browser| assert_eq!(browser.post("/code", "code=000000").status, 422, "{phone}")),
    ]
}

/// Gives each number its kind.
fn seed(folder: &Path, numbers: usize) {
    let mut database = SqliteConnection::establish(&folder.join("data/assent.db").display().to_string()).expect("opened");
    database.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").expect("begun");
    for n in 0..numbers {
        let [_, subscribed, opted_out, capped, closed] = [0, 1, 2, 3, 4].map(|kind| number(kind, n, numbers));
        let sent = format!(
            "INSERT INTO messages (phone, kind, basis, verification_id, status, text, queued_at, due_at, sent_at) \
             SELECT '{capped}', 'code', 'verification', 1, 'sent', 'a code', t, t, t FROM (SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS t);"
        );
        let standing = format!(
            "INSERT INTO subscribers (phone, standing, locale, consent_seq, verified_at, subscribed_at) \
             SELECT '{subscribed}', 'subscribed', 'en', 1, subscribed_at, subscribed_at FROM subscribers WHERE id = 1; \
             INSERT INTO subscribers (phone, standing, locale, opted_out_at) \
             SELECT '{opted_out}', 'opted_out', 'en', subscribed_at FROM subscribers WHERE id = 1; \
             INSERT INTO subscribers (phone, standing, locale) VALUES ('{closed}', 'closed', 'en');"
        );
        database.batch_execute(&(standing + &sent.repeat(10))).expect("seeded");
    }
    database.batch_execute("COMMIT").expect("committed");
}

fn print(times: &[[Vec<f64>; KINDS.len()]; REQUESTS.len()], numbers: usize) {
    println!("{numbers} numbers of each kind, medians in microseconds; the smallest of ten p, corrected for {} comparisons", 40);
    println!("{:<17} {}   smallest p", "", KINDS.map(|kind| format!("{kind:>10}")).join(" "));
    let mut found: Vec<(usize, f64)> = Vec::new();
    for (request, kinds) in times.iter().enumerate() {
        for one in 0..KINDS.len() {
            found.extend((one + 1..KINDS.len()).map(|other| (request, mann_whitney(&kinds[one], &kinds[other]))));
        }
    }
    found.sort_by(|one, other| one.1.total_cmp(&other.1));
    let count = found.len();
    let mut smallest = [1.0_f64; REQUESTS.len()];
    let mut so_far = 0.0_f64;
    for (rank, (request, p)) in found.into_iter().enumerate() {
        so_far = so_far.max((p * (count - rank) as f64).min(1.0));
        smallest[request] = smallest[request].min(so_far);
    }
    for (request, kinds) in times.iter().enumerate() {
        let medians: Vec<String> = kinds.iter().map(|times| format!("{:>10.0}", median(times))).collect();
        println!("{:<17} {}   {:.3}", REQUESTS[request], medians.join(" "), smallest[request]);
    }
    let verdict = if smallest.iter().all(|p| *p > 0.01) { "no two kinds differ (p > 0.01)" } else { "some kinds differ" };
    println!("{verdict}");
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The probability that two samples of the same distribution differ this much by chance.
fn mann_whitney(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|t| (*t, true)).chain(other.iter().map(|t| (*t, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Times in fractions of a microsecond are hardly ever equal, so ranks need no correction for ties.
    let ranks: f64 = all.iter().enumerate().filter(|(_, (_, is_one))| *is_one).map(|(at, _)| at as f64 + 1.0).sum();
    let (n, m) = (one.len() as f64, other.len() as f64);
    let u = ranks - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0).abs() / (n * m * (n + m + 1.0) / 12.0).sqrt();
    complementary_error(z / std::f64::consts::SQRT_2)
}

/// Abramowitz and Stegun, 7.1.26: good to 1.5e-7.
fn complementary_error(x: f64) -> f64 {
    let t = 1.0 / 0.327_591_1_f64.mul_add(x, 1.0);
    let factors = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let polynomial = factors.iter().rev().fold(0.0, |sum: f64, factor| (sum + factor) * t);
    polynomial * (-x * x).exp()
}
