//! What an admin should look at in a user or service principal, apart from its tokens.

use console::Snapshot;
use domain::access::Grantee;
use domain::{FindingSubject, Known, Owner, PrincipalId, Rule, WorkspaceFinding};
use leptos::prelude::*;

use crate::http::paths;

/// The findings about principals.
const ABOUT_PRINCIPALS: [WorkspaceFinding; 2] = [WorkspaceFinding::NearTokenLimit, WorkspaceFinding::GrantToPerson];

/// The card. `None` without findings.
pub(super) fn findings_card(
    workspace: &str,
    snapshot: &Snapshot,
    owner: Owner<'_>,
    id: PrincipalId,
) -> Option<AnyView> {
    let facts = snapshot.facts();
    let is_about = |subject: &FindingSubject| match (subject, owner) {
        (FindingSubject::Owner(owner, _), _) => *owner == id,
        (FindingSubject::Grantee(Grantee::User(name)), Owner::Known(principal)) => {
            name.eq_ignore_ascii_case(&principal.name)
        }
        _ => false,
    };
    let has = |finding: &WorkspaceFinding| match facts.subjects(*finding) {
        Known::Known(subjects) => subjects.iter().any(is_about),
        Known::NotAvailable(_) => false,
    };
    let is_accepted = |finding: &WorkspaceFinding| {
        let rule = Rule::Workspace(*finding);
        snapshot.accepted.iter().any(|accepted| accepted.rule == rule)
    };
    let found = ABOUT_PRINCIPALS
        .into_iter()
        .filter(|finding| !is_accepted(finding) && has(finding));
    let found: Vec<_> = found.collect();
    let items = found.iter().map(|finding| {
        let rule = Rule::Workspace(*finding);
        view! {
            <li>
                <a href=format!("{}#{}", paths::findings(workspace), rule.slug())>{rule.title()}</a>
                <p class="muted">{rule.reason()}</p>
            </li>
        }
    });
    (!found.is_empty()).then(|| {
        view! {
            <section class="card pad" aria-labelledby="findings-heading">
                <h2 id="findings-heading">"Findings"</h2>
                <ul class="name-list">{items.collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}
