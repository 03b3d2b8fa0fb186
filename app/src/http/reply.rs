//! What a page or a server function sends in addition to its content: redirects, failures and a status.

use console::{Certainty, Error};
use http::StatusCode;
use http::header::{ACCEPT, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE};

use crate::http::request::Request;
use crate::problem::{ChangeFailure, Failure, Problem};

impl Request {
    /// The problem of a failed use case. Details for the operator go to the log.
    pub(crate) fn problem(&self, error: &Error) -> Problem {
        match error {
            Error::Store(source) | Error::NotRecorded(source) => {
                tracing::error!(request = self.id(), error = %source, "database failed")
            }
            Error::Workspace(error)
            | Error::NotSent(error)
            | Error::Unconfirmed(error)
            | Error::AuditorConnection(error)
            | Error::SignInService(error)
            | Error::TokenNotFound(error)
            | Error::CreationRefused { source: error, .. } => {
                let workspace_message = error.message();
                // A refusal without a code has no other explanation.
                if let Some(message) = workspace_message.filter(|_| error.is_unexplained_refusal()) {
                    self.console.remember_workspace_message(self.id(), message);
                }
                tracing::warn!(request = self.id(), %error, workspace_message, "workspace request failed");
            }
            _ => {}
        }
        error.into()
    }

    /// The problem of a failure in the console itself, which is logged.
    pub(crate) fn internal(&self, error: &dyn std::error::Error) -> Problem {
        tracing::error!(request = self.id(), %error, "internal error");
        Problem::Internal
    }

    /// Why a change failed, and whether it was certainly not made.
    pub(crate) fn change_failure(&self, error: &Error) -> ChangeFailure {
        ChangeFailure {
            problem: self.problem(error),
            unchanged: error.certainty() == Certainty::Unchanged,
        }
    }

    /// `problem` with the ID of this request.
    pub(crate) fn failure(&self, failure: impl Into<ChangeFailure>) -> Failure {
        let ChangeFailure { problem, unchanged } = failure.into();
        Failure {
            unchanged,
            message: self.console.workspace_message(self.id()),
            ..Failure::new(problem, self.id())
        }
    }

    /// Whether a form called the server function, rather than a script. Forms get a redirect as the response.
    pub(crate) fn wants_html(&self) -> bool {
        let accepts = self.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
        accepts.is_some_and(|accepts| accepts.contains("text/html"))
    }

    /// The failure of a server function. A script gets the problem's status. A form is redirected to the page that it
    /// came from; a status would prevent that.
    pub(crate) fn fail_form(&self, failure: impl Into<ChangeFailure>) -> Failure {
        let failure = self.failure(failure);
        if !self.wants_html() {
            self.set_status(failure.problem);
        }
        failure
    }

    /// The same, but a form is redirected to `url`, which holds what was entered.
    pub(crate) fn fail_form_at(&self, failure: impl Into<ChangeFailure>, url: &str) -> Failure {
        let failure = self.fail_form(failure);
        if self.wants_html() {
            self.redirect(&failure.to_url(url));
        }
        failure
    }

    /// Sets the response's status to that of `problem`.
    pub(crate) fn set_status(&self, problem: Problem) {
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.response.set_status(status);
        if let Some(seconds) = problem.retry_after() {
            self.response.insert_header(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }

    /// Redirects to `url`, which has to be encoded; to the start page if it is not valid in a header.
    pub(crate) fn redirect(&self, url: &str) {
        let location = HeaderValue::from_str(url).unwrap_or(HeaderValue::from_static("/"));
        self.response.insert_header(LOCATION, location);
        self.response.set_status(StatusCode::SEE_OTHER);
    }

    /// Sets a cookie, which is not a secret, for a year.
    pub(crate) fn keep_cookie(&self, name: &'static str, value: &str) {
        if let Some(cookie) = self.cookies().permanent_cookie(name, value) {
            self.response.append_header(SET_COOKIE, cookie);
        }
    }

    /// Gives the browser a new proof if it has a session. Its concurrent sign-ins have to present it.
    pub(crate) fn renew_browser_proof(&self) {
        let cookie = self.session.0.id().and_then(|_| self.cookies().new_browser_proof());
        if let Some(cookie) = cookie {
            self.response.append_header(SET_COOKIE, cookie);
        }
    }
}
