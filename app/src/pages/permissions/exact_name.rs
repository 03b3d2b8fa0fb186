//! Adding someone by their exact name: permissions can also be granted to groups and users that the workspace's search
//! does not find, such as groups of the account.

use leptos::prelude::*;

use super::edit_state::{EXACT_KIND_FIELD, EXACT_NAME_FIELD};
use crate::http::paths;

/// The field, with a button for each kind.
pub(super) fn exact_name_field(workspace: &str) -> AnyView {
    let editor = paths::open_with_fields(&paths::permissions(workspace));
    let buttons = [
        ("group", "Add group"),
        ("user", "Add user"),
        ("sp", "Add service principal"),
    ];
    let buttons = buttons.map(|(kind, label)| {
        view! {
            <button class="btn" name=EXACT_KIND_FIELD value=kind formaction=editor.clone()>
                {label}
            </button>
        }
    });
    view! {
        <details class="exact-name">
            <summary>"Not listed? Add by exact name"</summary>
            <div class="filters">
                <div class="field grow">
                    <label for=EXACT_NAME_FIELD>"Exact name"</label>
                    <input
                        class="input"
                        id=EXACT_NAME_FIELD
                        name=EXACT_NAME_FIELD
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby="exact-name-hint"
                    />
                </div>
                <div class="row">{buttons.collect_view()}</div>
            </div>
            <p class="hint" id="exact-name-hint">
                "The name of a group, the username of a user, or the application ID of a service principal. If it does \
                 not exist, saving says so and changes nothing."
            </p>
        </details>
    }
    .into_any()
}
