//! A local provider that speaks Vonage's protocol and remembers the codes it gets.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use url::form_urlencoded;

/// How many locks the codes are spread across.
const SHARDS: usize = 16;

#[derive(Default)]
struct Shard {
    codes: Mutex<HashMap<String, String>>,
    arrived: Condvar,
}

#[derive(Clone)]
pub struct Provider {
    shards: Arc<[Shard; SHARDS]>,
    address: SocketAddr,
    taken: Arc<AtomicUsize>,
    thinks: Duration,
}

impl Provider {
    /// Starts a provider that answers immediately.
    pub fn start() -> Self {
        Self::that_thinks(Duration::ZERO)
    }

    /// Starts a provider that seems far away. It takes `thinks` for each text, and checks its connections only now and then, so
    /// that it isn't working while the answer to a request is being measured.
    pub fn that_thinks(thinks: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let provider = Self { shards: Arc::default(), address, taken: Arc::default(), thinks };
        let shared = provider.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let provider = shared.clone();
                std::thread::spawn(move || provider.serve(stream));
            }
        });
        provider
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many texts it has accepted.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    fn shard(&self, phone: &str) -> &Shard {
        let sum: usize = phone.bytes().map(usize::from).sum();
        &self.shards[sum % SHARDS]
    }

    /// Waits for the code that was texted to a number.
    pub fn code_for(&self, phone: &str) -> String {
        let shard = self.shard(phone);
        let mut codes = shard.codes.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(code) = codes.remove(phone) {
                return code;
            }
            let (next, timeout) =
                shard.arrived.wait_timeout(codes, Duration::from_secs(20)).unwrap_or_else(PoisonError::into_inner);
            assert!(!timeout.timed_out(), "no code was texted to {phone}");
            codes = next;
        }
    }

    fn serve(&self, stream: TcpStream) {
        static SERIAL: AtomicU64 = AtomicU64::new(1);
        let _ = stream.set_nodelay(true);
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        loop {
            line.clear();
            if !self.thinks.is_zero() && stream.buffer().is_empty() && !wait_for_bytes(stream.get_ref(), self.thinks / 4) {
                return;
            }
            if stream.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let mut length = 0;
            loop {
                line.clear();
                if stream.read_line(&mut line).unwrap_or(0) == 0 {
                    return;
                }
                let Some((name, value)) = line.trim_end().split_once(": ") else { break };
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.parse().expect("a length");
                }
            }
            let mut body = vec![0; length];
            if stream.read_exact(&mut body).is_err() {
                return;
            }
            let pairs: HashMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
            let (to, text) = (&pairs["to"], &pairs["text"]);
            // The last line of a code text ends in `#CODE`.
            if let Some((_, code)) = text.rsplit_once('#') {
                let phone = format!("+{}", to.trim_start_matches('+'));
                let shard = self.shard(&phone);
                shard.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(phone, code.to_owned());
                shard.arrived.notify_all();
            }
            self.taken.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(self.thinks);
            let id = SERIAL.fetch_add(1, Ordering::Relaxed);
            let answer = format!(r#"{{"message-count":"1","messages":[{{"to":"{to}","message-id":"{id:016X}","status":"0"}}]}}"#);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", answer.len());
            if stream.get_mut().write_all(format!("{head}{answer}").as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// Polls until there is something to read. Returns false once the connection has ended.
fn wait_for_bytes(stream: &TcpStream, every: Duration) -> bool {
    stream.set_nonblocking(true).expect("set");
    let arrived = loop {
        match stream.peek(&mut [0]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => std::thread::sleep(every),
            peeked => break peeked.is_ok_and(|bytes| bytes > 0),
        }
    };
    stream.set_nonblocking(false).expect("set");
    arrived
}
