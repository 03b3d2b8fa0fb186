//! The configuration of a demo workspace: its size, its seed, and knobs for what public sources leave open.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

/// The configuration of a demo workspace.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Port of the workspace on localhost; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Port of the control interface on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    pub control_port: u16,
    /// How many personal access tokens the workspace lists, including those of the demo credentials.
    #[arg(long, default_value_t = 1284)]
    pub tokens: u32,
    /// How many users the workspace has; at least 12.
    #[arg(long, default_value_t = 320)]
    pub users: u32,
    /// Seed of everything generated: names, IDs, credentials. The same seed gives the same workspace.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where the workspace's clock starts, in milliseconds since 1970. The default is the current time.
    #[arg(long)]
    pub now_ms: Option<i64>,
    /// An additional redirect URL registered for the client `pat-console`; can be given several times.
    #[arg(long = "redirect-uri", value_name = "URL")]
    pub redirect_uris: Vec<String>,
    /// What public sources leave open.
    #[command(flatten)]
    pub knobs: Knobs,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            control_port: 0,
            tokens: 1284,
            users: 320,
            seed: 1,
            now_ms: None,
            redirect_uris: Vec::new(),
            knobs: Knobs::default(),
        }
    }
}

/// Behaviour on which the public sources contradict each other or are silent. All can change while the workspace runs.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// The cloud to simulate. Azure has no on-behalf-of tokens and rejects OAuth tokens in their last 30 s.
    #[arg(long, value_enum, default_value_t)]
    pub cloud: Cloud,
    /// Whether the workspace has a host of its own, or shares one with the other workspaces of the account.
    #[arg(long, value_enum, default_value_t)]
    pub host_profile: HostProfile,
    /// What a unified host answers to a call that names no workspace.
    #[arg(long, value_enum, default_value_t)]
    pub no_selector: NoSelector,
    /// The scopes to which the secret of the service principal is bound, separated by blanks. Without any, it can
    /// request all.
    #[arg(long, default_value_t, value_name = "SCOPES")]
    pub secret_scopes: String,
    /// Pricing tier. `standard` has neither token management nor token permissions.
    #[arg(long, value_enum, default_value_t)]
    pub tier: Tier,
    /// Lifetime of OAuth access tokens, in seconds.
    #[arg(long, default_value_t = 3600)]
    pub access_token_seconds: u32,
    /// A refresh keeps the refresh token and does not return one, instead of replacing it.
    #[arg(long)]
    pub keep_refresh_tokens: bool,
    /// `expires_in` of a token response is a string.
    #[arg(long)]
    pub expires_in_as_string: bool,
    /// Errors of the token endpoint have Okta's shape (`errorCode`, `errorSummary`).
    #[arg(long)]
    pub okta_errors: bool,
    /// The meaning of `maxTokenLifetimeDays` if it is 0 or was never set.
    #[arg(long, value_enum, default_value_t)]
    pub zero_lifetime: ZeroLifetime,
    /// Lifetime of a token created without `lifetime_seconds`.
    #[arg(long, value_enum, default_value_t)]
    pub default_lifetime: DefaultLifetime,
    /// `lifetime_seconds: -1` creates a token that never expires, instead of being an error.
    #[arg(long)]
    pub allow_minus_one: bool,
    /// What happens to the tokens of a principal that loses its last CAN_USE.
    #[arg(long, value_enum, default_value_t)]
    pub lost_permission: LostPermission,
    /// Status with which admin calls reject non-admins: 403 as seen live, or 401 as once documented.
    #[arg(long, default_value_t = 403, value_parser = admin_denied_status)]
    pub admin_denied_status: u16,
    /// Days without use after which a token is removed. 0 keeps unused tokens.
    #[arg(long, default_value_t = 90)]
    pub idle_days: u32,
    /// Days for which an expired token stays in the admin's list.
    #[arg(long, default_value_t = 30)]
    pub expired_grace_days: u32,
    /// Maximum number of active tokens per principal.
    #[arg(long, default_value_t = 600)]
    pub quota: u32,
    /// Whether the platform observes the scopes of new tokens of 30 days or more if the request does not say.
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    pub autoscope_default: bool,
    /// Seconds for which calls keep their former scopes after a change.
    #[arg(long, default_value_t = 0)]
    pub scope_lag_s: u32,
    /// 64-bit numbers in token records are strings.
    #[arg(long)]
    pub int64_as_strings: bool,
    /// The response for a workspace-conf key that was never set.
    #[arg(long, value_enum, default_value_t)]
    pub unset_conf: UnsetConf,
    /// How many reads after a workspace-conf change still see the old values.
    #[arg(long, default_value_t = 0)]
    pub conf_stale_reads: u32,
    /// Milliseconds until a workspace-conf change takes effect.
    #[arg(long, default_value_t = 0)]
    pub conf_stale_ms: u32,
    /// Maximum number of resources per SCIM page.
    #[arg(long, default_value_t = 10_000)]
    pub scim_page_cap: u32,
    /// How many resources SCIM lists return at most, although `totalResults` counts all. 0 sets no limit.
    #[arg(long, default_value_t = 0)]
    pub scim_list_limit: u32,
    /// How many resources of a SCIM page are repeated on the next one.
    #[arg(long, default_value_t = 0)]
    pub scim_repeated_rows: u32,
    /// SCIM lists ignore `startIndex`, so that every page is the first one.
    #[arg(long)]
    pub scim_same_page: bool,
    /// SCIM lists have no `totalResults`.
    #[arg(long)]
    pub scim_no_total: bool,
    /// Where groups other than `admins` and `users` live.
    #[arg(long, value_enum, default_value_t)]
    pub group_home: GroupHome,
    /// Where SCIM shows the members of groups that do not live in the workspace.
    #[arg(long, value_enum, default_value_t)]
    pub account_members: AccountMembers,
    /// Members of groups have no `$ref`, which tells users, service principals and groups apart.
    #[arg(long)]
    pub no_member_refs: bool,
    /// The workspace offers the identity API (`/api/2.0/identity`).
    #[arg(long)]
    pub identity_api: bool,
    /// Concurrent SCIM calls allowed (the vendor allows 4); more are rejected with 500. 0 sets no limit.
    #[arg(long, default_value_t = 0)]
    pub scim_concurrency: u32,
    /// Milliseconds by which every response is delayed, in addition to faults.
    #[arg(long, default_value_t = 0)]
    pub latency_ms: u32,
    /// API calls per second that the workspace accepts in total; more are rejected with 429. 0 sets no limit.
    #[arg(long, default_value_t = 0)]
    pub rate_per_second: u32,
    /// Calls allowed at once before the rate applies. 0 allows as many as the rate allows in one second.
    #[arg(long, default_value_t = 0)]
    pub rate_burst: u32,
    /// Seconds in the `Retry-After` of such a 429.
    #[arg(long, default_value_t = 1)]
    pub rate_retry_after: u32,
    /// Prefix of the paths that the rate limit applies to.
    #[arg(long, default_value = EVERY_API, value_name = "PREFIX")]
    pub rate_path: String,
}

/// The prefix of all APIs. Discovery and OAuth do not have it.
const EVERY_API: &str = "/api/";

impl Default for Knobs {
    fn default() -> Self {
        Self {
            cloud: Cloud::default(),
            host_profile: HostProfile::default(),
            no_selector: NoSelector::default(),
            secret_scopes: String::new(),
            tier: Tier::default(),
            access_token_seconds: 3600,
            keep_refresh_tokens: false,
            expires_in_as_string: false,
            okta_errors: false,
            zero_lifetime: ZeroLifetime::default(),
            default_lifetime: DefaultLifetime::default(),
            allow_minus_one: false,
            lost_permission: LostPermission::default(),
            admin_denied_status: 403,
            idle_days: 90,
            expired_grace_days: 30,
            quota: 600,
            autoscope_default: true,
            scope_lag_s: 0,
            int64_as_strings: false,
            unset_conf: UnsetConf::default(),
            conf_stale_reads: 0,
            conf_stale_ms: 0,
            scim_page_cap: 10_000,
            scim_list_limit: 0,
            scim_repeated_rows: 0,
            scim_same_page: false,
            scim_no_total: false,
            group_home: GroupHome::default(),
            account_members: AccountMembers::default(),
            no_member_refs: false,
            identity_api: false,
            scim_concurrency: 0,
            latency_ms: 0,
            rate_per_second: 0,
            rate_burst: 0,
            rate_retry_after: 1,
            rate_path: EVERY_API.to_owned(),
        }
    }
}

fn admin_denied_status(text: &str) -> Result<u16, String> {
    match text {
        "401" => Ok(401),
        "403" => Ok(403),
        _ => Err("must be 401 or 403".to_owned()),
    }
}

/// The cloud that a workspace runs on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cloud {
    /// Amazon Web Services.
    #[default]
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
}

/// The kind of host at which the workspace answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostProfile {
    /// A host of the workspace's own. It ignores the names of workspaces in a call.
    #[default]
    Workspace,
    /// A host of the account. Each call has to name its workspace.
    Unified,
}

/// The answer of a unified host to a call that names no workspace. Public reports have both
/// (<https://github.com/databricks/databricks-sdk-go/pull/1634>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoSelector {
    /// 400 with the text `Unable to load OAuth Config`.
    #[default]
    Text,
    /// A redirect to the login page.
    Redirect,
}

/// The workspace's pricing tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Token management and token permissions are available.
    #[default]
    Premium,
    /// Both return 404 `FEATURE_DISABLED`.
    Standard,
}

/// The maximum lifetime of new tokens if no custom one is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroLifetime {
    /// The platform's 730 days, according to the vendor's newest pages.
    #[default]
    SystemDefault,
    /// No limit, according to pages before 2025.
    Unlimited,
}

/// The lifetime of a token that is created without one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultLifetime {
    /// The longest lifetime that the workspace allows.
    #[default]
    Maximum,
    /// The token never expires, as SDKs before 2025 documented.
    Indefinite,
}

/// What happens to the tokens of a principal that loses its last CAN_USE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostPermission {
    /// They stop working until the principal is granted CAN_USE again.
    #[default]
    Suspend,
    /// They are deleted immediately.
    Delete,
}

/// Where a group lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupHome {
    /// In the workspace: `meta.resourceType` is `WorkspaceGroup`.
    #[default]
    Workspace,
    /// In the account: `meta.resourceType` is `Group`.
    Account,
    /// In the identity provider: like one in the account, with an `externalId`.
    Directory,
}

/// Where SCIM shows the members of a group that does not live in the workspace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountMembers {
    /// In lists, and in the response for one group.
    #[default]
    Listed,
    /// In the response for one group only.
    /// <https://github.com/databricks/databricks-sdk-py/issues/1118>
    OnlyInGet,
    /// Nowhere, as with groups that the identity provider feeds.
    Hidden,
}

/// How the response shows a workspace-conf key that was never set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsetConf {
    /// The key is present, with the value `null`.
    #[default]
    Null,
    /// The key is missing.
    Absent,
}
