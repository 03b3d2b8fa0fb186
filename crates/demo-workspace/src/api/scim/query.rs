//! The query of a SCIM call: which resources, which page of them, and which attributes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Resource;
use super::filter::Filter;
use crate::api::error::ScimError;
use crate::config::Knobs;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScimQuery {
    filter: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    /// The first resource has index 1.
    start_index: Option<String>,
    count: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
}

impl ScimQuery {
    /// One page of the resources. A page past the end has no field `Resources`.
    pub(super) fn page(&self, mut resources: Vec<Resource>, knobs: &Knobs) -> Result<Resource, ScimError> {
        let cap = knobs.scim_page_cap as usize;
        if let Some(filter) = self.filter.as_deref().filter(|filter| !filter.trim().is_empty()) {
            let filter = Filter::parse(filter)?;
            resources.retain(|resource| filter.matches(resource));
        }
        self.sort(&mut resources);
        let start = number("startIndex", self.start_index.as_deref(), 1)?.max(1);
        let count = number("count", self.count.as_deref(), cap)?.min(cap);
        let total = resources.len();
        if knobs.scim_list_limit > 0 {
            resources.truncate(knobs.scim_list_limit as usize);
        }
        let skipped = match knobs.scim_same_page {
            true => 0,
            false => (start - 1).saturating_sub(knobs.scim_repeated_rows as usize),
        };
        let page: Vec<Value> = resources
            .into_iter()
            .skip(skipped)
            .take(count)
            .map(|resource| Value::Object(self.select(resource)))
            .collect();
        let mut response = Resource::from_iter([
            (
                "schemas".to_owned(),
                json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]),
            ),
            ("startIndex".to_owned(), Value::from(start)),
            ("itemsPerPage".to_owned(), Value::from(page.len())),
        ]);
        if !knobs.scim_no_total {
            response.insert("totalResults".to_owned(), Value::from(total));
        }
        if !page.is_empty() {
            response.insert("Resources".to_owned(), Value::Array(page));
        }
        Ok(response)
    }

    /// The resource with the requested attributes and `id`, which is always included.
    pub(super) fn select(&self, mut resource: Resource) -> Resource {
        resource.retain(|name, _| {
            let requested = self
                .attributes
                .as_deref()
                .is_none_or(|list| list.is_empty() || named(list, name));
            let excluded = self
                .excluded_attributes
                .as_deref()
                .is_some_and(|list| named(list, name));
            name == "id" || (requested && !excluded)
        });
        resource
    }

    /// Whether the call requests this attribute by name.
    pub(super) fn asks_for(&self, name: &str) -> bool {
        self.attributes.as_deref().is_some_and(|list| named(list, name))
    }

    fn sort(&self, resources: &mut [Resource]) {
        let Some(attribute) = self.sort_by.as_deref() else {
            return;
        };
        let key = |resource: &Resource| {
            let value = resource
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(attribute))
                .map(|(_, value)| value);
            value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_lowercase))
        };
        resources.sort_by_cached_key(key);
        if self
            .sort_order
            .as_deref()
            .is_some_and(|order| order.eq_ignore_ascii_case("descending"))
        {
            resources.reverse();
        }
    }
}

/// Whether a list of attributes contains this attribute, or a part of it.
fn named(list: &str, name: &str) -> bool {
    list.split(',')
        .filter_map(|path| path.trim().split('.').next())
        .any(|path| path.eq_ignore_ascii_case(name))
}

/// Negative numbers count as zero.
fn number(name: &str, text: Option<&str>, default: usize) -> Result<usize, ScimError> {
    let Some(text) = text else { return Ok(default) };
    let number: i64 = text
        .parse()
        .map_err(|_| ScimError::invalid_value(format!("{name} must be a number")))?;
    Ok(usize::try_from(number).unwrap_or(0))
}
