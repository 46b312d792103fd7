//! The people, with what they hold.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::Context;
use crate::access::grants::GrantDetail;
use crate::access::users::{Filter, Sort, SortDirection, UserDetail, page_of_users};

const COLUMNS: &[Column] = &[
    Column::text("id"),
    Column::text("email"),
    Column::text("display_name"),
    Column::flag("enabled"),
    Column::text("grants"),
    Column::text("teams"),
    Column::time("created_at"),
    Column::time("last_sign_in_at"),
];

/// The people that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct UserTable {
    /// What it is narrowed to.
    pub filter: Filter,
    /// What it is sorted by.
    pub sort: Sort,
    /// Which end comes first.
    pub direction: SortDirection,
}

#[async_trait]
impl Table for UserTable {
    fn name(&self) -> &'static str {
        "users"
    }

    fn permission(&self) -> Permission {
        Permission::UserRead
    }

    fn everywhere(&self) -> bool {
        true
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        let entry = Entry::new("user.export", Permission::UserRead).after(json!({ "enabled": self.filter.enabled }));
        looked_for(entry, self.filter.q.as_deref())
    }

    async fn page(&self, ctx: &Context, _: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let order = (self.sort, self.direction);
        let (people, next) = page_of_users(&ctx.db, self.filter.clone(), order, cursor, PORTION).await?;
        Ok(Rows { rows: people.into_iter().map(cells).collect(), next })
    }
}

/// What somebody looks for may be a person's name: it stands where it can be erased.
pub(super) fn looked_for(entry: Entry, q: Option<&str>) -> Entry {
    match q {
        Some(q) => entry.personal(json!({ "q": q })),
        None => entry,
    }
}

/// Grants in words.
pub(super) fn grants(given: Vec<GrantDetail>) -> String {
    let grants: Vec<String> = given
        .into_iter()
        .map(|grant| {
            let reach = grant.reach_name.unwrap_or_else(|| grant.record.grant.reach.kind().to_owned());
            format!("{} over {reach}", grant.record.role_name)
        })
        .collect();
    grants.join("; ")
}

fn cells(detail: UserDetail) -> Row {
    let UserDetail { user, grants: given, teams } = detail;
    let teams: Vec<String> = teams.into_iter().map(|team| team.name).collect();
    vec![
        Cell::text(user.id),
        Cell::Text(user.email),
        Cell::Text(user.display_name),
        Cell::Flag(user.enabled),
        Cell::Text(grants(given)),
        Cell::Text(teams.join("; ")),
        Cell::Time(user.created_at),
        Cell::maybe_time(user.last_sign_in_at),
    ]
}
