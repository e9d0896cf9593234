//! Admission: who is charged for a code request, and whether a text may go out for it.
//!
//! Addresses and browsers are charged for each accepted request, whether or not a text goes out, so that the charge reveals
//! nothing about the number.

use time::{Duration, OffsetDateTime};

use crate::app::App;
use crate::config::Config;
use crate::flow::Browser;
use crate::optin::caps::{self, Admission, FROM_RESERVE, NumberHistory, SiteRoom, site_room};
use crate::optin::counts::{Count, add_to_all, all_free_at};
use crate::optin::message::MessageKind;
use crate::optin::phone::PhoneNumber;
use crate::optin::verification::VerificationMethod;
use crate::store::counts::{self, CountScope, Counts};
use crate::store::numbers::NumberFacts;
use crate::store::verifications::Verification;
use crate::store::{StoreError, Tx, messages};

/// Where a request comes from, as keyed hashes, since plain addresses appear only in the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The hash of the address, or of its /64 for IPv6.
    pub address: String,
    /// The hash of the /48 around it, for IPv6.
    pub network: Option<String>,
}

/// The counts for those who ask, and for the site.
pub(super) struct Charged {
    address: Counts,
    /// `None` for IPv4.
    network: Option<Counts>,
    browser: Counts,
    site: Counts,
    /// The site's counts as they were read, and how many texts were added to them since.
    site_read: Counts,
    texts: u32,
    /// What the address and the browser drew from the site's reserve.
    reserve: [Counts; 2],
    /// Whether the browser or anybody at the address has ever verified a number.
    is_known: bool,
}

/// Whether a browser at an address may have one of the site's texts, as its page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// It may.
    None,
    /// What is left is reserved for others.
    ForStrangers,
    /// There are none left.
    ForAll,
}

impl Charged {
    /// Like [`Self::take`], for the address and the browser that began a verification.
    pub(super) fn of(tx: &mut Tx<'_>, verification: &Verification) -> Result<Self, StoreError> {
        let address = verification.address.clone().unwrap_or_default();
        Self::take(tx, &verification.browser, &Origin { address, network: verification.network.clone() })
    }

    /// Like [`Self::load`], but waits first until no other transaction charges the same address, /48 or browser.
    pub(super) fn take(tx: &mut Tx<'_>, browser: &str, origin: &Origin) -> Result<Self, StoreError> {
        let network = origin.network.as_deref().map(|network| (CountScope::Network, network));
        let subjects = [Some((CountScope::Address, origin.address.as_str())), network, Some((CountScope::Browser, browser))];
        counts::take(tx, &subjects.into_iter().flatten().collect::<Vec<_>>())?;
        Self::load(tx, browser, origin)
    }

    /// Looks everything up at once. `browser` is the hash of its token.
    pub(super) fn load(tx: &mut Tx<'_>, browser: &str, origin: &Origin) -> Result<Self, StoreError> {
        let network = origin.network.as_deref();
        let subjects = [
            (CountScope::Address, origin.address.as_str()),
            (CountScope::Network, network.unwrap_or_default()),
            (CountScope::Browser, browser),
            (CountScope::Site, ""),
            (CountScope::Reserve, &origin.address),
            (CountScope::Reserve, browser),
        ];
        let (counts, is_known) = counts::load(tx, subjects, browser, &origin.address)?;
        let [address, of_network, browser, site, by_address, by_browser] = counts;
        let network = network.map(|_| of_network);
        let site_read = site.clone();
        Ok(Self { address, network, browser, site, site_read, texts: 0, reserve: [by_address, by_browser], is_known })
    }

    /// Returns when they may ask again; `None` if they may ask now.
    pub(super) fn shut_out_until(&self, config: &Config, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let caps = &config.caps;
        let of_network = caps::of_network(&caps.per_address);
        let network = self.network.as_ref().and_then(|network| all_free_at(network.all(), &of_network, now));
        let address = all_free_at(self.address.all(), &caps.per_address, now);
        address.max(network).max(all_free_at(self.browser.all(), &caps.per_browser, now))
    }

    /// Returns what the page says about the site's texts. It depends only on the browser and the address, and changes only where
    /// a share of a count ends, so that nobody learns from it whether their own request caused a text.
    pub(super) fn pause(&self, config: &Config, now: OffsetDateTime) -> Pause {
        let settled = |of: &Counts| of.all().iter().map(|count| count.before_share(now)).collect::<Vec<_>>();
        match site_room(&settled(&self.site), &config.caps.site, now) {
            SiteRoom::Everybody => Pause::None,
            SiteRoom::Nobody => Pause::ForAll,
            SiteRoom::Known => {
                let may_draw = self.reserve.iter().all(|drawn| may_draw(&settled(drawn), now));
                if self.is_known && may_draw { Pause::None } else { Pause::ForStrangers }
            }
        }
    }

    /// Returns whether the site has a text for this request. What is drawn from its reserve is charged to the browser and the
    /// address, whether or not a text goes out.
    pub(super) fn take_room(&mut self, config: &Config, number: NumberFacts, now: OffsetDateTime) -> bool {
        match site_room(self.site.all(), &config.caps.site, now) {
            SiteRoom::Everybody => true,
            SiteRoom::Nobody => false,
            SiteRoom::Known => {
                let may_draw = self.reserve.iter().all(|drawn| may_draw(drawn.all(), now));
                self.reserve.iter_mut().for_each(|drawn| add_to_all(drawn.all_mut(), &FROM_RESERVE, now));
                may_draw && (self.is_known || number.opted_in_before)
            }
        }
    }

    /// Charges an accepted request to its address, network and browser.
    pub(super) fn add_request(&mut self, config: &Config, now: OffsetDateTime) {
        add_to_all(self.address.all_mut(), &config.caps.per_address, now);
        if let Some(network) = &mut self.network {
            add_to_all(network.all_mut(), &caps::of_network(&config.caps.per_address), now);
        }
        add_to_all(self.browser.all_mut(), &config.caps.per_browser, now);
    }

    /// Charges an accepted request, and counts its text if there is one.
    pub(super) fn add_accepted(&mut self, config: &Config, admission: Option<Admission>, now: OffsetDateTime) {
        self.add_request(config, now);
        match admission {
            Some(Admission::Allowed) => self.add_text(config, now),
            Some(_) => self.add_no_text(config),
            None => {}
        }
    }

    /// Counts a code or a welcome toward the site's caps.
    pub(super) fn add_text(&mut self, config: &Config, now: OffsetDateTime) {
        self.texts += 1;
        add_to_all(self.site.all_mut(), &config.caps.site, now);
    }

    /// Goes through the steps of [`Self::add_text`] for a text that doesn't go out.
    fn add_no_text(&mut self, config: &Config) {
        let windows = config.caps.site.iter().map(|cap| cap.window);
        let missing: Vec<Count> =
            windows.filter(|window| !self.site.all().iter().any(|count| count.window() == *window)).map(Count::none).collect();
        self.site.all_mut().extend(missing);
    }

    /// Takes back what a verification charged to its address, so that an office or a carrier's NAT isn't shut out by its own
    /// successes.
    pub(super) fn forgive(&mut self, verification: &Verification) {
        for counts in [Some(&mut self.address), self.network.as_mut()].into_iter().flatten() {
            counts.all_mut().iter_mut().for_each(|count| count.take_back(verification.charges, verification.created_at));
        }
    }

    /// Moves the browser's charges to the token that replaces its own.
    pub(super) fn renew_browser(self, to: &Browser) -> Self {
        Self { browser: self.browser.moved_to(to.as_str()), ..self }
    }

    /// Stores what has changed. After this, the transaction may take no more locks except those of the ledger and of e-mail.
    ///
    /// # Errors
    /// Returns [`StoreError::Raced`] if the site's room has changed since it was read. The transaction then has to run again.
    pub(super) fn save(&self, tx: &mut Tx<'_>, config: &Config, now: OffsetDateTime) -> Result<(), StoreError> {
        let site = if self.site.is_changed() { self.newest_site(tx, config, now)? } else { None };
        let site = site.as_ref().unwrap_or(&self.site);
        let of_askers = [Some(&self.address), self.network.as_ref(), Some(&self.browser), Some(site)];
        counts::save(tx, of_askers.into_iter().flatten().chain(&self.reserve))
    }

    /// Adds this request's texts to what others have counted for the site since it was read. The row is the same for everybody,
    /// so it's taken as late as this.
    fn newest_site(&self, tx: &mut Tx<'_>, config: &Config, now: OffsetDateTime) -> Result<Option<Counts>, StoreError> {
        let Some(mut newest) = counts::take_site(tx)?.filter(|newest| !newest.is_unchanged_since(&self.site_read)) else {
            return Ok(None);
        };
        let caps = &config.caps.site;
        if site_room(newest.all(), caps, now) != site_room(self.site_read.all(), caps, now) {
            return Err(StoreError::Raced);
        }
        newest.all_mut();
        for _ in 0..self.texts {
            add_to_all(newest.all_mut(), caps, now);
        }
        Ok(Some(newest))
    }
}

/// Returns whether an address or a browser with these counts may draw on the site's reserve.
fn may_draw(drawn: &[Count], now: OffsetDateTime) -> bool {
    all_free_at(drawn, &FROM_RESERVE, now).is_none()
}

/// How long a verification that caused no text is kept.
const TEXTLESS_KEPT: Duration = Duration::hours(48);

/// Returns whether a text goes out.
pub(super) fn causes_text(admission: Option<Admission>) -> bool {
    admission == Some(Admission::Allowed)
}

/// Returns when a verification that began at `began` is forgotten, if it is never confirmed.
pub(super) fn forget_at(config: &Config, admission: Option<Admission>, began: OffsetDateTime) -> OffsetDateTime {
    let kept = if causes_text(admission) { config.unconfirmed_kept() } else { TEXTLESS_KEPT };
    began + kept
}

/// Decides whether a code that is good until `code_expires_at` may be texted to the number. Returns `None` if codes are never
/// texted, because the reply way is the only one. `has_room` says whether the site has a text for it.
pub(super) fn admit(
    tx: &mut Tx<'_>,
    app: &App,
    phone: &PhoneNumber,
    number: NumberFacts,
    has_room: bool,
    code_expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Option<Admission>, StoreError> {
    let config = &app.config;
    if !config.offers(VerificationMethod::WebCode) {
        return Ok(None);
    }
    let history = history(tx, config, phone, number, now)?;
    let admission = caps::admit(&history, &config.caps.per_number, config.program.frequency, now);
    Ok(Some(match admission {
        _ if !has_room => Admission::SiteFull,
        Admission::Allowed if !app.breaker().in_time(code_expires_at, now) => Admission::Delayed,
        other => other,
    }))
}

fn history(
    tx: &mut Tx<'_>,
    config: &Config,
    phone: &PhoneNumber,
    number: NumberFacts,
    now: OffsetDateTime,
) -> Result<NumberHistory, StoreError> {
    let promised = caps::frequency_cap(config.program.frequency);
    let window = caps::longest_window(&config.caps.per_number).max(promised.map_or(Duration::ZERO, |cap| cap.window));
    let texts = messages::counted(tx, phone, now - window)?;
    let of = |kind| texts.iter().filter(|(k, _)| *k == kind).map(|(_, at)| *at).collect();
    Ok(NumberHistory {
        codes: of(MessageKind::Code),
        welcomes: of(MessageKind::Welcome),
        standing: number.standing,
        failures: number.failures,
    })
}
