//! What phones and programs write into a message, in every language, ready to be matched.
//!
//! Owns the sections of `quotations.txt`. Must not cut anything out of a message.

use crate::optin::phrase::{List, Pattern, Reach, Slips, Vocabulary};

/// The list of what phones and programs write.
pub(super) struct Quotations {
    /// Before the quotation of a reaction.
    pub reactions: Vec<Pattern>,
    /// Between an emoji and the quotation.
    pub after_emoji: Vec<Pattern>,
    /// A sentence that is a program's instruction.
    pub instructions: Vec<Pattern>,
    /// A quotation that is a program's, even without an aim.
    pub quoted: Vec<Pattern>,
    /// A program that answers in the person's place.
    pub automatic: Vec<Pattern>,
    /// The beginnings of a phone's signature, on a line of its own.
    pub signatures: Vec<&'static str>,
    /// The same, behind the message on one line.
    pub inline_signatures: Vec<&'static str>,
    /// The beginnings of a forwarded message.
    pub forwards: Vec<&'static str>,
    /// The first words of a line that announces a copy.
    pub attribution_begins: Vec<&'static str>,
    /// The ends of such a line.
    pub attribution_ends: Vec<&'static str>,
}

impl Quotations {
    /// Reads the list; what is wrong with it is added to `faults`.
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
