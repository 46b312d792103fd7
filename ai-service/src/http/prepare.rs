//! What chat and raw completions have in common before the scheduler sees them.

use axum::http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::Service;
use super::body::Asked;
use super::error::OpenAiError;
use super::fields::Fields;
use super::frames::Frames;
use crate::grammar::{Constraint, Shape};
use crate::sampling::Settings;
use crate::scheduler::{Ready, Request};

/// How many messages of the conversation are not in the prompt.
pub const DROPPED: HeaderName = HeaderName::from_static("x-wheelhouse-dropped-messages");

/// A request that is ready for the scheduler, and how its answer is written.
pub struct Prepared {
    pub request: Request,
    pub frames: Frames,
    pub stream: bool,
    pub usage_in_stream: bool,
    pub dropped: usize,
}

impl Prepared {
    /// The header that says what was dropped, where anything was.
    pub fn dropped_header(&self) -> Option<(HeaderName, HeaderValue)> {
        (self.dropped > 0).then(|| (DROPPED, HeaderValue::from(self.dropped)))
    }
}

/// Fields that both kinds of completions have.
pub struct Common {
    pub settings: Settings,
    pub stops: Vec<String>,
    pub max_tokens: Option<usize>,
    pub constraint: Option<Constraint>,
    pub stream: bool,
    pub usage_in_stream: bool,
}

impl Common {
    /// Reads them, and refuses what there is not here.
    pub fn read(fields: &mut Fields, ready: &Ready, seed: impl FnOnce() -> u64) -> Result<Self, OpenAiError> {
        if let Some(model) = fields.text("model")?
            && model != ready.info.name
        {
            return Err(OpenAiError::no_such_model(&model, &ready.info.name));
        }
        fields.only("n", &[json!(1)], "one answer at a time; ask again for another")?;
        let stream = fields.flag("stream")?;
        let mut options = match fields.take("stream_options") {
            Some(options) if stream => {
                Fields::of(options).map_err(|_| OpenAiError::field("stream_options", "an object belongs here"))?
            }
            Some(_) => return Err(OpenAiError::field("stream_options", "only where stream is true")),
            None => Fields::of(json!({}))?,
        };
        let max_tokens = fields.count("max_completion_tokens", 1..=i64::from(u32::MAX))?;
        let older_name = fields.count("max_tokens", 1..=i64::from(u32::MAX))?;
        Ok(Self {
            settings: fields.settings(ready.info.vocabulary, seed)?,
            stops: fields.stops()?,
            max_tokens: max_tokens.or(older_name),
            constraint: constraint(fields, ready)?,
            stream,
            usage_in_stream: options.flag("include_usage")?,
        })
    }
}

/// The shape that `response_format` asks for.
fn constraint(fields: &mut Fields, ready: &Ready) -> Result<Option<Constraint>, OpenAiError> {
    const FIELD: &str = "response_format";
    let Some(format) = fields.take(FIELD) else { return Ok(None) };
    let shape = match format["type"].as_str() {
        Some("text") => return Ok(None),
        Some("json_object") => Shape::Object,
        Some("json_schema") => match &format["json_schema"]["schema"] {
            Value::Null => return Err(OpenAiError::field(FIELD, "json_schema.schema is missing")),
            schema => Shape::Schema(schema.clone()),
        },
        _ => return Err(OpenAiError::field(FIELD, "its type is text, json_object or json_schema")),
    };
    let grammars = ready.grammars.as_ref().map_err(|error| OpenAiError::unsupported(FIELD, &error.0))?;
    grammars.constraint(&shape).map(Some).map_err(|error| OpenAiError::field(FIELD, error))
}

/// Runs `read` where it may take its time, at most a few at once.
pub async fn prepare(
    service: &Service,
    asked: Asked,
    read: fn(&Service, &Ready, Asked) -> Result<Prepared, OpenAiError>,
) -> Result<Prepared, OpenAiError> {
    let ready = service.ready()?;
    let permit = service.0.preparing.acquire().await.map_err(|_| OpenAiError::internal())?;
    let own = service.clone();
    let prepared = tokio::task::spawn_blocking(move || read(&own, &ready, asked)).await;
    drop(permit);
    prepared.map_err(|error| {
        tracing::error!(%error, "a request could not be prepared");
        OpenAiError::internal()
    })?
}
