//! The API keys: one's own, or everybody's for who manages them. Never a secret: those are not kept.

use async_trait::async_trait;
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::listed;
use super::users::looked_for;
use crate::keys::{ApiKeyFilter, ApiKeySort, KeyItem, list_keys};
use crate::{Context, Page, PageRequest};

/// The keys that a filter leaves.
#[derive(Debug, Clone)]
pub struct ApiKeyTable {
    /// What it is narrowed to.
    pub filter: ApiKeyFilter,
    /// What it is sorted by.
    pub sort: ApiKeySort,
}

#[async_trait]
impl List for ApiKeyTable {
    type Item = KeyItem;
    const NAME: &'static str = "api-keys";
    const PERMISSION: Permission = Permission::KeyManage;

    columns! { KeyItem as KeyItem { key, owner, state } =>
        Column::text("id") => Cell::text(key.id),
        Column::text("user_id") => Cell::text(key.user_id),
        Column::text("owner") => Cell::Text(owner),
        Column::text("name") => Cell::Text(key.name),
        Column::text("prefix") => Cell::Text(key.prefix),
        Column::text("permissions") => Cell::Text(listed(&key.permissions)),
        Column::text("state") => Cell::text(state.as_str()),
        Column::time("created_at") => Cell::Time(key.created_at),
        Column::time("expires_at") => Cell::maybe_time(key.expires_at),
        Column::time("last_used_at") => Cell::maybe_time(key.last_used_at),
        Column::text("last_used_ip") => Cell::maybe(key.last_used_ip),
        Column::time("revoked_at") => Cell::maybe_time(key.revoked_at),
        Column::text("replaced_by") => Cell::maybe(key.replaced_by),
        Column::time("good_until") => Cell::maybe_time(key.good_until),
    }

    /// Everybody has keys of their own: whose are shown is for the list to say.
    fn may(_: &Actor) -> Result<(), Forbidden> {
        Ok(())
    }

    fn said(&self) -> Entry {
        let ApiKeyFilter { user_id, q, working_at } = &self.filter;
        let said = json!({ "user": user_id, "working": working_at.is_some() });
        looked_for(Entry::own("api_key.export").after(said), q.as_deref())
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<KeyItem>, ExportError> {
        Ok(list_keys(ctx, actor, &self.filter, self.sort, page).await?)
    }
}
