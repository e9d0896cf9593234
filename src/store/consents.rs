//! The consent ledger: appends to the chain and reads it back.

use diesel::prelude::*;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::optin::consent::{ConsentKind, ConsentRecord, ConsentSource};
use crate::optin::ledger::{self, SALT_BYTES, SealedRecord};
use crate::optin::phone::PhoneNumber;
use crate::store::schema::{consents, ledger_heads};
use crate::store::statements::{Run as _, columns_of};
use crate::store::{StoreError, Tx, db_time, from_db_time, word};

/// The only chain so far.
const CHAIN: &str = "consents";

/// Appends a record to the chain and returns its `seq`. Each record needs a fresh `salt`.
pub fn append(tx: &mut Tx<'_>, record: &ConsentRecord, salt: &[u8; SALT_BYTES]) -> Result<i64, StoreError> {
    // Read the head each time and never cache it, because commands in other processes move it too.
    let head = ledger_heads::table.find(CHAIN);
    let (seq, previous): (i64, String) = if tx.is_shared() {
        // Take the row as well, so that nobody else appends until this transaction ends.
        let taken = diesel::update(head).set(ledger_heads::seq.eq(ledger_heads::seq + 0));
        taken.returning((ledger_heads::seq, ledger_heads::hash)).row(tx)?
    } else {
        head.select((ledger_heads::seq, ledger_heads::hash)).first_row(tx)?
    };
    let sealed = ledger::seal(record, seq + 1, &previous, salt);
    let erases: Vec<String> = record.erases.iter().map(ToString::to_string).collect();
    diesel::insert_into(consents::table)
        .values((
            consents::seq.eq(sealed.seq),
            consents::format.eq(ledger::FORMAT),
            consents::phone.eq(record.phone.as_ref().map(PhoneNumber::as_str)),
            consents::kind.eq(record.kind.as_str()),
            consents::source.eq(record.source.as_str()),
            consents::disclosure_hash.eq(record.disclosure_hash.as_ref()),
            consents::disclosure_inferred.eq(record.disclosure_inferred),
            consents::locale.eq(record.locale.as_ref()),
            consents::channel.eq(record.channel.as_ref()),
            consents::erases.eq((!erases.is_empty()).then(|| erases.join(","))),
            consents::requested_at.eq(record.requested_at.map(db_time)),
            consents::recorded_at.eq(db_time(record.recorded_at)),
            consents::ip.eq(record.ip.as_ref()),
            consents::user_agent.eq(record.user_agent.as_ref()),
            consents::words.eq(record.words.as_ref()),
            consents::url.eq(record.url.as_ref()),
            consents::inbound_message_id.eq(record.inbound_message_id),
            consents::salt.eq(Some(&sealed.salt)),
            consents::commitments.eq(&sealed.commitments),
            consents::record_digest.eq(&sealed.record_digest),
            consents::previous_hash.eq(&sealed.previous_hash),
            consents::hash.eq(&sealed.hash),
        ))
        .run(tx)?;
    // A trigger moves the head along.
    Ok(sealed.seq)
}

/// Matches the records by which a number opted in.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn is_opt_in() -> _ {
    let (first, again): (&'static str, &'static str) = (ConsentKind::OptedIn.as_str(), ConsentKind::OptedInAgain.as_str());
    consents::kind.eq(first).or(consents::kind.eq(again))
}

/// Returns whether the ledger has an opt-in for this number.
pub fn has_opt_in(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<bool, StoreError> {
    let of_number = consents::phone.eq(phone.as_str()).and(is_opt_in());
    Ok(diesel::select(diesel::dsl::exists(consents::table.filter(of_number))).row(tx)?)
}

/// Finds the opt-in that START goes back to: the number's newest one, unless the carrier has since reported that the number
/// is out of service. Returns the hash of the page on which it was given.
pub fn opt_in_to_go_back_to(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Option<String>, StoreError> {
    let counts = is_opt_in().or(consents::kind.eq(ConsentKind::Closed.as_str()));
    let newest: Option<(String, Option<String>)> = consents::table
        .filter(consents::phone.eq(phone.as_str()).and(counts))
        .order(consents::seq.desc())
        .select((consents::kind, consents::disclosure_hash))
        .first_row(tx)
        .optional()?;
    Ok(newest.filter(|(kind, _)| kind != ConsentKind::Closed.as_str()).and_then(|(_, hash)| hash))
}

/// Returns whether a number opted in, or came back from an opt-out, after `since`.
pub fn came_back_after(tx: &mut Tx<'_>, phone: &PhoneNumber, since: OffsetDateTime) -> Result<bool, StoreError> {
    let came_back = is_opt_in().or(consents::kind.eq(ConsentKind::Reopened.as_str()));
    let later = consents::phone.eq(phone.as_str()).and(consents::recorded_at.gt(db_time(since))).and(came_back);
    Ok(diesel::select(diesel::dsl::exists(consents::table.filter(later))).row(tx)?)
}

/// Counts how often a number changed its mind after `since`, up to `most`.
pub fn changes_of_mind(tx: &mut Tx<'_>, phone: &PhoneNumber, since: OffsetDateTime, most: u32) -> Result<u32, StoreError> {
    // Go by the position in the chain, which the index covers. The newest few records are enough.
    let newest: Vec<(String, PrimitiveDateTime)> = consents::table
        .filter(consents::phone.eq(phone.as_str()))
        .order(consents::seq.desc())
        .limit(i64::from(most))
        .select((consents::kind, consents::recorded_at))
        .rows(tx)?;
    let closed = ConsentKind::Closed.as_str();
    let counted = newest.into_iter().filter(|(kind, at)| kind != closed && from_db_time(*at) > since).count();
    Ok(u32::try_from(counted).unwrap_or(most))
}

/// Returns the newest record's `seq` and hash, or 0 and zeros if there are no records.
pub fn head(tx: &mut Tx<'_>) -> Result<(i64, String), StoreError> {
    Ok(ledger_heads::table.find(CHAIN).select((ledger_heads::seq, ledger_heads::hash)).first_row(tx)?)
}

/// Computes the whole chain again and returns how many records it has. For an erased record, only its place in the chain can
/// still be checked.
///
/// # Errors
/// `Corrupt` with the first record that isn't what the chain says.
pub fn verify_chain(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let (mut seq, mut hash) = (0, hex::encode([0; 32]));
    loop {
        let records = page(tx, seq, CHAIN_PAGE)?;
        if records.is_empty() {
            let head = head(tx)?;
            let is_whole = head == (seq, hash);
            return if is_whole {
                Ok(seq)
            } else {
                Err(StoreError::Corrupt(format!("consents end at {seq}, not at {}", head.0)))
            };
        }
        for (record, sealed) in records {
            let wrong = || StoreError::Corrupt(format!("consents {}: the record isn't what the chain says", sealed.seq));
            let salt = hex::decode(&sealed.salt).ok().and_then(|salt| salt.try_into().ok());
            let is_erased = sealed.salt.is_empty();
            let follows = sealed.seq == seq + 1 && sealed.previous_hash == hash;
            let says_so = match salt {
                Some(salt) => ledger::seal(&record, sealed.seq, &hash, &salt) == sealed,
                None => is_erased && ledger::chain(&hash, &sealed.record_digest) == sealed.hash,
            };
            if !follows || !says_so {
                return Err(wrong());
            }
            (seq, hash) = (sealed.seq, sealed.hash);
        }
    }
}

/// How many records are read at a time.
const CHAIN_PAGE: i64 = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
struct ConsentRow {
    seq: i64,
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

impl TryFrom<ConsentRow> for (ConsentRecord, SealedRecord) {
    type Error = StoreError;

    fn try_from(row: ConsentRow) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("consents {}: {what}", row.seq));
        let phone = row.phone.as_deref().map(|p| PhoneNumber::from_stored(p).ok_or_else(|| corrupt("phone is invalid")));
        let erases = row.erases.as_deref().unwrap_or_default().split(',').filter(|s| !s.is_empty());
        let record = ConsentRecord {
            kind: word(ConsentKind::from_word(&row.kind), "consents.kind", &row.kind)?,
            source: word(ConsentSource::from_word(&row.source), "consents.source", &row.source)?,
            phone: phone.transpose()?,
            erases: erases.map(|s| s.parse().map_err(|_| corrupt("erases is invalid"))).collect::<Result<_, _>>()?,
            disclosure_hash: row.disclosure_hash,
            disclosure_inferred: row.disclosure_inferred,
            locale: row.locale,
            channel: row.channel,
            requested_at: row.requested_at.map(from_db_time),
            recorded_at: from_db_time(row.recorded_at),
            ip: row.ip,
            user_agent: row.user_agent,
            url: row.url,
            words: row.words,
            inbound_message_id: row.inbound_message_id,
        };
        let sealed = SealedRecord {
            seq: row.seq,
            salt: row.salt.unwrap_or_default(),
            commitments: row.commitments,
            record_digest: row.record_digest,
            previous_hash: row.previous_hash,
            hash: row.hash,
        };
        Ok((record, sealed))
    }
}

/// Returns the records after `after`, in the order of the chain, at most `most` of them.
pub fn page(tx: &mut Tx<'_>, after: i64, most: i64) -> Result<Vec<(ConsentRecord, SealedRecord)>, StoreError> {
    let rows: Vec<ConsentRow> = consents::table
        .filter(consents::seq.gt(after))
        .order(consents::seq)
        .limit(most)
        .select(columns_of::<ConsentRow>())
        .rows(tx)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
