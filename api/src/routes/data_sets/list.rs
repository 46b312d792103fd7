//! `GET /api/v1/data-sets`.

use axum::extract::State;
use contract::data_sets::{DataSetQuery, DataSetsView};
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// The data sets
///
/// How fresh and complete what was read from AWS is: for each account, region and kind its status, the span of time it covers
/// with its gaps, what went wrong and which permission is missing, when it is read next; and what paid requests cost this month.
/// Needs `account:read`.
#[utoipa::path(
    get,
    path = paths::DATA_SETS,
    tag = "schedules",
    security(("session" = []), ("key" = [])),
    params(DataSetQuery),
    responses((status = 200, description = "The data sets.", body = DataSetsView), QueryErrors, SignedInErrors),
)]
pub async fn list_data_sets(
    State(state): State<AppState>,
    user: Require<marker::AccountRead>,
    Query(query): Query<DataSetQuery>,
) -> Result<Json<DataSetsView>, ApiError> {
    let sets = services::data_sets::list_data_sets(state.context(), &user.actor, query.account_id).await?;
    Ok(Json(view::sets(sets)))
}
