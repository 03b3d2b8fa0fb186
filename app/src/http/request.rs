//! What a page or a server function knows of the request that it answers: who asks, what for, and how to answer with a
//! status or a redirect.

use std::sync::Arc;

use console::{Actor, BrowserSessions, Console, Error};
use domain::{ParsedQuery, ParsedSelection, TokenQuery};
use http::header::{ACCEPT, HeaderValue, LOCATION, REFERER, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;
use secrecy::SecretString;
use tower_sessions::session::Id;
use tower_sessions::{Session, SessionStore};

use crate::http::browser_session::BrowserSession;
use crate::http::delivery::Delivery;
use crate::http::device::browser_name;
use crate::http::paths;
use crate::pages::tokens::CreatedTokenPage;
use crate::problem::{Failure, Problem};

/// What the server hands to every page and server function.
#[derive(Clone)]
pub struct Services {
    /// The use cases.
    pub console: Console,
    /// Slows down guessing at the sign-in.
    pub sign_in_limiter: Arc<dyn SignInLimiter>,
    /// Browser sessions, as the session layer sees them.
    pub sessions: Arc<dyn SessionStore>,
    /// The same below its cache.
    pub stored_sessions: BrowserSessions,
    /// Whether the console is opened by https, so that cookies are kept to it.
    pub https: bool,
}

impl Services {
    pub(crate) async fn delete_session(&self, id: Id) {
        if let Err(error) = self.sessions.delete(&id).await {
            tracing::error!(%error, "could not remove a browser session");
        }
    }
}

/// Bounds how often one peer may try to sign in.
pub trait SignInLimiter: Send + Sync {
    /// Takes one try of the request's peer.
    ///
    /// # Errors
    /// The seconds until the next try.
    fn check(&self, request: &Parts) -> Result<(), u64>;
}

/// The id of a request, as the server's outermost layer made it.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The request behind a page or a server function.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) console: Console,
    pub(crate) session: BrowserSession,
    services: Services,
    parts: Parts,
    response: ResponseOptions,
    workspace: String,
    token: String,
    bulk: String,
}

impl Request {
    /// The current one. To be called before the first `await`, where leptos' context is certain.
    pub(crate) fn current() -> Self {
        let parts: Parts = expect_context();
        let services: Services = expect_context();
        Self {
            response: expect_context(),
            ..Self::detached(&services, &parts)
        }
    }

    /// One that is answered by no page and no server function.
    pub(crate) fn detached(services: &Services, parts: &Parts) -> Self {
        Self {
            console: services.console.clone(),
            session: BrowserSession(
                parts
                    .extensions
                    .get::<Session>()
                    .cloned()
                    .unwrap_or_else(missing_session),
            ),
            services: services.clone(),
            parts: parts.clone(),
            response: ResponseOptions::default(),
            workspace: String::new(),
            token: String::new(),
            bulk: String::new(),
        }
    }

    /// The current one of a page: with what its path names.
    pub(crate) fn from_route() -> Self {
        use leptos::prelude::ReadUntracked as _;
        let params = use_params_map().read_untracked().clone();
        let named = |name| params.get(name).unwrap_or_default();
        Self {
            workspace: named("workspace"),
            token: named("token"),
            bulk: named("id"),
            ..Self::current()
        }
    }

    /// The workspace in the page's path.
    pub(crate) fn workspace(&self) -> &str {
        &self.workspace
    }

    /// The token id in the page's path.
    pub(crate) fn token_id(&self) -> domain::TokenId {
        domain::TokenId::new(self.token.as_str())
    }

    /// The job in the page's path; `None` where it cannot be one.
    pub(crate) fn bulk_id(&self) -> Option<console::BulkId> {
        self.bulk.parse().ok()
    }

    /// What the form that this page answers has created.
    pub(crate) fn created_token(&self) -> Option<&CreatedTokenPage> {
        self.parts.extensions.get()
    }

    /// The id of this request, for support.
    pub(crate) fn id(&self) -> &str {
        self.parts.extensions.get::<RequestId>().map_or("", |id| &id.0)
    }

    /// The headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The page of this console that the request came from, where the browser says so.
    pub(crate) fn referring_page(&self) -> Option<String> {
        let referrer: Uri = self.parts.headers.get(REFERER)?.to_str().ok()?.parse().ok()?;
        // What answers a form is no address to come back to.
        let page = paths::local_path(referrer.path_and_query()?.as_str())?;
        (!page.starts_with("/api/")).then(|| page.to_owned())
    }

    fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// Path and query without what only a notice needs: the address of this view.
    pub(crate) fn current_url(&self) -> String {
        let full = self.uri().path_and_query().map_or("/", |p| p.as_str());
        // `to` belongs to the notice only beside `done`: the switch's own page asks by it too.
        let of_notice: &[_] = match self.query("done") {
            Some(_) => &["done", "token", "to", "since", "__path", "__err"],
            None => &["__path", "__err"],
        };
        paths::without_params(full, of_notice)
    }

    /// A value of the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let query = self.uri().query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The pairs of the query, in order.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.uri().query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect()
    }

    /// The filters, order and page that the query asks for, and what of it made no sense.
    pub(crate) fn token_query(&self) -> ParsedQuery {
        let query = self.uri().query().unwrap_or_default();
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        ParsedQuery::from_pairs(pairs.iter().map(|(n, v)| (n.as_ref(), v.as_ref())))
    }

    /// What is picked of the tokens that `query` asks for.
    pub(crate) fn selection(&self, query: &TokenQuery) -> ParsedSelection {
        let pairs = self.pairs();
        ParsedSelection::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())), query)
    }

    /// The failure of a form without JavaScript, as the address tells it.
    pub(crate) fn failure_in_url(&self) -> Option<Failure> {
        Failure::from_url_code(&self.query("__err")?)
    }

    /// The person signed in to `workspace`.
    pub(crate) async fn actor(&self, workspace: &str) -> Result<Actor, Error> {
        self.console.workspace(workspace)?;
        let id = self.session.sign_in(workspace).await.ok_or(Error::SignedOut)?;
        self.console.actor(workspace, &id, self.id()).await
    }

    /// Signs in with a pasted token, within the bound on tries.
    pub(crate) async fn sign_in_with_token(&self, workspace: &str, value: SecretString) -> Result<(), Problem> {
        self.services
            .sign_in_limiter
            .check(&self.parts)
            .map_err(|seconds| Problem::TooManyAttempts { seconds })?;
        let id = self
            .console
            .sign_in_with_token(workspace, value, &browser_name(&self.parts.headers))
            .await
            .map_err(|e| self.problem(&e))?;
        let delivery = Delivery::of(&self.parts);
        let admitted = self.session.add_sign_in(&self.services, &delivery, workspace, id).await;
        admitted.map_err(|error| self.internal(&error))
    }

    /// Whether cookies are kept to https.
    pub(crate) fn is_https(&self) -> bool {
        self.services.https
    }

    /// A failed use case as a code; what only the log may tell goes there.
    pub(crate) fn problem(&self, error: &Error) -> Problem {
        match error {
            Error::Store(source) => tracing::error!(request = self.id(), error = %source, "database failed"),
            Error::Workspace(error)
            | Error::AuditorConnection(error)
            | Error::CreationRefused { source: error, .. } => {
                let said = error.message();
                tracing::warn!(request = self.id(), %error, said, "workspace request failed");
            }
            _ => {}
        }
        error.into()
    }

    /// The console's own failure, told to the log.
    pub(crate) fn internal(&self, error: &dyn std::error::Error) -> Problem {
        tracing::error!(request = self.id(), %error, "internal error");
        Problem::Internal
    }

    /// A problem of this request.
    pub(crate) fn failure(&self, problem: Problem) -> Failure {
        Failure {
            problem,
            request_id: self.id().to_owned(),
        }
    }

    /// Whether a server function is called by a form, which is answered with a redirect, rather than by a script.
    pub(crate) fn wants_html(&self) -> bool {
        let accepts = self.parts.headers.get(ACCEPT).and_then(|v| v.to_str().ok());
        accepts.is_some_and(|accepts| accepts.contains("text/html"))
    }

    /// A problem of a server function. A script gets its status; a form is redirected to where it was, and a status
    /// would break that.
    pub(crate) fn fail_form(&self, problem: Problem) -> Failure {
        if !self.wants_html() {
            self.set_status(problem);
        }
        self.failure(problem)
    }

    /// The same, but a form is redirected to `address`, which keeps what was typed.
    pub(crate) fn fail_form_at(&self, problem: Problem, address: &str) -> Failure {
        let failure = self.fail_form(problem);
        if self.wants_html() {
            self.redirect(&failure.to_url(address));
        }
        failure
    }

    /// Answers with the status of `problem`.
    pub(crate) fn set_status(&self, problem: Problem) {
        self.response
            .set_status(StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if let Some(seconds) = problem.retry_after() {
            self.response.insert_header(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }

    /// Answers with a redirect to `address`, which is encoded already. What is no header value leads to the start.
    pub(crate) fn redirect(&self, address: &str) {
        let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
        self.response.insert_header(LOCATION, location);
        self.response.set_status(StatusCode::SEE_OTHER);
    }
}

/// Without the session layer nobody is signed in.
fn missing_session() -> Session {
    Session::new(None, Arc::new(tower_sessions::MemoryStore::default()), None)
}
