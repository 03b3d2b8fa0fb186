//! The scopes of a token: which interfaces it may call, as declared, and which the workspace has seen it use.

use core::fmt;
use serde::{Deserialize, Serialize};

use crate::Token;

/// The scope that is all of them.
pub const ALL_APIS: &str = "all-apis";

/// Scopes of one token, at most. The vendor documents no limit; this keeps them within one form.
const MAX_SCOPES: usize = 100;

/// Characters of one scope's name, at most.
const MAX_SCOPE_CHARS: usize = 100;

/// Why typed scopes are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ScopeInputError {
    /// Something typed is no name of a scope.
    NotAName,
    /// More than a form holds.
    TooMany,
}

impl fmt::Display for ScopeInputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAName => {
                "A scope is one word of lower-case letters, digits and hyphens, such as sql or access-management. \
                 Separate several with commas or spaces."
            }
            Self::TooMany => "Enter at most 100 scopes, or leave the field empty for full access.",
        })
    }
}

/// From what a person typed: names with commas or white space between them, each once. Nothing typed is an empty list.
///
/// # Errors
/// The rule that the text breaks.
pub fn parse_scopes(text: &str) -> Result<Vec<String>, ScopeInputError> {
    let mut scopes: Vec<String> = Vec::new();
    let words = text.split(|c: char| c == ',' || c.is_whitespace());
    for word in words.filter(|word| !word.is_empty()) {
        let named = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.:".contains(&b);
        if word.len() > MAX_SCOPE_CHARS || !word.bytes().all(named) {
            return Err(ScopeInputError::NotAName);
        }
        if !scopes.iter().any(|scope| scope == word) {
            scopes.push(word.to_owned());
        }
    }
    if scopes.len() > MAX_SCOPES {
        return Err(ScopeInputError::TooMany);
    }
    Ok(scopes)
}

/// Whether a token with these declared scopes may call everything: none declared means all, as older tokens have it.
pub fn grants_all(declared: Option<&[String]>) -> bool {
    declared.is_none_or(|scopes| scopes.iter().any(|scope| scope == ALL_APIS))
}

/// Whether both let a token do the same.
pub fn are_same_scopes(one: Option<&[String]>, other: Option<&[String]>) -> bool {
    match (grants_all(one), grants_all(other)) {
        (true, true) => true,
        (false, false) => {
            let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
            one.iter().all(|scope| other.contains(scope)) && other.iter().all(|scope| one.contains(scope))
        }
        _ => false,
    }
}

/// Declared scopes in one line: the names, or `all-apis` where none are declared.
pub fn format_scopes(declared: Option<&[String]>) -> String {
    match declared {
        None => ALL_APIS.to_owned(),
        Some(scopes) => scopes.join(", "),
    }
}

/// What a change of declared scopes gives and takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeDiff {
    /// New ones.
    pub added: Vec<String>,
    /// Those that are taken away.
    pub removed: Vec<String>,
}

impl ScopeDiff {
    /// From the scopes `before` to the `wanted` ones.
    pub fn between(before: Option<&[String]>, wanted: &[String]) -> Self {
        if are_same_scopes(before, Some(wanted)) {
            return Self::default();
        }
        let all = [ALL_APIS.to_owned()];
        let before = before.unwrap_or(&all);
        let beyond = |one: &[String], other: &[String]| one.iter().filter(|s| !other.contains(s)).cloned().collect();
        Self {
            added: beyond(wanted, before),
            removed: beyond(before, wanted),
        }
    }

    /// Whether the token may do the same as before.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// One scope of a token, by everything that the workspace tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeUse {
    /// The scope's name.
    pub name: String,
    /// The token holds it.
    pub declared: bool,
    /// The workspace has seen the token use it.
    pub inferred: bool,
    /// The workspace computed from past use that the token needs it.
    pub backfilled: bool,
}

impl ScopeUse {
    /// What that means, for a token that may do `all`, and of whose use the workspace tells something where `told`.
    pub fn label(&self, all: bool, told: bool) -> &'static str {
        match (self.declared, self.inferred || self.backfilled) {
            (true, _) if self.name == ALL_APIS => "Full access",
            (true, true) => "Granted and used",
            (true, false) if told => "Granted, never used",
            (false, true) if all => "Used, covered by all-apis",
            (false, true) => "Used, not granted",
            (true | false, false) => "",
        }
    }
}

/// Every scope that is told of a token: the declared ones first, in the workspace's order.
pub fn scope_uses(token: &Token) -> Vec<ScopeUse> {
    let all = [ALL_APIS.to_owned()];
    let declared = token.scopes.as_deref().unwrap_or(&all);
    let mut names: Vec<&String> = Vec::new();
    for name in declared
        .iter()
        .chain(&token.inferred_scopes)
        .chain(&token.backfill_scopes)
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let uses = names.into_iter().map(|name| ScopeUse {
        declared: declared.contains(name),
        inferred: token.inferred_scopes.contains(name),
        backfilled: token.backfill_scopes.contains(name),
        name: name.clone(),
    });
    uses.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Vec<String> {
        parse_scopes(text).unwrap()
    }

    #[test]
    fn scopes_as_typed() {
        assert_eq!(
            scopes(" sql, clusters\tsql,,access-management\n"),
            ["sql", "clusters", "access-management"]
        );
        assert_eq!(scopes(" , "), Vec::<String>::new());
        for wrong in ["SQL", "sql;clusters", "a\u{202e}b", "<b>", "sql'", &"a".repeat(101)] {
            assert_eq!(parse_scopes(wrong), Err(ScopeInputError::NotAName), "{wrong}");
        }
        let many: Vec<_> = (0..101).map(|i| format!("s{i}")).collect();
        assert_eq!(parse_scopes(&many.join(" ")), Err(ScopeInputError::TooMany));
        assert_eq!(scopes(&many[..100].join(" ")).len(), 100);
    }

    #[test]
    fn none_declared_is_all() {
        let (all, sql) = (scopes("all-apis"), scopes("sql"));
        assert!(grants_all(None) && grants_all(Some(&all)) && !grants_all(Some(&sql)) && !grants_all(Some(&[])));
        assert!(are_same_scopes(None, Some(&all)));
        assert!(!are_same_scopes(None, Some(&sql)));
        assert!(are_same_scopes(Some(&scopes("sql jobs")), Some(&scopes("jobs sql"))));
        assert!(!are_same_scopes(Some(&scopes("sql jobs")), Some(&sql)));
        assert_eq!(format_scopes(None), "all-apis");
        assert_eq!(format_scopes(Some(&scopes("sql jobs"))), "sql, jobs");
    }

    #[test]
    fn what_a_change_gives_and_takes() {
        let diff = ScopeDiff::between(Some(&scopes("sql jobs")), &scopes("jobs clusters"));
        assert_eq!((diff.added, diff.removed), (scopes("clusters"), scopes("sql")));
        let narrowed = ScopeDiff::between(None, &scopes("sql"));
        assert_eq!((narrowed.added, narrowed.removed), (scopes("sql"), scopes("all-apis")));
        assert!(ScopeDiff::between(None, &scopes("all-apis")).is_empty());
        assert!(ScopeDiff::between(Some(&scopes("sql jobs")), &scopes("jobs sql")).is_empty());
    }

    #[test]
    fn declared_and_seen_side_by_side() {
        let token = Token {
            scopes: Some(scopes("sql jobs")),
            inferred_scopes: scopes("sql clusters"),
            backfill_scopes: scopes("clusters"),
            ..crate::token::tests::token()
        };
        let told: Vec<_> = scope_uses(&token)
            .into_iter()
            .map(|used| (used.name.clone(), used.label(false, true)))
            .collect();
        let expected = [
            ("sql", "Granted and used"),
            ("jobs", "Granted, never used"),
            ("clusters", "Used, not granted"),
        ];
        assert_eq!(told, expected.map(|(name, meaning)| (name.to_owned(), meaning)));
        let old = Token { scopes: None, ..token };
        let names: Vec<_> = scope_uses(&old).into_iter().map(|used| used.name).collect();
        assert_eq!(names, ["all-apis", "sql", "clusters"]);
        assert_eq!(scope_uses(&old)[0].label(true, true), "Full access");
        assert_eq!(scope_uses(&old)[1].label(true, true), "Used, covered by all-apis");
    }
}
