//! Requests: what somebody asks those who run the fleet for, and how each came to stand as it does. What people asked is
//! theirs: it goes with them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, pk_uuid, text, text_null, timestamp_with_time_zone, uuid, uuid_null};

use crate::build::{drop_tables, foreign_key, key_text, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum DesktopRequest {
    Table,
    Id,
    UserId,
    UserKey,
    Kind,
    Status,
    WorkspaceId,
    AccountId,
    Region,
    DirectoryId,
    Bundle,
    Note,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum DesktopRequestStep {
    Table,
    Id,
    RequestId,
    At,
    Status,
    UserId,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let request = Table::create()
            .table(DesktopRequest::Table)
            .col(pk_uuid(DesktopRequest::Id))
            .col(uuid(DesktopRequest::UserId))
            // The name in directories of whoever asks, in lower case: whose desktops it is about.
            .col(key_text(manager, DesktopRequest::UserKey))
            .col(key_text(manager, DesktopRequest::Kind))
            .col(key_text(manager, DesktopRequest::Status))
            // Where the desktop is that it is about, as it was then: no foreign keys, as a request outlives its desktop.
            .col(uuid_null(DesktopRequest::WorkspaceId))
            .col(uuid_null(DesktopRequest::AccountId))
            .col(key_text_null(manager, DesktopRequest::Region))
            .col(uuid_null(DesktopRequest::DirectoryId))
            .col(text_null(DesktopRequest::Bundle))
            .col(text(DesktopRequest::Note))
            .col(big_integer(DesktopRequest::Version).default(1))
            .col(timestamp_with_time_zone(DesktopRequest::CreatedAt))
            .col(timestamp_with_time_zone(DesktopRequest::UpdatedAt))
            .foreign_key(&mut foreign_key(
                "fk_desktop_request_user",
                (DesktopRequest::Table, DesktopRequest::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(request).await?;
        let step = Table::create()
            .table(DesktopRequestStep::Table)
            .col(pk_uuid(DesktopRequestStep::Id))
            .col(uuid(DesktopRequestStep::RequestId))
            .col(timestamp_with_time_zone(DesktopRequestStep::At))
            .col(key_text(manager, DesktopRequestStep::Status))
            // Who did it; stays as a pseudonym when they are removed.
            .col(uuid(DesktopRequestStep::UserId))
            .foreign_key(&mut foreign_key(
                "fk_desktop_request_step_request",
                (DesktopRequestStep::Table, DesktopRequestStep::RequestId),
                (DesktopRequest::Table, DesktopRequest::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(step).await?;
        // Ids rise with time, so that each of these is in the order of the list.
        let indexes = [
            "CREATE INDEX ix_desktop_request_user ON desktop_request (user_id, id)",
            "CREATE INDEX ix_desktop_request_key ON desktop_request (user_key, id)",
            "CREATE INDEX ix_desktop_request_status ON desktop_request (status, id)",
            "CREATE INDEX ix_desktop_request_step_request ON desktop_request_step (request_id, id)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![DesktopRequestStep::Table.into_iden(), DesktopRequest::Table.into_iden()]).await
    }
}
