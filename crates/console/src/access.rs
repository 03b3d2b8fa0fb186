//! Who may create and use tokens, in numbers. Editing it is another use case.

use workspace_client::{GrantPrincipal, Level};

use crate::{Actor, Console, Error, proof};

/// The group of everybody in a workspace.
const EVERYBODY: &str = "users";

/// The workspace's access control list for tokens, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessSummary {
    /// Groups that may use tokens, without `admins` and without `users`.
    pub groups: usize,
    /// Users that are named themselves.
    pub users: usize,
    /// Service principals that are named themselves.
    pub service_principals: usize,
    /// Whether `users`, and so everybody in the workspace, may.
    pub everybody: bool,
}

impl Console {
    /// Counts who may create and use tokens besides the admins, read now.
    ///
    /// # Errors
    /// "No token yet" where the workspace has none: it keeps no list before the first one
    /// (<https://github.com/databricks/terraform-provider-databricks/issues/1122>); else whatever keeps it from being
    /// read.
    pub async fn access_summary(&self, actor: &Actor) -> Result<AccessSummary, Error> {
        proof::prove(actor).await?;
        let list = actor.note(actor.api().token_permissions().await)?;
        let mut summary = AccessSummary::default();
        for grant in list.grants.iter().filter(|g| g.levels.contains(&Level::CanUse)) {
            match &grant.principal {
                GrantPrincipal::Group(name) if name == EVERYBODY => summary.everybody = true,
                GrantPrincipal::Group(_) => summary.groups += 1,
                GrantPrincipal::User(_) => summary.users += 1,
                GrantPrincipal::ServicePrincipal(_) => summary.service_principals += 1,
            }
        }
        Ok(summary)
    }
}
