//! A person texts the short code.
//!
//! Every message goes this way, whichever provider passed it on: it is stored, acted on and answered in one transaction, in the
//! order opt-out, help, opt-in, code, unknown. An answer may be held back or fail to render, but the message always takes effect.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::app::App;
use crate::clock::random_bytes;
use crate::flow::outgoing::{self, Outgoing};
use crate::flow::proof::{self, Proof, welcome};
use crate::flow::{FlowError, no_more_texts, page_codes, storable, texts};
use crate::optin::answers::{Answer, LONGEST_LOOK, MOST_CHANGES, may_answer};
use crate::optin::code::Code;
use crate::optin::consent::{ConsentKind, ConsentRecord};
use crate::optin::disclosure::ProgramKind;
use crate::optin::keyword::{self, InboundAction, LONGEST_MESSAGE, Language};
use crate::optin::message::mask_codes;
use crate::optin::phone::PhoneNumber;
use crate::optin::review::{self, review_deadline, says_more_than_a_code};
use crate::optin::subscriber::{self, Standing, StartChange};
use crate::sms::AnsweredAs;
use crate::store::codes::StoredCode;
use crate::store::inbound_messages::{self, NewInbound};
use crate::store::messages::{self, Basis, Fate, NewMessage};
use crate::store::subscribers::Subscriber;
use crate::store::verifications::{self, Verification};
use crate::store::{Lane, StoreError, Tx, codes, consents, failures, locks, numbers, outbox, subscribers};

/// A message as the provider passed it on.
#[derive(Clone)]
pub struct InboundMessage {
    /// The provider.
    pub provider: &'static str,
    /// The provider's ID for the message.
    pub provider_message_id: String,
    /// The number that sent it.
    pub from: PhoneNumber,
    /// Its words.
    pub text: String,
    /// What we know besides the words.
    pub context: InboundContext,
}

/// What a provider says about a message besides its words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InboundContext {
    /// The keyword that the provider took it for and has already answered.
    pub answered_as: Option<AnsweredAs>,
    /// It was sent to a sender other than the program's: only an opt-out counts.
    pub to_another: bool,
    /// Parts of it are missing: only an opt-out counts.
    pub is_cut: bool,
    /// How the provider identified it.
    pub name: MessageName,
}

/// How well a message can be told apart from a repeat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MessageName {
    /// The provider gave it an ID.
    #[default]
    Given,
    /// It has no ID, so one is derived from who sent what to whom, and when. An opt-out that seems to be a repeat counts again.
    Derived,
    /// It has neither an ID nor a time: only an opt-out counts, each time it comes in.
    Missing,
}

impl InboundContext {
    /// Returns whether only an opt-out has an effect.
    const fn only_opts_out(self) -> bool {
        self.to_another || self.is_cut || matches!(self.name, MessageName::Missing)
    }

    /// Returns whether a message that was stored before takes effect again, because nobody can be sure that it's the same one.
    const fn counts_again(self, action: &InboundAction) -> bool {
        matches!(self.name, MessageName::Derived) && matches!(action, InboundAction::OptOut { .. })
    }

    /// Returns whether words that match nothing get no answer: they may reply to another program's text, or come in many times.
    const fn is_left_unanswered(self) -> bool {
        self.to_another || matches!(self.name, MessageName::Missing)
    }
}

/// The outcome of receiving a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiveOutcome {
    /// It was stored and took effect.
    Kept,
    /// It was stored before, and takes effect only once.
    Duplicate,
}

/// Stores a message, does what it asks for and queues the answer, in one transaction that takes priority over pages.
///
/// # Errors
/// If the store fails. The provider must then deliver the message again.
pub async fn receive(app: &Arc<App>, message: InboundMessage) -> Result<ReceiveOutcome, FlowError> {
    let now = app.clock.now();
    let message = InboundMessage { text: storable(message.text), ..message };
    Ok(outgoing::write(app, Lane::Urgent, now, move |tx, app, outgoing| take_in(tx, app, outgoing, &message, now)).await?)
}

/// Stores a complete message and does what it asks for.
pub(super) fn take_in(
    tx: &mut Tx<'_>,
    app: &App,
    outgoing: &mut Outgoing,
    message: &InboundMessage,
    now: OffsetDateTime,
) -> Result<ReceiveOutcome, StoreError> {
    locks::take_number(tx, &message.from)?;
    let answered_as = answered_as(app, message);
    let action = action_of(message, answered_as);
    let words = mask_codes(&message.text.chars().take(LONGEST_MESSAGE).collect::<String>());
    let kept = NewInbound {
        provider: message.provider,
        provider_message_id: message.provider_message_id.clone(),
        phone: message.from.clone(),
        text: words.clone(),
        keyword: action.keyword(),
        received_at: now,
    };
    let inbound = match inbound_messages::add(tx, &kept)? {
        Some(inbound) => inbound,
        None => match inbound_messages::id_of(tx, message.provider, &message.provider_message_id)? {
            Some(inbound) if message.context.counts_again(&action) => inbound,
            Some(_) | None => return Ok(ReceiveOutcome::Duplicate),
        },
    };
    if action == InboundAction::Unknown {
        inbound_messages::mark_for_review(tx, inbound, review::rank(&message.text), review_deadline(now))?;
    }
    let phone = message.from.clone();
    let subscriber = subscribers::find(tx, &phone)?;
    let pending = verifications::pending_of_number(tx, &phone, now)?;
    let locale = answer_locale(app, subscriber.as_ref(), pending.as_ref(), &action);
    let has_pending = pending.is_some();
    let context = message.context;
    let received = Received { app, phone, words, context, answered_as, inbound, subscriber, has_pending, locale, now };
    received.act(tx, outgoing, &action)?;
    Ok(ReceiveOutcome::Kept)
}

/// Returns the keyword that the provider took a message for and has answered, according to the provider or to the owner's
/// settings.
fn answered_as(app: &App, message: &InboundMessage) -> Option<AnsweredAs> {
    let said = || app.config.sms.provider_answers_keywords.then(|| app.provider.answered_as(&message.text)).flatten();
    message.context.answered_as.or_else(said)
}

/// Returns what a message asks for. The provider's own reading adds to ours; an opt-out in either one wins.
fn action_of(message: &InboundMessage, answered_as: Option<AnsweredAs>) -> InboundAction {
    let action = keyword::read(&message.text);
    if matches!(action, InboundAction::OptOut { .. }) {
        return action;
    }
    match answered_as {
        Some(AnsweredAs::Stop) => InboundAction::OptOut { keyword: "STOP", language: Language::ENGLISH },
        _ if message.context.only_opts_out() => InboundAction::Unknown,
        Some(AnsweredAs::Start) => InboundAction::OptIn { keyword: "START" },
        Some(AnsweredAs::Help) => InboundAction::Help { keyword: "HELP", language: Language::ENGLISH },
        None => action,
    }
}

/// Returns the language of the answer: that of the number's opt-in, else that of a word that only one language has, else that of
/// the page that last asked for the number.
fn answer_locale(app: &App, subscriber: Option<&Subscriber>, pending: Option<&Verification>, action: &InboundAction) -> String {
    let of_opt_in = subscriber.map(|subscriber| subscriber.locale.clone());
    let of_word = action.language().filter(|language| *language != Language::ENGLISH).map(|language| language.code().to_owned());
    let of_page = pending.map(|verification| verification.evidence.locale.clone());
    let offered = |locale: &String| app.config.locales.contains(locale);
    let of_word = of_word.filter(|locale| app.render().speaks(locale));
    let found = of_opt_in.filter(offered).or(of_word).or_else(|| of_page.filter(offered));
    found.unwrap_or_else(|| app.config.default_locale.clone())
}

/// A stored message, with what we know about its number.
struct Received<'a> {
    app: &'a App,
    phone: PhoneNumber,
    words: String,
    context: InboundContext,
    answered_as: Option<AnsweredAs>,
    inbound: i64,
    subscriber: Option<Subscriber>,
    /// Whether the number has a pending verification.
    has_pending: bool,
    locale: String,
    now: OffsetDateTime,
}

impl Received<'_> {
    fn act(&self, tx: &mut Tx<'_>, outgoing: &mut Outgoing, action: &InboundAction) -> Result<(), StoreError> {
        match action {
            InboundAction::OptOut { language, .. } => self.opt_out(tx, outgoing, *language),
            InboundAction::Help { .. } => self.answer(tx, outgoing, Answer::Help),
            InboundAction::OptIn { .. } => self.opt_in(tx, outgoing),
            InboundAction::TryCode(candidates) => self.try_code(tx, outgoing, candidates),
            InboundAction::Unknown => self.answer(tx, outgoing, Answer::Unknown),
        }
    }

    fn standing(&self) -> Option<Standing> {
        self.subscriber.as_ref().map(|subscriber| subscriber.standing)
    }

    /// Records an opt-out in the language of its words, which may differ from the language of the answer.
    fn opt_out(&self, tx: &mut Tx<'_>, outgoing: &mut Outgoing, language: Language) -> Result<(), StoreError> {
        let locale = if language.is_known() { language.code().to_owned() } else { self.locale.clone() };
        let phone = self.phone.clone();
        let record = ConsentRecord::keyword(ConsentKind::OptedOut, phone, None, locale, self.now);
        let record = record.by_message(self.words.clone(), self.inbound);
        let news = no_more_texts::opt_out(tx, &self.phone, &self.locale, &record)?;
        self.answer(tx, outgoing, if news { Answer::Goodbye } else { Answer::GoodbyeAgain })
    }

    fn opt_in(&self, tx: &mut Tx<'_>, outgoing: &mut Outgoing) -> Result<(), StoreError> {
        let before = consents::opt_in_to_go_back_to(tx, &self.phone)?;
        outbox::end_goodbyes_of_number(tx, &self.phone)?;
        match subscriber::on_start(self.standing(), before.is_some()) {
            StartChange::OptsInAgain => {
                let seq = self.record(tx, ConsentKind::OptedInAgain, before)?;
                subscribers::subscribe(tx, &self.phone, &self.locale, seq, false, self.now)?;
                self.answer(tx, outgoing, Answer::Welcome)
            }
            StartChange::Reopens => {
                self.record(tx, ConsentKind::Reopened, None)?;
                subscribers::reopen(tx, &self.phone)?;
                self.answer(tx, outgoing, Answer::Help)
            }
            StartChange::Nothing => self.answer(tx, outgoing, Answer::Help),
        }
    }

    fn try_code(&self, tx: &mut Tx<'_>, outgoing: &mut Outgoing, candidates: &[String]) -> Result<(), StoreError> {
        let length = self.app.config.verification.code_length;
        let entries: Vec<Code> = candidates.iter().filter_map(|digits| Code::parse(digits, length).ok()).collect();
        let hits = self.hits(tx, &entries)?;
        if let Some((_, verification)) = hits.iter().find(|(code, of)| page_codes::is_good(code, of.reply, self.now)) {
            let number = numbers::find(tx, &self.phone)?;
            let proof = Proof::ReplyCode { words: &self.words, inbound: self.inbound };
            if proof::apply(tx, self.app, outgoing, verification, number, &proof, self.now)? {
                return Ok(());
            }
            // Something else has ended it since we read it.
            return self.answer(tx, outgoing, Answer::NotMatched);
        }
        if let Some((_, verification)) = hits.iter().find(|(code, _)| page_codes::generation_of(code).is_none()) {
            return self.sent_back(tx, outgoing, verification);
        }
        if self.has_pending {
            failures::add(tx, &self.phone, self.now + self.app.config.unconfirmed_kept())?;
        }
        if says_more_than_a_code(&self.words) {
            inbound_messages::mark_for_review(tx, self.inbound, review::rank(&self.words), review_deadline(self.now))?;
        }
        self.answer(tx, outgoing, Answer::NotMatched)
    }

    /// Returns the number's live codes among the entries, each with the verification that it proves something for: a pending one
    /// whose consent no STOP has revoked.
    fn hits(&self, tx: &mut Tx<'_>, entries: &[Code]) -> Result<Vec<(StoredCode, Verification)>, StoreError> {
        let mut hits = Vec::new();
        for entry in entries {
            let lookup = entry.lookup(&self.app.keys.codes, &self.phone);
            for (verification, code) in codes::live(tx, &self.phone, &lookup, self.now)? {
                let matched = verifications::matched(tx, &self.phone, verification, self.now)?;
                hits.extend(matched.filter(|of| !of.consent_revoked).map(|of| (code, of)));
            }
        }
        Ok(hits)
    }

    /// Answers a texted code that was sent back. The person with the phone agrees, but somebody else may have typed the number on
    /// the page, so no browser is proven.
    fn sent_back(&self, tx: &mut Tx<'_>, outgoing: &mut Outgoing, verification: &Verification) -> Result<(), StoreError> {
        let subscribes = match self.standing() {
            None | Some(Standing::Closed) => self.app.config.program.kind == ProgramKind::TwoFactor,
            Some(Standing::Subscribed | Standing::OptedOut) => false,
        };
        if !subscribes {
            return self.answer(tx, outgoing, Answer::TypeIt);
        }
        let again = consents::has_opt_in(tx, &self.phone)?;
        let kind = if again { ConsentKind::OptedInAgain } else { ConsentKind::OptedIn };
        let evidence = &verification.evidence;
        let (hash, locale) = (evidence.disclosure_hash.clone(), evidence.locale.clone());
        let record = ConsentRecord::opt_in_by_reply(kind, self.phone.clone(), hash, locale, self.now)
            .by_message(self.words.clone(), self.inbound);
        let seq = consents::append(tx, &record, &random_bytes())?;
        subscribers::subscribe(tx, &self.phone, &evidence.locale, seq, false, self.now)?;
        welcome(tx, self.app, outgoing, &self.phone, &evidence.locale, Basis::Inbound(self.inbound), false, self.now)?;
        Ok(())
    }

    fn record(&self, tx: &mut Tx<'_>, kind: ConsentKind, disclosure_hash: Option<String>) -> Result<i64, StoreError> {
        let record = ConsentRecord::keyword(kind, self.phone.clone(), disclosure_hash, self.locale.clone(), self.now);
        consents::append(tx, &record.by_message(self.words.clone(), self.inbound), &random_bytes())
    }

    fn answer(&self, tx: &mut Tx<'_>, outgoing: &mut Outgoing, answer: Answer) -> Result<(), StoreError> {
        let sms = &self.app.config.sms;
        // A keyword that the provider has answered must not be answered twice.
        let silent = if answer.is_to_a_keyword() { self.answered_as.is_some() } else { self.context.is_left_unanswered() };
        if sms.has_own_words() || silent {
            return Ok(());
        }
        let since = self.now - LONGEST_LOOK;
        let given = messages::answers(tx, &self.phone, since)?;
        let changes = consents::changes_of_mind(tx, &self.phone, since, MOST_CHANGES + 1)?;
        if !may_answer(answer, self.standing(), &given, changes, self.now) {
            return Ok(());
        }
        let text = match texts::answer(&self.app.config, &self.app.render(), &self.locale, answer) {
            Ok(text) => text,
            Err(error) => {
                tracing::error!(error = error.to_string(), "an answer could not be rendered; the message took effect anyway");
                return Ok(());
            }
        };
        let new = NewMessage {
            phone: &self.phone,
            kind: answer.kind(),
            basis: Basis::Inbound(self.inbound),
            text: &text,
            sealed_text: None,
            fate: Fate::Queued,
            queued_at: self.now,
            expires_at: Some(self.now + answer.life()),
        };
        outgoing.add(tx, &new)
    }
}
