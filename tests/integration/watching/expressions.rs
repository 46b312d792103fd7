//! Names and labels in PromQL: enough of its grammar to tell what an expression reads. Whether it means anything is
//! Prometheus's to say.

use std::collections::BTreeSet;

use platform::metrics::catalog::{CATALOG, Kind};

/// Labels that Prometheus itself gives, or a histogram has.
const GIVEN: [&str; 3] = ["job", "instance", "le"];
/// Words of the language that stand where a metric could.
const WORDS: [&str; 11] =
    ["and", "or", "unless", "offset", "by", "without", "on", "ignoring", "bool", "group_left", "group_right"];

/// What is wrong with the names in an expression; `recorded` are those that rules make.
pub fn wrong_names(expression: &str, recorded: &BTreeSet<String>) -> Vec<String> {
    let (plain, labels) = split(expression);
    let mut wrong = Vec::new();
    let known: BTreeSet<&str> = CATALOG.iter().flat_map(|metric| metric.labels).copied().chain(GIVEN).collect();
    wrong.extend(labels.iter().filter(|label| !known.contains(label.as_str())).map(|label| format!("label {label}")));
    for (name, call) in names(&plain) {
        let word = WORDS.contains(&name.as_str());
        if !call && !word && name != "up" && !recorded.contains(&name) && !exists(&name) {
            wrong.push(format!("metric {name}"));
        }
    }
    wrong
}

fn exists(name: &str) -> bool {
    CATALOG.iter().any(|metric| match metric.kind {
        Kind::Histogram(_) => {
            ["_bucket", "_sum", "_count"].iter().any(|end| name.strip_suffix(end) == Some(metric.name))
        }
        Kind::Counter | Kind::Gauge => name == metric.name,
    })
}

/// The expression without matchers, ranges and groups of labels; and the labels in those.
fn split(expression: &str) -> (String, Vec<String>) {
    let (mut plain, mut labels, mut rest) = (String::new(), Vec::new(), expression);
    while let Some(at) = rest.find(['{', '[', '(']) {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        let last =
            before.trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        let grouped = ["by", "without", "on", "ignoring"].contains(&last);
        let (open, close) = if after.starts_with('{') {
            ('{', '}')
        } else if after.starts_with('[') {
            ('[', ']')
        } else {
            ('(', ')')
        };
        if open == '(' && !grouped {
            plain.push('(');
            rest = &after[1..];
            continue;
        }
        let end = after.find(close).unwrap_or(after.len() - 1);
        let inside = &after[1..end];
        match open {
            '{' => labels.extend(
                inside.split(',').filter_map(|matcher| Some(matcher.split_once(['=', '!'])?.0.trim().to_owned())),
            ),
            '(' => labels.extend(inside.split(',').map(|label| label.trim().to_owned()).filter(|l| !l.is_empty())),
            _ => {}
        }
        plain.push(' ');
        rest = &after[end + 1..];
    }
    plain.push_str(rest);
    (plain, labels)
}

/// The identifiers, and whether each is called as a function or aggregates.
fn names(plain: &str) -> Vec<(String, bool)> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (mut names, mut rest) = (Vec::new(), plain);
    while let Some(at) = rest.find(part) {
        let from = &rest[at..];
        let end = from.find(|c| !part(c)).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        let next = after.trim_start();
        let aggregates = ["by ", "by(", "without "].iter().any(|word| next.starts_with(word));
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            names.push((name.to_owned(), next.starts_with('(') || aggregates));
        }
        rest = after;
    }
    names
}

#[test]
fn names_and_labels_are_found_wherever_they_stand() {
    let recorded = BTreeSet::from(["api:errors:ratio_rate5m".to_owned()]);
    let wrong = |expression| wrong_names(expression, &recorded);
    let good = "max by (kind) (wheelhouse_jobs{state=\"dead\", kind!~\"a|b\"} offset 1h) or on () up * 1.5e3 \
                > histogram_quantile(0.95, sum by (http_route, le) (rate(http_server_request_duration_seconds_bucket[5m]))) \
                and api:errors:ratio_rate5m > 0";
    assert_eq!(wrong(good), Vec::<String>::new());
    assert_eq!(
        wrong("sum(rate(http_server_request_duration_seconds[5m]))"),
        ["metric http_server_request_duration_seconds"]
    );
    assert_eq!(wrong("sum by (user_name) (wheelhouse_jobs)"), ["label user_name"]);
    assert_eq!(wrong("wheelhouse_jobs{status=\"dead\"} + wheelhouse_job"), ["label status", "metric wheelhouse_job"]);
    assert_eq!(wrong("api:errors:ratio_rate9m"), ["metric api:errors:ratio_rate9m"]);
}
