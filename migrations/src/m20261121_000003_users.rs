//! People who may sign in, their sessions, and the one-time links that create an owner.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, pk_uuid, text, text_null, timestamp_with_time_zone, uuid};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
    Email,
    DisplayName,
    PasswordHash,
    Role,
    Enabled,
    CreatedAt,
    UpdatedAt,
    LastSignInAt,
}

#[derive(DeriveIden)]
enum Session {
    Table,
    Id,
    UserId,
    TokenHash,
    CreatedAt,
    LastSeenAt,
    ExpiresAt,
    RevokedAt,
    UserAgent,
    IpAddress,
}

#[derive(DeriveIden)]
enum SetupToken {
    Table,
    Id,
    TokenHash,
    CreatedAt,
    ExpiresAt,
    UsedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let user = Table::create()
            .table(AppUser::Table)
            .col(pk_uuid(AppUser::Id))
            .col(key_text(manager, AppUser::Email))
            .col(text(AppUser::DisplayName))
            .col(text_null(AppUser::PasswordHash))
            .col(key_text(manager, AppUser::Role))
            .col(boolean(AppUser::Enabled).default(true))
            .col(timestamp_with_time_zone(AppUser::CreatedAt))
            .col(timestamp_with_time_zone(AppUser::UpdatedAt))
            .col(timestamp_with_time_zone(AppUser::LastSignInAt).null())
            .to_owned();
        manager.create_table(user).await?;
        let session = Table::create()
            .table(Session::Table)
            .col(pk_uuid(Session::Id))
            .col(uuid(Session::UserId))
            .col(key_text(manager, Session::TokenHash))
            .col(timestamp_with_time_zone(Session::CreatedAt))
            .col(timestamp_with_time_zone(Session::LastSeenAt))
            .col(timestamp_with_time_zone(Session::ExpiresAt))
            .col(timestamp_with_time_zone(Session::RevokedAt).null())
            .col(text_null(Session::UserAgent))
            .col(text_null(Session::IpAddress))
            .foreign_key(&mut foreign_key(
                "fk_session_user",
                (Session::Table, Session::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(session).await?;
        let token = Table::create()
            .table(SetupToken::Table)
            .col(pk_uuid(SetupToken::Id))
            .col(key_text(manager, SetupToken::TokenHash))
            .col(timestamp_with_time_zone(SetupToken::CreatedAt))
            .col(timestamp_with_time_zone(SetupToken::ExpiresAt))
            .col(timestamp_with_time_zone(SetupToken::UsedAt).null())
            .to_owned();
        manager.create_table(token).await?;
        let indexes = [
            "CREATE UNIQUE INDEX uq_app_user_email ON app_user (lower(email))",
            "CREATE UNIQUE INDEX uq_session_token ON session (token_hash)",
            "CREATE INDEX ix_session_user ON session (user_id, last_seen_at)",
            "CREATE INDEX ix_session_expires ON session (expires_at)",
            "CREATE UNIQUE INDEX uq_setup_token_hash ON setup_token (token_hash)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![SetupToken::Table.into_iden(), Session::Table.into_iden(), AppUser::Table.into_iden()];
        drop_tables(manager, tables).await
    }
}
