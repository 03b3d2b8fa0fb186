//! The ID of a request, which is the same in the access log, on error pages, in the activity log and in the response's
//! `x-request-id` header. Also determines the request's client, once for all layers and handlers.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, map_request, map_request_with_state};
use console::RequestSource;
use http::HeaderName;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId as IdHeader, SetRequestIdLayer};

use super::access_log::access_log;
use super::client_address::client_of;
use crate::config::TrustedProxies;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives each request a new ID, determines its client, and logs it.
pub(crate) fn identify_and_log<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    proxies: TrustedProxies,
) -> Router<S> {
    // The first layer is the outermost.
    router.layer((
        map_request(discard_client_id),
        SetRequestIdLayer::new(X_REQUEST_ID, MakeRequestUuid),
        PropagateRequestIdLayer::new(X_REQUEST_ID),
        map_request_with_state(Arc::new(proxies), pass_on_to_handlers),
        from_fn(access_log),
    ))
}

/// Removes an ID that the client sent, which `SetRequestIdLayer` would keep. Otherwise a client could make its request
/// look like another one in the logs, and put its own text on error pages.
async fn discard_client_id(mut request: Request) -> Request {
    request.headers_mut().remove(X_REQUEST_ID);
    request
}

/// Passes the ID and the client to handlers, as a type that does not depend on `tower_http`.
async fn pass_on_to_handlers(State(proxies): State<Arc<TrustedProxies>>, mut request: Request) -> Request {
    let id = request.extensions().get::<IdHeader>();
    let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    let source = RequestSource {
        id: id.to_owned(),
        client: client_of(&request, &proxies),
    };
    request.extensions_mut().insert(source);
    request
}

#[cfg(test)]
mod tests {
    use axum::Extension;
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    /// The ID in the response's header, and the ID that the handler got.
    async fn ids_of(request: http::request::Builder) -> (String, String) {
        let handler = |Extension(source): Extension<RequestSource>| async move { source.id };
        let router = identify_and_log(Router::new().route("/", get(handler)), TrustedProxies::default());
        let response = router
            .oneshot(request.uri("/").body(Body::empty()).unwrap())
            .await
            .unwrap();
        let ids: Vec<_> = response.headers().get_all(X_REQUEST_ID).iter().collect();
        assert_eq!(ids.len(), 1);
        let header = ids[0].to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (header, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_request_has_an_id_of_its_own() {
        let (first, in_handler) = ids_of(Request::builder()).await;
        assert_eq!(first.len(), 36);
        assert_eq!(first, in_handler);
        assert_ne!(first, ids_of(Request::builder()).await.0);
    }

    #[tokio::test]
    async fn an_id_that_a_client_sends_is_not_used() {
        for sent in ["7b0d2f4e-1a57-4c1b-9f0e-2d4b7f6a9c10", "<script>", ""] {
            let request = Request::builder()
                .header(X_REQUEST_ID, sent)
                .header(X_REQUEST_ID, "another");
            let (header, in_handler) = ids_of(request).await;
            assert_eq!(header.len(), 36, "{sent}");
            assert_eq!(header, in_handler, "{sent}");
            assert!(header != sent && header != "another", "{sent}");
        }
    }
}
