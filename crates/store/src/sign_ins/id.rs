//! The ID of a sign-in.

use std::fmt;
use std::str::FromStr;

use chacha20poly1305::aead::{OsRng, rand_core::RngCore as _};
use serde::{Deserialize, Serialize};

/// The ID of a sign-in: 128 random bits, as text 32 lower-case hexadecimal digits. It is not secret, but cannot be
/// guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SignInId([u8; 16]);

/// The text is not a [`SignInId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A session ID has 32 hexadecimal digits.")]
pub struct SignInIdError;

impl SignInId {
    pub(super) fn random() -> Self {
        let mut bytes = [0; 16];
        OsRng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    #[cfg(test)]
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for SignInId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for SignInId {
    type Err = SignInIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| SignInIdError)?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for SignInId {
    type Error = SignInIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SignInId> for String {
    fn from(id: SignInId) -> Self {
        id.to_string()
    }
}
