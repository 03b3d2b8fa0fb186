//! Calls that the workspace has received and will process later.

use tokio::sync::watch;

/// How many calls wait, and how often they were released.
#[derive(Debug)]
pub(crate) struct CallQueue {
    count: watch::Sender<usize>,
    releases: watch::Sender<u64>,
}

impl Default for CallQueue {
    fn default() -> Self {
        Self {
            count: watch::Sender::new(0),
            releases: watch::Sender::new(0),
        }
    }
}

impl CallQueue {
    /// Holds one more call. Returns a receiver that changes when the call is released; call [`Self::end`] after that.
    pub(crate) fn begin(&self) -> watch::Receiver<u64> {
        self.count.send_modify(|count| *count += 1);
        self.releases.subscribe()
    }

    /// Counts a held call as processed.
    pub(crate) fn end(&self) {
        self.count.send_modify(|count| *count = count.saturating_sub(1));
    }

    /// Releases all held calls, and waits until they have been processed.
    pub(crate) async fn release(&self) {
        let mut count = self.count.subscribe();
        self.releases.send_modify(|releases| *releases += 1);
        // The sender lives as long as `self`.
        let _ = count.wait_for(|count| *count == 0).await;
    }
}
