//! Phrases: a tiny pattern language over words, and the matcher for it.
//!
//! Owns the notation that the lists of `english`, `spanish` and `french` are written in. Must not know what a phrase
//! means. The surprise: a phrase that excuses never reaches across a comma, one that opts out may ("leave me, please, alone").
//!
//! | Written | Stands for |
//! |---|---|
//! | `take` | that word; from six letters on one slip of the finger is forgiven |
//! | `take\|get` | either word |
//! | `cancel*` | any word that begins so |
//! | `{texts}` | any word of that class (each language's list has its own) |
//! | `my?` | the word, the class or the alternatives, or nothing |
//! | `..3` | up to three words, whatever they are |
//! | `!by` | here must not come that word |
//! | `a\|$` | the word, or here the sentence ends |
//! | `@` | a word with a capital, as names have (inside `a\|b` too) |
//! | `, ` at the begin | an excuse that does reach across commas |
//! | `^`, `$` | begin or end of a sentence (for an excuse: or of what commas set apart) |

use super::spelling::one_slip;
use super::tokens::Word;

/// What a rule says and the ways in which people write it.
#[derive(Debug, Clone, Copy)]
pub struct Phrase {
    /// The rule's own text, which is recorded as the keyword.
    pub says: &'static str,
    /// The ways of writing it, in the notation of this module.
    pub written: &'static [&'static str],
}

/// A named list of words that `{name}` stands for.
pub type Class = (&'static str, &'static [&'static str]);

/// Words `from..to` of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first word.
    pub from: usize,
    /// The word behind the last.
    pub to: usize,
}

#[derive(Debug)]
enum Element {
    Word { any_of: Vec<&'static str>, optional: bool },
    Not(Vec<&'static str>),
    Gap(usize),
    Name,
    Begin,
    End,
}

/// A pattern, ready to be matched.
#[derive(Debug)]
pub struct Pattern {
    elements: Vec<Element>,
    across_commas: bool,
}

impl Pattern {
    /// Reads a pattern. A class that is not in `classes` stands for no word at all (a test looks for such slips).
    pub fn parse(written: &'static str, classes: &[Class], across_commas: bool) -> Self {
        let across_commas = across_commas || written.starts_with(", ");
        let elements = written.split_whitespace().filter(|part| *part != ",").map(|part| Self::element(part, classes)).collect();
        Self { elements, across_commas }
    }

    fn element(part: &'static str, classes: &[Class]) -> Element {
        if part == "^" {
            return Element::Begin;
        }
        if part == "@" {
            return Element::Name;
        }
        if part == "$" {
            return Element::End;
        }
        if let Some(length) = part.strip_prefix("..") {
            return Element::Gap(length.parse().unwrap_or(0));
        }
        if let Some(rest) = part.strip_prefix('!') {
            return Element::Not(any_of(rest, classes));
        }
        let (rest, optional) = part.strip_suffix('?').map_or((part, false), |rest| (rest, true));
        Element::Word { any_of: any_of(rest, classes), optional }
    }

    /// Whether some element stands for no word at all.
    #[cfg(test)]
    pub fn is_broken(&self) -> bool {
        self.elements.iter().any(|element| match element {
            Element::Word { any_of, .. } | Element::Not(any_of) => {
                any_of.is_empty() || any_of.iter().any(|w| w.contains(['{', '}']))
            }
            Element::Gap(length) => *length == 0,
            Element::Name | Element::Begin | Element::End => false,
        })
    }

    /// Every place of the sentence where the pattern is found; of each begin the longest.
    pub fn find(&self, words: &[Word]) -> impl Iterator<Item = Span> {
        (0..words.len()).filter_map(|from| self.ends(&self.elements, words, from, from).map(|to| Span { from, to }))
    }

    /// The furthest end of a match that begins at `from`, if the elements match from `at` on.
    fn ends(&self, elements: &[Element], words: &[Word], from: usize, at: usize) -> Option<usize> {
        let Some((first, rest)) = elements.split_first() else {
            return (at > from).then_some(at);
        };
        let broken = |place: usize| place > from && !self.across_commas && words.get(place).is_some_and(|w| w.after_comma);
        match first {
            Element::Name => {
                words.get(at).filter(|word| word.name && !broken(at)).and_then(|_| self.ends(rest, words, from, at + 1))
            }
            Element::Begin => (at == 0 || (!self.across_commas && words.get(at).is_some_and(|w| w.after_comma)))
                .then(|| self.ends(rest, words, from, at))
                .flatten(),
            Element::End => (at == words.len() || broken(at)).then(|| self.ends(rest, words, from, at)).flatten(),
            Element::Not(any_of) => {
                let next = words.get(at).filter(|_| !broken(at));
                let unwanted = next.map_or(any_of.contains(&"$"), |word| matches(any_of, &word.text));
                if unwanted { None } else { self.ends(rest, words, from, at) }
            }
            Element::Word { any_of, optional } => {
                let taken = words
                    .get(at)
                    .filter(|word| !broken(at) && (matches(any_of, &word.text) || word.name && any_of.contains(&"@")))
                    .and_then(|_| self.ends(rest, words, from, at + 1));
                let ended = (at == words.len() || broken(at)) && any_of.contains(&"$");
                let left_out = if *optional || ended { self.ends(rest, words, from, at) } else { None };
                taken.max(left_out)
            }
            Element::Gap(length) => {
                let mut furthest = None;
                for skipped in 0..=*length {
                    if skipped > 0 && (at + skipped > words.len() || broken(at + skipped - 1)) {
                        break;
                    }
                    furthest = furthest.max(self.ends(rest, words, from, at + skipped));
                }
                furthest
            }
        }
    }
}

/// The words that `a|b|{class}` stands for; inside braces a name that no class has is the word itself.
fn any_of(written: &'static str, classes: &[Class]) -> Vec<&'static str> {
    let mut words = Vec::new();
    let mut in_braces = false;
    for part in written.split('|') {
        in_braces |= part.starts_with('{');
        let name = part.trim_matches(['{', '}']);
        let lists = classes.iter().find(|(class, _)| in_braces && *class == name).map(|(_, lists)| *lists);
        match lists {
            Some(lists) => words.extend(lists.iter().flat_map(|list| list.split_whitespace())),
            None if part.starts_with('{') && part.ends_with('}') => words.push(part),
            None => words.push(name),
        }
        in_braces &= !part.ends_with('}');
    }
    words
}

fn matches(any_of: &[&str], word: &str) -> bool {
    any_of.iter().any(|wanted| match wanted.strip_suffix('*') {
        Some(begin) => word.starts_with(begin),
        None => *wanted == word || one_slip(wanted, word),
    })
}
