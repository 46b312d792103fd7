//! The settings of the process that answers, as their page shows them: what is secret came masked.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use super::users::looked_for;
use crate::{Context, Page, PageRequest};

/// A setting in force.
#[derive(Debug, Clone)]
pub struct SettingRow {
    /// Its key, such as `server.listen`.
    pub key: String,
    /// What it means, with units.
    pub about: String,
    /// The value as text, passwords masked; `None` where nothing is set.
    pub value: Option<String>,
    /// Which layer set it.
    pub layer: String,
    /// Where in that layer; `None` for a default.
    pub place: Option<String>,
    /// The environment variable that sets it.
    pub variable: String,
    /// Whether a change takes effect while the process runs.
    pub live: bool,
}

/// The settings that a filter leaves.
#[derive(Debug, Clone)]
pub struct SettingTable {
    /// The settings. They are of the process, not in the database.
    pub settings: Vec<SettingRow>,
    /// What was looked for.
    pub q: Option<String>,
    /// Only what was set somewhere.
    pub set: bool,
}

#[async_trait]
impl List for SettingTable {
    type Item = SettingRow;
    const NAME: &'static str = "settings";
    const PERMISSION: Permission = Permission::SystemRead;
    const EVERYWHERE: bool = true;

    columns! { SettingRow as setting =>
        Column::text("key") => Cell::Text(setting.key),
        Column::text("about") => Cell::Text(setting.about),
        Column::text("value") => Cell::maybe(setting.value),
        Column::text("layer") => Cell::Text(setting.layer),
        Column::text("place") => Cell::maybe(setting.place),
        Column::text("variable") => Cell::Text(setting.variable),
        Column::flag("live") => Cell::Flag(setting.live),
    }

    fn said(&self) -> Entry {
        let entry = Entry::new("setting.export", Permission::SystemRead).after(json!({ "set": self.set }));
        looked_for(entry, self.q.as_deref())
    }

    async fn items(&self, _: &Context, _: &Actor, _: PageRequest) -> Result<Page<SettingRow>, ExportError> {
        Ok(whole(self.settings.clone()))
    }
}
