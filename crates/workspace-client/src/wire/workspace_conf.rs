//! `/api/2.0/workspace-conf`: a flat object. Its values are text, or null or absent if they were never set.

use domain::{MaxLifetime, Policy, is_lifetime_set, is_switch_set, parse_tokens_enabled};
use serde::{Deserialize, Serialize};

use super::lenient;

/// The settings for tokens. A change contains only the settings to change.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct WorkspaceConf {
    #[serde(
        rename = "enableTokensConfig",
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) tokens_enabled: Option<String>,
    #[serde(
        rename = "maxTokenLifetimeDays",
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) max_lifetime_days: Option<String>,
}

impl WorkspaceConf {
    /// The keys of a response.
    pub(crate) const NAMES: [&'static str; 2] = ["enableTokensConfig", "maxTokenLifetimeDays"];
    /// The keys to request, separated by commas.
    pub(crate) const KEYS: &'static str = "enableTokensConfig,maxTokenLifetimeDays";

    /// The policy, or the key whose value has an unknown meaning: a guess would be worse than a failure.
    pub(crate) fn into_policy(self) -> Result<Policy, String> {
        let (enabled, days) = (self.tokens_enabled.as_deref(), self.max_lifetime_days.as_deref());
        Ok(Policy {
            enabled: parse_tokens_enabled(enabled).ok_or("enableTokensConfig")?,
            max_lifetime: MaxLifetime::from_wire(days).ok_or("maxTokenLifetimeDays")?,
            is_switch_set: is_switch_set(enabled),
            is_limit_set: is_lifetime_set(days),
        })
    }
}
