//! Opting out in races: whatever is interleaved with it, no send starts once a STOP has committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use assent::app::App;
use assent::flow::{Browser, BrowserToken};
use assent::flow::confirm::{ConfirmRequest, confirm};
use assent::flow::receive::{InboundContext, InboundMessage, receive};
use assent::flow::resend::resend;
use assent::flow::start::{StartRequest, start};
use assent::flow::status::{BrowserStatus, status};
use assent::optin::consent::{ConsentKind, Evidence};
use assent::optin::message::MessageKind;
use assent::optin::phone::PhoneNumber;
use assent::optin::subscriber::Standing;
use assent::store::{Lane, StoreError, consents, outbox, subscribers};
use proptest::prelude::*;
use rocket::tokio;
use time::Duration;

use crate::store::assert_chain_holds;
use crate::support::TestApp;

const CASES: u32 = 1_000;

/// A number of its own for each case.
fn next_number() -> PhoneNumber {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    PhoneNumber::from_stored(&format!("+1{}55501{:02}", 201 + n / 100, n % 100)).expect("a number")
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The opt-in form, the box ticked.
    Ask(usize),
    Resend(usize),
    /// The newest texted code, typed.
    Type(usize),
    /// The page's code, texted in.
    Reply(usize),
    TextIn(&'static str),
    Send,
    Wait,
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
        3 => Just(Step::Send),
        1 => Just(Step::Wait),
    ]
}

/// One number, two browsers, and what has been texted to it.
struct Case {
    app: Arc<App>,
    phone: PhoneNumber,
    codes: Arc<std::sync::Mutex<Vec<String>>>,
    inbound: Arc<AtomicUsize>,
    disclosure: String,
    /// The ledger's head before the case.
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
                    address: format!("address of {}", self.phone.as_str()),
                    phone: self.phone.clone(),
                    phone_typed: self.phone.as_str().to_owned(),
                    evidence,
                };
                start(&self.app, request).await.map(|_| ()).map_err(said)
            }
            Step::Resend(n) => resend(&self.app, self.browser(n), "address".to_owned()).await.map(|_| ()).map_err(said),
            Step::Type(n) => {
                let typed = self.codes.lock().expect("unpoisoned").last().cloned().unwrap_or_else(|| "000000".to_owned());
                confirm(&self.app, ConfirmRequest { browser: self.browser(n), typed }).await.map(|_| ()).map_err(said)
            }
            Step::Reply(n) => match status(&self.app, self.browser(n), "address".to_owned()).await.map_err(said)? {
                BrowserStatus::Pending(pending) => {
                    let code = pending.reply_code.expect("the reply way is offered");
                    self.text_in(code.digits()).await
                }
                BrowserStatus::Nothing | BrowserStatus::Verified { .. } | BrowserStatus::Ended { .. } => Ok(()),
            },
            Step::TextIn(words) => self.text_in(words).await,
            Step::Send => self.send().await,
            Step::Wait => {
                self.app.clock.advance(Duration::seconds(31));
                Ok(())
            }
        }
    }

    async fn text_in(&self, words: &str) -> Result<(), String> {
        let n = self.inbound.fetch_add(1, Ordering::Relaxed);
        let message = InboundMessage {
            provider: "simulator",
            provider_message_id: format!("{} {n}", self.phone.as_str()),
            from: self.phone.clone(),
            text: words.to_owned(),
            context: InboundContext::default(),
        };
        receive(&self.app, message).await.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Claims what is queued and looks, in the transaction of the claim, how the number stands: that is the moment in
    /// which the send starts.
    async fn send(&self) -> Result<(), String> {
        let (now, phone) = (self.app.clock.now(), self.phone.clone());
        let claimed = self
            .app
            .store
            .write(Lane::Pages, move |tx| {
                let standing = subscribers::find(tx, &phone)?.map(|subscriber| subscriber.standing);
                let mut claimed = Vec::new();
                while let Some(id) = outbox::next_due(tx, now)? {
                    let Some(text) = outbox::claim(tx, id, now, now + Duration::minutes(1))? else {
                        outbox::drop_unclaimable(tx, id, now)?;
                        continue;
                    };
                    let answer = matches!(text.kind, MessageKind::Goodbye | MessageKind::Help);
                    if text.phone == phone && standing == Some(Standing::OptedOut) && !answer {
                        return Err(StoreError::Corrupt(format!("a {:?} starts after a STOP", text.kind)));
                    }
                    outbox::mark_sent(tx, id, "simulator", &[format!("sim-{id}")], now)?;
                    claimed.push(text);
                }
                Ok(claimed)
            })
            .await
            .map_err(|error| error.to_string())?;
        for text in claimed {
            let sealed =
                text.sealed_text.and_then(|sealed| self.app.keys.open(&sealed, &format!("text to {}", text.phone.as_str())));
            if let Some((_, code)) = sealed.as_deref().and_then(|words| words.rsplit_once('#')) {
                self.codes.lock().expect("unpoisoned").push(code.to_owned());
            }
        }
        Ok(())
    }

    /// What must hold between any two steps.
    async fn check(&self) -> Result<(), String> {
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
fn no_send_starts_after_a_stop_in_a_thousand_interleavings() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let generous = "[default.caps]\nper_address = [{ at_most = 100000, per_seconds = 60 }]\nper_browser = [{ at_most = 100000, per_seconds = 60 }]\nsite = [{ at_most = 1000000, per_seconds = 60 }]\n";
    let mut app = runtime.block_on(TestApp::with(generous));
    app.leave_queued();
    let disclosure = app.column("SELECT hash AS value FROM disclosures WHERE locale = 'en'").remove(0);
    // Steps that stand together run at once; the store orders them.
    let steps = prop::collection::vec(prop::collection::vec(step(), 1..4), 3..9);
    let config = ProptestConfig { cases: CASES, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = proptest::test_runner::TestRunner::new(config).run(&steps, |steps| {
        let case = Case {
            app: Arc::clone(&app.app),
            phone: next_number(),
            codes: Arc::default(),
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
            case.send().await.map_err(TestCaseError::fail)
        })
    });
    outcome.expect("no interleaving breaks it");
    let records = runtime.block_on(assert_chain_holds(&app.app.store));
    assert!(records > 500, "only {records} records: the steps did not reach far");
}

/// The token of the n-th browser at a number.
fn token(phone: &str, n: usize) -> BrowserToken {
    let mut bits = [0; 16];
    bits[..phone.len()].copy_from_slice(phone.as_bytes());
    bits[15] = u8::try_from(n).expect("a small number");
    BrowserToken::new(bits)
}
