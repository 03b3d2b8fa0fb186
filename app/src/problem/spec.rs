//! What each problem is called, what it means and what to do next. Every sentence stands here and nowhere else.

use super::Problem;

impl Problem {
    /// What happened, as a heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::UnknownWorkspace => "This console has no such workspace",
            Self::SignedOut => "Your sign-in has ended",
            Self::ReadOnly => "This console is read-only",
            Self::OnlyReads => "You may read here, and change nothing",
            Self::ReaderFailed => "What auditors read through does not work",
            Self::StillReading => "No answer yet",
            Self::TokenSignInOff => "Access tokens are not taken here",
            Self::OAuthNotConfigured => "Signing in with Databricks is not set up here",
            Self::OAuthRefused => "Databricks refused the sign-in",
            Self::OAuthCancelled => "Sign-in was cancelled",
            Self::OAuthStateLost => "This sign-in was not started here",
            Self::NoAccessToken => "No access token was entered",
            Self::TooManyTries { .. } => "Too many sign-in tries",
            Self::BadCredential => "The workspace did not accept the credential",
            Self::ScopeMissing => "Your credential lacks a scope",
            Self::IpBlocked => "The workspace blocks this console's network",
            Self::NotAdmin => "Only workspace admins can do this",
            Self::TokensNotAllowed => "Your account may not use tokens",
            Self::FeatureOff => "This workspace has no token management",
            Self::TokensDisabled => "Personal access tokens are switched off",
            Self::NoTokenYet => "This workspace has no token yet",
            Self::TokenNotFound => "The workspace has no such token",
            Self::PageNotFound => "There is no such page",
            Self::RateLimited { .. } => "The workspace limits requests at the moment",
            Self::Html => "A web page answered instead of the workspace",
            Self::Redirected => "The workspace's address leads elsewhere",
            Self::TimedOut => "The workspace did not answer in time",
            Self::Unreachable => "This workspace cannot be reached",
            Self::Undecodable => "The workspace's answer could not be understood",
            Self::WorkspaceFailed { .. } => "The workspace reported a failure of its own",
            Self::Refused => "The workspace refused the request",
            Self::NotInEffect => "Accepted, but unchanged",
            Self::AccessChanged => "Somebody changed the permissions meanwhile",
            Self::NotApplied => "No answer came, and nothing has changed",
            Self::AnotherList => "Sent, and the list is another one",
            Self::NothingPicked => "No token is selected",
            Self::TooManyPicked => "Too many are selected one by one",
            Self::OnlyOwnPicked => "Only your own session's token is selected",
            Self::CountMismatch => "The number does not match",
            Self::UnknownJob => "There is no such job",
            Self::OthersJob => "Somebody else started this job",
            Self::NotReadBack => "Sent, but not read back",
            Self::UnknownPrincipal { .. } => "The workspace does not know one of them",
            Self::OnlyAdminsManage => "Only the group admins can manage tokens",
            Self::BadLifetime(_) => "That lifetime cannot be set",
            Self::LifetimeRefused => "The workspace refused this lifetime",
            Self::NameMismatch => "The name does not match",
            Self::CommentTooLong => "The comment is too long",
            Self::NotATokenValue => "That is not a token's value",
            Self::NoServicePrincipal => "No service principal was chosen",
            Self::BadTokenLifetime { .. } => "That lifetime cannot be given",
            Self::BadScopes(_) => "Those are no scopes",
            Self::ScopesRefused => "The workspace refused these scopes",
            Self::ScopesChanged => "Somebody changed the scopes meanwhile",
            Self::CreationNotOffered => "This workspace creates no tokens for service principals",
            Self::UnknownServicePrincipal => "The workspace has no such service principal",
            Self::NotAServicePrincipal => "That is a user, not a service principal",
            Self::LifetimeAbovePolicy { .. } => "The workspace's policy allows no such lifetime",
            Self::RecipientMayNotUse => "The service principal may not use tokens",
            Self::AdminsRestricted => "Admins of this workspace are restricted",
            Self::QuotaExceeded => "The service principal has too many tokens",
            Self::NotCreated => "No answer came, and no token was created",
            Self::CreationUnknown => "Whether a token was created could not be told",
            Self::BadRequest => "The request could not be read",
            Self::StorageFull => "The console's disk is full",
            Self::StorageLocked => "The console's database is locked",
            Self::StorageReplaced => "The console's database was deleted or replaced",
            Self::Internal => "The console failed",
        }
    }

    /// What it means and what to do next.
    pub(crate) fn advice(self) -> String {
        match self {
            Self::RateLimited { seconds: Some(seconds) } => {
                format!("It asks to wait {seconds} seconds. Nothing was changed. Try again after that.")
            }
            Self::TooManyTries { seconds } => {
                format!("Wait {seconds} seconds, then try again. This keeps guessing slow.")
            }
            Self::WorkspaceFailed { status } => format!(
                "It answered with status {status}. What you see may be incomplete; try again, and ask Databricks \
                 support if it stays."
            ),
            Self::BadLifetime(error) => error.to_string(),
            Self::BadScopes(error) => format!("{error} Nothing was changed; your entry is kept."),
            Self::BadTokenLifetime { most } => {
                format!("Type a whole number of days from 1 to {most}. Nothing was created; your entry is kept.")
            }
            Self::LifetimeAbovePolicy { most: Some(most) } => {
                format!("It allows at most {most} days. Nothing was created; your entry is kept.")
            }
            other => other.fixed_advice().to_owned(),
        }
    }

    fn fixed_advice(self) -> &'static str {
        match self {
            Self::NothingPicked => "Select tokens by their boxes, or all that match, then review them.",
            Self::TooManyPicked => {
                "At most 1,000 are taken one by one, so nothing was reviewed. Filter, and select all that match."
            }
            Self::OnlyOwnPicked => {
                "Revoking it ends your sign-in, so it is never part of a job. Revoke it by its own button."
            }
            Self::CountMismatch => "Nothing was started. Type the number of tokens exactly as it is shown.",
            Self::UnknownJob => {
                "Check the address. A selection that was never started is kept for an hour, and shown to nobody else."
            }
            Self::OthersJob => {
                "It acts as them, so only they may go on with it. You may cancel the rest, and start a job of your own."
            }
            Self::UnknownWorkspace => "Check the address, or choose one of the configured workspaces.",
            Self::SignedOut => "Sign in again to go on where you were.",
            Self::ReadOnly => "It was started with --read-only and changes nothing. Ask whoever runs it.",
            Self::OnlyReads => "You are an auditor of this workspace. Ask one of its admins to make the change.",
            Self::ReaderFailed => {
                "The workspace did not take the service principal of this console. Whoever runs it can tell with pat-console \
                 check-config."
            }
            Self::StillReading => "It is being read on. Reload this page in a moment.",
            Self::TokenSignInOff => {
                "Whoever runs this console has switched pasted tokens off. Use \"Sign in with Databricks\"."
            }
            Self::OAuthNotConfigured => {
                "Sign in with an access token, or ask whoever runs this console for an OAuth client."
            }
            Self::OAuthRefused => {
                "The OAuth client may lack a scope or this console's redirect address. Whoever registered it can tell; \
                 until then, sign in with an access token."
            }
            Self::OAuthCancelled => "Nothing was stored. Start again whenever you like.",
            Self::OAuthStateLost => {
                "It took too long, was finished before, or began in another browser. Start again from this page."
            }
            Self::NoAccessToken => "Paste a personal access token or an OAuth access token of the workspace.",
            Self::BadCredential => "It is wrong, expired or revoked, or tokens are switched off. Sign in another way.",
            Self::ScopeMissing => {
                "The console needs authentication, access-management, settings and scim (or all-apis). Sign in with a \
                 credential that has them."
            }
            Self::IpBlocked => {
                "An IP access list or network policy keeps the console's address out. An account admin can allow it."
            }
            Self::NotAdmin => {
                "The workspace does not count you among its admins. Ask one of them to add you to the group admins."
            }
            Self::TokensNotAllowed => "Ask a workspace admin for the permission to use tokens, or sign in with OAuth.",
            Self::FeatureOff => {
                "Managing tokens needs the Premium tier or above. On this tier Databricks offers neither the list nor the \
                 permissions, to any tool."
            }
            Self::TokensDisabled => "The workspace answers no requests about tokens while they are switched off.",
            Self::NoTokenYet => {
                "The workspace keeps no permissions on tokens before the first token exists. Create one, with a short \
                 lifetime, and they appear."
            }
            Self::TokenNotFound => {
                "It was revoked, removed after 90 days without use, or never existed in this workspace."
            }
            Self::PageNotFound => "Check the address, or go on from the tokens.",
            Self::RateLimited { .. } => "Nothing was changed. Try again in a moment.",
            Self::Html => {
                "Most likely a proxy or a login page stands in between, or the configured address is not a workspace's."
            }
            Self::Redirected => {
                "The console does not follow, since your credential would travel along. Check the configured address."
            }
            Self::TimedOut => "If this was a change, look whether it took effect before you repeat it.",
            Self::Unreachable => {
                "There is no connection to it from this console. Check the network and the configured address."
            }
            Self::Undecodable => {
                "Nothing is shown rather than something wrong. The server's log names the place in the answer."
            }
            Self::Refused => "It understood the request and declined it. The server's log has its reason.",
            Self::NotInEffect => {
                "The workspace said yes and still tells the old state. Do not rely on the change; look again."
            }
            Self::AccessChanged => "Nothing was saved. Look at what changed, then save on top of it.",
            Self::NotApplied => {
                "The workspace did not answer in time and, asked again, still has the old list. What you entered is kept; look \
                 again in a minute before you save once more."
            }
            Self::AnotherList => {
                "The workspace has neither the old list nor the one that you asked for: somebody else changed it at the same \
                 moment. Look at it before anything else."
            }
            Self::NotReadBack => {
                "The change was sent, and whether it took place could not be read. Open the permissions anew before anything \
                 else."
            }
            Self::UnknownPrincipal { .. } => {
                "Nothing was saved. Somebody may have been deleted or renamed meanwhile; take them out, or find them anew."
            }
            Self::OnlyAdminsManage => {
                "Nothing was saved: the list gives CAN_MANAGE to somebody else than admins, which the workspace refuses."
            }
            Self::LifetimeRefused => {
                "It allows whole days from 1 to 730, or 0 for no custom limit. Your entry is kept."
            }
            Self::NameMismatch => "Type the workspace's name exactly as shown to confirm. Nothing was changed.",
            Self::CommentTooLong => "Keep it within 1,000 characters. Nothing was changed.",
            Self::NotATokenValue => "Paste the whole value: it begins with dapi. It is hashed and not kept.",
            Self::NoServicePrincipal => "Search for it by name, or type its application id. Nothing was created.",
            Self::ScopesRefused => "It may not know one of them. Nothing was changed; your entry is kept.",
            Self::ScopesChanged => {
                "Nothing was changed. The scopes are shown as they are now; review your change once more."
            }
            Self::CreationNotOffered => {
                "It is on Azure, or has that switched off. Let the service principal sign in by itself, with a Microsoft Entra ID                  or Databricks OAuth token, and call POST /api/2.0/token/create; it needs the permission to use tokens. Better                  still, let it use OAuth (M2M). Nothing was created."
            }
            Self::UnknownServicePrincipal => {
                "Check the application id; the display name will not do. Nothing was created."
            }
            Self::NotAServicePrincipal => "Tokens can be created for service principals only. Nothing was created.",
            Self::LifetimeAbovePolicy { .. } => "Choose a shorter one. Nothing was created; your entry is kept.",
            Self::RecipientMayNotUse => {
                "Give it the permission on the page Permissions under Settings, and see that it is active. Then send this once                  more. Nothing was created."
            }
            Self::AdminsRestricted => {
                "The setting Restrict Workspace Admins is on: you need the role Service Principal User on this service principal.                  Its manager or an account admin can give it to you. Nothing was created."
            }
            Self::QuotaExceeded => {
                "Databricks allows 600 active tokens each. Revoke some that nobody uses. Nothing was created."
            }
            Self::NotCreated => {
                "The workspace was asked once and lists no new token of yours for it. Look at the list of tokens before you create                  it once more."
            }
            Self::CreationUnknown => {
                "It was sent once, and the list could not be read afterwards or has several that may be it. Look at the list of                  tokens: one that nobody knows the value of is to be revoked."
            }
            Self::BadRequest => "Nothing was changed. Reload the page and try again.",
            Self::StorageFull => {
                "It makes no change that it cannot record, so nothing was changed. Ask the operator to free space in the data \
                 directory, then try again."
            }
            Self::StorageLocked => {
                "It makes no change that it cannot record, so nothing was changed. Try again in a moment. If this stays, ask the \
                 operator which other program has console.db open."
            }
            Self::StorageReplaced => {
                "It makes no change that it cannot record, so nothing was changed. Ask the operator to put console.db back, or \
                 to restart the console."
            }
            Self::Internal => "Nothing is known to have changed. Try again; the server's log has the reason.",
            Self::TooManyTries { .. }
            | Self::WorkspaceFailed { .. }
            | Self::BadLifetime(_)
            | Self::BadScopes(_)
            | Self::BadTokenLifetime { .. } => "",
        }
    }
}
