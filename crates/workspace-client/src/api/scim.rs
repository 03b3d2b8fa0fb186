//! SCIM: who one is, and who is in the workspace (<https://docs.databricks.com/api/workspace/users>).

use core::future::ready;
use core::ops::Range;

use domain::access::Group;
use domain::{Principal, PrincipalId};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::answer::MAX_LIST_BYTES;
use crate::call::Call;
use crate::client::SCIM_PERMITS;
use crate::wire::{self, Page};
use crate::{Api, Error};

/// Rows of one kind that a search asks for.
const FOUND: i64 = 20;

const USERS: &str = "/api/2.0/preview/scim/v2/Users";
const USER_FIELDS: &str = "id,userName,displayName,active";
const SERVICE_PRINCIPALS: &str = "/api/2.0/preview/scim/v2/ServicePrincipals";
const SERVICE_PRINCIPAL_FIELDS: &str = "id,applicationId,displayName,active";
const GROUPS: &str = "/api/2.0/preview/scim/v2/Groups";

/// The page size that the vendor's SDKs ask for; a workspace may answer fewer.
const PAGE: i64 = 10_000;

/// Who the credential belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its SCIM id.
    pub id: PrincipalId,
    /// A user's name; a service principal's application id.
    pub user_name: String,
    /// The name for people; may be empty.
    pub display_name: String,
    /// Whether it may sign in.
    pub active: bool,
    /// The display names of its groups, direct and indirect.
    pub groups: Vec<String>,
    /// The ids of the same.
    pub group_ids: Vec<PrincipalId>,
    /// The workspace's id, where the workspace tells it.
    pub workspace_id: Option<String>,
}

impl Me {
    /// Whether it is in the group `admins`. That alone proves nothing about the credential, which may lack the scope to
    /// manage tokens; see [`Api::tokens_created_by`].
    pub fn is_admin(&self) -> bool {
        self.groups.iter().any(|group| group == "admins")
    }

    /// Whether it is a service principal, by its name: theirs is an application id, which is a UUID.
    pub fn is_service_principal(&self) -> bool {
        let parts: Vec<_> = self.user_name.split('-').collect();
        parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
            && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

/// Rows of one kind that a search found: at most [`FOUND`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// In the workspace's order.
    pub rows: Vec<T>,
    /// How many there are in all, where the workspace says so.
    pub total: Option<i64>,
}

impl Api<'_> {
    /// Who the credential belongs to. Any token of any scope may ask.
    ///
    /// # Errors
    /// [`BadCredential`](crate::ErrorKind::BadCredential) above all.
    pub async fn me(&self) -> Result<Me, Error> {
        let call = Call::new(self.client, Method::GET, "/api/2.0/preview/scim/v2/Me");
        let mut answer = call.credential(self.credential)?.send().await?;
        let workspace_id = answer.head.workspace_id.take();
        let me = answer.decode(|me: wire::User| Ok(me.into_me())).await?;
        Ok(Me { workspace_id, ..me })
    }

    /// Every user, the deactivated ones too. Within the list budget.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn users(&self) -> Result<Vec<Principal>, Error> {
        self.all::<wire::User, _>(USERS, USER_FIELDS).await
    }

    /// Every service principal. Within the list budget.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn service_principals(&self) -> Result<Vec<Principal>, Error> {
        self.all::<wire::ServicePrincipal, _>(SERVICE_PRINCIPALS, SERVICE_PRINCIPAL_FIELDS)
            .await
    }

    /// Every group with its direct members. Within the list budget.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn groups(&self) -> Result<Vec<Group>, Error> {
        self.all::<wire::Group, _>(GROUPS, "id,displayName,members").await
    }

    /// Users whose name for people or user name holds `text`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_users(&self, text: &str) -> Result<Found<Principal>, Error> {
        let text = quoted(text);
        let filter = format!("displayName co {text} or userName co {text}");
        self.find::<wire::User, _>(USERS, USER_FIELDS, &filter).await
    }

    /// Service principals whose name holds `text` or whose application id it is.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_service_principals(&self, text: &str) -> Result<Found<Principal>, Error> {
        let text = quoted(text);
        let filter = format!("displayName co {text} or applicationId eq {text}");
        self.find::<wire::ServicePrincipal, _>(SERVICE_PRINCIPALS, SERVICE_PRINCIPAL_FIELDS, &filter)
            .await
    }

    /// Groups whose name holds `text`, without their members.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_groups(&self, text: &str) -> Result<Found<Group>, Error> {
        let filter = format!("displayName co {}", quoted(text));
        self.find::<wire::Group, _>(GROUPS, "id,displayName", &filter).await
    }

    async fn find<W, T>(&self, route: &'static str, attributes: &str, filter: &str) -> Result<Found<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let call = Call::new(self.client, Method::GET, route)
            .query("attributes", attributes)
            .query("filter", filter)
            .query("startIndex", "1")
            .query("count", &FOUND.to_string());
        let answer = call.credential(self.credential)?.send().await?;
        let convert = |page: Page<W>| {
            let rows = page.rows.unwrap_or_default();
            Ok(Found {
                rows: rows.into_iter().map(Into::into).collect(),
                total: page.total,
            })
        };
        answer.decode(convert).await
    }

    async fn all<W, T>(&self, route: &'static str, attributes: &str) -> Result<Vec<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let listing = Listing {
            api: *self,
            route,
            attributes,
            deadline: Instant::now() + self.client.budgets().list,
        };
        listing.all::<W, T>().await
    }
}

/// A list that is read page by page.
struct Listing<'a> {
    api: Api<'a>,
    route: &'static str,
    attributes: &'a str,
    deadline: Instant,
}

impl Listing<'_> {
    /// The first page tells how many there are and how many come at once; the others are asked for side by side.
    async fn all<W, T>(&self) -> Result<Vec<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let (total, mut rows) = self.page::<W, T>(1, PAGE).await?;
        let size = count(&rows);
        if size == 0 {
            return Ok(rows);
        }
        let Some(total) = total else {
            rows.extend(self.part::<W, T>(size + 1..i64::MAX).await?);
            return Ok(rows);
        };
        let end = total.saturating_add(1);
        let parts = (size + 1..end)
            .step_by(rows.len())
            .map(|start| self.part::<W, T>(start..start.saturating_add(size).min(end)));
        let parts: Vec<_> = stream::iter(parts)
            .buffered(SCIM_PERMITS)
            // However many rows the workspace claims to have, an empty page is the end.
            .try_take_while(|part| ready(Ok(!part.is_empty())))
            .try_collect()
            .await?;
        rows.extend(parts.into_iter().flatten());
        Ok(rows)
    }

    /// The rows of a range of positions, which start at 1. A page may hold fewer rows than were asked for; an empty one
    /// is the end.
    async fn part<W, T>(&self, range: Range<i64>) -> Result<Vec<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let mut rows = Vec::new();
        let mut start = range.start;
        while start < range.end {
            let (_, page) = self.page::<W, T>(start, PAGE.min(range.end - start)).await?;
            if page.is_empty() {
                break;
            }
            start += count(&page);
            rows.extend(page);
        }
        Ok(rows)
    }

    async fn page<W, T>(&self, start: i64, count: i64) -> Result<(Option<i64>, Vec<T>), Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let call = Call::new(self.api.client, Method::GET, self.route)
            .query("attributes", self.attributes)
            .query("startIndex", &start.to_string())
            .query("count", &count.to_string())
            .until(self.deadline)
            .max_bytes(MAX_LIST_BYTES);
        let answer = call.credential(self.api.credential)?.send().await?;
        let convert = |page: Page<W>| {
            let rows = page.rows.unwrap_or_default();
            Ok((page.total, rows.into_iter().map(Into::into).collect()))
        };
        answer.decode(convert).await
    }
}

/// A text for a SCIM filter (RFC 7644 §3.4.2.2: a JSON string).
fn quoted(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", plain.replace('\\', r"\\").replace('"', "\\\""))
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}
