//! A page: loading its data, rendering it, and what happens if it fails or no one is signed in.

use std::sync::Arc;

use console::bulk::RunningBulk;
use console::{Actor, Error};
use domain::{Policy, with_visible_directions};
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use leptos_meta::Title;

use super::account_menu::account_menu_of_browser;
use super::banners::{clock_banner, disabled_banner, draft_notice, session_expiry_notice};
use super::document::document_title;
use super::header::{brand, header};
use super::theme;
use crate::components::{error_card, error_notice, one_notice, show_directions};
use crate::http::paths;
use crate::http::request::Request;
use crate::islands::bulk_events::progress_text;
use crate::problem::{Failure, Interrupted, Problem};

/// The areas of the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Tokens,
    Findings,
    Activity,
    Permissions,
    Settings,
}

/// The result of loading a page.
pub(crate) struct PageResult {
    content: AnyView,
    title: Option<String>,
    has_errors: bool,
    policy: Option<Policy>,
    has_banners: bool,
    success: Option<AnyView>,
    error: ErrorMessage,
}

/// The message above a page whose form led to it and failed.
enum ErrorMessage {
    /// The failure in the URL, as the failure of a change.
    InUrl,
    /// This notice.
    Notice(AnyView),
    /// None: the content shows the failure.
    InContent,
}

impl PageResult {
    /// A page with this content, which starts with an `h1`.
    pub(crate) fn new(content: impl IntoView + 'static) -> Self {
        Self {
            content: content.into_any(),
            title: None,
            has_errors: false,
            policy: None,
            has_banners: false,
            success: None,
            error: ErrorMessage::InUrl,
        }
    }

    /// Sets the title of the tab, which follows the workspace. The default is the page's heading.
    pub(crate) fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says whether a form of the page has to be corrected. The tab's title then starts with "Error".
    pub(crate) fn has_errors(mut self, has_errors: bool) -> Self {
        self.has_errors = has_errors;
        self
    }

    /// Sets the workspace's policy, if it is known. A banner says if tokens are disabled.
    pub(crate) fn policy(mut self, policy: impl Into<Option<Policy>>) -> Self {
        self.policy = policy.into();
        self
    }

    /// Says that the content shows the banners itself ([`banners`](super::banners)), among its own notices.
    pub(crate) fn banners_shown_in_content(mut self) -> Self {
        self.has_banners = true;
        self
    }

    /// Sets the notice that a form succeeded.
    pub(crate) fn success(mut self, notice: Option<AnyView>) -> Self {
        self.success = notice;
        self
    }

    /// Sets the notice that a form failed. Without one, a failure in the URL is shown as the failure of a change.
    pub(crate) fn error(mut self, notice: Option<AnyView>) -> Self {
        self.error = notice.map_or(ErrorMessage::InUrl, ErrorMessage::Notice);
        self
    }

    /// Says that the content shows a failure itself. Confirmation pages do this, so that their dialogs show it too.
    pub(crate) fn error_shown_in_content(mut self) -> Self {
        self.error = ErrorMessage::InContent;
        self
    }
}

/// Renders a page of the workspace in the path. `load` gets the person who is signed in to that workspace.
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
            Err(error) => return page_without_workspace(&request, heading, request.problem(&error)).await,
        };
        let result = match load(Arc::clone(&request), Arc::clone(&actor)).await {
            Ok(result) => result,
            Err(error) => match page_problem(&request, &actor, &error).await {
                Problem::SignedOut => return redirect_to_sign_in(&request),
                Problem::BadCredential => match request.console.renew_or_end_sign_in(&actor).await {
                    Ok(true) => return redirect(&request, &request.current_url()),
                    // The sign-in page leads back to this page.
                    Ok(false) => return redirect_to_sign_in(&request),
                    Err(error) => error_page(&request, &actor, heading, request.problem(&error)),
                },
                problem => error_page(&request, &actor, heading, problem),
            },
        };
        let running = request.console.running_bulk(&actor).await;
        // The page is useful without the running bulk revocation.
        let running = running.map_err(|error| request.problem(&error)).ok().flatten();
        render_page(&request, &actor, area, heading, result, running)
    })
}

/// The problem of a page that failed to load.
async fn page_problem(request: &Request, actor: &Actor, error: &Error) -> Problem {
    match request.problem(error) {
        Problem::DisabledOrUnavailable => {
            let policy = request.console.shown_policy(actor).await;
            Problem::of_feature_off(policy.as_ref())
        }
        problem => problem,
    }
}

/// A page that shows only a problem, with its status.
fn error_page(request: &Request, actor: &Actor, heading: &'static str, problem: Problem) -> PageResult {
    request.set_status(problem);
    let workspace = actor.workspace();
    let name = Some(workspace.name());
    let content = view! {
        <h1>{heading}</h1>
        {error_card(&request.failure(problem), name, workspace.url().host(), &request.current_url())}
    };
    PageResult::new(content).title(problem.title(name))
}

/// A page for something that does not exist: `id` as requested, what to do next, and `more` below that.
pub(crate) fn not_found(
    problem: Problem,
    heading: &'static str,
    id: &str,
    text: String,
    next: AnyView,
    more: Option<AnyView>,
) -> PageResult {
    let content = view! {
        <h1>{heading}</h1>
        <section class="card empty">
            <h2>{problem.title(None)}</h2>
            <p class="mono wrap">{id.to_owned()}</p>
            <p>{text}</p>
            {next}
        </section>
        {more}
    };
    PageResult::new(content).title(problem.title(None))
}

fn redirect_to_sign_in(request: &Request) -> AnyView {
    redirect(request, &paths::sign_in(Some(&request.current_url())))
}

fn redirect(request: &Request, url: &str) -> AnyView {
    request.redirect(url);
    ().into_any()
}

/// A page that shows only a problem, outside the workspaces that this person is signed in to.
pub(crate) async fn page_without_workspace(request: &Request, heading: &'static str, problem: Problem) -> AnyView {
    request.set_status(problem);
    // The requested page does not exist.
    let heading = match problem {
        Problem::UnknownWorkspace => "Not found",
        _ => heading,
    };
    let is_signed_in = request.session.sign_ins().await.is_ok_and(|all| !all.is_empty());
    let account = is_signed_in.then(|| account_menu_of_browser(request));
    let theme = (!is_signed_in).then(|| theme::switcher(request));
    let failure = request.failure(problem);
    let workspace = request.console.workspace(request.workspace()).ok();
    let workspace = workspace.map(|workspace| workspace.name());
    view! {
        <Title text=document_title(&problem.title(workspace)) />
        <header class="bar">
            <div class="bar-content">{brand()} {account}</div>
        </header>
        <main class="narrow">
            <h1>{heading}</h1>
            {error_card(&failure, workspace, "", "/")}
        </main>
        {theme}
    }
    .into_any()
}

fn render_page(
    request: &Request,
    actor: &Actor,
    area: Area,
    heading: &str,
    result: PageResult,
    running: Option<RunningBulk>,
) -> AnyView {
    let workspace = actor.workspace();
    let act_now = request.console.act_now_count(actor);
    let title = result.title.unwrap_or_else(|| heading.to_owned());
    let banners = (!result.has_banners).then(|| {
        let all = disabled_banner(workspace.name(), result.policy, area);
        one_notice(all.into_iter().chain(clock_banner(actor)))
    });
    let error = match result.error {
        ErrorMessage::InContent => None,
        ErrorMessage::Notice(notice) => Some(notice),
        ErrorMessage::InUrl => request
            .failure_in_url()
            .map(|failure| error_of_change(&failure, Some(workspace.name()))),
    };
    let page = view! {
        {skip_link()}
        {header(request, actor, area, running.as_ref(), act_now)}
        <main>
            <div id="status-message" role="status">{result.success}</div>
            <div id="error-message" role="alert">{error}</div>
            <div id="content" tabindex="-1">
                {draft_notice(request)} {banners}
                {result.content}
            </div>
        </main>
        {session_expiry_notice(actor)}
        <dialog class="confirm" aria-labelledby="confirm-title"></dialog>
    };
    // Render it to text here, since everything has loaded: a view that might have to wait costs Leptos about twice as
    // much.
    let error_prefix = if result.has_errors { "Error: " } else { "" };
    // The workspace comes first, since with many tabs only the beginning of a title is visible.
    let title = format!(
        "{error_prefix}{} · {}",
        workspace.name(),
        with_visible_directions(&title)
    );
    let title = match running {
        Some(RunningBulk { settled, total, .. }) => format!("({}) {title}", progress_text(settled, total)),
        None => title,
    };
    view! {
        <Title text=document_title(&title) />
        {InertElement::new(show_directions(page.to_html()))}
    }
    .into_any()
}

/// A page outside workspaces. `success` is the notice of the form that led here.
pub(crate) fn plain_page(
    request: &Request,
    title: &'static str,
    success: Option<AnyView>,
    content: AnyView,
) -> AnyView {
    let error = request.failure_in_url().map(|failure| error_of_change(&failure, None));
    view! {
        <Title text=document_title(title) />
        {skip_link()}
        <header class="bar">
            <div class="bar-content">{brand()} {account_menu_of_browser(request)}</div>
        </header>
        <main class="wide">
            <div id="status-message" role="status">{success}</div>
            <div id="error-message" role="alert">{error}</div>
            <div id="content" tabindex="-1">{content}</div>
        </main>
    }
    .into_any()
}

fn error_of_change(failure: &Failure, workspace: Option<&str>) -> AnyView {
    error_notice(failure, workspace, Interrupted::Change)
}

fn skip_link() -> AnyView {
    view! {
        <a class="skip" href="#content">
            "Skip to content"
        </a>
    }
    .into_any()
}
