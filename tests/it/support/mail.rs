//! Extracts what a mail says from its MIME.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

#[derive(Clone, Debug, Default)]
pub struct ReceivedMail {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body as sent, with CRLF.
    pub data: String,
}

impl ReceivedMail {
    /// A header of the whole message, unfolded but not decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        header(split(&self.data).0, name)
    }

    /// The subject, decoded.
    pub fn subject(&self) -> Option<String> {
        self.header("subject").map(|value| decoded_words(&value))
    }

    /// The plain-text part, decoded, with LF line endings.
    pub fn text(&self) -> Option<String> {
        part(&self.data, "text/plain")
    }

    /// The HTML part, decoded, with LF line endings.
    pub fn html(&self) -> Option<String> {
        part(&self.data, "text/html")
    }
}

/// Splits headers and body.
fn split(entity: &str) -> (&str, &str) {
    entity.split_once("\r\n\r\n").unwrap_or((entity, ""))
}

fn header(headers: &str, name: &str) -> Option<String> {
    let unfolded = headers.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut named = unfolded.lines().filter_map(|line| line.split_once(':'));
    named.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

/// The first part of that type, at any depth.
fn part(entity: &str, kind: &str) -> Option<String> {
    let (headers, body) = split(entity);
    let content_type = header(headers, "content-type").unwrap_or_else(|| "text/plain".to_owned());
    if let Some((_, boundary)) = content_type.split_once("boundary=") {
        let boundary = boundary.split(';').next()?.trim().trim_matches('"');
        let delimited = format!("\r\n{body}");
        return delimited.split(&format!("\r\n--{boundary}")).skip(1).find_map(|inner| part(inner.strip_prefix("\r\n")?, kind));
    }
    let encoding = header(headers, "content-transfer-encoding").unwrap_or_default().to_ascii_lowercase();
    let decoded = match encoding.as_str() {
        "base64" => BASE64_STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?,
        "quoted-printable" => quoted_printable(body),
        _ => body.into(),
    };
    let is = content_type.split(';').next()?.trim().eq_ignore_ascii_case(kind);
    is.then(|| String::from_utf8_lossy(&decoded).replace("\r\n", "\n"))
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let mut pieces = joined.split('=');
    let mut decoded = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                decoded.extend(&piece.as_bytes()[2..]);
            }
            None => decoded.extend(format!("={piece}").bytes()),
        }
    }
    decoded
}

/// `=?utf-8?b?…?=` and `=?utf-8?q?…?=`; blanks between two of them are ignored.
fn decoded_words(value: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = value;
    while let Some((before, encoded)) = rest.split_once("=?") {
        let mut fields = encoded.splitn(4, '?');
        let (Some(_), Some(kind), Some(text), Some(after)) = (fields.next(), fields.next(), fields.next(), fields.next()) else {
            break;
        };
        if decoded.is_empty() || !before.trim().is_empty() {
            decoded.extend(before.bytes());
        }
        decoded.extend(match kind {
            "b" | "B" => BASE64_STANDARD.decode(text).unwrap_or_default(),
            _ => quoted_printable(&text.replace('_', " ")),
        });
        rest = after.strip_prefix('=').unwrap_or(after);
    }
    decoded.extend(rest.bytes());
    String::from_utf8_lossy(&decoded).into_owned()
}
