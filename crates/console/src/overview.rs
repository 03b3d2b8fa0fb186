//! Summaries of several workspaces, and what needs attention in each.

use std::sync::Arc;
use std::time::Duration;

use domain::{DAY, FindingKind, Rule, Severity, WorkspaceFinding};
use store::{
    ActivityKind, ActivityQuery, BulkId, BulkItemState, BulkKind, BulkState, BulkSummary, Detail, Operation, Outcome,
    SignInId,
};
use tokio::time::timeout;

use crate::findings::{RuleResult, open_results};
use crate::inventory::SnapshotAge;
use crate::{Actor, Console, Error, RequestSource, Role, Snapshot, now};

/// How long a page waits for the summary of a workspace, so that a slow one does not hold up the others. Reading
/// continues after that.
const SUMMARY_TIMEOUT: Duration = Duration::from_secs(2);

/// How long ago a bulk change can have been started that needs attention.
const BULK_WINDOW: Duration = DAY.saturating_mul(7);

/// How many of the latest bulk changes are looked at.
const MAX_BULKS: u32 = 20;

/// How many successful operations are searched for the latest change.
const MAX_OPERATIONS: u32 = 20;

/// A workspace, as one person sees it.
pub struct WorkspaceSummary {
    /// The username that they are signed in with.
    pub user_name: String,
    /// Their role there.
    pub role: Role,
    /// Its tokens and policy, and when they were read.
    pub snapshot: Arc<Snapshot>,
    /// How old the snapshot is.
    pub age: SnapshotAge,
    /// The latest change that was made through this console.
    pub last_change: Option<Operation>,
    /// What needs attention, the most severe first.
    pub attention: Vec<Attention>,
}

/// Something that an admin should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attention {
    /// A rule found something.
    Finding(RuleResult),
    /// Tokens of a bulk change could not be changed, or it is not known whether they were.
    BulkFailed {
        /// The bulk change.
        id: BulkId,
        /// What it does to its tokens.
        kind: BulkKind,
        /// How many of its tokens.
        failed: usize,
    },
    /// A bulk change is paused.
    BulkPaused {
        /// The bulk change.
        id: BulkId,
        /// What it does to its tokens.
        kind: BulkKind,
    },
}

impl Attention {
    /// Whether it is about access that should not exist, or about something that failed.
    pub fn is_severe(&self) -> bool {
        match self {
            Self::Finding(result) => result.rule.severity() == Severity::ActNow,
            Self::BulkFailed { .. } | Self::BulkPaused { .. } => true,
        }
    }
}

/// The findings that are shown in addition to those that need action now.
const SHOWN_RULES: [Rule; 2] = [
    Rule::Token(FindingKind::ExpiresSoonInUse),
    Rule::Workspace(WorkspaceFinding::EveryoneCanCreate),
];

/// Whether an operation that succeeded made a change in the workspace.
fn has_changed_something(operation: &Operation) -> bool {
    // Setting what was set before is recorded like any other change.
    if !operation.before.is_empty() && operation.before == operation.requested.to_stored() {
        return false;
    }
    match (&operation.kind, &operation.detail) {
        // Acceptances change only the console.
        (ActivityKind::AcceptFinding | ActivityKind::WithdrawAcceptance, _) => false,
        (ActivityKind::ResumeBulk | ActivityKind::CancelBulk, _) => false,
        (ActivityKind::ResumeScopesInBulk | ActivityKind::CancelScopesInBulk, _) => false,
        (_, Detail::BulkResult { revoked, .. }) => *revoked > 0,
        (_, Detail::ScopesResult { changed, .. }) => *changed > 0,
        (_, detail) => !matches!(detail, Detail::NoChange | Detail::AlreadyGone),
    }
}

impl Console {
    /// The summary of one workspace, within two seconds.
    ///
    /// # Errors
    /// [`Error::StillLoading`] if it takes longer; otherwise if the list of tokens cannot be read.
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
                Ok(snapshot) => console.summary_of(&actor, snapshot).await,
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

    async fn summary_of(&self, actor: &Actor, snapshot: Arc<Snapshot>) -> Result<WorkspaceSummary, Error> {
        Ok(WorkspaceSummary {
            user_name: actor.user_name().to_owned(),
            role: actor.role(),
            age: self.snapshot_age(actor, &snapshot),
            last_change: self.last_change(actor).await?,
            attention: self.attention(actor, &snapshot).await?,
            snapshot,
        })
    }

    /// The latest change of the actor's workspace that is known to be made, among the latest successful operations.
    /// Operations that changed nothing do not count.
    async fn last_change(&self, actor: &Actor) -> Result<Option<Operation>, Error> {
        let query = ActivityQuery {
            workspace: actor.workspace.name().to_owned(),
            outcome: Some(Outcome::Done),
            ..ActivityQuery::default()
        };
        let page = self.0.store.activity(&query, MAX_OPERATIONS).await?;
        Ok(page.operations.into_iter().find(has_changed_something))
    }

    async fn attention(&self, actor: &Actor, snapshot: &Snapshot) -> Result<Vec<Attention>, Error> {
        let mut attention = self.bulks_with_problems(actor).await?;
        // A finding that could not be determined is unknown; the page names the workspaces.
        let results = open_results(snapshot, &snapshot.accepted);
        let shown = results.into_iter().filter(|result| {
            let is_shown = result.rule.severity() == Severity::ActNow || SHOWN_RULES.contains(&result.rule);
            is_shown && result.is_open()
        });
        attention.extend(shown.map(Attention::Finding));
        attention.sort_by_key(|item| !item.is_severe());
        Ok(attention)
    }

    /// The bulk changes of the last days that are paused or have failed tokens.
    async fn bulks_with_problems(&self, actor: &Actor) -> Result<Vec<Attention>, Error> {
        let bulks = self.bulks(actor, MAX_BULKS).await?;
        let recent = bulks
            .into_iter()
            .filter(|summary| now().age_of(summary.bulk.created).is_some_and(|age| age < BULK_WINDOW));
        let problems = recent.filter_map(|BulkSummary { bulk, counts, .. }| {
            let in_state = |state| counts.of(state);
            let (id, kind) = (bulk.id, bulk.kind);
            match (
                bulk.state,
                in_state(BulkItemState::Failed) + in_state(BulkItemState::Unknown),
            ) {
                (BulkState::Paused, _) => Some(Attention::BulkPaused { id, kind }),
                (BulkState::Finished, failed @ 1..) => Some(Attention::BulkFailed { id, kind, failed }),
                _ => None,
            }
        });
        Ok(problems.collect())
    }
}
