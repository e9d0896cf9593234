//! Keywords: what a text to the short code says, as a whole message.
//!
//! Owns the opt-out words that law and carriers name (TCPA-1, KW-1) and how a message is folded before it is compared.
//! Must not act on them (`inbound` decides). The surprise: letters and digits alone count, so "s t o p!" is STOP.

use unicode_normalization::UnicodeNormalization as _;

/// The opt-out words, folded: 47 CFR 64.1200(a)(10) names the first seven (OPT OUT is one of them), carriers the rest.
pub const OPT_OUT_WORDS: [&str; 8] = ["STOP", "QUIT", "END", "REVOKE", "OPTOUT", "CANCEL", "UNSUBSCRIBE", "STOPALL"];

/// The longest message that is looked at, in characters (SMS-9).
pub const LONGEST_MESSAGE: usize = 1_600;

/// STUB
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    Spanish,
    French,
}
impl Language {
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
        }
    }
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboundAction {
    OptOut { keyword: &'static str, language: Language },
    Help { keyword: &'static str, language: Language },
    OptIn { keyword: &'static str },
    TryCode(Vec<String>),
    Unknown,
}
impl InboundAction {
    pub const fn keyword(&self) -> Option<&'static str> {
        match self {
            Self::OptOut { keyword, .. } | Self::Help { keyword, .. } | Self::OptIn { keyword } => Some(keyword),
            Self::TryCode(_) | Self::Unknown => None,
        }
    }
    pub const fn language(&self) -> Option<&'static str> {
        match self {
            Self::OptOut { language, .. } | Self::Help { language, .. } => Some(language.code()),
            _ => None,
        }
    }
}
pub fn read(message: &str) -> InboundAction {
    if let Some(keyword) = opt_out(message) {
        return InboundAction::OptOut { keyword, language: Language::English };
    }
    match fold(message).as_str() {
        "HELP" => InboundAction::Help { keyword: "HELP", language: Language::English },
        "START" => InboundAction::OptIn { keyword: "START" },
        f if (6..=8).contains(&f.len()) && f.bytes().all(|b| b.is_ascii_digit()) => InboundAction::TryCode(vec![f.to_owned()]),
        _ => InboundAction::Unknown,
    }
}

/// The opt-out word that the whole message is, if it is one.
#[must_use]
pub fn opt_out(message: &str) -> Option<&'static str> {
    let folded = fold(message);
    OPT_OUT_WORDS.into_iter().find(|word| *word == folded)
}

/// Compatibility forms resolved, upper case, letters and digits alone.
fn fold(message: &str) -> String {
    message.chars().take(LONGEST_MESSAGE).nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seven_words_of_the_law_opt_out() {
        for word in ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"] {
            assert!(opt_out(word).is_some(), "{word}");
        }
    }

    #[test]
    fn eleven_words_opt_out_however_they_are_written() {
        let words =
            ["STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPT OUT", "OPTOUT", "OPT-OUT"];
        for word in words {
            let lower = word.to_lowercase();
            let wide: String = word
                .chars()
                .map(|c| if c.is_ascii_uppercase() { char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c) } else { c })
                .collect();
            let spaced: String = word.chars().flat_map(|c| [c, ' ']).collect();
            let variants = [
                word.to_owned(),
                lower.clone(),
                format!(" {word} "),
                format!("{lower}."),
                format!("{word}!!"),
                format!("'{lower}'"),
                format!("\u{201c}{word}\u{201d}"),
                wide,
                format!("{word}\n"),
                format!("\r\n\t{lower}\r\n"),
                format!("\u{a0}{word}\u{a0}"),
                format!("{word} \u{1f6d1}"),
                format!("\u{200b}{lower}\u{200b}"),
                spaced,
                format!("({word})"),
                format!("{lower}?"),
            ];
            for variant in variants {
                assert!(opt_out(&variant).is_some(), "{variant:?}");
            }
        }
    }

    #[test]
    fn other_messages_are_no_opt_out_word() {
        for message in ["", " ", "HELP", "START", "482913", "bus stop", "yes", "stopp", "the end", "\u{1f44d}"] {
            assert_eq!(opt_out(message), None, "{message:?}");
        }
    }
}
