//! The plan for one token in a bulk change of scopes: the scopes that it had, and the scopes to set.

use std::collections::BTreeSet;

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{ALL_APIS, ScopeDiff, ScopeReduction, are_same_scopes, grants_all};
use crate::{AutoscopeState, Token};

/// The granted scopes of a token at one moment. Lists are compared as sets, because the workspace sorts them. A missing
/// list is not the same as an empty one: the former means full access, and the meaning of the latter is not documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantedScopes {
    /// The workspace reported no list: full access.
    NoList,
    /// The workspace reported this list.
    List(BTreeSet<String>),
}

impl GrantedScopes {
    /// The scopes as the workspace reports them.
    pub fn of(scopes: Option<&[String]>) -> Self {
        scopes.map_or(Self::NoList, |scopes| Self::List(scopes.iter().cloned().collect()))
    }

    /// The names in alphabetical order; `None` without a list.
    pub fn names(&self) -> Option<Vec<String>> {
        match self {
            Self::NoList => None,
            Self::List(scopes) => Some(scopes.iter().cloned().collect()),
        }
    }

    /// As one line, like [`super::format_scopes`].
    pub fn text(&self) -> String {
        super::format_scopes(self.names().as_deref())
    }

    /// Whether a token with these scopes can do the same as one with the `others`.
    pub fn grants_same_as(&self, others: &[String]) -> bool {
        are_same_scopes(self.names().as_deref(), Some(others))
    }
}

/// The change of one token's scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopesPlan {
    /// The scopes that the token had when the change was planned. If they differ later, the token is not changed.
    pub before: GrantedScopes,
    /// The state of automatic scopes at that time; `None` if the workspace reported none.
    pub state_before: Option<AutoscopeState>,
    /// The scopes to set, in alphabetical order. Never empty: an empty list must not be sent.
    pub after: Vec<String>,
}

/// Why a token's scopes are not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum ScopesSkip {
    /// The token is not listed, or its row could not be read.
    NotListed,
    /// The workspace reports no granted scope as used.
    NoProposal,
    /// The token uses all of its scopes.
    NothingToLose,
    /// Its list of scopes is empty, and what that means is not documented.
    EmptyList,
    /// The meaning of its state of automatic scopes is not documented.
    StateNotDocumented,
    /// It used an API that no scope covers, and would lose access to that API.
    ApiNotCovered,
    /// Its scopes were set by hand, so they are kept anyway.
    SetByHand,
    /// Its scopes were changed after the change that is to be undone.
    ChangedSince,
    /// It already has the scopes that are to be restored.
    HasThemAlready,
    /// The scopes that it had before are not stored completely.
    BeforeNotStored,
    /// The change to undo did not affect what the token can do.
    NothingToPutBack,
}

impl ScopesSkip {
    /// The word in the database.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

impl ScopesPlan {
    fn new(token: &Token, after: impl IntoIterator<Item = String>) -> Self {
        let after: BTreeSet<_> = after.into_iter().collect();
        Self {
            before: GrantedScopes::of(token.scopes.as_deref()),
            state_before: token.autoscope.clone(),
            after: after.into_iter().collect(),
        }
    }

    /// Sets the scopes that the token already has, so that the platform no longer changes them automatically
    /// (<https://docs.databricks.com/aws/en/dev-tools/auth/pat>).
    ///
    /// # Errors
    ///
    /// If that is not needed, or such a list cannot be sent.
    pub fn keep(token: &Token) -> Result<Self, ScopesSkip> {
        if token.autoscope == Some(AutoscopeState::UserSelected) {
            return Err(ScopesSkip::SetByHand);
        }
        Self::restore(token, &GrantedScopes::of(token.scopes.as_deref()))
    }

    /// Sets the granted scopes that the workspace has seen the token use.
    ///
    /// # Errors
    ///
    /// If the workspace proposes nothing, or its proposal is not reliable.
    pub fn narrow(token: &Token) -> Result<Self, ScopesSkip> {
        match &token.autoscope {
            Some(AutoscopeState::ApiNotCovered) => return Err(ScopesSkip::ApiNotCovered),
            Some(state) if state.meaning().is_none() => return Err(ScopesSkip::StateNotDocumented),
            _ if token.scopes.as_ref().is_some_and(Vec::is_empty) => return Err(ScopesSkip::EmptyList),
            _ => {}
        }
        if let Some(reduction) = ScopeReduction::of(token) {
            return Ok(Self::new(token, reduction.keeps));
        }
        let used = token.inferred_scopes.iter().chain(&token.backfill_scopes);
        let granted = token.scopes.as_deref().unwrap_or_default();
        let uses_any = used
            .into_iter()
            .any(|scope| scope != ALL_APIS && granted.contains(scope));
        Err(match uses_any {
            true => ScopesSkip::NothingToLose,
            false => ScopesSkip::NoProposal,
        })
    }

    /// Restores the scopes that the token had `before` a change that set it to those in `written`. Either is `None` if
    /// it is not stored completely.
    ///
    /// # Errors
    ///
    /// If the token has other scopes now, or it is not known which scopes to restore.
    pub fn put_back(
        token: &Token,
        before: Option<&GrantedScopes>,
        written: Option<&[String]>,
    ) -> Result<Self, ScopesSkip> {
        let (Some(before), Some(written)) = (before, written) else {
            return Err(ScopesSkip::BeforeNotStored);
        };
        if !are_same_scopes(token.scopes.as_deref(), Some(written)) {
            return Err(
                match are_same_scopes(token.scopes.as_deref(), before.names().as_deref()) {
                    true => ScopesSkip::HasThemAlready,
                    false => ScopesSkip::ChangedSince,
                },
            );
        }
        if before.grants_same_as(written) {
            return Err(ScopesSkip::NothingToPutBack);
        }
        Self::restore(token, before)
    }

    /// Sets `scopes`. Full access without a list has to be requested explicitly.
    fn restore(token: &Token, scopes: &GrantedScopes) -> Result<Self, ScopesSkip> {
        let after = scopes.names().unwrap_or_else(|| vec![ALL_APIS.to_owned()]);
        match after.is_empty() {
            true => Err(ScopesSkip::EmptyList),
            false => Ok(Self::new(token, after)),
        }
    }

    /// The scopes that the token loses: none if it gets full access.
    pub fn loses(&self) -> Vec<String> {
        match grants_all(Some(&self.after)) {
            true => Vec::new(),
            false => self.diff().removed,
        }
    }

    /// The scopes that the token gains: none if it had full access.
    pub fn gains(&self) -> Vec<String> {
        match grants_all(self.before.names().as_deref()) {
            true => Vec::new(),
            false => self.diff().added,
        }
    }

    fn diff(&self) -> ScopeDiff {
        ScopeDiff::between(self.before.names().as_deref(), &self.after)
    }

    /// Whether the token can do the same afterwards. Then only its state shows whether the change was made.
    pub fn keeps_all(&self) -> bool {
        self.before.grants_same_as(&self.after)
    }

    /// Whether the token had no list or `all-apis`, and is set to `all-apis`. It is not documented that workspaces
    /// accept that.
    pub fn asks_for_all(&self) -> bool {
        grants_all(Some(&self.after))
    }

    /// Whether the token has the planned scopes.
    pub fn is_set(&self, token: &Token) -> bool {
        are_same_scopes(token.scopes.as_deref(), Some(&self.after))
    }

    /// Whether the token has the planned scopes, and the change is confirmed by the state "set by hand" or by different
    /// abilities of the token.
    pub fn is_confirmed(&self, token: &Token) -> bool {
        let is_by_hand = token.autoscope == Some(AutoscopeState::UserSelected);
        self.is_set(token) && (is_by_hand || !self.keeps_all())
    }

    /// Whether the token has exactly the scopes that it had when the change was planned.
    pub fn has_old_scopes(&self, token: &Token) -> bool {
        self.before == GrantedScopes::of(token.scopes.as_deref())
    }

    /// Whether the token is as it was when the change was planned: the same scopes, not set by hand since, and still
    /// observed if it was. Setting the same scopes by hand counts as a change, because someone has decided about them.
    pub fn is_unchanged(&self, token: &Token) -> bool {
        let (then, now) = (self.state_before.as_ref(), token.autoscope.as_ref());
        let is_set_by_hand = now == Some(&AutoscopeState::UserSelected) && then != now;
        let is_no_longer_observed = then == Some(&AutoscopeState::Running) && then != now;
        self.has_old_scopes(token) && !is_set_by_hand && !is_no_longer_observed
    }

    /// Whether narrowing the token now would keep no scope outside this plan. If not, the token has used another scope
    /// since, and would lose it.
    pub fn covers_use(&self, token: &Token) -> bool {
        Self::narrow(token).is_ok_and(|now| now.after.iter().all(|scope| self.after.contains(scope)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn token(scopes: Option<&[&str]>, used: &[&str], autoscope: Option<AutoscopeState>) -> Token {
        Token {
            scopes: scopes.map(names),
            inferred_scopes: names(used),
            autoscope,
            ..crate::token::tests::token()
        }
    }

    #[test]
    fn lists_are_compared_as_sets_and_no_list_is_not_an_empty_one() {
        let of = |scopes: &[&str]| GrantedScopes::of(Some(&names(scopes)));
        assert_eq!(of(&["sql", "jobs"]), of(&["jobs", "sql", "sql"]));
        assert_ne!(GrantedScopes::of(None), of(&[]));
        assert_ne!(GrantedScopes::of(None), of(&[ALL_APIS]));
        assert!(GrantedScopes::of(None).grants_same_as(&names(&[ALL_APIS])));
        assert!(!of(&[]).grants_same_as(&names(&[ALL_APIS])));
    }

    #[test]
    fn keeping_sets_what_the_token_has() {
        let keep = |scopes, state| ScopesPlan::keep(&token(scopes, &[], state)).map(|plan| plan.after);
        assert_eq!(
            keep(Some(&["sql", "jobs"]), Some(AutoscopeState::Running)),
            Ok(names(&["jobs", "sql"]))
        );
        assert_eq!(keep(None, None), Ok(names(&[ALL_APIS])), "it is asked for openly");
        assert_eq!(keep(Some(&[]), None), Err(ScopesSkip::EmptyList));
        let by_hand = Some(AutoscopeState::UserSelected);
        assert_eq!(keep(Some(&["sql"]), by_hand), Err(ScopesSkip::SetByHand));
    }

    #[test]
    fn narrowing_sets_what_the_token_uses_of_what_it_has() {
        let narrow = |scopes, used: &[&str], state| ScopesPlan::narrow(&token(scopes, used, state));
        let plan = narrow(None, &["sql"], Some(AutoscopeState::Running)).unwrap();
        assert_eq!(
            (plan.after.as_slice(), plan.loses()),
            (names(&["sql"]).as_slice(), names(&[ALL_APIS]))
        );
        assert!(!plan.keeps_all() && !plan.asks_for_all() && plan.gains().is_empty());
        for (scopes, used, state, skip) in [
            (None, &[][..], None, ScopesSkip::NoProposal),
            (Some(&["sql"][..]), &["sql"], None, ScopesSkip::NothingToLose),
            (Some(&["sql"]), &["jobs"], None, ScopesSkip::NoProposal),
            (Some(&[]), &["sql"], None, ScopesSkip::EmptyList),
            (
                None,
                &["sql"],
                Some(AutoscopeState::ApiNotCovered),
                ScopesSkip::ApiNotCovered,
            ),
        ] {
            assert_eq!(narrow(scopes, used, state), Err(skip));
        }
        let other = AutoscopeState::Other("PAUSED".into());
        for state in [other, AutoscopeState::Disabled, AutoscopeState::Backfilled] {
            assert_eq!(narrow(None, &["sql"], Some(state)), Err(ScopesSkip::StateNotDocumented));
        }
    }

    #[test]
    fn only_stored_scopes_of_an_unchanged_token_are_restored() {
        let sql = names(&["sql"]);
        let now = token(Some(&["sql"]), &[], Some(AutoscopeState::UserSelected));
        let had = GrantedScopes::of(Some(&names(&["sql", "jobs"])));
        let plan = ScopesPlan::put_back(&now, Some(&had), Some(&sql)).unwrap();
        assert_eq!(
            (plan.after.clone(), plan.gains()),
            (names(&["jobs", "sql"]), names(&["jobs"]))
        );
        let all = ScopesPlan::put_back(&now, Some(&GrantedScopes::NoList), Some(&sql)).unwrap();
        assert!(all.asks_for_all() && all.after == names(&[ALL_APIS]));
        assert_eq!((all.loses(), all.gains()), (names(&[]), names(&[ALL_APIS])));
        let colleague = token(Some(&["files"]), &[], None);
        for (token, before, written, skip) in [
            (&colleague, Some(&had), Some(sql.as_slice()), ScopesSkip::ChangedSince),
            (
                &token(Some(&["jobs", "sql"]), &[], None),
                Some(&had),
                Some(&sql),
                ScopesSkip::HasThemAlready,
            ),
            (&now, None, Some(&sql), ScopesSkip::BeforeNotStored),
            (&now, Some(&had), None, ScopesSkip::BeforeNotStored),
            (
                &now,
                Some(&GrantedScopes::of(Some(&sql))),
                Some(&sql),
                ScopesSkip::NothingToPutBack,
            ),
            (
                &now,
                Some(&GrantedScopes::of(Some(&[]))),
                Some(&sql),
                ScopesSkip::EmptyList,
            ),
        ] {
            assert_eq!(ScopesPlan::put_back(token, before, written), Err(skip));
        }
    }

    #[test]
    fn unchanged_scopes_are_confirmed_only_if_they_are_known_to_be_set_by_hand() {
        let plan = ScopesPlan::keep(&token(Some(&["sql"]), &[], Some(AutoscopeState::Running))).unwrap();
        let seen = |scopes, state| token(scopes, &[], state);
        assert!(plan.is_confirmed(&seen(Some(&["sql"]), Some(AutoscopeState::UserSelected))));
        assert!(!plan.is_confirmed(&seen(Some(&["sql"]), Some(AutoscopeState::Running))));
        assert!(!plan.is_confirmed(&seen(Some(&["jobs"]), Some(AutoscopeState::UserSelected))));
        let narrowed = ScopesPlan::narrow(&token(None, &["sql"], None)).unwrap();
        assert!(narrowed.is_confirmed(&seen(Some(&["sql"]), None)));
        assert!(narrowed.is_unchanged(&seen(None, None)) && !narrowed.is_unchanged(&seen(Some(&[]), None)));
    }

    #[test]
    fn a_token_has_changed_if_its_scopes_were_set_by_hand_or_it_is_no_longer_observed() {
        use AutoscopeState::{Completed, Running, UserSelected};
        let is_unchanged = |then: Option<AutoscopeState>, now| {
            let plan = ScopesPlan::narrow(&token(None, &["sql"], then)).unwrap();
            plan.is_unchanged(&token(None, &["sql"], now))
        };
        assert!(is_unchanged(Some(Running), Some(Running)) && is_unchanged(None, None));
        assert!(is_unchanged(None, Some(Running)), "the platform began to observe it");
        assert!(is_unchanged(Some(UserSelected), Some(UserSelected)));
        for now in [Some(UserSelected), Some(Completed), None] {
            assert!(!is_unchanged(Some(Running), now));
        }
        assert!(!is_unchanged(None, Some(UserSelected)));
    }

    #[test]
    fn a_proposal_is_outdated_if_the_token_was_seen_to_use_another_scope() {
        let plan = ScopesPlan::narrow(&token(None, &["sql"], None)).unwrap();
        assert!(plan.covers_use(&token(None, &["sql"], None)));
        assert!(!plan.covers_use(&token(None, &["sql", "jobs"], None)));
    }
}
