//! Finding out which tokens of a workspace a leaked text contains. Only hashes of values are handled and remembered:
//! the workspace's IDs of tokens are hashes of their values, at least those of newer tokens (`TokensAPI.update` in the
//! vendor's SDK).

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use domain::{PastedToken, Token, TokenId};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use moka::sync::Cache;
use store::{LEAK_LOOKUP_TTL, LeakLookup, RateLimit, SignInId};
use tokio::time::timeout;
use workspace_client::Error as WorkspaceError;

use crate::cache::expiring;
use crate::sign_in::{STORE_TIMEOUT, admin_proof};
use crate::{Actor, Console, CountedAttempt, Error, Snapshot, token_id_of};

/// Lookups per minute and session.
const LOOKUPS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("30 is not 0");

/// How many of the possible IDs of one token are asked for, if the list has none of them.
const MAX_ASKED: usize = 2;

/// How many lookups an instance has in memory, so that it needs no database to show them.
const MAX_LOOKUPS: u64 = 1000;

/// The possible IDs of each token in a text.
pub type PossibleIds = Vec<Vec<TokenId>>;

/// The tokens that texts contained, for the pages that show the results, and the limit on lookups.
pub(crate) struct LeakLookups {
    /// By the ID of the lookup and the sign-in, with the workspace that the sign-in was for.
    by_id: Cache<(String, SignInId), (String, Arc<PossibleIds>)>,
    limiter: DefaultKeyedRateLimiter<SignInId>,
}

/// The result for one token in the text.
pub enum LeakResult {
    /// The workspace has it.
    Found(Box<Token>),
    /// It has no token with any of these IDs.
    NotFound,
    /// The workspace could not be asked.
    Unreadable(WorkspaceError),
}

impl Default for LeakLookups {
    fn default() -> Self {
        Self {
            by_id: expiring(MAX_LOOKUPS, LEAK_LOOKUP_TTL),
            limiter: RateLimiter::keyed(Quota::per_minute(LOOKUPS_PER_MINUTE)),
        }
    }
}

/// The possible IDs of each token in a text.
pub fn possible_ids(text: &str) -> PossibleIds {
    let tokens = domain::pasted_tokens(text).into_iter();
    let ids = tokens.map(|token| match token {
        PastedToken::Id(id) => vec![id],
        PastedToken::Value(values) => {
            let values = values.into_iter();
            values.map(|value| token_id_of(&value.into())).collect()
        }
    });
    ids.collect()
}

impl Console {
    /// Looks up tokens by their possible IDs, now. It is a read, which auditors can do too.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin or auditor now, or the list of tokens cannot be read.
    pub async fn find_leaked(
        &self,
        actor: &Actor,
        tokens: &PossibleIds,
    ) -> Result<(Arc<Snapshot>, Vec<LeakResult>), Error> {
        admin_proof::ensure_admin(actor).await?;
        let snapshot = self.snapshot(actor).await?;
        let mut results = Vec::with_capacity(tokens.len());
        let mut failure = None;
        for ids in tokens {
            let listed = ids.iter().find_map(|id| snapshot.inventory.get(id));
            results.push(match (listed, &failure) {
                (Some(token), _) => LeakResult::Found(Box::new(token.clone())),
                // The next call would fail too, and perhaps after as long a wait.
                (None, Some(error)) => LeakResult::Unreadable(WorkspaceError::clone(error)),
                (None, None) => match ask_for(actor, ids).await {
                    LeakResult::Unreadable(error) => {
                        failure = Some(error.clone());
                        LeakResult::Unreadable(error)
                    }
                    result => result,
                },
            });
        }
        Ok((snapshot, results))
    }

    /// Waits for the response of one workspace, so that a slow one does not hold up a lookup in the others. `None` if
    /// it takes too long.
    pub async fn in_time_for_lookup<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        timeout(self.0.timing.lookup_wait, answer).await.ok()
    }

    /// Remembers a lookup of this person, in one workspace or several, for ten minutes. Returns its ID. If the database
    /// fails, only this instance knows it.
    pub async fn remember_lookup(&self, actors: &[&Actor], tokens: PossibleIds) -> String {
        let (id, tokens) = (store::operation_id(), Arc::new(tokens));
        for actor in actors {
            let lookup = (actor.workspace.binding(), Arc::clone(&tokens));
            self.0.leak_lookups.by_id.insert((id.clone(), actor.sign_in), lookup);
        }
        let lookups = actors.iter().map(|actor| LeakLookup {
            id: id.clone(),
            sign_in: actor.sign_in,
            binding: actor.workspace.binding(),
            // Lists of texts always serialise.
            tokens: serde_json::to_string(&*tokens).unwrap_or_default(),
        });
        let kept = self.0.store.keep_leak_lookups(lookups.collect());
        match timeout(STORE_TIMEOUT, kept).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "could not share a lookup with other instances"),
            Err(_) => tracing::warn!("could not share a lookup with other instances: database timed out"),
        }
        id
    }

    /// A lookup of this person in this workspace, if it is still remembered, here or by another instance.
    ///
    /// # Errors
    /// If this instance does not know it, and the database fails.
    pub async fn lookup(&self, actor: &Actor, id: &str) -> Result<Option<Arc<PossibleIds>>, Error> {
        let binding = actor.workspace.binding();
        if let Some((workspace, tokens)) = self.0.leak_lookups.by_id.get(&(id.to_owned(), actor.sign_in)) {
            return Ok((workspace == binding).then_some(tokens));
        }
        let stored = self.0.store.leak_lookup(id, &actor.sign_in, &binding).await?;
        Ok(stored.and_then(|stored| serde_json::from_str(&stored).ok().map(Arc::new)))
    }

    /// Counts one lookup of this person, at any instance.
    ///
    /// # Errors
    /// [`Error::TooManyLookups`].
    pub async fn check_lookup_limit(&self, actor: &Actor) -> Result<(), Error> {
        let limiter = &self.0.leak_lookups.limiter;
        limiter.retain_recent();
        limiter.check_key(&actor.sign_in).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            too_many(wait)
        })?;
        let name = format!("leak-lookup/{}", actor.sign_in);
        match self
            .count_attempt(name, RateLimit::per_minute(LOOKUPS_PER_MINUTE))
            .await
        {
            CountedAttempt::Allowed | CountedAttempt::NotCounted => Ok(()),
            CountedAttempt::Refused(wait) => Err(too_many(wait)),
        }
    }
}

fn too_many(wait: Duration) -> Error {
    Error::TooManyLookups {
        seconds: wait.as_secs() + 1,
    }
}

/// Asks the workspace for a token that its list does not contain: it may have been created a moment ago.
async fn ask_for(actor: &Actor, ids: &[TokenId]) -> LeakResult {
    for id in ids.iter().take(MAX_ASKED) {
        match actor.api().token(id).await {
            Ok(token) => return LeakResult::Found(Box::new(token)),
            Err(error) if error.is_missing_resource() => {}
            Err(error) => return LeakResult::Unreadable(error),
        }
    }
    LeakResult::NotFound
}
