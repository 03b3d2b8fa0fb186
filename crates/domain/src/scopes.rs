//! A token's scopes: the APIs that it can call, and those that the workspace has seen it use.

mod meaning;
mod observation;
mod plan;
mod reduction;
mod state;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Token;

pub use meaning::scope_meaning;
pub(crate) use observation::ScopeFacts;
pub(crate) use observation::will_be_narrowed;
pub use observation::{ForeseenScopes, Narrowing, NothingSeen, has_proposal};
pub use plan::{GrantedScopes, ScopesPlan, ScopesSkip};
pub use reduction::ScopeReduction;
pub use state::{NarrowsWithin, ScopeState, ScopeStateFilter};

/// The scope that includes all others. A token without a list of scopes has it.
pub const ALL_APIS: &str = "all-apis";

/// The scope with which a token can create tokens with any scope
/// (<https://docs.databricks.com/aws/en/dev-tools/auth/pat>).
pub const AUTHENTICATION: &str = "authentication";

/// The maximum number of scopes per token. The vendor documents no limit; this one keeps the form small.
const MAX_SCOPES: usize = 100;

/// The longest scopes input, in characters.
pub const MAX_SCOPES_CHARS: usize = 2000;

/// The longest name of a scope, in characters.
const MAX_SCOPE_CHARS: usize = 100;

/// About how many days the platform observes a token before it limits its scopes. The vendor's own pages name no
/// number, but two texts that cite its release notes do.
pub const AUTOSCOPE_WINDOW_DAYS: u32 = 30;

/// Scopes that are often needed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeSet {
    /// Its name in URLs.
    pub slug: &'static str,
    /// Its name on pages.
    pub label: &'static str,
    /// What a token with these scopes can do.
    pub description: &'static str,
    /// Its scopes.
    pub scopes: &'static [&'static str],
}

/// The sets that the form offers (<https://docs.databricks.com/api/workspace/scopes> lists all scopes).
pub const SCOPE_SETS: [ScopeSet; 5] = [
    ScopeSet {
        slug: "sql",
        label: "SQL and BI tools",
        description: "Run queries on SQL warehouses, as dashboards and BI tools do.",
        scopes: &["sql"],
    },
    ScopeSet {
        slug: "jobs",
        label: "Jobs and compute",
        description: "Create, change and run jobs, and the clusters they run on.",
        scopes: &["jobs", "clusters"],
    },
    ScopeSet {
        slug: "files",
        label: "Files",
        description: "Read, write and delete files.",
        scopes: &["files"],
    },
    ScopeSet {
        slug: "admin",
        label: "Users, permissions and settings",
        description: "Read and change users and groups, permissions, and settings of the workspace.",
        scopes: &["scim", "access-management", "settings"],
    },
    ScopeSet {
        slug: "tokens",
        label: "Tokens",
        description: "Create and revoke tokens. Careful: it can create tokens with any scope.",
        scopes: &[AUTHENTICATION],
    },
];

/// Why scopes as typed are not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ScopeInputError {
    /// A word is not a valid scope name.
    NotAName,
    /// There are more than 100 scopes.
    TooMany,
    /// The text is longer than [`MAX_SCOPES_CHARS`].
    TooLong,
}

impl fmt::Display for ScopeInputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAName => {
                "A scope is one word of lower-case letters, digits and hyphens, such as sql or access-management. \
                 Separate several with commas or spaces."
            }
            Self::TooMany => "Enter at most 100 scopes, or leave the field empty for full access.",
            Self::TooLong => "Enter at most 2,000 characters.",
        })
    }
}

/// Parses scopes as typed: names separated by commas or white space, returned without duplicates. An empty text has no
/// scopes.
///
/// # Errors
///
/// The first rule that the text breaks.
pub fn parse_scopes(text: &str) -> Result<Vec<String>, ScopeInputError> {
    if text.chars().count() > MAX_SCOPES_CHARS {
        return Err(ScopeInputError::TooLong);
    }
    let mut scopes: Vec<String> = Vec::new();
    let words = text.split(|c: char| c == ',' || c.is_whitespace());
    for word in words.filter(|word| !word.is_empty()) {
        let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.:".contains(&b);
        if word.len() > MAX_SCOPE_CHARS || !word.bytes().all(is_allowed) {
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

/// What the granted scopes of a token allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScopeGrants {
    /// See [`grants_all`].
    pub(crate) all: bool,
    /// Whether the list contains [`AUTHENTICATION`] itself, not just full access, which includes it.
    pub(crate) token_creation: bool,
}

impl ScopeGrants {
    pub(crate) fn of(declared: Option<&[String]>) -> Self {
        let all = grants_all(declared);
        let has_authentication = |scopes: &[String]| scopes.iter().any(|scope| scope == AUTHENTICATION);
        Self {
            all,
            token_creation: !all && declared.is_some_and(has_authentication),
        }
    }
}

/// Whether a token with these granted scopes can call every API. Older tokens have no list of scopes, which means full
/// access.
pub fn grants_all(declared: Option<&[String]>) -> bool {
    declared.is_none_or(|scopes| scopes.iter().any(|scope| scope == ALL_APIS))
}

/// Whether a token with these granted scopes may be able to call every API. What an empty list means is not documented,
/// so it counts as full access.
pub fn may_grant_all(declared: Option<&[String]>) -> bool {
    grants_all(declared) || declared.is_some_and(<[String]>::is_empty)
}

/// Whether both lists grant the same.
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

/// Granted scopes as one line: their names, or `all-apis` without a list.
pub fn format_scopes(declared: Option<&[String]>) -> String {
    match declared {
        None => ALL_APIS.to_owned(),
        Some(scopes) => scopes.join(", "),
    }
}

/// The scopes that a change adds and removes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeDiff {
    /// The scopes that are only in the new list.
    pub added: Vec<String>,
    /// The scopes that are only in the old list.
    pub removed: Vec<String>,
}

impl ScopeDiff {
    /// Compares the scopes `before` with the `requested` ones.
    pub fn between(before: Option<&[String]>, requested: &[String]) -> Self {
        if are_same_scopes(before, Some(requested)) {
            return Self::default();
        }
        let all = [ALL_APIS.to_owned()];
        let before = before.unwrap_or(&all);
        let without = |one: &[String], other: &[String]| one.iter().filter(|s| !other.contains(s)).cloned().collect();
        Self {
            added: without(requested, before),
            removed: without(before, requested),
        }
    }

    /// Whether the token can do the same as before.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// A scope of a token, with everything that the workspace reports about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeUse {
    /// The scope's name.
    pub name: String,
    /// Whether the token is granted the scope.
    pub granted: bool,
    /// Whether the workspace has seen the token use it.
    pub inferred: bool,
    /// Whether the workspace computed from past use that the token needs it.
    pub backfilled: bool,
}

/// All scopes that the workspace reports for a token: the granted ones first, in the workspace's order.
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
        granted: declared.contains(name),
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
    fn typed_scopes_are_separated_and_checked() {
        assert_eq!(
            scopes(" sql, clusters\tsql,,access-management\n"),
            ["sql", "clusters", "access-management"]
        );
        assert_eq!(scopes(" , "), Vec::<String>::new());
        for invalid in ["SQL", "sql;clusters", "a\u{202e}b", "<b>", "sql'", &"a".repeat(101)] {
            assert_eq!(parse_scopes(invalid), Err(ScopeInputError::NotAName), "{invalid}");
        }
        let many: Vec<_> = (0..101).map(|i| format!("s{i}")).collect();
        assert_eq!(parse_scopes(&many.join(" ")), Err(ScopeInputError::TooMany));
        assert_eq!(scopes(&many[..100].join(" ")).len(), 100);
        let long = format!("sql{}", " ".repeat(MAX_SCOPES_CHARS));
        assert_eq!(parse_scopes(&long), Err(ScopeInputError::TooLong));
        assert_eq!(scopes(&long[..MAX_SCOPES_CHARS]), ["sql"]);
    }

    #[test]
    fn the_scopes_of_every_set_are_valid_and_in_one_set_only() {
        let all: Vec<_> = SCOPE_SETS.iter().flat_map(|set| set.scopes).copied().collect();
        assert_eq!(scopes(&all.join(" ")), all);
    }

    #[test]
    fn no_list_of_scopes_means_all() {
        let (all, sql) = (scopes("all-apis"), scopes("sql"));
        assert!(grants_all(None) && grants_all(Some(&all)) && !grants_all(Some(&sql)) && !grants_all(Some(&[])));
        assert!(may_grant_all(None) && may_grant_all(Some(&all)) && !may_grant_all(Some(&sql)));
        assert!(may_grant_all(Some(&[])), "no one knows what an empty list allows");
        assert!(!are_same_scopes(None, Some(&[])) && !are_same_scopes(Some(&sql), Some(&[])));
        assert!(are_same_scopes(None, Some(&all)));
        assert!(!are_same_scopes(None, Some(&sql)));
        assert!(are_same_scopes(Some(&scopes("sql jobs")), Some(&scopes("jobs sql"))));
        assert!(!are_same_scopes(Some(&scopes("sql jobs")), Some(&sql)));
        assert_eq!(format_scopes(None), "all-apis");
        assert_eq!(format_scopes(Some(&scopes("sql jobs"))), "sql, jobs");
    }

    #[test]
    fn a_diff_has_the_added_and_the_removed_scopes() {
        let diff = ScopeDiff::between(Some(&scopes("sql jobs")), &scopes("jobs clusters"));
        assert_eq!((diff.added, diff.removed), (scopes("clusters"), scopes("sql")));
        let narrowed = ScopeDiff::between(None, &scopes("sql"));
        assert_eq!((narrowed.added, narrowed.removed), (scopes("sql"), scopes("all-apis")));
        assert!(ScopeDiff::between(None, &scopes("all-apis")).is_empty());
        assert!(ScopeDiff::between(Some(&scopes("sql jobs")), &scopes("jobs sql")).is_empty());
    }

    #[test]
    fn granted_and_used_scopes_are_combined() {
        let token = Token {
            scopes: Some(scopes("sql jobs")),
            inferred_scopes: scopes("sql clusters"),
            backfill_scopes: scopes("clusters"),
            ..crate::token::tests::token()
        };
        let uses: Vec<_> = scope_uses(&token)
            .into_iter()
            .map(|used| (used.name, used.granted, used.inferred, used.backfilled))
            .collect();
        let expected = [
            ("sql", true, true, false),
            ("jobs", true, false, false),
            ("clusters", false, true, true),
        ];
        assert_eq!(
            uses,
            expected.map(|(name, granted, inferred, backfilled)| (name.to_owned(), granted, inferred, backfilled))
        );
        let old = Token { scopes: None, ..token };
        let names: Vec<_> = scope_uses(&old).into_iter().map(|used| used.name).collect();
        assert_eq!(names, ["all-apis", "sql", "clusters"]);
    }
}
