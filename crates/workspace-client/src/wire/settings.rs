//! `/api/2.0/settings/types/restrict_workspace_admins/names/default`.

use domain::AdminRestriction;
use serde::Deserialize;

/// The setting. The older interface has one object. The newer one has what was set and what applies, and can lack
/// either.
#[derive(Debug, Deserialize)]
pub(crate) struct RestrictWorkspaceAdmins {
    restrict_workspace_admins: Option<SettingStatus>,
    effective_restrict_workspace_admins: Option<SettingStatus>,
}

#[derive(Debug, Deserialize)]
struct SettingStatus {
    status: Option<String>,
}

impl RestrictWorkspaceAdmins {
    /// The keys of a response, which has at least one of them.
    pub(crate) const NAMES: [&'static str; 2] = ["restrict_workspace_admins", "effective_restrict_workspace_admins"];

    /// What applies, or the name of the field that has an unknown meaning, which never counts as “allowed”.
    pub(crate) fn into_restriction(self) -> Result<AdminRestriction, String> {
        let applies = self
            .effective_restrict_workspace_admins
            .or(self.restrict_workspace_admins);
        let status = applies.and_then(|setting| setting.status);
        match status.as_deref() {
            Some("ALLOW_ALL") => Ok(AdminRestriction::AllowAll),
            Some("RESTRICT_TOKENS_AND_JOB_RUN_AS") => Ok(AdminRestriction::RestrictTokens),
            _ => Err("status".to_owned()),
        }
    }
}
