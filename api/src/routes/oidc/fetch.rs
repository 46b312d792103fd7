//! `GET /api/v1/oidc`.

use axum::extract::State;
use contract::oidc::OidcView;
use contract::paths;

use crate::extract::Json;
use crate::state::AppState;

/// May people sign in at an OpenID provider?
#[utoipa::path(
    get,
    path = paths::OIDC,
    tag = "session",
    responses((status = 200, description = "The provider, if there is one.", body = OidcView)),
)]
pub async fn fetch_oidc(State(state): State<AppState>) -> Json<OidcView> {
    Json(OidcView { name: services::oidc::provider(state.context()).map(str::to_owned) })
}
