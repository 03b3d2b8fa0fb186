//! The routes of the console: every page by its URL.

pub mod activity;
pub mod bulk;
mod findings;
pub(crate) mod keyboard_shortcuts;
mod not_found;
mod overview;
mod permissions;
mod principals;
mod scopes;
mod sessions;
mod settings;
mod sign_in;
pub mod tokens;
mod workspace_start;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::http::time_zone::PageTimeZone;
use crate::layout::assets::Assets;
use crate::layout::document;
use crate::pages::activity::ActivityLogPage;
use crate::pages::bulk::{BulkListPage, BulkPage};
use crate::pages::findings::FindingsPage;
use crate::pages::keyboard_shortcuts::KeyboardShortcutsPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::overview::OverviewPage;
use crate::pages::permissions::{FindPrincipalPage, PermissionsPage, ReviewPage};
use crate::pages::principals::PrincipalPage;
use crate::pages::scopes::ScopesOverviewPage;
use crate::pages::sessions::SessionsPage;
use crate::pages::settings::{AdvancedPage, SwitchPage};
use crate::pages::sign_in::SignInPage;
use crate::pages::tokens::{
    ExportPage, FindPage, FirstTokenPage, NewTokenPage, ReviewNewTokenPage, RevokePage, ScopesPage, TokenPage,
    TokensPage,
};
use crate::pages::workspace_start::WorkspaceStartPage;

/// The document with [`App`] in its body. `nonce` is from the response's content security policy.
pub fn shell(assets: &Assets, nonce: &str) -> impl IntoView + use<> {
    document(assets, nonce, || view! { <App /> })
}

/// The pages by URL. Each page is rendered completely before the response starts, so that status and redirects are
/// correct.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    PageTimeZone::provide();
    const SSR: SsrMode = SsrMode::Async;
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=OverviewPage ssr=SSR />
                <Route path=path!("/sign-in") view=SignInPage ssr=SSR />
                <Route path=path!("/sessions") view=SessionsPage ssr=SSR />
                <Route path=path!("/keyboard-shortcuts") view=KeyboardShortcutsPage ssr=SSR />
                <Route path=path!("/w/:workspace") view=WorkspaceStartPage ssr=SSR />
                <Route path=path!("/w/:workspace/tokens") view=TokensPage ssr=SSR />
                <Route path=path!("/w/:workspace/tokens/export") view=ExportPage ssr=SSR />
                <Route path=path!("/w/:workspace/tokens/new") view=NewTokenPage ssr=SSR />
                <Route path=path!("/w/:workspace/tokens/new/review") view=ReviewNewTokenPage ssr=SSR />
                <Route path=path!("/w/:workspace/tokens/new/first") view=FirstTokenPage ssr=SSR />
                <Route path=path!("/w/:workspace/tokens/:token") view=TokenPage ssr=SSR />
                <Route path=path!("/w/:workspace/tokens/:token/revoke") view=RevokePage ssr=SSR />
                <Route path=path!("/w/:workspace/tokens/:token/scopes") view=ScopesPage ssr=SSR />
                <Route path=path!("/w/:workspace/principals/:id") view=PrincipalPage ssr=SSR />
                <Route path=path!("/w/:workspace/scopes") view=ScopesOverviewPage ssr=SSR />
                <Route path=path!("/w/:workspace/find") view=FindPage ssr=SSR />
                <Route path=path!("/w/:workspace/findings") view=FindingsPage ssr=SSR />
                <Route path=path!("/w/:workspace/bulk-revocations") view=BulkListPage ssr=SSR />
                <Route path=path!("/w/:workspace/bulk-revocations/:id") view=BulkPage ssr=SSR />
                <Route path=path!("/w/:workspace/activity") view=ActivityLogPage ssr=SSR />
                <Route path=path!("/w/:workspace/settings/advanced") view=AdvancedPage ssr=SSR />
                <Route path=path!("/w/:workspace/settings/advanced/switch") view=SwitchPage ssr=SSR />
                <Route path=path!("/w/:workspace/settings/advanced/permissions") view=PermissionsPage ssr=SSR />
                <Route path=path!("/w/:workspace/settings/advanced/permissions/find") view=FindPrincipalPage ssr=SSR />
                <Route path=path!("/w/:workspace/settings/advanced/permissions/review") view=ReviewPage ssr=SSR />
            </Routes>
        </Router>
    }
}
