//! `assent healthcheck`

use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::cli::{Outcome, block_on, complain, say, settings};

/// How long to wait. A server that takes longer isn't ready.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(url: Option<String>) -> anyhow::Result<Outcome> {
    let base = match url {
        Some(url) => url,
        None => {
            let Some((config, _)) = settings() else { return Ok(Outcome::Misconfigured) };
            let scheme = if config.tls { "https" } else { "http" };
            format!("{scheme}://{}:{}", if config.tls { "localhost" } else { "127.0.0.1" }, config.port)
        }
    };
    let Ok(target) = url::Url::parse(&base).and_then(|base| base.join("/health/ready")) else {
        complain(&format!("`{base}` isn't a URL: write http:// and a host, such as http://127.0.0.1:8000"));
        return Ok(Outcome::Misconfigured);
    };
    block_on(async {
        // Two TLS libraries are available. Choose one here rather than leave it to chance.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        let answer = client.get(target.clone()).send().await.with_context(|| format!("{target} does not answer"))?;
        if !answer.status().is_success() {
            bail!("{target} answers {}", answer.status());
        }
        say("ready");
        Ok(Outcome::Done)
    })
}
