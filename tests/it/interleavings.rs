//! Opt-outs in races: whatever they're interleaved with, and however the provider answers, no send starts after a STOP has been
//! committed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use assent::app::App;
use assent::flow::admission::Origin;
use assent::flow::confirm::{ConfirmRequest, confirm};
use assent::flow::deliver::deliver_next;
use assent::flow::receive::{InboundContext, InboundMessage, receive};
use assent::flow::resend::resend;
use assent::flow::start::{StartRequest, start};
use assent::flow::status::{BrowserStatus, status};
use assent::flow::{Browser, BrowserToken};
use assent::optin::consent::{ConsentKind, Evidence};
use assent::optin::phone::PhoneNumber;
use assent::optin::subscriber::Standing;
use assent::store::{StoreError, consents, subscribers};
use proptest::prelude::*;
use rocket::tokio;
use rocket::tokio::task::JoinHandle;
use time::Duration;

use crate::store::assert_chain_holds;
use crate::support::carrier::{vonage_settings, words};
use crate::support::provider::{Behavior, FakeProvider};
use crate::support::{TestApp, column, rounds};

const CASES: u32 = 1_000;
/// How many cases run without `--all`.
const CASES_USUALLY: u32 = 150;

/// Returns a new number for each case.
fn next_number() -> PhoneNumber {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    PhoneNumber::from_stored(&format!("+1{}55501{:02}", 201 + n / 100, n % 100)).expect("a number")
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The opt-in form, with the box checked.
    Ask(usize),
    Resend(usize),
    /// The newest texted code, typed.
    Type(usize),
    /// The page's code, texted in.
    Reply(usize),
    TextIn(&'static str),
    /// A worker sends the next text, and the provider answers it like this.
    Send(Behavior),
    /// The provider answers a send that it was holding.
    Release,
    Wait,
}

const TAKEN: Behavior = Behavior::Vonage(&["0"]);
const THROTTLED: Behavior = Behavior::Vonage(&["1"]);
const DOWN: Behavior = Behavior::Raw(503, "text/plain", "");
const BUSY: Behavior = Behavior::Vonage(&["5"]);
const GONE: Behavior = Behavior::Reset;

fn behavior() -> impl Strategy<Value = Behavior> {
    prop_oneof![
        4 => Just(TAKEN),
        1 => Just(THROTTLED),
        1 => Just(DOWN),
        1 => Just(GONE),
        2 => Just(Behavior::Held(&TAKEN)),
        2 => Just(Behavior::Held(&THROTTLED)),
        2 => Just(Behavior::Held(&DOWN)),
        1 => Just(Behavior::Held(&BUSY)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..2_usize).prop_map(Step::Ask),
        1 => (0..2_usize).prop_map(Step::Resend),
        2 => (0..2_usize).prop_map(Step::Type),
        1 => (0..2_usize).prop_map(Step::Reply),
        2 => Just(Step::TextIn("STOP")),
        1 => Just(Step::TextIn("START")),
        1 => Just(Step::TextIn("HELP")),
        4 => behavior().prop_map(Step::Send),
        2 => Just(Step::Release),
        1 => Just(Step::Wait),
    ]
}

/// One number, two browsers, and what has been texted to it.
struct Case {
    app: Arc<App>,
    fake: FakeProvider,
    phone: PhoneNumber,
    workers: Mutex<Vec<JoinHandle<()>>>,
    inbound: Arc<AtomicUsize>,
    disclosure: String,
    /// The head of the ledger before the case.
    after: i64,
}

impl Case {
    fn browser(&self, n: usize) -> Browser {
        Browser::from_token(&token(self.phone.as_str(), n))
    }

    async fn run(&self, step: Step) -> Result<(), String> {
        let said = |error: assent::flow::FlowError| error.to_string();
        match step {
            Step::Ask(n) => {
                let evidence = Evidence {
                    disclosure_hash: self.disclosure.clone(),
                    disclosure_inferred: false,
                    ip: "192.0.2.7".to_owned(),
                    user_agent: None,
                    locale: "en".to_owned(),
                    url: "http://localhost:8000/".to_owned(),
                    at: self.app.clock.now(),
                };
                let request = StartRequest {
                    browser: self.browser(n),
                    origin: Origin { address: format!("address of {}", self.phone.as_str()), network: None },
                    phone: self.phone.clone(),
                    phone_typed: self.phone.as_str().to_owned(),
                    evidence,
                    saw_todays_page: false,
                    ticket: None,
                };
                start(&self.app, request).await.map(|_| ()).map_err(said)
            }
            Step::Resend(n) => resend(&self.app, self.browser(n), Origin { address: "address".to_owned(), network: None })
                .await
                .map(|_| ())
                .map_err(said),
            Step::Type(n) => {
                let typed = self.texted_code().unwrap_or_else(|| "000000".to_owned());
                confirm(&self.app, ConfirmRequest { browser: self.browser(n), typed, verification: None })
                    .await
                    .map(|_| ())
                    .map_err(said)
            }
            Step::Reply(n) => match status(&self.app, self.browser(n), None).await.map_err(said)? {
                BrowserStatus::Pending(pending) => {
                    let code = pending.reply_code.expect("the reply way is offered");
                    self.text_in(code.digits()).await
                }
                BrowserStatus::Nothing | BrowserStatus::Verified { .. } | BrowserStatus::Ended { .. } => Ok(()),
            },
            Step::TextIn(words) => self.text_in(words).await,
            Step::Send(behavior) => {
                self.fake.next(behavior);
                self.send().await;
                Ok(())
            }
            Step::Release => {
                if self.is_sending() {
                    self.fake.release();
                    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                }
                Ok(())
            }
            Step::Wait => {
                self.app.clock.advance(Duration::seconds(31));
                Ok(())
            }
        }
    }

    async fn text_in(&self, words: &str) -> Result<(), String> {
        let n = self.inbound.fetch_add(1, Ordering::Relaxed);
        let message = InboundMessage {
            provider: "vonage",
            provider_message_id: format!("{} {n}", self.phone.as_str()),
            from: self.phone.clone(),
            text: words.to_owned(),
            context: InboundContext::default(),
        };
        receive(&self.app, message).await.map(|_| ()).map_err(|error| error.to_string())
    }

    /// The newest code that the provider got for the number.
    fn texted_code(&self) -> Option<String> {
        let to = self.phone.as_str().trim_start_matches('+');
        self.fake.find_last(|request| {
            let text = (request.value("to") == Some(to)).then(|| words(request))?;
            text.rsplit_once('#').map(|(_, code)| code.to_owned())
        })
    }

    /// Has a worker send the next text; it continues in the background if the provider holds the answer.
    async fn send(&self) {
        let sent = self.fake.sends();
        let app = Arc::clone(&self.app);
        let worker = tokio::spawn(async move {
            deliver_next(&app).await.expect("delivered");
        });
        while !worker.is_finished() && self.fake.sends() == sent {
            tokio::time::sleep(std::time::Duration::from_micros(200)).await;
        }
        self.workers.lock().expect("unpoisoned").push(worker);
    }

    fn is_sending(&self) -> bool {
        self.workers.lock().expect("unpoisoned").iter().any(|worker| !worker.is_finished())
    }

    /// Finishes every text that's on its way.
    async fn settle(&self) {
        while self.is_sending() {
            self.fake.release();
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    /// Checks what must hold between any two steps.
    async fn check(&self) -> Result<(), String> {
        // Nothing that a STOP should have ended is waiting to be sent or retried.
        let phone = self.phone.as_str();
        let left = column(
            &self.app,
            &format!(
                "SELECT kind || ' ' || status AS value FROM messages WHERE phone = '{phone}' AND kind <> 'goodbye' AND \
                 status IN ('queued', 'sending') AND (inbound_message_id < (SELECT max(id) FROM inbound_messages WHERE \
                 phone = '{phone}' AND keyword = 'STOP') OR (basis <> 'inbound' AND EXISTS (SELECT 1 FROM subscribers s \
                 WHERE s.phone = messages.phone AND standing = 'opted_out')))"
            ),
        );
        if !left.is_empty() {
            return Err(format!("after a STOP there is still {left:?}"));
        }
        let (phone, after) = (self.phone.clone(), self.after);
        self.app
            .store
            .read(move |tx| {
                let standing = subscribers::find(tx, &phone)?.map(|subscriber| subscriber.standing);
                let records = consents::page(tx, after, i64::MAX)?;
                let last =
                    records.iter().rev().find(|(record, _)| record.phone.as_ref() == Some(&phone)).map(|(record, _)| record.kind);
                let told = match last {
                    Some(ConsentKind::OptedIn | ConsentKind::OptedInAgain) => Some(Standing::Subscribed),
                    Some(ConsentKind::OptedOut) => Some(Standing::OptedOut),
                    Some(ConsentKind::Reopened | ConsentKind::Closed | ConsentKind::Erased) | None => None,
                };
                if standing == told {
                    Ok(())
                } else {
                    Err(StoreError::Corrupt(format!("stands {standing:?}, the ledger says {last:?}")))
                }
            })
            .await
            .map_err(|error| error.to_string())
    }
}

#[test]
fn no_send_starts_after_a_stop_in_any_interleaving() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let fake = runtime.block_on(FakeProvider::vonage());
    let generous = "[default.caps]\nper_address = [{ at_most = 100000, per_seconds = 60 }]\nper_browser = [{ at_most = 100000, per_seconds = 60 }]\nsite = [{ at_most = 1000000, per_seconds = 60 }]\n";
    let (folder, settings) = (tempfile::tempdir().expect("a folder"), vonage_settings("vonage", &fake, "") + generous);
    // Otherwise a provider that asks us to slow down would make the test sleep for a second each time.
    let unpaced = |config: &mut assent::config::Config| config.sms.messages_per_second = 0;
    let mut app = runtime.block_on(TestApp::adjusted(&settings, folder.path(), unpaced));
    app.leave_queued();
    let disclosure = app.column("SELECT hash AS value FROM disclosures WHERE locale = 'en'").remove(0);
    // Steps in the same group run at once; the store orders them.
    let steps = prop::collection::vec(prop::collection::vec(step(), 1..4), 3..9);
    let config = ProptestConfig {
        cases: rounds(CASES, CASES_USUALLY),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = proptest::test_runner::TestRunner::new(config).run(&steps, |steps| {
        let case = Case {
            app: Arc::clone(&app.app),
            fake: fake.clone(),
            phone: next_number(),
            workers: Mutex::default(),
            inbound: Arc::default(),
            disclosure: disclosure.clone(),
            after: runtime.block_on(app.app.store.read(consents::head)).expect("read").0,
        };
        runtime.block_on(async {
            for together in &steps {
                let results = match together.as_slice() {
                    [one] => vec![case.run(*one).await],
                    [one, two] => {
                        let (one, two) = tokio::join!(case.run(*one), case.run(*two));
                        vec![one, two]
                    }
                    more => {
                        let (one, two, three) = tokio::join!(case.run(more[0]), case.run(more[1]), case.run(more[2]));
                        vec![one, two, three]
                    }
                };
                results.into_iter().collect::<Result<Vec<()>, String>>().map_err(TestCaseError::fail)?;
                case.check().await.map_err(TestCaseError::fail)?;
            }
            case.settle().await;
            app.app.clock.advance(Duration::minutes(2));
            case.send().await;
            case.settle().await;
            case.check().await.map_err(TestCaseError::fail)
        })
    });
    outcome.expect("no interleaving breaks it");
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (request, _) in fake.accepted() {
        *taken.entry(request.value("client-ref").expect("a reference").to_owned()).or_default() += 1;
    }
    let enough = rounds(500, 60);
    assert!(taken.len() > enough as usize && taken.values().all(|times| *times == 1), "each text is taken once");
    let records = runtime.block_on(assert_chain_holds(&app.app.store));
    assert!(records > i64::from(enough), "only {records} records: the steps did not reach far");
}

/// The token of the n-th browser for a number.
fn token(phone: &str, n: usize) -> BrowserToken {
    let mut bits = [0; 16];
    bits[..phone.len()].copy_from_slice(phone.as_bytes());
    bits[15] = u8::try_from(n).expect("a small number");
    BrowserToken::new(bits)
}
