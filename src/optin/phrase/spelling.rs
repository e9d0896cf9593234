//! Spelling: how people misspell a word, by a slip of the finger or on purpose.
//!
//! Owns the general rules, which apply to the words of any list. Must not hold lists of misspellings: if one isn't
//! recognized, fix the rules here.

/// The minimum length of a word in which slips are forgiven.
const SHORTEST: usize = 4;
/// From this length on, a slip can't mean any other word, whatever is next to it.
const CERTAIN: usize = 8;
/// From this length on, two slips are forgiven.
const LONG: usize = 10;
const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// Returns whether slips are forgiven in a word at all.
pub(super) fn can_slip(word: &str) -> bool {
    word.len() >= SHORTEST && word.bytes().all(|b| b.is_ascii_lowercase())
}

/// Returns whether a slip of this word can't mean any other word, whatever is next to it.
pub(super) const fn is_certain(wanted: &str) -> bool {
    wanted.len() >= CERTAIN
}

/// Returns whether two slips are forgiven in a word.
pub(super) const fn is_long(wanted: &str) -> bool {
    wanted.len() >= LONG
}

/// Returns whether two slips turn the long word `wanted` into `word`.
pub(super) fn slips_twice(wanted: &str, word: &str) -> bool {
    word.len() + 3 > LONG && wanted.get(..1) == word.get(..1) && strsim::osa_distance(wanted, word) <= 2
}

/// Returns the word as written, and with doubled letters reduced to one.
pub(super) fn as_written(word: &str) -> [String; 2] {
    [word.to_owned(), squeezed(word, 1)]
}

/// Returns the word without each of its letters in turn.
pub(super) fn without_one_letter(word: &str) -> impl Iterator<Item = String> {
    word.char_indices().map(|(at, c)| {
        let (before, after) = (word.get(..at).unwrap_or_default(), word.get(at + c.len_utf8()..).unwrap_or_default());
        format!("{before}{after}")
    })
}

/// Returns the word without each group of vowels in turn: "stawp" is "st" and "p" with some vowel in between.
pub(super) fn without_vowel_group(word: &str) -> impl Iterator<Item = String> {
    vowel_groups(word).into_iter().map(|(from, to)| {
        let (before, after) = (word.get(..from).unwrap_or_default(), word.get(to..).unwrap_or_default());
        format!("{before}{after}")
    })
}

/// Returns the words that a deliberate misspelling may stand for: stretched ("stooop"), with the ending as spoken
/// ("textin"), or with a k for Spanish qu ("kitenme").
pub(super) fn plain_forms(word: &str) -> Vec<String> {
    let mut forms = Vec::new();
    if longest_run(word) >= 3 {
        forms.push(squeezed(word, 1));
        forms.push(squeezed(word, 2));
    }
    if word.contains("ki") || word.contains("ke") {
        forms.push(word.replace("ki", "qui").replace("ke", "que"));
    }
    if word.ends_with("in") {
        forms.push(format!("{word}g"));
    }
    forms
}

/// Returns the consonants of a word if there are three or more, because people leave out vowels ("txt", "msgs", "pls").
pub(super) fn skeleton(word: &str) -> Option<String> {
    let consonants: String = squeezed(word, 1).chars().filter(|c| !is_vowel(*c)).collect();
    let consonants = squeezed(&consonants, 1);
    (consonants.len() >= 3).then_some(consonants)
}

/// Returns whether the word has no vowels.
pub(super) fn has_no_vowel(word: &str) -> bool {
    !word.chars().any(is_vowel)
}

/// Returns whether one slip turns `wanted` into `word`, and if so, whether it's a near one: a neighboring key, a letter
/// doubled or dropped, or two letters swapped. The other slips are any other wrong letter, or a vowel spelled the way it
/// sounds ("stawp").
pub(super) fn slip(wanted: &str, word: &str) -> Option<bool> {
    let stretched = squeezed(word, 1);
    if stretched != word && (stretched == squeezed(wanted, 1) || drops_one(wanted, &stretched)) {
        return Some(true);
    }
    let (w, t): (&[u8], &[u8]) = (wanted.as_bytes(), word.as_bytes());
    if t.len() == w.len() {
        let differing: Vec<usize> = (0..w.len()).filter(|at| w.get(*at) != t.get(*at)).collect();
        let sorted = |word: &[u8]| {
            let mut letters = word.to_vec();
            letters.sort_unstable();
            letters
        };
        return match differing.as_slice() {
            // The same few letters in another order, with the first one in place.
            [first, _, ..] if *first > 0 && w.len() <= 5 && sorted(w) == sorted(t) => Some(true),
            [i, j] if *j == i + 1 && w.get(*i) == t.get(*j) && w.get(*j) == t.get(*i) => Some(true),
            [at] => {
                let near = w.get(*at).zip(t.get(*at)).is_some_and(|(a, b)| are_neighbors(*a, *b));
                // A different first letter or ending makes a different word.
                (near || (*at > 0 && at + 2 < w.len())).then_some(near)
            }
            _ => None,
        };
    }
    if drops_one(wanted, word) {
        return Some(true);
    }
    if drops_one(word, wanted) {
        let at = (0..t.len()).find(|at| w.get(*at) != t.get(*at))?;
        let added = *t.get(at)?;
        let around = [at.checked_sub(1).and_then(|before| t.get(before)), t.get(at + 1)];
        let near = around.into_iter().flatten().any(|other| *other == added || are_neighbors(*other, added));
        return (near || (at > 0 && at + 2 < t.len())).then_some(near);
    }
    let sounds = |word: &str| -> Vec<String> {
        vowel_groups(word).iter().map(|(from, to)| format!("{}*{}", &word[..*from], &word[*to..])).collect()
    };
    let spoken = sounds(word);
    sounds(wanted).iter().any(|shape| spoken.contains(shape)).then_some(false)
}

/// Returns whether `word` is `wanted` without one of its letters.
fn drops_one(wanted: &str, word: &str) -> bool {
    wanted.len() == word.len() + 1 && without_one_letter(wanted).any(|part| part == word)
}

const fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// Finds groups of adjacent vowels, including any w, y or h that lengthens them.
fn vowel_groups(word: &str) -> Vec<(usize, usize)> {
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for (at, c) in word.char_indices() {
        match groups.last_mut() {
            Some((_, to)) if *to == at && (is_vowel(c) || matches!(c, 'w' | 'y' | 'h')) => *to = at + c.len_utf8(),
            _ if is_vowel(c) => groups.push((at, at + c.len_utf8())),
            _ => {}
        }
    }
    groups
}

fn are_neighbors(one: u8, other: u8) -> bool {
    let place = |key: u8| ROWS.iter().enumerate().find_map(|(row, keys)| Some((row, keys.bytes().position(|b| b == key)?)));
    let (Some((row, column)), Some((other_row, other_column))) = (place(one), place(other)) else { return false };
    match other_row.abs_diff(row) {
        0 => column.abs_diff(other_column) == 1,
        // Each row is half a key to the right of the one above it.
        1 => {
            let (above, below) = if row < other_row { (column, other_column) } else { (other_column, column) };
            above == below || above == below + 1
        }
        _ => false,
    }
}

fn longest_run(word: &str) -> usize {
    let mut longest = 0;
    let (mut last, mut run) = ('\0', 0);
    for c in word.chars() {
        run = if c == last { run + 1 } else { 1 };
        last = c;
        longest = longest.max(run);
    }
    longest
}

/// Shortens each run of the same letter to at most `most`.
fn squeezed(word: &str, most: usize) -> String {
    let mut squeezed = String::with_capacity(word.len());
    let (mut last, mut run) = ('\0', 0);
    for c in word.chars() {
        run = if c == last { run + 1 } else { 1 };
        last = c;
        if run <= most {
            squeezed.push(c);
        }
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_found_and_near_ones_are_told_apart() {
        for (wanted, word, near) in [
            ("stop", "dtop", true),
            ("stop", "stpo", true),
            ("stop", "stpp", true),
            ("stop", "sstop", true),
            ("stop", "stp", true),
            ("stop", "topp", true),
            ("take", "tske", true),
            ("stop", "stawp", false),
            ("stop", "stuhp", false),
            ("unsubscribe", "unsubscrive", true),
            ("stop", "sopt", true),
            ("remove", "remave", false),
        ] {
            assert_eq!(slip(wanted, word), Some(near), "{wanted} {word}");
        }
        for (wanted, word) in [("stop", "drop"), ("send", "mend"), ("manden", "mandan"), ("stop", "halt")] {
            assert_eq!(slip(wanted, word), None, "{wanted} {word}");
        }
    }

    #[test]
    fn short_and_stretched_spellings_are_understood() {
        assert_eq!(plain_forms("stooop"), ["stop", "stoop"]);
        assert_eq!(plain_forms("textin"), ["texting"]);
        assert_eq!(skeleton("messages").as_deref(), Some("msgs"));
        assert_eq!(skeleton("you"), None);
    }

    #[test]
    fn neighboring_keys_are_those_that_touch() {
        for (a, b) in [(b's', b'd'), (b'o', b'p'), (b'l', b'p'), (b'a', b's'), (b't', b'g'), (b'c', b'x'), (b'o', b'l')] {
            assert!(are_neighbors(a, b), "{} {}", char::from(a), char::from(b));
        }
        for (a, b) in [(b's', b't'), (b'o', b'a'), (b'q', b'p'), (b'a', b'p')] {
            assert!(!are_neighbors(a, b), "{} {}", char::from(a), char::from(b));
        }
    }
}
