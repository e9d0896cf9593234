//! An installation whose SMS company is a fake on this machine, and the calls that the company makes.

use assent::sms::params::Params;
use assent::sms::twilio::signature::SignatureHash;
use assent::sms::vonage::signature::{SignatureMethod, sign};
use rocket::http::{ContentType, Header, Status};

use super::provider::{FakeProvider, ReceivedRequest};
use super::{Page, TestApp, encode, read};

pub const SIGNATURE_SECRET: &str = "s3cr3t-Signature-Key";
pub const AUTH_TOKEN: &str = "12345678901234567890123456789012";
pub const ACCOUNT_SID: &str = "AC0123456789abcdef0123456789abcdef";

/// Settings for Vonage that point to the fake, with signed webhooks; `more` goes into `[default.sms]`.
pub fn vonage_settings(provider: &str, fake: &FakeProvider, more: &str) -> String {
    format!(
        "[default.sms]\nprovider = '{provider}'\n{more}\n[default.sms.vonage]\napi_key = 'abcd1234'\napi_secret = 'Secret-1'\n\
         signature_secret = '{SIGNATURE_SECRET}'\nsignature_method = 'sha256'\nmessages_per_second = 1000\nbase_url = '{}'\n",
        fake.base_url()
    )
}

/// Settings for Twilio that point to the fake.
pub fn twilio_settings(fake: &FakeProvider, more: &str) -> String {
    format!(
        "[default.sms]\nprovider = 'twilio'\n{more}\n[default.sms.twilio]\naccount_sid = '{ACCOUNT_SID}'\n\
         auth_token = '{AUTH_TOKEN}'\nmessages_per_second = 1000\nbase_url = '{}'\n",
        fake.base_url()
    )
}

pub fn form(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect::<Vec<_>>().join("&")
}

pub fn owned(pairs: &[(&str, &str)]) -> Params {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl TestApp {
    /// Adds the time, by the app's clock, and a signature to Vonage's parameters.
    pub fn signed(&self, pairs: &[(&str, &str)]) -> Params {
        let mut signed = owned(pairs);
        signed.push(("timestamp".to_owned(), self.app.clock.now().unix_timestamp().to_string()));
        signed.push(("nonce".to_owned(), "n-1".to_owned()));
        let sig = sign(SignatureMethod::Sha256, SIGNATURE_SECRET, &signed);
        signed.push(("sig".to_owned(), sig));
        signed
    }

    /// Posts a form without a browser's headers.
    pub async fn called(&self, path: &str, body: &str, headers: &[(&'static str, &str)]) -> Page {
        let mut request = self.client.post(path.to_owned()).header(ContentType::Form).body(body);
        for (name, value) in headers {
            request.add_header(Header::new(*name, (*value).to_owned()));
        }
        let page = read(request.dispatch().await).await;
        self.deliver().await;
        page
    }

    /// Vonage passes on a text, with its own id for it.
    pub async fn vonage_text(&self, from: &str, text: &str, name: &str) -> Page {
        let from = from.trim_start_matches('+');
        let pairs = self.signed(&[
            ("msisdn", from),
            ("to", "98765"),
            ("messageId", name),
            ("text", text),
            ("type", "text"),
            ("keyword", text.split_whitespace().next().unwrap_or_default()),
            ("message-timestamp", "2026-11-24 12:00:00"),
        ]);
        self.called("/webhooks/vonage/inbound", &form(&pairs), &[]).await
    }

    /// Vonage reports on a text, by its own id for it or by our reference.
    pub async fn vonage_receipt(&self, to: &str, name: Option<&str>, reference: Option<&str>, status: &str, error: &str) -> Page {
        let to = to.trim_start_matches('+');
        let mut pairs = vec![("msisdn", to), ("to", "98765"), ("status", status), ("err-code", error), ("scts", "2611241200")];
        pairs.extend(name.map(|name| ("messageId", name)));
        pairs.extend(reference.map(|reference| ("client-ref", reference)));
        let page = self.called("/webhooks/vonage/receipt", &form(&self.signed(&pairs)), &[]).await;
        assert_eq!(page.status, Status::Ok, "{}", page.text());
        page
    }

    /// Twilio calls one of its webhooks.
    pub async fn twilio_call(&self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let pairs = owned(pairs);
        let signature = assent::sms::twilio::signature::signature(
            SignatureHash::Sha1,
            AUTH_TOKEN,
            &format!("http://localhost:8000{path}"),
            &pairs,
        );
        self.called(path, &form(&pairs), &[("X-Twilio-Signature", &signature)]).await
    }

    /// Twilio passes on a text.
    pub async fn twilio_text(&self, from: &str, text: &str, name: &str) -> Page {
        self.twilio_call(
            "/webhooks/twilio/inbound",
            &[
                ("MessageSid", name),
                ("AccountSid", ACCOUNT_SID),
                ("From", from),
                ("To", "98765"),
                ("Body", text),
                ("NumMedia", "0"),
            ],
        )
        .await
    }

    /// The kind, status, error and tries of each text to a number, oldest first.
    pub fn rows(&self, phone: &str) -> Vec<String> {
        self.column(&format!(
            "SELECT kind || ' ' || status || coalesce(' ' || error, '') || ' ' || attempts AS value FROM messages \
             WHERE phone = '{phone}' ORDER BY id"
        ))
    }
}

/// The words of a text that the fake got.
pub fn words(request: &ReceivedRequest) -> String {
    let text = request.value("text").or_else(|| request.value("Body")).or_else(|| request.value("pin"));
    text.expect("words").to_owned()
}

/// The code in the newest code text that the fake got.
pub fn code_of(fake: &FakeProvider) -> String {
    let texts = fake.requests();
    let code = texts.iter().rev().find_map(|text| words(text).rsplit_once('#').map(|(_, code)| code.to_owned()));
    code.expect("a code was texted")
}

impl TestApp {
    /// Opts a number in by the typed code, through the fake.
    pub async fn opt_in_through(&self, fake: &FakeProvider, phone: &str) {
        assert_eq!(self.submit_phone(phone).await.location(), Some("/code"));
        assert_eq!(self.type_code(&code_of(fake)).await.location(), Some("/done"));
    }
}
