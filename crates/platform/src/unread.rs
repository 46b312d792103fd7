//! Reads out what a handler left of its request's body, so that its answer reaches a client that is still sending.
//!
//! A connection that is closed while the client still sends is reset, and the answer with it: the client would see a broken
//! pipe instead of what was wrong. It keeps nothing of what it reads and is no limit on bodies; that is the handler's.
//! To use it in another server: `router.layer(from_fn_with_state(PassOver::above(limit), unread::middleware))`, inside the
//! layer that holds a request to its deadline.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt as _};
use http::header::EXPECT;

/// A body of up to this many times a server's limit is read and forgotten.
const TIMES: usize = 8;
/// No longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many bytes are read and forgotten at most before the answer goes out all the same.
#[derive(Clone, Copy, Debug)]
pub struct PassOver(usize);

impl PassOver {
    /// For a server that keeps bodies of up to `limit` bytes.
    #[must_use]
    pub fn above(limit: usize) -> Self {
        Self(limit.saturating_mul(TIMES))
    }
}

/// The layer. What was not read of the body is read before the answer goes out: as much as [`PassOver`] allows, for five
/// seconds at most. Of a client that waits for `100 Continue` nothing is asked for only to be forgotten.
pub async fn middleware(State(most): State<PassOver>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let waits = request.headers().contains_key(EXPECT);
    let home = Home::default();
    let request = request.map(|body| home.lend(body));
    let response = next.run(request).await;
    if let Some(rest) = home.take().filter(|rest| rest.begun || !waits) {
        pass_over(rest.body, most.0).await;
    }
    response
}

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

/// What a handler gave up of its request's body.
struct Rest {
    body: BodyDataStream,
    /// Whether any of it was asked for.
    begun: bool,
}

/// Where a body comes back to that is given up before its end.
#[derive(Clone, Default)]
struct Home(Arc<Mutex<Option<Rest>>>);

impl Home {
    fn lend(&self, body: Body) -> Body {
        let rest = Rest { body: body.into_data_stream(), begun: false };
        Body::from_stream(Lent { rest: Some(rest), home: self.clone() })
    }

    fn take(&self) -> Option<Rest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Lent {
    rest: Option<Rest>,
    home: Home,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(rest) = self.rest.as_mut() else { return Poll::Ready(None) };
        rest.begun = true;
        let polled = rest.body.poll_next_unpin(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.rest = None;
        }
        polled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(rest) = self.rest.take() {
            *self.home.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    const LIMIT: usize = 1024;

    /// How many of `chunks` of a kilobyte were taken from the client before the answer.
    async fn taken(path: &str, expect: Option<&str>, chunks: usize) -> usize {
        let all = async |body: Body| axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default().len().to_string();
        let first = async |body: Body| body.into_data_stream().next().await.is_some().to_string();
        let router = Router::new()
            .route("/none", post(async || "refused"))
            .route("/first", post(first))
            .route("/all", post(all))
            .layer(from_fn_with_state(PassOver::above(LIMIT), middleware));
        let counted = Arc::new(AtomicUsize::new(0));
        let count = counted.clone();
        let body = futures::stream::iter(0..chunks).map(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok::<_, axum::Error>(Bytes::from_static(&[0; LIMIT]))
        });
        let mut request = Request::post(path).body(Body::from_stream(body)).unwrap();
        if let Some(expect) = expect {
            request.headers_mut().insert(EXPECT, expect.parse().unwrap());
        }
        assert_eq!(router.oneshot(request).await.unwrap().status(), 200);
        counted.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn what_is_left_is_read_out_within_bounds() {
        for path in ["/none", "/first", "/all"] {
            assert_eq!(taken(path, None, 5).await, 5, "{path}");
        }
        assert_eq!(taken("/none", None, 100).await, TIMES + 1);
        assert_eq!(taken("/all", None, 100).await, 100);
    }

    #[tokio::test]
    async fn a_client_that_waits_is_not_made_to_send_for_nothing() {
        let expect = Some("100-continue");
        assert_eq!(taken("/none", expect, 5).await, 0);
        // It was told to go on, and sends.
        assert_eq!(taken("/first", expect, 5).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_sending_is_answered() {
        let router = Router::new()
            .route("/", post(async || "refused"))
            .layer(from_fn_with_state(PassOver::above(LIMIT), middleware));
        let never = futures::stream::pending::<Result<Bytes, axum::Error>>();
        let request = Request::post("/").body(Body::from_stream(never)).unwrap();
        assert_eq!(router.oneshot(request).await.unwrap().status(), 200);
    }
}
