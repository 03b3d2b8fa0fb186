//! The request behind a page or a server function: who sent it, and what it asks for. The response is in `reply.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use console::{Actor, BrowserSessions, Console, Error, RequestSource, SignInId};
use domain::{ParsedQuery, ParsedSelection, TokenQuery};
use futures_util::future::BoxFuture;
use http::header::REFERER;
use http::request::Parts;
use http::{HeaderMap, Uri};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;
use secrecy::SecretString;
use tower_sessions::session::Id;
use tower_sessions::{Session, SessionStore as _};

use crate::http::browser_session::BrowserSession;
use crate::http::concurrent_sign_ins::SignInRequest;
use crate::http::cookies::CookieScope;
use crate::http::delivery::Delivery;
use crate::http::device::device_of;
use crate::http::form_drafts::{self, BrowserUrl};
use crate::http::paths;
use crate::problem::{Failure, Problem};

/// What the server provides to every page and server function.
#[derive(Clone)]
pub struct Services {
    /// The use cases.
    pub console: Console,
    /// Limits the attempts to sign in.
    pub sign_in_limiter: Arc<dyn SignInLimiter>,
    /// The browser sessions.
    pub sessions: BrowserSessions,
    /// The names of the cookies, and whether they are for https only.
    pub cookies: CookieScope,
}

impl Services {
    /// Joins the concurrent sign-ins of the same browser. Call it before anything that takes time.
    pub async fn join_sign_ins(&self, session: &BrowserSession, headers: &HeaderMap) -> SignInRequest {
        let proof = self.cookies.browser_proof(headers);
        SignInRequest::begin(self.sessions.clone(), session, proof).await
    }

    pub(crate) async fn delete_session(&self, id: Id) {
        if let Err(error) = self.sessions.delete(&id).await {
            tracing::error!(%error, "could not remove a browser session");
        }
    }
}

/// Limits how often an IP address can try to sign in, across all instances.
pub trait SignInLimiter: Send + Sync {
    /// Counts an attempt for the IP address of the request.
    ///
    /// # Errors
    /// The seconds until the next attempt.
    fn check<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<(), u64>>;

    /// Takes back the count of an attempt that succeeded.
    fn give_back<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, ()>;

    /// Counts the start of an OAuth sign-in, which is not an attempt yet.
    ///
    /// # Errors
    /// The seconds until the next start.
    fn check_oauth_start<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<(), u64>>;
}

/// The request behind a page or a server function.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) console: Console,
    pub(crate) session: BrowserSession,
    services: Services,
    parts: Parts,
    pub(super) response: ResponseOptions,
    workspace: String,
    token: String,
    item: String,
}

impl Request {
    /// The current request. Call this before the first `await`: only until then is leptos' context certain.
    pub(crate) fn current() -> Self {
        let parts: Parts = expect_context();
        let services: Services = expect_context();
        Self {
            response: expect_context(),
            ..Self::detached(&services, &parts)
        }
    }

    /// A request that neither a page nor a server function handles.
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
            item: String::new(),
        }
    }

    /// The current request of a page, with the names and IDs in its path.
    pub(crate) fn from_route() -> Self {
        use leptos::prelude::ReadUntracked as _;
        let params = use_params_map().read_untracked().clone();
        let param = |name| params.get(name).unwrap_or_default();
        Self {
            workspace: param("workspace"),
            token: param("token"),
            item: param("id"),
            ..Self::current()
        }
    }

    /// The workspace in the page's path.
    pub(crate) fn workspace(&self) -> &str {
        &self.workspace
    }

    /// The token ID in the page's path; links of the list contain only its first characters
    /// (`pages/tokens/id_in_path.rs`).
    pub(crate) fn token_id(&self) -> domain::TokenId {
        domain::TokenId::new(self.token.as_str())
    }

    /// The bulk revocation ID in the page's path; `None` if it is not valid.
    pub(crate) fn bulk_id(&self) -> Option<console::BulkId> {
        self.item.parse().ok()
    }

    /// The ID of a user or service principal in the page's path; `None` if it is not valid.
    pub(crate) fn principal_id(&self) -> Option<domain::PrincipalId> {
        self.item.parse().ok()
    }

    /// A value that a layer of the server added to this request.
    pub(crate) fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.parts.extensions.get()
    }

    /// The ID of this request, for support.
    pub(crate) fn id(&self) -> &str {
        self.extension::<RequestSource>().map_or("", |source| &source.id)
    }

    /// The ID of this request and where it came from. The server's outermost layer adds them.
    pub(crate) fn source(&self) -> RequestSource {
        self.extension().cloned().unwrap_or_else(|| RequestSource::from(""))
    }

    /// The headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The page of this console that the request came from, if the browser says so.
    pub(crate) fn referring_page(&self) -> Option<String> {
        let referrer: Uri = self.parts.headers.get(REFERER)?.to_str().ok()?.parse().ok()?;
        // Forms are sent to `/api/`, which is not a page to return to.
        let page = paths::local_path(referrer.path_and_query()?.as_str())?;
        (!page.starts_with("/api/")).then(|| page.to_owned())
    }

    /// `url` with a draft's ID instead of what was typed, if it is too long.
    pub(crate) async fn short_url(&self, url: &str) -> String {
        form_drafts::shorten(&self.console, &self.session, url).await
    }

    /// The same, if `url` is longer than `max` bytes.
    pub(crate) async fn short_url_of(&self, url: &str, max: usize) -> String {
        form_drafts::shorten_to(&self.console, &self.session, url, max).await
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// Path and query of this page, without the parameters of notices.
    pub(crate) fn current_url(&self) -> String {
        let full = match self.extension::<BrowserUrl>() {
            Some(BrowserUrl(url)) => url,
            None => self.uri().path_and_query().map_or("/", |p| p.as_str()),
        };
        // `to` belongs to the notice only together with `done`: the page of the switch has a `to` of its own.
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

    /// The filters, order and page of the token list in the query, and the parameters that are not valid.
    pub(crate) fn token_query(&self) -> ParsedQuery {
        let query = self.uri().query().unwrap_or_default();
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        ParsedQuery::from_pairs(pairs.iter().map(|(n, v)| (n.as_ref(), v.as_ref())))
    }

    /// The selection among the tokens that match `query`.
    pub(crate) fn selection(&self, query: &TokenQuery) -> ParsedSelection {
        let pairs = self.pairs();
        ParsedSelection::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())), query)
    }

    /// The failure of the form that led here, if the URL has one: without JavaScript, failures travel in the URL.
    pub(crate) fn failure_in_url(&self) -> Option<Failure> {
        let failure = Failure::from_url_code(&self.query("__err")?)?;
        let message = self.console.workspace_message(&failure.request_id);
        Some(Failure { message, ..failure })
    }

    /// The person signed in to `workspace`.
    pub(crate) async fn actor(&self, workspace: &str) -> Result<Actor, Error> {
        self.console.workspace(workspace)?;
        let id = self.sign_ins().await?.remove(workspace).ok_or(Error::SignedOut)?;
        self.console.actor(workspace, &id, self.source()).await
    }

    /// The sign-ins of this browser, by workspace.
    ///
    /// # Errors
    /// If its session cannot be read. That is not the same as being signed out.
    pub(crate) async fn sign_ins(&self) -> Result<BTreeMap<String, SignInId>, Error> {
        let sign_ins = self.session.sign_ins().await;
        sign_ins.map_err(|error| self.console.session_unreadable(&error))
    }

    /// The person signed in to `workspace`, for a change. If this fails, nothing was sent to the workspace.
    pub(crate) async fn actor_for_change(&self, workspace: &str) -> Result<Actor, Error> {
        self.actor(workspace).await.map_err(Error::before_sending)
    }

    /// Signs in with an access token, within the limit on attempts.
    pub(crate) async fn sign_in_with_token(&self, workspace: &str, value: SecretString) -> Result<(), Problem> {
        self.services
            .sign_in_limiter
            .check(&self.parts)
            .await
            .map_err(|seconds| Problem::TooManyAttempts { seconds })?;
        let sign_in = self.services.join_sign_ins(&self.session, self.headers()).await;
        let id = self
            .console
            .sign_in_with_token(workspace, value, device_of(&self.parts))
            .await
            .map_err(|e| self.problem(&e))?;
        self.services.sign_in_limiter.give_back(&self.parts).await;
        let delivery = Delivery::of(&self.parts);
        let added = self
            .session
            .add_sign_in(&self.services, &delivery, &sign_in, workspace, id);
        added.await.map_err(|error| self.internal(&error))
    }

    /// The names of the console's cookies.
    pub(crate) fn cookies(&self) -> CookieScope {
        self.services.cookies
    }
}

/// Without the session layer, no one is signed in.
fn missing_session() -> Session {
    Session::new(None, Arc::new(tower_sessions::MemoryStore::default()), None)
}
