//! Summaries of several workspaces.

use std::sync::Arc;
use std::time::Duration;

use store::SignInId;
use tokio::time::timeout;

use crate::{Console, Error, RequestSource, Role, Snapshot};

/// How long a page waits for the summary of a workspace. Reading continues after that.
const SUMMARY_TIMEOUT: Duration = Duration::from_secs(4);

/// A workspace, as one person sees it.
pub struct WorkspaceSummary {
    /// The username that they are signed in with.
    pub user_name: String,
    /// Their role there.
    pub role: Role,
    /// Its tokens and policy, and when they were read.
    pub snapshot: Arc<Snapshot>,
}

impl Console {
    /// The summary of one workspace, within four seconds.
    ///
    /// # Errors
    /// [`Error::StillLoading`] if it takes longer; otherwise whatever keeps the list of tokens from being read.
    pub async fn workspace_summary(
        &self,
        workspace: String,
        sign_in: SignInId,
        request: RequestSource,
    ) -> Result<WorkspaceSummary, Error> {
        let console = self.clone();
        let reading = tokio::spawn(async move {
            let actor = console.actor(&workspace, &sign_in, request).await?;
            match console.snapshot(&actor).await {
                Ok(snapshot) => Ok(WorkspaceSummary {
                    user_name: actor.user_name().to_owned(),
                    role: actor.role(),
                    snapshot,
                }),
                Err(error) if error.is_bad_credential() => match console.renew_or_end_sign_in(&actor).await? {
                    // The next reading uses the new credential.
                    true => Err(Error::StillLoading),
                    false => Err(Error::SignedOut),
                },
                Err(error) => Err(error),
            }
        });
        match timeout(SUMMARY_TIMEOUT, reading).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(Error::StillLoading),
        }
    }
}
