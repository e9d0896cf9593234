//! The HTTP client that sends texts.
//!
//! Owns the timeouts and the meaning of a failed request. Must not interpret a provider's answer, follow a redirect or put a
//! URL or a secret into an error. Only an error while connecting proves that nothing was sent. Any later failure leaves the
//! outcome unknown.

use std::error::Error;
use std::time::Duration as StdDuration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Response, redirect};
use serde_json::Value;
use time::Duration;
use url::form_urlencoded::Serializer;

use super::outcome::{SendOutcome, throttle_wait, with_words};

const CONNECT_TIMEOUT: StdDuration = StdDuration::from_secs(3);
const TOTAL_TIMEOUT: StdDuration = StdDuration::from_secs(10);
/// The other side may close an old connection just as we write to it, which would leave the outcome unknown.
const IDLE_TIMEOUT: StdDuration = StdDuration::from_secs(15);
/// How many bytes of an answer are read.
const BODY_LIMIT: usize = 64 * 1024;

/// The shared HTTP client.
#[derive(Clone)]
pub struct HttpClient(Client);

/// The answer to a request.
pub struct HttpReply {
    /// The HTTP status.
    pub status: u16,
    /// How long the provider asks us to wait, at most a minute.
    pub retry_after: Option<Duration>,
    /// The first 64 KiB of the body; empty if the body of a non-2xx answer was cut short.
    pub body: String,
}

impl HttpClient {
    /// Builds a client with the timeouts that sending needs.
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::with(Client::builder(), CONNECT_TIMEOUT, TOTAL_TIMEOUT)
    }

    /// Builds a client for requests to this machine, which ignores any configured proxy.
    pub fn local() -> Result<Self, reqwest::Error> {
        Self::with(Client::builder().no_proxy(), CONNECT_TIMEOUT, TOTAL_TIMEOUT)
    }

    fn with(builder: ClientBuilder, connect: StdDuration, total: StdDuration) -> Result<Self, reqwest::Error> {
        // Fails if a crypto provider is already installed, and that one works just as well.
        rustls::crypto::ring::default_provider().install_default().ok();
        let builder = builder.connect_timeout(connect).timeout(total).pool_idle_timeout(IDLE_TIMEOUT);
        builder.redirect(redirect::Policy::none()).retry(reqwest::retry::never()).build().map(Self)
    }

    /// Posts a form, with Basic authentication if credentials are given.
    ///
    /// # Errors
    /// If no complete answer came, with what that means for the text.
    pub async fn post(&self, url: &str, auth: Option<(&str, &str)>, form: &[(String, String)]) -> Result<HttpReply, SendOutcome> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = self.0.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        if let Some((name, secret)) = auth {
            request = request.basic_auth(name, Some(secret));
        }
        let response = request.send().await.map_err(|error| unanswered(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|header| header.to_str().ok()?.trim().parse::<u32>().ok());
        let retry_after = retry_after.map(|seconds| Duration::seconds(seconds.into()).min(Duration::MINUTE));
        let body = match read(response).await {
            Ok(body) => body,
            Err(_) if (200..300).contains(&status) => {
                return Err(SendOutcome::Unknown { why: "the answer broke off".to_owned() });
            }
            Err(_) => String::new(),
        };
        Ok(HttpReply { status, retry_after, body })
    }
}

impl HttpReply {
    /// Returns the outcome that the HTTP status alone implies; `None` for 2xx, where the body decides.
    #[must_use]
    pub fn trouble(&self) -> Option<SendOutcome> {
        let status = self.status;
        let refused = format!("refused (HTTP {status})");
        match status {
            200..=299 => None,
            429 => Some(SendOutcome::Throttled {
                why: "throttled (HTTP 429)".to_owned(),
                wait: throttle_wait(&self.body, self.retry_after),
            }),
            500.. => Some(SendOutcome::TryAgain { why: format!("trouble at the provider (HTTP {status})") }),
            300..=399 => Some(SendOutcome::Misconfigured { why: format!("redirected, which is not followed (HTTP {status})") }),
            401..=405 => {
                let json = self.json().unwrap_or_default();
                let words = ["detail", "error-code-label", "message", "title"].iter().find_map(|key| word(&json, key));
                Some(SendOutcome::Misconfigured { why: with_words(&refused, &words.unwrap_or_default()) })
            }
            _ => Some(SendOutcome::Refused { why: refused, permanent: false }),
        }
    }

    /// Returns the body, if it's JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }
}

/// Returns a field that's a string or a number as text, since providers aren't consistent about which one they send.
#[must_use]
pub fn word(json: &Value, key: &str) -> Option<String> {
    match json.get(key)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

async fn read(mut response: Response) -> Result<String, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = BODY_LIMIT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == BODY_LIMIT {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// The message of `error` itself would contain the URL, so only the innermost cause is reported.
fn unanswered(error: &reqwest::Error) -> SendOutcome {
    if error.is_builder() {
        SendOutcome::Misconfigured { why: "the provider's address isn't a URL".to_owned() }
    } else if error.is_connect() {
        let cause = std::iter::successors(error.source(), |error| (*error).source()).last();
        SendOutcome::TryAgain { why: with_words("could not connect", &cause.map(ToString::to_string).unwrap_or_default()) }
    } else if error.is_timeout() {
        SendOutcome::Unknown { why: "no answer in time".to_owned() }
    } else {
        SendOutcome::Unknown { why: "the connection broke before an answer".to_owned() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::future::Future;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::JoinHandle;

    /// A client that ignores proxies and waits long enough for a busy machine.
    pub(in crate::sms) fn client() -> HttpClient {
        client_with(StdDuration::from_secs(9), StdDuration::from_secs(9))
    }

    fn client_with(connect: StdDuration, total: StdDuration) -> HttpClient {
        HttpClient::with(Client::builder().no_proxy(), connect, total).expect("a client")
    }

    fn hasty() -> HttpClient {
        client_with(StdDuration::from_secs(9), StdDuration::from_millis(200))
    }

    async fn serve<T: Send + 'static, F: Future<Output = T> + Send>(
        with: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) -> (String, JoinHandle<T>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        (url, tokio::spawn(async move { with(listener.accept().await.expect("a call").0).await }))
    }

    async fn request_of(stream: &mut TcpStream) -> String {
        let mut request = Vec::new();
        loop {
            stream.read_buf(&mut request).await.expect("read");
            let text = String::from_utf8_lossy(&request);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .to_lowercase()
                    .split_once("content-length: ")
                    .map_or(0, |(_, rest)| rest.lines().next().expect("a length").parse().expect("digits"));
                if body.len() >= length {
                    return text.into_owned();
                }
            }
        }
    }

    /// Starts a server that sends one answer, byte for byte, and hangs up. Its task returns the request.
    pub(in crate::sms) async fn answering(answer: String) -> (String, JoinHandle<String>) {
        serve(|mut stream| async move {
            let request = request_of(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.expect("written");
            stream.shutdown().await.expect("closed");
            request
        })
        .await
    }

    /// A complete answer with this body.
    pub(in crate::sms) fn whole(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }

    fn form() -> Vec<(String, String)> {
        vec![("text".to_owned(), "Sí + ok & =".to_owned()), ("pin".to_owned(), "042917".to_owned())]
    }

    async fn answer_to(answer: &str) -> Result<HttpReply, SendOutcome> {
        let (url, _server) = answering(answer.to_owned()).await;
        client().post(&url, None, &form()).await
    }

    async fn trouble_of(answer: &str) -> Option<SendOutcome> {
        answer_to(answer).await.expect("an answer").trouble()
    }

    #[tokio::test]
    async fn the_form_and_the_credentials_arrive() {
        let (url, server) = answering(whole("200 OK", "{}")).await;
        let reply = client().post(&format!("{url}/sms/json?x=1"), Some(("key", "se:cret")), &form()).await.expect("an answer");
        assert_eq!((reply.status, reply.retry_after, reply.body.as_str()), (200, None, "{}"));
        let request = server.await.expect("a request");
        assert!(request.starts_with("POST /sms/json?x=1 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
        assert!(request.contains("authorization: Basic a2V5OnNlOmNyZXQ=\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\ntext=S%C3%AD+%2B+ok+%26+%3D&pin=042917"), "{request}");
    }

    #[tokio::test]
    async fn trap_14_without_credentials_there_is_no_authorization_header() {
        let (url, server) = answering(whole("200 OK", "{}")).await;
        assert!(client().post(&url, None, &form()).await.is_ok());
        assert!(!server.await.expect("a request").to_lowercase().contains("authorization"));
    }

    #[tokio::test]
    async fn trap_07_a_refused_connection_may_be_tried_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/?secret=hunter2", listener.local_addr().expect("an address"));
        drop(listener);
        let outcome = client().post(&url, None, &form()).await.map(drop).expect_err("a failure");
        assert!(matches!(outcome, SendOutcome::TryAgain { .. }), "{outcome:?}");
        assert!(outcome.why().starts_with("could not connect: "), "{outcome:?}");
        assert!(!outcome.why().contains("http") && !outcome.why().contains("hunter2"), "{outcome:?}");
    }

    #[tokio::test]
    async fn trap_07_a_handshake_that_stalls_or_fails_may_be_tried_again() {
        let (url, _server) = serve(|stream| async move {
            tokio::time::sleep(StdDuration::from_mins(1)).await;
            drop(stream);
        })
        .await;
        let soon = client_with(StdDuration::from_millis(200), StdDuration::from_secs(9));
        let stalled = soon.post(&url.replace("http:", "https:"), None, &form()).await.err();
        assert!(matches!(stalled, Some(SendOutcome::TryAgain { .. })), "{stalled:?}");
        let (url, _server) = serve(|mut stream| async move { stream.write_all(b"no TLS here").await.expect("written") }).await;
        let failed = client().post(&url.replace("http:", "https:"), None, &form()).await.err();
        assert!(matches!(failed, Some(SendOutcome::TryAgain { .. })), "{failed:?}");
    }

    #[tokio::test]
    async fn trap_07_silence_after_the_request_is_unknown() {
        let (url, _server) = serve(|mut stream| async move {
            request_of(&mut stream).await;
            tokio::time::sleep(StdDuration::from_mins(1)).await;
        })
        .await;
        let outcome = hasty().post(&url, None, &form()).await.err();
        assert_eq!(outcome, Some(SendOutcome::Unknown { why: "no answer in time".to_owned() }));
    }

    #[tokio::test]
    async fn trap_07_a_reset_after_the_request_is_unknown() {
        let broke = Some(SendOutcome::Unknown { why: "the connection broke before an answer".to_owned() });
        let (url, _server) = serve(|stream| async move {
            // Unread bytes make the kernel send a reset.
            stream.readable().await.expect("open");
            drop(stream);
        })
        .await;
        assert_eq!(client().post(&url, None, &form()).await.err(), broke);
        assert_eq!(answer_to("").await.err(), broke);
        assert_eq!(answer_to("HTTP/1.1 20").await.err(), broke);
        assert_eq!(answer_to("this is not HTTP\r\n\r\n").await.err(), broke);
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_unknown_only_if_it_began_well() {
        let torn = |head: &str| format!("HTTP/1.1 {head}\r\nContent-Length: 500\r\n\r\n{{\"messages\"");
        let outcome = answer_to(&torn("200 OK")).await.err();
        assert_eq!(outcome, Some(SendOutcome::Unknown { why: "the answer broke off".to_owned() }));
        assert!(matches!(trouble_of(&torn("502 Bad Proxy")).await, Some(SendOutcome::TryAgain { .. })));
        assert!(matches!(trouble_of(&torn("404 Not Found")).await, Some(SendOutcome::Misconfigured { .. })));
        let throttled = trouble_of(&torn("429 Too Many Requests\r\nRetry-After: 7")).await;
        let why = "throttled (HTTP 429)".to_owned();
        assert_eq!(throttled, Some(SendOutcome::Throttled { why, wait: Duration::seconds(7) }));
        assert_eq!(answer_to(&torn("400 Bad Request")).await.expect("an answer").body, "");
    }

    #[tokio::test]
    async fn a_body_that_never_ends_in_time_is_unknown() {
        let (url, _server) = serve(|mut stream| async move {
            request_of(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{").await.expect("written");
            tokio::time::sleep(StdDuration::from_mins(1)).await;
        })
        .await;
        assert!(matches!(hasty().post(&url, None, &form()).await, Err(SendOutcome::Unknown { .. })));
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let target = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let location = target.local_addr().expect("an address");
        for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let answer = format!("HTTP/1.1 {status}\r\nLocation: http://{location}/\r\nContent-Length: 0\r\n\r\n");
            assert!(matches!(trouble_of(&answer).await, Some(SendOutcome::Misconfigured { .. })));
        }
        assert!(tokio::time::timeout(StdDuration::from_millis(50), target.accept()).await.is_err());
    }

    #[tokio::test]
    async fn a_retry_after_is_bounded_and_dates_are_ignored() {
        let after = async |header: &str| {
            let answer = format!("HTTP/1.1 429 Too Many Requests\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n");
            answer_to(&answer).await.expect("an answer").retry_after
        };
        assert_eq!(after("3").await, Some(Duration::seconds(3)));
        assert_eq!(after("86400").await, Some(Duration::MINUTE));
        assert_eq!(after("Wed, 21 Oct 2026 07:28:00 GMT").await, None);
        assert_eq!(after("-1").await, None);
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_need_not_be_utf_8() {
        let reply = answer_to(&whole("200 OK", &"x".repeat(100_000))).await.expect("an answer");
        assert_eq!(reply.body.len(), BODY_LIMIT);
        let (url, _server) = serve(|mut stream| async move {
            request_of(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xffx").await.expect("written");
        })
        .await;
        assert_eq!(client().post(&url, None, &form()).await.expect("an answer").body, "\u{fffd}x");
    }

    #[tokio::test]
    async fn an_address_that_is_not_a_url_must_be_fixed_by_the_owner() {
        assert!(matches!(client().post("not a url", None, &form()).await, Err(SendOutcome::Misconfigured { .. })));
    }

    #[test]
    fn the_http_status_decides_before_the_body() {
        let trouble = |status, body: &str| HttpReply { status, retry_after: None, body: body.to_owned() }.trouble();
        let owner = |why: &str| Some(SendOutcome::Misconfigured { why: why.to_owned() });
        assert_eq!(trouble(200, ""), None);
        assert_eq!(trouble(201, ""), None);
        assert_eq!(trouble(401, "<html>"), owner("refused (HTTP 401)"));
        assert_eq!(
            trouble(401, r#"{"title":"Unauthorized","detail":"key 0123456789 unknown"}"#),
            owner("refused (HTTP 401): key … unknown")
        );
        assert_eq!(
            trouble(402, r#"{"error-code":"402","error-code-label":"no credit"}"#),
            owner("refused (HTTP 402): no credit")
        );
        for status in [403, 404, 405] {
            assert!(matches!(trouble(status, ""), Some(SendOutcome::Misconfigured { .. })), "{status}");
        }
        assert_eq!(trouble(400, "{}"), Some(SendOutcome::Refused { why: "refused (HTTP 400)".to_owned(), permanent: false }));
        for status in [500, 502, 503, 504, 599] {
            assert!(matches!(trouble(status, "<html>"), Some(SendOutcome::TryAgain { .. })), "{status}");
        }
        let throttled = trouble(429, r#"{"messages":[{"status":"1","error-text":"please wait [ 1702 ] and retry"}]}"#);
        let why = "throttled (HTTP 429)".to_owned();
        assert_eq!(throttled, Some(SendOutcome::Throttled { why, wait: Duration::milliseconds(1702) }));
    }

    #[test]
    fn the_client_can_be_made_twice() {
        assert!(HttpClient::new().is_ok());
        assert!(HttpClient::new().is_ok());
    }
}
