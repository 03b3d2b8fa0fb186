//! Whether a browser received the response to its request, and what depends on that.
//!
//! A change runs to its end even if the browser has disconnected. A sign-in is useless then, since no browser has its
//! cookie, so what it stored is undone.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Whether a response was received, and the work to do in either case. Clones share their state.
#[derive(Clone, Default)]
pub struct Delivery(Arc<Mutex<Outcomes>>);

#[derive(Default)]
struct Outcomes {
    delivered: Vec<Work>,
    undelivered: Vec<Work>,
}

impl Delivery {
    /// The delivery of the response to `request`. Without the layer that watches responses, the work is never done.
    pub fn of(request: &Parts) -> Self {
        request.extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Adds work to do once the browser has the response.
    pub fn if_delivered(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.outcomes().delivered.push(Box::pin(work));
    }

    /// Adds work to do if the browser disconnected before that.
    pub fn if_undelivered(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.outcomes().undelivered.push(Box::pin(work));
    }

    /// Does the work of one case, last added first. `delivered` says whether the browser has the response.
    pub async fn settle(&self, delivered: bool) {
        let outcomes = std::mem::take(&mut *self.outcomes());
        let works = if delivered {
            outcomes.delivered
        } else {
            outcomes.undelivered
        };
        for work in works.into_iter().rev() {
            work.await;
        }
    }

    /// Whether there is nothing to do.
    pub fn is_settled(&self) -> bool {
        let outcomes = self.outcomes();
        outcomes.delivered.is_empty() && outcomes.undelivered.is_empty()
    }

    fn outcomes(&self) -> std::sync::MutexGuard<'_, Outcomes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
