//! The credentials by which one enters a demo workspace. They open nothing else, and still are kept out of Debug output.

use std::fmt;

use serde::Serialize;

/// The client id registered for the console: public, PKCE only.
pub const CONSOLE_CLIENT_ID: &str = "pat-console";
/// The client id of the same console registered with a secret.
pub const CONFIDENTIAL_CLIENT_ID: &str = "pat-console-confidential";

/// Everyone who can sign in by a known credential. The same seed gives the same values.
#[derive(Debug, Clone, Serialize)]
pub struct Credentials {
    /// A workspace admin, directly in the group `admins`.
    pub admin: Person,
    /// Somebody who may use tokens and is no admin.
    pub non_admin: Person,
    /// A second admin, through a nested group, with an id beyond 2^53.
    pub other_admin: Person,
    /// [`CONSOLE_CLIENT_ID`].
    pub oauth_client_id: &'static str,
    /// [`CONFIDENTIAL_CLIENT_ID`] and its secret.
    pub confidential_client: ClientCredentials,
    /// A service principal that is an admin; it signs in by client credentials.
    pub service_principal: ClientCredentials,
}

/// A person who can sign in.
#[derive(Clone, Serialize)]
pub struct Person {
    /// Id in SCIM and in token records, as text.
    pub id: String,
    /// E-mail address.
    pub user_name: String,
    /// Name as pages show it.
    pub display_name: String,
    /// Value of a personal access token; absent when the workspace has too few tokens.
    pub pat: Option<String>,
}

/// Id and secret of an OAuth client.
#[derive(Clone, Serialize)]
pub struct ClientCredentials {
    /// Client id; of a service principal its application id.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: String,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("user_name", &self.user_name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
