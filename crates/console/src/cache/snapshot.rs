//! What was last read of a workspace's tokens, shared by everyone who is proven to be an admin of it.
//!
//! The workspace returns the whole list at once, so it is read once a minute at most, and indexed. A read that began
//! before a change made here never brings the old state back: revoked tokens are hidden until a later read omits them,
//! and any other change invalidates the reads that began before it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{Inventory, Policy, Timestamp, Token, TokenId};
use parking_lot::Mutex;
use store::SignInId;
use tokio::time::Instant;
use workspace_client::UnreadableRow;

use crate::moment::Moment;

/// The pause before the list is read again after a failure, if the workspace asks for none.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);

/// How long after a revocation the workspace may still list the token.
const REVOCATION_GRACE: Duration = Duration::from_secs(30);

/// How long a revocation is remembered for its notice.
const REVOCATION_MEMORY: Duration = Duration::from_hours(1);

/// A workspace's tokens, principals and policy, as read at one moment.
pub struct Snapshot {
    /// The tokens, indexed.
    pub inventory: Inventory,
    /// The policy, or why it could not be read.
    pub policy: Result<Policy, workspace_client::Error>,
    /// Why owners' names are missing, if some are.
    pub principals: Result<(), workspace_client::Error>,
    /// Why no owner is flagged as lacking the permission to use tokens, if that could not be read.
    pub access: Result<(), workspace_client::Error>,
    /// Tokens that exist but could not be read.
    pub unreadable: Vec<UnreadableRow>,
    /// Tokens that this console revoked more than 30 seconds before, and that the workspace still lists.
    pub still_listed: Vec<TokenId>,
    pub(crate) fetched_by: SignInId,
    pub(crate) read: Moment,
}

impl Snapshot {
    /// Whether all parts were read. If not, it is shown only to the person whose credential fell short.
    pub(crate) fn is_complete(&self) -> bool {
        self.policy.is_ok() && self.has_shareable_names() && self.access.is_ok()
    }

    /// If only some names could not be read, no other credential would read more.
    fn has_shareable_names(&self) -> bool {
        let some_unreadable =
            |error: &workspace_client::Error| matches!(error.kind, workspace_client::ErrorKind::Undecodable { .. });
        self.principals
            .as_ref()
            .err()
            .is_none_or(|error| some_unreadable(error) && !self.inventory.directory().is_empty())
    }
}

/// A revocation through this console, for the notice about it.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// When the workspace was seen without the token.
    pub at: Timestamp,
    /// The comment that the token had.
    pub comment: String,
    /// Its owner, as shown to people.
    pub owner: String,
}

/// The current snapshot, and what is needed to keep it right.
///
/// Not moka: revocations are applied to the stored snapshot, and a read is stored only if no change came in between.
#[derive(Default)]
pub(crate) struct Snapshots {
    /// Held while reading. Everyone else waits and then looks again, so that a failure affects only the person whose
    /// credential failed.
    pub(crate) reading: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Snapshot>>,
    /// Counts the changes that invalidate reads that began before them.
    generation: u64,
    revoked: HashMap<TokenId, Revocation>,
    /// Why the last try to read the list failed, and when it may be read again.
    failure: Option<(workspace_client::Error, Instant)>,
    /// Whether someone asked for a new snapshot.
    expired: bool,
}

impl Snapshots {
    /// The current snapshot, if it was read within `ttl`.
    pub(crate) fn within(&self, ttl: Duration) -> Option<Arc<Snapshot>> {
        let current = self.current()?;
        current.read.is_within(ttl).then_some(current)
    }

    /// Whether someone asked for a new snapshot.
    pub(crate) fn is_expired(&self) -> bool {
        self.state.lock().expired
    }

    /// Has the next page read a new one. The old one stays, in case that fails.
    pub(crate) fn expire(&self) {
        let mut state = self.state.lock();
        state.expired = true;
        state.failure = None;
    }

    /// Why the last try to read the list failed, and how long it is not read again.
    pub(crate) fn failure(&self) -> Option<(workspace_client::Error, Duration)> {
        let state = self.state.lock();
        let (error, next_try) = state.failure.as_ref()?;
        Some((error.clone(), next_try.saturating_duration_since(Instant::now())))
    }

    pub(crate) fn record_failure(&self, error: &workspace_client::Error) {
        let pause = error.retry_after().unwrap_or(RETRY_INTERVAL);
        self.state.lock().failure = Some((error.clone(), Instant::now() + pause));
    }

    pub(crate) fn current(&self) -> Option<Arc<Snapshot>> {
        self.state.lock().current.clone()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.state.lock().generation
    }

    /// Discards the snapshot, and the results of reads in progress.
    pub(crate) fn invalidate(&self) {
        let old = {
            let mut state = self.state.lock();
            state.generation += 1;
            state.failure = None;
            state.current.take()
        };
        drop_in_background(old);
    }

    /// Removes from `tokens`, which were read from `began` on, those whose revocation is recent enough for the
    /// workspace to still list them. Returns those that were revoked before that and should no longer be listed.
    pub(crate) fn apply_revocations(&self, tokens: &mut Vec<Token>, began: Timestamp) -> Vec<TokenId> {
        let hidden = self.hidden_revocations(began);
        let mut still_listed = Vec::new();
        if hidden.is_empty() {
            return still_listed;
        }
        tokens.retain(|token| match hidden.get(&token.id) {
            None => true,
            Some(true) => false,
            Some(false) => {
                still_listed.push(token.id.clone());
                true
            }
        });
        still_listed
    }

    /// Does the same to rows that could not be read.
    pub(crate) fn apply_revocations_to_unreadable(&self, rows: &mut Vec<UnreadableRow>, began: Timestamp) {
        if rows.is_empty() {
            return;
        }
        let hidden = self.hidden_revocations(began);
        rows.retain(|row| {
            let id = row.id.as_deref().map(TokenId::new);
            id.is_none_or(|id| hidden.get(&id) != Some(&true))
        });
    }

    /// The remembered revocations, and for each whether a list that is read from `began` on may still contain the
    /// token. A copy, so that no one waits for the lock while a long list is compared with it.
    fn hidden_revocations(&self, began: Timestamp) -> HashMap<TokenId, bool> {
        let mut state = self.state.lock();
        let age = |revocation: &Revocation| began.duration_since(revocation.at);
        state
            .revoked
            .retain(|_, revocation| age(revocation) < REVOCATION_MEMORY);
        let revoked = state.revoked.iter();
        revoked
            .map(|(id, revocation)| (id.clone(), age(revocation) <= REVOCATION_GRACE))
            .collect()
    }

    /// Makes what was read from `began` on the current snapshot, without the tokens that were revoked in the meantime.
    /// Returns it, or `None` if a change has invalidated it.
    pub(crate) fn store_snapshot(
        &self,
        mut snapshot: Snapshot,
        generation: u64,
        began: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        let mut state = self.state.lock();
        if state.generation != generation {
            return None;
        }
        let since = state.revoked.iter().filter(|(_, revocation)| revocation.at >= began);
        let mut since = since.map(|(id, _)| id).peekable();
        if since.peek().is_some() {
            snapshot.inventory = snapshot.inventory.excluding(since);
        }
        let snapshot = Arc::new(snapshot);
        let old = state.current.replace(Arc::clone(&snapshot));
        state.failure = None;
        state.expired = false;
        drop(state);
        drop_in_background(old);
        Some(snapshot)
    }

    /// Records a confirmed revocation: the token leaves the current snapshot immediately, and the results of reads that
    /// began earlier.
    pub(crate) fn record_revocation(&self, id: &TokenId, revocation: Revocation) {
        self.record_revocations(&[(id.clone(), revocation)]);
    }

    /// Records several confirmed revocations together.
    pub(crate) fn record_revocations(&self, revoked: &[(TokenId, Revocation)]) {
        let mut state = self.state.lock();
        state.revoked.extend(revoked.iter().cloned());
        if let Some(current) = state.current.take() {
            let is_revoked = |id: &str| revoked.iter().any(|(revoked, _)| revoked.as_str() == id);
            let mut unreadable = current.unreadable.clone();
            unreadable.retain(|row| row.id.as_deref().is_none_or(|id| !is_revoked(id)));
            let inventory = current.inventory.excluding(revoked.iter().map(|(id, _)| id));
            let inventory = inventory.with_unreadable_rows(!unreadable.is_empty());
            state.current = Some(Arc::new(Snapshot {
                inventory,
                unreadable,
                policy: current.policy.clone(),
                principals: current.principals.clone(),
                access: current.access.clone(),
                still_listed: current.still_listed.clone(),
                fetched_by: current.fetched_by,
                read: current.read,
            }));
        }
    }

    /// The revocation of a token through this console within the last hour.
    pub(crate) fn revocation(&self, id: &TokenId) -> Option<Revocation> {
        self.state.lock().revoked.get(id).cloned()
    }
}

/// Drops a snapshot in a thread that no one waits for: freeing half a million tokens takes a while.
fn drop_in_background(old: Option<Arc<Snapshot>>) {
    if let (Some(old), Ok(runtime)) = (old, tokio::runtime::Handle::try_current()) {
        // If the runtime ends before the task starts, the snapshot is dropped with it.
        drop(runtime.spawn_blocking(move || drop(old)));
    }
}

#[cfg(test)]
mod tests {
    use domain::{Expiry, Known, UnreadPart};
    use workspace_client::ErrorKind;

    use super::*;

    const REVOKED_AT: Timestamp = Timestamp::from_ms(1_795_442_400_000);
    const MILLISECOND: Duration = Duration::from_millis(1);

    fn token(id: &str) -> Token {
        Token {
            id: TokenId::new(id),
            comment: String::new(),
            owner: None,
            creator: None,
            creator_name: None,
            created: None,
            expiry: Expiry::Never,
            last_used: None,
            scopes: None,
            inferred_scopes: Vec::new(),
            backfill_scopes: Vec::new(),
            autoscope: None,
            workspace_id: None,
        }
    }

    /// Which of the tokens `a` and `b` are shown, and which are reported as still listed, if `a` was revoked and the
    /// list was read from `began` on.
    fn shown_and_still_listed(began: Timestamp) -> (Vec<String>, Vec<String>) {
        let snapshots = Snapshots::default();
        let revocation = Revocation {
            at: REVOKED_AT,
            comment: String::new(),
            owner: String::new(),
        };
        snapshots.record_revocation(&TokenId::new("a"), revocation);
        let mut tokens = vec![token("a"), token("b")];
        let still_listed = snapshots.apply_revocations(&mut tokens, began);
        let ids = |ids: Vec<TokenId>| ids.iter().map(ToString::to_string).collect();
        (ids(tokens.into_iter().map(|t| t.id).collect()), ids(still_listed))
    }

    #[test]
    fn a_revoked_token_is_hidden_for_thirty_seconds() {
        let before = REVOKED_AT.minus(Duration::from_secs(5));
        let last = REVOKED_AT.plus(REVOCATION_GRACE);
        for began in [before, REVOKED_AT, REVOKED_AT.plus(MILLISECOND), last] {
            assert_eq!(shown_and_still_listed(began), (vec!["b".into()], vec![]), "{began:?}");
        }
    }

    #[test]
    fn a_revoked_token_that_is_still_listed_after_that_is_shown_and_reported() {
        let both = vec!["a".to_owned(), "b".to_owned()];
        for after in [REVOCATION_GRACE + MILLISECOND, REVOCATION_MEMORY - MILLISECOND] {
            assert_eq!(
                shown_and_still_listed(REVOKED_AT.plus(after)),
                (both.clone(), vec!["a".to_owned()]),
                "{after:?}"
            );
        }
        assert_eq!(
            shown_and_still_listed(REVOKED_AT.plus(REVOCATION_MEMORY)),
            (both, vec![])
        );
    }

    fn snapshot(tokens: &[&str]) -> Snapshot {
        let tokens = tokens.iter().map(|id| token(id)).collect();
        let no_policy = Known::NotAvailable(UnreadPart::Policy);
        Snapshot {
            inventory: Inventory::new(tokens, Arc::default(), no_policy, REVOKED_AT),
            policy: Err(ErrorKind::NotAllowed.into()),
            principals: Ok(()),
            access: Ok(()),
            unreadable: Vec::new(),
            still_listed: Vec::new(),
            fetched_by: "0".repeat(32).parse().unwrap(),
            read: Moment::now(),
        }
    }

    fn revoked(id: &str) -> (TokenId, Revocation) {
        let revocation = Revocation {
            at: REVOKED_AT,
            comment: format!("comment of {id}"),
            owner: String::new(),
        };
        (TokenId::new(id), revocation)
    }

    fn ids(snapshot: &Snapshot) -> Vec<&str> {
        snapshot.inventory.tokens().map(|t| t.id.as_str()).collect()
    }

    #[test]
    fn several_revoked_tokens_leave_the_snapshot_together() {
        let snapshots = Snapshots::default();
        let shown = snapshots.store_snapshot(snapshot(&["a", "b", "c", "d"]), snapshots.generation(), REVOKED_AT);
        snapshots.record_revocations(&[revoked("b"), revoked("c"), revoked("of another list")]);
        assert_eq!(ids(&snapshots.current().unwrap()), ["a", "d"]);
        assert_eq!(ids(&shown.unwrap()).len(), 4, "a reader keeps what it has");
        assert_eq!(
            snapshots.revocation(&TokenId::new("c")).unwrap().comment,
            "comment of c"
        );
    }

    #[test]
    fn a_token_that_was_revoked_while_the_list_was_read_is_not_stored() {
        let snapshots = Snapshots::default();
        snapshots.record_revocations(&[revoked("a"), revoked("c")]);
        for (began, left) in [(REVOKED_AT, 2), (REVOKED_AT.plus(MILLISECOND), 4)] {
            let read = snapshot(&["a", "b", "c", "d"]);
            let stored = snapshots.store_snapshot(read, snapshots.generation(), began).unwrap();
            assert_eq!(ids(&stored).len(), left);
            assert!(Arc::ptr_eq(&stored, &snapshots.current().unwrap()));
        }
    }

    #[test]
    fn a_change_invalidates_reads_that_began_before_it() {
        let snapshots = Snapshots::default();
        let generation = snapshots.generation();
        snapshots.invalidate();
        assert_ne!(snapshots.generation(), generation);
        assert!(
            snapshots
                .store_snapshot(snapshot(&["a"]), generation, REVOKED_AT)
                .is_none()
        );
        assert!(snapshots.current().is_none());
    }
}
