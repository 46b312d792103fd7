//! An answer as server-sent events: pieces, the last with the reason, `[DONE]`.
//!
//! What fails on the way is an event with OpenAI's error object, and no `[DONE]` after it: an answer is whole or plainly
//! not.

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event as Frame, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use serde_json::Value;

use super::answer::Writing;
use crate::scheduler::Event;

/// What ends a whole answer.
const DONE: &str = "[DONE]";
/// Tells a proxy before us to pass each piece on at once.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

struct Frames {
    writing: Writing,
    ready: VecDeque<String>,
    over: bool,
    usage: bool,
}

/// The response of an answer whose first event is there. `usage`: whether what it took comes at the end.
pub fn respond(mut writing: Writing, first: Event, usage: bool) -> Response {
    let begin = writing.frames.first();
    let mut frames = Frames { writing, ready: VecDeque::new(), over: false, usage };
    if let Some(begin) = begin {
        frames.put(begin);
    }
    frames.write(first);
    let stream = Sse::new(pieces(frames)).keep_alive(KeepAlive::default());
    ([UNBUFFERED, (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))], stream).into_response()
}

fn pieces(frames: Frames) -> impl Stream<Item = Result<Frame, Infallible>> {
    futures::stream::unfold(frames, |mut frames| async move {
        loop {
            if let Some(text) = frames.ready.pop_front() {
                return Some((Ok(Frame::default().data(text)), frames));
            }
            if frames.over {
                return None;
            }
            match frames.writing.next().await {
                Ok(event) => frames.write(event),
                Err(error) => {
                    frames.ready.push_back(error.object().to_string());
                    frames.over = true;
                }
            }
        }
    })
}

impl Frames {
    fn write(&mut self, event: Event) {
        match event {
            Event::Text { text, tokens } => {
                let frame = self.writing.frames.text(&text, &tokens);
                self.put(frame);
            }
            Event::Finished { reason, usage } => {
                let last = self.writing.frames.last(reason);
                self.put(last);
                if self.usage {
                    let counts = self.writing.frames.usage(&usage);
                    self.ready.push_back(counts.to_string());
                }
                self.ready.push_back(DONE.to_owned());
                self.over = true;
            }
            Event::Failed(_) => self.over = true,
        }
    }

    /// A piece; where what it took comes at the end, it says that it is not there yet.
    fn put(&mut self, mut frame: Value) {
        if self.usage {
            frame["usage"] = Value::Null;
        }
        self.ready.push_back(frame.to_string());
    }
}
