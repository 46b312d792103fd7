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
