//! What each key may hold. Names, types and meanings come from `config.default.toml`; the ranges are the table below.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::LazyLock;

use toml::Value;
use tracing_subscriber::EnvFilter;

use super::{Cidr, DEFAULT_TOML};

/// Range of a key's value, beyond the type of its default.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// `true` or `false`.
    Flag,
    /// A whole number, both ends included.
    Whole(i64, i64),
    /// Whole days for which something is kept: 0 for ever, otherwise at least so many.
    Kept(i64),
    /// A number, both ends included.
    Number(f64, f64),
    /// A URL with one of these schemes. May hold a password, so it is never quoted in an error.
    Url(&'static [&'static str]),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Address and port.
    Listen,
    /// Addresses or networks.
    Networks,
    /// Origins of web pages.
    Origins,
    /// Keys of tags, each once.
    TagKeys,
    /// A filter for logs.
    LogFilter,
    /// Scopes of OpenID Connect.
    OidcScopes,
    /// Domains of e-mail addresses.
    Domains,
    /// Groups with the role that each gives: `group=role`.
    GroupRoles,
    /// Where errors are reported. Holds a key, so it is never quoted in an error.
    Dsn,
    /// The name of an environment, as servers for errors take it.
    Environment,
    /// The name of a bucket of S3.
    Bucket,
    /// What names of objects in a bucket begin with.
    Prefix,
    /// Any text.
    Text,
}

const DAY: i64 = 86_400;
const MONTH: i64 = 31 * DAY;
/// Nothing is kept for a number of days beyond this, 100 years.
const LONGEST_KEPT: i64 = 36_500;
const WEB: &[&str] = &["http", "https"];

const RULES: &[(&str, Rule)] = &[
    ("server.listen", Rule::Listen),
    ("server.public_url", Rule::Url(WEB)),
    ("server.trusted_proxies", Rule::Networks),
    ("server.request_timeout_seconds", Rule::Whole(1, 600)),
    ("server.body_limit_bytes", Rule::Whole(1024, 64 << 20)),
    ("server.header_timeout_seconds", Rule::Whole(1, 300)),
    ("server.max_headers", Rule::Whole(16, 1000)),
    ("server.max_header_bytes", Rule::Whole(8192, 1 << 20)),
    ("server.cors_origins", Rule::Origins),
    ("limits.writes_per_minute", Rule::Whole(1, 10_000_000)),
    ("limits.reads_per_minute", Rule::Whole(1, 10_000_000)),
    ("limits.unknown_per_minute", Rule::Whole(1, 10_000_000)),
    ("database.url", Rule::Url(&["postgres", "postgresql", "sqlite"])),
    ("database.replica_url", Rule::Url(&["postgres", "postgresql"])),
    ("database.replica_behind_seconds", Rule::Whole(1, 3600)),
    ("database.max_connections", Rule::Whole(1, 500)),
    ("database.connect_timeout_seconds", Rule::Whole(1, 300)),
    ("database.statement_timeout_seconds", Rule::Whole(1, 3600)),
    ("redis.url", Rule::Url(&["redis", "rediss", "redis+unix", "unix"])),
    ("redis.ca_file", Rule::Text),
    ("worker.concurrency", Rule::Whole(1, 256)),
    ("worker.heartbeat_seconds", Rule::Whole(1, 4)),
    ("worker.orphan_after_seconds", Rule::Whole(3, 12)),
    ("worker.drain_seconds", Rule::Whole(0, 600)),
    ("worker.poll_milliseconds", Rule::Whole(50, 1000)),
    ("sync.enabled", Rule::Flag),
    ("sync.workspaces_period_seconds", Rule::Whole(5, DAY)),
    ("sync.directories_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.connection_status_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.usage_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.cloudtrail_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.billing_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.prices_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.images_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.quotas_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.prune_period_seconds", Rule::Whole(5, MONTH)),
    ("sync.audit_checkpoint_period_seconds", Rule::Whole(5, DAY)),
    ("sync.audit_verify_period_seconds", Rule::Whole(60, MONTH)),
    ("sync.backup_period_seconds", Rule::Whole(60, MONTH)),
    ("sync.usage_backfill_days", Rule::Whole(1, 454)),
    ("sync.billing_months", Rule::Whole(0, 13)),
    ("sync.billing_tag_keys", Rule::TagKeys),
    ("sync.usage_daily_measures", Rule::Flag),
    ("sync.fast_period_seconds", Rule::Whole(1, 3600)),
    ("sync.tags_per_run", Rule::Whole(0, 100_000)),
    // Never less than what syncs read again: this month and the one before, CloudTrail's 90 days, CloudWatch's and Cost
    // Explorer's 14 months.
    ("retention.usage_interval_days", Rule::Kept(63)),
    ("retention.usage_day_days", Rule::Kept(456)),
    ("retention.metric_day_days", Rule::Kept(63)),
    ("retention.trail_days", Rule::Kept(91)),
    ("retention.cost_days", Rule::Kept(456)),
    ("retention.sync_run_days", Rule::Kept(1)),
    ("retention.conversations_days", Rule::Kept(1)),
    ("retention.audit_days", Rule::Kept(30)),
    ("aws.requests_per_second", Rule::Number(0.01, 10_000.0)),
    ("aws.burst", Rule::Whole(1, 10_000)),
    ("aws.deadline_seconds", Rule::Whole(1, 600)),
    ("aws.max_attempts", Rule::Whole(1, 20)),
    ("aws.replicas_without_redis", Rule::Whole(1, 1000)),
    ("session.idle_minutes", Rule::Whole(1, 60 * 24 * 90)),
    ("session.absolute_hours", Rule::Whole(1, 24 * 365)),
    ("session.proof_minutes", Rule::Whole(1, 24 * 60)),
    ("vault.key_file", Rule::Text),
    ("vault.keys", Rule::Text),
    ("outgoing.allow", Rule::Networks),
    ("mail.smtp_url", Rule::Url(&["smtp", "smtps"])),
    ("mail.from", Rule::Text),
    ("mail.deadline_seconds", Rule::Whole(1, 120)),
    ("oidc.issuer", Rule::Url(WEB)),
    ("oidc.client_id", Rule::Text),
    ("oidc.client_secret", Rule::Text),
    ("oidc.name", Rule::Text),
    ("oidc.scopes", Rule::OidcScopes),
    ("oidc.groups_claim", Rule::Text),
    ("oidc.trust_email", Rule::Flag),
    ("oidc.email_domains", Rule::Domains),
    ("oidc.roles", Rule::GroupRoles),
    ("oidc.deadline_seconds", Rule::Whole(1, 60)),
    ("audit.checkpoint_dir", Rule::Text),
    ("audit.signing_key_file", Rule::Text),
    ("reports.dir", Rule::Text),
    ("reports.s3_bucket", Rule::Bucket),
    ("reports.s3_region", Rule::Text),
    ("reports.s3_prefix", Rule::Prefix),
    ("reports.s3_endpoint", Rule::Url(WEB)),
    ("reports.s3_access_key_id", Rule::Text),
    ("reports.s3_secret_access_key", Rule::Text),
    ("reports.s3_deadline_seconds", Rule::Whole(1, 600)),
    ("backup.dir", Rule::Text),
    ("backup.key_file", Rule::Text),
    ("backup.postgres_bin", Rule::Text),
    ("backup.keep_daily", Rule::Whole(0, 3660)),
    ("backup.keep_weekly", Rule::Whole(0, 520)),
    ("backup.deadline_minutes", Rule::Whole(1, 2880)),
    ("telemetry.log_format", Rule::OneOf(&["json", "pretty"])),
    ("telemetry.log_filter", Rule::LogFilter),
    ("metrics.listen", Rule::Listen),
    ("traces.endpoint", Rule::Url(WEB)),
    ("traces.sample", Rule::Number(0.0, 1.0)),
    ("errors.dsn", Rule::Dsn),
    ("errors.environment", Rule::Environment),
    ("portal.dir", Rule::Text),
    ("ai.url", Rule::Url(WEB)),
    ("ai.model", Rule::Text),
    ("ai.context", Rule::Whole(64, 1 << 20)),
    ("ai.kv", Rule::OneOf(&["f16", "int8"])),
    ("ai.threads", Rule::Whole(0, 1024)),
    ("ai.memory_mb", Rule::Whole(0, 10_000_000)),
    ("ai.parallel", Rule::Whole(1, 1024)),
    ("ai.queue", Rule::Whole(1, 100_000)),
    ("ai.deadline_seconds", Rule::Whole(1, 86_400)),
    ("ai.small_url", Rule::Url(WEB)),
    ("ai.remote_url", Rule::Url(WEB)),
    ("ai.remote_model", Rule::Text),
    ("ai.remote_key", Rule::Text),
    ("ai.answer_seconds", Rule::Whole(1, 600)),
    ("ai.tokens_per_person", Rule::Whole(0, 1_000_000_000_000)),
    ("ai.tokens_per_team", Rule::Whole(0, 1_000_000_000_000)),
];

/// One key of the reference file.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) default: Value,
    pub(super) about: String,
    pub(super) rule: Rule,
}

impl Key {
    /// The environment variable that sets this key.
    pub(super) fn variable(&self) -> String {
        format!("WHEELHOUSE_{}", self.name.replace('.', "__").to_uppercase())
    }

    fn optional(&self) -> bool {
        self.default.as_str() == Some("")
    }

    /// The value as the type asks for it, or what is wrong with it.
    pub(super) fn check(&self, value: Value) -> Result<Value, String> {
        if self.optional() && value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Ok(Value::String(String::new()));
        }
        let value = match (self.rule, value) {
            (Rule::Number(..), Value::Integer(number)) => Value::Float(number as f64),
            (_, value) => value,
        };
        if !value.same_type(&self.default) {
            return Err(format!("{} where {} belongs", kind(&value), kind(&self.default)));
        }
        self.in_range(&value).map(|()| value)
    }

    fn in_range(&self, value: &Value) -> Result<(), String> {
        let text = value.as_str().unwrap_or_default();
        let outside = || Err(format!("{value} is out of range"));
        match self.rule {
            Rule::Flag | Rule::Text => Ok(()),
            Rule::Whole(low, high) => match value.as_integer() {
                Some(number) if (low..=high).contains(&number) => Ok(()),
                _ => outside(),
            },
            Rule::Kept(least) => match value.as_integer() {
                Some(days) if days == 0 || (least..=LONGEST_KEPT).contains(&days) => Ok(()),
                _ => outside(),
            },
            Rule::Number(low, high) => match value.as_float() {
                Some(number) if (low..=high).contains(&number) => Ok(()),
                _ => outside(),
            },
            Rule::OneOf(words) => {
                if words.contains(&text) {
                    Ok(())
                } else {
                    Err(format!("{text:?} is not known"))
                }
            }
            Rule::Url(schemes) => url_fault(text, schemes).map_or(Ok(()), Err),
            Rule::Dsn => crate::errors::dsn_fault(text).map_or(Ok(()), Err),
            Rule::Environment => {
                let taken = (1..=64).contains(&text.len()) && text != "None" && !text.contains(['/', '\n', '\r', ' ']);
                if taken { Ok(()) } else { Err(format!("{text:?} is no name of an environment")) }
            }
            Rule::Bucket => {
                let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
                let taken = (3..=63).contains(&text.len())
                    && end(text.chars().next())
                    && end(text.chars().next_back())
                    && text.chars().all(|c| end(Some(c)) || c == '-' || c == '.');
                if taken { Ok(()) } else { Err(format!("{text:?} is no name of a bucket")) }
            }
            Rule::Prefix => {
                let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                let part = |part: &str| part.chars().all(plain) && !part.is_empty() && part != "." && part != "..";
                let taken = text.len() <= 512 && text.strip_suffix('/').unwrap_or(text).split('/').all(part);
                if taken { Ok(()) } else { Err(format!("{text:?} is no beginning of names")) }
            }
            Rule::Listen => {
                text.parse::<SocketAddr>().map(drop).map_err(|_| format!("{text:?} is not an address and port"))
            }
            Rule::LogFilter => {
                EnvFilter::try_new(text).map(drop).map_err(|error| format!("{text:?} is no log filter: {error}"))
            }
            Rule::Origins => origins_fault(value.as_array().map_or(&[], Vec::as_slice)).map_or(Ok(()), Err),
            Rule::OidcScopes => texts_fault(value, |scope| {
                (scope.is_empty() || scope.contains(|c: char| c.is_whitespace() || c == '"'))
                    .then(|| format!("{scope:?} is no scope"))
            }),
            Rule::Domains => texts_fault(value, |domain| {
                (domain.is_empty() || domain.contains(['@', ' ', '/'])).then(|| format!("{domain:?} is no domain"))
            }),
            Rule::GroupRoles => texts_fault(value, |pair| match pair.rsplit_once('=') {
                Some((group, role)) if !group.trim().is_empty() && !role.trim().is_empty() => None,
                _ => Some(format!("{pair:?} is no group with a role")),
            }),
            Rule::TagKeys => tag_keys_fault(value.as_array().map_or(&[], Vec::as_slice)).map_or(Ok(()), Err),
            Rule::Networks => {
                let faults: Vec<String> = value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|entry| match entry.as_str() {
                        Some(text) => text.parse::<Cidr>().err(),
                        None => Some(format!("{} where text belongs", kind(entry))),
                    })
                    .collect();
                if faults.is_empty() { Ok(()) } else { Err(faults.join(", ")) }
            }
        }
    }

    /// What to write, as the end of an error.
    pub(super) fn fix(&self) -> String {
        let mut fix = match self.rule {
            Rule::Flag => "write true or false".to_owned(),
            Rule::Whole(low, high) => format!("write a whole number from {low} to {high}"),
            Rule::Kept(least) => format!("write 0 for ever, or a number of days from {least} to {LONGEST_KEPT}"),
            Rule::Number(low, high) => format!("write a number from {low} to {high}"),
            Rule::Url(schemes) => format!("write a URL that starts with {}://", schemes.join(":// or ")),
            Rule::OneOf(words) => format!("write {}", words.join(" or ")),
            Rule::Listen => "write address:port, such as 127.0.0.1:8080 or 0.0.0.0:8080".to_owned(),
            Rule::Networks => "write addresses or networks, such as 10.0.0.0/8".to_owned(),
            Rule::Origins => "write origins such as [\"https://tools.example.org\"], without a path".to_owned(),
            Rule::TagKeys => format!("write at most {MOST_TAG_KEYS} keys of tags, such as [\"Team\"]"),
            Rule::OidcScopes => "write scopes such as [\"email\", \"profile\"]".to_owned(),
            Rule::Domains => "write domains such as [\"example.org\"]".to_owned(),
            Rule::GroupRoles => "write groups with their roles, such as [\"it-staff=operator\"]".to_owned(),
            Rule::LogFilter => "write a level or target=level pairs, such as info,api=debug".to_owned(),
            Rule::Dsn => "write the DSN that the server shows for the project, https://KEY@host/PROJECT".to_owned(),
            Rule::Environment => "write one word of at most 64 characters, such as production".to_owned(),
            Rule::Bucket => {
                "write its name alone: 3 to 63 lower-case letters, digits, hyphens and dots, such as example-reports"
                    .to_owned()
            }
            Rule::Prefix => {
                "write folders of letters, digits, hyphens, dots and underscores, such as wheelhouse/reports".to_owned()
            }
            Rule::Text => "write text in quotes".to_owned(),
        };
        if self.optional() {
            fix.push_str(", or leave it empty");
        }
        fix
    }

    /// A value from the environment or the command line, where everything is text.
    pub(super) fn parse(&self, text: &str) -> Value {
        let trimmed = text.trim();
        let parsed = match &self.default {
            Value::Integer(_) => trimmed.parse().ok().map(Value::Integer),
            Value::Float(_) => trimmed.parse().ok().map(Value::Float),
            Value::Boolean(_) => trimmed.parse().ok().map(Value::Boolean),
            Value::Array(_) => {
                let entries = trimmed.split(',').map(str::trim).filter(|entry| !entry.is_empty());
                Some(Value::Array(entries.map(|entry| Value::String(entry.to_owned())).collect()))
            }
            _ => None,
        };
        // What does not parse stays text; `check` then says what belongs here.
        parsed.unwrap_or_else(|| Value::String(text.to_owned()))
    }
}

/// Each key costs a request in every read.
const MOST_TAG_KEYS: usize = 20;

/// What is wrong with a list of texts, each judged by itself.
fn texts_fault(list: &Value, fault: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let entries = list.as_array().map_or(&[][..], Vec::as_slice);
    let faults: Vec<String> = entries
        .iter()
        .filter_map(|entry| match entry.as_str() {
            Some(text) => fault(text),
            None => Some(format!("{} where text belongs", kind(entry))),
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join(", ")) }
}

fn tag_keys_fault(entries: &[Value]) -> Option<String> {
    if entries.len() > MOST_TAG_KEYS {
        return Some(format!("{} are too many", entries.len()));
    }
    entries.iter().enumerate().find_map(|(at, entry)| match entry.as_str() {
        None => Some(format!("{} where text belongs", kind(entry))),
        // AWS's longest key of a tag.
        Some(key) if key.trim().is_empty() || key.trim() != key || key.chars().count() > 128 => {
            Some(format!("{key:?} is no key of a tag"))
        }
        Some(key) if entries[..at].contains(entry) => Some(format!("{key:?} is there twice")),
        Some(_) => None,
    })
}

/// An origin as a browser writes it in the header `Origin`: scheme, host and perhaps a port, all in lower case.
fn origins_fault(entries: &[Value]) -> Option<String> {
    entries.iter().find_map(|entry| {
        let Some(text) = entry.as_str() else { return Some(format!("{} where text belongs", kind(entry))) };
        let url = reqwest::Url::parse(text).ok().filter(|url| WEB.contains(&url.scheme()) && url.has_host());
        let same = url.is_some_and(|url| url.origin().ascii_serialization() == text);
        (!same).then(|| format!("{text:?} is no origin"))
    })
}

fn url_fault(text: &str, schemes: &[&str]) -> Option<String> {
    let Some((scheme, rest)) = text.split_once(':') else { return Some("this is not a URL".to_owned()) };
    if !schemes.contains(&scheme) {
        // The scheme alone is safe to quote only if it looks like one.
        let quotable = scheme.len() <= 20 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+');
        return Some(if quotable {
            format!("{scheme:?} is not supported here")
        } else {
            "this is not a URL".to_owned()
        });
    }
    // SQLite paths and socket paths are no URLs in the strict sense.
    if ["sqlite", "unix", "redis+unix"].contains(&scheme) {
        return (rest.trim_start_matches('/').is_empty()).then(|| "the path is missing".to_owned());
    }
    match reqwest::Url::parse(text) {
        Err(error) => Some(format!("this is not a valid URL ({error})")),
        // Postgres takes a socket's folder from the query: postgres:///name?host=/run/postgresql.
        Ok(url) if url.host_str().is_none_or(str::is_empty) && !url.query_pairs().any(|(name, _)| name == "host") => {
            Some("the host is missing".to_owned())
        }
        Ok(_) => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Datetime(_) => "a date",
        Value::Table(_) => "a section",
    }
}

/// Every key, in the order of the reference file.
pub(super) static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let defaults: toml::Table = DEFAULT_TOML.parse().expect("the embedded defaults are TOML");
    let (mut keys, mut section, mut about) = (Vec::new(), "", Vec::new());
    for line in DEFAULT_TOML.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some(comment) = line.strip_prefix('#') {
            about.push(comment.trim());
            continue;
        } else if let Some((key, _)) = line.split_once(" = ") {
            let name = format!("{section}.{key}");
            let default = defaults[section][key].clone();
            let rule = RULES.iter().find(|(ruled, _)| *ruled == name).map(|(_, rule)| *rule);
            let rule = rule.expect("every key of the reference file has a rule");
            keys.push(Key { name, default, about: about.join(" "), rule });
        }
        about.clear();
    }
    keys
});

pub(super) fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether this is the name of a section, such as `server`.
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.split_once('.').is_some_and(|(section, _)| section == name))
}

/// What to do about an unknown key: the likely spelling if one is near, else where to look.
pub(super) fn suggestion(name: &str) -> String {
    let near = KEYS.iter().map(|key| (distance(name, &key.name), &key.name)).min();
    match near {
        Some((distance, key)) if distance <= 3 => format!("did you mean {key}?"),
        _ => "remove it; config.default.toml lists the keys".to_owned(),
    }
}

/// Edits between two words (Levenshtein), one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, r) in right.iter().enumerate() {
            let substitution = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

/// A Markdown table of every environment variable, its default and its meaning.
pub fn env_table() -> String {
    let mut table = String::from("| variable | default | meaning |\n|---|---|---|\n");
    for key in KEYS.iter() {
        let default = if key.optional() { "not set".to_owned() } else { format!("`{}`", key.default) };
        let about = key.about.replace('|', "\\|");
        writeln!(table, "| `{}` | {default} | {about} |", key.variable()).expect("writing to a string cannot fail");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_file_rules_and_types_name_the_same_keys() {
        let from_file: Vec<&str> = KEYS.iter().map(|key| key.name.as_str()).collect();
        let from_rules: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
        assert_eq!(from_file, from_rules);
        let typed = serde_json::to_value(crate::config::Config::default()).unwrap();
        let from_types: usize = typed.as_object().unwrap().values().map(|keys| keys.as_object().unwrap().len()).sum();
        assert_eq!(from_types, KEYS.len());
    }

    #[test]
    fn every_key_is_explained_and_its_default_is_in_range() {
        for key in KEYS.iter() {
            assert!(key.about.ends_with('.'), "{} needs a comment that is a sentence", key.name);
            assert!(key.check(key.default.clone()).is_ok(), "{}", key.name);
        }
        let table = env_table();
        assert!(table.contains("| `WHEELHOUSE_WORKER__CONCURRENCY` | `4` | Jobs that one worker process runs"));
        assert_eq!(table.lines().count(), KEYS.len() + 2);
    }

    #[test]
    fn keys_of_tags_are_texts_of_their_own() {
        let key = key("sync.billing_tag_keys").unwrap();
        assert_eq!(key.check(key.parse("Team, cost centre")), key.check(key.parse(" Team,cost centre,")));
        assert_eq!(key.check(key.parse("")), Ok(Value::Array(Vec::new())));
        assert!(key.check(key.parse("Team,team")).is_ok(), "AWS tells them apart");
        assert!(key.check(key.parse("Team,Team")).unwrap_err().contains("twice"));
        let long = "x".repeat(129);
        assert!(key.check(key.parse(&long)).unwrap_err().contains("no key of a tag"));
        let numbers = Value::Array(vec![Value::Integer(1)]);
        assert!(key.check(numbers).unwrap_err().contains("where text belongs"));
    }

    #[test]
    fn what_is_kept_is_kept_for_ever_or_long_enough() {
        let days = key("retention.trail_days").unwrap();
        for (number, good) in
            [(0, true), (1, false), (90, false), (91, true), (36_500, true), (36_501, false), (-1, false)]
        {
            assert_eq!(days.check(Value::Integer(number)).is_ok(), good, "{number}");
        }
        assert_eq!(days.fix(), "write 0 for ever, or a number of days from 91 to 36500");
    }

    #[test]
    fn near_misses_are_suggested() {
        assert_eq!(suggestion("server.lsten"), "did you mean server.listen?");
        assert!(suggestion("cloud.provider").starts_with("remove it"));
    }
}
