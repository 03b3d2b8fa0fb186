//! One token: as just read, or as it was listed if the workspace does not respond.

use std::sync::Arc;
use std::time::Duration;

use domain::{
    Directory, Finding, Known, MaxLifetime, Policy, Rule, Timestamp, Token, TokenFindings, TokenId, UnreadParts,
    permission_of,
};
use tokio::time::{Instant, timeout};

use crate::cache::part::PartProblem;
use crate::cache::snapshot::{PartViews, limit_of};
use crate::findings::AcceptedFinding;
use crate::{Actor, Console, Error};

/// How long a page waits for a token that it can show as it was listed.
const TOKEN_WAIT: Duration = Duration::from_secs(3);

/// One token, with what is needed to show it.
pub struct TokenDetail {
    /// The token.
    pub token: Token,
    /// The users and service principals of the workspace.
    pub directory: Arc<Directory>,
    /// The policy; `None` if it could not be read.
    pub policy: Option<Policy>,
    /// Whether its owner can use tokens. Meaningless without an owner.
    pub can_use: Known<bool>,
    /// The accepted findings: for this token, and for all tokens.
    pub accepted: Vec<AcceptedFinding>,
    /// The other parts that are still being read.
    pub loading: UnreadParts,
    /// When the workspace responded.
    pub as_of: Timestamp,
    /// Why the token is shown as it was in the last list, if it is.
    pub problem: Option<PartProblem>,
}

impl TokenDetail {
    /// The maximum lifetime of new tokens.
    pub fn limit(&self) -> Known<MaxLifetime> {
        limit_of(self.policy)
    }

    /// The token's findings, and those that could not be determined.
    pub fn findings(&self) -> TokenFindings {
        let owner = self.directory.owner(self.token.owner);
        domain::findings(&self.token, owner, self.limit(), self.can_use, self.as_of)
    }

    /// The acceptance of one of its findings. One for this token comes before one for all.
    pub fn acceptance(&self, finding: Finding) -> Option<&AcceptedFinding> {
        let of_rule = |accepted: &&AcceptedFinding| accepted.rule == Rule::Token(finding.kind());
        self.accepted
            .iter()
            .filter(of_rule)
            .max_by_key(|accepted| accepted.token.is_some())
    }
}

impl Console {
    /// One token, read now, with as much as is known about it.
    ///
    /// # Errors
    /// [`Error::TokenNotFound`] if the workspace does not know the ID; otherwise if the token cannot be read.
    pub async fn token(&self, actor: &Actor, id: &TokenId) -> Result<TokenDetail, Error> {
        let began = self.begin_parts_if_proven(actor);
        let token = read_token(actor, id).await?;
        self.token_detail(actor, began, token, None).await
    }

    /// Like [`token`](Self::token), for a page that can show the token as it was listed: if the workspace does not
    /// respond, or not quickly, and a list from the last fifteen minutes has the token.
    ///
    /// # Errors
    /// As [`token`](Self::token).
    pub async fn token_or_listed(&self, actor: &Actor, id: &TokenId) -> Result<TokenDetail, Error> {
        let Some(listed) = self.listed_token(actor, id) else {
            return self.token(actor, id).await;
        };
        let began = self.begin_parts_if_proven(actor);
        let problem = match timeout(TOKEN_WAIT, read_token(actor, id)).await {
            Err(_) => PartProblem::Loading,
            Ok(Err(Error::Workspace(error))) if error.kind.is_outage() => {
                let pause = error.retry_after().unwrap_or_default();
                PartProblem::Failed(error, pause)
            }
            Ok(token) => return self.token_detail(actor, began, token?, None).await,
        };
        self.token_detail(actor, began, listed.token, Some((problem, listed.as_of)))
            .await
    }

    /// Begins to read the other parts, if the actor was proven to be an admin or auditor. Returns the time.
    fn begin_parts_if_proven(&self, actor: &Actor) -> Instant {
        if actor.workspace.proofs.is_valid(&actor.sign_in) {
            actor.workspace.parts.begin(actor, self.0.timing);
        }
        Instant::now()
    }

    /// The token as it was listed, if the actor can be shown that without asking the workspace again.
    fn listed_token(&self, actor: &Actor, id: &TokenId) -> Option<TokenInList> {
        let workspace = &actor.workspace;
        let is_revoked = workspace.revocations.get(id).is_some();
        if is_revoked || !workspace.proofs.is_valid(&actor.sign_in) {
            return None;
        }
        let list = workspace
            .parts
            .tokens
            .view(&actor.sign_in, self.0.timing.part_ttl())
            .value?;
        Some(TokenInList {
            token: list.inventory.get(id)?.clone(),
            as_of: list.inventory.as_of(),
        })
    }

    async fn token_detail(
        &self,
        actor: &Actor,
        began: Instant,
        token: Token,
        outdated: Option<(PartProblem, Timestamp)>,
    ) -> Result<TokenDetail, Error> {
        let (workspace, timing) = (&actor.workspace, self.0.timing);
        // The caller is an admin or auditor: no one else can read any token.
        workspace.parts.begin(actor, timing);
        workspace.parts.settle_for_page(began, timing).await;
        let parts = PartViews::of(workspace, &actor.sign_in, timing);
        let (access, directory) = workspace.assembly.access(&parts).await?;
        let mut accepted = self.acceptances(actor).await?;
        accepted.retain(|accepted| {
            let is_of_token = accepted.token.as_ref().is_none_or(|of| *of == token.id);
            is_of_token && matches!(accepted.rule, Rule::Token(_))
        });
        let (problem, as_of) = outdated.unzip();
        Ok(TokenDetail {
            accepted,
            can_use: permission_of(&access, &directory, token.owner),
            token,
            loading: parts.loading(&access),
            policy: parts.policy(),
            directory,
            as_of: as_of.unwrap_or_else(|| workspace.time()),
            problem,
        })
    }
}

/// A token in the list that was read last.
struct TokenInList {
    token: Token,
    /// When the list was read.
    as_of: Timestamp,
}

async fn read_token(actor: &Actor, id: &TokenId) -> Result<Token, Error> {
    match actor.api().token(id).await {
        // A missing interface responds in the same way, so another call has to work.
        Err(error) if error.is_missing_resource() && actor.api().me().await.is_ok() => Err(Error::TokenNotFound(error)),
        token => actor.end_proof_if_refused(token),
    }
}
