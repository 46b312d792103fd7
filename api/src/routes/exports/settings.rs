//! `GET /api/v1/exports/settings`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::settings::{SettingQuery, SettingView};
use domain::access::marker;
use services::exports::tables::{SettingRow, SettingTable};

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require, search_text};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::settings::view;
use crate::state::AppState;

/// Take the settings along
///
/// As they are in force in the process that answers, and where each was set. Passwords are not shown. Needs `system:read` over
/// everything; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_SETTINGS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, SettingQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_settings(
    State(state): State<AppState>,
    user: Require<marker::SystemRead>,
    Export { format, query }: Export<SettingQuery>,
) -> Result<Response, ApiError> {
    let query = SettingQuery { q: search_text(query.q)?, ..query };
    let all = view::settings(&state.config()).settings;
    let settings = all.into_iter().filter(|setting| query.fits(setting)).map(row).collect();
    let table = SettingTable { settings, set: query.set.unwrap_or_default(), q: query.q };
    answer(&state, &user.actor, table, format).await
}

fn row(setting: SettingView) -> SettingRow {
    let SettingView { key, about, value, layer, place, variable, live } = setting;
    SettingRow { key, about, value, layer, place, variable, live }
}
