//! Texts: their kinds and states, their size in SMS parts, and the line that binds a code to a host.
//!
//! Owns GSM-7 and UCS-2 counting (SMS-1, SMS-2), the last line of a code text (DBC-1) and the masking of codes. Must not
//! hold wording, which is in the catalog. A single curly quote reduces the room in a text from 160 characters to 70.

use crate::optin::code;
use crate::optin::phone::is_dash;
use crate::optin::stored_words;

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Carries a code.
    Code,
    /// The one confirmation after an opt-in.
    Welcome,
    /// The answer to HELP.
    Help,
    /// The answer to STOP.
    Goodbye,
    /// The answer to a code that matches nothing.
    NotMatched,
    /// The answer to anything else.
    Unknown,
    /// The answer to the page's own code, unless a welcome that names the host is sent.
    Confirmed,
    /// The owner's test of the provider.
    Test,
}

stored_words!(MessageKind {
    Code => "code", Welcome => "welcome", Help => "help", Goodbye => "goodbye", NotMatched => "not_matched", Unknown => "unknown",
    Confirmed => "confirmed", Test => "test",
});

/// The status of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStatus {
    /// Written, and waiting to be sent.
    Queued,
    /// Claimed: the request to the provider may have started.
    Sending,
    /// The provider accepted it.
    Sent,
    /// The carrier reported it as delivered.
    Delivered,
    /// It couldn't be sent, or it's unknown whether it was.
    Failed,
    /// It wasn't sent, and won't be.
    Dropped,
}

stored_words!(MessageStatus {
    Queued => "queued", Sending => "sending", Sent => "sent", Delivered => "delivered", Failed => "failed", Dropped => "dropped",
});

/// Why a text was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// One of the number's caps was reached.
    Capped,
    /// The program's promised frequency was reached.
    FrequencyReached,
    /// The number opted out.
    OptedOut,
    /// The number has opted in or texted START since, so a goodbye would be wrong.
    CameBack,
    /// The carrier says that the number is out of service.
    Closed,
    /// Too many wrong codes in a row were entered for the number, so it gets no more codes.
    TooManyFailures,
    /// The site's caps left no text for the request.
    SiteFull,
    /// The provider was down, and the code couldn't have arrived in time.
    ProviderDown,
    /// It expired before it could be sent.
    Expired,
    /// What entitled us to send it no longer holds.
    NotEntitled,
    /// It was sealed with another secret key.
    KeyChanged,
}

stored_words!(DropReason {
    Capped => "capped", FrequencyReached => "frequency_reached", OptedOut => "opted_out", CameBack => "came_back",
    Closed => "closed", TooManyFailures => "too_many_failures", SiteFull => "site_full", ProviderDown => "provider_down",
    Expired => "expired", NotEntitled => "not_entitled", KeyChanged => "secret_key_replaced",
});

/// The alphabet that a text is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// The 7-bit default alphabet of 3GPP TS 23.038.
    Gsm7,
    /// 16 bits per unit.
    Ucs2,
}

/// The size of a text as it's sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextSize {
    /// The alphabet that it needs.
    pub encoding: Encoding,
    /// Septets in GSM-7 (extension characters count as two), 16-bit units in UCS-2.
    pub units: usize,
    /// The number of parts that it's sent in; 1 for a text that isn't split.
    pub parts: usize,
}

const GSM7_BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const GSM7_EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Measures a text. A part never splits an escape pair or a surrogate pair, so parts are filled one character at a time.
#[must_use]
pub fn measure(text: &str) -> TextSize {
    let gsm7: Option<Vec<usize>> = text.chars().map(gsm7_septets).collect();
    let (encoding, widths, single, joined) = match gsm7 {
        Some(widths) => (Encoding::Gsm7, widths, 160, 153),
        None => (Encoding::Ucs2, text.chars().map(char::len_utf16).collect(), 70, 67),
    };
    let units: usize = widths.iter().sum();
    let parts = if units <= single { 1 } else { parts_of(&widths, joined) };
    TextSize { encoding, units, parts }
}

fn parts_of(widths: &[usize], room: usize) -> usize {
    let (mut parts, mut used) = (1, 0);
    for width in widths {
        if used + width > room {
            parts += 1;
            used = 0;
        }
        used += width;
    }
    parts
}

fn gsm7_septets(c: char) -> Option<usize> {
    if GSM7_BASIC.contains(c) {
        Some(1)
    } else if GSM7_EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// Adds the last line, which binds the code to `host` (WICG "Origin-bound one-time codes"). Nothing may come after it.
#[must_use]
pub fn bind_to_host(words: &str, host: &str, code: &str) -> String {
    format!("{}\n\n@{host} #{code}", words.trim_end())
}

/// Masks every run of six to eight digits, including runs that single spaces or dashes split into groups. This is how we
/// store texts that carried a code, and the words that a person sent. Longer and shorter runs aren't codes and stay as
/// they are.
#[must_use]
pub fn mask_codes(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let joins = |c: char| c == ' ' || c == '\u{a0}' || is_dash(c);
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_numeric() {
            at += 1;
            continue;
        }
        // The groups of digits from here on, each separated from the next by one character.
        let mut groups: Vec<std::ops::Range<usize>> = std::iter::once(at..at).collect();
        while at < chars.len() {
            if chars[at].is_numeric() {
                if let Some(group) = groups.last_mut() {
                    group.end = at + 1;
                }
                at += 1;
            } else if joins(chars[at]) && chars.get(at + 1).is_some_and(|next| next.is_numeric()) {
                at += 1;
                groups.push(at..at);
            } else {
                break;
            }
        }
        let is_code = |digits: usize| code::DIGITS.contains(&digits);
        let together = is_code(groups.iter().map(ExactSizeIterator::len).sum());
        for group in groups.into_iter().filter(|group| together || is_code(group.len())) {
            chars[group].fill('*');
        }
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_at_every_boundary() {
        for (length, parts) in [(0, 1), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)] {
            let size = measure(&"a".repeat(length));
            assert_eq!((size.encoding, size.units, size.parts), (Encoding::Gsm7, length, parts));
        }
        for (length, parts) in [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)] {
            let size = measure(&"\u{4e2d}".repeat(length));
            assert_eq!((size.encoding, size.units, size.parts), (Encoding::Ucs2, length, parts));
        }
    }

    #[test]
    fn extension_characters_count_two_and_are_never_split() {
        for c in ['^', '{', '}', '\\', '[', ']', '~', '|', '€'] {
            assert_eq!(measure(&c.to_string()), TextSize { encoding: Encoding::Gsm7, units: 2, parts: 1 }, "{c}");
        }
        assert_eq!(measure(&format!("{}€", "a".repeat(158))).parts, 1);
        assert_eq!(measure(&format!("{}€", "a".repeat(159))).parts, 2);
        // 152 + an escape pair that doesn't fit in the first part + 152. Splitting the pair would make two parts.
        assert_eq!(measure(&format!("{}€{}", "a".repeat(152), "a".repeat(152))).parts, 3);
    }

    #[test]
    fn one_character_outside_the_alphabet_makes_it_ucs2() {
        for text in ["you\u{2019}re", "`", "\u{1f44d}", "á", "ç"] {
            assert_eq!(measure(text).encoding, Encoding::Ucs2, "{text}");
        }
        assert_eq!(measure("\u{1f44d}").units, 2);
        assert_eq!(measure("é è ù ì ò à ñ ä ö ü Ç you're").encoding, Encoding::Gsm7);
        // A surrogate pair that doesn't fit in a part moves to the next one.
        assert_eq!(measure(&format!("{}\u{1f44d}{}", "\u{4e2d}".repeat(66), "\u{4e2d}".repeat(66))).parts, 3);
    }

    #[test]
    fn the_last_line_binds_the_code_to_the_host() {
        assert_eq!(bind_to_host("Acme: 482913\n", "acme.example", "482913"), "Acme: 482913\n\n@acme.example #482913");
    }

    #[test]
    fn codes_are_masked_and_other_numbers_stay() {
        assert_eq!(mask_codes("482913 is your code, 10 minutes"), "****** is your code, 10 minutes");
        assert_eq!(mask_codes("@localhost #48291300"), "@localhost #********");
        assert_eq!(mask_codes("98765 and 123456789"), "98765 and 123456789");
        assert_eq!(mask_codes("12345678"), "********");
        assert_eq!(mask_codes("code 482 913, or 740-624"), "code *** ***, or ***-***");
        assert_eq!(mask_codes("8 2 3 1 3 0"), "* * * * * *");
        assert_eq!(mask_codes("call 202-555-0143"), "call 202-555-0143");
        assert_eq!(mask_codes("482913 98765"), "****** 98765");
        assert_eq!(mask_codes("１２３４５６"), "******");
    }

    proptest::proptest! {
        #[test]
        fn measuring_and_masking_never_panic(text in "\\PC{0,400}") {
            let size = measure(&text);
            proptest::prop_assert!(size.parts >= 1);
            proptest::prop_assert_eq!(mask_codes(&text).chars().count(), text.chars().count());
        }
    }
}
