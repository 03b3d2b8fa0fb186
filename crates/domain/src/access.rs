//! Who can create and use tokens: the workspace's access control list, editing it without overwriting a colleague's
//! changes, whom it covers through nested groups, and what stops working when a grant is removed.

mod access_path;
mod edit;
mod group;
mod impact;
mod list;
mod membership;
mod principal_set;

pub use access_path::{AccessPath, AccessPaths};
pub use edit::{AccessDiff, AccessEdit, AccessWrite};
pub use group::{Group, GroupOrigin, Member, Members};
pub use impact::{AccessImpact, AffectedPrincipal, GrantImpact, ImpactCount};
pub use list::{AccessList, Grant, Grantee, Level};
pub use membership::{Membership, PermittedPrincipals, Reach, TokenAccess};
pub use principal_set::PrincipalSet;
