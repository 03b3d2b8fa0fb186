//! Findings that someone has accepted for a while: they are not open until then.

use rustc_hash::FxHashMap;

use super::{Finding, FindingKind, KindSet};
use crate::TokenId;

/// What is accepted of the findings of tokens, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptedFindings {
    kinds: KindSet,
    tokens: FxHashMap<TokenId, KindSet>,
}

impl AcceptedFindings {
    /// Accepts a kind, for one token or for all.
    #[must_use]
    pub fn with(mut self, kind: FindingKind, token: Option<TokenId>) -> Self {
        match token {
            None => self.kinds = self.kinds.with(kind),
            Some(id) => {
                let kinds = self.tokens.entry(id).or_default();
                *kinds = kinds.with(kind);
            }
        }
        self
    }

    /// Whether nothing is accepted.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.tokens.is_empty()
    }

    /// The kinds that are accepted for a token, also if they are accepted for all.
    pub fn of(&self, token: &TokenId) -> KindSet {
        let own = self.tokens.get(token).copied().unwrap_or_default();
        own.or(self.kinds)
    }

    /// Whether `finding` of a token is accepted.
    pub fn has(&self, token: &TokenId, finding: Finding) -> bool {
        self.of(token).has(finding.kind())
    }

    /// The kinds that are accepted for all tokens.
    pub fn kinds(&self) -> KindSet {
        self.kinds
    }

    /// The kinds that are accepted for single tokens, with the tokens.
    pub fn tokens(&self) -> impl Iterator<Item = (&TokenId, KindSet)> {
        self.tokens.iter().map(|(id, kinds)| (id, *kinds))
    }
}
