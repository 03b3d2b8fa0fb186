//! Faults: what goes wrong, for which calls, and how often.

use axum::http::Method;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::control::change::Change;

/// Something that goes wrong with the next matching calls. A call gets the first fault that matches it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only calls with this method; `None` means any method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only paths with this prefix. `/` matches all paths, including `/oidc`.
    pub path: String,
    /// How many calls get the fault.
    #[serde(default)]
    pub times: Times,
    /// The fraction of matching calls that get the fault. The others pass on to the faults after this one.
    #[serde(default)]
    pub share: FaultShare,
    /// Only calls that come after a call with this method and a path with the same prefix; `None` means from now on.
    #[serde(default)]
    pub once_called: Option<String>,
    /// What someone else changes while the call is on its way: after its effect, and before its response.
    #[serde(default)]
    pub others_change: Option<Change>,
    /// Milliseconds by which the response is delayed. The call takes effect before the delay.
    #[serde(default)]
    pub delay_ms: u64,
    /// What happens.
    #[serde(default)]
    pub effect: Effect,
}

impl Fault {
    /// A fault for the next call of `method` (`None` for any method) whose path begins with `path`.
    pub fn next<'a>(method: impl Into<Option<&'a str>>, path: &str, effect: Effect) -> Self {
        Self {
            method: method.into().map(str::to_owned),
            path: path.to_owned(),
            times: Times::Next(1),
            share: FaultShare::default(),
            once_called: None,
            others_change: None,
            delay_ms: 0,
            effect,
        }
    }

    /// A fault for all such calls until the faults are cleared.
    pub fn forever<'a>(method: impl Into<Option<&'a str>>, path: &str, effect: Effect) -> Self {
        Self {
            times: Times::Forever,
            ..Self::next(method, path, effect)
        }
    }

    /// This fault for the next `times` calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Times::Next(times),
            ..self
        }
    }

    /// This fault for a fraction of the calls, such as 0.1, selected by the workspace's seed. Values outside 0 to 1 are
    /// clamped.
    #[must_use]
    pub fn share(self, share: f64) -> Self {
        Self {
            share: FaultShare(share.clamp(0.0, 1.0)),
            ..self
        }
    }

    /// This fault with the response delayed by `delay_ms`.
    #[must_use]
    pub fn after_ms(self, delay_ms: u64) -> Self {
        Self { delay_ms, ..self }
    }

    /// This fault only for calls after a call with this method and a path with the same prefix.
    #[must_use]
    pub fn once_called(self, method: &str) -> Self {
        Self {
            once_called: Some(method.to_owned()),
            ..self
        }
    }

    /// This fault, while someone else makes this change.
    #[must_use]
    pub fn others_change(self, change: Change) -> Self {
        Self {
            others_change: Some(change),
            ..self
        }
    }

    /// Activates the fault if this is the call that it waits for.
    fn note(&mut self, method: &Method, path: &str) {
        let is_awaited = self
            .once_called
            .as_ref()
            .is_some_and(|awaited| awaited.eq_ignore_ascii_case(method.as_str()));
        if is_awaited && path.starts_with(&self.path) {
            self.once_called = None;
        }
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        let matches_method = self
            .method
            .as_ref()
            .is_none_or(|expected| expected.eq_ignore_ascii_case(method.as_str()));
        self.once_called.is_none() && matches_method && path.starts_with(&self.path)
    }
}

/// How many calls get a fault: in JSON a number, or `"forever"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Times {
    /// This many calls.
    Next(u32),
    /// All calls until the faults are cleared.
    Forever,
}

impl Default for Times {
    fn default() -> Self {
        Self::Next(1)
    }
}

impl TryFrom<Value> for Times {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
        match (count, value.as_str()) {
            (Some(count), _) => Ok(Self::Next(count)),
            (None, Some("forever")) => Ok(Self::Forever),
            _ => Err("times must be a whole number or \"forever\""),
        }
    }
}

impl From<Times> for Value {
    fn from(times: Times) -> Self {
        match times {
            Times::Next(count) => Self::from(count),
            Times::Forever => Self::from("forever"),
        }
    }
}

/// A fraction of the calls: in JSON a number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct FaultShare(f64);

impl Default for FaultShare {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TryFrom<f64> for FaultShare {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err("share must be a number from 0 to 1")
        }
    }
}

impl From<FaultShare> for f64 {
    fn from(share: FaultShare) -> Self {
        share.0
    }
}

/// What a fault does to a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Nothing but the delay.
    #[default]
    None,
    /// This response instead of the real one. The call has no effect.
    Answer {
        /// HTTP status.
        status: u16,
        /// The response body.
        #[serde(default)]
        body: FaultBody,
    },
    /// The call takes effect, and this response is returned instead of the real one.
    AnswerAfter {
        /// HTTP status.
        status: u16,
        /// The response body.
        #[serde(default)]
        body: FaultBody,
    },
    /// The first half of the real response.
    Truncate,
    /// The real response, with every text, number and boolean in another type.
    WrongTypes,
    /// A success, with the unchanged state where a real one has the new state. The call has no effect.
    Ignore,
    /// No response, ever. The call has no effect.
    Hang,
    /// No response, ever. The call takes effect only when held calls are released, even if the client has left.
    Hold,
    /// The connection is reset. The call has no effect.
    Reset,
    /// The call takes effect, and the connection is reset before the response.
    ResetAfter,
    /// 429 with `RESOURCE_EXHAUSTED`.
    RateLimit {
        /// The `Retry-After` header.
        #[serde(default)]
        retry_after: RetryAfter,
    },
    /// The error of the SCIM API for too many concurrent calls: 500 with a SCIM error.
    ScimThrottle,
    /// 302 to another URL.
    Redirect {
        /// Value of the `Location` header.
        location: String,
    },
    /// 302 to `/login?next_url=…`, as the accounts host responds to workspace calls.
    AccountsHost,
    /// 403 of an IP access list, which applies to every path.
    IpAccessList,
    /// 403 for a credential that lacks a scope.
    MissingScope {
        /// The scope, for example `settings`.
        scope: String,
    },
}

/// The body of a response that a fault returns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultBody {
    /// An empty body.
    #[default]
    Empty,
    /// An error in the format of the REST APIs.
    JsonError {
        /// For example `INTERNAL_ERROR`.
        error_code: String,
        /// A text for people.
        message: String,
    },
    /// An error in the format of the SCIM API.
    ScimError {
        /// A text for people.
        detail: String,
    },
    /// `{}`, which is also the form of an empty list.
    EmptyObject,
    /// An error of the gateway, with the status as a number in `error_code`.
    IntegerErrorCode {
        /// A text for people.
        message: String,
    },
    /// An HTML page, as proxies and old versions of the platform send it.
    Html {
        /// The text of its title and its `<pre>`.
        message: String,
    },
    /// Plain text.
    PlainText {
        /// The whole body.
        text: String,
    },
    /// `{"token_infos":[{"token_id":"b4`, whatever the request was.
    TruncatedJson,
    /// Any text with any content type.
    Raw {
        /// Value of `Content-Type`.
        content_type: String,
        /// The whole body.
        text: String,
    },
}

/// The `Retry-After` header of a 429.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// No header.
    #[default]
    Absent,
    /// A number of seconds.
    Seconds(u32),
    /// An HTTP date this many seconds from now, in real time.
    DateIn(u32),
}

/// The pending faults, in the order in which they were added.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    queue: Mutex<FaultQueue>,
}

#[derive(Debug, Default)]
struct FaultQueue {
    pending: Vec<PendingFault>,
    /// How many were added since the start or the last [`Faults::clear`].
    added: u64,
}

/// A fault, and the random numbers that decide which of the matching calls get it. Each fault has its own generator, so
/// that its n-th call has the same result in every run, regardless of other faults.
#[derive(Debug)]
struct PendingFault {
    fault: Fault,
    rng: StdRng,
}

impl PendingFault {
    fn applies_to(&mut self, method: &Method, path: &str) -> bool {
        let FaultShare(share) = self.fault.share;
        self.fault.matches(method, path) && self.fault.times != Times::Next(0) && self.rng.random::<f64>() < share
    }
}

impl Faults {
    /// Starts without faults. `seed` decides which calls get a fault with a share.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            queue: Mutex::default(),
        }
    }

    pub(crate) fn add(&self, fault: Fault) {
        let mut queue = self.queue.lock();
        // Neighbouring seeds give unrelated sequences.
        let rng = StdRng::seed_from_u64(self.seed.wrapping_add(queue.added));
        queue.pending.push(PendingFault { fault, rng });
        queue.added += 1;
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        let queue = self.queue.lock();
        queue.pending.iter().map(|pending| pending.fault.clone()).collect()
    }

    /// Removes all faults and restarts the random sequences.
    pub(crate) fn clear(&self) {
        *self.queue.lock() = FaultQueue::default();
    }

    /// The fault that this call gets. It counts as one of the fault's calls.
    pub(crate) fn take(&self, method: &Method, path: &str) -> Option<Fault> {
        let pending = &mut self.queue.lock().pending;
        let found = pending.iter_mut().position(|fault| fault.applies_to(method, path));
        for pending in pending.iter_mut() {
            pending.fault.note(method, path);
        }
        let index = found?;
        let fault = pending[index].fault.clone();
        match &mut pending[index].fault.times {
            Times::Next(1) => drop(pending.remove(index)),
            Times::Next(left) => *left = left.saturating_sub(1),
            Times::Forever => {}
        }
        Some(fault)
    }
}
