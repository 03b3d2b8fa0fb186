//! Parts that more than one page shows: notices, errors, dates, snippets and tables.

mod access_summary;
mod bulk_noun;
mod change_snippets;
mod data_table;
mod direction;
mod empty_state;
mod error_page;
mod expiry_weeks;
mod export_links;
mod hidden_fields;
mod known;
mod notice;
mod number;
mod page_head;
mod pager;
mod part_notices;
mod principal_picker;
mod time;
pub(crate) mod token_cells;

pub(crate) use self::access_summary::access_summary;
pub(crate) use self::bulk_noun::bulk_noun;
pub(crate) use self::change_snippets::change_snippets;
pub(crate) use self::data_table::{Cell, Column, DataTable, Row, TableName, optional_class};
pub(crate) use self::direction::show_directions;
pub(crate) use self::empty_state::{empty_card, empty_state};
pub(crate) use self::error_page::error_card;
pub(crate) use self::expiry_weeks::{expiry_sparkline, expiry_weeks, percent, tokens_expire};
pub(crate) use self::export_links::export_links;
pub(crate) use self::hidden_fields::hidden_fields;
pub(crate) use self::known::{not_available, number_of, sentence, tokens_of};
pub(crate) use self::notice::{error_notice, success_notice};
pub(crate) use self::number::count_of;
pub(crate) use self::page_head::{crumbs, page_head, refresh_form};
pub(crate) use self::pager::{page_link, pager};
pub(crate) use self::part_notices::{listed_token_notice, loading_notice, loading_text, one_notice, outdated_notices};
pub(crate) use self::principal_picker::{
    FoundPrincipal, MAX_SEARCH_CHARS, more_results, no_results, principal_picker, search_text,
};
pub(crate) use self::time::{date, date_of, date_time, recent_time, time_ago, time_text};
pub(crate) use crate::islands::number::group_digits;
