//! Phone numbers: turns what people type into one E.164 number, or gives one clear reason why it can't.
//!
//! Owns parsing and the region rule. Must not decide whether a number may be texted now (that's `caps`). Twenty countries
//! share `+1`, so the *region* is checked rather than the country code.

use std::fmt;
use std::str::FromStr as _;

use rlibphonenumber::enums::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};

use crate::optin::is_invisible;

/// The longest entry that we try to parse, in characters. Anything longer is a mistake, not a phone number.
const LONGEST_ENTRY: usize = 60;
/// The number of digits in a national number of the North American Numbering Plan.
const NATIONAL_DIGITS: usize = 10;
/// The most digits of any international number (E.164).
const E164_DIGITS: usize = 15;

/// A valid phone number in E.164, such as `+12025550147`. Its `Debug` output shows only the last two digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber(String);

/// Which numbers are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRules {
    /// libphonenumber regions, such as `US` or `PR`. A number without `+` is read in the first one.
    pub regions: Vec<String>,
    /// Whether the fictional range 555-0100 to 555-0199 is accepted (only with the simulator).
    pub fictional: bool,
}

/// Why an entry isn't a number that we text. Each reason has its own message in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneError {
    /// Nothing was typed.
    Empty,
    /// Letters or an extension.
    Letters,
    /// Characters that don't belong in a phone number.
    Unreadable,
    /// Fewer than ten digits.
    TooShort,
    /// More than ten digits.
    TooLong,
    /// Ten digits that can't be a number, for example because the area code doesn't exist.
    Impossible,
    /// A service code such as 911.
    ServiceCode,
    /// 800, 888 and so on, which belong to businesses.
    TollFree,
    /// 900 numbers and 976 exchanges, which cost extra to text.
    Premium,
    /// A valid number that isn't a mobile number: a pager, a personal number, or voice over IP only.
    NotMobile,
    /// A valid number in a region that this program doesn't serve.
    OtherRegion,
    /// 555-01xx, which is reserved for examples.
    Fictional,
}

impl PhoneError {
    /// Returns the last part of its key in the catalog, after `phone-error-`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Letters => "letters",
            Self::Unreadable => "unreadable",
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::Impossible => "impossible",
            Self::ServiceCode => "service-code",
            Self::TollFree => "toll-free",
            Self::Premium => "premium",
            Self::NotMobile => "not-mobile",
            Self::OtherRegion => "other-region",
            Self::Fictional => "fictional",
        }
    }
}

impl PhoneNumber {
    /// Parses a number in any common style: spaces, dots, dashes of every kind, brackets, `+1`, a leading 1, `tel:`, full-width
    /// digits, invisible characters.
    ///
    /// # Errors
    /// Returns the one reason that helps the person most.
    pub fn parse(typed: &str, rules: &PhoneRules) -> Result<Self, PhoneError> {
        let entry = readable(typed);
        if entry.is_empty() {
            return Err(PhoneError::Empty);
        }
        if entry.chars().count() > LONGEST_ENTRY {
            return Err(PhoneError::TooLong);
        }
        if entry.chars().any(char::is_alphabetic) || entry.contains(['#', '*', ';', ',']) {
            return Err(PhoneError::Letters);
        }
        let digits: String = entry.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() || entry.chars().any(|c| !is_phone_character(c)) {
            return Err(PhoneError::Unreadable);
        }
        if digits.len() == 3 && digits.ends_with("11") {
            return Err(PhoneError::ServiceCode);
        }
        let region = rules.regions.first().and_then(|r| Region::from_str(r).ok()).unwrap_or(Region::US);
        // The parser doesn't need the characters between the digits, and doesn't know all of them.
        let plain: String = entry.chars().map(|c| if c.is_ascii_digit() || c == '+' { c } else { ' ' }).collect();
        let Ok(number) = PHONE_NUMBER_UTIL.parse(&plain, Some(region)) else {
            return Err(match digits.len() {
                n if n < NATIONAL_DIGITS => PhoneError::TooShort,
                n if n > E164_DIGITS => PhoneError::TooLong,
                _ => PhoneError::Impossible,
            });
        };
        let e164 = number.format_as(PhoneNumberFormat::E164).to_string();
        let Some(national) = e164.strip_prefix("+1") else {
            return Err(if number.is_valid() { PhoneError::OtherRegion } else { PhoneError::Impossible });
        };
        match national.len() {
            n if n < NATIONAL_DIGITS => return Err(PhoneError::TooShort),
            n if n > NATIONAL_DIGITS => return Err(PhoneError::TooLong),
            _ => {}
        }
        // libphonenumber knows only area codes, not local premium numbers or exchanges that are service codes.
        if national.starts_with("900") || &national[3..6] == "976" || national.starts_with("976") {
            return Err(PhoneError::Premium);
        }
        if &national[1..3] == "11" || &national[4..6] == "11" {
            return Err(PhoneError::Impossible);
        }
        if !number.is_valid() {
            return Err(PhoneError::Impossible);
        }
        match number.get_type() {
            PhoneNumberType::TollFree => return Err(PhoneError::TollFree),
            PhoneNumberType::PremiumRate | PhoneNumberType::SharedCost => return Err(PhoneError::Premium),
            PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => {}
            _ => return Err(PhoneError::NotMobile),
        }
        let served =
            number.get_region_code().is_some_and(|found| rules.regions.iter().any(|r| Region::from_str(r).ok() == Some(found)));
        if !served {
            return Err(PhoneError::OtherRegion);
        }
        if &national[3..8] == "55501" && !rules.fictional {
            return Err(PhoneError::Fictional);
        }
        Ok(Self(e164))
    }

    /// Restores a number that was parsed before, from its form in the database.
    #[must_use]
    pub fn from_stored(e164: &str) -> Option<Self> {
        let digits = e164.strip_prefix('+')?;
        let plausible = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        plausible.then(|| Self(e164.to_owned()))
    }

    /// Returns the number in E.164, with `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number as pages show it: `(202) 555-0147`.
    #[must_use]
    pub fn national(&self) -> String {
        match self.0.strip_prefix("+1") {
            Some(n) if n.len() == 10 => format!("({}) {}-{}", &n[..3], &n[3..6], &n[6..]),
            _ => self.0.clone(),
        }
    }

    /// Returns the number with all but its last four digits hidden: `(•••) •••-0147`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("(•••) •••-{}", &self.0[self.0.len().saturating_sub(4)..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber(..{})", &self.0[self.0.len().saturating_sub(2)..])
    }
}

/// Returns whether libphonenumber knows `region` as one that shares `+1`. A US short code reaches only those.
#[must_use]
pub fn is_served_region(region: &str) -> bool {
    Region::from_str(region).is_ok_and(|r| PHONE_NUMBER_UTIL.get_country_code_for_region(r) == Some(1))
}

/// Returns the entry without `tel:`, invisible characters and surrounding spaces.
fn readable(typed: &str) -> String {
    let visible: String = typed.chars().filter(|c| !is_invisible(*c)).map(ascii_digit).collect();
    let trimmed = visible.trim();
    let bare = match trimmed.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &trimmed[4..],
        _ => trimmed,
    };
    bare.trim().to_owned()
}

/// Converts full-width digits, which keyboards for East Asian scripts produce, and the full-width plus sign to ASCII.
pub(crate) fn ascii_digit(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10).unwrap_or(c),
        '\u{ff0b}' => '+',
        other => other,
    }
}

/// Returns whether the character is a digit, or one that people put between digits.
fn is_phone_character(c: char) -> bool {
    c.is_ascii_digit()
        || c.is_whitespace()
        || is_dash(c)
        || matches!(c, '+' | '(' | ')' | '[' | ']' | '.' | '/' | '\u{b7}' | '\u{2022}' | '\u{ff08}' | '\u{ff09}')
}

/// Returns whether the character is a hyphen or dash of any kind, the minus sign, or the katakana mark that some keyboards
/// produce instead.
pub(crate) const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{30fc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(regions: &[&str], fictional: bool) -> PhoneRules {
        PhoneRules { regions: regions.iter().map(|r| (*r).to_owned()).collect(), fictional }
    }

    #[test]
    fn sixty_spellings_of_one_number_give_one_e164() {
        let spellings = [
            "2025550147",
            "202 555 0147",
            "202-555-0147",
            "202.555.0147",
            "(202) 555-0147",
            "(202)555-0147",
            "(202) 555 0147",
            "(202)-555-0147",
            "(202).555.0147",
            "202/555-0147",
            "202/555/0147",
            "[202] 555-0147",
            "202 5550147",
            "202-5550147",
            "202 555-0147",
            "202 - 555 - 0147",
            "202. 555. 0147",
            "  2025550147  ",
            "\t202-555-0147\n",
            "2 0 2 5 5 5 0 1 4 7",
            "12025550147",
            "1 202 555 0147",
            "1-202-555-0147",
            "1.202.555.0147",
            "1 (202) 555-0147",
            "1(202)555-0147",
            "1-(202)-555-0147",
            "1/202/555/0147",
            "1 202 5550147",
            "1-202-5550147",
            "+12025550147",
            "+1 202 555 0147",
            "+1-202-555-0147",
            "+1.202.555.0147",
            "+1 (202) 555-0147",
            "+1(202)555-0147",
            "+1 (202)555-0147",
            "+1 2025550147",
            "+1-2025550147",
            "+ 1 202 555 0147",
            "(+1) 202 555 0147",
            "(+1)202-555-0147",
            "+1/202/555-0147",
            "+1 [202] 555-0147",
            "tel:+12025550147",
            "tel:+1-202-555-0147",
            "TEL:2025550147",
            "tel: 202-555-0147",
            "202\u{2013}555\u{2013}0147",
            "202\u{2014}555\u{2014}0147",
            "202\u{2010}555\u{2010}0147",
            "202\u{2011}555\u{2011}0147",
            "202\u{2212}555\u{2212}0147",
            "202\u{a0}555\u{a0}0147",
            "202\u{2009}555\u{2009}0147",
            "\u{202a}+1 202 555 0147\u{202c}",
            "202\u{200b}555\u{200b}0147",
            "\u{feff}2025550147",
            "２０２５５５０１４７",
            "＋１ ２０２ ５５５ ０１４７",
            "202\u{b7}555\u{b7}0147",
            "202 \u{2022} 555 \u{2022} 0147",
            "\u{ff08}202\u{ff09} 555-0147",
        ];
        assert!(spellings.len() >= 60, "only {} spellings", spellings.len());
        for typed in spellings {
            let parsed = PhoneNumber::parse(typed, &rules(&["US"], true));
            assert_eq!(parsed.as_ref().map(PhoneNumber::as_str), Ok("+12025550147"), "{typed:?}");
        }
    }

    #[test]
    fn each_kind_of_wrong_entry_has_a_reason_of_its_own() {
        let cases = [
            ("", PhoneError::Empty),
            ("   ", PhoneError::Empty),
            ("\u{200b}", PhoneError::Empty),
            ("call me", PhoneError::Letters),
            ("1-800-FLOWERS", PhoneError::Letters),
            ("202-555-0147 ext 5", PhoneError::Letters),
            ("202-555-0147;ext=5", PhoneError::Letters),
            ("202 555 0147 #5", PhoneError::Letters),
            ("---", PhoneError::Unreadable),
            ("202_555_0147", PhoneError::Unreadable),
            ("<script>", PhoneError::Letters),
            ("202 555 01", PhoneError::TooShort),
            ("5550147", PhoneError::TooShort),
            ("1", PhoneError::TooShort),
            ("202 555 01477", PhoneError::TooLong),
            ("+1 202 555 01470", PhoneError::TooLong),
            (&"2".repeat(61), PhoneError::TooLong),
            ("911", PhoneError::ServiceCode),
            ("411", PhoneError::ServiceCode),
            ("211", PhoneError::ServiceCode),
            ("111 555 0147", PhoneError::Impossible),
            ("202 155 0147", PhoneError::Impossible),
            ("202 911 0147", PhoneError::Impossible),
            ("911 555 0147", PhoneError::Impossible),
            ("000 000 0000", PhoneError::Impossible),
            ("202 555 0147 202 555 0147", PhoneError::TooLong),
            ("800 555 0147", PhoneError::TollFree),
            ("+1 888 555 0147", PhoneError::TollFree),
            ("8332345678", PhoneError::TollFree),
            ("900 555 0147", PhoneError::Premium),
            ("202 976 0147", PhoneError::Premium),
            ("976 555 0147", PhoneError::Premium),
            ("500 555 0147", PhoneError::NotMobile),
            ("416 555 0123", PhoneError::OtherRegion),
            ("+44 20 7946 0958", PhoneError::OtherRegion),
            ("787 555 0123", PhoneError::OtherRegion),
            ("876 555 0123", PhoneError::OtherRegion),
        ];
        for (typed, reason) in cases {
            let refused = PhoneNumber::parse(typed, &rules(&["US"], true)).err();
            // Caribbean numbers with a fictional exchange may not exist at all, so both answers are right for them.
            let also = reason == PhoneError::OtherRegion && refused == Some(PhoneError::Impossible);
            assert!(refused == Some(reason) || also, "{typed:?}: {refused:?}, expected {reason:?}");
        }
    }

    #[test]
    fn the_region_decides_not_the_country_code() {
        for (typed, region) in [("787 234 5678", "PR"), ("416 234 5678", "CA"), ("671 234 5678", "GU")] {
            assert_eq!(PhoneNumber::parse(typed, &rules(&["US"], true)), Err(PhoneError::OtherRegion), "{typed}");
            assert!(PhoneNumber::parse(typed, &rules(&["US", region], true)).is_ok(), "{typed} with {region}");
        }
        assert!(is_served_region("US") && is_served_region("PR") && is_served_region("CA"));
        assert!(!is_served_region("GB") && !is_served_region("USA") && !is_served_region(""));
    }

    #[test]
    fn the_fictional_range_is_for_the_simulator_alone() {
        assert!(PhoneNumber::parse("202 555 0100", &rules(&["US"], true)).is_ok());
        for typed in ["202 555 0100", "202 555 0199"] {
            assert_eq!(PhoneNumber::parse(typed, &rules(&["US"], false)), Err(PhoneError::Fictional));
        }
        assert!(PhoneNumber::parse("202 555 1147", &rules(&["US"], false)).is_ok());
    }

    #[test]
    fn debug_output_shows_only_the_end_of_a_number() {
        let phone = PhoneNumber::parse("202 555 0147", &rules(&["US"], true)).expect("valid");
        assert_eq!(format!("{phone:?}"), "PhoneNumber(..47)");
    }

    proptest::proptest! {
        #[test]
        fn no_entry_makes_the_parser_panic_and_what_it_accepts_is_stable(typed in "\\PC{0,40}|[0-9+() .-]{0,24}") {
            if let Ok(phone) = PhoneNumber::parse(&typed, &rules(&["US"], true)) {
                proptest::prop_assert_eq!(PhoneNumber::from_stored(phone.as_str()), Some(phone.clone()));
                proptest::prop_assert_eq!(PhoneNumber::parse(phone.as_str(), &rules(&["US"], true)), Ok(phone));
            }
        }
    }
}
