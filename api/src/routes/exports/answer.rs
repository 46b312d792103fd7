//! A table as a response: a file of unknown length that breaks off where it could not be ended.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::access::Actor;
use domain::export::ExportFormat;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use services::exports::{Table, begin};

use crate::error::ApiError;
use crate::state::AppState;

pub(super) async fn answer(
    state: &AppState,
    actor: &Actor,
    table: impl Table,
    format: ExportFormat,
) -> Result<Response, ApiError> {
    let export = begin(state.reading(), actor, Box::new(table), format, state.exports()).await?;
    let disposition = format!("attachment; filename=\"{}\"", export.file_name);
    let headers = [(CONTENT_TYPE, export.media_type.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(export.parts)).into_response())
}
