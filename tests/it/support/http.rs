//! The part of HTTP/1.1 that the fakes need, written by hand: a real server couldn't break the rules on purpose.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;
use url::form_urlencoded;

#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    pub method: String,
    pub path: String,
    /// As written in the URL.
    pub query: Option<String>,
    pub headers: Vec<(String, String)>,
    /// Decoded; empty if the body isn't a form.
    pub form: Vec<(String, String)>,
    /// The query, decoded.
    pub query_pairs: Vec<(String, String)>,
}

impl ReceivedRequest {
    /// A parameter, from the form or else from the URL.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.form.iter().chain(&self.query_pairs).find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// User and password of HTTP Basic.
    pub fn basic(&self) -> Option<(String, String)> {
        let (scheme, encoded) = self.header("authorization")?.split_once(' ')?;
        let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        scheme.eq_ignore_ascii_case("basic").then(|| (user.to_owned(), password.to_owned()))
    }

    /// Reads a request with a `Content-Length` or no body. Returns `None` for anything else, and at the end of the connection.
    #[allow(clippy::disallowed_methods, reason = "when a request came is a fact about the test, not about the app")]
    pub async fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        // A request to a proxy has the whole URL.
        let after_scheme = target.strip_prefix("http://");
        let target = after_scheme.and_then(|rest| rest.find('/').map(|at| &rest[at..])).unwrap_or(target);
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let query_pairs = query.map(|query| pairs(query.as_bytes())).unwrap_or_default();
        let (path, query) = (path.to_owned(), query.map(ToOwned::to_owned));
        let mut headers = Vec::new();
        loop {
            line.clear();
            stream.read_line(&mut line).await.ok()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut request = Self { method, path, query, headers, form: Vec::new(), query_pairs };
        if request.header("transfer-encoding").is_some() {
            return None;
        }
        let mut body = vec![0; request.length()];
        stream.read_exact(&mut body).await.ok()?;
        if request.has_form() {
            request.form = pairs(&body);
        }
        Some(request)
    }

    pub fn length(&self) -> usize {
        self.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)
    }

    pub fn has_form(&self) -> bool {
        let essence = self.header("content-type").and_then(|value| value.split(';').next());
        essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

pub fn response(status: u16, content_type: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} \r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n{more}\r\n{body}")
}
