//! SCIM 2.0 (RFC 7643, RFC 7644), as workspaces implement it. IDs are numbers that are sent as text.

use domain::{Principal, PrincipalId, PrincipalKind};
use serde::{Deserialize, Deserializer};

use super::lenient;
use crate::api;
use crate::json_repair::without_nul;

/// A page of a list, if any of its fields is there. After the last page, `Resources` is missing.
#[derive(Debug, Deserialize)]
#[serde(bound = "R: Deserialize<'de>")]
pub(crate) struct ScimPage<R> {
    #[serde(rename = "totalResults", default, deserialize_with = "nullable_int")]
    total: Option<Option<i64>>,
    #[serde(
        rename = "Resources",
        default = "Option::default",
        deserialize_with = "nullable_rows"
    )]
    rows: Option<Vec<R>>,
    schemas: Option<Vec<String>>,
}

fn nullable_int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    lenient::int(deserializer).map(Some)
}

fn nullable_rows<'de, D: Deserializer<'de>, R: Deserialize<'de>>(deserializer: D) -> Result<Option<Vec<R>>, D::Error> {
    lenient::or_default(deserializer).map(Some)
}

impl<R> ScimPage<R> {
    /// The list on the page.
    ///
    /// # Errors
    /// The path of what is missing, if nothing says that it is a page.
    pub(crate) fn list(self) -> Result<ScimList<R>, String> {
        let mut schemas = self.schemas.iter().flatten();
        let is_page =
            self.total.is_some() || self.rows.is_some() || schemas.any(|schema| schema.ends_with(":ListResponse"));
        let list = ScimList {
            // A negative number means nothing.
            total: self.total.flatten().filter(|total| *total >= 0),
            rows: self.rows.unwrap_or_default(),
            unreadable: 0,
        };
        is_page.then_some(list).ok_or_else(|| "totalResults".to_owned())
    }
}

/// The list on a page.
#[derive(Debug)]
pub(crate) struct ScimList<R> {
    /// How many rows there are on all pages at this moment, if the workspace says so.
    pub(crate) total: Option<i64>,
    pub(crate) rows: Vec<R>,
    /// How many rows were left out because they could not be read.
    pub(crate) unreadable: usize,
}

impl<R> ScimList<R> {
    /// The number of rows on the page, including those that were left out: paging has to count all of them.
    pub(crate) fn size(&self) -> i64 {
        i64::try_from(self.rows.len() + self.unreadable).unwrap_or(i64::MAX)
    }

    /// Converts each row. Those for which `convert` returns `None` are left out and counted as unreadable.
    pub(crate) fn map<T>(self, convert: impl Fn(R) -> Option<T>) -> ScimList<T> {
        let count = self.rows.len();
        let rows: Vec<T> = self.rows.into_iter().filter_map(convert).collect();
        ScimList {
            total: self.total,
            unreadable: self.unreadable + count - rows.len(),
            rows,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct ScimUser {
    #[serde(deserialize_with = "lenient::some_int")]
    id: i64,
    #[serde(rename = "userName")]
    user_name: Option<String>,
    #[serde(rename = "displayName")]
    display_name: Option<String>,
    active: Option<bool>,
    /// Only in the response of `Me`.
    #[serde(default, deserialize_with = "lenient::or_default")]
    groups: Vec<ScimMembership>,
}

#[derive(Debug, Deserialize)]
struct ScimMembership {
    #[serde(default, deserialize_with = "lenient::int")]
    value: Option<i64>,
    display: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ScimServicePrincipal {
    #[serde(deserialize_with = "lenient::some_int")]
    id: i64,
    #[serde(rename = "applicationId")]
    application_id: Option<String>,
    #[serde(rename = "displayName")]
    display_name: Option<String>,
    active: Option<bool>,
}

pub(super) fn text(text: Option<String>) -> String {
    without_nul(text.unwrap_or_default())
}

impl ScimUser {
    /// From the response of `GET /Me`, which has the same form for service principals.
    pub(crate) fn into_me(mut self) -> api::Me {
        let groups = std::mem::take(&mut self.groups);
        let principal = Principal::from(self);
        api::Me {
            id: principal.id,
            username: principal.name,
            display_name: principal.display_name,
            active: principal.active,
            group_ids: groups
                .iter()
                .filter_map(|group| group.value.map(PrincipalId::new))
                .collect(),
            groups: groups
                .into_iter()
                .filter_map(|group| group.display)
                .map(without_nul)
                .collect(),
            workspace_id: None,
        }
    }
}

impl From<ScimUser> for Principal {
    fn from(user: ScimUser) -> Self {
        Self {
            id: PrincipalId::new(user.id),
            kind: PrincipalKind::User,
            name: text(user.user_name),
            display_name: text(user.display_name),
            // Deactivated only if the workspace says so.
            active: user.active.unwrap_or(true),
        }
    }
}

impl From<ScimServicePrincipal> for Principal {
    fn from(principal: ScimServicePrincipal) -> Self {
        Self {
            id: PrincipalId::new(principal.id),
            kind: PrincipalKind::ServicePrincipal,
            name: text(principal.application_id),
            display_name: text(principal.display_name),
            active: principal.active.unwrap_or(true),
        }
    }
}
