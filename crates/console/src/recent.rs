//! Sign-ins that were read within the last second: a person's page is several requests, and a team's many.
//!
//! Whoever is signed out through this console is forgotten here at once; another process at the same database (or a
//! request that was reading at that very moment) is a second late at most.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use moka::sync::Cache;
use store::{SignIn, SignInId};

/// How many are kept.
const KEPT: u64 = 10_000;

/// See the module.
#[derive(Clone)]
pub(crate) struct RecentSignIns(Cache<SignInId, Arc<SignIn>>);

impl Default for RecentSignIns {
    fn default() -> Self {
        let builder = Cache::builder().max_capacity(KEPT);
        Self(builder.time_to_live(Duration::from_secs(1)).build())
    }
}

impl RecentSignIns {
    /// The sign-in, where it was read lately and has not ended by `now`.
    pub(crate) fn get(&self, id: &SignInId, now: Timestamp) -> Option<Arc<SignIn>> {
        self.0.get(id).filter(|known| known.ends > now)
    }

    pub(crate) fn keep(&self, known: Arc<SignIn>) {
        self.0.insert(known.id, known);
    }

    pub(crate) fn forget(&self, id: &SignInId) {
        self.0.invalidate(id);
    }
}
