//! `POST /v1/completions`: a raw prompt, without a chat format.

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
use crate::scheduler::{Ready, Request};

/// Most alternatives told with each token.
const MOST_ALTERNATIVES: i64 = 5;
/// Tokens of an answer of unsaid length, as OpenAI has it.
const USUAL_ANSWER: usize = 16;

/// Goes on with a prompt.
pub async fn create_completion(State(service): State<Service>, asked: Asked) -> Result<Response, OpenAiError> {
    let prepared = prepare(&service, asked, read).await?;
    answer(&service, prepared).await
}

fn read(service: &Service, ready: &Ready, asked: Asked) -> Result<Prepared, OpenAiError> {
    let Asked { mut fields, caller } = asked;
    let mut common = Common::read(&mut fields, ready, || service.random())?;
    fields.only("suffix", &[json!("")], "this model only goes on at the end of a text")?;
    fields.only("best_of", &[json!(1)], "one answer at a time; ask again for another")?;
    common.settings.logprobs = fields.count("logprobs", 0..=MOST_ALTERNATIVES)?;
    let logprobs = common.settings.logprobs.is_some();
    let echo = fields.flag("echo")?;
    let (prompt, text) = prompt(&mut fields, ready)?;
    let (context, max_tokens) = (ready.context(), common.max_tokens.unwrap_or(USUAL_ANSWER));
    if prompt.len() + max_tokens > context {
        return Err(OpenAiError::too_long("prompt", prompt.len(), max_tokens, context));
    }
    Ok(Prepared {
        frames: Frames::raw(service, ready, logprobs, if echo { text } else { String::new() }),
        stream: common.stream,
        usage_in_stream: common.usage_in_stream,
        dropped: 0,
        request: Request {
            caller,
            prompt,
            max_tokens,
            settings: common.settings,
            stops: common.stops,
            constraint: common.constraint,
        },
    })
}

/// The tokens of the prompt, and its text.
fn prompt(fields: &mut Fields, ready: &Ready) -> Result<(Vec<u32>, String), OpenAiError> {
    let wrong = || OpenAiError::field("prompt", "one text, or the tokens of one, belong here");
    let mut prompt = fields.take("prompt").ok_or_else(wrong)?;
    // A list of one prompt is that prompt.
    if let Value::Array(list) = &mut prompt
        && let [Value::String(_) | Value::Array(_)] = list.as_slice()
    {
        prompt = list.remove(0);
    }
    match prompt {
        Value::String(text) => {
            let tokens = ready.language.raw(&text);
            if tokens.is_empty() { Err(OpenAiError::field("prompt", "it is empty")) } else { Ok((tokens, text)) }
        }
        Value::Array(ids) if !ids.is_empty() => {
            let known = |id: &Value| {
                let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
                id.filter(|id| (*id as usize) < ready.language.vocabulary()).ok_or_else(wrong)
            };
            let tokens: Vec<u32> = ids.iter().map(known).collect::<Result<_, _>>()?;
            let bytes: Vec<u8> = tokens.iter().flat_map(|token| ready.language.bytes(*token)).copied().collect();
            Ok((tokens, String::from_utf8_lossy(&bytes).into_owned()))
        }
        _ => Err(wrong()),
    }
}
