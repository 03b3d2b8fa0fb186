//! Failures between the console and a workspace, classified by what someone can do about them.

mod body;
mod classify;
mod creation_refusal;
mod object;
mod sanitize;

use std::time::Duration;

use domain::ConnectionFault;
use domain::access::Grantee;

pub use creation_refusal::CreationRefusal;

pub(crate) use classify::{CallFailure, Endpoint, classify};
pub(crate) use object::{is_error_field, is_error_object};
pub(crate) use sanitize::sanitize;

/// A failed call. Its `Display` is terse and contains no text of the workspace: it is for logs, not for pages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What the failure means.
    pub kind: ErrorKind,
    /// What the workspace reported, if it responded at all.
    pub upstream: Option<Box<UpstreamDetails>>,
    /// Whether no byte of the request was sent: the connection could not be made.
    pub not_sent: bool,
}

/// The kinds of failures. Sources: the vendor's OpenAPI files of 2022, its SDKs' error mappers, and threads that quote
/// real workspaces. The tests have a case for each response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The credential is wrong, expired or revoked, or was not sent.
    #[error("credential rejected")]
    BadCredential,
    /// The credential is valid, but does not have the scope that the call needs.
    #[error("scope missing")]
    ScopeMissing,
    /// An IP access list, a network policy or a private link blocks the console.
    #[error("network blocked")]
    IpBlocked,
    /// The credential works, and this workspace does not know its owner; or it belongs to another workspace.
    #[error("not in this workspace")]
    NotInWorkspace,
    /// Several workspaces share this host, and the request names none of them; or the credential is for something else.
    #[error("workspace ID missing")]
    WorkspaceIdMissing,
    /// The ID in the response is not the configured one.
    #[error("another workspace responded")]
    OtherWorkspace,
    /// A refusal that says nothing about the credential. The call that would have explained it had no response.
    #[error("unknown refusal")]
    UnknownRefusal,
    /// A 403 without any text of the workspace: most likely from a proxy or gateway in between.
    #[error("refused without a reason")]
    GatewayRefusal,
    /// The caller is not an admin of the workspace, or the call is not allowed with a read-only credential.
    #[error("not an admin")]
    NotAllowed,
    /// The caller has no permission to use tokens.
    #[error("no permission to use tokens")]
    TokensNotAllowed,
    /// 404 `FEATURE_DISABLED`: tokens are disabled, or the workspace's tier has no token management.
    #[error("{}", if *tokens_disabled { "tokens disabled" } else { "feature not available" })]
    FeatureOff {
        /// Whether the workspace's message was "Tokens are disabled.".
        tokens_disabled: bool,
    },
    /// The workspace has no tokens yet. Until it has, it has no token permissions either.
    #[error("no token yet")]
    NoTokenYet,
    /// The token, or the API itself, does not exist.
    #[error("not found")]
    NotFound,
    /// The workspace refused the request; see [`Error::refusal`] and [`UpstreamDetails::message`].
    #[error("request rejected")]
    Rejected,
    /// There were too many requests to the workspace, counting those of all clients.
    #[error("rate limited{}", retry_after_text(*retry_after))]
    RateLimited {
        /// How long the workspace asks to wait, if it says so.
        retry_after: Option<Duration>,
    },
    /// The response is a web page instead of data, such as a login page, or the page of a proxy or another kind of
    /// server.
    #[error("unexpected web page")]
    UnexpectedHtml,
    /// The workspace redirects the console. The credential must not be sent there.
    #[error("redirected")]
    Redirect,
    /// There was no complete response within the call's budget.
    #[error("timed out")]
    Timeout,
    /// There was no connection, or it broke.
    #[error("unreachable{}", fault_text(*.0))]
    Unreachable(ConnectionFault),
    /// The response has more bytes than the call accepts.
    #[error("response too large")]
    TooLarge,
    /// The response does not have the expected form.
    #[error("unreadable response at {path}")]
    Undecodable {
        /// The place in the response, as a JSON path (`token_infos[3].expiry_time`); `.` for the whole response.
        path: String,
    },
    /// A failure of the workspace itself, with a status of 500 or above.
    #[error("HTTP {status}{}", retry_after_text(*retry_after))]
    Server {
        /// The HTTP status.
        status: u16,
        /// How long the workspace asks to wait, if it says so.
        retry_after: Option<Duration>,
    },
    /// The sign-in service refused the console itself, most likely because of the settings of its OAuth client.
    #[error("OAuth error {code}")]
    OAuthRefused {
        /// The error code of RFC 6749 §5.2, or `unknown`.
        code: String,
    },
    /// The sign-in service refused the console's request with 401 or 403 and without an OAuth error: this says nothing
    /// about a credential.
    #[error("sign-in service refused")]
    SignInServiceRefused,
    /// Discovery returned a URL to which the console must not send people or secrets.
    #[error("sign-in host not allowed")]
    ForeignEndpoint,
}

impl ErrorKind {
    /// Whether the workspace did not respond, or cannot respond now: a timeout, no connection, 429 or 5xx.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Timeout | Self::Unreachable(_) | Self::RateLimited { .. } | Self::Server { .. }
        )
    }

    /// Whether the failure says nothing about the workspace or the caller, so that what was read before may still hold:
    /// an outage, or a response that was cut off or cannot be read. A web page does not count, since it can be a login
    /// page.
    pub fn is_inconclusive(&self) -> bool {
        self.is_outage() || matches!(self, Self::Undecodable { .. } | Self::TooLarge)
    }

    /// Whether the workspace refused the caller, for whatever reason, rather than the call.
    pub fn is_about_caller(&self) -> bool {
        matches!(
            self,
            Self::BadCredential
                | Self::IpBlocked
                | Self::NotAllowed
                | Self::NotInWorkspace
                | Self::OtherWorkspace
                | Self::ScopeMissing
                | Self::TokensNotAllowed
                | Self::WorkspaceIdMissing
        )
    }
}

/// What the workspace reported about a failure, for support and for details on a page. Decisions depend on
/// [`ErrorKind`] and the methods of [`Error`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamDetails {
    /// The HTTP status.
    pub status: u16,
    /// The error code; absent if the workspace sent a number or no code.
    pub code: Option<String>,
    /// The message: at most 500 characters, without control characters and without anything that looks like a
    /// credential.
    pub message: Option<String>,
    /// The workspace's ID of the request, for the vendor's support.
    pub request_id: Option<String>,
}

/// The workspace's words for permissions on tokens while it has none.
const NO_TOKEN_EXISTS: &str = "tokens tokens does not exist";

/// Why the workspace refused a change of its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfRefusal {
    /// `Invalid keys: […]`: the workspace does not know the setting.
    InvalidKeys,
    /// `Some values are not allowed: {…}`.
    ValuesNotAllowed,
    /// Any other reason; see the message.
    Other,
}

impl Error {
    pub(crate) fn with(self, upstream: UpstreamDetails) -> Self {
        Self {
            upstream: Some(Box::new(upstream)),
            ..self
        }
    }

    pub(crate) fn undecodable(path: impl AsRef<str>) -> Self {
        ErrorKind::Undecodable {
            path: sanitize(path.as_ref(), 200),
        }
        .into()
    }

    /// Whether the workspace may have carried out a call that failed like this. It certainly has not if no byte was
    /// sent, or if it refused the call: with 429, or in words or codes that it uses for a refusal. An error with the
    /// status of a success contradicts itself and proves neither.
    pub fn is_ambiguous(&self) -> bool {
        use ErrorKind::{
            BadCredential, FeatureOff, IpBlocked, NoTokenYet, NotAllowed, NotInWorkspace, RateLimited, ScopeMissing,
            TokensNotAllowed, WorkspaceIdMissing,
        };
        let upstream = self.upstream.as_deref();
        let has_code = upstream.is_some_and(|upstream| upstream.code.is_some());
        let is_unexplained = upstream.is_some_and(|upstream| upstream.code.is_none() && upstream.message.is_none());
        match &self.kind {
            _ if self.not_sent => false,
            _ if self.has_success_status() || upstream.is_some_and(|upstream| upstream.status >= 500) => true,
            RateLimited { .. } => false,
            BadCredential
            | FeatureOff { .. }
            | IpBlocked
            | NotAllowed
            | NotInWorkspace
            | ScopeMissing
            | TokensNotAllowed
            | WorkspaceIdMissing => is_unexplained,
            ErrorKind::Rejected | ErrorKind::NotFound | NoTokenYet => !has_code,
            _ => true,
        }
    }

    /// Whether the workspace refused the call without an error code, so that only its message says why.
    pub fn is_unexplained_refusal(&self) -> bool {
        let upstream = self.upstream.as_deref();
        self.kind == ErrorKind::Rejected && upstream.is_some_and(|upstream| upstream.code.is_none())
    }

    /// Whether the workspace says that it does not have what was asked for. A gateway's bare 404, an interface that
    /// does not exist, a feature that is disabled and an error with the status of a success say nothing about it.
    pub fn is_missing_resource(&self) -> bool {
        let Some(upstream) = self.upstream.as_ref().filter(|_| self.kind == ErrorKind::NotFound) else {
            // An ID that cannot be sent is not one of the workspace's.
            return self.kind == ErrorKind::NotFound && self.not_sent;
        };
        if self.has_success_status() {
            return false;
        }
        let says_so = upstream
            .message
            .as_deref()
            .is_some_and(|message| message.contains("does not exist"));
        match upstream.code.as_deref() {
            Some("RESOURCE_DOES_NOT_EXIST" | "NOT_FOUND") => true,
            Some(_) => false,
            None => says_so,
        }
    }

    /// Whether the error came with the status of a success.
    fn has_success_status(&self) -> bool {
        self.status().is_some_and(|status| status < 300)
    }

    /// Whether the workspace does not offer an interface that is in preview: to this caller, or at all.
    pub fn is_interface_missing(&self) -> bool {
        let upstream = self.upstream.as_deref();
        let code = upstream.and_then(|upstream| upstream.code.as_deref());
        match &self.kind {
            ErrorKind::NotAllowed | ErrorKind::GatewayRefusal | ErrorKind::FeatureOff { .. } => true,
            ErrorKind::NotFound => code == Some("ENDPOINT_NOT_FOUND"),
            ErrorKind::Rejected => self
                .message()
                .is_some_and(|m| m.to_ascii_lowercase().contains("preview")),
            ErrorKind::Server { status, .. } => *status == 501,
            _ => false,
        }
    }

    /// The HTTP status; `None` if there was no response.
    pub fn status(&self) -> Option<u16> {
        Some(self.upstream.as_ref()?.status)
    }

    /// The scope that the credential lacks, if the workspace names it: `… does not have required scopes: settings`.
    pub fn missing_scope(&self) -> Option<&str> {
        let message = self.message().filter(|_| self.kind == ErrorKind::ScopeMissing)?;
        let (_, scopes) = message.split_once("required scopes:")?;
        scopes.split([',', ' ']).find(|scope| !scope.is_empty())
    }

    /// How long the workspace asks to wait, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            ErrorKind::RateLimited { retry_after } | ErrorKind::Server { retry_after, .. } => retry_after,
            _ => None,
        }
    }

    /// The workspace's ID of the request, if there is one.
    pub fn request_id(&self) -> Option<&str> {
        self.upstream.as_ref()?.request_id.as_deref()
    }

    /// The workspace's message; see [`UpstreamDetails::message`].
    pub fn message(&self) -> Option<&str> {
        self.upstream.as_ref()?.message.as_deref()
    }

    /// The principal in a change of permissions that the workspace does not know. Its message is
    /// `Principal: UserName(x@y.z) does not exist` (<https://github.com/databricks/cli/issues/4488>).
    pub fn unknown_principal(&self) -> Option<Grantee> {
        let text = self.message()?.split_once("Principal: ")?.1;
        let (kind, rest) = text.split_once('(')?;
        let name = rest.rsplit_once(") does not exist")?.0.to_owned();
        match kind {
            "UserName" => Some(Grantee::User(name)),
            "GroupName" => Some(Grantee::Group(name)),
            "ServicePrincipalName" => Some(Grantee::ServicePrincipal(name)),
            _ => None,
        }
    }

    /// Whether the workspace says, in its own words, that it has no token and therefore no token permissions
    /// (<https://github.com/databricks/terraform-provider-databricks/issues/1122>). Only an admin gets that far. A bare
    /// 404, which means the same from a workspace, may be a gateway's.
    pub fn says_no_token_exists(&self) -> bool {
        self.kind == ErrorKind::NoTokenYet
            && self.status() == Some(404)
            && self.message().map(str::trim) == Some(NO_TOKEN_EXISTS)
    }

    /// Why a change of the workspace's configuration was refused. `None` for any kind but [`ErrorKind::Rejected`]. Only
    /// the messages tell the reasons apart
    /// (<https://github.com/databricks/terraform-provider-databricks/issues/3316>).
    pub fn refusal(&self) -> Option<ConfRefusal> {
        if self.kind != ErrorKind::Rejected {
            return None;
        }
        let message = self.message().unwrap_or_default();
        Some(if message.starts_with("Invalid keys") {
            ConfRefusal::InvalidKeys
        } else if message.starts_with("Some values are not allowed") {
            ConfRefusal::ValuesNotAllowed
        } else {
            ConfRefusal::Other
        })
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self {
            kind,
            upstream: None,
            not_sent: false,
        }
    }
}

fn retry_after_text(delay: Option<Duration>) -> String {
    match delay.map(|d| d.as_millis().div_ceil(1000)) {
        None | Some(0) => String::new(),
        Some(seconds) => format!("; retry in {seconds} s"),
    }
}

fn fault_text(fault: ConnectionFault) -> String {
    match fault {
        ConnectionFault::Broken => String::new(),
        fault => format!(": {}", fault.name()),
    }
}
