//! The page for any unknown URL.

use leptos::prelude::*;

use crate::http::request::Request;
use crate::layout::page_without_workspace;
use crate::problem::Problem;

/// Says that the page does not exist.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    let request = Request::current();
    Suspend::new(async move { page_without_workspace(&request, "Not found", Problem::PageNotFound).await })
}
