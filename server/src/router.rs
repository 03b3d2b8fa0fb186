//! All routes, and the layers around them.

use std::sync::Arc;
use std::time::Duration;

use app::NewTokenForm;
use app::http::cookies::CookieScope;
use app::http::paths;
use app::http::request::Services;
use app::layout::assets::{Assets, Stylesheet};
use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{MethodRouter, get, post};
use console::Console;
use http::header::CONTENT_SECURITY_POLICY;
use http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{IntoView, provide_context, use_context};
use leptos_axum::{
    LeptosRoutes, ResponseOptions, generate_route_list, handle_server_fns_with_context, render_app_async_with_context,
};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use crate::config::{PublicUrl, TrustedProxies};
use crate::middleware::body_limit::body_limit;
use crate::middleware::form_drafts::keep_form_drafts;
use crate::middleware::form_redirect::form_redirect;
use crate::middleware::host::check_host;
use crate::middleware::new_events::apply_new_events;
use crate::middleware::page_compression::compress_page;
use crate::middleware::redirect_urls::clean_redirect;
use crate::middleware::request_id::identify_and_log;
use crate::middleware::run_to_end::run_to_end;
use crate::middleware::same_origin::check_origin;
use crate::middleware::security_headers::{content_security_policy, security_headers};
use crate::routes::export::Format;
use crate::routes::{
    assets, bulk_draft, bulk_events, bulk_report, create_token, export_activity, export_findings, export_tokens,
    health, legacy_paths, loaded_parts, oauth, open_page,
};
use crate::sign_in_rate_limit::SignInRateLimiter;

/// The compression level for exports, for all encodings: above it, time grows faster than size shrinks.
const EXPORT_COMPRESSION_LEVEL: i32 = 4;

/// The route that creates a token: the only change that is not a server function.
const CREATE_TOKEN_PATH: &str = "/api/tokens/create";
const CREATE_FIRST_TOKEN_PATH: &str = "/api/tokens/create_first";

/// The settings that the router needs.
pub struct RouterSettings {
    /// The URL that people open. Requests for any other host are rejected or redirected.
    pub public_url: PublicUrl,
    /// The proxies whose headers are trusted.
    pub trusted_proxies: TrustedProxies,
    /// Sign-in attempts allowed per minute and IP address.
    pub sign_in_tries: u32,
    /// How long a browser keeps its session cookie after its last request.
    pub session: Duration,
}

/// The state of all handlers and layers. It is cloned for each request, so it is a single pointer.
#[derive(Clone)]
struct RouterState(Arc<SharedState>);

struct SharedState {
    options: LeptosOptions,
    services: Services,
    public_url: Arc<PublicUrl>,
}

impl FromRef<RouterState> for LeptosOptions {
    fn from_ref(state: &RouterState) -> Self {
        state.0.options.clone()
    }
}

impl FromRef<RouterState> for Services {
    fn from_ref(state: &RouterState) -> Self {
        state.0.services.clone()
    }
}

impl FromRef<RouterState> for Console {
    fn from_ref(state: &RouterState) -> Self {
        state.0.services.console.clone()
    }
}

impl FromRef<RouterState> for Arc<PublicUrl> {
    fn from_ref(state: &RouterState) -> Self {
        Arc::clone(&state.0.public_url)
    }
}

/// The whole console as a service. Requests need the peer's address as `ConnectInfo<SocketAddr>`.
pub fn router(console: Console, settings: RouterSettings) -> Router {
    let sessions = console.session_store();
    let services = Services {
        sign_in_limiter: Arc::new(SignInRateLimiter::new(console.clone(), settings.sign_in_tries)),
        sessions: sessions.clone(),
        cookies: settings.public_url.cookies(),
        console,
    };
    let state = RouterState(Arc::new(SharedState {
        options: LeptosOptions::builder().output_name("pat-console").build(),
        services,
        public_url: Arc::new(settings.public_url),
    }));
    // A layer wraps everything above it, so the last one is the first to see a request.
    let router = with_routes(pages(&state), session_routes())
        .layer(from_fn_with_state(state.clone(), keep_form_drafts))
        .layer(from_fn_with_state(state.clone(), apply_new_events))
        .layer(session_layer(sessions, state.0.services.cookies, settings.session))
        .layer(from_fn_with_state(state.clone(), run_to_end))
        .layer(from_fn(compress_page))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(EXPORT_COMPRESSION_LEVEL)))
        .merge(assets::routes())
        .merge(with_routes(Router::new(), public_routes()))
        .layer(map_response(clean_redirect))
        .layer(from_fn(body_limit))
        .layer(from_fn_with_state(state.clone(), check_origin))
        .layer(from_fn_with_state(state.clone(), check_host))
        .layer(from_fn_with_state(state.clone(), security_headers));
    let router: Router = identify_and_log(router, settings.trusted_proxies).with_state(state);
    // Outside the router, because a route is chosen before the router's own layers run.
    Router::new()
        .fallback_service(router)
        .layer(from_fn(legacy_paths::rename_api_path))
}

fn session_layer<S: SessionStore + Clone>(
    store: S,
    cookies: CookieScope,
    duration: Duration,
) -> SessionManagerLayer<S> {
    let duration = duration.try_into().unwrap_or(time::Duration::HOUR);
    SessionManagerLayer::new(store)
        .with_name(cookies.session_name())
        .with_secure(cookies.is_https())
        .with_http_only(true)
        // `Lax`, since the redirect back from a workspace's sign-in page comes from another site and needs the session.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(duration))
}

type Routes = Vec<(&'static str, MethodRouter<RouterState>)>;

fn with_routes(router: Router<RouterState>, routes: Routes) -> Router<RouterState> {
    let each = routes.into_iter();
    each.fold(router, |router, (path, route)| router.route(path, route))
}

/// Routes other than pages that need a signed-in user.
fn session_routes() -> Routes {
    vec![
        (
            "/w/{workspace}/activity.csv",
            get(|s, e, i, p, q, h| export_activity::export(Format::Csv, s, e, i, p, q, h)),
        ),
        (
            "/w/{workspace}/activity.json",
            get(|s, e, i, p, q, h| export_activity::export(Format::Json, s, e, i, p, q, h)),
        ),
        (
            "/w/{workspace}/bulk-revocations/{id}/events",
            get(bulk_events::bulk_events),
        ),
        (
            "/w/{workspace}/bulk-revocations/{id}/report.csv",
            get(bulk_report::report),
        ),
        (
            "/w/{workspace}/findings.csv",
            get(|s, e, i, p, q| export_findings::export(Format::Csv, s, e, i, p, q)),
        ),
        (
            "/w/{workspace}/findings.json",
            get(|s, e, i, p, q| export_findings::export(Format::Json, s, e, i, p, q)),
        ),
        ("/w/{workspace}/parts/loaded", get(loaded_parts::loaded_parts)),
        (
            "/w/{workspace}/tokens.csv",
            get(|s, e, i, p, q| export_tokens::export(Format::Csv, s, e, i, p, q)),
        ),
        (
            "/w/{workspace}/tokens.json",
            get(|s, e, i, p, q| export_tokens::export(Format::Json, s, e, i, p, q)),
        ),
        ("/sign-in/oauth", get(oauth::start)),
        ("/sign-in/callback", get(oauth::callback)),
    ]
}

/// Routes that are the same for everyone.
fn public_routes() -> Routes {
    vec![
        ("/healthz", get(health::live)),
        ("/readyz", get(health::ready)),
        ("/w/{workspace}/jobs", get(legacy_paths::redirect)),
        ("/w/{workspace}/jobs/", get(legacy_paths::redirect)),
        ("/w/{workspace}/jobs/{*rest}", get(legacy_paths::redirect)),
    ]
}

/// The templates of all routes, except those of the site's files and of server functions other than the creation of a
/// token. A test compares them with its table of permissions.
pub fn route_templates() -> Vec<String> {
    let pages = generate_route_list(app::App);
    let pages = pages.iter().map(|page| page.path().to_owned());
    let others = session_routes()
        .into_iter()
        .chain(public_routes())
        .map(|(path, _)| path.to_owned());
    let created = [CREATE_TOKEN_PATH, CREATE_FIRST_TOKEN_PATH].map(str::to_owned);
    pages.chain(others).chain(created).collect()
}

/// The pages and the server functions.
fn pages(state: &RouterState) -> Router<RouterState> {
    let services = state.0.services.clone();
    let context = move || provide_context(services.clone());
    let context_of_functions = context.clone();
    let functions = post(move |request| {
        let context = context_of_functions.clone();
        async move { handle_server_fns_with_context(context, request).await }
    });
    let page = render_app_async_with_context(context.clone(), document);
    let page_of_token = page.clone();
    let create_token = |form| {
        let page_of_token = page_of_token.clone();
        post(move |State(services): State<Services>, request: Request| {
            create_token::create_token(services, form, request, page_of_token)
        })
    };
    Router::new()
        .route("/api/{*function}", functions)
        .route("/api/bulk_revocations/draft", post(bulk_draft::draft_bulk))
        .route("/api/open", post(open_page::open_page))
        .route(CREATE_TOKEN_PATH, create_token(NewTokenForm::ServicePrincipal))
        .route(CREATE_FIRST_TOKEN_PATH, create_token(NewTokenForm::First))
        .leptos_routes_with_context(state, generate_route_list(app::App), context, document)
        // Any other path: a page that says that it does not exist.
        .fallback(get(page))
        // A layer around all of them, because Leptos adds a route for each server function.
        .layer(from_fn_with_state(state.clone(), form_redirect))
}

/// The HTML document. Sets the content security policy with the document's nonce.
fn document() -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(CONTENT_SECURITY_POLICY, content_security_policy(nonce.as_deref()));
    }
    app::shell(&assets(), &nonce.unwrap_or_default())
}

/// The style sheet and scripts of a page. A page that a script fetches has none, because it is put into a page that has
/// them.
fn assets() -> Assets {
    let context = use_context::<Parts>().zip(use_context::<Services>());
    let Some((Parts { headers, uri, .. }, Services { cookies, .. })) = context else {
        return Assets::default();
    };
    if headers
        .get("sec-fetch-dest")
        .is_some_and(|destination| destination == "empty")
    {
        return Assets::default();
    }
    let stylesheet = assets::CSS.map(|(href, whole)| match cookies.has_cached_stylesheet(&headers, href) {
        true => Stylesheet::Cached(href),
        false => Stylesheet::Inline {
            href,
            text: assets::TOKEN_LIST_CSS
                .filter(|_| paths::is_token_list(uri.path()) && uri.query().is_none())
                .map_or(whole, |(_, part)| part),
            cookie: cookies.stylesheet_name(),
        },
    });
    Assets {
        stylesheet,
        js: assets::JS,
        wasm: assets::WASM,
        filters_early: assets::JS.is_some() && paths::is_token_list(uri.path()),
    }
}
