//! Operations as rows, and the field for the reason of a change.

use console::activity::{ActivityKind, Detail, Operation, Outcome, RequestedValue, before_label, target_label};
use domain::TokenId;
use leptos::prelude::*;

use crate::components::date_time;
use crate::http::paths;
use crate::http::request::Request;
use crate::http::time_zone::PageTimeZone;

const REASON_FIELD: &str = "reason";

/// The `url` of a confirmation page, with the reason that was typed there.
pub(crate) fn with_reason(url: &str, reason: &str) -> String {
    match reason {
        "" => url.to_owned(),
        reason => paths::with_param(url, REASON_FIELD, reason),
    }
}

/// The field for the reason of a change that may break something; it is recorded with the change. It is folded away
/// because it is optional, and keeps what was typed if the change is refused.
pub(crate) fn reason_field(request: &Request) -> AnyView {
    let typed = request.query(REASON_FIELD);
    let open = typed.is_some();
    view! {
        <details class="stacked" open=open>
            <summary>"Add a reason"</summary>
            <div class="field">
                <label for="reason">"Reason (optional, recorded in Activity)"</label>
                <input class="input" id="reason" name=REASON_FIELD value=typed autocomplete="off" maxlength="500" />
            </div>
        </details>
    }
    .into_any()
}

pub(super) fn table(workspace: &str, caption: String, operations: &[Operation]) -> AnyView {
    view! {
        <div class="tablewrap">
            <table class="activity">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Action"</th>
                        <th scope="col">"Time"</th>
                        <th scope="col">"User"</th>
                        <th scope="col">"Before"</th>
                        <th scope="col">"Change"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Outcome"</th>
                    </tr>
                </thead>
                <tbody>{operations.iter().map(|operation| row(workspace, operation)).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(workspace: &str, operation: &Operation) -> AnyView {
    let label = operation.kind.label().to_owned();
    let chip = match operation.outcome {
        Outcome::Done => "chip",
        Outcome::Open | Outcome::Unknown => "chip warn",
        Outcome::Failed | Outcome::Refused => "chip danger",
    };
    view! {
        <tr>
            <th scope="row">{label} <small>{target_cell(workspace, operation)}</small></th>
            <td data-label="Time" class="num">{date_time(operation.at)}</td>
            <td data-label="User">
                <bdi>{operation.actor.clone()}</bdi> <small class="muted">{client_label(operation)}</small>
            </td>
            <td data-label="Before">{text_or_dash(&before_label(&operation.kind, &operation.before))}</td>
            <td data-label="Change">{change_cell(workspace, operation)}</td>
            <td data-label="Reason">{text_or_dash(&operation.reason)}</td>
            <td data-label="Outcome">
                <span class=chip>{operation.outcome.label()}</span>
                " "
                <small>{detail_text(&operation.detail)}</small>
                <small class="muted mono">{operation.request_id.clone()}</small>
            </td>
        </tr>
    }
    .into_any()
}

/// The label of a detail, with a moment in the time zone of the page.
pub(crate) fn detail_text(detail: &Detail) -> String {
    match detail {
        Detail::StillListed(at) => {
            let zone = PageTimeZone::current();
            format!("Still listed at {} on {}", zone.time_of_day(*at), zone.day(*at))
        }
        detail => detail.label().into_owned(),
    }
}

/// Where the request for a change came from. Earlier versions did not record it.
fn client_label(operation: &Operation) -> String {
    match operation.client_address.as_deref() {
        None => "address not recorded".to_owned(),
        Some("") => "from an unknown address".to_owned(),
        Some(address) => format!("from {address}"),
    }
}

/// The requested change. A token that was revoked as part of a bulk revocation links to that.
fn change_cell(workspace: &str, operation: &Operation) -> AnyView {
    let text = operation.requested.label();
    match &operation.requested {
        RequestedValue::PartOfBulk(bulk) => {
            view! { <a href=paths::bulk_detail(workspace, bulk)>{text.into_owned()}</a> }.into_any()
        }
        _ => text_or_dash(&text),
    }
}

fn text_or_dash(text: &str) -> AnyView {
    if text.is_empty() {
        return view! { <span class="muted">"\u{2013}"</span> }.into_any();
    }
    view! { <bdi>{text.to_owned()}</bdi> }.into_any()
}

/// What was changed, with a link if it has a page.
fn target_cell(workspace: &str, operation: &Operation) -> AnyView {
    let text = target_label(&operation.kind, &operation.target).to_owned();
    match &operation.kind {
        ActivityKind::RevokeToken | ActivityKind::EditComment | ActivityKind::EditScopes => {
            let id = TokenId::new(operation.target.as_str());
            view! {
                <a class="mono" href=paths::token(workspace, &id)>
                    {id.short().to_owned()}
                </a>
            }
            .into_any()
        }
        ActivityKind::RevokeTokens | ActivityKind::ResumeBulk | ActivityKind::CancelBulk => {
            match operation.target.parse() {
                Ok(bulk) => view! {
                    <a href=paths::bulk_detail(workspace, &bulk)>
                        {text}
                    </a>
                }
                .into_any(),
                // A selection that was refused has no page.
                Err(_) => text.into_any(),
            }
        }
        ActivityKind::SwitchTokens
        | ActivityKind::SetMaxLifetime
        | ActivityKind::EditAccess
        | ActivityKind::CreateToken
        | ActivityKind::CreateFirstToken
        | ActivityKind::Other(_) => text.into_any(),
    }
}
