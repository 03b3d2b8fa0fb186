//! Numbers followed by a noun.

use crate::islands::number::group_digits;

/// `1 token`, `1,284 tokens`.
pub(crate) fn count_of(n: usize, one: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {one}{plural}", group_digits(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!(count_of(1, "token"), "1 token");
        assert_eq!(count_of(0, "owner"), "0 owners");
    }
}
