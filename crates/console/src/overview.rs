//! Several workspaces at a glance.

use std::sync::Arc;
use std::time::Duration;

use store::SignInId;
use tokio::time::timeout;

use crate::{Console, Error, Role, Snapshot};

/// How long a workspace that does not answer may keep the others waiting. What is being read is read on.
const SUMMARY_TIMEOUT: Duration = Duration::from_secs(4);

/// A workspace, as its person sees it.
pub struct WorkspaceSummary {
    /// Who.
    pub user_name: String,
    /// What they may do.
    pub role: Role,
    /// The counts, the policy, and when that was.
    pub snapshot: Arc<Snapshot>,
}

impl Console {
    /// A look at one workspace that ends within four seconds.
    ///
    /// # Errors
    /// [`Error::StillReading`] where it takes longer; else whatever keeps the list of tokens from being read.
    pub async fn workspace_summary(
        &self,
        workspace: String,
        sign_in: SignInId,
        request_id: String,
    ) -> Result<WorkspaceSummary, Error> {
        let console = self.clone();
        let reading = tokio::spawn(async move {
            let actor = console.actor(&workspace, &sign_in, &request_id).await?;
            match console.snapshot(&actor).await {
                Ok(snapshot) => Ok(WorkspaceSummary {
                    user_name: actor.user_name().to_owned(),
                    role: actor.role(),
                    snapshot,
                }),
                Err(error) if error.is_bad_credential() => {
                    console.end_sign_in(&actor).await;
                    Err(Error::SignedOut)
                }
                Err(error) => Err(error),
            }
        });
        match timeout(SUMMARY_TIMEOUT, reading).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(Error::StillLoading),
        }
    }
}
