//! Reducing a token's scopes to those that it uses.

use super::{ALL_APIS, grants_all, scope_uses};
use crate::Token;

/// What a token would keep and lose if its scopes were reduced to those that it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeReduction {
    /// The scopes that it uses.
    pub keeps: Vec<String>,
    /// The granted scopes that it does not use. For full access, `all-apis`.
    pub loses: Vec<String>,
}

impl ScopeReduction {
    /// The reduction. `None` if no use is known, or the token would lose no scope: then there is nothing to suggest.
    pub fn of(token: &Token) -> Option<Self> {
        // What an empty list grants is not documented.
        if token.scopes.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        let has_all = grants_all(token.scopes.as_deref());
        let (mut keeps, mut loses) = (Vec::new(), Vec::new());
        for scope in scope_uses(token) {
            let is_used = scope.name != ALL_APIS && (scope.inferred || scope.backfilled);
            match is_used {
                true if has_all || scope.granted => keeps.push(scope.name),
                // This scope was not granted, so its use was refused.
                true => {}
                false => loses.push(scope.name),
            }
        }
        (!keeps.is_empty() && !loses.is_empty()).then_some(Self { keeps, loses })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reduction(scopes: Option<&[&str]>, used: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let token = Token {
            scopes: scopes.map(owned),
            inferred_scopes: owned(used),
            ..crate::token::tests::token()
        };
        ScopeReduction::of(&token).map(|found| (found.keeps, found.loses))
    }

    #[test]
    fn a_token_keeps_what_it_uses_and_loses_the_rest() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let full = Some((names(&["sql"]), names(&[ALL_APIS])));
        assert_eq!(reduction(None, &["sql"]), full);
        assert_eq!(reduction(Some(&[ALL_APIS]), &["sql"]), full);
        let some = reduction(Some(&["sql", "jobs"]), &["sql", "clusters"]);
        assert_eq!(
            some,
            Some((names(&["sql"]), names(&["jobs"]))),
            "clusters was not granted"
        );
    }

    #[test]
    fn without_known_use_or_without_a_loss_nothing_is_suggested() {
        assert_eq!(reduction(None, &[]), None);
        assert_eq!(reduction(Some(&["sql"]), &["sql"]), None);
        assert_eq!(reduction(Some(&["sql"]), &["jobs"]), None);
        assert_eq!(
            reduction(Some(&[]), &["sql"]),
            None,
            "an empty list can mean everything"
        );
        assert_eq!(reduction(None, &[ALL_APIS]), None);
    }
}
