//! What the text of the page must say: name, texts, frequency, STOP, HELP, cost, and the statements for marketing.
//!
//! Owns which facts to look for and where. Must not hold the
//! wording that it looks for, or look at elements. It only words suggestions, and only if the catalog has none.

use super::finding::{Element, Lost, Problem};
use super::hiding::Cause;
use super::keywords::{self, Keyword};
use super::meaning::{Around, Judge, Text, Verdict, plain};
use super::reading::Texts;
use super::{CatalogSentences, CostLine, Frequency, PageContext, ProgramKind, frequency};
use crate::optin::phrase::{self, Pattern, Word};

/// The page's text by place, split into words.
pub(super) struct Places {
    pub inside: Text,
    after: Text,
    outside: Text,
    everything: Text,
    hidden: Vec<(Cause, String)>,
}

impl Places {
    /// Reads the texts of a page.
    pub(super) fn new(texts: Texts, judge: &Judge) -> Self {
        let read = |text: &str| judge.read(text);
        Self {
            inside: read(&texts.inside),
            after: read(&texts.after),
            outside: read(&texts.outside),
            everything: read(&texts.everything),
            hidden: texts.hidden,
        }
    }

    /// Returns what's wrong with what `test` looks for, or `None` if the page has it.
    fn problem(&self, judge: &Judge, test: &dyn Fn(&Text) -> Verdict) -> Option<Problem> {
        match test(&self.inside) {
            Verdict::Said => None,
            Verdict::Weakened(by) => Some(Problem::Weakened { by }),
            Verdict::Absent if test(&self.after) == Verdict::Said => Some(Problem::AfterButton),
            Verdict::Absent if test(&self.outside) == Verdict::Said => Some(Problem::OutsideForm),
            Verdict::Absent if test(&self.everything) == Verdict::Said => {
                let mut causes = self.hidden.iter();
                let cause = causes.find(|(_, text)| test(&judge.read(text)) == Verdict::Said).map(|(cause, _)| cause.to_string());
                Some(cause.map_or(Problem::Absent, |by| Problem::Hidden { by }))
            }
            Verdict::Absent => Some(Problem::Absent),
        }
    }
}

/// The catalog's sentences, split into words.
pub(super) struct Sentences {
    frequency: Vec<Word>,
    stop: Vec<Word>,
    help: Vec<Word>,
    cost: Vec<Word>,
    pub consent: Vec<Word>,
}

impl Sentences {
    /// Splits the sentences into words.
    pub(super) fn new(catalog: &CatalogSentences) -> Self {
        let split = |sentence: &str| phrase::words(sentence);
        Self {
            frequency: split(&catalog.frequency),
            stop: split(&catalog.stop),
            help: split(&catalog.help),
            cost: split(&catalog.cost),
            consent: split(&catalog.consent),
        }
    }
}

/// Returns everything that the text of the page has lost.
pub(super) fn lost(context: &PageContext<'_>, judge: &Judge, sentences: &Sentences, places: &Places) -> Vec<Lost> {
    let program = context.program;
    let suggestion = Suggestions::of(context);
    let mut lost = Vec::new();
    let mut need = |element: Element, write: &str, test: &dyn Fn(&Text) -> Verdict| {
        if let Some(problem) = places.problem(judge, test) {
            lost.push(Lost { element, problem, write: write.to_owned() });
        }
    };
    need(Element::ProgramName, &program.name, &|text| {
        // If a locale elides the name ("d'Acme"), the catalog's sentence still names it.
        let by_sentence = context.catalog.consent.contains(&program.name);
        let sentence = if by_sentence { judge.verbatim(&sentences.consent, text) } else { Verdict::Absent };
        judge.names_program(text).max(sentence)
    });
    if let Some(wording) = judge.wording {
        need(Element::TextMessages, &suggestion.consent, &|text| judge.verdict(&wording.texts, text, Around::Before));
    }
    need(Element::Frequency, &suggestion.frequency, &|text| {
        let verbatim = judge.verbatim(&sentences.frequency, text);
        frequency::said(program.frequency, judge, text).max(verbatim)
    });
    for (element, keyword, sentence) in
        [(Element::Stop, Keyword::Stop, &sentences.stop), (Element::Help, Keyword::Help, &sentences.help)]
    {
        need(element, suggestion.for_keyword(keyword), &|text| keywords::said(judge, keyword, sentence, text).verdict);
    }
    need(Element::Cost, &suggestion.cost, &|text| cost(program.cost_line, judge, &sentences.cost, text));
    if program.kind == ProgramKind::Marketing {
        for element in [Element::Marketing, Element::ThisNumber, Element::Automated, Element::NoCondition] {
            need(element, &suggestion.consent, &|text| marketing(judge, element, &sentences.consent, text));
        }
    }
    contradictions(context, judge, sentences, places, &suggestion, &mut lost);
    lost
}

fn cost(wanted: CostLine, judge: &Judge, sentence: &[Word], text: &Text) -> Verdict {
    let verbatim = judge.verbatim(sentence, text);
    let Some(wording) = judge.wording else { return verbatim };
    let asked = |patterns| {
        let question = text.sentences.iter().filter(|sentence| sentence.question);
        question.flat_map(|sentence| judge.find(patterns, &sentence.words).map(|found| plain(&sentence.words, found))).next()
    };
    let verdict = |patterns: &[Pattern]| {
        let all = text.sentences.iter().flat_map(|sentence| {
            judge.find(patterns, &sentence.words).map(move |found| {
                let behind = || judge.behind(&wording.cost_limit, &sentence.words, found.end);
                let limit = judge.before(&wording.cost_limit, &sentence.words, found.start).or_else(behind);
                limit.map_or_else(|| judge.judge(sentence, found, Around::All), Verdict::Weakened)
            })
        });
        all.max().unwrap_or(Verdict::Absent)
    };
    let said = verdict(&wording.standard_cost);
    let said = if wanted == CostLine::Plain { said.max(verdict(&wording.cost)) } else { said };
    // A question such as "May apply? Not with us!", or a sentence elsewhere, can take it back.
    let taken_back = asked(&wording.cost).map(|words| format!("{words}?")).or_else(|| {
        let sentences = text.sentences.iter();
        sentences
            .flat_map(|sentence| judge.find(&wording.no_cost, &sentence.words).map(|found| plain(&sentence.words, found)))
            .next()
    });
    match taken_back {
        Some(by) if said.clone().max(verbatim.clone()) == Verdict::Said => Verdict::Weakened(by),
        _ => said.max(verbatim),
    }
}

fn marketing(judge: &Judge, element: Element, consent: &[Word], text: &Text) -> Verdict {
    let verbatim = judge.verbatim(consent, text);
    let Some(wording) = judge.wording else { return verbatim };
    let said = |patterns| judge.verdict(patterns, text, Around::Before);
    let said = match element {
        Element::Marketing => said(&wording.marketing),
        Element::ThisNumber => said(&wording.this_number),
        Element::Automated => {
            let mut all = text.sentences.iter();
            let by_hand =
                all.find_map(|sentence| Some(plain(&sentence.words, judge.find(&wording.by_hand, &sentence.words).next()?)));
            match (said(&wording.automated), by_hand) {
                (Verdict::Said, Some(by)) => return Verdict::Weakened(by),
                (verdict, _) => verdict,
            }
        }
        _ => {
            let somewhere = |patterns: &[Pattern]| {
                let mut all = text.sentences.iter();
                all.find_map(|sentence| {
                    let mut found = judge.find(patterns, &sentence.words);
                    let meant = found.find(|found| judge.judge(sentence, *found, Around::Before) == Verdict::Said)?;
                    Some(plain(&sentence.words, meant))
                })
            };
            let exception = || {
                let mut all = text.sentences.iter();
                all.find_map(|sentence| {
                    let found = judge.find(&wording.no_condition, &sentence.words).next()?;
                    judge.in_rest(&wording.condition_limit, &sentence.words, found.end)
                })
            };
            let taken_back = somewhere(&wording.made_condition).or_else(exception);
            return match said(&wording.no_condition).max(verbatim) {
                Verdict::Absent => {
                    taken_back.or_else(|| somewhere(&wording.is_condition)).map_or(Verdict::Absent, Verdict::Weakened)
                }
                Verdict::Said => taken_back.map_or(Verdict::Said, Verdict::Weakened),
                weakened @ Verdict::Weakened(_) => weakened,
            };
        }
    };
    said.max(verbatim)
}

/// Adds what contradicts the settings or takes the choice out of the consent, anywhere in the form.
fn contradictions(
    context: &PageContext<'_>,
    judge: &Judge,
    sentences: &Sentences,
    places: &Places,
    suggestion: &Suggestions,
    lost: &mut Vec<Lost>,
) {
    let differs = |text| frequency::contradiction(context.program.frequency, judge, text);
    if let Some(says) = differs(&places.inside).or_else(|| differs(&places.after)) {
        replace(lost, Element::Frequency, Problem::Contradicts { says }, &suggestion.frequency);
    }
    let sharing = judge.wording.map_or(&[][..], |wording| &wording.sharing);
    let shared = |sentence: &phrase::Sentence| {
        let mut all = judge.find(sharing, &sentence.words);
        let meant = all.find(|found| judge.judge(sentence, *found, Around::Before) == Verdict::Said)?;
        Some(plain(&sentence.words, meant))
    };
    if let Some(with) = places.inside.sentences.iter().find_map(shared) {
        replace(lost, Element::Consent, Problem::Bundled { with }, &suggestion.consent);
    }
    let no_choice = judge.wording.map_or(&[][..], |wording| &wording.no_choice);
    let decided = |sentence: &phrase::Sentence| Some(plain(&sentence.words, judge.find(no_choice, &sentence.words).next()?));
    if let Some(says) = places.inside.sentences.iter().chain(&places.after.sentences).find_map(decided) {
        replace(lost, Element::Consent, Problem::Contradicts { says }, &suggestion.consent);
    }
    for (element, keyword, sentence) in
        [(Element::Stop, Keyword::Stop, &sentences.stop), (Element::Help, Keyword::Help, &sentences.help)]
    {
        let said = keywords::said(judge, keyword, sentence, &places.inside);
        let absent = lost.iter().any(|lost| lost.element == element && lost.problem == Problem::Absent);
        if let Some(says) = said.elsewhere {
            replace(lost, element, Problem::Contradicts { says }, suggestion.for_keyword(keyword));
        } else if absent && said.lacks_number {
            replace(lost, element, Problem::NoNumber, suggestion.for_keyword(keyword));
        }
    }
}

fn replace(lost: &mut Vec<Lost>, element: Element, problem: Problem, write: &str) {
    match lost.iter_mut().find(|lost| lost.element == element) {
        Some(lost) => lost.problem = problem,
        None => lost.push(Lost { element, problem, write: write.to_owned() }),
    }
}

/// The wording that we suggest to the owner, in the page's own locale.
pub(super) struct Suggestions {
    frequency: String,
    stop: String,
    help: String,
    cost: String,
    /// The sentence for the box.
    pub consent: String,
}

impl Suggestions {
    fn for_keyword(&self, keyword: Keyword) -> &str {
        match keyword {
            Keyword::Stop => &self.stop,
            Keyword::Help => &self.help,
        }
    }

    /// Returns the catalog's sentences, or English ones where it has none.
    pub(super) fn of(context: &PageContext<'_>) -> Self {
        let (program, catalog) = (context.program, context.catalog);
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
            frequency: or(&catalog.frequency, frequency),
            stop: or(&catalog.stop, format!("Text STOP to {}", program.sender)),
            help: or(&catalog.help, format!("Text HELP to {}", program.sender)),
            cost: or(&catalog.cost, cost.to_owned()),
            consent: or(
                &catalog.consent,
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
