//! `PATCH /api/v1/profile`.

use axum::extract::State;
use contract::paths;
use contract::profile::{ProfileView, UpdateProfileRequest};

use super::view;
use crate::error::ApiError;
use crate::extract::{Etag, IfMatch, Json, SignedIn};
use crate::openapi::{BodyErrors, ChangeErrors, EditErrors};
use crate::state::AppState;

/// Change the name that others see
#[utoipa::path(
    patch,
    path = paths::PROFILE,
    tag = "profile",
    security(("session" = [])),
    params(("If-Match" = Option<String>, Header, description = "The version to change, as the header ETag gave it.")),
    request_body = UpdateProfileRequest,
    responses((status = 200, description = "Oneself.", body = ProfileView), ChangeErrors, EditErrors, BodyErrors),
)]
pub async fn update_profile(
    State(state): State<AppState>,
    user: SignedIn,
    condition: IfMatch,
    Json(request): Json<UpdateProfileRequest>,
) -> Result<(Etag, Json<ProfileView>), ApiError> {
    let (context, name) = (state.context(), &request.display_name);
    let changed = services::profile::change_display_name(context, user.actor(), name, condition.expected()).await?;
    Ok(view::view(changed))
}
