//! A session: one request by an owner's site to learn whose number was verified.
//!
//! Owns its states and its time limits. Must not sign, store or send.

use time::{Duration, OffsetDateTime};

use crate::optin::stored_words;

/// How long a session stays open for somebody to ask for a code (ASVS 7.3.2). After that, it lasts as long as its verification.
pub const LIFE: Duration = Duration::minutes(30);
/// How long the code that a person takes back to the site is valid.
pub const CODE_LIFE: Duration = Duration::minutes(2);
/// How long a session that led to nothing is kept after its end, so that its site can still ask how it ended.
pub const KEPT: Duration = Duration::days(1);
/// The maximum length of a site's own name for a person, in bytes.
pub const LONGEST_REF: usize = 200;

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionWay {
    /// The person followed the site's link and asked for a code.
    Link,
    /// The site created it.
    Hosted,
}

stored_words!(SessionWay { Link => "link", Hosted => "hosted" });

/// The state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It's waiting for a number to be verified.
    Open,
    /// A number was verified.
    Verified,
    /// Somebody used up all attempts.
    Locked,
    /// The person went back to the site instead.
    Canceled,
    /// Its time is up. This state isn't stored.
    Expired,
}

stored_words!(SessionState {
    Open => "open", Verified => "verified", Locked => "locked", Canceled => "canceled", Expired => "expired",
});

/// Returns the state at `now` of a session whose stored state is `stored`.
#[must_use]
pub fn state_at(stored: SessionState, expires_at: OffsetDateTime, now: OffsetDateTime) -> SessionState {
    match stored {
        SessionState::Open if now >= expires_at => SessionState::Expired,
        other => other,
    }
}

/// Returns whether a text can be a site's own name for a person: 1 to 200 bytes of UTF-8, without control characters. Bytes that
/// weren't UTF-8 have become U+FFFD, which isn't allowed either.
#[must_use]
pub fn is_ref(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_REF && !text.chars().any(|c| c.is_control() || c == '\u{fffd}')
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_open_session_expires_and_an_ended_one_keeps_its_end() {
        let end = datetime!(2026-11-28 12:30 UTC);
        let before = end - Duration::milliseconds(1);
        assert_eq!(state_at(SessionState::Open, end, before), SessionState::Open);
        assert_eq!(state_at(SessionState::Open, end, end), SessionState::Expired);
        for ended in [SessionState::Verified, SessionState::Locked, SessionState::Canceled] {
            assert_eq!(state_at(ended, end, end), ended);
        }
    }

    #[test]
    fn a_ref_has_1_to_200_bytes_and_no_control_characters() {
        for good in ["7", "user_7", "usuário 7", &"x".repeat(200)] {
            assert!(is_ref(good), "{good}");
        }
        for bad in ["", "a\nb", "a\0b", "a\u{fffd}", &"x".repeat(201), &"é".repeat(101)] {
            assert!(!is_ref(bad), "{bad}");
        }
    }
}
