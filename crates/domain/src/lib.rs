//! The rules of the console, as pure values and functions: tokens and their status, the workspace's policy, who owns
//! what, who can use tokens, and how a list is filtered, sorted and paged.
//!
//! **Dependencies.** No other crate of this repository. No I/O, no clock, no wire format, no HTML and no shell: this
//! crate also compiles to WebAssembly. Times are passed in, so that a page, its counts and its dialogs refer to the
//! same moment.
//!
//! **Where to start.**
//!
//! - [`Token`], [`Status`] and [`Expiry`]: one token. [`Finding`]: what an admin should look at in it.
//! - [`Directory`], [`Principal`] and [`Owner`]: users, groups and service principals, and who owns a token.
//! - [`Known`]: a value that can depend on something that was not read ([`UnreadPart`]).
//! - [`Inventory`]: all tokens of a workspace, indexed; [`Inventory::page`] returns the rows of one page.
//! - [`TokenQuery`]: the filters, order and page in a URL. [`Selection`]: the tokens that are selected.
//! - [`Policy`] and [`MaxLifetime`]: whether tokens are enabled, and how long new ones last.
//! - [`ConnectionFault`]: why a workspace cannot be reached.
//! - [`access`]: the access control list, edits to it, and who loses access.

pub mod access;
mod client_address;
mod connection_fault;
mod direction;
mod directory;
mod finding;
mod inventory;
mod known;
mod pasted_token;
mod policy;
mod query;
mod scopes;
mod selection;
mod time;
mod token;
mod token_usage;
mod variants;

pub use client_address::ClientAddress;
pub use connection_fault::ConnectionFault;
pub use direction::{has_directions, with_visible_directions};
pub use directory::{Directory, Owner, Principal, PrincipalId, PrincipalKind};
pub use finding::{
    AcceptanceInputError, AcceptedFindings, EXPIRES_SOON_DAYS, FEW_SCOPES, Finding, FindingKind, FindingSubject,
    IDLE_FINDING_DAYS, IDLE_REVOCATION_DAYS, KindSet, LONG_LIFETIME_DAYS, MAX_ACCEPTANCE_DAYS,
    MAX_ACCEPTANCE_REASON_CHARS, NEAR_TOKEN_LIMIT, Rule, Severity, TOKEN_LIMIT, TokenFindings, WorkspaceFacts,
    WorkspaceFinding, findings, parse_acceptance,
};
pub use inventory::{
    ActiveTokens, Counter, Counts, ExpiryWeek, ExpiryWeeks, Facets, Inventory, LifetimeBar, Lifetimes, ListedPage,
    Neighbours, ScopeCount, ScopeNumbers, TokenPage, permission_of,
};
pub use known::{Known, TokenCount, UnreadPart, UnreadParts};
pub use pasted_token::{MAX_PASTED_TOKENS, PastedToken, can_contain_token_value, pasted_tokens};
pub use policy::{
    AdminRestriction, LifetimeInputError, MaxLifetime, PLATFORM_MAX_LIFETIME_DAYS, Policy, is_lifetime_set,
    is_switch_set, parse_token_lifetime, parse_tokens_enabled,
};
pub use query::{
    DayRange, Direction, EXPIRY_WEEKS, ExpiryWindow, InvalidFilters, LONGEST_LIFETIME_DAYS, LifetimeRange,
    MAX_IDLE_DAYS, OWNER_ABSENT, ParsedQuery, Sort, SortKey, TOKENS_PAGE_SIZE, TokenQuery, UseWindow, path_segment,
    percent_encode,
};
pub use scopes::{
    ALL_APIS, AUTHENTICATION, AUTOSCOPE_WINDOW_DAYS, ForeseenScopes, GrantedScopes, MAX_SCOPES_CHARS, Narrowing,
    NarrowsWithin, NothingSeen, SCOPE_SETS, ScopeDiff, ScopeInputError, ScopeReduction, ScopeSet, ScopeState,
    ScopeStateFilter, ScopeUse, ScopesPlan, ScopesSkip, are_same_scopes, format_scopes, grants_all, has_proposal,
    may_grant_all, parse_scopes, scope_meaning, scope_uses,
};
pub use selection::{MAX_SELECTED, ParsedSelection, Selection};
pub use time::{DAY, Day, Timestamp};
pub use token::{AutoscopeState, Expiry, Status, Token, TokenId};
pub use token_usage::TokenUsage;
