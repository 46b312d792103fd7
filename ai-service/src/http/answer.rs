//! From a prepared request to its answer: asks the scheduler, waits for what comes, within the deadline.
//!
//! The status is decided by the first event, so that a request that fails before it says anything has a status that says
//! so. When the caller goes away the future is dropped, and with it the receiver: that is what cancels the request.

use axum::Json;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, timeout_at};

use super::Service;
use super::error::OpenAiError;
use super::frames::Frames;
use super::prepare::Prepared;
use super::stream;
use crate::scheduler::{Answer, Event};

/// An answer that is being written.
pub struct Writing {
    pub service: Service,
    pub events: Answer,
    pub frames: Frames,
    pub until: Instant,
}

impl Writing {
    /// The next event, or why there is none.
    pub async fn next(&mut self) -> Result<Event, OpenAiError> {
        match timeout_at(self.until, self.events.recv()).await {
            Err(_) => Err(OpenAiError::deadline(self.service.deadline().as_secs())),
            Ok(None) => Err(OpenAiError::broke()),
            Ok(Some(Event::Failed(failure))) => {
                let retry_after = self.service.scheduler().map_or(1, crate::scheduler::Scheduler::retry_after);
                Err(OpenAiError::failed(&failure, retry_after))
            }
            Ok(Some(event)) => Ok(event),
        }
    }
}

/// Answers a request, whole or in pieces.
pub async fn answer(service: &Service, prepared: Prepared) -> Result<Response, OpenAiError> {
    let dropped = prepared.dropped_header();
    let Prepared { request, frames, stream, usage_in_stream, .. } = prepared;
    let prompt = request.prompt.len();
    let Some(scheduler) = service.scheduler() else { return Err(OpenAiError::no_model()) };
    let until = Instant::now() + service.deadline();
    let events = scheduler.submit(request).map_err(|refused| OpenAiError::refused(refused, prompt))?;
    let mut writing = Writing { service: service.clone(), events, frames, until };
    let first = writing.next().await?;
    let mut response = match stream {
        true => stream::respond(writing, first, usage_in_stream),
        false => whole(writing, first).await?,
    };
    response.headers_mut().extend(dropped);
    Ok(response)
}

async fn whole(mut writing: Writing, first: Event) -> Result<Response, OpenAiError> {
    let (mut whole, mut infos, mut event) = (String::new(), Vec::new(), first);
    loop {
        match event {
            Event::Text { text, tokens } => {
                whole.push_str(&text);
                infos.extend(tokens);
            }
            Event::Finished { reason, usage } => {
                return Ok(Json(writing.frames.whole(&whole, &infos, reason, &usage)).into_response());
            }
            Event::Failed(_) => return Err(OpenAiError::broke()),
        }
        event = writing.next().await?;
    }
}
