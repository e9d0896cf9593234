//! The simulated phones.

use serde::Serialize;
use time::macros::format_description;

use super::iso;
use crate::optin::message::{Encoding, measure};
use crate::sms::simulator::SimulatedMessage;

/// `page/simulator.html`
#[derive(Debug, Clone, Serialize)]
pub struct SimulatorView {
    /// The phones, the most recently active one first.
    pub phones: Vec<SimulatedPhoneView>,
    /// Whether the last entry couldn't be read.
    pub error: bool,
    /// The URL of the page in another language, up to the language code.
    pub switch: &'static str,
}

/// One simulated phone.
#[derive(Debug, Clone, Serialize)]
pub struct SimulatedPhoneView {
    /// The number in E.164 format.
    pub number: String,
    /// Its digits, for ids.
    pub digits: String,
    /// The number as people write it.
    pub shown: String,
    /// The messages, oldest first.
    pub messages: Vec<SimulatedMessageView>,
}

/// One message on a simulated phone.
#[derive(Debug, Clone, Serialize)]
pub struct SimulatedMessageView {
    /// Whether we sent it.
    pub ours: bool,
    /// Its words.
    pub text: String,
    /// How much of its parts it takes up.
    pub size: SizeView,
    /// For `<time datetime>`.
    pub at: String,
    /// The time of day in UTC, for browsers without JavaScript.
    pub time: String,
}

impl SimulatorView {
    /// Groups messages by phone.
    #[must_use]
    pub fn new(messages: Vec<SimulatedMessage>, error: bool) -> Self {
        let mut phones: Vec<SimulatedPhoneView> = Vec::new();
        for message in messages {
            let number = message.phone.as_str().to_owned();
            let mut phone = match phones.iter().position(|phone| phone.number == number) {
                Some(place) => phones.remove(place),
                None => SimulatedPhoneView {
                    digits: number.trim_start_matches('+').to_owned(),
                    shown: message.phone.national(),
                    number,
                    messages: Vec::new(),
                },
            };
            phone.messages.push(SimulatedMessageView::new(&message));
            phones.insert(0, phone);
        }
        Self { phones, error, switch: "/simulator?lang=" }
    }
}

/// How much of its parts a text takes up.
#[derive(Debug, Clone, Serialize)]
pub struct SizeView {
    /// `GSM-7` or `UCS-2`.
    pub encoding: &'static str,
    /// How many parts it has.
    pub parts: usize,
    /// Its length in septets or 16-bit units.
    pub units: usize,
    /// How many units fit in its parts.
    pub room: usize,
}

impl SizeView {
    /// Measures a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let size = measure(text);
        let (encoding, one, joined) = match size.encoding {
            Encoding::Gsm7 => ("GSM-7", 160, 153),
            Encoding::Ucs2 => ("UCS-2", 70, 67),
        };
        let room = if size.parts == 1 { one } else { joined * size.parts };
        Self { encoding, parts: size.parts, units: size.units, room }
    }
}

impl SimulatedMessageView {
    fn new(message: &SimulatedMessage) -> Self {
        Self {
            ours: message.ours,
            text: message.text.clone(),
            size: SizeView::of(&message.text),
            at: iso(message.at),
            time: message.at.format(format_description!("[hour]:[minute]:[second]")).unwrap_or_default(),
        }
    }
}
