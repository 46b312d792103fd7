//! `GET /api/v1/events`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::problem::{Problem, code};
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;

use super::frame;
use crate::error::ApiError;
use crate::extract::{Authenticated, Query};
use crate::live::{Out, SEATS, Seat};
use crate::openapi::{QueryErrors, SessionErrors};
use crate::state::AppState;

/// Frames that may wait for a slow client.
const WAITING: usize = 64;
/// A comment line this often keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// An id before every other: its reader has missed everything.
const UNREADABLE: i64 = -1;

/// Who has all their streams may come back after this long: by then one whose client is gone was noticed.
const NO_SEAT_PAUSE: Duration = Duration::from_secs(10);

/// Where to begin.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// The id of the last event you have, for clients that can't set the header `Last-Event-ID`; the header wins.
    #[serde(default)]
    pub last_event_id: Option<i64>,
}

/// One event of the stream, as its fields say.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "it is the shape of what `frame` writes, for the document")]
struct StreamEvent {
    /// The event's id, for `Last-Event-ID`.
    id: String,
    /// Its kind, such as `job`; or `reset`.
    event: String,
    /// Its data as JSON.
    data: String,
}

/// The live stream
///
/// Server-Sent Events: each has the event's `id`, its kind as `event`, and its data as JSON. You see what you may see. With
/// `Last-Event-ID` you first get what you missed; an event `reset` instead says that too much was missed and everything
/// should be read again. The stream ends when the session or key does. Each may have 20 streams open at a time.
#[utoipa::path(
    get,
    path = paths::EVENTS,
    tag = "events",
    security(("session" = []), ("key" = [])),
    params(
        EventsQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event you have."),
    ),
    responses(
        (status = 200, description = "The stream; each event is as this says.", body = StreamEvent, content_type = "text/event-stream"),
        QueryErrors,
        SessionErrors,
        (
            status = 429,
            description = "The session or key has all the streams open that it may have (`rate_limited`).",
            body = Problem,
            content_type = "application/problem+json",
            headers(("Retry-After" = u32, description = "Seconds until another try is worth it.")),
        ),
    ),
)]
pub async fn stream_events(
    State(state): State<AppState>,
    user: Authenticated,
    headers: HeaderMap,
    Query(query): Query<EventsQuery>,
) -> Result<Response, ApiError> {
    let seat = state.live().seat(user.principal).ok_or_else(no_seat)?;
    let last_seen = last_event_id(&headers).or(query.last_event_id);
    let (out, waiting) = mpsc::channel(WAITING);
    tokio::spawn(feed(state, user, seat, last_seen, out).in_current_span());
    let frames = ReceiverStream::new(waiting).filter_map(|out| async move {
        let frame = match out {
            Out::Position(id) => Some(frame::position(id)),
            Out::Reset(id) => Some(frame::reset(id)),
            Out::Event(recorded) => frame::frame(recorded.id, &recorded.event),
        };
        frame.map(Ok::<_, Infallible>)
    });
    let stream = Sse::new(frames).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(([unbuffered], stream).into_response())
}

fn no_seat() -> ApiError {
    let detail =
        format!("This session or key has {SEATS} live streams open already. Close one, or use one for everything.");
    ApiError::new(code::RATE_LIMITED, detail).retry_after(NO_SEAT_PAUSE)
}

/// A header that can't be read comes from a stream that was not ours: its client is told to begin anew.
fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    let header = headers.get("last-event-id")?;
    Some(header.to_str().ok().and_then(|text| text.trim().parse().ok()).unwrap_or(UNREADABLE))
}

/// Feeds one stream until it ends; its seat is free then.
async fn feed(state: AppState, user: Authenticated, _seat: Seat, last_seen: Option<i64>, out: mpsc::Sender<Out>) {
    let good = || user.holds_still(state.context());
    let visible = |event: &contract::events::Event| services::events::visible_to(&user.actor, event);
    if let Err(error) = state.live().follow(last_seen, visible, good, out).await {
        tracing::warn!(causes = crate::error::chain(&*error), "a live stream ended: the outbox can't be read");
    }
}
