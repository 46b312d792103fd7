//! Runs of a sync: one row for each run of an account and region, with its typed report, and what the run has seen so far.
//!
//! `sync_seen` is narrow on purpose: noting 'seen' in the WorkSpace's own row would write that wide row and its many
//! indexes again for each WorkSpace of each run. It has no foreign keys: its rows live as long as the run.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    json_binary, json_binary_null, pk_uuid, text_null, timestamp_with_time_zone, uuid, uuid_null,
};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum SyncRun {
    Table,
    Id,
    AccountId,
    Region,
    Kind,
    JobId,
    Outcome,
    StartedAt,
    FinishedAt,
    Report,
    Checkpoint,
    Error,
}

#[derive(DeriveIden)]
enum SyncSeen {
    Table,
    RunId,
    WorkspaceId,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let run = Table::create()
            .table(SyncRun::Table)
            .col(pk_uuid(SyncRun::Id))
            .col(uuid(SyncRun::AccountId))
            .col(key_text(manager, SyncRun::Region))
            .col(key_text(manager, SyncRun::Kind))
            .col(uuid_null(SyncRun::JobId))
            .col(key_text(manager, SyncRun::Outcome))
            .col(timestamp_with_time_zone(SyncRun::StartedAt))
            .col(timestamp_with_time_zone(SyncRun::FinishedAt).null())
            .col(json_binary(SyncRun::Report))
            .col(json_binary_null(SyncRun::Checkpoint))
            .col(text_null(SyncRun::Error))
            .foreign_key(&mut foreign_key(
                "fk_sync_run_account",
                (SyncRun::Table, SyncRun::AccountId),
                (Account::Table, Account::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(run).await?;
        let seen = Table::create()
            .table(SyncSeen::Table)
            .col(uuid(SyncSeen::RunId))
            .col(uuid(SyncSeen::WorkspaceId))
            .primary_key(Index::create().name("pk_sync_seen").col(SyncSeen::RunId).col(SyncSeen::WorkspaceId))
            .to_owned();
        manager.create_table(seen).await?;
        let indexes = [
            "CREATE INDEX ix_sync_run_place ON sync_run (account_id, region, kind, id)",
            "CREATE INDEX ix_sync_run_account ON sync_run (account_id, id)",
            "CREATE INDEX ix_sync_run_job ON sync_run (job_id)",
            "CREATE INDEX ix_sync_run_started ON sync_run (started_at)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![SyncSeen::Table.into_iden(), SyncRun::Table.into_iden()]).await
    }
}
