//! Changes that somebody was not allowed to make are in the audit log: who tried what. Not those that nobody recognisable
//! tried, nor those of another site, which no user meant.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::problem::code;
use domain::audit::Entry;
use http::Method;
use serde_json::json;

use crate::error::Unrendered;
use crate::extract::authenticate;
use crate::state::AppState;

/// The layer. It must lie inside the routing, so that the address is known as the table has it.
pub async fn refusals(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let found = match authenticate(&mut parts, &state).await {
        Ok(found) => found.ok(),
        Err(error) => return error.into_response(),
    };
    let path = parts.uri.path().to_owned();
    let address = parts.extensions.get::<MatchedPath>().map_or(path.clone(), |matched| matched.as_str().to_owned());
    let operation = format!("{} {address}", parts.method);
    let response = next.run(Request::from_parts(parts, body)).await;
    let why = response.extensions().get::<Unrendered>().map(|unrendered| unrendered.0.code());
    if let (Some(found), Some(why @ (code::FORBIDDEN | code::STEP_UP))) = (found, why) {
        let entry =
            Entry::open("request.refuse").on("operation", operation).after(json!({ "path": path })).refused(why);
        if let Err(error) = services::audit::note_read(state.context(), &found.actor, entry).await {
            // It was refused, whether that could be noted or not.
            tracing::warn!(error = &error as &dyn std::error::Error, "a refusal could not be noted");
        }
    }
    response
}
