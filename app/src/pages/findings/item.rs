//! One finding on the page of findings: the count, why it matters, the fix, and what to do.

use console::Actor;
use console::findings::{FindingsReport, RuleResult};
use domain::{
    FindingKind, FindingSubject, IDLE_REVOCATION_DAYS, Inventory, Known, Owner, Rule, Status, TokenQuery, UseWindow,
    WorkspaceFinding,
};
use leptos::prelude::*;

use super::accept::accept_form;
use super::tone;
use crate::components::{count_of, group_digits, not_available, number_of, sentence, token_cells, tokens_of};
use crate::http::paths;
use crate::http::request::Request;

/// How many names an item lists.
const MAX_NAMES: usize = 10;

/// The item of a finding that is open, or that could not be checked.
pub(super) fn finding_item(request: &Request, actor: &Actor, report: &FindingsReport, result: &RuleResult) -> AnyView {
    let workspace = actor.workspace().name();
    let (rule, inventory) = (result.rule, &report.snapshot.inventory);
    let count = match result.open {
        Known::Known(count) if !result.is_unknown() => sentence(&number_of(count)),
        _ => "Unknown".to_owned(),
    };
    let unknown = result.is_unknown().then(|| {
        let text = match result.open.missing() {
            Some(part) => format!("{}.", not_available(part)),
            None => "None was found, but some tokens or owners could not be read.".to_owned(),
        };
        view! { <p class="muted">{text}</p> }
    });
    let detail = detail(inventory, rule).map(|text| format!(" {text}"));
    let checks = rule
        .security_analysis_checks()
        .map(|checks| format!(" · Security Analysis Tool: {checks}"));
    let source = view! {
        <a href=rule.source() rel="noreferrer" target="_blank">
            "Databricks documentation" <span class="visually-hidden">" (opens in a new tab)"</span>
        </a>
        {checks}
    };
    view! {
        <li id=rule.slug()>
            <div>
                <h3>
                    <b class=format!("big {}", tone(rule.severity()))>{count}</b>
                    " "
                    {rule.title()}
                </h3>
                {unknown}
                <dl>
                    <dt>"Why"</dt>
                    <dd>{rule.reason()} {detail}</dd>
                    <dt>"Fix"</dt>
                    <dd>{rule.fix()}</dd>
                    <dt>"Source"</dt>
                    <dd>{source}</dd>
                </dl>
                {subjects(workspace, inventory, &result.subjects)}
            </div>
            {action(workspace, result)}
            {accept_form(request, actor, rule, None)}
        </li>
    }
    .into_any()
}

/// Details about the tokens with the finding, beyond their number.
fn detail(inventory: &Inventory, rule: Rule) -> Option<String> {
    let query = rule.query(true)?;
    match rule {
        Rule::Token(FindingKind::ExpiresSoonInUse) => {
            let today = TokenQuery {
                last_used: Some(UseWindow::Today),
                ..query
            };
            let today = inventory.matching(&today).known()?.len();
            let verb = if today == 1 { "was" } else { "were" };
            Some(format!("{} of them {verb} used today.", group_digits(today)))
        }
        Rule::Token(FindingKind::NeverExpires) => {
            let days = inventory.limit().known()?.custom_days()?;
            Some(format!(
                "The maximum lifetime of {} binds new tokens only.",
                count_of(days as usize, "day")
            ))
        }
        Rule::Token(FindingKind::OverPolicy) => {
            let days = inventory.limit().known()?.custom_days()?;
            Some(format!("New tokens last at most {}.", count_of(days as usize, "day")))
        }
        Rule::Token(FindingKind::Idle) => {
            let tokens = inventory.matching(&query).known()?;
            let idle = tokens
                .into_iter()
                .filter_map(|position| inventory.at(position)?.idle_days(inventory.as_of()));
            match IDLE_REVOCATION_DAYS - idle.max()? {
                days @ 1.. => Some(format!(
                    "The next one in about {}.",
                    count_of(usize::try_from(days).ok()?, "day")
                )),
                _ => Some("For some of them, this can happen at any time.".to_owned()),
            }
        }
        _ => None,
    }
}

/// The names of the subjects of a finding about the workspace.
fn subjects(workspace: &str, inventory: &Inventory, subjects: &[FindingSubject]) -> Option<AnyView> {
    let names = subjects.iter().take(MAX_NAMES).map(|subject| match subject {
        FindingSubject::MaxLifetime(limit) => view! { <li>{sentence(&limit.to_string())}</li> }.into_any(),
        FindingSubject::Grantee(grantee) if grantee.is_all_users() => ().into_any(),
        FindingSubject::Grantee(grantee) => view! { <li><bdi>{grantee.name().to_owned()}</bdi></li> }.into_any(),
        FindingSubject::Owner(id, tokens) => {
            let name = match inventory.directory().owner(Some(*id)) {
                Owner::Known(principal) => token_cells::display_name(principal).to_owned(),
                _ => id.to_string(),
            };
            view! {
                <li>
                    <a href=paths::principal(workspace, *id)>
                        <bdi>{name}</bdi>
                    </a>
                    {format!(": {}", count_of(*tokens, "active token"))}
                </li>
            }
            .into_any()
        }
    });
    let more = subjects.len().saturating_sub(MAX_NAMES);
    let more = (more > 0).then(|| view! { <li>{format!("and {more} more")}</li> });
    let is_named = |subject: &FindingSubject| match subject {
        FindingSubject::Grantee(grantee) => !grantee.is_all_users(),
        _ => true,
    };
    subjects.iter().any(is_named).then(|| {
        view! {
            <ul class="finding-names">
                {names.collect_view()} {more}
            </ul>
        }
        .into_any()
    })
}

/// The link to exactly the tokens that were counted, or to the page that fixes the finding.
fn action(workspace: &str, result: &RuleResult) -> Option<AnyView> {
    let (text, href) = match result.rule {
        Rule::Token(_) => {
            let count = result.open.known().filter(|_| result.is_open())?;
            let query = result.query()?;
            (
                format!("Review {}", tokens_of(count, "token")),
                paths::tokens_with(workspace, &query),
            )
        }
        Rule::Workspace(WorkspaceFinding::LongMaxLifetime) => {
            ("Set maximum lifetime".to_owned(), paths::settings(workspace))
        }
        Rule::Workspace(WorkspaceFinding::NearTokenLimit) => {
            let [FindingSubject::Owner(id, tokens)] = result.subjects.as_slice() else {
                return None;
            };
            let query = TokenQuery {
                owner: id.to_string(),
                status: Some(Status::Active),
                ..TokenQuery::default()
            };
            (
                format!("Review {}", count_of(*tokens, "token")),
                paths::tokens_with(workspace, &query),
            )
        }
        Rule::Workspace(_) => ("Review permissions".to_owned(), paths::permissions(workspace)),
    };
    Some(
        view! {
            <a class="btn" href=href>
                {text}
                <span class="visually-hidden">{format!(": {}", result.rule.title())}</span>
            </a>
        }
        .into_any(),
    )
}
