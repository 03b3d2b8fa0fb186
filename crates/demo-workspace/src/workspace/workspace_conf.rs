//! Workspace configuration: a flat map of known keys to strings. Changes may take effect late.

use std::collections::BTreeMap;

const TOKENS_ENABLED: &str = "enableTokensConfig";
const MAX_LIFETIME_DAYS: &str = "maxTokenLifetimeDays";

/// The known keys. The vendor publishes no list; these are the keys that its tools and documents mention.
/// <https://github.com/databricks/terraform-provider-databricks/issues/3365>
const KEYS: [&str; 19] = [
    TOKENS_ENABLED,
    MAX_LIFETIME_DAYS,
    "enableIpAccessLists",
    "enableWebTerminal",
    "enableWorkspaceFilesystem",
    "enableDeprecatedGlobalInitScripts",
    "enableDeprecatedClusterNamedInitScripts",
    "enableResultsDownloading",
    "enableExportNotebook",
    "enableNotebookTableClipboard",
    "enableVerboseAuditLogs",
    "storeInteractiveNotebookResultsInCustomerAccount",
    "enableProjectTypeInWorkspace",
    "enableJobViewAcls",
    "enforceClusterViewAcls",
    "enforceWorkspaceViewAcls",
    "enableEnforceImdsV2",
    "enableFileStoreEndpoint",
    "enableDbfsFileBrowser",
];

type Values = BTreeMap<String, String>;

/// The current configuration, and the previous one until the last change takes effect.
#[derive(Debug, Default)]
pub(crate) struct Conf {
    current: Values,
    previous: Option<Previous>,
}

#[derive(Debug)]
struct Previous {
    values: Values,
    reads_left: u32,
    until_ms: i64,
}

/// How long reads still see the old values after a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staleness {
    pub(crate) reads: u32,
    pub(crate) until_ms: i64,
}

impl Conf {
    /// Those of `keys` that do not exist.
    pub(crate) fn unknown_keys<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        keys.into_iter().filter(|key| !KEYS.contains(key)).collect()
    }

    /// Whether the workspace accepts `value` for the known key `key`.
    pub(crate) fn allows(key: &str, value: &str) -> bool {
        if key == MAX_LIFETIME_DAYS {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let canonical = value == "0" || !value.starts_with('0');
            digits && canonical && value.parse::<i64>().is_ok_and(|days| days <= super::PLATFORM_MAX_DAYS)
        } else {
            value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
        }
    }

    /// The value that a read sees, `None` if it was never set. Call [`Conf::count_read`] once per read.
    pub(crate) fn get(&self, key: &str, now_ms: i64) -> Option<&str> {
        let values = match &self.previous {
            Some(previous) if previous.reads_left > 0 || previous.until_ms > now_ms => &previous.values,
            _ => &self.current,
        };
        values.get(key).map(String::as_str)
    }

    pub(crate) fn count_read(&mut self, now_ms: i64) {
        if let Some(previous) = &mut self.previous {
            previous.reads_left = previous.reads_left.saturating_sub(1);
            if previous.reads_left == 0 && previous.until_ms <= now_ms {
                self.previous = None;
            }
        }
    }

    /// Stores `changes` without validation. With `stale`, reads see the old values for a while.
    pub(crate) fn set(&mut self, changes: impl IntoIterator<Item = (String, String)>, stale: Staleness, now_ms: i64) {
        let before = self.current.clone();
        self.current.extend(changes);
        self.previous = (stale.reads > 0 || stale.until_ms > now_ms).then_some(Previous {
            values: before,
            reads_left: stale.reads,
            until_ms: stale.until_ms,
        });
    }

    /// Removes a key, as if it had never been set. The API cannot do this.
    pub(crate) fn unset(&mut self, key: &str) {
        self.current.remove(key);
    }

    /// Whether tokens are enabled. They are if the key was never set.
    pub(crate) fn tokens_enabled(&self, now_ms: i64) -> bool {
        let effective = match &self.previous {
            Some(previous) if previous.until_ms > now_ms => &previous.values,
            _ => &self.current,
        };
        !effective
            .get(TOKENS_ENABLED)
            .is_some_and(|value| value.eq_ignore_ascii_case("false"))
    }

    /// The custom maximum lifetime of new tokens, if one is set.
    pub(crate) fn max_lifetime_days(&self, now_ms: i64) -> Option<i64> {
        let days = self.get(MAX_LIFETIME_DAYS, now_ms)?.parse().ok()?;
        (days > 0).then_some(days)
    }
}
