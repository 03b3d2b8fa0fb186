//! Sign-ins that were read within the last second. Opening one page makes several requests, and each needs its sign-in.
//!
//! A person who signs out through this console is removed from this cache immediately. A sign-out through another
//! process with the same database takes effect after a second at most. The same is true if a request reads the sign-in
//! at that very moment.
//!
//! While the database does not respond, what was read within the last 30 seconds is used, for reading only.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use moka::sync::Cache;
use store::{SESSION_GRACE, SignIn, SignInId};

use super::expiring;

const MAX_CACHED_SIGN_INS: u64 = 10_000;

/// The sign-ins that were read recently.
#[derive(Clone)]
pub(crate) struct RecentSignIns {
    sign_ins: Cache<SignInId, Arc<SignIn>>,
    /// Sign-ins that are used while the database does not respond.
    fallback: Cache<SignInId, Arc<SignIn>>,
    /// Sign-ins whose last use is being recorded, or was within the last minute.
    touched: Cache<SignInId, ()>,
}

impl Default for RecentSignIns {
    fn default() -> Self {
        Self {
            sign_ins: expiring(MAX_CACHED_SIGN_INS, Duration::from_secs(1)),
            fallback: expiring(MAX_CACHED_SIGN_INS, SESSION_GRACE),
            touched: expiring(MAX_CACHED_SIGN_INS, Duration::from_mins(1)),
        }
    }
}

impl RecentSignIns {
    /// The sign-in, if it was read within the last second and has not ended by `now`.
    pub(crate) fn get(&self, id: &SignInId, now: Timestamp) -> Option<Arc<SignIn>> {
        self.sign_ins.get(id).filter(|sign_in| sign_in.ends > now)
    }

    /// The sign-in, if it was read within [`SESSION_GRACE`] and has not ended by `now`.
    pub(crate) fn get_during_outage(&self, id: &SignInId, now: Timestamp) -> Option<Arc<SignIn>> {
        self.fallback.get(id).filter(|sign_in| sign_in.ends > now)
    }

    pub(crate) fn insert(&self, sign_in: Arc<SignIn>) {
        self.fallback.insert(sign_in.id, Arc::clone(&sign_in));
        self.sign_ins.insert(sign_in.id, sign_in);
    }

    /// Lets the next request read it again, unless the database does not respond.
    pub(crate) fn expire(&self, id: &SignInId) {
        self.sign_ins.invalidate(id);
    }

    pub(crate) fn invalidate(&self, id: &SignInId) {
        self.sign_ins.invalidate(id);
        self.fallback.invalidate(id);
    }

    /// Whether the caller should record the last use of a sign-in now. Only one caller a minute should.
    pub(crate) fn begin_touch(&self, id: SignInId) -> bool {
        self.touched.entry(id).or_insert(()).is_fresh()
    }

    /// Lets the next request try again.
    pub(crate) fn end_touch(&self, id: &SignInId) {
        self.touched.invalidate(id);
    }
}
