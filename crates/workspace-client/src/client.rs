//! The client of one workspace, and the hand in which a credential meets it.

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::{Credential, WorkspaceUrl};

/// SCIM answers more than four requests at a time of a workspace with an error, whoever sends them
/// (<https://github.com/databricks/databricks-sdk-go/pull/721>).
pub(crate) const SCIM_PERMITS: usize = 4;

/// How long calls may take, repetitions and waiting included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// A call that somebody waits for.
    pub interactive: Duration,
    /// The list of all tokens, and the pages of a SCIM list taken together.
    pub list: Duration,
    /// The pause before the first repetition, which doubles with each further one. Where the workspace asks for a
    /// longer pause, that one counts.
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

/// The client of one workspace. Clones share its limiter, so there should be one a workspace and process.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    address: WorkspaceUrl,
    budgets: Budgets,
    scim: Semaphore,
}

impl Client {
    /// The HTTP client that the workspaces of a process share: rustls with the system's certificates, gzip, no cookies,
    /// and no redirects, which would carry the credential away.
    ///
    /// # Errors
    /// Where TLS cannot be set up, for instance without any certificate on the system.
    pub fn http() -> Result<reqwest::Client, reqwest::Error> {
        reqwest::Client::builder()
            .user_agent(concat!("pat-console/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(5))
            .pool_idle_timeout(Duration::from_secs(60))
            .http2_adaptive_window(true)
            .build()
    }

    /// A client with the usual budgets.
    pub fn new(http: reqwest::Client, address: WorkspaceUrl) -> Self {
        Self::with_budgets(http, address, Budgets::default())
    }

    /// A client with budgets of one's own.
    pub fn with_budgets(http: reqwest::Client, address: WorkspaceUrl, budgets: Budgets) -> Self {
        Self(Arc::new(Inner {
            http,
            address,
            budgets,
            scim: Semaphore::new(SCIM_PERMITS),
        }))
    }

    /// The workspace's address.
    pub fn address(&self) -> &WorkspaceUrl {
        &self.0.address
    }

    /// The workspace as the holder of a credential sees it.
    pub fn with<'a>(&'a self, credential: &'a Credential) -> Api<'a> {
        Api {
            client: self,
            credential,
            once: false,
        }
    }

    pub(crate) fn http_client(&self) -> &reqwest::Client {
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
        f.debug_tuple("Client").field(&self.0.address.host()).finish()
    }
}

/// A workspace and a credential. Its calls act as the credential's owner.
///
/// Every call ends within its [`Budgets`], is repeated where that is safe and may help, and fails with an
/// [`Error`](crate::Error) of any kind that speaks of the connection, the credential or the workspace's state. Which
/// kinds say something particular about a call is told with it.
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
    pub(crate) client: &'a Client,
    pub(crate) credential: &'a Credential,
    pub(crate) once: bool,
}

impl Api<'_> {
    /// The same, but calls about one token are sent once: whoever revokes many decides by themselves when to try again.
    #[must_use]
    pub fn without_retries(self) -> Self {
        Self { once: true, ..self }
    }
}
