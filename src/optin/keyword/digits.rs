//! Digits: the runs of digits in a message that could be a code.
//!
//! Owns how groups of digits are joined. Must not know which code was sent. The digits of a phone number aren't a code,
//! even if seven of them are adjacent ("(202) 555-0143").

use crate::optin::code::DIGITS;
use crate::optin::phone::is_dash;

/// Returns every run of digits that could be a code. Groups are joined across a single space or dash. A longer run isn't a code, but its
/// groups may be.
pub fn candidates(own: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for chain in chains(own) {
        if !is_phone(&chain) {
            let run: Vec<&Group> = chain.iter().collect();
            add_runs(&run, &mut found);
        }
    }
    found
}

/// A group of digits, and whether it's joined to the group before it.
struct Group {
    digits: String,
    joined: bool,
}

/// Returns chains of digit groups with nothing but spaces, dashes, dots, parentheses, plus signs or slashes between them,
/// at most two of these at a time.
fn chains(own: &str) -> Vec<Vec<Group>> {
    let mut chains: Vec<Vec<Group>> = Vec::new();
    let mut between = String::from("#");
    for c in own.chars() {
        if c.is_ascii_digit() {
            let joined = between.chars().count() == 1 && between.chars().all(|b| b == ' ' || is_dash(b));
            let linked = between.chars().count() <= 2 && between.chars().all(|b| " .()+/".contains(b) || is_dash(b));
            match chains.last_mut() {
                Some(chain) if linked => match chain.last_mut() {
                    Some(group) if between.is_empty() => group.digits.push(c),
                    _ => chain.push(Group { digits: c.to_string(), joined }),
                },
                _ => chains.push(vec![Group { digits: c.to_string(), joined: false }]),
            }
            between.clear();
        } else if between.len() < 8 {
            between.push(c);
        }
    }
    chains
}

fn is_phone(chain: &[Group]) -> bool {
    let lengths: Vec<usize> = chain.iter().map(|group| group.digits.len()).collect();
    matches!(lengths.as_slice(), [3, 3, 4] | [1, 3, 3, 4] | [3, 7] | [1, 3, 7] | [6, 4] | [1, 10] | [10 | 11])
}

fn add_runs(chain: &[&Group], found: &mut Vec<String>) {
    let mut rest = chain;
    while !rest.is_empty() {
        let length = 1 + rest.iter().skip(1).take_while(|group| group.joined).count();
        let (run, after) = rest.split_at(length);
        let joined: String = run.iter().map(|group| group.digits.as_str()).collect();
        let mut add = |digits: String| {
            if DIGITS.contains(&digits.len()) && !found.contains(&digits) {
                found.push(digits);
            }
        };
        if joined.len() > *DIGITS.end() {
            for group in run {
                add(group.digits.clone());
            }
        } else {
            add(joined);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_join_to_codes_of_six_to_eight_digits() {
        for (text, codes) in [
            ("482913", vec!["482913"]),
            ("482 913", vec!["482913"]),
            ("4 8 2 9 1 3", vec!["482913"]),
            ("7392-0518", vec!["73920518"]),
            ("482913 or 739205", vec!["482913", "739205"]),
            ("482913 739205", vec!["482913", "739205"]),
            ("482913 482913", vec!["482913"]),
            ("482913. 55", vec!["482913"]),
            ("12345", vec![]),
            ("123456789", vec![]),
            ("202-555-0143", vec![]),
            ("(202) 555-0143", vec![]),
            ("+1 202 555 0143", vec![]),
            ("2025550143", vec![]),
        ] {
            assert_eq!(candidates(text), codes, "{text}");
        }
    }
}
