//! Connected AWS accounts and the regions looked at in each.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, json_binary_null, pk_uuid, text_null, timestamp_with_time_zone, uuid};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
    Name,
    AwsAccountId,
    CredentialKind,
    RoleArn,
    ExternalId,
    EndpointUrl,
    Enabled,
    TestedAt,
    TestResult,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum AccountRegion {
    Table,
    AccountId,
    Region,
    Status,
    LastError,
    MissingPermission,
    LastRunAt,
    LastWholeAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let account = Table::create()
            .table(Account::Table)
            .col(pk_uuid(Account::Id))
            .col(key_text(manager, Account::Name))
            .col(text_null(Account::AwsAccountId))
            .col(key_text(manager, Account::CredentialKind))
            .col(text_null(Account::RoleArn))
            .col(text_null(Account::ExternalId))
            .col(text_null(Account::EndpointUrl))
            .col(boolean(Account::Enabled).default(true))
            .col(timestamp_with_time_zone(Account::TestedAt).null())
            .col(json_binary_null(Account::TestResult))
            .col(timestamp_with_time_zone(Account::CreatedAt))
            .col(timestamp_with_time_zone(Account::UpdatedAt))
            .to_owned();
        manager.create_table(account).await?;
        let region = Table::create()
            .table(AccountRegion::Table)
            .col(uuid(AccountRegion::AccountId))
            .col(key_text(manager, AccountRegion::Region))
            .col(key_text(manager, AccountRegion::Status))
            .col(text_null(AccountRegion::LastError))
            .col(text_null(AccountRegion::MissingPermission))
            .col(timestamp_with_time_zone(AccountRegion::LastRunAt).null())
            .col(timestamp_with_time_zone(AccountRegion::LastWholeAt).null())
            .primary_key(
                Index::create().name("pk_account_region").col(AccountRegion::AccountId).col(AccountRegion::Region),
            )
            .foreign_key(&mut foreign_key(
                "fk_account_region_account",
                (AccountRegion::Table, AccountRegion::AccountId),
                (Account::Table, Account::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(region).await?;
        run_all(manager, &["CREATE UNIQUE INDEX uq_account_name ON account (lower(name))"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![AccountRegion::Table.into_iden(), Account::Table.into_iden()]).await
    }
}
