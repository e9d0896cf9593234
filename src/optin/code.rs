//! Codes: drawing them, reading what a person typed, and the keyed hash that is all we keep.
//!
//! Owns the uniform distribution of digits (OTP-1), the errors in an entry (UI-5) and what a hash is bound to (OTP-7,
//! OTP-8). Must not know when a code was issued or how often it was tried (that's `verification`). A code is text, not a
//! number, to keep its leading zeros.

use std::fmt;
use std::ops::RangeInclusive;

use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::{CryptoRng, RngExt as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::optin::is_invisible;
use crate::optin::phone::{PhoneNumber, ascii_digit, is_dash};

/// The fewest digits that a code may have (NIST SP 800-63B-4, 3.1.3.2).
pub const SHORTEST: u8 = 6;
/// The most digits that a code may have.
pub const LONGEST: u8 = 8;
/// How many digits a code may have.
pub const DIGITS: RangeInclusive<usize> = SHORTEST as usize..=LONGEST as usize;
/// The length of the salt, in bytes. Each stored code has its own.
pub const SALT_BYTES: usize = 16;

/// The digits of a code. Neither its `Debug` output nor any error shows them.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

/// The key for the hashes of codes. It's derived from the secret key and never stored in the database.
#[derive(Clone)]
pub struct CodeKey(pub [u8; 32]);

/// What a hash is bound to. The right code for another number, browser or verification has a different hash.
#[derive(Debug, Clone, Copy)]
pub struct CodeBinding<'a> {
    /// The number it was texted to.
    pub phone: &'a PhoneNumber,
    /// The verification's own random reference.
    pub verification: &'a str,
    /// The hash of the browser's token.
    pub browser: &'a str,
}

/// Why an entry can't be the code. None of these costs an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeError {
    /// Nothing was typed.
    Empty,
    /// Something other than digits.
    NotDigits,
    /// Fewer digits than the codes have.
    TooShort,
    /// More digits than the codes have.
    TooLong,
}

impl CodeError {
    /// Returns the last part of its key in the catalog, after `code-error-`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotDigits => "not-digits",
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
        }
    }
}

impl Code {
    /// Draws a code, uniformly distributed over all strings of `length` digits. `length` is [`SHORTEST`] to [`LONGEST`].
    pub fn draw(length: u8, dice: &mut impl CryptoRng) -> Self {
        Self((0..length).map(|_| char::from(b'0' + dice.random_range(0..10_u8))).collect())
    }

    /// Derives the code that a page shows for the person to text to us. Since it's derived, it isn't stored anywhere.
    /// `verification` is the verification's random reference, and `generation` says which of its codes to derive. The
    /// distribution is uniform to within 2^-100.
    #[must_use]
    pub fn derive(key: &CodeKey, verification: &str, generation: u32, length: u8) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        for part in ["reply_code".as_bytes(), verification.as_bytes(), &generation.to_be_bytes(), &[length]] {
            mac.update(part);
            mac.update(&[0]);
        }
        let mut digits = mac.finalize().into_bytes().iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        let mut code = String::new();
        for _ in 0..length {
            code.insert(0, char::from(b'0' + u8::try_from(digits % 10).unwrap_or(0)));
            digits /= 10;
        }
        Self(code)
    }

    /// Parses an entry, ignoring spaces, dashes and invisible characters.
    ///
    /// # Errors
    /// Returns what's wrong with the entry, if it can't be a code of `length` digits.
    pub fn parse(typed: &str, length: u8) -> Result<Self, CodeError> {
        let entry: String =
            typed.chars().filter(|c| !c.is_whitespace() && !is_dash(*c) && !is_invisible(*c)).map(ascii_digit).collect();
        if entry.is_empty() {
            return Err(CodeError::Empty);
        }
        if !entry.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CodeError::NotDigits);
        }
        match entry.len().cmp(&usize::from(length)) {
            std::cmp::Ordering::Less => Err(CodeError::TooShort),
            std::cmp::Ordering::Greater => Err(CodeError::TooLong),
            std::cmp::Ordering::Equal => Ok(Self(entry)),
        }
    }

    /// Returns the digits as a page shows them, in two groups: `482 913`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (front, back) = self.0.split_at(self.0.len().div_ceil(2));
        format!("{front} {back}")
    }

    /// Returns the digits, for the one text that carries them.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Returns the keyed hash that is stored, as 64 hex digits: HMAC-SHA-256 over salt, number, verification, browser and code.
    #[must_use]
    pub fn hash(&self, key: &CodeKey, salt: &[u8; SALT_BYTES], binding: CodeBinding<'_>) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(salt);
        for part in ["web_code", binding.phone.as_str(), binding.verification, binding.browser, &self.0] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        hex::encode(mac.finalize().into_bytes())
    }

    /// Returns the keyed hash that is used to look up a code that comes in from `phone`, as 64 hex digits: HMAC-SHA-256 over
    /// number and code. The number acts as the salt, so equal codes of two numbers don't look equal.
    #[must_use]
    pub fn lookup(&self, key: &CodeKey, phone: &PhoneNumber) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        for part in ["lookup", phone.as_str(), &self.0] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        hex::encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(***)")
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(***)")
    }
}

/// Returns whether two hashes are equal, in a time that doesn't depend on where they differ (OTP-9).
#[must_use]
pub fn hashes_match(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::optin::phone::PhoneRules;

    #[test]
    fn codes_are_uniform_and_keep_their_leading_zeros() {
        let mut dice = StdRng::seed_from_u64(1);
        let mut bins = vec![0_u32; 1_000];
        let draws: u32 = 1_000_000;
        for _ in 0..draws {
            let code = Code::draw(6, &mut dice);
            assert_eq!(code.digits().len(), 6);
            bins[code.digits()[..3].parse::<usize>().expect("three digits")] += 1;
        }
        let expected = f64::from(draws) / 1_000.0;
        let chi_squared: f64 = bins.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum();
        // 999 degrees of freedom: 1142.8 is the 0.999 quantile.
        assert!(chi_squared < 1_142.8, "chi squared {chi_squared}");
    }

    #[test]
    fn a_derived_code_is_always_the_same_and_differs_by_key_verification_and_generation() {
        let key = CodeKey([1; 32]);
        let code = |key: &CodeKey, verification: &str, generation| Code::derive(key, verification, generation, 6).0;
        let base = code(&key, "v", 1);
        assert_eq!((base.len(), &base), (6, &code(&key, "v", 1)));
        for other in [code(&CodeKey([2; 32]), "v", 1), code(&key, "w", 1), code(&key, "v", 2)] {
            assert_ne!(base, other);
        }
        let mut bins = [0_u32; 10];
        for generation in 0..10_000 {
            for digit in Code::derive(&key, "v", generation, 8).0.bytes() {
                bins[usize::from(digit - b'0')] += 1;
            }
        }
        assert!(bins.iter().all(|n| n.abs_diff(8_000) < 450), "{bins:?}");
        assert_eq!(Code("4829130".to_owned()).grouped(), "4829 130");
        assert_eq!(Code("482913".to_owned()).grouped(), "482 913");
    }

    #[test]
    fn an_entry_is_read_as_people_paste_it() {
        for typed in ["482913", " 482-913 ", "482 913", "482\u{2013}913", "4 8 2 9 1 3", "４８２９１３", "\u{202a}482913\u{202c}"]
        {
            assert_eq!(Code::parse(typed, 6).map(|c| c.0), Ok("482913".to_owned()), "{typed:?}");
        }
        for (typed, error) in [
            ("", CodeError::Empty),
            (" - ", CodeError::Empty),
            ("48291a", CodeError::NotDigits),
            ("hello", CodeError::NotDigits),
            ("+482913", CodeError::NotDigits),
            ("48291", CodeError::TooShort),
            ("4829130", CodeError::TooLong),
            ("٤٨٢٩١٣", CodeError::NotDigits),
        ] {
            assert_eq!(Code::parse(typed, 6), Err(error), "{typed:?}");
        }
    }

    #[test]
    fn a_hash_is_bound_to_key_salt_number_verification_and_browser() {
        let rules = PhoneRules { regions: vec!["US".to_owned()], fictional: true };
        let [one, two] = ["2025550147", "2025550148"].map(|n| PhoneNumber::parse(n, &rules).expect("valid"));
        let code = Code::parse("482913", 6).expect("a code");
        let binding = CodeBinding { phone: &one, verification: "v", browser: "b" };
        let hash = code.hash(&CodeKey([1; 32]), &[2; SALT_BYTES], binding);
        assert!(hashes_match(&hash, &code.hash(&CodeKey([1; 32]), &[2; SALT_BYTES], binding)));
        let others = [
            code.hash(&CodeKey([9; 32]), &[2; SALT_BYTES], binding),
            code.hash(&CodeKey([1; 32]), &[9; SALT_BYTES], binding),
            code.hash(&CodeKey([1; 32]), &[2; SALT_BYTES], CodeBinding { phone: &two, ..binding }),
            code.hash(&CodeKey([1; 32]), &[2; SALT_BYTES], CodeBinding { verification: "w", ..binding }),
            code.hash(&CodeKey([1; 32]), &[2; SALT_BYTES], CodeBinding { browser: "c", ..binding }),
            Code::parse("482914", 6).expect("a code").hash(&CodeKey([1; 32]), &[2; SALT_BYTES], binding),
        ];
        for other in others {
            assert!(!hashes_match(&hash, &other));
        }
        assert_eq!(format!("{code:?}"), "Code(***)");
        let lookup = code.lookup(&CodeKey([1; 32]), &one);
        assert_eq!(lookup, Code::parse("482-913", 6).expect("a code").lookup(&CodeKey([1; 32]), &one));
        let other = Code::parse("482914", 6).expect("a code");
        for other in
            [code.lookup(&CodeKey([9; 32]), &one), code.lookup(&CodeKey([1; 32]), &two), other.lookup(&CodeKey([1; 32]), &one)]
        {
            assert_ne!(lookup, other);
        }
    }
}
