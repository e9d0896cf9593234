//! Tokens: a person's words, sentence by sentence, folded so that rules need one spelling only.
//!
//! Owns where words and sentences begin and end. Must not judge them. The surprise: single letters in a row are one word
//! ("s t o p", "S.T.O.P."), and "do not" is "dont", so that no rule has to say it twice.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::spelling::mended;

/// One word, folded: lower case, no accents, slips mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its letters and digits.
    pub text: String,
    /// Whether a comma, a line break or the like stands before it.
    pub after_comma: bool,
    /// Whether it begins with a capital and goes on without, as names do.
    pub name: bool,
}

/// The words between two full stops.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// Its words, at least one.
    pub words: Vec<Word>,
    /// Whether a question mark ends it.
    pub question: bool,
}

/// Contractions that are one word whatever stands before the apostrophe; French l', d', n' and the like are two.
const ENGLISH_ENDINGS: &[&str] = &["t", "s", "m", "re", "ve", "ll", "d"];
/// Two words that the rules know as one.
const PAIRS: &[(&str, &str, &str)] = &[
    ("do", "not", "dont"),
    ("do", "nt", "dont"),
    ("don", "t", "dont"),
    ("didn", "t", "didnt"),
    ("can", "t", "cant"),
    ("won", "t", "wont"),
    ("did", "not", "didnt"),
    ("can", "not", "cant"),
    ("could", "not", "couldnt"),
    ("will", "not", "wont"),
    ("would", "not", "wouldnt"),
    ("should", "not", "shouldnt"),
    ("does", "not", "doesnt"),
    ("is", "not", "isnt"),
    ("are", "not", "arent"),
    ("was", "not", "wasnt"),
    ("have", "not", "havent"),
    ("has", "not", "hasnt"),
    ("i", "am", "im"),
    ("i", "have", "ive"),
    ("i", "will", "ill"),
    ("we", "will", "well"),
    ("let", "us", "lets"),
    ("any", "more", "anymore"),
    ("un", "subscribe", "unsubscribe"),
    ("un", "subscribed", "unsubscribed"),
    ("un", "stop", "unstop"),
    ("un", "enroll", "unenroll"),
    ("un", "register", "unregister"),
    ("opted", "out", "optedout"),
    ("opting", "out", "optout"),
    ("opts", "out", "optout"),
    ("opt", "me", "optme"),
    ("non", "stop", "nonstop"),
    ("thank", "you", "thanks"),
    ("good", "morning", "hello"),
    ("good", "afternoon", "hello"),
    ("good", "evening", "hello"),
    ("good", "day", "hello"),
    ("no", "mas", "nomas"),
    ("por", "favor", "porfavor"),
    ("por", "fa", "porfavor"),
];

/// The sentences of a text; those without any letter or digit are left out.
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut all: Vec<Sentence> = Vec::new();
    let mut current = Sentence::default();
    let mut comma = false;
    let mut letters = String::new();
    let characters: Vec<char> = text.chars().collect();
    for (at, &c) in characters.iter().enumerate() {
        let next = characters.get(at + 1).copied().unwrap_or(' ');
        if c.is_alphanumeric() || is_combining_mark(c) || (c == '$' && next.is_alphabetic()) || c == '\'' {
            letters.push(if c == '$' { 's' } else { c });
            continue;
        }
        if c == '*' && !letters.is_empty() {
            continue;
        }
        if c == '#' && letters.is_empty() && !next.is_alphanumeric() {
            letters.push_str("number");
            continue;
        }
        let spaced = at == 0 || characters.get(at - 1).is_some_and(|before| before.is_whitespace());
        push_letters(&mut letters, &mut current, &mut comma);
        match c {
            '.' if next.is_alphanumeric() && !is_initial(&current) => comma = true,
            '.' if is_initial(&current) => {}
            '.' | '!' | '?' | ';' => {
                current.question |= c == '?';
                comma = false;
                if !current.words.is_empty() {
                    all.push(std::mem::take(&mut current));
                } else if c == '?'
                    && let Some(last) = all.last_mut()
                {
                    last.question = true;
                }
            }
            ',' | ':' | '\n' | '\r' | '/' | '(' | ')' | '\u{2014}' => comma = true,
            '-' | '\u{2013}' | '\u{2010}' if spaced && next.is_whitespace() => comma = true,
            _ => {}
        }
        current.question &= !current.words.is_empty();
    }
    push_letters(&mut letters, &mut current, &mut comma);
    if !current.words.is_empty() {
        all.push(current);
    }
    joined(all).into_iter().map(|sentence| Sentence { words: folded(sentence.words), ..sentence }).collect()
}

/// Whether the sentence ends in a single letter, whose full stop is no end ("S.T.O.P.").
fn is_initial(sentence: &Sentence) -> bool {
    sentence.words.last().is_some_and(|word| word.text.len() == 1 && word.text.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Folds what was collected and adds it as one or more words.
fn push_letters(letters: &mut String, sentence: &mut Sentence, comma: &mut bool) {
    let folded: String = letters.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let mut first = letters.trim_start_matches('\'').chars();
    let name = first.next().is_some_and(char::is_uppercase) && first.next().is_some_and(char::is_lowercase);
    letters.clear();
    let mut parts: Vec<String> = Vec::new();
    for part in folded.split('\'').filter(|part| !part.is_empty()) {
        match parts.last_mut() {
            Some(before) if ENGLISH_ENDINGS.contains(&part) => before.push_str(part),
            _ => parts.push(part.to_owned()),
        }
    }
    for part in parts.iter().flat_map(|part| without_digits(part)) {
        sentence.words.push(Word { text: part, after_comma: std::mem::take(comma), name });
    }
}

/// "st0p" is a word, "stop482913" are two, "5th" is left alone.
fn without_digits(part: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    for c in part.chars() {
        match runs.last_mut() {
            Some(run) if run.ends_with(|last: char| last.is_numeric() == c.is_numeric()) => run.push(c),
            _ => runs.push(c.to_string()),
        }
    }
    let mut words: Vec<String> = Vec::new();
    let mut glue = false;
    let count = runs.len();
    for (at, run) in runs.into_iter().enumerate() {
        let number = run.starts_with(char::is_numeric);
        let letter = match run.as_str() {
            "0" => Some('o'),
            "1" => Some('i'),
            "3" => Some('e'),
            "5" => Some('s'),
            _ => None,
        };
        match (words.last_mut(), letter) {
            (Some(before), Some(letter)) if number && at + 1 < count => {
                before.push(letter);
                glue = true;
            }
            (Some(before), _) if glue || (!number && before.len() == 1) => {
                before.push_str(&run);
                glue = false;
            }
            _ => words.push(run),
        }
    }
    words
}

/// "Leave. Me. Alone." is one sentence, written with emphasis.
fn joined(all: Vec<Sentence>) -> Vec<Sentence> {
    if all.len() >= 3 && all.iter().all(|sentence| sentence.words.len() == 1) {
        let question = all.iter().any(|sentence| sentence.question);
        return vec![Sentence { words: all.into_iter().flat_map(|sentence| sentence.words).collect(), question }];
    }
    all
}

/// Single letters joined, slips mended, pairs made one.
fn folded(words: Vec<Word>) -> Vec<Word> {
    let mut spelt: Vec<Word> = Vec::new();
    let mut letters = 0_usize;
    let single = |word: &Word| word.text.chars().count() == 1 && word.text.chars().all(char::is_alphabetic);
    for word in words {
        let another = single(&word);
        match spelt.last_mut() {
            // Two letters are no word yet: "I M" stays, three or more are spelt out.
            Some(before) if another && letters > 0 && !word.after_comma => before.text.push_str(&word.text),
            _ => {
                letters = 0;
                spelt.push(word);
            }
        }
        letters = if another { letters + 1 } else { 0 };
    }
    let alone = spelt.len() == 1;
    let mut all: Vec<Word> = Vec::new();
    for mut word in spelt {
        let right = mended(&word.text, alone).to_owned();
        word.text = right;
        match all.last_mut() {
            Some(before) if let Some(pair) = pair(&before.text, &word.text) => pair.clone_into(&mut before.text),
            _ => all.push(word),
        }
    }
    all
}

fn pair(one: &str, other: &str) -> Option<&'static str> {
    if other.len() <= 4 && one.len() <= 4 && one.starts_with('o') && other.ends_with(['t', 'r']) {
        let both = format!("{one}{other}");
        if mended(&both, false) == "optout" {
            return Some("optout");
        }
    }
    PAIRS.iter().find(|(first, second, _)| *first == one && *second == other).map(|(_, _, pair)| *pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        sentences(text).into_iter().flat_map(|sentence| sentence.words).map(|word| word.text).collect()
    }

    #[test]
    fn words_are_folded() {
        for (text, expected) in [
            ("s t o p", "stop"),
            ("S.T.O.P.", "stop"),
            ("st0p", "stop"),
            ("STOP482913", "stop 482913"),
            ("482913stop", "482913 stop"),
            ("Don't TEXT me", "dont text me"),
            ("do not txt", "dont text"),
            ("d'autobus n'arr\u{ea}tez", "d autobus n arretez"),
            ("opt-out", "optout"),
            ("opt ot", "optout"),
            ("f*** off", "f off"),
            ("5th St", "5th st"),
            ("Leave. Me. Alone.", "leave me alone"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_question_mark_makes_a_question() {
        let all = sentences("Hello. Is it on? Bye");
        assert_eq!(all.iter().map(|s| s.question).collect::<Vec<_>>(), [false, true, false]);
    }
}
