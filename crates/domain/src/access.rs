//! Who can create and use tokens: the workspace's one access control list, how to edit it without overwriting a
//! colleague's changes, whom it reaches through nested groups, and what stops when a grant is removed.

mod edit;
mod impact;
mod list;
mod membership;

pub use edit::{AccessDiff, AccessEdit, AccessWrite};
pub use impact::{AccessImpact, AffectedPrincipal, GrantImpact};
pub use list::{AccessList, Grant, Grantee, Level};
pub use membership::{Group, Member, Membership, PermittedPrincipals, PrincipalSet, TokenAccess};
