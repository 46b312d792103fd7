//! The teams by name.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::users::looked_for;
use crate::access::teams::{Team, list_teams};
use crate::{Context, Page, PageRequest};

/// The teams whose name has some letters.
#[derive(Debug, Clone, Default)]
pub struct TeamTable {
    /// The letters.
    pub q: Option<String>,
}

#[async_trait]
impl List for TeamTable {
    /// With how many are in it.
    type Item = (Team, u64);
    const NAME: &'static str = "teams";
    const PERMISSION: Permission = Permission::UserRead;
    const EVERYWHERE: bool = true;

    columns! { (Team, u64) as (team, members) =>
        Column::text("id") => Cell::text(team.id),
        Column::text("name") => Cell::Text(team.name),
        Column::text("description") => Cell::Text(team.description),
        Column::number("member_count") => Cell::number(members),
        Column::time("created_at") => Cell::Time(team.created_at),
        Column::time("updated_at") => Cell::Time(team.updated_at),
    }

    fn said(&self) -> Entry {
        looked_for(Entry::new("team.export", Permission::UserRead), self.q.as_deref())
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<(Team, u64)>, ExportError> {
        Ok(list_teams(ctx, actor, self.q.clone(), page).await?)
    }
}
