//! The workspace's clock: real time plus the time that a test has added. Only a reset moves it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::DATE;
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;

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

/// Adds the header `Date` to a response, from the workspace's clock.
pub(crate) async fn add_date(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let since_epoch = Duration::from_millis(u64::try_from(app.clock.now_ms()).unwrap_or_default());
    let date = httpdate::fmt_http_date(UNIX_EPOCH + since_epoch);
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// Midnight UTC of the day of `now_ms`.
pub(crate) fn day_of(now_ms: i64) -> i64 {
    now_ms.div_euclid(DAY_MS) * DAY_MS
}
