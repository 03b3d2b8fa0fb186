//! The rate limit of the APIs: a bucket that holds a burst of calls and fills up again steadily, in real time.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use governor::clock::MonotonicClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::config::Knobs;

/// One bucket for the whole workspace, whoever calls.
#[derive(Debug, Default)]
pub(crate) struct Rate(Mutex<Option<Bucket>>);

#[derive(Debug)]
struct Bucket {
    quota: Quota,
    limiter: Limiter,
}

// The system's own clock: it needs no calibration, and a workspace starts often in tests.
type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

impl Rate {
    /// Whether a call of `path` may pass, which takes it from the bucket. Turning the knobs makes a new bucket, a full one.
    pub(crate) fn allows(&self, knobs: &Knobs, path: &str) -> bool {
        if !path.starts_with(&knobs.rate_path) {
            return true;
        }
        let wanted = quota(knobs);
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bucket.as_ref().map(|bucket| bucket.quota) != wanted {
            *bucket = wanted.map(|quota| Bucket {
                quota,
                limiter: RateLimiter::direct_with_clock(quota, MonotonicClock),
            });
        }
        bucket.as_ref().is_none_or(|bucket| bucket.limiter.check().is_ok())
    }

    /// The bucket is full again.
    pub(crate) fn refill(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What the knobs allow; `None` is everything.
fn quota(knobs: &Knobs) -> Option<Quota> {
    let per_second = NonZeroU32::new(knobs.rate_per_second)?;
    let burst = NonZeroU32::new(knobs.rate_burst).unwrap_or(per_second);
    Some(Quota::per_second(per_second).allow_burst(burst))
}
