//! Changes of standing that don't come from the web page: an opt-out from any source, and a number that the carrier reports as
//! deactivated.

use time::OffsetDateTime;

use crate::app::App;
use crate::clock::random_bytes;
use crate::optin::consent::{ConsentKind, ConsentRecord};
use crate::optin::phone::PhoneNumber;
use crate::optin::subscriber::{self, FAILURES_TO_CLOSE};
use crate::store::{StoreError, Tx, codes, consents, outbox, receipts, subscribers, verifications};

/// Opts a number out, and appends the record if that is new. Returns whether it is. No text that was queued before is sent or
/// retried.
pub(super) fn opt_out(tx: &mut Tx<'_>, phone: &PhoneNumber, locale: &str, record: &ConsentRecord) -> Result<bool, StoreError> {
    let standing = subscribers::find(tx, phone)?.map(|subscriber| subscriber.standing);
    let news = subscriber::opt_out_is_news(standing);
    if news {
        subscribers::opt_out(tx, phone, locale, record.recorded_at)?;
    }
    verifications::revoke_consent(tx, phone)?;
    codes::delete_texted_of_number(tx, phone)?;
    outbox::end_all_of_number(tx, phone)?;
    if news {
        consents::append(tx, record, &random_bytes())?;
    }
    Ok(news)
}

/// Opts a number out because the provider says that the person opted out there, about a text that was queued at `queued_at`. Such
/// reports arrive up to three days late, so they're ignored if the person came back after that text, by START or on the page.
pub(super) fn opt_out_by_provider(
    tx: &mut Tx<'_>,
    app: &App,
    phone: &PhoneNumber,
    why: &str,
    queued_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    if consents::came_back_after(tx, phone, queued_at)? {
        return Ok(());
    }
    let record = ConsentRecord::by_provider(ConsentKind::OptedOut, phone.clone(), why.to_owned(), now);
    opt_out(tx, phone, &app.config.default_locale, &record)?;
    Ok(())
}

/// Closes a number if too many of its texts in a row have failed permanently.
pub(super) fn close_if_dead(
    tx: &mut Tx<'_>,
    app: &App,
    phone: &PhoneNumber,
    why: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let standing = subscribers::find(tx, phone)?.map(|subscriber| subscriber.standing);
    let failures = receipts::failures_for_good(tx, phone, FAILURES_TO_CLOSE)?;
    if subscriber::closes(standing, failures) {
        subscribers::close(tx, phone, &app.config.default_locale)?;
        let record = ConsentRecord::by_provider(ConsentKind::Closed, phone.clone(), why.to_owned(), now);
        consents::append(tx, &record, &random_bytes())?;
    }
    Ok(())
}
