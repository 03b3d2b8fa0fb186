//! Why a workspace refuses to create a token for a service principal. Most refusals share one code, so that their texts are
//! the only difference; they are those of the vendor's OpenAPI file of 2022 and of threads that quote live workspaces.

use super::{Error, ErrorKind};

/// What keeps a token from being created for a service principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreationRefusal {
    /// The workspace creates none for others: it is on Azure, or has that switched off
    /// (<https://github.com/databricks/cli/issues/596>).
    NotOffered,
    /// It has no service principal of this application id.
    UnknownServicePrincipal,
    /// The id is a user's.
    NotAServicePrincipal,
    /// The lifetime is longer than the policy allows.
    LifetimeTooLong {
        /// The policy's limit in days, where the workspace said it in days.
        most_days: Option<u32>,
    },
    /// The lifetime is none.
    BadLifetime,
    /// The service principal has no permission to use tokens, or is deactivated.
    MayNotUseTokens,
    /// "Restrict Workspace Admins" is on, and the admin lacks the role Service Principal User on this service principal.
    Restricted,
    /// The service principal has as many tokens as the workspace allows.
    QuotaExceeded,
}

impl Error {
    /// Why a token was not created for a service principal. `None` where the failure is of another kind: it then concerns
    /// the caller, the connection or the workspace as a whole.
    pub fn creation_refusal(&self) -> Option<CreationRefusal> {
        let message = self.message().unwrap_or_default().to_ascii_lowercase();
        let tells = |text: &str| message.contains(text);
        let code = self.upstream.as_ref().and_then(|said| said.code.as_deref());
        if code == Some("QUOTA_EXCEEDED") {
            return Some(CreationRefusal::QuotaExceeded);
        }
        Some(match self.kind {
            ErrorKind::FeatureOff { tokens_disabled: false } if !tells("feature tier") => CreationRefusal::NotOffered,
            ErrorKind::NotFound if code == Some("ENDPOINT_NOT_FOUND") => CreationRefusal::NotOffered,
            ErrorKind::TokensNotAllowed => CreationRefusal::MayNotUseTokens,
            // Whoever is no admin is told so in these words.
            ErrorKind::NotAllowed if !tells("not an admin") && !tells("only admins can") => CreationRefusal::Restricted,
            ErrorKind::Rejected | ErrorKind::NotFound if tells("is not a service principal") => {
                CreationRefusal::NotAServicePrincipal
            }
            ErrorKind::Rejected if tells("lifetime must be less") => CreationRefusal::LifetimeTooLong {
                most_days: days(&message),
            },
            ErrorKind::Rejected if tells("invalid timeout") => CreationRefusal::BadLifetime,
            ErrorKind::Rejected | ErrorKind::NotFound if tells("does not exist") => {
                CreationRefusal::UnknownServicePrincipal
            }
            _ => return None,
        })
    }
}

/// The number before the word "days": the vendor documents no unit, so that a bare number says nothing.
fn days(message: &str) -> Option<u32> {
    let (before, _) = message.rsplit_once(" day")?;
    before.rsplit(' ').next()?.parse().ok()
}
