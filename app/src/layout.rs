//! What is around every page: where one is, who one is, and the way every page of a workspace loads, is blocked or
//! leads to the sign-in.

pub mod assets;
mod header;
pub(crate) mod theme;

use std::sync::Arc;

use console::{Actor, Error};
use domain::{Policy, with_visible_directions};
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use leptos_meta::Title;

use crate::components::{ConfirmDialog, PageBehaviors, error_card, error_notice, key_icon, show_directions};
use crate::http::paths;
use crate::http::request::Request;
use crate::problem::{Failure, Interrupted, Problem};

pub(crate) use header::{
    credential_label, environment_chip, sign_out_form, signed_in_with, workspace_heading, workspace_name,
};

use header::{disabled_banner, header, navigation, session_expiry_notice};

/// The areas of the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Tokens,
    Activity,
    Settings,
}

/// What a page has loaded.
pub(crate) struct PageResult {
    /// What is in the document's title before the workspace's name, where it is not the page's own heading.
    pub(crate) title: Option<String>,
    /// The policy, where it is known: a banner says when tokens are off.
    pub(crate) policy: Option<Policy>,
    /// The good news of a form that led here.
    pub(crate) success: Option<AnyView>,
    /// The bad news of it.
    pub(crate) error: Option<AnyView>,
    /// The page, beginning with its `h1`.
    pub(crate) content: AnyView,
}

/// For [`PageResult::failed`] of a confirm page, which tells its failure inside the confirm: there a dialog has it too.
pub(crate) fn error_shown_in_content() -> Option<AnyView> {
    Some(().into_any())
}

/// Renders a page of the workspace that the path names. `load` is given a person who is signed in to it.
pub(crate) fn workspace_page<F>(
    area: Area,
    heading: &'static str,
    load: fn(Arc<Request>, Arc<Actor>) -> F,
) -> impl IntoView + use<F>
where
    F: Future<Output = Result<PageResult, Error>> + Send + 'static,
{
    let request = Arc::new(Request::from_route());
    Suspend::new(async move {
        let actor = match request.actor(request.workspace()).await {
            Ok(actor) => Arc::new(actor),
            Err(Error::SignedOut) => return redirect_to_sign_in(&request),
            Err(error) => return page_without_workspace(&request, heading, request.problem(&error)),
        };
        match load(Arc::clone(&request), Arc::clone(&actor)).await {
            Ok(loaded) => render_page(&request, &actor, area, heading, loaded),
            Err(error) => match request.problem(&error) {
                Problem::SignedOut | Problem::BadCredential => end_session(&request, &actor).await,
                problem => render_page(
                    &request,
                    &actor,
                    area,
                    heading,
                    error_page(&request, &actor, heading, problem),
                ),
            },
        }
    })
}

/// A page that has nothing to show but why. It answers with the problem's status.
fn error_page(request: &Request, actor: &Actor, heading: &'static str, problem: Problem) -> PageResult {
    request.set_status(problem);
    let workspace = actor.workspace();
    let name = Some(workspace.name());
    let content = view! {
        <h1>{heading}</h1>
        {error_card(&request.failure(problem), name, workspace.url().host(), &request.current_url())}
    };
    PageResult {
        title: Some(problem.title(name)),
        policy: None,
        success: None,
        error: None,
        content: content.into_any(),
    }
}

/// Something that is not there, `named` as it was asked for, with what to do instead and `more` below.
pub(crate) fn not_found(
    problem: Problem,
    heading: &'static str,
    named: &str,
    text: String,
    next: AnyView,
    more: Option<AnyView>,
) -> PageResult {
    let content = view! {
        <h1>{heading}</h1>
        <section class="card empty">
            <h2>{problem.title(None)}</h2>
            <p class="mono wrap">{named.to_owned()}</p>
            <p>{text}</p>
            {next}
        </section>
        {more}
    };
    PageResult {
        title: Some(problem.title(None)),
        policy: None,
        success: None,
        error: None,
        content: content.into_any(),
    }
}

/// The workspace does not take the credential any more: the sign-in is over, and the way leads back here.
async fn end_session(request: &Request, actor: &Actor) -> AnyView {
    request.console.end_sign_in(actor).await;
    redirect_to_sign_in(request)
}

fn redirect_to_sign_in(request: &Request) -> AnyView {
    request.redirect(&paths::sign_in(Some(&request.current_url())));
    ().into_any()
}

/// A page that belongs to no workspace, or to none that this person is signed in to.
pub(crate) fn page_without_workspace(request: &Request, heading: &'static str, problem: Problem) -> AnyView {
    request.set_status(problem);
    let failure = request.failure(problem);
    let workspace = request.console.workspace(request.workspace()).ok();
    let workspace = workspace.map(|workspace| workspace.name());
    view! {
        <Title text=document_title(&problem.title(workspace)) />
        <header class="top">
            <a class="brand" href="/">
                {key_icon()}
                "PAT Console"
            </a>
        </header>
        <main class="narrow">
            <h1>{heading}</h1>
            {error_card(&failure, workspace, "", "/")}
        </main>
        {theme::switcher(request)}
    }
    .into_any()
}

/// What the browser shows as the name of the tab. `leptos_meta` writes it into the page as it is
/// (<https://docs.rs/leptos_meta/0.8.7/src/leptos_meta/lib.rs.html#263>), so that a comment in it has to be escaped here.
pub(crate) fn document_title(title: &str) -> String {
    let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("{escaped} · PAT Console")
}

fn render_page(request: &Request, actor: &Actor, area: Area, heading: &str, loaded: PageResult) -> AnyView {
    let workspace = actor.workspace();
    let title = loaded.title.unwrap_or_else(|| heading.to_owned());
    let off = loaded.policy.is_some_and(|policy| !policy.enabled);
    let bad = loaded.error.or_else(|| {
        let failure = request.failure_in_url()?;
        Some(error_notice(&failure, Some(workspace.name()), Interrupted::Change))
    });
    let page = view! {
        <a class="skip" href="#content">
            "Skip to content"
        </a>
        {header(&request.console, actor)}
        <div class="shell">
            {navigation(actor, area)}
            <main>
                <div id="status-message" role="status">{loaded.success}</div>
                <div id="error-message" role="alert">{bad}</div>
                <div id="content" tabindex="-1">
                    {off.then(|| disabled_banner(workspace.name()))}
                    {loaded.content}
                </div>
            </main>
        </div>
        {theme::switcher(request)}
        {session_expiry_notice(actor)}
        <PageBehaviors />
        <ConfirmDialog />
    };
    // Rendered here and now, for everything that it waited for is there: leptos renders what may still have to wait in a way
    // that costs about twice as much.
    view! {
        <Title text=document_title(&format!("{} · {}", with_visible_directions(&title), workspace.name())) />
        {InertElement::new(show_directions(page.to_html()))}
    }
    .into_any()
}

/// The frame of a page that belongs to no workspace.
pub(crate) fn plain_page(request: &Request, title: &'static str, said: Option<AnyView>, content: AnyView) -> AnyView {
    let bad = request
        .failure_in_url()
        .map(|failure| error_notice(&failure, None, Interrupted::Change));
    view! {
        <Title text=document_title(title) />
        <a class="skip" href="#content">
            "Skip to content"
        </a>
        <header class="top">
            <a class="brand" href="/">
                {key_icon()}
                "PAT Console"
            </a>
            <div class="account">
                <a href=paths::SESSIONS>"Your sessions"</a>
                {sign_out_form()}
            </div>
        </header>
        <main class="wide">
            <div id="status-message" role="status">{said}</div>
            <div id="error-message" role="alert">{bad}</div>
            <div id="content" tabindex="-1">{content}</div>
        </main>
        {theme::switcher(request)}
        <PageBehaviors />
    }
    .into_any()
}

/// `/w/{workspace}`: its tokens.
#[component]
pub(crate) fn WorkspaceStartPage() -> impl IntoView {
    let request = Request::from_route();
    match request.console.workspace(request.workspace()) {
        Ok(workspace) => {
            request.redirect(&paths::tokens(workspace.name()));
            ().into_any()
        }
        Err(error) => page_without_workspace(&request, "Workspace", request.problem(&error)),
    }
}

/// Any other address.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    let request = Request::current();
    page_without_workspace(&request, "Not found", Problem::PageNotFound)
}

/// Ends the session and what it was signed in to.
#[server(prefix = "/api", endpoint = "sign_in/sign_out")]
pub(crate) async fn sign_out() -> Result<(), Failure> {
    let request = Request::current();
    let held: Vec<_> = request
        .session
        .all_sign_ins()
        .await
        .into_iter()
        .map(|(_, id)| id)
        .collect();
    request
        .console
        .sign_out_all(&held)
        .await
        .map_err(|e| request.fail_form(request.problem(&e)))?;
    // What is left of the session has no sign-in that holds.
    request
        .session
        .end()
        .await
        .map_err(|error| request.fail_form(request.internal(&error)))?;
    request.redirect(&paths::with_param(&paths::sign_in(None), "done", "signed-out"));
    Ok(())
}
