//! One call to a workspace: its request, retries and deadline.

mod retry;

use std::time::SystemTime;

use domain::ConnectionFault;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Request, Response, StatusCode};
use serde::Serialize;
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

pub(crate) use retry::RetryPolicy;

use crate::call_log::InFlightCall;
use crate::error::{CallFailure, Endpoint, Error, ErrorKind, classify};
use crate::http::connection_fault;
use crate::response::{MAX_RESPONSE_BYTES, ResponseBody};
use crate::streaming_list::{List, WireRow};
use crate::{Client, Credential, streaming_list};

/// The route that returns the owner of a credential. Every credential can call it.
pub(crate) const ME: &str = "/api/2.0/preview/scim/v2/Me";

/// A call before it is sent.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    client: &'a Client,
    route: &'static str,
    request: Request,
    endpoint: Endpoint,
    secret: &'a str,
    retry_policy: RetryPolicy,
    deadline: Instant,
    max_bytes: usize,
    /// The keys of the expected response. An object with a message and none of these keys is an error.
    expected_keys: &'static [&'static str],
}

/// Whether an ID can be a segment of a route. With any other text, the request would go to another route.
pub(crate) fn can_be_sent(id: &str) -> bool {
    // `push` leaves out segments of dots, tabs and line breaks, as browsers do.
    !(id.is_empty() || matches!(id, "." | "..") || id.contains(char::is_control) || id.len() > 1000)
}

impl<'a> Call<'a> {
    /// A call to a route of the workspace, without a credential and with the interactive budget.
    pub(crate) fn new(client: &'a Client, method: Method, route: &'static str) -> Self {
        Self::with_request(client, Request::new(method, client.url().url_for(route)), route)
    }

    /// A call with the given request; `route` is its name in logs and metrics.
    pub(crate) fn with_request(client: &'a Client, mut request: Request, route: &'static str) -> Self {
        request
            .headers_mut()
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(id) = client.url().workspace_id().filter(|_| route.starts_with("/api/")) {
            id.add_to(request.headers_mut());
        }
        // A repeated write could overwrite what someone else did in between, so the console looks at the result
        // instead.
        let retry_policy = match *request.method() {
            Method::GET => RetryPolicy::Safe,
            _ => RetryPolicy::IfUnprocessed,
        };
        Self {
            client,
            route,
            request,
            endpoint: Endpoint::Api,
            secret: "",
            retry_policy,
            deadline: Instant::now() + client.budgets().interactive,
            max_bytes: MAX_RESPONSE_BYTES,
            expected_keys: &[],
        }
    }

    /// Adds the credential.
    ///
    /// # Errors
    /// [`ErrorKind::BadCredential`] if the credential cannot be put into a header: no workspace has issued it.
    /// [`ErrorKind::NotAllowed`] if it is read-only and this call is not a GET.
    pub(crate) fn credential(mut self, credential: &'a Credential) -> Result<Self, Error> {
        if !credential.allows(self.request.method()) {
            return Err(ErrorKind::NotAllowed.into());
        }
        let header = credential.header().ok_or(ErrorKind::BadCredential)?;
        self.request.headers_mut().insert(AUTHORIZATION, header);
        self.secret = credential.expose();
        Ok(self)
    }

    /// Replaces the last segment of the route with an ID.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the text cannot be an ID: the request would go to another route.
    pub(crate) fn id(mut self, id: &str) -> Result<Self, Error> {
        if !can_be_sent(id) {
            return Err(Error {
                not_sent: true,
                ..ErrorKind::NotFound.into()
            });
        }
        if let Ok(mut path) = self.request.url_mut().path_segments_mut() {
            path.pop().push(id);
        }
        Ok(self)
    }

    /// Replaces the part of the route in braces with a number.
    pub(crate) fn number(mut self, number: i64) -> Self {
        let path = self.route.split('/').map(|segment| match segment.starts_with('{') {
            true => number.to_string(),
            false => segment.to_owned(),
        });
        let path = path.collect::<Vec<_>>().join("/");
        self.request.url_mut().set_path(&path);
        self
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

    pub(crate) fn endpoint(self, endpoint: Endpoint) -> Self {
        Self { endpoint, ..self }
    }

    pub(crate) fn retry_policy(self, retry_policy: RetryPolicy) -> Self {
        Self { retry_policy, ..self }
    }

    pub(crate) fn deadline(self, deadline: Instant) -> Self {
        Self { deadline, ..self }
    }

    pub(crate) fn max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    pub(crate) fn expected_keys(self, expected_keys: &'static [&'static str]) -> Self {
        Self { expected_keys, ..self }
    }

    /// Sends the call. Retries it until the deadline, if that is safe and may help.
    ///
    /// # Errors
    /// Any kind. If the workspace asks for a pause that ends after the deadline, the call fails at once.
    pub(crate) async fn send(self) -> Result<ResponseBody, Error> {
        match self.with_retries(|| self.response()).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.explain(error).await),
        }
    }

    /// Sends the call and decodes a long list while it arrives: the rows below `key`. If the connection breaks on the
    /// way, the list is read again from its beginning.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(crate) async fn rows<W, T>(self, key: &'static str) -> Result<List<T>, Error>
    where
        W: WireRow + Into<T>,
    {
        let attempt = || async {
            let pending = self.attempt().await?;
            let (status, headers) = (pending.response.status(), pending.response.headers().clone());
            let list = streaming_list::read::<W, T>(pending.response, key).await?;
            match list.error_body() {
                Some(body) => Err(self.classify(status, &headers, &body)),
                None => Ok(list),
            }
        };
        match self.with_retries(attempt).await {
            Ok(rows) => Ok(rows),
            Err(error) => Err(self.explain(error).await),
        }
    }

    /// Finds out what an unknown refusal means, by asking once for the owner of the credential. If the workspace
    /// returns the owner, the refusal was about this call; if it refuses again in the same way, the credential is not
    /// valid.
    async fn explain(&self, error: Error) -> Error {
        let Some(credential) = self.request.headers().get(AUTHORIZATION) else {
            return error;
        };
        if error.kind != ErrorKind::UnknownRefusal {
            return error;
        }
        let kind = if self.route == ME {
            ErrorKind::BadCredential
        } else {
            let mut me = Self::new(self.client, Method::GET, ME).retry_policy(RetryPolicy::Never);
            me.request.headers_mut().insert(AUTHORIZATION, credential.clone());
            me.secret = self.secret;
            match me.with_retries(|| me.response()).await.map(drop) {
                Ok(()) => ErrorKind::Rejected,
                Err(refused) if refused.kind == ErrorKind::UnknownRefusal => ErrorKind::BadCredential,
                Err(refused) if refused.kind.is_about_caller() => refused.kind,
                Err(_) => ErrorKind::UnknownRefusal,
            }
        };
        Error { kind, ..error }
    }

    /// Sends the call once, and reads its response.
    async fn response(&self) -> Result<ResponseBody, CallFailure> {
        let pending = self.attempt().await?;
        let (status, headers) = (pending.response.status(), pending.response.headers().clone());
        let response = ResponseBody::read(pending.response, self.max_bytes).await?;
        let response = response.data().map_err(CallFailure::permanent)?;
        match response.is_error(self.expected_keys) {
            true => Err(self.classify(status, &headers, &response.body)),
            false => Ok(response),
        }
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> CallFailure {
        classify(self.endpoint, status, headers, body, self.secret)
    }

    /// Sends the call once. Returns as soon as the head of a successful response has arrived.
    async fn attempt(&self) -> Result<PendingResponse<'_>, CallFailure> {
        let permit = if self.route.starts_with("/api/2.0/preview/scim/") {
            self.client.scim_limiter().acquire().await.ok()
        } else {
            None
        };
        let request = self.request.try_clone().ok_or_else(CallFailure::connection_lost)?;
        let mut in_flight = InFlightCall::new(self.request.method().clone(), self.route);
        let sent = SystemTime::now();
        let response = self.client.http_client().execute(request).await?;
        let host = self.client.url().host();
        self.client
            .clock()
            .record(host, response.headers(), sent, SystemTime::now());
        let status = response.status();
        in_flight.status = Some(status.as_u16());
        if status.is_success() {
            return Ok(PendingResponse {
                response,
                _in_flight: in_flight,
                _permit: permit,
            });
        }
        let headers = response.headers().clone();
        let response = ResponseBody::read(response, MAX_RESPONSE_BYTES).await?;
        Err(self.classify(status, &headers, &response.body))
    }
}

/// A successful response whose body is still to come. The call counts as in progress until this is dropped.
struct PendingResponse<'a> {
    response: Response,
    _in_flight: InFlightCall,
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

    /// The connection broke after it may have carried a part of the request.
    pub(crate) fn connection_lost() -> Self {
        Self {
            error: ErrorKind::Unreachable(ConnectionFault::Broken).into(),
            transient: true,
            not_processed: false,
        }
    }

    /// No byte was sent.
    fn not_sent(fault: ConnectionFault) -> Self {
        Self {
            error: Error {
                not_sent: true,
                ..ErrorKind::Unreachable(fault).into()
            },
            transient: fault.is_transient(),
            not_processed: fault.is_transient(),
        }
    }
}

impl From<reqwest::Error> for CallFailure {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        tracing::debug!(cause = %error_chain(&error), "no response from the workspace");
        if error.is_builder() || error.is_connect() {
            Self::not_sent(connection_fault(&error))
        } else if error.is_timeout() {
            Self::permanent(ErrorKind::Timeout.into())
        } else {
            Self::connection_lost()
        }
    }
}

fn error_chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |e| e.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
