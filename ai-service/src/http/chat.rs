//! `POST /v1/chat/completions`.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::Service;
use super::answer::answer;
use super::body::Asked;
use super::error::OpenAiError;
use super::fields::Fields;
use super::frames::Frames;
use super::prepare::{Common, Prepared, prepare};
use crate::prompt::{Message, Overflow, Role, Unfit, fit};
use crate::scheduler::{Ready, Request};

/// Most alternatives told with each token.
const MOST_ALTERNATIVES: i64 = 20;
/// Tokens kept for an answer of unsaid length while the conversation is fitted; at most a quarter of the context.
const USUAL_ANSWER: usize = 512;

/// Answers a conversation, at once or as it is written.
pub async fn create_chat_completion(State(service): State<Service>, asked: Asked) -> Result<Response, OpenAiError> {
    let prepared = prepare(&service, asked, read).await?;
    answer(&service, prepared).await
}

fn read(service: &Service, ready: &Ready, asked: Asked) -> Result<Prepared, OpenAiError> {
    let Asked { mut fields, caller } = asked;
    let messages = messages(&mut fields)?;
    let no_tools = "this service calls no tools";
    fields.only("tools", &[json!([])], no_tools)?;
    fields.only("functions", &[json!([])], no_tools)?;
    fields.only("modalities", &[json!(["text"])], "this service writes text only")?;
    let mut common = Common::read(&mut fields, ready, || service.random())?;
    let logprobs = fields.flag("logprobs")?;
    let top = fields.count("top_logprobs", 0..=MOST_ALTERNATIVES)?;
    if top.is_some() && !logprobs {
        return Err(OpenAiError::field("top_logprobs", "only where logprobs is true"));
    }
    common.settings.logprobs = logprobs.then(|| top.unwrap_or(0));
    let overflow = match fields.text("truncation")?.as_deref() {
        None | Some("auto") => Overflow::DropOldest,
        Some("disabled") => Overflow::Refuse,
        Some(_) => return Err(OpenAiError::field("truncation", "auto or disabled belongs here")),
    };

    let context = ready.context();
    let reserve = common.max_tokens.unwrap_or_else(|| USUAL_ANSWER.min(context / 4).max(1));
    let budget = context.saturating_sub(reserve);
    let fitted = fit(ready.language.as_ref(), &messages, budget, overflow).map_err(|unfit| match unfit {
        Unfit::TooLong(prompt) => OpenAiError::too_long("messages", prompt, reserve, context),
        Unfit::Template(error) => OpenAiError::field("messages", error),
    })?;
    let max_tokens = common.max_tokens.unwrap_or(context - fitted.tokens.len());
    Ok(Prepared {
        frames: Frames::chat(service, ready, logprobs),
        stream: common.stream,
        usage_in_stream: common.usage_in_stream,
        dropped: fitted.dropped,
        request: Request {
            caller,
            prompt: fitted.tokens,
            max_tokens,
            settings: common.settings,
            stops: common.stops,
            constraint: common.constraint,
        },
    })
}

fn messages(fields: &mut Fields) -> Result<Vec<Message>, OpenAiError> {
    let list = match fields.take("messages") {
        Some(Value::Array(list)) if !list.is_empty() => list,
        _ => return Err(OpenAiError::field("messages", "a list with at least one message belongs here")),
    };
    list.into_iter().enumerate().map(|(at, message)| self::message(at, &message)).collect()
}

fn message(at: usize, message: &Value) -> Result<Message, OpenAiError> {
    let wrong = |field: &str, why: &str| OpenAiError::field(&format!("messages[{at}].{field}"), why);
    let role = match message["role"].as_str() {
        // Newer clients call the one who sets the rules the developer.
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => return Err(wrong("role", "system, developer, user or assistant belongs here")),
    };
    let content = match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Null if role == Role::Assistant => String::new(),
        Value::Array(parts) => {
            let texts = parts.iter().map(|part| match (part["type"].as_str(), part["text"].as_str()) {
                (Some("text"), Some(text)) => Ok(text),
                _ => Err(wrong("content", "only parts of type text can be read")),
            });
            texts.collect::<Result<String, _>>()?
        }
        _ => return Err(wrong("content", "a text or a list of text parts belongs here")),
    };
    Ok(Message { role, content })
}
