//! What goes wrong with a change: one column of the table.

use std::fmt;

use demo_workspace::{Effect, Fault, FaultBody, RetryAfter};

use super::attempts::{Attempt, Subject, Value};
use crate::rules::error_pages::{html, json};
use crate::support::{Site, TOKENS_API};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Data that the change depends on cannot be read, so nothing is sent.
    NotSent,
    /// The call gets this response, and the workspace does not act.
    Before(Failure),
    /// Each call is lost before the workspace acts, even if it is repeated.
    AlwaysLost,
    /// The workspace makes the change, but the call gets this response.
    After(Failure),
    /// The call is accepted, but each look at its result gets this response.
    Look(Failure),
    /// The call times out, and the workspace makes the change after the console has looked.
    Late,
    /// The call is accepted, but the workspace reports the old state for longer than the console waits.
    Stale,
    /// The call is lost before the workspace acts, but a colleague makes the same change.
    SameByColleague,
    /// The call is lost before the workspace acts, and a colleague makes another change.
    OtherByColleague,
    /// The workspace makes the change, the response is lost, and a colleague makes another change.
    OverwrittenByColleague,
    /// A colleague has revoked the token before the call.
    GoneBefore,
}

/// A failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Reset,
    Timeout,
    Unavailable,
    Html200,
    /// A refusal with a success status.
    Error200,
    Html502,
    Redirect,
    Bare403,
    Bare404,
    IntegerCode,
    EndpointNotFound,
    FeatureDisabled,
    PermissionDenied,
    InvalidParameter,
    RateLimited,
}

/// Failures of a call that the workspace does not execute.
const BEFORE: [Failure; 14] = [
    Failure::Reset,
    Failure::Unavailable,
    Failure::Html200,
    Failure::Error200,
    Failure::Html502,
    Failure::Redirect,
    Failure::Bare403,
    Failure::Bare404,
    Failure::IntegerCode,
    Failure::EndpointNotFound,
    Failure::FeatureDisabled,
    Failure::PermissionDenied,
    Failure::InvalidParameter,
    Failure::RateLimited,
];

/// Failures of a call that the workspace has executed.
const AFTER: [Failure; 5] = [
    Failure::Reset,
    Failure::Unavailable,
    Failure::Timeout,
    Failure::Html200,
    Failure::Error200,
];

/// Failures of a look.
const LOOK: [Failure; 6] = [
    Failure::Error200,
    Failure::RateLimited,
    Failure::Unavailable,
    Failure::Bare403,
    Failure::EndpointNotFound,
    Failure::Timeout,
];

impl Mishap {
    /// Everything that can go wrong with this change.
    pub(super) fn all_of(attempt: Attempt) -> Vec<Self> {
        let mut all: Vec<_> = BEFORE.map(Self::Before).to_vec();
        all.extend(AFTER.map(Self::After));
        all.extend(LOOK.map(Self::Look));
        all.extend([Self::Late, Self::Stale, Self::SameByColleague]);
        if attempt.reads_first() {
            all.push(Self::NotSent);
        }
        match attempt {
            Attempt::Revoke => all.push(Self::GoneBefore),
            // Only tokens of bulk changes are sent more than once.
            Attempt::BulkItem => all.extend([Self::GoneBefore, Self::AlwaysLost]),
            Attempt::BulkScopes => {
                all.extend([Self::AlwaysLost, Self::OtherByColleague, Self::OverwrittenByColleague]);
            }
            Attempt::CreateToken | Attempt::CreateFirstToken => all.push(Self::OtherByColleague),
            // The switch has only two values.
            Attempt::SwitchOn | Attempt::SwitchOff => {}
            _ => all.extend([Self::OtherByColleague, Self::OverwrittenByColleague]),
        }
        all
    }

    /// The final state in the workspace.
    pub(super) fn final_value(self) -> Value {
        match self {
            Self::NotSent | Self::Before(_) | Self::AlwaysLost => Value::Old,
            Self::OtherByColleague | Self::OverwrittenByColleague => Value::Other,
            _ => Value::Requested,
        }
    }

    /// Prepares the mishap for the change that is sent next.
    pub(super) async fn prepare(self, site: &Site, attempt: Attempt, subject: &Subject) {
        let (method, path) = attempt.write(subject);
        let fault = |effect| Fault::forever(method, &path, effect);
        let by_colleague = |value| attempt.setting(site, subject, value).unwrap();
        match self {
            Self::NotSent => site
                .demo
                .fault(Fault::forever("GET", attempt.look(), Failure::Unavailable.effect())),
            Self::Before(failure) => site.demo.fault(before(attempt, failure, fault(failure.effect()))),
            Self::AlwaysLost => site.demo.fault(fault(Effect::Reset)),
            Self::After(Failure::Timeout) => site.demo.fault(fault(Effect::None).after_ms(60_000)),
            Self::After(failure) => site.demo.fault(fault(failure.effect_after())),
            Self::Look(failure) => {
                let look = Fault::forever("GET", attempt.look(), failure.effect());
                site.demo.fault(look.once_called(method));
            }
            Self::Late => site.demo.fault(fault(Effect::Hold).times(1)),
            Self::Stale => make_stale(site, attempt, subject).await,
            Self::SameByColleague => {
                let lost = fault(Effect::Reset).times(1);
                site.demo.fault(lost.others_change(by_colleague(Value::Requested)));
            }
            Self::OtherByColleague => site
                .demo
                .fault(fault(Effect::Reset).others_change(by_colleague(Value::Other))),
            Self::OverwrittenByColleague => {
                let lost = fault(Effect::ResetAfter);
                site.demo.fault(lost.others_change(by_colleague(Value::Other)));
            }
            Self::GoneBefore => drop(site.demo.change(by_colleague(Value::Requested)).unwrap()),
        }
    }
}

/// A bulk revocation sends a token again after a look that found it, or after 429. So for its tokens, transient
/// failures happen only as often as needed to be seen.
fn before(attempt: Attempt, failure: Failure, fault: Fault) -> Fault {
    match (attempt.is_bulk(), failure) {
        (true, Failure::RateLimited) => fault.times(2),
        (true, failure) if !failure.is_refusal(attempt) => fault.times(1),
        _ => fault,
    }
}

/// Makes each read after the write return what it returned before.
async fn make_stale(site: &Site, attempt: Attempt, subject: &Subject) {
    let (method, _) = attempt.write(subject);
    for (path, body) in attempt.old_reads(site, subject).await {
        let stale = Effect::Answer {
            status: 200,
            body: FaultBody::Raw {
                content_type: "application/json".into(),
                text: body,
            },
        };
        site.demo.fault(Fault::forever("GET", &path, stale).once_called(method));
    }
    if attempt.is_creation() {
        let missing = json(404, "RESOURCE_DOES_NOT_EXIST");
        site.demo
            .fault(Fault::forever("GET", &format!("{TOKENS_API}/"), missing));
    }
}

impl Failure {
    /// Whether this response proves that the workspace did not make the change: 429, or a 4xx with a text code. For the
    /// deletion of a token, the only 404 that proves anything is `RESOURCE_DOES_NOT_EXIST`.
    pub(super) fn is_refusal(self, attempt: Attempt) -> bool {
        match self {
            Self::PermissionDenied | Self::InvalidParameter | Self::RateLimited => true,
            Self::EndpointNotFound | Self::FeatureDisabled => !attempt.is_revocation(),
            _ => false,
        }
    }

    /// The response if the workspace does not act.
    fn effect(self) -> Effect {
        let empty = |status| Effect::Answer {
            status,
            body: FaultBody::Empty,
        };
        match self {
            Self::Reset => Effect::Reset,
            Self::Timeout => Effect::Hang,
            Self::Unavailable => json(503, "TEMPORARILY_UNAVAILABLE"),
            Self::Html200 => html(200),
            Self::Error200 => json(200, "RESOURCE_DOES_NOT_EXIST"),
            Self::Html502 => html(502),
            Self::Redirect => Effect::Redirect {
                location: "https://login.example/".into(),
            },
            Self::Bare403 => empty(403),
            Self::Bare404 => empty(404),
            Self::IntegerCode => Effect::Answer {
                status: 400,
                body: FaultBody::IntegerErrorCode {
                    message: "upstream connect error".into(),
                },
            },
            Self::EndpointNotFound => json(404, "ENDPOINT_NOT_FOUND"),
            Self::FeatureDisabled => json(404, "FEATURE_DISABLED"),
            Self::PermissionDenied => json(403, "PERMISSION_DENIED"),
            Self::InvalidParameter => json(400, "INVALID_PARAMETER_VALUE"),
            Self::RateLimited => Effect::RateLimit {
                retry_after: RetryAfter::Absent,
            },
        }
    }

    /// The response after the workspace has acted.
    fn effect_after(self) -> Effect {
        match self.effect() {
            Effect::Answer { status, body } => Effect::AnswerAfter { status, body },
            _ => Effect::ResetAfter,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Reset => "connection reset",
            Self::Timeout => "timeout",
            Self::Unavailable => "HTTP 503",
            Self::Html200 => "HTML with 200",
            Self::Error200 => "an error with 200",
            Self::Html502 => "HTML with 502",
            Self::Redirect => "redirect",
            Self::Bare403 => "bare 403",
            Self::Bare404 => "bare 404",
            Self::IntegerCode => "400 with an integer as its code",
            Self::EndpointNotFound => "404 ENDPOINT_NOT_FOUND",
            Self::FeatureDisabled => "404 FEATURE_DISABLED",
            Self::PermissionDenied => "403 PERMISSION_DENIED",
            Self::InvalidParameter => "400 INVALID_PARAMETER_VALUE",
            Self::RateLimited => "429",
        }
    }
}

impl fmt::Display for Mishap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent => f.write_str("cannot be planned"),
            Self::Before(failure) => write!(f, "not done, {}", failure.name()),
            Self::AlwaysLost => f.write_str("not done, each call is reset"),
            Self::After(failure) => write!(f, "done, {}", failure.name()),
            Self::Look(failure) => write!(f, "accepted, looks fail with {}", failure.name()),
            Self::Late => f.write_str("timeout, done later"),
            Self::Stale => f.write_str("accepted, old state for longer than the console waits"),
            Self::SameByColleague => f.write_str("not done, connection reset, a colleague does the same"),
            Self::OtherByColleague => f.write_str("not done, connection reset, a colleague sets another value"),
            Self::OverwrittenByColleague => f.write_str("done, connection reset, a colleague sets another value"),
            Self::GoneBefore => f.write_str("a colleague revoked it before"),
        }
    }
}
