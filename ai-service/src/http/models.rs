//! `GET /v1/models` and `GET /v1/models/{name}`.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::Service;
use super::error::OpenAiError;
use crate::scheduler::Ready;

/// What the engine computes on: its kernels are the processor's.
const DEVICE: &str = "cpu";

/// The models that are loaded: one, or none.
pub async fn list_models(State(service): State<Service>) -> Json<Value> {
    let models: Vec<Value> = service.ready().ok().iter().map(|ready| object(&service, ready)).collect();
    Json(json!({ "object": "list", "data": models }))
}

/// The model that is loaded.
pub async fn fetch_model(State(service): State<Service>, Path(name): Path<String>) -> Result<Json<Value>, OpenAiError> {
    let ready = service.ready()?;
    if name != ready.info.name {
        return Err(OpenAiError::no_such_model(&name, &ready.info.name));
    }
    Ok(Json(object(&service, &ready)))
}

fn object(service: &Service, ready: &Ready) -> Value {
    json!({
        "id": ready.info.name,
        "object": "model",
        "created": service.started(),
        "owned_by": "wheelhouse",
        "context_length": ready.context(),
        "kernels": ready.info.kernels,
        "device": DEVICE,
    })
}
