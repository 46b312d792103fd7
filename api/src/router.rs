//! The route table, and the layers around it. Nothing else.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use platform::config::Config;
use platform::health;
use platform::limits::Quotas;
use platform::request_id::{self, RequestIds};
use platform::shutdown::Shutdown;
use platform::unread::{self, PassOver};
use std::any::Any;
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
use crate::middleware::cors::{AllowedOrigins, cors};
use crate::middleware::csrf::{OwnOrigin, csrf};
use crate::middleware::deprecation::{DEPRECATED, deprecation};
use crate::middleware::panic;
use crate::middleware::problem::{method_not_allowed, problem};
use crate::middleware::rate::{RateLimits, rate};
use crate::middleware::refusals::refusals;
use crate::middleware::security_headers::{Tls, security_headers};
use crate::middleware::timeout::{RequestTimeout, timeout};
use crate::openapi::Frame;
use crate::portal::{Portal, portal};
use crate::routes::{
    accounts, activity, api_keys, assistant, audit, budgets, costs, data_sets, desktop, events, exports, invitations,
    jobs, meta, oidc, overview, password_reset, places, portal_errors, portal_spans, privacy, profile, reports,
    requests, roles, schedules, session, sessions, settings, setup, sync_runs, teams, timeline, trail, usage, users,
    views, workspaces,
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
        .routes(routes!(session::proof::confirm_session))
        .routes(routes!(session::second_factor::finish_sign_in))
        .routes(routes!(session::email_code::request_email_code))
        .routes(routes!(session::email_code_verify::verify_email_code))
        .routes(routes!(password_reset::create::request_password_reset))
        .routes(routes!(password_reset::confirm::confirm_password_reset))
        .routes(routes!(portal_errors::create::report_portal_error))
        .routes(routes!(portal_spans::record::record_portal_spans))
        .routes(routes!(profile::fetch::fetch_profile, profile::update::update_profile))
        .routes(routes!(privacy::export::export_profile))
        .routes(routes!(privacy::delete_own::delete_profile))
        .routes(routes!(privacy::delete_user::delete_user))
        .routes(routes!(profile::password::change_password))
        .routes(routes!(profile::totp_create::begin_totp, profile::totp_delete::remove_totp))
        .routes(routes!(profile::totp_confirm::confirm_totp))
        .routes(routes!(profile::recovery_codes::replace_recovery_codes))
        .routes(routes!(sessions::list_own::list_own_sessions, sessions::end_others::delete_other_sessions))
        .routes(routes!(sessions::end_own::delete_own_session))
        .routes(routes!(sessions::list_user::list_user_sessions, sessions::end_user::delete_user_sessions))
        .routes(routes!(api_keys::list::list_api_keys, api_keys::create::create_api_key))
        .routes(routes!(
            api_keys::fetch::fetch_api_key,
            api_keys::update::update_api_key,
            api_keys::delete::delete_api_key
        ))
        .routes(routes!(api_keys::rotate::rotate_api_key))
        .routes(routes!(oidc::fetch::fetch_oidc))
        .routes(routes!(oidc::start::start_oidc))
        .routes(routes!(oidc::finish::finish_oidc))
        .routes(routes!(oidc::link::link_oidc, oidc::unlink::unlink_oidc))
        .routes(routes!(oidc::proof::prove_by_oidc))
        .routes(routes!(users::list::list_users))
        .routes(routes!(users::fetch::fetch_user, users::update::update_user))
        .routes(routes!(users::grants::set_user_grants))
        .routes(routes!(roles::permissions::list_permissions))
        .routes(routes!(roles::list::list_roles, roles::create::create_role))
        .routes(routes!(roles::fetch::fetch_role, roles::update::update_role, roles::delete::delete_role))
        .routes(routes!(teams::list::list_teams, teams::create::create_team))
        .routes(routes!(teams::fetch::fetch_team, teams::update::update_team, teams::delete::delete_team))
        .routes(routes!(teams::members::set_team_members))
        .routes(routes!(invitations::list::list_invitations, invitations::create::create_invitation))
        .routes(routes!(invitations::delete::revoke_invitation))
        .routes(routes!(invitations::resend::resend_invitation))
        .routes(routes!(invitations::accept::accept_invitation))
        .routes(routes!(overview::fetch::fetch_overview))
        .routes(routes!(accounts::list::list_accounts, accounts::create::create_account))
        .routes(routes!(accounts::fetch::fetch_account))
        .routes(routes!(accounts::test::test_account))
        .routes(routes!(accounts::sync::sync_account))
        .routes(routes!(workspaces::list::list_workspaces))
        .routes(routes!(workspaces::facets::list_workspace_facets))
        .routes(routes!(workspaces::tag_keys::list_workspace_tag_keys))
        .routes(routes!(workspaces::ids::list_workspace_ids))
        .routes(routes!(places::directories::list_directories))
        .routes(routes!(places::bundles::list_bundles))
        .routes(routes!(places::images::list_images))
        .routes(routes!(places::quotas::list_quotas))
        .routes(routes!(workspaces::start::start_workspaces))
        .routes(routes!(workspaces::stop::stop_workspaces))
        .routes(routes!(workspaces::reboot::reboot_workspaces))
        .routes(routes!(workspaces::rebuild::rebuild_workspaces))
        .routes(routes!(workspaces::restore::restore_workspaces))
        .routes(routes!(workspaces::terminate::terminate_workspaces))
        .routes(routes!(workspaces::running_mode::set_workspace_running_mode))
        .routes(routes!(workspaces::compute_type::set_workspace_compute_type))
        .routes(routes!(workspaces::volume::grow_workspace_volume))
        .routes(routes!(workspaces::tags::set_workspace_tags))
        .routes(routes!(workspaces::fetch::fetch_workspace))
        .routes(routes!(timeline::fetch::fetch_workspace_timeline))
        .routes(routes!(jobs::list::list_jobs))
        .routes(routes!(jobs::summary::fetch_job_summary))
        .routes(routes!(jobs::fetch::fetch_job))
        .routes(routes!(jobs::cancel::cancel_job))
        .routes(routes!(jobs::retry::retry_job))
        .routes(routes!(schedules::list::list_schedules))
        .routes(routes!(schedules::update::update_schedule))
        .routes(routes!(schedules::run::run_schedule))
        .routes(routes!(data_sets::list::list_data_sets))
        .routes(routes!(costs::summary::fetch_cost_summary))
        .routes(routes!(costs::daily::fetch_daily_costs))
        .routes(routes!(costs::groups::list_cost_groups))
        .routes(routes!(costs::forecast::fetch_cost_forecast))
        .routes(routes!(costs::workspaces::list_workspace_costs))
        .routes(routes!(costs::estimates::list_cost_estimates))
        .routes(routes!(costs::reconciliation::fetch_reconciliation))
        .routes(routes!(costs::reconciled_accounts::fetch_reconciled_accounts))
        .routes(routes!(budgets::list::list_budgets, budgets::create::create_budget))
        .routes(routes!(budgets::fetch::fetch_budget, budgets::update::update_budget, budgets::delete::delete_budget))
        .routes(routes!(usage::summary::fetch_usage_summary))
        .routes(routes!(usage::heat_map::fetch_usage_heat_map))
        .routes(routes!(usage::trend::fetch_usage_trend))
        .routes(routes!(usage::daily::fetch_daily_usage))
        .routes(routes!(usage::distribution::fetch_usage_distribution))
        .routes(routes!(usage::groups::list_usage_groups))
        .routes(routes!(usage::ranking::list_usage_ranking))
        .routes(routes!(usage::unused::list_usage_unused))
        .routes(routes!(sync_runs::list::list_sync_runs))
        .routes(routes!(costs::advice::fetch_workspace_advice))
        .routes(routes!(audit::list::list_audit_entries))
        .routes(routes!(audit::facets::list_audit_facets))
        .routes(routes!(audit::state::fetch_audit_state))
        .routes(routes!(reports::list::list_reports, reports::create::create_report))
        .routes(routes!(reports::fetch::fetch_report, reports::update::update_report, reports::delete::delete_report))
        .routes(routes!(reports::preview::preview_report))
        .routes(routes!(reports::draft::preview_report_draft))
        .routes(routes!(reports::runs::list_report_runs, reports::run::run_report))
        .routes(routes!(reports::delete_run::delete_report_run))
        .routes(routes!(reports::file::fetch_report_file))
        .routes(routes!(reports::link::link_report_file, reports::unlink::unlink_report_file))
        .routes(routes!(reports::deliver::deliver_report_run))
        .routes(routes!(reports::linked::fetch_linked_report))
        .routes(routes!(exports::audit_log::export_audit_log))
        .routes(routes!(exports::workspaces::export_workspaces))
        .routes(routes!(exports::usage::export_usage))
        .routes(routes!(exports::costs::export_costs))
        .routes(routes!(exports::trail::export_trail))
        .routes(routes!(exports::activity::export_activity))
        .routes(routes!(exports::jobs::export_jobs))
        .routes(routes!(exports::sync_runs::export_sync_runs))
        .routes(routes!(exports::data_sets::export_data_sets))
        .routes(routes!(exports::users::export_users))
        .routes(routes!(exports::user_grants::export_user_grants))
        .routes(routes!(exports::cost_estimates::export_cost_estimates))
        .routes(routes!(exports::cost_groups::export_cost_groups))
        .routes(routes!(exports::workspace_costs::export_workspace_costs))
        .routes(routes!(exports::reconciliation::export_reconciliation))
        .routes(routes!(exports::reconciled_accounts::export_reconciled_accounts))
        .routes(routes!(exports::budgets::export_budgets))
        .routes(routes!(exports::usage_groups::export_usage_groups))
        .routes(routes!(exports::usage_ranking::export_usage_ranking))
        .routes(routes!(exports::usage_unused::export_usage_unused))
        .routes(routes!(exports::timeline::export_workspace_timeline))
        .routes(routes!(exports::workspace_tags::export_workspace_tags))
        .routes(routes!(exports::job_items::export_job_items))
        .routes(routes!(exports::schedules::export_schedules))
        .routes(routes!(exports::requests::export_requests))
        .routes(routes!(exports::accounts::export_accounts))
        .routes(routes!(exports::account_regions::export_account_regions))
        .routes(routes!(exports::directories::export_directories))
        .routes(routes!(exports::bundles::export_bundles))
        .routes(routes!(exports::images::export_images))
        .routes(routes!(exports::quotas::export_quotas))
        .routes(routes!(exports::teams::export_teams))
        .routes(routes!(exports::roles::export_roles))
        .routes(routes!(exports::invitations::export_invitations))
        .routes(routes!(exports::api_keys::export_api_keys))
        .routes(routes!(exports::reports::export_reports))
        .routes(routes!(exports::report_runs::export_report_runs))
        .routes(routes!(exports::settings::export_settings))
        .routes(routes!(exports::assistant_levels::export_assistant_levels))
        .routes(routes!(exports::workspace_charges::export_workspace_charges))
        .routes(routes!(exports::workspace_advice::export_workspace_advice))
        .routes(routes!(exports::job_attempts::export_job_attempts))
        .routes(routes!(exports::job_log::export_job_log))
        .routes(routes!(exports::job_problems::export_job_problems))
        .routes(routes!(audit::fetch::fetch_audit_entry))
        .routes(routes!(trail::list::list_trail_events))
        .routes(routes!(trail::fetch::fetch_trail_event))
        .routes(routes!(trail::facets::list_trail_facets))
        .routes(routes!(trail::coverage::fetch_trail_coverage))
        .routes(routes!(activity::list::list_activity))
        .routes(routes!(views::list::list_views, views::create::create_view))
        .routes(routes!(views::fetch::fetch_view, views::update::update_view, views::delete::delete_view))
        .routes(routes!(desktop::fetch::fetch_my_desktops))
        .routes(routes!(requests::list::list_requests, requests::create::create_request))
        .routes(routes!(requests::fetch::fetch_request, requests::withdraw::withdraw_request))
        .routes(routes!(assistant::status::fetch_assistant))
        .routes(routes!(assistant::stats::fetch_assistant_stats))
        .routes(routes!(assistant::list::list_conversations, assistant::create::create_conversation))
        .routes(routes!(
            assistant::fetch::fetch_conversation,
            assistant::update::update_conversation,
            assistant::delete::delete_conversation
        ))
        .routes(routes!(assistant::ask::ask_question))
        .routes(routes!(assistant::rate::rate_answer))
        .routes(routes!(assistant::answer::answer_question))
        .routes(routes!(assistant::retry::retry_answer))
        .routes(routes!(events::stream::stream_events))
        .routes(routes!(settings::fetch::fetch_settings))
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
    let limits = RateLimits::new(state.clone(), Quotas::new(deps.redis.clone()), &config.limits);
    let api = api.layer(from_fn_with_state(state.clone(), refusals));
    let api = api.layer(from_fn_with_state(limits, rate)).with_state(state);
    let api = api.layer(from_fn_with_state(DEPRECATED, deprecation));
    let routes = api.merge(health::router(deps.health)).merge(pages(&config));
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
    // A workbook is compressed already.
    let large = large.and(NotForContentType::const_new("application/vnd.openxmlformats"));
    routes
        .method_not_allowed_fallback(async || method_not_allowed())
        .layer(from_fn_with_state(OwnOrigin::new(server.public_url.as_deref()), csrf))
        .layer(from_fn_with_state(BodyLimit(server.body_limit_bytes), body_limit))
        .layer(from_fn_with_state(PassOver::above(server.body_limit_bytes), unread::middleware))
        .layer(from_fn_with_state(RequestTimeout(server.request_timeout()), timeout))
        .layer(CatchPanicLayer::custom(|payload: Box<dyn Any + Send>| panic::answer(&*payload)))
        .layer(from_fn(problem))
        .layer(from_fn_with_state(AllowedOrigins::new(&server.cors_origins), cors))
        .layer(CompressionLayer::new().compress_when(large))
        .layer(from_fn_with_state(Tls(tls), security_headers))
        .layer(axum::Extension(TrustedProxies(server.trusted_proxies.clone().into())))
        .layer(from_fn_with_state(ids, request_id::middleware))
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
