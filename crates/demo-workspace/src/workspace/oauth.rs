//! What the workspace remembers of OAuth: its clients, and the codes and tokens given out. All secrets are kept as hashes.

use std::collections::HashMap;

use super::directory::PrincipalId;
use super::tokens::{ValueHash, hash};

/// Time in which a code has to be redeemed.
const CODE_LIFE_MS: i64 = 10 * 60_000;

/// An application that may ask for tokens.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    /// Public clients have none.
    pub(crate) secret: Option<ValueHash>,
    pub(crate) redirects: Redirects,
}

/// Where a client may have people sent back to.
#[derive(Debug)]
pub(crate) enum Redirects {
    /// The vendor's CLI: `http://localhost:8020`, or one of the next twenty ports.
    Cli,
    /// The console on any loopback port, and what was registered besides.
    Console(Vec<String>),
}

impl Redirects {
    pub(crate) fn allow(&self, uri: &str) -> bool {
        match self {
            Self::Cli => (8020..=8040).any(|port| uri.trim_end_matches('/') == format!("http://localhost:{port}")),
            Self::Console(registered) => {
                registered.iter().any(|known| known == uri) || is_console_on_loopback(uri).unwrap_or(false)
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

/// Who gave what to which client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) client: String,
    pub(crate) principal: PrincipalId,
    pub(crate) scopes: Vec<String>,
}

/// An authorization code that was not redeemed yet.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) consent: Consent,
    pub(crate) redirect_uri: String,
    /// base64url(SHA-256(verifier)), RFC 7636.
    pub(crate) challenge: String,
}

/// An access token as the workspace sees it.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) consent: Consent,
    pub(crate) ends_ms: i64,
}

#[derive(Debug, Default)]
pub(crate) struct OAuth {
    clients: Vec<Client>,
    /// Secrets of service principals, by application id.
    service_principals: HashMap<String, ValueHash>,
    codes: HashMap<ValueHash, (Code, i64)>,
    refresh_tokens: HashMap<ValueHash, Consent>,
    access_tokens: HashMap<ValueHash, Access>,
}

impl OAuth {
    pub(crate) fn new(clients: Vec<Client>, service_principals: HashMap<String, ValueHash>) -> Self {
        Self {
            clients,
            service_principals,
            ..Self::default()
        }
    }

    /// Whether the secret is the one of the service principal with that application id.
    pub(crate) fn knows_service_principal(&self, application_id: &str, secret: &str) -> bool {
        self.service_principals.get(application_id) == Some(&hash(secret))
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub(crate) fn add_code(&mut self, value: &str, code: Code, now_ms: i64) {
        self.codes.retain(|_, (_, ends_ms)| *ends_ms > now_ms);
        self.codes.insert(hash(value), (code, now_ms + CODE_LIFE_MS));
    }

    /// A code works once.
    pub(crate) fn take_code(&mut self, value: &str, now_ms: i64) -> Option<Code> {
        let (code, ends_ms) = self.codes.remove(&hash(value))?;
        (ends_ms > now_ms).then_some(code)
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

    /// Ended tokens are forgotten after an hour; until then they are told from unknown ones.
    pub(crate) fn add_access_token(&mut self, value: &str, access: Access, now_ms: i64) {
        self.access_tokens.retain(|_, known| known.ends_ms + 3_600_000 > now_ms);
        self.access_tokens.insert(hash(value), access);
    }

    pub(crate) fn access_token(&self, value: &str) -> Option<&Access> {
        self.access_tokens.get(&hash(value))
    }
}
