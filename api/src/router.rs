//! The route table, and the layers around it. Nothing else.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use platform::config::Config;
use platform::health;
use platform::request_id::{self, RequestIds};
use platform::shutdown::Shutdown;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::compose::{self, ApiDeps};
use crate::extract::{BodyLimit, TrustedProxies};
use crate::middleware::body_limit::body_limit;
use crate::middleware::csrf::{OwnOrigin, csrf};
use crate::middleware::panic;
use crate::middleware::problem::{method_not_allowed, problem};
use crate::middleware::security_headers::{Tls, security_headers};
use crate::middleware::timeout::{RequestTimeout, timeout};
use crate::openapi::Frame;
use crate::portal::{Portal, portal};
use crate::routes::{
    accounts, data_sets, events, jobs, meta, overview, schedules, session, setup, sync_runs, workspaces,
};
use crate::state::AppState;

/// Answers smaller than this are not worth compressing, bytes.
const COMPRESS_ABOVE: u64 = 1024;

/// Every operation of the API. The paths are in `contract::paths`, beside each handler.
fn table() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Frame::openapi())
        .routes(routes!(setup::fetch::fetch_setup, setup::create::create_owner))
        .routes(routes!(
            session::fetch::fetch_session,
            session::create::create_session,
            session::delete::delete_session
        ))
        .routes(routes!(overview::fetch::fetch_overview))
        .routes(routes!(accounts::list::list_accounts, accounts::create::create_account))
        .routes(routes!(accounts::fetch::fetch_account))
        .routes(routes!(accounts::test::test_account))
        .routes(routes!(accounts::sync::sync_account))
        .routes(routes!(workspaces::list::list_workspaces))
        .routes(routes!(workspaces::facets::list_workspace_facets))
        .routes(routes!(workspaces::start::start_workspaces))
        .routes(routes!(workspaces::stop::stop_workspaces))
        .routes(routes!(workspaces::reboot::reboot_workspaces))
        .routes(routes!(workspaces::fetch::fetch_workspace))
        .routes(routes!(jobs::list::list_jobs))
        .routes(routes!(jobs::summary::fetch_job_summary))
        .routes(routes!(jobs::fetch::fetch_job))
        .routes(routes!(jobs::cancel::cancel_job))
        .routes(routes!(jobs::retry::retry_job))
        .routes(routes!(schedules::list::list_schedules))
        .routes(routes!(schedules::update::update_schedule))
        .routes(routes!(schedules::run::run_schedule))
        .routes(routes!(data_sets::list::list_data_sets))
        .routes(routes!(sync_runs::list::list_sync_runs))
        .routes(routes!(events::stream::stream_events))
        .routes(routes!(meta::openapi::fetch_openapi))
}

/// The OpenAPI document of the table.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = table().into_openapi();
    crate::openapi::finish(&mut document);
    document
}

/// The API, the health checks and the portal, ready to be served. Must be called inside a tokio runtime; its background
/// task ends with `shutdown`.
pub fn router(deps: ApiDeps, shutdown: &Shutdown) -> Router {
    let config = deps.config.clone();
    let state = compose::state(&deps, shutdown);
    let env = deps.context.env.clone();
    let ids = RequestIds::new(Arc::new(move || env.new_id().to_string()));
    let (api, _) = table().split_for_parts();
    let routes = api.with_state(state).merge(health::router(deps.health)).merge(pages(&config));
    layered(routes, &config, ids)
}

/// The portal and the health checks alone, for a process that serves nothing else.
pub fn web_router(config: &Config, health: health::HealthRegistry, ids: RequestIds) -> Router {
    layered(health::router(health).merge(pages(config)), config, ids)
}

/// What no route takes is the portal's.
fn pages(config: &Config) -> Router {
    Router::new().fallback(portal).with_state(Portal::new(config.portal.folder()))
}

/// The layers, outermost last.
fn layered(routes: Router, config: &Config, ids: RequestIds) -> Router {
    let server = &config.server;
    let tls = server.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let large = SizeAbove::new(COMPRESS_ABOVE).and(NotForContentType::SSE).and(NotForContentType::IMAGES);
    let large = large.and(NotForContentType::const_new("application/problem+json"));
    routes
        .method_not_allowed_fallback(async || method_not_allowed())
        .layer(from_fn_with_state(OwnOrigin::new(server.public_url.as_deref()), csrf))
        .layer(from_fn_with_state(BodyLimit(server.body_limit_bytes), body_limit))
        .layer(from_fn_with_state(RequestTimeout(server.request_timeout()), timeout))
        .layer(CatchPanicLayer::custom(panic::answer))
        .layer(from_fn(problem))
        .layer(CompressionLayer::new().compress_when(large))
        .layer(from_fn_with_state(Tls(tls), security_headers))
        .layer(axum::Extension(TrustedProxies(server.trusted_proxies.clone().into())))
        .layer(from_fn_with_state(ids, request_id::middleware))
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
