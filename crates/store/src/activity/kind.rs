//! The kinds of operations.

use strum::{EnumCount, EnumIter};

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq, EnumCount, EnumIter)]
pub enum ActivityKind {
    /// A token is revoked.
    RevokeToken,
    /// Many tokens are revoked, by a bulk revocation.
    RevokeTokens,
    /// A paused bulk revocation is resumed.
    ResumeBulk,
    /// The rest of a bulk revocation is cancelled.
    CancelBulk,
    /// A token's comment is changed.
    EditComment,
    /// Personal access tokens are enabled or disabled.
    SwitchTokens,
    /// The maximum lifetime of new tokens is set, in days.
    SetMaxLifetime,
    /// Grants are added or removed.
    EditAccess,
    /// A token is created for a service principal.
    CreateToken,
    /// A token's scopes are changed.
    EditScopes,
    /// The first token of the workspace is created, for the actor.
    CreateFirstToken,
    /// A finding is accepted for a while.
    AcceptFinding,
    /// An acceptance is withdrawn.
    WithdrawAcceptance,
    /// The scopes of many tokens are changed, by a bulk change.
    EditScopesInBulk,
    /// A paused bulk change of scopes is resumed.
    ResumeScopesInBulk,
    /// The rest of a bulk change of scopes is cancelled.
    CancelScopesInBulk,
    /// Stored text of another version, or of someone else.
    #[strum(disabled)]
    Other(String),
}

impl ActivityKind {
    /// Every kind of this version, in the order of the filter.
    pub const ALL: [Self; Self::COUNT] = [
        Self::RevokeToken,
        Self::RevokeTokens,
        Self::ResumeBulk,
        Self::CancelBulk,
        Self::EditComment,
        Self::SwitchTokens,
        Self::SetMaxLifetime,
        Self::EditAccess,
        Self::CreateToken,
        Self::EditScopes,
        Self::CreateFirstToken,
        Self::AcceptFinding,
        Self::WithdrawAcceptance,
        Self::EditScopesInBulk,
        Self::ResumeScopesInBulk,
        Self::CancelScopesInBulk,
    ];

    /// The word in the database, in exports and in URLs.
    pub fn to_stored(&self) -> &str {
        match self {
            Self::RevokeToken => "revoke_token",
            Self::RevokeTokens => "revoke_tokens",
            Self::ResumeBulk => "resume_job",
            Self::CancelBulk => "cancel_job",
            Self::EditComment => "edit_comment",
            Self::SwitchTokens => "switch_tokens",
            Self::SetMaxLifetime => "set_max_lifetime",
            Self::EditAccess => "edit_access",
            Self::CreateToken => "create_token",
            Self::EditScopes => "edit_scopes",
            Self::CreateFirstToken => "create_first_token",
            Self::AcceptFinding => "accept_finding",
            Self::WithdrawAcceptance => "withdraw_acceptance",
            Self::EditScopesInBulk => "edit_scopes_of_tokens",
            Self::ResumeScopesInBulk => "resume_scopes_job",
            Self::CancelScopesInBulk => "cancel_scopes_job",
            Self::Other(text) => text,
        }
    }

    /// From the word in the database or in a URL.
    pub fn from_stored(text: &str) -> Self {
        let known = Self::ALL.into_iter().find(|kind| kind.to_stored() == text);
        known.unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// The label that pages show. Unknown text is shown as it is.
    pub fn label(&self) -> &str {
        match self {
            Self::RevokeToken => "Revoke token",
            Self::RevokeTokens => "Revoke tokens in bulk",
            Self::ResumeBulk => "Resume bulk revocation",
            Self::CancelBulk => "Cancel bulk revocation",
            Self::EditComment => "Edit comment",
            Self::SwitchTokens => "Enable or disable tokens",
            Self::SetMaxLifetime => "Set maximum lifetime",
            Self::EditAccess => "Edit permissions",
            Self::CreateToken => "Create service principal token",
            Self::EditScopes => "Edit scopes",
            Self::CreateFirstToken => "Create first token",
            Self::AcceptFinding => "Accept finding",
            Self::WithdrawAcceptance => "Withdraw acceptance",
            Self::EditScopesInBulk => "Edit scopes in bulk",
            Self::ResumeScopesInBulk => "Resume bulk change of scopes",
            Self::CancelScopesInBulk => "Cancel bulk change of scopes",
            Self::Other(text) => text,
        }
    }
}
