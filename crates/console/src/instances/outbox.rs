//! Events that wait to be published.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use store::{EventKind, NewEvent};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::Console;

/// How many events can wait while the database cannot be written to. The oldest are dropped: other instances read
/// everything again after a minute anyway.
const MAX_WAITING: usize = 1000;

/// The pause before another attempt to publish events.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// How long a console that stops tries to publish the remaining events.
const FINAL_PUBLISH_TIMEOUT: Duration = Duration::from_secs(2);

/// The events that wait to be published. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Outbox(Arc<OutboxState>);

#[derive(Default)]
struct OutboxState {
    events: Mutex<Vec<NewEvent>>,
    added: Notify,
}

impl Outbox {
    /// Adds an event, unless one that says the same is waiting.
    pub(crate) fn add(&self, event: NewEvent) {
        let mut events = self.0.events.lock();
        let says_the_same = |earlier: &NewEvent| match (&earlier.kind, &event.kind) {
            (EventKind::RateLimited { pause_ms: earlier_ms }, EventKind::RateLimited { pause_ms }) => {
                earlier.binding == event.binding && earlier_ms >= pause_ms
            }
            _ => *earlier == event,
        };
        if events.iter().any(says_the_same) {
            return;
        }
        if events.len() >= MAX_WAITING {
            events.remove(0);
        }
        events.push(event);
        drop(events);
        self.0.added.notify_one();
    }

    fn take(&self) -> Vec<NewEvent> {
        std::mem::take(&mut *self.0.events.lock())
    }

    /// Puts back events that could not be published, before those that were added since.
    fn put_back(&self, mut events: Vec<NewEvent>) {
        let mut waiting = self.0.events.lock();
        events.append(&mut waiting);
        let excess = events.len().saturating_sub(MAX_WAITING);
        *waiting = events.split_off(excess);
    }
}

impl Console {
    /// Publishes events as soon as they are added, until the console is told to stop.
    pub(super) async fn publish_announced(&self) {
        while !self.is_stopping() {
            if self.publish_waiting().await {
                tokio::select! {
                    () = self.0.outbox.0.added.notified() => {}
                    () = self.stopping() => {}
                }
            } else {
                sleep(RETRY_INTERVAL).await;
            }
        }
        let _ = timeout(FINAL_PUBLISH_TIMEOUT, self.publish_waiting()).await;
    }

    /// Publishes the waiting events. Returns whether that succeeded.
    async fn publish_waiting(&self) -> bool {
        let events = self.0.outbox.take();
        match self.0.store.publish(events.clone()).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "could not tell the other instances about a change, will retry");
                self.0.outbox.put_back(events);
                false
            }
        }
    }
}
