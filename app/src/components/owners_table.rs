//! Owners of tokens, with how many of their tokens a change affects.

use leptos::prelude::*;

use super::group_digits;

/// One owner.
pub(crate) struct OwnerRow {
    /// The name and what kind of owner it is.
    pub(crate) name: AnyView,
    /// How many tokens.
    pub(crate) tokens: usize,
    /// How many of them were used in the last 7 days.
    pub(crate) recently_used: usize,
}

/// The table. `tokens` is the heading of the number of tokens.
pub(crate) fn owners_table(
    caption: &'static str,
    tokens: &'static str,
    owners: impl IntoIterator<Item = OwnerRow>,
) -> AnyView {
    const RECENTLY_USED: &str = "Used in the last 7 days";
    let rows = owners.into_iter().map(|owner| {
        view! {
            <tr>
                <th scope="row">{owner.name}</th>
                <td data-label=tokens class="num">{group_digits(owner.tokens)}</td>
                <td data-label=RECENTLY_USED class="num">{group_digits(owner.recently_used)}</td>
            </tr>
        }
    });
    view! {
        <div class="tablewrap">
            <table class="owners-table">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Owner"</th>
                        <th scope="col">{tokens}</th>
                        <th scope="col">{RECENTLY_USED}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
