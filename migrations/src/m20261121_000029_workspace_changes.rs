//! The history of each WorkSpace's configuration, and the way to what was done with one, newest first.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_pk_auto, text_null, timestamp_with_time_zone, uuid};

use crate::build::{drop_tables, foreign_key, key_text, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Workspace {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum WorkspaceChange {
    Table,
    Id,
    WorkspaceId,
    At,
    Field,
    Name,
    Before,
    After,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(WorkspaceChange::Table)
            .col(big_pk_auto(WorkspaceChange::Id))
            .col(uuid(WorkspaceChange::WorkspaceId))
            .col(timestamp_with_time_zone(WorkspaceChange::At))
            .col(key_text(manager, WorkspaceChange::Field))
            .col(key_text_null(manager, WorkspaceChange::Name))
            .col(text_null(WorkspaceChange::Before))
            .col(text_null(WorkspaceChange::After))
            .foreign_key(&mut foreign_key(
                "fk_workspace_change_workspace",
                (WorkspaceChange::Table, WorkspaceChange::WorkspaceId),
                (Workspace::Table, Workspace::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(table).await?;
        run_all(
            manager,
            &[
                "CREATE INDEX ix_workspace_change ON workspace_change (workspace_id, at, id)",
                // Without looks at it, of which there may be thousands between two things that were done.
                "CREATE INDEX ix_audit_entry_workspace ON audit_entry (object_id, at, seq) \
                 WHERE object_kind = 'workspace' AND action <> 'workspace.read'",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, &["DROP INDEX ix_audit_entry_workspace"]).await?;
        drop_tables(manager, vec![WorkspaceChange::Table.into_iden()]).await
    }
}
