//! `/w/{workspace}/scopes`: which scopes Databricks will soon remove from tokens, what it proposes, and which tokens
//! can create other tokens. Each number links to exactly the tokens that it counts.

mod bulk_change;
mod item;
mod sections;
mod table;

use std::sync::Arc;

use console::{Actor, Error, Snapshot};
use domain::{AUTOSCOPE_WINDOW_DAYS, ScopeState, ScopeStateFilter, Status, TokenQuery};
use leptos::prelude::*;

pub(crate) use self::bulk_change::{CHANGE_FIELD, change_label};
use self::sections::{Section, sections};
use crate::components::{loading_notice, number_of, one_notice, outdated_notices, recent_time, sentence, tokens_of};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::pages::tokens::unreadable_notice;

/// The scopes of all tokens of a workspace.
#[component]
pub(crate) fn ScopesOverviewPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Scopes", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let snapshot = request.console.snapshot(&actor).await?;
    let content = content(&request, &actor, &snapshot);
    Ok(PageResult::new(content).policy(snapshot.policy))
}

/// The filter for tokens in this state.
fn with_state(state: ScopeState) -> TokenQuery {
    TokenQuery {
        scope_state: Some(ScopeStateFilter::Is(state)),
        ..TokenQuery::default()
    }
}

fn content(request: &Request, actor: &Actor, snapshot: &Snapshot) -> AnyView {
    let workspace = actor.workspace().name();
    let sections = sections(actor, snapshot);
    let anchors = sections.iter().map(Section::anchor).collect_view();
    view! {
        <div class="scopes-page">
            <div class="head">
                <h1>"Scopes"</h1>
                {numbers(workspace, snapshot)}
            </div>
            <nav class="facts-row" aria-label="On this page">
                {anchors}
            </nav>
            {one_notice(unreadable_notice(actor, snapshot).into_iter().chain(outdated_notices(request, snapshot)))}
            {loading_notice(request, snapshot.loading())}
            <p class="scopes-intro">
                {format!(
                    "Since about June 2026, Databricks observes new tokens for about {AUTOSCOPE_WINDOW_DAYS} days and \
                     then takes away the scopes that they were not seen to use. It reports no date, so every date here \
                     is an estimate.",
                )}
            </p>
            {sections.into_iter().map(|section| section.view(actor, snapshot)).collect_view()}
        </div>
    }
    .into_any()
}

/// How many tokens are observed, limited, or have scopes set by hand, and when that was read.
fn numbers(workspace: &str, snapshot: &Snapshot) -> AnyView {
    let (numbers, unread) = (snapshot.inventory.scope_numbers(), snapshot.inventory.unread());
    let link = |query: &TokenQuery, text: String| {
        view! { <a href=paths::tokens_with(workspace, query)>{text}</a> }
    };
    let number = |state| link(&with_state(state), number_of(unread.count(numbers.of(state))));
    let active = TokenQuery {
        status: Some(Status::Active),
        ..TokenQuery::default()
    };
    let active = link(&active, tokens_of(unread.count(numbers.active()), "active token"));
    let observed = sentence(&number_of(unread.count(numbers.of(ScopeState::Observed))));
    view! {
        <p>
            {link(&with_state(ScopeState::Observed), observed)} " of " {active} " are observed, "
            {number(ScopeState::Limited)} " limited by Databricks, " {number(ScopeState::Manual)}
            " set manually \u{b7} Updated " {recent_time(snapshot.inventory.as_of())}
        </p>
    }
    .into_any()
}
