//! The company that a demo workspace belongs to: Acme, with its users, groups, service principals and tokens.

mod bulk;
mod curated;
mod names;
mod people;
mod token;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use crate::config::{Cloud, Config};
use crate::credentials::{CONFIDENTIAL_CLIENT_ID, CONSOLE_CLIENT_ID, ClientCredentials, Credentials, Person};
use crate::workspace::Workspace;
use crate::workspace::oauth::{Client, OAuth, Redirects};
use crate::workspace::tokens::{TokenTable, hash, hex};
use crate::workspace::workspace_conf::{Conf, Staleness};
use people::Company;
use token::Draft;

/// Builds the workspace as it is at `now_ms`, and its credentials.
pub(crate) fn workspace(config: &Config, now_ms: i64) -> (Workspace, Credentials) {
    let mut rng = StdRng::seed_from_u64(config.seed);
    let workspace_id = rng.random_range(1_000_000_000_000_000..9_000_000_000_000_000);
    let account_id = uuid(&mut rng);
    let company = people::company(config.users, &mut rng);
    let (oauth, client_secrets) = oauth(config, &company, &mut rng);
    let (tokens, pats) = tokens(config, &company, workspace_id, now_ms, &mut rng);
    let credentials = credentials(&company, pats, client_secrets);
    let mut conf = Conf::default();
    conf.set(initial_conf(), Staleness { reads: 0, until_ms: 0 }, now_ms);
    let workspace = Workspace {
        id: workspace_id,
        account_id,
        knobs: config.knobs.clone(),
        conf,
        directory: company.directory,
        grants: company.grants,
        tokens,
        oauth,
        restrict_admins: Default::default(),
    };
    (workspace, credentials)
}

/// The settings of a new workspace. Those about tokens are not set.
fn initial_conf() -> impl Iterator<Item = (String, String)> {
    [
        ("enableIpAccessLists", "false"),
        ("enableWebTerminal", "true"),
        ("enableResultsDownloading", "true"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
}

/// Secrets of the confidential client and of the service principal.
struct ClientSecrets {
    console: String,
    service_principal: String,
}

fn oauth(config: &Config, company: &Company, rng: &mut StdRng) -> (OAuth, ClientSecrets) {
    let secret = |rng: &mut StdRng| format!("dose{}", hex(&rng.random::<[u8; 16]>()));
    let secrets = ClientSecrets {
        console: secret(rng),
        service_principal: secret(rng),
    };
    let console = || Redirects::Console(config.redirect_uris.clone());
    let client = |id: &str, secret, redirects| Client {
        id: id.to_owned(),
        secret,
        redirects,
    };
    let clients = vec![
        client("databricks-cli", None, Redirects::Cli),
        client(CONSOLE_CLIENT_ID, None, console()),
        client(CONFIDENTIAL_CLIENT_ID, Some(hash(&secrets.console)), console()),
    ];
    let application_id = company.application_id(company.automation);
    let service_principals = [(application_id, hash(&secrets.service_principal))];
    (OAuth::new(clients, service_principals.into()), secrets)
}

/// Token values of the admin, the non-admin and the other admin. `None` if the workspace has too few tokens.
struct Pats([Option<String>; 3]);

fn tokens(config: &Config, company: &Company, workspace_id: u64, now_ms: i64, rng: &mut StdRng) -> (TokenTable, Pats) {
    let count = config.tokens as usize;
    let known = curated::known(company);
    let drafts: Vec<Draft> = curated::curated(company, rng);
    let known_count = known.len().min(count);
    let curated_count = drafts.len().min(count - known_count);
    let mut pats = Pats([None, None, None]);
    let mut tokens = Vec::with_capacity(count);
    for (slot, draft) in known.into_iter().take(known_count).enumerate() {
        let value = token_value(config.knobs.cloud, rng);
        tokens.push(draft.into_token(&value, company, workspace_id, now_ms, rng));
        pats.0[slot] = Some(value);
    }
    let bulk = bulk::Bulk::new(company).drafts(count - known_count - curated_count, rng);
    for draft in drafts.into_iter().take(curated_count).chain(bulk) {
        let value = token_value(config.knobs.cloud, rng);
        tokens.push(draft.into_token(&value, company, workspace_id, now_ms, rng));
    }
    // The list call guarantees no order, so no one should rely on one.
    tokens.shuffle(rng);
    let mut table = TokenTable::default();
    for token in tokens {
        table.insert(token);
    }
    (table, pats)
}

/// `dapi` and 32 hexadecimal digits. On Azure, a dash and a digit follow.
/// <https://github.com/secretlint/secretlint/issues/1445>
pub(crate) fn token_value(cloud: Cloud, rng: &mut impl Rng) -> String {
    let suffix = if cloud == Cloud::Azure { "-2" } else { "" };
    format!("dapi{}{suffix}", hex(&rng.random::<[u8; 16]>()))
}

fn credentials(company: &Company, pats: Pats, secrets: ClientSecrets) -> Credentials {
    let person = |id, pat| Person {
        id: u64::to_string(&id),
        user_name: company.directory.user_name(id).unwrap_or_default().to_owned(),
        display_name: company.directory.display_name(id).unwrap_or_default(),
        pat,
    };
    let Pats([admin, non_admin, other_admin]) = pats;
    Credentials {
        admin: person(company.admin, admin),
        non_admin: person(company.non_admin, non_admin),
        other_admin: person(company.other_admin, other_admin),
        oauth_client_id: CONSOLE_CLIENT_ID,
        confidential_client: ClientCredentials {
            client_id: CONFIDENTIAL_CLIENT_ID.to_owned(),
            client_secret: secrets.console,
        },
        service_principal: ClientCredentials {
            client_id: company.application_id(company.automation),
            client_secret: secrets.service_principal,
        },
    }
}

/// A random (version 4) UUID.
pub(crate) fn uuid(rng: &mut impl Rng) -> String {
    uuid::Builder::from_random_bytes(rng.random()).into_uuid().to_string()
}
