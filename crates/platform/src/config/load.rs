//! Putting the layers together: defaults < file < environment < command line.
//!
//! A value is checked once, after the layers are merged; unknown names are faults in every layer.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::schema::{KEYS, Key, is_section, key, suggestion};
use super::{Config, ConfigError, ConfigErrors, Source};

const PREFIX: &str = "WHEELHOUSE_";

/// Variables that other tools set, and the keys they mean. The `WHEELHOUSE_` names win over them.
const FOREIGN: [(&str, &str); 2] = [("DATABASE_URL", "database.url"), ("REDIS_URL", "redis.url")];

/// Gathers the layers of a configuration. `Loader::new()` reads nothing but the embedded defaults.
#[derive(Clone, Debug, Default)]
pub struct Loader {
    file: Option<PathBuf>,
    environment: BTreeMap<String, String>,
    overrides: Vec<(String, String, String)>,
}

impl Loader {
    /// The embedded defaults alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a process takes: the environment, and the file named by `WHEELHOUSE_CONFIG` or else `./wheelhouse.toml`
    /// if there is one.
    pub fn from_process() -> Self {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        let named = environment.get("WHEELHOUSE_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
        let beside = PathBuf::from("wheelhouse.toml");
        let file = named.or_else(|| beside.is_file().then_some(beside));
        Self { file, environment, overrides: Vec::new() }
    }

    /// Reads this file (`--config`) in place of the usual one. It must exist.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Takes these variables in place of the process environment.
    pub fn environment<K: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.environment = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self
    }

    /// Sets a key from the command line, above all other layers: `set("--listen", "server.listen", "0.0.0.0:80")`.
    /// The text is read as in the environment.
    pub fn set(mut self, flag: &str, key: &str, value: impl Into<String>) -> Self {
        self.overrides.push((flag.to_owned(), key.to_owned(), value.into()));
        self
    }

    /// Merges and checks the layers.
    ///
    /// # Errors
    /// Every fault at once: an unreadable file, unknown keys, wrong types, values out of range.
    pub fn load(self) -> Result<Config, ConfigErrors> {
        let mut layers = Layers::default();
        if let Some(path) = &self.file {
            layers.read_file(path);
        }
        layers.read_environment(&self.environment);
        for (flag, name, text) in &self.overrides {
            layers.read_text(name, text, Source::CommandLine { flag: flag.clone() });
        }
        layers.resolve()
    }
}

#[derive(Default)]
struct Layers {
    values: BTreeMap<String, (Value, Source)>,
    errors: Vec<ConfigError>,
}

impl Layers {
    fn fault(&mut self, key: &str, source: Source, problem: impl Into<String>, fix: impl Into<String>) {
        self.errors.push(ConfigError { key: key.to_owned(), source, problem: problem.into(), fix: fix.into() });
    }

    fn read_file(&mut self, path: &std::path::Path) {
        let shown = path.display().to_string();
        let at = |line| Source::File { path: shown.clone(), line };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                return self.fault("", at(0), format!("cannot be read ({error})"), "name a file that exists, or none");
            }
        };
        let line_of = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
        // The best-effort parser goes on after a fault, so that the rest of the file is checked as well.
        let (table, faults) = DeTable::parse_recoverable(&text);
        for fault in faults {
            let line = line_of(fault.span().map_or(0, |span| span.start));
            self.fault("", at(line), format!("not valid TOML: {}", fault.message()), "correct this line");
        }
        for (section, content) in table.get_ref() {
            let name = section.get_ref().as_ref();
            let source = at(line_of(section.span().start));
            match content.get_ref() {
                DeValue::Table(keys) if is_section(name) => {
                    for (key, value) in keys {
                        let source = at(line_of(key.span().start));
                        self.put(&format!("{name}.{}", key.get_ref()), source, |_| plain(value));
                    }
                }
                _ if is_section(name) => {
                    self.fault(name, source, "this is a section", format!("write [{name}] and its keys below"));
                }
                _ => self.fault(name, source, "unknown key", suggestion(name)),
            }
        }
    }

    fn read_environment(&mut self, environment: &BTreeMap<String, String>) {
        for (variable, name) in FOREIGN {
            if let Some(text) = environment.get(variable).filter(|text| !text.is_empty()) {
                self.read_text(name, text, Source::Environment { variable: variable.to_owned() });
            }
        }
        for (variable, text) in environment {
            let Some(name) = variable.strip_prefix(PREFIX) else { continue };
            let name = name.to_lowercase();
            let source = Source::Environment { variable: variable.clone() };
            if name.contains("__") {
                self.read_text(&name.replacen("__", ".", 1), text, source);
            } else if let Some(meant) = KEYS.iter().find(|key| key.name.replace('.', "_") == name) {
                let fix = format!("write {}, with two underscores", meant.variable());
                self.fault(&meant.name, source, "one underscore between section and key", fix);
            }
        }
    }

    fn read_text(&mut self, name: &str, text: &str, source: Source) {
        self.put(name, source, |key| key.parse(text));
    }

    fn put(&mut self, name: &str, source: Source, value: impl FnOnce(&Key) -> Value) {
        match key(name) {
            Some(key) => {
                self.values.insert(name.to_owned(), (value(key), source));
            }
            None => self.fault(name, source, "unknown key", suggestion(name)),
        }
    }

    fn resolve(mut self) -> Result<Config, ConfigErrors> {
        let mut merged = Table::new();
        let mut sources = BTreeMap::new();
        for key in KEYS.iter() {
            let (value, source) =
                self.values.remove(&key.name).unwrap_or_else(|| (key.default.clone(), Source::Default));
            match key.check(value) {
                Ok(value) => {
                    let (section, name) = key.name.split_once('.').expect("keys are section.key");
                    let section = merged.entry(section).or_insert_with(|| Value::Table(Table::new()));
                    section.as_table_mut().expect("sections are tables").insert(name.to_owned(), value);
                }
                Err(problem) => self.fault(&key.name, source.clone(), problem, key.fix()),
            }
            sources.insert(key.name.clone(), source);
        }
        self.check_pairs(&merged, &sources);
        if !self.errors.is_empty() {
            return Err(ConfigErrors(self.errors));
        }
        match Config::deserialize(Value::Table(merged)) {
            Ok(config) => Ok(Config { sources, ..config }),
            Err(error) => {
                self.fault("", Source::Default, error.message().to_owned(), "compare with config.default.toml");
                Err(ConfigErrors(self.errors))
            }
        }
    }

    /// Rules between two keys. Skipped where either is faulty by itself.
    fn check_pairs(&mut self, merged: &Table, sources: &BTreeMap<String, Source>) {
        let whole = |section: &str, key: &str| merged.get(section)?.get(key)?.as_integer();
        if let (Some(orphan), Some(beat)) =
            (whole("worker", "orphan_after_seconds"), whole("worker", "heartbeat_seconds"))
            && orphan < 3 * beat
        {
            let source = sources["worker.orphan_after_seconds"].clone();
            let fix = format!("write at least {}, or lower worker.heartbeat_seconds ({beat})", 3 * beat);
            self.fault("worker.orphan_after_seconds", source, format!("{orphan} is less than three heartbeats"), fix);
        }
        if let (Some(hours), Some(minutes)) = (whole("session", "absolute_hours"), whole("session", "idle_minutes"))
            && minutes > hours * 60
        {
            let source = sources["session.idle_minutes"].clone();
            let fix = format!("write at most {}, or raise session.absolute_hours ({hours})", hours * 60);
            self.fault("session.idle_minutes", source, format!("{minutes} is longer than the whole session"), fix);
        }
    }
}

/// A parsed value without its positions.
fn plain(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::String(number.to_string()), Value::Integer),
        DeValue::Float(number) => {
            number.as_str().parse().map_or_else(|_| Value::String(number.to_string()), Value::Float)
        }
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(date) => Value::Datetime(*date),
        DeValue::Array(entries) => Value::Array(entries.iter().map(plain).collect()),
        DeValue::Table(entries) => {
            Value::Table(entries.iter().map(|(key, value)| (key.get_ref().to_string(), plain(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn later_layers_win_and_say_so() {
        let file = file(
            "[server]\nlisten = \"127.0.0.1:1\"\nbody_limit_bytes = 2048\n[aws]\nburst = 7\nrequests_per_second = 3\n",
        );
        let config = Loader::new()
            .file(file.path())
            .environment([
                ("WHEELHOUSE_SERVER__LISTEN", "127.0.0.1:2"),
                ("WHEELHOUSE_AWS__BURST", "9"),
                ("WHEELHOUSE_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
                ("PATH", "/bin"),
            ])
            .set("--listen", "server.listen", "127.0.0.1:3")
            .load()
            .unwrap();
        assert_eq!(config.server.listen.port(), 3);
        assert_eq!(config.server.body_limit_bytes, 2048);
        assert_eq!((config.aws.burst, config.aws.requests_per_second), (9, 3.0));
        assert_eq!(config.server.trusted_proxies.len(), 2);
        assert_eq!(config.redis.url, None);

        let source = |key: &str| config.provenance()[key].source.clone();
        assert_eq!(source("server.listen"), Source::CommandLine { flag: "--listen".into() });
        assert_eq!(source("aws.burst"), Source::Environment { variable: "WHEELHOUSE_AWS__BURST".into() });
        assert_eq!(
            source("server.body_limit_bytes"),
            Source::File { path: file.path().display().to_string(), line: 3 }
        );
        assert_eq!(source("worker.concurrency"), Source::Default);
        let text = config.to_text();
        assert!(text.contains("aws.burst = 9 ") && text.contains("# WHEELHOUSE_AWS__BURST"), "{text}");
        assert!(text.contains("redis.url = (not set)"), "{text}");

        let explained = config.explained();
        assert_eq!(explained.len(), config.provenance().len());
        let burst = explained.iter().find(|one| one.key == "aws.burst").unwrap();
        assert_eq!((burst.variable.as_str(), &burst.setting.value), ("WHEELHOUSE_AWS__BURST", &serde_json::json!(9)));
        assert_eq!(burst.setting.source, source("aws.burst"));
        assert!(burst.about.ends_with('.'), "{}", burst.about);
    }

    #[test]
    fn foreign_variables_rank_below_ours_and_passwords_never_show() {
        let foreign = [("DATABASE_URL", "postgres://ann:hush@db/x"), ("REDIS_URL", "redis://:hush@cache")];
        let config = Loader::new().environment(foreign).load().unwrap();
        assert_eq!(config.database.url.expose(), "postgres://ann:hush@db/x");
        assert_eq!(config.redis.url.as_ref().unwrap().expose(), "redis://:hush@cache");
        let shown = format!("{} {} {:?}", config.to_text(), config.to_json(), config);
        assert!(shown.contains("postgres://ann:***@db/x") && !shown.contains("hush"), "{shown}");

        let both = [("DATABASE_URL", "mysql://other"), ("WHEELHOUSE_DATABASE__URL", "sqlite://here.db")];
        let config = Loader::new().environment(both).load().unwrap();
        assert_eq!(config.database.url.expose(), "sqlite://here.db");
        // Compose files pass unset variables on as empty ones.
        assert!(Loader::new().environment([("DATABASE_URL", "")]).load().is_ok());
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let file = file(
            "[server]\nlisten = 8080\nlsten = \"x\"\n\n[worker]\nconcurrency = 0\nheartbeat_seconds = 4\n\
             [nonsense]\na = 1\n[ai\n",
        );
        let errors = Loader::new()
            .file(file.path())
            .environment([
                ("DATABASE_URL", "mysql://ann:hush@db/x"),
                ("WHEELHOUSE_AWS__BURST", "many"),
                ("WHEELHOUSE_AWS_DEADLINE_SECONDS", "5"),
                ("WHEELHOUSE_SYNC__ENABELD", "true"),
                ("WHEELHOUSE_SERVER__TRUSTED_PROXIES", "10.0.0.0/99"),
                ("WHEELHOUSE_TELEMETRY__LOG_FORMAT", "xml"),
            ])
            .set("--filter", "telemetry.log_filter", "api=loud")
            .load()
            .unwrap_err();
        let path = file.path().display().to_string();
        let text = errors.to_string();
        for expected in [
            format!("{path}:10: not valid TOML"),
            format!("server.lsten ({path}:3): unknown key; did you mean server.listen?"),
            format!("nonsense ({path}:8): unknown key; remove it"),
            format!("server.listen ({path}:2): a whole number where text belongs; write address:port"),
            format!("worker.concurrency ({path}:6): 0 is out of range; write a whole number from 1 to 256"),
            "worker.orphan_after_seconds (default): 10 is less than three heartbeats; write at least 12".into(),
            "database.url (DATABASE_URL): \"mysql\" is not supported here; write a URL that starts with postgres://"
                .into(),
            "aws.burst (WHEELHOUSE_AWS__BURST): text where a whole number belongs".into(),
            "aws.deadline_seconds (WHEELHOUSE_AWS_DEADLINE_SECONDS): one underscore between section and key; \
             write WHEELHOUSE_AWS__DEADLINE_SECONDS"
                .into(),
            "sync.enabeld (WHEELHOUSE_SYNC__ENABELD): unknown key; did you mean sync.enabled?".into(),
            "server.trusted_proxies (WHEELHOUSE_SERVER__TRUSTED_PROXIES): \"10.0.0.0/99\" has a prefix outside".into(),
            "telemetry.log_format (WHEELHOUSE_TELEMETRY__LOG_FORMAT): \"xml\" is not known; write json or pretty"
                .into(),
            "telemetry.log_filter (--filter): \"api=loud\" is no log filter".into(),
        ] {
            assert!(text.contains(&expected), "missing: {expected}\nin: {text}");
        }
        assert_eq!(errors.0.len(), 13, "{text}");
        assert!(!text.contains("hush"), "{text}");
    }

    #[test]
    fn a_missing_file_is_a_fault() {
        let errors = Loader::new().file("/nowhere/wheelhouse.toml").load().unwrap_err();
        assert!(errors.to_string().contains("cannot be read"), "{errors}");
    }

    #[test]
    fn urls_need_a_host_or_a_path() {
        for url in ["postgres://", "sqlite://", "postgres:///x", "not a url", ""] {
            let errors = Loader::new().set("--database", "database.url", url).load().unwrap_err();
            assert_eq!(errors.0[0].key, "database.url", "{url}");
        }
        for url in ["postgresql://h/x", "sqlite::memory:", "sqlite:///abs/x.db", "sqlite://./data/w.db?mode=rwc"] {
            assert!(Loader::new().set("--database", "database.url", url).load().is_ok(), "{url}");
        }
    }
}
