//! The ticket in a browser's cookie: which of the owner's sites it came from, until it asks for a code.
//!
//! Owns how a ticket is written into the private cookie, so that the opt-in page itself stays the same bytes for everybody.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use time::OffsetDateTime;

use crate::flow::sessions::Ticket;
use crate::optin::session::LIFE;

/// A ticket, and when it stops counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) ticket: Ticket,
    until: OffsetDateTime,
}

impl Carried {
    /// Returns a ticket that counts as long as a session stays open.
    pub(super) fn new(ticket: Ticket, now: OffsetDateTime) -> Self {
        Self { ticket, until: now + LIFE }
    }

    /// Returns the ticket as the cookie holds it.
    pub(super) fn written(&self) -> String {
        let until = self.until.unix_timestamp();
        match &self.ticket {
            Ticket::Link { site, site_ref } => format!("{until}.link.{site}.{}", BASE64_URL_SAFE_NO_PAD.encode(site_ref)),
            Ticket::Hosted { name } => format!("{until}.hosted.{name}"),
        }
    }

    /// Reads a ticket that still counts.
    pub(super) fn read(text: &str, now: OffsetDateTime) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let until = OffsetDateTime::from_unix_timestamp(parts.first()?.parse().ok()?).ok().filter(|until| now < *until)?;
        let ticket = match parts.get(1..)? {
            ["link", site, site_ref] => {
                let site_ref = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(site_ref).ok()?).ok()?;
                Ticket::Link { site: (*site).to_owned(), site_ref }
            }
            ["hosted", name] => Ticket::Hosted { name: (*name).to_owned() },
            _ => return None,
        };
        Some(Self { ticket, until })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_ticket_is_read_as_it_was_written_until_its_time_is_up() {
        let now = datetime!(2026-11-28 12:00 UTC);
        for ticket in [
            Ticket::Link { site: "shop".to_owned(), site_ref: "a.b|c é".to_owned() },
            Ticket::Hosted { name: "ses_00".to_owned() },
        ] {
            let carried = Carried::new(ticket, now);
            let written = carried.written();
            assert!(!written.contains('|'), "{written}");
            assert_eq!(Carried::read(&written, now), Some(carried.clone()));
            assert_eq!(Carried::read(&written, now + LIFE), None);
        }
        for other in ["", "x", "1.link.shop", "99999999999.hosted", "99999999999.link.shop.!"] {
            assert_eq!(Carried::read(other, now), None, "{other}");
        }
    }
}
