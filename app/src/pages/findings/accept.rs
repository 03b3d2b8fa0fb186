//! Accepting a finding until a date, with a reason, for one token or for the whole workspace; and withdrawing an
//! acceptance.

use console::Actor;
use console::findings::AcceptedFinding;
use domain::{
    AcceptanceInputError, DAY, MAX_ACCEPTANCE_DAYS, Rule, Token, TokenId, can_contain_token_value, parse_acceptance,
};
use leptos::prelude::*;

use crate::components::{success_notice, token_cells};
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::tokens::Origin;
use crate::problem::{Failure, Problem};

/// The URL parameter with a finding: the one whose form shows its input again, or the one that was accepted.
const FINDING_PARAM: &str = "accept";

/// The field value for the whole workspace, instead of a token ID. No token ID is that short.
const WHOLE_WORKSPACE: &str = "all";

/// The longest token ID, in bytes. A hash has 64.
const MAX_ID_BYTES: usize = 200;

/// The longest date as typed, in characters.
const MAX_DATE_CHARS: usize = 20;

/// How many days ahead the form proposes as the end.
const PROPOSED_DAYS: u32 = 90;

/// The form below a finding, folded away at first. `token` is the token and where its page is shown; without it, the
/// form accepts the finding for the whole workspace. Returns `None` for people who cannot make changes.
pub(crate) fn accept_form(
    request: &Request,
    actor: &Actor,
    rule: Rule,
    token: Option<(&Token, &Origin)>,
) -> Option<AnyView> {
    if !actor.can_change() || !Rule::ALL.contains(&rule) {
        return None;
    }
    let today = actor.workspace().today();
    let is_typed = request.query(FINDING_PARAM).as_deref() == Some(rule.slug()) && request.query("until").is_some();
    let typed = |name| request.query(name).filter(|_| is_typed);
    let reason = typed("reason").unwrap_or_default();
    let proposed = today.start().plus(DAY * PROPOSED_DAYS).day().to_iso();
    let until = typed("until").unwrap_or(proposed);
    let errors = match is_typed {
        true => parse_acceptance(&reason, &until, today).err().unwrap_or_default(),
        false => Vec::new(),
    };
    let (reason_errors, date_errors): (Vec<_>, Vec<_>) = errors.into_iter().partition(is_about_reason);
    let id = |part: &str| format!("accept-{}-{part}", rule.slug());
    let last_day = today.start().plus(DAY * MAX_ACCEPTANCE_DAYS).day().to_iso();
    let scope = match token {
        Some((token, _)) => format!(
            " \u{201c}{}\u{201d} for {}",
            rule.title(),
            token_cells::accessible_name(token)
        ),
        None => format!(" \u{201c}{}\u{201d} for the whole workspace", rule.title()),
    };
    let fields = match token {
        Some((token, origin)) => view! {
            {target_field(Some(&token.id))}
            {origin.fields()}
        }
        .into_any(),
        None => target_field(None),
    };
    let workspace = actor.workspace().name().to_owned();
    let (reason_error, date_error) = (id("reason-error"), id("until-error"));
    Some(
        view! {
            <details class="accept" open=is_typed>
                <summary>
                    "Accept…" <span class="visually-hidden">{scope.clone()}</span>
                </summary>
                <form
                    method="post"
                    action="/api/findings/accept"
                    class="accept-form"
                    data-in-place=token.is_some()
                >
                    <input type="hidden" name="workspace" value=workspace />
                    <input type="hidden" name="finding" value=rule.slug() />
                    {fields}
                    <div class="field grow">
                        <label for=id("reason")>"Reason"</label>
                        {field_error(&reason_error, &reason_errors)}
                        <input
                            class="input"
                            id=id("reason")
                            name="reason"
                            value=reason
                            required
                            autocomplete="off"
                            aria-invalid=(!reason_errors.is_empty()).then_some("true")
                            aria-describedby=(!reason_errors.is_empty()).then_some(reason_error)
                        />
                    </div>
                    <div class="field">
                        <label for=id("until")>"Until"</label>
                        {field_error(&date_error, &date_errors)}
                        <input
                            class="input"
                            id=id("until")
                            type="date"
                            name="until"
                            value=until
                            required
                            min=today.to_iso()
                            max=last_day
                            aria-invalid=(!date_errors.is_empty()).then_some("true")
                            aria-describedby=(!date_errors.is_empty()).then_some(date_error)
                        />
                    </div>
                    <button class="btn">"Accept" <span class="visually-hidden">{scope}</span></button>
                </form>
            </details>
        }
        .into_any(),
    )
}

fn is_about_reason(error: &AcceptanceInputError) -> bool {
    use AcceptanceInputError::{NoReason, ReasonTooLong, TokenValue};
    matches!(error, NoReason | ReasonTooLong | TokenValue)
}

fn field_error(id: &str, errors: &[AcceptanceInputError]) -> Option<AnyView> {
    let text = errors.first()?.to_string();
    let id = id.to_owned();
    Some(view! { <p class="field-error" id=id role="alert">{text}</p> }.into_any())
}

/// A row for an accepted finding, with its token if it was accepted for one.
pub(super) fn accepted_row(actor: &Actor, accepted: &AcceptedFinding, token: Option<&Token>) -> AnyView {
    let workspace = actor.workspace().name();
    let name = accepted.token.as_ref().map(|id| {
        let text = match token.map(|token| token.comment.trim()) {
            None | Some("") => format!("token {}", id.short()),
            Some(comment) => comment.to_owned(),
        };
        view! {
            <a href=paths::token(workspace, id)>
                <bdi>{text}</bdi>
            </a>
            " · "
        }
    });
    let all = accepted.token.is_none().then_some(" · whole workspace");
    view! {
        <li>
            <span>
                {name} {accepted.rule.title()} {all} " · \u{201c}" <bdi>{accepted.reason.clone()}</bdi> "\u{201d}"
            </span>
            {who_and_withdraw(actor, accepted, None)}
        </li>
    }
    .into_any()
}

/// An accepted finding on its token's page. `origin` is where that page is shown.
pub(crate) fn accepted_item(actor: &Actor, accepted: &AcceptedFinding, origin: &Origin) -> AnyView {
    let all = accepted.token.is_none().then_some(" (whole workspace)");
    view! {
        <li>
            <span>{accepted.rule.title()} {all} " · \u{201c}" <bdi>{accepted.reason.clone()}</bdi> "\u{201d}"</span>
            {who_and_withdraw(actor, accepted, Some(origin))}
        </li>
    }
    .into_any()
}

/// The hidden field for a token or the whole workspace.
fn target_field(token: Option<&TokenId>) -> AnyView {
    let token = token.map_or(WHOLE_WORKSPACE.to_owned(), ToString::to_string);
    view! { <input type="hidden" name="token" value=token /> }.into_any()
}

/// Who accepted it and until when, and the button that withdraws the acceptance. `origin` is where the token's page is
/// shown.
fn who_and_withdraw(actor: &Actor, accepted: &AcceptedFinding, origin: Option<&Origin>) -> AnyView {
    let title = accepted.rule.title();
    let token = accepted.token.as_ref();
    let of = token.map(|id| format!(" for {}", id.short())).unwrap_or_default();
    let button = actor.can_change().then(|| {
        let workspace = actor.workspace().name().to_owned();
        view! {
            <form method="post" action="/api/findings/withdraw" data-in-place=origin.is_some() && token.is_some()>
                <input type="hidden" name="workspace" value=workspace />
                <input type="hidden" name="finding" value=accepted.rule.slug() />
                {target_field(token)}
                {origin.map(Origin::fields)}
                <button class="link">
                    "Withdraw"
                    <span class="visually-hidden">{format!(" acceptance of \u{201c}{title}\u{201d}{of}")}</span>
                </button>
            </form>
        }
    });
    view! {
        <small>
            <bdi>{accepted.accepted_by.clone()}</bdi>
            {format!(", until {}", accepted.until)}
            {button}
        </small>
    }
    .into_any()
}

/// The success message, shown only if `accepted` confirms it: anyone can make up a URL.
pub(crate) fn acceptance_message(request: &Request, accepted: &[AcceptedFinding]) -> Option<AnyView> {
    let done = request.query("done")?;
    let rule = Rule::from_slug(&request.query(FINDING_PARAM)?)?;
    let token = request.query("token").map(TokenId::new);
    let found = accepted.iter().find(|one| one.rule == rule && one.token == token);
    let for_all = accepted.iter().find(|one| one.rule == rule && one.token.is_none());
    let title = format!("\u{201c}{}\u{201d}", rule.title());
    let of = match &token {
        Some(id) => format!("token {}", id.short()),
        None => "the whole workspace".to_owned(),
    };
    match (done.as_str(), found) {
        ("accepted", Some(found)) => {
            let text = format!(
                "It is not counted until the end of {}. Then it counts again.",
                found.until
            );
            Some(success_notice(format!("{title} is accepted for {of}."), text))
        }
        ("withdrawn", None) if token.is_some() && for_all.is_some() => {
            let until = for_all.map(|one| one.until.to_string()).unwrap_or_default();
            let text = format!("For the whole workspace, it is still accepted until the end of {until}.");
            Some(success_notice(
                format!("{title} is no longer accepted for {of} alone."),
                text,
            ))
        }
        ("withdrawn", None) => Some(success_notice(
            format!("{title} is no longer accepted for {of}."),
            "It counts again.".to_owned(),
        )),
        _ => None,
    }
}

/// The page that a form about a finding leads back to.
fn page_of(workspace: &str, token: Option<&TokenId>, from: Option<&str>, drawer: Option<&str>) -> String {
    match token {
        Some(id) => Origin::from_fields(from, drawer).return_to(&paths::token(workspace, id)),
        None => paths::findings(workspace),
    }
}

/// `page` with the result for [`acceptance_message`].
fn with_result(page: &str, done: &str, rule: Rule, token: Option<&TokenId>) -> String {
    let page = paths::with_param(&paths::with_param(page, "done", done), FINDING_PARAM, rule.slug());
    match token {
        Some(id) => paths::with_param(&page, "token", id.as_str()),
        None => page,
    }
}

/// The rule and the token in a form. The whole workspace has to be named explicitly, so that an empty field accepts
/// nothing. `None` for an unknown rule, or a text that cannot be an ID.
fn target(finding: &str, token: &str) -> Option<(Rule, Option<TokenId>)> {
    let rule = Rule::from_slug(finding)?;
    match rule {
        _ if token == WHOLE_WORKSPACE => Some((rule, None)),
        Rule::Token(_) => {
            let is_id = !token.trim().is_empty() && token.len() <= MAX_ID_BYTES && !can_contain_token_value(token);
            is_id.then(|| (rule, Some(TokenId::new(token))))
        }
        Rule::Workspace(_) => None,
    }
}

/// Accepts a finding for a token, or for the whole workspace. `from` and `drawer` say where the token's page is shown.
#[server(prefix = "/api", endpoint = "findings/accept")]
pub(crate) async fn accept_finding(
    workspace: String,
    finding: String,
    token: String,
    reason: String,
    until: String,
    from: Option<String>,
    drawer: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let Some((rule, token)) = target(&finding, &token) else {
        return Err(request.fail_form_at(Problem::BadRequest, &paths::findings(&workspace)));
    };
    let page = page_of(&workspace, token.as_ref(), from.as_deref(), drawer.as_deref());
    let typed: String = reason.chars().filter(|c| !c.is_control()).collect();
    let page_with_input = || {
        let shown = |text: &str| {
            if can_contain_token_value(text) {
                String::new()
            } else {
                text.to_owned()
            }
        };
        let until: String = until.chars().take(MAX_DATE_CHARS).collect();
        let page = paths::with_param(&page, FINDING_PARAM, rule.slug());
        let page = paths::with_param(&page, "reason", &shown(&typed));
        paths::with_param(&page, "until", &shown(&until))
    };
    if can_contain_token_value(&typed) {
        return Err(request.fail_form_at(Problem::TokenValueInText, &page_with_input()));
    }
    let result = async {
        let actor = request.actor_for_change(&workspace).await?;
        let console = &request.console;
        console
            .accept_finding(&actor, rule, token.clone(), &reason, &until)
            .await
    };
    match result.await {
        Ok(_) => request.redirect(&with_result(&page, "accepted", rule, token.as_ref())),
        // The form shows the errors of each field.
        Err(console::Error::InvalidAcceptance(_)) if request.wants_html() => request.redirect(&page_with_input()),
        Err(error) => return Err(request.fail_form_at(request.change_failure(&error), &page_with_input())),
    }
    Ok(())
}

/// Withdraws an acceptance.
#[server(prefix = "/api", endpoint = "findings/withdraw")]
pub(crate) async fn withdraw_acceptance(
    workspace: String,
    finding: String,
    token: String,
    from: Option<String>,
    drawer: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let Some((rule, token)) = target(&finding, &token) else {
        return Err(request.fail_form_at(Problem::BadRequest, &paths::findings(&workspace)));
    };
    let page = page_of(&workspace, token.as_ref(), from.as_deref(), drawer.as_deref());
    let result = async {
        let actor = request.actor_for_change(&workspace).await?;
        request.console.withdraw_acceptance(&actor, rule, token.clone()).await
    };
    result
        .await
        .map_err(|error| request.fail_form_at(request.change_failure(&error), &page))?;
    request.redirect(&with_result(&page, "withdrawn", rule, token.as_ref()));
    Ok(())
}
