//! Keys: the one secret key of an installation, and the named subkeys derived from it.
//!
//! Owns HKDF, sealing, and where the key is stored. Must not know what is sealed. The key is stored next to the database and
//! not in it, so that a copy of the database alone isn't enough to test codes or read queued ones.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use time::OffsetDateTime;

use crate::clock::random_bytes;
use crate::optin::code::CodeKey;
use crate::secret::Secret;
use crate::statement::Signer;

/// The name of the key file, next to the database.
pub const FILE: &str = "secret.key";
/// The minimum length of the secret key in bytes.
pub const SHORTEST: usize = 32;
const NONCE_BYTES: usize = 24;

/// Why there's no usable secret key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read or created.
    #[error("the secret key {file} cannot be {what}: {source}")]
    File {
        /// The file's path.
        file: String,
        /// What was tried.
        what: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file doesn't contain a key.
    #[error("{0} doesn't hold a secret key: write 64 hex digits, or remove the file if no database was made with it")]
    Malformed(String),
    /// Other users of the machine can read it.
    #[error("{0} can be read by others: run `chmod 600` on it")]
    Readable(String),
}

/// The subkeys.
#[derive(Clone)]
pub struct Keys {
    /// For the hashes of codes.
    pub codes: CodeKey,
    /// For the page's own codes, which people text in.
    pub reply_codes: CodeKey,
    sealing: [u8; 32],
    addresses: [u8; 32],
    cookies: [u8; 32],
    browser_tokens: [u8; 32],
    preview: [u8; 32],
    check: [u8; 32],
    statements: [[u8; 32]; 2],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Keys {
    /// Derives the subkeys from the secret key.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(b"assent"), secret);
        let subkey = |name: &str| {
            let mut key = [0; 32];
            hkdf.expand(name.as_bytes(), &mut key).unwrap_or_else(|_| unreachable!("32 bytes are a valid length for HKDF"));
            key
        };
        Self {
            codes: CodeKey(subkey("codes")),
            reply_codes: CodeKey(subkey("reply_codes")),
            sealing: subkey("sealing"),
            addresses: subkey("addresses"),
            cookies: subkey("cookies"),
            browser_tokens: subkey("browser_tokens"),
            preview: subkey("preview"),
            check: subkey("check"),
            statements: [subkey("statements"), subkey("statements 2")],
        }
    }

    /// Returns the key for private cookies, as 64 hex digits.
    #[must_use]
    pub fn cookies(&self) -> Secret<String> {
        Secret::new(hex::encode(self.cookies))
    }

    /// Returns the value by which the database recognizes the secret key, as 64 hex digits. It reveals nothing about the other
    /// subkeys.
    #[must_use]
    pub fn check_value(&self) -> String {
        hex::encode(self.check)
    }

    /// Returns the bits of the token that replaces a browser's token once the right code of a verification has been typed. The
    /// same browser and verification always give the same bits, so that both answers to a double click agree.
    #[must_use]
    pub fn renewed_token(&self, browser: &str, verification: &str) -> [u8; 16] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.browser_tokens).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        for part in [browser, verification] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        let mut bits = [0; 16];
        bits.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        bits
    }

    /// Returns what signs statements to the owner's sites.
    #[must_use]
    pub fn signer(&self) -> Signer {
        let mut secrets = self.statements.iter();
        secrets.find_map(Signer::new).unwrap_or_else(|| unreachable!("one secret in 2^64 has no key"))
    }

    /// Returns the key for a link to the preview that works until the given time.
    #[must_use]
    pub fn preview_key(&self, until: OffsetDateTime) -> String {
        let until = until.unix_timestamp().to_string();
        let signature = self.preview_mac(&until).finalize().into_bytes();
        format!("{until}-{}", hex::encode(signature))
    }

    /// Whether a link to the preview with this key works now.
    #[must_use]
    pub fn opens_preview(&self, key: &str, now: OffsetDateTime) -> bool {
        let Some((until, signature)) = key.split_once('-') else { return false };
        let signed = hex::decode(signature).is_ok_and(|signature| self.preview_mac(until).verify_slice(&signature).is_ok());
        signed && until.parse().is_ok_and(|until: i64| now.unix_timestamp() < until)
    }

    fn preview_mac(&self, until: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.preview).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        mac.update(until.as_bytes());
        mac
    }

    /// Returns the keyed hash of an address, which the caps count by. The address itself is stored only in the evidence.
    #[must_use]
    pub fn address_hash(&self, address: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.addresses).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        mac.update(address.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }

    /// Seals a text that contains a code while it's queued. Opening it takes the same `bound_to`.
    #[must_use]
    pub fn seal(&self, text: &str, bound_to: &str) -> String {
        let nonce = random_bytes::<NONCE_BYTES>();
        let cipher = XChaCha20Poly1305::new(&self.sealing.into());
        let payload = Payload { msg: text.as_bytes(), aad: bound_to.as_bytes() };
        let sealed =
            cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_else(|_| unreachable!("a text is short enough to seal"));
        hex::encode([nonce.as_slice(), &sealed].concat())
    }

    /// Opens a sealed text; `None` if it was sealed with another key or for something else, or if it was changed.
    #[must_use]
    pub fn open(&self, sealed: &str, bound_to: &str) -> Option<String> {
        let bytes = hex::decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = XChaCha20Poly1305::new(&self.sealing.into());
        let text = cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: bound_to.as_bytes() }).ok()?;
        String::from_utf8(text).ok()
    }
}

/// Creates the key next to the database (mode 0600), unless another process has just done so, and reads it.
///
/// # Errors
/// If the file can't be read or created, doesn't contain a key, or can be read by others.
pub fn create(folder: &Path) -> Result<Secret<Vec<u8>>, KeyError> {
    let file = folder.join(FILE);
    let error = |what| move |source| KeyError::File { file: folder.join(FILE).display().to_string(), what, source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(error("made"))?;
    // All or nothing: a crash halfway, or another process at the same moment, must not leave half a key.
    let mut draft = tempfile::NamedTempFile::new_in(folder).map_err(error("made"))?;
    draft.write_all(hex::encode(random_bytes::<32>()).as_bytes()).map_err(error("made"))?;
    draft.as_file().sync_all().map_err(error("made"))?;
    match draft.persist_noclobber(&file) {
        Err(e) if e.error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error("made")(e.error)),
        Ok(_) | Err(_) => {}
    }
    fs::File::open(folder).and_then(|f| f.sync_all()).map_err(error("made"))?;
    load(folder)?.ok_or_else(|| KeyError::Malformed(file.display().to_string()))
}

/// Reads the key next to the database; `None` if there is none.
pub fn load(folder: &Path) -> Result<Option<Secret<Vec<u8>>>, KeyError> {
    let file = folder.join(FILE);
    let name = file.display().to_string();
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(KeyError::File { file: name, what: "read", source }),
    };
    let mode =
        fs::metadata(&file).map_err(|source| KeyError::File { file: name.clone(), what: "read", source })?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyError::Readable(name));
    }
    let key = hex::decode(text.trim()).ok().filter(|key| key.len() >= SHORTEST);
    key.map(|key| Some(Secret::new(key))).ok_or(KeyError::Malformed(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_with_the_same_key_and_purpose_alone() {
        let keys = Keys::derive(&[1; 32]);
        let sealed = keys.seal("Acme: 482913", "verification 1");
        assert!(!sealed.contains("482913"));
        assert_eq!(keys.open(&sealed, "verification 1").as_deref(), Some("Acme: 482913"));
        assert_eq!(keys.open(&sealed, "verification 2"), None);
        assert_eq!(Keys::derive(&[2; 32]).open(&sealed, "verification 1"), None);
        assert_eq!(keys.open("", "verification 1"), None);
        assert_ne!(keys.seal("a", "b"), keys.seal("a", "b"), "a nonce is never used twice");
    }

    #[test]
    fn a_link_to_the_preview_works_for_its_time_and_with_its_own_signature_alone() {
        let (keys, now) = (Keys::derive(&[1; 32]), OffsetDateTime::UNIX_EPOCH);
        let key = keys.preview_key(now + time::Duration::HOUR);
        assert!(keys.opens_preview(&key, now + time::Duration::seconds(3_599)));
        assert!(!keys.opens_preview(&key, now + time::Duration::HOUR));
        assert!(!Keys::derive(&[2; 32]).opens_preview(&key, now));
        let longer = key.replacen("3600", "9999", 1);
        for wrong in [longer.as_str(), "", "3600", "3600-", "-", &key[..key.len() - 2]] {
            assert!(!keys.opens_preview(wrong, now), "{wrong}");
        }
    }

    #[test]
    fn the_key_is_made_once_for_its_owner_alone_and_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = create(folder.path()).expect("made");
        let mode = fs::metadata(folder.path().join(FILE)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(create(folder.path()).expect("read").reveal(), made.reveal());
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "no draft is left");
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_none_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        create(folder.path()).expect("made");
        let file = folder.path().join(FILE);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
        assert!(matches!(load(folder.path()), Err(KeyError::Readable(_))));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("set");
        fs::write(&file, "short").expect("written");
        assert!(matches!(load(folder.path()), Err(KeyError::Malformed(_))));
    }
}
