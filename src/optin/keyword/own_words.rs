//! Own words: what of a message is the person's own, and what a phone, a program or we wrote.
//!
//! Owns the cleaning (length, compatibility forms, invisible characters) and the cutting of signatures, quoted copies,
//! forwards, reactions and copied instructions. Must not say what the rest means. The surprise: an instruction such as
//! "Reply STOP to end" is somebody else's only beside other words; as the whole text the person means it.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;

use super::phrase::{Class, Pattern};
use super::tokens::{Sentence, sentences};

/// The longest message that is looked at, in characters (SMS-9).
pub const LONGEST_MESSAGE: usize = 1_600;

/// What stands before the quotation when a phone turns a reaction into a text; an emoji in it is no word.
const REACTIONS: &[&str] = &[
    "^ {reacted} $",
    "^ {reacted} to|at|an|a|by $",
    "^ reacted ..4 to $",
    "^ reacted ..4 with ..3 to $",
    "^ removed ..6 from $",
    "^ no? le|me|les gusto|encanto|disgusto|gusta|encanta|dio ..3 $",
    "^ se? rio|enfatizo|exclamo|cuestiono|pregunto|resalto|destaco|subrayo ..4 $",
    "^ le|ha|a? reacciono|reaccionado ..4 a|al $",
    "^ le? quito|elimino|retiro|borro ..6 de|a|del $",
    "^ n? a|as|j? pas? aime|adore|deteste|souligne|reagi|ri|rigole|questionne|mis ..5 $",
    "^ s interroge|exclame ..3 $",
    "^ a retire|supprime|enleve ..6 de|du|a $",
];
/// What may stand between an emoji and the quotation.
const AFTER_EMOJI: &[&str] = &["^ to|a|al|en|sur|pour|por|au $"];
/// What makes a quotation or a sentence a program's instruction.
const INSTRUCTIONS: &[&str] = &[
    "^ ..8 {reply} {with}? {with}? {keyword} {to} ..1 {aim}",
    "^ {to} ..6 {reply} {with}? {with}? {keyword}",
    "^ {keyword} {to} {aim}",
    "^ {keyword} {to} {aim} ..3 {keyword}",
    "^ {keyword} for|pour|para help|info|ayuda|aide",
];
/// What makes a quotation a program's, even without an aim.
const QUOTED_INSTRUCTIONS: &[&str] =
    &["{reply} {with}? {with}? {keyword}", "{keyword} {to} ..1 {aim}", "{keyword} for|pour|para help|info|ayuda|aide"];
/// A line that begins so is a phone's signature.
const SIGNATURES: &[&str] = &[
    "sent from my ",
    "sent from ",
    "sent via ",
    "sent with ",
    "get outlook for ",
    "enviado desde ",
    "enviado con ",
    "obtener outlook ",
    "envoye de mon ",
    "envoye depuis ",
    "envoye a partir de ",
    "obtenez outlook ",
    "telecharger outlook ",
];
/// A line that begins so is a forwarded or older message, and so is everything below it.
const FORWARDS: &[&str] = &[
    "fwd:",
    "fw:",
    "rv:",
    "reenv:",
    "tr:",
    "reenviado:",
    "transfere:",
    "forwarded message",
    "---------- forwarded message",
    "-----original message",
    "begin forwarded message",
];
const CLASSES: &[Class] = &[
    ("reacted", &["liked loved disliked laughed emphasized emphasised questioned hearted exclaimed"]),
    ("reply", &["reply text txt send respond responda responde envie envia conteste mande repondez envoyez textez"]),
    ("with", &["with by con par the word avec la palabra le mot"]),
    ("keyword", &["stop stopall end quit cancel unsubscribe optout alto baja arret help info ayuda aide"]),
    ("to", &["to for 2 para pour a"]),
    (
        "aim",
        &[
            "end stop quit cancel unsubscribe optout opt be help info terminar cancelar salir parar finalizar arreter annuler",
            "desabonner desabonnement vous ayuda aide discontinue leave dejar no darse desuscribirse",
        ],
    ),
];

struct Patterns {
    reactions: Vec<Pattern>,
    after_emoji: Vec<Pattern>,
    instructions: Vec<Pattern>,
    quoted: Vec<Pattern>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let parse = |list: &[&'static str]| list.iter().map(|written| Pattern::parse(written, CLASSES, true)).collect();
    Patterns {
        reactions: parse(REACTIONS),
        after_emoji: parse(AFTER_EMOJI),
        instructions: parse(INSTRUCTIONS),
        quoted: parse(QUOTED_INSTRUCTIONS),
    }
});

/// The person's own part of a message, cleaned; quotation marks are `"`, apostrophes `'`.
pub fn own_words(message: &str) -> String {
    let text = without_copies(&cleaned(message));
    without_quoted_instructions(without_reaction(text.trim()))
}

/// The sentences of own words; instructions copied from a program are left out if they follow sentences of other kinds.
pub fn own_sentences(own: &str) -> Vec<Sentence> {
    let mut all = sentences(own);
    if all.len() > 1 {
        let mut first = true;
        all.retain(|sentence| std::mem::take(&mut first) || sentence.question || !is_any(&PATTERNS.instructions, sentence));
    }
    all
}

/// Length cut, compatibility forms resolved, invisible characters removed, quotation marks made one kind.
fn cleaned(message: &str) -> String {
    let visible = message.chars().take(LONGEST_MESSAGE).nfkc().filter(|c| !is_invisible(*c));
    visible
        .take(LONGEST_MESSAGE)
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{b4}' | '`' | '\u{2032}' => '\'',
            '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2033}' => '"',
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}' => '\n',
            '\t' => ' ',
            other => other,
        })
        .collect()
}

/// Characters without a shape of their own, and the placeholder of a photo.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fffc}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e01ef}')
}

/// Without signatures, quoted lines, forwarded messages and what "On ... wrote:" announces.
fn without_copies(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at).copied() {
        at += 1;
        let folded: String = line.trim().nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect();
        let folded = folded.to_lowercase();
        let something = own.iter().any(|line| !line.trim().is_empty());
        let underlined = folded.len() >= 10 && folded.bytes().all(|b| b == b'_');
        if (folded == "--" || underlined) && something || FORWARDS.iter().any(|begin| folded.starts_with(begin)) {
            break;
        }
        if folded.starts_with('>') || SIGNATURES.iter().any(|begin| folded.starts_with(begin)) {
            continue;
        }
        let next = lines.get(at).map_or(String::new(), |next| next.trim().to_lowercase());
        let announces = ["on ", "el ", "le "].iter().any(|begin| folded.starts_with(begin));
        if announces && (is_attribution(&folded) || is_attribution(&next)) {
            at += usize::from(!is_attribution(&folded));
            // What follows unmarked is the copy; marked lines fall by themselves and own words may stand below them.
            if lines.get(at).is_some_and(|line| line.trim_start().starts_with('>')) {
                continue;
            }
            break;
        }
        own.push(without_inline_signature(line));
    }
    own.join("\n")
}

fn is_attribution(line: &str) -> bool {
    ["wrote:", "escribio:", "escribi\u{f3}:", "a ecrit :", "a ecrit:", "a \u{e9}crit :", "a \u{e9}crit:"]
        .iter()
        .any(|end| line.contains(end))
}

/// "STOP Sent from my iPhone" on one line: the phone's part goes if it is short enough to be one.
fn without_inline_signature(line: &str) -> &str {
    let lower = line.to_ascii_lowercase();
    for begin in [" sent from my ", " get outlook for ", " enviado desde mi "] {
        if let Some(at) = lower.find(begin)
            && line.get(at..).is_some_and(|rest| rest.split_whitespace().count() <= 6)
        {
            return line.get(..at).unwrap_or(line);
        }
    }
    line
}

/// What follows the quotation of a reaction, or the text as it is.
fn without_reaction(text: &str) -> &str {
    let Some(open) = text.find('"').or_else(|| text.find('\'').filter(|_| text.ends_with('\''))) else {
        return text;
    };
    let (before, quotation) = text.split_at(open);
    let mark = if quotation.starts_with('"') { '"' } else { '\'' };
    let said = sentences(before);
    let emoji = before.trim_start().chars().next().is_some_and(|c| !c.is_alphanumeric() && !c.is_ascii());
    let reaction = match said.as_slice() {
        [sentence] => is_any(&PATTERNS.reactions, sentence) || emoji && is_any(&PATTERNS.after_emoji, sentence),
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

/// Without quotations that read like a program's instruction, if the person says anything beside them.
fn without_quoted_instructions(text: &str) -> String {
    let parts: Vec<&str> = text.split('"').collect();
    let mut own = String::with_capacity(text.len());
    for (at, part) in parts.iter().enumerate() {
        // Every second part stands between two marks; the last has no closing one if their number is odd.
        let quoted = at % 2 == 1 && at + 1 < parts.len();
        if quoted && sentences(part).iter().any(|sentence| is_any(&PATTERNS.quoted, sentence)) {
            own.push(',');
        } else {
            own.push_str(part);
            own.push(if at + 1 < parts.len() { ' ' } else { '\n' });
        }
    }
    if sentences(&own).is_empty() { text.to_owned() } else { own }
}

fn is_any(patterns: &[Pattern], sentence: &Sentence) -> bool {
    patterns.iter().any(|pattern| pattern.find(&sentence.words).next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(message: &str) -> String {
        own_words(message).trim().to_owned()
    }

    #[test]
    fn signatures_and_copies_are_cut() {
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
    fn the_quotation_of_a_reaction_is_nobodys_request_and_what_follows_is() {
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
