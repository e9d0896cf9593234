//! What templates are given: facts and message keys, never sentences.

pub mod samples;
mod session;
mod simulator;

use std::borrow::Cow;

use qrcode::canvas::{Canvas, MaskPattern};
use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::flow::status::PendingStatus;
use crate::optin::code::{Code, CodeError};
use crate::optin::phone::PhoneError;
use crate::optin::verification::{Resend, whole_minutes};
use crate::render::{Arguments, Render, RenderError};
use time::Duration;

pub use session::{SessionEndedView, SessionView, shown_number};
pub use simulator::{SimulatorView, SizeView};

/// One thing that is wrong with a form: the field it is about (empty if none) and the message's key.
#[derive(Debug, Clone, Serialize, Default, PartialEq, Eq)]
pub struct FormError {
    /// The field's id.
    pub field: &'static str,
    /// The message in the catalog.
    pub key: String,
    /// The number as typed, for messages that mention it.
    pub phone: String,
    /// The attempts left, for messages that mention them.
    pub left: u32,
    /// A wait in words, for messages that mention one.
    pub wait: String,
}

impl FormError {
    /// Creates an error about the number.
    #[must_use]
    pub fn phone(error: PhoneError, typed: &str) -> Self {
        Self { field: "phone", key: format!("phone-error-{}", error.key()), phone: typed.trim().to_owned(), ..Self::default() }
    }

    /// Creates an error about the entered code.
    #[must_use]
    pub fn code(key: &str) -> Self {
        Self { field: "code", key: format!("code-error-{key}"), ..Self::default() }
    }

    /// Creates an error about an entry that can't be a code.
    #[must_use]
    pub fn unreadable_code(error: CodeError) -> Self {
        Self::code(error.key())
    }

    /// Creates an error whose message needs no further facts.
    #[must_use]
    pub fn plain(field: &'static str, key: &str) -> Self {
        Self { field, key: key.to_owned(), ..Self::default() }
    }
}

/// `page/start.html`
#[derive(Debug, Clone, Serialize)]
pub struct StartView {
    /// The number as typed.
    pub phone: String,
    /// Whether the box is checked.
    pub consent: bool,
    /// What is wrong.
    pub errors: Vec<FormError>,
    /// The session that a site made, if the page belongs to one.
    pub session: Option<SessionView>,
    /// The URL of the page in another language, up to the language code.
    pub switch: Cow<'static, str>,
}

impl StartView {
    /// Returns the page as everybody first gets it.
    #[must_use]
    pub const fn fresh() -> Self {
        let switch = Cow::Borrowed("/?lang=");
        Self { phone: String::new(), consent: false, errors: Vec::new(), session: None, switch }
    }
}

/// `page/ended.html`
#[derive(Debug, Clone, Serialize)]
pub struct EndedView {
    /// `expired` or `locked`.
    pub why: &'static str,
    /// The number as typed.
    pub phone: String,
    /// Never checked, since consent has to be given again.
    pub consent: bool,
    /// Always empty.
    pub errors: Vec<FormError>,
    /// The session that a site made, if the page belongs to one.
    pub session: Option<SessionView>,
    /// The URL of the page in another language, up to the language code.
    pub switch: &'static str,
}

impl EndedView {
    /// Creates the page of a verification that has ended.
    #[must_use]
    pub const fn new(why: &'static str, phone: String, session: Option<SessionView>) -> Self {
        Self { why, phone, consent: false, errors: Vec::new(), session, switch: "/code?lang=" }
    }
}

/// `page/code.html`
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, asked for by its name")]
pub struct CodeView {
    /// Identifies the verification in the form.
    pub verification: String,
    /// The number.
    pub phone: String,
    /// The entry that was wrong, to be corrected; otherwise empty.
    pub code: String,
    /// Minutes until the newest code expires, to the nearest one.
    pub minutes: i64,
    /// The same in seconds.
    pub expires_in: i64,
    /// Whether a new code was requested.
    pub resent: bool,
    /// `now`, `wait`, `none`, `too_many` or `paused`.
    pub resend: &'static str,
    /// Seconds until a new code may be requested.
    pub wait_seconds: i64,
    /// The same in words.
    pub wait: String,
    /// Whether codes are texted at all.
    pub texts: bool,
    /// The same as `yes` or `no`, for messages.
    pub texts_form: &'static str,
    /// Whether the site has no texts left for this browser.
    pub paused: bool,
    /// Whether texts arrive late, for everybody.
    pub delayed: bool,
    /// Whether START reaches us, so that the page may mention it.
    pub start_reaches_us: bool,
    /// Whether the page's own code lifts an opt-out, as START does.
    pub code_lifts: bool,
    /// Whether the text should have arrived by now.
    pub overdue: bool,
    /// Seconds until it should have arrived; 0 once it should have.
    pub overdue_in: i64,
    /// Whether the page's own code comes first because texts are off, paused, delayed, used up or overdue.
    pub reply_first: bool,
    /// `yes` if the page is about the texted code, `no` if it is about the page's own.
    pub about_texts: &'static str,
    /// The page's own code, if it may be texted in.
    pub reply: Option<ReplyView>,
    /// `yes` if there is such a code, or else `no`, for messages.
    pub reply_form: &'static str,
    /// What is wrong.
    pub errors: Vec<FormError>,
    /// The URL of the page in another language, up to the language code.
    pub switch: &'static str,
}

/// The page's own code, to be texted in.
#[derive(Debug, Clone, Serialize)]
pub struct ReplyView {
    /// The code, in two groups of digits.
    pub code: String,
    /// A link that opens a text with everything filled in.
    pub href: String,
    /// The same link as a QR code: its width in modules, including the quiet zone.
    pub qr_width: usize,
    /// Its dark modules, as an SVG path.
    pub qr_path: String,
}

impl ReplyView {
    /// Creates the view for texting `code` to `sender`.
    #[must_use]
    pub fn new(sender: &str, code: &Code) -> Self {
        // Both kinds of phone understand "?&body=": one reads "?body=", the other "&body=".
        let href = format!("sms:{sender}?&body={}", code.digits());
        let (qr_width, qr_path) = qr(&href);
        Self { code: code.grouped(), href, qr_width, qr_path }
    }
}

/// The width of the white border around a QR code, in modules (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// Returns the width of a QR code and the path of its dark modules, row by row; empty if the text is too long for one.
fn qr(text: &str) -> (usize, String) {
    use std::fmt::Write as _;
    let Ok((width, modules)) = modules(text.as_bytes()) else { return (0, String::new()) };
    let mut path = String::new();
    for (row, modules) in modules.chunks(width).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|one, other| one == other) {
            if run[0] == qrcode::Color::Dark {
                let _ = write!(path, "M{} {}h{}v1h-{}z", column + QUIET_ZONE, row + QUIET_ZONE, run.len(), run.len());
            }
            column += run.len();
        }
    }
    (width + 2 * QUIET_ZONE, path)
}

/// Returns how many modules a row of a QR code has, and the modules, row by row. The mask is fixed: choosing the best of eight
/// takes most of the time, and scanners can read them all.
fn modules(text: &[u8]) -> Result<(usize, Vec<qrcode::Color>), qrcode::types::QrError> {
    let level = qrcode::EcLevel::M;
    let bits = qrcode::bits::encode_auto(text, level)?;
    let version = bits.version();
    let (data, correction) = qrcode::ec::construct_codewords(&bits.into_bytes(), version, level)?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(MaskPattern::Checkerboard);
    Ok((usize::try_from(version.width()).unwrap_or_default(), canvas.into_colors()))
}

/// `page/waiting.html`
#[derive(Debug, Clone, Serialize)]
pub struct WaitingView {
    /// The number.
    pub phone: String,
    /// Minutes until the code expires, to the nearest one.
    pub minutes: i64,
    /// The page's own code.
    pub reply: ReplyView,
    /// The URL of the page in another language, up to the language code.
    pub switch: &'static str,
}

impl CodeView {
    /// Creates the code page of a pending verification; `typed` is the entry that was wrong.
    pub fn new(
        render: &Render,
        locale: &str,
        pending: &PendingStatus,
        sender: &str,
        typed: &str,
        errors: Vec<FormError>,
    ) -> Result<Self, RenderError> {
        let (resend, wait) = match (pending.resend, pending.shut_out_for) {
            (Resend::NoneLeft, _) => ("none", None),
            (_, _) if pending.paused => ("paused", None),
            (Resend::Due | Resend::Waiting(_), Some(wait)) => ("too_many", Some(wait)),
            (Resend::Waiting(wait), None) => ("wait", Some(wait)),
            (Resend::Due, None) => ("now", None),
        };
        let texts_come = pending.texts && !pending.paused && !pending.delayed;
        let overdue = texts_come && pending.overdue_in.is_zero();
        Ok(Self {
            verification: pending.reference.clone(),
            phone: shown_number(&pending.phone, pending.session.as_ref()),
            code: typed.chars().take(LONGEST_ENTRY).collect(),
            minutes: nearest_minute(pending.expires_in),
            expires_in: whole_seconds_up(pending.expires_in),
            resent: pending.resent,
            resend,
            wait_seconds: wait.map_or(0, whole_seconds_up),
            wait: wait.map_or_else(|| Ok(String::new()), |wait| wait_words(render, locale, wait))?,
            texts: pending.texts,
            texts_form: form(pending.texts),
            paused: pending.paused,
            delayed: pending.delayed,
            start_reaches_us: pending.start_reaches_us,
            code_lifts: pending.code_lifts,
            overdue,
            overdue_in: whole_seconds_up(pending.overdue_in),
            reply_first: !texts_come || overdue || resend == "none",
            about_texts: form(texts_come || pending.texts && pending.reply_code.is_none()),
            reply_form: form(pending.reply_code.is_some()),
            reply: pending.reply_code.as_ref().map(|code| ReplyView::new(sender, code)),
            errors,
            switch: "/code?lang=",
        })
    }
}

/// Returns `yes` or `no`, for messages of the catalog to choose by.
#[must_use]
pub const fn form(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Returns how many minutes a code has left, rounded to the nearest one but never 0, so that a page that was opened a second ago
/// doesn't say "9".
#[must_use]
pub fn nearest_minute(left: Duration) -> i64 {
    whole_minutes(left + Duration::seconds(30))
}

/// How many characters of a wrong entry are shown again.
const LONGEST_ENTRY: usize = 32;

/// Rounds up to whole seconds, so that a wait is never said to be shorter than it is.
#[must_use]
pub fn whole_seconds_up(wait: Duration) -> i64 {
    wait.whole_seconds() + i64::from(wait.subsec_nanoseconds() > 0)
}

/// Returns a wait in words: seconds up to two minutes, then whole minutes, rounded up.
pub fn wait_words(render: &Render, locale: &str, wait: Duration) -> Result<String, RenderError> {
    let seconds = whole_seconds_up(wait);
    let (key, count) = if seconds <= 120 { ("seconds", seconds) } else { ("minutes", (seconds + 59) / 60) };
    render.words(locale, key, &Arguments::from([("count", count.into())]))
}

/// A moment, in parts that the catalog puts in the order of its language.
#[derive(Debug, Clone, Serialize)]
pub struct MomentView {
    /// For `<time datetime>`.
    pub iso: String,
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// The hours and minutes, in UTC.
    pub time: String,
}

impl MomentView {
    /// Splits a moment into its parts.
    #[must_use]
    pub fn new(at: OffsetDateTime) -> Self {
        Self {
            iso: iso(at),
            year: at.year(),
            month: u8::from(at.month()),
            day: at.day(),
            time: at.format(format_description!("[hour]:[minute]")).unwrap_or_default(),
        }
    }
}

/// Formats a moment for HTML and JSON, in whole seconds.
#[must_use]
pub fn iso(at: OffsetDateTime) -> String {
    at.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z")).unwrap_or_default()
}

/// `page/done.html`
#[derive(Debug, Clone, Serialize)]
pub struct DoneView {
    /// The number.
    pub phone: String,
    /// When it was verified.
    pub verified: MomentView,
    /// The kind of program that was agreed to: `two_factor`, `alerts` or `marketing`.
    pub kind: &'static str,
    /// What was agreed to, line by line, as the page said it at the time.
    pub agreed: Vec<String>,
    /// The language of these lines.
    pub agreed_lang: String,
    /// The session of a site to go back to, if there is one.
    pub session: Option<SessionView>,
    /// `yes` if there is one, or else `no`, for messages.
    pub session_form: &'static str,
    /// The URL of the page in another language, up to the language code.
    pub switch: &'static str,
}

/// `page/terms.html` and `page/privacy.html`, which use only global facts.
#[derive(Debug, Clone, Serialize)]
pub struct PlainView {
    /// The URL of the page in another language, up to the language code.
    pub switch: &'static str,
}

/// `page/error.html`
#[derive(Debug, Clone, Serialize)]
pub struct ErrorView {
    /// One of the statuses that the catalog has words for.
    pub status: u16,
    /// The reference that is also in the log line.
    pub reference: String,
    /// Whether it is the page about cookies.
    pub cookies: bool,
    /// A code that was typed but couldn't be checked, for another attempt; otherwise empty.
    pub code: String,
    /// The verification that the code was typed for; empty if the form named none.
    pub verification: String,
    /// The URL of the page in another language, up to the language code.
    pub switch: String,
}

impl ErrorView {
    /// Creates the page for a status.
    #[must_use]
    pub fn of(status: u16) -> Self {
        let (reference, code, verification) = (String::new(), String::new(), String::new());
        Self { status, reference, cookies: false, code, verification, switch: "/?lang=".to_owned() }
    }
}
