//! Short hashes, to tell texts of this console apart.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The first bytes of the SHA-256 of a text, as hexadecimal digits.
pub(crate) fn short_hash(text: impl AsRef<[u8]>, bytes: usize) -> String {
    let hash = Sha256::digest(text);
    hash.iter().take(bytes).fold(String::new(), |mut digits, byte| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_hash_is_the_beginning_of_the_sha_256() {
        // `printf abc | sha256sum`
        assert_eq!(short_hash("abc", 12), "ba7816bf8f01cfea414140de");
        assert_eq!(short_hash("abc", 16), "ba7816bf8f01cfea414140de5dae2223");
    }
}
