//! Refuses a body that says it is too large before anything is kept, hands the limit to the `Json` extractor, which counts
//! what is really sent, and sees to it that a refusal reaches a client that is still sending.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt as _};
use http::header::CONTENT_LENGTH;

use crate::error::ApiError;
use crate::extract::{BodyLimit, too_large};

/// The layer. `limit` is in bytes. Whatever the answer is, what was not read of the body is read and forgotten before it goes
/// out, within bounds.
///
/// # Errors
/// 413 `body_too_large`.
pub async fn body_limit(
    State(limit): State<BodyLimit>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let most = limit.0.saturating_mul(PASSED_OVER);
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if announced.is_some_and(|length: u64| length > limit.0 as u64) {
        pass_over(request.into_body().into_data_stream(), most).await;
        return Err(too_large(limit.0));
    }
    request.extensions_mut().insert(limit);
    if request.body().is_end_stream() {
        return Ok(next.run(request).await);
    }
    let unread = Unread::default();
    let request = request.map(|body| unread.lend(body));
    let response = next.run(request).await;
    if let Some(rest) = unread.take() {
        pass_over(rest, most).await;
    }
    Ok(response)
}

/// A body of up to this many times the limit is read and forgotten before it is refused.
const PASSED_OVER: usize = 8;
/// No longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads on without keeping anything: a connection that is closed while the client still sends is reset, and the answer with
/// it; the client would never learn what was wrong.
async fn pass_over(mut body: BodyDataStream, most: usize) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(data)) = body.next().await {
            read += data.len();
            if read > most {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap_or_default();
}

/// What a handler left of its request's body.
#[derive(Clone, Default)]
struct Unread(Arc<Mutex<Option<BodyDataStream>>>);

impl Unread {
    /// The body for the handler; it comes back here if it is given up before its end.
    fn lend(&self, body: Body) -> Body {
        Body::from_stream(Lent { body: Some(body.into_data_stream()), home: self.clone() })
    }

    fn take(&self) -> Option<BodyDataStream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Lent {
    body: Option<BodyDataStream>,
    home: Unread,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            *self.home.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
