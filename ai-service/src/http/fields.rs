//! Reading a request field by field, so that a refusal names the field and what belongs there.
//!
//! A field that is `null` is as good as absent; fields nobody reads are accepted, as OpenAI's clients send new ones.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::error::OpenAiError;
use crate::sampling::Settings;

/// Most stop strings, and bytes in one.
const MOST_STOPS: usize = 4;
const LONGEST_STOP: usize = 1000;
/// Most tokens with a bias.
const MOST_BIASES: usize = 1024;

/// The fields of a request.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Of a JSON object.
    ///
    /// # Errors
    /// It is none.
    pub fn of(body: Value) -> Result<Self, OpenAiError> {
        match body {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(OpenAiError::invalid("the body is not a JSON object")),
        }
    }

    /// Takes a field as it is.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a text.
    ///
    /// # Errors
    /// It is none.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, OpenAiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(OpenAiError::field(name, "a text belongs here")),
        }
    }

    /// Takes yes or no.
    ///
    /// # Errors
    /// It is neither.
    pub fn flag(&mut self, name: &str) -> Result<bool, OpenAiError> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(OpenAiError::field(name, "true or false belongs here")),
        }
    }

    /// Takes a number.
    ///
    /// # Errors
    /// It is none, or out of range.
    pub fn number(&mut self, name: &str, range: RangeInclusive<f64>) -> Result<Option<f32>, OpenAiError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        match value.as_f64().filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number as f32)),
            None => Err(between(name, "a number", &range)),
        }
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// It is none, or out of range.
    pub fn whole(&mut self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, OpenAiError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let whole = value.as_i64().or_else(|| value.as_f64().filter(|number| number.fract() == 0.0).map(|n| n as i64));
        match whole.filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(between(name, "a whole number", &range)),
        }
    }

    /// Takes a count.
    ///
    /// # Errors
    /// It is none, or out of range.
    pub fn count(&mut self, name: &str, range: RangeInclusive<i64>) -> Result<Option<usize>, OpenAiError> {
        Ok(self.whole(name, range)?.and_then(|number| usize::try_from(number).ok()))
    }

    /// Refuses a field that asks for something else than `usual`.
    ///
    /// # Errors
    /// It does.
    pub fn only(&mut self, name: &str, usual: &[Value], why: &str) -> Result<(), OpenAiError> {
        match self.take(name) {
            Some(value) if !usual.contains(&value) => Err(OpenAiError::unsupported(name, why)),
            _ => Ok(()),
        }
    }

    /// Takes the stop strings.
    ///
    /// # Errors
    /// They are none, too many or too long.
    pub fn stops(&mut self) -> Result<Vec<String>, OpenAiError> {
        let wrong = || OpenAiError::field("stop", format!("a text or up to {MOST_STOPS} of them belong here"));
        let stops = match self.take("stop") {
            None => Vec::new(),
            Some(Value::String(stop)) => vec![stop],
            Some(Value::Array(stops)) if stops.len() <= MOST_STOPS => {
                let texts = stops.into_iter().map(|stop| stop.as_str().map(str::to_owned).ok_or_else(wrong));
                texts.collect::<Result<Vec<_>, _>>()?
            }
            Some(_) => return Err(wrong()),
        };
        match stops.iter().any(|stop| stop.len() > LONGEST_STOP) {
            true => Err(OpenAiError::field("stop", format!("no stop string is longer than {LONGEST_STOP} bytes"))),
            false => Ok(stops),
        }
    }

    /// Takes what says how tokens are chosen. `random`: the seed where none is given.
    ///
    /// # Errors
    /// A field is out of range.
    pub fn settings(&mut self, vocabulary: usize, random: impl FnOnce() -> u64) -> Result<Settings, OpenAiError> {
        let usual = Settings::default();
        let top_k = self.count("top_k", -1..=1_000_000)?.unwrap_or(0);
        Ok(Settings {
            temperature: self.number("temperature", 0.0..=2.0)?.unwrap_or(usual.temperature),
            top_p: self.number("top_p", 0.0..=1.0)?.unwrap_or(usual.top_p),
            top_k,
            min_p: self.number("min_p", 0.0..=1.0)?.unwrap_or(usual.min_p),
            repetition_penalty: self.number("repetition_penalty", 0.01..=10.0)?.unwrap_or(usual.repetition_penalty),
            presence_penalty: self.number("presence_penalty", -2.0..=2.0)?.unwrap_or(usual.presence_penalty),
            frequency_penalty: self.number("frequency_penalty", -2.0..=2.0)?.unwrap_or(usual.frequency_penalty),
            bias: self.biases(vocabulary)?,
            seed: self.whole("seed", i64::MIN..=i64::MAX)?.map_or_else(random, i64::cast_unsigned),
            logprobs: None,
        })
    }

    fn biases(&mut self, vocabulary: usize) -> Result<Vec<(u32, f32)>, OpenAiError> {
        let Some(value) = self.take("logit_bias") else { return Ok(Vec::new()) };
        let wrong = |why: &dyn Display| OpenAiError::field("logit_bias", why);
        let biases: BTreeMap<String, f32> = serde_json::from_value(value)
            .map_err(|_| wrong(&"an object of token ids and numbers from -100 to 100 belongs here"))?;
        if biases.len() > MOST_BIASES {
            return Err(wrong(&format!("no more than {MOST_BIASES} tokens have a bias")));
        }
        let read = |(token, bias): (String, f32)| match token.parse::<u32>() {
            Ok(id) if (id as usize) < vocabulary && (-100.0..=100.0).contains(&bias) => Ok((id, bias)),
            _ => {
                Err(wrong(&format!("{token:?} with {bias} is not a token of this model with a bias from -100 to 100")))
            }
        };
        biases.into_iter().map(read).collect()
    }
}

fn between<T: Display>(name: &str, what: &str, range: &RangeInclusive<T>) -> OpenAiError {
    OpenAiError::field(name, format!("{what} from {} to {} belongs here", range.start(), range.end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settings(body: Value) -> Result<Settings, String> {
        let mut fields = Fields::of(body).unwrap();
        fields.settings(100, || 77).map_err(|error| error.object()["error"]["param"].as_str().unwrap().to_owned())
    }

    #[test]
    fn what_is_absent_or_null_has_its_default() {
        let expected = Settings { seed: 77, ..Settings::default() };
        assert_eq!(settings(json!({})), Ok(expected.clone()));
        assert_eq!(settings(json!({ "temperature": null, "seed": null, "top_k": -1 })), Ok(expected));
        let given =
            settings(json!({ "temperature": 0, "top_k": 5, "seed": -1, "logit_bias": { "99": -100 } })).unwrap();
        assert_eq!((given.temperature, given.top_k, given.seed), (0.0, 5, u64::MAX));
        assert_eq!(given.bias, [(99, -100.0)]);
    }

    #[test]
    fn each_setting_is_read_from_the_field_of_its_name() {
        // No two are alike, and each would be a good value of the others, so that none can stand in for another.
        let given = json!({
            "temperature": 0.5, "top_p": 0.25, "top_k": 7, "min_p": 0.125, "repetition_penalty": 0.75,
            "presence_penalty": 0.375, "frequency_penalty": 0.625, "logit_bias": { "3": 0.875 }, "seed": 11,
        });
        let expected = Settings {
            temperature: 0.5,
            top_p: 0.25,
            top_k: 7,
            min_p: 0.125,
            repetition_penalty: 0.75,
            presence_penalty: 0.375,
            frequency_penalty: 0.625,
            bias: vec![(3, 0.875)],
            seed: 11,
            logprobs: None,
        };
        assert_eq!(settings(given), Ok(expected));
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for (name, value) in [
            ("temperature", json!(2.1)),
            ("temperature", json!("hot")),
            ("top_p", json!(-0.1)),
            ("top_k", json!(1.5)),
            ("min_p", json!(2)),
            ("repetition_penalty", json!(0)),
            ("presence_penalty", json!(3)),
            ("frequency_penalty", json!(-3)),
            ("seed", json!("x")),
            ("logit_bias", json!({ "100": 1 })),
            ("logit_bias", json!({ "a": 1 })),
            ("logit_bias", json!({ "1": 101 })),
        ] {
            assert_eq!(settings(json!({ name: value })), Err(name.to_owned()), "{value}");
        }
    }

    #[test]
    fn stop_is_one_text_or_a_few() {
        let stops = |value: Value| Fields::of(json!({ "stop": value })).unwrap().stops().ok();
        assert_eq!(stops(json!(null)), Some(vec![]));
        assert_eq!(stops(json!("a")), Some(vec!["a".to_owned()]));
        assert_eq!(stops(json!(["a", "b"])), Some(vec!["a".to_owned(), "b".to_owned()]));
        for wrong in [json!(["a", 1]), json!(7), json!(["1", "2", "3", "4", "5"]), json!("x".repeat(1001))] {
            assert_eq!(stops(wrong), None);
        }
        assert!(Fields::of(json!([])).is_err());
    }
}
