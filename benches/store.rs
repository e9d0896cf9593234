//! Measures durable writes per second of a start-like job: with one caller, and with 64 at once that share commits.
//!
//! `cargo bench` prints the table in docs/performance.md. Each figure is the median of several rounds. The two kinds of round
//! alternate, so that noise on the machine affects both. With `ASSENT_DATABASE__URL` it runs on that Postgres database instead,
//! which should be empty.

#![expect(clippy::print_stdout, clippy::disallowed_methods, clippy::expect_used, reason = "a benchmark prints what it times")]

use std::time::{Duration, Instant};

use assent::optin::caps::Cap;
use assent::optin::consent::Evidence;
use assent::optin::counts::add_to_all;
use assent::optin::disclosure::ProgramKind;
use assent::optin::message::MessageKind;
use assent::optin::phone::PhoneNumber;
use assent::store::codes::{self, CodeWay, StoredCode};
use assent::store::counts::{self, CountScope};
use assent::store::messages::{self, Basis, Fate, NewMessage};
use assent::store::verifications::{self, NewVerification};
use assent::store::{DatabaseUrl, Lane, Store, disclosures, locks, numbers};
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(1);
const CALLERS: usize = 64;
const ADDRESSES: usize = 1_000;

/// Does what `flow::start` does: the look-ups, then a verification, three counts, two codes and a text.
async fn start_like(store: &Store, n: usize) {
    store
        .write(Lane::Pages, move |tx| {
            let phone = PhoneNumber::from_stored(&format!("+1202{:07}", n % 10_000_000)).expect("a number");
            let browser = format!("{n:064}");
            let address = format!("address {}", n % ADDRESSES);
            let evidence = Evidence {
                disclosure_hash: "a".repeat(64),
                disclosure_inferred: false,
                ip: "192.0.2.7".to_owned(),
                user_agent: Some("Bench/1".to_owned()),
                locale: "en".to_owned(),
                url: "http://localhost:8000/".to_owned(),
                at: NOW,
            };
            verifications::latest_of_browser(tx, &browser)?;
            locks::take_number(tx, &phone)?;
            counts::take(tx, &[(CountScope::Address, address.as_str()), (CountScope::Browser, browser.as_str())])?;
            numbers::find(tx, &phone)?;
            messages::counted(tx, &phone, NOW)?;
            codes::taken(tx, &phone, [&browser, &browser], NOW)?;
            let new = NewVerification {
                reference: &browser,
                browser: &browser,
                address: &address,
                network: None,
                phone: &phone,
                phone_typed: phone.as_str(),
                evidence: &evidence,
                caused_text: true,
                reply_generation: 1,
                expires_at: NOW,
                forget_at: NOW,
                session_id: None,
            };
            let id = verifications::begin(tx, &new)?;
            let subjects = [
                (CountScope::Address, address.as_str()),
                (CountScope::Network, ""),
                (CountScope::Browser, browser.as_str()),
                (CountScope::Site, ""),
                (CountScope::Reserve, address.as_str()),
                (CountScope::Reserve, browser.as_str()),
            ];
            let hour = [Cap { at_most: u32::MAX, window: time::Duration::HOUR }];
            let (mut counted, _) = counts::load(tx, subjects, browser.as_str(), &address)?;
            for at in [0, 2] {
                add_to_all(counted[at].all_mut(), &hour, NOW);
            }
            let issued = assent::optin::verification::IssuedCode { issued_at: NOW, expires_at: NOW };
            for way in [CodeWay::Texted { salt: [7; 16], hash: "b".repeat(64) }, CodeWay::Shown { generation: 1 }] {
                codes::add(tx, id, &phone, &StoredCode { lookup: "c".repeat(64), issued, way })?;
            }
            let text = NewMessage {
                phone: &phone,
                kind: MessageKind::Code,
                basis: Basis::Verification(id),
                text: "Acme Alerts: ****** is your code to verify your phone.",
                sealed_text: Some("sealed"),
                fate: Fate::Queued,
                queued_at: NOW,
                expires_at: Some(NOW),
            };
            let text = messages::add(tx, &text)?;
            // The site's row is the same for everybody, so it's taken last.
            if let Some(site) = counts::take_site(tx)? {
                counted[3] = site;
            }
            add_to_all(counted[3].all_mut(), &hour, NOW);
            counts::save(tx, &counted)?;
            Ok(text)
        })
        .await
        .expect("written");
}

/// Returns the writes per second of `callers` callers, each of which waits for its own commit.
async fn round(store: &Store, callers: usize, next: &std::sync::Arc<std::sync::atomic::AtomicUsize>) -> f64 {
    let began = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (store, next) = (store.clone(), std::sync::Arc::clone(next));
            tokio::spawn(async move {
                let mut written = 0_u32;
                while began.elapsed() < ROUND {
                    start_like(&store, next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).await;
                    written += 1;
                }
                written
            })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        written += task.await.expect("joined");
    }
    f64::from(written) / began.elapsed().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        // Next to the build rather than in /tmp, which may be in memory: the point is to measure a real disk.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let in_folder = || format!("sqlite://{}", folder.path().join("bench.db").display());
        let url = DatabaseUrl::parse(&std::env::var("ASSENT_DATABASE__URL").unwrap_or_else(|_| in_folder())).expect("a URL");
        let store = Store::open(&url).expect("opened");
        let page = disclosures::Disclosure {
            hash: "a".repeat(64),
            facts_hash: "b".repeat(64),
            locale: "en".to_owned(),
            kind: ProgramKind::TwoFactor,
            text: String::new(),
            html: String::new(),
        };
        store.write(Lane::Pages, move |tx| disclosures::keep(tx, &page, NOW)).await.expect("kept");
        let next = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let (mut alone, mut together) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            alone.push(round(&store, 1, &next).await);
            together.push(round(&store, CALLERS, &next).await);
        }
        let (alone, together) = (median(alone), median(together));
        println!("durable start-like writes per second, median of {ROUNDS} rounds of {ROUND:?}");
        println!("  1 caller     {alone:8.0}");
        println!("  {CALLERS} callers   {together:8.0}");
        println!("  ratio        {:8.1}", together / alone);
        store.close();
    });
}
