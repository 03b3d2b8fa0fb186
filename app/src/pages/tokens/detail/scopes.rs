//! A token's scopes: which are granted and used, and which it would keep and lose.

use console::Actor;
use console::bulk::ScopesChange;
use console::inventory::TokenDetail;
use domain::{
    ALL_APIS, AUTHENTICATION, AutoscopeState, Narrowing, NothingSeen, Owner, ParsedSelection, ScopeReduction, ScopeUse,
    ScopesPlan, Status, Token, TokenQuery, grants_all, has_proposal, may_grant_all, scope_meaning, scope_uses,
};
use leptos::prelude::*;

use super::super::edit_scopes::{is_usage_known, scopes_form};
use super::origin::Origin;
use crate::components::{Cell, Column, DataTable, TableName, token_cells};
use crate::http::paths;
use crate::http::request::Request;
use crate::http::time_zone::PageTimeZone;

/// The ID of the heading.
pub(super) const SCOPES_ID: &str = "token-scopes";

/// The card.
pub(super) fn scopes_card(request: &Request, actor: &Actor, detail: &TokenDetail, origin: &Origin) -> AnyView {
    let token = &detail.token;
    let reduction = ScopeReduction::of(token);
    let unknown = (!is_usage_known(token)).then(|| {
        let workspace = actor.workspace().name();
        let text = format!("{workspace} does not report which scopes it uses, so it is unknown which ones it needs.");
        view! { <p class="muted">{text}</p> }
    });
    let state = automatic_limit(detail).map(|text| view! { <p>{text}</p> });
    let all = paths::scopes(actor.workspace().name());
    view! {
        <section class="card pad scopes" aria-labelledby=SCOPES_ID>
            <div class="scopes-head">
                <h2 id=SCOPES_ID>"Scopes"</h2>
                <a href=all>"Scopes of all tokens"</a>
            </div>
            {granted(detail)}
            {state}
            {unknown}
            {table(token, reduction.as_ref())}
            {bulk_change_forms(actor, token)}
            {actor.can_change().then(|| scopes_form(request, actor, token, origin))}
        </section>
    }
    .into_any()
}

/// The buttons that review keeping or narrowing the scopes, if there is anything to keep or lose.
fn bulk_change_forms(actor: &Actor, token: &Token) -> Option<AnyView> {
    let is_own = actor.own_token().as_ref() == Some(&token.id);
    let keep = ScopesPlan::keep(token).ok().map(|_| ScopesChange::KeepScopes);
    let narrow = ScopesPlan::narrow(token).ok().filter(|_| !is_own);
    let narrow = narrow.map(|_| ScopesChange::NarrowScopes);
    let forms = [keep, narrow].into_iter().flatten().map(|change| {
        let query = TokenQuery::default();
        let mut selected = ParsedSelection::default();
        selected.select([&token.id]);
        let label = match change {
            ScopesChange::KeepScopes => "Keep current scopes",
            ScopesChange::NarrowScopes => "Narrow to proposed",
        };
        view! {
            <form method="post" action=paths::bulk_draft(actor.workspace().name())>
                <input type="hidden" name="change" value=change.slug() />
                <input type="hidden" name="sel" value=token.id.handle().into_owned() />
                <input type="hidden" name="of" value=selected.selection.fingerprint(&query) />
                <button class="btn">{label}</button>
            </form>
        }
    });
    let forms: Vec<_> = forms.collect();
    (actor.can_change() && !forms.is_empty()).then(|| view! { <div class="row">{forms}</div> }.into_any())
}

/// The granted scopes.
fn granted(detail: &TokenDetail) -> AnyView {
    let owner = match detail.directory.owner(detail.token.owner) {
        Owner::Known(principal) => token_cells::display_name(principal).to_owned(),
        _ => "the owner".to_owned(),
    };
    let full = |why: &str| {
        let rest = format!(" ({why}): everything that {owner} can do.");
        view! {
            <p>
                <b>"Full access"</b>
                {rest}
            </p>
        }
        .into_any()
    };
    match detail.token.scopes.as_deref() {
        None => full("no scopes set"),
        Some([]) => {
            let text = "The list of scopes is empty. What that allows is not documented: it may be full access.";
            view! { <p>{text}</p> }.into_any()
        }
        scopes if grants_all(scopes) => full(ALL_APIS),
        Some(_) => ().into_any(),
    }
}

/// What Databricks does to the scopes automatically.
fn automatic_limit(detail: &TokenDetail) -> Option<String> {
    let token = &detail.token;
    match &token.autoscope {
        Some(AutoscopeState::Running) => Some(observation(detail)),
        Some(state) => Some(match state.meaning() {
            Some(meaning) => format!("{meaning}."),
            None => format!(
                "Databricks reports the state {}. Its meaning is not documented.",
                state.name()
            ),
        }),
        None if has_proposal(token) => Some(
            "Databricks has computed from past use which scopes it needs, and can take the others away. When is not \
             known."
                .to_owned(),
        ),
        None => None,
    }
}

/// When an observed token's scopes are reduced, if known. Expired tokens are not reduced.
fn observation(detail: &TokenDetail) -> String {
    let narrowing = match Narrowing::of(&detail.token, detail.as_of) {
        Some(Narrowing::About(end)) => {
            format!("takes the others away about {}", PageTimeZone::current().day(end))
        }
        Some(Narrowing::ExpiresBefore) => "would take the others away after it expires".to_owned(),
        None if detail.token.status(detail.as_of) == Status::Expired => {
            return "Databricks recorded which scopes it used.".to_owned();
        }
        // Without a known expiry, the token may still work.
        Some(Narrowing::Due | Narrowing::Unknown) | None => "can take the others away at any time".to_owned(),
    };
    let unseen = match NothingSeen::of(&detail.token, detail.as_of) {
        Some(NothingSeen::UsedBefore) => {
            " It was used before that and not since, as by something that runs once a quarter."
        }
        Some(NothingSeen::UsedSince) => " It was used since, and no scope was seen.",
        Some(NothingSeen::NeverUsed) | None => "",
    };
    format!(
        "Databricks is recording which scopes it uses, and {narrowing}. Setting the scopes yourself stops that.{unseen}"
    )
}

fn table(token: &Token, reduction: Option<&ScopeReduction>) -> AnyView {
    let has_all = grants_all(token.scopes.as_deref());
    let uses = scope_uses(token).into_iter().filter(|scope| scope.name != ALL_APIS);
    let mut rows: Vec<_> = uses.map(|scope| row(token, &scope, reduction)).collect();
    if let Some(reduction) = reduction.filter(|_| has_all) {
        if !reduction.keeps.iter().any(|scope| scope == AUTHENTICATION) {
            rows.push(lost_row(AUTHENTICATION, "chip warn"));
        }
        rows.push(lost_row("All other APIs", "chip"));
    }
    if rows.is_empty() {
        return ().into_any();
    }
    let (caption, first) = match reduction {
        Some(reduction) => (
            "Effect of narrowing to what is used",
            format!("If narrowed to {}", reduction.keeps.join(", ")),
        ),
        None => ("Scopes", "Scope".to_owned()),
    };
    let result = if reduction.is_some() { "Result" } else { "Granted" };
    let table = DataTable {
        class: Some("scope-table"),
        name: TableName::HiddenCaption(caption),
        columns: [Column::name(first), Column::value("Used"), Column::value(result)],
    };
    table.view(rows)
}

fn row(token: &Token, scope: &ScopeUse, reduction: Option<&ScopeReduction>) -> [Cell; 3] {
    let used = match (scope.inferred, scope.backfilled) {
        (true, _) => "yes",
        (false, true) => "in the past",
        (false, false) => "not seen",
    };
    let is_granted = scope.granted || may_grant_all(token.scopes.as_deref());
    let (class, result) = match reduction {
        _ if !is_granted => ("chip danger", "not granted"),
        None => ("chip ok", "granted"),
        Some(reduction) if reduction.keeps.contains(&scope.name) => ("chip ok", "keeps"),
        Some(_) if scope.name == AUTHENTICATION => ("chip warn", "loses"),
        Some(_) => ("chip", "loses"),
    };
    cells(&scope.name, used, result, class)
}

fn lost_row(name: &str, class: &'static str) -> [Cell; 3] {
    cells(name, "not seen", "loses", class)
}

fn cells(name: &str, used: &'static str, result: &'static str, class: &'static str) -> [Cell; 3] {
    let meaning = scope_meaning(name).map(|meaning| format!(" · {meaning}"));
    [
        Cell::new(view! { <b>{name.to_owned()}</b> {meaning} }),
        Cell::new(used),
        Cell::new(view! { <span class=class>{result}</span> }),
    ]
}
