//! What the text of the page must say: name, texts, frequency, STOP, HELP, cost, and marketing's three statements.
//!
//! Owns which facts are looked for and where. Must not hold wording, nor look at elements. The surprise: a figure that
//! differs from the settings is a finding even beside the right one, since a person can't know which of them holds.

use super::finding::{Element, Lost, Problem};
use super::judge::{Around, Judge, Text, Verdict};
use super::phrase::{Found, Word};
use super::reading::Texts;
use super::{CatalogueSentences, CostLine, Frequency, PageContext, ProgramKind, phrase};

/// The page's text by place, in words.
pub(super) struct Places {
    pub inside: Text,
    after: Text,
    outside: Text,
    everything: Text,
}

impl Places {
    /// Reads the texts of a page.
    pub(super) fn new(texts: &Texts, program: &[Word]) -> Self {
        let read = |text: &str| Text::new(text, program);
        Self {
            inside: read(&texts.inside),
            after: read(&texts.after),
            outside: read(&texts.outside),
            everything: read(&texts.everything),
        }
    }

    /// How the page lacks what `test` looks for; nothing if it has it.
    fn problem(&self, test: &dyn Fn(&Text) -> Verdict) -> Option<Problem> {
        match test(&self.inside) {
            Verdict::Said => None,
            Verdict::Weakened => Some(Problem::Weakened),
            Verdict::Absent if test(&self.after) == Verdict::Said => Some(Problem::AfterButton),
            Verdict::Absent if test(&self.outside) == Verdict::Said => Some(Problem::OutsideForm),
            Verdict::Absent if test(&self.everything) == Verdict::Said => Some(Problem::Hidden),
            Verdict::Absent => Some(Problem::Absent),
        }
    }
}

/// The catalogue's sentences, in words.
pub(super) struct Sentences {
    frequency: Vec<Word>,
    stop: Vec<Word>,
    help: Vec<Word>,
    cost: Vec<Word>,
    pub consent: Vec<Word>,
}

impl Sentences {
    /// Splits them.
    pub(super) fn new(catalogue: &CatalogueSentences) -> Self {
        let split = |sentence: &str| phrase::words(sentence);
        Self {
            frequency: split(&catalogue.frequency),
            stop: split(&catalogue.stop),
            help: split(&catalogue.help),
            cost: split(&catalogue.cost),
            consent: split(&catalogue.consent),
        }
    }
}

/// Everything that the text of the page has lost.
pub(super) fn lost(context: &PageContext<'_>, judge: &Judge<'_>, sentences: &Sentences, places: &Places) -> Vec<Lost> {
    let program = context.program;
    let mut lost = Vec::new();
    let mut need = |element: Element, write: &str, test: &dyn Fn(&Text) -> Verdict| {
        if let Some(problem) = places.problem(test) {
            lost.push(Lost { element, problem, write: write.to_owned() });
        }
    };
    let suggestion = Suggestions::of(context);
    need(Element::ProgramName, &program.name, &|text| {
        // Where a locale elides ("d'Acme"), the catalogue's sentence still names it.
        let by_sentence = context.catalogue.consent.contains(&program.name);
        let sentence = if by_sentence { judge.verbatim(&sentences.consent, text, Around::Before) } else { Verdict::Absent };
        named(judge, text).max(sentence)
    });
    if let Some(wording) = judge.wording {
        need(Element::TextMessages, &suggestion.consent, &|text| judge.verdict(wording.texts, text, Around::Before));
    }
    need(Element::Frequency, &suggestion.frequency, &|text| {
        frequency(program.frequency, judge, text).max(judge.verbatim(&sentences.frequency, text, Around::Before))
    });
    for (element, key, other, sentence) in
        [(Element::Stop, "stop", "help", &sentences.stop), (Element::Help, "help", "stop", &sentences.help)]
    {
        let write = if element == Element::Stop { &suggestion.stop } else { &suggestion.help };
        need(element, write, &|text| keyword(judge, key, other, sentence, text));
    }
    need(Element::Cost, &suggestion.cost, &|text| {
        let patterns = judge.wording.map_or(&[][..], |wording| match program.cost_line {
            CostLine::Plain => wording.cost,
            CostLine::Standard => wording.standard_cost,
        });
        let plain_too =
            judge.wording.filter(|_| program.cost_line == CostLine::Plain).map_or(&[][..], |wording| wording.standard_cost);
        let said = judge.verdict(patterns, text, Around::All).max(judge.verdict(plain_too, text, Around::All));
        said.max(judge.verbatim(&sentences.cost, text, Around::All))
    });
    if program.kind == ProgramKind::Marketing {
        for element in [Element::ThisNumber, Element::Automated, Element::NoCondition] {
            need(element, &suggestion.consent, &|text| marketing(judge, element, &sentences.consent, text));
        }
    }
    contradictions(context, judge, places, &mut lost);
    lost
}

/// Whether the program's name stands there.
pub(super) fn named(judge: &Judge<'_>, text: &Text) -> Verdict {
    judge.verbatim_name(text)
}

fn keyword(judge: &Judge<'_>, key: &str, other: &str, sentence: &[Word], text: &Text) -> Verdict {
    let verbatim = judge.verbatim(sentence, text, Around::All);
    let Some(wording) = judge.wording else { return verbatim };
    let written: Vec<String> = wording.keyword.iter().map(|p| p.replace("{key}", key).replace("{other}", other)).collect();
    let fails: Vec<String> = wording.keyword_fails.iter().map(|pattern| pattern.replace("{key}", key)).collect();
    let said = judge.verdict(&as_strs(&written), text, Around::All).max(verbatim);
    // A sentence that says the keyword does nothing takes back every other.
    let taken_back = text.sentences.iter().any(|words| fails.iter().any(|pattern| !judge.places.find(pattern, words).is_empty()));
    if taken_back && said == Verdict::Said { Verdict::Weakened } else { said }
}

fn as_strs(patterns: &[String]) -> Vec<&str> {
    patterns.iter().map(String::as_str).collect()
}

fn marketing(judge: &Judge<'_>, element: Element, consent: &[Word], text: &Text) -> Verdict {
    let verbatim = judge.verbatim(consent, text, Around::Before);
    let Some(wording) = judge.wording else { return verbatim };
    let said = match element {
        Element::ThisNumber => judge.verdict(wording.this_number, text, Around::Before),
        Element::Automated => judge.verdict(wording.automated, text, Around::Before),
        _ => match judge.verdict(wording.no_condition, text, Around::Before) {
            Verdict::Absent if judge.verdict(wording.is_condition, text, Around::Before) == Verdict::Said => Verdict::Weakened,
            other => other,
        },
    };
    said.max(verbatim)
}

/// A figure of messages in a period, as a sentence gives it.
struct Figure {
    count: Option<u32>,
    period: Option<&'static str>,
    verdict: Verdict,
    says: String,
}

fn figures(judge: &Judge<'_>, text: &Text) -> Vec<Figure> {
    let Some(wording) = judge.wording else { return Vec::new() };
    let mut figures = Vec::new();
    for words in &text.sentences {
        let mut found = distinct(wording.figure.iter().flat_map(|pattern| judge.places.find(pattern, words)).collect());
        if found.is_empty() {
            found = distinct(wording.period_first.iter().flat_map(|pattern| judge.places.find(pattern, words)).collect());
        }
        // The digits of the sender are no figure.
        let senders = judge.places.find("{sender}", words);
        found.retain(|figure| !senders.iter().any(|sender| (sender.start..sender.end).contains(&figure.start)));
        figures.extend(found.iter().map(|found| Figure {
            count: found.number,
            period: found.period,
            verdict: bound(judge, words, *found),
            says: said(words, *found),
        }));
    }
    figures
}

/// One finding for each beginning, the first pattern's.
fn distinct(found: Vec<Found>) -> Vec<Found> {
    let mut distinct: Vec<Found> = Vec::new();
    for one in found {
        if !distinct.iter().any(|other| other.start == one.start) {
            distinct.push(one);
        }
    }
    distinct
}

/// Whether a figure is meant as a bound: "up to 5" and "no more than 5" are, "more than 5" and "about 5" are not.
fn bound(judge: &Judge<'_>, words: &[Word], found: Found) -> Verdict {
    let Some(wording) = judge.wording else { return Verdict::Said };
    let nearby = found.start.saturating_sub(4);
    let before = words.get(nearby..found.start).unwrap_or_default();
    let right_before = |patterns: &[&str]| {
        patterns
            .iter()
            .flat_map(|pattern| judge.places.find(pattern, before))
            .filter(|found| found.end == before.len())
            .map(|f| f.start)
            .min()
    };
    if let Some(start) = right_before(wording.exceeding) {
        return if judge.negated_before(words, nearby + start) { Verdict::Said } else { Verdict::Weakened };
    }
    if right_before(wording.not_a_bound).is_some() {
        return Verdict::Weakened;
    }
    judge.judge(words, Found { end: found.start, ..found }, Around::Before)
}

fn said(words: &[Word], found: Found) -> String {
    let part = words.get(found.start..found.end).unwrap_or_default();
    part.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn frequency(wanted: Frequency, judge: &Judge<'_>, text: &Text) -> Verdict {
    let Some(wording) = judge.wording else { return Verdict::Absent };
    match wanted {
        Frequency::AtMost { count, per } => {
            let right = |figure: &Figure| figure.count == Some(count) && figure.period == Some(per.as_str());
            figures(judge, text)
                .iter()
                .filter(|figure| right(figure))
                .map(|figure| figure.verdict)
                .max()
                .unwrap_or(Verdict::Absent)
        }
        Frequency::Varies => judge.verdict(wording.varies, text, Around::Within),
        Frequency::PerRequest => {
            let all = requests(judge, text);
            all.iter().filter(|(count, _, _)| *count == 1).map(|(_, verdict, _)| *verdict).max().unwrap_or(Verdict::Absent)
        }
    }
}

/// Every "so many messages for each request": how many, how it is meant, what it says.
fn requests(judge: &Judge<'_>, text: &Text) -> Vec<(u32, Verdict, String)> {
    let Some(wording) = judge.wording else { return Vec::new() };
    let all = text.sentences.iter().flat_map(|words| {
        let found = distinct(wording.per_request.iter().flat_map(|pattern| judge.places.find(pattern, words)).collect());
        found.into_iter().map(move |found| {
            let verdict = judge.judge(words, found, Around::Within).min(bound(judge, words, found));
            (found.number.unwrap_or(1), verdict, said(words, found))
        })
    });
    all.collect()
}

/// What differs from the settings, anywhere in the form.
fn contradictions(context: &PageContext<'_>, judge: &Judge<'_>, places: &Places, lost: &mut Vec<Lost>) {
    let Some(wording) = judge.wording else { return };
    let wanted = context.program.frequency;
    let mut says: Vec<String> = Vec::new();
    for text in [&places.inside, &places.after] {
        let wrong = |figure: &Figure| match wanted {
            Frequency::AtMost { count, per } => figure.count != Some(count) || figure.period != Some(per.as_str()),
            Frequency::Varies | Frequency::PerRequest => true,
        };
        says.extend(figures(judge, text).into_iter().filter(wrong).map(|figure| figure.says));
        if wanted != Frequency::Varies {
            says.extend(text.sentences.iter().flat_map(|words| {
                let found = wording.varies.iter().flat_map(move |pattern| judge.places.find(pattern, words));
                found.filter(|found| judge.judge(words, *found, Around::Within) == Verdict::Said).map(|found| said(words, found))
            }));
        }
        if wanted == Frequency::PerRequest {
            says.extend(requests(judge, text).into_iter().filter(|(count, _, _)| *count != 1).map(|(_, _, says)| says));
        }
    }
    if let Some(says) = says.into_iter().next() {
        replace(lost, Element::Frequency, Problem::Contradicts { says }, &Suggestions::of(context).frequency);
    }
    for (element, key, other) in [(Element::Stop, "stop", "help"), (Element::Help, "help", "stop")] {
        if !lost.iter().any(|lost| lost.element == element && lost.problem == Problem::Absent) {
            continue;
        }
        let any_phone =
            wording.keyword.iter().map(|p| p.replace("{key}", key).replace("{other}", other).replace("{sender}", "{phone}"));
        let any_phone: Vec<String> = any_phone.collect();
        let says = places.inside.sentences.iter().find_map(|words| {
            any_phone.iter().flat_map(|pattern| judge.places.find(pattern, words)).next().map(|found| said(words, found))
        });
        if let Some(says) = says {
            let suggestion = Suggestions::of(context);
            let write = if element == Element::Stop { suggestion.stop } else { suggestion.help };
            replace(lost, element, Problem::Contradicts { says }, &write);
        }
    }
}

fn replace(lost: &mut Vec<Lost>, element: Element, problem: Problem, write: &str) {
    match lost.iter_mut().find(|lost| lost.element == element) {
        Some(lost) => lost.problem = problem,
        None => lost.push(Lost { element, problem, write: write.to_owned() }),
    }
}

/// What the owner may write, in the page's own locale.
pub(super) struct Suggestions {
    frequency: String,
    stop: String,
    help: String,
    cost: String,
    /// The sentence of the box.
    pub consent: String,
}

impl Suggestions {
    /// The catalogue's sentences, or English where it has none.
    pub(super) fn of(context: &PageContext<'_>) -> Self {
        let (program, catalogue) = (context.program, context.catalogue);
        let or = |sentence: &str, own: String| if sentence.trim().is_empty() { own } else { sentence.trim().to_owned() };
        let frequency = match program.frequency {
            Frequency::AtMost { count, per } => format!("No more than {count} messages per {}", per.as_str()),
            Frequency::Varies => "Message frequency varies".to_owned(),
            Frequency::PerRequest => "1 message per request".to_owned(),
        };
        let cost = match program.cost_line {
            CostLine::Plain => "Message and data rates may apply",
            CostLine::Standard => "Standard message and data rates may apply",
        };
        Self {
            frequency: or(&catalogue.frequency, frequency),
            stop: or(&catalogue.stop, format!("Text STOP to {}", program.sender)),
            help: or(&catalogue.help, format!("Text HELP to {}", program.sender)),
            cost: or(&catalogue.cost, cost.to_owned()),
            consent: or(
                &catalogue.consent,
                match program.kind {
                    ProgramKind::Marketing => format!(
                        "I agree that {} may send me recurring marketing text messages (SMS) at this number by automated means. \
                         My consent is not a condition of any purchase.",
                        program.name
                    ),
                    ProgramKind::TwoFactor | ProgramKind::Alerts => {
                        format!("I agree to get text messages (SMS) from {} at this number.", program.name)
                    }
                },
            ),
        }
    }
}
