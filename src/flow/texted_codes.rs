//! The codes that are texted: drawing them, and writing the text that carries one.
//!
//! A number that gets no text has the same rows. Its text is written as dropped and its code as expired, so that neither the page
//! nor its response time tells numbers apart.

use crate::app::App;
use crate::clock::{dice, random_bytes};
use crate::flow::deliver::seal_purpose;
use crate::flow::outgoing::Outgoing;
use crate::flow::page_codes;
use crate::flow::texts;
use crate::optin::caps::Admission;
use crate::optin::code::{Code, CodeBinding, hashes_match};
use crate::optin::message::{MessageKind, mask_codes};
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::IssuedCode;
use crate::store::codes::{CodeWay, StoredCode};
use crate::store::messages::{Basis, Fate, NewMessage};
use crate::store::{StoreError, Tx, codes};

/// The most draws for a code that differs from every live one of the number. No number has so many live codes that all of these
/// draws fail.
const DRAWS: usize = 1_000;

/// What a request's codes belong to.
#[derive(Clone, Copy)]
pub(super) struct CodeOwner<'a> {
    /// The number.
    pub(super) phone: &'a PhoneNumber,
    /// The verification's own random reference.
    pub(super) reference: &'a str,
    /// The hash of the browser's token.
    pub(super) browser: &'a str,
    /// The language of the page.
    pub(super) locale: &'a str,
}

/// The two codes of a request: the one to text, and the page's own.
pub(super) struct FreshCodes {
    code: Code,
    texted: StoredCode,
    /// The page's own.
    pub(super) shown: StoredCode,
    /// The generation of the page's own code.
    pub(super) generation: u32,
}

/// Draws the codes of a request. Both differ from every live code of the number, in any browser. `after` is the last generation
/// of the page's own code.
pub(super) fn draw(
    tx: &mut Tx<'_>,
    app: &App,
    owner: CodeOwner<'_>,
    after: u32,
    issued: IssuedCode,
) -> Result<FreshCodes, StoreError> {
    let mut dice = dice();
    let mut draw_code = || Code::draw(app.config.verification.code_length, &mut dice);
    let mut code = draw_code();
    let mut generation = after + 1;
    let mut shown = page_codes::next(app, owner.phone, owner.reference, after, issued);
    let mut lookup = code.lookup(&app.keys.codes, owner.phone);
    for _ in 0..DRAWS {
        let taken = codes::taken(tx, owner.phone, [&lookup, &shown.lookup], issued.issued_at)?;
        if taken.contains(&shown.lookup) {
            shown = page_codes::next(app, owner.phone, owner.reference, generation, issued);
            generation += 1;
        } else if taken.contains(&lookup) || lookup == shown.lookup {
            code = draw_code();
            lookup = code.lookup(&app.keys.codes, owner.phone);
        } else {
            break;
        }
    }
    let salt = random_bytes();
    let hash = code.hash(&app.keys.codes, &salt, binding(owner));
    Ok(FreshCodes { texted: StoredCode { lookup, issued, way: CodeWay::Texted { salt, hash } }, code, shown, generation })
}

/// Stores the codes of a request, and writes its text if codes are texted at all.
pub(super) fn write(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    owner: CodeOwner<'_>,
    verification: i64,
    fresh: &FreshCodes,
    admission: Option<Admission>,
) -> Result<(), StoreError> {
    page_codes::keep(tx, app, verification, owner.phone, &fresh.shown)?;
    let Some(admission) = admission else { return Ok(()) };
    let IssuedCode { issued_at, expires_at } = fresh.texted.issued;
    let text = texts::code(&app.config, &app.render(), owner.locale, &fresh.code, expires_at - issued_at)
        .map_err(|error| StoreError::GaveUp(Box::new(error)))?;
    let sealed = app.keys.seal(&text, &seal_purpose(owner.phone));
    let refusal = admission.refusal();
    let mut texted = fresh.texted.clone();
    if refusal.is_some() {
        texted.issued.expires_at = issued_at;
    }
    codes::add(tx, verification, owner.phone, &texted)?;
    let new = NewMessage {
        phone: owner.phone,
        kind: MessageKind::Code,
        basis: Basis::Verification(verification),
        text: &mask_codes(&text),
        sealed_text: Some(&sealed),
        fate: refusal.map_or(Fate::Queued, Fate::Dropped),
        queued_at: issued_at,
        expires_at: Some(expires_at),
    };
    outgoing.add(tx, &new)
}

/// Returns the position of an entry among the texted codes of a verification, in the order of issue. All of them are compared.
pub(super) fn place_of(app: &App, owner: CodeOwner<'_>, texted: &[StoredCode], entry: &Code) -> Option<usize> {
    let is_it = |known: &StoredCode| match &known.way {
        CodeWay::Texted { salt, hash } => hashes_match(&entry.hash(&app.keys.codes, salt, binding(owner)), hash),
        CodeWay::Shown { .. } => false,
    };
    texted.iter().map(is_it).collect::<Vec<_>>().iter().position(|hit| *hit)
}

const fn binding(owner: CodeOwner<'_>) -> CodeBinding<'_> {
    CodeBinding { phone: owner.phone, verification: owner.reference, browser: owner.browser }
}
