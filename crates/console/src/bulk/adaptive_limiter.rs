//! How fast a workspace is asked to revoke tokens: with as many concurrent calls as it responds to quickly, and within
//! its rate limit.
//!
//! The number of concurrent calls grows by one per round while responses are quick, and shrinks when they get slow. The
//! first 429 halves it. Each later 429 shows how many calls per second the workspace accepts: those that passed since
//! the one before, waiting included, unless they were only a few. From then on, calls keep to a rate a little below
//! that. The rate rises slowly, so that an accidental 429 costs little. So 429s stay rare with any limit
//! (<https://docs.databricks.com> publishes none for tokens). No existing crate adapts its limit to what a server
//! accepts.

use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The highest number of concurrent calls.
const MAX_CONCURRENCY: f64 = 8.0;

/// The lowest number of concurrent calls: a call that hangs must not hold up all others.
const MIN_CONCURRENCY: f64 = 2.0;

/// The number of concurrent calls at the start.
const INITIAL_CONCURRENCY: f64 = 4.0;

/// How long to wait after a 429 that does not say how long.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);

/// The fewest calls between two 429s from which a rate is measured. With fewer, the workspace is only busy, and waiting
/// for its Retry-After is enough: a rate of one call every few seconds would hold up all later calls for minutes.
const MIN_MEASURED_CALLS: f64 = 5.0;

/// The share of the measured rate that is used.
const RATE_SAFETY_FACTOR: f64 = 0.95;

/// How much the rate grows with each call that passes, in calls per second. That adds a tenth of the rate per second.
const RATE_GROWTH: f64 = 0.1;

/// The lowest rate, in calls per second. A lower measurement means a pause of the console or of the workspace.
const MIN_RATE: f64 = 0.5;

/// After this time without calls, although the workspace accepts them, the count of calls no longer shows how many it
/// accepts per second.
const MAX_IDLE: Duration = Duration::from_secs(10);

/// The share of the rate that remains after a 429, at least.
const BACKOFF_FACTOR: f64 = 0.7;

/// A response is slow if it takes longer than this many times the quickest one, plus the margin.
const SLOW_LATENCY_FACTOR: u32 = 3;

/// See [`SLOW_LATENCY_FACTOR`].
const SLOW_LATENCY_MARGIN: Duration = Duration::from_millis(100);

/// The limiter of one workspace, shared by all of its bulk revocations.
#[derive(Default)]
pub(crate) struct AdaptiveLimiter {
    state: Mutex<LimiterState>,
    released: Notify,
}

/// Permission to make one call. If it is dropped without a report, the limiter learns nothing from the call.
pub(crate) struct Permit<'a> {
    limiter: &'a AdaptiveLimiter,
    began: Instant,
}

impl AdaptiveLimiter {
    /// Waits until a call may be made.
    pub(crate) async fn acquire(&self) -> Permit<'_> {
        loop {
            let released = self.released.notified();
            let now = Instant::now();
            let until = match self.lock().begin(now) {
                Ok(()) => {
                    return Permit {
                        limiter: self,
                        began: now,
                    };
                }
                Err(until) => until,
            };
            match until {
                Some(until) => tokio::select! { () = sleep_until(until) => {}, () = released => {} },
                None => released.await,
            }
        }
    }

    /// The number of concurrent calls that are allowed now.
    pub(crate) fn concurrency(&self) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 8")]
        let limit = self.lock().limit as u32;
        limit
    }

    /// How much longer the workspace has asked to wait; `None` if it has not.
    pub(crate) fn retry_in(&self) -> Option<Duration> {
        let left = self.lock().paused_until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Makes no call for this long: the workspace asked another instance to wait.
    pub(crate) fn pause(&self, pause: Duration) {
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Some(Instant::now() + pause));
    }

    fn lock(&self) -> MutexGuard<'_, LimiterState> {
        self.state.lock()
    }
}

impl Permit<'_> {
    /// Reports a response of any kind except a 429.
    pub(crate) fn succeeded(self) {
        let now = Instant::now();
        self.limiter.lock().succeeded(now, now - self.began);
    }

    /// Reports that the workspace refused the call because of too many requests.
    pub(crate) fn rate_limited(self, retry_after: Option<Duration>) {
        self.limiter
            .lock()
            .rate_limited(Instant::now(), self.began, retry_after);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.limiter.lock().end(Instant::now());
        // All waiting calls check again, since more than one may start now.
        self.limiter.released.notify_waiters();
    }
}

/// The state and the rules of the limiter. Callers pass the time.
struct LimiterState {
    in_flight: u32,
    limit: f64,
    /// Calls per second, once it is known how many the workspace accepts.
    rate: Option<f64>,
    /// When the rate allows the next call.
    next_call: Option<Instant>,
    /// When the pause that the workspace asked for ends.
    paused_until: Option<Instant>,
    /// When the last call ended.
    last_end: Option<Instant>,
    /// When the last 429 came.
    last_429: Option<Instant>,
    /// When the 429 came since which passed calls are counted.
    measured_from: Option<Instant>,
    /// The number of calls that passed since `measured_from`.
    passed_calls: f64,
    quickest: Option<Duration>,
    /// When the number of concurrent calls was last reduced because of a slow response.
    last_slowdown: Option<Instant>,
}

impl Default for LimiterState {
    fn default() -> Self {
        Self {
            in_flight: 0,
            limit: INITIAL_CONCURRENCY,
            rate: None,
            next_call: None,
            paused_until: None,
            last_end: None,
            last_429: None,
            measured_from: None,
            passed_calls: 0.0,
            quickest: None,
            last_slowdown: None,
        }
    }
}

impl LimiterState {
    /// Starts a call if that is allowed.
    ///
    /// # Errors
    /// When to ask again; `None` if another call has to end first.
    fn begin(&mut self, now: Instant) -> Result<(), Option<Instant>> {
        if f64::from(self.in_flight) + 1.0 > self.limit {
            return Err(None);
        }
        if let Some(until) = self.paused_until.max(self.next_call).filter(|until| *until > now) {
            return Err(Some(until));
        }
        let idle_since = self.last_end.max(self.paused_until).max(self.next_call);
        if self.in_flight == 0 && idle_since.is_some_and(|since| now - since > MAX_IDLE) {
            self.measured_from = None;
        }
        self.in_flight += 1;
        self.next_call = self.rate.map(|rate| now + Duration::from_secs_f64(1.0 / rate));
        Ok(())
    }

    fn end(&mut self, now: Instant) {
        self.in_flight -= 1;
        self.last_end = Some(now);
    }

    fn succeeded(&mut self, now: Instant, latency: Duration) {
        self.passed_calls += 1.0;
        if let Some(rate) = &mut self.rate {
            *rate += RATE_GROWTH;
        }
        let quickest = *self
            .quickest
            .insert(self.quickest.map_or(latency, |quickest| quickest.min(latency)));
        if latency <= quickest * SLOW_LATENCY_FACTOR + SLOW_LATENCY_MARGIN {
            self.limit = (self.limit + 1.0 / self.limit).min(MAX_CONCURRENCY);
        } else if self.last_slowdown.is_none_or(|at| now - at > latency) {
            // Only once for all calls that were in flight together.
            self.last_slowdown = Some(now);
            self.limit = (self.limit - 1.0).max(MIN_CONCURRENCY);
        }
    }

    fn rate_limited(&mut self, now: Instant, began: Instant, retry_after: Option<Duration>) {
        self.paused_until = self
            .paused_until
            .max(Some(now + retry_after.unwrap_or(DEFAULT_RETRY_AFTER)));
        // A call that was in flight during the last 429 says nothing new.
        if self.last_429.is_some_and(|at| began <= at) {
            return;
        }
        self.last_429 = Some(now);
        let Some(from) = self.measured_from else {
            self.limit = (self.limit / 2.0).max(MIN_CONCURRENCY);
            return self.measure_from(now);
        };
        if self.passed_calls >= MIN_MEASURED_CALLS {
            let seconds = (now - from).as_secs_f64().max(0.1);
            let measured = self.passed_calls / seconds * RATE_SAFETY_FACTOR;
            let rate = self.rate.map_or(measured, |rate| measured.max(rate * BACKOFF_FACTOR));
            self.rate = Some(rate.max(MIN_RATE));
            self.measure_from(now);
        }
    }

    fn measure_from(&mut self, now: Instant) {
        self.measured_from = Some(now);
        self.passed_calls = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace that accepts `rate` calls per second, after a `burst`.
    struct Bucket {
        rate: f64,
        burst: f64,
        left: f64,
        at: Instant,
    }

    impl Bucket {
        fn accepts(&mut self, now: Instant) -> bool {
            self.left = (self.left + (now - self.at).as_secs_f64() * self.rate).min(self.burst);
            self.at = now;
            let accepts = self.left >= 1.0;
            self.left -= if accepts { 1.0 } else { 0.0 };
            accepts
        }
    }

    /// Makes `calls` calls that take `latency` each, to a workspace with a limit if there is a `bucket`. Returns how
    /// long that took, and how many calls were refused.
    async fn drive(calls: u32, latency: Duration, bucket: Option<(f64, f64)>) -> (Duration, u32) {
        let began = Instant::now();
        let bucket = bucket.map(|(rate, burst)| {
            Mutex::new(Bucket {
                rate,
                burst,
                left: burst,
                at: began,
            })
        });
        let limiter = AdaptiveLimiter::default();
        let (left, refused) = (Mutex::new(calls), Mutex::new(0));
        let one = || async {
            while {
                let mut left = left.lock();
                *left = left.saturating_sub(1);
                *left > 0
            } {
                loop {
                    let permit = limiter.acquire().await;
                    let accepts = bucket
                        .as_ref()
                        .is_none_or(|bucket| bucket.lock().accepts(Instant::now()));
                    tokio::time::sleep(latency).await;
                    if accepts {
                        permit.succeeded();
                        break;
                    }
                    *refused.lock() += 1;
                    permit.rate_limited(Some(Duration::from_secs(1)));
                }
            }
        };
        let workers: Vec<_> = (0..8).map(|_| one()).collect();
        futures_util::future::join_all(workers).await;
        let refused = *refused.lock();
        (began.elapsed(), refused)
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_eight_calls_are_soon_in_flight() {
        let (took, refused) = drive(1000, Duration::from_millis(30), None).await;
        assert_eq!(refused, 0);
        // A thousand calls, eight at a time, 30 ms each.
        assert!(took < Duration::from_millis(1000 / 8 * 30 + 400), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_is_found_and_used_with_few_refusals() {
        for (rate, burst, latency) in [(50.0, 50.0, 2), (50.0, 50.0, 30), (20.0, 100.0, 5), (5.0, 5.0, 30)] {
            let calls = 1000;
            let (took, refused) = drive(calls, Duration::from_millis(latency), Some((rate, burst))).await;
            let minimum = (f64::from(calls) - burst) / rate;
            let share = minimum / took.as_secs_f64();
            assert!(share > 0.8, "{rate}/{burst}/{latency}: {share} of the possible rate");
            let refused_share = f64::from(refused) / f64::from(calls + refused);
            assert!(refused_share < 0.05, "{rate}/{burst}/{latency}: {refused} refused");
        }
    }

    /// Four refusals, one after the other, with `passed` calls between two of them.
    fn refused_four_times(passed: u32) -> LimiterState {
        let mut state = LimiterState::default();
        let mut now = Instant::now();
        for _ in 0..4 {
            now += Duration::from_secs(3);
            state.rate_limited(now, now, Some(Duration::from_secs(3)));
            for _ in 0..passed {
                state.succeeded(now, Duration::from_millis(30));
            }
            now += Duration::from_millis(1);
        }
        state
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_with_hardly_a_call_between_them_do_not_measure_the_rate() {
        assert_eq!(refused_four_times(0).rate, None);
        assert_eq!(refused_four_times(1).rate, None);
        // The calls that passed between three of them do: six in six seconds, and 0.1 per call that passed since.
        let rate = refused_four_times(3).rate.unwrap();
        assert!(
            (rate - (6.0 / 6.0 * RATE_SAFETY_FACTOR + 6.0 * RATE_GROWTH)).abs() < 0.01,
            "{rate}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_between_two_bulk_changes_is_not_part_of_the_measured_rate() {
        let mut state = LimiterState::default();
        let mut now = Instant::now();
        let mut call = |state: &mut LimiterState, pause: u64, is_refused: bool| {
            now += Duration::from_secs(pause);
            state.begin(now).unwrap();
            now += Duration::from_millis(30);
            match is_refused {
                true => state.rate_limited(now, now, None),
                false => state.succeeded(now, Duration::from_millis(30)),
            }
            state.end(now);
        };
        call(&mut state, 0, true);
        for _ in 0..15 {
            call(&mut state, 2, false);
        }
        call(&mut state, 24 * 3600, false);
        for _ in 0..10 {
            call(&mut state, 0, false);
        }
        call(&mut state, 0, true);
        assert_eq!(
            state.rate, None,
            "the first refusal after a pause only starts to measure"
        );
        for _ in 0..10 {
            call(&mut state, 2, false);
        }
        call(&mut state, 2, true);
        let rate = state.rate.unwrap();
        assert!((rate - MIN_RATE).abs() < 0.02, "{rate}");
    }

    #[tokio::test(start_paused = true)]
    async fn slow_responses_reduce_the_number_of_concurrent_calls() {
        let mut state = LimiterState::default();
        let began = Instant::now();
        for n in 1..100 {
            state.succeeded(began + Duration::from_millis(30 * n), Duration::from_millis(30));
        }
        assert!((state.limit - MAX_CONCURRENCY).abs() < f64::EPSILON);
        for n in 1..100 {
            state.succeeded(began + Duration::from_secs(10 + n), Duration::from_millis(900));
        }
        assert!((state.limit - MIN_CONCURRENCY).abs() < f64::EPSILON);
    }
}
