//! Reads Server-Sent Events as a browser does: frames end with an empty line, comment lines are passed over.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use contract::events::Event;

/// One frame of the stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// The id a client gives back as `Last-Event-ID`.
    pub id: Option<i64>,
    /// The event's name; empty for a frame that only says where the stream stands.
    pub event: String,
    /// Its data.
    pub data: String,
}

impl Frame {
    /// The event in it.
    ///
    /// # Errors
    /// It holds none.
    pub fn parse(&self) -> Result<Event> {
        serde_json::from_str(&self.data).with_context(|| format!("no event: {self:?}"))
    }
}

/// An open stream. Dropping it cuts the connection.
#[derive(Debug)]
pub struct EventStream {
    response: reqwest::Response,
    buffer: Vec<u8>,
}

impl EventStream {
    /// Reads from an answer that has begun.
    #[must_use]
    pub fn new(response: reqwest::Response) -> Self {
        Self { response, buffer: Vec::new() }
    }

    /// The media type of the answer.
    #[must_use]
    pub fn content_type(&self) -> &str {
        self.response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The next frame; `None` when none came within `patience`.
    ///
    /// # Errors
    /// The stream ended or broke.
    pub async fn next(&mut self, patience: Duration) -> Result<Option<Frame>> {
        match tokio::time::timeout(patience, self.read()).await {
            Ok(frame) => frame.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// The next frame that carries an event; `None` when none came within `patience`.
    ///
    /// # Errors
    /// The stream ended or broke.
    pub async fn next_event(&mut self, patience: Duration) -> Result<Option<Frame>> {
        let wanted = async {
            loop {
                let frame = self.read().await?;
                if !frame.event.is_empty() {
                    return Ok(frame);
                }
            }
        };
        match tokio::time::timeout(patience, wanted).await {
            Ok(frame) => frame.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Reads until an event satisfies `wanted`.
    ///
    /// # Errors
    /// None did within `patience`, or the stream ended.
    pub async fn until(
        &mut self,
        what: &str,
        patience: Duration,
        mut wanted: impl FnMut(&Event) -> bool,
    ) -> Result<Event> {
        let found = async {
            loop {
                let frame = self.read().await?;
                if frame.event.is_empty() || frame.event == contract::events::RESET {
                    continue;
                }
                let event = frame.parse()?;
                if wanted(&event) {
                    return Ok(event);
                }
            }
        };
        tokio::time::timeout(patience, found).await.unwrap_or_else(|_| bail!("no event in time: {what}"))
    }

    async fn read(&mut self) -> Result<Frame> {
        loop {
            if let Some(frame) = self.buffered() {
                return Ok(frame);
            }
            match self.response.chunk().await? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => bail!("the live stream ended"),
            }
        }
    }

    /// A whole frame that has arrived; frames of comments alone are passed over.
    fn buffered(&mut self) -> Option<Frame> {
        loop {
            let end = self.buffer.windows(2).position(|pair| pair == b"\n\n")?;
            let text: Vec<u8> = self.buffer.drain(..end + 2).collect();
            let mut frame = Frame::default();
            let mut any = false;
            for line in String::from_utf8_lossy(&text).lines() {
                let Some((field, value)) = line.split_once(':') else { continue };
                let value = value.strip_prefix(' ').unwrap_or(value);
                any |= !field.is_empty();
                match field {
                    "id" => frame.id = value.parse().ok(),
                    "event" => value.clone_into(&mut frame.event),
                    "data" => frame.data.push_str(value),
                    _ => {}
                }
            }
            if any {
                return Some(frame);
            }
        }
    }
}
