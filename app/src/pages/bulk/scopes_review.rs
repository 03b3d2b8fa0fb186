//! What a change of scopes means for the tokens, in the review.

use console::BulkKind;
use console::bulk::DraftReview;
use leptos::prelude::*;

use super::review::notice;
use crate::components::{count_of, group_digits};

/// The documentation names no way to turn auto-scoping on again
/// (<https://docs.databricks.com/aws/en/dev-tools/auth/pat>).
const STAYS_DISABLED: &str = " Auto-scoping stays disabled for these tokens.";

/// How many tokens are changed, what that means, and how long it takes.
pub(super) fn scopes_consequences(kind: BulkKind, review: &DraftReview) -> AnyView {
    if review.tokens() == 0 {
        return view! { <p>"No token will be changed."</p> }.into_any();
    }
    view! {
        <p>
            <b class="num">{count_of(review.tokens(), "token")}</b>
            " of "
            <b class="num">{count_of(review.owners.owners, "owner")}</b>
        </p>
        {consequences(kind, review)}
        {full_access_notice(kind, review)}
        <p class="muted">
            "A token that someone changes before its turn is left as it is. It can take up to 10 minutes until new \
             scopes apply. Each token counts as changed only when the workspace shows it."
        </p>
    }
    .into_any()
}

fn consequences(kind: BulkKind, review: &DraftReview) -> AnyView {
    let losing = review.plans().filter(|(_, plan)| !plan.loses().is_empty()).count();
    let gaining = review.plans().filter(|(_, plan)| !plan.gains().is_empty()).count();
    if kind == BulkKind::KeepScopes {
        // Databricks can still remove full access if the workspace rejects the change.
        if review.plans().any(|(_, plan)| plan.asks_for_all()) {
            let text =
                " to what the tokens have. Where that is accepted, auto-scoping is disabled, and stays disabled.";
            return notice("Scopes are set manually", text);
        }
        let text = ": the tokens keep the scopes that they have. They are set manually, which disables auto-scoping \
                    for these tokens, and it stays disabled.";
        return notice("Nothing is lost", text);
    }
    let loses = match losing {
        1 => "1 token loses scopes.".to_owned(),
        n => format!("{} tokens lose scopes.", group_digits(n)),
    };
    if kind == BulkKind::PutBackScopes {
        let heading = match gaining {
            // The change to undo restored scopes itself, so no token gains any.
            0 => return danger(loses, STAYS_DISABLED.to_owned()),
            1 => "This widens 1 token.".to_owned(),
            n => format!("This widens {} tokens.", group_digits(n)),
        };
        let loses = if losing > 0 { format!(" {loses}") } else { String::new() };
        let more = " Anyone who has the value of such a token can do more with it.";
        return danger(heading, format!("{more}{loses}{STAYS_DISABLED}"));
    }
    let observed = review.items.iter().filter_map(|item| item.listed.as_ref());
    let observed = match observed.filter(|listed| listed.is_observed).count() {
        0 => String::new(),
        1 if review.tokens() == 1 => {
            " It is still being observed: what it rarely uses may not have been seen yet.".to_owned()
        }
        1 => " 1 of them is still being observed: what it rarely uses may not have been seen yet.".to_owned(),
        n => format!(
            " {} of them are still being observed: what they rarely use may not have been seen yet.",
            group_digits(n)
        ),
    };
    let keeps = match losing {
        1 => " It keeps those that it was seen to use.",
        _ => " They keep those that they were seen to use.",
    };
    let text = format!("{keeps} Anything that needs another one fails. Auto-scoping is disabled, and stays disabled.");
    danger(loses, format!("{text}{observed}"))
}

fn danger(heading: String, text: String) -> AnyView {
    view! {
        <div class="notice danger">
            <p>
                <b>{heading}</b>
                {text}
            </p>
        </div>
    }
    .into_any()
}

/// Warns about full access: no documentation says that a workspace lets anyone set it.
fn full_access_notice(kind: BulkKind, review: &DraftReview) -> Option<AnyView> {
    let heading = match review.plans().filter(|(_, plan)| plan.asks_for_all()).count() {
        0 => return None,
        1 => "Full access may be refused for 1 token".to_owned(),
        n => format!("Full access may be refused for {} tokens", group_digits(n)),
    };
    let text = match kind {
        BulkKind::KeepScopes => {
            ": it is not documented that a workspace accepts all-apis for a token that exists. If it refuses, the \
             token stays as it is, and one that Databricks observes can still lose scopes."
        }
        _ => {
            ": it is not documented that a workspace accepts all-apis for a token that exists. If it refuses, the \
             token stays as it is."
        }
    };
    Some(notice(heading, text))
}
