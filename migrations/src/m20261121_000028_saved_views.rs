//! Saved views: the query of a page under a name, somebody's own or shared with all who may see the page. They go with whoever
//! made them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, pk_uuid, text, timestamp_with_time_zone, uuid};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum SavedView {
    Table,
    Id,
    OwnerId,
    Page,
    Name,
    Query,
    Shared,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let view = Table::create()
            .table(SavedView::Table)
            .col(pk_uuid(SavedView::Id))
            .col(uuid(SavedView::OwnerId))
            .col(key_text(manager, SavedView::Page))
            .col(key_text(manager, SavedView::Name))
            // The query string of the page's address.
            .col(text(SavedView::Query))
            .col(boolean(SavedView::Shared).default(false))
            .col(big_integer(SavedView::Version).default(1))
            .col(timestamp_with_time_zone(SavedView::CreatedAt))
            .col(timestamp_with_time_zone(SavedView::UpdatedAt))
            .foreign_key(&mut foreign_key(
                "fk_saved_view_owner",
                (SavedView::Table, SavedView::OwnerId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(view).await?;
        let indexes = [
            "CREATE UNIQUE INDEX uq_saved_view_name ON saved_view (owner_id, page, lower(name))",
            "CREATE INDEX ix_saved_view_shared ON saved_view (shared, page)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![SavedView::Table.into_iden()]).await
    }
}
