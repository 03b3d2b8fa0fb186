//! The maximum lifetime of new tokens. The value as typed stays in the URL until it is saved, so that a rejected value
//! can be corrected.

use crate::snippets::ChangeSnippets;
use console::activity::{ActivityKind, RequestedValue};
use console::{Actor, Snapshot};
use domain::{FindingKind, MaxLifetime, Policy, Timestamp, TokenQuery};
use leptos::prelude::*;

use crate::components::{change_snippets, error_notice, sentence, success_notice, time_text, tokens_of};
use crate::http::paths;
use crate::http::request::Request;
use crate::problem::{Failure, Interrupted, Problem};

/// The presets: days and label. 0 removes the limit.
const PRESETS: [(u32, &str); 5] = [
    (30, "30 days"),
    (90, "90 days"),
    (180, "180 days"),
    (365, "1 year"),
    (0, "No custom limit"),
];

/// The parameter of the URL that holds the value as typed.
const LIFETIME_PARAM: &str = "lifetime";

/// The field, with the number of existing tokens that last longer than the lifetime in it.
pub(super) fn setting(request: &Request, actor: &Actor, policy: Policy, snapshot: Option<&Snapshot>) -> AnyView {
    let workspace = actor.workspace();
    let typed = request.query(LIFETIME_PARAM);
    let invalid = typed.as_ref().and_then(|typed| MaxLifetime::from_input(typed).err());
    let value = typed.unwrap_or_else(|| policy.max_lifetime.input());
    let shown = MaxLifetime::from_input(&value).unwrap_or(policy.max_lifetime);
    let presets = PRESETS.map(|(days, label)| {
        let href = paths::with_param(&paths::settings(workspace.name()), LIFETIME_PARAM, &days.to_string());
        view! {
            <a class="chip" href=href>
                {label}
            </a>
        }
    });
    let hint = invalid.map(|error| {
        view! {
            <p class="hint danger-text" id="lifetime-reason" role="alert">
                {error.to_string()}
            </p>
        }
    });
    let form = actor.can_change().then(|| {
        view! {
            <form method="post" action="/api/settings/lifetime" class="lifetime">
                <input type="hidden" name="workspace" value=workspace.name().to_owned() />
                <div class="field">
                    <label for="lifetime">"Maximum lifetime of new tokens (days)"</label>
                    <div class="row">
                        <input
                            class="input num"
                            id="lifetime"
                            name="days"
                            value=value
                            inputmode="numeric"
                            autocomplete="off"
                            maxlength="20"
                            aria-describedby="lifetime-rule lifetime-reason"
                            aria-invalid=invalid.map(|_| "true")
                        />
                        <button class="btn primary">"Save"</button>
                    </div>
                </div>
                {hint}
                <p class="muted" id="lifetime-rule">
                    "1 to 730 days, or 0 for no custom limit."
                </p>
            </form>
            <p class="row presets">
                <span class="muted">"Presets: "</span>
                {presets.into_iter().collect_view()}
            </p>
            {change_snippets("lifetime", ChangeSnippets::set_max_lifetime(&workspace.into(), shown))}
        }
    });
    view! {
        <section class="setting" aria-labelledby="lifetime-heading">
            <div>
                <h2 id="lifetime-heading">"Maximum lifetime of new tokens"</h2>
                <p>
                    "Currently: "
                    <b>{policy.max_lifetime.to_string()}</b>
                    ". Applies to new tokens only. "
                    {exceeding_text(workspace.name(), policy, shown, snapshot)}
                </p>
                {form}
            </div>
        </section>
    }
    .into_any()
}

/// How many existing tokens last longer than `shown`, the lifetime in the field.
fn exceeding_text(workspace: &str, policy: Policy, shown: MaxLifetime, snapshot: Option<&Snapshot>) -> AnyView {
    let Some(snapshot) = snapshot else {
        return "The number of longer-lived tokens is not available: the token list is not loaded.".into_any();
    };
    let inventory = &snapshot.inventory;
    let (exceeding, finding) = match shown.custom_days() {
        Some(_) => (inventory.exceeding(shown), FindingKind::OverPolicy),
        None => (inventory.counts().never_expire, FindingKind::NeverExpires),
    };
    let tokens = sentence(&tokens_of(exceeding, "existing token"));
    let text = match (shown.custom_days(), exceeding.seen()) {
        (Some(_), 1) => format!("{tokens} lasts longer than {shown}."),
        (Some(_), _) => format!("{tokens} last longer than {shown}."),
        (None, 1) => format!("{tokens} never expires."),
        (None, _) => format!("{tokens} never expire."),
    };
    // The token list only knows findings for the limit in force, not for one that is not saved yet.
    let is_listed = inventory.unread().finding(finding).missing().is_none();
    let has_list = is_listed && shown == policy.max_lifetime && exceeding.seen() > 0;
    let query = TokenQuery {
        findings: vec![finding],
        ..TokenQuery::default()
    };
    let link = has_list.then(|| view! { " " <a href=paths::tokens_with(workspace, &query)>"Show"</a> });
    view! {
        {text}
        {link}
    }
    .into_any()
}

/// The success message after saving. It reports the limit as just read, and only if the limit was changed recently.
pub(super) async fn result_message(
    request: &Request,
    actor: &Actor,
    policy: Policy,
    as_of: Timestamp,
) -> Option<AnyView> {
    let limit = policy.max_lifetime;
    if request.query("done")? != "lifetime" {
        return None;
    }
    let requested = RequestedValue::MaxLifetime(limit);
    let was_saved = request.console.did_recently(actor, |operation| {
        operation.kind == ActivityKind::SetMaxLifetime && operation.requested == requested
    });
    let at = time_text(as_of);
    let text = match limit {
        MaxLifetime::NoCustomLimit => format!("New tokens have no custom limit. Confirmed at {at}."),
        MaxLifetime::Days(_) => format!("New tokens last at most {limit}. Confirmed at {at}."),
    };
    was_saved.await.then(|| success_notice("Saved.", text))
}

/// Why the change that redirected here failed. The field still has the lifetime as typed if that is in the URL.
pub(super) fn failure(request: &Request, actor: &Actor) -> Option<AnyView> {
    let interrupted = Interrupted::by_form(request.query(LIFETIME_PARAM).is_some());
    let failure = request.failure_in_url()?;
    Some(error_notice(&failure, Some(actor.workspace().name()), interrupted))
}

/// Sets the maximum lifetime of new tokens.
#[server(prefix = "/api", endpoint = "settings/lifetime")]
pub(crate) async fn set_lifetime(workspace: String, days: String) -> Result<(), Failure> {
    let request = Request::current();
    let page = paths::settings(&workspace);
    let days: String = days.chars().take(20).collect();
    let limit = match MaxLifetime::from_input(&days) {
        Ok(limit) => limit,
        // The page itself explains what is wrong with the value as typed.
        Err(_) if request.wants_html() => {
            request.redirect(&paths::with_param(&page, LIFETIME_PARAM, &days));
            return Ok(());
        }
        Err(error) => return Err(request.fail_form(Problem::BadLifetime(error))),
    };
    let result = async {
        let actor = request.actor_for_change(&workspace).await?;
        request.console.set_max_lifetime(&actor, limit).await
    };
    match result.await {
        Ok(()) => request.redirect(&paths::with_param(&page, "done", "lifetime")),
        Err(error) => {
            let failure = request.change_failure(&error).map(|problem| match problem {
                Problem::Rejected if error.is_rejected() => Problem::LifetimeRejected,
                other => other,
            });
            return Err(request.fail_form_at(failure, &paths::with_param(&page, LIFETIME_PARAM, &days)));
        }
    }
    Ok(())
}
