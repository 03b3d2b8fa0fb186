//! The secret that authenticates a call.

use std::fmt;

use domain::TokenId;
use reqwest::Method;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A personal access token or an OAuth access token. Its `Debug` output does not contain the value.
#[derive(Clone)]
pub struct Credential {
    value: SecretString,
    is_read_only: bool,
}

impl Credential {
    /// From the value, without the word `Bearer`.
    pub fn new(value: SecretString) -> Self {
        Self {
            value,
            is_read_only: false,
        }
    }

    /// The same value, for reading only: every call that could change something is refused before it is sent.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self {
            is_read_only: true,
            ..self
        }
    }

    pub(crate) fn allows(&self, method: &Method) -> bool {
        !self.is_read_only || method == Method::GET
    }

    /// The ID under which the workspace lists this value if it is a personal access token: the SHA-256 of the value in
    /// hexadecimal (the vendor's Python SDK, `TokensAPI.update`: "The SHA-256 hash of the token to be updated").
    pub fn token_id(&self) -> TokenId {
        TokenId::new(hex::encode(Sha256::digest(self.expose())))
    }

    /// Whether it begins like a personal access token. The format is not documented; it is what secret scanners look
    /// for (<https://github.com/secretlint/secretlint/pull/1445>).
    pub fn looks_like_pat(&self) -> bool {
        self.expose().starts_with("dapi")
    }

    pub(crate) fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// `None` if the value contains characters that are not allowed in a header: no workspace has issued it.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.expose())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_token_is_the_sha_256_of_its_value() {
        let credential = Credential::new(String::from("abc").into());
        assert_eq!(
            credential.token_id().as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(!credential.looks_like_pat());
        assert!(Credential::new(String::from("dapi0f1e").into()).looks_like_pat());
    }

    #[test]
    fn a_read_only_credential_allows_get_requests_only() {
        let credential = Credential::new(String::from("dapi0f1e").into());
        assert!(credential.allows(&Method::DELETE));
        let credential = credential.read_only();
        assert!(credential.allows(&Method::GET));
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD] {
            assert!(!credential.allows(&method), "{method}");
        }
    }

    #[test]
    fn debug_output_does_not_show_the_value() {
        let credential = Credential::new(String::from("dapi0f1e").into());
        assert_eq!(format!("{credential:?}"), "Credential");
        assert_eq!(format!("{:?}", credential.header()), "Some(Sensitive)");
        assert!(Credential::new(String::from("a\nb").into()).header().is_none());
    }
}
