//! Quotations: what phones and programs write into a message, in every language, ready for matching.
//!
//! Owns the sections of `quotations.txt`. Must not remove anything from a message.

use crate::optin::phrase::{List, Pattern, Reach, Slips, Vocabulary};

/// The list of what phones and programs write into messages.
pub(super) struct Quotations {
    /// What comes before the quotation in a reaction.
    pub reactions: Vec<Pattern>,
    /// What comes between an emoji and the quotation.
    pub after_emoji: Vec<Pattern>,
    /// Sentences that are a program's instructions.
    pub instructions: Vec<Pattern>,
    /// Quotations that come from a program, even if they don't say what the reply is for.
    pub quoted: Vec<Pattern>,
    /// What a program says when it answers for the person.
    pub automatic: Vec<Pattern>,
    /// The beginnings of a phone's signature on a line of its own.
    pub signatures: Vec<&'static str>,
    /// The beginnings of a phone's signature on the same line as the message.
    pub inline_signatures: Vec<&'static str>,
    /// The beginnings of a forwarded message.
    pub forwards: Vec<&'static str>,
    /// The first words of a line that introduces a copy.
    pub attribution_begins: Vec<&'static str>,
    /// The ends of such a line.
    pub attribution_ends: Vec<&'static str>,
}

impl Quotations {
    /// Reads the list and adds any mistakes in it to `faults`.
    pub(super) fn compile(vocabulary: &mut Vocabulary, faults: &mut Vec<String>) -> Self {
        let list = List::read(include_str!("quotations.txt"));
        let mut patterns = |kind: &str| {
            let mut patterns = Vec::new();
            for line in list.lines(kind) {
                match Pattern::compile(line, &list, Reach::Sentence, Slips::Exact, vocabulary) {
                    Ok(pattern) => patterns.push(pattern),
                    Err(fault) => faults.push(format!("quotations [{kind}] {fault}")),
                }
            }
            patterns
        };
        let lines = |kind: &str| list.lines(kind).collect();
        Self {
            reactions: patterns("reaction"),
            after_emoji: patterns("after emoji"),
            instructions: patterns("instruction"),
            quoted: patterns("quoted instruction"),
            automatic: patterns("automatic"),
            signatures: lines("signature"),
            inline_signatures: lines("inline signature"),
            forwards: lines("forward"),
            attribution_begins: lines("attribution begins"),
            attribution_ends: lines("attribution ends"),
        }
    }
}
