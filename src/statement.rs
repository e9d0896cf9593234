//! Statements: what is signed for the owner's sites, so that they can keep it and check it later (JWS with ES256, RFC 7515 and
//! RFC 7518).
//!
//! Owns the signature, and the public key as a JWK (RFC 7517). Must not know what is stated.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Signs statements.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    id: String,
    jwk: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Signer {
    /// Creates a signer from a secret. Returns `None` for the one secret in 2^32 that isn't a private key on the curve.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Option<Self> {
        let key = SigningKey::from_slice(secret).ok()?;
        let point = key.verifying_key().to_sec1_point(false);
        let (x, y) = (encoded(point.x()?), encoded(point.y()?));
        // The thumbprint of the key (RFC 7638): its required members, in this order.
        let id = encoded(&Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)));
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "use": "sig", "kid": id }).to_string();
        Some(Self { key, id, jwk })
    }

    /// Returns the name of the key, `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the public key as a JWK.
    #[must_use]
    pub fn jwk(&self) -> &str {
        &self.jwk
    }

    /// Returns the claims, signed, in the compact form of a JWS.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.id, "typ": "JWT" });
        let signed = format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(claims.to_string().as_bytes()));
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", encoded(&signature.to_bytes()))
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier as _;

    use super::*;

    #[test]
    fn a_statement_is_checked_with_the_jwk_and_names_its_key() {
        let signer = Signer::new(&[7; 32]).expect("a key");
        let statement = signer.sign(&json!({ "sub": "user_7" }));
        let parts: Vec<&str> = statement.split('.').collect();
        let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
        let header: Value = serde_json::from_slice(&decoded(parts[0])).expect("JSON");
        assert_eq!(header, json!({ "alg": "ES256", "kid": signer.id(), "typ": "JWT" }));
        let jwk: Value = serde_json::from_str(signer.jwk()).expect("JSON");
        let coordinate = |name: &str| decoded(jwk[name].as_str().expect("a text"));
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        let public = VerifyingKey::from_sec1_bytes(&point).expect("a point");
        let signature = Signature::from_slice(&decoded(parts[2])).expect("64 bytes");
        let signed = format!("{}.{}", parts[0], parts[1]);
        assert!(public.verify(signed.as_bytes(), &signature).is_ok());
        assert!(public.verify(format!("{signed}x").as_bytes(), &signature).is_err());
        assert_ne!(signer.id(), Signer::new(&[8; 32]).expect("a key").id());
        assert!(Signer::new(&[0; 32]).is_none(), "zero is no private key");
    }

    #[test]
    fn the_id_is_the_thumbprint_of_rfc_7638() {
        // What calculateJwkThumbprint of jose for Node says of the same public key.
        assert_eq!(Signer::new(&[7; 32]).expect("a key").id(), "gWjt7nmB1udyFpLYVp0SxJnI8lJEvl7q8AFYZRqnGV8");
    }
}
