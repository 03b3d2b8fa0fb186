//! Fields that a form sends along.

use leptos::prelude::*;

/// A hidden field for each name and value.
pub(crate) fn hidden_fields(fields: impl IntoIterator<Item = (&'static str, String)>) -> AnyView {
    let fields = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    fields.collect_view().into_any()
}
