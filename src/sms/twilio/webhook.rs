//! What Twilio calls our webhooks with: texts from phones, and reports on ours.

use super::signature::{SETTINGS_HEADER, SIGNATURE_HEADER, SignatureError, SignedBody, verify};
use super::{Account, Twilio, read_error};
use crate::sms::keywords::AnsweredAs;
use crate::sms::outcome::{Receipt, ReceiptState, e164};
use crate::sms::params::{Params, filled, value};
use crate::sms::webhook::{Call, Caller, Endpoint, Event, InboundText, Rejection};

impl Twilio {
    /// Reads a call, if it can be trusted.
    pub(in super::super) fn read_call(&self, call: &Call<'_>) -> Result<Event, Rejection> {
        let account = self.account.reveal();
        let called = call.params().map_err(|_| Rejection::unreadable())?;
        let signed = match call.body {
            None => SignedBody::None,
            Some(body) if body.trim_ascii_start().starts_with(b"{") => SignedBody::Json(body),
            Some(_) => SignedBody::Form(&called),
        };
        let (given, settings) = ((call.header)(SIGNATURE_HEADER), (call.header)(SETTINGS_HEADER));
        if let Err(error) = verify(account, call.url, signed, given, settings) {
            let is_ours = value(&called, "AccountSid") == Some(account.account_sid.as_str());
            let caller = if is_ours { Caller::Provider } else { Caller::Anybody };
            return Err(rejection(error, caller));
        }
        Ok(match call.endpoint {
            Endpoint::Inbound => {
                read_inbound(account, &called).map_or(Event::Unusable("a webhook from Twilio holds no text"), Event::Text)
            }
            Endpoint::Receipt => {
                let reference = value(&call.query(), "message").map(ToOwned::to_owned);
                let receipt = read_receipt(&called).map(|receipt| Receipt { reference, ..receipt });
                receipt.map_or(Event::Unusable("a webhook from Twilio holds no report"), Event::Receipt)
            }
        })
    }
}

fn rejection(error: SignatureError, caller: Caller) -> Rejection {
    let (status, why) = match error {
        SignatureError::Wrong => (
            403,
            "a webhook without Twilio's right signature was refused: check sms.twilio.auth_token, sms.twilio.shared_key_secret and \
             site.base_url",
        ),
        // With 503, Twilio repeats the call, and it will count once the setting is there.
        SignatureError::NoSharedKey => {
            (503, "Twilio signs webhooks with a shared key: write its secret as sms.twilio.shared_key_secret")
        }
        SignatureError::UnknownMethod => (
            503,
            "Twilio signs webhooks in a way that is not known here: choose HMAC_SHA256 for the shared key in Twilio's console",
        ),
    };
    Rejection::untrusted(status, why, caller)
}

/// Reads an inbound text; `None` if the webhook is something else.
fn read_inbound(account: &Account, pairs: &Params) -> Option<InboundText> {
    if value(pairs, "MessageStatus").is_some() {
        return None;
    }
    Some(InboundText {
        message_id: ["MessageSid", "SmsMessageSid", "SmsSid"].into_iter().find_map(|key| filled(pairs, key)).map(str::to_owned),
        // A call carries no time to derive an ID from.
        derived_id: None,
        from: e164(filled(pairs, "From")?),
        to: value(pairs, "To").unwrap_or_default().to_owned(),
        // A Messaging Service sends from any number in its pool.
        to_own_pool: account.messaging_service_sid.is_some()
            && filled(pairs, "MessagingServiceSid") == account.messaging_service_sid.as_deref(),
        text: value(pairs, "Body").unwrap_or_default().to_owned(),
        part: None,
        answered_as: match value(pairs, "OptOutType").unwrap_or_default().to_ascii_uppercase().as_str() {
            "STOP" => Some(AnsweredAs::Stop),
            "START" => Some(AnsweredAs::Start),
            "HELP" => Some(AnsweredAs::Help),
            _ => None,
        },
    })
}

/// Reads a delivery receipt; `None` if the webhook is something else.
fn read_receipt(pairs: &Params) -> Option<Receipt> {
    let state = match value(pairs, "MessageStatus")?.to_ascii_lowercase().as_str() {
        "delivered" | "read" => ReceiptState::Delivered,
        "failed" | "undelivered" | "canceled" => {
            let (why, consequence) = read_error(value(pairs, "ErrorCode").unwrap_or_default());
            ReceiptState::Failed { why, consequence }
        }
        _ => ReceiptState::Underway,
    };
    Some(Receipt {
        message_id: filled(pairs, "MessageSid").map(str::to_owned),
        reference: None,
        phone: value(pairs, "To").and_then(e164),
        state,
    })
}

#[cfg(test)]
mod tests;
