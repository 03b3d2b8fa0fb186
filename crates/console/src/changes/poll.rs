//! Looking again until the workspace confirms a change.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use tokio::time::Instant;

use super::Look;
use crate::Timing;
use crate::actor::is_refusal;

/// Repeats `look` until it confirms the change or is refused, at most until the timeout. Returns the last look.
pub(super) async fn poll<T, F>(timing: Timing, mut look: impl FnMut() -> F) -> Look<T>
where
    F: Future<Output = Look<T>>,
{
    let deadline = Instant::now() + timing.verify_timeout;
    let pauses = ExponentialBuilder::new()
        .with_min_delay(timing.first_pause)
        .with_max_delay(timing.max_pause)
        .without_max_times();
    let decide = || {
        let looking = look();
        async {
            match looking.await {
                Look::Confirmed(confirmed) => Ok(Look::Confirmed(confirmed)),
                // Someone who is refused now would be refused by the next look too.
                Look::Unreadable(error) if is_refusal(&error) => Ok(Look::Unreadable(error)),
                undecided => Err(undecided),
            }
        }
    };
    // backon's own limit adds up the pauses, and leaves out how long each look takes.
    let in_time = |_: &Look<T>, pause: Option<Duration>| pause.filter(|pause| Instant::now() + *pause <= deadline);
    decide.retry(pauses).adjust(in_time).await.unwrap_or_else(|last| last)
}

#[cfg(test)]
mod tests {
    use workspace_client::ErrorKind;

    use super::*;

    /// How many looks are made, and after what time, if each takes `latency` and none decides.
    async fn looks(latency: Duration) -> (u32, Duration) {
        let began = Instant::now();
        let mut count = 0;
        let last: Look<()> = poll(Timing::default(), || {
            count += 1;
            async move {
                tokio::time::sleep(latency).await;
                Look::OldState
            }
        })
        .await;
        assert!(matches!(last, Look::OldState));
        (count, began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn looks_are_repeated_with_growing_pauses_until_the_timeout() {
        let (count, elapsed) = looks(Duration::ZERO).await;
        assert_eq!(count, 7);
        // The clock of the tests ticks in milliseconds.
        assert!(
            elapsed.abs_diff(Duration::from_millis(4050)) < Duration::from_millis(10),
            "{elapsed:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn slow_looks_count_towards_the_timeout() {
        let (count, elapsed) = looks(Duration::from_secs(3)).await;
        assert_eq!((count, elapsed), (2, Duration::from_millis(6150)));
    }

    #[tokio::test(start_paused = true)]
    async fn looks_end_with_the_first_that_confirms_or_is_refused() {
        for refused in [false, true] {
            let mut left = 3;
            let decided = poll(Timing::default(), || {
                left -= 1;
                let number = left;
                async move {
                    match number {
                        0 if refused => Look::Unreadable(ErrorKind::NotAllowed.into()),
                        0 => Look::Confirmed(()),
                        1 => Look::OtherState,
                        _ => Look::Unreadable(ErrorKind::Timeout.into()),
                    }
                }
            });
            let decided = decided.await;
            assert_eq!(matches!(decided, Look::Confirmed(())), !refused);
            assert_eq!(left, 0);
        }
    }
}
