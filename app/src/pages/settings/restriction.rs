//! The account setting “Restrict Workspace Admins”: it is shown and explained here; account admins change it elsewhere.

use domain::AdminRestriction;
use leptos::prelude::*;

const RESTRICTED: &str = "Workspace admins can create tokens only for service principals on which they have the role \
                          Service Principal User.";

const UNKNOWN_RESTRICTION: &str = "It is unknown whether workspace admins can create tokens for any service principal: \
                                   Databricks can refuse to create one.";

/// What the setting is, and who can change it.
pub(super) fn setting(restriction: Option<AdminRestriction>) -> AnyView {
    let (state, text) = match restriction {
        Some(AdminRestriction::RestrictTokens) => ("On", RESTRICTED),
        Some(AdminRestriction::AllowAll) => ("Off", "Workspace admins can create tokens for any service principal."),
        None => ("Unknown", UNKNOWN_RESTRICTION),
    };
    view! {
        <section class="setting" aria-labelledby="restriction-heading">
            <div>
                <h2 id="restriction-heading">"Restrict Workspace Admins"</h2>
                <p>{text} " Only account admins can change this setting."</p>
            </div>
            <b class="setting-state">{state}</b>
        </section>
    }
    .into_any()
}

/// What the setting means before a token is created for a service principal. `None` if nothing is restricted.
pub(crate) fn restriction_notice(restriction: Option<AdminRestriction>) -> Option<AnyView> {
    let text = match restriction {
        Some(AdminRestriction::AllowAll) => return None,
        Some(AdminRestriction::RestrictTokens) => RESTRICTED,
        None => UNKNOWN_RESTRICTION,
    };
    let notice = view! {
        <div class="notice">
            <p>
                <b>"Restrict Workspace Admins"</b>
                {if restriction.is_some() { " is on. " } else { " could not be read. " }}
                {text}
            </p>
        </div>
    };
    Some(notice.into_any())
}
