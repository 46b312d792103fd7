//! `POST /api/v1/assistant/turns/{turn_id}/answer`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use contract::assistant::{AnswerEvent, SourceView};
use contract::paths;
use domain::access::marker;
use domain::assistant::Level;
use domain::ids::TurnId;
use futures::{Stream, StreamExt, stream};
use http::{HeaderName, HeaderValue};
use services::assistant::{Answer, Step, Turn, begin_answer};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;

use super::view;
use crate::error::ApiError;
use crate::extract::{Authenticated, Path, Require};
use crate::openapi::{ChangeErrors, ConflictErrors, ObjectErrors, RateErrors};
use crate::state::AppState;

/// Events that may wait for a slow client.
const WAITING: usize = 16;
/// A comment line this often keeps proxies from closing a stream while a model thinks.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often it is looked whether session or key still hold: with what `services::credentials` keeps of them in between, an
/// answer ends within a second of their end.
const LOOK: Duration = Duration::from_millis(150);

/// One event of the stream of an answer, as its fields say.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "it is the shape of what `frame` writes, for the document")]
struct AnswerFrame {
    /// Its kind: `sources`, `writing`, `sentence`, `done` or `error`.
    event: String,
    /// An `AnswerEvent` as JSON.
    data: String,
}

/// Answer a question
///
/// A stream of Server-Sent Events, each with its name as `event` and this JSON as its data: `sources`, `writing`, some `sentence`, and
/// at the end `done` with the whole, or `error`. Every sentence was checked against what was found out as you, with your
/// permissions. Who goes away before the end has asked nothing yet; an answer that was made is told again. The stream ends without
/// `done` when the session or key does, or holds something else.
#[utoipa::path(
    post,
    path = paths::TURN_ANSWER,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(("turn_id" = uuid::Uuid, Path, description = "The question.")),
    responses(
        (status = 200, description = "The stream; each event is as this says.", body = AnswerFrame, content_type = "text/event-stream"),
        ObjectErrors,
        ChangeErrors,
        ConflictErrors,
        RateErrors,
    ),
)]
pub async fn answer_question(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    who: Authenticated,
    Path(id): Path<TurnId>,
) -> Result<Response, ApiError> {
    let response = match begin_answer(state.context(), &user.actor, id).await? {
        Answer::Told(turn) => respond(stream::iter(told(*turn))),
        Answer::Begun(answering) => {
            let (out, steps) = mpsc::channel(WAITING);
            tokio::spawn(answering.run(out, until_ended(state, who)).in_current_span());
            respond(ReceiverStream::new(steps).map(event))
        }
    };
    Ok(response)
}

/// Until session or key end, or hold something else.
async fn until_ended(state: AppState, who: Authenticated) {
    while who.holds_still(state.context()).await {
        tokio::time::sleep(LOOK).await;
    }
}

fn respond(events: impl Stream<Item = AnswerEvent> + Send + 'static) -> Response {
    let frames = events.filter_map(async |event| frame(&event).map(Ok::<_, Infallible>));
    let stream = Sse::new(frames).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    ([unbuffered], stream).into_response()
}

fn event(step: Step) -> AnswerEvent {
    match step {
        Step::Sources(sources) => AnswerEvent::Sources { sources: sources.into_iter().map(SourceView::from).collect() },
        Step::Writing(level) => AnswerEvent::Writing { level },
        Step::Sentence(text) => AnswerEvent::Sentence { text },
        Step::Done(turn) => AnswerEvent::Done { turn: Box::new(view::turn(*turn)) },
        Step::Failed(error) => {
            let error = ApiError::from(error);
            error.log();
            AnswerEvent::Error { detail: error.problem("").detail }
        }
    }
}

/// An answer that was made before, in the same events.
fn told(turn: Turn) -> Vec<AnswerEvent> {
    let turn = view::turn(turn);
    let mut events = vec![
        AnswerEvent::Sources { sources: turn.sources.clone() },
        AnswerEvent::Writing { level: turn.level.unwrap_or(Level::Template) },
    ];
    events.extend(turn.answer.iter().map(|text| AnswerEvent::Sentence { text: text.clone() }));
    events.push(AnswerEvent::Done { turn: Box::new(turn) });
    events
}

/// The event as a frame. `None` when it can't be written, which no event of ours is.
fn frame(event: &AnswerEvent) -> Option<sse::Event> {
    let name = match event {
        AnswerEvent::Sources { .. } => "sources",
        AnswerEvent::Writing { .. } => "writing",
        AnswerEvent::Sentence { .. } => "sentence",
        AnswerEvent::Done { .. } => "done",
        AnswerEvent::Error { .. } => "error",
    };
    Some(sse::Event::default().event(name).data(serde_json::to_string(event).ok()?))
}
