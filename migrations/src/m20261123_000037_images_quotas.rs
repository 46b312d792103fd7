//! What stands around the WorkSpaces: images, and AWS's quotas. What AWS no longer shows goes; nothing points at either.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, boolean, boolean_null, pk_uuid, text, text_null, timestamp_with_time_zone, uuid,
};

use crate::build::{drop_tables, foreign_key, key_text, key_text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Image {
    Table,
    Id,
    AccountId,
    Region,
    AwsId,
    Name,
    Description,
    OperatingSystem,
    State,
    RequiredTenancy,
    OwnerAccountId,
    CreatedAt,
    UpdateAvailable,
    ErrorCode,
    ErrorMessage,
    FirstSeenAt,
    ChangedAt,
}

#[derive(DeriveIden)]
enum Quota {
    Table,
    Id,
    AccountId,
    Region,
    AwsId,
    Name,
    Value,
    Counts,
    Adjustable,
    IsGlobal,
    FirstSeenAt,
    ChangedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(image(manager)).await?;
        manager.create_table(quota(manager)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![Quota::Table.into_iden(), Image::Table.into_iden()]).await
    }
}

fn image(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(Image::Table)
        .col(pk_uuid(Image::Id))
        .col(uuid(Image::AccountId))
        .col(key_text(manager, Image::Region))
        .col(key_text(manager, Image::AwsId))
        .col(text(Image::Name))
        .col(text_null(Image::Description))
        .col(text_null(Image::OperatingSystem))
        .col(text(Image::State))
        .col(text_null(Image::RequiredTenancy))
        .col(text_null(Image::OwnerAccountId))
        // When it was made, as AWS says.
        .col(timestamp_with_time_zone(Image::CreatedAt).null())
        .col(boolean_null(Image::UpdateAvailable))
        .col(text_null(Image::ErrorCode))
        .col(text_null(Image::ErrorMessage))
        .col(timestamp_with_time_zone(Image::FirstSeenAt))
        .col(timestamp_with_time_zone(Image::ChangedAt))
        .foreign_key(&mut foreign_key(
            "fk_image_account",
            (Image::Table, Image::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .index(Index::create().unique().name("uq_image_aws").col(Image::AccountId).col(Image::Region).col(Image::AwsId))
        .to_owned()
}

fn quota(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(Quota::Table)
        .col(pk_uuid(Quota::Id))
        .col(uuid(Quota::AccountId))
        .col(key_text(manager, Quota::Region))
        // AWS's code of it.
        .col(key_text(manager, Quota::AwsId))
        .col(text(Quota::Name))
        .col(big_integer_null(Quota::Value))
        // What of the inventory counts against it: `workspaces`, `directories` or a compute type.
        .col(key_text_null(manager, Quota::Counts))
        .col(boolean(Quota::Adjustable))
        .col(boolean(Quota::IsGlobal))
        .col(timestamp_with_time_zone(Quota::FirstSeenAt))
        .col(timestamp_with_time_zone(Quota::ChangedAt))
        .foreign_key(&mut foreign_key(
            "fk_quota_account",
            (Quota::Table, Quota::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .index(Index::create().unique().name("uq_quota_aws").col(Quota::AccountId).col(Quota::Region).col(Quota::AwsId))
        .to_owned()
}
