//! The notation of phrases: what each symbol in a part stands for.
//!
//! Owns parsing one part at a time. Must not match anything.

use super::super::lists::List;
use super::super::vocabulary::{Slips, Vocabulary};
use super::super::words::fold;
use super::{Element, Place, Words};

/// Parses one part of a phrase.
pub(super) fn element(part: &'static str, list: &List, slips: Slips, vocabulary: &mut Vocabulary) -> Result<Element, String> {
    match part {
        "^" => return Ok(Element::Begin),
        "$" => return Ok(Element::End),
        "," => return Ok(Element::Break { optional: false }),
        ",?" => return Ok(Element::Break { optional: true }),
        _ => {}
    }
    if let Some(most) = part.strip_prefix("..").or_else(|| part.strip_prefix('~')) {
        let most = most.parse().ok().filter(|most| *most > 0).ok_or_else(|| format!("\"{part}\" isn't a gap"))?;
        return Ok(Element::Gap { most, figures: part.starts_with("..") });
    }
    if let Some(unwanted) = part.strip_prefix('!') {
        return Ok(Element::Not(words(unwanted, list, Slips::Exact, vocabulary)?));
    }
    if let Some(class) = part.strip_suffix('+').filter(|class| class.ends_with('}')) {
        return Ok(Element::Several(words(class, list, Slips::Exact, vocabulary)?));
    }
    let (part, optional) = part.strip_suffix('?').map_or((part, false), |part| (part, true));
    Ok(Element::Word(Words { optional, ..words(part, list, slips, vocabulary)? }))
}

/// Parses alternatives, such as `a|b|{class}`.
fn words(written: &'static str, list: &List, slips: Slips, vocabulary: &mut Vocabulary) -> Result<Words, String> {
    let mut words = Words::default();
    for part in written.split('|') {
        match part.strip_prefix('{') {
            Some(class) => {
                let class = class.strip_suffix('}').ok_or_else(|| format!("\"{part}\" isn't a class"))?;
                add_class(class, list, slips, vocabulary, &mut words)?;
            }
            None if part == "@" => words.name = true,
            None if part == "$" => words.end = true,
            None => add_word(part, slips, vocabulary, &mut words)?,
        }
    }
    words.ids.sort_unstable();
    words.ids.dedup();
    Ok(words)
}

fn add_word(written: &str, slips: Slips, vocabulary: &mut Vocabulary, words: &mut Words) -> Result<(), String> {
    if written.is_empty() || written.contains(['{', '}', '^', '!', '?', '"']) {
        return Err(format!("\"{written}\" isn't a word"));
    }
    match (written.strip_prefix('*'), written.strip_suffix('*')) {
        (Some(part), Some(_)) => words.parts.push(fold(part.trim_end_matches('*'))),
        (None, Some(beginning)) => {
            vocabulary.add_beginning(&fold(beginning));
            words.beginnings.push(fold(beginning));
        }
        _ => words.ids.push(vocabulary.add(&fold(written), slips)),
    }
    Ok(())
}

fn add_class(class: &str, list: &List, slips: Slips, vocabulary: &mut Vocabulary, words: &mut Words) -> Result<(), String> {
    let place = match class {
        "number" => Some(Place::Number),
        "period" | "daily" => Some(Place::Period),
        "sender" => Some(Place::Sender),
        "phone" => Some(Place::Phone),
        "program" => Some(Place::Program),
        "key" => Some(Place::Key),
        "other" => Some(Place::Other),
        _ => None,
    };
    words.places.extend(place);
    let Some(section) = list.of_kind("class").find(|section| section.name == class) else {
        return if place.is_some() { Ok(()) } else { Err(format!("the list has no class \"{class}\"")) };
    };
    for line in &section.lines {
        let (names, value) = line.split_once('=').map_or((*line, None), |(names, value)| (names, Some(value.trim())));
        for name in names.split(|c: char| c == '|' || c.is_whitespace()).filter(|name| !name.is_empty()) {
            match value {
                Some(value) => {
                    words.values.insert(vocabulary.add(&fold(name), Slips::Exact), value);
                }
                None => add_word(name, slips, vocabulary, words)?,
            }
        }
    }
    Ok(())
}
