//! OpenAI's objects for an answer, whole or in pieces, of both kinds of completions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Service;
use crate::prompt::Language;
use crate::scheduler::{Finish, Ready, TokenInfo, Usage};

/// What stands for a probability of nothing: JSON has no infinity.
const LEAST_LOGPROB: f32 = -9999.0;

/// Writes the objects of one answer.
pub struct Frames {
    kind: Kind,
    id: String,
    created: i64,
    model: String,
    language: Arc<dyn Language>,
    logprobs: bool,
    /// Where the next text begins, in characters; for raw completions.
    offset: usize,
}

enum Kind {
    Chat,
    Raw {
        /// The prompt, where it is wanted before the answer.
        echo: String,
    },
}

impl Frames {
    /// For a conversation.
    pub fn chat(service: &Service, ready: &Ready, logprobs: bool) -> Self {
        Self::new(service, ready, logprobs, Kind::Chat, "chatcmpl")
    }

    /// For a raw prompt; `echo` goes before the answer.
    pub fn raw(service: &Service, ready: &Ready, logprobs: bool, echo: String) -> Self {
        Self::new(service, ready, logprobs, Kind::Raw { echo }, "cmpl")
    }

    fn new(service: &Service, ready: &Ready, logprobs: bool, kind: Kind, prefix: &str) -> Self {
        let id = format!("{prefix}-{:016x}{:016x}", service.random(), service.random());
        let (model, language) = (ready.info.name.clone(), ready.language.clone());
        Self { kind, id, created: service.now(), model, language, logprobs, offset: 0 }
    }

    /// The whole answer.
    pub fn whole(&mut self, text: &str, tokens: &[TokenInfo], reason: Finish, usage: &Usage) -> Value {
        let object = if self.is_chat() { "chat.completion" } else { "text_completion" };
        let choice = match &self.kind {
            Kind::Chat => json!({
                "index": 0,
                "message": { "role": "assistant", "content": text, "refusal": null },
                "logprobs": self.logprobs(tokens),
                "finish_reason": name(reason),
            }),
            Kind::Raw { echo } => {
                let (text, echoed) = (format!("{echo}{text}"), echo.chars().count());
                self.offset = echoed;
                json!({ "index": 0, "text": text, "logprobs": self.logprobs(tokens), "finish_reason": name(reason) })
            }
        };
        let mut whole = self.object(object, &[choice]);
        whole["usage"] = counts(usage);
        whole
    }

    /// The first piece, before any text.
    pub fn first(&mut self) -> Option<Value> {
        match &self.kind {
            Kind::Chat => Some(self.delta(&json!({ "role": "assistant", "content": "", "refusal": null }), &[], None)),
            Kind::Raw { echo } if echo.is_empty() => None,
            Kind::Raw { echo } => {
                let echo = echo.clone();
                self.offset = echo.chars().count();
                Some(self.piece_of_text(&echo, &[], None))
            }
        }
    }

    /// A piece of text.
    pub fn text(&mut self, text: &str, tokens: &[TokenInfo]) -> Value {
        match self.kind {
            Kind::Chat => self.delta(&json!({ "content": text }), tokens, None),
            Kind::Raw { .. } => self.piece_of_text(text, tokens, None),
        }
    }

    /// The last piece.
    pub fn last(&mut self, reason: Finish) -> Value {
        match self.kind {
            Kind::Chat => self.delta(&json!({}), &[], Some(reason)),
            Kind::Raw { .. } => self.piece_of_text("", &[], Some(reason)),
        }
    }

    /// The piece after the last, with what it took.
    pub fn usage(&self, usage: &Usage) -> Value {
        let object = if self.is_chat() { "chat.completion.chunk" } else { "text_completion" };
        let mut frame = self.object(object, &[]);
        frame["usage"] = counts(usage);
        frame
    }

    fn is_chat(&self) -> bool {
        matches!(self.kind, Kind::Chat)
    }

    fn delta(&mut self, delta: &Value, tokens: &[TokenInfo], reason: Option<Finish>) -> Value {
        let logprobs = if tokens.is_empty() { Value::Null } else { self.logprobs(tokens) };
        let choice = json!({
            "index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason.map(name),
        });
        self.object("chat.completion.chunk", &[choice])
    }

    fn piece_of_text(&mut self, text: &str, tokens: &[TokenInfo], reason: Option<Finish>) -> Value {
        let logprobs = if tokens.is_empty() { Value::Null } else { self.logprobs(tokens) };
        let choice = json!({ "index": 0, "text": text, "logprobs": logprobs, "finish_reason": reason.map(name) });
        self.object("text_completion", &[choice])
    }

    fn object(&self, object: &str, choices: &[Value]) -> Value {
        json!({
            "id": self.id, "object": object, "created": self.created, "model": self.model, "choices": choices,
            "system_fingerprint": null,
        })
    }

    fn logprobs(&mut self, tokens: &[TokenInfo]) -> Value {
        if !self.logprobs {
            return Value::Null;
        }
        if self.is_chat() {
            let content: Vec<Value> = tokens.iter().map(|token| self.with_alternatives(token)).collect();
            return json!({ "content": content, "refusal": null });
        }
        let (mut offsets, mut top) = (Vec::new(), Vec::new());
        for token in tokens {
            offsets.push(self.offset);
            self.offset += self.read(token.token).chars().count();
            let mut likeliest = serde_json::Map::new();
            for (other, logprob) in &token.top {
                likeliest.insert(self.read(*other), json!(bounded(*logprob)));
            }
            top.push(Value::Object(likeliest));
        }
        json!({
            "tokens": tokens.iter().map(|token| self.read(token.token)).collect::<Vec<_>>(),
            "token_logprobs": tokens.iter().map(|token| bounded(token.logprob)).collect::<Vec<_>>(),
            "top_logprobs": top,
            "text_offset": offsets,
        })
    }

    fn with_alternatives(&self, token: &TokenInfo) -> Value {
        let mut object = self.token(token.token, token.logprob);
        let top: Vec<Value> = token.top.iter().map(|(other, logprob)| self.token(*other, *logprob)).collect();
        object["top_logprobs"] = Value::Array(top);
        object
    }

    fn token(&self, token: u32, logprob: f32) -> Value {
        json!({ "token": self.read(token), "logprob": bounded(logprob), "bytes": self.language.bytes(token) })
    }

    fn read(&self, token: u32) -> String {
        String::from_utf8_lossy(self.language.bytes(token)).into_owned()
    }
}

fn bounded(logprob: f32) -> f32 {
    logprob.max(LEAST_LOGPROB)
}

fn name(reason: Finish) -> &'static str {
    match reason {
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

fn counts(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": { "cached_tokens": usage.cached },
    })
}
