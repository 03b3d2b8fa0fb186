//! What surrounds every page: the document, the header and banners, and the redirect to the sign-in page.

mod account_menu;
pub mod assets;
mod banners;
mod confirm;
mod document;
mod header;
mod page;
pub(crate) mod shortcuts;
pub(crate) mod theme;
mod time_zone;
mod workspace_badge;

pub(crate) use banners::{clock_banner, disabled_banner};
pub(crate) use confirm::{
    ConfirmButton, ConfirmCard, ConfirmFact, acting_as, cancel_button, cancel_form, confirm_details, confirm_facts,
};
pub(crate) use document::{document, document_title};
pub(crate) use header::{brand, credential_label, signed_in_with};
pub(crate) use page::{Area, PageResult, not_found, page_without_workspace, plain_page, workspace_page};
pub(crate) use workspace_badge::{environment_chip, workspace_heading, workspace_name};
