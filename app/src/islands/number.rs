//! Numbers as people read them.

/// `1,284`.
pub(crate) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 token`, `1,284 tokens`.
pub(crate) fn count(n: usize, one: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (n, text) in [(0, "0"), (999, "999"), (1284, "1,284"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(n), text);
        }
        assert_eq!(count(1, "token"), "1 token");
        assert_eq!(count(0, "owner"), "0 owners");
    }
}
