//! `GET /api/v1/session`.

use contract::paths;
use contract::session::SessionView;

use super::view;
use crate::extract::{Json, SignedIn};
use crate::openapi::SessionErrors;

/// Who is signed in?
#[utoipa::path(
    get,
    path = paths::SESSION,
    tag = "session",
    security(("session" = [])),
    responses((status = 200, description = "The signed-in user.", body = SessionView), SessionErrors),
)]
pub async fn fetch_session(user: SignedIn) -> Json<SessionView> {
    Json(view::view(&user.session))
}
