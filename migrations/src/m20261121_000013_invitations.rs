//! Invitations: who may make themselves a user by a link, and what they are given then.
//!
//! Who invited is no foreign key: an invitation of somebody who is gone is void, and says so for itself.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, pk_uuid, timestamp_with_time_zone, uuid_null};

use crate::build::{drop_tables, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Invitation {
    Table,
    Id,
    Email,
    Grants,
    TokenHash,
    InvitedBy,
    CreatedAt,
    SentAt,
    ExpiresAt,
    AcceptedAt,
    RevokedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Invitation::Table)
            .col(pk_uuid(Invitation::Id))
            .col(key_text(manager, Invitation::Email))
            .col(json_binary(Invitation::Grants))
            .col(key_text(manager, Invitation::TokenHash))
            .col(uuid_null(Invitation::InvitedBy))
            .col(timestamp_with_time_zone(Invitation::CreatedAt))
            .col(timestamp_with_time_zone(Invitation::SentAt))
            .col(timestamp_with_time_zone(Invitation::ExpiresAt))
            .col(timestamp_with_time_zone(Invitation::AcceptedAt).null())
            .col(timestamp_with_time_zone(Invitation::RevokedAt).null())
            .to_owned();
        manager.create_table(table).await?;
        let indexes = [
            "CREATE UNIQUE INDEX uq_invitation_token ON invitation (token_hash)",
            "CREATE UNIQUE INDEX uq_invitation_open ON invitation (lower(email)) \
             WHERE accepted_at IS NULL AND revoked_at IS NULL",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![Invitation::Table.into_iden()]).await
    }
}
