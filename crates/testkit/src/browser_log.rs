//! What a browser complains about: violations of the content security policy and scripts that failed, from its own log, which
//! outlives each page. Refused requests are in there as well and are left out: asking whether somebody is signed in is one.
//! [`crate::browser::Browser::close`] fails over what is left.

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// Takes the log's entries out of the driver, each once.
#[derive(Debug)]
pub(crate) struct TakeLog;

impl WebDriverCompatibleCommand for TakeLog {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// A line of the log.
#[derive(Debug, Deserialize)]
struct Line {
    level: String,
    source: String,
    message: String,
}

/// The complaints among what [`TakeLog`] brought, in the browser's words, which name the directive and what it kept out.
///
/// # Errors
/// It is no log.
pub(crate) fn complaints(log: Value) -> Result<Vec<String>, serde_json::Error> {
    let lines: Vec<Line> = serde_json::from_value(log)?;
    let grave = |line: &Line| match line.source.as_str() {
        // A browser that does not know every feature that pages are forbidden says so on each page.
        "security" => !line.message.contains("Permissions-Policy header: Unrecognized feature"),
        "network" => false,
        _ => line.level == "SEVERE",
    };
    Ok(lines.into_iter().filter(grave).map(|line| format!("{}: {}", line.source, line.message)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_out_and_what_failed_is_a_complaint() {
        let line =
            |level: &str, source: &str| json!({ "level": level, "source": source, "message": "m", "timestamp": 1 });
        let unknown = "u - Error with Permissions-Policy header: Unrecognized feature: 'x'.";
        let log = json!([
            { "level": "WARNING", "source": "security", "message": unknown, "timestamp": 1 },
            line("SEVERE", "network"),
            line("SEVERE", "security"),
            line("WARNING", "security"),
            line("SEVERE", "javascript"),
            line("SEVERE", "console-api"),
            line("WARNING", "console-api"),
            line("INFO", "other"),
        ]);
        assert_eq!(complaints(log).unwrap(), ["security: m", "security: m", "javascript: m", "console-api: m"]);
        assert!(complaints(json!({})).is_err());
    }
}
