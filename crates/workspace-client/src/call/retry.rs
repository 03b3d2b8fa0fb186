//! When a failed call is sent again, how often, and after what pause.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use tokio::time::{Instant, timeout_at};

use super::Call;
use crate::error::{CallFailure, Error, ErrorKind};

/// The most retries of one call.
const MAX_RETRIES: usize = 3;

/// When a failed call is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// After any transient failure: sending it twice has the same effect as sending it once.
    Safe,
    /// Only if the workspace certainly did not act on it: there was no connection, or the status was 429.
    IfUnprocessed,
    /// Never.
    Never,
}

impl Call<'_> {
    pub(super) async fn with_retries<T, F>(&self, attempt: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, CallFailure>>,
    {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(self.client.budgets().first_pause)
            .with_max_times(MAX_RETRIES)
            .with_jitter();
        let tries = attempt
            .retry(pauses)
            .when(|failure| self.can_retry(failure))
            .adjust(|failure, pause| self.retry_delay(failure, pause?));
        match timeout_at(self.deadline, tries).await {
            Ok(outcome) => outcome.map_err(|failure| failure.error),
            Err(_) => Err(ErrorKind::Timeout.into()),
        }
    }

    fn can_retry(&self, failure: &CallFailure) -> bool {
        match self.retry_policy {
            RetryPolicy::Safe => failure.transient,
            RetryPolicy::IfUnprocessed => failure.not_processed,
            RetryPolicy::Never => false,
        }
    }

    /// The pause that the workspace asks for, plus our own as jitter. `None` if it would not end before the deadline.
    fn retry_delay(&self, failure: &CallFailure, pause: Duration) -> Option<Duration> {
        let pause = failure.error.retry_after().unwrap_or_default() + pause;
        let remaining = self.deadline.saturating_duration_since(Instant::now());
        (pause < remaining).then_some(pause)
    }
}
