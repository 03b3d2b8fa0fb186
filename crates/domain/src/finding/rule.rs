//! The rules behind findings: how urgent each is, why it matters, how to fix it, and its source.

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{FindingKind, KindSet};
use crate::query::TokenQuery;
use crate::{Status, UnreadPart};

/// The maximum number of tokens per person in a workspace (<https://docs.databricks.com/aws/en/resources/limits>).
pub const TOKEN_LIMIT: usize = 600;

/// An owner with this many active tokens is near [`TOKEN_LIMIT`].
pub const NEAR_TOKEN_LIMIT: usize = TOKEN_LIMIT * 9 / 10;

/// A maximum lifetime of more days than this is a finding.
pub const LONG_LIFETIME_DAYS: u32 = 90;

/// On monitoring and revoking tokens, their maximum lifetime, and the revocation of unused ones.
const TOKENS_PAGE: &str = "https://docs.databricks.com/aws/en/admin/access-control/tokens";

/// On who can create and use tokens.
const PERMISSIONS_PAGE: &str = "https://docs.databricks.com/aws/en/security/auth/api-access-permissions";

/// On tokens, their scopes, and how Databricks removes unused scopes.
const SCOPES_PAGE: &str = "https://docs.databricks.com/aws/en/dev-tools/auth/pat";

/// On groups, and where they should be managed.
const GROUPS_PAGE: &str = "https://docs.databricks.com/aws/en/admin/users-groups/groups";

/// On users, and deactivating them.
const USERS_PAGE: &str = "https://docs.databricks.com/aws/en/admin/users-groups/users";

/// On limits.
const LIMITS_PAGE: &str = "https://docs.databricks.com/aws/en/resources/limits";

/// How urgent a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum Severity {
    /// Someone may hold a working token who should not have one.
    ActNow,
    /// It breaks the workspace's rules, or will break something.
    FixSoon,
    /// It can wait.
    TidyUp,
}

impl Severity {
    /// Every severity, the most urgent first.
    pub const ALL: [Self; Self::VARIANTS.len()] = crate::variants::all(Self::VARIANTS);

    /// Its name on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ActNow => "Act now",
            Self::FixSoon => "Fix soon",
            Self::TidyUp => "Tidy up",
        }
    }

    /// What it means.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ActNow => "someone who should not have a working token may have one",
            Self::FixSoon => "breaks the workspace's rules, or will break something",
            Self::TidyUp => "no risk today",
        }
    }
}

/// The kinds of findings about a workspace rather than about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum WorkspaceFinding {
    /// The group `users` has a grant.
    EveryoneCanCreate,
    /// New tokens have no maximum lifetime, or one above [`LONG_LIFETIME_DAYS`].
    LongMaxLifetime,
    /// An owner has at least [`NEAR_TOKEN_LIMIT`] active tokens.
    NearTokenLimit,
    /// A group of this workspace has a grant. Not `admins` and `users`.
    GrantToLocalGroup,
    /// A person has a direct grant.
    GrantToPerson,
    /// A group with unknown members has a grant.
    GrantWithUnknownMembers,
}

impl WorkspaceFinding {
    /// Every kind.
    pub const ALL: [Self; Self::VARIANTS.len()] = crate::variants::all(Self::VARIANTS);

    /// The data without which this finding cannot be determined.
    pub const fn depends_on(self) -> Option<UnreadPart> {
        match self {
            Self::EveryoneCanCreate | Self::GrantToPerson => Some(UnreadPart::Permissions),
            Self::GrantToLocalGroup | Self::GrantWithUnknownMembers => Some(UnreadPart::Groups),
            Self::LongMaxLifetime => Some(UnreadPart::Policy),
            Self::NearTokenLimit => None,
        }
    }
}

/// A check that is made in every workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Tokens should not have this finding.
    Token(FindingKind),
    /// The workspace should not have this finding.
    Workspace(WorkspaceFinding),
}

use FindingKind as Kind;
use WorkspaceFinding as Setting;

impl Rule {
    /// Every rule, by severity, in the order of the page. [`FindingKind::ExpiresSoon`] is not a rule: an unused token
    /// that expires is not a problem.
    pub const ALL: [Self; 23] = [
        Self::Token(Kind::OwnerDeactivatedInUse),
        Self::Token(Kind::OwnerGone),
        Self::Token(Kind::OwnerDeactivated),
        Self::Token(Kind::ExpiresSoonInUse),
        Self::Workspace(Setting::EveryoneCanCreate),
        Self::Workspace(Setting::LongMaxLifetime),
        Self::Token(Kind::NeverExpires),
        Self::Token(Kind::OwnerLacksPermission),
        Self::Token(Kind::CanCreateTokens),
        Self::Token(Kind::WillBeNarrowed),
        Self::Token(Kind::OwnerUnknown),
        Self::Token(Kind::NoOwner),
        Self::Workspace(Setting::NearTokenLimit),
        Self::Token(Kind::OverPolicy),
        Self::Token(Kind::Idle),
        Self::Token(Kind::FewScopesUsed),
        Self::Token(Kind::CreatedByOther),
        Self::Workspace(Setting::GrantToLocalGroup),
        Self::Workspace(Setting::GrantToPerson),
        Self::Workspace(Setting::GrantWithUnknownMembers),
        Self::Token(Kind::NeverUsed),
        Self::Token(Kind::NoComment),
        Self::Token(Kind::Expired),
    ];

    /// Its stable ID, in URLs and in the activity log.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Token(kind) => kind.slug(),
            Self::Workspace(finding) => finding.into(),
        }
    }

    /// The rule with this ID.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.slug() == slug)
    }

    /// How urgent it is.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Token(Kind::OwnerDeactivatedInUse | Kind::OwnerGone) => Severity::ActNow,
            Self::Token(
                Kind::OwnerDeactivated
                | Kind::ExpiresSoonInUse
                | Kind::NeverExpires
                | Kind::OwnerLacksPermission
                | Kind::CanCreateTokens
                | Kind::WillBeNarrowed
                | Kind::OwnerUnknown
                | Kind::NoOwner,
            )
            | Self::Workspace(Setting::EveryoneCanCreate | Setting::LongMaxLifetime | Setting::NearTokenLimit) => {
                Severity::FixSoon
            }
            Self::Token(_) | Self::Workspace(_) => Severity::TidyUp,
        }
    }

    /// Its name on pages.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Token(Kind::OwnerDeactivatedInUse) => "Owner deactivated, still used this week",
            Self::Token(Kind::ExpiresSoonInUse) => "Expires in 7 days, used this week",
            Self::Token(Kind::WillBeNarrowed) => "Databricks will narrow the scopes",
            Self::Token(Kind::OverPolicy) => "Over policy",
            Self::Token(Kind::Idle) => "Unused 60 days",
            Self::Token(Kind::Expired) => "Expired, still listed",
            Self::Token(kind) => kind.label(),
            Self::Workspace(Setting::EveryoneCanCreate) => "Everyone can create tokens",
            Self::Workspace(Setting::LongMaxLifetime) => "No maximum lifetime of 90 days or less",
            Self::Workspace(Setting::NearTokenLimit) => "Owner near the limit of 600 tokens",
            Self::Workspace(Setting::GrantToLocalGroup) => "Permission for a group of this workspace only",
            Self::Workspace(Setting::GrantToPerson) => "Permission for one person",
            Self::Workspace(Setting::GrantWithUnknownMembers) => "Permission for a group with unknown members",
        }
    }

    /// Why it matters.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Token(kind) => token_reason(kind),
            Self::Workspace(Setting::EveryoneCanCreate) => {
                "The group “users” has permission, so everyone in this workspace can create and use tokens."
            }
            Self::Workspace(Setting::LongMaxLifetime) => {
                "A new token can last longer than 90 days. The longer a token lasts, the longer a leaked one works."
            }
            Self::Workspace(Setting::NearTokenLimit) => {
                "A person can have 600 tokens in a workspace. Beyond that, Databricks refuses to create another one."
            }
            Self::Workspace(Setting::GrantToLocalGroup) => {
                "Your identity provider does not know this group, so people who leave stay in it until someone \
                 removes them."
            }
            Self::Workspace(Setting::GrantToPerson) => {
                "A person keeps their own permission when they change teams. A group's permission follows its members."
            }
            Self::Workspace(Setting::GrantWithUnknownMembers) => {
                "The workspace does not list all members of this group, so it is unknown who else can create tokens."
            }
        }
    }

    /// What to do about it.
    pub const fn fix(self) -> &'static str {
        match self {
            Self::Token(kind) => token_fix(kind),
            Self::Workspace(Setting::EveryoneCanCreate) => {
                "Grant the permission to the groups that need it, then remove “users”."
            }
            Self::Workspace(Setting::LongMaxLifetime) => "Set a maximum lifetime of 90 days or less.",
            Self::Workspace(Setting::NearTokenLimit) => "Revoke the tokens that are no longer used.",
            Self::Workspace(Setting::GrantToLocalGroup) => {
                "Grant the permission to a group from your identity provider, then remove this one."
            }
            Self::Workspace(Setting::GrantToPerson) => {
                "Add the person to a group that has the permission, then remove this permission."
            }
            Self::Workspace(Setting::GrantWithUnknownMembers) => {
                "Check the members of this group in the account console."
            }
        }
    }

    /// The vendor's page about it.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Token(
                Kind::OwnerGone
                | Kind::OwnerDeactivated
                | Kind::OwnerDeactivatedInUse
                | Kind::OwnerUnknown
                | Kind::NoOwner
                | Kind::CreatedByOther,
            ) => USERS_PAGE,
            Self::Token(Kind::OwnerLacksPermission)
            | Self::Workspace(Setting::EveryoneCanCreate | Setting::GrantToPerson) => PERMISSIONS_PAGE,
            Self::Token(Kind::CanCreateTokens | Kind::WillBeNarrowed | Kind::FewScopesUsed) => SCOPES_PAGE,
            Self::Workspace(Setting::GrantToLocalGroup | Setting::GrantWithUnknownMembers) => GROUPS_PAGE,
            Self::Workspace(Setting::NearTokenLimit) => LIMITS_PAGE,
            Self::Token(_) | Self::Workspace(_) => TOKENS_PAGE,
        }
    }

    /// The corresponding checks of the vendor's Security Analysis Tool
    /// (<https://github.com/databricks-industry-solutions/security-analysis-tool>).
    pub const fn security_analysis_checks(self) -> Option<&'static str> {
        match self {
            Self::Workspace(Setting::EveryoneCanCreate) => Some("IA-8"),
            Self::Workspace(Setting::LongMaxLifetime) => Some("IA-5, IA-6"),
            Self::Token(_) | Self::Workspace(_) => None,
        }
    }

    /// The filter that lists the tokens with the finding; if `is_open`, without those for which it is accepted. `None`
    /// for a rule that is not about tokens.
    pub fn query(self, is_open: bool) -> Option<TokenQuery> {
        let Self::Token(kind) = self else { return None };
        Some(TokenQuery {
            findings: vec![kind],
            status: (!kind.implies_active() && kind != Kind::Expired).then_some(Status::Active),
            without_accepted: is_open,
            ..TokenQuery::default()
        })
    }
}

impl KindSet {
    /// The kinds of findings with this severity.
    pub fn of_severity(severity: Severity) -> Self {
        let rules = Rule::ALL.into_iter().filter(|rule| rule.severity() == severity);
        let kinds = rules.filter_map(|rule| match rule {
            Rule::Token(kind) => Some(kind),
            Rule::Workspace(_) => None,
        });
        kinds.collect()
    }
}

const fn token_reason(kind: Kind) -> &'static str {
    match kind {
        Kind::OwnerDeactivatedInUse => {
            "The owner left, yet the token was used in the last 7 days. Whether it works now is not documented."
        }
        Kind::OwnerGone => {
            "The workspace has no such user or service principal any more, so no one looks after these tokens."
        }
        Kind::OwnerDeactivated => "The owner cannot sign in. Whether the token still works is not documented.",
        Kind::ExpiresSoonInUse => {
            "Anything that uses these tokens stops working when they expire. A lifetime cannot be extended."
        }
        Kind::ExpiresSoon => "They stop working in a few days.",
        Kind::NeverExpires => "They never expire: a leaked one works until someone revokes it.",
        Kind::OwnerLacksPermission => "They are refused today, and can work again if the permission is granted.",
        Kind::CanCreateTokens => {
            "Their scope “authentication” lets anyone who has such a token create others with any scope."
        }
        Kind::WillBeNarrowed => {
            "Databricks observes which scopes they use, and takes the others away after about 30 days. Something that \
             runs rarely can lose a scope that it needs."
        }
        Kind::OwnerUnknown => "The workspace does not list the owner. Whether the owner still exists is unknown.",
        Kind::NoOwner => "The workspace does not report who owns these tokens.",
        Kind::OverPolicy => "They last longer than new tokens can: they were created before the limit.",
        Kind::Idle => "Databricks revokes a token after 90 days without use.",
        Kind::FewScopesUsed => "They can call every API, and have been seen to use 3 scopes or fewer.",
        Kind::CreatedByOther => {
            "Someone else created them for a person and might know their values. On behalf of a service principal, \
             that is usual."
        }
        Kind::NeverUsed => "The workspace has not recorded any use of them.",
        Kind::NoComment => "They have no comment, so no one can tell what stops working when they are revoked.",
        Kind::Expired => "They no longer work. How long the workspace keeps listing them is not documented.",
    }
}

const fn token_fix(kind: Kind) -> &'static str {
    match kind {
        Kind::OwnerDeactivatedInUse => "Find what uses it, move that to a service principal, then revoke the token.",
        Kind::OwnerGone => "Revoke them. No one can rotate these.",
        Kind::OwnerDeactivated => "Revoke them, unless the owner comes back.",
        Kind::ExpiresSoonInUse | Kind::ExpiresSoon => {
            "Ask the owner for a new token, or create one for the service principal."
        }
        Kind::NeverExpires => "Create a replacement with an expiry, then revoke.",
        Kind::OwnerLacksPermission => "Revoke them, or grant the permission.",
        Kind::CanCreateTokens => "Take the scope away where it is not needed.",
        Kind::WillBeNarrowed => "Check what each loses. To keep a scope, set the scopes yourself.",
        Kind::OwnerUnknown | Kind::NoOwner => "Find out who uses them, then revoke what no one needs.",
        Kind::OverPolicy => "Replace them at the next rotation.",
        Kind::Idle => "Revoke them, or let Databricks do it.",
        Kind::FewScopesUsed => "Narrow them to the scopes that they use.",
        Kind::CreatedByOther => "Ask the owner to create their own token, then revoke this one.",
        Kind::NeverUsed => "Ask the owner whether it is needed, then revoke what is not.",
        Kind::NoComment => "Ask the owner what it is for, and add a comment.",
        Kind::Expired => "Nothing to do.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_and_every_finding_of_a_workspace_is_a_rule_with_an_id_of_its_own() {
        let slugs: HashSet<_> = Rule::ALL.into_iter().map(Rule::slug).collect();
        assert_eq!(slugs.len(), Rule::ALL.len());
        for kind in FindingKind::ALL {
            assert_eq!(Rule::ALL.contains(&Rule::Token(kind)), kind != Kind::ExpiresSoon);
        }
        for finding in WorkspaceFinding::ALL {
            assert!(Rule::ALL.contains(&Rule::Workspace(finding)));
        }
        for rule in Rule::ALL {
            assert_eq!(Rule::from_slug(rule.slug()), Some(rule));
        }
    }

    #[test]
    fn rules_are_in_the_order_of_their_severity() {
        assert!(Rule::ALL.is_sorted_by_key(|rule| rule.severity()));
    }
}
