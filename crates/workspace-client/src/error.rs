//! What can go wrong between the console and a workspace, told apart by what a person can do about it.

mod body;
mod classify;
mod creation_refusal;
mod sanitize;

use core::time::Duration;

use domain::access::Grantee;

pub use creation_refusal::CreationRefusal;

pub(crate) use classify::{CallFailure, Endpoint, classify};
pub(crate) use sanitize::sanitize;

/// A failed call. Its `Display` is terse and without upstream text, for a log; people get the sentences of the app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What it means.
    pub kind: ErrorKind,
    /// What the workspace said, where it answered at all.
    pub upstream: Option<Box<UpstreamDetails>>,
    /// Whether no byte of the request was sent: the connection could not be made.
    pub not_sent: bool,
}

/// The kinds of failures. Sources: the vendor's OpenAPI files of 2022, its SDKs' error mappers, and threads that quote
/// live workspaces; the tests name them one by one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The credential is wrong, expired or revoked, or none was sent.
    #[error("credential rejected")]
    BadCredential,
    /// The credential is good, but was not given the scope that the call needs.
    #[error("scope missing")]
    ScopeMissing,
    /// An IP access list, a network policy or a private link keeps the console out.
    #[error("network blocked")]
    IpBlocked,
    /// Not an admin of the workspace.
    #[error("not an admin")]
    NotAllowed,
    /// The caller holds no permission to use tokens.
    #[error("no permission to use tokens")]
    TokensNotAllowed,
    /// 404 `FEATURE_DISABLED`: tokens are switched off, or the workspace's tier has no token management.
    #[error("{}", if *tokens_disabled { "tokens disabled" } else { "feature not available" })]
    FeatureOff {
        /// The workspace said "Tokens are disabled.".
        tokens_disabled: bool,
    },
    /// Token permissions do not exist before the workspace's first token does.
    #[error("no token yet")]
    NoTokenYet,
    /// The token, or the interface itself, does not exist.
    #[error("not found")]
    NotFound,
    /// The request was understood and refused; see [`Error::refusal`] and [`UpstreamDetails::message`].
    #[error("request rejected")]
    Rejected,
    /// Too many requests, by anybody of this workspace.
    #[error("rate limited{}", retry_after_text(*retry_after))]
    RateLimited {
        /// How long the workspace wants to be left alone, where it said so.
        retry_after: Option<Duration>,
    },
    /// A web page instead of data: a login page, a proxy or another kind of server.
    #[error("unexpected web page")]
    UnexpectedHtml,
    /// The workspace sends the console elsewhere, where the credential must not follow.
    #[error("redirected")]
    Redirect,
    /// No complete answer within the call's budget.
    #[error("timed out")]
    Timeout,
    /// No connection, or one that broke.
    #[error("unreachable")]
    Unreachable,
    /// More bytes than the call accepts.
    #[error("response too large")]
    TooLarge,
    /// Not the data that was expected.
    #[error("unreadable response at {path}")]
    Undecodable {
        /// Where in the answer, as a JSON path (`token_infos[3].expiry_time`); `.` for the whole.
        path: String,
    },
    /// A failure of the workspace itself, status 500 and above.
    #[error("HTTP {status}{}", retry_after_text(*retry_after))]
    Server {
        /// The HTTP status.
        status: u16,
        /// How long the workspace wants to be left alone, where it said so.
        retry_after: Option<Duration>,
    },
    /// The sign-in service refused the console itself, most likely because of its OAuth client's settings.
    #[error("OAuth error {code}")]
    OAuthRefused {
        /// The error code of RFC 6749 §5.2, or `unknown`.
        code: String,
    },
    /// Discovery named an address to which the console must not send people or secrets.
    #[error("sign-in host not allowed")]
    ForeignEndpoint,
}

/// What the workspace said about a failure. For support and for details on a page; never the base of a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamDetails {
    /// The HTTP status.
    pub status: u16,
    /// The error code; absent where the workspace sent a number or nothing.
    pub code: Option<String>,
    /// The message: at most 500 characters, without control characters and without anything that looks like a
    /// credential.
    pub message: Option<String>,
    /// The workspace's id of the request, for its support.
    pub request_id: Option<String>,
}

/// What exactly a workspace configuration refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfRefusal {
    /// `Invalid keys: […]`: the workspace does not know the setting.
    InvalidKeys,
    /// `Some values are not allowed: {…}`.
    ValuesNotAllowed,
    /// Anything else; the message tells.
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

    /// Whether the workspace may have carried out a call that failed like this. It certainly has not if no byte was sent, or
    /// if it refused the call: with 429, or in words or codes that it uses for a refusal.
    pub fn is_ambiguous(&self) -> bool {
        use ErrorKind::{
            BadCredential, FeatureOff, IpBlocked, NoTokenYet, NotAllowed, RateLimited, ScopeMissing, TokensNotAllowed,
        };
        match &self.kind {
            BadCredential | FeatureOff { .. } | IpBlocked | NoTokenYet | NotAllowed | RateLimited { .. } | ScopeMissing
            | TokensNotAllowed => false,
            ErrorKind::Rejected | ErrorKind::NotFound => !self.has_code(),
            _ => !self.not_sent,
        }
    }

    /// Whether the workspace gave a reason by name: a gateway's bare status has none.
    fn has_code(&self) -> bool {
        let upstream = self.upstream.as_ref();
        upstream.is_some_and(|upstream| upstream.code.is_some())
    }

    /// How long the workspace wants to be left alone, where it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            ErrorKind::RateLimited { retry_after } | ErrorKind::Server { retry_after, .. } => retry_after,
            _ => None,
        }
    }

    /// The workspace's id of the request, where there is one.
    pub fn request_id(&self) -> Option<&str> {
        self.upstream.as_ref()?.request_id.as_deref()
    }

    /// What the workspace said, cleaned; see [`UpstreamDetails::message`].
    pub fn message(&self) -> Option<&str> {
        self.upstream.as_ref()?.message.as_deref()
    }

    /// The principal that a change of permissions named and that the workspace does not have: it says
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

    /// Why a change of the workspace's configuration was refused. `None` for any other kind than
    /// [`ErrorKind::Rejected`]. The texts are the only difference
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
        Self { kind, upstream: None }
    }
}

fn retry_after_text(delay: Option<Duration>) -> String {
    match delay.map(|d| d.as_millis().div_ceil(1000)) {
        None | Some(0) => String::new(),
        Some(seconds) => format!("; retry in {seconds} s"),
    }
}
