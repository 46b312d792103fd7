//! Putting the layers together: defaults < file < stores (AWS's Parameter Store, then Secrets Manager) < environment < command line. In
//! the environment a value may also be in a file that `…_FILE` names, as container engines hand out secrets. The stores are read by
//! whoever can; what they hold is given here.
//!
//! A value is checked once, after the layers are merged; unknown names are faults in every layer.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::model::Raw;
use super::schema::{KEYS, Key, is_section, key, suggestion};
use super::secret::Secret;
use super::{Config, ConfigError, ConfigErrors, Source};

const PREFIX: &str = "WHEELHOUSE_";

/// Variables that other tools set, and the keys they mean. The `WHEELHOUSE_` names win over them.
const FOREIGN: [(&str, &str); 2] = [("DATABASE_URL", "database.url"), ("REDIS_URL", "redis.url")];

/// Gathers the layers of a configuration. `Loader::new()` reads nothing but the embedded defaults.
#[derive(Clone, Debug, Default)]
pub struct Loader {
    file: Option<PathBuf>,
    environment: BTreeMap<String, String>,
    stored: Vec<Stored>,
    overrides: Vec<(String, String, String)>,
}

/// Which stores of settings the environment names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stores {
    /// `WHEELHOUSE_PARAMETERS`: the path in AWS's Parameter Store under which they are, as `section/key`.
    pub parameters: Option<String>,
    /// `WHEELHOUSE_SECRET`: name or ARN of a secret in AWS's Secrets Manager, an object whose names are keys.
    pub secret: Option<String>,
}

/// A setting that a store holds.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Dotted key.
    pub key: String,
    /// The value, read as in the environment.
    pub text: Secret<String>,
    /// Where it is.
    pub source: Source,
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
        Self { file, environment, ..Self::default() }
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

    /// Which stores are to be read.
    #[must_use]
    pub fn stores(&self) -> Stores {
        let named = |variable| {
            self.environment.get(variable).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
        };
        Stores { parameters: named("WHEELHOUSE_PARAMETERS"), secret: named("WHEELHOUSE_SECRET") }
    }

    /// What the stores hold, the later over the earlier.
    #[must_use]
    pub fn stored(mut self, settings: Vec<Stored>) -> Self {
        self.stored = settings;
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
        for Stored { key, text, source } in self.stored {
            layers.read_text(&key, text.expose(), source);
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
                let name = name.replacen("__", ".", 1);
                match name.strip_suffix("_file").filter(|meant| key(&name).is_none() && key(meant).is_some()) {
                    Some(meant) => self.read_secret(meant, text, source, environment),
                    None => self.read_text(&name, text, source),
                }
            } else if let Some(meant) = KEYS.iter().find(|key| key.name.replace('.', "_") == name) {
                let fix = format!("write {}, with two underscores", meant.variable());
                self.fault(&meant.name, source, "one underscore between section and key", fix);
            }
        }
    }

    /// Takes the value of a key from a file. Of two sayings of one thing neither is taken.
    fn read_secret(&mut self, name: &str, path: &str, source: Source, environment: &BTreeMap<String, String>) {
        let Some(key) = key(name).filter(|_| !path.is_empty()) else { return };
        if environment.get(&key.variable()).is_some_and(|text| !text.is_empty()) {
            let fix = format!("keep either this or {}", key.variable());
            return self.fault(name, source, "set twice", fix);
        }
        match std::fs::read_to_string(path) {
            Ok(text) => self.read_text(name, text.trim_end_matches(['\r', '\n']), source),
            Err(error) => {
                let fix = "name a file that this process may read";
                self.fault(name, source, format!("{path} cannot be read ({error})"), fix);
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
        let (mut sources, mut raw) = (BTreeMap::new(), Raw::default());
        for key in KEYS.iter() {
            let (value, source) =
                self.values.remove(&key.name).unwrap_or_else(|| (key.default.clone(), Source::Default));
            match key.check(value) {
                Ok(value) => {
                    let (section, name) = key.name.split_once('.').expect("keys are section.key");
                    let section = merged.entry(section).or_insert_with(|| Value::Table(Table::new()));
                    raw.0.insert(key.name.clone(), value.clone());
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
            Ok(config) => Ok(Config { sources, raw, ..config }),
            Err(error) => {
                self.fault("", Source::Default, error.message().to_owned(), "compare with config.default.toml");
                Err(ConfigErrors(self.errors))
            }
        }
    }

    /// Rules between two keys. Skipped where either is faulty by itself.
    fn check_pairs(&mut self, merged: &Table, sources: &BTreeMap<String, Source>) {
        let text = |section: &str, key: &str| merged.get(section)?.get(key)?.as_str();
        if let (Some(url), Some(replica)) = (text("database", "url"), text("database", "replica_url"))
            && url.starts_with("sqlite:")
            && !replica.is_empty()
        {
            let source = sources["database.replica_url"].clone();
            let fix = "leave it empty, or set database.url to the Postgres that it follows";
            self.fault("database.replica_url", source, "SQLite has no replicas", fix);
        }
        if let (Some(url), Some(file)) = (text("redis", "url"), text("redis", "ca_file"))
            && !url.starts_with("rediss:")
            && !file.is_empty()
        {
            let source = sources["redis.ca_file"].clone();
            let fix = "leave it empty, or write redis.url with rediss://";
            self.fault("redis.ca_file", source, "there is no TLS to check", fix);
        }
        self.check_bucket(&text, sources);
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

    /// What belongs to a bucket goes together.
    fn check_bucket<'a>(&mut self, text: &impl Fn(&str, &str) -> Option<&'a str>, sources: &BTreeMap<String, Source>) {
        let set = |key: &str| text("reports", key).is_some_and(|text| !text.is_empty());
        let mut fault = |key: &str, problem: &str, fix: &str| {
            self.fault(key, sources[key].clone(), problem, fix);
        };
        if set("s3_bucket") && !set("s3_region") {
            fault(
                "reports.s3_region",
                "not set, though reports.s3_bucket is",
                "name the bucket's region, such as eu-central-1",
            );
        }
        match (set("s3_access_key_id"), set("s3_secret_access_key")) {
            (true, false) => {
                fault("reports.s3_secret_access_key", "half of a key is missing", "set it too, or neither half")
            }
            (false, true) => {
                fault("reports.s3_access_key_id", "half of a key is missing", "set it too, or neither half")
            }
            _ => {}
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
