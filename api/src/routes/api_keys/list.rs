//! `GET /api/v1/api-keys`.

use axum::extract::State;
use chrono::{DateTime, Utc};
use contract::api_keys::{ApiKeyQuery, ApiKeyView, KEY_SORTS};
use contract::page::Page;
use contract::paths;
use services::keys::{ApiKeyFilter, ApiKeySort};

use super::view;
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, Query, page_request, sort_by};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// Most characters of a search text.
const LONGEST: usize = 400;

/// The API keys
///
/// Your own; with `key:manage` everybody's. Those that have ended stay in the list unless `working` is true.
#[utoipa::path(
    get,
    path = paths::API_KEYS,
    tag = "api-keys",
    security(("session" = []), ("key" = [])),
    params(ApiKeyQuery),
    responses((status = 200, description = "A page of keys.", body = Page<ApiKeyView>), ListErrors, SignedInErrors),
)]
pub async fn list_api_keys(
    State(state): State<AppState>,
    user: Authenticated,
    Query(query): Query<ApiKeyQuery>,
) -> Result<Json<Page<ApiKeyView>>, ApiError> {
    let (filter, sort) = narrowed(&query, state.context().env.now())?;
    let page = page_request(query.limit, query.cursor)?;
    let found = services::keys::list_keys(state.context(), &user.actor, &filter, sort, page).await?;
    Ok(Json(Page {
        items: found.items.into_iter().map(view::key).collect(),
        next_cursor: found.next_cursor,
        total: found.total,
    }))
}

/// What the list is narrowed to and sorted by.
///
/// # Errors
/// 400 `invalid_query` that names the parameter.
pub(crate) fn narrowed(query: &ApiKeyQuery, now: DateTime<Utc>) -> Result<(ApiKeyFilter, ApiKeySort), ApiError> {
    let q = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    if q.is_some_and(|q| q.chars().count() > LONGEST) {
        return Err(ApiError::query("q", "too_long", format!("takes at most {LONGEST} characters")));
    }
    let working_at = query.working.unwrap_or(false).then_some(now);
    let filter = ApiKeyFilter { user_id: query.user_id, q: q.map(str::to_owned), working_at };
    Ok((filter, sort(query.sort.as_deref())?))
}

fn sort(text: Option<&str>) -> Result<ApiKeySort, ApiError> {
    let (by_name, descending) = sort_by(text.unwrap_or("-created_at"), &KEY_SORTS, |name| Some(name == "name"))?;
    Ok(ApiKeySort { by_name, descending })
}
