//! SCIM: the caller, and the users, service principals and groups of the workspace
//! (<https://docs.databricks.com/api/workspace/users>).

use std::collections::HashMap;
use std::future::ready;
use std::ops::Range;

use domain::access::Group;
use domain::{Principal, PrincipalId};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::call::{Call, ME};
use crate::client::SCIM_PERMITS;
use crate::response::MAX_LIST_BYTES;
use crate::wire::{self, ScimList};
use crate::{Api, Error};

/// The most rows of one kind that a search requests.
const SEARCH_LIMIT: i64 = 20;

const USERS: &str = "/api/2.0/preview/scim/v2/Users";
const USER_FIELDS: &str = "id,userName,displayName,active";
const SERVICE_PRINCIPALS: &str = "/api/2.0/preview/scim/v2/ServicePrincipals";
const SERVICE_PRINCIPAL_FIELDS: &str = "id,applicationId,displayName,active";
const GROUPS: &str = "/api/2.0/preview/scim/v2/Groups";

/// The page size that the vendor's SDKs request; a workspace may return fewer rows.
const SCIM_PAGE_SIZE: i64 = 10_000;

/// The keys of a page.
const PAGE_KEYS: [&str; 2] = ["totalResults", "Resources"];

/// The owner of the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its SCIM ID.
    pub id: PrincipalId,
    /// The username of a user; the application ID of a service principal.
    pub username: String,
    /// The human-readable name; may be empty.
    pub display_name: String,
    /// Whether it can sign in.
    pub active: bool,
    /// The display names of its groups, direct and indirect.
    pub groups: Vec<String>,
    /// The SCIM IDs of its groups, direct and indirect.
    pub group_ids: Vec<PrincipalId>,
    /// The workspace's ID, if the response contains it.
    pub workspace_id: Option<String>,
}

impl Me {
    /// Whether it is in the group `admins`. This does not prove that the credential can manage tokens, since it may
    /// lack the scope; see [`Api::tokens_created_by`].
    pub fn is_admin(&self) -> bool {
        self.groups.iter().any(|group| group == "admins")
    }

    /// Whether it is a service principal: then its name is an application ID, which is a UUID.
    pub fn is_service_principal(&self) -> bool {
        let parts: Vec<_> = self.username.split('-').collect();
        parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
            && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

/// All rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows, in the workspace's order.
    pub rows: Vec<T>,
    /// How many rows were left out because they could not be read.
    pub unreadable: usize,
}

/// The rows of one kind that a search found, at most 20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchResults<T> {
    /// The rows, in the workspace's order.
    pub rows: Vec<T>,
    /// How many rows match in total, if the workspace reports it.
    pub total: Option<i64>,
}

impl Api<'_> {
    /// The owner of the credential. A credential with any scope can make this call.
    ///
    /// # Errors
    /// Mostly [`BadCredential`](crate::ErrorKind::BadCredential).
    pub async fn me(&self) -> Result<Me, Error> {
        let call = Call::new(self.client, Method::GET, ME).answer_keys(&["id"]);
        let mut response = call.credential(self.credential)?.send().await?;
        let workspace_id = response.head.workspace_id.take();
        let me = response.decode(|me: wire::ScimUser| Ok(me.into_me())).await?;
        Ok(Me { workspace_id, ..me })
    }

    /// All users, including deactivated ones. Uses the list budget.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn users(&self) -> Result<Listed<Principal>, Error> {
        self.all::<wire::ScimUser, _>(USERS, USER_FIELDS).await
    }

    /// All service principals. Uses the list budget.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn service_principals(&self) -> Result<Listed<Principal>, Error> {
        self.all::<wire::ScimServicePrincipal, _>(SERVICE_PRINCIPALS, SERVICE_PRINCIPAL_FIELDS)
            .await
    }

    /// All groups with their direct members. Uses the list budget. If a group is listed twice, the members of both rows
    /// are merged.
    ///
    /// # Errors
    /// Those of any call; and [`Undecodable`](crate::ErrorKind::Undecodable) if a group could not be read, since its
    /// members are then unknown.
    pub async fn groups(&self) -> Result<Vec<Group>, Error> {
        let listed = self
            .all::<wire::ScimGroup, Group>(GROUPS, "id,displayName,members")
            .await?;
        if listed.unreadable > 0 {
            return Err(Error::undecodable("Resources"));
        }
        Ok(merged(listed.rows))
    }

    /// Users whose display name or username contains `text`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_users(&self, text: &str) -> Result<SearchResults<Principal>, Error> {
        let text = quoted(text);
        let filter = format!("displayName co {text} or userName co {text}");
        self.find::<wire::ScimUser, _>(USERS, USER_FIELDS, &filter).await
    }

    /// Service principals whose display name contains `text`, or whose application ID it is.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_service_principals(&self, text: &str) -> Result<SearchResults<Principal>, Error> {
        let text = quoted(text);
        let filter = format!("displayName co {text} or applicationId eq {text}");
        self.find::<wire::ScimServicePrincipal, _>(SERVICE_PRINCIPALS, SERVICE_PRINCIPAL_FIELDS, &filter)
            .await
    }

    /// Groups whose name contains `text`, without their members.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_groups(&self, text: &str) -> Result<SearchResults<Group>, Error> {
        let filter = format!("displayName co {}", quoted(text));
        let found = self
            .find::<wire::ScimGroup, Group>(GROUPS, "id,displayName", &filter)
            .await?;
        Ok(SearchResults {
            rows: merged(found.rows),
            total: found.total,
        })
    }

    async fn find<W, T>(&self, route: &'static str, attributes: &str, filter: &str) -> Result<SearchResults<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let call = Call::new(self.client, Method::GET, route)
            .query("attributes", attributes)
            .query("filter", filter)
            .query("startIndex", "1")
            .query("count", &SEARCH_LIMIT.to_string())
            .answer_keys(&PAGE_KEYS);
        let response = call.credential(self.credential)?.send().await?;
        let page = response.decode_page::<W, T>().await?;
        Ok(SearchResults {
            rows: page.rows,
            total: page.total,
        })
    }

    async fn all<W, T>(&self, route: &'static str, attributes: &str) -> Result<Listed<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let listing = PagedList {
            api: *self,
            route,
            attributes,
            deadline: Instant::now() + self.client.budgets().list,
        };
        listing.all::<W, T>().await
    }
}

/// A list that is read page by page.
struct PagedList<'a> {
    api: Api<'a>,
    route: &'static str,
    attributes: &'a str,
    deadline: Instant,
}

impl PagedList<'_> {
    /// The first page shows how many rows there are in total and on one page. The other pages are requested at the same
    /// time.
    async fn all<W, T>(&self) -> Result<Listed<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let first = self.page::<W, T>(1, SCIM_PAGE_SIZE).await?;
        let (total, size) = (first.total, first.size());
        let mut listed = Listed {
            rows: first.rows,
            unreadable: first.unreadable,
        };
        if size == 0 {
            return Ok(listed);
        }
        let Some(total) = total else {
            listed.extend(self.range::<W, T>(size + 1..i64::MAX).await?);
            return Ok(listed);
        };
        let end = total.saturating_add(1);
        let parts = (size + 1..end)
            .step_by(usize::try_from(size).unwrap_or(usize::MAX))
            .map(|start| self.range::<W, T>(start..start.saturating_add(size).min(end)));
        let parts: Vec<_> = stream::iter(parts)
            .buffered(SCIM_PERMITS)
            // An empty page is the end, even if the workspace claims to have more rows.
            .try_take_while(|part| ready(Ok(!part.is_empty())))
            .try_collect()
            .await?;
        parts.into_iter().for_each(|part| listed.extend(part));
        Ok(listed)
    }

    /// The rows of a range of positions, which start at 1. A page may contain fewer rows than requested; an empty one
    /// is the end.
    async fn range<W, T>(&self, range: Range<i64>) -> Result<Listed<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let mut part = Listed {
            rows: Vec::new(),
            unreadable: 0,
        };
        let mut start = range.start;
        while start < range.end {
            let page = self.page::<W, T>(start, SCIM_PAGE_SIZE.min(range.end - start)).await?;
            if page.size() == 0 {
                break;
            }
            start += page.size();
            part.extend(Listed {
                rows: page.rows,
                unreadable: page.unreadable,
            });
        }
        Ok(part)
    }

    async fn page<W, T>(&self, start: i64, count: i64) -> Result<ScimList<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let call = Call::new(self.api.client, Method::GET, self.route)
            .query("attributes", self.attributes)
            .query("startIndex", &start.to_string())
            .query("count", &count.to_string())
            .deadline(self.deadline)
            .max_bytes(MAX_LIST_BYTES)
            .answer_keys(&PAGE_KEYS);
        let response = call.credential(self.api.credential)?.send().await?;
        response.decode_page::<W, T>().await
    }
}

impl<T> Listed<T> {
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.unreadable == 0
    }

    fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.unreadable += other.unreadable;
    }
}

/// Each group once, by its ID, in the order of the first rows.
fn merged(groups: Vec<Group>) -> Vec<Group> {
    let mut indices = HashMap::new();
    let mut merged: Vec<Group> = Vec::new();
    for group in groups {
        let index = *indices.entry(group.id).or_insert(merged.len());
        match merged.get_mut(index) {
            Some(known) => known.members.extend(group.members),
            None => merged.push(group),
        }
    }
    merged
}

/// The text as a value in a SCIM filter (a JSON string, RFC 7644 §3.4.2.2), without control characters.
fn quoted(text: &str) -> String {
    let printable: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", printable.replace('\\', r"\\").replace('"', "\\\""))
}
