//! An in-process stand-in for the SMS provider, to which refused texts are posted.
//!
//! Sending a text keeps the machine busy, and that shows in the response times of other requests. So a refused text does the
//! same work: the same client builds and posts it, and the answer takes as long as the provider's recent answers did. Must not
//! keep, log or parse what it receives.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::{Provider, SmsError};

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
