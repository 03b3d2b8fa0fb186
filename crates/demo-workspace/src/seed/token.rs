//! A token to create. Its times are in days before now, which are easier to read than timestamps.

use rand::Rng;
use rand::rngs::StdRng;

use super::people::Company;
use crate::clock::{DAY_MS, day_of};
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::{Autoscope, NEVER, Token, hash, hex};

/// When a token expires.
#[derive(Debug, Clone, Copy)]
pub(super) enum Life {
    /// This many days after its creation.
    Days(u32),
    /// Never: it was created when that was still possible.
    Never,
    /// Unknown: an old record without the field.
    Unrecorded,
}

/// The scopes of a token, and how it got them.
#[derive(Debug, Clone, Default)]
pub(super) struct Scopes {
    pub(super) granted: Option<Vec<String>>,
    pub(super) autoscope: Option<Autoscope>,
    pub(super) inferred: Vec<String>,
    pub(super) backfill: Vec<String>,
}

impl Scopes {
    pub(super) fn selected(scopes: &[&str]) -> Self {
        Self {
            granted: Some(owned(scopes)),
            autoscope: Some(Autoscope::UserSelected),
            ..Self::default()
        }
    }

    /// The scopes that the platform sets in this state, after the token has used `observed`.
    pub(super) fn auto(state: Autoscope, observed: &[&str]) -> Self {
        let all_apis = || Some(owned(&["all-apis"]));
        let observed = owned(observed);
        let (granted, inferred, backfill) = match state {
            Autoscope::Completed => (Some(observed.clone()), observed, Vec::new()),
            Autoscope::Running | Autoscope::ApiNotCovered | Autoscope::Paused => (all_apis(), observed, Vec::new()),
            Autoscope::Backfilled => (None, Vec::new(), observed),
            Autoscope::Disabled | Autoscope::UserSelected => (all_apis(), Vec::new(), Vec::new()),
        };
        Self {
            granted,
            autoscope: Some(state),
            inferred,
            backfill,
        }
    }

    /// The scopes of a token from before auto-scoping, with a proposal that the platform computed from its past use.
    pub(super) fn proposed(scopes: &[&str]) -> Self {
        Self {
            backfill: owned(scopes),
            ..Self::default()
        }
    }
}

fn owned(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

/// A token to create.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) comment: Option<String>,
    pub(super) owner: PrincipalId,
    /// The owner, or the admin who created it on behalf of a service principal.
    pub(super) creator: PrincipalId,
    pub(super) created_days_ago: u32,
    pub(super) life: Life,
    pub(super) used_days_ago: Option<u32>,
    pub(super) scopes: Scopes,
    /// Whether its ID is twelve hexadecimal digits instead of the hash of its value.
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
        // Between half an hour and a day older than stated, so that no time is in the future.
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
            // Older records lack this field.
            workspace_id: (self.created_days_ago < 760).then_some(workspace_id),
            last_used_day,
            scopes: self.scopes.granted,
            former_scopes: None,
            autoscope: self.scopes.autoscope,
            inferred_scopes: self.scopes.inferred,
            backfill_scopes: self.scopes.backfill,
        }
    }
}
