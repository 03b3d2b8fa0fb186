//! Looking again until the workspace confirms a change.

use std::convert::identity;
use std::ops::ControlFlow;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use tokio::time::Instant;

/// How long a change may take to be confirmed. The vendor's text for the switch says "a few seconds".
const VERIFY_TIMEOUT: Duration = Duration::from_secs(5);

/// The pause after the first look. Each further pause is twice as long as the one before, up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(150);

const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Repeats `look` until it breaks with a result, at most until [`VERIFY_TIMEOUT`]. A look that cannot decide yet
/// continues with the result to return if no time is left for another look.
pub(super) async fn poll<T, F>(mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = ControlFlow<T, T>>,
{
    let deadline = Instant::now() + VERIFY_TIMEOUT;
    let pauses = ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(MAX_PAUSE)
        .without_max_times();
    let decide = || {
        let looking = look();
        async {
            match looking.await {
                ControlFlow::Break(decided) => Ok(decided),
                ControlFlow::Continue(undecided) => Err(undecided),
            }
        }
    };
    // Not backon's own limit, which adds up the pauses and leaves out how long each look takes.
    let in_time = |_: &T, pause: Option<Duration>| pause.filter(|pause| Instant::now() + *pause <= deadline);
    decide.retry(pauses).adjust(in_time).await.unwrap_or_else(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many looks are made, and after what time, if each takes `latency` and none decides.
    async fn looks(latency: Duration) -> (u32, Duration) {
        let began = Instant::now();
        let mut count = 0;
        let last = poll(|| {
            count += 1;
            let number = count;
            async move {
                tokio::time::sleep(latency).await;
                ControlFlow::Continue(number)
            }
        });
        (last.await, began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn looks_are_repeated_with_growing_pauses_until_the_timeout() {
        let (count, elapsed) = looks(Duration::ZERO).await;
        assert_eq!(count, 7);
        assert!(elapsed <= VERIFY_TIMEOUT, "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn slow_looks_count_towards_the_timeout() {
        let (count, elapsed) = looks(Duration::from_secs(3)).await;
        assert_eq!(count, 2);
        assert!(elapsed > VERIFY_TIMEOUT, "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_look_that_decides_ends_it() {
        let mut left = 3;
        let decided = poll(|| {
            left -= 1;
            let number = left;
            async move {
                match number {
                    0 => ControlFlow::Break("confirmed"),
                    _ => ControlFlow::Continue("not confirmed"),
                }
            }
        });
        assert_eq!(decided.await, "confirmed");
    }
}
