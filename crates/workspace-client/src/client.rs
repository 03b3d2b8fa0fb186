//! The client of one workspace, and its combination with a credential.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock_skew::ClockComparison;
use crate::{ClockSkew, Credential, HttpClient, WorkspaceUrl};

/// The most simultaneous SCIM requests. Workspaces reject more, counting the requests of all clients
/// (<https://github.com/databricks/databricks-sdk-go/pull/721>).
pub(crate) const SCIM_PERMITS: usize = 4;

/// How long calls may take, including retries and pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// For a call that someone waits for.
    pub interactive: Duration,
    /// For the list of all tokens, and for all pages of a SCIM list together.
    pub list: Duration,
    /// The pause before the first retry. It doubles with each further one. If the workspace asks for a pause, this one
    /// is added to it.
    pub first_pause: Duration,
}

impl Default for Budgets {
    /// 20 s, 60 s, and 200 ms.
    fn default() -> Self {
        Self {
            interactive: Duration::from_secs(20),
            list: Duration::from_secs(60),
            first_pause: Duration::from_millis(200),
        }
    }
}

/// The client of one workspace. Clones share its limit on SCIM requests, so create one per workspace and clone it.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: HttpClient,
    url: WorkspaceUrl,
    budgets: Budgets,
    scim: Semaphore,
    clock: ClockComparison,
}

impl Client {
    /// A client with the default budgets.
    pub fn new(http: HttpClient, address: WorkspaceUrl) -> Self {
        Self::with_budgets(http, address, Budgets::default())
    }

    /// A client with the given budgets.
    pub fn with_budgets(http: HttpClient, url: WorkspaceUrl, budgets: Budgets) -> Self {
        Self(Arc::new(Inner {
            http,
            url,
            budgets,
            scim: Semaphore::new(SCIM_PERMITS),
            clock: ClockComparison::default(),
        }))
    }

    /// The workspace's URL.
    pub fn url(&self) -> &WorkspaceUrl {
        &self.0.url
    }

    /// How the workspace's clock differed from this machine's at its latest response; `None` before the first one.
    pub fn clock_skew(&self) -> Option<ClockSkew> {
        self.0.clock.latest()
    }

    pub(crate) fn clock(&self) -> &ClockComparison {
        &self.0.clock
    }

    /// The workspace's APIs, called with this credential.
    pub fn with<'a>(&'a self, credential: &'a Credential) -> Api<'a> {
        Api {
            client: self,
            credential,
            once: false,
        }
    }

    pub(crate) fn http_client(&self) -> &HttpClient {
        &self.0.http
    }

    pub(crate) fn budgets(&self) -> Budgets {
        self.0.budgets
    }

    pub(crate) fn scim_limiter(&self) -> &Semaphore {
        &self.0.scim
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.0.url.host()).finish()
    }
}

/// A workspace and a credential. Its calls act as the credential's owner.
///
/// Every call ends within its [`Budgets`] and is retried if that is safe and may help. It can fail with an
/// [`Error`](crate::Error) of any kind that concerns the connection, the credential or the workspace's state. The
/// documentation of a call names only the kinds that have a special meaning for it.
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
    pub(crate) client: &'a Client,
    pub(crate) credential: &'a Credential,
    pub(crate) once: bool,
}

impl Api<'_> {
    /// The same, but calls about one token, and the call that proves an admin, are sent only once. A bulk revocation
    /// has its own retries, and a page that has something to show does not wait for the end of a rate limit.
    #[must_use]
    pub fn without_retries(self) -> Self {
        Self { once: true, ..self }
    }
}
