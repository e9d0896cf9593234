//! Copies everything from one database to another, of either kind (`assent copy-database`).
//!
//! Reads one snapshot of the source, page by page, so that memory use stays small and a server may keep writing there. The target
//! must be empty. Afterward, the rows that arrived are counted, and the chain of consents is computed again.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use time::PrimitiveDateTime;

use crate::store::connection::{self, AnyConnection};
use crate::store::consents as ledger;
use crate::store::statements::{Run as _, columns_of};
use crate::store::{DatabaseUrl, StoreError, Tx, installation, schema};

/// How many rows are read and written at a time.
const PAGE: i64 = 1_000;

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Rows of all tables.
    pub rows: u64,
    /// Records in the chain of consents.
    pub records: i64,
}

/// Defines each table's row type and how its rows are copied: in the order of its key.
macro_rules! tables {
    ($($table:ident by $key:ident $(and $second:ident)? { $($column:ident: $type:ty,)+ })+) => {
        /// The tables that are copied, each after those that it refers to. The head of the chain moves along with its records,
        /// and the installation's row is there from the start.
        #[cfg(test)]
        const TABLES: &[&str] = &[$(stringify!($table)),+];

        $(mod $table {
            use super::*;

            #[derive(Clone, Queryable, Selectable, Insertable)]
            #[diesel(table_name = schema::$table)]
            struct Row {
                $($column: $type,)+
            }

            pub(super) fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
                Ok(schema::$table::table.count().row(tx)?)
            }

            pub(super) fn copy(from: &mut Tx<'_>, to: &mut AnyConnection, progress: &mut Progress<'_>) -> Result<(), StoreError> {
                use schema::$table::dsl;
                let mut last: Option<Row> = None;
                loop {
                    let page = dsl::$table.order((dsl::$key, $(dsl::$second)?)).limit(PAGE).select(columns_of::<Row>());
                    let rows: Vec<Row> = match last {
                        None => page.rows(from)?,
                        Some(last) => page.filter(after!(dsl, last, $key $(, $second)?)).rows(from)?,
                    };
                    to.begin_writing()?;
                    for row in &rows {
                        diesel::insert_into(dsl::$table).values(row.clone()).run(&mut Tx { conn: to })?;
                    }
                    to.commit()?;
                    progress.add(stringify!($table), rows.len());
                    last = rows.into_iter().next_back();
                    if last.is_none() {
                        return Ok(());
                    }
                }
            }
        })+

        fn counts_of(tx: &mut Tx<'_>) -> Result<Vec<(&'static str, i64)>, StoreError> {
            Ok(vec![$((stringify!($table), $table::count(tx)?)),+])
        }

        fn copy_all(from: &mut Tx<'_>, to: &mut AnyConnection, progress: &mut Progress<'_>) -> Result<(), StoreError> {
            $($table::copy(from, to, progress)?;)+
            Ok(())
        }
    };
}

/// Matches the rows after `$last`.
macro_rules! after {
    ($dsl:ident, $last:ident, $key:ident) => {
        $dsl::$key.gt($last.$key)
    };
    ($dsl:ident, $last:ident, $key:ident, $second:ident) => {
        $dsl::$key.gt($last.$key.clone()).or($dsl::$key.eq($last.$key).and($dsl::$second.gt($last.$second)))
    };
}

tables! {
    disclosures by hash {
        hash: String,
        facts_hash: String,
        locale: String,
        kind: String,
        text: String,
        html: String,
        created_at: PrimitiveDateTime,
    }
    inbound_messages by id {
        id: i64,
        provider: String,
        provider_message_id: String,
        phone: Option<String>,
        text: Option<String>,
        keyword: Option<String>,
        received_at: PrimitiveDateTime,
        review_by: Option<PrimitiveDateTime>,
        review_rank: i32,
        mailed_at: Option<PrimitiveDateTime>,
    }
    inbound_parts by id {
        id: i64,
        provider: String,
        provider_message_id: String,
        phone: Option<String>,
        sent_to: String,
        reference: String,
        part: i32,
        parts: i32,
        text: Option<String>,
        waiting: bool,
        received_at: PrimitiveDateTime,
    }
    sessions by id {
        id: i64,
        name: String,
        site: String,
        way: String,
        site_ref: String,
        phone: Option<String>,
        phone_shown: bool,
        locale: Option<String>,
        return_url: String,
        cancel_url: String,
        state: String,
        created_at: PrimitiveDateTime,
        expires_at: PrimitiveDateTime,
        code_hash: Option<String>,
        code_expires_at: Option<PrimitiveDateTime>,
        exchanged_at: Option<PrimitiveDateTime>,
        idempotency_key: Option<String>,
        request_digest: Option<String>,
        forget_at: Option<PrimitiveDateTime>,
    }
    signing_keys by id {
        id: String,
        jwk: String,
        created_at: PrimitiveDateTime,
    }
    verifications by id {
        id: i64,
        reference: String,
        browser: Option<String>,
        phone: Option<String>,
        phone_typed: Option<String>,
        state: String,
        method: Option<String>,
        attempts: i32,
        resends: i32,
        caused_text: bool,
        disclosure_hash: String,
        disclosure_inferred: bool,
        ip: Option<String>,
        user_agent: Option<String>,
        locale: String,
        url: Option<String>,
        consented_at: PrimitiveDateTime,
        last_request_at: PrimitiveDateTime,
        created_at: PrimitiveDateTime,
        expires_at: PrimitiveDateTime,
        verified_at: Option<PrimitiveDateTime>,
        reply_generation: i32,
        reply_first: i32,
        reply_requested: i32,
        wrong_entry: Option<String>,
        consent_revoked: bool,
        prior_browser: Option<String>,
        address: Option<String>,
        network: Option<String>,
        charges: i32,
        forget_at: Option<PrimitiveDateTime>,
        session_id: Option<i64>,
    }
    codes by id {
        id: i64,
        verification_id: i64,
        phone: String,
        kind: String,
        generation: Option<i32>,
        lookup: String,
        salt: Option<String>,
        hash: Option<String>,
        issued_at: PrimitiveDateTime,
        expires_at: PrimitiveDateTime,
    }
    number_failures by phone {
        phone: String,
        failures: i32,
        forget_at: Option<PrimitiveDateTime>,
    }
    counts by scope and subject {
        scope: String,
        subject: String,
        shares: String,
        version: i64,
        over_at: PrimitiveDateTime,
    }
    consents by seq {
        seq: i64,
        format: i32,
        phone: Option<String>,
        kind: String,
        source: String,
        disclosure_hash: Option<String>,
        disclosure_inferred: bool,
        locale: Option<String>,
        channel: Option<String>,
        erases: Option<String>,
        requested_at: Option<PrimitiveDateTime>,
        recorded_at: PrimitiveDateTime,
        ip: Option<String>,
        user_agent: Option<String>,
        words: Option<String>,
        url: Option<String>,
        inbound_message_id: Option<i64>,
        salt: Option<String>,
        commitments: String,
        record_digest: String,
        previous_hash: String,
        hash: String,
    }
    subscribers by id {
        id: i64,
        phone: String,
        standing: String,
        locale: String,
        consent_seq: Option<i64>,
        verified_at: Option<PrimitiveDateTime>,
        subscribed_at: Option<PrimitiveDateTime>,
        opted_out_at: Option<PrimitiveDateTime>,
    }
    messages by id {
        id: i64,
        phone: Option<String>,
        kind: String,
        basis: String,
        consent_seq: Option<i64>,
        verification_id: Option<i64>,
        inbound_message_id: Option<i64>,
        status: String,
        text: Option<String>,
        sealed_text: Option<String>,
        attempts: i32,
        due_at: PrimitiveDateTime,
        provider: Option<String>,
        provider_message_id: Option<String>,
        error: Option<String>,
        permanent: bool,
        queued_at: PrimitiveDateTime,
        expires_at: Option<PrimitiveDateTime>,
        claimed_until: Option<PrimitiveDateTime>,
        sent_at: Option<PrimitiveDateTime>,
        delivered_at: Option<PrimitiveDateTime>,
    }
    message_parts by provider and provider_message_id {
        provider: String,
        provider_message_id: String,
        message_id: i64,
    }
    early_receipts by provider and provider_message_id {
        provider: String,
        provider_message_id: String,
        outcome: String,
        error: Option<String>,
        received_at: PrimitiveDateTime,
    }
    emails by id {
        id: i64,
        kind: String,
        facts: String,
        status: String,
        attempts: i32,
        error: Option<String>,
        queued_at: PrimitiveDateTime,
        due_at: PrimitiveDateTime,
        claimed_until: Option<PrimitiveDateTime>,
        sent_at: Option<PrimitiveDateTime>,
    }
}

/// Counts the rows of all tables.
pub(super) fn count_rows(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(counts_of(tx)?.into_iter().map(|(_, rows)| rows).sum())
}

/// Counts the rows copied so far and reports them.
struct Progress<'a> {
    rows: u64,
    say: &'a mut dyn FnMut(&'static str, u64),
}

impl Progress<'_> {
    fn add(&mut self, table: &'static str, rows: usize) {
        self.rows += u64::try_from(rows).unwrap_or_default();
        (self.say)(table, self.rows);
    }
}

/// Copies a database. `say` is called with the table and the number of rows so far.
///
/// # Errors
/// If the target isn't empty, or doesn't match the source in the end.
pub fn copy(from: &DatabaseUrl, to: &DatabaseUrl, say: &mut dyn FnMut(&'static str, u64)) -> Result<Copied, StoreError> {
    let mut source = connection::open_to_read(from)?;
    let mut target = connection::create(to)?;
    source.be_patient()?;
    target.be_patient()?;
    connection::migrate(&mut target)?;
    if counts_of(&mut Tx { conn: &mut target })?.iter().any(|(_, rows)| *rows > 0) {
        return Err(StoreError::Copy(format!("{to} already holds data: name an empty database")));
    }
    source.batch_execute(match source {
        AnyConnection::Sqlite(_) => "BEGIN",
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    })?;
    let mut source = Tx { conn: &mut source };
    let (wanted, wanted_head) = (counts_of(&mut source)?, ledger::head(&mut source)?);
    let key_check = installation::key_check(&mut source)?;
    let mut progress = Progress { rows: 0, say };
    copy_all(&mut source, &mut target, &mut progress)?;
    target.continue_numbering()?;
    let rows = progress.rows;
    let mut target = Tx { conn: &mut target };
    if let Some(key_check) = key_check {
        installation::keep_key_check(&mut target, &key_check)?;
    }
    for ((table, wanted), (_, found)) in wanted.into_iter().zip(counts_of(&mut target)?) {
        if wanted != found {
            return Err(StoreError::Corrupt(format!("{table}: {wanted} rows were to be copied, but {found} arrived")));
        }
    }
    let records = ledger::verify_chain(&mut target)?;
    if wanted_head != ledger::head(&mut target)? {
        return Err(StoreError::Corrupt("the chain of consents ends with a different record in the source".to_owned()));
    }
    Ok(Copied { rows, records })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_copied() {
        let schema = include_str!("schema.rs");
        let mut tables: Vec<&str> =
            schema.split("diesel::table! {").skip(1).filter_map(|table| table.split_whitespace().next()).collect();
        tables.retain(|table| !["installation", "ledger_heads", "locks"].contains(table));
        let mut copied = TABLES.to_vec();
        copied.sort_unstable();
        tables.sort_unstable();
        assert_eq!(copied, tables);
    }

    #[test]
    fn every_column_is_copied() {
        let (schema, copied) = (include_str!("schema.rs"), include_str!("copy.rs"));
        for table in TABLES {
            let start = schema.find(&format!(" {table} (")).expect("its table");
            let columns = schema[start..].lines().skip(1).take_while(|line| line.trim() != "}");
            let begin = copied.find(&format!("    {table} by ")).expect("its row");
            let row: Vec<&str> = copied[begin..].lines().skip(1).take_while(|line| line.trim() != "}").collect();
            for column in columns.filter_map(|line| line.split(" -> ").next()).map(str::trim) {
                assert!(row.iter().any(|line| line.trim().starts_with(&format!("{column}: "))), "{table}.{column} isn't copied");
            }
        }
    }
}
