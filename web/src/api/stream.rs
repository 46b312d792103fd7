//! Server-sent events that answer a POST, read from the body as they come. `EventSource` asks with GET only and asks again by
//! itself; the fleet's live stream, which wants that, is `state::live`. Not a second try: whoever asked decides.

use gloo_net::http::Response;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader};

use super::ApiError;

/// A request that goes on for as long as this is kept: dropping it ends it.
#[derive(Debug)]
pub struct Running(AbortController);

impl Running {
    /// None yet; `None` in a browser that can't end a request.
    pub fn new() -> Option<Self> {
        AbortController::new().ok().map(Self)
    }

    /// What the request is sent with.
    pub fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls `tell` with the data of each event until the stream ends.
pub async fn read(response: &Response, mut tell: impl FnMut(&str)) -> Result<(), ApiError> {
    let Some(body) = response.body() else { return Ok(()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut events = Events::default();
    loop {
        let part = reader.read().await.map_err(|_| ApiError::Unreachable)?;
        // What a reader gives always has both.
        let get = |name: &str| Reflect::get(&part, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
        if get("done").is_truthy() {
            return Ok(());
        }
        for data in events.push(&Uint8Array::new(&get("value")).to_vec()) {
            tell(&data);
        }
    }
}

/// Takes events out of what comes, wherever it is cut: the data of each. Names are left out, as the data says what it is.
#[derive(Debug, Default)]
struct Events {
    line: Vec<u8>,
    data: String,
}

impl Events {
    fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut whole = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                whole.extend(self.line(&String::from_utf8_lossy(&line)));
            } else {
                self.line.push(byte);
            }
        }
        whole
    }

    /// An empty line ends an event; one that begins with a colon is a comment.
    fn line(&mut self, line: &str) -> Option<String> {
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            return Some(std::mem::take(&mut self.data)).filter(|data| !data.is_empty());
        }
        if let Some(data) = line.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\n\nevent: sentence\ndata: {\"text\":\"Größe 1,204 WorkSpaces.\"}\n\n\
                          event: other\r\ndata: a\r\ndata: b\r\n\r\nevent: empty\n\ndata:left";

    #[test]
    fn events_are_whole_wherever_the_stream_is_cut() {
        for size in 1..STREAM.len() {
            let mut events = Events::default();
            let whole: Vec<_> = STREAM.as_bytes().chunks(size).flat_map(|part| events.push(part)).collect();
            assert_eq!(whole, ["{\"text\":\"Größe 1,204 WorkSpaces.\"}", "a\nb"], "cut each {size} bytes");
        }
    }
}
