//! Parses a query from a URL.

use std::collections::HashMap;

use super::{
    ACCEPTED, ACCEPTED_HIDDEN, EXPIRES, ExpiryWindow, FINDING, FORMER_FINDING, LifetimeRange, MAX_IDLE_DAYS,
    NARROWS_WITHIN, OWNER_ABSENT, SCOPE_STATE, Sort, TokenQuery, USED,
};
use crate::{Day, FindingKind, ScopeStateFilter, can_contain_token_value};

/// The longest filter text, in bytes. Longer text is invalid: truncated, it would match more tokens.
pub(super) const MAX_FILTER_BYTES: usize = 256;

/// A query from a URL, and the invalid parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedQuery {
    /// The query, without the invalid parameters.
    pub query: TokenQuery,
    /// The names of parameters whose values were dropped, without duplicates. The values are left out, since they may
    /// be secrets.
    pub rejected: Vec<&'static str>,
}

/// The names of filters with invalid values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFilters(pub Vec<&'static str>);

impl ParsedQuery {
    /// The query, if all of its filters are valid. Selections and exports need this one, because without a filter more
    /// tokens match.
    ///
    /// # Errors
    ///
    /// The invalid filters.
    pub fn strict(&self) -> Result<&TokenQuery, InvalidFilters> {
        let is_filter = |name: &&str| !NO_FILTERS.contains(name);
        let invalid: Vec<_> = self.rejected.iter().copied().filter(is_filter).collect();
        match invalid.is_empty() {
            true => Ok(&self.query),
            false => Err(InvalidFilters(invalid)),
        }
    }

    /// Reads the decoded pairs of a query string. An invalid value is dropped rather than an error, since anyone can
    /// make up a URL. Text that looks like a token value is dropped too. Unknown parameters are ignored, and an empty
    /// value sets no filter. If a parameter occurs more than once, the last value counts, but findings add up. A filter
    /// with two values is reported as invalid, since one of them is dropped. `mark` is read as `finding` if the URL has
    /// no `finding`.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut parsed = Self::default();
        let pairs: Vec<_> = pairs.into_iter().collect();
        let has_finding = pairs.iter().any(|(name, _)| *name == FINDING);
        let mut values = HashMap::new();
        for (name, value) in pairs {
            let is_former = name == FORMER_FINDING && !has_finding;
            parsed.apply(if is_former { FINDING } else { name }, value);
            let is_single = name != FINDING && name != FORMER_FINDING && !NO_FILTERS.contains(&name);
            if is_single && !value.trim().is_empty() && values.insert(name, value).is_some_and(|other| other != value) {
                parsed.reject(name);
            }
        }
        parsed
    }

    fn apply(&mut self, name: &str, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        let is_valid = set_param(&mut self.query, name, value);
        if !is_valid {
            self.reject(name);
        }
    }

    /// Records the name of an invalid parameter, if the console knows the parameter.
    fn reject(&mut self, name: &str) {
        let known = PARAMETERS.into_iter().find(|known| *known == name);
        self.rejected.extend(known.filter(|name| !self.rejected.contains(name)));
    }
}

impl TokenQuery {
    /// Reads the decoded pairs of a query string; see [`ParsedQuery::from_pairs`].
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        ParsedQuery::from_pairs(pairs).query
    }
}

/// All parameters.
const PARAMETERS: [&str; 26] = [
    "q",
    "id",
    "created_by_username",
    "created_by_id",
    "creator",
    "owner",
    "owner_kind",
    "status",
    FINDING,
    ACCEPTED,
    "created_from",
    "created_to",
    EXPIRES,
    "expires_from",
    "expires_to",
    USED,
    "used_from",
    "used_to",
    "idle",
    "lifetime_over",
    "lifetime_to",
    "scope",
    SCOPE_STATE,
    NARROWS_WITHIN,
    "sort",
    "page",
];

/// The parameters that do not filter tokens but order them.
const NO_FILTERS: [&str; 2] = ["sort", "page"];

/// Sets a parameter of the query. Returns whether the value was valid.
fn set_param(query: &mut TokenQuery, name: &str, value: &str) -> bool {
    match name {
        "q" => set_text(&mut query.q, value),
        "id" => set_text(&mut query.id, value),
        "created_by_username" => set_text(&mut query.created_by_username, value),
        "created_by_id" => set(&mut query.created_by_id, value.trim().parse().ok()),
        "creator" => {
            query.created_by_other = value == "other";
            query.created_by_other
        }
        "owner" => set_text(&mut query.owner, value),
        "owner_kind" => set(&mut query.owner_kind, value.parse().ok()),
        "status" => set(&mut query.status, value.parse().ok()),
        FINDING => add(&mut query.findings, value),
        ACCEPTED => {
            query.without_accepted = value == ACCEPTED_HIDDEN;
            query.without_accepted
        }
        "created_from" => set(&mut query.created.from, Day::from_iso(value)),
        "created_to" => set(&mut query.created.to, Day::from_iso(value)),
        EXPIRES => set(&mut query.expires_in, ExpiryWindow::parse(value)),
        USED => set(&mut query.last_used, value.parse().ok()),
        "expires_from" => set(&mut query.expires.from, Day::from_iso(value)),
        "expires_to" => set(&mut query.expires.to, Day::from_iso(value)),
        "used_from" => set(&mut query.used.from, Day::from_iso(value)),
        "used_to" => set(&mut query.used.to, Day::from_iso(value)),
        "idle" => set(&mut query.idle_days, days(value)),
        "lifetime_over" => set(&mut query.lifetime.over, LifetimeRange::parse_days(value)),
        "lifetime_to" => set(&mut query.lifetime.up_to, LifetimeRange::parse_days(value)),
        "scope" => set_text(&mut query.scope, value),
        SCOPE_STATE => set(&mut query.scope_state, ScopeStateFilter::parse(value)),
        NARROWS_WITHIN => set(&mut query.narrows_within, value.parse().ok()),
        "sort" => {
            let sort = Sort::parse(value);
            query.sort = sort.unwrap_or_default();
            sort.is_some()
        }
        "page" => {
            let page = value.parse::<usize>().ok();
            query.page = page.unwrap_or(1).saturating_sub(1);
            page.is_some()
        }
        _ => true,
    }
}

fn set<T>(field: &mut Option<T>, value: Option<T>) -> bool {
    *field = value;
    field.is_some()
}

fn set_text(field: &mut String, value: &str) -> bool {
    *field = text(value);
    !field.is_empty()
}

fn add(findings: &mut Vec<FindingKind>, value: &str) -> bool {
    let named = match value {
        OWNER_ABSENT => FindingKind::OWNER_ABSENT.to_vec(),
        _ => value.parse().ok().into_iter().collect(),
    };
    let is_valid = !named.is_empty();
    for kind in named {
        if !findings.contains(&kind) {
            findings.push(kind);
        }
    }
    is_valid
}

fn days(value: &str) -> Option<u16> {
    let days = value.trim().parse().ok()?;
    (1..=MAX_IDLE_DAYS).contains(&days).then_some(days)
}

/// The text of a filter, trimmed and without control characters. Empty if it is too long or a token value.
pub(super) fn text(value: &str) -> String {
    let out: String = value.trim().chars().filter(|c| !c.is_control()).collect();
    match can_contain_token_value(value) || out.len() > MAX_FILTER_BYTES {
        true => String::new(),
        false => out.trim().to_owned(),
    }
}
