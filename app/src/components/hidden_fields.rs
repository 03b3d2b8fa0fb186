//! Hidden fields of a form.

use leptos::prelude::*;

/// A hidden field for each name and value.
pub(crate) fn hidden_fields<N: Into<String>>(fields: impl IntoIterator<Item = (N, String)>) -> AnyView {
    let fields = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name.into() value=value /> });
    fields.collect_view().into_any()
}
