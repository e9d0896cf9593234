//! What the words at one position of a phrase match: words of the lists, parts of words, and the built-in classes.

use super::{Facts, Place, Words};
use crate::optin::phrase::words::{Word, is_digits};

/// How many words were consumed, and the value that they stand for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    pub(super) words: usize,
    pub(super) slip: bool,
    pub(super) near: bool,
    pub(super) certain: bool,
    pub(super) number: Option<u32>,
    pub(super) period: Option<&'static str>,
}

impl Words {
    /// Returns whether one of these is needed and none is among `words`.
    pub(super) fn are_missing(&self, words: &[Word]) -> bool {
        let is_listed = |id: &u16| self.ids.binary_search(id).is_ok();
        let by_id = self.beginnings.is_empty() && self.parts.is_empty() && self.places.is_empty() && !self.name;
        let is_needed = !self.optional && !self.end;
        let is_here =
            |word: &Word| word.reading.is.iter().any(is_listed) || word.reading.slip_of.iter().any(|slip| is_listed(&slip.word));
        by_id && is_needed && !words.iter().any(is_here)
    }

    /// Returns each way in which the words at `at` match one of these.
    pub(super) fn takes<'a>(
        &'a self,
        words: &'a [Word],
        at: usize,
        facts: &'a Facts,
        forgiving: bool,
    ) -> impl Iterator<Item = Taken> + 'a {
        let word = words.get(at);
        let one = |taken: Taken| Taken { words: 1, ..taken };
        let by_word = word.into_iter().filter_map(move |word| {
            if word.reading.is.iter().any(|id| self.ids.binary_search(id).is_ok()) {
                return Some(one(Taken::default()));
            }
            let begins = self.beginnings.iter().any(|beginning| word.text.starts_with(beginning.as_str()));
            let has = self.parts.iter().any(|part| word.text.contains(part.as_str()));
            if begins || has || (self.name && word.name) {
                return Some(one(Taken::default()));
            }
            let slip = word.reading.slip_of.iter().find(|slip| forgiving && self.ids.binary_search(&slip.word).is_ok())?;
            Some(one(Taken { slip: true, near: slip.is_near, certain: slip.is_certain, ..Taken::default() }))
        });
        let by_place = self.places.iter().filter_map(move |place| self.place(*place, words, at, facts));
        by_word.chain(by_place)
    }

    /// Returns the factor of a word such as "hundred", which the lists write as `hundred = x100`.
    fn multiplier(&self, word: &Word) -> Option<u32> {
        word.reading.is.iter().find_map(|id| self.values.get(id)?.strip_prefix('x')?.parse().ok())
    }

    fn number(&self, word: &Word) -> Option<u32> {
        let value = word.reading.is.iter().find_map(|id| self.values.get(id)).copied().unwrap_or(&word.text);
        value.parse().ok().filter(|_| is_digits(value))
    }

    /// Reads a number at `at`, in figures or in words.
    fn figure(&self, words: &[Word], at: usize) -> Option<Taken> {
        let word = words.get(at)?;
        let number = self.number(word)?;
        // The ones may be a separate word: "twenty-five", "treinta y cinco".
        let ones = |by: usize| words.get(at + by).filter(|word| !is_digits(&word.text)).and_then(|word| self.number(word));
        let joined = words.get(at + 1).filter(|word| ["and", "y"].contains(&word.text.as_str()));
        let further = match joined {
            Some(_) => ones(2).map(|ones| (3, ones)),
            None => ones(1).map(|ones| (2, ones)),
        };
        let further = further.filter(|(_, ones)| number >= 20 && number % 10 == 0 && (1..10).contains(ones));
        let (taken, number) =
            further.filter(|_| !is_digits(&word.text)).map_or((1, number), |(taken, ones)| (taken, number + ones));
        let (taken, number) = match words.get(at + taken).and_then(|word| self.multiplier(word)) {
            Some(by) => (taken + 1, number.saturating_mul(by)),
            None => (taken, number),
        };
        Some(Taken { words: taken, number: Some(number), ..Taken::default() })
    }

    fn place(&self, place: Place, words: &[Word], at: usize, facts: &Facts) -> Option<Taken> {
        let word = words.get(at)?;
        let taking = |words: usize| Some(Taken { words, ..Taken::default() });
        match place {
            Place::Number => self.figure(words, at),
            Place::Period => {
                let period = word.reading.is.iter().find_map(|id| self.values.get(id)).copied()?;
                Some(Taken { words: 1, period: Some(period), ..Taken::default() })
            }
            Place::Sender if facts.any_sender => self.place(Place::Phone, words, at, facts),
            Place::Sender => {
                let mut digits = String::new();
                for (taken, word) in words.iter().skip(at).take(8).enumerate().take_while(|(_, word)| is_digits(&word.text)) {
                    digits.push_str(&word.text);
                    if facts.senders.contains(&digits) {
                        return taking(taken + 1);
                    }
                }
                None
            }
            Place::Phone => {
                let run: Vec<&str> =
                    words.iter().skip(at).take(8).map(|word| word.text.as_str()).take_while(|word| is_digits(word)).collect();
                if run.concat().len() >= 4 { taking(run.len()) } else { None }
            }
            Place::Program => {
                let length = facts.program.len();
                let part = words.get(at..at + length).filter(|_| length > 0)?;
                if part.iter().zip(&facts.program).all(|(a, b)| a.text == b.text) { taking(length) } else { None }
            }
            Place::Key if word.text == facts.key => taking(1),
            Place::Other if word.text == facts.other => taking(1),
            Place::Key | Place::Other => None,
        }
    }
}
