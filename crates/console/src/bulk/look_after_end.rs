//! Finds out, after the end of a bulk revocation, whether the tokens that it did not revoke are still listed and work.

use std::collections::HashMap;

use domain::{Day, Known, Status, Timestamp, TokenId, permission_of};
use store::{BulkChange, BulkItemState};

use crate::{Actor, Console, Error, Snapshot, now};

/// What the list shows about a token that failed or was not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaterState {
    /// The token is listed and active, and tokens are enabled. Contains the day of its last use, if it was ever used.
    Works(Option<Day>),
    /// The token is listed but cannot be used: it has expired, or tokens are disabled.
    Listed,
    /// The token is no longer listed.
    Gone,
    /// The list does not show it.
    Unknown,
}

/// What a list that was read after the end shows about the tokens that failed or were not confirmed.
#[derive(Clone, Debug)]
pub struct LookAfterEnd {
    /// When the list was read.
    pub at: Timestamp,
    /// The day of the list, to which days of use are compared.
    pub today: Day,
    seen: HashMap<TokenId, (BulkItemState, LaterState)>,
}

impl LookAfterEnd {
    /// What the list shows about this token.
    pub fn of(&self, token: &TokenId) -> LaterState {
        self.seen.get(token).map_or(LaterState::Unknown, |(_, seen)| *seen)
    }

    /// How many of the tokens in `state` are shown in a later state that `matches`.
    pub fn count(&self, state: BulkItemState, matches: impl Fn(LaterState) -> bool) -> usize {
        let seen = self.seen.values();
        seen.filter(|(of, seen)| *of == state && matches(*seen)).count()
    }
}

impl Console {
    /// Looks for the tokens of a finished bulk revocation that failed or were not confirmed. `None` if no list that was
    /// read after its end can be had quickly, and for a bulk change of scopes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_after_end(&self, actor: &Actor, bulk: &BulkChange) -> Result<Option<LookAfterEnd>, Error> {
        if bulk.kind.sets_scopes() {
            return Ok(None);
        }
        let mut items = Vec::new();
        for state in [BulkItemState::Failed, BulkItemState::Unknown] {
            items.extend(self.0.store.all_bulk_items(&bulk.id, state).await?);
        }
        let Some(ended) = bulk.ended.filter(|_| !items.is_empty()) else {
            return Ok(None);
        };
        let Some(snapshot) = self.snapshot_if_quick(actor).await else {
            return Ok(None);
        };
        let at = now().minus(snapshot.age);
        if at < ended {
            return Ok(None);
        }
        let seen = items.into_iter().map(|item| {
            let seen = later_state(&snapshot, &item.token);
            (item.token, (item.state, seen))
        });
        Ok(Some(LookAfterEnd {
            at,
            today: snapshot.inventory.as_of().day(),
            seen: seen.collect(),
        }))
    }
}

fn later_state(snapshot: &Snapshot, id: &TokenId) -> LaterState {
    let inventory = &snapshot.inventory;
    match (inventory.get(id), snapshot.policy) {
        (Some(token), Some(policy)) => match token.status(inventory.as_of()) {
            Status::Active if policy.enabled => {
                match permission_of(inventory.known_access(), inventory.directory(), token.owner) {
                    Known::Known(true) => LaterState::Works(token.last_used),
                    Known::Known(false) => LaterState::Listed,
                    Known::NotAvailable(_) => LaterState::Unknown,
                }
            }
            Status::Active | Status::Expired => LaterState::Listed,
            Status::Unknown => LaterState::Unknown,
        },
        // Whether tokens are enabled could not be read.
        (Some(_), None) => LaterState::Unknown,
        (None, _) => {
            let is_complete = snapshot.unreadable.is_empty() && inventory.tokens().next().is_some();
            let is_hidden = snapshot.still_listed.contains(id);
            match is_complete && !is_hidden {
                true => LaterState::Gone,
                false => LaterState::Unknown,
            }
        }
    }
}
