//! Caps: how many texts a number, an address, a browser or the site may cause.
//!
//! Owns the sliding windows and the program's frequency, which is one more cap per number (CTA-3). Must not count: the
//! store does that and passes the times in. One text of the frequency is reserved for the welcome of a number that isn't
//! subscribed yet.

use time::{Duration, OffsetDateTime};

pub use crate::optin::counts::Cap;
use crate::optin::counts::{Count, all_free_at};
use crate::optin::disclosure::{Frequency, Period};
use crate::optin::message::DropReason;
use crate::optin::subscriber::Standing;

/// The owner's caps (`caps.*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caps {
    /// Codes to one number.
    pub per_number: Vec<Cap>,
    /// Accepted requests for a code from one address (IPv6: one /64, and four times as many from the /48 around it).
    pub per_address: Vec<Cap>,
    /// Accepted requests for a code from one browser.
    pub per_browser: Vec<Cap>,
    /// Codes and welcomes for the whole site.
    pub site: Vec<Cap>,
}

/// A number's history and standing, which is everything that admission looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumberHistory {
    /// When codes were queued for it, not counting dropped ones.
    pub codes: Vec<OffsetDateTime>,
    /// When welcomes were queued for it, not counting dropped ones.
    pub welcomes: Vec<OffsetDateTime>,
    /// Its standing.
    pub standing: Option<Standing>,
    /// Wrong attempts in a row.
    pub failures: u32,
}

/// Whether a code may be texted to a number now. The page looks the same in each case (INT-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Yes.
    Allowed,
    /// One of the number's caps is reached.
    Capped,
    /// The program's promised frequency is reached.
    FrequencyReached,
    /// The number opted out and hasn't opted back in.
    OptedOut,
    /// The carrier says that the number is out of service. It gets nothing until it texts us.
    Closed,
    /// A hundred wrong codes in a row were entered for the number, so it gets no more codes.
    TypedWayClosed,
    /// The site's caps leave no text for this request.
    SiteFull,
    /// The provider is down, and the code couldn't arrive in time.
    Delayed,
}

impl Admission {
    /// Returns the reason that is stored in `messages.error` for a text that wasn't sent, or `None` if it's allowed.
    #[must_use]
    pub const fn refusal(self) -> Option<DropReason> {
        match self {
            Self::Allowed => None,
            Self::Capped => Some(DropReason::Capped),
            Self::FrequencyReached => Some(DropReason::FrequencyReached),
            Self::OptedOut => Some(DropReason::OptedOut),
            Self::Closed => Some(DropReason::Closed),
            Self::TypedWayClosed => Some(DropReason::TooManyFailures),
            Self::SiteFull => Some(DropReason::SiteFull),
            Self::Delayed => Some(DropReason::ProviderDown),
        }
    }
}

/// Decides whether a code may be texted to a number with this history.
#[must_use]
pub fn admit(history: &NumberHistory, per_number: &[Cap], frequency: Frequency, now: OffsetDateTime) -> Admission {
    match history.standing {
        Some(Standing::OptedOut) => return Admission::OptedOut,
        Some(Standing::Closed) => return Admission::Closed,
        Some(Standing::Subscribed) | None => {}
    }
    if history.failures >= crate::optin::verification::FAILURES_PER_NUMBER {
        return Admission::TypedWayClosed;
    }
    if per_number.iter().any(|cap| free_at(&history.codes, *cap, now).is_some()) {
        return Admission::Capped;
    }
    match frequency_cap(frequency) {
        Some(cap) => {
            let had = within(&history.codes, cap.window, now) + within(&history.welcomes, cap.window, now);
            let kept_for_welcome = u32::from(history.standing != Some(Standing::Subscribed));
            if had + 1 + kept_for_welcome > cap.at_most { Admission::FrequencyReached } else { Admission::Allowed }
        }
        None => Admission::Allowed,
    }
}

/// Returns the caps of the /48 around an IPv6 address: four times those of the address, since one customer may have all of
/// it.
#[must_use]
pub fn of_network(per_address: &[Cap]) -> Vec<Cap> {
    per_address.iter().map(|cap| Cap { at_most: cap.at_most.saturating_mul(4), ..*cap }).collect()
}

/// Who may still get one of the site's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteRoom {
    /// Everybody.
    Everybody,
    /// Numbers that were verified before, and browsers and addresses that verified one. The rest is reserved for them.
    Known,
    /// Nobody.
    Nobody,
}

/// How many requests per day an address or a browser may make from the site's reserve, whatever number they're for.
pub const FROM_RESERVE: [Cap; 1] = [Cap { at_most: 2, window: Duration::days(1) }];

/// Returns who may still get a text, according to the site's counts. The last fifth of each of its caps is the reserve.
#[must_use]
pub fn site_room(counts: &[Count], caps: &[Cap], now: OffsetDateTime) -> SiteRoom {
    let open: Vec<Cap> = caps.iter().map(|cap| Cap { at_most: cap.at_most - cap.at_most / 5, ..*cap }).collect();
    if all_free_at(counts, caps, now).is_some() {
        SiteRoom::Nobody
    } else if all_free_at(counts, &open, now).is_some() {
        SiteRoom::Known
    } else {
        SiteRoom::Everybody
    }
}

/// Returns whether this program welcomes a number that has just opted in.
#[must_use]
pub const fn welcomes(frequency: Frequency) -> bool {
    match frequency {
        Frequency::PerRequest => false,
        Frequency::AtMost { .. } | Frequency::Varies => true,
    }
}

/// Returns the promised frequency as a cap, if it names a number of texts per period.
#[must_use]
pub fn frequency_cap(frequency: Frequency) -> Option<Cap> {
    match frequency {
        Frequency::AtMost { count, per } => Some(Cap { at_most: count, window: period_length(per) }),
        Frequency::Varies | Frequency::PerRequest => None,
    }
}

/// Returns the length of a sliding period: a day, a week of 7 days or a month of 31 days.
#[must_use]
pub const fn period_length(per: Period) -> Duration {
    match per {
        Period::Day => Duration::days(1),
        Period::Week => Duration::days(7),
        Period::Month => Duration::days(31),
    }
}

/// Returns when `cap` will have room again, or `None` if it has room now. `times` may be in any order.
#[must_use]
pub fn free_at(times: &[OffsetDateTime], cap: Cap, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let mut inside: Vec<OffsetDateTime> = times.iter().copied().filter(|at| now - *at < cap.window).collect();
    let over = inside.len().checked_sub(usize::try_from(cap.at_most).ok()?)?;
    inside.sort_unstable();
    inside.get(over).map(|at| *at + cap.window)
}

/// Returns the longest window among `caps`, which is how far back the store must look.
#[must_use]
pub fn longest_window(caps: &[Cap]) -> Duration {
    caps.iter().map(|cap| cap.window).max().unwrap_or(Duration::ZERO)
}

fn within(times: &[OffsetDateTime], window: Duration, now: OffsetDateTime) -> u32 {
    u32::try_from(times.iter().filter(|at| now - **at < window).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const T0: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    fn defaults() -> Vec<Cap> {
        [(1, 30), (3, 600), (5, 3_600), (10, 86_400)].map(|(at_most, s)| Cap { at_most, window: Duration::seconds(s) }).to_vec()
    }

    fn history(codes: &[i64]) -> NumberHistory {
        NumberHistory { codes: codes.iter().map(|s| T0 + Duration::seconds(*s)).collect(), ..NumberHistory::default() }
    }

    #[test]
    fn each_cap_binds_until_exactly_its_window_has_passed() {
        let at = |s| T0 + Duration::seconds(s);
        let cases: &[(&[i64], i64, Admission)] = &[
            (&[], 0, Admission::Allowed),
            (&[0], 29, Admission::Capped),
            (&[0], 30, Admission::Allowed),
            (&[0, 30, 90], 599, Admission::Capped),
            (&[0, 30, 90], 600, Admission::Allowed),
            (&[0, 30, 90, 700, 1_400], 3_599, Admission::Capped),
            (&[0, 30, 90, 700, 1_400], 3_600, Admission::Allowed),
        ];
        for (codes, now, expected) in cases {
            assert_eq!(admit(&history(codes), &defaults(), Frequency::Varies, at(*now)), *expected, "{codes:?} at {now}");
        }
        let ten: Vec<i64> = (0..10).map(|n| n * 3_601).collect();
        assert_eq!(admit(&history(&ten), &defaults(), Frequency::Varies, at(86_399)), Admission::Capped);
        assert_eq!(admit(&history(&ten), &defaults(), Frequency::Varies, at(86_400)), Admission::Allowed);
    }

    #[test]
    fn the_last_fifth_of_the_sites_caps_is_kept_for_those_who_are_known() {
        let caps = [Cap { at_most: 10, window: Duration::days(1) }, Cap { at_most: 4, window: Duration::hours(1) }];
        let mut counts = Vec::new();
        let mut rooms = Vec::new();
        for hour in 0..10 {
            let now = T0 + Duration::hours(hour);
            rooms.push(site_room(&counts, &caps, now));
            crate::optin::counts::add_to_all(&mut counts, &caps, now);
        }
        rooms.push(site_room(&counts, &caps, T0 + Duration::hours(10)));
        assert_eq!(rooms[..8], [SiteRoom::Everybody; 8]);
        assert_eq!(rooms[8..], [SiteRoom::Known, SiteRoom::Known, SiteRoom::Nobody]);
        // A cap this small has no fifth to reserve.
        for _ in 0..4 {
            crate::optin::counts::add_to_all(&mut counts, &caps[1..], T0 + Duration::days(2));
        }
        assert_eq!(site_room(&counts, &caps[1..], T0 + Duration::days(2)), SiteRoom::Nobody);
    }

    #[test]
    fn the_frequency_counts_codes_and_welcomes_and_keeps_a_place_for_the_welcome() {
        let five = Frequency::AtMost { count: 5, per: Period::Day };
        let now = T0 + Duration::hours(20);
        let hours = |n: i64| (0..n).map(|h| h * 3_600).collect::<Vec<_>>();
        assert_eq!(admit(&history(&hours(3)), &[], five, now), Admission::Allowed);
        assert_eq!(admit(&history(&hours(4)), &[], five, now), Admission::FrequencyReached);
        let subscribed = NumberHistory { standing: Some(Standing::Subscribed), welcomes: vec![T0], ..history(&hours(3)) };
        assert_eq!(admit(&subscribed, &[], five, now), Admission::Allowed);
        let full = NumberHistory { standing: Some(Standing::Subscribed), welcomes: vec![T0], ..history(&hours(4)) };
        assert_eq!(admit(&full, &[], five, now), Admission::FrequencyReached);
    }

    #[test]
    fn a_day_a_week_and_a_month_slide() {
        for (per, length) in
            [(Period::Day, Duration::days(1)), (Period::Week, Duration::days(7)), (Period::Month, Duration::days(31))]
        {
            let two = Frequency::AtMost { count: 2, per };
            let tick = Duration::microseconds(1);
            assert_eq!(admit(&history(&[0]), &[], two, T0 + length - tick), Admission::FrequencyReached, "{per:?}");
            assert_eq!(admit(&history(&[0]), &[], two, T0 + length), Admission::Allowed, "{per:?}");
        }
    }

    #[test]
    fn other_frequencies_leave_it_to_the_caps() {
        let many: Vec<i64> = (0..40).collect();
        for frequency in [Frequency::Varies, Frequency::PerRequest] {
            assert_eq!(admit(&history(&many), &[], frequency, T0 + Duration::minutes(1)), Admission::Allowed);
        }
        assert!(!welcomes(Frequency::PerRequest) && welcomes(Frequency::Varies));
        assert!(welcomes(Frequency::AtMost { count: 2, per: Period::Day }));
    }

    #[test]
    fn an_opt_out_and_a_hundred_failures_come_before_any_cap() {
        for (standing, expected) in [(Standing::OptedOut, Admission::OptedOut), (Standing::Closed, Admission::Closed)] {
            let silent = NumberHistory { standing: Some(standing), failures: 100, ..history(&[0]) };
            assert_eq!(admit(&silent, &defaults(), Frequency::Varies, T0), expected);
        }
        let failed = |failures| NumberHistory { failures, ..NumberHistory::default() };
        assert_eq!(admit(&failed(99), &defaults(), Frequency::Varies, T0), Admission::Allowed);
        assert_eq!(admit(&failed(100), &defaults(), Frequency::Varies, T0), Admission::TypedWayClosed);
    }

    #[test]
    fn the_wait_is_until_enough_events_have_left_the_window() {
        let cap = Cap { at_most: 2, window: Duration::seconds(100) };
        let times = [30, 10, 20].map(|s| T0 + Duration::seconds(s));
        assert_eq!(free_at(&times, cap, T0 + Duration::seconds(40)), Some(T0 + Duration::seconds(120)));
        assert_eq!(free_at(&times, cap, T0 + Duration::seconds(120)), None);
        assert_eq!(longest_window(&defaults()), Duration::days(1));
    }
}
