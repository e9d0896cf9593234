//! The part of HTTP/1.1 that the driver needs, written by hand so that it uses as little as possible of the CPU that it shares
//! with the server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A browser: one connection and one cookie.
pub struct Browser {
    stream: BufReader<TcpStream>,
    host: String,
    cookie: Option<String>,
    forwarded: String,
}

/// A response, read to its end.
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

impl Browser {
    pub fn new(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).expect("the server takes connections");
        stream.set_nodelay(true).expect("set");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        Self { stream: BufReader::new(stream), host: server.to_string(), cookie: None, forwarded: String::new() }
    }

    /// The same, behind a proxy that names the n-th address.
    pub fn forwarded(server: SocketAddr, n: usize) -> Self {
        let [.., a, b, c] = n.to_be_bytes();
        Self { forwarded: format!("X-Forwarded-For: 10.{a}.{b}.{c}\r\n"), ..Self::new(server) }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "")
    }

    pub fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send("POST", path, form)
    }

    fn send(&mut self, method: &str, path: &str, form: &str) -> Answer {
        let cookie = self.cookie.as_ref().map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
        let body = if method == "POST" {
            format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}", form.len())
        } else {
            "\r\n".to_owned()
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Bench/1\r\nAccept-Encoding: gzip\r\n{}{cookie}{body}",
            self.host, self.forwarded
        );
        self.stream.get_mut().write_all(request.as_bytes()).expect("sent");
        self.read()
    }

    fn read(&mut self) -> Answer {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("answered");
        let status = line.split_whitespace().nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let (mut location, mut length) = (None, 0);
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("a header");
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().expect("a length"),
                "location" => location = Some(value.to_owned()),
                "set-cookie" => self.cookie = value.split(';').next().map(ToOwned::to_owned),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("a body");
        Answer { status, location, body: String::from_utf8_lossy(&body).into_owned() }
    }
}
