//! Two loads: texts from phones, and a full outbox.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::fill;
use crate::http::Browser;
use crate::people::{percentile, phone, signed_text};
use crate::provider::Provider;
use crate::server::Server;

const CONNECTIONS: usize = 64;

/// Sends signed texts from phones, each from a different number, as fast as they're accepted.
pub fn inbound(provider: &Provider, time: Duration) {
    static NEXT: AtomicUsize = AtomicUsize::new(4_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), provider, 0, &[]);
    let before = server.cost();
    let began = Instant::now();
    let caller = || {
        let mut took = Vec::new();
        let mut carrier = Browser::new(server.address);
        while began.elapsed() < time {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let form = signed_text(&phone(n), "thanks a lot", &format!("load-{n}"));
            let asked = Instant::now();
            assert_eq!(carrier.post("/webhooks/vonage/inbound", &form).status, 200);
            took.push(asked.elapsed());
        }
        took
    };
    let took: Vec<Duration> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(caller)).collect();
        callers.into_iter().flat_map(|caller| caller.join().expect("a caller panicked")).collect()
    });
    let cost = server.cost().since(before);
    let count = took.len() as f64;
    println!(
        "signed texts from phones, {CONNECTIONS} connections: {:.0} a second, p99 {:.1} ms, {:.2} ms of CPU and {:.2} flushes each, \
         answers included",
        count / began.elapsed().as_secs_f64(),
        percentile(&took, 99),
        cost.cpu.as_secs_f64() * 1_000.0 / count,
        cost.flushes as f64 / count,
    );
}

/// Drains a full outbox.
pub fn drain(provider: &Provider, texts: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    fill::outbox(folder.path(), provider, texts);
    let before = provider.taken();
    let server = Server::start(folder.path(), provider, 0, &[]);
    let began = Instant::now();
    while provider.taken() - before < texts {
        assert!(began.elapsed() < Duration::from_mins(2), "only {} of {texts} texts went out", provider.taken() - before);
        std::thread::sleep(Duration::from_millis(5));
    }
    println!("draining {texts} texts: {:.0} a second", texts as f64 / began.elapsed().as_secs_f64());
    drop(server);
}
