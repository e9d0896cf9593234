//! The codes that pages show for people to text in. They're derived, so only their keyed hashes are stored.

use time::OffsetDateTime;

use crate::app::App;
use crate::optin::code::Code;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::{IssuedCode, ReplyGenerations, VerificationMethod, code_expires_at};
use crate::store::codes::{CodeWay, StoredCode};
use crate::store::verifications::{NewRequest, Verification};
use crate::store::{StoreError, Tx, codes};

/// Returns the code that a page shows.
pub(super) fn reply_code(app: &App, reference: &str, generation: u32) -> Code {
    Code::derive(&app.keys.reply_codes, reference, generation, app.config.verification.code_length)
}

/// Returns the next code of a verification's page in its stored form; `after` is the last generation.
pub(super) fn next(app: &App, phone: &PhoneNumber, reference: &str, after: u32, issued: IssuedCode) -> StoredCode {
    let generation = after + 1;
    let lookup = reply_code(app, reference, generation).lookup(&app.keys.codes, phone);
    StoredCode { lookup, issued, way: CodeWay::Shown { generation } }
}

/// Returns the generation of a code that a page shows; `None` for a texted code.
pub(super) const fn generation_of(code: &StoredCode) -> Option<u32> {
    match code.way {
        CodeWay::Shown { generation } => Some(generation),
        CodeWay::Texted { .. } => None,
    }
}

/// Returns whether `code` is one that the verification's page shows or has shown, and that is good at `now`.
pub(super) fn is_good(code: &StoredCode, of: ReplyGenerations, now: OffsetDateTime) -> bool {
    generation_of(code).is_some_and(|generation| generation >= of.first) && now < code.issued.expires_at
}

/// Stores a code that the page shows, if it shows any.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    app: &App,
    verification: i64,
    phone: &PhoneNumber,
    shown: &StoredCode,
) -> Result<(), StoreError> {
    if app.config.offers(VerificationMethod::ReplyCode) {
        codes::add(tx, verification, phone, shown)?;
    }
    Ok(())
}

/// Returns what a request for another code changes in its verification, whose page shows `reply` from now on.
pub(super) fn renewed(
    app: &App,
    current: &Verification,
    reply: ReplyGenerations,
    same_address: bool,
    now: OffsetDateTime,
) -> NewRequest {
    NewRequest { reply, expires_at: code_expires_at(current.created_at, now, &app.config.verification), same_address, at: now }
}
