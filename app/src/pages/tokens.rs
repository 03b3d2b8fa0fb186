//! The tokens of a workspace: the list, one token with its edit forms, revoking one, creating one for a service
//! principal, and finding a leaked one.

mod band;
mod create;
mod detail;
mod edit_comment;
mod edit_scopes;
mod export;
mod export_menu;
mod filter_chips;
mod filters;
mod find_leaked;
mod id_in_path;
mod list;
mod people;
mod revoke;
mod row;
mod row_texts;
mod selection;
mod table;
mod unread_notices;

pub(crate) use band::{CounterText, counter_link, large_number};
pub use create::{CreateTokenFailure, CreatedTokenPage, NewTokenForm, create_token};
pub(crate) use create::{FirstTokenPage, NewTokenPage, ReviewNewTokenPage, first_token_offer};
pub(crate) use detail::{Origin, TokenPage};
pub(crate) use edit_scopes::ScopesPage;
pub(crate) use export::ExportPage;
pub(crate) use find_leaked::{
    FindPage, found_cells, found_columns, leaked_value_field, limit_notice, lookup_gone_notice, sent_ids,
};
pub use list::render_results;
pub(crate) use list::{TokensPage, revoked_message};
pub(crate) use revoke::RevokePage;
pub(crate) use row::{SelectAll, Viewer, row_of_owner};
pub(crate) use unread_notices::{unread_notices, unreadable_notice};
