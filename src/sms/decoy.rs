//! An in-process stand-in for the SMS provider, to which refused texts are posted.
//!
//! Sending a text keeps the machine busy, and that shows in the response times of other requests. So a refused text does the
//! same work: the same client builds and posts it, and the answer takes as long as the provider's recent answers did. Must not
//! keep, log or parse what it receives.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::{Provider, SmsError};
use crate::clock::random_bytes;

/// How long the provider took for recent texts, so that the stand-in can take as long.
#[derive(Debug, Default)]
pub struct AnswerTimes(Mutex<VecDeque<Duration>>);

/// How many durations are kept.
const REMEMBERED: usize = 64;

impl AnswerTimes {
    /// Records one more duration.
    pub fn note(&self, took: Duration) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times.truncate(REMEMBERED - 1);
        times.push_front(took);
    }

    /// Returns one of the durations at random, or zero if there are none yet.
    #[must_use]
    pub fn one(&self) -> Duration {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [place] = random_bytes();
        let place = usize::from(place).checked_rem(times.len());
        place.and_then(|place| times.get(place)).copied().unwrap_or_default()
    }
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/// Starts a stand-in for this provider on a loopback port; `None` for the simulator, which posts nothing. `pause` says how long
/// to take for each text. Connections are answered on the calling runtime.
pub async fn decoy_of(
    provider: &Provider,
    pause: impl Fn() -> Duration + Send + Sync + 'static,
) -> Result<Option<Provider>, SmsError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let decoy = provider.stand_in(format!("http://{}", listener.local_addr()?))?;
    if decoy.is_some() {
        let pause = Arc::new(pause);
        tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&pause)))),
                    // Too many open files: wait until some are closed.
                    Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
                }
            }
        });
    }
    Ok(decoy)
}

/// Answers each text after the pause. The request isn't read until then, as if the server were far away.
async fn serve<P: Fn() -> Duration>(mut stream: TcpStream, pause: Arc<P>) {
    let mut read = [0; 4096];
    while stream.readable().await.is_ok() {
        tokio::time::sleep(pause()).await;
        loop {
            match stream.try_read(&mut read) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return,
            }
        }
        if stream.write_all(ANSWER).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::optin::message::MessageKind;
    use crate::optin::phone::PhoneNumber;
    use crate::secret::Secret;
    use crate::sms::OutboundSms;
    use crate::sms::settings::ProviderChoice;
    use crate::sms::vonage::Account;
    use crate::sms::vonage::signature::SignatureMethod;

    #[tokio::test]
    async fn a_refused_text_takes_as_long_as_one_that_goes_out_and_reaches_nobody() {
        let far = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        far.set_nonblocking(true).expect("set");
        let account = Account {
            api_key: "abcd1234".to_owned(),
            api_secret: Some("an example".to_owned()),
            signature_secret: None,
            signature_method: SignatureMethod::Md5Hash,
            signature_max_age: time::Duration::hours(72),
            report_conversions: false,
            base_url: format!("http://{}", far.local_addr().expect("bound")),
            conversions_base_url: String::new(),
        };
        let provider = Provider::new(&ProviderChoice::Vonage(Secret::new(account)), None).expect("set up");
        let decoy = decoy_of(&provider, || Duration::from_millis(40)).await.expect("listens").expect("one that posts");
        for message_id in 1..=2 {
            let sms = OutboundSms {
                message_id,
                kind: MessageKind::Code,
                to: PhoneNumber::from_stored("+12025550147").expect("a number"),
                from: "98765".to_owned(),
                body: "Your code is 123456.".to_owned(),
                expires_at: None,
            };
            let began = crate::clock::Stopwatch::start();
            decoy.send(sms, OffsetDateTime::UNIX_EPOCH).await;
            assert!(began.elapsed() >= Duration::from_millis(40), "answered after {:?}", began.elapsed());
        }
        assert_eq!(far.accept().expect_err("nobody called").kind(), ErrorKind::WouldBlock);
    }
}
