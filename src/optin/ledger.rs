//! The ledger's encoding: the exact bytes over which a record's digest and the chain's hash are computed.
//!
//! Owns format 1, which `docs/ledger.md` specifies; a test recomputes the example in that document. Must never change what
//! format 1 means: a new field requires a new format. Personal fields are included only as salted commitments, so erasing
//! them doesn't change any hash.

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

use crate::optin::consent::ConsentRecord;

/// The format of new records.
pub const FORMAT: i32 = 1;
/// The length of a record's salt, in bytes.
pub const SALT_BYTES: usize = 32;
/// The personal fields, in the order of their commitments.
pub const PERSONAL_FIELDS: [&str; 6] = ["phone", "ip", "user_agent", "words", "url", "inbound_message_id"];
/// The `previous_hash` of the first record: 32 zero bytes, in hex.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const TIME_FORMAT: &[FormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// A record's place in the chain: all of its computed columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// Its number, counting from 1 without gaps.
    pub seq: i64,
    /// The salt of the commitments, in hex.
    pub salt: String,
    /// The commitments as stored in the column: a JSON object in the order of [`PERSONAL_FIELDS`].
    pub commitments: String,
    /// The SHA-256 of the record's encoding, in hex.
    pub record_digest: String,
    /// The hash of the previous record, in hex.
    pub previous_hash: String,
    /// The SHA-256 of `previous_hash` and `record_digest`, in hex.
    pub hash: String,
}

/// Seals a record at position `seq`, after the record whose hash is `previous_hash` (64 hex digits).
#[must_use]
pub fn seal(record: &ConsentRecord, seq: i64, previous_hash: &str, salt: &[u8; SALT_BYTES]) -> SealedRecord {
    let commitments = PERSONAL_FIELDS.map(|field| commitment(salt, field, personal(record, field).as_deref()));
    let record_digest = digest(record, seq, &commitments);
    let hash = chain(previous_hash, &record_digest);
    let pairs: Vec<String> =
        PERSONAL_FIELDS.iter().zip(&commitments).map(|(field, hex)| format!("\"{field}\":\"{hex}\"")).collect();
    SealedRecord {
        seq,
        salt: hex::encode(salt),
        commitments: format!("{{{}}}", pairs.join(",")),
        record_digest,
        previous_hash: previous_hash.to_owned(),
        hash,
    }
}

/// Computes the commitment to one personal field: SHA-256 over the salt, the field name, a zero byte, a byte that says
/// whether the value is absent (0) or present (1), and the value.
#[must_use]
pub fn commitment(salt: &[u8; SALT_BYTES], field: &str, value: Option<&str>) -> String {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(field.as_bytes());
    hash.update([0, u8::from(value.is_some())]);
    hash.update(value.unwrap_or_default().as_bytes());
    hex::encode(hash.finalize())
}

/// Computes the chain's hash: SHA-256 over the 32 bytes of `previous_hash` and the 32 bytes of `record_digest`.
#[must_use]
pub fn chain(previous_hash: &str, record_digest: &str) -> String {
    let mut hash = Sha256::new();
    for part in [previous_hash, record_digest] {
        hash.update(hex::decode(part).unwrap_or_default());
    }
    hex::encode(hash.finalize())
}

/// Formats a time for the encoding: UTC, with six fractional digits of a second and a `Z`.
#[must_use]
pub fn encode_time(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC).format(TIME_FORMAT).unwrap_or_default()
}

/// Computes the record's digest: SHA-256 over its items in their fixed order, each written as its length in four bytes
/// followed by its bytes.
#[must_use]
pub fn digest(record: &ConsentRecord, seq: i64, commitments: &[String; PERSONAL_FIELDS.len()]) -> String {
    let erases: Vec<String> = record.erases.iter().map(ToString::to_string).collect();
    let items: [Option<String>; 11] = [
        Some("assent-consent".to_owned()),
        Some(FORMAT.to_string()),
        Some(seq.to_string()),
        Some(record.kind.as_str().to_owned()),
        Some(record.source.as_str().to_owned()),
        record.disclosure_hash.clone(),
        Some(record.disclosure_inferred.to_string()),
        record.locale.clone(),
        record.channel.clone(),
        (!erases.is_empty()).then(|| erases.join(",")),
        record.requested_at.map(encode_time),
    ];
    let mut hash = Sha256::new();
    let last = Some(encode_time(record.recorded_at));
    let all = items.iter().map(Option::as_deref).chain([last.as_deref()]).chain(commitments.iter().map(|c| Some(c.as_str())));
    for item in all {
        match item {
            Some(value) => {
                hash.update(u32::try_from(value.len()).unwrap_or(u32::MAX - 1).to_be_bytes());
                hash.update(value.as_bytes());
            }
            // A length that no value can have marks an absent item.
            None => hash.update(u32::MAX.to_be_bytes()),
        }
    }
    hex::encode(hash.finalize())
}

/// Returns a personal field's value in the text form that the commitment uses.
#[must_use]
pub fn personal(record: &ConsentRecord, field: &str) -> Option<String> {
    match field {
        "phone" => record.phone.as_ref().map(|p| p.as_str().to_owned()),
        "ip" => record.ip.clone(),
        "user_agent" => record.user_agent.clone(),
        "words" => record.words.clone(),
        "url" => record.url.clone(),
        "inbound_message_id" => record.inbound_message_id.map(|id| id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::optin::consent::{ConsentKind, ConsentSource, Evidence};
    use crate::optin::phone::PhoneNumber;

    const DOCUMENT: &str = include_str!("../../docs/ledger.md");

    fn example() -> ConsentRecord {
        let evidence = Evidence {
            disclosure_hash: "ab".repeat(32),
            disclosure_inferred: false,
            ip: "192.0.2.7".to_owned(),
            user_agent: Some(String::new()),
            locale: "en".to_owned(),
            url: "https://texts.acme.example/".to_owned(),
            at: datetime!(2026-11-24 20:31:05.25 UTC),
        };
        let phone = PhoneNumber::from_stored("+12025550147").expect("valid");
        ConsentRecord::opt_in(
            ConsentKind::OptedIn,
            ConsentSource::WebCode,
            phone,
            evidence,
            datetime!(2026-11-24 20:33:05.000001 UTC),
        )
    }

    /// Returns the value of the line `name: value` in the document's example.
    fn documented(name: &str) -> String {
        let line = DOCUMENT.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("docs/ledger.md has no line `{name}: ..`")).trim().to_owned()
    }

    #[test]
    fn the_documents_example_is_what_the_code_computes() {
        let salt: [u8; SALT_BYTES] = std::array::from_fn(|n| u8::try_from(n).expect("small"));
        let sealed = seal(&example(), 1, GENESIS, &salt);
        assert_eq!(documented("salt"), sealed.salt);
        assert_eq!(documented("commitments"), sealed.commitments);
        assert_eq!(documented("record_digest"), sealed.record_digest);
        assert_eq!(documented("previous_hash"), sealed.previous_hash);
        assert_eq!(documented("hash"), sealed.hash);
    }

    /// Recomputes the example from the document alone: from its list of encoded items, not from our structs.
    #[test]
    fn the_example_can_be_recomputed_from_the_document_alone() {
        let from = DOCUMENT.find("```items\n").expect("an items block") + "```items\n".len();
        let block = &DOCUMENT[from..];
        let block = &block[..block.find("```").expect("its end")];
        let mut hash = Sha256::new();
        for line in block.lines() {
            match line {
                "(absent)" => hash.update([0xff; 4]),
                value => {
                    hash.update(u32::try_from(value.len()).expect("short").to_be_bytes());
                    hash.update(value.as_bytes());
                }
            }
        }
        let digest = hex::encode(hash.finalize());
        assert_eq!(digest, documented("record_digest"));
        assert_eq!(chain(&documented("previous_hash"), &digest), documented("hash"));
    }

    #[test]
    fn absent_and_empty_are_told_apart_and_fields_cannot_swap() {
        let salt = [7; SALT_BYTES];
        assert_ne!(commitment(&salt, "words", None), commitment(&salt, "words", Some("")));
        assert_ne!(commitment(&salt, "words", Some("a")), commitment(&salt, "url", Some("a")));
        assert_ne!(commitment(&salt, "words", Some("a")), commitment(&[8; SALT_BYTES], "words", Some("a")));
    }

    #[test]
    fn every_field_of_a_record_changes_its_hash() {
        let salt = [7; SALT_BYTES];
        let base = seal(&example(), 1, GENESIS, &salt).hash;
        let phone = PhoneNumber::from_stored("+12025550148");
        let changed: Vec<ConsentRecord> = vec![
            ConsentRecord { kind: ConsentKind::OptedInAgain, ..example() },
            ConsentRecord { source: ConsentSource::Reply, ..example() },
            ConsentRecord { phone, ..example() },
            ConsentRecord { disclosure_hash: None, ..example() },
            ConsentRecord { disclosure_inferred: true, ..example() },
            ConsentRecord { locale: Some("es".to_owned()), ..example() },
            ConsentRecord { channel: Some("email".to_owned()), ..example() },
            ConsentRecord { erases: vec![1], ..example() },
            ConsentRecord { requested_at: None, ..example() },
            ConsentRecord { recorded_at: datetime!(2026-11-24 20:33:05.000002 UTC), ..example() },
            ConsentRecord { ip: None, ..example() },
            ConsentRecord { user_agent: None, ..example() },
            ConsentRecord { url: None, ..example() },
            ConsentRecord { words: Some("x".to_owned()), ..example() },
            ConsentRecord { inbound_message_id: Some(1), ..example() },
        ];
        for record in changed {
            assert_ne!(seal(&record, 1, GENESIS, &salt).hash, base, "{record:?}");
        }
        assert_ne!(seal(&example(), 2, GENESIS, &salt).hash, base);
        assert_ne!(seal(&example(), 1, &"1".repeat(64), &salt).hash, base);
    }
}
