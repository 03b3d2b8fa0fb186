//! The title and advice of each problem, and the HTTP status of a page that shows only this problem.

mod changes;

use std::borrow::Cow;

use super::{Interrupted, Problem};

/// Title, advice and HTTP status of a problem.
struct ProblemSpec {
    title: Cow<'static, str>,
    advice: Cow<'static, str>,
    status: u16,
}

fn spec(status: u16, title: impl Into<Cow<'static, str>>, advice: impl Into<Cow<'static, str>>) -> ProblemSpec {
    ProblemSpec {
        title: title.into(),
        advice: advice.into(),
        status,
    }
}

/// What to call the workspace within a sentence and at the start of one.
#[derive(Clone, Copy)]
struct WorkspaceWords<'a> {
    ws: &'a str,
    ws_first: &'a str,
}

impl Problem {
    /// What happened, as a heading. `workspace` is the workspace's name, if the page knows it.
    pub(crate) fn title(self, workspace: Option<&str>) -> String {
        self.spec(workspace, Interrupted::Page).title.into_owned()
    }

    /// What the problem means, and what to do next.
    pub(crate) fn advice(self, workspace: Option<&str>, interrupted: Interrupted) -> String {
        self.advice_if(false, workspace, interrupted)
    }

    /// Like [`Self::advice`], for an interrupted change that is certainly `unchanged`.
    pub(super) fn advice_if(self, unchanged: bool, workspace: Option<&str>, interrupted: Interrupted) -> String {
        // Such a change can be repeated without checking anything first.
        let as_of_page = if unchanged { Interrupted::Page } else { interrupted };
        let advice = self.spec(workspace, as_of_page).advice;
        let certain = self.certainties(interrupted, unchanged).map(Cow::Borrowed);
        let sentences: Vec<_> = std::iter::once(advice).chain(certain).collect();
        sentences.join(" ")
    }

    /// The HTTP status of a page that shows only this problem.
    pub fn status(self) -> u16 {
        self.spec(None, Interrupted::Page).status
    }

    /// Problems with signing in, roles, and the console itself. The other problems are below, by area.
    fn spec(self, workspace: Option<&str>, interrupted: Interrupted) -> ProblemSpec {
        let words = WorkspaceWords {
            ws: workspace.unwrap_or("the workspace"),
            ws_first: workspace.unwrap_or("The workspace"),
        };
        let WorkspaceWords { ws, ws_first } = words;
        match self {
            Self::UnknownWorkspace => spec(404, "Workspace not found", "Check the URL, or choose a workspace."),
            Self::SignedOut => spec(
                401,
                "Your session has ended",
                "Sign in again to continue where you left off.",
            ),
            Self::ReadOnly => spec(
                403,
                "This console is read-only",
                "It was started with --read-only. Contact its operator.",
            ),
            Self::AuditorReadOnly => spec(
                403,
                "View only",
                format!("You are an auditor of {ws}. Ask one of its admins to make this change."),
            ),
            Self::AuditorConnectionFailed => spec(
                502,
                "The auditor connection is not working",
                format!(
                    "{ws_first} rejected this console's service principal. Its operator can run pat-console \
                     check-config for details."
                ),
            ),
            Self::TokenSignInDisabled => spec(
                403,
                "Sign-in with access tokens is disabled",
                "Use \u{201c}Sign in with Databricks\u{201d}.",
            ),
            Self::OAuthNotConfigured => spec(
                404,
                "Sign-in with Databricks is not set up here",
                "Sign in with an access token, or ask the operator of this console to set up an OAuth client.",
            ),
            Self::OAuthRefused => spec(
                403,
                "Databricks refused the sign-in",
                "The OAuth client may lack a scope, or this console's redirect URL may not be registered. Until its \
                 operator has checked, sign in with an access token.",
            ),
            Self::SignInServiceFailed { fault, status } => {
                let what = match (fault, status) {
                    (Some(fault), _) => fault.advice().to_owned(),
                    (None, Some(status)) => format!("It responded with HTTP {status}."),
                    (None, None) => "It did not respond in time.".to_owned(),
                };
                spec(
                    502,
                    format!("The sign-in service of {ws} is not working"),
                    format!("{what} This says nothing about your credential. Try again later."),
                )
            }
            Self::OAuthCancelled => spec(
                400,
                "Sign-in cancelled",
                "Nothing was stored. You can start again at any time.",
            ),
            Self::SignInExpired => spec(
                400,
                "This sign-in has expired",
                "It took too long, was already completed, or was started in another browser. Please start again.",
            ),
            Self::NoAccessToken => spec(
                400,
                "Enter an access token",
                "Use a personal access token or an OAuth token of a workspace admin.",
            ),
            Self::TooManyAttempts { seconds } => spec(429, "Too many sign-in attempts", try_again_in(seconds)),
            Self::TooManyLookups { seconds } => spec(429, "Too many lookups", try_again_in(seconds)),
            Self::TokenValueInText => spec(
                400,
                "This looks like a token value, so it was not used",
                "To look it up, use \u{201c}Find a leaked token\u{201d}.",
            ),
            Self::BadCredential => spec(
                401,
                format!("{ws_first} rejected this credential"),
                "It may be wrong, expired or revoked, or personal access tokens may be disabled there. Sign in another \
                 way.",
            ),
            Self::ScopeMissing { scope } => {
                let missing = scope.map(|scope| format!("It needs the scope {}. ", scope.name()));
                spec(
                    403,
                    "Your credential lacks a scope",
                    missing.unwrap_or_default()
                        + "The console needs authentication, access-management, settings and scim, or all-apis. Sign \
                           in with a credential that has them.",
                )
            }
            Self::NotInWorkspace => spec(
                403,
                format!("{ws_first} does not know you"),
                "Your credential works, but you are not in this workspace, or the credential is for another one. Check \
                 that this is the right workspace, or ask one of its admins to add you.",
            ),
            Self::WorkspaceIdMissing => spec(
                403,
                format!("{ws_first} cannot be distinguished from others on its host"),
                "Several workspaces share this host, or the credential is for another one. Ask the operator of this \
                 console to set workspace_id, or to configure the workspace's own URL.",
            ),
            Self::OtherWorkspace => spec(
                502,
                format!("Another workspace responded instead of {ws}"),
                "Ask the operator of this console to correct workspace_id, or to configure the workspace's own URL.",
            ),
            Self::IpBlocked => spec(
                403,
                format!("{ws_first} blocks this console's network"),
                "An IP access list or network policy rejects its IP address. Ask an account admin to allow it.",
            ),
            Self::NotAdmin => spec(
                403,
                format!("You are not an admin of {ws}"),
                "Ask one of its admins to add you to the group \u{201c}admins\u{201d}.",
            ),
            Self::TokensNotAllowed => spec(
                403,
                "You do not have permission to use tokens",
                "Ask a workspace admin for it, or sign in with OAuth.",
            ),
            Self::PageNotFound => spec(404, "Page not found", "Check the URL, or choose a workspace."),
            Self::BadRequest => spec(400, "The request could not be read", "Reload the page and try again."),
            Self::UnknownTimeZone => spec(
                400,
                "Unknown time zone",
                "Enter an IANA time zone name, such as Europe/Berlin, America/New_York or UTC.",
            ),
            Self::StorageFull => spec(
                503,
                "The console's disk is full",
                "Ask the operator of this console to free space in the data directory, then try again.",
            ),
            Self::StorageLocked => spec(
                503,
                "The console's database is locked",
                "Try again in a moment. If it persists, ask the operator of this console which other program has \
                 console.db open.",
            ),
            Self::StorageReplaced => spec(
                503,
                "The console's database was deleted or replaced",
                "Ask the operator of this console to put console.db back, or to restart the console.",
            ),
            Self::StorageUnreachable => spec(
                503,
                "The console's database does not respond",
                "Try again in a moment. If it persists, ask the operator of this console to check the database server.",
            ),
            other => other.spec_of_response(words, interrupted),
        }
    }

    /// Problems with the workspace: what it offers and how it responds.
    fn spec_of_response(self, words: WorkspaceWords<'_>, interrupted: Interrupted) -> ProblemSpec {
        let WorkspaceWords { ws, ws_first } = words;
        match self {
            Self::StillLoading => spec(503, "Still loading", "Reload this page in a moment."),
            // These four have status 200: they correctly describe what this workspace offers.
            Self::TokenManagementUnavailable => spec(
                200,
                "Token management is not available",
                "It requires the Premium plan or above. Below that, Databricks offers neither the token list nor the \
                 permissions.",
            ),
            Self::TokensDisabled => spec(
                200,
                "Personal access tokens are disabled",
                format!("{ws_first} rejects requests about tokens until they are enabled again."),
            ),
            Self::DisabledOrUnavailable => spec(
                200,
                "Tokens are disabled or not available",
                "Personal access tokens are disabled, or the workspace's plan does not include token management. The \
                 console cannot tell which: only the workspace settings can.",
            ),
            Self::NoTokenYet => spec(
                200,
                "This workspace has no tokens yet",
                "Databricks keeps no permissions until the first token exists. Create one with a short lifetime.",
            ),
            Self::TokenNotFound => spec(
                404,
                "Token not found",
                format!("It was revoked, removed after 90 days without use, or never existed in {ws}."),
            ),
            Self::RateLimited { seconds } => spec(
                503,
                format!("Too many requests to {ws}"),
                seconds.map_or("Try again in a moment.".to_owned(), try_again_in),
            ),
            Self::UnexpectedWebPage => spec(
                502,
                format!("Unexpected response from {ws}"),
                "A proxy or login page may be in the way, or the configured URL is wrong.",
            ),
            Self::Redirected => spec(
                502,
                format!("{ws_first} redirects to another URL"),
                "The redirect was not followed, to protect your credential. Check the configured URL and, if several \
                 workspaces share the host, workspace_id.",
            ),
            Self::TimedOut => spec(
                504,
                format!("{ws_first} did not respond in time"),
                match interrupted {
                    Interrupted::Page => "Try again.",
                    Interrupted::Change | Interrupted::Edit => {
                        "Check whether the change was made before you repeat it."
                    }
                },
            ),
            Self::Unreachable { fault } => spec(502, format!("Cannot connect to {ws}"), fault.advice()),
            Self::UnreadableResponse => spec(
                502,
                format!("Unreadable response from {ws}"),
                "Details are in the server log.",
            ),
            Self::WorkspaceFailed { status } => spec(
                502,
                format!("{ws_first} is having problems (HTTP {status})"),
                "Try again. If it persists, contact Databricks support.",
            ),
            Self::Rejected => spec(
                502,
                format!("{ws_first} rejected the request"),
                "Details are in the server log.",
            ),
            Self::NotConfirmed => spec(
                409,
                "Accepted, but not confirmed",
                format!(
                    "{ws_first} accepted the change but still reports the old state. Check again before you rely on it."
                ),
            ),
            Self::OtherState => spec(
                409,
                "Accepted, but another state is reported",
                format!(
                    "{ws_first} accepted the change but reports something else: someone else may have changed it at \
                     the same time. Check again before you repeat it."
                ),
            ),
            other => other.spec_of_change(words),
        }
    }
}

fn try_again_in(seconds: u64) -> String {
    match seconds {
        1 => "Try again in 1 second.".to_owned(),
        seconds => format!("Try again in {seconds} seconds."),
    }
}
