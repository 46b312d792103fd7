//! Who did what, as CloudTrail tells it, and which WorkSpaces each event is about.
//!
//! A link's WorkSpace is no foreign key on purpose: its id is derived from AWS's, and an event may be read before the
//! WorkSpace is, or be all that is left of one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean_null, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone, uuid};

use crate::build::{drop_tables, foreign_key, is_postgres, key_text, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum TrailEvent {
    Table,
    Id,
    AccountId,
    Region,
    EventId,
    At,
    Name,
    Source,
    ReadOnly,
    Actor,
    ActorArn,
    SourceIp,
    UserAgent,
    ErrorCode,
    ErrorMessage,
    Detail,
}

#[derive(DeriveIden)]
enum TrailEventWorkspace {
    Table,
    EventId,
    WorkspaceId,
    At,
}

const INDEXES: &[&str] = &[
    "CREATE INDEX ix_trail_event_place ON trail_event (account_id, region, at, id)",
    "CREATE INDEX ix_trail_event_at ON trail_event (at, id)",
    "CREATE INDEX ix_trail_event_name ON trail_event (name, at, id)",
    "CREATE INDEX ix_trail_event_error ON trail_event (at, id) WHERE error_code IS NOT NULL",
    "CREATE INDEX ix_trail_event_workspace ON trail_event_workspace (workspace_id, at, event_id)",
];

/// Packing records is half the work of taking them in; lz4 does it faster, where the server has it.
const POSTGRES: &[&str] = &["DO $$ BEGIN ALTER TABLE trail_event ALTER COLUMN detail SET COMPRESSION lz4; \
     EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'lz4 is not available, CloudTrail records are packed the default way'; END $$"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let event = Table::create()
            .table(TrailEvent::Table)
            .col(pk_uuid(TrailEvent::Id))
            .col(uuid(TrailEvent::AccountId))
            .col(key_text(manager, TrailEvent::Region))
            .col(text(TrailEvent::EventId))
            .col(timestamp_with_time_zone(TrailEvent::At))
            .col(key_text(manager, TrailEvent::Name))
            .col(key_text(manager, TrailEvent::Source))
            .col(boolean_null(TrailEvent::ReadOnly))
            .col(text(TrailEvent::Actor))
            .col(text_null(TrailEvent::ActorArn))
            .col(text_null(TrailEvent::SourceIp))
            .col(text_null(TrailEvent::UserAgent))
            .col(key_text_null(manager, TrailEvent::ErrorCode))
            .col(text_null(TrailEvent::ErrorMessage))
            .col(json_binary(TrailEvent::Detail))
            .foreign_key(&mut foreign_key(
                "fk_trail_event_account",
                (TrailEvent::Table, TrailEvent::AccountId),
                (Account::Table, Account::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(event).await?;
        let link = Table::create()
            .table(TrailEventWorkspace::Table)
            .col(uuid(TrailEventWorkspace::EventId))
            .col(uuid(TrailEventWorkspace::WorkspaceId))
            .col(timestamp_with_time_zone(TrailEventWorkspace::At))
            .primary_key(
                Index::create()
                    .name("pk_trail_event_workspace")
                    .col(TrailEventWorkspace::EventId)
                    .col(TrailEventWorkspace::WorkspaceId),
            )
            .foreign_key(&mut foreign_key(
                "fk_trail_event_workspace_event",
                (TrailEventWorkspace::Table, TrailEventWorkspace::EventId),
                (TrailEvent::Table, TrailEvent::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(link).await?;
        run_all(manager, INDEXES).await?;
        if is_postgres(manager) { run_all(manager, POSTGRES).await } else { Ok(()) }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![TrailEventWorkspace::Table.into_iden(), TrailEvent::Table.into_iden()]).await
    }
}
