//! What a page has lost, in words for the owner.
//!
//! Owns the findings and their sentences. Must not look at the page. Each finding says what to write instead, because that
//! depends on the program and the locale.

use std::fmt;

/// What a page must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Element {
    /// The style sheets that the page links to.
    StyleSheets,
    /// The one form that posts to `/start`.
    Form,
    /// The hidden field `disclosure`, if there is one.
    DisclosureField,
    /// The hidden field `lang`, if there is one.
    LangField,
    /// The field `phone`.
    PhoneField,
    /// The visible label of `phone`.
    PhoneLabel,
    /// The box `consent`.
    ConsentBox,
    /// The visible label of `consent`, which says what the person agrees to.
    Consent,
    /// The submit button.
    Button,
    /// The program's name.
    ProgramName,
    /// The statement that text messages are sent.
    TextMessages,
    /// How often they are sent.
    Frequency,
    /// How to stop them.
    Stop,
    /// How to get help.
    Help,
    /// The statement that message and data rates may apply.
    Cost,
    /// The link to the terms.
    Terms,
    /// The link to the privacy policy.
    Privacy,
    /// For marketing: that the texts are marketing.
    Marketing,
    /// For marketing: that this number is texted.
    ThisNumber,
    /// For marketing: that it's texted by automated means.
    Automated,
    /// For marketing: that consent isn't a condition of a purchase.
    NoCondition,
}

impl Element {
    /// All elements, in the order of the findings.
    pub const ALL: &'static [Self] = &[
        Self::StyleSheets,
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
            Self::StyleSheets => "the style sheets",
            Self::Form => "the opt-in form",
            Self::DisclosureField => "the hidden field \"disclosure\"",
            Self::LangField => "the hidden field \"lang\"",
            Self::PhoneField => "the field \"phone\"",
            Self::PhoneLabel => "the label of the field \"phone\"",
            Self::ConsentBox => "the box \"consent\"",
            Self::Consent => "the label of the box \"consent\"",
            Self::Button => "the submit button",
            Self::ProgramName => "the program's name",
            Self::TextMessages => "that it sends text messages",
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

    /// Returns whether it's a statement, so that "the page says how to stop" is a sentence.
    const fn is_statement(self) -> bool {
        matches!(
            self,
            Self::TextMessages
                | Self::Frequency
                | Self::Stop
                | Self::Help
                | Self::Cost
                | Self::Marketing
                | Self::ThisNumber
                | Self::Automated
                | Self::NoCondition
        )
    }

    /// Returns where it has to be.
    const fn place(self) -> &'static str {
        match self {
            Self::StyleSheets | Self::Form => "",
            Self::DisclosureField | Self::LangField | Self::Button => " inside the form",
            Self::PhoneLabel => " inside the form, above the button, with the id of the field",
            Self::Consent => " inside the form, above the button, around the box or with its id",
            _ => " inside the form, above the button",
        }
    }
}

/// What's wrong with an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It's missing.
    Absent,
    /// It's there, but not everybody sees it.
    Hidden {
        /// What hides it, such as "the attribute hidden".
        by: String,
    },
    /// It's outside the form.
    OutsideForm,
    /// It's in or after the first submit button.
    AfterButton,
    /// It's negated or made doubtful.
    Weakened {
        /// The words that do so.
        by: String,
    },
    /// The keyword is mentioned, but not the number.
    NoNumber,
    /// The box agrees to something else too.
    Bundled {
        /// The words that say so.
        with: String,
    },
    /// It leads elsewhere.
    WrongUrl {
        /// Where it leads.
        found: String,
    },
    /// It says something other than the settings.
    Contradicts {
        /// What it says.
        says: String,
    },
    /// An attribute doesn't have the value that it must have.
    WrongValue {
        /// The attribute.
        attribute: &'static str,
        /// What it says.
        found: String,
    },
    /// It's already checked when the page opens.
    Ticked,
    /// It has no words that name it.
    NoLabel,
    /// It's disabled.
    Disabled,
    /// There's more than one.
    Repeated,
    /// A style sheet couldn't be read, so nobody knows what it hides.
    Unreadable {
        /// The URL, as written in the page or another sheet.
        url: String,
    },
}

/// One thing that a page has lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// What it has lost.
    pub element: Element,
    /// What's wrong with it.
    pub problem: Problem,
    /// What to write in the page, exactly as it should appear.
    pub write: String,
}

/// Writes one plain sentence for the owner: what's wrong, and what to write instead.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sentence(&[self]))
    }
}

/// Returns one sentence per fault. Elements that one rule hides, or that one text should state, are named together.
#[must_use]
pub fn sentences(lost: &[Lost]) -> Vec<String> {
    let mut groups: Vec<Vec<&Lost>> = Vec::new();
    for one in lost.iter().filter(|one| !follows_from_another(one, lost)) {
        match groups.iter_mut().find(|group| group.iter().all(|other| have_one_cause(one, other))) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups.iter().map(|group| sentence(group)).collect()
}

/// Returns whether fixing another finding fixes this one too. This is true of everything in a hidden form, and of what the
/// label of the box would say.
fn follows_from_another(one: &Lost, lost: &[Lost]) -> bool {
    let hidden_form = || {
        let with_form = |other: &Lost| other.element == Element::Form && other.problem == one.problem;
        one.element != Element::Form && matches!(one.problem, Problem::Hidden { .. }) && lost.iter().any(with_form)
    };
    let by_label = || {
        let label =
            |other: &Lost| other.element == Element::Consent && matches!(other.problem, Problem::Absent | Problem::NoLabel);
        one.problem == Problem::Absent
            && matches!(one.element, Element::TextMessages | Element::ProgramName)
            && lost.iter().any(label)
    };
    hidden_form() || by_label()
}

fn have_one_cause(one: &Lost, other: &Lost) -> bool {
    let same_words = one.element.is_statement() == other.element.is_statement() && one.write == other.write;
    one.problem == other.problem
        && match &one.problem {
            Problem::Hidden { .. } | Problem::OutsideForm | Problem::AfterButton => true,
            Problem::Absent | Problem::Weakened { .. } => same_words,
            _ => false,
        }
}

fn sentence(group: &[&Lost]) -> String {
    let Some(first) = group.first() else { return String::new() };
    let Lost { element, problem, write } = first;
    let names = listed(&group.iter().map(|lost| lost.element.name()).collect::<Vec<_>>());
    let says = group.iter().all(|lost| lost.element.is_statement());
    let several = group.len() > 1;
    let it = if several { "them" } else { "it" };
    let are = if several { "are" } else { "is" };
    let quote = if says || *element == Element::ProgramName { "\"" } else { "" };
    let wanted = format!("write {quote}{write}{quote}{}", element.place());
    // If there are several, each has its own words, which the page already has.
    let instead = if several { String::new() } else { format!(", or {wanted}") };
    match problem {
        Problem::Absent if says => format!("the page does not say {names}: {wanted}"),
        Problem::Absent if *element == Element::Consent => format!("{names} doesn't say what people agree to: {wanted}"),
        Problem::Absent => format!("the page lacks {names}: {wanted}"),
        Problem::Hidden { by } => format!("{by} hides {names}: show {it}{instead}"),
        Problem::OutsideForm => {
            format!("{} {are} outside the form: move {it} into the form, above the button{instead}", things(group))
        }
        Problem::AfterButton => format!("{} {are} in or after the button: move {it} above the button{instead}", things(group)),
        Problem::Weakened { by } if says => {
            format!("the page takes back or weakens {names}, with \"{by}\": {wanted}, and nothing that limits it")
        }
        Problem::Weakened { by } => format!("{names} takes back or weakens what it has to say, with \"{by}\": {wanted}"),
        Problem::NoNumber => {
            let keyword = if *element == Element::Help { "HELP" } else { "STOP" };
            format!("the page says {keyword} but not to which number: {wanted}")
        }
        Problem::Bundled { with } => {
            format!("{names} also agrees to something else, with \"{with}\": make the box about texts only, and {wanted}")
        }
        Problem::WrongUrl { found } => format!("{names} leads to \"{found}\": {wanted}"),
        Problem::Contradicts { says } if *element == Element::Consent => {
            format!(
                "the page says \"{says}\", so the box decides nothing: leave that out, and text only people who check the box"
            )
        }
        Problem::Contradicts { says } => {
            format!(
                "the page says \"{says}\", which differs from the settings: take that out (program.description counts, too), and {wanted}"
            )
        }
        Problem::WrongValue { attribute, found } => format!("{names} has {attribute} \"{found}\": {wanted}"),
        Problem::Ticked => format!("{names} is checked before anybody checks it: {wanted}, without \"checked\""),
        Problem::NoLabel => format!("{names} has no text of its own that says what it is: {wanted}"),
        Problem::Disabled => format!("{names} is disabled, so browsers don't send it: {wanted}, without \"disabled\""),
        Problem::Repeated => {
            format!("the page has {names} more than once: {wanted} once, and nothing else that does the same")
        }
        Problem::Unreadable { url } => {
            format!("the style sheet \"{url}\" can't be read, so it may hide something: {write}")
        }
    }
}

/// Lists what is on the page: "the sentence that says how to stop and the link to the terms"
fn things(group: &[&Lost]) -> String {
    let name = |lost: &&&Lost| lost.element.name();
    let statements: Vec<&str> = group.iter().filter(|lost| lost.element.is_statement()).map(|lost| name(&lost)).collect();
    let statements = match statements.as_slice() {
        [] => None,
        [one] => Some(format!("the sentence that says {one}")),
        several => Some(format!("the sentences that say {}", listed(several))),
    };
    let others = group.iter().filter(|lost| !lost.element.is_statement()).map(|lost| name(&lost));
    listed(&statements.as_deref().into_iter().chain(others).collect::<Vec<_>>())
}

/// Joins names into a list: "one, two and three"
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
