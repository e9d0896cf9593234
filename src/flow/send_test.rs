//! The owner's own test: one text through the provider, and what the provider answered.
//!
//! The number's standing applies: a number that opted out gets no test either. The row is claimed as it is written, so that a
//! running server doesn't send it a second time.

use std::sync::Arc;

use time::Duration;

use crate::app::App;
use crate::clock::dice;
use crate::flow::deliver::{CLAIM, seal_purpose};
use crate::flow::{FlowError, deliver, texts};
use crate::optin::code::Code;
use crate::optin::message::{MessageKind, mask_codes};
use crate::optin::phone::PhoneNumber;
use crate::sms::SendOutcome;
use crate::store::messages::{self, Basis, Fate, NewMessage};
use crate::store::{Lane, locks, outbox};

/// How long a test may still be sent. Nobody waits longer for one.
const LIFE: Duration = Duration::minutes(10);

/// The outcome of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendTestOutcome {
    /// The text was handed to the provider.
    Asked(SendOutcome),
    /// The number opted out or is closed, so nothing was sent.
    NotEntitled,
}

/// Sends one text to the number.
pub async fn send_test(app: &Arc<App>, phone: PhoneNumber) -> Result<SendTestOutcome, FlowError> {
    let now = app.clock.now();
    let text = if app.config.sms.has_own_words() {
        // The provider's template carries a code and nothing else. This code unlocks nothing.
        Code::draw(app.config.verification.code_length, &mut dice()).digits().to_owned()
    } else {
        texts::test(&app.config, &app.render(), &app.config.default_locale)?
    };
    let sealed = app.keys.seal(&text, &seal_purpose(&phone));
    let job = app.store.write(Lane::Pages, move |tx| {
        locks::take_number(tx, &phone)?;
        let new = NewMessage {
            phone: &phone,
            kind: MessageKind::Test,
            basis: Basis::Owner,
            text: &mask_codes(&text),
            sealed_text: Some(&sealed),
            fate: Fate::Queued,
            queued_at: now,
            expires_at: Some(now + LIFE),
        };
        let id = messages::add(tx, &new)?;
        outbox::claim(tx, id, now, now + CLAIM)
    });
    match job.await? {
        Some(claimed) => {
            let _held = deliver::Held::new(app, claimed.id);
            Ok(SendTestOutcome::Asked(deliver::send(app, claimed).await?))
        }
        None => Ok(SendTestOutcome::NotEntitled),
    }
}
