//! How many tokens each choice of a filter would show, with the other filters as they are.

use super::columns::TokenFlags;
use crate::query::TokenQuery;
use crate::{FindingKind, PrincipalKind, Status};

/// What a query asks of a token's facts.
#[derive(Clone, Debug, Default)]
pub(super) struct FlagFilter {
    status: Option<Status>,
    owner_kind: Option<PrincipalKind>,
    by_other: bool,
    /// Bits of marks: all of these …
    all: u16,
    /// … and, where there is one, any of these.
    any: u16,
}

/// The marks of an owner who is gone. No token has both.
const OWNER_GONE: u16 =
    TokenFlags::finding(FindingKind::OwnerDeactivated) | TokenFlags::finding(FindingKind::OwnerUnknown);

impl FlagFilter {
    pub(super) fn of(query: &TokenQuery) -> Self {
        Self {
            status: query.status,
            owner_kind: query.owner_kind,
            by_other: query.created_by_other,
            ..Self::default()
        }
        .with_findings(&query.marks)
    }

    fn with_findings(self, marks: &[FindingKind]) -> Self {
        let bits = marks.iter().fold(0, |bits, mark| bits | TokenFlags::finding(*mark));
        Self {
            all: bits & !OWNER_GONE,
            any: bits & OWNER_GONE,
            ..self
        }
    }

    pub(super) fn ask_anything(&self) -> bool {
        self.status.is_some() || self.owner_kind.is_some() || self.by_other || self.all | self.any != 0
    }

    fn hold(&self, facts: TokenFlags) -> bool {
        self.status.is_none_or(|status| facts.has_status(status))
            && self.owner_kind.is_none_or(|kind| facts.has_owner_of(kind))
            && (!self.by_other || facts.is_by_other())
            && facts.0 & self.all == self.all
            && (self.any == 0 || facts.0 & self.any != 0)
    }

    /// The answer for all facts that there can be.
    pub(super) fn table(&self) -> Vec<bool> {
        let all = (0..=u16::MAX).take(TokenFlags::COUNT);
        all.map(|facts| self.hold(TokenFlags(facts))).collect()
    }
}

/// Tokens that a choice of a scope would show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeCount {
    /// The scope.
    pub name: String,
    /// How many tokens.
    pub tokens: usize,
}

/// For each choice of a filter, how many tokens it would show.
#[derive(Clone, Debug)]
pub struct Facets {
    asked: FlagFilter,
    /// Tokens that pass all filters but those of facts, by their facts.
    by_facts: Vec<(TokenFlags, usize)>,
    /// The most common scopes of the snapshot, whatever the filters, the most common first.
    pub scopes: Vec<ScopeCount>,
}

impl Facets {
    /// Scopes that are counted.
    pub const MAX_SCOPES_LISTED: usize = 50;

    pub(super) fn new(asked: FlagFilter, by_facts: Vec<usize>, scopes: Vec<ScopeCount>) -> Self {
        let by_facts = (0..=u16::MAX)
            .map(TokenFlags)
            .zip(by_facts)
            .filter(|(_, tokens)| *tokens > 0);
        Self {
            asked,
            by_facts: by_facts.collect(),
            scopes,
        }
    }

    fn count(&self, asked: &FlagFilter) -> usize {
        let passing = self.by_facts.iter().filter(|(facts, _)| asked.hold(*facts));
        passing.map(|(_, tokens)| tokens).sum()
    }

    /// With this status instead.
    pub fn status(&self, status: Status) -> usize {
        self.count(&FlagFilter {
            status: Some(status),
            ..self.asked.clone()
        })
    }

    /// With owners of this kind instead.
    pub fn owner_kind(&self, kind: PrincipalKind) -> usize {
        self.count(&FlagFilter {
            owner_kind: Some(kind),
            ..self.asked.clone()
        })
    }

    /// With those only that somebody else made for their owner.
    pub fn created_by_other(&self) -> usize {
        self.count(&FlagFilter {
            by_other: true,
            ..self.asked.clone()
        })
    }

    /// With these marks instead.
    pub fn marked(&self, marks: &[FindingKind]) -> usize {
        self.count(&self.asked.clone().with_findings(marks))
    }
}
