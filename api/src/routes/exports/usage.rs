//! `GET /api/v1/exports/usage`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::{ExportQuery, UsageExportQuery};
use contract::paths;
use domain::access::marker;
use services::exports::tables::UsageTable;
use services::usage::UsageQuestion;
use services::workspaces::WorkspaceFilter;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::usage::{ask, period};
use crate::routes::workspaces::filter::list_request;
use crate::state::AppState;

/// Take usage along
///
/// Connected time, hours, sessions and days of each WorkSpace over some days, by user name; those without any with zeros. Needs
/// `usage:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_USAGE,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, UsageExportQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_usage(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Export { format, query }: Export<UsageExportQuery>,
) -> Result<Response, ApiError> {
    let (from, to) = (query.from, query.to);
    period::check(from, to)?;
    let teams = ask::teams(query.team.as_deref())?;
    let filter = WorkspaceFilter { teams, ..list_request(query.workspaces())?.filter };
    answer(&state, &user.actor, UsageTable { asked: UsageQuestion { filter, from, to } }, format).await
}
