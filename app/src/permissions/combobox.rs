//! Finding principals while one types.

use leptos::{html, prelude::*};

use crate::browser::combobox;

/// Wraps the search field of the editor. Once alive the field is a combobox (the ARIA Authoring Practices' editable one):
/// what is chosen is added to the edit in the address and the editor shown anew. `search` is the page behind the search,
/// `editor` the editor's, `pair` the name of what is added to that, and `said` how it is announced, after its name.
#[island]
pub(crate) fn PrincipalPicker(
    search: String,
    editor: String,
    pair: String,
    said: String,
    children: Children,
) -> impl IntoView {
    let around = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(around) = around.get() {
            combobox::attach(&around);
        }
    });
    view! {
        <div class="filters picker" node_ref=around data-picker=pair data-search=search data-editor-page=editor data-said=said>
            {children()}
        </div>
    }
}
