//! What people typed into forms, kept for half an hour: for the same person, in the same workspace.

use domain::PrincipalId;
use store::{FormDraft, FormDraftId, SignInId};

use crate::{Console, Error, now};

impl Console {
    /// Keeps what someone typed for a workspace. `principal` is who they are, as far as their browser knows. `fields`
    /// is a query string without token values. `interrupted` says that their session had ended, so that nothing was
    /// changed.
    ///
    /// # Errors
    /// If the workspace is not configured, or the database fails.
    pub async fn keep_form_draft(
        &self,
        workspace: &str,
        principal: Option<PrincipalId>,
        fields: String,
        interrupted: bool,
    ) -> Result<FormDraftId, Error> {
        let draft = FormDraft {
            binding: self.workspace(workspace)?.binding(),
            principal,
            fields,
            interrupted,
            created: now(),
        };
        Ok(self.0.store.keep_form_draft(draft).await?)
    }

    /// What `principal` typed for this workspace. `None` if it is no longer kept, or someone else typed it.
    ///
    /// # Errors
    /// If the workspace is not configured, or the database fails.
    pub async fn form_draft(
        &self,
        workspace: &str,
        principal: Option<PrincipalId>,
        id: &FormDraftId,
    ) -> Result<Option<FormDraft>, Error> {
        let binding = self.workspace(workspace)?.binding();
        let draft = self.0.store.form_draft(id, now()).await?;
        Ok(draft
            .filter(|draft| draft.binding == binding && (draft.principal.is_none() || draft.principal == principal)))
    }

    /// Who signed in, if the session has not ended.
    pub async fn principal_of(&self, sign_in: &SignInId) -> Option<PrincipalId> {
        Some(self.load(sign_in).await.ok()?.0.principal)
    }
}
