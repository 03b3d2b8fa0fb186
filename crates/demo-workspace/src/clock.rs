//! The workspace's clock: real time plus the time that a test has added. Only a reset moves it back.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds in a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

#[derive(Debug)]
pub(crate) struct Clock {
    offset_at_start: i64,
    offset: AtomicI64,
}

impl Clock {
    /// Starts at `now_ms`, or at the real time if that is `None`.
    pub(crate) fn starting_at(now_ms: Option<i64>) -> Self {
        let offset = now_ms.map_or(0, |now| now.saturating_sub(real_now_ms()));
        Self {
            offset_at_start: offset,
            offset: AtomicI64::new(offset),
        }
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        real_now_ms().saturating_add(self.offset.load(Ordering::Relaxed))
    }

    /// Moves forward by `ms`, at most by a century.
    pub(crate) fn advance(&self, ms: u64) {
        let ms = i64::try_from(ms).unwrap_or(i64::MAX).min(36_525 * DAY_MS);
        self.offset.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) fn reset(&self) {
        self.offset.store(self.offset_at_start, Ordering::Relaxed);
    }
}

/// The machine's own time in milliseconds since 1970, which the request log uses.
pub(crate) fn real_now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Midnight UTC of the day of `now_ms`.
pub(crate) fn day_of(now_ms: i64) -> i64 {
    now_ms.div_euclid(DAY_MS) * DAY_MS
}
