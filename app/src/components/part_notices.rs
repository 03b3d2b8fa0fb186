//! Notices about data that is still loading, or that could not be refreshed and is shown in an older state. Data that
//! failed to load has notices of its own, which name what is missing.

use console::inventory::TokenDetail;
use console::{Error, PartProblem, Snapshot};
use domain::{UnreadPart, UnreadParts};
use leptos::prelude::*;

use crate::components::{count_of, date_time};
use crate::http::paths;
use crate::http::request::Request;
use crate::islands::part_loading::LOADING_NOTICE_ID;

/// "Owner names and permissions are loading." A script waits for them and fills in the visible cells; without scripts,
/// a link reloads the page. `None` if nothing is loading.
pub(crate) fn loading_notice(request: &Request, loading: UnreadParts) -> Option<AnyView> {
    if loading.is_empty() {
        return None;
    }
    let url = request.current_url();
    let show = url.clone();
    let notice = view! {
        <div
            class="notice"
            role="status"
            id=LOADING_NOTICE_ID
            data-loaded=paths::loaded_parts(request.workspace())
        >
            <p>
                <b>{loading_text(loading)}</b>
                " Values that depend on them are not available yet. "
                <a href=url>"Reload"</a>
            </p>
            <p hidden>
                <b>"Loading has finished."</b>
                " Order, counts and filters are not updated yet. "
                <a href=show>"Reload"</a>
            </p>
        </div>
    };
    Some(notice.into_any())
}

/// "Owner names and permissions are loading."
pub(crate) fn loading_text(loading: UnreadParts) -> String {
    let labels: Vec<_> = loading.iter().map(UnreadPart::label).collect();
    let text = match labels.as_slice() {
        [] => return String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {}", first.join(", "), last.to_lowercase()),
    };
    let (first, rest) = text.split_at(1);
    format!("{first}{} are loading.", rest.to_lowercase())
}

/// A notice for each part that could not be refreshed: how old the shown data is, and why.
pub(crate) fn outdated_notices(request: &Request, snapshot: &Snapshot) -> Vec<AnyView> {
    let notices = snapshot.outdated().into_iter().map(|outdated| {
        let minutes = usize::try_from(outdated.age.as_secs() / 60)
            .unwrap_or(usize::MAX)
            .max(1);
        let heading = format!(
            "{} are from {} ago.",
            outdated.part.label(),
            count_of(minutes, "minute")
        );
        let reason = match outdated.problem {
            PartProblem::Loading => "Newer data is loading.".to_owned(),
            PartProblem::Failed(error, next_try) => {
                let problem = request.problem(&Error::Workspace(error.clone()));
                let title = problem.title(Some(request.workspace()));
                match next_try.as_secs() {
                    0 => format!("{title}."),
                    seconds => format!("{title}. Next try in {seconds} s."),
                }
            }
        };
        view! {
            <div class="notice">
                <p>
                    <b>{heading}</b>
                    {format!(" {reason}")}
                </p>
            </div>
        }
        .into_any()
    });
    notices.collect()
}

/// Says that the token is shown as it was last listed, and why. `None` if it was just read.
pub(crate) fn listed_token_notice(request: &Request, detail: &TokenDetail) -> Option<AnyView> {
    let workspace = request.workspace();
    let reason = match detail.problem.as_ref()? {
        PartProblem::Loading => format!("{workspace} takes long to respond."),
        PartProblem::Failed(error, _) => {
            let problem = request.problem(&Error::Workspace(error.clone()));
            format!("{}.", problem.title(Some(workspace)))
        }
    };
    let notice = view! {
        <div class="notice" role="status">
            <p>
                <b>"As listed at " {date_time(detail.as_of)} "."</b>
                {format!(" {reason} Reload this page for the current state.")}
            </p>
        </div>
    };
    Some(notice.into_any())
}

/// Shows the most severe notice, and folds away the others. Several notices would push the page's content out of view.
pub(crate) fn one_notice(notices: impl IntoIterator<Item = AnyView>) -> AnyView {
    let mut notices = notices.into_iter();
    let first = notices.next();
    let others: Vec<_> = notices.collect();
    let others = (!others.is_empty()).then(|| {
        view! {
            <details class="more-notices">
                <summary>{count_of(others.len(), "more notice")}</summary>
                {others}
            </details>
        }
    });
    view! {
        {first}
        {others}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loading_parts_are_named_in_one_sentence() {
        let parts = |parts: &[UnreadPart]| {
            let all = parts.iter();
            loading_text(all.fold(UnreadParts::default(), |all, part| all.with(*part, true)))
        };
        assert_eq!(parts(&[UnreadPart::Names]), "Owner names are loading.");
        assert_eq!(
            parts(&[UnreadPart::Names, UnreadPart::Policy, UnreadPart::Permissions]),
            "Owner names, workspace settings and permissions are loading."
        );
    }
}
