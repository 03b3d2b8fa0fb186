//! Every route and the layers around them.

use std::sync::Arc;
use std::time::Duration;

use app::http::cookies::has_cached_stylesheet;
use app::http::request::Services;
use app::layout::assets::{Assets, Stylesheet};
use axum::Router;
use axum::extract::{FromRef, Request};
use axum::middleware::{from_fn, from_fn_with_state};
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
use tower_sessions::{CachingSessionStore, Expiry, SessionManagerLayer};
use tower_sessions_moka_store::MokaStore;

use crate::config::PublicUrl;
use crate::gate;
use crate::middleware::run_to_end::run_to_end;
use crate::middleware::security_headers::content_security_policy;
use crate::middleware::{access_log, security_headers};
use crate::routes::export::Format;
use crate::routes::{assets, bulk_events, create_token, export_activity, export_tokens, health, legacy_paths, oauth};
use crate::sign_in_rate_limit::SignInRateLimiter;

/// Brotli's effort for pages, whose bytes change with each request: beyond this, time grows faster than bytes shrink.
const PAGE_BROTLI_QUALITY: i32 = 4;

/// Browser sessions kept in memory, a few hundred bytes each.
const SESSION_CACHE_SIZE: u64 = 10_000;

/// What the routes stand on.
pub struct RouterSettings {
    /// The one origin.
    pub public_url: PublicUrl,
    /// Tries to sign in, a minute and network address.
    pub sign_in_tries: u32,
    /// How long a browser keeps its session.
    pub session: Duration,
}

/// What handlers may ask for. It is cloned for each request, so it is one pointer.
#[derive(Clone)]
struct SharedState(Arc<RouterState>);

struct RouterState {
    options: LeptosOptions,
    services: Services,
    console: Console,
}

impl FromRef<SharedState> for LeptosOptions {
    fn from_ref(state: &SharedState) -> Self {
        state.0.options.clone()
    }
}

impl FromRef<SharedState> for Services {
    fn from_ref(state: &SharedState) -> Self {
        state.0.services.clone()
    }
}

impl FromRef<SharedState> for Console {
    fn from_ref(state: &SharedState) -> Self {
        state.0.console.clone()
    }
}

/// The whole console as a service.
pub fn router(console: Console, settings: RouterSettings) -> Router {
    // A session only says which sign-ins a browser has; whether those still hold is read from the database each time. So
    // sessions may be kept in memory, and a request costs one read instead of two.
    let sessions = CachingSessionStore::new(MokaStore::new(Some(SESSION_CACHE_SIZE)), console.session_store());
    let services = Services {
        console: console.clone(),
        sign_in_limiter: Arc::new(SignInRateLimiter::per_minute(settings.sign_in_tries)),
        sessions: Arc::new(sessions.clone()),
        stored_sessions: console.session_store(),
        https: settings.public_url.is_https(),
    };
    let options = LeptosOptions::builder().output_name("pat-console").build();
    let state = SharedState(Arc::new(RouterState {
        options,
        services: services.clone(),
        console: console.clone(),
    }));
    let public_url = Arc::new(settings.public_url);

    let sessions = SessionManagerLayer::new(sessions)
        .with_name(if public_url.is_https() {
            "__Host-pat_console"
        } else {
            "pat_console_dev"
        })
        .with_secure(public_url.is_https())
        .with_http_only(true)
        // The return from a workspace's sign-in page comes from another site and needs the session.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(
            settings.session.try_into().unwrap_or(time::Duration::HOUR),
        ));

    let context = move || provide_context(services.clone());
    let router: Router = with_routes(pages(&state, context), session_routes())
        .layer(sessions)
        .layer(from_fn_with_state(console, run_to_end))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(PAGE_BROTLI_QUALITY)))
        .merge(assets::routes())
        .merge(with_routes(Router::new(), public_routes()))
        .layer(from_fn(gate::body_limit))
        .layer(from_fn_with_state(Arc::clone(&public_url), gate::check_origin))
        .layer(from_fn_with_state(Arc::clone(&public_url), gate::check_host))
        .layer(from_fn_with_state(public_url, security_headers::security_headers))
        .layer(from_fn(access_log::access_log))
        .with_state(state);
    // Around the router, since a route is chosen before its layers run.
    Router::new()
        .fallback_service(router)
        .layer(from_fn(legacy_paths::rename_api_path))
}

/// Where a form for a new token is sent: the one change that is no server function.
const CREATE_TOKEN_PATH: &str = "/api/tokens/create";

type Routes = Vec<(&'static str, MethodRouter<SharedState>)>;

fn with_routes(router: Router<SharedState>, routes: Routes) -> Router<SharedState> {
    let each = routes.into_iter();
    each.fold(router, |router, (path, route)| router.route(path, route))
}

/// What is no page and yet depends on who asks.
fn session_routes() -> Routes {
    vec![
        (
            "/w/{workspace}/activity.csv",
            get(|s, e, i, p, q| export_activity::export(Format::Csv, s, e, i, p, q)),
        ),
        (
            "/w/{workspace}/activity.json",
            get(|s, e, i, p, q| export_activity::export(Format::Json, s, e, i, p, q)),
        ),
        ("/w/{workspace}/bulk-revocations/{id}/events", get(bulk_events::events)),
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

/// What is the same for everybody.
fn public_routes() -> Routes {
    vec![
        ("/healthz", get(health::live)),
        ("/readyz", get(health::ready)),
        ("/w/{workspace}/jobs", get(legacy_paths::redirect)),
        ("/w/{workspace}/jobs/", get(legacy_paths::redirect)),
        ("/w/{workspace}/jobs/{*rest}", get(legacy_paths::redirect)),
    ]
}

/// Every address that is answered, by its template, but the site's files: for the test that says who may ask for what.
pub fn route_templates() -> Vec<String> {
    let pages = generate_route_list(app::App);
    let pages = pages.iter().map(|page| page.path().to_owned());
    let own = session_routes()
        .into_iter()
        .chain(public_routes())
        .map(|(path, _)| path.to_owned());
    pages.chain(own).chain([CREATE_TOKEN_PATH.to_owned()]).collect()
}

/// The pages and the server functions.
fn pages(state: &SharedState, context: impl Fn() + Clone + Send + Sync + 'static) -> Router<SharedState> {
    let for_functions = context.clone();
    let functions = post(move |request| {
        let context = for_functions.clone();
        async move { handle_server_fns_with_context(context, request).await }
    });
    let (for_creating, services) = (context.clone(), state.0.services.clone());
    let creating = post(move |request: Request| {
        let render = render_app_async_with_context(for_creating.clone(), document);
        create_token::create_token(services.clone(), request, render)
    });
    Router::new()
        .route("/api/{*function}", functions)
        .route("/api/bulk_revocations/draft", post(bulk_events::draft_bulk))
        .route(CREATE_TOKEN_PATH, creating)
        .leptos_routes_with_context(state, generate_route_list(app::App), context.clone(), document)
        // Any other address: a page that says so.
        .fallback(get(render_app_async_with_context(context, document)))
        // Around all of them: Leptos adds a route of its own for each server function.
        .layer(from_fn(gate::form_redirect))
}

/// The document, and the content security policy with its nonce.
fn document() -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(CONTENT_SECURITY_POLICY, content_security_policy(nonce.as_deref()));
    }
    app::shell(&assets(), &nonce.unwrap_or_default())
}

/// What the page is given. A page that a script fetched is put into one that has it all.
fn assets() -> Assets {
    let Some(headers) = use_context::<Parts>().map(|request| request.headers) else {
        return Assets::default();
    };
    if headers
        .get("sec-fetch-dest")
        .is_some_and(|destination| destination == "empty")
    {
        return Assets::default();
    }
    let style = assets::CSS.map(|(href, text)| match has_cached_stylesheet(&headers, href) {
        true => Stylesheet::Cached(href),
        false => Stylesheet::Inline { href, text },
    });
    Assets {
        stylesheet: style,
        js: assets::JS,
        wasm: assets::WASM,
    }
}
