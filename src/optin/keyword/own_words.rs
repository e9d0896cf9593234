//! Own words: which parts of a message the person wrote, and which a phone, a program or we wrote.
//!
//! Owns cleaning a message (length, compatibility forms, invisible characters) and removing signatures, quoted copies,
//! forwards, reactions and copied instructions. Must not decide what the rest means. An instruction such as "Reply STOP to
//! end" counts as somebody else's only if there are other words. If it's the whole text, the person means it.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use super::OPT_OUT_WORDS;
use super::rules::RULES;
use super::tokens;
use crate::optin::is_invisible;
use crate::optin::phrase::{Pattern, Sentence, fold};

/// How much of a message we read, in characters (SMS-9).
pub const LONGEST_MESSAGE: usize = 1_600;

/// Returns the person's own part of a message, cleaned. Quotation marks become `"`, and apostrophes become `'`.
pub fn own_words(message: &str) -> String {
    let text = without_copies(&cleaned(message));
    without_quoted_instructions(without_reaction(text.trim()))
}

/// Splits the person's own words into sentences. Instructions copied from a program are left out if they come after another
/// sentence. Those in an automatic reply ("text END to turn off this autoresponder") are always left out.
pub fn own_sentences(own: &str) -> Vec<Sentence> {
    let mut all = sentences(own);
    if is_automatic(&all) {
        all.retain(|sentence| !is_any(&RULES.quotations.quoted, sentence));
    } else if all.len() > 1 {
        let mut first = true;
        let instruction = |sentence: &Sentence| !sentence.question && is_any(&RULES.quotations.instructions, sentence);
        all.retain(|sentence| std::mem::take(&mut first) || !instruction(sentence));
    }
    all
}

/// Returns whether a program answers for the person.
pub fn is_automatic(sentences: &[Sentence]) -> bool {
    sentences.iter().any(|sentence| is_any(&RULES.quotations.automatic, sentence))
}

/// Splits a text into sentences, including instructions.
pub fn sentences(text: &str) -> Vec<Sentence> {
    tokens::sentences(text, &RULES.vocabulary, &RULES.pairs)
}

/// Truncates the message, normalizes compatibility forms, removes invisible characters and unifies quotation marks.
fn cleaned(message: &str) -> String {
    let visible = message.chars().take(LONGEST_MESSAGE).nfkc().filter(|c| !says_nothing(*c));
    visible
        .take(LONGEST_MESSAGE)
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{b4}' | '`' | '\u{2032}' => '\'',
            '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2033}' => '"',
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}' => '\n',
            '\t' => ' ',
            other => other,
        })
        .collect::<String>()
        .split_inclusive(char::is_whitespace)
        .map(latin)
        .collect()
}

/// Replaces Cyrillic letters that look like Latin ones, in a word that also has Latin letters.
fn latin(word: &str) -> Cow<'_, str> {
    const ALIKE: [(char, char); 10] = [
        ('\u{430}', 'a'),
        ('\u{435}', 'e'),
        ('\u{43e}', 'o'),
        ('\u{440}', 'p'),
        ('\u{441}', 'c'),
        ('\u{445}', 'x'),
        ('\u{443}', 'y'),
        ('\u{405}', 'S'),
        ('\u{41e}', 'O'),
        ('\u{420}', 'P'),
    ];
    let alike = |c: char| ALIKE.iter().find(|(other, _)| *other == c).map(|(_, latin)| *latin);
    let is_mixed = word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(|c| alike(c).is_some());
    if is_mixed { word.chars().map(|c| alike(c).unwrap_or(c)).collect::<String>().into() } else { word.into() }
}

/// Returns whether a character says nothing by itself: it's invisible, only changes an emoji, or is the placeholder for a photo.
const fn says_nothing(c: char) -> bool {
    is_invisible(c) || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{fffc}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e01ef}')
}

/// Removes signatures, quoted lines, forwarded messages and whatever "On ... wrote:" introduces.
fn without_copies(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at).copied() {
        at += 1;
        let folded = fold(line.trim());
        let something = own.iter().any(|line| !line.trim().is_empty());
        let underlined = folded.len() >= 10 && folded.bytes().all(|b| b == b'_');
        if (folded == "--" || underlined) && something || begins_with(&folded, &RULES.quotations.forwards) {
            own.extend(word_below(lines.get(at..).unwrap_or_default()));
            break;
        }
        if folded.starts_with('>') || begins_with(&folded, &RULES.quotations.signatures) {
            continue;
        }
        let next = lines.get(at).map_or(String::new(), |next| fold(next.trim()));
        let mut words = folded.split_whitespace();
        let announces = words.next().is_some_and(|first| RULES.quotations.attribution_begins.contains(&first));
        if announces && (is_attribution(&folded) || is_attribution(&next)) {
            at += usize::from(!is_attribution(&folded));
            // Unmarked lines that follow are the copy. Marked lines are removed anyway, and own words may come below them.
            if lines.get(at).is_some_and(|line| line.trim_start().starts_with('>')) {
                continue;
            }
            // The copy may begin on the line that introduces it.
            let begins_here = !RULES.quotations.attribution_ends.iter().any(|end| folded.ends_with(end));
            let copy = lines.get(at - usize::from(begins_here)..).unwrap_or_default();
            own.extend(word_below(copy));
            break;
        }
        own.push(without_inline_signature(line));
    }
    own.join("\n")
}

/// Returns an opt-out word that is alone on the last line below a copy, because mail programs put the cursor there.
fn word_below<'t>(copy: &[&'t str]) -> Option<&'t str> {
    let mut lines = copy.iter().rev().copied().filter(|line| !line.trim().is_empty());
    let last = lines.next()?;
    let is_word = OPT_OUT_WORDS.contains(&super::folded_whole(last).as_str());
    (is_word && lines.next().is_some()).then_some(last)
}

fn begins_with(folded: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| folded.starts_with(beginning))
}

fn is_attribution(folded: &str) -> bool {
    RULES.quotations.attribution_ends.iter().any(|end| folded.contains(end))
}

/// Removes the phone's part from a line such as "STOP Sent from my iPhone", if it's short enough to be a signature.
fn without_inline_signature(line: &str) -> &str {
    let lower = line.to_ascii_lowercase();
    for begin in &RULES.quotations.inline_signatures {
        if let Some(at) = lower.find(&format!(" {begin} "))
            && line.get(at..).is_some_and(|rest| rest.split_whitespace().count() <= 6)
        {
            return line.get(..at).unwrap_or(line);
        }
    }
    line
}

/// Returns what follows the quotation in a reaction, or the text as it is if it isn't a reaction.
fn without_reaction(text: &str) -> &str {
    let Some(open) = text.find('"').or_else(|| text.find('\'').filter(|_| text.ends_with('\''))) else {
        return text;
    };
    let (before, quotation) = text.split_at(open);
    let mark = if quotation.starts_with('"') { '"' } else { '\'' };
    let said = sentences(before);
    let emoji = before.trim_start().chars().next().is_some_and(|c| !c.is_alphanumeric() && !c.is_ascii());
    let reaction = match said.as_slice() {
        [sentence] => is_any(&RULES.quotations.reactions, sentence) || emoji && is_any(&RULES.quotations.after_emoji, sentence),
        _ => false,
    };
    if !reaction {
        return text;
    }
    match quotation.rfind(mark) {
        Some(close) if close > 0 => quotation.get(close + 1..).unwrap_or(""),
        _ => "",
    }
}

/// Removes quotations that read like a program's instruction, if the person says anything else.
fn without_quoted_instructions(text: &str) -> String {
    let parts: Vec<&str> = text.split('"').collect();
    let mut own = String::with_capacity(text.len());
    for (at, part) in parts.iter().enumerate() {
        // Every second part is between two marks. If the number of marks is odd, the last part has no closing one.
        let quoted = at % 2 == 1 && at + 1 < parts.len();
        if quoted && sentences(part).iter().any(|sentence| is_any(&RULES.quotations.quoted, sentence)) {
            own.push(',');
        } else {
            own.push_str(part);
            own.push(if at + 1 < parts.len() { ' ' } else { '\n' });
        }
    }
    if sentences(&own).is_empty() { text.to_owned() } else { own }
}

fn is_any(patterns: &[Pattern], sentence: &Sentence) -> bool {
    patterns.iter().any(|pattern| RULES.is_in(pattern, &sentence.words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(message: &str) -> String {
        own_words(message).trim().to_owned()
    }

    #[test]
    fn signatures_and_copies_are_removed() {
        for message in [
            "Hello\n\nSent from my iPhone",
            "Hello\n-- \nRiverside Auto Body\n202-555-0143",
            "Hello\n> Reply STOP to end",
            "Hello\nOn Mon, Nov 23, Acme wrote:\n> Reply STOP to end",
            "Hello\nOn Mon, Nov 23, Acme wrote:\nReply STOP to end",
            "Hello\nOn Mon, Nov 23, Acme\n<acme@example.org> wrote:\nReply STOP to end",
            "Hello\nFwd: Reply STOP to end",
            "Hello Sent from my Galaxy",
        ] {
            assert_eq!(own(message), "Hello", "{message}");
        }
    }

    #[test]
    fn the_quotation_in_a_reaction_is_removed_and_what_follows_it_stays() {
        assert_eq!(own("Liked \u{201c}Reply STOP to end\u{201d}"), "");
        assert_eq!(own("Le gust\u{f3} \u{201c}Reply STOP"), "");
        assert_eq!(own("\u{1f44d} to \u{201c}Reply STOP to end\u{201d}"), "");
        assert_eq!(own("Disliked \u{201c}Reply STOP to end\u{201d} so stop"), "so stop");
    }

    #[test]
    fn words_below_a_signature_and_above_a_copy_stay() {
        assert_eq!(own("Sent from my iPhone\nStop"), "Stop");
        assert_eq!(own("Stop\nOn Mon Acme wrote:\n> Road closed\nplease"), "Stop\nplease");
    }

    #[test]
    fn an_instruction_counts_as_the_persons_only_when_nothing_else_is_said() {
        assert_eq!(own_sentences("Reply STOP to end").len(), 1);
        assert_eq!(own_sentences("We are open 8-5. Reply STOP to opt out.").len(), 1);
        assert_eq!(own("\"Reply STOP to end\" - do these cost money?"), ", - do these cost money?");
    }
}
