//! Sealing of secrets at rest: XChaCha20-Poly1305 with a new random nonce for each write, and with associated data
//! that names the secret's owner. Its 192-bit nonces can be drawn at random, without a counter
//! (<https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03>, section 1).
//!
//! It protects a copied database. It does not protect a machine on which an attacker runs code: the key is there too.

pub(crate) mod key_file;
pub(crate) mod keys;
pub(crate) mod rotation;
pub(crate) mod stored_id;

use std::fmt;

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chacha20poly1305::aead::{OsRng, rand_core::RngCore as _};
use chacha20poly1305::{AeadInPlace as _, KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use domain::PrincipalId;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::{KeyError, SignInId, StoreError};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// The key with which all credentials of a console are sealed: 32 bytes, wiped from memory when dropped.
pub struct SealingKey {
    cipher: XChaCha20Poly1305,
    id: String,
}

impl SealingKey {
    /// Parses a configured key: 64 hexadecimal digits, or 32 bytes in base64 of either alphabet, padded or not. White
    /// space around it is ignored.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] for anything else.
    pub fn parse(text: &SecretString) -> Result<Self, KeyError> {
        let text = text.expose_secret().trim();
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if hex::decode_to_slice(text, &mut *key).is_ok()
            || from_base64(text, &STANDARD, &mut key)
            || from_base64(text, &URL_SAFE, &mut key)
        {
            Ok(Self::from_bytes(&key))
        } else {
            Err(KeyError::NotAKey)
        }
    }

    /// An ID of the key that can be displayed: the first 16 hexadecimal digits of a hash of it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A new random key, as text for [`Self::parse`].
    pub(crate) fn generate() -> SecretString {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        OsRng.fill_bytes(&mut *key);
        hex::encode(key.as_slice()).into()
    }

    fn from_bytes(key: &[u8; KEY_BYTES]) -> Self {
        let id = Sha256::new()
            .chain_update(b"pat-console sealing key id\0")
            .chain_update(key)
            .finalize();
        Self {
            cipher: XChaCha20Poly1305::new(key.into()),
            id: hex::encode(&id[..8]),
        }
    }

    /// Seals a secret for its owner. Returns the nonce, the ciphertext and the tag, one after the other.
    pub(crate) fn seal(&self, secret: &SecretString, owner: &SealContext<'_>) -> Result<Vec<u8>, StoreError> {
        let secret = secret.expose_secret().as_bytes();
        let mut sealed = vec![0; NONCE_BYTES];
        sealed.reserve_exact(secret.len() + TAG_BYTES);
        OsRng.fill_bytes(&mut sealed);
        let nonce = *XNonce::from_slice(&sealed);
        sealed.extend_from_slice(secret);
        // Fails only for messages of more than 256 GiB.
        let tag = self
            .cipher
            .encrypt_in_place_detached(&nonce, &owner.associated_data(), &mut sealed[NONCE_BYTES..])
            .map_err(|_| StoreError::Tampered)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] returned for the same owner.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] if it was changed, or was sealed for another owner or with another key.
    pub(crate) fn open(&self, sealed: &[u8], owner: &SealContext<'_>) -> Result<SecretString, StoreError> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(StoreError::Tampered)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(StoreError::Tampered)?;
        // In place in a buffer of the exact length, so that no copy of the plaintext remains in freed memory.
        let mut secret = ciphertext.to_vec();
        self.cipher
            .decrypt_in_place_detached(
                XNonce::from_slice(nonce),
                &owner.associated_data(),
                &mut secret,
                Tag::from_slice(tag),
            )
            .map_err(|_| StoreError::Tampered)?;
        let secret = String::from_utf8(secret).map_err(|_| StoreError::Tampered)?;
        Ok(secret.into())
    }
}

/// Shows the key's ID, never the key.
impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The owner of a secret. A sealed secret opens only for the same owner, so that a row that was copied, moved or
/// relabelled in the database never becomes someone else's and never reaches another workspace.
pub(crate) struct SealContext<'a> {
    pub(crate) id: SignInId,
    pub(crate) principal: PrincipalId,
    pub(crate) workspace: &'a str,
    /// The form that created the token whose value it is; `None` for the credential of the sign-in.
    pub(crate) token_form: Option<&'a str>,
}

impl SealContext<'_> {
    /// The parts cannot be confused: each kind begins in another way, the form is preceded by its length, and only the
    /// last part varies in length besides.
    fn associated_data(&self) -> Vec<u8> {
        let kind = match self.token_form {
            None => b"pat-console sign-in 1\0".as_slice(),
            Some(_) => b"pat-console token value 1\0".as_slice(),
        };
        let form = self
            .token_form
            .map(|form| [&form.len().to_be_bytes(), form.as_bytes()].concat());
        [
            kind,
            &self.id.to_bytes(),
            &self.principal.get().to_be_bytes(),
            form.as_deref().unwrap_or_default(),
            self.workspace.as_bytes(),
        ]
        .concat()
    }
}

fn from_base64(text: &str, alphabet: &Alphabet, key: &mut [u8; KEY_BYTES]) -> bool {
    let padding = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // Longer than a key, because the decoder needs room for whole groups and a longer text must be detected.
    let mut decoded = Zeroizing::new([0; 2 * KEY_BYTES]);
    match GeneralPurpose::new(alphabet, padding).decode_slice(text, &mut *decoded) {
        Ok(KEY_BYTES) => {
            key.copy_from_slice(&decoded[..KEY_BYTES]);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: SealContext<'static> = SealContext {
        id: SignInId::from_bytes([7; 16]),
        principal: PrincipalId::new(42),
        workspace: "prod",
        token_form: None,
    };

    fn key(byte: u8) -> SealingKey {
        SealingKey::from_bytes(&[byte; KEY_BYTES])
    }

    fn parse(text: &str) -> Result<SealingKey, KeyError> {
        SealingKey::parse(&text.into())
    }

    #[test]
    fn a_sealed_credential_opens_only_for_its_owner_and_with_its_key() {
        let sealed = key(1).seal(&"dapi-secret".into(), &OWNER).unwrap();
        let opened = key(1).open(&sealed, &OWNER).unwrap();
        assert_eq!(opened.expose_secret(), "dapi-secret");

        let id = SignInId::from_bytes([8; 16]);
        let principal = PrincipalId::new(43);
        for other in [
            SealContext { id, ..OWNER },
            SealContext { principal, ..OWNER },
            SealContext {
                workspace: "pro",
                ..OWNER
            },
            SealContext { workspace: "", ..OWNER },
            SealContext {
                token_form: Some(""),
                ..OWNER
            },
        ] {
            assert!(matches!(key(1).open(&sealed, &other), Err(StoreError::Tampered)));
        }
        assert!(matches!(key(2).open(&sealed, &OWNER), Err(StoreError::Tampered)));
    }

    #[test]
    fn the_value_of_a_token_opens_only_for_its_form() {
        let of_form = |token_form, workspace| SealContext {
            token_form,
            workspace,
            ..OWNER
        };
        let sealed = key(1)
            .seal(&"dapi-secret".into(), &of_form(Some("form"), "prod"))
            .unwrap();
        assert!(key(1).open(&sealed, &of_form(Some("form"), "prod")).is_ok());
        for other in [
            of_form(None, "prod"),
            of_form(Some("for"), "mprod"),
            of_form(Some("formp"), "rod"),
        ] {
            assert!(matches!(key(1).open(&sealed, &other), Err(StoreError::Tampered)));
        }
    }

    #[test]
    fn a_changed_or_missing_byte_is_detected() {
        let sealed = key(1).seal(&"dapi-secret".into(), &OWNER).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key(1).open(&changed, &OWNER).is_err(), "byte {at}");
            assert!(key(1).open(&sealed[..at], &OWNER).is_err(), "truncated at {at}");
        }
    }

    #[test]
    fn sealing_the_same_secret_twice_gives_different_bytes() {
        let seal = || key(1).seal(&"dapi-secret".into(), &OWNER).unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn an_empty_secret_can_be_sealed() {
        let sealed = key(1).seal(&"".into(), &OWNER).unwrap();
        assert_eq!(key(1).open(&sealed, &OWNER).unwrap().expose_secret(), "");
    }

    #[test]
    fn keys_are_accepted_as_hexadecimal_and_as_base64_of_both_alphabets() {
        // 32 bytes of 0xfb: the two alphabets spell them differently, and they need padding.
        let expected = key(0xfb).id;
        for text in [
            "fb".repeat(32),
            "FB".repeat(32),
            format!("  {}\n", "fb".repeat(32)),
            format!("{}s=", "+/v7".repeat(10) + "+/"),
            format!("{}s", "+/v7".repeat(10) + "+/"),
            format!("{}s=", "-_v7".repeat(10) + "-_"),
        ] {
            assert_eq!(parse(&text).unwrap().id, expected, "{text}");
        }
    }

    #[test]
    fn any_other_text_is_rejected_with_advice() {
        for text in [
            "",
            "secret",
            &"f".repeat(63),
            &"f".repeat(65),
            &"fb".repeat(31),
            &"fb".repeat(33),
            &"A".repeat(42),
            &"A".repeat(44),
            &"A".repeat(10_000),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.ends_with("openssl rand -hex 32"), "{text}: {error}");
            assert!(text.is_empty() || !error.contains(text) || text == "secret");
        }
    }

    #[test]
    fn generated_keys_can_be_parsed_and_differ() {
        let id = || SealingKey::parse(&SealingKey::generate()).unwrap().id;
        assert_ne!(id(), id());
    }

    #[test]
    fn the_debug_output_does_not_contain_the_key() {
        let shown = format!("{:?}", key(0xfb));
        assert!(shown.contains(&key(0xfb).id));
        assert!(!shown.contains("fbfb") && !shown.contains("251"), "{shown}");
    }
}
