//! Faults: what the workspace is told to do wrong, for which calls and how often.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::Method;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that goes wrong with the next calls that match. The first matching fault takes a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only this method, any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Only paths that begin like this; `/` is all of them, `/oidc` included.
    pub path: String,
    /// How many calls.
    #[serde(default)]
    pub times: Times,
    /// Which part of the calls that match; the others pass on to the faults behind this one.
    #[serde(default)]
    pub share: FaultShare,
    /// Milliseconds that the answer is held back. The call has its effect before that.
    #[serde(default)]
    pub delay_ms: u64,
    /// What happens.
    #[serde(default)]
    pub effect: Effect,
}

impl Fault {
    /// Of the next call of `method`, or of any with `None`, whose path begins with `path`.
    pub fn next<'a>(method: impl Into<Option<&'a str>>, path: &str, effect: Effect) -> Self {
        Self {
            method: method.into().map(str::to_owned),
            path: path.to_owned(),
            times: Times::Next(1),
            share: FaultShare::default(),
            delay_ms: 0,
            effect,
        }
    }

    /// Of every such call until the faults are cleared.
    pub fn forever<'a>(method: impl Into<Option<&'a str>>, path: &str, effect: Effect) -> Self {
        Self {
            times: Times::Forever,
            ..Self::next(method, path, effect)
        }
    }

    /// The same for the next `times` calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Times::Next(times),
            ..self
        }
    }

    /// The same for a share of the calls, such as 0.1 of them, drawn by the workspace's seed; beyond 0 and 1 is 0 and 1.
    #[must_use]
    pub fn share(self, share: f64) -> Self {
        Self {
            share: FaultShare(share.clamp(0.0, 1.0)),
            ..self
        }
    }

    /// The same with the answer held back for `delay_ms`.
    #[must_use]
    pub fn after_ms(self, delay_ms: u64) -> Self {
        Self { delay_ms, ..self }
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        let of_method = self
            .method
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()));
        of_method && path.starts_with(&self.path)
    }
}

/// How often a fault strikes: in JSON a number, or `"forever"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Times {
    /// For this many calls.
    Next(u32),
    /// Until the faults are cleared.
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

/// A part of all calls: in JSON a number from 0 to 1.
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
    /// This answer instead of the real one; the call has no effect.
    Answer {
        /// HTTP status.
        status: u16,
        /// What the body looks like.
        #[serde(default)]
        body: FaultBody,
    },
    /// The real answer, of which the second half is missing.
    Truncate,
    /// The real answer, in which every text, number and boolean has another type.
    WrongTypes,
    /// A success with nothing in it, and no effect.
    Ignore,
    /// No answer, ever, and no effect.
    Hang,
    /// The connection is reset, and the call has no effect.
    Reset,
    /// The call has its effect, and the connection is reset before the answer.
    ResetAfter,
    /// 429 with `RESOURCE_EXHAUSTED`.
    RateLimit {
        /// What `Retry-After` says.
        #[serde(default)]
        retry_after: RetryAfter,
    },
    /// SCIM's own way to say "too much": 500 with a SCIM error.
    ScimThrottle,
    /// 302 to this address.
    Redirect {
        /// Value of the `Location` header.
        location: String,
    },
    /// 302 to `/login?next_url=…`, as the accounts host answers workspace calls.
    AccountsHost,
    /// 403 of an IP access list, as the workspace answers anywhere.
    IpAccessList,
    /// 403 of a credential that lacks this scope.
    MissingScope {
        /// For example `settings`.
        scope: String,
    },
}

/// The body of an answer that a fault gives.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultBody {
    /// No bytes at all.
    #[default]
    Empty,
    /// The APIs' own error.
    JsonError {
        /// For example `INTERNAL_ERROR`.
        error_code: String,
        /// For people.
        message: String,
    },
    /// The gateway's error, in which `error_code` is the status as a number.
    IntegerErrorCode {
        /// For people.
        message: String,
    },
    /// An HTML page, as proxies and old stacks send it.
    Html {
        /// In its title and its `<pre>`.
        message: String,
    },
    /// Text without structure.
    PlainText {
        /// All of it.
        text: String,
    },
    /// `{"token_infos":[{"token_id":"b4`, whatever was asked for.
    TruncatedJson,
    /// Any bytes as any content type.
    Raw {
        /// Value of `Content-Type`.
        content_type: String,
        /// All of it.
        text: String,
    },
}

/// The `Retry-After` of a rate limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// No such header.
    #[default]
    Absent,
    /// Whole seconds.
    Seconds(u32),
    /// An HTTP date this many seconds from now, in real time.
    DateIn(u32),
}

/// The faults that wait for calls, in the order in which they were added.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    waiting: Mutex<PendingFault>,
}

#[derive(Debug, Default)]
struct PendingFault {
    faults: Vec<(Fault, Draws)>,
    /// How many were added since the start or the last [`Faults::clear`].
    added: u64,
}

/// Which of the calls that match a fault it strikes. Each fault draws by itself, so that its n-th call has the same fate
/// in every run, whatever the other faults met meanwhile.
#[derive(Debug)]
struct Draws(StdRng);

impl Draws {
    fn strike(&mut self, FaultShare(share): FaultShare) -> bool {
        self.0.random::<f64>() < share
    }
}

impl Faults {
    /// None yet. `seed` decides which calls a fault of a share strikes.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            waiting: Mutex::default(),
        }
    }

    pub(crate) fn add(&self, fault: Fault) {
        let mut waiting = self.lock();
        // The generator scatters neighbouring seeds itself.
        let draws = Draws(StdRng::seed_from_u64(self.seed.wrapping_add(waiting.added)));
        waiting.faults.push((fault, draws));
        waiting.added += 1;
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        self.lock().faults.iter().map(|(fault, _)| fault.clone()).collect()
    }

    /// No fault any more; the next ones draw as the first ones did.
    pub(crate) fn clear(&self) {
        *self.lock() = PendingFault::default();
    }

    /// The fault that this call meets; its count goes down.
    pub(crate) fn take(&self, method: &Method, path: &str) -> Option<Fault> {
        let faults = &mut self.lock().faults;
        let index = faults.iter_mut().position(|(fault, draws)| {
            fault.matches(method, path) && fault.times != Times::Next(0) && draws.strike(fault.share)
        })?;
        let fault = faults[index].0.clone();
        match &mut faults[index].0.times {
            Times::Next(1) => drop(faults.remove(index)),
            Times::Next(left) => *left = left.saturating_sub(1),
            Times::Forever => {}
        }
        Some(fault)
    }

    fn lock(&self) -> MutexGuard<'_, PendingFault> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
