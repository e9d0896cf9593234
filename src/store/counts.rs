//! Counts of accepted requests and texts by address, by network and by browser, and for the whole site.
//!
//! Each subject has one row, no matter how much it counts. A row changes only if it still has the version that was read, so a
//! count stays exact while others write.

use diesel::dsl::exists;
use diesel::prelude::*;
use time::OffsetDateTime;

use crate::optin::counts::Count;
use crate::optin::verification::VerificationState;
use crate::store::locks;
use crate::store::schema::{counts, verifications};
use crate::store::statements::{InsertRows, Run as _, Value};
use crate::store::{StoreError, Tx, db_time};

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
    /// Requests from an address or a browser that drew on the site's reserve.
    Reserve,
}

impl CountScope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
            Self::Browser => "browser",
            Self::Site => "site",
            Self::Reserve => "reserve",
        }
    }
}

/// The counts of one subject, one per window.
#[derive(Debug, Clone)]
pub struct Counts {
    scope: CountScope,
    subject: String,
    /// 0 if there was no row.
    version: i64,
    windows: Vec<Count>,
    changed: bool,
}

impl Counts {
    /// Returns empty counts.
    #[must_use]
    pub fn none(scope: CountScope, subject: &str) -> Self {
        Self { scope, subject: subject.to_owned(), version: 0, windows: Vec::new(), changed: false }
    }

    /// Returns the counts.
    #[must_use]
    pub fn all(&self) -> &[Count] {
        &self.windows
    }

    /// Returns the counts so that the caller can change them. [`save`] then writes them, whether or not they changed, so that a
    /// text that doesn't go out takes the same steps as one that does.
    pub fn all_mut(&mut self) -> &mut Vec<Count> {
        self.changed = true;
        &mut self.windows
    }

    /// Returns whether these are the counts that were read as `earlier`.
    #[must_use]
    pub const fn is_unchanged_since(&self, earlier: &Self) -> bool {
        self.version == earlier.version
    }

    /// Returns whether the caller has changed them.
    #[must_use]
    pub const fn is_changed(&self) -> bool {
        self.changed
    }

    /// Returns the same counts for another subject.
    #[must_use]
    pub fn moved_to(self, subject: &str) -> Self {
        Self { subject: subject.to_owned(), version: 0, changed: true, ..self }
    }
}

/// Loads the counts of these subjects, in the same order, and whether the browser or somebody at the address has ever verified a
/// number. Both are read in one statement, so that a request takes no extra statement when the site is down to its reserve.
/// Without any counts, the latter is `false`: the site has its whole day's texts then.
pub fn load(
    tx: &mut Tx<'_>,
    subjects: [(CountScope, &str); 6],
    browser: &str,
    address: &str,
) -> Result<([Counts; 6], bool), StoreError> {
    let is = |at: usize| counts::scope.eq(subjects[at].0.as_str()).and(counts::subject.eq(subjects[at].1.to_owned()));
    let of_browser = verifications::table
        .filter(verifications::browser.eq(browser).and(verifications::state.eq(VerificationState::Verified.as_str())));
    let of_address =
        verifications::table.filter(verifications::address.eq(address).and(verifications::verified_at.is_not_null()));
    let known = exists(of_browser).or(exists(of_address));
    let rows: Vec<(String, String, String, i64, bool)> = counts::table
        .filter(is(0).or(is(1)).or(is(2)).or(is(3)).or(is(4)).or(is(5)))
        .select((counts::scope, counts::subject, counts::shares, counts::version, known))
        .rows(tx)?;
    let mut all = subjects.map(|(scope, subject)| Counts::none(scope, subject));
    let mut is_known = false;
    for (scope, subject, shares, version, known) in rows {
        is_known = known;
        let read = windows(&shares)?;
        if let Some(counts) = all.iter_mut().find(|counts| counts.scope.as_str() == scope && counts.subject == subject) {
            counts.version = version;
            counts.windows = read;
        }
    }
    Ok((all, is_known))
}

/// Waits until no other transaction changes the counts of these subjects, which must be in the order that `locks` sets.
pub fn take(tx: &mut Tx<'_>, subjects: &[(CountScope, &str)]) -> Result<(), StoreError> {
    locks::take(tx, || subjects.iter().map(|(scope, subject)| format!("{} {subject}", scope.as_str())).collect())
}

/// Takes the site's counts until the transaction ends, and returns them as they are now. On SQLite, nobody else can have
/// changed them, so this returns `None`.
pub fn take_site(tx: &mut Tx<'_>) -> Result<Option<Counts>, StoreError> {
    if !tx.is_shared() {
        return Ok(None);
    }
    let site = (CountScope::Site, "");
    take(tx, &[site])?;
    let row: Option<(String, i64)> =
        counts::table.find((site.0.as_str(), site.1)).select((counts::shares, counts::version)).first_row(tx).optional()?;
    let Some((shares, version)) = row else { return Ok(Some(Counts::none(site.0, site.1))) };
    Ok(Some(Counts { version, windows: windows(&shares)?, ..Counts::none(site.0, site.1) }))
}

fn windows(shares: &str) -> Result<Vec<Count>, StoreError> {
    let read: Option<Vec<Count>> = shares.split(';').map(Count::from_stored).collect();
    read.ok_or_else(|| StoreError::Corrupt(format!("counts.shares is `{shares}`")))
}

/// Writes all changed counts in one statement.
///
/// # Errors
/// Returns [`StoreError::Raced`] if somebody else has changed a count since it was read. The transaction then has to run again.
pub fn save<'a>(tx: &mut Tx<'_>, all: impl IntoIterator<Item = &'a Counts>) -> Result<(), StoreError> {
    let changed: Vec<&Counts> = all.into_iter().filter(|counts| counts.changed && !counts.windows.is_empty()).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let row = |of: &&Counts| {
        let shares = of.windows.iter().map(Count::stored).collect::<Vec<_>>().join(";");
        let over_at = of.windows.iter().map(Count::over_at).max().unwrap_or(OffsetDateTime::UNIX_EPOCH);
        vec![
            Value::Text(of.scope.as_str().to_owned()),
            Value::Text(of.subject.clone()),
            Value::Text(shares),
            Value::Number(of.version + 1),
            Value::Time(db_time(over_at)),
        ]
    };
    let upsert = InsertRows {
        into: "INSERT INTO counts (scope, subject, shares, version, over_at) VALUES ",
        rows: changed.iter().map(row).collect(),
        on_conflict: "ON CONFLICT (scope, subject) DO UPDATE SET shares = excluded.shares, version = excluded.version, \
                      over_at = excluded.over_at WHERE counts.version = excluded.version - 1",
    };
    if upsert.changed(tx)? == changed.len() { Ok(()) } else { Err(StoreError::Raced) }
}

/// Deletes counts that no longer count anything at `now`, at most `most` of them. Returns how many. It deletes them by key,
/// because all counts that ended in the same minute have the same end.
pub fn forget_over(tx: &mut Tx<'_>, now: OffsetDateTime, most: i64) -> Result<usize, StoreError> {
    let over: Vec<(String, String)> = counts::table
        .filter(counts::over_at.le(db_time(now)))
        .order(counts::over_at)
        .limit(most)
        .select((counts::scope, counts::subject))
        .rows(tx)?;
    for key in &over {
        // It may have been counted again in the meantime.
        diesel::delete(counts::table.find((&key.0, &key.1)).filter(counts::over_at.le(db_time(now)))).run(tx)?;
    }
    Ok(over.len())
}
