//! The HTTP client that the workspaces of a process share, and what the environment says about the network: the file
//! with trusted certificates, and the outgoing proxy.

mod connection_fault;
mod outgoing_proxy;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Request, Response};
use rustls::RootCertStore;

use crate::WorkspaceUrl;
use crate::error::CallFailure;

pub(crate) use connection_fault::connection_fault;
pub use outgoing_proxy::OutgoingProxy;

/// The variable with the path of a file with certificates in PEM format, which are then trusted instead of the
/// system's (<https://docs.rs/rustls-native-certs/0.8/rustls_native_certs/fn.load_native_certs.html>).
const CA_FILE_VARIABLE: &str = "SSL_CERT_FILE";

/// The HTTP client that the workspaces of a process share. Clones share its connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: reqwest::Client,
    ca_file: Option<PathBuf>,
    proxy: Option<Arc<OutgoingProxy>>,
}

/// Why the HTTP client cannot be created, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// The file with trusted certificates cannot be used.
    #[error(
        "Cannot read CA certificates from {}, the file in {CA_FILE_VARIABLE}: {reason}. Correct {CA_FILE_VARIABLE}, or \
         remove it to trust the system's certificates.", path.display()
    )]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A variable does not contain the URL of a proxy. The URL is not shown, since it may contain a password.
    #[error("{variable} is not the URL of an HTTP proxy. Set it to http://host:port, or remove it.")]
    Proxy {
        /// The name of the variable.
        variable: &'static str,
    },
    /// TLS cannot be set up, for example because the system has no certificates.
    #[error("Cannot set up HTTPS ({0}). On Debian, install ca-certificates.")]
    Tls(#[from] reqwest::Error),
}

impl HttpClient {
    /// A client with rustls, gzip, no cookies, and no redirects, which would send the credential elsewhere. It trusts
    /// the system's certificates, or those of the file in `SSL_CERT_FILE`, and uses the [`OutgoingProxy`] of the
    /// environment.
    ///
    /// # Errors
    /// If one of these is not valid.
    pub fn new() -> Result<Self, HttpClientError> {
        let ca_file = std::env::var_os(CA_FILE_VARIABLE).map(PathBuf::from);
        if let Some(path) = &ca_file {
            check_ca_file(path)?;
        }
        let proxy = OutgoingProxy::from_env()?.map(Arc::new);
        let builder = reqwest::Client::builder()
            .user_agent(concat!("pat-console/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(5))
            .pool_idle_timeout(Duration::from_secs(60))
            .http2_adaptive_window(true)
            // The proxy of the environment was read above.
            .no_proxy();
        let builder = match &proxy {
            Some(proxy) => builder.proxy(proxy.setting()),
            None => builder,
        };
        Ok(Self {
            client: builder.build()?,
            ca_file,
            proxy,
        })
    }

    /// The file whose certificates are trusted instead of the system's, if one is set.
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// The proxy through which a workspace is reached, if any.
    pub fn proxy_for(&self, url: &WorkspaceUrl) -> Option<&OutgoingProxy> {
        self.proxy.as_deref().filter(|proxy| proxy.applies_to(url.as_url()))
    }

    pub(crate) async fn execute(&self, request: Request) -> Result<Response, CallFailure> {
        Ok(self.client.execute(request).await?)
    }
}

/// Checks a file that TLS would otherwise ignore with a line in the log.
fn check_ca_file(path: &Path) -> Result<(), HttpClientError> {
    let refuse = |reason: String| HttpClientError::CaFile {
        path: path.to_owned(),
        reason,
    };
    let found = rustls_native_certs::load_certs_from_paths(Some(path), None);
    if let Some(error) = found.errors.first() {
        return Err(refuse(error.to_string()));
    }
    match RootCertStore::empty().add_parsable_certificates(found.certs) {
        (0, _) => Err(refuse("it contains no certificate in PEM format".to_owned())),
        _ => Ok(()),
    }
}
