//! The settings of this installation.

use contract::paths;
use contract::settings::SettingsView;

use super::{ApiError, client};

/// Every setting, and where it was set.
pub async fn fetch() -> Result<SettingsView, ApiError> {
    client::get(paths::SETTINGS).await
}
