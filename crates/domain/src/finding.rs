//! Findings: what an admin should look at in a token, in addition to its status. A token can have several.

mod accepted;
mod kind;
mod rule;
mod workspace;

use std::fmt;

use crate::scopes::{ALL_APIS, ScopeGrants, will_be_narrowed};
use crate::token_usage::recently_used;
use crate::{DAY, Expiry, Known, MaxLifetime, Owner, PrincipalKind, Status, Timestamp, Token, UnreadPart};

pub use accepted::{
    AcceptanceInputError, AcceptedFindings, MAX_ACCEPTANCE_DAYS, MAX_ACCEPTANCE_REASON_CHARS, parse_acceptance,
};
pub use kind::{FindingKind, KindSet};
pub use rule::{LONG_LIFETIME_DAYS, NEAR_TOKEN_LIMIT, Rule, Severity, TOKEN_LIMIT, WorkspaceFinding};
pub use workspace::{FindingSubject, WorkspaceFacts};

/// Databricks automatically revokes tokens that were not used for this many days, regardless of their expiry
/// (<https://docs.databricks.com/aws/en/admin/access-control/tokens>).
pub const IDLE_REVOCATION_DAYS: i64 = 90;

/// After this many days without use, a token has the finding [`Finding::Idle`], early enough to act before it is
/// revoked.
pub const IDLE_FINDING_DAYS: i64 = 60;

/// A token that expires within this many days, of 24 hours each, has the finding [`Finding::ExpiresSoon`].
pub const EXPIRES_SOON_DAYS: u32 = 7;

/// Up to this many scopes count as few.
pub const FEW_SCOPES: usize = 3;

/// A finding of one token. Variants are sorted by severity, the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// It is active and was used within the last 7 days, but its owner is deactivated.
    OwnerDeactivatedInUse,
    /// Its owner is not in this workspace: the workspace was asked about the ID.
    OwnerGone,
    /// Its owner is deactivated.
    OwnerDeactivated,
    /// Its owner is not among the workspace's principals, all of which were read. The workspace was not asked about the
    /// ID, or gave no clear response.
    OwnerUnknown,
    /// The workspace reported no owner.
    NoOwner,
    /// Like [`Self::ExpiresSoon`], and it was used within the last 7 days.
    ExpiresSoonInUse(i64),
    /// It expires within [`EXPIRES_SOON_DAYS`], on the UTC day that is this many days ahead: 0 is today.
    ExpiresSoon(i64),
    /// It has no expiry.
    NeverExpires,
    /// Its owner has no permission to use tokens, so it does not work.
    OwnerLacksPermission,
    /// It is active and has the scope `authentication`, with which it can create tokens with any scope. Tokens with
    /// full access do not have this finding, since most tokens have full access.
    CanCreateTokens,
    /// It is active, and Databricks observes which scopes it uses, and will probably remove others before it expires.
    WillBeNarrowed,
    /// Its lifetime is longer than the custom limit allows for new tokens.
    OverPolicy,
    /// It has not been used for this many days, at least [`IDLE_FINDING_DAYS`].
    Idle(i64),
    /// It is active and has full access, but uses only this many scopes, at most [`FEW_SCOPES`].
    FewScopesUsed(usize),
    /// It is active and belongs to a person, but someone else created it and may know its value.
    CreatedByOther,
    /// It was never used.
    NeverUsed,
    /// It is active, and its comment is empty or consists of white space.
    NoComment,
    /// It has expired but is still listed.
    Expired,
}

impl Finding {
    /// Its kind.
    pub const fn kind(self) -> FindingKind {
        match self {
            Self::OwnerDeactivatedInUse => FindingKind::OwnerDeactivatedInUse,
            Self::OwnerGone => FindingKind::OwnerGone,
            Self::OwnerDeactivated => FindingKind::OwnerDeactivated,
            Self::OwnerUnknown => FindingKind::OwnerUnknown,
            Self::NoOwner => FindingKind::NoOwner,
            Self::ExpiresSoonInUse(_) => FindingKind::ExpiresSoonInUse,
            Self::ExpiresSoon(_) => FindingKind::ExpiresSoon,
            Self::NeverExpires => FindingKind::NeverExpires,
            Self::OwnerLacksPermission => FindingKind::OwnerLacksPermission,
            Self::CanCreateTokens => FindingKind::CanCreateTokens,
            Self::WillBeNarrowed => FindingKind::WillBeNarrowed,
            Self::OverPolicy => FindingKind::OverPolicy,
            Self::Idle(_) => FindingKind::Idle,
            Self::FewScopesUsed(_) => FindingKind::FewScopesUsed,
            Self::CreatedByOther => FindingKind::CreatedByOther,
            Self::NeverUsed => FindingKind::NeverUsed,
            Self::NoComment => FindingKind::NoComment,
            Self::Expired => FindingKind::Expired,
        }
    }

    /// Whether the owner is deactivated, gone or unknown: shown in the most urgent colour.
    pub const fn is_danger(self) -> bool {
        matches!(
            self,
            Self::OwnerDeactivatedInUse | Self::OwnerDeactivated | Self::OwnerGone | Self::OwnerUnknown
        )
    }

    /// Whether it is coloured in lists of tokens.
    pub const fn is_warning(self) -> bool {
        !self.is_danger()
            && !matches!(
                self,
                Self::NeverUsed | Self::NoComment | Self::Expired | Self::CreatedByOther | Self::WillBeNarrowed
            )
    }

    /// Whether other columns of a list show it already.
    pub const fn is_shown_in_columns(self) -> bool {
        matches!(self, Self::NoComment | Self::Expired | Self::CreatedByOther)
    }
}

/// The text in a row of the list.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnerDeactivatedInUse => f.write_str("Owner deactivated, in use"),
            Self::OwnerGone => f.write_str("Owner gone"),
            Self::OwnerDeactivated => f.write_str("Owner deactivated"),
            Self::OwnerUnknown => f.write_str("Unknown owner"),
            Self::NoOwner => f.write_str("No owner given"),
            Self::ExpiresSoon(0) | Self::ExpiresSoonInUse(0) => f.write_str("Expires today"),
            Self::ExpiresSoon(1) | Self::ExpiresSoonInUse(1) => f.write_str("Expires tomorrow"),
            Self::ExpiresSoon(days) | Self::ExpiresSoonInUse(days) => write!(f, "Expires in {days} days"),
            Self::NeverExpires => f.write_str("Never expires"),
            Self::OwnerLacksPermission => f.write_str("Owner lacks permission"),
            Self::CanCreateTokens => f.write_str("Can create tokens"),
            Self::WillBeNarrowed => f.write_str("Scopes will be narrowed"),
            Self::OverPolicy => f.write_str("Exceeds maximum lifetime"),
            Self::Idle(days) => write!(f, "Unused {days} days"),
            Self::FewScopesUsed(1) => f.write_str("Full access, 1 scope used"),
            Self::FewScopesUsed(scopes) => write!(f, "Full access, {scopes} scopes used"),
            Self::CreatedByOther => f.write_str("Created by someone else"),
            Self::NeverUsed => f.write_str("Never used"),
            Self::NoComment => f.write_str("No comment"),
            Self::Expired => f.write_str("Expired"),
        }
    }
}

/// The findings of one token, and those that could not be determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFindings([Known<Option<Finding>>; FindingKind::ALL.len()]);

impl TokenFindings {
    /// The findings of the token, the most severe first, without those that another finding implies; see
    /// [`FindingKind::covered_by`].
    pub fn found(&self) -> impl Iterator<Item = Finding> + use<> {
        let kinds = self.kinds();
        let found = self.0.into_iter().filter_map(|finding| finding.known().flatten());
        found.filter(move |finding| finding.kind().covered_by().is_none_or(|other| !kinds.has(other)))
    }

    /// The kinds of all findings that the token has.
    pub fn kinds(&self) -> KindSet {
        kinds_of(&self.0)
    }

    /// The findings that could not be determined for the token, and which data is missing.
    pub fn undetermined(&self) -> impl Iterator<Item = (FindingKind, UnreadPart)> + use<> {
        let all = FindingKind::ALL.into_iter().zip(self.0);
        all.filter_map(|(kind, finding)| Some((kind, finding.missing()?)))
    }
}

#[inline]
fn kinds_of(findings: &[Known<Option<Finding>>]) -> KindSet {
    let found = findings.iter().filter_map(|finding| finding.known().flatten());
    found.map(Finding::kind).collect()
}

/// The findings of a token at `now`. `limit` is the limit on new tokens. `can_use` says whether the owner has
/// permission to use tokens; it is ignored without an owner.
pub fn findings(
    token: &Token,
    owner: Owner<'_>,
    limit: Known<MaxLifetime>,
    can_use: Known<bool>,
    now: Timestamp,
) -> TokenFindings {
    let texts = TextFacts {
        grants: ScopeGrants::of(token.scopes.as_deref()),
        is_comment_blank: is_blank(&token.comment),
    };
    TokenFindings(evaluate(token, texts, owner, limit, can_use, now))
}

/// What the rules need to know about a token's texts. Lists get it from their columns: fetching each text from memory
/// takes longer than evaluating all rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextFacts {
    pub(crate) grants: ScopeGrants,
    pub(crate) is_comment_blank: bool,
}

/// The kinds of a token's known findings: [`TokenFindings::kinds`], for use on a whole list.
#[inline]
pub(crate) fn finding_kinds(
    token: &Token,
    texts: TextFacts,
    owner: Owner<'_>,
    limit: Known<MaxLifetime>,
    can_use: Known<bool>,
    now: Timestamp,
) -> KindSet {
    kinds_of(&evaluate(token, texts, owner, limit, can_use, now))
}

/// The rules, in the order of [`FindingKind::ALL`]. Inlined into [`finding_kinds`], which runs for every token of a
/// list, so that the compiler removes what it does not need.
#[inline(always)]
fn evaluate(
    token: &Token,
    texts: TextFacts,
    owner: Owner<'_>,
    limit: Known<MaxLifetime>,
    can_use: Known<bool>,
    now: Timestamp,
) -> [Known<Option<Finding>>; FindingKind::ALL.len()] {
    let status = token.status(now);
    let active = status == Status::Active;
    let over_policy = match active {
        true => limit.map(|limit| outlives(token, limit).then_some(Finding::OverPolicy)),
        // Only tokens that work can exceed the limit.
        false => Known::Known(None),
    };
    let by_owner = |has_finding: bool, finding| match owner {
        Owner::NotLoaded(_) => Known::NotAvailable(UnreadPart::Names),
        _ => Known::Known(has_finding.then_some(finding)),
    };
    let lacks_permission = match owner {
        Owner::Known(_) | Owner::NotLoaded(_) => {
            can_use.map(|can_use| (!can_use).then_some(Finding::OwnerLacksPermission))
        }
        Owner::Gone(_) | Owner::Unknown(_) | Owner::NotReported => Known::Known(None),
    };
    let certain = |has_finding: bool, finding| Known::Known(has_finding.then_some(finding));
    let is_deactivated = matches!(owner, Owner::Known(principal) if !principal.active);
    let is_person = matches!(owner, Owner::Known(principal) if principal.kind == PrincipalKind::User);
    let in_use = active && recently_used(token, now);
    let expiry = expires_soon(token, now);
    let expiry_in_use = expiry.filter(|_| in_use);
    let few_scopes = match active && texts.grants.all {
        true => few_scopes_used(token),
        false => None,
    };
    let by_other = match active && token.on_behalf_of() {
        true => by_owner(is_person, Finding::CreatedByOther),
        false => Known::Known(None),
    };
    [
        by_owner(is_deactivated && in_use, Finding::OwnerDeactivatedInUse),
        by_owner(matches!(owner, Owner::Gone(_)), Finding::OwnerGone),
        by_owner(is_deactivated, Finding::OwnerDeactivated),
        by_owner(matches!(owner, Owner::Unknown(_)), Finding::OwnerUnknown),
        certain(owner == Owner::NotReported, Finding::NoOwner),
        Known::Known(expiry_in_use.map(Finding::ExpiresSoonInUse)),
        Known::Known(expiry.map(Finding::ExpiresSoon)),
        certain(token.expiry == Expiry::Never, Finding::NeverExpires),
        lacks_permission,
        certain(active && texts.grants.token_creation, Finding::CanCreateTokens),
        certain(will_be_narrowed(token, now), Finding::WillBeNarrowed),
        over_policy,
        Known::Known(idle(token, now)),
        Known::Known(few_scopes),
        by_other,
        certain(token.last_used.is_none(), Finding::NeverUsed),
        certain(active && texts.is_comment_blank, Finding::NoComment),
        certain(status == Status::Expired, Finding::Expired),
    ]
}

/// The days until the expiry of an active token that expires soon.
pub(crate) fn expires_soon(token: &Token, now: Timestamp) -> Option<i64> {
    let Expiry::At(end) = token.expiry else { return None };
    let is_soon = end > now && end.duration_since(now) <= DAY * EXPIRES_SOON_DAYS;
    is_soon.then(|| end.day().days_since(now.day()))
}

/// Whether a comment is empty or consists of white space.
pub(crate) fn is_blank(comment: &str) -> bool {
    comment.chars().all(char::is_whitespace)
}

/// The finding of a token that has full access but uses few scopes.
fn few_scopes_used(token: &Token) -> Option<Finding> {
    let used = || token.inferred_scopes.iter().chain(&token.backfill_scopes);
    // If `all-apis` itself was seen in use, the individual scopes are unknown.
    if used().any(|scope| scope == ALL_APIS) {
        return None;
    }
    let is_first = |(position, scope): &(usize, &String)| !used().take(*position).any(|other| other == *scope);
    let distinct = used().enumerate().filter(is_first).take(FEW_SCOPES + 1).count();
    (1..=FEW_SCOPES)
        .contains(&distinct)
        .then_some(Finding::FewScopesUsed(distinct))
}

/// The finding of an active token that has been unused for long.
pub(crate) fn idle(token: &Token, now: Timestamp) -> Option<Finding> {
    let days = token.idle_days(now).filter(|_| token.status(now) == Status::Active)?;
    (days >= IDLE_FINDING_DAYS).then_some(Finding::Idle(days))
}

/// Whether a token's lifetime, from its creation, exceeds a custom limit.
pub(crate) fn outlives(token: &Token, limit: MaxLifetime) -> bool {
    let Some(days) = limit.custom_days() else {
        return false;
    };
    match (token.expiry, token.created) {
        (Expiry::Never, _) => true,
        (Expiry::At(end), Some(created)) => end.duration_since(created) > DAY * days,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
