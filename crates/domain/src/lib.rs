//! The rules of the console, as pure values and functions: tokens and their status, the workspace's policy, who
//! owns what, and how a list is filtered, sorted and paged.
//!
//! Nothing here does I/O, reads a clock or knows a wire format; everything compiles for the browser too. Times are
//! handed in, so that a page, its counts and its dialogs speak of the same moment.

pub mod access;
mod direction;
mod directory;
mod finding;
mod inventory;
mod policy;
mod query;
mod scopes;
mod selection;
mod time;
mod token;
mod token_usage;

pub use direction::{has_directions, with_visible_directions};
pub use directory::{Directory, Owner, Principal, PrincipalId, PrincipalKind};
pub use finding::{Finding, FindingKind, IDLE_FINDING_DAYS, IDLE_REVOCATION_DAYS, marks};
pub use inventory::{ActiveTokens, Counts, Facets, Inventory, ScopeCount, TokenPage};
pub use policy::{LifetimeInputError, MaxLifetime, PLATFORM_MAX_LIFETIME_DAYS, Policy, parse_switch, token_lifetime};
pub use query::{
    ALL_SCOPES, DayRange, Direction, MAX_IDLE_DAYS, PAGE_SIZE, ParsedQuery, Sort, SortKey, TokenQuery, encode,
};
pub use scopes::{
    ALL_APIS, ScopeDiff, ScopeInputError, ScopeUse, holds_all, parse_scopes, same_scopes, scope_uses, scopes_text,
};
pub use selection::{MAX_SELECTED, Picked, Selection};
pub use time::{DAY_MS, Day, Timestamp};
pub use token::{AutoscopeState, Expiry, Status, Token, TokenId, looks_like_token_value};
pub use token_usage::TokenUsage;
