//! A local mail server that keeps what it's sent, and refuses on request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::listener::Listener;
pub use super::mail::ReceivedMail;

/// Where in the conversation the server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Greeting,
    Auth,
    Mail,
    Rcpt,
    /// At the DATA command, before the message is sent.
    Data,
    /// After the last line of the message.
    Message,
}

/// A mail server at `url`. Clones share the same one.
#[derive(Clone)]
pub struct FakeSmtp {
    shared: Arc<Shared>,
    listener: Arc<Listener>,
}

struct Shared {
    account: Option<(String, String)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    mails: Vec<ReceivedMail>,
    next: Vec<(Stage, u16)>,
    always: Vec<(Stage, u16)>,
}

#[expect(clippy::unused_async, reason = "it has to be called where connections can be served")]
impl FakeSmtp {
    /// Accepts mail from anyone.
    pub async fn start() -> Self {
        Self::open(None)
    }

    /// Accepts mail only after AUTH PLAIN or LOGIN.
    pub async fn with_auth(user: &str, password: &str) -> Self {
        Self::open(Some((user.to_owned(), password.to_owned())))
    }

    fn open(account: Option<(String, String)>) -> Self {
        let shared = Arc::new(Shared { account, state: Mutex::default() });
        let serving = Arc::clone(&shared);
        let listener = Listener::open(move |stream| {
            let shared = Arc::clone(&serving);
            async move {
                // A conversation that the client breaks off is over.
                let _ = Session { shared, stream: BufReader::new(stream) }.run().await;
            }
        });
        Self { shared, listener: Arc::new(listener) }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.listener.port())
    }

    /// The mails that were accepted, in order.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.shared.state().mails.clone()
    }

    /// Refuses once, the next time a conversation gets to that stage.
    pub fn refuse(&self, stage: Stage, code: u16) {
        self.shared.state().next.push((stage, code));
    }

    /// Refuses every time, until `accept` is called.
    pub fn refuse_always(&self, stage: Stage, code: u16) {
        self.shared.state().always.push((stage, code));
    }

    /// Stops refusing.
    pub fn accept(&self) {
        let mut state = self.shared.state();
        state.next.clear();
        state.always.clear();
    }

    /// Stops it. Once this returns, new connections are refused and open ones are closed.
    pub async fn stop(&self) {
        self.listener.close().await;
    }

    /// Listens again, on the same port.
    pub async fn restart(&self) {
        self.listener.reopen().await;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusal(&self, stage: Stage) -> Option<String> {
        let mut state = self.state();
        let waiting = state.next.iter().position(|(at, _)| *at == stage).map(|index| state.next.remove(index));
        let found = waiting.or_else(|| state.always.iter().find(|(at, _)| *at == stage).copied());
        found.map(|(_, code)| format!("{code} refused by the fake"))
    }
}

struct Session {
    shared: Arc<Shared>,
    stream: BufReader<TcpStream>,
}

impl Session {
    async fn run(mut self) -> std::io::Result<()> {
        let (mut authenticated, mut mail) = (self.shared.account.is_none(), None::<ReceivedMail>);
        let mut answer = self.or_refusal(Stage::Greeting, "220 fake ESMTP");
        loop {
            let closing = answer.starts_with("221") || answer.starts_with("421");
            self.say(&answer).await?;
            if closing {
                return Ok(());
            }
            let line = self.line().await?;
            let line = line.trim_end();
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            answer = match (verb.to_ascii_uppercase().as_str(), mail.as_mut()) {
                ("EHLO", _) if self.shared.account.is_some() => "250-fake\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned(),
                ("EHLO", _) => "250-fake\r\n250 8BITMIME".to_owned(),
                ("HELO" | "NOOP", _) => "250 fake".to_owned(),
                ("AUTH", _) => {
                    let right = self.authenticate(rest).await?;
                    let answer = if right { "235 welcome" } else { "535 authentication failed" };
                    let answer = self.or_refusal(Stage::Auth, answer);
                    authenticated |= answer.starts_with("235");
                    answer
                }
                ("MAIL", _) if !authenticated => "530 authentication required".to_owned(),
                ("MAIL", None) => {
                    let answer = self.or_refusal(Stage::Mail, "250 go on");
                    mail = answer.starts_with("250").then(|| ReceivedMail { from: address(rest), ..Default::default() });
                    answer
                }
                ("RCPT", Some(mail)) => {
                    let answer = self.or_refusal(Stage::Rcpt, "250 go on");
                    mail.to.extend(answer.starts_with("250").then(|| address(rest)));
                    answer
                }
                ("DATA", Some(taken)) if !taken.to.is_empty() => {
                    let mut answer = self.or_refusal(Stage::Data, "354 go on");
                    if answer.starts_with("354") {
                        self.say(&answer).await?;
                        taken.data = self.message().await?;
                        answer = self.or_refusal(Stage::Message, "250 taken");
                        let taken = mail.take().filter(|_| answer.starts_with("250"));
                        self.shared.state().mails.extend(taken);
                    }
                    answer
                }
                ("MAIL" | "RCPT" | "DATA", _) => "503 bad sequence of commands".to_owned(),
                ("RSET", _) => {
                    mail = None;
                    "250 forgotten".to_owned()
                }
                ("QUIT", _) => "221 bye".to_owned(),
                _ => "502 not implemented".to_owned(),
            };
        }
    }

    fn or_refusal(&self, stage: Stage, answer: &str) -> String {
        self.shared.refusal(stage).unwrap_or_else(|| answer.to_owned())
    }

    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = Vec::new();
        match self.stream.read_until(b'\n', &mut line).await? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(String::from_utf8_lossy(&line).into_owned()),
        }
    }

    async fn message(&mut self) -> std::io::Result<String> {
        let mut data = String::new();
        loop {
            match self.line().await?.as_str() {
                ".\r\n" => return Ok(data),
                line => data.push_str(line.strip_prefix('.').unwrap_or(line)),
            }
        }
    }

    async fn ask(&mut self, given: Option<&str>, prompt: &str) -> std::io::Result<String> {
        let answer = match given {
            Some(given) => given.to_owned(),
            None => {
                self.say(&format!("334 {}", BASE64_STANDARD.encode(prompt))).await?;
                self.line().await?
            }
        };
        Ok(String::from_utf8_lossy(&BASE64_STANDARD.decode(answer.trim()).unwrap_or_default()).into_owned())
    }

    async fn authenticate(&mut self, rest: &str) -> std::io::Result<bool> {
        let mut words = rest.split_whitespace();
        let (mechanism, given) = (words.next().unwrap_or_default().to_ascii_uppercase(), words.next());
        let credentials = if mechanism == "LOGIN" {
            (self.ask(given, "Username:").await?, self.ask(None, "Password:").await?)
        } else {
            let plain = self.ask(given, "").await?;
            let mut fields = plain.split('\0').skip(1).map(ToOwned::to_owned);
            (fields.next().unwrap_or_default(), fields.next().unwrap_or_default())
        };
        Ok(self.shared.account.as_ref() == Some(&credentials))
    }
}

/// The address in, for example, `FROM:<a@example.com> SIZE=1`.
fn address(rest: &str) -> String {
    let path = rest.split_once('<').and_then(|(_, path)| path.split_once('>'));
    path.map_or(rest, |(address, _)| address).to_owned()
}
