//! The form itself: where it posts, its fields, box, labels, button and links.
//!
//! Owns what browsers send and how it's labeled. Must not judge wording, except by asking the judge. A button or a field may
//! belong to the form through its `form` attribute, even if it's elsewhere on the page.

use ego_tree::NodeId;
use scraper::ElementRef;
use url::Url;

use super::finding::{Element, Lost, Problem};
use super::meaning::{Around, Judge, Text, Verdict, plain};
use super::reading::Page;
use super::statements::{Sentences, Suggestions};
use super::wording::Wording;
use super::{PageContext, links};
use crate::optin::phrase::{Break, Found, Pattern, Word};

/// The form that is judged, with its controls and its visible buttons.
pub(super) struct Form<'h> {
    pub id: Option<NodeId>,
    element: Option<ElementRef<'h>>,
    controls: Vec<ElementRef<'h>>,
    buttons: Vec<ElementRef<'h>>,
}

/// Everything that the form, its fields and its links have lost, in two parts: what comes before the findings about the
/// text, and the links.
pub(super) struct FormLost {
    pub fields: Vec<Lost>,
    pub links: Vec<Lost>,
}

impl<'h> Form<'h> {
    /// Finds the form that posts to `/start`, or else the likeliest one.
    pub(super) fn find(page: &Page<'h>, start: Option<&Url>) -> Self {
        let forms: Vec<ElementRef<'h>> = page.elements().filter(|element| element.value().name() == "form").collect();
        let posts = |form: &&ElementRef<'h>| leads_to_start(page, form.attr("action"), start);
        let has_phone = |form: &&ElementRef<'h>| form.descendent_elements().any(|element| element.attr("name") == Some("phone"));
        let element = forms
            .iter()
            .find(|form| posts(form) && page.sees(**form))
            .or_else(|| forms.iter().find(posts))
            .or_else(|| forms.iter().find(has_phone))
            .or_else(|| forms.first())
            .copied();
        let id = element.map(|form| form.id());
        let controls: Vec<ElementRef<'h>> = page
            .elements()
            .filter(|element| ["input", "button", "select", "textarea"].contains(&element.value().name()))
            .filter(|element| id.is_some() && owner(page, *element) == id)
            .collect();
        let buttons: Vec<_> = controls.iter().copied().filter(|control| is_submit(*control) && page.sees(*control)).collect();
        Self { id, element, controls, buttons }
    }

    /// Returns the first visible button.
    pub(super) fn button(&self) -> Option<ElementRef<'h>> {
        self.buttons.first().copied()
    }

    /// Judges the form, its fields and its links.
    pub(super) fn lost(&self, page: &Page<'h>, context: &PageContext<'_>, judge: &Judge, sentences: &Sentences) -> FormLost {
        let start = context.page_url.join("/start").ok();
        let mut fields = Vec::new();
        self.judge_form(page, start.as_ref(), &mut fields);
        self.judge_hidden_fields(context, &mut fields);
        self.judge_phone(page, &mut fields);
        self.judge_consent(page, context, judge, sentences, &mut fields);
        self.judge_buttons(page, start.as_ref(), &mut fields);
        FormLost { fields, links: links::lost(page, self, context, judge) }
    }

    fn judge_form(&self, page: &Page<'h>, start: Option<&Url>, lost: &mut Vec<Lost>) {
        let mut say = |problem| {
            lost.push(Lost { element: Element::Form, problem, write: "<form method=\"post\" action=\"/start\">".to_owned() });
        };
        let Some(form) = self.element else { return say(Problem::Absent) };
        if let Some(by) = page.hidden_by(form) {
            say(Problem::Hidden { by: by.to_string() });
        }
        if !leads_to_start(page, form.attr("action"), start) {
            let action = form.attr("action").unwrap_or_default();
            // With a <base>, the same action may lead elsewhere.
            let found = page.resolve(action).filter(|found| start.is_some_and(|start| found.origin() != start.origin()));
            say(Problem::WrongUrl { found: found.map_or_else(|| action.to_owned(), Into::into) });
        }
        for (attribute, right) in [("method", "post"), ("enctype", "application/x-www-form-urlencoded")] {
            let found = form.attr(attribute).map(str::trim);
            let wrong = found.map_or(attribute == "method", |found| !found.eq_ignore_ascii_case(right));
            if wrong {
                say(Problem::WrongValue { attribute, found: found.unwrap_or_default().to_owned() });
            }
        }
        let others = page.elements().filter(|other| other.value().name() == "form" && other.id() != form.id());
        if others.into_iter().any(|other| leads_to_start(page, other.attr("action"), start)) {
            say(Problem::Repeated);
        }
    }

    fn judge_hidden_fields(&self, context: &PageContext<'_>, lost: &mut Vec<Lost>) {
        for (element, name, right) in
            [(Element::DisclosureField, "disclosure", context.disclosure_hash), (Element::LangField, "lang", context.locale)]
        {
            let named = self.named(name).filter(|field| !is_disabled(*field));
            let wrong = named.map(|field| field.attr("value").unwrap_or_default()).find(|found| *found != right);
            if let Some(found) = wrong {
                let write = format!("<input type=\"hidden\" name=\"{name}\" value=\"{right}\">");
                let found = found.to_owned();
                lost.push(Lost { element, problem: Problem::WrongValue { attribute: "value", found }, write });
            }
        }
    }

    fn judge_phone(&self, page: &Page<'h>, lost: &mut Vec<Lost>) {
        let write = "<input id=\"phone\" name=\"phone\" type=\"tel\" autocomplete=\"tel\">".to_owned();
        let mut say = |element, problem, write: &str| lost.push(Lost { element, problem, write: write.to_owned() });
        let Some(field) = self.named("phone").next() else {
            let elsewhere =
                page.elements().any(|element| element.value().name() == "input" && element.attr("name") == Some("phone"));
            return say(Element::PhoneField, if elsewhere { Problem::OutsideForm } else { Problem::Absent }, &write);
        };
        let kind = field.attr("type").unwrap_or("text").trim().to_ascii_lowercase();
        if let Some(by) = page.hidden_by(field) {
            say(Element::PhoneField, Problem::Hidden { by: by.to_string() }, &write);
        } else if field.value().name() != "input" || !["tel", "text", ""].contains(&kind.as_str()) {
            say(Element::PhoneField, Problem::WrongValue { attribute: "type", found: kind }, &write);
        } else if is_disabled(field) {
            say(Element::PhoneField, Problem::Disabled, &write);
        } else if self.named("phone").nth(1).is_some() {
            say(Element::PhoneField, Problem::Repeated, &write);
        } else if let Some(problem) = self.misplaced(page, field) {
            say(Element::PhoneField, problem, &write);
        }
        let labels = labels(page, field);
        let text = |all| labels.iter().map(|label| page.text_of(*label, all, true)).collect::<String>();
        if has_no_words(&text(false)) {
            let by = labels.iter().find_map(|label| page.hides_in(*label)).filter(|_| !has_no_words(&text(true)));
            let problem = by.map_or(Problem::NoLabel, |by| Problem::Hidden { by: by.to_string() });
            say(Element::PhoneLabel, problem, "<label for=\"phone\">Mobile number</label>");
        }
    }

    fn judge_consent(&self, page: &Page<'h>, context: &PageContext<'_>, judge: &Judge, words: &Sentences, lost: &mut Vec<Lost>) {
        let write = "<input type=\"checkbox\" id=\"consent\" name=\"consent\" value=\"yes\">".to_owned();
        let suggestion = format!("<label for=\"consent\">{}</label>", Suggestions::of(context).consent);
        let mut say = |element, problem, write: &str| lost.push(Lost { element, problem, write: write.to_owned() });
        let is_box = |element: &ElementRef<'_>| {
            element.value().name() == "input"
                && element.attr("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("checkbox"))
        };
        let Some(tick) = self.named("consent").find(is_box) else {
            let elsewhere = page.elements().any(|element| element.attr("name") == Some("consent") && is_box(&element));
            let other = self.named("consent").next().map(|field| field.attr("type").unwrap_or("text").to_owned());
            return say(
                Element::ConsentBox,
                match other {
                    Some(found) => Problem::WrongValue { attribute: "type", found },
                    None if elsewhere => Problem::OutsideForm,
                    None => Problem::Absent,
                },
                &write,
            );
        };
        if tick.attr("checked").is_some() && !context.checked {
            say(Element::ConsentBox, Problem::Ticked, &write);
        }
        // A box that isn't drawn can still be checked through its label, which must be visible. Pages do this to style a box.
        if let Some(by) = page.out_of_reach(tick) {
            say(Element::ConsentBox, Problem::Hidden { by: by.to_string() }, &write);
        } else if let Some(problem) = self.misplaced(page, tick) {
            say(Element::ConsentBox, problem, &write);
        }
        if tick.attr("value") != Some("yes") {
            let found = tick.attr("value").unwrap_or_default().to_owned();
            say(Element::ConsentBox, Problem::WrongValue { attribute: "value", found }, &write);
        }
        if is_disabled(tick) {
            say(Element::ConsentBox, Problem::Disabled, &write);
        }
        // Anything else with that name would send a consent without anybody checking a box.
        if self.named("consent").any(|other| other.id() != tick.id()) {
            say(Element::ConsentBox, Problem::Repeated, &write);
        }
        if let Some(problem) = self.problem_of_consent(page, tick, judge, words) {
            say(Element::Consent, problem, &suggestion);
        }
    }

    /// Returns what's wrong with the sentence beside the box.
    fn problem_of_consent(&self, page: &Page<'h>, tick: ElementRef<'h>, judge: &Judge, words: &Sentences) -> Option<Problem> {
        let labels = labels(page, tick);
        let read = |all| labels.iter().map(|label| page.text_of(*label, all, false)).collect::<Vec<_>>().join(" ");
        let verdict = |text: &str| consents(judge, words, &judge.read(text));
        match verdict(&read(false)) {
            Verdict::Said => {
                let bundled = bundled(judge, &judge.read(&read(false))).map(|with| Problem::Bundled { with });
                bundled.or_else(|| labels.iter().find_map(|label| self.misplaced(page, *label)))
            }
            Verdict::Weakened(by) => Some(Problem::Weakened { by }),
            Verdict::Absent if has_no_words(&read(true)) => Some(Problem::NoLabel),
            Verdict::Absent if verdict(&read(true)) == Verdict::Said => {
                let by = labels.iter().find_map(|label| page.hides_in(*label));
                Some(by.map_or(Problem::Absent, |by| Problem::Hidden { by: by.to_string() }))
            }
            Verdict::Absent => Some(Problem::Absent),
        }
    }

    fn judge_buttons(&self, page: &Page<'h>, start: Option<&Url>, lost: &mut Vec<Lost>) {
        let mut say = |problem| {
            lost.push(Lost { element: Element::Button, problem, write: "<button type=\"submit\">..</button>".to_owned() });
        };
        let Some(first) = self.buttons.first() else {
            let mut submits = self.controls.iter().filter(|control| is_submit(**control));
            let by = submits.find_map(|control| page.hidden_by(*control));
            return say(by.map_or(Problem::Absent, |by| Problem::Hidden { by: by.to_string() }));
        };
        for button in self.controls.iter().filter(|control| is_submit(**control)) {
            if let Some(action) = button.attr("formaction").filter(|action| !leads_to_start(page, Some(action), start)) {
                say(Problem::WrongUrl { found: action.to_owned() });
            }
            for (attribute, right) in [("formmethod", "post"), ("formenctype", "application/x-www-form-urlencoded")] {
                if let Some(found) = button.attr(attribute).filter(|found| !found.trim().eq_ignore_ascii_case(right)) {
                    say(Problem::WrongValue { attribute, found: found.to_owned() });
                }
            }
        }
        if self.buttons.iter().all(|button| is_disabled(*button)) {
            say(Problem::Disabled);
        }
        let words = match (first.value().name(), first.attr("type")) {
            ("button", _) => page.text_of(*first, false, true),
            (_, Some(kind)) if kind.trim().eq_ignore_ascii_case("image") => first.attr("alt").unwrap_or_default().to_owned(),
            // Browsers have their own label for a button without a value.
            _ => first.attr("value").unwrap_or("Submit").to_owned(),
        };
        if has_no_words(&words) {
            say(Problem::NoLabel);
        }
    }

    fn named(&self, name: &str) -> impl Iterator<Item = ElementRef<'h>> {
        self.controls.iter().copied().filter(move |control| control.attr("name") == Some(name))
    }

    /// Returns the problem if an element is outside the form or after its button. Without a form, there's no problem.
    pub(super) fn misplaced(&self, page: &Page<'h>, element: ElementRef<'h>) -> Option<Problem> {
        let form = self.id?;
        if !element.ancestors().any(|node| node.id() == form) {
            return Some(Problem::OutsideForm);
        }
        self.button().filter(|button| page.is_behind(element.id(), *button)).map(|_| Problem::AfterButton)
    }
}

/// Judges whether the label of the box agrees to texts from the program.
fn consents(judge: &Judge, sentences: &Sentences, text: &Text) -> Verdict {
    let verbatim = judge.verbatim(&sentences.consent, text);
    let Some(wording) = judge.wording else { return verbatim };
    let agreed = |patterns: &[Pattern]| {
        text.sentences.iter().find_map(|sentence| {
            let words = &sentence.words;
            // "Consent is not a condition of purchase" neither agrees to anything nor refuses anything.
            let idle: Vec<Found> = judge.find(&wording.no_condition, words).collect();
            let means_it = |found: &Found| !idle.iter().any(|idle| (found.end..found.end + 4).contains(&idle.start));
            let first = judge.find(patterns, words).filter(means_it).min_by_key(|found| found.start)?;
            let next: &[Word] = words.get(first.end..(first.end + 3).min(words.len())).unwrap_or_default();
            let next = next.split(|word| word.before > Break::None).next().unwrap_or_default();
            let nothing = judge.find(&wording.nothing, next).next().map(|found| plain(next, found));
            Some(nothing.map_or_else(|| judge.judge(sentence, first, Around::Before), Verdict::Weakened))
        })
    };
    let agreed = agreed(&wording.agree).or_else(|| agreed(&wording.agree_weakly)).unwrap_or(Verdict::Absent);
    let texts = judge.verdict(&wording.texts, text, Around::Before);
    agreed.min(texts).min(judge.names_program(text)).max(verbatim)
}

/// Returns the words with which the label agrees to something else too: terms, e-mail, calls, partners.
fn bundled(judge: &Judge, text: &Text) -> Option<String> {
    let wording = judge.wording?;
    text.sentences.iter().find_map(|sentence| {
        let words = &sentence.words;
        let is_topic = |found: &Found| {
            let before = words.get(..found.start).unwrap_or_default();
            judge.find(&wording.topic, before).any(|topic| topic.end == before.len() || topic.start + 2 >= before.len())
        };
        let mut all = judge.find(&wording.bundled, words).filter(|found| !is_topic(found));
        let meant = all.find(|found| judge.judge(sentence, *found, Around::Before) == Verdict::Said);
        meant.map(|found| plain(words, found)).or_else(|| joined(judge, wording, words))
    })
}

/// Returns what is added to the agreement after "and", if it has nothing to do with the texts.
fn joined(judge: &Judge, wording: &Wording, words: &[Word]) -> Option<String> {
    judge.find(&wording.joined, words).find_map(|found| {
        let added = words.get(found.end..judge.clause_end(words, found.end)).filter(|added| !added.is_empty())?;
        let is_about_texts = judge.find(&wording.about_texts, added).next().is_some();
        (!is_about_texts).then(|| plain(words, Found { end: found.end + added.len().min(6), ..found }))
    })
}

/// Returns whether the text has nothing to read.
pub(super) fn has_no_words(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}

/// Returns what names a control: labels with `for`, labels around it, and what `aria-labelledby` points to.
fn labels<'h>(page: &Page<'h>, control: ElementRef<'h>) -> Vec<ElementRef<'h>> {
    let id = control.attr("id").filter(|id| !id.is_empty());
    let mut labels: Vec<ElementRef<'h>> = page
        .elements()
        .filter(|element| element.value().name() == "label")
        .filter(|label| match label.attr("for") {
            Some(target) => Some(target) == id,
            None => control.ancestors().any(|node| node.id() == label.id()),
        })
        .collect();
    let others = control.attr("aria-labelledby").unwrap_or_default().split_whitespace();
    labels.extend(
        others
            .filter_map(|id| page.by_id(id))
            .filter(|other| !labels.iter().any(|label| label.id() == other.id()))
            .collect::<Vec<_>>(),
    );
    labels
}

fn owner(page: &Page<'_>, control: ElementRef<'_>) -> Option<NodeId> {
    match control.attr("form") {
        Some(id) => page.by_id(id).filter(|form| form.value().name() == "form").map(|form| form.id()),
        None => {
            control.ancestors().filter_map(ElementRef::wrap).find(|above| above.value().name() == "form").map(|form| form.id())
        }
    }
}

fn is_submit(control: ElementRef<'_>) -> bool {
    let kind = control.attr("type").unwrap_or_default().trim().to_ascii_lowercase();
    match control.value().name() {
        "button" => !["button", "reset"].contains(&kind.as_str()),
        "input" => ["submit", "image"].contains(&kind.as_str()),
        _ => false,
    }
}

fn is_disabled(control: ElementRef<'_>) -> bool {
    let by_fieldset = |above: ElementRef<'_>| above.value().name() == "fieldset" && above.attr("disabled").is_some();
    control.attr("disabled").is_some() || control.ancestors().filter_map(ElementRef::wrap).any(by_fieldset)
}

fn leads_to_start(page: &Page<'_>, action: Option<&str>, start: Option<&Url>) -> bool {
    // An empty action is the page itself, whatever <base> says.
    let Some(action) = action.filter(|action| !action.trim().is_empty()) else { return false };
    page.resolve(action).is_some_and(|found| Some(&found) == start)
}
