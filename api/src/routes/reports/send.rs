//! A file of a report as a response.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use services::reports::Download;

pub(super) fn send(download: Download) -> Response {
    let Download { file, file_name, media_type } = download;
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\"")),
        (CONTENT_LENGTH, file.bytes.to_string()),
    ];
    (headers, Body::from_stream(file.parts)).into_response()
}
