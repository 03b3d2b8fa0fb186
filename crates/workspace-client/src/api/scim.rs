//! SCIM: the caller, and the users and service principals of the workspace
//! (<https://docs.databricks.com/api/workspace/users>).

mod paged_list;

use std::collections::HashSet;

use domain::{Principal, PrincipalId};
use reqwest::Method;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::call::{Call, ME};
use crate::wire;
use crate::{Api, Error, ErrorKind};
pub use paged_list::Listed;
pub(crate) use paged_list::ListedRow;
use paged_list::{PagedList, without_repeats};

/// The most rows of one kind that a search requests.
const SEARCH_LIMIT: i64 = 20;

const USERS: &str = "/api/2.0/preview/scim/v2/Users";
const USER: &str = "/api/2.0/preview/scim/v2/Users/{id}";
const USER_FIELDS: &str = "id,userName,displayName,active";
const SERVICE_PRINCIPALS: &str = "/api/2.0/preview/scim/v2/ServicePrincipals";
const SERVICE_PRINCIPAL: &str = "/api/2.0/preview/scim/v2/ServicePrincipals/{id}";
const SERVICE_PRINCIPAL_FIELDS: &str = "id,applicationId,displayName,active";

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
    /// Mostly [`BadCredential`](ErrorKind::BadCredential). [`OtherWorkspace`](ErrorKind::OtherWorkspace) if the
    /// response has another ID than the configured one.
    pub async fn me(&self) -> Result<Me, Error> {
        let call = Call::new(self.client, Method::GET, ME).expected_keys(&["id"]);
        let mut response = call.credential(self.credential)?.send().await?;
        let workspace_id = response.head.workspace_id.take();
        let expected = self.client.url().workspace_id();
        if let (Some(expected), Some(found)) = (expected, &workspace_id)
            && expected.as_str() != found
        {
            return Err(response.head.failure(ErrorKind::OtherWorkspace.into()));
        }
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

    /// Whether the workspace says that it has neither a user nor a service principal with this ID.
    ///
    /// # Errors
    /// Those of any call. They say nothing about the principal.
    pub async fn is_principal_gone(&self, id: PrincipalId) -> Result<bool, Error> {
        for route in [USER, SERVICE_PRINCIPAL] {
            let call = Call::new(self.client, Method::GET, route).query("attributes", "id");
            let call = call.expected_keys(&["id"]).id(&id.to_string())?;
            match call.credential(self.credential)?.send().await {
                Ok(_) => return Ok(false),
                Err(error) if is_about_missing_id(&error, id) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
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

    pub(super) async fn find<W, T>(
        &self,
        route: &'static str,
        attributes: &str,
        filter: &str,
    ) -> Result<SearchResults<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: ListedRow + Send + 'static,
    {
        let call = Call::new(self.client, Method::GET, route)
            .query("attributes", attributes)
            .query("filter", filter)
            .query("startIndex", "1")
            .query("count", &SEARCH_LIMIT.to_string())
            .expected_keys(&PAGE_KEYS);
        let response = call.credential(self.credential)?.send().await?;
        let page = response.decode_page::<W, T>().await?;
        Ok(SearchResults {
            rows: without_repeats(page.rows, &mut HashSet::new()),
            total: page.total,
        })
    }

    pub(super) async fn all<W, T>(&self, route: &'static str, attributes: &str) -> Result<Listed<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: ListedRow + Send + 'static,
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

/// The text as a value in a SCIM filter (a JSON string, RFC 7644 §3.4.2.2), without control characters.
pub(super) fn quoted(text: &str) -> String {
    let printable: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", printable.replace('\\', r"\\").replace('"', "\\\""))
}

/// Whether the workspace says that it does not have this ID. SCIM gives no error code for that, and a gateway's 404
/// does not name the ID.
fn is_about_missing_id(error: &Error, id: PrincipalId) -> bool {
    let names_id = error.message().is_some_and(|message| message.contains(&id.to_string()));
    error.is_missing_resource() || (error.kind == ErrorKind::NotFound && names_id)
}
