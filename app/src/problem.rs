//! What went wrong, in codes and typed fields: the one error that crosses the wire.
//!
//! The error of a form without JavaScript travels in the address, where anybody can forge it. So no free text is in
//! it, and the sentences are made here, from the code alone.

use std::time::Duration;

use console::Error;
use domain::LifetimeInputError;
use http::StatusCode;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use server_fn::Decodes;
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use workspace_client::ErrorKind;

/// The code of a failure, with the few numbers that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// The address names no configured workspace.
    UnknownWorkspace,
    /// The sign-in has ended.
    SignedOut,
    /// The console refuses every change.
    ReadOnly,
    /// No OAuth client is configured.
    OAuthNotConfigured,
    /// The workspace's sign-in service did not let the person in.
    OAuthRefused,
    /// The person turned back at the workspace's sign-in page.
    OAuthCancelled,
    /// The return from the workspace's sign-in page fits no start from this browser.
    OAuthStateLost,
    /// No access token was typed.
    NoAccessToken,
    /// Too many tries to sign in.
    TooManyTries {
        /// Until the next try.
        seconds: u64,
    },
    /// The credential is wrong, expired or revoked.
    BadCredential,
    /// It lacks a scope.
    ScopeMissing,
    /// The network is kept out.
    IpBlocked,
    /// Not an admin.
    NotAdmin,
    /// The account may not use tokens.
    TokensNotAllowed,
    /// The pricing tier lacks token management.
    FeatureOff,
    /// The workspace says that its tokens are switched off.
    TokensDisabled,
    /// The workspace has no token, and so no permissions on tokens.
    NoTokenYet,
    /// No such token.
    TokenNotFound,
    /// No such page.
    PageNotFound,
    /// The workspace limits requests.
    RateLimited {
        /// Until it wants to be asked again, where it said so.
        seconds: Option<u64>,
    },
    /// A web page instead of data.
    Html,
    /// The workspace's address leads elsewhere.
    Redirected,
    /// No answer in time.
    TimedOut,
    /// No connection.
    Unreachable,
    /// The answer makes no sense.
    Undecodable,
    /// The workspace failed.
    WorkspaceFailed {
        /// Its HTTP status.
        status: u16,
    },
    /// The workspace refused the request as such.
    Refused,
    /// Accepted, and not in effect.
    NotInEffect,
    /// Somebody changed the permissions since they were opened.
    AccessChanged,
    /// No answer to a change, and the old state is still there.
    NotApplied,
    /// No answer to a change, nor to what became of it.
    OutcomeUnknown,
    /// The workspace does not know somebody who was to be granted something.
    UnknownPrincipal {
        /// Which of those to be added, counted from 0; none of them where beyond the end.
        nth: usize,
    },
    /// The permission to manage tokens was asked for others than admins.
    OnlyAdminsManage,
    /// A typed lifetime breaks a rule.
    BadLifetime(Lifetime),
    /// The workspace refused a lifetime.
    LifetimeRefused,
    /// The workspace's name was not typed as asked.
    NameMismatch,
    /// The comment is too long.
    CommentTooLong,
    /// The text pasted to be found is not a token's value.
    NotATokenValue,
    /// The form could not be read.
    BadRequest,
    /// The console itself failed.
    Internal,
}

/// [`LifetimeInputError`] as a code.
pub(crate) type Lifetime = LifetimeInputError;

/// A problem and the request that met it, for support.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What.
    pub problem: Problem,
    /// The console's id of the request.
    pub request_id: String,
}

impl Failure {
    /// `address` with this failure in it, as server functions write theirs.
    pub fn in_address(&self, address: &str) -> String {
        use base64::Engine as _;
        let code = base64::engine::general_purpose::URL_SAFE.encode(self.ser());
        crate::paths::with_pair(address, "__err", &code)
    }

    /// What [`Self::in_address`] and server functions wrote. Anything else is nothing: the address may come from
    /// anywhere.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        use base64::Engine as _;
        let json = base64::engine::general_purpose::URL_SAFE.decode(code).ok()?;
        JsonEncoding::decode(json.into()).ok()
    }

    /// A forged address may carry any text as the id: only what looks like one is shown.
    pub(crate) fn shown_id(&self) -> Option<&str> {
        let id = self.request_id.as_str();
        let plausible = (8..=40).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        plausible.then_some(id)
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        // A server function that could not read its arguments would answer 500; there is no request of ours yet.
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(StatusCode::BAD_REQUEST);
        }
        Self {
            problem: Problem::BadRequest,
            request_id: String::new(),
        }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        match error {
            Error::UnknownWorkspace => Self::UnknownWorkspace,
            Error::SignedOut => Self::SignedOut,
            Error::ReadOnly => Self::ReadOnly,
            Error::OAuthNotConfigured => Self::OAuthNotConfigured,
            Error::NotInEffect => Self::NotInEffect,
            Error::AccessChanged => Self::AccessChanged,
            Error::NotApplied => Self::NotApplied,
            Error::OutcomeUnknown => Self::OutcomeUnknown,
            Error::Workspace(error) => error.into(),
            Error::Store(_) => Self::Internal,
        }
    }
}

impl From<&workspace_client::Error> for Problem {
    fn from(error: &workspace_client::Error) -> Self {
        match &error.kind {
            ErrorKind::BadCredential => Self::BadCredential,
            ErrorKind::ScopeMissing => Self::ScopeMissing,
            ErrorKind::IpBlocked => Self::IpBlocked,
            ErrorKind::NotAllowed => Self::NotAdmin,
            ErrorKind::TokensNotAllowed => Self::TokensNotAllowed,
            ErrorKind::FeatureOff { tokens_disabled: true } => Self::TokensDisabled,
            ErrorKind::FeatureOff { tokens_disabled: false } => Self::FeatureOff,
            ErrorKind::NoTokenYet => Self::NoTokenYet,
            ErrorKind::NotFound => Self::TokenNotFound,
            ErrorKind::Rejected => Self::Refused,
            ErrorKind::RateLimited { retry_after } => Self::RateLimited {
                seconds: retry_after.map(|d| whole_seconds(d).max(1)),
            },
            ErrorKind::Html => Self::Html,
            ErrorKind::Redirect => Self::Redirected,
            ErrorKind::Timeout => Self::TimedOut,
            ErrorKind::Unreachable => Self::Unreachable,
            ErrorKind::TooLarge | ErrorKind::Undecodable { .. } => Self::Undecodable,
            ErrorKind::Server { status, .. } => Self::WorkspaceFailed { status: *status },
            ErrorKind::OAuthRefused { .. } | ErrorKind::ForeignEndpoint => Self::OAuthRefused,
        }
    }
}

fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

impl Problem {
    /// The HTTP status of a page that shows nothing but this.
    pub fn status(self) -> u16 {
        match self {
            // The page says truthfully what this workspace offers.
            Self::FeatureOff | Self::TokensDisabled | Self::NoTokenYet => 200,
            Self::OAuthStateLost
            | Self::NoAccessToken
            | Self::NameMismatch
            | Self::CommentTooLong
            | Self::NotATokenValue
            | Self::BadLifetime(_)
            | Self::LifetimeRefused
            | Self::BadRequest
            | Self::OAuthCancelled
            | Self::UnknownPrincipal { .. }
            | Self::OnlyAdminsManage
            | Self::Refused => 400,
            Self::SignedOut | Self::BadCredential => 401,
            Self::ReadOnly
            | Self::ScopeMissing
            | Self::IpBlocked
            | Self::NotAdmin
            | Self::TokensNotAllowed
            | Self::OAuthRefused => 403,
            Self::UnknownWorkspace | Self::TokenNotFound | Self::PageNotFound | Self::OAuthNotConfigured => 404,
            Self::NotInEffect | Self::AccessChanged => 409,
            Self::TooManyTries { .. } => 429,
            Self::Internal => 500,
            Self::Html
            | Self::Redirected
            | Self::Unreachable
            | Self::Undecodable
            | Self::OutcomeUnknown
            | Self::WorkspaceFailed { .. } => 502,
            Self::RateLimited { .. } => 503,
            Self::TimedOut | Self::NotApplied => 504,
        }
    }

    /// Until the same may be asked again, where that is known.
    pub fn retry_after(self) -> Option<u64> {
        match self {
            Self::RateLimited { seconds } => Some(seconds.unwrap_or(10)),
            Self::TooManyTries { seconds } => Some(seconds),
            _ => None,
        }
    }

    /// Whether asking again may help without doing anything else first.
    pub(crate) fn is_passing(self) -> bool {
        matches!(self.status(), 500..) || self == Self::NotInEffect
    }

    /// What happened, as a heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::UnknownWorkspace => "This console has no such workspace",
            Self::SignedOut => "Your sign-in has ended",
            Self::ReadOnly => "This console is read-only",
            Self::OAuthNotConfigured => "Signing in with Databricks is not set up here",
            Self::OAuthRefused => "Databricks refused the sign-in",
            Self::OAuthCancelled => "Sign-in was cancelled",
            Self::OAuthStateLost => "This sign-in was not started here",
            Self::NoAccessToken => "No access token was entered",
            Self::TooManyTries { .. } => "Too many sign-in tries",
            Self::BadCredential => "The workspace did not accept the credential",
            Self::ScopeMissing => "Your credential lacks a scope",
            Self::IpBlocked => "The workspace blocks this console's network",
            Self::NotAdmin => "Only workspace admins can do this",
            Self::TokensNotAllowed => "Your account may not use tokens",
            Self::FeatureOff => "This workspace has no token management",
            Self::TokensDisabled => "Personal access tokens are switched off",
            Self::NoTokenYet => "This workspace has no token yet",
            Self::TokenNotFound => "The workspace has no such token",
            Self::PageNotFound => "There is no such page",
            Self::RateLimited { .. } => "The workspace limits requests at the moment",
            Self::Html => "A web page answered instead of the workspace",
            Self::Redirected => "The workspace's address leads elsewhere",
            Self::TimedOut => "The workspace did not answer in time",
            Self::Unreachable => "This workspace cannot be reached",
            Self::Undecodable => "The workspace's answer could not be understood",
            Self::WorkspaceFailed { .. } => "The workspace reported a failure of its own",
            Self::Refused => "The workspace refused the request",
            Self::NotInEffect => "Accepted, but unchanged",
            Self::AccessChanged => "Somebody changed the permissions meanwhile",
            Self::NotApplied => "No answer came, and nothing has changed",
            Self::OutcomeUnknown => "Whether it was saved is not known",
            Self::UnknownPrincipal { .. } => "The workspace does not know one of them",
            Self::OnlyAdminsManage => "Only the group admins can manage tokens",
            Self::BadLifetime(_) => "That lifetime cannot be set",
            Self::LifetimeRefused => "The workspace refused this lifetime",
            Self::NameMismatch => "The name does not match",
            Self::CommentTooLong => "The comment is too long",
            Self::NotATokenValue => "That is not a token's value",
            Self::BadRequest => "The request could not be read",
            Self::Internal => "The console failed",
        }
    }

    /// What it means and what to do next.
    pub(crate) fn advice(self) -> String {
        match self {
            Self::RateLimited { seconds: Some(seconds) } => {
                format!("It asks to wait {seconds} seconds. Nothing was changed. Try again after that.")
            }
            Self::TooManyTries { seconds } => {
                format!("Wait {seconds} seconds, then try again. This keeps guessing slow.")
            }
            Self::WorkspaceFailed { status } => format!(
                "It answered with status {status}. What you see may be incomplete; try again, and ask Databricks \
                 support if it stays."
            ),
            Self::BadLifetime(error) => error.to_string(),
            other => other.fixed_advice().to_owned(),
        }
    }

    fn fixed_advice(self) -> &'static str {
        match self {
            Self::UnknownWorkspace => "Check the address, or choose one of the configured workspaces.",
            Self::SignedOut => "Sign in again to go on where you were.",
            Self::ReadOnly => "It was started with --read-only and changes nothing. Ask whoever runs it.",
            Self::OAuthNotConfigured => {
                "Sign in with an access token, or ask whoever runs this console for an OAuth client."
            }
            Self::OAuthRefused => {
                "The OAuth client may lack a scope or this console's redirect address. Whoever registered it can tell; \
                 until then, sign in with an access token."
            }
            Self::OAuthCancelled => "Nothing was stored. Start again whenever you like.",
            Self::OAuthStateLost => {
                "It took too long, was finished before, or began in another browser. Start again from this page."
            }
            Self::NoAccessToken => "Paste a personal access token or an OAuth access token of the workspace.",
            Self::BadCredential => "It is wrong, expired or revoked, or tokens are switched off. Sign in another way.",
            Self::ScopeMissing => {
                "The console needs authentication, access-management, settings and scim (or all-apis). Sign in with a \
                 credential that has them."
            }
            Self::IpBlocked => {
                "An IP access list or network policy keeps the console's address out. An account admin can allow it."
            }
            Self::NotAdmin => {
                "The workspace does not count you among its admins. Ask one of them to add you to the group admins."
            }
            Self::TokensNotAllowed => "Ask a workspace admin for the permission to use tokens, or sign in with OAuth.",
            Self::FeatureOff => {
                "Managing tokens needs the Premium tier or above. On this tier Databricks offers neither the list nor the \
                 permissions, to any tool."
            }
            Self::TokensDisabled => "The workspace answers no requests about tokens while they are switched off.",
            Self::NoTokenYet => {
                "The workspace keeps no permissions on tokens before the first token exists. Create one, with a short \
                 lifetime, and they appear."
            }
            Self::TokenNotFound => {
                "It was revoked, removed after 90 days without use, or never existed in this workspace."
            }
            Self::PageNotFound => "Check the address, or go on from the tokens.",
            Self::RateLimited { .. } => "Nothing was changed. Try again in a moment.",
            Self::Html => {
                "Most likely a proxy or a login page stands in between, or the configured address is not a workspace's."
            }
            Self::Redirected => {
                "The console does not follow, since your credential would travel along. Check the configured address."
            }
            Self::TimedOut => "If this was a change, look whether it took effect before you repeat it.",
            Self::Unreachable => {
                "There is no connection to it from this console. Check the network and the configured address."
            }
            Self::Undecodable => {
                "Nothing is shown rather than something wrong. The server's log names the place in the answer."
            }
            Self::Refused => "It understood the request and declined it. The server's log has its reason.",
            Self::NotInEffect => {
                "The workspace said yes and still tells the old state. Do not rely on the change; look again."
            }
            Self::AccessChanged => "Nothing was saved. Look at what changed, then save on top of it.",
            Self::NotApplied => {
                "The workspace did not answer in time and, asked again, still has the old list. What you entered is kept; look \
                 again in a minute before you save once more."
            }
            Self::OutcomeUnknown => {
                "The workspace answered neither the change nor the question what became of it. Reload the permissions before \
                 anything else."
            }
            Self::UnknownPrincipal { .. } => {
                "Nothing was saved. Somebody may have been deleted or renamed meanwhile; take them out, or find them anew."
            }
            Self::OnlyAdminsManage => {
                "Nothing was saved: the list gives CAN_MANAGE to somebody else than admins, which the workspace refuses."
            }
            Self::LifetimeRefused => {
                "It allows whole days from 1 to 730, or 0 for no custom limit. Your entry is kept."
            }
            Self::NameMismatch => "Type the workspace's name exactly as shown to confirm. Nothing was changed.",
            Self::CommentTooLong => "Keep it within 1,000 characters. Nothing was changed.",
            Self::NotATokenValue => "Paste the whole value: it begins with dapi. It is hashed and not kept.",
            Self::BadRequest => "Nothing was changed. Reload the page and try again.",
            Self::Internal => "Nothing is known to have changed. Try again; the server's log has the reason.",
            Self::TooManyTries { .. } | Self::WorkspaceFailed { .. } | Self::BadLifetime(_) => "",
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
            }
            .shown_id()
            .is_some()
        };
        assert!(shown("0b4f9d1e-6a55-4c3e-9a43-7c3b3a5d2f10"));
        assert!(!shown("Call +1 555 0100 now"));
        assert!(!shown(&"a".repeat(41)));
    }

    #[test]
    fn every_problem_ends_in_advice() {
        for problem in [
            Problem::Unreachable,
            Problem::RateLimited { seconds: None },
            Problem::RateLimited { seconds: Some(3) },
            Problem::TooManyTries { seconds: 4 },
            Problem::WorkspaceFailed { status: 500 },
            Problem::BadLifetime(LifetimeInputError::Empty),
        ] {
            assert!(problem.advice().ends_with('.'), "{problem:?}");
        }
    }
}
