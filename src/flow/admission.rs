//! Admission: who is charged for a request for a code, and whether a text may go out for it.
//!
//! Addresses and browsers are charged for each accepted request, whether or not a text goes out, so that the charge tells
//! nothing of the number.

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::config::Config;
use crate::optin::caps::{self, Admission, NumberHistory};
use crate::optin::counts::{Count, add_to_all, all_free_at};
use crate::optin::message::MessageKind;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::VerificationMethod;
use crate::store::counts::{self, CountScope, Counts};
use crate::store::verifications::Verification;
use crate::store::{StoreError, Tx, failures, messages, subscribers};

/// Where a request comes from: keyed hashes, since addresses stand in the evidence alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Of the address, or of its /64 for IPv6.
    pub address: String,
    /// Of the /48 around it, for IPv6.
    pub network: Option<String>,
}

/// What was counted for those who ask, and for the site.
pub(super) struct Charged {
    address: Counts,
    /// None for IPv4.
    network: Option<Counts>,
    browser: Counts,
    site: Counts,
}

impl Charged {
    /// Looks everything up at once, for those who began a verification.
    pub(super) fn of(tx: &mut Tx<'_>, verification: &Verification) -> Result<Self, StoreError> {
        let address = verification.address.clone().unwrap_or_default();
        Self::load(tx, &verification.browser, &Origin { address, network: verification.network.clone() })
    }

    /// Looks everything up at once. `browser` is the hash of its token.
    pub(super) fn load(tx: &mut Tx<'_>, browser: &str, origin: &Origin) -> Result<Self, StoreError> {
        let network = origin.network.as_deref();
        let [address, of_network, browser, site] = counts::load(
            tx,
            [
                (CountScope::Address, &origin.address),
                (CountScope::Network, network.unwrap_or_default()),
                (CountScope::Browser, browser),
                (CountScope::Site, ""),
            ],
        )?;
        Ok(Self { address, network: network.map(|_| of_network), browser, site })
    }

    /// When they may ask again; none if they may now.
    pub(super) fn shut_out_until(&self, config: &Config, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let caps = &config.caps;
        let network = self.network.as_ref().and_then(|of| all_free_at(&of.now, &caps::of_network(&caps.per_address), now));
        let address = all_free_at(&self.address.now, &caps.per_address, now);
        address.max(network).max(all_free_at(&self.browser.now, &caps.per_browser, now))
    }

    /// Whether the whole site has had its texts.
    pub(super) fn site_is_full(&self, config: &Config, now: OffsetDateTime) -> bool {
        all_free_at(&self.site.now, &config.caps.site, now).is_some()
    }

    /// Charges an accepted request to its address, network and browser.
    pub(super) fn add_request(&mut self, config: &Config, now: OffsetDateTime) {
        add_to_all(&mut self.address.now, &config.caps.per_address, now);
        if let Some(network) = &mut self.network {
            add_to_all(&mut network.now, &caps::of_network(&config.caps.per_address), now);
        }
        add_to_all(&mut self.browser.now, &config.caps.per_browser, now);
    }

    /// Counts a code or a welcome of the site.
    pub(super) fn add_text(&mut self, config: &Config, now: OffsetDateTime) {
        add_to_all(&mut self.site.now, &config.caps.site, now);
    }

    /// Takes the steps of [`Self::add_text`] for a text that doesn't go out.
    pub(super) fn add_no_text(&mut self, config: &Config) {
        let windows = config.caps.site.iter().map(|cap| cap.window);
        let missing = windows.filter(|window| !self.site.now.iter().any(|count| count.window() == *window));
        let begun: Vec<Count> = missing.map(Count::none).collect();
        self.site.now.extend(begun);
        self.site.touched = true;
    }

    /// Takes back what a verification was charged to its address, so that an office or a carrier's NAT isn't shut out by its
    /// own successes.
    pub(super) fn forgive(&mut self, verification: &Verification) {
        for counts in [Some(&mut self.address), self.network.as_mut()].into_iter().flatten() {
            counts.now.iter_mut().for_each(|count| count.take_back(verification.charges, verification.created_at));
        }
    }

    /// Keeps what has changed.
    pub(super) fn save(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for counts in [Some(&self.address), self.network.as_ref(), Some(&self.browser), Some(&self.site)].into_iter().flatten() {
            counts::save(tx, counts)?;
        }
        Ok(())
    }
}

/// Whether a code that lives until `code_expires_at` may be texted to the number; `None` when none is ever texted, since the
/// reply way is the only one.
pub(super) fn admit(
    tx: &mut Tx<'_>,
    app: &App,
    phone: &PhoneNumber,
    site_full: bool,
    code_expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Option<Admission>, StoreError> {
    let config = &app.config;
    if !config.offers(VerificationMethod::WebCode) {
        return Ok(None);
    }
    let admission = caps::admit(&history(tx, config, phone, now)?, &config.caps.per_number, config.program.frequency, now);
    Ok(Some(match admission {
        _ if site_full => Admission::SiteFull,
        Admission::Allowed if !app.breaker().in_time(code_expires_at, now) => Admission::Delayed,
        other => other,
    }))
}

fn history(tx: &mut Tx<'_>, config: &Config, phone: &PhoneNumber, now: OffsetDateTime) -> Result<NumberHistory, StoreError> {
    let promised = caps::frequency_cap(config.program.frequency);
    let window = caps::longest_window(&config.caps.per_number).max(promised.map_or(Duration::ZERO, |cap| cap.window));
    let texts = messages::counted(tx, phone, now - window)?;
    let of = |kind| texts.iter().filter(|(k, _)| *k == kind).map(|(_, at)| *at).collect();
    Ok(NumberHistory {
        codes: of(MessageKind::Code),
        welcomes: of(MessageKind::Welcome),
        standing: subscribers::find(tx, phone)?.map(|subscriber| subscriber.standing),
        failures: failures::count(tx, phone)?,
    })
}
