//! Counts of accepted requests and texts: of an address, a network, a browser and the site.
//!
//! One row for each subject and window, whatever it counts. A row changes only if it still says what was read, so that a
//! count stays exact while others write.

use diesel::prelude::*;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use crate::optin::counts::Count;
use crate::store::schema::counts;
use crate::store::statements::Run as _;
use crate::store::{StoreError, Tx, db_time, from_db_time};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountScope {
    /// Requests from an address (IPv6: from its /64).
    Address,
    /// Requests from the /48 around an IPv6 address.
    Network,
    /// Requests from a browser.
    Browser,
    /// Codes and welcomes of the whole site.
    Site,
}

impl CountScope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
            Self::Browser => "browser",
            Self::Site => "site",
        }
    }
}

/// The counts of one subject, one for each window, as they were read and as they are now.
#[derive(Debug, Clone)]
pub struct Counts {
    scope: CountScope,
    subject: String,
    before: Vec<Count>,
    /// Change these, then [`save`].
    pub now: Vec<Count>,
    /// Written even if nothing has changed: a text that doesn't go out takes the steps of one that does.
    pub touched: bool,
}

type Row = (String, String, i64, i64, String);

/// The counts of these subjects, in their order.
///
/// # Errors
/// When the database refuses, or a row makes no sense.
pub fn load(tx: &mut Tx<'_>, subjects: [(CountScope, &str); 4]) -> Result<[Counts; 4], StoreError> {
    let is = |at: usize| counts::scope.eq(subjects[at].0.as_str()).and(counts::subject.eq(subjects[at].1.to_owned()));
    let rows: Vec<Row> = counts::table
        .filter(is(0).or(is(1)).or(is(2)).or(is(3)))
        .select((counts::scope, counts::subject, counts::window_seconds, counts::newest, counts::shares))
        .rows(tx)?;
    let mut all = subjects.map(|(scope, subject)| Counts {
        scope,
        subject: subject.to_owned(),
        before: Vec::new(),
        now: Vec::new(),
        touched: false,
    });
    for (scope, subject, window, newest, shares) in rows {
        let count = Count::from_stored(Duration::seconds(window), newest, &shares);
        let count = count.ok_or_else(|| StoreError::Corrupt(format!("counts.shares is `{shares}`")))?;
        for counts in all.iter_mut().filter(|counts| counts.scope.as_str() == scope && counts.subject == subject) {
            counts.before.push(count.clone());
            counts.now.push(count.clone());
        }
    }
    Ok(all)
}

/// Keeps what has changed.
///
/// # Errors
/// When the database refuses, or somebody else has changed a count since it was read: then the transaction has to be run
/// again.
pub fn save(tx: &mut Tx<'_>, changed: &Counts) -> Result<(), StoreError> {
    let Counts { scope, subject, before, now, touched } = changed;
    for count in now {
        let window = count.window().whole_seconds();
        let (newest, shares) = count.stored();
        let known = before.iter().find(|before| before.window() == count.window());
        let Some(known) = known else {
            diesel::insert_into(counts::table)
                .values((
                    counts::scope.eq(scope.as_str()),
                    counts::subject.eq(subject),
                    counts::window_seconds.eq(window),
                    counts::newest.eq(newest),
                    counts::shares.eq(shares),
                    counts::over_at.eq(db_time(count.over_at())),
                ))
                .run(tx)?;
            continue;
        };
        if known == count && !touched {
            continue;
        }
        let (known_newest, known_shares) = known.stored();
        let row = counts::scope.eq(scope.as_str()).and(counts::subject.eq(subject)).and(counts::window_seconds.eq(window));
        let as_read = counts::newest.eq(known_newest).and(counts::shares.eq(known_shares));
        let changed = diesel::update(counts::table.filter(row).filter(as_read))
            .set((counts::newest.eq(newest), counts::shares.eq(shares), counts::over_at.eq(db_time(count.over_at()))))
            .run(tx)?;
        if changed == 0 {
            return Err(StoreError::Raced);
        }
    }
    Ok(())
}

/// Moves what a browser was counted to the token that replaces its own.
///
/// # Errors
/// When the database refuses.
pub fn renew_browser(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    let of_browser = counts::scope.eq(CountScope::Browser.as_str()).and(counts::subject.eq(from));
    diesel::update(counts::table.filter(of_browser)).set(counts::subject.eq(to)).run(tx)?;
    Ok(())
}

/// Forgets counts that count nothing any more at `now`, at most `most` of them; says how many.
///
/// # Errors
/// When the database refuses.
pub fn forget_over(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let over = counts::over_at.le(db_time(now));
    let last: Option<PrimitiveDateTime> =
        counts::table.filter(over).order(counts::over_at).offset(most - 1).select(counts::over_at).first_row(tx).optional()?;
    // Fewer than `most` are over, so they all go; or those up to the last of so many.
    let until = last.map_or(now, from_db_time);
    Ok(diesel::delete(counts::table.filter(counts::over_at.le(db_time(until)))).run(tx)?)
}
