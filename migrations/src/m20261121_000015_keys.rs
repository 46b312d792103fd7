//! API keys, and what a session knows of how and when its person last proved who they are.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone, uuid, uuid_null,
};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Session {
    Table,
    ProvedAt,
    Method,
}

#[derive(DeriveIden)]
enum ApiKey {
    Table,
    Id,
    UserId,
    Name,
    Prefix,
    SecretHash,
    Permissions,
    CreatedAt,
    ExpiresAt,
    LastUsedAt,
    LastUsedIp,
    RevokedAt,
    ReplacedBy,
    GoodUntil,
    Version,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column at a time.
        for column in [
            timestamp_with_time_zone(Session::ProvedAt).null().to_owned(),
            text(Session::Method).default("password").to_owned(),
        ] {
            let change = Table::alter().table(Session::Table).add_column(column).to_owned();
            manager.alter_table(change).await?;
        }
        let key = Table::create()
            .table(ApiKey::Table)
            .col(pk_uuid(ApiKey::Id))
            .col(uuid(ApiKey::UserId))
            .col(key_text(manager, ApiKey::Name))
            .col(key_text(manager, ApiKey::Prefix))
            .col(key_text(manager, ApiKey::SecretHash))
            // An array of permission names.
            .col(json_binary(ApiKey::Permissions))
            .col(timestamp_with_time_zone(ApiKey::CreatedAt))
            .col(timestamp_with_time_zone(ApiKey::ExpiresAt).null())
            .col(timestamp_with_time_zone(ApiKey::LastUsedAt).null())
            .col(text_null(ApiKey::LastUsedIp))
            .col(timestamp_with_time_zone(ApiKey::RevokedAt).null())
            // The key that took its place, and until when this one works beside it.
            .col(uuid_null(ApiKey::ReplacedBy))
            .col(timestamp_with_time_zone(ApiKey::GoodUntil).null())
            .col(big_integer(ApiKey::Version).default(1))
            .foreign_key(&mut foreign_key(
                "fk_api_key_user",
                (ApiKey::Table, ApiKey::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(key).await?;
        let indexes = [
            "UPDATE session SET proved_at = created_at",
            "CREATE UNIQUE INDEX uq_api_key_prefix ON api_key (prefix)",
            "CREATE UNIQUE INDEX uq_api_key_secret ON api_key (secret_hash)",
            "CREATE INDEX ix_api_key_user ON api_key (user_id, id)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![ApiKey::Table.into_iden()]).await?;
        for column in [Session::Method.into_iden(), Session::ProvedAt.into_iden()] {
            let change = Table::alter().table(Session::Table).drop_column(column).to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }
}
