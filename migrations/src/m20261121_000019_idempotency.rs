//! Requests that may be repeated without being done twice: the reservation of a key, and later the answer that was given.
//! The key itself is not kept, only its hash; the answer is sealed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer_null, pk_uuid, text_null, timestamp_with_time_zone, uuid, uuid_null};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum IdempotencyKey {
    Table,
    Id,
    Actor,
    UserId,
    KeyHash,
    RequestHash,
    Claim,
    ReservedAt,
    Status,
    Answer,
    ExpiresAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(IdempotencyKey::Table)
            .col(pk_uuid(IdempotencyKey::Id))
            .col(key_text(manager, IdempotencyKey::Actor))
            .col(uuid_null(IdempotencyKey::UserId))
            .col(key_text(manager, IdempotencyKey::KeyHash))
            .col(key_text(manager, IdempotencyKey::RequestHash))
            .col(uuid(IdempotencyKey::Claim))
            .col(timestamp_with_time_zone(IdempotencyKey::ReservedAt))
            .col(integer_null(IdempotencyKey::Status))
            .col(text_null(IdempotencyKey::Answer))
            .col(timestamp_with_time_zone(IdempotencyKey::ExpiresAt))
            .foreign_key(&mut foreign_key(
                "fk_idempotency_key_user",
                (IdempotencyKey::Table, IdempotencyKey::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(table).await?;
        let indexes = [
            "CREATE UNIQUE INDEX uq_idempotency_key ON idempotency_key (actor, key_hash)",
            "CREATE INDEX ix_idempotency_key_expires ON idempotency_key (expires_at)",
            "CREATE INDEX ix_idempotency_key_user ON idempotency_key (user_id)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![IdempotencyKey::Table.into_iden()]).await
    }
}
