//! Answers of a given shape: which tokens may come next so that the answer becomes a value of a JSON schema.
//!
//! The grammar engine is `llguidance`; only this file names it. A schema is compiled for each request, within limits on
//! its size; what it can't express is refused, never ignored. To add another kind of shape: a variant of [`Shape`].

use std::fmt;
use std::sync::Arc;

use llguidance::api::TopLevelGrammar;
use llguidance::earley::SlicedBiasComputer;
use llguidance::toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv, TokRxInfo, TokTrie};
use llguidance::{JsonCompileOptions, Matcher, ParserFactory};
use serde_json::{Value, json};

use crate::prompt::Language;

/// What an answer must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Some JSON object.
    Object,
    /// A value of this JSON schema.
    Schema(Value),
}

/// Why there is no mask: a sentence for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrammarError(pub String);

impl fmt::Display for GrammarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GrammarError {}

/// Makes constraints for one language. Made once per model.
pub struct Grammars {
    factory: ParserFactory,
}

impl Grammars {
    /// For the tokens of `language`, in a model with `rows` rows of logits.
    ///
    /// # Errors
    /// The language has no token that ends an answer, or the library refuses it.
    pub fn new(language: &dyn Language, rows: usize) -> Result<Self, GrammarError> {
        let ends = language.ends();
        let rows = u32::try_from(rows).map_err(|_| GrammarError("too many tokens".to_owned()))?;
        let Some(end) = ends.first().filter(|_| ends.iter().all(|end| *end < rows)) else {
            return Err(GrammarError("the model has no token that ends an answer".to_owned()));
        };
        let words: Vec<Vec<u8>> = (0..rows).map(|token| language.bytes(token).to_vec()).collect();
        let trie = TokTrie::from(&TokRxInfo::new(rows, *end), &words).with_eos_tokens(ends);
        let tokens: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
        let wanted = InferenceCapabilities::default();
        let mut factory =
            ParserFactory::new(&tokens, wanted, &SlicedBiasComputer::json_slices()).map_err(|error| plain(&error))?;
        factory.quiet();
        factory.limits_mut().verbose_errors = false;
        Ok(Self { factory })
    }

    /// The constraint of a shape, at its beginning.
    ///
    /// # Errors
    /// The schema is none, asks for what can't be kept to, or is too large.
    pub fn constraint(&self, shape: &Shape) -> Result<Constraint, GrammarError> {
        let mut schema = match shape {
            Shape::Object => json!({ "type": "object" }),
            Shape::Schema(schema) if schema.is_object() => schema.clone(),
            Shape::Schema(_) => return Err(GrammarError("a JSON schema is an object".to_owned())),
        };
        // Without free white space, a model can't go on for ever with blanks, and says more in its tokens.
        let options = JsonCompileOptions { whitespace_flexible: false, ..JsonCompileOptions::default() };
        options.apply_to(&mut schema);
        let parser = self.factory.create_parser(TopLevelGrammar::from_json_schema(schema));
        let matcher = Matcher::new(parser);
        match matcher.get_error() {
            Some(error) => Err(GrammarError(first_line(&error))),
            None => Ok(Constraint { matcher, mask: Vec::new() }),
        }
    }
}

/// What one answer may still become.
pub struct Constraint {
    matcher: Matcher,
    mask: Vec<u32>,
}

impl Constraint {
    /// The tokens that may come next: a bit for each, 32 in a word. Those that end the answer are among them once it is whole.
    ///
    /// # Errors
    /// The grammar is too complex at this place.
    pub fn mask(&mut self) -> Result<&[u32], GrammarError> {
        let mask = self.matcher.compute_mask_or_eos().map_err(|error| plain(&error))?;
        self.mask.clear();
        self.mask.extend_from_slice(mask.as_slice());
        Ok(&self.mask)
    }

    /// Takes a token of the mask.
    ///
    /// # Errors
    /// It was none.
    pub fn take(&mut self, token: u32) -> Result<(), GrammarError> {
        self.matcher.consume_token(token).map_err(|error| plain(&error))
    }

    /// Whether the answer is whole and nothing more can come.
    pub fn is_over(&self) -> bool {
        self.matcher.is_stopped()
    }
}

fn plain(error: &impl fmt::Display) -> GrammarError {
    GrammarError(first_line(&error.to_string()))
}

/// Its errors carry the whole grammar after the first line.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::scripted::{END, VOCABULARY};
    use crate::prompt::bytes::Bytes;
    use crate::sampling::random::Generator;

    /// An answer made of allowed tokens only, chosen at random, ended as soon as it may (or after `most` tokens).
    fn babble(grammars: &Grammars, shape: &Shape, seed: u64, most: usize) -> Option<String> {
        let (language, mut random) = (Bytes::new(), Generator::new(seed));
        let (mut constraint, mut answer) = (grammars.constraint(shape).unwrap(), Vec::new());
        for _ in 0..most {
            if constraint.is_over() {
                break;
            }
            let mask = constraint.mask().unwrap();
            let allowed: Vec<u32> =
                (0..VOCABULARY as u32).filter(|at| mask[*at as usize / 32] & (1 << (at % 32)) != 0).collect();
            if allowed.contains(&END) {
                return String::from_utf8(answer).ok();
            }
            let token = allowed[random.draw() as usize % allowed.len()];
            constraint.take(token).unwrap();
            answer.extend_from_slice(language.bytes(token));
        }
        constraint.is_over().then(|| String::from_utf8(answer).unwrap())
    }

    fn grammars() -> Grammars {
        Grammars::new(&Bytes::new(), VOCABULARY).unwrap()
    }

    #[test]
    fn whatever_the_model_wants_the_answer_is_of_the_schema() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["tool", "limit", "where"],
            "properties": {
                "tool": { "enum": ["fleet_count", "usage"] },
                "limit": { "type": "integer", "minimum": 1, "maximum": 50 },
                "where": { "type": "array", "maxItems": 2, "items": { "$ref": "#/$defs/filter" } },
            },
            "$defs": { "filter": { "type": "object", "additionalProperties": false, "required": ["field"],
                "properties": { "field": { "type": "string", "maxLength": 5 } } } },
        });
        let (grammars, shape) = (grammars(), Shape::Schema(schema));
        for seed in 0..30 {
            let answer = babble(&grammars, &shape, seed, 500).expect("it comes to an end");
            let value: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
            assert!(["fleet_count", "usage"].contains(&value["tool"].as_str().unwrap()), "{answer}");
            assert!((1..=50).contains(&value["limit"].as_i64().unwrap()), "{answer}");
            let filters = value["where"].as_array().unwrap();
            assert!(filters.len() <= 2 && filters.iter().all(|filter| filter["field"].is_string()), "{answer}");
        }
    }

    #[test]
    fn some_object_is_an_object() {
        let answer = (0..20).find_map(|seed| babble(&grammars(), &Shape::Object, seed, 400)).unwrap();
        assert!(serde_json::from_str::<Value>(&answer).unwrap().is_object(), "{answer}");
    }

    #[test]
    fn what_is_no_schema_or_cannot_be_kept_is_refused() {
        let grammars = grammars();
        let no = |schema: Value| grammars.constraint(&Shape::Schema(schema)).err().map(|error| error.0);
        for schema in [json!(7), json!({ "type": "colour" }), json!({ "$ref": "#/nowhere" }), json!({ "not": {} })] {
            let why = no(schema.clone()).unwrap_or_else(|| panic!("{schema} was taken"));
            assert!(!why.is_empty() && why.len() <= 300, "{why}");
        }
        let mut deep = json!({ "type": "string" });
        for _ in 0..100 {
            deep = json!({ "type": "array", "items": deep });
        }
        drop(no(deep));
        assert!(grammars.constraint(&Shape::Schema(json!({ "type": "boolean" }))).is_ok());
    }
}
