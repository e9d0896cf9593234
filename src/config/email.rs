//! E-mail to the owner (`email.*`).

use std::path::PathBuf;

use url::Url;

use crate::finding::Finding;
use crate::secret::Secret;
use crate::settings::Reader;

/// Where e-mail goes.
#[derive(Debug, Clone)]
pub enum MailRoute {
    /// An SMTP server. The URL may contain a password.
    Smtp(Secret<String>),
    /// A folder, with one file per e-mail. For development.
    Folder(PathBuf),
}

/// The settings for e-mail to the owner, checked.
#[derive(Debug, Clone)]
pub struct Email {
    /// `email.smtp_url`
    pub route: MailRoute,
    /// `email.from`
    pub from: String,
    /// `email.owner`
    pub owner: String,
}

/// Reads the settings, if e-mail is wanted at all. `needed` means that real people get texts, or could.
pub(super) fn read(reader: &mut Reader, needed: bool) -> Option<Email> {
    let url = reader.secret("email.smtp_url");
    let (from, owner) = (read_address(reader, "email.from"), read_address(reader, "email.owner"));
    if url.is_none() && from.is_none() && owner.is_none() {
        if needed {
            reader.findings.push(Finding::warning(
                "EMAIL",
                "email.owner",
                "is missing, so you are not told of texts that matched nothing: each may ask for no more texts in words that \
                 Assent does not know, and the law gives you ten business days to honor it (47 CFR 64.1200(a)(10)). Nor are you told \
                 of refused texts or of an outage. Set email.owner, email.from and email.smtp_url",
            ));
        }
        return None;
    }
    let missing = [("email.smtp_url", url.is_none()), ("email.from", from.is_none()), ("email.owner", owner.is_none())];
    for (key, is_missing) in missing {
        if !is_missing || reader.has_finding(key) {
            continue;
        }
        reader.problem(key, "is missing: mail needs email.smtp_url, email.from and email.owner together");
    }
    let route = read_route(reader, url?.reveal())?;
    Some(Email { route, from: from?, owner: owner? })
}

fn read_address(reader: &mut Reader, key: &str) -> Option<String> {
    let text = reader.string(key)?;
    if text.parse::<lettre::message::Mailbox>().is_ok() {
        return Some(text);
    }
    reader.problem(key, format!("`{text}` isn't an e-mail address: write owner@example.com or Name <owner@example.com>"));
    None
}

fn read_route(reader: &mut Reader, text: &str) -> Option<MailRoute> {
    let key = "email.smtp_url";
    if let Some(folder) = text.strip_prefix("file://") {
        if folder.is_empty() {
            reader.problem(key, "names no folder: write file://mail, or file:///var/spool/assent");
            return None;
        }
        return Some(MailRoute::Folder(PathBuf::from(folder)));
    }
    // The URL is never shown, since it may contain a password.
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "smtp" | "smtps") && url.host_str().is_some());
    let Some(url) = url else {
        reader.problem(
            key,
            "must be smtps://NAME:PASSWORD@HOST, smtp://NAME:PASSWORD@HOST:587?tls=required (STARTTLS), or file://FOLDER; write \
             %40 for an @ in the name",
        );
        return None;
    };
    let local = url.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1"));
    let secured = url.scheme() == "smtps" || url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
    if !secured && !local {
        reader.problem(key, "would send in the clear: write smtps://, or add ?tls=required for STARTTLS");
        return None;
    }
    if !url.username().is_empty() && url.password().is_none() {
        reader.problem(key, "has a name but no password: write smtps://NAME:PASSWORD@HOST");
        return None;
    }
    Some(MailRoute::Smtp(Secret::new(text.to_owned())))
}
