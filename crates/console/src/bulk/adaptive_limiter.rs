//! How fast a workspace is asked to revoke: as many calls side by side as answer well, and no faster than it lets.
//!
//! Calls side by side grow by one a round while answers are quick, and shrink when they get slow. The first 429 halves them. From the
//! second on it is known how many calls the workspace takes a second: those that passed between two refusals, waiting included. That
//! rate is kept, a little below, and tried a little higher as time goes by; a refusal that came by chance costs little. So refusals
//! stay rare, whatever the limit is (<https://docs.databricks.com> publishes none for tokens).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// Calls side by side, at most.
const MAX_CONCURRENCY: f64 = 8.0;

/// And at least: one that hangs must not hold up all.
const MIN_CONCURRENCY: f64 = 2.0;

/// And at the beginning.
const INITIAL_CONCURRENCY: f64 = 4.0;

/// How long is waited where a refusal does not say how long.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);

/// Of the rate that was seen to pass, how much is used.
const RATE_SAFETY_FACTOR: f64 = 0.95;

/// By how many calls a second the rate grows, for each call that passes: by a tenth of itself a second.
const RATE_GROWTH: f64 = 0.1;

/// Of the rate before a refusal, how much is kept at least.
const BACKOFF_FACTOR: f64 = 0.7;

/// An answer that takes so many times the quickest, and so much longer, is slow.
const SLOW_LATENCY_FACTOR: u32 = 3;
const SLOW_LATENCY_MARGIN: Duration = Duration::from_millis(100);

/// The pace of one workspace, shared by all jobs on it.
#[derive(Default)]
pub(crate) struct AdaptiveLimiter {
    control: Mutex<LimiterState>,
    freed: Notify,
}

/// Leave to make one call. Dropping it without a word gives it back.
pub(crate) struct Permit<'a> {
    pace: &'a AdaptiveLimiter,
    began: Instant,
}

impl AdaptiveLimiter {
    /// Waits until a call may be made.
    pub(crate) async fn acquire(&self) -> Permit<'_> {
        loop {
            let freed = self.freed.notified();
            let now = Instant::now();
            let until = match self.lock().begin(now) {
                Ok(()) => return Permit { pace: self, began: now },
                Err(until) => until,
            };
            match until {
                Some(until) => tokio::select! { () = sleep_until(until) => {}, () = freed => {} },
                None => freed.await,
            }
        }
    }

    /// Calls that may be made side by side now.
    pub(crate) fn concurrency(&self) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 8")]
        let limit = self.lock().limit as u32;
        limit
    }

    /// How long the workspace still wants to be left alone, where it said so.
    pub(crate) fn retry_in(&self) -> Option<Duration> {
        let left = self.lock().resume?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn lock(&self) -> MutexGuard<'_, LimiterState> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// An answer came, whatever it says. One that did not come tells nothing of the pace.
    pub(crate) fn succeeded(self) {
        let now = Instant::now();
        self.pace.lock().succeeded(now, now - self.began);
    }

    /// The workspace refused for being asked too much.
    pub(crate) fn rate_limited(self, retry_after: Option<Duration>) {
        self.pace.lock().rate_limited(Instant::now(), self.began, retry_after);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.pace.lock().under_way -= 1;
        // Whoever waits looks at the clock again, since more than one may go on now.
        self.pace.freed.notify_waiters();
    }
}

/// The rule, without a clock of its own.
struct LimiterState {
    under_way: u32,
    limit: f64,
    /// Calls a second, once the workspace has shown how many it takes.
    rate: Option<f64>,
    /// By the rate, the next call is not made before.
    next: Option<Instant>,
    /// The workspace wants to be left alone until then.
    resume: Option<Instant>,
    limited: Option<Instant>,
    /// Calls that passed since then.
    passed: f64,
    quickest: Option<Duration>,
    slowed: Option<Instant>,
}

impl Default for LimiterState {
    fn default() -> Self {
        Self {
            under_way: 0,
            limit: INITIAL_CONCURRENCY,
            rate: None,
            next: None,
            resume: None,
            limited: None,
            passed: 0.0,
            quickest: None,
            slowed: None,
        }
    }
}

impl LimiterState {
    /// Takes a call; else the time from which to ask again, or `None` where a call has to end first.
    fn begin(&mut self, now: Instant) -> Result<(), Option<Instant>> {
        if f64::from(self.under_way) + 1.0 > self.limit {
            return Err(None);
        }
        if let Some(until) = self.resume.max(self.next).filter(|until| *until > now) {
            return Err(Some(until));
        }
        self.under_way += 1;
        self.next = self.rate.map(|rate| now + Duration::from_secs_f64(1.0 / rate));
        Ok(())
    }

    fn succeeded(&mut self, now: Instant, took: Duration) {
        self.passed += 1.0;
        if let Some(rate) = &mut self.rate {
            *rate += RATE_GROWTH;
        }
        let quickest = *self
            .quickest
            .insert(self.quickest.map_or(took, |quickest| quickest.min(took)));
        if took <= quickest * SLOW_LATENCY_FACTOR + SLOW_LATENCY_MARGIN {
            self.limit = (self.limit + 1.0 / self.limit).min(MAX_CONCURRENCY);
        } else if self.slowed.is_none_or(|at| now - at > took) {
            // Once for all calls that were under way together.
            self.slowed = Some(now);
            self.limit = (self.limit - 1.0).max(MIN_CONCURRENCY);
        }
    }

    fn rate_limited(&mut self, now: Instant, began: Instant, retry_after: Option<Duration>) {
        self.resume = self.resume.max(Some(now + retry_after.unwrap_or(DEFAULT_RETRY_AFTER)));
        // Calls that were under way when the first was refused tell nothing new.
        if self.limited.is_some_and(|at| began <= at) {
            return;
        }
        if let Some(before) = self.limited.replace(now) {
            let seconds = (now - before).as_secs_f64().max(0.1);
            let seen = (self.passed / seconds * RATE_SAFETY_FACTOR).max(0.2);
            self.rate = Some(self.rate.map_or(seen, |rate| seen.max(rate * BACKOFF_FACTOR)));
        } else {
            self.limit = (self.limit / 2.0).max(MIN_CONCURRENCY);
        }
        self.passed = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace that takes `rate` calls a second after `burst` at once.
    struct Bucket {
        rate: f64,
        burst: f64,
        left: f64,
        at: Instant,
    }

    impl Bucket {
        fn takes(&mut self, now: Instant) -> bool {
            self.left = (self.left + (now - self.at).as_secs_f64() * self.rate).min(self.burst);
            self.at = now;
            let takes = self.left >= 1.0;
            self.left -= if takes { 1.0 } else { 0.0 };
            takes
        }
    }

    /// Makes `calls` calls that take `latency`, and answers how long it took and how many were refused.
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
        let pace = AdaptiveLimiter::default();
        let (left, refused) = (Mutex::new(calls), Mutex::new(0));
        let one = || async {
            while {
                let mut left = left.lock().unwrap();
                *left = left.saturating_sub(1);
                *left > 0
            } {
                loop {
                    let slot = pace.acquire().await;
                    let takes = bucket
                        .as_ref()
                        .is_none_or(|bucket| bucket.lock().unwrap().takes(Instant::now()));
                    tokio::time::sleep(latency).await;
                    if takes {
                        slot.succeeded();
                        break;
                    }
                    *refused.lock().unwrap() += 1;
                    slot.rate_limited(Some(Duration::from_secs(1)));
                }
            }
        };
        let many: Vec<_> = (0..8).map(|_| one()).collect();
        futures_util::future::join_all(many).await;
        let refused = *refused.lock().unwrap();
        (began.elapsed(), refused)
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_eight_calls_are_soon_under_way() {
        let (took, refused) = drive(1000, Duration::from_millis(30), None).await;
        assert_eq!(refused, 0);
        // A thousand, eight at a time, 30 ms each.
        assert!(took < Duration::from_millis(1000 / 8 * 30 + 400), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_is_found_and_kept_with_few_refusals() {
        for (rate, burst, latency) in [(50.0, 50.0, 2), (50.0, 50.0, 30), (20.0, 100.0, 5), (5.0, 5.0, 30)] {
            let calls = 1000;
            let (took, refused) = drive(calls, Duration::from_millis(latency), Some((rate, burst))).await;
            let least = (f64::from(calls) - burst) / rate;
            let share = least / took.as_secs_f64();
            assert!(share > 0.8, "{rate}/{burst}/{latency}: {share} of the ceiling");
            let of_requests = f64::from(refused) / f64::from(calls + refused);
            assert!(of_requests < 0.05, "{rate}/{burst}/{latency}: {refused} refused");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn slow_answers_are_answered_by_asking_less() {
        let mut control = LimiterState::default();
        let began = Instant::now();
        for n in 1..100 {
            control.succeeded(began + Duration::from_millis(30 * n), Duration::from_millis(30));
        }
        assert!((control.limit - MAX_CONCURRENCY).abs() < f64::EPSILON);
        for n in 1..100 {
            control.succeeded(began + Duration::from_secs(10 + n), Duration::from_millis(900));
        }
        assert!((control.limit - MIN_CONCURRENCY).abs() < f64::EPSILON);
    }
}
