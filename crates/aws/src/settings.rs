//! Settings of this installation that stand in AWS: Parameter Store (Systems Manager) and Secrets Manager.
//!
//! They are read with the machine's own credentials and region, once at the start and when settings are read again; no account of the
//! fleet has part in it, so neither the connector nor its limits. What a value means is not known here, and none is ever printed.

use std::error::Error;
use std::iter::successors;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use serde_json::Value;

/// Each question to AWS is given up after this long, its second try included.
const DEADLINE: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(3);
/// Tries of each question.
const TRIES: u32 = 2;

/// A setting that stands in AWS.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSetting {
    /// Its dotted key, such as `database.url`.
    pub key: String,
    /// The value as text. May be a secret.
    pub text: String,
    /// Where it stands: the parameter's or the secret's name.
    pub place: String,
}

/// Why settings could not be read. Never holds a value.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// AWS refused, did not answer, or could not be asked.
    #[error("{store} {name} could not be read: {reason}")]
    Unread {
        /// Which store.
        store: &'static str,
        /// What was asked for.
        name: String,
        /// What the SDK says.
        reason: String,
    },
    /// There is nothing under a path.
    #[error("Parameter Store has nothing under {path}; name the path above section/key, such as /wheelhouse")]
    Nothing {
        /// The path.
        path: String,
    },
    /// A path that is none.
    #[error("{path} is no path in Parameter Store; it begins with a slash, such as /wheelhouse")]
    NoPath {
        /// What was given.
        path: String,
    },
    /// A secret that is no object of settings.
    #[error(
        "the secret {name} is no JSON object of settings, such as {{\"database.url\": \"postgres://…\"}}: {reason}"
    )]
    Shape {
        /// The secret.
        name: String,
        /// What is wrong; names keys only.
        reason: String,
    },
}

/// What Parameter Store holds under a path: `path/section/key` is `section.key`.
///
/// # Errors
/// [`SettingsError`].
pub async fn parameters(path: &str) -> Result<Vec<StoredSetting>, SettingsError> {
    if !path.starts_with('/') {
        return Err(SettingsError::NoPath { path: path.to_owned() });
    }
    let path = path.trim_end_matches('/');
    let client = aws_sdk_ssm::Client::new(&machine().await);
    let pages = client.get_parameters_by_path().path(format!("{path}/")).recursive(true).with_decryption(true);
    let mut pages = pages.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| unread("Parameter Store", path, &error))?;
        for parameter in page.parameters.unwrap_or_default() {
            let (Some(name), Some(text)) = (parameter.name, parameter.value) else { continue };
            let key = name.strip_prefix(path).unwrap_or(&name).trim_start_matches('/').replace('/', ".");
            found.push(StoredSetting { key, text, place: name });
        }
    }
    if found.is_empty() { Err(SettingsError::Nothing { path: path.to_owned() }) } else { Ok(found) }
}

/// What a secret holds: an object of dotted keys and their values.
///
/// # Errors
/// [`SettingsError`].
pub async fn secret(name: &str) -> Result<Vec<StoredSetting>, SettingsError> {
    let client = aws_sdk_secretsmanager::Client::new(&machine().await);
    let answer = client.get_secret_value().secret_id(name).send().await;
    let answer = answer.map_err(|error| unread("the secret", name, &error))?;
    parse(name, answer.secret_string().unwrap_or_default())
}

fn parse(name: &str, text: &str) -> Result<Vec<StoredSetting>, SettingsError> {
    let shape = |reason: String| SettingsError::Shape { name: name.to_owned(), reason };
    // The parser's own words may quote the text.
    let value = serde_json::from_str(text).map_err(|error| shape(format!("no JSON at line {}", error.line())))?;
    let Value::Object(object) = value else { return Err(shape("something else stands there".to_owned())) };
    let one = |(key, value): (String, Value)| {
        let text = match value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(shape(format!("{key} is neither text, number, true nor false"))),
        };
        Ok(StoredSetting { key, text, place: name.to_owned() })
    };
    object.into_iter().map(one).collect()
}

/// The credentials and the region of where this runs.
async fn machine() -> SdkConfig {
    let times = TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(DEADLINE).build();
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(times)
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
        .load()
        .await
}

fn unread(store: &'static str, name: &str, error: &(impl Error + 'static)) -> SettingsError {
    // Not the SDK's own account of it, which has the whole answer in it: a secret's value, where the rest did not parse.
    let causes = successors(Some(error as &dyn Error), |error| (*error).source());
    let reason = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    SettingsError::Unread { store, name: name.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_an_object_of_plain_values() {
        let text = r#"{"database.url": "postgres://x", "worker.concurrency": 8, "sync.enabled": false}"#;
        let mut found = parse("wheelhouse", text).unwrap_or_default();
        found.sort_by(|a, b| a.key.cmp(&b.key));
        let told: Vec<_> = found.iter().map(|one| (one.key.as_str(), one.text.as_str(), one.place.as_str())).collect();
        let place = "wheelhouse";
        assert_eq!(
            told,
            [
                ("database.url", "postgres://x", place),
                ("sync.enabled", "false", place),
                ("worker.concurrency", "8", place)
            ]
        );
    }

    #[test]
    fn what_is_no_such_object_is_refused_and_not_quoted() {
        for text in ["hush", "", "[\"hush\"]", "\"hush\"", r#"{"redis.url": ["hush"]}"#, r#"{"redis.url": null}"#] {
            let error = parse("wheelhouse", text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains("wheelhouse is no JSON object") && !error.contains("hush"), "{text}: {error}");
        }
    }

    #[tokio::test]
    async fn a_path_begins_with_a_slash() {
        let error = parameters("wheelhouse").await.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("begins with a slash"), "{error}");
    }
}
