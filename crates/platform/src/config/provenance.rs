//! Where each value came from, and how `wheelhouse config show` prints it.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;

use super::Config;
use super::schema::{KEYS, Key};

/// The layer that set a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "layer", rename_all = "kebab-case")]
pub enum Source {
    /// The embedded defaults.
    Default,
    /// A configuration file.
    File {
        /// Path as it was given.
        path: String,
        /// Line, from 1.
        line: usize,
    },
    /// AWS's Parameter Store.
    ParameterStore {
        /// The parameter, such as `/wheelhouse/database/url`.
        name: String,
    },
    /// AWS's Secrets Manager.
    SecretsManager {
        /// The secret that holds it.
        secret: String,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// A flag of the command line.
    CommandLine {
        /// The flag, such as `--listen`.
        flag: String,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::ParameterStore { name } => write!(f, "Parameter Store: {name}"),
            Self::SecretsManager { secret } => write!(f, "Secrets Manager: {secret}"),
            Self::Environment { variable } => f.write_str(variable),
            Self::CommandLine { flag } => f.write_str(flag),
        }
    }
}

/// A value in force and its source.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// The value as it is in force; passwords are `***`, what is not set is null.
    pub value: serde_json::Value,
    /// Where it was set.
    pub source: Source,
}

/// A setting with what there is to know of it.
#[derive(Clone, Debug)]
pub struct ExplainedSetting {
    /// Its dotted key, such as `server.listen`.
    pub key: String,
    /// What it means, with units.
    pub about: String,
    /// The environment variable that sets it.
    pub variable: String,
    /// Its value and where that was set.
    pub setting: Setting,
}

impl Config {
    /// Dotted key to value and source. Values are read back from the typed configuration, so that what is shown is what is used,
    /// secrets redacted by type.
    #[must_use]
    pub fn provenance(&self) -> BTreeMap<String, Setting> {
        let shown = serde_json::to_value(self).expect("settings are plain data");
        let mut provenance = BTreeMap::new();
        for (section, keys) in shown.as_object().into_iter().flatten() {
            for (key, value) in keys.as_object().into_iter().flatten() {
                let name = format!("{section}.{key}");
                let source = self.sources.get(&name).cloned().unwrap_or(Source::Default);
                provenance.insert(name, Setting { value: value.clone(), source });
            }
        }
        provenance
    }

    /// Every setting, in the order of `config.default.toml`.
    #[must_use]
    pub fn explained(&self) -> Vec<ExplainedSetting> {
        let mut provenance = self.provenance();
        let explained = |key: &Key| {
            let setting = provenance.remove(&key.name)?;
            Some(ExplainedSetting {
                key: key.name.clone(),
                about: key.about.clone(),
                variable: key.variable(),
                setting,
            })
        };
        KEYS.iter().filter_map(explained).collect()
    }

    /// One line per key: `key = value  # source`, aligned.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines: Vec<(String, Source)> = self
            .provenance()
            .into_iter()
            .map(|(key, Setting { value, source })| {
                let value = if value.is_null() { "(not set)".into() } else { value.to_string() };
                (format!("{key} = {value}"), source)
            })
            .collect();
        let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
        lines.iter().fold(String::new(), |mut text, (line, source)| {
            writeln!(text, "{line:width$}  # {source}").expect("writing to a string cannot fail");
            text
        })
    }

    /// `{"server.listen": {"value": …, "source": {"layer": …}}, …}`
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.provenance()).expect("settings are plain data")
    }
}
