//! One call to a workspace: the request, its repetitions, and the time it may take.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Response};
use serde::Serialize;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::call_log::InFlightCall;
use crate::error::{CallFailure, Endpoint, Error, ErrorKind, classify};
use crate::response::{MAX_RESPONSE_BYTES, ResponseBody};
use crate::streaming_list::{List, WireRow};
use crate::{Client, Credential, streaming_list};

/// Repetitions of one call, at most.
const MAX_RETRIES: usize = 3;

/// When a call may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// Sending it twice is like sending it once.
    Safe,
    /// Only where the workspace certainly did not act on it: no connection, or 429.
    IfUnprocessed,
    /// Not at all.
    Never,
}

/// A call that is being put together.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    client: &'a Client,
    route: &'static str,
    request: Request,
    asked: Endpoint,
    secret: &'a str,
    repeat: RetryPolicy,
    deadline: Instant,
    max_bytes: usize,
}

/// Whether an id can be put into a route: what cannot leads to another one.
pub(crate) fn can_be_sent(id: &str) -> bool {
    // `push` leaves out dots, tabs and line breaks, as browsers do.
    !(id.is_empty() || matches!(id, "." | "..") || id.contains(char::is_control) || id.len() > 1000)
}

impl<'a> Call<'a> {
    /// A call to a route of the workspace, without a credential, within the interactive budget.
    pub(crate) fn new(client: &'a Client, method: Method, route: &'static str) -> Self {
        Self::with_request(client, Request::new(method, client.address().url_for(route)), route)
    }

    /// A call with a request of one's own; `route` is its name in logs.
    pub(crate) fn with_request(client: &'a Client, mut request: Request, route: &'static str) -> Self {
        request
            .headers_mut()
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            client,
            route,
            request,
            asked: Endpoint::Api,
            secret: "",
            repeat: RetryPolicy::Safe,
            deadline: Instant::now() + client.budgets().interactive,
            max_bytes: MAX_RESPONSE_BYTES,
        }
    }

    /// # Errors
    /// Where no header can hold the credential: then no workspace has issued it. And where it is for reading only, and this
    /// call is not.
    pub(crate) fn credential(mut self, credential: &'a Credential) -> Result<Self, Error> {
        if !credential.allows(self.request.method()) {
            return Err(ErrorKind::NotAllowed.into());
        }
        let header = credential.header().ok_or(ErrorKind::BadCredential)?;
        self.request.headers_mut().insert(AUTHORIZATION, header);
        self.secret = credential.expose();
        Ok(self)
    }

    /// Puts an id into the route's last segment.
    ///
    /// # Errors
    /// Where the text cannot be an id, and would lead to another route.
    pub(crate) fn id(mut self, id: &str) -> Result<Self, Error> {
        if !can_be_sent(id) {
            return Err(ErrorKind::NotFound.into());
        }
        if let Ok(mut path) = self.request.url_mut().path_segments_mut() {
            path.pop().push(id);
        }
        Ok(self)
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.request.url_mut().query_pairs_mut().append_pair(name, value);
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        // Bodies are plain structs of text and numbers, which always serialise.
        let body = serde_json::to_vec(body).unwrap_or_default();
        *self.request.body_mut() = Some(body.into());
        self.request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }

    pub(crate) fn endpoint(self, asked: Endpoint) -> Self {
        Self { asked, ..self }
    }

    pub(crate) fn retry_policy(self, repeat: RetryPolicy) -> Self {
        Self { repeat, ..self }
    }

    pub(crate) fn deadline(self, deadline: Instant) -> Self {
        Self { deadline, ..self }
    }

    pub(crate) fn max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// Sends it, and again where that is safe and may help, until the deadline.
    ///
    /// # Errors
    /// Any kind. A pause that the workspace asks for and that does not end before the deadline is not waited for.
    pub(crate) async fn send(self) -> Result<ResponseBody, Error> {
        let attempt = || async {
            let answered = self.attempt().await?;
            let answer = ResponseBody::read(answered.response, self.max_bytes).await?;
            answer.data().map_err(CallFailure::permanent)
        };
        self.with_retries(attempt).await
    }

    /// The same for a long list: the rows below `key`, decoded while they arrive. A connection that breaks on the way
    /// begins it anew.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(crate) async fn rows<W, T>(self, key: &'static str) -> Result<List<T>, Error>
    where
        W: WireRow + Into<T>,
    {
        let attempt = || async { streaming_list::read::<W, T>(self.attempt().await?.response, key).await };
        self.with_retries(attempt).await
    }

    async fn with_retries<T, F>(&self, attempt: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, CallFailure>>,
    {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(self.client.budgets().first_pause)
            .with_max_times(MAX_RETRIES)
            .with_jitter();
        let tries = attempt
            .retry(pauses)
            .when(|heard| self.can_retry(heard))
            .adjust(|heard, pause| self.retry_delay(heard, pause?));
        match timeout_at(self.deadline, tries).await {
            Ok(outcome) => outcome.map_err(|heard| heard.error),
            Err(_) => Err(ErrorKind::Timeout.into()),
        }
    }

    fn can_retry(&self, heard: &CallFailure) -> bool {
        match self.repeat {
            RetryPolicy::Safe => heard.transient,
            RetryPolicy::IfUnprocessed => heard.not_processed,
            RetryPolicy::Never => false,
        }
    }

    /// What the workspace asks for, with our own pause on top as jitter. `None` where the deadline comes first.
    fn retry_delay(&self, heard: &CallFailure, pause: Duration) -> Option<Duration> {
        let pause = heard.error.retry_after().unwrap_or_default() + pause;
        let left = self.deadline.saturating_duration_since(Instant::now());
        (pause < left).then_some(pause)
    }

    /// Sends it once, up to the head of an answer that is a success.
    async fn attempt(&self) -> Result<PendingResponse<'_>, CallFailure> {
        let permit = if self.route.starts_with("/api/2.0/preview/scim/") {
            self.client.scim_limiter().acquire().await.ok()
        } else {
            None
        };
        let request = self
            .request
            .try_clone()
            .ok_or_else(|| CallFailure::connection_lost(false))?;
        let mut underway = InFlightCall::new(self.request.method().clone(), self.route);
        let response = self
            .client
            .http_client()
            .execute(request)
            .await
            .map_err(CallFailure::from)?;
        let status = response.status();
        underway.status = Some(status.as_u16());
        if status.is_success() {
            return Ok(PendingResponse {
                response,
                _underway: underway,
                _permit: permit,
            });
        }
        let headers = response.headers().clone();
        let answer = ResponseBody::read(response, MAX_RESPONSE_BYTES).await?;
        Err(classify(self.asked, status, &headers, &answer.body, self.secret))
    }
}

/// A success of which the body is still to come. The call is under way for as long as this is kept.
struct PendingResponse<'a> {
    response: Response,
    _underway: InFlightCall,
    _permit: Option<SemaphorePermit<'a>>,
}

impl CallFailure {
    pub(crate) fn permanent(error: Error) -> Self {
        Self {
            error,
            transient: false,
            not_processed: false,
        }
    }

    /// No connection, or one that broke.
    pub(crate) fn connection_lost(unprocessed: bool) -> Self {
        Self {
            error: ErrorKind::Unreachable.into(),
            transient: true,
            not_processed: unprocessed,
        }
    }
}

impl From<reqwest::Error> for CallFailure {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        tracing::debug!(cause = %error_chain(&error), "no response from the workspace");
        if error.is_builder() || (error.is_connect() && error.is_timeout()) {
            // A host that lets connections time out does so again, and the budget is better spent on saying so.
            Self::permanent(ErrorKind::Unreachable.into())
        } else if error.is_timeout() {
            Self::permanent(ErrorKind::Timeout.into())
        } else {
            Self::connection_lost(error.is_connect())
        }
    }
}

fn error_chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |e| e.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
