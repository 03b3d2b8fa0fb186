//! Every page of the console by its address, and the document around them.

pub mod activity;
pub mod bulk;
mod overview;
mod permissions;
mod sessions;
mod settings;
mod sign_in;
pub mod tokens;

use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::layout::assets::{AssetLinks, Assets};
use crate::layout::theme;
use crate::layout::{NotFoundPage, WorkspaceStartPage};
use crate::pages::activity::ActivityPage;
use crate::pages::bulk::{BulkListPage, BulkPage};
use crate::pages::overview::OverviewPage;
use crate::pages::permissions::{FindPrincipalPage, PermissionsPage, ReviewPage};
use crate::pages::sessions::SessionsPage;
use crate::pages::settings::{AdvancedPage, SwitchPage};
use crate::pages::sign_in::SignInPage;
use crate::pages::tokens::{FindPage, NewTokenPage, ReviewNewTokenPage, RevokePage, ScopesPage, TokenPage, TokensPage};

/// The document: head, and [`App`] in the body. `nonce` is the one of this response's content security policy.
pub fn shell(assets: &Assets, nonce: &str) -> impl IntoView + use<> {
    let links = AssetLinks(assets, nonce);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme::document_theme()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                {links}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The pages by address. All are rendered whole before the first byte leaves, so that status and redirects are right.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("/sessions") view=SessionsPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace") view=WorkspaceStartPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/tokens") view=TokensPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/tokens/new") view=NewTokenPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/tokens/new/review") view=ReviewNewTokenPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/tokens/:token") view=TokenPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/tokens/:token/revoke") view=RevokePage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/tokens/:token/scopes") view=ScopesPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/find") view=FindPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/bulk-revocations") view=BulkListPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/bulk-revocations/:id") view=BulkPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/activity") view=ActivityPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/settings/advanced") view=AdvancedPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/settings/advanced/switch") view=SwitchPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/settings/advanced/permissions") view=PermissionsPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/settings/advanced/permissions/find") view=FindPrincipalPage ssr=SsrMode::Async />
                <Route path=path!("/w/:workspace/settings/advanced/permissions/review") view=ReviewPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
