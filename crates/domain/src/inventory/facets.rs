//! How many tokens each option of a filter would show if the other filters stay as they are.

use super::columns::TokenFlags;
use super::counts::Counter;
use super::scope_facts::ScopeFilter;
use super::weeks::{ExpiryWeeks, sum};
use crate::query::TokenQuery;
use crate::scopes::ScopeFacts;
use crate::{
    ExpiryWindow, FindingKind, KindSet, Known, NarrowsWithin, PrincipalKind, ScopeState, Status, Timestamp,
    UnreadParts, UseWindow,
};

/// The filters of a query that can be decided from [`TokenFlags`].
#[derive(Clone, Debug, Default)]
pub(super) struct FlagFilter {
    status: Option<Status>,
    owner_kind: Option<PrincipalKind>,
    by_other: bool,
    /// A token must have all of these findings …
    all: KindSet,
    /// … and at least one of these, if there are any.
    any: KindSet,
}

/// The findings about an owner who is deactivated, gone or unknown. A token has at most one of them.
const OWNER_MISSING: KindSet = KindSet::EMPTY
    .with(FindingKind::OwnerDeactivated)
    .with(FindingKind::OwnerGone)
    .with(FindingKind::OwnerUnknown);

impl FlagFilter {
    pub(super) fn of(query: &TokenQuery) -> Self {
        Self {
            status: query.status,
            owner_kind: query.owner_kind,
            by_other: query.created_by_other,
            ..Self::default()
        }
        .with_findings(&query.findings)
    }

    fn with_findings(self, findings: &[FindingKind]) -> Self {
        let (any, all): (Vec<_>, Vec<_>) = findings.iter().partition(|kind| OWNER_MISSING.has(**kind));
        Self {
            all: all.into_iter().collect(),
            any: any.into_iter().collect(),
            ..self
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.status.is_some() || self.owner_kind.is_some() || self.by_other || !self.all.or(self.any).is_empty()
    }

    fn matches(&self, flags: TokenFlags) -> bool {
        self.status.is_none_or(|status| flags.has_status(status))
            && self.owner_kind.is_none_or(|kind| flags.has_owner_of(kind))
            && (!self.by_other || flags.is_by_other())
            && flags.findings().has_all(self.all)
            && (self.any.is_empty() || flags.findings().has_any(self.any))
    }

    /// For each of these values, whether it matches.
    pub(super) fn table(&self, values: &[TokenFlags]) -> Vec<bool> {
        values.iter().map(|flags| self.matches(*flags)).collect()
    }
}

/// How many tokens the option for a scope would show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeCount {
    /// The scope's name.
    pub name: String,
    /// How many tokens have it and pass the other filters.
    pub tokens: usize,
}

/// How many tokens each option of a filter would show. An option that depends on missing data has no number.
#[derive(Clone, Debug)]
pub struct Facets {
    pub(super) unread: UnreadParts,
    pub(super) as_of: Timestamp,
    pub(super) chosen: FlagFilter,
    /// The number of tokens by flags, among those that pass all filters except the ones on flags.
    pub(super) by_flags: Vec<(TokenFlags, usize)>,
    /// How many tokens expire on each day of [`ExpiryWindow::day_of`].
    pub(super) by_expiry: [usize; ExpiryWindow::DAYS],
    /// How many tokens were last used on each day of [`UseWindow::day_of`].
    pub(super) by_use: [usize; UseWindow::DAYS],
    pub(super) scope_filter: ScopeFilter,
    /// The number of tokens by facts about their scopes, among those that pass all filters except the ones on these
    /// facts.
    pub(super) by_scope_facts: Vec<(ScopeFacts, usize)>,
    /// The most common scopes in the whole snapshot, most common first. The numbers depend on the filters, the order
    /// does not.
    pub scopes: Vec<ScopeCount>,
}

impl Facets {
    /// How many scopes are counted at most.
    pub const MAX_SCOPES_LISTED: usize = 50;

    fn count(&self, filter: &FlagFilter) -> usize {
        let passing = self.by_flags.iter().filter(|(flags, _)| filter.matches(*flags));
        passing.map(|(_, tokens)| tokens).sum()
    }

    /// How many tokens this status would show.
    pub fn status(&self, status: Status) -> usize {
        self.count(&FlagFilter {
            status: Some(status),
            ..self.chosen.clone()
        })
    }

    /// How many tokens this kind of owner would show.
    pub fn owner_kind(&self, kind: PrincipalKind) -> Known<usize> {
        self.unread.owner_kinds().map(|()| {
            self.count(&FlagFilter {
                owner_kind: Some(kind),
                ..self.chosen.clone()
            })
        })
    }

    /// How many tokens the filter for tokens created by someone other than their owner would show.
    pub fn created_by_other(&self) -> usize {
        self.count(&FlagFilter {
            by_other: true,
            ..self.chosen.clone()
        })
    }

    /// How many tokens this expiry filter would show.
    pub fn expires(&self, window: ExpiryWindow) -> usize {
        sum(&self.by_expiry, window.days())
    }

    /// How many tokens this filter by last use would show.
    pub fn last_used(&self, window: UseWindow) -> usize {
        sum(&self.by_use, window.days())
    }

    /// How many tokens this filter by scope state would show.
    pub fn scope_state(&self, state: ScopeState) -> usize {
        self.scope_filter.with_state(state, &self.by_scope_facts)
    }

    /// How many tokens this filter by the time until scopes are removed would show.
    pub fn narrows_within(&self, window: NarrowsWithin) -> usize {
        self.scope_filter.with_window(window, &self.by_scope_facts)
    }

    /// The tokens by the week of their expiry.
    pub fn expiry_weeks(&self) -> ExpiryWeeks {
        ExpiryWeeks::new(&self.by_expiry, self.unread, self.as_of)
    }

    /// How many tokens the filter of a counter would show, together with the other filters.
    pub fn counter(&self, counter: Counter) -> Known<usize> {
        match counter {
            Counter::Active => Known::Known(self.status(Status::Active)),
            Counter::ExpiringSoon => Known::Known(self.expires(ExpiryWindow::Days7)),
            _ => self.with_finding(&counter.query().findings),
        }
    }

    /// How many tokens the filter by these findings would show.
    pub fn with_finding(&self, findings: &[FindingKind]) -> Known<usize> {
        let missing = findings.iter().find_map(|kind| self.unread.finding(*kind).missing());
        match missing {
            Some(part) => Known::NotAvailable(part),
            None => Known::Known(self.count(&self.chosen.clone().with_findings(findings))),
        }
    }
}
