//! Who can create and use tokens, in one line.

use console::access::AccessSummary;
use leptos::prelude::*;

use super::count_of;

/// `Admins, 2 groups and 1 user can create and use tokens.`
pub(crate) fn access_summary(summary: AccessSummary) -> AnyView {
    let everyone = summary.all_users.then(|| {
        view! {
            <p>
                "The group \u{201c}users\u{201d} is included, so everyone in this workspace can use tokens. "
                <span class="chip warn">"Everyone"</span>
            </p>
        }
    });
    let counts = [
        (summary.groups, "group"),
        (summary.users, "user"),
        (summary.service_principals, "service principal"),
    ];
    let grantees: Vec<_> = counts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| count_of(n, noun))
        .collect();
    let text = match grantees.as_slice() {
        [] if summary.all_users => None,
        [] => Some("Only workspace admins can create and use tokens.".to_owned()),
        [one] => Some(format!("Admins and {one} can create and use tokens.")),
        [first @ .., last] => Some(format!(
            "Admins, {} and {last} can create and use tokens.",
            first.join(", ")
        )),
    };
    view! {
        {text.map(|text| view! { <p>{text}</p> })}
        {everyone}
    }
    .into_any()
}
