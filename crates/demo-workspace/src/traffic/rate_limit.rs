//! The rate limit of the APIs: a token bucket with room for a burst of calls, which refills steadily in real time.

use std::num::NonZeroU32;
use std::time::Instant;

use governor::clock::MonotonicClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use parking_lot::Mutex;

use crate::config::Knobs;

/// One bucket for all callers of the workspace.
#[derive(Debug, Default)]
pub(crate) struct ApiRateLimiter(Mutex<Option<Bucket>>);

#[derive(Debug)]
struct Bucket {
    quota: Quota,
    limiter: Limiter,
}

/// Uses the system's clock, which needs no calibration: tests start many workspaces.
type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<Instant>>;

impl ApiRateLimiter {
    /// Whether a call of `path` is within the limit, and counts it if so. If the knobs have changed, starts with a new,
    /// full bucket.
    pub(crate) fn allows(&self, knobs: &Knobs, path: &str) -> bool {
        if !path.starts_with(&knobs.rate_path) {
            return true;
        }
        let quota = quota(knobs);
        let mut bucket = self.0.lock();
        if bucket.as_ref().map(|bucket| bucket.quota) != quota {
            *bucket = quota.map(|quota| Bucket {
                quota,
                limiter: RateLimiter::direct_with_clock(quota, MonotonicClock),
            });
        }
        bucket.as_ref().is_none_or(|bucket| bucket.limiter.check().is_ok())
    }

    /// Fills the bucket.
    pub(crate) fn refill(&self) {
        *self.0.lock() = None;
    }
}

/// The limit that the knobs set; `None` if they set none.
fn quota(knobs: &Knobs) -> Option<Quota> {
    let per_second = NonZeroU32::new(knobs.rate_per_second)?;
    let burst = NonZeroU32::new(knobs.rate_burst).unwrap_or(per_second);
    Some(Quota::per_second(per_second).allow_burst(burst))
}
