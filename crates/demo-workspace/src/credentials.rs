//! The credentials of a demo workspace. They are not valid anywhere else, but `Debug` output does not contain them all
//! the same.

use std::fmt;

use serde::Serialize;

/// The client ID that is registered for the console: a public client, with PKCE only.
pub const CONSOLE_CLIENT_ID: &str = "pat-console";
/// The client ID of the same console, registered as a confidential client.
pub const CONFIDENTIAL_CLIENT_ID: &str = "pat-console-confidential";

/// All known credentials. The same seed gives the same values.
#[derive(Debug, Clone, Serialize)]
pub struct Credentials {
    /// A workspace admin, directly in the group `admins`.
    pub admin: Person,
    /// A user who can use tokens and is not an admin.
    pub non_admin: Person,
    /// A second admin, through a nested group, with an ID above 2^53.
    pub other_admin: Person,
    /// [`CONSOLE_CLIENT_ID`].
    pub oauth_client_id: &'static str,
    /// [`CONFIDENTIAL_CLIENT_ID`] and its secret.
    pub confidential_client: ClientCredentials,
    /// A service principal that is an admin. It signs in with client credentials.
    pub service_principal: ClientCredentials,
}

/// A user who can sign in.
#[derive(Clone, Serialize)]
pub struct Person {
    /// The user's ID in SCIM and in token records, as text.
    pub id: String,
    /// E-mail address.
    pub user_name: String,
    /// Name as pages show it.
    pub display_name: String,
    /// Value of a personal access token; `None` if the workspace has too few tokens.
    pub pat: Option<String>,
}

/// ID and secret of an OAuth client.
#[derive(Clone, Serialize)]
pub struct ClientCredentials {
    /// Client ID. For a service principal, its application ID.
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
