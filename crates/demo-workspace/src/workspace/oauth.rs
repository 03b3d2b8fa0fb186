//! The OAuth state: clients, and the codes and tokens that were issued. All secrets are stored as hashes.

use std::collections::HashMap;

use super::directory::PrincipalId;
use super::tokens::{ValueHash, hash};

/// How long a code is valid.
const CODE_LIFETIME_MS: i64 = 10 * 60_000;

/// An application that can request tokens.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    /// `None` for public clients.
    pub(crate) secret: Option<ValueHash>,
    pub(crate) redirects: Redirects,
}

/// The redirect URLs of a client.
#[derive(Debug)]
pub(crate) enum Redirects {
    /// The redirect URLs of the vendor's CLI: `http://localhost:8020`, or one of the next twenty ports.
    Cli,
    /// The console on any loopback port, and the registered URLs.
    Console(Vec<String>),
}

impl Redirects {
    pub(crate) fn allow(&self, uri: &str) -> bool {
        match self {
            Self::Cli => (8020..=8040).any(|port| uri.trim_end_matches('/') == format!("http://localhost:{port}")),
            Self::Console(registered) => {
                registered.iter().any(|allowed| allowed == uri) || is_console_on_loopback(uri).unwrap_or(false)
            }
        }
    }
}

fn is_console_on_loopback(uri: &str) -> Option<bool> {
    let rest = uri
        .strip_prefix("http://127.0.0.1:")
        .or_else(|| uri.strip_prefix("http://localhost:"))?;
    let (port, path) = rest.split_once('/')?;
    Some(port.parse::<u16>().is_ok() && path == "sign-in/callback")
}

/// The consent that a principal gave to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) client: String,
    pub(crate) principal: PrincipalId,
    pub(crate) scopes: Vec<String>,
}

/// An authorization code that has not been redeemed yet.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) consent: Consent,
    pub(crate) redirect_uri: String,
    /// base64url(SHA-256(verifier)), RFC 7636.
    pub(crate) challenge: String,
}

/// An issued access token.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) consent: Consent,
    /// Milliseconds since 1970.
    pub(crate) expires_ms: i64,
}

#[derive(Debug, Default)]
pub(crate) struct OAuth {
    clients: Vec<Client>,
    /// Secrets of service principals, by application ID.
    service_principals: HashMap<String, ValueHash>,
    /// Codes, with the time when they expire.
    codes: HashMap<ValueHash, (Code, i64)>,
    refresh_tokens: HashMap<ValueHash, Consent>,
    access_tokens: HashMap<ValueHash, AccessToken>,
}

impl OAuth {
    pub(crate) fn new(clients: Vec<Client>, service_principals: HashMap<String, ValueHash>) -> Self {
        Self {
            clients,
            service_principals,
            ..Self::default()
        }
    }

    /// Whether this is the secret of the service principal with that application ID.
    pub(crate) fn is_service_principal_secret(&self, application_id: &str, secret: &str) -> bool {
        self.service_principals.get(application_id) == Some(&hash(secret))
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub(crate) fn add_code(&mut self, value: &str, code: Code, now_ms: i64) {
        self.codes.retain(|_, (_, expires_ms)| *expires_ms > now_ms);
        self.codes.insert(hash(value), (code, now_ms + CODE_LIFETIME_MS));
    }

    /// Removes the code, since it works only once. `None` if it is unknown or has expired.
    pub(crate) fn take_code(&mut self, value: &str, now_ms: i64) -> Option<Code> {
        let (code, expires_ms) = self.codes.remove(&hash(value))?;
        (expires_ms > now_ms).then_some(code)
    }

    pub(crate) fn add_refresh_token(&mut self, value: &str, consent: Consent) {
        self.refresh_tokens.insert(hash(value), consent);
    }

    pub(crate) fn refresh_token(&self, value: &str) -> Option<&Consent> {
        self.refresh_tokens.get(&hash(value))
    }

    pub(crate) fn remove_refresh_token(&mut self, value: &str) {
        self.refresh_tokens.remove(&hash(value));
    }

    /// Discards tokens one hour after they expire. Until then, they are distinguished from unknown tokens.
    pub(crate) fn add_access_token(&mut self, value: &str, access: AccessToken, now_ms: i64) {
        self.access_tokens
            .retain(|_, known| known.expires_ms + 3_600_000 > now_ms);
        self.access_tokens.insert(hash(value), access);
    }

    pub(crate) fn access_token(&self, value: &str) -> Option<&AccessToken> {
        self.access_tokens.get(&hash(value))
    }
}
