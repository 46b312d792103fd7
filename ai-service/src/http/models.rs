//! `GET /v1/models`.

use axum::Json;
use serde::Serialize;

/// OpenAI's list of models.
#[derive(Serialize)]
pub struct ModelList {
    object: &'static str,
    data: [(); 0],
}

/// The models that are loaded: none.
pub async fn list_models() -> Json<ModelList> {
    Json(ModelList { object: "list", data: [] })
}
