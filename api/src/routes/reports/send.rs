//! A file of a report as a response.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream::try_unfold;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use services::reports::Download;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use crate::error::ApiError;

/// Bytes that are sent at a time.
const PIECE: usize = 64 * 1024;

pub(super) async fn send(file: Download) -> Result<Response, ApiError> {
    let opened = File::open(&file.path).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ApiError::not_found("file").caused_by(error),
        _ => ApiError::internal(error),
    })?;
    let headers = [
        (CONTENT_TYPE, file.media_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.file_name)),
        (CONTENT_LENGTH, file.bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(parts(opened))).into_response())
}

/// The file, piece by piece.
fn parts(file: File) -> impl Stream<Item = std::io::Result<Vec<u8>>> + Send {
    try_unfold(file, async |mut file: File| {
        let mut piece = Vec::with_capacity(PIECE);
        (&mut file).take(PIECE as u64).read_to_end(&mut piece).await?;
        Ok((!piece.is_empty()).then_some((piece, file)))
    })
}
