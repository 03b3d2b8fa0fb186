//! Why a workspace refuses to create a token for a service principal. Most refusals have the same error code, and only
//! their messages tell them apart. The messages are from the vendor's OpenAPI file of 2022 and from threads that quote
//! real workspaces.

use super::{Error, ErrorKind};

/// Why a token was not created for a service principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreationRefusal {
    /// The workspace does not create tokens for service principals: it is on Azure, or the feature is disabled
    /// (<https://github.com/databricks/cli/issues/596>).
    NotOffered,
    /// The workspace has no service principal with this application ID.
    UnknownServicePrincipal,
    /// The ID is that of a user.
    NotAServicePrincipal,
    /// The lifetime is longer than the policy allows.
    LifetimeTooLong {
        /// The limit in days, if the workspace reports it in days.
        most_days: Option<u32>,
    },
    /// The lifetime is not valid.
    BadLifetime,
    /// The service principal has no permission to use tokens, or is deactivated.
    CannotUseTokens,
    /// "Restrict Workspace Admins" is enabled, and the admin does not have the role Service Principal User on this
    /// service principal.
    Restricted,
    /// The workspace does not let the admin create it, for another reason.
    NotAllowed,
    /// The service principal already has as many tokens as the workspace allows.
    QuotaExceeded,
}

impl Error {
    /// Why a token was not created for a service principal. `None` if the failure concerns the caller, the connection
    /// or the workspace as a whole.
    pub fn creation_refusal(&self) -> Option<CreationRefusal> {
        let message = self.message().unwrap_or_default().to_ascii_lowercase();
        let contains = |text: &str| message.contains(text);
        let code = self.upstream.as_ref().and_then(|upstream| upstream.code.as_deref());
        if code == Some("QUOTA_EXCEEDED") {
            return Some(CreationRefusal::QuotaExceeded);
        }
        Some(match self.kind {
            ErrorKind::FeatureOff { tokens_disabled: false } if !contains("feature tier") => {
                CreationRefusal::NotOffered
            }
            ErrorKind::NotFound if code == Some("ENDPOINT_NOT_FOUND") => CreationRefusal::NotOffered,
            ErrorKind::TokensNotAllowed => CreationRefusal::CannotUseTokens,
            // With one of these messages, the caller is not an admin at all.
            ErrorKind::NotAllowed if !contains("not an admin") && !contains("only admins can") => {
                // "Restrict Workspace Admins" asks for the role Service Principal User.
                match contains("service principal user") || contains("restrict workspace admins") {
                    true => CreationRefusal::Restricted,
                    false => CreationRefusal::NotAllowed,
                }
            }
            ErrorKind::Rejected | ErrorKind::NotFound if contains("is not a service principal") => {
                CreationRefusal::NotAServicePrincipal
            }
            ErrorKind::Rejected if contains("lifetime must be less") => CreationRefusal::LifetimeTooLong {
                most_days: days(&message),
            },
            ErrorKind::Rejected if contains("invalid timeout") => CreationRefusal::BadLifetime,
            ErrorKind::Rejected | ErrorKind::NotFound if contains("does not exist") => {
                CreationRefusal::UnknownServicePrincipal
            }
            _ => return None,
        })
    }
}

/// The number before the word "days". Without that word the unit is unknown, since the vendor does not document it.
fn days(message: &str) -> Option<u32> {
    let (before, _) = message.rsplit_once(" day")?;
    before.rsplit(' ').next()?.parse().ok()
}
