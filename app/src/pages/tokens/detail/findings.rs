//! A token's findings: what each means for this token, and what to do about it. The text and the action of a new kind
//! of finding belong into [`explain`].

use console::Actor;
use console::inventory::TokenDetail;
use domain::{
    ALL_APIS, Expiry, Finding, FindingKind, IDLE_REVOCATION_DAYS, Owner, PrincipalKind, Rule, ScopeReduction, Token,
    TokenQuery,
};
use leptos::prelude::*;

use crate::components::{count_of, token_cells};
use crate::http::paths;
use crate::http::request::Request;
use crate::http::time_zone::PageTimeZone;

use super::origin::Origin;
use super::scopes::SCOPES_ID;
use crate::pages::findings::{accept_form, accepted_item};

/// A finding with its reason and at most one action.
struct Reason {
    class: &'static str,
    title: String,
    text: String,
    action: Option<AnyView>,
}

/// All findings of the token: the most severe first, accepted ones last. `None` without any.
pub(super) fn findings_list(
    request: &Request,
    actor: &Actor,
    detail: &TokenDetail,
    origin: &Origin,
) -> Option<AnyView> {
    let zone = PageTimeZone::current();
    let findings = token_cells::found(detail.findings(), &detail.token, detail.as_of, &zone);
    let (accepted, open): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| detail.acceptance(*finding).is_some());
    let has_few_scopes = |finding: &Finding| matches!(finding, Finding::FewScopesUsed(_));
    let more_scopes = match open.iter().chain(&accepted).any(has_few_scopes) {
        true => None,
        false => unused_scopes(actor, &detail.token),
    };
    let items: Vec<_> = open
        .into_iter()
        .map(|finding| {
            let accept = accept_form(
                request,
                actor,
                Rule::Token(finding.kind()),
                Some((&detail.token, origin)),
            );
            item(explain(actor, detail, finding, &zone), accept)
        })
        .chain(more_scopes.map(|reason| item(reason, None)))
        .collect();
    let accepted: Vec<_> = accepted
        .into_iter()
        .filter_map(|finding| detail.acceptance(finding))
        .map(|accepted| accepted_item(actor, accepted, origin))
        .collect();
    if items.is_empty() && accepted.is_empty() {
        return None;
    }
    let open = (!items.is_empty()).then(|| {
        view! {
            <ul class="card reasons" aria-label="Findings">
                {items.collect_view()}
            </ul>
        }
    });
    let accepted = (!accepted.is_empty()).then(|| {
        view! {
            <section class="card pad" aria-labelledby="accepted-findings">
                <h3 id="accepted-findings">"Accepted"</h3>
                <ul class="accepted-findings">{accepted.collect_view()}</ul>
            </section>
        }
    });
    let list = view! {
        <h2 class="visually-hidden">"Findings"</h2>
        {open}
        {accepted}
    };
    Some(list.into_any())
}

fn item(reason: Reason, accept: Option<AnyView>) -> AnyView {
    view! {
        <li class=reason.class>
            <div>
                <h3>{reason.title}</h3>
                <p>{reason.text}</p>
            </div>
            {reason.action}
            {accept}
        </li>
    }
    .into_any()
}

fn explain(actor: &Actor, detail: &TokenDetail, finding: Finding, zone: &PageTimeZone) -> Reason {
    let workspace = actor.workspace().name();
    let token = &detail.token;
    let owner = owner_name(detail);
    let max = detail.limit().known().and_then(domain::MaxLifetime::custom_days);
    let policy = max.map(|days| format!("New tokens in {workspace} last at most {}.", count_of_days(days)));
    let text = match finding {
        Finding::OwnerDeactivated => {
            format!(
                "{owner} is deactivated and cannot sign in to {workspace}. Someone else has to look after this token."
            )
        }
        Finding::OwnerGone => {
            format!("{workspace} has neither a user nor a service principal with the ID {owner}.")
        }
        Finding::OwnerUnknown => {
            format!("{workspace} does not list the owner's ID {owner}. Whether the owner still exists is unknown.")
        }
        Finding::NoOwner => format!("{workspace} does not report who owns this token."),
        Finding::OwnerDeactivatedInUse => {
            format!(
                "{owner} is deactivated, yet it was used in the last 7 days. Whether Databricks refuses it now is not \
                 documented. Find what uses it before you revoke it."
            )
        }
        Finding::ExpiresSoon(_) | Finding::ExpiresSoonInUse(_) => match token.expiry {
            Expiry::At(end) => format!(
                "It stops working on {}. A lifetime cannot be extended: what uses this token needs a new one before.",
                zone.day_and_time(end)
            ),
            Expiry::Never | Expiry::Unknown => String::new(),
        },
        Finding::NeverExpires => match policy {
            Some(policy) => format!("{policy} This token never expires."),
            None => "It never expires.".to_owned(),
        },
        Finding::OverPolicy => match (policy, lifetime_days(token)) {
            (Some(policy), Some(days)) => format!("{policy} This one lasts {}.", count_of_days(days)),
            (Some(policy), None) => format!("{policy} This token never expires."),
            (None, _) => String::new(),
        },
        Finding::OwnerLacksPermission => {
            format!("{owner} has no permission to use tokens in {workspace}, so this token does not work.")
        }
        Finding::Idle(days) => idle_text(days),
        Finding::NeverUsed => format!("{workspace} has not recorded any use of it."),
        Finding::FewScopesUsed(_) => few_scopes_text(token, workspace),
        Finding::CanCreateTokens => {
            "Its scope \u{201c}authentication\u{201d} lets anyone who has its value create tokens with any scope."
                .to_owned()
        }
        Finding::WillBeNarrowed => {
            "Databricks observes which scopes it uses, and takes the others away after about 30 days. Something that \
             runs rarely can lose a scope that it needs."
                .to_owned()
        }
        Finding::CreatedByOther => "Someone else created it for its owner and might know its value.".to_owned(),
        Finding::NoComment => "It has no comment, so no one can tell what stops working when it is revoked.".to_owned(),
        Finding::Expired => "It no longer works. How long the workspace keeps listing it is not documented.".to_owned(),
    };
    Reason {
        class: match finding {
            finding if finding.is_danger() => "danger",
            finding if finding.is_warning() => "warn",
            _ => "",
        },
        title: finding.to_string(),
        text,
        action: action(actor, detail, finding),
    }
}

/// The action for a finding. Revoking is at the top of the page already.
fn action(actor: &Actor, detail: &TokenDetail, finding: Finding) -> Option<AnyView> {
    let workspace = actor.workspace().name();
    let all_with = |kind: FindingKind| {
        let query = TokenQuery {
            findings: vec![kind],
            ..TokenQuery::default()
        };
        paths::tokens_with(workspace, &query)
    };
    let (label, url) = match finding {
        Finding::OwnerDeactivated | Finding::OwnerDeactivatedInUse | Finding::OwnerGone | Finding::OwnerUnknown => (
            "Show all of this owner",
            paths::principal(workspace, detail.token.owner?),
        ),
        Finding::NoOwner => ("Show all without owner", all_with(FindingKind::NoOwner)),
        Finding::Idle(_) => ("Show all unused", all_with(FindingKind::Idle)),
        Finding::NeverUsed => ("Show all never used", all_with(FindingKind::NeverUsed)),
        Finding::OwnerLacksPermission => ("Review permissions", paths::permissions(workspace)),
        Finding::ExpiresSoon(_) | Finding::ExpiresSoonInUse(_) | Finding::NeverExpires | Finding::OverPolicy => {
            replacement(actor, detail)?
        }
        Finding::FewScopesUsed(_) => return Some(scopes_link()),
        Finding::CanCreateTokens => ("Show all that can create tokens", all_with(finding.kind())),
        Finding::WillBeNarrowed | Finding::CreatedByOther | Finding::NoComment | Finding::Expired => return None,
    };
    Some(
        view! {
            <a class="btn" href=url>
                {label}
            </a>
        }
        .into_any(),
    )
}

/// The link to the scopes section, which shows the uses and the button that narrows the scopes.
fn scopes_link() -> AnyView {
    view! {
        <a class="btn" href=format!("#{SCOPES_ID}")>
            "See what it would lose"
        </a>
    }
    .into_any()
}

/// How to create a replacement: an admin creates it for a service principal; people create their own.
fn replacement(actor: &Actor, detail: &TokenDetail) -> Option<(&'static str, String)> {
    let workspace = actor.workspace().name();
    match detail.directory.owner(detail.token.owner) {
        Owner::Known(owner) if owner.kind == PrincipalKind::ServicePrincipal && owner.active => {
            let url = paths::with_param(&paths::new_token(workspace), "sp", &owner.name);
            actor.can_change().then_some(("Create replacement", url))
        }
        Owner::Known(owner) => Some(("Show owner", paths::principal(workspace, owner.id))),
        Owner::Gone(_) | Owner::Unknown(_) | Owner::NotLoaded(_) | Owner::NotReported => None,
    }
}

/// What a token with full access actually uses, if known.
fn few_scopes_text(token: &Token, workspace: &str) -> String {
    let used = ScopeReduction::of(token)
        .map(|reduction| reduction.keeps)
        .unwrap_or_default();
    format!(
        "It can call every API; as far as {workspace} knows, only {} used.",
        sentence_list(&used)
    )
}

/// The suggestion to reduce the scopes, which is not a finding in the list.
fn unused_scopes(actor: &Actor, token: &Token) -> Option<Reason> {
    let ScopeReduction { keeps, loses } = ScopeReduction::of(token)?;
    let granted = match loses.as_slice() {
        [all] if all == ALL_APIS => "all-apis is granted".to_owned(),
        loses => format!("{} granted and not used", sentence_list(loses)),
    };
    Some(Reason {
        class: "warn",
        title: "More scopes than used".to_owned(),
        text: format!(
            "{granted}; as far as {} knows, only {} used.",
            actor.workspace().name(),
            sentence_list(&keeps)
        ),
        action: Some(scopes_link()),
    })
}

/// `sql is`, `sql and files are`.
fn sentence_list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("{one} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
    }
}

fn owner_name(detail: &TokenDetail) -> String {
    match detail.directory.owner(detail.token.owner) {
        Owner::Known(principal) => token_cells::display_name(principal).to_owned(),
        Owner::Gone(id) | Owner::Unknown(id) | Owner::NotLoaded(id) => id.to_string(),
        Owner::NotReported => "the owner".to_owned(),
    }
}

fn lifetime_days(token: &Token) -> Option<u32> {
    match (token.created, token.expiry) {
        (Some(created), Expiry::At(end)) => {
            let days = end.duration_since(created).as_secs().div_ceil(domain::DAY.as_secs());
            u32::try_from(days).ok()
        }
        _ => None,
    }
}

fn count_of_days(days: u32) -> String {
    count_of(days as usize, "day")
}

/// How long the token has been unused, and when Databricks will revoke it for that.
fn idle_text(days: i64) -> String {
    let limit = IDLE_REVOCATION_DAYS;
    let deadline = match usize::try_from(limit - days) {
        Ok(days_left @ 1..) => format!("in about {}", count_of(days_left, "day")),
        _ => "so this can happen at any time".to_owned(),
    };
    format!("Unused for {days} days. Databricks revokes unused tokens after {limit} days, {deadline}.")
}
