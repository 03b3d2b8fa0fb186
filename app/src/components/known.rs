//! Values that could not be determined completely because something could not be read.

use domain::{TokenCount, UnreadPart};

use super::count_of;
use crate::islands::number::group_digits;

/// `1,284`; `at least 1,284` if some rows could not be read.
pub(crate) fn number_of(count: TokenCount) -> String {
    match count {
        TokenCount::Exactly(n) => group_digits(n),
        TokenCount::AtLeast(n) => format!("at least {}", group_digits(n)),
    }
}

/// `1 token`, `at least 1,284 tokens`.
pub(crate) fn tokens_of(count: TokenCount, one: &str) -> String {
    match count {
        TokenCount::Exactly(n) => count_of(n, one),
        TokenCount::AtLeast(n) => format!("at least {}", count_of(n, one)),
    }
}

/// `Not available: owner names are not loaded`.
pub(crate) fn not_available(part: UnreadPart) -> String {
    format!("Not available: {}", part.reason())
}

/// The text with a capital letter, at the beginning of a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let first = text.chars().next().map(char::len_utf8).unwrap_or_default();
    text[..first].to_uppercase() + &text[first..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_list_with_unreadable_rows_are_lower_bounds() {
        assert_eq!(tokens_of(TokenCount::AtLeast(1), "token"), "at least 1 token");
        assert_eq!(number_of(TokenCount::Exactly(1284)), "1,284");
        assert_eq!(sentence("at least 5"), "At least 5");
        assert_eq!(
            not_available(UnreadPart::Names),
            "Not available: owner names are not loaded"
        );
    }
}
