//! The scopes that calls used. They are recorded while a call runs and added to its token later, because the call may
//! hold the lock of the workspace.

use std::sync::Arc;

use parking_lot::Mutex;

/// The uses that have not been added to the workspace yet: the ID of a token, and a scope.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScopeUses(Arc<Mutex<Vec<(String, &'static str)>>>);

impl ScopeUses {
    pub(crate) fn add(&self, token: &str, scope: &'static str) {
        self.0.lock().push((token.to_owned(), scope));
    }

    /// Removes and returns the uses so far.
    pub(crate) fn take(&self) -> Vec<(String, &'static str)> {
        std::mem::take(&mut *self.0.lock())
    }
}
