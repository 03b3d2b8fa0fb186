//! The pages that people see while they sign in. They need no JavaScript and load no other files.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::authorize::AuthorizationRequest;
use crate::app::App;

const STYLE: &str = "
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-block-size: 100dvh; display: grid; place-items: center;
  background: light-dark(#f3f5f7, #14181c); color: light-dark(#1b2329, #e8edf1); }
main { box-sizing: border-box; inline-size: min(100% - 2rem, 26rem); margin-block: 2rem; padding: 2rem;
  border: 1px solid light-dark(#d5dce2, #323b43); border-radius: 0.75rem; background: light-dark(#fff, #1c2227); }
h1 { margin: 0 0 0.5rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
p:last-child { margin: 0; }
form { display: grid; gap: 0.75rem; margin-block: 1.5rem; }
button { min-block-size: 2.75rem; padding: 0.5rem 1rem; border: 1px solid light-dark(#1d5a8e, #7db8e8);
  border-radius: 0.5rem; background: light-dark(#1d5a8e, #7db8e8); color: light-dark(#fff, #0d1a24); font: inherit;
  cursor: pointer; }
button.plain { background: none; color: inherit; border-color: light-dark(#6b7781, #8a96a0); }
button:focus-visible { outline: 3px solid light-dark(#b35a00, #ffb45c); outline-offset: 2px; }
small { color: light-dark(#4f5b65, #a9b5bf); overflow-wrap: anywhere; }
";

/// The sign-in page. Offers two users: an admin and someone who is not an admin.
pub(super) fn sign_in(app: &App, request: &AuthorizationRequest) -> Response {
    let fields = [
        ("response_type", request.response_type.as_str()),
        ("client_id", &request.client_id),
        ("redirect_uri", &request.redirect_uri),
        ("scope", &request.scope),
        ("code_challenge", &request.code_challenge),
        ("code_challenge_method", &request.code_challenge_method),
    ];
    let state = request.state.as_deref().map(|state| ("state", state));
    let hidden: String = fields
        .into_iter()
        .chain(state)
        .map(|(name, value)| format!("<input type=hidden name={name} value=\"{}\">", escape(value)))
        .collect();
    let people: String = [&app.credentials.admin, &app.credentials.non_admin]
        .into_iter()
        .map(|person| {
            format!(
                "<button name=decision value={}>Sign in as {}</button>",
                person.id,
                escape(&person.display_name)
            )
        })
        .collect();
    let body = format!(
        "<h1>Sign in to the Acme workspace</h1>\
         <p>The application <strong>{client}</strong> wants to act for you in this demo workspace. \
         You need no password: \
         choose who you are. {admin} is a workspace admin, {non_admin} is not.</p>\
         <form method=post action=\"/oidc/v1/authorize\">{hidden}{people}\
         <button name=decision value=cancel class=plain>Cancel</button></form>\
         <p><small>Requested access: {scope}. Afterwards you return to {redirect_uri}.</small></p>",
        client = escape(&request.client_id),
        admin = escape(&app.credentials.admin.display_name),
        non_admin = escape(&app.credentials.non_admin.display_name),
        scope = escape(&request.scopes().join(", ")),
        redirect_uri = escape(&request.redirect_uri),
    );
    page(StatusCode::OK, "Sign in to the Acme workspace", &body)
}

/// Shows why the sign-in cannot continue, for requests that must not be redirected.
pub(super) fn error(reason: &str) -> Response {
    let body = format!("<h1>This sign-in cannot continue</h1><p>{}</p>", escape(reason));
    page(StatusCode::BAD_REQUEST, "This sign-in cannot continue", &body)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=icon href=\"data:,\"><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    );
    let headers = [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
        ),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
    ];
    (status, headers, Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
