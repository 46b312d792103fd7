//! The settings of this installation, as they are in force in the API process that answers.

use serde::{Deserialize, Serialize};

/// Every setting. There are as many as the program has, so that they come without pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsView {
    /// The settings, in the order of the reference file.
    pub settings: Vec<SettingView>,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingView {
    /// Its key, such as `server.listen`: section and name.
    pub key: String,
    /// What it means, with units.
    pub about: String,
    /// The value in force as text; a list is separated by commas, passwords are `***`. Absent where nothing is set.
    pub value: Option<String>,
    /// Which layer set it: `default`, `file`, `parameter-store`, `secrets-manager`, `environment` or `command-line`.
    pub layer: String,
    /// Where in that layer: file and line, the parameter, the secret, the variable, the flag. Absent for a default.
    pub place: Option<String>,
    /// The environment variable that sets it.
    pub variable: String,
    /// Whether a change takes effect when the settings are read again (SIGHUP); else at the next start.
    pub live: bool,
}

/// Which settings are taken along.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct SettingQuery {
    /// Text to find in key, variable or meaning; every word must be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// `true`: only what was set somewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<bool>,
}

impl SettingQuery {
    /// Whether it leaves a setting.
    #[must_use]
    pub fn fits(&self, setting: &SettingView) -> bool {
        let text = format!("{} {} {}", setting.key, setting.variable, setting.about).to_lowercase();
        let words = self.q.as_deref().unwrap_or_default().to_lowercase();
        let set_somewhere = setting.layer != "default";
        (set_somewhere || self.set != Some(true)) && words.split_whitespace().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(key: &str, layer: &str) -> SettingView {
        SettingView {
            key: key.to_owned(),
            about: "How long an answer may take, seconds.".to_owned(),
            value: None,
            layer: layer.to_owned(),
            place: None,
            live: false,
            variable: format!("WHEELHOUSE_{}", key.replace('.', "__").to_uppercase()),
        }
    }

    #[test]
    fn words_are_found_in_key_variable_and_meaning() {
        let (plain, set) = (setting("ai.deadline_seconds", "default"), setting("server.listen", "file"));
        let fits = |words: &str, set: bool, one| SettingQuery { q: Some(words.to_owned()), set: Some(set) }.fits(one);
        assert!(fits("", false, &plain) && fits("LISTEN", false, &set) && fits("seconds answer", false, &plain));
        assert!(fits("wheelhouse_server__listen", true, &set));
        assert!(!fits("", true, &plain) && !fits("listen", false, &plain));
        assert!(SettingQuery::default().fits(&plain), "nothing asked for leaves everything");
    }
}
