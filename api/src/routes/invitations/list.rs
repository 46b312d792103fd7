//! `GET /api/v1/invitations`.

use axum::extract::State;
use contract::invitations::{InvitationQuery, InvitationView};
use contract::page::Page;
use contract::paths;
use domain::access::marker;
use services::access::invitations::State as InvitationState;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, closed_list, page_request, search_text};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The invitations
///
/// Newest first, whatever became of them. Needs `user:read` over everything.
#[utoipa::path(
    get,
    path = paths::INVITATIONS,
    tag = "invitations",
    security(("session" = []), ("key" = [])),
    params(InvitationQuery),
    responses(
        (status = 200, description = "A page of invitations.", body = Page<InvitationView>),
        ListErrors,
        SignedInErrors,
    ),
)]
pub async fn list_invitations(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Query(query): Query<InvitationQuery>,
) -> Result<Json<Page<InvitationView>>, ApiError> {
    let states = closed_list("state", query.state.as_deref(), InvitationState::ALL)?;
    let (q, page) = (search_text(query.q)?, page_request(query.limit, query.cursor)?);
    let page = services::access::invitations::list_invitations(state.context(), &user.actor, states, q, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::invitation).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
