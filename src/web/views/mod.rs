//! What templates are given: facts and the keys of words, never sentences.

pub mod samples;
mod simulator;

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

pub use simulator::{SimulatorView, SizeView};

/// One thing that is wrong with a form: the field it is about (none, if it is about no field) and the words' key.
#[derive(Debug, Clone, Serialize, Default, PartialEq, Eq)]
pub struct FormError {
    /// The field's id.
    pub field: &'static str,
    /// The message of the catalogue.
    pub key: String,
    /// The number as typed, for messages that name it.
    pub phone: String,
    /// Tries left, for messages that name them.
    pub left: u32,
    /// A wait in words, for messages that name one.
    pub wait: String,
}

impl FormError {
    /// An error of the number.
    #[must_use]
    pub fn phone(error: PhoneError, typed: &str) -> Self {
        Self { field: "phone", key: format!("phone-error-{}", error.key()), phone: typed.trim().to_owned(), ..Self::default() }
    }

    /// An error of the entered code.
    #[must_use]
    pub fn code(key: &str) -> Self {
        Self { field: "code", key: format!("code-error-{key}"), ..Self::default() }
    }

    /// An entry that cannot be a code.
    #[must_use]
    pub fn unreadable_code(error: CodeError) -> Self {
        Self::code(error.key())
    }

    /// An error that a message of the catalogue says whole.
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
    /// The page in another language, up to the language's name.
    pub switch: &'static str,
}

impl StartView {
    /// The page as everybody gets it first.
    #[must_use]
    pub const fn fresh() -> Self {
        Self { phone: String::new(), consent: false, errors: Vec::new(), switch: "/?lang=" }
    }
}

/// `page/ended.html`
#[derive(Debug, Clone, Serialize)]
pub struct EndedView {
    /// `expired` or `locked`.
    pub why: &'static str,
    /// The number as typed.
    pub phone: String,
    /// Never checked: consent is given anew.
    pub consent: bool,
    /// None.
    pub errors: Vec<FormError>,
    /// The page in another language, up to the language's name.
    pub switch: &'static str,
}

/// `page/code.html`
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, asked for by its name")]
pub struct CodeView {
    /// Names the verification in the form.
    pub verification: String,
    /// The number.
    pub phone: String,
    /// The entry that was wrong, to be corrected; else empty.
    pub code: String,
    /// Minutes until the newest code expires, to the nearest one.
    pub minutes: i64,
    /// The same in seconds.
    pub expires_in: i64,
    /// Whether a new code was asked for.
    pub resent: bool,
    /// `now`, `wait`, `none`, `too_many` or `paused`.
    pub resend: &'static str,
    /// Seconds until a new code may be asked for.
    pub wait_seconds: i64,
    /// The same in words.
    pub wait: String,
    /// Whether codes are texted at all.
    pub texts: bool,
    /// Whether the site has no texts left for this browser.
    pub paused: bool,
    /// Whether texts come late, for everybody.
    pub delayed: bool,
    /// Whether START reaches us, so that the page may name it.
    pub start_reaches_us: bool,
    /// Whether the page's own code lifts an opt-out as START does.
    pub code_lifts: bool,
    /// Whether the text should have come by now.
    pub overdue: bool,
    /// Seconds until it should; 0 once it should.
    pub overdue_in: i64,
    /// Whether the page's own code comes first: texts are off, paused, delayed, used up or overdue.
    pub reply_first: bool,
    /// `yes` if the texted code is what the page is about, `no` if it is the page's own.
    pub about_texts: &'static str,
    /// The page's own code, if it may be texted in.
    pub reply: Option<ReplyView>,
    /// What is wrong.
    pub errors: Vec<FormError>,
    /// The page in another language, up to the language's name.
    pub switch: &'static str,
}

/// The page's own code, to be texted in.
#[derive(Debug, Clone, Serialize)]
pub struct ReplyView {
    /// `482 913`
    pub code: String,
    /// Opens a text with everything filled in.
    pub href: String,
    /// The same as a QR code: so many modules wide, its quiet zone included.
    pub qr_width: usize,
    /// Its dark modules, as the path of an SVG.
    pub qr_path: String,
}

impl ReplyView {
    /// The way to text `code` to `sender`.
    #[must_use]
    pub fn new(sender: &str, code: &Code) -> Self {
        // "?&body=" is understood by both kinds of phone: one reads "?body=", the other "&body=".
        let href = format!("sms:{sender}?&body={}", code.digits());
        let (qr_width, qr_path) = qr(&href);
        Self { code: code.grouped(), href, qr_width, qr_path }
    }
}

/// Modules around a QR code that stay white (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// A QR code as the path of its dark modules, row by row; empty if the text were too long for one.
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

/// The modules of a QR code, row by row, and how many a row has. Its mask is fixed: choosing the best of eight takes most of
/// the time, and scanners read them all.
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
    /// The page in another language, up to the language's name.
    pub switch: &'static str,
}

impl CodeView {
    /// The code page of a pending verification; `typed` is the entry that was wrong.
    ///
    /// # Errors
    /// When the catalogue lacks the words of a wait.
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
            phone: pending.phone.national(),
            code: typed.chars().take(LONGEST_ENTRY).collect(),
            minutes: nearest_minute(pending.expires_in),
            expires_in: whole_seconds_up(pending.expires_in),
            resent: pending.resent,
            resend,
            wait_seconds: wait.map_or(0, whole_seconds_up),
            wait: wait.map_or_else(|| Ok(String::new()), |wait| wait_words(render, locale, wait))?,
            texts: pending.texts,
            paused: pending.paused,
            delayed: pending.delayed,
            start_reaches_us: pending.start_reaches_us,
            code_lifts: pending.code_lifts,
            overdue,
            overdue_in: whole_seconds_up(pending.overdue_in),
            reply_first: !texts_come || overdue || resend == "none",
            about_texts: if texts_come || pending.texts && pending.reply_code.is_none() { "yes" } else { "no" },
            reply: pending.reply_code.as_ref().map(|code| ReplyView::new(sender, code)),
            errors,
            switch: "/code?lang=",
        })
    }
}

/// Minutes that a code has left, to the nearest one and never none: a page that was opened a second ago doesn't say "9".
#[must_use]
pub fn nearest_minute(left: Duration) -> i64 {
    whole_minutes(left + Duration::seconds(30))
}

/// Characters of a wrong entry that are given back.
const LONGEST_ENTRY: usize = 32;

/// Whole seconds, rounded up: a wait is never said to be shorter than it is.
#[must_use]
pub fn whole_seconds_up(wait: Duration) -> i64 {
    wait.whole_seconds() + i64::from(wait.subsec_nanoseconds() > 0)
}

/// A wait in words: seconds up to two minutes, then whole minutes, rounded up.
///
/// # Errors
/// When the catalogue lacks the words.
pub fn wait_words(render: &Render, locale: &str, wait: Duration) -> Result<String, RenderError> {
    let seconds = whole_seconds_up(wait);
    let (key, count) = if seconds <= 120 { ("seconds", seconds) } else { ("minutes", (seconds + 59) / 60) };
    render.words(locale, key, &Arguments::from([("count", count.into())]))
}

/// A moment, in parts that the catalogue puts into the order of its language.
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
    /// `20:33`, UTC.
    pub time: String,
}

impl MomentView {
    /// Takes a moment apart.
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

/// A moment as HTML and JSON write it, in whole seconds.
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
    /// What was agreed to, line by line, as the page said it then.
    pub agreed: Vec<String>,
    /// The language of these lines.
    pub agreed_lang: String,
    /// The page in another language, up to the language's name.
    pub switch: &'static str,
}

/// `page/terms.html` and `page/privacy.html`: everything they say is global.
#[derive(Debug, Clone, Serialize)]
pub struct PlainView {
    /// The page in another language, up to the language's name.
    pub switch: &'static str,
}

/// `page/error.html`
#[derive(Debug, Clone, Serialize)]
pub struct ErrorView {
    /// One of the statuses that the catalogue has words for.
    pub status: u16,
    /// What the log line carries too.
    pub reference: String,
    /// Whether it is the page about cookies.
    pub cookies: bool,
    /// A code that was typed and could not be checked, for another try; else empty.
    pub code: String,
    /// The verification that the code was typed for; empty if the form named none.
    pub verification: String,
    /// The page in another language, up to the language's name.
    pub switch: String,
}

impl ErrorView {
    /// The page for a status.
    #[must_use]
    pub fn of(status: u16) -> Self {
        let (reference, code, verification) = (String::new(), String::new(), String::new());
        Self { status, reference, cookies: false, code, verification, switch: "/?lang=".to_owned() }
    }
}
