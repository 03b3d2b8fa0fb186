//! Who may create and use tokens: the workspace's one access control list, how it is changed without losing what
//! others changed meanwhile, whom it reaches through nested groups, and what stops when a grant is taken away.

mod edit;
mod list;
mod impact;
mod membership;

pub use edit::{Change, Diff, Edit};
pub use list::{AccessList, Grant, Grantee, Level};
pub use impact::{Loser, Loss, Share};
pub use membership::{Access, Group, MayUse, Member, Membership, People};
