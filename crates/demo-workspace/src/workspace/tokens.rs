//! The personal access tokens of the workspace. A token's value is never stored, only its SHA-256.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::directory::PrincipalId;
use crate::clock::{DAY_MS, day_of};

/// SHA-256 of a token's value.
pub(crate) type ValueHash = [u8; 32];

/// `expiry_time` of a token that never expires.
pub(crate) const NEVER: i64 = -1;

/// For how many days the platform observes a token, according to two texts about its release notes.
const OBSERVATION_DAYS: i64 = 30;

/// One personal access token. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) value: ValueHash,
    pub(crate) comment: Option<String>,
    pub(crate) creation_time: i64,
    /// [`NEVER`] for tokens that never expire. `None` in a few old records.
    pub(crate) expiry_time: Option<i64>,
    pub(crate) created_by: PrincipalId,
    pub(crate) created_by_username: String,
    pub(crate) owner: PrincipalId,
    pub(crate) workspace_id: Option<u64>,
    /// Midnight UTC of the last day of use.
    pub(crate) last_used_day: Option<i64>,
    /// `None` means full access.
    pub(crate) scopes: Option<Vec<String>>,
    /// After a change of scopes that takes a while: the scopes that calls still have, and until when.
    pub(crate) former_scopes: Option<(Option<Vec<String>>, i64)>,
    pub(crate) autoscope: Option<Autoscope>,
    pub(crate) inferred_scopes: Vec<String>,
    pub(crate) backfill_scopes: Vec<String>,
}

impl Token {
    pub(crate) fn is_expired(&self, now_ms: i64) -> bool {
        self.expiry_time.is_some_and(|at| at > 0 && at <= now_ms)
    }

    /// The scopes that a call has at this moment.
    pub(crate) fn scopes_in_effect(&self, now_ms: i64) -> Option<&Vec<String>> {
        match &self.former_scopes {
            Some((former, until)) if now_ms < *until => former.as_ref(),
            _ => self.scopes.as_ref(),
        }
    }

    /// When the platform stops observing the token and limits its scopes. It is unknown what happens to a token without
    /// any used scope; here, its observation continues.
    fn observation_end(&self) -> i64 {
        match self.autoscope {
            Some(Autoscope::Running) if !self.inferred_scopes.is_empty() => {
                self.creation_time.saturating_add(OBSERVATION_DAYS * DAY_MS)
            }
            _ => i64::MAX,
        }
    }

    /// Limits the token to the scopes that it used.
    fn limit(&mut self) {
        self.inferred_scopes.sort_unstable();
        self.scopes = Some(self.inferred_scopes.clone());
        self.autoscope = Some(Autoscope::Completed);
    }

    /// When the platform next changes or removes the token automatically.
    fn next_event(&self, retention: Retention) -> i64 {
        self.removal_time(retention).min(self.observation_end())
    }

    /// When the platform removes the token if it is not used again. For a token that was never used, the time counts
    /// from its creation, which no source confirms.
    fn removal_time(&self, retention: Retention) -> i64 {
        let idle = match retention.idle_days {
            0 => i64::MAX,
            days => self.last_used_day.unwrap_or(self.creation_time) + i64::from(days) * DAY_MS,
        };
        let expired = match self.expiry_time {
            Some(at) if at > 0 => at.saturating_add(i64::from(retention.expired_grace_days) * DAY_MS),
            _ => i64::MAX,
        };
        idle.min(expired)
    }
}

/// The state of the platform's detection of the scopes that a token needs, as in the vendor's SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Autoscope {
    /// Only the name is documented.
    #[serde(rename = "AUTOSCOPE_STATE_DISABLED")]
    Disabled,
    /// The token is observed.
    #[serde(rename = "AUTOSCOPE_STATE_RUNNING")]
    Running,
    /// The token was limited to what it used.
    #[serde(rename = "AUTOSCOPE_STATE_COMPLETED")]
    Completed,
    /// Only the name is documented.
    #[serde(rename = "AUTOSCOPE_STATE_BACKFILLED")]
    Backfilled,
    /// Someone chose the scopes.
    #[serde(rename = "AUTOSCOPE_STATE_USER_SELECTED")]
    UserSelected,
    /// Only the name is documented.
    #[serde(rename = "AUTOSCOPE_STATE_API_NOT_COVERED")]
    ApiNotCovered,
    /// A state that no SDK knows.
    #[serde(rename = "AUTOSCOPE_STATE_PAUSED")]
    Paused,
}

/// How long the platform keeps unused and expired tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention {
    pub(crate) idle_days: u32,
    pub(crate) expired_grace_days: u32,
}

/// All tokens, in the order in which the list call returns them.
#[derive(Debug, Default)]
pub(crate) struct TokenTable {
    rows: BTreeMap<u64, Token>,
    by_id: HashMap<String, u64>,
    by_value: HashMap<ValueHash, u64>,
    next_row: u64,
    /// No token has to be removed or limited before this time, unless the retention changes.
    no_event_before: Option<(Retention, i64)>,
}

impl TokenTable {
    pub(crate) fn insert(&mut self, token: Token) {
        let row = self.next_row;
        self.next_row += 1;
        if let Some((retention, until)) = &mut self.no_event_before {
            *until = token.next_event(*retention).min(*until);
        }
        self.by_id.insert(token.id.clone(), row);
        self.by_value.insert(token.value, row);
        self.rows.insert(row, token);
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Token> {
        let row = self.by_id.remove(id)?;
        let token = self.rows.remove(&row)?;
        self.by_value.remove(&token.value);
        Some(token)
    }

    pub(crate) fn remove_where(&mut self, condition: impl Fn(&Token) -> bool) {
        let ids: Vec<String> = self
            .iter()
            .filter(|token| condition(token))
            .map(|token| token.id.clone())
            .collect();
        for id in ids {
            self.remove(&id);
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Token> {
        self.rows.get(self.by_id.get(id)?)
    }

    /// For changes of comment and scopes. ID and value are indexed and must not change.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Token> {
        self.rows.get_mut(self.by_id.get(id)?)
    }

    pub(crate) fn by_value(&self, value: &str) -> Option<&Token> {
        self.rows.get(self.by_value.get(&hash(value))?)
    }

    pub(crate) fn record_use(&mut self, id: &str, now_ms: i64) {
        if let Some(token) = self.get_mut(id) {
            token.last_used_day = Some(day_of(now_ms));
        }
    }

    /// Records that an observed token used a scope.
    pub(crate) fn record_scope_use(&mut self, id: &str, scope: &str) {
        let observed = self
            .get_mut(id)
            .filter(|token| token.autoscope == Some(Autoscope::Running));
        let Some(token) = observed else { return };
        if !token.inferred_scopes.iter().any(|seen| seen == scope) {
            token.inferred_scopes.push(scope.to_owned());
            token.inferred_scopes.sort_unstable();
            // The token may have to be limited immediately.
            self.no_event_before = None;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Token> {
        self.rows.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn owners(&self) -> BTreeSet<PrincipalId> {
        self.iter().map(|token| token.owner).collect()
    }

    /// The earliest time at which a token may have to be removed or limited.
    pub(crate) fn next_event(&self, retention: Retention) -> i64 {
        match self.no_event_before {
            Some((of, until)) if of == retention => until,
            _ => i64::MIN,
        }
    }

    pub(crate) fn sweep(&mut self, now_ms: i64, retention: Retention) {
        self.remove_where(|token| token.removal_time(retention) <= now_ms);
        let due = self.rows.values_mut().filter(|token| token.observation_end() <= now_ms);
        due.for_each(Token::limit);
        let next = self.iter().map(|token| token.next_event(retention)).min();
        self.no_event_before = Some((retention, next.unwrap_or(i64::MAX)));
    }
}

pub(crate) fn hash(value: &str) -> ValueHash {
    Sha256::digest(value).into()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
