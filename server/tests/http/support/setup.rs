//! The configuration of a test's console.

use std::time::Duration;

use console::{Auditing, Colour, SignInLimits, Timing, Workspace, WorkspaceSettings};
use demo_workspace::{Config, Running};
use secrecy::SecretString;
use server::config::{ClientAddressHeader, ProxyArgs, TrustedProxies};
use workspace_client::oidc::{DEFAULT_READER_SCOPES, DEFAULT_SCOPES, OAuthApp, ServicePrincipalLogin};
use workspace_client::{Budgets, Client, HttpClient};

use super::ACME;

/// Long enough for every part to load. Tests of loading pages set a shorter time.
const PART_WAIT: Duration = Duration::from_secs(20);

/// The settings that a test can choose for the console and its workspace.
pub(crate) struct Setup {
    pub(crate) demo: Config,
    pub(crate) budgets: Budgets,
    pub(crate) timing: Timing,
    pub(crate) limits: SignInLimits,
    pub(crate) read_only: bool,
    /// Sign-in attempts that are allowed per minute and IP address.
    pub(crate) sign_in_attempts: u32,
    /// The networks of trusted proxies, which name their client in `X-Forwarded-For`.
    pub(crate) trusted_proxies: &'static [&'static str],
    /// Whether the non-admin is configured as an auditor.
    pub(crate) has_auditor: bool,
    /// Whether [`ACME`] allows sign-in with an access token.
    pub(crate) token_sign_in: bool,
    /// The public URL, if it differs from the address that the console listens on.
    pub(crate) public_url: Option<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            demo: Config {
                tokens: 130,
                users: 40,
                ..Config::default()
            },
            budgets: Budgets {
                first_pause: Duration::from_millis(1),
                ..Budgets::default()
            },
            timing: Timing {
                verify_timeout: Duration::from_millis(800),
                part_wait: PART_WAIT,
                ..Timing::default()
            },
            limits: SignInLimits::default(),
            read_only: false,
            sign_in_attempts: 1000,
            trusted_proxies: &[],
            has_auditor: false,
            token_sign_in: true,
            public_url: None,
        }
    }
}

impl Setup {
    /// Calls to the workspace time out after a second.
    pub(crate) fn with_short_timeouts() -> Self {
        Self {
            budgets: Budgets {
                interactive: Duration::from_secs(1),
                list: Duration::from_secs(1),
                first_pause: Duration::from_millis(1),
            },
            ..Self::default()
        }
    }

    /// Pages do not wait for parts that are loading.
    pub(crate) fn without_part_waits() -> Self {
        Self {
            timing: Timing {
                part_wait: Duration::from_millis(1),
                review_wait: Duration::from_millis(1),
                ..Timing::default()
            },
            ..Self::default()
        }
    }

    /// Everything that the console waits for is 40 to 100 times shorter than in production.
    pub(crate) fn hurried() -> Self {
        Self {
            budgets: Budgets {
                interactive: Duration::from_millis(500),
                list: Duration::from_secs(1),
                first_pause: Duration::from_millis(1),
            },
            timing: Timing {
                verify_timeout: Duration::from_millis(100),
                first_pause: Duration::from_millis(2),
                max_pause: Duration::from_millis(20),
                list_verify_timeout: Duration::from_millis(200),
                scopes_verify_timeout: Duration::from_millis(200),
                scopes_max_pause: Duration::from_millis(20),
                item_backoff: Duration::from_millis(1),
                describe_timeout: Duration::from_millis(50),
                new_token_timeout: Duration::from_millis(50),
                reconcile_after: Duration::from_millis(1500),
                part_wait: PART_WAIT,
                ..Timing::default()
            },
            ..Self::default()
        }
    }

    pub(super) fn trusted_proxies(&self) -> TrustedProxies {
        let networks = self.trusted_proxies.iter();
        let arguments = ProxyArgs {
            trusted_proxies: networks.map(|network| network.parse().unwrap()).collect(),
            client_address_header: ClientAddressHeader::XForwardedFor,
        };
        arguments.trusted()
    }

    /// The workspace `name` of a console whose public URL is `origin`.
    pub(super) fn workspace(&self, name: &str, demo: &Running, origin: &str) -> Workspace {
        let is_acme = name == ACME;
        let settings = WorkspaceSettings {
            name: name.to_owned(),
            url: demo.url().parse().unwrap(),
            environment: is_acme.then(|| "production".to_owned()),
            colour: if is_acme { Colour::Red } else { Colour::Green },
            production: false,
            token_sign_in: self.token_sign_in || !is_acme,
            auditing: self.has_auditor.then(|| auditing(demo)),
            oauth: is_acme.then(|| OAuthApp {
                client_id: demo.credentials().oauth_client_id.to_owned(),
                client_secret: None,
                redirect_uri: format!("{origin}/sign-in/callback").parse().unwrap(),
                scopes: DEFAULT_SCOPES.map(str::to_owned).to_vec(),
                issuer_hosts: Vec::new(),
            }),
        };
        let client = Client::with_budgets(HttpClient::new().unwrap(), settings.url.clone(), self.budgets);
        Workspace::new(settings, client)
    }
}

/// The non-admin as an auditor, who reads through the service principal.
fn auditing(demo: &Running) -> Auditing {
    let credentials = demo.credentials();
    let reader = &credentials.service_principal;
    Auditing {
        users: vec![domain::PrincipalId::new(credentials.non_admin.id.parse().unwrap())],
        groups: Vec::new(),
        reader: ServicePrincipalLogin {
            client_id: reader.client_id.clone(),
            client_secret: SecretString::from(reader.client_secret.clone()),
            scopes: DEFAULT_READER_SCOPES.map(str::to_owned).to_vec(),
            issuer_hosts: Vec::new(),
        },
    }
}
