//! What a page has lost, in words for the owner.
//!
//! Owns the findings and their sentences. Must not look at the page. The surprise: what to write is worked out where the
//! finding is made, since it depends on the program and the locale, and is carried along.

use std::fmt;

/// What a page must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Element {
    /// The one form that posts to `/start`.
    Form,
    /// The hidden field `disclosure`, where there is one.
    DisclosureField,
    /// The hidden field `lang`, where there is one.
    LangField,
    /// The field `phone`.
    PhoneField,
    /// The visible label of `phone`.
    PhoneLabel,
    /// The box `consent`.
    ConsentBox,
    /// The visible label of `consent`, which says what is agreed to.
    Consent,
    /// The submit button.
    Button,
    /// The program's name.
    ProgramName,
    /// That text messages are sent.
    TextMessages,
    /// How often.
    Frequency,
    /// How to stop.
    Stop,
    /// How to get help.
    Help,
    /// That message and data rates may apply.
    Cost,
    /// The link to the terms.
    Terms,
    /// The link to the privacy policy.
    Privacy,
    /// Marketing: that the texts are marketing.
    Marketing,
    /// Marketing: that this number is texted.
    ThisNumber,
    /// Marketing: that it is texted by automated means.
    Automated,
    /// Marketing: that consent is not a condition of a purchase.
    NoCondition,
}

impl Element {
    /// Every element, in the order of the findings.
    pub const ALL: &'static [Self] = &[
        Self::Form,
        Self::DisclosureField,
        Self::LangField,
        Self::PhoneField,
        Self::PhoneLabel,
        Self::ConsentBox,
        Self::Consent,
        Self::Button,
        Self::ProgramName,
        Self::TextMessages,
        Self::Frequency,
        Self::Stop,
        Self::Help,
        Self::Cost,
        Self::Terms,
        Self::Privacy,
        Self::Marketing,
        Self::ThisNumber,
        Self::Automated,
        Self::NoCondition,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Form => "the opt-in form",
            Self::DisclosureField => "the hidden field \"disclosure\"",
            Self::LangField => "the hidden field \"lang\"",
            Self::PhoneField => "the field \"phone\"",
            Self::PhoneLabel => "the label of the field \"phone\"",
            Self::ConsentBox => "the box \"consent\"",
            Self::Consent => "the label of the box \"consent\", which says what a person agrees to",
            Self::Button => "the submit button",
            Self::ProgramName => "the program's name",
            Self::TextMessages => "that text messages are sent",
            Self::Frequency => "how often messages are sent",
            Self::Stop => "how to stop",
            Self::Help => "how to get help",
            Self::Cost => "what the messages cost",
            Self::Terms => "the link to the terms",
            Self::Privacy => "the link to the privacy policy",
            Self::Marketing => "that the texts are marketing",
            Self::ThisNumber => "that the number entered is the one to be texted",
            Self::Automated => "that the texts are sent by automated means",
            Self::NoCondition => "that consent is not a condition of any purchase",
        }
    }
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is not there.
    Absent,
    /// It is there, but not everybody sees it.
    Hidden,
    /// It stands outside the form.
    OutsideForm,
    /// It stands in or after the first submit button.
    AfterButton,
    /// It is negated or made doubtful.
    Weakened {
        /// By these words.
        by: String,
    },
    /// It is said, but not to which number.
    NoNumber,
    /// The box agrees to something else too.
    Bundled {
        /// These words.
        with: String,
    },
    /// It leads elsewhere.
    WrongUrl {
        /// Where it leads.
        found: String,
    },
    /// It says something else than the settings.
    Contradicts {
        /// What it says.
        says: String,
    },
    /// An attribute has another value than it must.
    WrongValue {
        /// Which attribute.
        attribute: &'static str,
        /// What it says.
        found: String,
    },
    /// It is ticked beforehand.
    Ticked,
    /// It has no words that name it.
    NoLabel,
    /// It is disabled.
    Disabled,
    /// There are several of it.
    Repeated,
}

/// One thing that a page has lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// What.
    pub element: Element,
    /// How.
    pub problem: Problem,
    /// What to write, as it stands in the page.
    pub write: String,
}

/// One plain sentence for the owner: what is wrong, and what to write instead.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, write) = (self.element.name(), self.write.as_str());
        let wanted = match self.element {
            Element::Form | Element::PhoneLabel => format!("write {write}"),
            Element::ConsentBox | Element::PhoneField | Element::Button | Element::DisclosureField | Element::LangField => {
                format!("write {write} inside the form")
            }
            Element::Consent => format!("write {write} around or for the box"),
            Element::Terms | Element::Privacy => format!("write {write} inside the form, above the button"),
            _ => format!("write \"{write}\" inside the form, above the button"),
        };
        let says = matches!(
            self.element,
            Element::TextMessages
                | Element::Frequency
                | Element::Stop
                | Element::Help
                | Element::Cost
                | Element::Marketing
                | Element::ThisNumber
                | Element::Automated
                | Element::NoCondition
        );
        match &self.problem {
            Problem::Absent if says => write!(f, "the page does not say {name}: {wanted}"),
            Problem::Absent => write!(f, "the page lacks {name}: {wanted}"),
            Problem::Hidden if says => write!(f, "the page says {name}, but hides it: show it, or {wanted}"),
            Problem::Hidden => write!(f, "{name} is hidden: show it, or {wanted}"),
            Problem::OutsideForm if says => write!(f, "the page says {name} outside the form: {wanted}"),
            Problem::OutsideForm => write!(f, "{name} stands outside the form: {wanted}"),
            Problem::AfterButton if says => write!(f, "the page says {name} only in or after the button: {wanted}"),
            Problem::AfterButton => write!(f, "{name} stands in or after the button: {wanted}, above the button"),
            Problem::Weakened { by } if says => {
                write!(f, "the page takes back or weakens {name}, with \"{by}\": {wanted}, and nothing that limits it")
            }
            Problem::Weakened { by } => write!(f, "{name} takes back or weakens what it should say, with \"{by}\": {wanted}"),
            Problem::NoNumber => {
                let keyword = if self.element == Element::Help { "HELP" } else { "STOP" };
                write!(f, "the page says {keyword} but not to which number: {wanted}")
            }
            Problem::Bundled { with } => {
                write!(f, "{name} also agrees to something else, with \"{with}\": let the box be about texts alone, and {wanted}")
            }
            Problem::WrongUrl { found } => write!(f, "{name} leads to \"{found}\": {wanted}"),
            Problem::Contradicts { says } => write!(f, "the page says \"{says}\", which differs from the settings: {wanted}"),
            Problem::WrongValue { attribute, found } => write!(f, "{name} has {attribute} \"{found}\": {wanted}"),
            Problem::Ticked => write!(f, "{name} is ticked beforehand: {wanted}, without \"checked\""),
            Problem::NoLabel => write!(f, "{name} has no text of its own that says what it is: {wanted}"),
            Problem::Disabled => write!(f, "{name} is disabled, so that browsers don't send it: {wanted}, without \"disabled\""),
            Problem::Repeated => {
                write!(f, "the page has {name} more than once: {wanted} once, and nothing else that does the same")
            }
        }
    }
}
