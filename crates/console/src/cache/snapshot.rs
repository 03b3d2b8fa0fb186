//! What was last read of a workspace's tokens, shared by everybody who is proven to be an admin of it.
//!
//! The workspace answers a list with everything at once, so it is read once a minute at most and indexed. A read that
//! began before a change of our own never brings the old state back: revoked tokens are held out until a later read
//! omits them, and any other change makes reads that began earlier worthless.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{Directory, Inventory, Policy, Timestamp, Token, TokenId};
use store::SignInId;
use workspace_client::UnreadableRow;

/// How long a snapshot is shown, in milliseconds.
pub(crate) const SNAPSHOT_TTL: Duration = Duration::from_secs(60);

/// How long the names of principals are kept, in milliseconds. They change rarely, and reading them costs a call for
/// each page of each kind.
pub(crate) const PRINCIPALS_TTL: Duration = Duration::from_mins(10);

/// How long after a revocation the workspace may still list the token, in milliseconds.
const REVOCATION_GRACE: Duration = Duration::from_secs(30);

/// How long a revocation is remembered for its notice, in milliseconds.
const REVOCATION_MEMORY: Duration = Duration::from_hours(1);

/// A workspace's tokens, principals and policy, as read at one moment.
pub struct Snapshot {
    /// The tokens, indexed.
    pub inventory: Inventory,
    /// The policy; an error where it alone could not be read.
    pub policy: Result<Policy, workspace_client::Error>,
    /// Why owners' names are missing, where they are.
    pub names: Result<(), workspace_client::Error>,
    /// Why nobody is marked as not permitted to use tokens, where that could not be read.
    pub access: Result<(), workspace_client::Error>,
    /// Tokens that are there and could not be read.
    pub unreadable: Vec<UnreadableRow>,
    /// Tokens that this console revoked more than 30 seconds before and that the workspace still lists.
    pub still_listed: Vec<TokenId>,
    pub(crate) fetched_by: SignInId,
}

impl Snapshot {
    /// Whether all parts were read. Where not, it is shown only to the person whose credential fell short.
    pub(crate) fn is_complete(&self) -> bool {
        self.policy.is_ok() && self.names_are_shared() && self.access.is_ok()
    }

    /// Names of which some could not be read are as good as they get, with anybody's credential.
    fn names_are_shared(&self) -> bool {
        let some_unreadable =
            |error: &workspace_client::Error| matches!(error.kind, workspace_client::ErrorKind::Undecodable { .. });
        self.names
            .as_ref()
            .err()
            .is_none_or(|error| some_unreadable(error) && !self.inventory.directory().is_empty())
    }
}

/// A revocation through this console, for the notice about it.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// When the workspace was seen without it.
    pub at: Timestamp,
    /// The comment it had.
    pub comment: String,
    /// How its owner was shown.
    pub owner: String,
}

/// The current snapshot and what keeps it right.
#[derive(Default)]
pub(crate) struct Snapshots {
    /// Held while reading: everybody else waits, then looks again, so that a failure stays with whose credential
    /// failed.
    pub(crate) reading: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Snapshot>>,
    /// Counts changes that make earlier reads worthless.
    generation: u64,
    revoked: HashMap<TokenId, Revocation>,
    names: Option<(Arc<Directory>, Timestamp)>,
}

impl Snapshots {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn current(&self) -> Option<Arc<Snapshot>> {
        self.state().current.clone()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// Forgets the snapshot and makes reads under way worthless.
    pub(crate) fn forget(&self) {
        let old = {
            let mut state = self.state();
            state.generation += 1;
            state.current.take()
        };
        drop_in_background(old);
    }

    /// The names of principals, while they are young enough at `now`.
    pub(crate) fn principals(&self, now: Timestamp) -> Option<Arc<Directory>> {
        let state = self.state();
        let (names, read) = state.names.as_ref()?;
        (now.duration_since(*read) < PRINCIPALS_TTL).then(|| Arc::clone(names))
    }

    pub(crate) fn store_principals(&self, names: Arc<Directory>, read: Timestamp) {
        self.state().names = Some((names, read));
    }

    /// Forgets the names too, as "Refresh" asks.
    pub(crate) fn forget_principals(&self) {
        self.state().names = None;
    }

    /// Takes tokens read from `began` on through the list of revocations: removes what is held out, and says what
    /// should be gone but is not.
    pub(crate) fn apply_revocations(&self, tokens: &mut Vec<Token>, began: Timestamp) -> Vec<TokenId> {
        let held_out = self.hidden_revocations(began);
        let mut lingering = Vec::new();
        if held_out.is_empty() {
            return lingering;
        }
        tokens.retain(|token| match held_out.get(&token.id) {
            None => true,
            Some(true) => false,
            Some(false) => {
                lingering.push(token.id.clone());
                true
            }
        });
        lingering
    }

    /// Takes rows that could not be read through the same list.
    pub(crate) fn apply_revocations_to_unreadable(&self, rows: &mut Vec<UnreadableRow>, began: Timestamp) {
        if rows.is_empty() {
            return;
        }
        let held_out = self.hidden_revocations(began);
        rows.retain(|row| {
            let id = row.id.as_deref().map(TokenId::new);
            id.is_none_or(|id| held_out.get(&id) != Some(&true))
        });
    }

    /// What is remembered as revoked, and whether a list that is read from `began` on may still have it. A copy, so that
    /// nobody waits while a long list is held against it.
    fn hidden_revocations(&self, began: Timestamp) -> HashMap<TokenId, bool> {
        let mut state = self.state();
        let since = |revocation: &Revocation| began.duration_since(revocation.at);
        state
            .revoked
            .retain(|_, revocation| since(revocation) < REVOCATION_MEMORY);
        let revoked = state.revoked.iter();
        revoked
            .map(|(id, revocation)| (id.clone(), since(revocation) <= REVOCATION_GRACE))
            .collect()
    }

    /// Keeps what was read from `began` on, without what was revoked meanwhile, and answers it; `None` where a change
    /// made it worthless.
    pub(crate) fn store_snapshot(
        &self,
        mut snapshot: Snapshot,
        generation: u64,
        began: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        let mut state = self.state();
        if state.generation != generation {
            return None;
        }
        let meanwhile = state.revoked.iter().filter(|(_, revocation)| revocation.at >= began);
        let mut meanwhile = meanwhile.map(|(id, _)| id).peekable();
        if meanwhile.peek().is_some() {
            snapshot.inventory = snapshot.inventory.excluding(meanwhile);
        }
        let kept = Arc::new(snapshot);
        let old = state.current.replace(Arc::clone(&kept));
        drop(state);
        drop_in_background(old);
        Some(kept)
    }

    /// Notes a revocation that was read back: the token leaves the current snapshot at once and later reads that
    /// began before.
    pub(crate) fn record_revocation(&self, id: &TokenId, revocation: Revocation) {
        self.record_revocations(&[(id.clone(), revocation)]);
    }

    /// Notes revocations that were read back, in one go.
    pub(crate) fn record_revocations(&self, revoked: &[(TokenId, Revocation)]) {
        let mut state = self.state();
        state.revoked.extend(revoked.iter().cloned());
        if let Some(current) = state.current.take() {
            let inventory = current.inventory.excluding(revoked.iter().map(|(id, _)| id));
            let is_revoked = |id: &str| revoked.iter().any(|(revoked, _)| revoked.as_str() == id);
            let mut unreadable = current.unreadable.clone();
            unreadable.retain(|row| row.id.as_deref().is_none_or(|id| !is_revoked(id)));
            state.current = Some(Arc::new(Snapshot {
                inventory,
                unreadable,
                policy: current.policy.clone(),
                names: current.names.clone(),
                access: current.access.clone(),
                still_listed: current.still_listed.clone(),
                fetched_by: current.fetched_by,
            }));
        }
    }

    /// The revocation of a token through this console, within the last hour.
    pub(crate) fn revocation(&self, id: &TokenId) -> Option<Revocation> {
        self.state().revoked.get(id).cloned()
    }
}

/// Drops a snapshot where nobody waits for it: giving back half a million tokens takes a while.
fn drop_in_background(old: Option<Arc<Snapshot>>) {
    if let (Some(old), Ok(runtime)) = (old, tokio::runtime::Handle::try_current()) {
        // Dropped as soon as that runs, or with the runtime.
        drop(runtime.spawn_blocking(move || drop(old)));
    }
}

#[cfg(test)]
mod tests {
    use domain::Expiry;
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

    /// The tokens of `a` and `b` that are shown, and those that are still listed, for a read that began at `began` after
    /// `a` was revoked.
    fn settled(began: Timestamp) -> (Vec<String>, Vec<String>) {
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
    fn a_revoked_token_is_held_out_for_thirty_seconds() {
        let before = REVOKED_AT.minus(Duration::from_secs(5));
        let last = REVOKED_AT.plus(REVOCATION_GRACE);
        for began in [before, REVOKED_AT, REVOKED_AT.plus(MILLISECOND), last] {
            assert_eq!(settled(began), (vec!["b".into()], vec![]), "{began:?}");
        }
    }

    #[test]
    fn one_that_is_still_listed_after_that_is_shown_and_told() {
        let both = vec!["a".to_owned(), "b".to_owned()];
        for after in [REVOCATION_GRACE + MILLISECOND, REVOCATION_MEMORY - MILLISECOND] {
            assert_eq!(
                settled(REVOKED_AT.plus(after)),
                (both.clone(), vec!["a".to_owned()]),
                "{after:?}"
            );
        }
        assert_eq!(settled(REVOKED_AT.plus(REVOCATION_MEMORY)), (both, vec![]));
    }

    fn snapshot(tokens: &[&str]) -> Snapshot {
        let tokens = tokens.iter().map(|id| token(id)).collect();
        Snapshot {
            inventory: Inventory::new(tokens, Arc::default(), None, REVOKED_AT),
            policy: Err(ErrorKind::NotAllowed.into()),
            names: Ok(()),
            access: Ok(()),
            unreadable: Vec::new(),
            still_listed: Vec::new(),
            fetched_by: "0".repeat(32).parse().unwrap(),
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
    fn many_revocations_leave_the_snapshot_in_one_go() {
        let snapshots = Snapshots::default();
        let shown = snapshots.store_snapshot(snapshot(&["a", "b", "c", "d"]), snapshots.generation(), REVOKED_AT);
        snapshots.record_revocations(&[revoked("b"), revoked("c"), revoked("of another list")]);
        assert_eq!(ids(&snapshots.current().unwrap()), ["a", "d"]);
        assert_eq!(ids(&shown.unwrap()).len(), 4, "who is reading it goes on");
        assert_eq!(
            snapshots.revocation(&TokenId::new("c")).unwrap().comment,
            "comment of c"
        );
    }

    #[test]
    fn what_was_revoked_while_the_list_was_read_is_not_kept() {
        let snapshots = Snapshots::default();
        snapshots.record_revocations(&[revoked("a"), revoked("c")]);
        for (began, left) in [(REVOKED_AT, 2), (REVOKED_AT.plus(MILLISECOND), 4)] {
            let read = snapshot(&["a", "b", "c", "d"]);
            let kept = snapshots.store_snapshot(read, snapshots.generation(), began).unwrap();
            assert_eq!(ids(&kept).len(), left);
            assert!(Arc::ptr_eq(&kept, &snapshots.current().unwrap()));
        }
    }

    #[test]
    fn a_change_makes_reads_that_began_earlier_worthless() {
        let snapshots = Snapshots::default();
        let generation = snapshots.generation();
        snapshots.forget();
        assert_ne!(snapshots.generation(), generation);
        assert!(
            snapshots
                .store_snapshot(snapshot(&["a"]), generation, REVOKED_AT)
                .is_none()
        );
        assert!(snapshots.current().is_none());
    }
}
