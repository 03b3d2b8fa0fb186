//! Whether a browser received the response to its request, and what depends on that.
//!
//! A change runs to its end even if the browser that asked for it has left. A sign-in is worth nothing then, since no
//! browser has its cookie. So what it stored is undone.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Whether one response was received, and what to do in either case. Clones share it.
#[derive(Clone, Default)]
pub struct Delivery(Arc<Mutex<Outcomes>>);

#[derive(Default)]
struct Outcomes {
    delivered: Vec<Work>,
    undelivered: Vec<Work>,
}

impl Delivery {
    /// That of the response to `request`. If no layer watches over the response, nothing is ever done.
    pub fn of(request: &Parts) -> Self {
        request.extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// What to do once the browser has the response.
    pub fn if_delivered(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.outcomes().delivered.push(Box::pin(work));
    }

    /// What to do if the browser left before.
    pub fn if_undelivered(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.outcomes().undelivered.push(Box::pin(work));
    }

    /// Does what was asked for, the latest first. `delivered` says whether the browser has the response.
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
