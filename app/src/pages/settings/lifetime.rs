//! The maximum lifetime of new tokens. The URL contains the value as typed until it is saved, so that a rejected value
//! can be corrected.

use console::activity::{ActivityKind, RequestedValue};
use console::{Actor, Snapshot};
use domain::{DAY, LifetimeRange, MaxLifetime, Policy, Timestamp};
use leptos::prelude::*;

use super::lifetime_picture::{lifetime_picture, tokens_of_lifetime, tokens_that_never_expire};
use crate::components::{change_snippets, date_of, error_notice, sentence, success_notice, time_text, tokens_of};
use crate::http::paths;
use crate::http::request::Request;
use crate::islands::lifetime_preview::{LIFETIME_FIELD_ID, LIFETIME_PREVIEW_ID};
use crate::problem::{Failure, Interrupted, Problem};
use crate::snippets::ChangeSnippets;

/// The presets: days and label. 0 removes the limit.
const PRESETS: [(u32, &str); 5] = [
    (30, "30 days"),
    (90, "90 days"),
    (180, "180 days"),
    (365, "1 year"),
    (0, "No custom limit"),
];

/// The URL parameter with the value as typed.
const LIFETIME_PARAM: &str = "lifetime";

/// The value as typed: from a link, a rejected change, or the button that shows the tokens above it.
fn typed(request: &Request) -> Option<String> {
    request.query(LIFETIME_PARAM).or_else(|| request.query("days"))
}

/// The URL of the tokens above the typed limit, if that button was used without scripts and the limit is valid.
pub(super) fn requested_tokens(request: &Request, workspace: &str) -> Option<String> {
    request.query("show").filter(|show| show == "tokens")?;
    MaxLifetime::from_input(&typed(request)?)
        .ok()
        .map(|limit| tokens_over(workspace, limit))
}

/// The active tokens with a lifetime above the limit; without a limit, those that never expire.
fn tokens_over(workspace: &str, limit: MaxLifetime) -> String {
    match limit {
        MaxLifetime::NoCustomLimit => tokens_that_never_expire(workspace),
        MaxLifetime::Days(_) => tokens_of_lifetime(workspace, LifetimeRange::above(limit)),
    }
}

/// Whether the limit in the page's URL has to be corrected.
pub(super) fn is_invalid(request: &Request) -> bool {
    typed(request).is_some_and(|typed| MaxLifetime::from_input(&typed).is_err())
}

/// The field, and what its limit means for new and for existing tokens.
pub(super) fn setting(
    request: &Request,
    actor: &Actor,
    policy: Policy,
    snapshot: Option<&Snapshot>,
    as_of: Timestamp,
) -> AnyView {
    let workspace = actor.workspace();
    let typed = typed(request);
    let invalid = typed.as_ref().and_then(|typed| MaxLifetime::from_input(typed).err());
    let value = typed.unwrap_or_else(|| policy.max_lifetime.input());
    let shown = MaxLifetime::from_input(&value).unwrap_or(policy.max_lifetime);
    let hint = invalid.map(|error| {
        view! {
            <p class="hint danger-text" id="lifetime-reason" role="alert">
                {error.to_string()}
            </p>
        }
    });
    let form = actor.can_change().then(|| {
        view! {
            {presets(workspace.name(), shown)}
            <form method="post" action="/api/settings/lifetime" class="lifetime">
                <input type="hidden" name="workspace" value=workspace.name().to_owned() />
                <input type="hidden" name="opened" value=policy.max_lifetime.to_wire() />
                <div class="row">
                    <input
                        class="input num"
                        id=LIFETIME_FIELD_ID
                        name="days"
                        value=value
                        inputmode="numeric"
                        autocomplete="off"
                        aria-describedby="lifetime-reason lifetime-rule"
                        aria-invalid=invalid.map(|_| "true")
                        autofocus=invalid.is_some()
                        data-page=paths::settings(workspace.name())
                    />
                    <span>"days"</span>
                    <button class="btn primary" data-submit-once>
                        "Save" <span class="visually-hidden">" maximum lifetime"</span>
                    </button>
                    <button
                        class="btn without-scripts"
                        formmethod="get"
                        formaction=paths::settings(workspace.name())
                        name="show"
                        value="tokens"
                    >
                        "Show tokens over this limit"
                    </button>
                    <small class="muted" id="lifetime-rule">
                        "1 to 730 days, or 0 for no custom limit."
                    </small>
                </div>
            </form>
        }
    });
    let snippets = actor.can_change().then(|| {
        view! {
            <details class="confirm-details">
                <summary>"Same change with CLI, REST or Terraform"</summary>
                {change_snippets("lifetime", ChangeSnippets::set_max_lifetime(&workspace.into(), shown))}
            </details>
        }
    });
    view! {
        <section class="setting whole" aria-labelledby="lifetime-heading">
            <div>
                <h2 id="lifetime-heading">
                    <label for=LIFETIME_FIELD_ID>
                        "Maximum lifetime of new tokens" <span class="visually-hidden">" (days)"</span>
                    </label>
                </h2>
                <p>
                    "Currently: " <b>{policy.max_lifetime.to_string()}</b>
                    {(!policy.is_limit_set).then_some(", the default: it was never set")}
                    ". Applies to new tokens only; existing ones keep their expiry."
                </p>
                {form}
                <div id=LIFETIME_PREVIEW_ID>
                    {hint}
                    <p>
                        "With " {shown.to_string()} ", new tokens end by "
                        <b>{date_of(as_of.plus(DAY * shown.longest_days()))}</b> " at the latest."
                    </p>
                    {existing(workspace.name(), shown, snapshot)}
                    {snippets}
                </div>
            </div>
        </section>
    }
    .into_any()
}

fn presets(workspace: &str, shown: MaxLifetime) -> AnyView {
    let links = PRESETS.map(|(days, label)| {
        let days = days.to_string();
        let is_shown = (days == shown.input()).then_some("true");
        let href = paths::with_param(&paths::settings(workspace), LIFETIME_PARAM, &days);
        view! {
            <a href=href aria-current=is_shown data-preset=days>
                {label}
            </a>
        }
    });
    view! {
        <nav class="presets" aria-label="Presets">
            {links.collect_view()}
        </nav>
    }
    .into_any()
}

/// The lifetimes of the existing tokens, and how many exceed `shown`, the lifetime in the field.
fn existing(workspace: &str, shown: MaxLifetime, snapshot: Option<&Snapshot>) -> AnyView {
    let Some(snapshot) = snapshot else {
        return view! {
            <p>"The number of longer-lived tokens is not available: the token list is not loaded."</p>
        }
        .into_any();
    };
    let inventory = &snapshot.inventory;
    let lifetimes = inventory.lifetimes(shown);
    let (over, verb) = match shown {
        MaxLifetime::Days(_) => (inventory.exceeding(shown), ["lasts longer", "last longer"]),
        MaxLifetime::NoCustomLimit => (lifetimes.never, ["never expires", "never expire"]),
    };
    let verb = verb[usize::from(over.seen() != 1)];
    let text = format!("{} {verb}", sentence(&tokens_of(over, "existing token")));
    let comparison = match shown {
        MaxLifetime::Days(_) => format!(" than {shown}"),
        MaxLifetime::NoCustomLimit => String::new(),
    };
    view! {
        <h3>
            "Lifetimes of active tokens: " <a href=tokens_over(workspace, shown)>{text}</a>
            {match over.seen() {
                0 => format!("{comparison}."),
                1 => format!("{comparison} and stays as it is."),
                _ => format!("{comparison} and stay as they are."),
            }}
        </h3>
        {lifetime_picture(workspace, &lifetimes, shown)}
    }
    .into_any()
}
/// The success message after saving. It reports the limit as just read, and only appears if the limit was changed
/// recently.
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

/// Why the change that redirected here failed. The field still contains the lifetime as typed if the URL does.
pub(super) fn failure(request: &Request, actor: &Actor) -> Option<AnyView> {
    let interrupted = Interrupted::by_form(request.query(LIFETIME_PARAM).is_some());
    let failure = request.failure_in_url()?;
    Some(error_notice(&failure, Some(actor.workspace().name()), interrupted))
}

/// Sets the maximum lifetime of new tokens. `opened` is the limit when the form was opened, in the workspace's
/// notation.
#[server(prefix = "/api", endpoint = "settings/lifetime")]
pub(crate) async fn set_lifetime(workspace: String, days: String, opened: Option<String>) -> Result<(), Failure> {
    let request = Request::current();
    let page = paths::settings(&workspace);
    let opened = opened.and_then(|opened| MaxLifetime::from_wire(Some(&opened)));
    let limit = match MaxLifetime::from_input(&days) {
        Ok(limit) => limit,
        // The page explains what is wrong with the value.
        Err(_) if request.wants_html() => {
            request.redirect(&paths::with_param(&page, LIFETIME_PARAM, &days));
            return Ok(());
        }
        Err(error) => return Err(request.fail_form(Problem::BadLifetime(error))),
    };
    let result = async {
        let actor = request.actor_for_change(&workspace).await?;
        request.console.set_max_lifetime(&actor, opened, limit).await
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
