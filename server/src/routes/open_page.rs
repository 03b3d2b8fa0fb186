//! `POST /api/open?page=…`: redirects to a page with the fields of a form as its query. Forms with free text are posted
//! here instead of being sent to their page with GET: a GET would put the text into a URL, and someone may have pasted
//! a token value before a script could check it.

use app::http::paths;
use app::problem::{Failure, Problem};
use axum::Extension;
use axum::extract::{Form, Query};
use axum::response::{IntoResponse as _, Redirect, Response};
use console::RequestSource;
use domain::can_contain_token_value;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Target {
    /// The path of the page.
    page: String,
}

/// Redirects to the page, without fields that may contain a token value. The page says that they were ignored. If
/// `page` is not a path of the console, redirects to the start page.
pub(crate) async fn open_page(
    Extension(source): Extension<RequestSource>,
    Query(target): Query<Target>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let Some(page) = paths::local_path(&target.page) else {
        return Redirect::to("/").into_response();
    };
    let all = fields.len();
    let used: Vec<_> = fields
        .into_iter()
        .filter(|(name, value)| !can_contain_token_value(name) && !can_contain_token_value(value))
        .collect();
    // Unused filters do not appear in the URL of a list.
    let keeps_empty = !paths::is_token_list(page);
    let mut url = page.to_owned();
    for (name, value) in used.iter().filter(|(_, value)| keeps_empty || !value.is_empty()) {
        url = paths::with_param(&url, name, value);
    }
    if used.len() < all {
        url = Failure::new(Problem::TokenValueInText, source.id).to_url(&url);
    }
    Redirect::to(&url).into_response()
}
