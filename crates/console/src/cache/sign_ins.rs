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
const MAX_CACHED_SIGN_INS: u64 = 10_000;

/// See the module.
#[derive(Clone)]
pub(crate) struct RecentSignIns {
    sign_ins: Cache<SignInId, Arc<SignIn>>,
    /// Whose last use is being noted, or was within the last minute.
    touched: Cache<SignInId, ()>,
}

impl Default for RecentSignIns {
    fn default() -> Self {
        Self {
            sign_ins: cache(Duration::from_secs(1)),
            touched: cache(Duration::from_secs(60)),
        }
    }
}

impl RecentSignIns {
    /// The sign-in, where it was read lately and has not ended by `now`.
    pub(crate) fn get(&self, id: &SignInId, now: Timestamp) -> Option<Arc<SignIn>> {
        self.sign_ins.get(id).filter(|known| known.ends > now)
    }

    pub(crate) fn keep(&self, known: Arc<SignIn>) {
        self.sign_ins.insert(known.id, known);
    }

    pub(crate) fn forget(&self, id: &SignInId) {
        self.sign_ins.invalidate(id);
    }

    /// Whether the last use of a sign-in is to be noted now: nobody else is at it.
    pub(crate) fn begin_touch(&self, id: SignInId) -> bool {
        self.touched.entry(id).or_insert(()).is_fresh()
    }

    /// Lets the next request try again.
    pub(crate) fn end_touch(&self, id: &SignInId) {
        self.touched.invalidate(id);
    }
}

fn cache<V: Clone + Send + Sync + 'static>(kept_for: Duration) -> Cache<SignInId, V> {
    Cache::builder()
        .max_capacity(MAX_CACHED_SIGN_INS)
        .time_to_live(kept_for)
        .build()
}
