//! A token before it has an id: written down in days before now, which reads better than timestamps.

use rand::Rng;
use rand::rngs::StdRng;

use super::people::Company;
use crate::clock::{DAY_MS, day_of};
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::{Autoscope, NEVER, Token, hash, hex};

/// When a token ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Life {
    /// Days from its creation.
    Days(u32),
    /// Made when that was still possible.
    Never,
    /// An old record without the field.
    Unrecorded,
}

/// The scopes of a token and how it came by them.
#[derive(Debug, Clone, Default)]
pub(super) struct Scopes {
    pub(super) held: Option<Vec<String>>,
    pub(super) autoscope: Option<Autoscope>,
    pub(super) inferred: Vec<String>,
    pub(super) backfill: Vec<String>,
}

impl Scopes {
    pub(super) fn selected(scopes: &[&str]) -> Self {
        Self {
            held: Some(owned(scopes)),
            autoscope: Some(Autoscope::UserSelected),
            ..Self::default()
        }
    }

    /// What the platform makes of `observed` at that stage.
    pub(super) fn auto(state: Autoscope, observed: &[&str]) -> Self {
        let everything = || Some(owned(&["all-apis"]));
        let observed = owned(observed);
        let (held, inferred, backfill) = match state {
            Autoscope::Completed => (Some(observed.clone()), observed, Vec::new()),
            Autoscope::Running | Autoscope::ApiNotCovered => (everything(), observed, Vec::new()),
            Autoscope::Backfilled => (None, Vec::new(), observed),
            Autoscope::Disabled | Autoscope::UserSelected => (everything(), Vec::new(), Vec::new()),
        };
        Self {
            held,
            autoscope: Some(state),
            inferred,
            backfill,
        }
    }
}

fn owned(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

/// One token to be.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) comment: Option<String>,
    pub(super) owner: PrincipalId,
    /// The owner, or the admin who made it on behalf of a service principal.
    pub(super) creator: PrincipalId,
    pub(super) created_days_ago: u32,
    pub(super) life: Life,
    pub(super) used_days_ago: Option<u32>,
    pub(super) scopes: Scopes,
    /// Its id is not the hash of its value but a dozen hex digits.
    pub(super) legacy_id: bool,
}

impl Draft {
    pub(super) fn into_token(
        self,
        value: &str,
        company: &Company,
        workspace_id: u64,
        now_ms: i64,
        rng: &mut StdRng,
    ) -> Token {
        let value_hash = hash(value);
        let id = if self.legacy_id {
            hex(&rng.random::<[u8; 6]>())
        } else {
            hex(&value_hash)
        };
        // Between half an hour and a day before the stated age, so that nothing lies in the future.
        let within_day = rng.random_range(1_800_000..DAY_MS);
        let creation_time = now_ms - i64::from(self.created_days_ago) * DAY_MS - within_day;
        let expiry_time = match self.life {
            Life::Days(days) => Some(creation_time + i64::from(days) * DAY_MS),
            Life::Never => Some(NEVER),
            Life::Unrecorded => None,
        };
        let last_used_day = self
            .used_days_ago
            .map(|days| day_of(now_ms - i64::from(days) * DAY_MS).max(day_of(creation_time)));
        Token {
            id,
            value: value_hash,
            comment: self.comment,
            creation_time,
            expiry_time,
            created_by: self.creator,
            created_by_username: company.user_name(self.creator),
            owner: self.owner,
            // Records older than the field have none.
            workspace_id: (self.created_days_ago < 760).then_some(workspace_id),
            last_used_day,
            scopes: self.scopes.held,
            autoscope: self.scopes.autoscope,
            inferred_scopes: self.scopes.inferred,
            backfill_scopes: self.scopes.backfill,
        }
    }
}
