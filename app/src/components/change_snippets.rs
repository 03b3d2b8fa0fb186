//! A change as commands for the Databricks CLI, the REST API and Terraform, in tabs that work without scripts.

use leptos::prelude::*;

use crate::snippets::{ChangeSnippets, Snippet};

/// The tools: the value of the radio button, its label, and what is copied.
const TOOLS: [(&str, &str, &str); 3] = [
    ("cli", "CLI", "CLI command"),
    ("rest", "REST (curl)", "curl command"),
    ("terraform", "Terraform", "Terraform block"),
];

/// The tabs CLI, REST (curl) and Terraform, for example
/// `change_snippets("revoke", ChangeSnippets::revoke_token(&workspace.into(), &id))`. `group` names the radio buttons
/// behind the tabs: it has to be unique on the page, including a dialog over it. Confirmation pages fold the tabs into
/// `layout::confirm_details`.
///
/// The radio buttons belong to no form, so they are never submitted. The style sheet shows the code of the chosen tool.
pub(crate) fn change_snippets(group: &'static str, snippets: ChangeSnippets) -> AnyView {
    let tabs = TOOLS.map(|(tool, label, _)| {
        view! {
            <label>
                <input type="radio" name=group value=tool form="" checked=tool == "cli" autocomplete="off" />
                {label}
            </label>
        }
    });
    let ChangeSnippets { cli, rest, terraform } = snippets;
    let panels = TOOLS.into_iter().zip([cli, rest, terraform]);
    let panels = panels.map(|((tool, _, what), snippet)| panel(tool, what, snippet));
    view! {
        <fieldset class="change-snippets">
            <legend class="visually-hidden">"Commands for the same change"</legend>
            <div class="snippet-tabs">{tabs.collect_view()}</div>
            {panels.collect_view()}
        </fieldset>
    }
    .into_any()
}

fn panel(tool: &'static str, what: &'static str, snippet: Snippet) -> AnyView {
    let code = snippet.code.map(|code| {
        view! {
            <div class="snippet" role="group" aria-label=what>
                <code class="pre-wrap">{code}</code>
                <button type="button" class="btn small" data-copy hidden>
                    "Copy"
                    <span class="visually-hidden">{format!(" {what}")}</span>
                </button>
            </div>
        }
    });
    let note = snippet.note.map(|note| view! { <p class="muted">{note}</p> });
    view! { <div data-tool=tool>{code} {note}</div> }.into_any()
}
