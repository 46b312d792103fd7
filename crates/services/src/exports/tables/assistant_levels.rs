//! How often each level of the assistant spoke, failed and was refused, best first.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::assistant::{LevelStats, fetch_stats};
use crate::{Context, Page, PageRequest};

/// The levels, counted over some days.
#[derive(Debug, Clone, Copy)]
pub struct AssistantLevelTable {
    /// The last so many days, today included.
    pub days: u32,
}

#[async_trait]
impl List for AssistantLevelTable {
    type Item = LevelStats;
    const NAME: &'static str = "assistant-levels";
    const PERMISSION: Permission = Permission::SystemRead;
    const EVERYWHERE: bool = true;

    columns! { LevelStats as stats =>
        Column::text("level") => Cell::text(stats.level),
        Column::text("words") => Cell::text(stats.level.words()),
        Column::number("answers") => Cell::number(stats.answers),
        Column::number("refused_sentences") => Cell::number(stats.refused_sentences),
        Column::json("failures") => Cell::Json(
            stats.failures.iter().map(|(reason, count)| json!({ "reason": reason, "count": count })).collect()
        ),
    }

    fn said(&self) -> Entry {
        Entry::new("assistant-level.export", Permission::SystemRead).after(json!({ "days": self.days }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<LevelStats>, ExportError> {
        Ok(whole(fetch_stats(ctx, actor, self.days).await?.levels))
    }
}
