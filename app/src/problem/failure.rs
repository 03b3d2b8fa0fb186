//! How a problem is sent: in the response to a script, or in the URL that a form is redirected to.

use http::StatusCode;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use server_fn::Decodes;
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use super::{Interrupted, Problem};

/// A problem, and the ID of the request that failed, for support.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong.
    pub problem: Problem,
    /// The ID that the console gave to the request.
    pub request_id: String,
    /// Whether the failed change was certainly not made.
    #[serde(default)]
    pub unchanged: bool,
    /// The workspace's own message. It never travels in a URL, which anyone could forge.
    #[serde(skip)]
    pub(crate) message: Option<String>,
}

/// Why a change failed; becomes a [`Failure`] with the ID of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChangeFailure {
    pub(crate) problem: Problem,
    /// Whether the change was certainly not made.
    pub(crate) unchanged: bool,
}

impl ChangeFailure {
    /// The same failure with a more specific problem.
    pub(crate) fn map(self, specific: impl FnOnce(Problem) -> Problem) -> Self {
        Self {
            problem: specific(self.problem),
            ..self
        }
    }
}

/// The input is not valid, or the change is not allowed: such a problem says what it means itself.
impl From<Problem> for ChangeFailure {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            unchanged: false,
        }
    }
}

impl Failure {
    /// A problem of a request that changed nothing.
    pub fn new(problem: Problem, request_id: impl Into<String>) -> Self {
        Self {
            problem,
            request_id: request_id.into(),
            unchanged: true,
            message: None,
        }
    }

    /// What it means and what to do next.
    pub(crate) fn advice(&self, workspace: Option<&str>, interrupted: Interrupted) -> String {
        self.problem.advice_if(self.unchanged, workspace, interrupted)
    }

    /// `url` with this failure, in the format of server functions.
    pub fn to_url(&self, url: &str) -> String {
        use base64::Engine as _;
        let code = base64::engine::general_purpose::URL_SAFE.encode(self.ser());
        crate::http::paths::with_param(url, "__err", &code)
    }

    /// Reads the failure that [`Self::to_url`] or a server function wrote. `None` for anything else, since anyone can
    /// make up a URL.
    pub(crate) fn from_url_code(code: &str) -> Option<Self> {
        use base64::Engine as _;
        let json = base64::engine::general_purpose::URL_SAFE.decode(code).ok()?;
        JsonEncoding::decode(json.into()).ok()
    }

    /// The request ID, if it looks like one: a forged URL can contain any text instead.
    pub(crate) fn plausible_request_id(&self) -> Option<&str> {
        let id = self.request_id.as_str();
        let is_plausible = (8..=40).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        is_plausible.then_some(id)
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        // A server function whose arguments cannot be read would respond with 500. Its code has not run yet.
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(StatusCode::BAD_REQUEST);
        }
        Self {
            problem: Problem::BadRequest,
            request_id: String::new(),
            unchanged: false,
            message: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_request_id_is_not_shown() {
        let shown = |id: &str| {
            Failure {
                problem: Problem::Internal,
                request_id: id.into(),
                unchanged: false,
                message: None,
            }
            .plausible_request_id()
            .is_some()
        };
        assert!(shown("0b4f9d1e-6a55-4c3e-9a43-7c3b3a5d2f10"));
        assert!(!shown("Call +1 555 0100 now"));
        assert!(!shown(&"a".repeat(41)));
    }
}
