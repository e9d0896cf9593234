//! E-mail to the owner, sent with lettre.
//!
//! Owns how an e-mail goes out: through an SMTP server or into a folder. Must not choose wording or decide what's worth an
//! e-mail. Each e-mail is tried once and the result is returned; the outbox does the retries.

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::file::AsyncFileTransport;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::config::{Email, MailRoute};

/// A mail server that takes longer counts as down.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why an e-mail wasn't sent, without its text or a password.
#[derive(Debug, thiserror::Error)]
pub enum EmailError {
    /// An address or the e-mail itself is malformed.
    #[error("the mail cannot be written: {0}")]
    Malformed(String),
    /// The server couldn't be reached, or refused the e-mail.
    #[error("the mail server did not take it: {0}")]
    Refused(String),
    /// The folder can't be written to.
    #[error("the mail cannot be written into its folder: {0}")]
    Folder(String),
}

/// Sends e-mail. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer {
    route: MailRoute,
    from: String,
    owner: String,
}

impl Mailer {
    /// Creates a mailer from the settings.
    #[must_use]
    pub fn new(email: &Email) -> Self {
        Self { route: email.route.clone(), from: email.from.clone(), owner: email.owner.clone() }
    }

    /// Sends one e-mail, as text and HTML.
    ///
    /// # Errors
    /// If the e-mail wasn't sent, with the reason.
    pub async fn send(&self, subject: &str, text: String, html: String) -> Result<(), EmailError> {
        let malformed = |what: &dyn std::fmt::Display| EmailError::Malformed(what.to_string());
        let from: Mailbox = self.from.parse().map_err(|e| malformed(&e))?;
        let owner: Mailbox = self.owner.parse().map_err(|e| malformed(&e))?;
        let mail = Message::builder()
            .from(from)
            .to(owner)
            .subject(subject)
            .message_id(None)
            // Keeps out-of-office replies from coming back (RFC 3834).
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|e| malformed(&e))?;
        match &self.route {
            MailRoute::Folder(folder) => {
                let why = |e: &dyn std::fmt::Display| EmailError::Folder(format!("{}: {e}", folder.display()));
                std::fs::create_dir_all(folder).map_err(|e| why(&e))?;
                AsyncFileTransport::<Tokio1Executor>::new(folder).send(mail).await.map_err(|e| why(&e))?;
            }
            MailRoute::Smtp(url) => {
                let refused = |e: lettre::transport::smtp::Error| EmailError::Refused(e.to_string());
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal()).map_err(refused)?;
                let transport = transport.timeout(Some(PATIENCE)).build();
                // lettre limits the time of each step; this limits the total.
                let sent = tokio::time::timeout(PATIENCE, transport.send(mail)).await;
                sent.map_err(|_| EmailError::Refused("it does not answer in time".to_owned()))?.map_err(refused)?;
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
