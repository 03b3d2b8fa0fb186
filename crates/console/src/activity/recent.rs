//! What a person changed within the last minutes, for notices. The log is asked because anyone can write a URL that
//! claims that something was done.

use std::time::Duration;

use store::{ActivityKind, ActivityQuery, Operation, Outcome};

use crate::{Actor, Console, now};

/// How long after a change its notice can be shown.
const NOTICE_WINDOW: Duration = Duration::from_mins(5);

/// How many of a person's latest operations are searched for the change.
const MAX_RECENT_OPERATIONS: u32 = 20;

impl Console {
    /// The actor's latest change of this kind, if it was made within the last five minutes and did not fail.
    pub async fn last_recent_change(&self, actor: &Actor, kind: ActivityKind) -> Option<Operation> {
        let recent = self.recent_changes(actor).await;
        let last = recent.into_iter().find(|operation| operation.kind == kind)?;
        may_have_succeeded(&last).then_some(last)
    }

    /// Whether the actor made a change that matches within the last five minutes, and it did not fail.
    pub async fn did_recently(&self, actor: &Actor, matches: impl Fn(&Operation) -> bool + Send) -> bool {
        let recent = self.recent_changes(actor).await;
        recent.iter().filter(|o| matches(o)).any(may_have_succeeded)
    }

    /// The actor's operations of the last five minutes, latest first.
    async fn recent_changes(&self, actor: &Actor) -> Vec<Operation> {
        let query = ActivityQuery {
            workspace: actor.workspace.name().to_owned(),
            actor: actor.user_name.clone(),
            ..ActivityQuery::default()
        };
        match self.0.store.activity(&query, MAX_RECENT_OPERATIONS).await {
            Ok(mut page) => {
                let age = |o: &Operation| now().age_of(o.at);
                page.operations
                    .retain(|o| age(o).is_some_and(|age| age < NOTICE_WINDOW));
                page.operations
            }
            Err(error) => {
                tracing::error!(%error, "could not read the activity log");
                Vec::new()
            }
        }
    }
}

fn may_have_succeeded(operation: &Operation) -> bool {
    // A change that was sent and is not confirmed yet has a notice of its own.
    matches!(operation.outcome, Outcome::Done | Outcome::Unknown)
}
