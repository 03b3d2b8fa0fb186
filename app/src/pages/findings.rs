//! `/w/{workspace}/findings`: the findings of a workspace by severity, each with its reason, a fix, and a link to
//! exactly the tokens that it counts; and the accepted findings.

mod accept;
mod export_menu;
mod item;

use std::sync::Arc;

use console::findings::{FindingsReport, RuleResult};
use console::{Actor, Error, Snapshot};
use domain::{FindingKind, Known, Rule, ScopeState, Severity, TokenCount};
use leptos::prelude::*;

pub(crate) use accept::{accept_form, acceptance_message, accepted_item};

use self::export_menu::export_menu;
use crate::components::{
    count_of, group_digits, loading_notice, number_of, one_notice, outdated_notices, page_link, pager, refresh_form,
    sentence, tokens_of,
};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::pages::tokens::{unread_notices, unreadable_notice};

/// How many accepted findings a page shows.
const ACCEPTED_PAGE_SIZE: usize = 50;

/// The URL parameter with the index of the first accepted finding to show.
const FROM_PARAM: &str = "from";

/// The element ID of the accepted findings.
const ACCEPTED_ID: &str = "accepted";

/// The findings of a workspace.
#[component]
pub(crate) fn FindingsPage() -> impl IntoView {
    workspace_page(Area::Findings, "Findings", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let report = request.console.findings(&actor).await?;
    let policy = report.snapshot.policy;
    let success = acceptance_message(&request, &report.accepted);
    let content = content(&request, &actor, &report);
    Ok(PageResult::new(content).policy(policy).success(success))
}

fn content(request: &Request, actor: &Actor, report: &FindingsReport) -> AnyView {
    let workspace = actor.workspace().name();
    let snapshot = &report.snapshot;
    let notices = unreadable_notice(actor, snapshot).into_iter();
    let notices = notices.chain(outdated_notices(request, snapshot));
    let notices = notices.chain(unread_notices(request, snapshot));
    let sections = Severity::ALL.map(|severity| section(request, actor, report, severity));
    let act_now = view! { {act_now_text(report)} " · " };
    view! {
        <div class="findings-page">
        <div class="head">
            <div>
                <h1>"Findings"</h1>
                {refresh_form(workspace, paths::findings(workspace), act_now, snapshot.inventory.as_of(), false)}
            </div>
            <div class="row">
                {export_menu(workspace, snapshot)}
                <a class="btn" href=paths::scopes(workspace)>
                    "Scopes of all tokens"
                </a>
            </div>
        </div>
        {one_notice(notices)}
        {loading_notice(request, snapshot.loading())}
        {contents(report)}
        {sections.into_iter().collect_view()}
        {accepted(request, actor, report)}
        {nothing_found(report)}
        </div>
    }
    .into_any()
}

/// The results with this severity.
fn of_severity(report: &FindingsReport, severity: Severity) -> impl Iterator<Item = &RuleResult> {
    let results = report.results.iter();
    results.filter(move |result| result.rule.severity() == severity)
}

/// The number of open findings with this severity, if known.
fn total(report: &FindingsReport, severity: Severity) -> TokenCount {
    TokenCount::sum(of_severity(report, severity).map(|result| result.open))
}

fn act_now_text(report: &FindingsReport) -> String {
    let count = total(report, Severity::ActNow);
    match count {
        TokenCount::Exactly(0) => "Nothing needs action now".to_owned(),
        TokenCount::AtLeast(0) => "It is unknown whether anything needs action now".to_owned(),
        _ => {
            let verb = if count.seen() == 1 { "needs" } else { "need" };
            format!("{} {verb} action now", sentence(&tokens_of(count, "token")))
        }
    }
}

/// The links to the sections, with their numbers.
fn contents(report: &FindingsReport) -> AnyView {
    let links = Severity::ALL.map(|severity| {
        let text = format!("{} {}", severity.label(), number_of(total(report, severity)));
        view! { <a href=format!("#{}", paths::severity_slug(severity))>{text}</a> }
    });
    let accepted = format!("Accepted {}", group_digits(report.accepted.len()));
    view! {
        <nav class="facts-row" aria-label="On this page">
            {links.into_iter().collect_view()} <a href=format!("#{ACCEPTED_ID}")>{accepted}</a>
        </nav>
    }
    .into_any()
}

fn section(request: &Request, actor: &Actor, report: &FindingsReport, severity: Severity) -> AnyView {
    let id = paths::severity_slug(severity);
    let shown = of_severity(report, severity).filter(|result| result.is_open() || result.is_unknown());
    let items: Vec<_> = shown
        .map(|result| item::finding_item(request, actor, report, result))
        .collect();
    let list = match items.is_empty() {
        true => view! { <p class="card pad">"Nothing was found."</p> }.into_any(),
        false => view! { <ul class="card bundle">{items.collect_view()}</ul> }.into_any(),
    };
    view! {
        <section class=format!("finding-section {id}") aria-labelledby=id>
            <div class="group-head">
                <h2 id=id class=tone(severity) class:mark=severity != Severity::TidyUp>
                    {severity.label()}
                </h2>
                <p>{severity.meaning()}</p>
            </div>
            {list}
        </section>
    }
    .into_any()
}

/// The class that colours a severity's heading and numbers.
const fn tone(severity: Severity) -> &'static str {
    match severity {
        Severity::ActNow => "danger-text",
        Severity::FixSoon => "warn-text",
        Severity::TidyUp => "",
    }
}

/// One page of the accepted findings.
fn accepted(request: &Request, actor: &Actor, report: &FindingsReport) -> AnyView {
    let total = report.accepted.len();
    let from = request.query(FROM_PARAM).and_then(|from| from.parse().ok());
    let from = from.filter(|from| *from < total).unwrap_or(0);
    let to = total.min(from + ACCEPTED_PAGE_SIZE);
    let items = report.accepted[from..to].iter().map(|accepted| {
        let token = accepted.token.as_ref().and_then(|id| report.snapshot.inventory.get(id));
        accept::accepted_row(actor, accepted, token)
    });
    let list = match report.accepted.is_empty() {
        true => view! { <p class="card pad">"Nothing is accepted."</p> }.into_any(),
        false => view! { <ul class="card accepted-list">{items.collect_view()}</ul> }.into_any(),
    };
    view! {
        <section class="finding-section" aria-labelledby=ACCEPTED_ID>
            <div class="group-head">
                <h2 id=ACCEPTED_ID>"Accepted"</h2>
                <p>"not counted above until the date"</p>
            </div>
            {list}
            {accepted_pages(actor.workspace().name(), from, to, total)}
        </section>
    }
    .into_any()
}

/// The links to the other pages of accepted findings, if there are any.
fn accepted_pages(workspace: &str, from: usize, to: usize, total: usize) -> Option<AnyView> {
    let link = |from: usize, label: &'static str| {
        let url = match from {
            0 => paths::findings(workspace),
            from => paths::with_param(&paths::findings(workspace), FROM_PARAM, &from.to_string()),
        };
        page_link(format!("{url}#{ACCEPTED_ID}"), label)
    };
    let first = (from > ACCEPTED_PAGE_SIZE).then(|| link(0, "First page"));
    let previous = (from > 0).then(|| link(from.saturating_sub(ACCEPTED_PAGE_SIZE), "Previous"));
    let next = (to < total).then(|| link(to, "Next"));
    let shown = format!(
        "{} to {} of {}",
        group_digits(from + 1),
        group_digits(to),
        group_digits(total)
    );
    (from > 0 || to < total).then(|| {
        view! {
            <p class="muted">{shown}</p>
            {pager(None, [first, previous, next])}
        }
        .into_any()
    })
}

/// What the workspace does not report about some tokens, so that they could not be checked for these rules.
fn not_checked(snapshot: &Snapshot, clear: &[Rule]) -> Vec<AnyView> {
    let inventory = &snapshot.inventory;
    let is_clear = |kind| clear.contains(&Rule::Token(kind));
    let without_status = inventory.counts().unknown_status().seen();
    let without_creator = match is_clear(FindingKind::CreatedByOther) {
        true => inventory.tokens().filter(|token| token.creator.is_none()).count(),
        false => 0,
    };
    let without_use = match is_clear(FindingKind::FewScopesUsed) {
        true => inventory.scope_numbers().of(ScopeState::NotReported),
        false => 0,
    };
    let text = |tokens: usize, unknown: &str| {
        format!(
            "For {}, the workspace does not report {unknown}.",
            count_of(tokens, "token")
        )
    };
    let notes = [
        (
            without_status,
            "the expiry: whether they have a finding of active tokens is unknown",
        ),
        (without_creator, "who created them"),
        (without_use, "which scopes they use"),
    ];
    let notes = notes.into_iter().filter(|(tokens, _)| *tokens > 0);
    notes
        .map(|(tokens, unknown)| view! { <p class="muted">{text(tokens, unknown)}</p> }.into_any())
        .collect()
}

/// The rules that were checked without finding anything.
fn nothing_found(report: &FindingsReport) -> Option<AnyView> {
    let is_clear = |result: &&RuleResult| matches!(result.open, Known::Known(TokenCount::Exactly(0)));
    let clear: Vec<Rule> = report
        .results
        .iter()
        .filter(is_clear)
        .map(|result| result.rule)
        .collect();
    let names = clear
        .iter()
        .map(|rule| view! { <li>{rule.title()}</li> })
        .collect_view();
    let heading = format!("Checked, nothing found ({})", clear.len());
    (!clear.is_empty()).then(|| {
        view! {
            <details class="card pad">
                <summary>{heading}</summary>
                <ul>{names}</ul>
                {not_checked(&report.snapshot, &clear)}
            </details>
        }
        .into_any()
    })
}
