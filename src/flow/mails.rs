//! The wording of each e-mail to the owner.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::render::{Arguments, Render, RenderError};
use crate::store::emails::EmailKind;
use crate::store::inbound_messages::ToReview;

/// What an e-mail reports, as facts.
#[derive(Debug)]
pub enum EmailView {
    /// `email/digest.*`
    Digest {
        /// The texts to review.
        messages: Vec<ToReview>,
    },
    /// `email/notice.*`
    Notice {
        /// Which notice, as the catalog names it.
        kind: &'static str,
        /// The reason, in the provider's or our own words.
        why: String,
        /// The provider's name.
        provider: &'static str,
    },
}

impl EmailView {
    /// Creates an e-mail about something that just happened.
    #[must_use]
    pub fn notice(kind: EmailKind, why: String, provider: &'static str) -> Self {
        let worded = match kind {
            // These are separate kinds so that one doesn't silence the other. To the owner, they mean the same thing.
            EmailKind::Webhook | EmailKind::OtherApi => EmailKind::Webhook,
            EmailKind::Digest | EmailKind::Misconfigured | EmailKind::Outage | EmailKind::Receipts | EmailKind::Wal => kind,
        };
        Self::Notice { kind: worded.as_str(), why, provider }
    }

    /// Renders the subject, the text and the HTML.
    pub fn written(&self, render: &Render, locale: &str, program: &str) -> Result<(String, String, String), RenderError> {
        let (name, kind, count, view) = match self {
            Self::Digest { messages } => {
                let shown: Vec<Value> = messages.iter().map(shown).collect();
                ("digest", EmailKind::Digest.as_str(), shown.len(), json!({ "messages": shown }))
            }
            Self::Notice { kind, why, provider } => {
                ("notice", *kind, 0, json!({ "kind": kind, "why": why, "provider": provider }))
            }
        };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let arguments = Arguments::from([("program", program.into()), ("kind", kind.into()), ("count", count.into())]);
        let subject = render.words(locale, "email-subject", &arguments)?;
        let text = render.page(locale, &format!("email/{name}.txt"), &view)?;
        let html = render.page(locale, &format!("email/{name}.html"), &view)?;
        Ok((subject, text, html))
    }
}

fn shown(message: &ToReview) -> Value {
    json!({
        "phone": message.phone,
        "text": message.text,
        "received_on": day(message.received_at),
        "review_by": day(message.review_by),
    })
}

/// Formats a day so that both the owner and the owner's scripts can read it.
fn day(at: OffsetDateTime) -> String {
    at.date().to_string()
}
