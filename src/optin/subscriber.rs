//! A subscriber's standing, and how each event changes it.
//!
//! Owns which event leads from which standing to which. Must not write records, but says which one the ledger needs. A
//! number without a row has no standing, but can still opt out.

use crate::optin::consent::ConsentKind;
use crate::optin::stored_words;

/// A number's standing. A number without a row has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its owner consented and proved control of it, so it may be texted.
    Subscribed,
    /// Its owner said stop, so it gets nothing.
    OptedOut,
    /// The carrier says that the number is out of service.
    Closed,
}

stored_words!(Standing { Subscribed => "subscribed", OptedOut => "opted_out", Closed => "closed" });

/// What verifying with consent changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedChange {
    /// The record to append, if there's new consent to keep.
    pub record: Option<ConsentKind>,
    /// Whether the number becomes subscribed and is welcomed.
    pub subscribes: bool,
}

/// Returns what changes after the typed code proved the number in a browser where consent was given. `opted_in_before` says
/// whether the ledger has an opt-in of this number, and `facts_changed` whether the last one was to different facts.
#[must_use]
pub const fn on_web_code(standing: Option<Standing>, opted_in_before: bool, facts_changed: bool) -> VerifiedChange {
    let again = if opted_in_before { ConsentKind::OptedInAgain } else { ConsentKind::OptedIn };
    match standing {
        None | Some(Standing::Closed) => VerifiedChange { record: Some(again), subscribes: true },
        Some(Standing::Subscribed) if facts_changed => {
            VerifiedChange { record: Some(ConsentKind::OptedInAgain), subscribes: false }
        }
        // STOP invalidated every code that was texted before it, and none is texted after it, so no typed code lifts it.
        Some(Standing::Subscribed | Standing::OptedOut) => VerifiedChange { record: None, subscribes: false },
    }
}

/// Returns what changes after the page's own code came in from the number. Its consent was given after any STOP, so it
/// lifts an opt-out too.
#[must_use]
pub const fn on_reply_code(standing: Option<Standing>, opted_in_before: bool, facts_changed: bool) -> VerifiedChange {
    match standing {
        Some(Standing::OptedOut) => on_web_code(None, opted_in_before, facts_changed),
        None | Some(Standing::Subscribed | Standing::Closed) => on_web_code(standing, opted_in_before, facts_changed),
    }
}

/// What START changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartChange {
    /// It goes back to the earlier opt-in, so the number is subscribed again.
    OptsInAgain,
    /// There's no opt-in to go back to. The number is simply no longer opted out or closed.
    Reopens,
    /// Nothing.
    Nothing,
}

/// Returns what changes after START came from the number. `opted_in` says whether it has an opt-in that counts. An opt-in
/// from before the carrier said that the number is out of service doesn't count.
#[must_use]
pub const fn on_start(standing: Option<Standing>, opted_in: bool) -> StartChange {
    match standing {
        Some(Standing::OptedOut) if opted_in => StartChange::OptsInAgain,
        Some(Standing::OptedOut | Standing::Closed) => StartChange::Reopens,
        None | Some(Standing::Subscribed) => StartChange::Nothing,
    }
}

/// Returns whether an opt-out is news, so that the ledger gets a record of it.
#[must_use]
pub const fn opt_out_is_news(standing: Option<Standing>) -> bool {
    match standing {
        None | Some(Standing::Subscribed | Standing::Closed) => true,
        Some(Standing::OptedOut) => false,
    }
}

/// After this many permanent failures in a row, we assume that a number is out of service (INT-10).
pub const FAILURES_TO_CLOSE: u32 = 3;

/// Returns whether the carrier's reports close the number, because the last texts reached nobody's phone. They don't close
/// a number that opted out, because an opt-out says more.
#[must_use]
pub const fn closes(standing: Option<Standing>, permanent_failures: u32) -> bool {
    match standing {
        None | Some(Standing::Subscribed) => permanent_failures >= FAILURES_TO_CLOSE,
        Some(Standing::OptedOut | Standing::Closed) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifying_subscribes_a_number_that_is_neither_subscribed_nor_opted_out() {
        use ConsentKind::{OptedIn, OptedInAgain};
        let cases = [
            (None, false, false, Some(OptedIn), true),
            (None, true, false, Some(OptedInAgain), true),
            (Some(Standing::Closed), true, false, Some(OptedInAgain), true),
            (Some(Standing::Closed), false, false, Some(OptedIn), true),
            (Some(Standing::Subscribed), true, false, None, false),
            (Some(Standing::Subscribed), true, true, Some(OptedInAgain), false),
            (Some(Standing::OptedOut), true, true, None, false),
            (Some(Standing::OptedOut), false, false, None, false),
        ];
        for (standing, before, changed, record, subscribes) in cases {
            assert_eq!(
                on_web_code(standing, before, changed),
                VerifiedChange { record, subscribes },
                "{standing:?} {before} {changed}"
            );
        }
    }

    #[test]
    fn a_reply_code_lifts_an_opt_out_and_otherwise_acts_like_a_typed_one() {
        let lifted = on_reply_code(Some(Standing::OptedOut), true, false);
        assert_eq!(lifted, VerifiedChange { record: Some(ConsentKind::OptedInAgain), subscribes: true });
        let first = on_reply_code(Some(Standing::OptedOut), false, true);
        assert_eq!(first, VerifiedChange { record: Some(ConsentKind::OptedIn), subscribes: true });
        for standing in [None, Some(Standing::Subscribed), Some(Standing::Closed)] {
            for (before, changed) in [(false, false), (true, false), (true, true)] {
                assert_eq!(on_reply_code(standing, before, changed), on_web_code(standing, before, changed));
            }
        }
    }

    #[test]
    fn start_goes_back_to_an_opt_in_or_reopens_and_never_subscribes_a_stranger() {
        assert_eq!(on_start(Some(Standing::OptedOut), true), StartChange::OptsInAgain);
        assert_eq!(on_start(Some(Standing::OptedOut), false), StartChange::Reopens);
        for opted_in in [true, false] {
            assert_eq!(on_start(Some(Standing::Closed), opted_in), StartChange::Reopens);
            assert_eq!(on_start(Some(Standing::Subscribed), opted_in), StartChange::Nothing);
            assert_eq!(on_start(None, opted_in), StartChange::Nothing);
        }
    }

    #[test]
    fn an_opt_out_is_news_unless_the_number_is_already_opted_out() {
        for standing in [None, Some(Standing::Subscribed), Some(Standing::Closed)] {
            assert!(opt_out_is_news(standing));
        }
        assert!(!opt_out_is_news(Some(Standing::OptedOut)));
    }

    #[test]
    fn three_permanent_failures_close_a_number_that_did_not_opt_out() {
        for standing in [None, Some(Standing::Subscribed)] {
            assert!(!closes(standing, 2));
            assert!(closes(standing, 3));
        }
        for standing in [Some(Standing::OptedOut), Some(Standing::Closed)] {
            assert!(!closes(standing, 9));
        }
    }
}
